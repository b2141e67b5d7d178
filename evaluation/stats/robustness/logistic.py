"""Weighted logit by Newton's method, small enough to be refitted without each cluster."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evaluation.locale.messages import message
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.reweighting import solve

Floats = NDArray[np.float64]

# Change of a coefficient times its column's length, relative to the rows: far below any digit used.
_CONVERGED = 1e-10
_ITERATIONS = 50
# A linear index this far from zero stands for a probability of 0 or 1 within 1e-13: separation.
_SEPARATED = 30.0


def logit(X: Floats, chosen: Floats, weights: Floats, *, start: Floats | None = None) -> Floats:
    """Coefficients of a weighted logit.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        With a constant, if one is wanted.
    chosen : ndarray, shape (n,)
        0 or 1.
    weights : ndarray, shape (n,)
        Not negative; rows with zero do not count.
    start : ndarray, shape (k,), optional
        Coefficients of a similar fit, to begin from.

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    StepUnavailable
        Collinear columns, or covariates that tell the two groups apart without error.

    Notes
    -----
    Solves X' w (chosen - p) = 0, p = 1 / (1 + exp(-X b)), the weighted maximum-likelihood
    equations (McCullagh and Nelder 1989, sec. 4.4).
    """
    beta = np.zeros(X.shape[1]) if start is None else start
    share = weights / weights.sum()
    length = np.sqrt(share @ X**2)
    for _ in range(_ITERATIONS):
        p = expit(X @ beta)
        weighted = (share * p * (1.0 - p))[:, None] * X
        step = solve(X.T @ weighted, X.T @ (share * (chosen - p)))
        beta = beta + step
        if np.abs(X[weights > 0.0] @ beta).max() > _SEPARATED:
            break
        if np.abs(step * length).max() <= _CONVERGED:
            return np.asarray(beta)
    raise StepUnavailable(
        message("logit-no-finite.problem"),
        where="logit",
        mend=message("name-fewer-covariates-join.mend"),
    )
