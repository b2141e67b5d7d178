"""An error of exactly zero told from rounding: in regressions and in bootstrap draws.

In matched pairs a draw that flips one cluster of every pair moves nothing: numerator and error are
exact zeros, and what sums over clusters leave of them is rounding, which would decide by the order
of rows and by units whether the draw is extreme. Such draws are made anew from the errors of
single clusters, and zeros are told by the size of the terms that cancel in them.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.cluster_blocks import Blocks

# Sets of units that are tried.
_TRIED = 3
_SEED = 2_021
_EPSILON = float(np.finfo(np.float64).eps)
# Times its own size up to which what a product lost to its cluster's mean is left out: it is then
# not above the rounding of any sum.
_MORE = 100.0


def rounded_anew(blocks: Blocks, column: str) -> Iterator[tuple[Blocks, float]]:
    """Blocks of the same regression in other units, so that every product is rounded differently.

    Parameters
    ----------
    blocks : Blocks
    column : str
        Regressor whose coefficient is looked at.

    Yields
    ------
    Blocks
        Columns in units between 1 and 2, weights times a number between 1 and 2, and in each
        cluster, where it is large, the rounding that was made before: products of deviations from
        a weighted mean cancel where a few rows hold nearly all weight.
    float
        Its coefficient and standard error times this are those of the blocks given.

    Notes
    -----
    Random units, the same in every run, give rounding errors of their own in all that follows, so
    that what two results differ by is about what each is wrong by (Chaitin-Chatelin and Fraysse
    1996, Lectures on Finite Precision Computations, ch. 4, on such perturbations).
    """
    source = np.random.Generator(np.random.Philox(_SEED))
    width, height = blocks.products.shape[2:]
    early = _EPSILON * _cancelled(blocks)
    for _ in range(_TRIED):
        unit = np.ones(height)
        unit[1:width] = source.uniform(1.0, 2.0, width - 1)
        weight = source.uniform(1.0, 2.0) ** np.arange(3.0)
        sign = source.choice([-1.0, 1.0], size=(3, len(blocks.clusters), 1, 1))
        factor = weight[:, None, None, None] * unit[:width, None] * unit
        products = (blocks.products + sign * early) * factor
        yield (
            dataclasses.replace(blocks, products=products),
            float(unit[1 + blocks.position(column)]),
        )


def _cancelled(blocks: Blocks) -> Floats:
    """Size of the products before they became deviations, where much is gone; else zero.

    A column's deviation of one row is at most the root of its unweighted squares, and so is the
    mean that it was less of; alike columns get alike errors, with the sign of their product.
    """
    products, width = blocks.products, blocks.products.shape[2]
    if blocks.absorb != "cluster":
        return np.zeros_like(products)
    root = np.sqrt(np.abs(np.einsum("kgii->kgi", products[..., :width])))
    root[:, :, 0] = 0.0
    whole, own = _with_outcomes(root[0], products[0]), _with_outcomes(root, products)
    size = (products[:, :, 0, 0] / blocks.counts)[:, :, None, None] * root[0][:, :, None]
    size = size * whole[:, None]
    large = size > _MORE * root[..., None] * own[..., None, :]
    return np.asarray(np.where(large, np.where(products[0] < 0.0, -size, size), 0.0))


def _with_outcomes(root: Floats, products: Floats) -> Floats:
    """Lengths of the columns, and at least that of each outcome: its part within each column."""
    width = products.shape[-2]
    safe = np.where(root > 0.0, root, np.inf)[..., None]
    outcome = (np.abs(products[..., width:]) / safe).max(axis=-2)
    return np.concatenate([root, outcome], axis=-1)


Positions = NDArray[np.intp]

# What must be left of a sum of squares when its terms cancel: a smaller share is made anew, so
# that the squared t of the other draws keeps 11 digits, one more than ties need.
_LEFT = 1e-4
# Share of the sizes of the terms that cancel, up to which what is left is rounding of zero: the
# line of `fit.check_residuals`.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class ClusterMagnitudes:
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
    sizes: ClusterMagnitudes,
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
    sizes : ClusterMagnitudes

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


def _settled(numerator: Floats, errors: Floats, sizes: ClusterMagnitudes) -> tuple[Floats, Floats]:
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
