"""Entropy balancing: the weights nearest to given ones with which covariates have given means.

Used for clusters and for the composition of respondents: a target of shares is a target of means of
dummies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.regression.fit import StepUnavailable

# Moments are met to this share of a standard deviation: Newton's last step gains twice the digits
# it starts from, so what is left is rounding.
_EXACT = 1e-10
# Variance of the base weights that must be left in every direction. At the edge of what can be
# reached only the rows on that edge keep weight, and the variance across it falls to zero.
_EDGE = 1e-7
# Directions in which the covariates do not vary at all.
_FLAT = 1e-10
_ITERATIONS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Balanced:
    """Entropy-balancing weights.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        Positive; their sum in each group is that of the base weights.
    multipliers : ndarray, shape (k,)
        Weights are base weights x exp(X multipliers), but for a factor per group.
    """

    weights: Floats
    multipliers: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Dual:
    """The dual problem in coordinates with unit variance, rows sorted by group."""

    Z: Floats
    base: Floats
    goal: Floats
    codes: Codes
    starts: Codes
    totals: Floats

    def at(self, theta: Floats) -> tuple[float, Floats]:
        """Value of the dual and the weights, summing to one, at some multipliers."""
        exponent = self.Z @ theta
        top = np.maximum.reduceat(exponent, self.starts)
        raised = self.base * np.exp(exponent - top[self.codes])
        sums = np.add.reduceat(raised, self.starts)
        value = float(self.totals @ (np.log(sums) + top)) - float(self.goal @ theta)
        return value, raised * (self.totals / sums)[self.codes]

    def slope(self, weights: Floats) -> Floats:
        """Gradient: what the means lack, in standard deviations, shape (r,)."""
        return np.asarray(weights @ self.Z - self.goal)

    def curvature(self, weights: Floats) -> Floats:
        """Hessian: weighted covariance within groups, shape (r, r)."""
        weighted = weights[:, None] * self.Z
        means = np.add.reduceat(weighted, self.starts, axis=0)
        return np.asarray(self.Z.T @ weighted - means.T @ (means / self.totals[:, None]))


def balance(
    X: Floats,
    base: Floats,
    target: Floats,
    *,
    names: Sequence[str],
    within: Codes | None = None,
    start: Floats | None = None,
) -> Balanced:
    """Weights closest to the base weights with which the columns of X have the target means.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        Covariates.
    base : ndarray, shape (n,)
        Positive weights.
    target : ndarray, shape (k,)
        Weighted means wanted.
    names : sequence of k str
        Names of the covariates, for messages.
    within : ndarray of int, shape (n,), optional
        Groups whose total weight stays as it is, such as clusters; one group if absent.
    start : ndarray, shape (k,), optional
        Multipliers of a similar problem, to begin from.

    Returns
    -------
    Balanced

    Raises
    ------
    StepUnavailable
        The target cannot be reached with positive weights: no overlap.

    Notes
    -----
    Minimises sum w log(w / base) subject to sum w X / sum w = target (Hainmueller 2012, Political
    Analysis 20(1), eq. 2-5), through the dual sum_g T_g log sum_(i in g) base_i exp(x_i l)
    - target l, by Newton's method with halved steps. With ``within`` the constraints
    sum_(i in g) w_i = T_g are added, and are solved for in closed form at every step.
    """
    codes = np.zeros(len(base), dtype=np.int64) if within is None else within
    order = np.argsort(codes, kind="stable")
    dual, to_raw = _dual(X[order], base[order], target, codes[order], names)
    begin = np.zeros(dual.Z.shape[1])
    if start is not None and len(begin):
        begin = np.asarray(np.linalg.lstsq(to_raw, start)[0])
    theta, sorted_weights = _newton(dual, begin, names)
    weights = np.empty(len(base))
    weights[order] = sorted_weights * base.sum()
    return Balanced(weights=weights, multipliers=np.asarray(to_raw @ theta))


def _dual(
    X: Floats, base: Floats, target: Floats, codes: Codes, names: Sequence[str]
) -> tuple[_Dual, Floats]:
    """The dual in coordinates of unit base variance, and the matrix back to raw multipliers."""
    share = base / base.sum()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1]).astype(np.int64)
    totals = np.add.reduceat(share, starts)
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(codes))))
    centre = share @ X
    means = np.add.reduceat(share[:, None] * X, starts, axis=0) / totals[:, None]
    inner = X - means[group]
    spread = np.sqrt(share @ inner**2)
    # a column that is constant but for rounding is flat whatever its level
    flat = spread <= _FLAT * (np.abs(centre) + np.abs(X).max(axis=0))
    unit = np.where(flat, 1.0, spread)
    scaled = np.where(flat, 0.0, inner / unit)
    size, axes = np.linalg.eigh(scaled.T @ (share[:, None] * scaled))
    kept = size > _FLAT * max(1, len(size))
    away = (target - centre) / np.where(flat, np.abs(centre) + 1.0, unit)
    outside = _outside(X, target, names, starts, totals)
    if outside:
        outside_of = ", ".join(outside)
        raise StepUnavailable.of(
            "entropy-no-overlap-no", "drop-covariate", "entropy balancing", outside=outside_of
        )
    if np.abs(away @ axes[:, ~kept]).max(initial=0.0) > np.sqrt(_FLAT):
        raise _jointly(names)
    to_raw = axes[:, kept] / np.sqrt(size[kept]) / unit[:, None]
    return _Dual(
        Z=(X - centre) @ to_raw,
        base=share,
        goal=(target - centre) @ to_raw,
        codes=group,
        starts=starts,
        totals=totals,
    ), to_raw


def _newton(dual: _Dual, theta: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    value, weights = dual.at(theta)
    for _ in range(_ITERATIONS):
        slope = dual.slope(weights)
        if np.abs(slope).max(initial=0.0) <= _EXACT:
            break
        curvature = dual.curvature(weights)
        if np.linalg.eigvalsh(curvature)[0] < _EDGE:
            raise _jointly(names)
        step = -np.asarray(np.linalg.solve(curvature, slope))
        theta, value, weights = _halved(dual, theta, value, step=step, gain=float(slope @ step))
    else:
        raise _jointly(names)
    if len(theta) and np.linalg.eigvalsh(dual.curvature(weights))[0] < _EDGE:
        raise _jointly(names)
    return theta, weights


def _halved(
    dual: _Dual, theta: Floats, value: float, *, step: Floats, gain: float
) -> tuple[Floats, float, Floats]:
    """Halve a step until the dual falls as its slope promises; rounding may not stop it."""
    length = 1.0
    while True:
        found, weights = dual.at(theta + length * step)
        if found <= value + 1e-4 * length * gain + 1e-12 * (1.0 + abs(value)) or length < 1e-8:
            return theta + length * step, found, weights
        length /= 2.0


def _outside(
    X: Floats, target: Floats, names: Sequence[str], starts: Codes, totals: Floats
) -> list[str]:
    """Covariates whose target lies beyond what any weights could give."""
    low = totals @ np.minimum.reduceat(X, starts, axis=0)
    high = totals @ np.maximum.reduceat(X, starts, axis=0)
    slack = 1e-9 * (np.abs(low) + np.abs(high))
    beyond = (target < low - slack) | (target > high + slack)
    return [name for name, flag in zip(names, beyond, strict=True) if flag]


def _jointly(names: Sequence[str]) -> StepUnavailable:
    return StepUnavailable.of(
        "no-overlap-no", "balance-fewer", "entropy balancing", names=", ".join(names)
    )
