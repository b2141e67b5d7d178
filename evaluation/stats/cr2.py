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

# Eigenvalues of (I - H)(I - H)' at most this large (relative to the largest when that exceeds 1)
# are null directions: the rule of clubSandwich's matrix power.
_NULL = 1e-12
# Directions of U_g kept, by squared length against the longest. Losing a true direction costs its
# length, the square root; keeping one that is mere rounding costs nothing, because it enters every
# product with that same tiny length. So only what is not above rounding at all is dropped.
_SPAN = 1e-16


@dataclass(frozen=True, slots=True)
class _Regression:
    """One coefficient of one regression; squared is sum_g X_g' W_g^2 X_g, shape (q, q)."""

    blocks: Blocks
    fit: Fit
    position: int
    outcome: int
    squared: Floats


@dataclass(frozen=True, slots=True)
class _Cluster:
    """What one cluster gives to the variance and to the degrees of freedom.

    influence is c'M X_g'W_g A_g e_g; own is P_gg; x, wx are X_g'a_g and X_g'W_g a_g less the part
    that the cluster's own effect takes, each of shape (q,), for the a_g of Notes of `cr2`.
    """

    influence: float
    own: float
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
    parts = [_cluster(regression, g) for g in range(len(blocks.clusters))]
    variance = sum(part.influence**2 for part in parts)
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


def _covariance(regression: _Regression, parts: list[_Cluster]) -> Floats:
    """P, shape (G, G): covariance of the clusters' contributions under the working model."""
    bread = regression.fit.bread
    x, wx = np.array([part.x for part in parts]), np.array([part.wx for part in parts])
    x_bread = x @ bread
    crossed = x_bread @ wx.T
    covariance = x_bread @ regression.squared @ x_bread.T - crossed - crossed.T
    np.fill_diagonal(covariance, [part.own for part in parts])
    return np.asarray(covariance)


def _cluster(regression: _Regression, g: int) -> _Cluster:
    """Adjust one cluster; columns that are zero in the whole cluster take no part."""
    blocks = regression.blocks
    first = 0 if blocks.absorb == "cluster" else 1
    width = 1 + len(blocks.columns)
    used = first + np.flatnonzero(np.diagonal(blocks.products[0, g, first:, first:width]) > 0.0)
    powers = blocks.products[:, g][:, used][:, :, used]
    size = np.sqrt(np.diagonal(powers[0]))
    weight = float(np.sqrt(np.trace(powers[2]) / np.trace(powers[0]))) if len(used) else 1.0
    unit = np.concatenate([size, weight * size])
    span = np.block([[powers[0], powers[1]], [powers[1], powers[2]]]) / np.outer(unit, unit)
    hat = _hat_coordinates(regression, g, used) * np.outer(unit, unit)
    # W_g X_g M c in coordinates of U_g, then a_g = A_g W_g X_g M c.
    target = np.concatenate([[0.0], regression.fit.bread[regression.position]])[used]
    start = np.concatenate([np.zeros(len(used)), target]) * unit
    adjusted = start + _root_excess(span, hat) @ (span @ start)
    inner = span @ adjusted
    residual = _residual_moments(regression, g, used) / unit
    x, wx = np.zeros(width), np.zeros(width)
    x[used], wx[used] = np.split(inner * unit, 2)
    if blocks.absorb == "cluster":
        ones = blocks.products[:, g, 0]
        wx[1:] -= x[0] / ones[1, 0] * ones[2, 1:width]
    own = float(adjusted @ inner + inner @ hat @ inner)
    return _Cluster(float(adjusted @ residual), own, x[1:], wx[1:])


def _hat_coordinates(regression: _Regression, g: int, used: NDArray[np.int64]) -> Floats:
    """D with [(I-H)(I-H)']_gg = I + U_g D U_g', for the columns in use.

    The cluster's own effect borders the bread with 1/(1'W_g 1) and X'W^2X with its row of ones.
    """
    blocks, width = regression.blocks, 1 + len(regression.blocks.columns)
    bread, squared = np.zeros((2, width, width))
    bread[1:, 1:], squared[1:, 1:] = regression.fit.bread, regression.squared
    if blocks.absorb == "cluster":
        bread[0, 0] = 1.0 / blocks.products[1, g, 0, 0]
        squared[0, :] = squared[:, 0] = blocks.products[2, g, 0, :width]
    own = bread[np.ix_(used, used)]
    lever = bread[used] @ squared @ bread[:, used]
    return np.block([[lever, -own], [-own, np.zeros_like(own)]])


def _residual_moments(regression: _Regression, g: int, used: NDArray[np.int64]) -> Floats:
    """U_g'e_g: X_g'e_g and X_g'W_g e_g for the columns in use."""
    width = 1 + len(regression.blocks.columns)
    products = regression.blocks.products[:2, g]
    fitted = products[:, :, 1:width] @ regression.fit.coefficients
    moments = products[:, :, width + regression.outcome] - fitted
    return np.asarray(moments[:, used].ravel())


def _root_excess(span: Floats, hat: Floats) -> Floats:
    """K with (I + U D U')^(-1/2) = I + U K U', for U'U = span and D = hat, as a pseudo-inverse."""
    if not len(span):
        return span
    length, axes = np.linalg.eigh(span)
    kept = length > _SPAN * length[-1]
    root = np.sqrt(length[kept])
    within = (root[:, None] * axes[:, kept].T) @ hat @ (axes[:, kept] * root)
    values, vectors = np.linalg.eigh(np.eye(len(root)) + (within + within.T) / 2.0)
    positive = values > _NULL * max(1.0, float(values[-1]))
    powered = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    back = (axes[:, kept] / root) @ vectors
    return np.asarray((back * (powered - 1.0)) @ back.T)
