"""Intervals of the yardsticks: how much larger or smaller each may be by chance."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from evaluation.stats import student

Floats = NDArray[np.float64]
Ends = tuple[float, float]


def spread_ends(spread: float, places: int, level: float) -> Ends:
    """Interval of a standard deviation between places.

    Parameters
    ----------
    spread : float
        Standard deviation over the places, divisor places - 1; positive.
    places : int
        2 or more.
    level : float
        Such as 0.95.

    Notes
    -----
    (S - 1) s^2 / sigma^2 is chi-squared with S - 1 degrees of freedom where the places' mean
    changes are draws from one normal distribution.
    """
    df = places - 1
    tail = (1.0 - level) / 2.0
    low, high = (df / float(chdtri(df, p)) for p in (tail, 1.0 - tail))
    return spread * math.sqrt(low), spread * math.sqrt(high)


def less_chance(ends: Ends, noise: Floats) -> Ends:
    """Both ends without the mean squared standard error of the places, never under 0."""
    chance = float(np.mean(noise**2))
    low, high = (math.sqrt(max(0.0, end**2 - chance)) for end in ends)
    return low, high


def drift_ends(treated: Floats, comparison: Floats, level: float) -> Ends | None:
    """Interval of the size of a difference of means; None where a group has a single cluster.

    Parameters
    ----------
    treated, comparison : ndarray, shape (clusters of the group,)
        A value per cluster.
    level : float
        Such as 0.95.

    Returns
    -------
    tuple of float or None
        Least and largest absolute value in Welch's interval: 0 where it holds zero.
    """
    if min(len(treated), len(comparison)) < 2:
        return None
    parts = [float(x.var(ddof=1)) / len(x) for x in (treated, comparison)]
    if not sum(parts) > 0.0:
        return None
    freedom = sum(p**2 / (len(x) - 1) for p, x in zip(parts, (treated, comparison), strict=True))
    half = student.critical(sum(parts) ** 2 / freedom, level) * math.sqrt(sum(parts))
    size = abs(float(treated.mean() - comparison.mean()))
    return max(0.0, size - half), size + half
