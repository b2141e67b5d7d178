"""Logit and Poisson on weighted cells, for many replicates at once.

With regressors that are the same for everybody of an arm and round, the likelihood depends on the
rows only through each cell's weight and shares. A fit without one cluster is then a fit on other
cell totals, and all of them are solved together.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from scipy.special import expit

from evaluation.estimation.arrays import Floats

Link = Literal["identity", "logit", "log"]

_ITERATIONS = 60
# Change of a coefficient at which Newton's method, which squares its error, has arrived.
_ARRIVED = 1e-9
# Beyond this a probability is zero or one to rounding: the cell is separated, without a solution.
_SEPARATED = 30.0


def generalised(
    weight: Floats, mean: Floats, X: Floats, link: Link, *, start: Floats | None = None
) -> Floats:
    """Coefficients of a generalised linear model on cells.

    Parameters
    ----------
    weight, mean : ndarray, shape (R, C)
        Weight and mean outcome of each cell in each replicate.
    X : ndarray, shape (C, q)
    link : {"identity", "logit", "log"}
        Normal, binomial and Poisson likelihoods, as quasi-likelihoods of the means.
    start : ndarray, shape (R, q), optional
        Coefficients of similar fits, to begin from.

    Returns
    -------
    ndarray, shape (R, q)
        NaN where there is no solution: a cell without rows, or separated.

    Notes
    -----
    Fisher scoring (McCullagh and Nelder 1989, Generalized Linear Models, 2.5).
    """
    empty = np.asarray((weight <= 0.0).any(axis=1))
    weight, mean = np.where(empty[:, None], 1.0, weight), np.where(empty[:, None], 0.5, mean)
    eta = _start(mean, weight, link) if start is None else start @ X.T
    found = np.full((len(weight), X.shape[1]), np.inf)
    for _ in range(_ITERATIONS):
        mu = inverse_link(eta, link)
        # canonical links: the variance of the mean is its derivative, so both cancel once
        slope = _VARIANCES[link](mu)
        gram = ((weight * slope)[:, None, :] * X.T) @ X
        moment = (weight * (slope * eta + mean - mu)) @ X
        new = np.linalg.solve(gram, moment[:, :, None])[:, :, 0]
        arrived = np.abs(new - found).max(axis=1) < _ARRIVED
        found = new
        eta = np.clip(found @ X.T, -_SEPARATED, _SEPARATED) if link != "identity" else found @ X.T
        if arrived.all():
            break
    separated = (np.abs(eta) >= _SEPARATED).any(axis=1) & (link != "identity")
    return np.where((~arrived | separated | empty)[:, None], np.nan, found)


def _start(mean: Floats, weight: Floats, link: Link) -> Floats:
    if link == "identity":
        return mean.copy()
    pooled = np.sum(weight * mean, axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    first = np.clip((mean + pooled) / 2.0, 1e-6, None)
    if link == "log":
        return np.asarray(np.log(first))
    first = np.clip(first, None, 1.0 - 1e-6)
    return np.asarray(np.log(first / (1.0 - first)))


def inverse_link(eta: Floats, link: Link) -> Floats:
    """Mean of the outcome for linear indices of any shape.

    Parameters
    ----------
    eta : ndarray
    link : {"identity", "logit", "log"}
    """
    return np.asarray(_MEANS[link](eta))


_MEANS: Mapping[Link, Callable[[Floats], Floats]] = {
    "identity": np.asarray,
    "logit": expit,
    "log": np.exp,
}
_VARIANCES: Mapping[Link, Callable[[Floats], Floats]] = {
    "identity": np.ones_like,
    "logit": lambda mu: mu * (1.0 - mu),
    "log": np.asarray,
}
