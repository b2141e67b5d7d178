"""What a two-sided t test detects, and how far its significant estimates mislead.

The estimate is normal and its standard error estimated, so that t = estimate / standard error has
a noncentral t distribution. Written out without a library of special functions, for the reason
that `fit` gives.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.fit import NORMAL, critical

# Log of the density, below its peak, at which the distribution of the standard error is cut.
_NEGLIGIBLE = -41.0
# Steps of the trapezoidal rule: per SD of log s, and per unit of the normal that is integrated.
_PER_SD, _PER_UNIT = 6.0, 3.0
_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A test at one true effect, which is ``ratio`` of its true standard errors.

    Attributes
    ----------
    ratio : float
    chance : float
        Power: probability that the estimate is significant.
    wrong : float
        Probability that it is significant with the sign opposite to the effect's.
    magnitude : float
        Mean of |estimate| over true standard error where significant, 0 elsewhere.
    """

    ratio: float
    chance: float
    wrong: float
    magnitude: float

    @property
    def type_s(self) -> float:
        """Among significant estimates, the share with the wrong sign."""
        return self.wrong / self.chance

    @property
    def type_m(self) -> float:
        """Among significant estimates, the mean of |estimate| divided by the effect."""
        return self.magnitude / (self.ratio * self.chance)


def detection(ratio: float, *, df: float, level: float) -> Detection:
    """Power and the errors of significant estimates of a two-sided t test.

    Parameters
    ----------
    ratio : float
        Size of the effect over the estimate's true standard error; not negative.
    df : float
        Degrees of freedom, positive; infinite where the standard error is known.
    level : float
        One minus the significance level, in (0, 1).

    Returns
    -------
    Detection

    Notes
    -----
    With Z standard normal and s^2 a chi-squared divided by its df, independent, the estimate over
    its true standard error is Z + r and significant where |Z + r| > c s; t = (Z + r)/s is
    noncentral t, so that without an effect the test rejects at its level. Given s, with k = c s,
    power is Phi(r - k) + Phi(-r - k), the second part of the wrong sign, and the mean of |Z + r|
    where significant phi(r + k) + phi(r - k) + r (Phi(r + k) + Phi(r - k) - 1) (Gelman and Carlin
    2014, Perspectives on Psychological Science 9:641, define Type S and M). Their mean over s is
    taken by the trapezoidal rule in log s, whose error falls exponentially with the step.
    """
    k, weights = _thresholds(ratio, df, level)
    right, wrong = ndtr(ratio - k), ndtr(-ratio - k)
    densities = density(ratio + k) + density(ratio - k)
    magnitude = densities + ratio * (right - wrong)
    return Detection(
        ratio=ratio,
        chance=float(weights @ (right + wrong)),
        wrong=float(weights @ wrong),
        magnitude=float(weights @ magnitude),
    )


@lru_cache(maxsize=256)
def ratio_detected(chance: float, *, df: float, level: float) -> float:
    """Effect, in true standard errors, that the test detects with a given chance.

    Parameters
    ----------
    chance : float
        Power, above the significance level and below one.
    df : float
        As in `detection`; infinite gives the sum of the two normal quantiles, which leaves out
        significant estimates of the wrong sign (1e-6 at a power of 80 %).
    level : float
    """
    if math.isinf(df):
        return NORMAL.inv_cdf(0.5 + level / 2.0) + NORMAL.inv_cdf(chance)
    return least(lambda ratio: detection(ratio, df=df, level=level).chance >= chance, unit=1.0)


def least(enough: Callable[[float], bool], *, unit: float) -> float:
    """Smallest size that is enough, by bisection.

    Parameters
    ----------
    enough : callable
        Whether a size is; once it is, every larger one is, and some size is.
    unit : float
        Size that is tried first.
    """
    low, high = 0.0, unit
    while not enough(high):
        high *= 2.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _thresholds(ratio: float, df: float, level: float) -> tuple[Floats, Floats]:
    """Values of k = c s and their probability weights, shape (n,) each."""
    if math.isinf(df):
        return np.array([NORMAL.inv_cdf(0.5 + level / 2.0)]), np.ones(1)
    c = critical(df, level)
    # In log s, Phi(r - c s) rises within 1/r of where c s = r: nowhere, where c s stays below r
    steepest = min(ratio, c * math.exp(_edge(df, 1.0)))
    s, weights = scales(df, per_sd=_PER_SD, per_unit=_PER_UNIT * steepest)
    return c * s, weights


def scales(df: float, *, per_sd: float, per_unit: float = 0.0) -> tuple[Floats, Floats]:
    """Estimated over true standard error, and the probability weight of each value.

    Parameters
    ----------
    df : float
        Degrees of freedom; infinite gives the one value 1.
    per_sd, per_unit : float
        Least number of steps per SD of log s, and per unit of log s.

    Returns
    -------
    ndarray, ndarray, shape (n,)
        Evenly spaced in log s, for the trapezoidal rule; weights sum to one.
    """
    if math.isinf(df):
        return np.ones(1), np.ones(1)
    low, high = _edge(df, -1.0), _edge(df, 1.0)
    step = 1.0 / max(per_sd * math.sqrt(2.0 * df), per_unit)
    u = step * np.arange(math.floor(low / step), math.ceil(high / step) + 1, dtype=np.float64)
    # log of the density of u = log s, less its value at the peak u = 0
    weights = np.exp(df * (u - np.expm1(2.0 * u) / 2.0))
    return np.exp(u), weights / weights.sum()


def _edge(df: float, direction: float) -> float:
    """Where the density of log s has become negligible, on one side of its peak."""
    u = direction / math.sqrt(2.0 * df)
    while df * (u - math.expm1(2.0 * u) / 2.0) > _NEGLIGIBLE:
        u *= 1.2
    return u


def density(z: Floats) -> Floats:
    """Density of the standard normal distribution."""
    return np.asarray(np.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi))
