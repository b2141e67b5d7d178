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
    """Products of some keys, ``keys`` (c,), shape (c, P, 1 + k, 2 + k), for one outcome."""

    keys: Codes
    products: Floats


def resummed(table: Table, sums: Sums, *, numbers: Sequence[int]) -> dict[int, Resummed]:
    """Sum again the clusters of which too little is left.

    Parameters
    ----------
    table : Table
        Keys 2 g and 2 g + 1 are the rounds of cluster g, with the same shift.
    sums : Sums
        Of the table.
    numbers : sequence of int
        Left columns that are numbers; those of 0 and 1 cannot be large.

    Returns
    -------
    dict of int to Resummed
        By right column, products around a point of the cluster's own rows that have it; none
        where all is well.
    """
    lost = _lost(sums, [0, *(1 + j for j in numbers)])
    return {
        int(column): _again(table, int(column), np.repeat(lost[:, column], 2), numbers)
        for column in np.flatnonzero(lost.any(axis=0))
    }


def _again(table: Table, column: int, lost: Flags, numbers: Sequence[int]) -> Resummed:
    """Sums of the keys that are lost, over the rows that have one right column."""
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


def _lost(sums: Sums, columns: list[int]) -> Flags:
    """Clusters in which a difference cancels, or values lie far from what they are less of.

    The first is so where little is left, in a round, of the number of rows, of the weights, of
    their squares or of a column's squares; the second where little is left of a column's squares
    around its own mean. Shape (G, m).
    """
    products, absent, first = sums.products[:, None], sums.absent, sums.first
    squares = products[..., columns, columns]
    kept = squares - absent[..., columns, columns]
    cancels = np.asarray((kept < _LITTLE * squares).any(axis=(2, 3)))
    size = _by_cluster(kept[:, :, first])
    total = _by_cluster(products[:, :, first, 0, columns] - absent[:, :, first, 0, columns])
    weight = np.maximum(total[..., :1], np.finfo(np.float64).tiny)
    around = size[..., 1:] - total[..., 1:] ** 2 / weight
    far = (around < _LITTLE * size[..., 1:]).any(axis=2)
    return np.asarray(cancels[0::2] | cancels[1::2] | far)


def _by_cluster(values: Floats) -> Floats:
    return np.asarray(values[0::2] + values[1::2])
