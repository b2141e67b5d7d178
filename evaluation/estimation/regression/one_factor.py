"""One factor behind the items of a scale, in several groups at once, and how well it fits.

Maximum likelihood for normal answers, from each group's means and covariances. Three models, each
inside the one before: the same items load in every group (configural), the loadings are equal
(metric), the intercepts are equal as well (scalar). Only the last makes means comparable: with
intercepts free, answers may differ between groups whose factor does not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.locale.messages import Message, message

# What a perfect fit may leave.
ROUNDING = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerMoments:
    """A group's answers: people, means of shape (k,), covariances of shape (k, k), divisor n."""

    n: int
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, rows: Floats) -> "AnswerMoments":
        """Moments of complete rows, shape (n, k)."""
        return cls(n=len(rows), mean=rows.mean(axis=0), covariance=covariances(rows, ddof=0))


def covariances(rows: Floats, *, ddof: int) -> Floats:
    """Covariances of columns, shape (k, k); exactly zero for a column of one value.

    Parameters
    ----------
    rows : ndarray, shape (n, k)
    ddof : int
        Taken from n in the divisor.
    """
    varies = np.ptp(rows, axis=0) > 0.0
    return np.where(np.outer(varies, varies), np.cov(rows, rowvar=False, ddof=ddof), 0.0)


def implied_moments(full: Floats, k: int) -> tuple[Floats, Floats]:
    """Means and covariances that a group's parameters imply.

    Parameters
    ----------
    full : ndarray, shape (3k + 2,)
        Loadings, intercepts, uniquenesses, mean and variance of the factor.
    k : int
        Items.
    """
    loadings, variance = full[:k], full[-1]
    implied = variance * np.outer(loadings, loadings) + np.diag(full[2 * k : 3 * k])
    return full[k : 2 * k] + full[-2] * loadings, implied


def without_rounding(value: float) -> float:
    """Nothing where a perfect fit leaves digits that differ from machine to machine."""
    return value if value > ROUNDING else 0.0


def cfi(groups: Sequence[AnswerMoments], chi_square: float, df: int) -> float:
    """Bentler's (1990) comparative fit index.

    Parameters
    ----------
    groups : sequence of AnswerMoments
    chi_square : float
        Of the model.
    df : int
        Its degrees of freedom.
    """
    k = len(groups[0].mean)
    unrelated = 0.0
    for group in groups:
        sd = np.sqrt(np.diagonal(group.covariance))
        unrelated -= group.n * float(np.linalg.slogdet(group.covariance / np.outer(sd, sd))[1])
    beyond = max(chi_square - df, 0.0)
    worst = max(unrelated - len(groups) * k * (k - 1) / 2, beyond)
    return 1.0 - beyond / worst if worst > 0.0 else 1.0


def rmsea(groups: Sequence[AnswerMoments], chi_square: float, df: int) -> float:
    """Root mean square error of approximation; NaN without degrees of freedom.

    With the factor of the number of groups of Steiger (1998), Structural Equation Modeling 5(4).

    Parameters
    ----------
    groups : sequence of AnswerMoments
    chi_square : float
        Of the model.
    df : int
        Its degrees of freedom.
    """
    if df == 0:
        return float("nan")
    n = sum(g.n for g in groups)
    return float(np.sqrt(len(groups) * max(chi_square - df, 0.0) / (df * n)))


def srmr(groups: Sequence[AnswerMoments], implied: Sequence[tuple[Floats, Floats]]) -> float:
    """Standardised root mean square residual of means and covariances, groups weighted by n.

    Parameters
    ----------
    groups : sequence of AnswerMoments
    implied : sequence of (ndarray, ndarray), shape (k,) and (k, k)
        Means and covariances that the model implies, by group.
    """
    n, total = sum(g.n for g in groups), 0.0
    below = np.tril_indices(len(groups[0].mean))
    for group, (mean, covariance) in zip(groups, implied, strict=True):
        sd = np.sqrt(np.diagonal(group.covariance))
        off = ((group.covariance - covariance) / np.outer(sd, sd))[below]
        along = (group.mean - mean) / sd
        squares = float(np.sum(off**2) + np.sum(along**2))
        total += group.n / n * np.sqrt(squares / (len(off) + len(along)))
    return float(total)


Integers = Codes
Level = Literal["configural", "metric", "scalar"]

LEVELS: tuple[Level, ...] = ("configural", "metric", "scalar")
_STEPS = 200
_HALVINGS = 8
# length of a step in standard errors of what is estimated
_ARRIVED = 1e-9
# rounding of the discrepancy, for each person and item
_NOISE = 1e-14
# share of an item's variance that is its own, where the search starts
_OWN_AT_LEAST = 0.2
# an eigenvalue of the correlations below this: an item repeats the others
_SINGULAR = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FactorFit:
    """A fitted model.

    Attributes
    ----------
    chi_square, df : float
        n times the discrepancy, n counting everybody, and the moments less the parameters.
    cfi, rmsea, srmr : float
        Against a model of unrelated items with free means; RMSEA with the factor of the number of
        groups (Steiger 1998), NaN without degrees of freedom; SRMR over means and covariances,
        weighted by n.
    loadings, intercepts, uniquenesses : ndarray, shape (groups, k)
    means, variances : ndarray, shape (groups,)
        Of the factor; 0 and 1 in the first group.
    """

    level: Level
    chi_square: float
    df: int
    cfi: float
    rmsea: float
    srmr: float
    loadings: Floats
    intercepts: Floats
    uniquenesses: Floats
    means: Floats
    variances: Floats


def one_factor(groups: Sequence[AnswerMoments], level: Level) -> FactorFit:
    """Fit one factor to all groups.

    Parameters
    ----------
    groups : sequence of AnswerMoments
        The first gives the factor its scale.
    level : {"configural", "metric", "scalar"}
        What is equal in all groups.

    Raises
    ------
    StepUnavailable
        Fewer than three items; an item that does not vary or repeats the others; no convergence;
        an item or a factor without variance (a Heywood case); a factor that is not determined.

    Notes
    -----
    Fisher scoring with halved steps. The expected information is that of Browne (1974), South
    African Statistical Journal 8(1), with a mean structure added; a step is the least-squares
    solution of whitened residuals, so no matrix of moments by moments is formed.
    """
    k = len(groups[0].mean)
    if k < 3:
        raise _unavailable(message("one-factor-not.problem"))
    _check(groups)
    layout = _layout(len(groups), k, level)
    found = _search(groups, layout, _start(groups, layout))
    return _fit(groups, level, layout, found)


def _unavailable(problem: Message) -> StepUnavailable:
    return StepUnavailable(
        problem,
        where="measurement model",
        fix=message("judge-items-one.fix"),
        rule="sample",
    )


def _check(groups: Sequence[AnswerMoments]) -> None:
    for group in groups:
        variances = np.diagonal(group.covariance)
        if not (variances > 0.0).all():
            raise _unavailable(message("one-factor-item-does-not.problem"))
        sd = np.sqrt(variances)
        if np.linalg.eigvalsh(group.covariance / np.outer(sd, sd))[0] < _SINGULAR:
            raise _unavailable(message("item-follows.problem"))


# ---- parameters: per group k loadings, k intercepts, k uniquenesses, mean and variance of factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layout:
    """Where each group's parameters stand among the free ones; -1 where they are fixed."""

    k: int
    position: Integers
    free: int

    def of_group(self, theta: Floats, group: int) -> Floats:
        """A group's 3k + 2 parameters; what is fixed is a factor's mean 0 and variance 1."""
        at = self.position[group]
        fixed = np.zeros(len(at))
        fixed[-1] = 1.0
        return np.where(at >= 0, theta[at], fixed)


def _layout(groups: int, k: int, level: Level) -> _Layout:
    position = np.full((groups, 3 * k + 2), -1, dtype=np.int64)
    position[:, 2 * k : 3 * k] = np.arange(groups * k).reshape(groups, k)
    free = groups * k
    blocks = (slice(0, k), level != "configural"), (slice(k, 2 * k), level == "scalar")
    for block, equal in blocks:
        count = k if equal else groups * k
        position[:, block] = free + np.arange(count).reshape(-1, k)
        free += count
    for column, estimated in ((-1, level != "configural"), (-2, level == "scalar")):
        if estimated:
            position[1:, column] = free + np.arange(groups - 1)
            free += groups - 1
    return _Layout(k=k, position=position, free=free)


def _start(groups: Sequence[AnswerMoments], layout: _Layout) -> Floats:
    """Loadings of the first principal component within groups, means as they are."""
    n = sum(g.n for g in groups)
    pooled = np.sum([g.n / n * g.covariance for g in groups], axis=0)
    sd = np.sqrt(np.diagonal(pooled))
    values, vectors = np.linalg.eigh(pooled / np.outer(sd, sd))
    loadings = np.sqrt(values[-1]) * vectors[:, -1]
    loadings *= np.sqrt(1.0 - _OWN_AT_LEAST) / max(1.0, float(np.abs(loadings).max()))
    loadings *= sd if loadings.sum() >= 0.0 else -sd
    theta = np.zeros(layout.free)
    for position, group in zip(layout.position, groups, strict=True):
        own = np.maximum(
            np.diagonal(group.covariance) - loadings**2,
            _OWN_AT_LEAST * np.diagonal(group.covariance),
        )
        full = np.concatenate([loadings, group.mean, own, [0.0, 1.0]])
        theta[position[position >= 0]] = full[position >= 0]
    return theta


# ---- likelihood


def _discrepancy(groups: Sequence[AnswerMoments], layout: _Layout, theta: Floats) -> float:
    """Twice the distance of the log-likelihood from the saturated one; infinite off its domain."""
    total = 0.0
    for index, group in enumerate(groups):
        mean, implied = implied_moments(layout.of_group(theta, index), layout.k)
        try:
            lower = np.linalg.cholesky(implied)
        except np.linalg.LinAlgError:
            return float("inf")
        white = np.linalg.solve(lower, np.linalg.cholesky(group.covariance))
        gap = np.linalg.solve(lower, group.mean - mean)
        # log|S| - log|Sigma| from one matrix, so that a perfect fit is zero to the last digits
        log_ratio = 2.0 * float(np.sum(np.log(np.diagonal(white))))
        total += group.n * (float(np.sum(white**2)) - layout.k - log_ratio + float(gap @ gap))
    return total


def _whitened(
    groups: Sequence[AnswerMoments], layout: _Layout, theta: Floats
) -> tuple[Floats, Floats]:
    """Residuals r and derivatives J with J'r the score and J'J the information."""
    k, rows, residuals = layout.k, [], []
    for index, group in enumerate(groups):
        full = layout.of_group(theta, index)
        mean, implied = implied_moments(full, k)
        white = np.linalg.inv(np.linalg.cholesky(implied))
        gap = group.mean - mean
        excess = white @ (group.covariance + np.outer(gap, gap) - implied) @ white.T
        weight = np.sqrt(group.n)
        residuals.append(weight * np.concatenate([white @ gap, excess.ravel() / np.sqrt(2.0)]))
        derivative = weight * _derivatives(full, white)
        taken = layout.position[index] >= 0
        into = np.zeros((len(derivative), layout.free))
        into[:, layout.position[index][taken]] = derivative[:, taken]
        rows.append(into)
    return np.concatenate(residuals), np.concatenate(rows)


def _derivatives(full: Floats, white: Floats) -> Floats:
    """Of whitened means and covariances by a group's parameters, shape (k + k^2, 3k + 2)."""
    k = len(white)
    loaded = white @ full[:k]
    found = np.zeros((k + k * k, 3 * k + 2))
    for item in range(k):
        column = white[:, item]
        turned = np.outer(column, loaded)
        found[:k, item] = full[-2] * column
        found[k:, item] = full[-1] * (turned + turned.T).ravel()
        found[:k, k + item] = column
        found[k:, 2 * k + item] = np.outer(column, column).ravel()
    found[:k, -2] = loaded
    found[k:, -1] = np.outer(loaded, loaded).ravel()
    found[k:] /= np.sqrt(2.0)
    return found


def _search(groups: Sequence[AnswerMoments], layout: _Layout, theta: Floats) -> Floats:
    now = _discrepancy(groups, layout, theta)
    trusted = np.sqrt(_NOISE * layout.k * math.fsum(g.n for g in groups))
    for _ in range(_STEPS):
        residuals, derivatives = _whitened(groups, layout, theta)
        step, _, rank, _ = np.linalg.lstsq(derivatives, residuals, rcond=1e-10)
        length = float(np.linalg.norm(derivatives @ step))
        if length < _ARRIVED:
            if rank < layout.free:
                raise _unavailable(message("answers-do-not.problem"))
            return theta
        for halving in range(_HALVINGS):
            tried = theta + 0.5**halving * step
            then = _discrepancy(groups, layout, tried)
            # near the end a gain is lost in rounding: a whole step is taken on trust
            if then < now or (length < trusted and np.isfinite(then)):
                break
        else:
            raise _unavailable(message("factor-loadings.problem"))
        theta, now = tried, then
    raise _unavailable(message("factor-loadings.problem"))


# ---- what the fit says


def _fit(
    groups: Sequence[AnswerMoments], level: Level, layout: _Layout, theta: Floats
) -> FactorFit:
    k = layout.k
    full = np.array([layout.of_group(theta, index) for index in range(len(groups))])
    if not (full[:, 2 * k : 3 * k] > 0.0).all():
        raise _unavailable(message("item-would-no.problem"))
    if not (full[:, -1] > 0.0).all():
        raise _unavailable(message("factor-would.problem"))
    chi_square = without_rounding(_discrepancy(groups, layout, theta))
    implied = [implied_moments(parameters, k) for parameters in full]
    df = len(groups) * (k + k * (k + 1) // 2) - layout.free
    return FactorFit(
        level=level,
        chi_square=chi_square,
        df=df,
        cfi=cfi(groups, chi_square, df),
        rmsea=rmsea(groups, chi_square, df),
        srmr=without_rounding(srmr(groups, implied)),
        loadings=full[:, :k],
        intercepts=full[:, k : 2 * k],
        uniquenesses=full[:, 2 * k : 3 * k],
        means=full[:, -2],
        variances=full[:, -1],
    )
