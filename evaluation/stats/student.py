"""Student's t as tests and intervals ask for it, and the normal distribution."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

NORMAL = NormalDist()


def two_sided(df: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
    """Probability that T of Student's t distribution is at least as far from zero as t.

    Parameters
    ----------
    df : float or ndarray
        Degrees of freedom, positive; not necessarily whole.
    t : float or ndarray
    """
    return np.asarray(2.0 * stdtr(df, -np.abs(t)))


def critical(df: float, level: float) -> float:
    """The t with P(|T| <= t) = level, for a level in (0, 1)."""
    return float(stdtrit(df, 0.5 + level / 2.0))
