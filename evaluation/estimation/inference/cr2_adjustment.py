"""What CR2 makes of each cluster: its residuals adjusted, and their part of the degrees of freedom.

All N_g by N_g matrices of the method differ from the identity only within the span of
U_g = [X_g, W_g X_g] (with a column of ones in X_g when cluster effects are absorbed), so everything
is computed in coordinates of U_g, for clusters with the same distinct columns together.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.regression.cluster_blocks import Absorb, Blocks
from evaluation.estimation.regression.fit import Fit

Positions = NDArray[np.intp]
Weights = Literal["even", "uneven"]

# Eigenvalues of (I - H)(I - H)' at most this large (relative to the largest when that exceeds 1)
# are null directions: the rule of clubSandwich's matrix power.
NULL = 1e-12
# Null directions leave rounding of 1e-16 to 1e-13. What is more may be a direction that is not
# null, as where a cluster holds nearly all weight, and which it is cannot be told.
_UNCLEAR = 2e-13
# Weights this many times others: the square of their ratio is an eigenvalue that is not zero and
# may be rounding all the same.
_OUTWEIGHS = 3e5
# Directions of U_g kept, by squared length against the longest. Losing a true direction costs its
# length, the square root; keeping one that is mere rounding costs nothing, because it enters every
# product with that same tiny length. So only what is not above rounding at all is dropped.
_SPAN = 1e-16
# Cosines this close to 1 make two columns one, and weights even; the root of it is lost in length.
_SAME = 1e-15
# Smallest pivot, of columns of unit length, with which a Cholesky factor keeps 12 digits.
_WELL = 1e-2


@dataclass(frozen=True, slots=True)
class CoefficientDesigns:
    """One coefficient of c designs, with m outcomes each; their clusters in one row of N = c G.

    products (3, N, 1 + q, 1 + q + m) and alike, (3, N, 1 + q, 1 + q), which decides what columns
    and weights are the same; bread (c, q, q), squared (c, q, q) the sum of X_g' W_g^2 X_g, and
    coefficients (m, c, q).
    """

    absorb: Absorb
    products: Floats
    alike: Floats
    bread: Floats
    squared: Floats
    coefficients: Floats
    position: int

    @classmethod
    def of(cls, blocks: Blocks, fit: Fit, column: str, *, alike: Blocks) -> "CoefficientDesigns":
        """Of blocks whose alike columns and weights are decided by others, in other units."""
        q = len(blocks.columns)
        bread = fit.bread.reshape(-1, q, q)
        return cls(
            absorb=blocks.absorb,
            products=_in_a_row(blocks.products),
            alike=_in_a_row(alike.products)[..., : 1 + q],
            bread=bread,
            squared=blocks.xx(2).sum(axis=-3).reshape(-1, q, q),
            coefficients=fit.coefficients.reshape(-1, len(bread), q),
            position=blocks.position(column),
        )

    @property
    def width(self) -> int:
        """Columns of [1, X]."""
        return 1 + self.bread.shape[-1]

    @property
    def n_clusters(self) -> int:
        """Clusters G of a design."""
        return self.products.shape[1] // len(self.bread)

    @property
    def row(self) -> Floats:
        """The coefficient's row of the bread, shape (c, q)."""
        return self.bread[:, self.position]

    def by_design(self, values: NDArray) -> NDArray:
        """Values by cluster, the first axis N, as (c, G, ...)."""
        return values.reshape(-1, self.n_clusters, *values.shape[1:])


def _in_a_row(products: Floats) -> Floats:
    if products.ndim == 4:
        return products
    return np.moveaxis(products, 1, 0).reshape(3, -1, *products.shape[-2:])


@dataclass(frozen=True, slots=True)
class ClusterParts:
    """What each cluster gives to the variance and to the degrees of freedom.

    influence (m, N) is c'M X_g'W_g A_g e_g; own (N,) is P_gg; x, wx (N, q) are X_g'a_g and
    X_g'W_g a_g less the part that the cluster's own effect takes, for the a_g of Notes of `cr2`;
    lost (N,) where too few digits are left.
    """

    influence: Floats
    own: Floats
    x: Floats
    wx: Floats
    lost: Flags


@dataclass(frozen=True, slots=True)
class _Group:
    """Clusters with the same distinct columns, and whether a cluster's weights are all the same.

    members (n,) are their positions, design (n,) those of their designs, used (u,) the columns,
    counted with the one of ones; times (n, u, 1 + q) makes all columns of these.
    """

    members: Positions
    design: Positions
    used: Positions
    times: Floats
    weights: Weights


@dataclass(frozen=True, slots=True)
class _Coordinates:
    """A group in terms of d columns U_g, scaled to about unit length.

    span (n, d, d) is U_g'U_g and hat D with [(I-H)(I-H)']_gg = I + U_g D U_g'; start (n, d) makes
    W_g X_g M c of U_g, residual (m, n, d) is U_g'e_g. Unscaled, the first of the columns are X_g
    and the last, times weight (n, 1), are W_g X_g.
    """

    span: Floats
    hat: Floats
    start: Floats
    residual: Floats
    unit: Floats
    weight: Floats


def adjusted(regression: CoefficientDesigns) -> ClusterParts:
    """Adjust all clusters, those with the same distinct columns together."""
    number, width = regression.products.shape[1], regression.width
    parts = ClusterParts(
        influence=np.zeros((len(regression.coefficients), number)),
        own=np.zeros(number),
        x=np.zeros((number, width)),
        wx=np.zeros((number, width)),
        lost=np.zeros(number, dtype=bool),
    )
    for group in _groups(regression):
        _adjust(regression, group, parts)
    if regression.absorb == "cluster":
        ones = regression.products[:, :, 0]
        parts.wx[:, 1:] -= (parts.x[:, :1] / ones[1, :, :1]) * ones[2, :, 1:width]
    return dataclasses.replace(parts, x=parts.x[:, 1:], wx=parts.wx[:, 1:])


def _groups(regression: CoefficientDesigns) -> Iterator[_Group]:
    """Clusters that are adjusted together; those without any column are left out."""
    distinct, times = _distinct(regression)
    rows, total, squares = regression.alike[:, :, 0, 0]
    even = total**2 >= (1.0 - _SAME) * rows * squares
    patterns, pattern = np.unique(
        np.packbits(np.column_stack([even, distinct]), axis=1), axis=0, return_inverse=True
    )
    for kind in range(len(patterns)):
        members = np.flatnonzero(pattern == kind)
        used = np.flatnonzero(distinct[members[0]])
        if len(used):
            yield _Group(
                members=members,
                design=members // regression.n_clusters,
                used=used,
                times=times[members][:, used],
                weights="even" if even[members[0]] else "uneven",
            )


def _distinct(regression: CoefficientDesigns) -> tuple[Flags, Floats]:
    """Columns of each cluster that are neither zero nor a multiple of an earlier one.

    As treated x post is of post in a treated cluster. Flags have shape (N, 1 + q); T, (N, 1 + q,
    1 + q), makes all columns from the distinct ones: X_g = X_g[:, distinct] T[distinct].
    """
    gram = regression.alike[0]
    length = np.sqrt(np.maximum(np.einsum("gii->gi", gram), 0.0))
    if regression.absorb == "none":
        length[:, 0] = 0.0
    both = length[:, :, None] * length[:, None, :]
    same = np.tril((np.abs(gram) >= (1.0 - _SAME) * both) & (both > 0.0))
    # of each column, the first that it is a multiple of: itself at the latest
    first = same.argmax(axis=2)
    gram = regression.products[0, :, :, : regression.width]
    ratio = np.take_along_axis(gram, first[:, None], axis=1)[:, 0]
    ratio = ratio / np.take_along_axis(np.einsum("gii->gi", gram), first, axis=1)
    distinct, times = np.zeros(first.shape, dtype=bool), np.zeros(gram.shape)
    np.put_along_axis(distinct, first, values=True, axis=1)
    np.put_along_axis(times, first[:, None], ratio[:, None], axis=1)
    return distinct & (length > 0.0), times


def _adjust(regression: CoefficientDesigns, group: _Group, parts: ClusterParts) -> None:
    """Fill in the parts of a group's clusters."""
    at = _coordinates(regression, group)
    # W_g X_g M c in coordinates of U_g, then a_g = A_g W_g X_g M c.
    root, null = _root_excess(at.span, at.hat)
    parts.lost[group.members] = null > _unclear(regression)[group.design]
    adjusted = at.start + _times(root, _times(at.span, at.start))
    inner = _times(at.span, adjusted)
    moments, u, back = inner * at.unit, len(group.used), group.times.swapaxes(1, 2)
    parts.x[group.members] = _times(back, moments[:, :u])
    parts.wx[group.members] = _times(back, at.weight * moments[:, -u:])
    parts.own[group.members] = _dot(adjusted, inner) + _dot(inner, _times(at.hat, inner))
    for influence, residual in zip(parts.influence, at.residual, strict=True):
        influence[group.members] = _dot(adjusted, residual)


def _unclear(regression: CoefficientDesigns) -> Floats:
    """Line above which a null eigenvalue may be one of a direction that is not null, shape (c,)."""
    rows, total, squares = (regression.by_design(x) for x in regression.products[:, :, 0, 0])
    far_apart = (squares / total).max(axis=1) > _OUTWEIGHS * (total / rows).min(axis=1)
    return np.where(far_apart, -np.inf, _UNCLEAR)


def _coordinates(regression: CoefficientDesigns, group: _Group) -> _Coordinates:
    """With even weights w the columns X_g suffice, as [X_g, W_g X_g] = X_g [I, w I]."""
    powers = regression.products[:, group.members][:, :, group.used][..., group.used]
    lengths = np.einsum("pgii->pg", powers)
    weight = np.sqrt(lengths[2] / lengths[0])[:, None]
    unit = np.sqrt(np.einsum("gii->gi", powers[0]))
    own, lever = _hat_coordinates(regression, group)
    target = np.matvec(group.times[:, :, 1:], regression.row[group.design])
    residual = _residual_moments(regression, group)
    if group.weights == "even":
        span, start, moments = powers[0], weight * target, residual[:, 0]
        hat = lever - 2.0 * weight[:, :, None] * own
    else:
        unit = np.concatenate([unit, weight * unit], axis=1)
        weight = np.ones_like(weight)
        span = np.block([[powers[0], powers[1]], [powers[1], powers[2]]])
        start = np.concatenate([np.zeros_like(target), target], axis=1)
        moments = np.concatenate([residual[:, 0], residual[:, 1]], axis=2)
        hat = np.block([[lever, -own], [-own, np.zeros_like(own)]])
    scale = unit[:, :, None] * unit[:, None, :]
    return _Coordinates(span / scale, hat * scale, start * unit, moments / unit, unit, weight)


def _times(matrices: Floats, vectors: Floats) -> Floats:
    return np.einsum("gij,gj->gi", matrices, vectors)


def _dot(left: Floats, right: Floats) -> Floats:
    return np.einsum("gi,gi->g", left, right)


def _hat_coordinates(regression: CoefficientDesigns, group: _Group) -> tuple[Floats, Floats]:
    """B and L with [(I-H)(I-H)']_gg = I + X_g L X_g' - X_g B X_g'W_g - W_g X_g B X_g'.

    The cluster's own effect borders the bread with 1/(1'W_g 1) and X'W^2X with its row of ones.
    """
    width = regression.width
    bread, squared = np.zeros((2, len(group.members), width, width))
    bread[:, 1:, 1:] = regression.bread[group.design]
    squared[:, 1:, 1:] = regression.squared[group.design]
    if regression.absorb == "cluster":
        bread[:, 0, 0] = 1.0 / regression.products[1, group.members, 0, 0]
        ones = regression.products[2, group.members, 0, :width]
        squared[:, 0, :], squared[:, :, 0] = ones, ones
    half = group.times @ bread
    return half @ group.times.swapaxes(1, 2), half @ squared @ half.swapaxes(1, 2)


def _residual_moments(regression: CoefficientDesigns, group: _Group) -> Floats:
    """X_g'e_g and X_g'W_g e_g for the distinct columns, shape (m, 2, n, u)."""
    products, width = regression.products[:2, group.members][:, :, group.used], regression.width
    coefficients = regression.coefficients[:, None, group.design]
    fitted = np.matvec(products[..., 1:width], coefficients)
    return np.asarray(np.moveaxis(products[..., width:], -1, 0) - fitted)


def _root_excess(span: Floats, hat: Floats) -> tuple[Floats, Floats]:
    """K with (I + U D U')^(-1/2) = I + U K U', for U'U = span and D = hat, as a pseudo-inverse.

    And the largest of the eigenvalues that are taken for null, relative to the largest of all when
    that exceeds 1, by cluster; minus infinity where none is.
    """
    stretched, back = _basis(span)
    within = stretched.swapaxes(1, 2) @ hat @ stretched
    within = np.eye(within.shape[1]) + (within + within.swapaxes(1, 2)) / 2.0
    values, vectors = np.linalg.eigh(within)
    largest = np.maximum(1.0, values[:, -1:])
    positive = values > NULL * largest
    null = np.where(positive, -np.inf, values / largest).max(axis=1)
    powered = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    back = back @ vectors
    return np.asarray((back * (powered - 1.0)[:, None, :]) @ back.swapaxes(1, 2)), null


def _basis(span: Floats) -> tuple[Floats, Floats]:
    """F and B such that U = Q F' and Q = U B, Q orthonormal, by cluster.

    Cholesky factors where all clusters' are well conditioned; otherwise eigenvectors, of which
    directions that are dropped stay in the arrays with length zero, where they add nothing.
    """
    try:
        factor = np.linalg.cholesky(span)
    except np.linalg.LinAlgError:
        factor = np.zeros_like(span)
    if np.einsum("gii->gi", factor).min() > _WELL:
        return np.asarray(factor), np.asarray(np.linalg.inv(factor)).swapaxes(1, 2)
    length, axes = np.linalg.eigh(span)
    kept = length > _SPAN * length[:, -1:]
    root = np.sqrt(np.where(kept, length, 1.0))
    stretched = axes * np.where(kept, root, 0.0)[:, None, :]
    return np.asarray(stretched), np.asarray(axes * np.where(kept, 1.0 / root, 0.0)[:, None, :])
