"""CR2: the bias-reduced cluster-robust variance with Satterthwaite degrees of freedom.

Weights are taken as probability weights: the working model is homoskedastic and independent
(Phi = I), as clubSandwich's default for a weighted ``lm``. All N_g by N_g matrices of the method
differ from the identity only within the span of U_g = [X_g, W_g X_g] (with a column of ones in
X_g when cluster effects are absorbed), so everything is computed in coordinates of U_g.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import Fit, StepResult, StepUnavailable

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

# Eigenvalues of (I - H)(I - H)' at most this large (relative to the largest when that exceeds 1)
# are null directions: the rule of clubSandwich's matrix power.
_NULL = 1e-12
# Directions of U_g kept, by squared length against the longest. Losing a true direction costs its
# length, the square root; keeping one that is mere rounding costs nothing, because it enters every
# product with that same tiny length. So only what is not above rounding at all is dropped.
_SPAN = 1e-16
# Smallest pivot, of columns of unit length, with which a Cholesky factor keeps 12 digits.
_WELL = 1e-2


@dataclass(frozen=True, slots=True)
class _Regression:
    """One coefficient of one regression; squared is sum_g X_g' W_g^2 X_g, shape (q, q)."""

    blocks: Blocks
    fit: Fit
    position: int
    outcome: int
    squared: Floats


@dataclass(frozen=True, slots=True)
class _Parts:
    """What each cluster gives to the variance and to the degrees of freedom.

    influence (G,) is c'M X_g'W_g A_g e_g; own (G,) is P_gg; x, wx (G, q) are X_g'a_g and
    X_g'W_g a_g less the part that the cluster's own effect takes, for the a_g of Notes of `cr2`.
    """

    influence: Floats
    own: Floats
    x: Floats
    wx: Floats


def cr2(blocks: Blocks, fit: Fit, column: str, *, outcome: int = 0) -> StepResult:
    """CR2 standard error with Satterthwaite degrees of freedom.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Fit of the same outcome on the same blocks.
    column : str
        Regressor of interest.
    outcome : int
        Which outcome of the blocks, from 0.

    Returns
    -------
    StepResult

    Raises
    ------
    StepUnavailable
        No cluster carries information on the coefficient after adjustment.

    Notes
    -----
    H = X (X'WX)^-1 X'W, all effects included; A_g is the symmetric pseudo-inverse root of
    [(I-H)(I-H)']_gg. V = sum_g (c'M X_g'W_g A_g e_g)^2 and, with a_g = A_g W_g X_g M c and
    P_gh = a_g' [(I-H)(I-H)']_gh a_h, df = (sum_g P_gg)^2 / sum_gh P_gh^2 (Bell and McCaffrey 2002;
    Pustejovsky and Tipton 2018, J. Business and Economic Statistics 36(4)). Blocks with g != h
    need only X_g'a_g, X_g'W_g a_g and, with absorbed effects, 1'a_g, so the cost beyond the
    clusters themselves is O(G^2 q).
    """
    squared = blocks.xx(2).sum(axis=0)
    regression = _Regression(blocks, fit, blocks.position(column), outcome, squared)
    parts = _adjusted(regression)
    variance = float(parts.influence @ parts.influence)
    covariance = _covariance(regression, parts)
    trace, spread = float(np.trace(covariance)), float(np.sum(covariance**2))
    if not (variance > 0.0 and trace > 0.0):
        raise StepUnavailable(
            f"CR2: no cluster has variation left for the coefficient of {column}",
            where="regression",
            mend="use an inference method that needs no adjustment matrix",
        )
    return StepResult(
        step="CR2",
        column=column,
        estimate=float(fit.coefficients[regression.position]),
        std_error=float(np.sqrt(variance)),
        df=trace**2 / spread,
    )


def _covariance(regression: _Regression, parts: _Parts) -> Floats:
    """P, shape (G, G): covariance of the clusters' contributions under the working model."""
    x_bread = parts.x @ regression.fit.bread
    crossed = x_bread @ parts.wx.T
    covariance = x_bread @ regression.squared @ x_bread.T - crossed - crossed.T
    np.fill_diagonal(covariance, parts.own)
    return np.asarray(covariance)


def _adjusted(regression: _Regression) -> _Parts:
    """Adjust all clusters, those with the same columns in use together."""
    blocks = regression.blocks
    g, q = len(blocks.clusters), len(blocks.columns)
    first = 0 if blocks.absorb == "cluster" else 1
    used = np.einsum("gii->gi", blocks.products[0, :, :, : 1 + q]) > 0.0
    used[:, :first] = False
    patterns, member = np.unique(used, axis=0, return_inverse=True)
    parts = _Parts(np.zeros(g), np.zeros(g), np.zeros((g, 1 + q)), np.zeros((g, 1 + q)))
    for position, pattern in enumerate(patterns):
        columns = np.flatnonzero(pattern)
        if len(columns):
            _adjust(regression, np.flatnonzero(member.ravel() == position), columns, parts)
    if blocks.absorb == "cluster":
        ones = blocks.products[:, :, 0]
        parts.wx[:, 1:] -= (parts.x[:, :1] / ones[1, :, :1]) * ones[2, :, 1 : 1 + q]
    return _Parts(parts.influence, parts.own, parts.x[:, 1:], parts.wx[:, 1:])


def _adjust(regression: _Regression, clusters: Positions, used: Positions, parts: _Parts) -> None:
    """Fill in the parts of some clusters, whose other columns are zero throughout."""
    powers = regression.blocks.products[:, clusters][:, :, used][..., used]
    size = np.sqrt(np.einsum("gii->gi", powers[0]))
    lengths = np.einsum("pgii->pg", powers)
    weight = np.sqrt(lengths[2] / lengths[0])
    unit = np.concatenate([size, weight[:, None] * size], axis=1)
    scale = unit[:, :, None] * unit[:, None, :]
    span = _quarters(powers[0], powers[1], powers[1], powers[2]) / scale
    hat = _hat_coordinates(regression, clusters, used) * scale
    # W_g X_g M c in coordinates of U_g, then a_g = A_g W_g X_g M c.
    target = np.concatenate([[0.0], regression.fit.bread[regression.position]])[used]
    start = np.concatenate([np.zeros(len(used)), target]) * unit
    adjusted = start + _times(_root_excess(span, hat), _times(span, start))
    inner = _times(span, adjusted)
    moments = inner * unit
    parts.x[np.ix_(clusters, used)] = moments[:, : len(used)]
    parts.wx[np.ix_(clusters, used)] = moments[:, len(used) :]
    parts.own[clusters] = _dot(adjusted, inner) + _dot(inner, _times(hat, inner))
    residual = _residual_moments(regression, clusters, used) / unit
    parts.influence[clusters] = _dot(adjusted, residual)


def _times(matrices: Floats, vectors: Floats) -> Floats:
    return np.einsum("gij,gj->gi", matrices, vectors)


def _dot(left: Floats, right: Floats) -> Floats:
    return np.einsum("gi,gi->g", left, right)


def _quarters(upper: Floats, right: Floats, left: Floats, lower: Floats) -> Floats:
    """Matrices of four quarters, shape (n, 2 u, 2 u) from (n, u, u)."""
    top, bottom = np.concatenate([upper, right], axis=2), np.concatenate([left, lower], axis=2)
    return np.concatenate([top, bottom], axis=1)


def _hat_coordinates(regression: _Regression, clusters: Positions, used: Positions) -> Floats:
    """D with [(I-H)(I-H)']_gg = I + U_g D U_g', for the columns in use.

    The cluster's own effect borders the bread with 1/(1'W_g 1) and X'W^2X with its row of ones.
    """
    blocks, width = regression.blocks, 1 + len(regression.blocks.columns)
    bread, squared = np.zeros((2, len(clusters), width, width))
    bread[:, 1:, 1:], squared[:, 1:, 1:] = regression.fit.bread, regression.squared
    if blocks.absorb == "cluster":
        bread[:, 0, 0] = 1.0 / blocks.products[1, clusters, 0, 0]
        ones = blocks.products[2, clusters, 0, :width]
        squared[:, 0, :], squared[:, :, 0] = ones, ones
    own = bread[:, used][:, :, used]
    lever = bread[:, used] @ squared @ bread[:, :, used]
    return _quarters(lever, -own, -own, np.zeros_like(own))


def _residual_moments(regression: _Regression, clusters: Positions, used: Positions) -> Floats:
    """U_g'e_g: X_g'e_g and X_g'W_g e_g for the columns in use, shape (n, 2 u)."""
    width = 1 + len(regression.blocks.columns)
    products = regression.blocks.products[:2, clusters][:, :, used]
    fitted = products[..., 1:width] @ regression.fit.coefficients
    moments = products[..., width + regression.outcome] - fitted
    return np.concatenate([moments[0], moments[1]], axis=1)


def _root_excess(span: Floats, hat: Floats) -> Floats:
    """K with (I + U D U')^(-1/2) = I + U K U', for U'U = span and D = hat, as a pseudo-inverse."""
    stretched, back = _basis(span)
    within = stretched.swapaxes(1, 2) @ hat @ stretched
    within = np.eye(within.shape[1]) + (within + within.swapaxes(1, 2)) / 2.0
    values, vectors = np.linalg.eigh(within)
    positive = values > _NULL * np.maximum(1.0, values[:, -1:])
    powered = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    back = back @ vectors
    return np.asarray((back * (powered - 1.0)[:, None, :]) @ back.swapaxes(1, 2))


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
