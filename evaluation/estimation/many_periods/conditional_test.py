"""Tests of moment inequalities with nuisance parameters: the conditional least-favourable hybrid.

Asked is whether E[Y - X tau] <= 0 for some tau, with Y normal. The statistic is a linear
programme, whose dual has finitely many vertices: with few moments all of them are listed, and
everything else is arithmetic; with many they are found one at a time by linear programmes.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import linprog
from scipy.special import log_ndtr, ndtri_exp

from evaluation.estimation.arrays import Floats

# Up to here all bases of the dual are tried.
_LISTED = 5_000
# Simulated statistics behind the first stage's critical value: where vertices are listed, or not.
_DRAWS, _DRAWS_SOLVED = 20_000, 1_000
_SEED = 0
# Numbers in one (vertices x draws) table.
_CELLS = 4_000_000
# Share of a weight that a basis may have below zero, and by which a bound may be missed.
_ROUNDING = 1e-9
# Iterations of Newton's method on a piecewise linear convex function.
_ITERATIONS = 100


class Vertices(Protocol):
    """The dual set: weights w >= 0 with w'sd = 1 and w'X = 0."""

    def best(self, y: Floats) -> Floats:
        """The vertex with the largest w'y, shape (n,)."""
        ...

    def largest(self, draws: Floats) -> Floats:
        """Largest w'y of each draw, of draws (n, B)."""
        ...

    def truncation(self, best: Floats, y: Floats, slope: Floats) -> tuple[float, float]:
        """Between which values of w'y a vertex stays the best, y moving along a slope."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class VertexList:
    """All vertices, shape (V, n)."""

    all: Floats

    def best(self, y: Floats) -> Floats:
        """The vertex with the largest w'y."""
        return np.asarray(self.all[int(np.argmax(self.all @ y))])

    def largest(self, draws: Floats) -> Floats:
        """Largest w'y of each draw."""
        parts = np.array_split(draws, max(1, draws.shape[1] * len(self.all) // _CELLS), axis=1)
        return np.concatenate([(self.all @ part).max(axis=0) for part in parts])

    def truncation(self, best: Floats, y: Floats, slope: Floats) -> tuple[float, float]:
        """Where another vertex would be as good."""
        value = float(best @ y)
        gap, speed = value - self.all @ y, self.all @ slope - 1.0
        faster, slower = speed > _ROUNDING, speed < -_ROUNDING
        up = value + float(np.min(gap[faster] / speed[faster], initial=np.inf))
        low = value + float(np.max(gap[slower] / speed[slower], initial=-np.inf))
        return low, up


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Vertices found by linear programmes; equalities (1 + k, n) times w are (1, 0, ..., 0)."""

    equalities: Floats

    def best(self, y: Floats) -> Floats:
        """The vertex with the largest w'y."""
        right = np.zeros(len(self.equalities))
        right[0] = 1.0
        found = linprog(-y, A_eq=self.equalities, b_eq=right, method="highs-ds")
        if not found.success:
            return np.full(len(y), np.nan)
        return np.asarray(found.x)

    def largest(self, draws: Floats) -> Floats:
        """Largest w'y of each of the first draws."""
        return np.array([self.best(y) @ y for y in draws.T[:_DRAWS_SOLVED]])

    def truncation(self, best: Floats, y: Floats, slope: Floats) -> tuple[float, float]:
        """Newton's method from far above and far below."""
        value = float(best @ y)
        far = 100.0 + 20.0 * abs(value)
        low, up = (self._bound(value, y, slope, start) for start in (value - far, value + far))
        return (-np.inf if low is None else low), (np.inf if up is None else up)

    def _bound(self, value: float, y: Floats, slope: Floats, start: float) -> float | None:
        """Where the best vertex gives no more than it should; none if it does so at the start."""
        at = start
        for _ in range(_ITERATIONS):
            moved = y + slope * (at - value)
            other = self.best(moved)
            if float(other @ moved) <= at + _ROUNDING * (1.0 + abs(at)):
                return None if at == start else at
            still = float(other @ (y - slope * value))
            at = still / (1.0 - float(other @ slope))
        return at


def vertices(sd: Floats, X: Floats) -> Vertices:
    """The dual vertices of a set of moments.

    Parameters
    ----------
    sd : ndarray, shape (n,)
        Standard deviations of the moments.
    X : ndarray, shape (n, k)
        Of the nuisance parameters; k may be zero.
    """
    W = np.column_stack([sd, X])
    n, size = W.shape
    if math.comb(n, size) > _LISTED:
        return Solved(W.T)
    subsets = np.array(list(itertools.combinations(range(n), size)))
    bases = np.swapaxes(W[subsets], 1, 2)
    scale = np.abs(bases).max(axis=(1, 2))
    regular = np.abs(np.linalg.det(bases / scale[:, None, None])) > _ROUNDING
    right = np.zeros((size, 1))
    right[0] = 1.0
    solved = np.linalg.solve(bases[regular], right)[:, :, 0]
    feasible = (solved >= -_ROUNDING * np.abs(solved).max(axis=1, keepdims=True)).all(axis=1)
    found = np.zeros((int(feasible.sum()), n))
    np.put_along_axis(found, subsets[regular][feasible], np.maximum(solved[feasible], 0.0), axis=1)
    return VertexList(found)


@dataclass(frozen=True, slots=True, eq=False)
class MomentInequalities:
    """n moments whose mean is to be at most zero for some nuisance parameters.

    Attributes
    ----------
    covariance : ndarray, shape (n, n)
    dual : Vertices
    first_stage : float
        Critical value of the least-favourable test at kappa.
    alpha, kappa : float
        Size of the test, and of its first stage.
    """

    covariance: Floats
    dual: Vertices
    first_stage: float
    alpha: float
    kappa: float

    def rejects(self, y: Floats) -> bool:
        """Whether no nuisance parameters make moments y plausible.

        Parameters
        ----------
        y : ndarray, shape (n,)

        Notes
        -----
        Andrews, Roth and Pakes (2023, Rev. Economic Studies 90(6)), section 6; Rambachan and Roth
        (2023, Rev. Economic Studies 90(5)), section 3. The statistic beyond the first stage's
        critical value rejects; else it is held against a normal variable truncated to where the
        same vertex is best and the first stage does not reject, at (alpha - kappa)/(1 - kappa).
        """
        best = self.dual.best(y)
        value = float(best @ y)
        if not value > 0.0:
            return False
        if value > self.first_stage:
            return True
        moved = self.covariance @ best
        variance = float(best @ moved)
        if variance <= np.finfo(np.float64).eps:
            return True
        low, up = self.dual.truncation(best, y, moved / variance)
        error, up = math.sqrt(variance), min(up, self.first_stage)
        size = (self.alpha - self.kappa) / (1.0 - self.kappa)
        return value / error > max(0.0, truncated_quantile(1.0 - size, low / error, up / error))


def moments(covariance: Floats, X: Floats, *, alpha: float) -> MomentInequalities:
    """Moments with a first stage of size alpha / 10.

    Parameters
    ----------
    covariance : ndarray, shape (n, n)
    X : ndarray, shape (n, k)
    alpha : float
    """
    dual, kappa = vertices(np.sqrt(np.diag(covariance)), X), alpha / 10.0
    values, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(_SEED).standard_normal((len(values), _DRAWS))
    critical = float(np.quantile(dual.largest(root @ normal), 1.0 - kappa))
    return MomentInequalities(covariance, dual, critical, alpha, kappa)


def truncated_quantile(p: float, low: float, up: float) -> float:
    """Quantile of a standard normal variable that is known to lie between two values.

    Parameters
    ----------
    p : float
        In (0, 1).
    low, up : float
    """
    if low >= up:
        return low
    if low >= 0.0:
        above, beyond = log_ndtr(-low), log_ndtr(-up)
        found = -ndtri_exp(above + math.log1p(p * math.expm1(beyond - above)))
    else:
        below, whole = log_ndtr(low), log_ndtr(up)
        found = ndtri_exp(whole + math.log1p((1.0 - p) * math.expm1(below - whole)))
    return float(min(max(found, low), up))
