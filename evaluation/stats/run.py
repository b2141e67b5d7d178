"""Everything that a plan promises, estimated in the plan's order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
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
from evaluation.spec.row_keys import Part
from evaluation.spec.study import Study
from evaluation.stats import (
    adjustment,
    balance,
    bootstrap,
    cells,
    cluster_diagnostics,
    design,
    diagnostics,
    disagreement,
    levels,
    reference,
    steps,
    study_clusters,
    trends,
)
from evaluation.stats.bootstrap import Draws
from evaluation.stats.distribution import Distribution
from evaluation.stats.fit import StepResult
from evaluation.stats.frames import Frames
from evaluation.stats.heading import Heading
from evaluation.stats.permutation_draws import Permutations
from evaluation.stats.sample import Sample
from evaluation.stats.simultaneous import Reference
from evaluation.stats.steps import Analysis

REFERENCED = ("primary", "replication")


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
    references: dict[str, Reference] = field(default_factory=dict)

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
    permutations: Permutations | None
    places: Mapping[str, Mapping[str, str]]

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
        permutations=study_clusters.permutations(frames, study, promise.plan),
        places=study_clusters.places(frames, study),
    )
    found = _Found()
    for specification in promise.plan.specification:
        _specification(run, specification, found)
    _series(run, found)
    _balance(run, found)
    estimates, beside = adjustment.adjust(
        tuple(found.estimates), found.references, plan=promise.plan
    )
    found.add(tuple(row for row in beside if isinstance(row, Diagnostic)))
    found.add(disagreement.disagreements(estimates))
    return Results(
        estimates=estimates,
        unavailable=tuple(found.unavailable),
        adjustments=tuple(row for row in beside if isinstance(row, Adjustment)),
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


def _specification(run: _Run, specification: Specification, found: _Found) -> None:
    """All outcomes of a specification; under ``did`` from one pass over the panel's rows.

    The rows of each outcome are chosen and weighted once more, alone, for the reference fit: the
    two libraries then check the pass as well as the algebra after it.
    """
    data = run.frames.panel if specification.data == "panel" else run.frames.analysis
    if data is None:
        raise EstimationError(
            message("no-clean-analysis.problem"),
            where=f"specification {specification.id}",
            mend=message("add-one-to-the.mend"),
        )
    outcomes = run.plan.outcomes_of(specification)
    together = (
        cells.collect(data, specification, outcomes=outcomes, study=run.study)
        if specification.method == "did" and specification.data == "panel"
        else None
    )
    arms = study_clusters.arms(data, run.study)
    for outcome in outcomes:
        alone = design.build(data, specification, outcome=outcome, study=run.study)
        built = alone if together is None else together.regression(outcome.id)
        analysis = steps.analyse(
            built,
            specification.steps_for(outcome),
            draws=run.draws,
            permutations=run.permutations,
        )
        if specification.status in REFERENCED:
            where = f"specification {specification.id}, outcome {outcome.id}"
            reference.check(alone, analysis.fit, where=where)
        _effect(run, specification, outcome, _Effect(analysis, alone.rounds, arms), found)


@dataclass(frozen=True, slots=True, eq=False)
class _Effect:
    """One outcome's analysis, the rows of both rounds behind it, and the arm of each cluster."""

    analysis: Analysis
    rounds: Sample | None
    arms: dict[str, str]


def _effect(
    run: _Run,
    specification: Specification,
    outcome: Outcome,
    effect: _Effect,
    found: _Found,
) -> None:
    heading = _heading(run, specification, outcome)
    found.add(steps.records(effect.analysis, heading))
    found.add(diagnostics.of_analysis(effect.analysis, heading))
    found.leave_one_out.extend(steps.leave_one_out(effect.analysis, heading, effect.arms))
    _levels(run, specification, outcome, effect.rounds, found)
    if specification.status == "primary" or outcome.primary:
        _beside(run, specification, outcome, effect, found)
    reference = effect.analysis.steps.get(run.plan.inference.primary_step)
    if (
        specification.status == "primary"
        and outcome.primary
        and isinstance(reference, StepResult | Distribution)
    ):
        found.references[outcome.id] = reference


def _beside(
    run: _Run,
    specification: Specification,
    outcome: Outcome,
    effect: _Effect,
    found: _Found,
) -> None:
    """Diagnostics of the primary specification, and of the primary outcomes under every other."""
    analysis, rounds = effect.analysis, effect.rounds
    heading = _heading(run, specification, outcome)
    found.add(diagnostics.without_clusters(analysis, heading))
    found.add((diagnostics.satterthwaite(analysis, heading),))
    found.add(cluster_diagnostics.of_permutations(analysis, heading, run.permutations))
    _by_place(run, analysis, heading, found)
    found.add(diagnostics.of_plan(analysis, heading, outcome, step=run.plan.read_by(specification)))
    if rounds is None:
        return
    found.add(cluster_diagnostics.of_cells(rounds, heading, run.study))
    found.add(diagnostics.of_sample(rounds, heading, run.study, specification=specification))


def _by_place(run: _Run, analysis: Analysis, heading: Heading, found: _Found) -> None:
    """Influence of departments, and whether clustering ought to be by a coarser level."""
    for level, place in run.places.items():
        if level == "department":
            least = run.study.minimum_clusters
            found.add(
                cluster_diagnostics.without_places(analysis, heading, level, place, least=least)
            )
        tested = cluster_diagnostics.of_level(analysis, heading, level, place, run.draws)
        found.add((tested,))


def _levels(
    run: _Run,
    specification: Specification,
    outcome: Outcome,
    rounds: Sample | None,
    found: _Found,
) -> None:
    """Levels once for every estimand and sample: the counts under each table of effects."""
    key = (outcome.id, specification.estimand, Part(specification.sample))
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


def _series(run: _Run, found: _Found) -> None:
    specification = run.plan.checked().primary_specification()
    treatment, table = specification.treatment, run.frames.series
    for series in run.plan.series:
        if table is None:
            raise EstimationError(
                message("no-clean-administrative.problem"),
                where=f"series {series.id}",
                mend=message("add-one-manifest.mend"),
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
    specification, table = run.plan.checked().primary_specification(), run.plan.balance
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
