"""The one place where numbers become a record, whatever estimator or method found them."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from evaluation.locale.messages import Message
from evaluation.spec.records import CheckStep, Diagnostic, Estimate, Step, Unavailable
from evaluation.stats import power
from evaluation.stats.blocks import Blocks
from evaluation.stats.heading import Heading, Subject

Kind = TypeVar("Kind")

NOT_ADJUSTED = "none"


class Built(Protocol):
    """What steps and records need of a regression, made from rows or from sums over rows."""

    @property
    def column(self) -> str:
        """The column whose coefficient is the effect."""

    @property
    def clusters_treated(self) -> tuple[str, ...]:
        """Sorted ids."""

    @property
    def clusters_comparison(self) -> tuple[str, ...]:
        """Sorted ids."""

    @property
    def baseline_mean(self) -> float:
        """Weighted mean of the comparison group at baseline."""

    @property
    def baseline_sd(self) -> float:
        """Its weighted SD."""

    @property
    def one_round(self) -> tuple[str, ...]:
        """Clusters left out because they were seen in one round only."""

    @property
    def incomplete(self) -> int:
        """Rows left out because a covariate is missing."""

    @property
    def n(self) -> int:
        """Number of rows."""

    def accumulate(self) -> Blocks:
        """Cross-products by cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a record says about the rows and the scale of an estimate."""

    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    baseline_mean: float
    baseline_sd: float

    @classmethod
    def of(cls, built: Built) -> "Sizes":
        """Sizes of a regression's rows."""
        return cls(
            n=built.n,
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


Told = Subject | Sizes | Found | Estimate


def record(kind: type[Kind], *told: Told, **values: object) -> Kind:
    """A record: what its sources say under the names of its fields, and values of its own.

    Parameters
    ----------
    kind : type
        A record of `spec.records`.
    told : Subject, Heading, Sizes, Found or Estimate
        A later one wins over those before it.
    values
        Fields of the record; they win over all sources.
    """
    make: Any = kind
    names = [field.name for field in dataclasses.fields(make)]
    found = {n: getattr(source, n) for source in told for n in names if hasattr(source, n)}
    made: Kind = make(**found | values)
    return made


def unavailable(subject: Subject, step: str, reason: Message) -> Unavailable:
    """Record of a step or quantity that cannot be had."""
    return record(Unavailable, subject, step=step, reason=reason)


def diagnostic(subject: Subject | Estimate, name: str, value: float, unit: str) -> Diagnostic:
    """Record of a named quantity under an estimate's heading, or beside the estimate."""
    return record(Diagnostic, subject, name=name, value=float(value), unit=unit)


def effect(
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
    return record(
        Estimate,
        heading,
        sizes,
        found,
        step=step,
        estimate_sd=estimate_sd,
        p_adjusted=found.p_value,
        adjustment=NOT_ADJUSTED,
        baseline_comparison_mean=sizes.baseline_mean,
        baseline_comparison_sd=sizes.baseline_sd,
        mde=power.MULTIPLE * found.std_error * found.spread,
    )
