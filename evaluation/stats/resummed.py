"""Sums over the rows with one outcome alone, where taking rows away from all rows would cancel.

Products of weights and respondents' columns are shared by all outcomes: those of one outcome are
the sums over all rows less those over the rows without it. Where the latter have weights or
values far larger than the others', nothing of the others is left of the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.products import Sums, Table, cross_products

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Share of a sum that must be left for a difference to keep 12 of its 16 digits.
_LITTLE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Resummed:
    """Products of some keys, ``keys`` (c,), shape (c, 3, 1 + k, 2 + k), for one outcome."""

    keys: Codes
    products: Floats


def resummed(table: Table, sums: Sums, column: int, *, numbers: Sequence[int]) -> Resummed | None:
    """Sum again the clusters of which too little is left.

    Parameters
    ----------
    table : Table
        Keys 2 g and 2 g + 1 are the rounds of cluster g, with the same shift.
    sums : Sums
        Of the table.
    column : int
        The outcome's position among the right columns.
    numbers : sequence of int
        Left columns that are numbers; those of 0 and 1 cannot be large.

    Returns
    -------
    Resummed or None
        Products around a point of the cluster's own rows with the outcome; None where all is well.
    """
    lost = np.repeat(_lost(sums, column, [0, *(1 + j for j in numbers)]), 2)
    if not lost.any():
        return None
    rows = np.arange(len(table.key)) if table.rows is None else table.rows
    used = lost.take(table.key) & np.isfinite(table.right[column].take(rows))
    keys, k = np.flatnonzero(lost), len(table.left)
    key, rows = (np.cumsum(lost) - 1).take(table.key[used]), rows[used]
    shift = table.shift[[*range(k), k + column]][:, keys]
    for j in numbers:
        # Backwards, so that the first row is what stays.
        own = np.zeros(len(keys) // 2)
        own[key[::-1] // 2] = table.left[j].take(rows[::-1])
        shift[j] = np.repeat(own, 2)
    alone = Table(
        left=table.left,
        right=[table.right[column]],
        weights=table.weights,
        key=key,
        n_keys=len(keys),
        shift=shift,
        rows=rows,
    )
    return Resummed(keys, cross_products(alone, missing="none").products)


def _lost(sums: Sums, column: int, columns: list[int]) -> Flags:
    """Clusters in which a difference cancels, or values lie far from what they are less of.

    The first is so where little is left, in a round, of the number of rows, of the weights, of
    their squares or of a column's squares; the second where little is left of a column's squares
    around its own mean. Shape (G,).
    """
    places = np.ix_(range(len(sums.products)), range(3), columns, columns)
    total = sums.products[places]
    left = total - sums.absent[:, column][places]
    squares, kept = (np.einsum("kpii->kpi", each) for each in (total, left))
    cancels = (kept < _LITTLE * squares).any(axis=(1, 2)).reshape(-1, 2).any(axis=1)
    pooled = left[:, 1].reshape(-1, 2, *left.shape[2:]).sum(axis=1)
    size = np.einsum("gii->gi", pooled)[:, 1:]
    weight = np.maximum(pooled[:, :1, 0], np.finfo(np.float64).tiny)
    around = size - pooled[:, 0, 1:] ** 2 / weight
    return np.asarray(cancels | (around < _LITTLE * size).any(axis=1))
