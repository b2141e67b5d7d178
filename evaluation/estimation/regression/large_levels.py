"""Columns whose level is much larger than their spread, such as years or populations."""

import numpy as np

from evaluation.estimation.arrays import Floats

# A level this many times the spread costs four of sixteen digits.
_FAR = 100.0


def is_far(level: float, spread: float) -> bool:
    """Whether a column's level is so large that a regression with a constant is to be without it.

    Parameters
    ----------
    level, spread : float
        Mean and standard deviation of the column. One that is constant keeps its level, and is
        refused as such.
    """
    return spread > 0.0 and abs(level) > _FAR * spread


def less_level(values: Floats) -> Floats:
    """A column less its mean where that is large, and as it is elsewhere.

    Only the constant of a regression changes, or the effects in its place.

    Parameters
    ----------
    values : ndarray, shape (n,)
    """
    # what is infinite is refused with the other columns
    with np.errstate(invalid="ignore"):
        level, spread = float(values.mean()), float(values.std())
    return values - level if is_far(level, spread) else values
