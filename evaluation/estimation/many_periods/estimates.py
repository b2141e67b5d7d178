"""K estimates of an event study with what their inference needs, whatever method made them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.jackknife import errors_of
from evaluation.estimation.many_periods import poisson_inference
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.multipliers import cv1_of
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.regression.fit import StepUnavailable

# Units from which sums of their signs are drawn as normal variables.
MANY = 1_000


class Fitted(Protocol):
    """Estimates with their names."""

    @property
    def names(self) -> tuple[Name, ...]:
        """What each is of."""
        ...

    @property
    def estimates(self) -> Floats:
        """The estimates, shape (K,)."""
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
    parts : ndarray of bool, shape (K, T + 1), or None
        Cohorts that have a part in each estimate; all in all without.
    refit : callable or None
        The estimates of the panel with other entries, for permutations.
    additive : bool
        Whether they are linear in the outcome.
    """

    names: tuple[Name, ...]
    estimates: Floats
    contributions: Callable[[], Floats]
    without_each: Callable[[], Floats] | None = None
    linear: Linear | None = None
    ratio: poisson_inference.Ratios | None = None
    cells: tuple[Codes, Codes] | None = None
    parts: Flags | None = None
    refit: Callable[[UnitPanel], Floats] | None = None
    additive: bool = True

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

    def alone(self, panel: UnitPanel) -> Flags:
        """Estimates with a part of a cohort that is one unit, shape (K,).

        Nothing tells how such a unit varies: its deviation from its cohort's mean is zero. So it
        is with all estimates where one unit is never treated.
        """
        cohorts, number = np.unique(panel.first, return_counts=True)
        one = cohorts[number == 1].tolist()
        if self.parts is None or panel.n_periods in one:
            return np.full(len(self.names), bool(one))
        return np.asarray(self.parts[:, one].any(axis=1))


def parts_of(mixing: Floats, cohort: Codes, periods: int) -> Flags:
    """Cohorts with a part in each estimate, shape (K, T + 1).

    Parameters
    ----------
    mixing : ndarray, shape (K, J)
        Weights of the effects in each estimate.
    cohort : ndarray of int, shape (J,)
    periods : int
    """
    parts = np.zeros((len(mixing), periods + 1), dtype=bool)
    for c in np.unique(cohort).tolist():
        parts[:, c] = (mixing[:, cohort == c] != 0.0).any(axis=1)
    return parts


def refit_of(
    names: Sequence[Name], fit: Callable[[UnitPanel], Fitted]
) -> Callable[[UnitPanel], Floats]:
    """The same estimates of another panel; not a number where it lacks one.

    Parameters
    ----------
    names : sequence of K Name
    fit : callable
    """

    def estimates(panel: UnitPanel) -> Floats:
        made = fit(panel)
        found = dict(zip(made.names, made.estimates.tolist(), strict=True))
        return np.array([found.get(name, np.nan) for name in names])

    return estimates
