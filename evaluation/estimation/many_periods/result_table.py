"""Rows of an event study's table: estimates with errors, intervals, p-values and a joint band."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, Protocol

import numpy as np
from scipy.special import ndtri

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.jackknife import errors_of
from evaluation.estimation.many_periods import panel_permutation, poisson_inference
from evaluation.estimation.many_periods.aggregation import Kind, Name
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.multipliers import (
    bootstrapped,
    cv1_of,
    largest_t,
    normal_largest_t,
)
from evaluation.estimation.many_periods.panel import WHERE, Panel
from evaluation.estimation.regression.fit import StepUnavailable, critical, two_sided

Scale = Literal["level", "log_ratio"]
Inference = Literal["cv3", "cv1", "permutation", "wild_bootstrap"]

# Draws behind the simultaneous band at least.
_BAND = 1_999
# Units from which sums of their signs are drawn as normal variables.
MANY = 1_000


class Asked(Protocol):
    """What the rows need of a call."""

    @property
    def draws(self) -> int:
        """Permutations."""
        ...

    @property
    def seed(self) -> int:
        """Their seed."""
        ...

    @property
    def level(self) -> float:
        """Confidence level."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """K estimates on one scale, whatever made them.

    Attributes
    ----------
    names : tuple of Name
    estimates : ndarray, shape (K,)
    contributions : callable
        What each unit adds to the error, shape (K, N).
    without_each : callable or None
        Estimates without each unit, shape (K, N).
    linear : Linear or None
        For permutations.
    ratio : Ratios or None
        For permutations of the first estimate.
    cells : pair of ndarray of int, shape (J,), or None
        First treated period and period of the effects that the estimates average.
    """

    names: tuple[Name, ...]
    estimates: Floats
    contributions: Callable[[], Floats]
    without_each: Callable[[], Floats] | None = None
    linear: Linear | None = None
    ratio: poisson_inference.Ratios | None = None
    cells: tuple[Codes, Codes] | None = None

    def covariance(self) -> Floats:
        """Sums of products of the contributions, shape (K, K)."""
        if self.linear is not None and len(self.linear.panel.units) > MANY:
            return self.linear.covariance
        z = self.contributions()
        return np.asarray(z @ z.T)

    def std_errors(self) -> Floats:
        """CV1, shape (K,)."""
        if self.linear is not None and len(self.linear.panel.units) > MANY:
            return self.linear.std_errors()
        return cv1_of(self.contributions())

    def jackknife_errors(self) -> Floats:
        """CV3, shape (K,).

        Raises
        ------
        StepUnavailable
            They are not fitted anew without units.
        """
        if self.without_each is None:
            raise StepUnavailable.of("event-study-jackknife", "leave-step-out", WHERE)
        return errors_of(self.without_each(), self.estimates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One estimate.

    Attributes
    ----------
    scale : {"level", "log_ratio"}
        In the outcome's unit, or log of a ratio.
    kind : str
    at : str
        Relative period ("-2", "0", ...), or label of the calendar period or cohort; empty for an
        average.
    cohort : str
        Of a cell.
    estimate, std_error, std_error_cv1 : float
        The error is that of ``inference``; clustered by unit beside it.
    ci_low, ci_high, p_value : float
    band_low, band_high : float
        Of the parts of one kind, all at once.
    inference : str
    """

    scale: Scale
    kind: Kind
    at: str
    cohort: str
    estimate: float
    std_error: float
    std_error_cv1: float
    ci_low: float
    ci_high: float
    p_value: float
    band_low: float
    band_high: float
    inference: str

    def fields(self) -> Mapping[str, object]:
        """Values by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def placebo(cls, estimate: float, std_error: float, p_value: float, *, level: float) -> "Row":
        """An average effect with normal limits and the placebos' p-value."""
        half = float(ndtri(0.5 + level / 2.0)) * std_error
        return cls(
            scale="level",
            kind="simple",
            at="",
            cohort="",
            estimate=estimate,
            std_error=std_error,
            std_error_cv1=np.nan,
            ci_low=estimate - half,
            ci_high=estimate + half,
            p_value=p_value,
            band_low=np.nan,
            band_high=np.nan,
            inference="placebo",
        )


def level_of(level: float) -> float:
    """A confidence level.

    Raises
    ------
    EstimationError
        It is not a share of at least a half and below one.
    """
    if not 0.5 <= level < 1.0:
        raise EstimationError.of("level", "write-share-such", WHERE, level=repr(level))
    return float(level)


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """Errors, intervals and p-values of K estimates."""

    error: Floats
    low: Floats
    high: Floats
    p: Floats


def rows(
    found: Estimates, panel: Panel, *, scale: Scale, inference: Inference, asked: Asked
) -> list[Row]:
    """The table's rows of one scale.

    Parameters
    ----------
    found : Estimates
    panel : Panel
        For labels, and the number of units.
    scale : {"level", "log_ratio"}
    inference : {"cv3", "cv1", "permutation", "wild_bootstrap"}
    asked : Asked

    Raises
    ------
    StepUnavailable
        The inference is not offered for these estimates.
    """
    cv1 = found.std_errors()
    known = _inferred(found, cv1, inference, len(panel.units), asked)
    band = _bands(found, cv1, panel, asked)
    return [
        Row(
            scale=scale,
            kind=name.kind,
            at=_label(name, panel),
            cohort="" if name.cohort is None else panel.periods[name.cohort],
            estimate=float(value),
            std_error=float(known.error[k]),
            std_error_cv1=float(cv1[k]),
            ci_low=float(known.low[k]),
            ci_high=float(known.high[k]),
            p_value=float(known.p[k]),
            band_low=float(value - band[k] * known.error[k]),
            band_high=float(value + band[k] * known.error[k]),
            inference=inference,
        )
        for k, (name, value) in enumerate(zip(found.names, found.estimates, strict=True))
    ]


def _label(name: Name, panel: Panel) -> str:
    if name.at is None:
        return ""
    return str(name.at) if name.kind == "event" else panel.periods[name.at]


def _inferred(found: Estimates, cv1: Floats, inference: Inference, g: int, asked: Asked) -> _Errors:
    if inference == "permutation":
        return _permuted(found, asked)
    if inference == "wild_bootstrap":
        return _bootstrapped(found, asked)
    error = cv1
    if inference == "cv3":
        error = found.jackknife_errors()
    half, value = critical(g - 1.0, asked.level) * error, found.estimates
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0.0, two_sided(g - 1.0, value / error), np.nan)
    return _Errors(error, value - half, value + half, p)


def _permuted(found: Estimates, asked: Asked) -> _Errors:
    if found.ratio is not None:
        return _permuted_ratio(found, asked)
    if found.linear is None:
        raise StepUnavailable.of("event-study-permutation", "leave-step-out", WHERE)
    drawn = panel_permutation.of_panel(found.linear.panel, number=asked.draws, seed=asked.seed)
    return _of_distributions(panel_permutation.randomise(found.linear, drawn), asked)


def _bootstrapped(found: Estimates, asked: Asked) -> _Errors:
    made = found.linear
    if made is None or made.panel.covariates.size:
        raise StepUnavailable.of("event-study-bootstrap", "leave-step-out", WHERE)
    draws = bootstrap.draws(made.panel.units, number=asked.draws, seed=asked.seed)
    return _of_distributions(bootstrapped(made, range(len(made.names)), draws), asked)


def _of_distributions(every: Sequence[Distribution], asked: Asked) -> _Errors:
    ends = np.array([_ends(one, asked.level) for one in every])
    error = np.array([one.std_error for one in every])
    return _Errors(error, ends[:, 0], ends[:, 1], ends[:, 2])


def _ends(one: Distribution, level: float) -> tuple[float, float, float]:
    """Both ends and the p-value; not a number for an estimate that cannot differ from zero."""
    if not one.std_error > 0.0:
        return np.nan, np.nan, np.nan
    interval = one.interval(level)
    return interval.low, interval.high, one.p_value()


def _permuted_ratio(found: Estimates, asked: Asked) -> _Errors:
    """Of the ratio of all treated periods; of single periods there is none."""
    made = found.ratio
    if made is None:
        raise StepUnavailable.of("event-study-permutation", "leave-step-out", WHERE)
    one = poisson_inference.permuted(made, number=asked.draws, seed=asked.seed)
    low, high = one.interval(asked.level)
    none = np.full(len(found.names) - 1, np.nan)
    return _Errors(np.r_[one.error, none], *(np.r_[v, none] for v in (low, high, one.p_value())))


def _bands(found: Estimates, error: Floats, panel: Panel, asked: Asked) -> Floats:
    """Critical value of the band of each estimate's kind, shape (K,)."""
    number, many = max(asked.draws, _BAND), len(panel.units) > MANY
    band = np.full(len(found.names), np.nan)
    for kind in dict.fromkeys(name.kind for name in found.names):
        parts = _parts(found.names, kind)
        if not parts or not (error[parts] > 0.0).any():
            continue
        if many:
            part = found.covariance()[np.ix_(parts, parts)]
            made = normal_largest_t(part, number=number, seed=asked.seed)
        else:
            draws = bootstrap.draws(panel.units, number=number, seed=asked.seed)
            made = largest_t(found.contributions()[parts], panel.units, draws)
        band[parts] = made.critical(asked.level)
    return band


def _parts(names: Sequence[Name], kind: Kind) -> list[int]:
    return [k for k, name in enumerate(names) if name.kind == kind and name.at is not None]
