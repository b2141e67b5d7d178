"""Logit, Poisson and ordered logit on weighted cells, for many replicates at once.

With regressors that are the same for everybody of an arm and round, the likelihood depends on the
rows only through each cell's weight and shares. A fit without one cluster is then a fit on other
cell totals, and all of them are solved together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Ordered logit P(y <= k) = L(threshold_k - x b), for R replicates.

    Attributes
    ----------
    thresholds : ndarray, shape (R, V - 1)
    slopes : ndarray, shape (R, q)
        NaN, as the thresholds, where there is no solution.
    """

    thresholds: Floats
    slopes: Floats

    def shares(self, index: Floats) -> Floats:
        """Probability of each of the V values for linear indices (R, C); shape (R, C, V)."""
        return np.diff(_bounded(expit(self.thresholds[:, None, :] - index[:, :, None])))


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


def ordered(weight: Floats, share: Floats, X: Floats) -> Ordered:
    """Maximum likelihood of the ordered logit on cells.

    Parameters
    ----------
    weight : ndarray, shape (R, C)
    share : ndarray, shape (R, C, V)
        Shares of the V ordered values in each cell.
    X : ndarray, shape (C, q)
        Without a constant, which the thresholds are.

    Notes
    -----
    McCullagh (1980), J. Royal Statistical Society B 42(2); Fisher scoring, started at the
    thresholds of all cells together.
    """
    cuts = share.shape[2] - 1
    bad = np.asarray((weight <= 0.0).any(axis=1))
    weight = np.where(bad[:, None], 1.0, weight)
    share = np.where(bad[:, None, None], 1.0 / (cuts + 1), share)
    below = np.cumsum(np.einsum("rc,rcv->rv", weight, share), axis=1)
    below = np.clip(below[:, :-1] / below[:, -1:], 1e-9, 1.0 - 1e-9)
    theta = np.concatenate(
        [np.log(below / (1.0 - below)), np.zeros((len(weight), X.shape[1]))], axis=1
    )
    for _ in range(_ITERATIONS):
        step = _score_step(theta, weight, share, X)
        # no longer than one unit on the logistic scale, which keeps thresholds in their order
        longest = np.abs(step).max(axis=1, keepdims=True)
        theta = theta + step / np.maximum(longest, 1.0)
        arrived = longest[:, 0] < _ARRIVED
        if arrived.all():
            break
    crossed = (np.diff(theta[:, :cuts]) <= 0.0).any(axis=1)
    far = (np.abs(theta) >= _SEPARATED).any(axis=1)
    lost = np.asarray(~arrived | crossed | far | bad)
    theta = np.where(lost[:, None], np.nan, theta)
    return Ordered(theta[:, :cuts], theta[:, cuts:])


def _score_step(theta: Floats, weight: Floats, share: Floats, X: Floats) -> Floats:
    """Inverse information times score, shape (R, V - 1 + q)."""
    cuts = share.shape[2] - 1
    index = theta[:, cuts:] @ X.T
    lower = expit(theta[:, None, :cuts] - index[:, :, None])
    density = lower * (1.0 - lower)
    chance = np.maximum(np.diff(_bounded(lower)), 1e-12)
    # derivative of P(y <= k) in the thresholds and slopes, zero at both ends
    steps = np.zeros((*density.shape[:2], cuts + 2, theta.shape[1]))
    steps[:, :, np.arange(1, cuts + 1), np.arange(cuts)] = density
    steps[:, :, 1:-1, cuts:] = -density[..., None] * X[None, :, None, :]
    change = np.diff(steps, axis=2)
    score = np.einsum("rc,rcv,rcvi->ri", weight, share / chance, change)
    scaled = change * (weight[:, :, None] / chance)[..., None]
    information = np.einsum("rcvi,rcvj->rij", scaled, change)
    return np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0])


def _bounded(lower: Floats) -> Floats:
    """Cumulative probabilities with 0 before and 1 after them, along the last axis."""
    ends = np.zeros((*lower.shape[:-1], 1))
    return np.concatenate([ends, lower, ends + 1.0], axis=-1)


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
