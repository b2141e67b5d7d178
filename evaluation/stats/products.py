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
    weights : ndarray, shape (N,)
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
    weights: Floats
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
    per_part = -(-len(blocks) // _PARTS)
    parts = [blocks[i : i + per_part] for i in range(0, len(blocks), per_part)]
    if len(parts) == 1:
        return _part(table, parts[0], missing)
    with ThreadPoolExecutor(_WORKERS) as pool:
        first, *others = pool.map(lambda part: _part(table, part, missing), parts)
    for other in others:
        np.add(first.products, other.products, out=first.products)
        np.add(first.absent, other.absent, out=first.absent)
        np.add(first.squares, other.squares, out=first.squares)
    return first


def _part(table: Table, starts: range, missing: str) -> Sums:
    k, m = len(table.left), len(table.right)
    watched = m if missing == "allowed" else 0
    sums = Sums(
        products=np.zeros((table.n_keys, 3, 1 + k, 1 + k + m)),
        absent=np.zeros((table.n_keys, watched, 3, 1 + k, 1 + k)),
        squares=np.zeros((table.n_keys, watched)),
    )
    size = min(_ROWS, len(table.key))
    # The same memory for all blocks: fresh memory costs more than the arithmetic.
    buffer = _Buffer(
        left=np.ones((3, 1 + k, size)),
        right=np.ones((1 + k + m, size)),
        squares=np.empty((watched, size)),
    )
    for start in starts:
        _block(table, start, sums, buffer.cut(min(size, len(table.key) - start)))
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class _Buffer:
    """``[1, L]' W^p`` (3, 1 + k, r), ``[1, L, R]`` (1 + k + m, r) and ``w R^2`` (m, r)."""

    left: Floats
    right: Floats
    squares: Floats

    def cut(self, rows: int) -> "_Buffer":
        return _Buffer(self.left[..., :rows], self.right[:, :rows], self.squares[:, :rows])


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
        right[column] = _taken(table, values, part, order)
        right[column] -= table.shift[column - 1].take(key)
    weights = _taken(table, table.weights, part, order)
    left[0] = right[: 1 + k]
    np.multiply(left[0], weights, out=left[1])
    np.multiply(left[1], weights, out=left[2])
    if len(buffer.squares):
        _add_absent(sums, right[1 + k :], key, left)
        np.square(right[1 + k :], out=buffer.squares)
        np.multiply(buffer.squares, weights, out=buffer.squares)
        sums.squares[runs] += np.add.reduceat(buffer.squares, edges[:-1], axis=1).T
    flat = left.reshape(3 * (1 + k), -1)
    for run, (low, high) in zip(runs.tolist(), pairwise(edges.tolist()), strict=True):
        product = flat[:, low:high] @ right[:, low:high].T
        sums.products[run] += product.reshape(sums.products.shape[1:])


def _taken(table: Table, values: Floats, part: slice, order: NDArray[np.intp]) -> Floats:
    """Values of one block of the rows that are used, in the order of their keys."""
    if table.rows is None:
        return values[part].take(order)
    return values.take(table.rows[part].take(order))


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
    gathered = left.reshape(3 * width, -1).take(row, axis=1)
    if width == 1:
        sums.absent[keys, columns, :, 0, 0] += np.add.reduceat(gathered, edges[:-1], axis=1).T
        return
    for i, (low, high) in enumerate(pairwise(edges.tolist())):
        product = gathered[:, low:high] @ gathered[:width, low:high].T
        sums.absent[keys[i], columns[i]] += product.reshape(3, width, width)
