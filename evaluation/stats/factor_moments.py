"""Means and covariances of the items of a scale, and how far a model's are from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# What a perfect fit may leave.
ROUNDING = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """A group's answers: people, means of shape (k,), covariances of shape (k, k), divisor n."""

    n: int
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, rows: Floats) -> "Moments":
        """Moments of complete rows, shape (n, k)."""
        return cls(n=len(rows), mean=rows.mean(axis=0), covariance=covariances(rows, ddof=0))


def covariances(rows: Floats, *, ddof: int) -> Floats:
    """Covariances of columns, shape (k, k); exactly zero for a column of one value."""
    varies = np.ptp(rows, axis=0) > 0.0
    return np.where(np.outer(varies, varies), np.cov(rows, rowvar=False, ddof=ddof), 0.0)


def implied_moments(full: Floats, k: int) -> tuple[Floats, Floats]:
    """Means and covariances that a group's parameters imply."""
    loadings, variance = full[:k], full[-1]
    implied = variance * np.outer(loadings, loadings) + np.diag(full[2 * k : 3 * k])
    return full[k : 2 * k] + full[-2] * loadings, implied


def without_rounding(value: float) -> float:
    """Nothing where a perfect fit leaves digits that differ from machine to machine."""
    return value if value > ROUNDING else 0.0


def cfi(groups: Sequence[Moments], chi_square: float, df: int) -> float:
    """Bentler's (1990) comparative fit index."""
    k = len(groups[0].mean)
    unrelated = 0.0
    for group in groups:
        sd = np.sqrt(np.diagonal(group.covariance))
        unrelated -= group.n * float(np.linalg.slogdet(group.covariance / np.outer(sd, sd))[1])
    beyond = max(chi_square - df, 0.0)
    worst = max(unrelated - len(groups) * k * (k - 1) / 2, beyond)
    return 1.0 - beyond / worst if worst > 0.0 else 1.0


def rmsea(groups: Sequence[Moments], chi_square: float, df: int) -> float:
    """Root mean square error of approximation; NaN without degrees of freedom.

    With the factor of the number of groups of Steiger (1998), Structural Equation Modeling 5(4).
    """
    if df == 0:
        return float("nan")
    n = sum(g.n for g in groups)
    return float(np.sqrt(len(groups) * max(chi_square - df, 0.0) / (df * n)))


def srmr(groups: Sequence[Moments], implied: Sequence[tuple[Floats, Floats]]) -> float:
    """Standardised root mean square residual of means and covariances, groups weighted by n."""
    n, total = sum(g.n for g in groups), 0.0
    below = np.tril_indices(len(groups[0].mean))
    for group, (mean, covariance) in zip(groups, implied, strict=True):
        sd = np.sqrt(np.diagonal(group.covariance))
        off = ((group.covariance - covariance) / np.outer(sd, sd))[below]
        along = (group.mean - mean) / sd
        squares = float(np.sum(off**2) + np.sum(along**2))
        total += group.n / n * np.sqrt(squares / (len(off) + len(along)))
    return float(total)
