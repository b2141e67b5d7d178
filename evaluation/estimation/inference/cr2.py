"""CR2: the bias-reduced cluster-robust variance with Satterthwaite degrees of freedom.

Weights are taken as probability weights: the working model is homoskedastic and independent
(Phi = I), as clubSandwich's default for a weighted ``lm``. All N_g by N_g matrices of the method
differ from the identity only within the span of U_g = [X_g, W_g X_g] (with a column of ones in
X_g when cluster effects are absorbed), so everything is computed in coordinates of U_g.
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.estimation.inference.rounding import rounded_anew
from evaluation.estimation.regression.cluster_blocks import Absorb, Blocks
from evaluation.estimation.regression.fit import (
    Fit,
    StepResult,
    StepUnavailable,
    check_residuals,
    least_squares,
)
from evaluation.locale.messages import message

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Flags = NDArray[np.bool_]
Weights = Literal["even", "uneven"]

# Eigenvalues of (I - H)(I - H)' at most this large (relative to the largest when that exceeds 1)
# are null directions: the rule of clubSandwich's matrix power.
_NULL = 1e-12
# Null directions leave rounding of 1e-16 to 1e-13. What is more may be a direction that is not
# null, as where a cluster holds nearly all weight, and which it is cannot be told.
_UNCLEAR = 2e-13
# Weights this many times others: the square of their ratio is an eigenvalue that is not zero and
# may be rounding all the same.
_OUTWEIGHS = 3e5
# Share of the terms that cancel in the standard error below which nothing is known of them.
_STORED = 1e-15
# Digits that must not depend on how products were rounded. The three roundings tried differ from
# the exact result by no more than some ten times what they differ by between them.
_AGREED = 3e-12
# Directions of U_g kept, by squared length against the longest. Losing a true direction costs its
# length, the square root; keeping one that is mere rounding costs nothing, because it enters every
# product with that same tiny length. So only what is not above rounding at all is dropped.
_SPAN = 1e-16
# Cosines this close to 1 make two columns one, and weights even; the root of it is lost in length.
_SAME = 1e-15
# Standard error, relative to that of terms that do not cancel, up to which it is rounding of zero.
_ROUNDING = 1e-12
# Smallest pivot, of columns of unit length, with which a Cholesky factor keeps 12 digits.
_WELL = 1e-2


@dataclass(frozen=True, slots=True)
class _Regression:
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
    def of(cls, blocks: Blocks, fit: Fit, column: str, *, alike: Blocks) -> "_Regression":
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


def _in_a_row(products: Floats) -> Floats:
    if products.ndim == 4:
        return products
    return np.moveaxis(products, 1, 0).reshape(3, -1, *products.shape[-2:])


@dataclass(frozen=True, slots=True)
class _Parts:
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


def cr2(blocks: Blocks, fit: Fit, column: str) -> StepResult:
    """CR2 standard error with Satterthwaite degrees of freedom.

    Parameters
    ----------
    blocks : Blocks
        Of one data set.
    fit : Fit
        Of the same blocks.
    column : str
        Regressor of interest.

    Returns
    -------
    StepResult

    Raises
    ------
    StepUnavailable
        Residuals are zero, up to rounding, in every cluster, or in all those that carry
        information on the coefficient after adjustment, or none does; or so few digits are left,
        as where one cluster outweighs the others by far, that ten would not be right.

    Notes
    -----
    H = X (X'WX)^-1 X'W, all effects included; A_g is the symmetric pseudo-inverse root of
    [(I-H)(I-H)']_gg. V = sum_g (c'M X_g'W_g A_g e_g)^2 and, with a_g = A_g W_g X_g M c and
    P_gh = a_g' [(I-H)(I-H)']_gh a_h, df = (sum_g P_gg)^2 / sum_gh P_gh^2 (Bell and McCaffrey 2002;
    Pustejovsky and Tipton 2018, J. Business and Economic Statistics 36(4)). Blocks with g != h
    need only X_g'a_g, X_g'W_g a_g and, with absorbed effects, 1'a_g, so the cost beyond the
    clusters themselves is O(G^2 q).

    Standard error and df agree with N by N matrices in 60-digit arithmetic to ten digits, or the
    step is unavailable: all is computed again from products rounded anew (see `rounded_anew`), and
    must come out the same to 3e-12. Besides weights that are far apart this meets weights that
    differ within a cluster by less than 1e-7 of themselves, but not by rounding alone, which
    cross-products do not tell from even ones. Only where residuals cancel to a standard error below
    1e-5 of their terms has it fewer digits, as the outcome has.
    """
    check_residuals(fit, column, step="CR2")
    found, size = _result(blocks, fit, column, alike=blocks)
    for other, unit in rounded_anew(blocks, column):
        again, _ = _result(other, least_squares(other), column, alike=blocks)
        error = abs(again.std_error * unit - found.std_error)
        same = error <= max(_AGREED * found.std_error, _STORED * size)
        if not (same and math.isclose(again.df, found.df, rel_tol=_AGREED)):
            raise _lost()
    return found


def cr2_errors(blocks: Blocks, fit: Fit, column: str) -> tuple[Floats, Floats]:
    """Standard errors and degrees of freedom of `cr2` for every data set, shape (C,) and (c,).

    Not a number where there is none. That nothing hangs on how products were rounded is left
    unchecked, and degrees of freedom are made by matrices of size 2q: fewer digits, sooner.
    """
    regression = _Regression.of(blocks, fit, column, alike=blocks)
    parts = _adjusted(regression)
    variance, _, left = _variance(regression, parts, fit)
    trace = _by_design(regression, parts.own).sum(axis=1)
    return np.where(left, np.sqrt(variance), np.nan), trace**2 / _spread(regression, parts)


def _result(blocks: Blocks, fit: Fit, column: str, *, alike: Blocks) -> tuple[StepResult, float]:
    """Standard error and df in the units of these blocks, and the size of terms that cancel."""
    regression = _Regression.of(blocks, fit, column, alike=alike)
    parts = _adjusted(regression)
    if parts.lost.any():
        raise _lost()
    (variance,), (size,), (left,) = _variance(regression, parts, fit)
    if not left:
        raise StepUnavailable(
            message("cr-no-cluster.problem", column=column),
            where="regression",
            mend=message("use-inference.mend"),
        )
    covariance = _covariance(regression, parts)
    found = StepResult(
        step="CR2",
        column=column,
        estimate=float(fit.estimates(column)),
        std_error=float(np.sqrt(variance)),
        df=float(np.trace(covariance)) ** 2 / float(np.sum(covariance**2)),
    )
    return found, float(size)


def _variance(regression: _Regression, parts: _Parts, fit: Fit) -> tuple[Floats, Floats, Flags]:
    """Variance, size of the terms that cancel in its root, and whether it is one, shape (C,)."""
    row, g = regression.row, regression.n_clusters
    influence = parts.influence.reshape(-1, g)
    variance = np.vecdot(influence, influence)
    size = np.linalg.norm(np.matvec(fit.sizes.reshape(-1, g, row.shape[1]), np.abs(row)), axis=-1)
    # Without null directions the trace is exactly c'M X'W^2X M c: CR2 is unbiased under Phi = I.
    whole = np.vecdot(row, np.matvec(regression.squared, row))
    left = _by_design(regression, parts.own).sum(axis=1) > _NULL * whole
    left &= ~_by_design(regression, parts.lost).any(axis=1)
    return variance, size, left & (variance > (_ROUNDING * size) ** 2)


def _by_design(regression: _Regression, values: NDArray) -> NDArray:
    """Values by cluster, the first axis N, as (c, G, ...)."""
    return values.reshape(-1, regression.n_clusters, *values.shape[1:])


def _lost() -> StepUnavailable:
    return StepUnavailable(
        message("cr2-digits-lost.reason"),
        where="regression",
        mend=message("cr2-digits-lost.mend"),
    )


def _covariance(regression: _Regression, parts: _Parts) -> Floats:
    """P, shape (G, G): covariance of one design's contributions under the working model."""
    x_bread = parts.x @ regression.bread[0]
    crossed = x_bread @ parts.wx.T
    covariance = x_bread @ regression.squared[0] @ x_bread.T - crossed - crossed.T
    np.fill_diagonal(covariance, parts.own)
    return np.asarray(covariance)


def _spread(regression: _Regression, parts: _Parts) -> Floats:
    """Sum of squares of P in every design, shape (c,), without making P."""
    own, x, wx = (_by_design(regression, part) for part in (parts.own, parts.x, parts.wx))
    bread, q = regression.bread, regression.bread.shape[-1]
    middle = np.zeros((len(bread), 2 * q, 2 * q))
    middle[:, :q, :q] = bread @ regression.squared @ bread
    middle[:, :q, q:] = middle[:, q:, :q] = -bread
    both = np.concatenate([x, wx], axis=-1)
    diagonal = np.vecdot(both @ middle, both)
    pooled = middle @ (np.swapaxes(both, 1, 2) @ both)
    every = np.einsum("cij,cji->c", pooled, pooled)
    return np.asarray(every - np.sum(diagonal**2, axis=1) + np.sum(own**2, axis=1))


def _adjusted(regression: _Regression) -> _Parts:
    """Adjust all clusters, those with the same distinct columns together."""
    number, width = regression.products.shape[1], regression.width
    parts = _Parts(
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


def _groups(regression: _Regression) -> Iterator[_Group]:
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


def _distinct(regression: _Regression) -> tuple[Flags, Floats]:
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


def _adjust(regression: _Regression, group: _Group, parts: _Parts) -> None:
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


def _unclear(regression: _Regression) -> Floats:
    """Line above which a null eigenvalue may be one of a direction that is not null, shape (c,)."""
    rows, total, squares = (_by_design(regression, x) for x in regression.products[:, :, 0, 0])
    far_apart = (squares / total).max(axis=1) > _OUTWEIGHS * (total / rows).min(axis=1)
    return np.where(far_apart, -np.inf, _UNCLEAR)


def _coordinates(regression: _Regression, group: _Group) -> _Coordinates:
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


def _hat_coordinates(regression: _Regression, group: _Group) -> tuple[Floats, Floats]:
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


def _residual_moments(regression: _Regression, group: _Group) -> Floats:
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
    positive = values > _NULL * largest
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
