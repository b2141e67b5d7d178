"""Design-based means and regressions of a survey: strata and primary sampling units.

They describe a population that was sampled, without any model of treatment. For a treatment given
to whole clusters use `did` or `ancova`: with cluster effects the degrees of freedom of this room
would be negative.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import least_squares


@dataclass(frozen=True, slots=True)
class DesignEstimate:
    """A design-based estimate.

    Attributes
    ----------
    estimate, std_error : float
        In units of the variable.
    df : int
        Degrees of freedom of the t distribution.
    """

    estimate: float
    std_error: float
    df: int


def mean(
    values: ArrayLike,
    *,
    weights: ArrayLike,
    psu: Iterable[Hashable],
    strata: Iterable[Hashable] | None = None,
) -> DesignEstimate:
    """Weighted mean with its linearised standard error.

    Parameters
    ----------
    values, weights : array_like, shape (n,)
        Weights are inverse inclusion probabilities, up to a factor.
    psu : iterable of n ids
        Primary sampling units; the same id in two strata is two units.
    strata : iterable of n ids, optional
        Without it, one stratum.

    Returns
    -------
    DesignEstimate
        With (units - strata) degrees of freedom.

    Raises
    ------
    EstimationError
        Missing values, weights that are not positive, different lengths, or a stratum with a
        single unit, whose variance is not known.

    Notes
    -----
    V = sum_h n_h/(n_h - 1) sum_i (z_hi - z_h)^2 with z_hi the unit's sum of w (y - mean) / sum w
    (Binder 1983, International Statistical Review 51); units are taken as drawn with replacement,
    so there is no finite-population factor.
    """
    y = np.asarray(values, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64)
    _check(y, weight)
    units, stratum = _units(psu, strata, len(y))
    estimate = float(np.average(y, weights=weight))
    linear = (weight * (y - estimate) / weight.sum())[:, None]
    variance = _variance(linear, units, stratum)[0]
    return DesignEstimate(estimate, float(np.sqrt(variance)), _df(stratum))


def regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike,
    psu: Iterable[Hashable],
    columns: Sequence[str],
    strata: Iterable[Hashable] | None = None,
) -> dict[str, DesignEstimate]:
    """Weighted least squares with linearised standard errors.

    Parameters
    ----------
    X : array_like, shape (n, q)
        Regressors, the constant among them.
    y, weights : array_like, shape (n,)
    psu : iterable of n ids
    columns : sequence of q str
    strata : iterable of n ids, optional

    Returns
    -------
    dict of str to DesignEstimate
        One per column, with (units - strata - q + 1) degrees of freedom.

    Raises
    ------
    EstimationError
        As `mean`; collinear columns; or no degrees of freedom left.

    Notes
    -----
    As `mean`, with z_hi the unit's sum of (X'WX)^-1 x w e (Fuller 1975, Sankhya C 37).
    """
    outcome = np.asarray(y, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64)
    _check(outcome, weight)
    units, stratum = _units(psu, strata, len(outcome))
    fit = least_squares(
        cluster_blocks.accumulate(
            X, outcome, weights=weight, cluster=units, columns=columns, absorb="none"
        )
    )
    df = _df(stratum) - len(fit.columns) + 1
    if df < 1:
        raise _survey_error("columns-leave", "use-fewer-columns", n=len(fit.columns), df=df)
    design = np.asarray(X, dtype=np.float64)
    residual = outcome - design @ fit.coefficients
    linear = (design * (weight * residual)[:, None]) @ fit.bread
    errors = np.sqrt(_variance(linear, units, stratum))
    return {
        name: DesignEstimate(float(fit.coefficients[j]), float(errors[j]), df)
        for j, name in enumerate(fit.columns)
    }


def _check(values: Floats, weights: Floats) -> None:
    if values.ndim != 1 or values.shape != weights.shape:
        raise _survey_error("values-weights", "pass-one-weight")
    if not np.isfinite(values).all():
        raise _survey_error("missing-or-infinite-values", "leave-those-rows")
    if not (np.isfinite(weights).all() and (weights > 0.0).all()):
        raise _survey_error("weights-missing", "keep-rows-positive")


def _units(
    psu: Iterable[Hashable], strata: Iterable[Hashable] | None, n: int
) -> tuple[Codes, Codes]:
    """Unit of each row, and stratum of each unit, both counted from 0."""
    ids = list(psu)
    groups = [""] * n if strata is None else list(strata)
    if len(ids) != n or len(groups) != n:
        raise _survey_error("units-strata", "pass-one-per")
    if pd.isna(pd.Series(ids)).any() or pd.isna(pd.Series(groups)).any():
        raise _survey_error("row-no-unit", "link-every-row-sampling")
    units, known = pd.factorize(pd.Series(list(zip(groups, ids, strict=True))))
    stratum, names = pd.factorize(pd.Series([pair[0] for pair in known], dtype=object))
    alone = np.flatnonzero(np.bincount(stratum) < 2)
    if len(alone):
        raise _survey_error(
            "strata-single", "join-such-stratum", n=len(alone), names=repr(names[alone[0]])
        )
    return units.astype(np.int64), stratum.astype(np.int64)


def _variance(linear: Floats, units: Codes, stratum: Codes) -> Floats:
    """Variance of the total of linearised values, shape (q,), for values of shape (n, q)."""
    totals = np.column_stack([np.bincount(units, weights=column) for column in linear.T])
    number = np.bincount(stratum)
    means = np.column_stack([np.bincount(stratum, weights=t) for t in totals.T]) / number[:, None]
    factor = (number / (number - 1))[stratum]
    return np.asarray(factor @ (totals - means[stratum]) ** 2)


def _df(stratum: Codes) -> int:
    return len(stratum) - (int(stratum.max()) + 1)


def _survey_error(problem: str, fix: str, **holes: object) -> EstimationError:
    return EstimationError.of(problem, fix, "survey design", rule="survey-design", **holes)
