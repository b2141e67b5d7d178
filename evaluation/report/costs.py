"""Costs per unit of effect, and when there is none: pure arithmetic on a declared amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.report.conclusions import direction
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

NoCost = Literal["zero_inside", "wrong_way", "no_direction", "blinded"]
# One unit of effect; a whole standard deviation is more than any programme of this kind moves.
STEPS: Mapping[str, float] = {"SD": 0.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfEffect:
    """Cost per resident of one step of effect, and its range from the interval of the effect.

    Attributes
    ----------
    step : float
        Size of one step, in the unit of the outcome.
    cost, low, high : float
        In the currency of the declared amount. ``low`` belongs to the largest effect, and
        is zero where that has no end.
    """

    step: float
    cost: float
    low: float
    high: float


def cost_of_effect(
    per_resident: float, estimate: Estimate, outcome: Outcome
) -> CostOfEffect | NoCost:
    """Cost of one step of effect: cost per resident divided by the number of steps.

    Parameters
    ----------
    per_resident : float
        Positive; whole cost divided by residents.
    estimate : Estimate
        By the primary step.
    outcome : Outcome
        Gives the unit and the desired direction.

    Returns
    -------
    CostOfEffect or str
        The reason where the interval includes zero (the quotient would have no bounds), where the
        effect is not one that the programme wanted, or where nothing is a result yet.
    """
    if estimate.status == "blinded":
        return "blinded"
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return "zero_inside"
    wanted = direction(estimate.estimate, outcome.desired)
    if wanted != "desired":
        return "wrong_way" if wanted == "not desired" else "no_direction"
    step = STEPS.get(outcome.unit, 1.0)
    small, large = sorted(abs(x) for x in (estimate.ci_low, estimate.ci_high))
    return CostOfEffect(
        step=step,
        cost=per_resident * step / abs(estimate.estimate),
        low=per_resident * step / large,
        high=per_resident * step / small,
    )
