"""The one place where an effect becomes a record, whatever estimator or method found it."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from evaluation.locale.messages import Message
from evaluation.spec.records import CheckStep, Estimate, Step
from evaluation.stats import power
from evaluation.stats.design import Design
from evaluation.stats.heading import Heading

NOT_ADJUSTED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a record says about the rows and the scale of an estimate."""

    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    baseline_mean: float
    baseline_sd: float

    @classmethod
    def of(cls, built: Design) -> "Sizes":
        """Sizes of a regression's rows."""
        return cls(
            n=len(built.y),
            n_clusters_treated=len(built.clusters_treated),
            n_clusters_comparison=len(built.clusters_comparison),
            baseline_mean=built.baseline_mean,
            baseline_sd=built.baseline_sd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An effect with its uncertainty by one method.

    Attributes
    ----------
    estimate, std_error : float
        In the unit of the heading.
    statistic, df, p_value, p_kind
        The test, and in words how p was computed.
    ci_low, ci_high, ci_kind
        The interval at the heading's level.
    mc_error, ci_low_mc_error, ci_high_mc_error : float
        Monte Carlo standard errors; 0 where nothing was simulated.
    spread : float
        How far the method's own statistic lies from zero without an effect, root mean square: what
        the standard error has to be multiplied by where it is known to be too small.
    """

    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    p_kind: Message
    ci_low: float
    ci_high: float
    ci_kind: Message
    mc_error: float = 0.0
    ci_low_mc_error: float = 0.0
    ci_high_mc_error: float = 0.0
    spread: float = 1.0


def record(
    heading: Heading, step: Step | CheckStep, found: Found, *, sizes: Sizes, estimate_sd: float
) -> Estimate:
    """Record of an effect, not adjusted for the number of outcomes.

    Parameters
    ----------
    heading : Heading
    step : str
    found : Found
    sizes : Sizes
    estimate_sd : float
        The effect in standard deviations, NaN where there is none.
    """
    return Estimate(
        **_fields(heading),
        **{name: value for name, value in _fields(found).items() if name != "spread"},
        step=step,
        estimate_sd=estimate_sd,
        p_adjusted=found.p_value,
        adjustment=NOT_ADJUSTED,
        n=sizes.n,
        n_clusters_treated=sizes.n_clusters_treated,
        n_clusters_comparison=sizes.n_clusters_comparison,
        baseline_comparison_mean=sizes.baseline_mean,
        baseline_comparison_sd=sizes.baseline_sd,
        mde=power.MULTIPLE * found.std_error * found.spread,
    )


def _fields(given: Heading | Found) -> dict[str, Any]:
    return {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}
