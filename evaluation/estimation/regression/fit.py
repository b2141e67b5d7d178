"""Weighted least squares from cluster blocks, the CV1 standard error, and Student's t.

Written out because importing a library of special functions takes a third of the time that
importing pandas takes, and every use of the estimators begins with it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.cluster_blocks import Blocks

NORMAL = NormalDist()


def two_sided(df: ArrayLike, t: ArrayLike) -> Floats:
    """Probability that T of Student's t distribution is at least as far from zero as t.

    Parameters
    ----------
    df : float or ndarray
        Degrees of freedom, positive; not necessarily whole.
    t : float or ndarray
    """
    return np.asarray(2.0 * stdtr(df, -np.abs(t)))


def critical(df: float, level: float) -> float:
    """The t with P(|T| <= t) = level, for a level in (0, 1).

    Parameters
    ----------
    df : float
        Degrees of freedom.
    level : float
    """
    return float(stdtrit(df, 0.5 + level / 2.0))


# Standard error, relative to the one that the sizes of all terms would give without cancelling,
# up to which residuals are rounding of zero. Sums over thousands of rows err by 1e-16 to 1e-14 of
# these sizes, and an outcome that is level + change with a level a thousand times the change
# brings 2e-13 along; a true residual this small would need answers exact to 12 digits. Because the
# sizes carry the bread's own entries, near-collinear columns raise the line as they raise rounding.
_ROUNDING = 1e-12


class StepUnavailable(EstimationError):
    """An inference method cannot be computed for this sample; the problem says why."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Weighted least squares of one data set, or of many; see `Blocks` for their first axis.

    Attributes
    ----------
    columns : tuple of str
        Names of the q regressors.
    coefficients : ndarray, shape (..., q)
    bread : ndarray, shape (..., q, q)
        M = (X'WX)^-1, after cluster effects when they are absorbed; without a first axis where
        the data sets share their rows.
    scores : ndarray, shape (..., G, q)
        X_g' W_g e_g for each cluster, in the order of the blocks.
    sizes : ndarray, shape (..., G, q)
        |X_g' W_g y_g| + |X_g' W_g X_g| |b|: the terms that cancel in the scores.
    n_clusters : int
    """

    columns: tuple[str, ...]
    coefficients: Floats
    bread: Floats
    scores: Floats
    sizes: Floats
    n_clusters: int

    def estimates(self, column: str) -> Floats:
        """Coefficient of a column in every data set, shape (...)."""
        return np.asarray(self.coefficients[..., self.columns.index(column)])

    def influence(self, column: str) -> Floats:
        """What each cluster adds to the error of a coefficient, shape (..., G)."""
        row = self.bread[..., self.columns.index(column), :]
        return np.asarray(np.matvec(self.scores, row))


@dataclass(frozen=True, slots=True)
class StepResult:
    """Estimate, standard error and reference t distribution by one inference method.

    Attributes
    ----------
    step : str
        Name of the method: "CV1", "CR2" or "CV3".
    column : str
        The regressor whose coefficient this is.
    estimate, std_error : float
        In units of the outcome per unit of the regressor.
    df : float
        Degrees of freedom of the t distribution.
    """

    step: str
    column: str
    estimate: float
    std_error: float
    df: float

    def statistic(self, null: float = 0.0) -> float:
        """t statistic of ``coefficient = null``."""
        return (self.estimate - null) / self.std_error

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided p-value of ``coefficient = null`` from t(df)."""
        return float(two_sided(self.df, self.statistic(null)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval estimate ± t quantile * standard error."""
        half = critical(self.df, level) * self.std_error
        return self.estimate - half, self.estimate + half


def least_squares(blocks: Blocks) -> Fit:
    """Weighted least squares by the normal equations of the blocks.

    Notes
    -----
    Columns are scaled to unit length before inversion, and the solution is refined once: the
    normal equations square the condition number, scaling removes the part that units cause.
    """
    gram, own = blocks.xx(), blocks.xy()
    pooled, moment = gram.sum(axis=-3), own.sum(axis=-2)
    bread = inverse(pooled)
    beta = np.matvec(bread, moment)
    beta = beta + np.matvec(bread, moment - np.matvec(pooled, beta))
    by_cluster = beta[..., None, :]
    return Fit(
        columns=blocks.columns,
        coefficients=beta,
        bread=bread,
        scores=own - np.matvec(gram, by_cluster),
        sizes=np.abs(own) + np.matvec(np.abs(gram), np.abs(by_cluster)),
        n_clusters=len(blocks.clusters),
    )


def inverse(gram: Floats) -> Floats:
    """Inverses of positive definite matrices, shape (..., q, q); columns are scaled first."""
    scale = 1.0 / np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    both = scale[..., :, None] * scale[..., None, :]
    inverted = np.linalg.inv(gram * both) * both
    return np.asarray((inverted + np.swapaxes(inverted, -1, -2)) / 2.0)


def cv1(fit: Fit, column: str) -> StepResult:
    """Cluster-robust (CV1) standard error with t(G - 1).

    Parameters
    ----------
    fit : Fit
    column : str
        Regressor of interest.

    Returns
    -------
    StepResult

    Raises
    ------
    StepUnavailable
        Residuals are zero, up to rounding, in every cluster.

    Notes
    -----
    V = G/(G-1) M (sum_g s_g s_g') M with s_g = X_g' W_g e_g (Cameron and Miller
    2015, J. Human Resources 50(2), section II).
    """
    check_residuals(fit, column, step="CV1")
    return StepResult(
        step="CV1",
        column=column,
        estimate=float(fit.estimates(column)),
        std_error=float(cv1_errors(fit, column)),
        df=float(fit.n_clusters - 1),
    )


def cv1_errors(fit: Fit, column: str) -> Floats:
    """Standard errors of `cv1` for every data set of a fit, shape (...).

    Parameters
    ----------
    fit : Fit
    column : str
        Regressor of interest.
    """
    influence = fit.influence(column)
    return np.asarray(np.sqrt(small_sample_factor(fit) * np.vecdot(influence, influence)))


def small_sample_factor(fit: Fit) -> float:
    """Factor on the cluster-robust variance: CR1's G/(G-1)."""
    return fit.n_clusters / (fit.n_clusters - 1)


def check_residuals(fit: Fit, column: str, *, step: str) -> None:
    """Refuse a coefficient whose every cluster's part of the error is zero up to rounding.

    Parameters
    ----------
    fit : Fit
    column : str
        Regressor of interest.
    step : str
        Name of the method, for the message.

    Raises
    ------
    StepUnavailable
        The outcome is fitted exactly: whatever its standard error came to would be rounding, and
        so would every p-value and interval made of it.

    Notes
    -----
    A cluster's part is m's_g with m the column's row of (X'WX)^-1. It is compared with |m|'|size|,
    what the same products come to when nothing cancels: both scale with the outcome, with each
    regressor and with the weights, so no unit changes the answer.
    """
    row = fit.bread[fit.columns.index(column)]
    influence, largest = fit.influence(column), fit.sizes @ np.abs(row)
    if not float(influence @ influence) > _ROUNDING**2 * float(largest @ largest):
        raise StepUnavailable.of("fit-variance-zero-so", "check-outcome", "regression", step=step)
