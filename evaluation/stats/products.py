"""Cross-products of columns by key, in one blocked pass over the rows.

The pass reads whole columns where they lie and copies one block of rows at a time: a block is
sorted by key while it is in cache, and every run of equal keys is one small matrix product.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Rows per block: small enough for a block and its weighted copies to stay in cache.
_ROWS = 16_384
# Parts that are summed apart and then added in order, whatever the number of workers, so that
# the sums do not depend on it.
_PARTS = 4
_WORKERS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns to be multiplied with each other.

    Attributes
    ----------
    left : sequence of k arrays, shape (N,)
        Columns that stand on both sides of the products; no value is missing in the rows used.
    right : sequence of m arrays, shape (N,)
        Columns that stand on the right only.
    weights : ndarray, shape (N,), optional
        None where all are one: then their powers are the same, and multiplied once.
    key : ndarray of int, shape (n,)
        Group of each row that is used, from 0 to n_keys - 1.
    n_keys : int
    shift : ndarray, shape (k + m, n_keys)
        Subtracted from the columns of a key's rows, so that large levels cannot cancel the
        variation around them.
    rows : ndarray of int, shape (n,), optional
        The rows that are used; None means all N.
    """

    left: Sequence[Floats]
    right: Sequence[Floats]
    weights: Floats | None
    key: Codes
    n_keys: int
    shift: Floats
    rows: Codes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Cross-products by key, missing values of right columns counted as nothing.

    Attributes
    ----------
    products : ndarray, shape (K, 3, 1 + k, 1 + k + m)
        ``[1, L]' W^p [1, L, R]`` for p = 0, 1, 2.
    absent : ndarray, shape (K, m, 3, 1 + k, 1 + k)
        ``[1, L]' W^p [1, L]`` over the rows in which a right column is missing; m is 0 where
        none was looked for.
    squares : ndarray, shape (K, m)
        ``sum of w R^2``; m is 0 likewise.

    Notes
    -----
    Of the rows that have a right column, `products` less `absent` are the sums, but where
    that cancels; see `resummed`.
    """

    products: Floats
    absent: Floats
    squares: Floats


def cross_products(table: Table, *, missing: str) -> Sums:
    """Collect the cross-products of a table.

    Parameters
    ----------
    table : Table
    missing : {"none", "allowed"}
        Whether right columns may hold NaN or infinities, which count as missing. Where they may
        not, `absent` and `squares` are left empty.

    Returns
    -------
    Sums

    Notes
    -----
    O(n k (k + m)) time. Sums are taken block by block within four fixed parts of the rows, two
    parts at a time, and added in order: identical for any number of workers.
    """
    blocks = range(0, len(table.key), _ROWS)
    per_part = max(1, -(-len(blocks) // _PARTS))
    parts = [blocks[i : i + per_part] for i in range(0, len(blocks), per_part)] or [blocks]
    if len(parts) == 1:
        return _for_every_power(_part(table, parts[0], missing))
    with ThreadPoolExecutor(_WORKERS) as pool:
        first, *others = pool.map(lambda part: _part(table, part, missing), parts)
    for other in others:
        np.add(first.products, other.products, out=first.products)
        np.add(first.absent, other.absent, out=first.absent)
        np.add(first.squares, other.squares, out=first.squares)
    return _for_every_power(first)


def _for_every_power(sums: Sums) -> Sums:
    """The sums with an axis of three powers of the weights, of which one was collected if equal."""
    products, absent = sums.products, sums.absent
    return Sums(
        products=np.broadcast_to(products, (len(products), 3, *products.shape[2:])),
        absent=np.broadcast_to(absent, (*absent.shape[:2], 3, *absent.shape[3:])),
        squares=sums.squares,
    )


def _part(table: Table, starts: range, missing: str) -> Sums:
    k, m, powers = len(table.left), len(table.right), 1 if table.weights is None else 3
    watched = m if missing == "allowed" else 0
    sums = Sums(
        products=np.zeros((table.n_keys, powers, 1 + k, 1 + k + m)),
        absent=np.zeros((table.n_keys, watched, powers, 1 + k, 1 + k)),
        squares=np.zeros((table.n_keys, watched)),
    )
    size = min(_ROWS, len(table.key))
    # The same memory for all blocks: fresh memory costs more than the arithmetic.
    buffer = _Buffer(
        left=np.empty((powers, 1 + k, size)),
        right=np.empty((1 + k + m, size)),
        squares=np.empty((watched, size)),
        column=np.empty(size),
    )
    buffer.right[0] = 1.0
    for start in starts:
        _block(table, start, sums, buffer.cut(min(size, len(table.key) - start)))
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class _Buffer:
    """``[1, L]' W^p`` (p, 1 + k, r), ``[1, L, R]`` (1 + k + m, r) and ``w R^2`` (m, r).

    column (r,) holds one column's rows before they are put in order.
    """

    left: Floats
    right: Floats
    squares: Floats
    column: Floats

    def cut(self, rows: int) -> "_Buffer":
        return _Buffer(
            self.left[..., :rows], self.right[:, :rows], self.squares[:, :rows], self.column[:rows]
        )


def _block(table: Table, start: int, sums: Sums, buffer: _Buffer) -> None:
    """Add one block of rows to the sums."""
    left, right, k = buffer.left, buffer.right, len(table.left)
    part = slice(start, start + right.shape[1])
    # Sorting by a key of 16 bits or fewer is a radix sort.
    order = np.argsort(table.key[part].astype(np.min_scalar_type(table.n_keys)), kind="stable")
    key = table.key[part].take(order)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1, [len(key)]])
    runs = key[edges[:-1]]
    for column, values in enumerate((*table.left, *table.right), start=1):
        _take(table, values, part, order, by_way_of=buffer.column, out=right[column])
        right[column] -= table.shift[column - 1].take(key)
    left[0] = right[: 1 + k]
    if table.weights is not None:
        weights = np.empty(len(key))
        _take(table, table.weights, part, order, by_way_of=buffer.column, out=weights)
        np.multiply(left[0], weights, out=left[1])
        np.multiply(left[1], weights, out=left[2])
    if len(buffer.squares):
        _add_absent(sums, right[1 + k :], key, left)
        np.square(right[1 + k :], out=buffer.squares)
        if table.weights is not None:
            np.multiply(buffer.squares, left[1, 0], out=buffer.squares)
        sums.squares[runs] += np.add.reduceat(buffer.squares, edges[:-1], axis=1).T
    flat = left.reshape(len(left) * (1 + k), -1)
    for run, (low, high) in zip(runs.tolist(), pairwise(edges.tolist()), strict=True):
        product = flat[:, low:high] @ right[:, low:high].T
        sums.products[run] += product.reshape(sums.products.shape[1:])


def _take(
    table: Table,
    values: Floats,
    part: slice,
    order: NDArray[np.intp],
    *,
    by_way_of: Floats,
    out: Floats,
) -> None:
    """Values of one block of the rows that are used, in the order of their keys.

    First as they lie: memory is read in order three times as fast as by jumps, which cost little
    within the cache. Nothing is out of range, so "clip" only says to write into `out` directly.
    """
    if table.rows is None:
        by_way_of[:] = values[part]
    else:
        values.take(table.rows[part], out=by_way_of, mode="clip")
    by_way_of.take(order, out=out, mode="clip")


def _add_absent(sums: Sums, right: Floats, key: Codes, left: Floats) -> None:
    """Set missing values to nothing, and add the cross-products of the rows that miss them."""
    column, row = np.divmod(np.flatnonzero(~np.isfinite(right)), len(key))
    if not len(row):
        return
    right[column, row] = 0.0
    group = column * len(sums.squares) + key.take(row)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1, [len(group)]])
    columns, keys = np.divmod(group[edges[:-1]], len(sums.squares))
    width = left.shape[1]
    gathered = left.reshape(len(left) * width, -1).take(row, axis=1)
    if width == 1:
        sums.absent[keys, columns, :, 0, 0] += np.add.reduceat(gathered, edges[:-1], axis=1).T
        return
    for i, (low, high) in enumerate(pairwise(edges.tolist())):
        product = gathered[:, low:high] @ gathered[:width, low:high].T
        sums.absent[keys[i], columns[i]] += product.reshape(len(left), width, width)
