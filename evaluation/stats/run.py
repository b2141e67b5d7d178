"""Everything that a plan promises, estimated in the plan's order."""

from dataclasses import dataclass, field

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.spec.plan import Outcome, Plan, Specification, seed
from evaluation.spec.promise import Promise
from evaluation.spec.records import (
    Adjustment,
    Balance,
    Diagnostic,
    Estimate,
    LeaveOneOut,
    Level,
    Provenance,
    Trend,
    Unavailable,
)
from evaluation.spec.study import Study
from evaluation.stats import (
    adjustment,
    balance,
    bootstrap,
    design,
    diagnostics,
    levels,
    reference,
    steps,
    trends,
)
from evaluation.stats.bootstrap import Bootstrap, Draws
from evaluation.stats.heading import Heading
from evaluation.stats.steps import Analysis

REFERENCED = ("primary", "replication")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frames:
    """Clean data of a study.

    Attributes
    ----------
    panel : DataFrame
        Rounds stacked, one row per interview.
    frame : DataFrame
        One row per cluster.
    analysis, series : DataFrame, optional
        The ready-made analysis file, and the administrative series; absent in most studies.
    """

    panel: pd.DataFrame
    frame: pd.DataFrame
    analysis: pd.DataFrame | None = None
    series: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All records of a study, each kind in the order of the plan."""

    estimates: tuple[Estimate, ...]
    unavailable: tuple[Unavailable, ...]
    adjustments: tuple[Adjustment, ...]
    diagnostics: tuple[Diagnostic, ...]
    levels: tuple[Level, ...]
    balance: tuple[Balance, ...]
    trends: tuple[Trend, ...]
    leave_one_out: tuple[LeaveOneOut, ...]


@dataclass(slots=True)
class _Found:
    """Records as they come."""

    estimates: list[Estimate] = field(default_factory=list)
    unavailable: list[Unavailable] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    balance: list[Balance] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)
    leave_one_out: list[LeaveOneOut] = field(default_factory=list)
    bootstraps: dict[str, Bootstrap] = field(default_factory=dict)

    def add(self, rows: tuple[Estimate | Diagnostic | Unavailable, ...]) -> None:
        """Sort records of mixed kinds into their lists."""
        for row in rows:
            if isinstance(row, Estimate):
                self.estimates.append(row)
            elif isinstance(row, Diagnostic):
                self.diagnostics.append(row)
            else:
                self.unavailable.append(row)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """What every estimate of one run shares."""

    frames: Frames
    study: Study
    promise: Promise
    provenance: Provenance
    draws: Draws

    @property
    def plan(self) -> Plan:
        return self.promise.plan


def run_plan(frames: Frames, *, study: Study, promise: Promise, provenance: Provenance) -> Results:
    """Run every specification, adjustment, table and series of the plan.

    Parameters
    ----------
    frames : Frames
    study : Study
    promise : Promise
        The plan with its lock and deviations.
    provenance : Provenance

    Returns
    -------
    Results

    Raises
    ------
    EstimationError
        Something promised cannot be estimated at all, or a reference fit disagrees. A single
        inference step that cannot be had is an `Unavailable` record instead.
    """
    run = _Run(
        frames=frames,
        study=study,
        promise=promise,
        provenance=provenance,
        draws=shared_draws(frames, study, promise.plan),
    )
    found = _Found()
    for specification in promise.plan.specification:
        for outcome in promise.plan.outcomes_of(specification):
            _effect(run, specification, outcome, found)
    _series(run, found)
    _balance(run, found)
    estimates, adjustments = adjustment.adjust(
        tuple(found.estimates), found.bootstraps, plan=promise.plan
    )
    found.add(adjustment.simultaneous(estimates, found.bootstraps, plan=promise.plan))
    return Results(
        estimates=estimates,
        unavailable=tuple(found.unavailable),
        adjustments=adjustments,
        diagnostics=tuple(found.diagnostics),
        levels=tuple(found.levels),
        balance=tuple(found.balance),
        trends=tuple(found.trends),
        leave_one_out=tuple(found.leave_one_out),
    )


def shared_draws(frames: Frames, study: Study, plan: Plan) -> Draws:
    """Bootstrap multipliers of a study: one set over all its clusters, for every outcome."""
    key = study.columns.cluster
    clusters: set[str] = set()
    for table in (frames.panel, frames.analysis, frames.series):
        if table is not None:
            clusters |= set(table[key].dropna().astype(str))
    settings = plan.inference
    return bootstrap.draws(
        sorted(clusters),
        number=settings.draws,
        seed=seed(settings.seed_entry),
        kind=settings.weights_kind,
    )


def _effect(run: _Run, specification: Specification, outcome: Outcome, found: _Found) -> None:
    data = run.frames.panel if specification.data == "panel" else run.frames.analysis
    name = f"specification {specification.id}, outcome {outcome.id}"
    if data is None:
        raise EstimationError(
            "there is no clean analysis file", where=name, mend="add one to the manifest"
        )
    heading = _heading(run, specification, outcome)
    built = design.build(data, specification, outcome=outcome, study=run.study)
    analysis = steps.analyse(built, specification.steps_for(outcome), draws=run.draws)
    if specification.status in REFERENCED:
        reference.check(built, analysis.fit, where=name)
    found.add(steps.records(analysis, heading))
    arms = _arms(data, run.study)
    found.leave_one_out.extend(steps.leave_one_out(analysis, heading, arms))
    _levels(run, specification, outcome, analysis, found)
    if specification.status == "primary":
        _beside(run, outcome, analysis, heading, found)


def _beside(
    run: _Run,
    outcome: Outcome,
    analysis: Analysis,
    heading: Heading,
    found: _Found,
) -> None:
    """Diagnostics of the primary specification, and what Romano-Wolf needs of it."""
    found.add(diagnostics.of_analysis(analysis, heading))
    found.add(diagnostics.of_plan(analysis, heading, outcome))
    if outcome.primary:
        distribution = analysis.bootstrap(run.plan.inference.primary_step)
        if distribution is not None:
            found.bootstraps[outcome.id] = distribution
    rounds = analysis.design.rounds
    if rounds is None:
        return
    found.add(diagnostics.of_sample(rounds, heading, run.study))


def _levels(
    run: _Run, specification: Specification, outcome: Outcome, analysis: Analysis, found: _Found
) -> None:
    """Levels once for every estimand and sample: the counts under each table of effects."""
    rounds = analysis.design.rounds
    key = (outcome.id, specification.estimand, specification.sample)
    if rounds is None or key in {(x.outcome, x.estimand, x.sample) for x in found.levels}:
        return
    found.levels.extend(levels.levels(rounds, specification, outcome=outcome, study=run.study))


def _heading(run: _Run, specification: Specification, outcome: Outcome) -> Heading:
    tier = next(f.tier for f in run.plan.family if f.id == outcome.family)
    return Heading.of(
        specification,
        outcome,
        study=run.study,
        inference=run.plan.inference,
        provenance=run.provenance,
        status=run.promise.status(specification, outcome, tier),
    )


def _arms(data: pd.DataFrame, study: Study) -> dict[str, str]:
    """Arm of each cluster; one arm each has been checked."""
    known = data[[study.columns.cluster, study.columns.arm]].drop_duplicates()
    return dict(zip(known.iloc[:, 0].astype(str), known.iloc[:, 1].astype(str), strict=True))


def _series(run: _Run, found: _Found) -> None:
    specification = run.plan.primary_specification()
    treatment, table = specification.treatment, run.frames.series
    for series in run.plan.series:
        if table is None:
            raise EstimationError(
                "there is no clean administrative series",
                where=f"series {series.id}",
                mend="add one to the manifest, or remove the series from the plan",
            )
        data = trends.rates(table, run.frames.frame, series, treatment=treatment, study=run.study)
        found.trends.extend(trends.means(data, series, run.study))
        heading = trends.heading(
            data,
            series,
            treatment=treatment,
            study=run.study,
            inference=run.plan.inference,
            provenance=run.provenance,
            status=run.promise.series_status(series.id),
        )
        built = trends.design(data, series)
        analysis = steps.analyse(built, trends.STEPS, draws=run.draws)
        reference.check(built, analysis.fit, where=f"series {series.id}")
        found.add(steps.records(analysis, heading))


def _balance(run: _Run, found: _Found) -> None:
    specification, table = run.plan.primary_specification(), run.plan.balance
    panel, key = run.frames.panel, run.study.columns.cluster
    frame = run.frames.frame
    seen = frame[frame[key].astype(str).isin(set(panel[key].astype(str)))]
    rows = (
        *balance.baseline(panel, table, specification, run.study),
        *balance.frame_balance(seen, table, specification, run.study),
        *balance.attrition(panel, table, specification, run.study),
    )
    found.balance.extend(row for row in rows if isinstance(row, Balance))
    found.unavailable.extend(row for row in rows if isinstance(row, Unavailable))
