"""Effects by cohort and period with covariates: regression, weighting, or both.

Every effect compares changes of a cohort with changes of units not treated by then, after a model
of the comparison's change, of who is treated, or of both has been fitted. What is estimated on the
way enters the error by influence functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.many_periods.aggregation import Aggregation, Kind, Name, aggregate
from evaluation.estimation.many_periods.groups import groups
from evaluation.estimation.many_periods.multipliers import cv1_of
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.many_periods.two_by_two import Base, Comparison, TwoByTwo, two_by_two
from evaluation.estimation.regression.fit import inverse
from evaluation.estimation.regression.grouped_models import generalised, inverse_link

Model = Literal["regression", "weighting", "doubly_robust"]

# Chance of treatment from which a comparison unit is left out: its weight would be beyond 200.
_TRIMMED = 0.995


@dataclass(eq=False)
class Adjusted:
    """K estimates with covariates.

    Attributes
    ----------
    panel : UnitPanel
    aggregation : Aggregation
    cohort, period : ndarray of int, shape (J,)
        First treated period and period of each effect.
    effects : ndarray, shape (J,)
    errors : ndarray, shape (J, N)
        What each unit adds to the error of each effect.
    """

    panel: UnitPanel
    aggregation: Aggregation
    cohort: Codes
    period: Codes
    effects: Floats
    errors: Floats

    @property
    def names(self) -> tuple[Name, ...]:
        """What each estimate is of."""
        return self.aggregation.names

    @cached_property
    def estimates(self) -> Floats:
        """The estimates, shape (K,)."""
        return np.asarray(self.aggregation.mixing @ self.effects)

    @cached_property
    def contributions(self) -> Floats:
        """What each unit adds to the error of each estimate, shape (K, N)."""
        number = self.panel.n_periods + 1
        slope = self.aggregation.by_size(self.effects, self.cohort, number)
        shares = slope[:, self.panel.first] * self.panel.weight
        return np.asarray(self.aggregation.mixing @ self.errors + shares)

    def std_errors(self) -> Floats:
        """CV1, shape (K,)."""
        return cv1_of(self.contributions)


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Units of one effect: treated or not, change of the outcome, covariates, weights of mean 1."""

    treated: Floats
    change: Floats
    X: Floats
    weight: Floats


def adjusted(
    panel: UnitPanel,
    *,
    model: Model = "doubly_robust",
    comparison: Comparison = "not_yet",
    base: Base = "universal",
    anticipation: int = 0,
    kinds: Sequence[Kind] = ("simple", "event"),
) -> Adjusted:
    """Effects of every cohort and period with covariates, and their averages.

    Parameters
    ----------
    panel : UnitPanel
        Covariates are constant in time; strata are dummies beside them.
    model : {"regression", "weighting", "doubly_robust"}
    comparison, base, anticipation
        As of `two_by_two`.
    kinds : sequence of str
        As of `aggregate`.

    Returns
    -------
    Adjusted

    Raises
    ------
    EstimationError
        No effect can be had, or covariates tell without error who is treated.

    Notes
    -----
    Callaway and Sant'Anna (2021, J. Econometrics 225(2)), theorem 1; influence functions of
    Sant'Anna and Zhao (2020, J. Econometrics 219(1)), theorem 1 and its supplement for the
    regression and the normalised weights, with a logit and least squares.
    """
    usable = panel.kept(panel.seen_before(anticipation))
    made, cells = _cells(usable, comparison, base, anticipation)
    if not len(cells.cohort):
        raise EstimationError.of("panel-no-effect", "panel-comparison", WHERE)
    X = _covariates(usable)
    effects = np.empty(len(cells.cohort))
    errors = np.zeros((len(cells.cohort), len(usable.units)))
    for j in range(len(cells.cohort)):
        rows, change = _change(usable, cells, made, j, X)
        effects[j], errors[j, rows] = _effect(change, model)
    how = aggregate(cells.cohort, cells.period, cells.size(), kinds=kinds)
    return Adjusted(usable, how, cells.cohort, cells.period, effects, errors)


def _cells(
    panel: UnitPanel, comparison: Comparison, base: Base, anticipation: int
) -> tuple[Codes, TwoByTwo]:
    """Which cohorts, periods and comparisons there are; groups of units without covariates."""
    plain = UnitPanel(
        panel.units, panel.periods, panel.first, panel.y, panel.weight, panel.stratum, panel.strata
    )
    made, of_unit = groups(plain)
    cells = two_by_two(made, comparison=comparison, base=base, anticipation=anticipation)
    return of_unit, cells


def _covariates(panel: UnitPanel) -> Floats:
    """A constant, covariates in units of their spread, and dummies of strata but the first."""
    x = panel.covariates if panel.covariates.size else np.zeros((len(panel.units), 0))
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    strata = np.eye(len(panel.strata))[panel.stratum][:, 1:]
    return np.column_stack([np.ones(len(x)), x[:, spread > 0.0], strata])


def _change(
    panel: UnitPanel, cells: TwoByTwo, of_unit: Codes, j: int, X: Floats
) -> tuple[Codes, _Change]:
    part = cells.share[j][of_unit]
    seen = panel.seen[:, cells.period[j]] & panel.seen[:, cells.base[j]]
    rows = np.flatnonzero((part != 0.0) & seen)
    change = panel.y[rows, cells.period[j]] - panel.y[rows, cells.base[j]]
    own = X[rows]
    varying = np.r_[True, np.ptp(own[:, 1:], axis=0) > 0.0]
    weight = panel.weight[rows] / panel.weight[rows].mean()
    treated = np.where(part[rows] > 0.0, 1.0, 0.0)
    return rows, _Change(treated, change, own[:, varying], weight)


def _effect(made: _Change, model: Model) -> tuple[float, Floats]:
    """An effect and what each of its units adds to its error."""
    n = len(made.change)
    own, left = made.treated * made.weight, made.change
    slopes = np.zeros_like(made.X)
    if model != "weighting":
        left, slopes = _regressed(made)
    treated, error = _mean(own, left)
    error = error - slopes @ (own @ made.X) / own.sum()
    if model == "regression":
        return treated, error / n
    chance, moved = _chance(made)
    odds = made.weight * np.where(made.treated > 0.0, 0.0, chance / (1.0 - chance))
    odds = np.where(chance < _TRIMMED, odds, 0.0)
    against, other = _mean(odds, left)
    other = other + moved @ ((odds * (left - against)) @ made.X) / odds.sum()
    other = other - slopes @ (odds @ made.X) / odds.sum()
    return treated - against, (error - other) / n


def _mean(weight: Floats, values: Floats) -> tuple[float, Floats]:
    """A weighted mean, and its influence function."""
    mean = float(weight @ values / weight.sum())
    return mean, weight * (values - mean) * (len(weight) / weight.sum())


def _regressed(made: _Change) -> tuple[Floats, Floats]:
    """Changes less what untreated units of the same covariates had, and the slopes' influence."""
    weight = made.weight * (1.0 - made.treated)
    _check_rank(made.X[weight > 0.0])
    bread = inverse((made.X * weight[:, None]).T @ made.X)
    left = made.change - made.X @ (bread @ (made.X.T @ (weight * made.change)))
    return left, (made.X * (weight * left)[:, None]) @ bread * len(weight)


def _chance(made: _Change) -> tuple[Floats, Floats]:
    """Chance of treatment by a logit, and its coefficients' influence."""
    found = generalised(made.weight[None], made.treated[None], made.X, "logit")[0]
    if np.isnan(found).any():
        raise EstimationError.of("panel-told-apart", "panel-fewer-covariates", WHERE)
    chance = inverse_link(made.X @ found, "logit")
    bread = inverse((made.X * (made.weight * chance * (1.0 - chance))[:, None]).T @ made.X)
    score = made.X * (made.weight * (made.treated - chance))[:, None]
    return chance, score @ bread * len(chance)


def _check_rank(X: Floats) -> None:
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise EstimationError.of("panel-told-apart", "panel-fewer-covariates", WHERE)
