"""CR2: the bias-reduced cluster-robust variance with Satterthwaite degrees of freedom.

Weights are taken as probability weights: the working model is homoskedastic and independent
(Phi = I), as clubSandwich's default for a weighted ``lm``.
"""

import math

import numpy as np

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.cr2_adjustment import (
    NULL,
    ClusterParts,
    CoefficientDesigns,
    adjusted,
)
from evaluation.estimation.inference.rounding import rounded_anew
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    Fit,
    StepResult,
    StepUnavailable,
    check_residuals,
    least_squares,
)
from evaluation.locale.messages import message

# Share of the terms that cancel in the standard error below which nothing is known of them.
_STORED = 1e-15
# Digits that must not depend on how products were rounded. The three roundings tried differ from
# the exact result by no more than some ten times what they differ by between them.
_AGREED = 3e-12
# Standard error, relative to that of terms that do not cancel, up to which it is rounding of zero.
_ROUNDING = 1e-12


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

    Parameters
    ----------
    blocks : Blocks
        Of many data sets.
    fit : Fit
        Of the blocks.
    column : str
        Regressor of interest.
    """
    regression = CoefficientDesigns.of(blocks, fit, column, alike=blocks)
    parts = adjusted(regression)
    variance, _, left = _variance(regression, parts, fit)
    trace = regression.by_design(parts.own).sum(axis=1)
    return np.where(left, np.sqrt(variance), np.nan), trace**2 / _spread(regression, parts)


def _result(blocks: Blocks, fit: Fit, column: str, *, alike: Blocks) -> tuple[StepResult, float]:
    """Standard error and df in the units of these blocks, and the size of terms that cancel."""
    regression = CoefficientDesigns.of(blocks, fit, column, alike=alike)
    parts = adjusted(regression)
    if parts.lost.any():
        raise _lost()
    (variance,), (size,), (left,) = _variance(regression, parts, fit)
    if not left:
        raise StepUnavailable.of("cr-no-cluster", "use-inference", "regression", column=column)
    covariance = _covariance(regression, parts)
    found = StepResult(
        step="CR2",
        column=column,
        estimate=float(fit.estimates(column)),
        std_error=float(np.sqrt(variance)),
        df=float(np.trace(covariance)) ** 2 / float(np.sum(covariance**2)),
    )
    return found, float(size)


def _variance(
    regression: CoefficientDesigns, parts: ClusterParts, fit: Fit
) -> tuple[Floats, Floats, Flags]:
    """Variance, size of the terms that cancel in its root, and whether it is one, shape (C,)."""
    row, g = regression.row, regression.n_clusters
    influence = parts.influence.reshape(-1, g)
    variance = np.vecdot(influence, influence)
    size = np.linalg.norm(np.matvec(fit.sizes.reshape(-1, g, row.shape[1]), np.abs(row)), axis=-1)
    # Without null directions the trace is exactly c'M X'W^2X M c: CR2 is unbiased under Phi = I.
    whole = np.vecdot(row, np.matvec(regression.squared, row))
    left = regression.by_design(parts.own).sum(axis=1) > NULL * whole
    left &= ~regression.by_design(parts.lost).any(axis=1)
    return variance, size, left & (variance > (_ROUNDING * size) ** 2)


def _lost() -> StepUnavailable:
    return StepUnavailable(
        message("cr2-digits-lost.reason"),
        where="regression",
        fix=message("cr2-digits-lost.fix"),
    )


def _covariance(regression: CoefficientDesigns, parts: ClusterParts) -> Floats:
    """P, shape (G, G): covariance of one design's contributions under the working model."""
    x_bread = parts.x @ regression.bread[0]
    crossed = x_bread @ parts.wx.T
    covariance = x_bread @ regression.squared[0] @ x_bread.T - crossed - crossed.T
    np.fill_diagonal(covariance, parts.own)
    return np.asarray(covariance)


def _spread(regression: CoefficientDesigns, parts: ClusterParts) -> Floats:
    """Sum of squares of P in every design, shape (c,), without making P."""
    own, x, wx = (regression.by_design(part) for part in (parts.own, parts.x, parts.wx))
    bread, q = regression.bread, regression.bread.shape[-1]
    middle = np.zeros((len(bread), 2 * q, 2 * q))
    middle[:, :q, :q] = bread @ regression.squared @ bread
    middle[:, :q, q:] = middle[:, q:, :q] = -bread
    both = np.concatenate([x, wx], axis=-1)
    diagonal = np.vecdot(both @ middle, both)
    pooled = middle @ (np.swapaxes(both, 1, 2) @ both)
    every = np.einsum("cij,cji->c", pooled, pooled)
    return np.asarray(every - np.sum(diagonal**2, axis=1) + np.sum(own**2, axis=1))
