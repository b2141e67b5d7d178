"""What a check reads from an analysis, and how its own estimate becomes a record."""

from evaluation.estimation.inference.estimate_record import Found, Heading, Sizes, effect
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.regression.fit import StepResult
from evaluation.study.records import CheckStep, Estimate, Step


def effect_of(analysis: Analysis) -> float:
    """The coefficient that is the effect."""
    return float(analysis.fit.estimates(analysis.design.column))


def interval_of(result: StepResult | Distribution, level: float) -> tuple[float, float]:
    """The ends of a step's interval.

    Parameters
    ----------
    result : StepResult or Distribution
    level : float
        Confidence level, 0 to 1.
    """
    found = result.interval(level)
    return found if isinstance(found, tuple) else (found.low, found.high)


def in_sd(estimate: float, unit: str, baseline_sd: float) -> float:
    """An effect in standard deviations; NaN where the comparison group had one value.

    Parameters
    ----------
    estimate : float
        In ``unit``.
    unit : str
        "SD" is left as it is.
    baseline_sd : float
        Of the comparison group, in ``unit``.
    """
    if unit == "SD":
        return estimate
    return estimate / baseline_sd if baseline_sd > 0.0 else float("nan")


def recorded(heading: Heading, step: Step | CheckStep, found: Found, *, sizes: Sizes) -> Estimate:
    """Record of a check's effect; in standard deviations where there are any.

    Parameters
    ----------
    heading : Heading
    step : str
    found : Found
        In the heading's unit.
    sizes : Sizes
    """
    size = in_sd(found.estimate, heading.unit, sizes.baseline_sd)
    return effect(heading, step, found, sizes=sizes, estimate_sd=size)
