"""How likely each conclusion is under a plan, from its ``[power]`` alone."""

import math

from evaluation.config.design_records import ConclusionChance
from evaluation.config.plan import Outcome, Plan
from evaluation.estimation.inference.estimate_record import record
from evaluation.estimation.planning.conclusion_chances import (
    Intervals,
    chances,
    design_intervals,
    other_assumptions,
)
from evaluation.estimation.planning.planned_design import Planned, Spread

# True effects, in smallest effects that matter; those of which other assumptions are shown too.
MULTIPLES = (0.0, 0.5, 1.0, 2.0)
ASSUMED_AT = (0.0, 1.0)
# A design, and how an outcome is assumed to vary in it.
_Assumed = tuple[Planned, Spread]


def planned_chances(plan: Plan, *, study: str) -> tuple[ConclusionChance, ...]:
    """Chance of each conclusion on every primary outcome, from the plan's ``[power]`` alone.

    Parameters
    ----------
    plan : Plan
    study : str
        Id of the study.

    Returns
    -------
    tuple of ConclusionChance
        By primary outcome, at the multiples of `MULTIPLES`; at those of `ASSUMED_AT` also with
        `other_assumptions`. Empty where the plan has no such inputs.
    """
    given = planned_designs(plan)
    return tuple(
        _row(plan, study, outcome, multiple, assumed)
        for outcome in plan.primary_outcomes()
        if outcome.id in given
        for multiple in MULTIPLES
        for assumed in _assumed(*given[outcome.id], more=multiple in ASSUMED_AT)
    )


def planned_designs(plan: Plan) -> dict[str, _Assumed]:
    """The planned design and spread of each primary outcome; empty without ``[power]``."""
    given = plan.power
    if given is None:
        return {}
    compared = "changes" if plan.primary_specification().method == "did" else "endlines"
    planned = record(Planned, given, compared=compared)
    return {
        s.outcome: (planned, record(Spread, s, cac=s.cluster_autocorrelation)) for s in given.spread
    }


def planned_intervals(plan: Plan) -> dict[str, Intervals]:
    """The test of each primary outcome in the planned design, by outcome id."""
    return {
        outcome: _intervals(plan, assumed) for outcome, assumed in planned_designs(plan).items()
    }


def _intervals(plan: Plan, assumed: _Assumed) -> Intervals:
    number = len(plan.primary_outcomes())
    return design_intervals(*assumed, outcomes=number, level=plan.inference.level)


def _assumed(planned: Planned, spread: Spread, *, more: bool) -> tuple[_Assumed, ...]:
    others = other_assumptions(planned, spread) if more else ()
    return tuple((planned, x) for x in (spread, *others))


def _row(
    plan: Plan, study: str, outcome: Outcome, multiple: float, assumed: _Assumed
) -> ConclusionChance:
    smallest = outcome.smallest_effect or math.nan
    test, (_, spread) = _intervals(plan, assumed), assumed
    made = chances(multiple * smallest, test, smallest_effect=smallest)
    return record(
        ConclusionChance,
        test,
        made,
        spread,
        study=study,
        outcome=outcome.id,
        unit=outcome.unit,
        multiple=multiple,
        effect=multiple * smallest,
        smallest_effect=smallest,
        cluster_autocorrelation=spread.cac,
        critical=test.outer,
        critical_90=test.inner,
    )
