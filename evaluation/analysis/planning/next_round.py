"""Plan a next round for every primary outcome: table, power curves and detectable effects."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.analysis.study_clusters import Frames
from evaluation.config.design_records import PlannedPower
from evaluation.config.plan import Outcome, Plan, Specification, seed
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference.detection import detection
from evaluation.estimation.inference.estimate_record import Subject, record, unavailable
from evaluation.estimation.planning import planned_design
from evaluation.estimation.planning.conclusion_chances import (
    Intervals,
    Needed,
    design_intervals,
    needed,
)
from evaluation.estimation.planning.planned_design import (
    OwnData,
    Planned,
    Replacement,
    Spread,
    own_data,
)
from evaluation.estimation.planning.simulation import (
    SIMULATIONS,
    Simulated,
    Source,
    check_source,
    drawn_design,
    simulate,
)
from evaluation.estimation.records import Provenance, Unavailable
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import StepUnavailable

Method = Literal["closed form", "cluster changes drawn", "respondents drawn"]

SIMULATED: tuple[tuple[Method, Source], ...] = (
    ("cluster changes drawn", "changes"),
    ("respondents drawn", "rows"),
)
ASSUMED, SMALLEST, CURVE, DETECTABLE = "assumed", "smallest that matters", "curve", "detectable"
OWN = "own design"
# Points of a power curve, up to this many minimum detectable effects.
_POINTS, _REACH = 30, 1.5
# Designs whose detectable effects are drawn: multiples of the clusters and of the respondents.
CLUSTER_MULTIPLES = (0.5, 1.0, 1.5, 2.0)
RESPONDENT_MULTIPLES = tuple(0.2 * k for k in range(1, 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRoundOptions:
    """What is decided about the next round; None keeps what the finished study had.

    The fields are those of `planning.Planned` and, for the last two, `planning.Spread`.
    """

    treated: int | None = None
    comparison: int | None = None
    respondents: float | None = None
    panel_share: float | None = None
    attrition: float = 0.0
    replacement: Replacement = "fresh"
    r2_between: float = 0.0
    r2_within: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Round:
    """One outcome under the planned design."""

    outcome: Outcome
    specification: Specification
    own: OwnData
    planned: Planned
    spread: Spread
    level: float
    provenance: Provenance

    @property
    def subject(self) -> Subject:
        """What its records are about."""
        return Subject.about(self.specification, self.outcome, self.provenance.study)


def plan_round(
    frames: Frames,
    choices: NextRoundOptions,
    *,
    study: Study,
    plan: Plan,
    provenance: Provenance,
    simulations: int = SIMULATIONS,
) -> tuple[PlannedPower | Unavailable, ...]:
    """What a next round can see, by the closed form and by simulation from the study's own data.

    Parameters
    ----------
    frames : Frames
    choices : NextRoundOptions
    study : Study
    plan : Plan
    provenance : Provenance
    simulations : int
        Simulated studies behind each simulated number.

    Returns
    -------
    tuple of PlannedPower or Unavailable
        By primary outcome: at the plan's assumed and smallest effect, on a curve of effects, and
        detectable effects of other numbers of clusters and respondents. `Unavailable`, with the
        method as its step, where a simulation does not answer for the planned design.

    Raises
    ------
    EstimationError
        The primary specification has no two rounds, or a number of the design cannot be.

    Notes
    -----
    Closed form: `planning.std_error` with the study's ICC, cluster autocorrelation, correlation
    of respondents' answers and design effect, and t(G - 1). Changes that are drawn are those of
    the study's own respondents, so they answer only for a design that keeps their number, panel
    share and attrition; respondents that are drawn are whole numbers, and their rows say which.
    What covariates explain is in the closed form alone.
    """
    rows: list[PlannedPower | Unavailable] = []
    for outcome in plan.primary_outcomes():
        this = _round(frames, choices, outcome, study=study, plan=plan, provenance=provenance)
        rows.extend(_closed(this))
        for method, source in SIMULATED:
            entry = f"{plan.inference.seed_entry} power {outcome.id} {method}"
            try:
                check_source(this.own, this.planned, this.spread, source=source)
                found = simulate(
                    this.own,
                    this.planned,
                    source=source,
                    seed=seed(entry),
                    simulations=simulations,
                    level=this.level,
                )
            except StepUnavailable as reason:
                rows.append(unavailable(this.subject, method, reason.problem))
                continue
            rows.extend(_simulated(this, found, method, source))
        rows.extend(_other_designs(this))
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedConclusions:
    """What a conclusion on one primary outcome takes in a planned round.

    Attributes
    ----------
    intervals : Intervals
        Its simultaneous intervals in the planned design.
    detected, ruled_out : Needed
        For a smallest effect to be detected, and for none to be ruled out, in 80 % of studies.
    """

    outcome: Outcome
    intervals: Intervals
    detected: Needed
    ruled_out: Needed


def plan_conclusions(
    frames: Frames, choices: NextRoundOptions, *, study: Study, plan: Plan, provenance: Provenance
) -> tuple[PlannedConclusions, ...]:
    """What it takes to conclude in a next round, for every primary outcome; as of `plan_round`."""
    outcomes, found = plan.primary_outcomes(), []
    for outcome in outcomes:
        this = _round(frames, choices, outcome, study=study, plan=plan, provenance=provenance)
        planned, number, level = (this.planned, this.spread), len(outcomes), this.level
        intervals = design_intervals(*planned, outcomes=number, level=level)
        smallest = outcome.smallest_effect or np.nan
        detected, ruled_out = (
            needed(target, *planned, outcomes=number, level=level, smallest=smallest)
            for target in ("detected", "ruled_out")
        )
        found.append(
            PlannedConclusions(
                outcome=outcome, intervals=intervals, detected=detected, ruled_out=ruled_out
            )
        )
    return tuple(found)


def detectable_effects(
    frames: Frames, *, study: Study, plan: Plan, provenance: Provenance
) -> tuple[PlannedPower | Unavailable, ...]:
    """What more or fewer clusters and respondents would have detected, in closed form.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
    provenance : Provenance

    Returns
    -------
    tuple of PlannedPower or Unavailable
        By primary outcome: the study's own design, then designs of other sizes. `Unavailable`,
        with `DETECTABLE` as its step, where the primary specification has no two rounds or
        nothing is known of the outcome's spread.
    """
    rows: list[PlannedPower | Unavailable] = []
    for outcome in plan.primary_outcomes():
        try:
            this = _round(
                frames, NextRoundOptions(), outcome, study=study, plan=plan, provenance=provenance
            )
        except (EstimationError, StepUnavailable) as reason:
            specification = plan.checked().primary_specification()
            subject = Subject.about(specification, outcome, provenance.study)
            rows.append(unavailable(subject, DETECTABLE, reason.problem))
            continue
        error = planned_design.std_error(this.planned, this.spread)
        found = planned_design.detectable(error, df=this.planned.df, level=this.level)
        rows.append(_closed_row(this, this.planned, error, found, (OWN, found)))
        rows.extend(_other_designs(this))
    return tuple(rows)


def _round(
    frames: Frames,
    choices: NextRoundOptions,
    outcome: Outcome,
    *,
    study: Study,
    plan: Plan,
    provenance: Provenance,
) -> _Round:
    specification = plan.checked().primary_specification()
    built = design.build(frames.panel, specification, outcome=outcome, study=study)
    if built.rounds is None:
        raise EstimationError.of(
            "next-round-planned", "plan-study-baseline", f"specification {specification.id}"
        )
    own = own_data(built.rounds)
    decided = {
        name: value
        for name, value in dataclasses.asdict(choices).items()
        if value is not None and not name.startswith("r2_")
    }
    return _Round(
        outcome=outcome,
        specification=specification,
        own=own,
        planned=dataclasses.replace(own.planned, **decided),
        spread=dataclasses.replace(
            own.spread, r2_between=choices.r2_between, r2_within=choices.r2_within
        ),
        level=plan.inference.level,
        provenance=provenance,
    )


def _effects(this: _Round, detectable: float) -> Iterator[tuple[str, float]]:
    """Effects looked at: the plan's two, where it has them, and a curve."""
    named = ((ASSUMED, this.outcome.assumed_effect), (SMALLEST, this.outcome.smallest_effect))
    for name, effect in named:
        if effect:
            yield name, abs(effect)
    for k in range(1, _POINTS + 1):
        yield CURVE, _REACH * detectable * k / _POINTS


def _closed(this: _Round) -> Iterator[PlannedPower]:
    error = planned_design.std_error(this.planned, this.spread)
    detectable = planned_design.detectable(error, df=this.planned.df, level=this.level)
    for source, effect in _effects(this, detectable):
        yield _closed_row(this, this.planned, error, detectable, (source, effect))


def _closed_row(
    this: _Round, planned: Planned, error: float, detectable: float, effect: tuple[str, float]
) -> PlannedPower:
    found = detection(effect[1] / error, df=planned.df, level=this.level)
    numbers = (error, detectable, found.chance, 0.0, found.type_s, found.type_m)
    return _row(this, planned, "closed form", effect, numbers=numbers)


def _simulated(
    this: _Round, found: Simulated, method: Method, source: Source
) -> Iterator[PlannedPower]:
    planned = drawn_design(this.planned) if source == "rows" else this.planned
    error, detectable = float(np.std(found.estimates)), found.detectable()
    for name, effect in _effects(this, detectable):
        numbers = (error, detectable, *found.power(effect), *found.sign_and_magnitude(effect))
        yield _row(this, planned, method, (name, effect), numbers=numbers)


def _other_designs(this: _Round) -> Iterator[PlannedPower]:
    """Detectable effects of other numbers of clusters and respondents, in closed form."""
    for clusters in CLUSTER_MULTIPLES:
        for respondents in RESPONDENT_MULTIPLES:
            planned = dataclasses.replace(
                this.planned,
                treated=max(2, round(clusters * this.planned.treated)),
                comparison=max(2, round(clusters * this.planned.comparison)),
                respondents=max(1.0, round(respondents * this.planned.respondents, 1)),
            )
            error = planned_design.std_error(planned, this.spread)
            found = planned_design.detectable(error, df=planned.df, level=this.level)
            yield _closed_row(this, planned, error, found, (DETECTABLE, found))


def _row(
    this: _Round,
    planned: Planned,
    method: Method,
    effect: tuple[str, float],
    *,
    numbers: tuple[float, ...],
) -> PlannedPower:
    error, detectable, chance, mc_error, type_s, type_m = numbers
    return record(
        PlannedPower,
        this.provenance,
        planned,
        outcome=this.outcome.id,
        unit=this.outcome.unit,
        method=method,
        clusters_treated=planned.treated,
        clusters_comparison=planned.comparison,
        effect=effect[1],
        effect_from=effect[0],
        level=this.level,
        std_error=error,
        mde=detectable,
        power=chance,
        mc_error=mc_error,
        type_s=type_s,
        type_m=type_m,
    )
