"""Draws whose error is an exact zero, or nearly: told from rounding before any p-value is made.

In matched pairs a draw that flips one cluster of every pair moves nothing: numerator and error are
exact zeros, and what sums over clusters leave of them is rounding, which would decide by the order
of rows and by units whether the draw is extreme. Such draws are made anew from the errors of
single clusters, and zeros are told by the size of the terms that cancel in them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

# What must be left of a sum of squares when its terms cancel: a smaller share is made anew, so
# that the squared t of the other draws keeps 11 digits, one more than ties need.
_LEFT = 1e-4
# Share of the sizes of the terms that cancel, up to which what is left is rounding of zero: the
# line of `fit.check_residuals`.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large numerators and errors of clusters are before anything cancels.

    Attributes
    ----------
    numerator : ndarray, shape (2,)
        Of n0 and n1.
    error : ndarray, shape (2,)
        Root of the sum of squares, over clusters, of z0 and of z1.
    """

    numerator: Floats
    error: Floats


def settle(
    numerator: Floats,
    squared_error: Floats,
    uncancelled: Floats,
    *,
    errors: Callable[[Positions], Floats],
    sizes: Sizes,
) -> None:
    """Make the five numbers of draws near a zero error anew, in place.

    Parameters
    ----------
    numerator : ndarray, shape (2, B)
        n0, n1 of `Distribution`.
    squared_error : ndarray, shape (3, B)
        d0, d1, d2: sums over clusters of z0^2, 2 z0 z1 and z1^2.
    uncancelled : ndarray, shape (2, B) or (2, 1)
        What d0 and d2 would be if nothing cancelled.
    errors : callable
        Positions of n draws to z0 and z1 of every cluster, shape (2, G, n).
    sizes : Sizes

    Notes
    -----
    Under a null at distance d the numerator is n0 - d n1 and the error sum (z0 - d z1)^2, which can
    only be zero where z0 = c z1. Up to rounding: (1) z0 = z1 = 0, and d0 = d1 = d2 = 0, which is
    extreme at every null; (2) z1 = 0, and d1 = d2 = 0; (3) z0 = c z1 and n0 = c n1, and t* is
    n1/sqrt(d2) at every null but c, where it is 0/0, and at c by continuity; (4) z0 = c z1 alone,
    and the error is d2 (c - d)^2.
    """
    d0, d1, d2 = squared_error
    determinant = d0 * d2 - d1**2 / 4.0
    near = (d0 <= _LEFT * uncancelled[0]) | (d2 <= _LEFT * uncancelled[1])
    near |= determinant <= _LEFT * d0 * d2
    few = np.flatnonzero(near)
    if not len(few):
        return
    numerator[:, few], squared_error[:, few] = _settled(numerator[:, few], errors(few), sizes)


def _settled(numerator: Floats, errors: Floats, sizes: Sizes) -> tuple[Floats, Floats]:
    """Numerators (2, n) and squared errors (3, n) of some draws, from the errors (2, G, n)."""
    line, top_line = _ROUNDING * sizes.error, _ROUNDING * sizes.numerator
    length = np.sqrt(np.einsum("kgn,kgn->kn", errors, errors))
    zero, one = np.where(length[:, None] > line[:, None, None], errors, 0.0)
    n0, n1 = np.where(np.abs(numerator) > top_line[:, None], numerator, 0.0)
    d0, d1, d2 = (np.einsum("gn,gn->n", a, b) for a, b in ((zero, zero), (zero, one), (one, one)))
    moves = d2 > 0.0
    ratio = np.divide(d1, d2, out=np.zeros_like(d1), where=moves)
    rest = np.linalg.norm(zero - ratio * one, axis=0)
    alike = moves & (rest <= line[0] + np.abs(ratio) * line[1])
    both = alike & (np.abs(n0 - ratio * n1) <= top_line[0] + np.abs(ratio) * top_line[1])
    d0, d1 = np.where(alike, ratio**2 * d2, d0), 2.0 * np.where(alike, ratio * d2, d1)
    top, bottom = np.stack([n0, n1]), np.stack([d0, d1, d2])
    top[:, both], bottom[:, both] = 0.0, 0.0
    top[0, both], bottom[0, both] = n1[both], d2[both]
    return top, bottom
