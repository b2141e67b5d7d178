"""The same cross-products, rounded anew: what changes with them has no digits."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.blocks import Blocks

Floats = NDArray[np.float64]

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
