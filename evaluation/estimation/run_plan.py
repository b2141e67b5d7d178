"""Everything that a plan promises, estimated in the plan's order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeVar, get_args, get_type_hints

from evaluation.errors import EstimationError
from evaluation.estimation import levels_and_balance, study_clusters, trends
from evaluation.estimation.inference import (
    adjustment,
    bootstrap,
    cluster_diagnostics,
    diagnostics,
    steps,
)
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.diagnostics import disagreements
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.multiplicity import Reference
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.regression import design, panel_products, reference
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepResult
from evaluation.estimation.regression.sample import Sample
from evaluation.estimation.study_clusters import Frames
from evaluation.study.plan import Outcome, Plan, Specification, seed
from evaluation.study.preregistration import Promise
from evaluation.study.records import (
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
from evaluation.study.study import Study

REFERENCED = ("primary", "replication")
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Records of a run, each kind in the order of the plan."""

    estimates: tuple[Estimate, ...]
    unavailable: tuple[Unavailable, ...]
    diagnostics: tuple[Diagnostic, ...]
    levels: tuple[Level, ...]

    @classmethod
    def of(cls, rows: Sequence[object]) -> Self:
        """Records sorted by their kind, in their order."""
        kinds = {name: get_args(hint)[0] for name, hint in get_type_hints(cls).items()}
        return cls(**{name: of_kind(rows, kind) for name, kind in kinds.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResults(Results):
    """All records of a plan."""

    adjustments: tuple[Adjustment, ...]
    balance: tuple[Balance, ...]
    trends: tuple[Trend, ...]
    leave_one_out: tuple[LeaveOneOut, ...]


Row = Estimate | Unavailable | Diagnostic | Balance | Level | Trend | LeaveOneOut


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """What every estimate of one run shares: clean data, plan and bootstrap multipliers."""

    frames: Frames
    study: Study
    preregistration: Promise
    provenance: Provenance
    draws: Draws

    @property
    def plan(self) -> Plan:
        """The promised plan."""
        return self.preregistration.plan

    def design(self, specification: Specification, outcome: Outcome) -> Design:
        """A specification's regression for an outcome.

        Parameters
        ----------
        specification : Specification
        outcome : Outcome
        """
        rows = self.frames.of(specification)
        return design.build(rows, specification, outcome=outcome, study=self.study)

    def heading(self, specification: Specification, outcome: Outcome) -> Heading:
        """What the records of a specification say about an outcome beside its numbers.

        Parameters
        ----------
        specification : Specification
        outcome : Outcome
        """
        tier = self.tier(outcome)
        return Heading.of(
            specification,
            outcome,
            study=self.study,
            inference=self.plan.inference,
            provenance=self.provenance,
            status=self.preregistration.status(specification, outcome, tier),
        )

    def tier(self, outcome: Outcome) -> str:
        """Tier of the outcome's family."""
        return next(f.tier for f in self.plan.family if f.id == outcome.family)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run(Shared):
    """A run of the plan; ``references`` and ``levels`` are filled as it goes."""

    permutations: Permutations | None
    places: Mapping[str, Mapping[str, str]]
    references: dict[str, Reference] = field(default_factory=dict)
    levels: set[tuple[object, ...]] = field(default_factory=set)


def run_plan(
    frames: Frames, *, study: Study, preregistration: Promise, provenance: Provenance
) -> PlanResults:
    """Run every specification, adjustment, table and series of the plan.

    Parameters
    ----------
    frames : Frames
    study : Study
    preregistration : Promise
        The plan with its lock and deviations.
    provenance : Provenance

    Returns
    -------
    PlanResults

    Raises
    ------
    EstimationError
        Something promised cannot be estimated at all, or a reference fit disagrees. A single
        inference step that cannot be had is an `Unavailable` record instead.
    """
    run = _Run(
        frames=frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        draws=shared_draws(frames, study, preregistration.plan),
        permutations=study_clusters.permutations(frames, study, preregistration.plan),
        places=study_clusters.places(frames, study),
    )
    rows: list[Row] = []
    for specification in preregistration.plan.specification:
        rows += _specification(run, specification)
    rows += [*_series(run), *_balance(run)]
    estimates, beside = adjustment.adjust(
        of_kind(rows, Estimate), run.references, plan=preregistration.plan
    )
    rows += [*of_kind(beside, Diagnostic), *disagreements(estimates)]
    others = (row for row in rows if not isinstance(row, Estimate))
    return PlanResults.of((*estimates, *others, *of_kind(beside, Adjustment)))


def of_kind(rows: Iterable[object], kind: type[Kind]) -> tuple[Kind, ...]:
    """The records of one kind among those of a run, in their order.

    Parameters
    ----------
    rows : iterable of records
    kind : type
    """
    return tuple(row for row in rows if isinstance(row, kind))


def shared_draws(frames: Frames, study: Study, plan: Plan) -> Draws:
    """Bootstrap multipliers of a study: one set over all its clusters, for every outcome.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
        Gives number, kind and seed.
    """
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


def _specification(run: _Run, specification: Specification) -> Iterator[Row]:
    """All outcomes of a specification; under ``did`` from one pass over the panel's rows.

    The rows of each outcome are chosen and weighted once more, alone, for the reference fit: the
    two libraries then check the pass as well as the algebra after it.
    """
    data, outcomes = run.frames.of(specification), run.plan.outcomes_of(specification)
    together = (
        panel_products.collect(data, specification, outcomes=outcomes, study=run.study)
        if specification.method == "did" and specification.data == "panel"
        else None
    )
    arms = study_clusters.arms(data, run.study)
    for outcome in outcomes:
        alone = run.design(specification, outcome)
        analysis = steps.analyse(
            alone if together is None else together.regression(outcome.id),
            specification.steps_for(outcome),
            draws=run.draws,
            permutations=run.permutations,
        )
        if specification.status in REFERENCED:
            where = f"specification {specification.id}, outcome {outcome.id}"
            reference.check(alone, analysis.fit, where=where)
        heading = run.heading(specification, outcome)
        yield from steps.records(analysis, heading)
        yield from diagnostics.of_analysis(analysis, heading)
        yield from steps.leave_one_out(analysis, heading, arms)
        yield from _levels(run, specification, outcome, alone.rounds)
        if specification.status == "primary" or outcome.primary:
            yield from _beside(run, specification, outcome, analysis, heading)
            if alone.rounds is not None:
                yield from cluster_diagnostics.of_cells(alone.rounds, heading)
                yield from diagnostics.of_sample(alone.rounds, heading)
        found = analysis.steps.get(run.plan.inference.primary_step)
        primary = specification.status == "primary" and outcome.primary
        if primary and isinstance(found, StepResult | Distribution):
            run.references[outcome.id] = found


def _beside(
    run: _Run, specification: Specification, outcome: Outcome, analysis: Analysis, heading: Heading
) -> Iterator[Row]:
    """Diagnostics of the primary specification, and of the primary outcomes under every other."""
    yield from diagnostics.without_clusters(analysis, heading)
    yield diagnostics.satterthwaite(analysis, heading)
    yield from cluster_diagnostics.of_permutations(analysis, heading, run.permutations)
    for level, place in run.places.items():
        if level == "department":
            yield from cluster_diagnostics.without_places(
                analysis, heading, level, place, least=run.study.minimum_clusters
            )
        yield cluster_diagnostics.of_level(analysis, heading, level, place, run.draws)
    step = run.plan.read_by(specification)
    yield from diagnostics.of_plan(analysis, heading, outcome, step=step)


def _levels(
    run: _Run, specification: Specification, outcome: Outcome, rounds: Sample | None
) -> Iterator[Row]:
    """Levels once for every estimand and sample: the counts under each table of effects."""
    key = (outcome.id, specification.estimand, specification.sample)
    if rounds is not None and key not in run.levels:
        run.levels.add(key)
        yield from levels_and_balance.levels(rounds, outcome)


def _series(run: _Run) -> Iterator[Row]:
    specification = run.plan.checked().primary_specification()
    treatment, table = specification.treatment, run.frames.series
    for series in run.plan.series:
        if table is None:
            raise EstimationError.of(
                "no-clean-administrative", "add-one-manifest", f"series {series.id}"
            )
        data = trends.rates(table, run.frames.frame, series, treatment=treatment, study=run.study)
        yield from trends.means(data, series, run.study)
        heading = trends.heading(
            data,
            series,
            treatment=treatment,
            study=run.study,
            inference=run.plan.inference,
            provenance=run.provenance,
            status=run.preregistration.series_status(series.id),
        )
        found = trends.event_study(data, series)
        test = trends.of_role(found, data, series)
        yield from steps.records(steps.analyse(test, trends.STEPS, draws=run.draws), heading)
        yield from trends.gap(found, test, heading, run.draws)


def _balance(run: _Run) -> Iterator[Row]:
    specification, table = run.plan.checked().primary_specification(), run.plan.balance
    panel, frame, key = run.frames.panel, run.frames.frame, run.study.columns.cluster
    seen = frame[frame[key].astype(str).isin(set(panel[key].astype(str)))]
    yield from levels_and_balance.baseline(panel, table, specification, run.study)
    yield from levels_and_balance.frame_balance(seen, table, specification, run.study)
    yield from levels_and_balance.attrition(panel, table, specification, run.study)
