"""Everything that a plan promises, estimated in the plan's order."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar, get_args, get_type_hints

import numpy as np

from evaluation.analysis import (
    adjustment,
    cluster_diagnostics,
    diagnostics,
    reference,
    study_clusters,
    trends,
)
from evaluation.analysis.diagnostics import disagreements
from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import Outcome, Plan, Specification, seed
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading, record
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.multiplicity import Reference
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.many_fits import Each, here
from evaluation.estimation.records import (
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
from evaluation.estimation.regression import design, levels_and_balance, panel_products
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepResult, least_squares
from evaluation.estimation.regression.panel_regressions import PanelRegression

REFERENCED = ("primary", "replication")
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecords:
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
class PlanResults(RunRecords):
    """All records of a plan."""

    adjustments: tuple[Adjustment, ...]
    balance: tuple[Balance, ...]
    trends: tuple[Trend, ...]
    leave_one_out: tuple[LeaveOneOut, ...]


Row = Estimate | Unavailable | Diagnostic | Balance | Level | Trend | LeaveOneOut


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunContext:
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
            level=self.plan.inference.level,
            provenance=self.provenance,
            status=self.preregistration.status(specification, outcome, tier),
        )

    def tier(self, outcome: Outcome) -> str:
        """Tier of the outcome's family."""
        return next(f.tier for f in self.plan.family if f.id == outcome.family)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """What inference shares once interviews are summed by cluster."""

    plan: Plan
    study: Study
    draws: Draws
    permutations: Permutations | None
    places: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """One regression as sums by cluster, and the arm of each."""

    specification: Specification
    outcome: Outcome
    heading: Heading
    regression: PanelRegression
    arms: Mapping[str, str]

    @property
    def is_primary(self) -> bool:
        """Whether a conclusion is of it."""
        return self.specification.status == "primary" and self.outcome.primary


def run_plan(
    frames: Frames,
    *,
    study: Study,
    preregistration: Promise,
    provenance: Provenance,
    each: Each = here,
) -> PlanResults:
    """Run every specification, adjustment, table and series of the plan.

    Parameters
    ----------
    frames : Frames
    study : Study
    preregistration : Promise
        The plan with its lock and deviations.
    provenance : Provenance
    each : Each
        Where inference runs, permutations included, one regression at a time from its sums by
        cluster; see `many_fits`.

    Returns
    -------
    PlanResults

    Raises
    ------
    EstimationError
        Something promised cannot be estimated at all, or a reference fit disagrees. A single
        inference step that is unavailable is an `Unavailable` record instead.
    """
    plan = preregistration.plan
    draws = shared_draws(frames, study, plan)
    run = RunContext(
        frames=frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        draws=draws,
    )
    sums = _Sums(
        plan=plan,
        study=study,
        draws=draws,
        permutations=study_clusters.permutations(frames, study, plan),
        places=study_clusters.places(frames, study),
    )
    rows: list[Row] = []
    references: dict[str, Reference] = {}
    of_interviews: deque[list[Row]] = deque()
    parts = _parts(run, of_interviews)
    for outcome, found, reached in each(_inference, parts, sums):
        rows += [*found, *of_interviews.popleft()]
        if reached is not None:
            references[outcome] = reached
    rows += [*_series(run), *_balance(run)]
    estimates, beside = adjustment.adjust(of_kind(rows, Estimate), references, plan=plan)
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


def _parts(run: RunContext, of_interviews: deque[list[Row]]) -> Iterator[_Part]:
    """Every regression of the plan; what is told of its interviews goes to ``of_interviews``."""
    levels: set[tuple[object, ...]] = set()
    for specification in run.plan.specification:
        for part, alone in _specification(run, specification):
            own: list[Row] = []
            outcome, rounds = part.outcome, alone.rounds
            # once for every estimand and sample: the counts under each table of effects
            key = (outcome.id, specification.estimand, specification.sample)
            if rounds is not None and key not in levels:
                levels.add(key)
                own += levels_and_balance.levels(rounds, outcome)
            if rounds is not None and (specification.status == "primary" or outcome.primary):
                own += cluster_diagnostics.of_cells(
                    rounds, part.heading, minimum_cell=run.study.minimum_cell
                )
                own += diagnostics.of_sample(rounds, part.heading)
            of_interviews.append(own)
            yield part


def _specification(run: RunContext, specification: Specification) -> Iterator[tuple[_Part, Design]]:
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
        built = alone if together is None else together.regression(outcome.id)
        blocks = built.accumulate()
        # in one piece, as it arrives in another process: sums follow an array's order in memory
        whole = replace(blocks, products=np.ascontiguousarray(blocks.products))
        regression = record(PanelRegression, built, blocks=whole)
        if specification.status in REFERENCED:
            where = f"specification {specification.id}, outcome {outcome.id}"
            reference.check(alone, least_squares(regression.blocks), where=where)
        part = _Part(
            specification=specification,
            outcome=outcome,
            heading=run.heading(specification, outcome),
            regression=regression,
            arms=arms,
        )
        yield part, alone


def _inference(sums: _Sums, part: _Part) -> tuple[str, list[Row], Reference | None]:
    """Records of a regression by every step, and the step that a conclusion refers to.

    Returns
    -------
    tuple
        The outcome's id; the records; the step, of a primary outcome's primary regression alone.
    """
    specification, outcome, heading = part.specification, part.outcome, part.heading
    analysis = steps.analyse(
        part.regression,
        specification.steps_for(outcome),
        draws=sums.draws,
        permutations=sums.permutations,
    )
    rows: list[Row] = [
        *steps.records(analysis, heading),
        *diagnostics.of_analysis(analysis, heading),
        *steps.leave_one_out(analysis, heading, part.arms),
    ]
    if specification.status == "primary" or outcome.primary:
        rows += _beside(sums, part, analysis)
    found = analysis.steps.get(sums.plan.inference.primary_step)
    if part.is_primary and isinstance(found, StepResult | Distribution):
        return outcome.id, rows, found
    return outcome.id, rows, None


def _beside(sums: _Sums, part: _Part, analysis: Analysis) -> Iterator[Row]:
    """Diagnostics of the primary specification, and of the primary outcomes under every other."""
    heading = part.heading
    yield from diagnostics.without_clusters(analysis, heading)
    yield diagnostics.satterthwaite(analysis, heading)
    yield from cluster_diagnostics.of_permutations(analysis, heading, sums.permutations)
    for level, place in sums.places.items():
        if level == "department":
            yield from cluster_diagnostics.without_places(
                analysis, heading, level, place, least=sums.study.minimum_clusters
            )
        yield cluster_diagnostics.of_level(analysis, heading, level, place, sums.draws)
    step = sums.plan.read_by(part.specification)
    yield from diagnostics.of_plan(analysis, heading, part.outcome, step=step)


def _series(run: RunContext) -> Iterator[Row]:
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


def _balance(run: RunContext) -> Iterator[Row]:
    specification, table = run.plan.checked().primary_specification(), run.plan.balance
    panel, frame, key = run.frames.panel, run.frames.frame, run.study.columns.cluster
    seen = frame[frame[key].astype(str).isin(set(panel[key].astype(str)))]
    yield from levels_and_balance.baseline(panel, table.variables, specification, run.study)
    yield from levels_and_balance.frame_balance(
        seen, table.frame_variables, specification, run.study
    )
    yield from levels_and_balance.attrition(
        panel, table.attrition_variables, specification, run.study
    )
