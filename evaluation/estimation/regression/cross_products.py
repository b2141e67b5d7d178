"""Cross-products of columns by key in one blocked pass, and whether differences of them cancel.

The pass reads whole columns where they lie and copies one block of rows at a time: a block is
sorted by key while it is in cache, and every run of equal keys is one small matrix product.

Products of weights and respondents' columns are shared by all outcomes: those of one outcome are
the sums over all rows less those over the rows without it. Where the latter have weights or
values far larger than the others', nothing of the others is left of the difference.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evaluation.estimation.arrays import Codes, Flags, Floats

# Rows per block: few enough for a column of them to stay in cache while it is worked on, many
# enough for runs of equal keys to be worth a call each.
_ROWS = 32_768
# Parts that are summed apart and then added in order, whatever the number of workers, so that
# the sums do not depend on it.
_PARTS = 4
_WORKERS = 2


@dataclass(frozen=True, slots=True, eq=False)
class ProductTable:
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
    products : ndarray, shape (K, P, 1 + k, 1 + k + m)
        ``[1, L]' W^p [1, L, R]`` for the powers p = 0, 1, 2; where all weights are one the powers
        are the same, and P is 1.
    absent : ndarray, shape (K, m, P, 1 + k, 1 + k)
        ``[1, L]' W^p [1, L]`` over the rows in which a right column is missing; m is 0 where
        none was looked for.
    squares : ndarray, shape (K, m)
        ``sum of w R^2``; m is 0 likewise.

    Notes
    -----
    Of the rows that have a right column, `products` less `absent` are the sums, but where
    that cancels; see `cancelled`. Sums that were made over those rows alone are `absent` with the
    other sign, beside `products` that hold nothing in the left columns: then nothing cancels.
    """

    products: Floats
    absent: Floats
    squares: Floats

    @property
    def first(self) -> int:
        """Where the first power of the weights stands."""
        return self.products.shape[1] // 2


def cross_products(table: ProductTable, *, missing: str) -> Sums:
    """Collect the cross-products of a table.

    Parameters
    ----------
    table : ProductTable
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
        return _part(table, parts[0], missing)
    with ThreadPoolExecutor(_WORKERS) as pool:
        first, *others = pool.map(lambda part: _part(table, part, missing), parts)
    for other in others:
        np.add(first.products, other.products, out=first.products)
        np.add(first.absent, other.absent, out=first.absent)
        np.add(first.squares, other.squares, out=first.squares)
    return first


def _part(table: ProductTable, starts: range, missing: str) -> Sums:
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
        left=np.empty((0 if table.weights is None else powers, 1 + k, size)),
        right=np.empty((1 + k + m, size)),
        column=np.empty(size),
    )
    buffer.right[0] = 1.0
    for start in starts:
        _block(table, start, sums, buffer.cut(min(size, len(table.key) - start)))
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class _Buffer:
    """``[1, L]' W^p``, shape (3, 1 + k, r), empty without weights; ``[1, L, R]``, (1 + k + m, r).

    column (r,) holds one column on the way.
    """

    left: Floats
    right: Floats
    column: Floats

    def cut(self, rows: int) -> "_Buffer":
        return _Buffer(self.left[..., :rows], self.right[:, :rows], self.column[:rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """A block's r rows by key.

    order (r,) puts them so; keys are those met, lengths their numbers of rows, and edges where
    the run of each begins and the last one ends.
    """

    order: NDArray[np.intp]
    keys: Codes
    edges: Codes
    lengths: Codes

    @classmethod
    def of(cls, key: Codes, n_keys: int) -> "_Runs":
        # Sorting by a key of 16 bits or fewer is a radix sort.
        order = np.argsort(key.astype(np.min_scalar_type(n_keys)), kind="stable")
        key = key.take(order)
        inside = np.flatnonzero(key[1:] != key[:-1]) + 1
        edges = np.concatenate([[0], inside, [len(key)]])
        return cls(order, key.take(edges[:-1]), edges, np.diff(edges))

    def sums(self, values: Floats) -> Floats:
        """Sums by run over the last axis, (..., r)."""
        return np.add.reduceat(values, self.edges[:-1], axis=-1)


def _block(table: ProductTable, start: int, sums: Sums, buffer: _Buffer) -> None:
    """Add one block of rows to the sums."""
    right, k = buffer.right, len(table.left)
    part = slice(start, start + right.shape[1])
    runs = _Runs.of(table.key[part], table.n_keys)
    shift = table.shift.take(runs.keys, axis=1)
    for column, values in enumerate(table.left, start=1):
        _take(table, values, part, runs.order, by_way_of=buffer.column, out=right[column])
        right[column] -= np.repeat(shift[column - 1], runs.lengths)
    left = right[None, : 1 + k]
    if table.weights is not None:
        left, weights = buffer.left, buffer.left[1, 0]
        _take(table, table.weights, part, runs.order, by_way_of=buffer.column, out=weights)
        left[0] = right[: 1 + k]
        np.multiply(left[0, 1:], weights, out=left[1, 1:])
        np.multiply(left[1], weights, out=left[2])
    # One column after the other: what is done to it is done while it is in cache.
    for column, values in enumerate(table.right):
        own = right[1 + k + column]
        _take(table, values, part, runs.order, by_way_of=buffer.column, out=own)
        own -= np.repeat(shift[k + column], runs.lengths)
        if sums.squares.shape[1]:
            _add_absent(sums, column, own, runs, left)
            np.square(own, out=buffer.column)
            if table.weights is not None:
                np.multiply(buffer.column, left[1, 0], out=buffer.column)
            sums.squares[runs.keys, column] += runs.sums(buffer.column)
    sums.products[runs.keys] += _by_run(left, right, runs)


def _by_run(left: Floats, right: Floats, runs: _Runs) -> Floats:
    """``L' W^p R`` of each run of rows, shape (runs, P, 1 + k, 1 + k + m)."""
    powers, width = left.shape[:2]
    shape = (len(runs.keys), powers, width, len(right))
    if powers == width == 1:
        return runs.sums(right).T.reshape(shape)
    # A matrix times its own transpose takes half the products of any other, so that more of them
    # than are needed cost nothing while the right columns are no more than the left ones.
    own = powers == 1 and len(right) <= 2 * width
    flat = right if own else left.reshape(powers * width, -1)
    found = np.empty((len(runs.keys), len(flat), len(right)))
    for product, (low, high) in zip(found, pairwise(runs.edges.tolist()), strict=True):
        np.matmul(flat[:, low:high], right[:, low:high].T, out=product)
    return found[:, : powers * width].reshape(shape)


def _take(
    table: ProductTable,
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


def _add_absent(sums: Sums, column: int, values: Floats, runs: _Runs, left: Floats) -> None:
    """Set missing values to nothing, and add the cross-products of the rows that miss them."""
    rows = np.flatnonzero(~np.isfinite(values))
    if not len(rows):
        return
    values[rows] = 0.0
    edges = np.searchsorted(rows, runs.edges)
    met = np.flatnonzero(np.diff(edges))
    width = left.shape[1]
    gathered = left.reshape(len(left) * width, -1).take(rows, axis=1)
    if width == 1:
        found = np.add.reduceat(gathered, edges[met], axis=1)
        sums.absent[runs.keys[met], column, :, 0, 0] += found.T
        return
    for run in met:
        some = gathered[:, edges[run] : edges[run + 1]]
        product = some @ some[:width].T
        sums.absent[runs.keys[run], column] += product.reshape(len(left), width, width)


# Share of a sum that must be left for a difference to keep 12 of its 16 digits.
_LITTLE = 1e-4


def cancelled(sums: Sums, *, numbers: Sequence[int]) -> Flags:
    """Right columns of which `products` less `absent` keeps too few digits in some cluster.

    Parameters
    ----------
    sums : Sums
        Keys 2 g and 2 g + 1 are the rounds of cluster g, with the same shift.
    numbers : sequence of int
        Left columns that are numbers; those of 0 and 1 cannot be large.

    Returns
    -------
    ndarray of bool, shape (m,)

    Notes
    -----
    The difference cancels where little is left, in a round, of the number of rows, of the weights,
    of their squares or of a column's squares; and values lie far from what they are less of where
    little is left of a column's squares around its own mean.
    """
    columns = [0, *(1 + j for j in numbers)]
    products, absent, first = sums.products[:, None], sums.absent, sums.first
    squares = products[..., columns, columns]
    kept = squares - absent[..., columns, columns]
    # numbers of rows are exact; a cluster that is not in both rounds is left out
    used = kept[:, :, 0, 0] > 0.0
    cancels = np.asarray((kept < _LITTLE * squares).any(axis=(2, 3)))
    total = products[:, :, first, 0, columns] - absent[:, :, first, 0, columns]
    size, total = (values[0::2] + values[1::2] for values in (kept[:, :, first], total))
    weight = np.maximum(total[..., :1], np.finfo(np.float64).tiny)
    around = size[..., 1:] - total[..., 1:] ** 2 / weight
    far = (around < _LITTLE * size[..., 1:]).any(axis=2)
    lost = (cancels[0::2] | cancels[1::2] | far) & used[0::2] & used[1::2]
    return np.asarray(lost.any(axis=0))
