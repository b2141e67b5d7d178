"""Cross-products per cluster: the only statistics that every inference method here needs.

One blocked pass over the rows collects, for each cluster g and each power k of the weights,
``[1, X_g]' W_g^k [1, X_g, y_g]``. After that the number of rows plays no part any more.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.regression.cross_products import ProductTable, cross_products
from evaluation.estimation.regression.rows import encode
from evaluation.locale.messages import Message, message, several

Absorb = Literal["cluster", "none"]
Order = Literal["C", "F"]

# Smallest share of a column's own sum of squares that must be left after the columns before it:
# a relative standard deviation of 1e-5, far above rounding (about 1e-15), far below real columns.
_COLLINEAR = 1e-10
# The same after removing the cluster effects; a column constant within clusters leaves exactly 0.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True)
class Blocks:
    """Cross-products of one regression, by cluster; or of many data sets with the same clusters.

    Many data sets are m outcomes on the same rows, or C designs with an outcome each. Whatever is
    made of them then has a first axis of length m, or C, that one data set has not.

    Attributes
    ----------
    clusters : tuple of str
        The G cluster ids, sorted; every array with a G axis follows this order.
    columns : tuple of str
        Names of the q regressors.
    absorb : {"cluster", "none"}
        Whether cluster effects have been removed from X and y.
    counts : ndarray, shape (G,)
        Rows per cluster.
    products : ndarray, shape (3, G, 1 + q, 1 + q + m) or (C, 3, G, 1 + q, 2 + q)
        ``[1, X]' W^k [1, X, y]`` for k = 0, 1, 2 and m outcomes; X and y are deviations from the
        weighted cluster means when cluster effects are absorbed.
    """

    clusters: tuple[str, ...]
    columns: tuple[str, ...]
    absorb: Absorb
    counts: Codes
    products: Floats

    def __reduce__(self) -> tuple[Any, ...]:
        # for another process: of a design with many indicators nearly all products are zeros
        order: Order = "F" if self.products.flags.fnc else "C"
        bits = self.products.ravel(order).view(np.int64)
        there = np.flatnonzero(bits)
        kept = (self.clusters, self.columns, self.absorb, self.counts)
        return _sent, (kept, (self.products.shape, order), there, bits[there])

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    def xx(self, power: int = 1) -> Floats:
        """``X_g' W_g^power X_g``, shape (..., G, q, q)."""
        width = 1 + len(self.columns)
        return self.products[..., power, :, 1:, 1:width]

    def xy(self, power: int = 1) -> Floats:
        """``X_g' W_g^power y_g``, shape (..., G, q); the first axis is that of the outcomes."""
        own = self.products[..., power, :, 1:, 1 + len(self.columns) :]
        return own[..., 0] if own.shape[-1] == 1 else np.moveaxis(own, -1, 0).copy()

    def mixed(self, mixing: Floats, columns: Sequence[str]) -> "Blocks":
        """Regressions on mixtures of the columns, other ones in every cluster and data set.

        Parameters
        ----------
        mixing : ndarray, shape (..., G, q, p)
            T_g, which makes X_g T_g of a cluster's columns: it may say which treatments the
            cluster has, times a column of its own. No row is touched.
        columns : sequence of p str
            Names of the mixtures.
        """
        width = 1 + len(self.columns)
        bordered = np.zeros((*mixing.shape[:-2], width, 1 + len(columns)))
        bordered[..., 0, 0] = 1.0
        bordered[..., 1:, 1:] = mixing
        right = bordered[..., None, :, :, :]
        left = np.swapaxes(right, -1, -2) @ self.products
        products = np.concatenate([left[..., :width] @ right, left[..., width:]], axis=-1)
        return Blocks(self.clusters, tuple(columns), self.absorb, self.counts, products)

    def position(self, column: str) -> int:
        """Position of a regressor.

        Raises
        ------
        EstimationError
            The regression has no such column.
        """
        if column not in self.columns:
            raise EstimationError.of(
                "regression-no",
                "ask-one-columns",
                "regression",
                column=repr(column),
                columns=", ".join(self.columns),
            )
        return self.columns.index(column)


def _sent(
    kept: tuple[tuple[str, ...], tuple[str, ...], Absorb, Codes],
    layout: tuple[tuple[int, ...], Order],
    there: Codes,
    bits: Codes,
) -> Blocks:
    """Blocks from the products that are not zero, to the bit and in the same order in memory."""
    shape, order = layout
    every = np.zeros(math.prod(shape), dtype=np.int64)
    every[there] = bits
    return Blocks(*kept, every.view(np.float64).reshape(shape, order=order))


def accumulate(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike,
    cluster: Iterable[Hashable],
    columns: Sequence[str],
    absorb: Absorb,
) -> Blocks:
    """Collect the cross-products of a weighted regression by cluster, in one pass.

    Parameters
    ----------
    X : array_like, shape (N, q)
        Regressors, without cluster effects. With ``absorb="none"`` a constant is the caller's.
    y : array_like, shape (N,) or (N, m)
        Outcome, or m outcomes observed on the same rows.
    weights : array_like, shape (N,)
        Positive weights.
    cluster : iterable of N hashable ids
        Cluster of each row; ids are compared and sorted as text.
    columns : sequence of q str
        Names of the regressors.
    absorb : {"cluster", "none"}
        Remove cluster effects, by exact weighted demeaning of the small matrices, or not.

    Returns
    -------
    Blocks

    Raises
    ------
    EstimationError
        Shapes differ, a value is missing, a weight is not positive, fewer than two clusters, or
        columns that are collinear or constant (within clusters, when effects are absorbed).

    Notes
    -----
    Before summation each cluster's own first row is subtracted when effects are absorbed, so that
    large levels cannot cancel the variation within clusters; demeaning removes the shift again.
    Cost O(N q^2), memory 24 G q^2 bytes.
    """
    names = tuple(columns)
    design, outcomes, weight = _checked(X, y, weights, names)
    ids, codes = encode(cluster, len(weight))
    shifted = _sums(design, outcomes, weight, codes, len(ids), absorb)
    counts = np.bincount(codes, minlength=len(ids)).astype(np.int64)
    return from_sums(shifted, clusters=ids, columns=names, counts=counts, absorb=absorb)


def _checked(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike, columns: tuple[str, ...]
) -> tuple[Floats, Floats, Floats]:
    design = np.asarray(X, dtype=np.float64)
    outcomes = np.asarray(y, dtype=np.float64)
    outcomes = outcomes[:, None] if outcomes.ndim == 1 else outcomes
    weight = np.asarray(weights, dtype=np.float64)
    if design.ndim != 2 or design.shape[1] != len(columns) or not columns:
        raise _invalid(message("shape-column.problem", shape=design.shape, n=len(columns)))
    if len(set(columns)) != len(columns):
        raise _invalid(message("column-names.problem"))
    if outcomes.ndim != 2 or weight.shape != (len(design),) or len(outcomes) != len(design):
        raise _invalid(
            message(
                "rows-differ.problem", x=design.shape, outcomes=outcomes.shape, weights=weight.shape
            )
        )
    finite = np.isfinite(design).all(axis=0)
    missing = [columns[j] for j in np.flatnonzero(~finite)]
    if missing:
        raise _invalid(message("missing-infinite-values.problem", missing=", ".join(missing)))
    if not np.isfinite(outcomes).all():
        raise _invalid(message("missing-infinite.problem"))
    if not (np.isfinite(weight).all() and (weight > 0).all()):
        raise _invalid(message("weights-missing.problem"))
    return design, outcomes, weight


def _invalid(problem: Message) -> EstimationError:
    return EstimationError(problem, where="regression", fix=message("select-clean.fix"))


def _sums(
    X: Floats, Y: Floats, weight: Floats, codes: Codes, n_clusters: int, absorb: Absorb
) -> Floats:
    """``[1, X]' W^k [1, X, Y]`` per cluster, shape (3, G, 1 + q, 1 + q + m)."""
    shift = np.zeros((n_clusters, X.shape[1] + Y.shape[1]))
    if absorb == "cluster":
        first = np.empty(n_clusters, dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        shift = np.column_stack([X[first], Y[first]])
    table = ProductTable(tuple(X.T), tuple(Y.T), weight, codes, n_clusters, shift.T)
    return np.moveaxis(cross_products(table, missing="none").products, 1, 0)


def from_sums(
    shifted: Floats,
    *,
    clusters: tuple[str, ...],
    columns: tuple[str, ...],
    counts: Codes,
    absorb: Absorb,
) -> Blocks:
    """Blocks from cross-products around any point of each cluster.

    Parameters
    ----------
    shifted : ndarray, shape (3, G, 1 + q, 1 + q + m), or (1, ...) where all weights are one
        ``[1, X]' W^k [1, X, y]``; with absorbed effects a cluster's values may all be less a
        constant.
    clusters, columns, counts, absorb
        See `Blocks`.

    Raises
    ------
    EstimationError
        Columns that are collinear or constant (within clusters, when effects are absorbed).
    """
    products = _demeaned(shifted) if absorb == "cluster" else np.ascontiguousarray(shifted)
    every_power = np.broadcast_to(products, (3, *products.shape[1:]))
    blocks = Blocks(clusters, columns, absorb, counts, every_power)
    squares = np.diagonal(shifted[len(shifted) // 2, :, 1:, 1:], axis1=1, axis2=2)
    _check_rank(blocks, scale=squares.sum(axis=0))
    return blocks


def _demeaned(products: Floats) -> Floats:
    """Cross-products of deviations from weighted cluster means, from those of the values.

    With V'' = V - 1 v', v the weighted means: V''' W^k V'' = T - t v' - v (t - (1' W^k 1) v)'.
    """
    rows = products.shape[2]
    first = len(products) // 2
    mean = products[first, :, 0, :] / products[first, :, :1, 0]
    mean[:, 0] = 0.0
    left, right = mean[None, :, :rows, None], mean[None, :, None, :]
    deviations = products - products[:, :, :, :1] * right
    deviations -= left * (products[:, :, :1, :] - products[:, :, :1, :1] * right)
    # Exactly zero by definition of the weighted mean; keep rounding out of it.
    deviations[first, :, 0, 1:] = 0.0
    deviations[first, :, 1:, 0] = 0.0
    return np.asarray(deviations)


def _check_rank(blocks: Blocks, *, scale: Floats) -> None:
    """Name columns that vanish or depend on earlier ones (elimination on the scaled X'WX)."""
    pooled = blocks.xx().sum(axis=0)
    size = np.diagonal(pooled)
    constant = size <= _CONSTANT * scale
    length = np.sqrt(np.where(constant, 1.0, size))
    scaled = pooled / (length[:, None] * length)
    dependent = []
    for j in np.flatnonzero(~constant):
        if scaled[j, j] < _COLLINEAR:
            dependent.append(blocks.columns[j])
        else:
            scaled = scaled - scaled[:, j, None] * (scaled[j] / scaled[j, j])
    problems: list[Message] = []
    if constant.any():
        names = [name for name, flag in zip(blocks.columns, constant, strict=True) if flag]
        within = blocks.absorb == "cluster"
        part = "constant-within-clusters.part" if within else "constant-at-zero.part"
        problems += [message(part, names=", ".join(names))]
    if dependent:
        problems += [message("collinear-columns.part", dependent=", ".join(dependent))]
    if problems:
        raise EstimationError.of(
            "columns-cannot", "remove-these", "regression", problems=several(problems)
        )
