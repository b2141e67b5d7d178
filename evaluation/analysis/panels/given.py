"""Counts after, given those before: a Poisson regression with the earlier rate as a covariate.

Difference-in-differences takes the whole earlier level off each unit. Here the data say how much of
it lasts, so that a year before that was unusually high or low is not read as an effect.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.poisson_inference import end_near

# events added to the years before, so that the log of none is a number: in a covariate only
ADDED = 0.5
_ITERATIONS, _ARRIVED, _LONGEST = 60, 1e-10, 2.0
# replicates that are fitted at once
_PART = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """One row a unit: events and people after, columns of strata and of the log rate before."""

    y: Floats
    people: Floats
    X: Floats


def after(panel: UnitPanel) -> After:
    """Sums over the periods of treatment, and the rate of those before.

    Parameters
    ----------
    panel : UnitPanel
        Counts with people as exposure, of one cohort.

    Raises
    ------
    EstimationError
        More than one cohort.
    """
    if len(panel.cohorts) != 1:
        raise EstimationError.of("panel-given-cohorts", "panel-given-cohorts", "plan.toml")
    entry = int(panel.cohorts[0])
    before, people = panel.y[:, :entry].sum(axis=1), panel.exposure[:, :entry].sum(axis=1)
    rate = np.log((before + ADDED) / people)
    strata = np.eye(len(panel.strata))[panel.stratum]
    return After(
        y=panel.y[:, entry:].sum(axis=1),
        people=panel.exposure[:, entry:].sum(axis=1),
        X=np.column_stack([strata, rate - rate.mean()]),
    )


def coefficients(made: After, treated: Flags) -> Floats:
    """Coefficients with treatment's log ratio last, (R, q); not a number where there is none.

    Parameters
    ----------
    made : After
    treated : ndarray of bool, shape (R, N)
    """
    parts = [
        _fitted(made, treated[start : start + _PART]) for start in range(0, len(treated), _PART)
    ]
    return np.concatenate(parts)


def _fitted(made: After, treated: Flags) -> Floats:
    """Newton's method; the strata's effects begin at their own rates."""
    R, q = len(treated), made.X.shape[1] + 1
    X = np.concatenate([np.repeat(made.X[None], R, axis=0), treated[:, :, None]], axis=2)
    strata = made.X[:, :-1]
    rates = np.log(np.maximum(strata.T @ made.y, ADDED) / (strata.T @ made.people))
    found = np.zeros((R, q))
    found[:, : len(rates)] = rates
    step = np.full((R, q), np.inf)
    for _ in range(_ITERATIONS):
        mu = made.people * np.exp((X @ found[:, :, None])[:, :, 0].clip(-50.0, 10.0))
        score = ((made.y - mu)[:, None] @ X)[:, 0]
        information = np.swapaxes(X, 1, 2) @ (mu[:, :, None] * X)
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0].clip(-_LONGEST, _LONGEST)
        found = found + step
        if np.abs(step).max() < _ARRIVED:
            break
    return np.where(np.abs(step).max(axis=1, keepdims=True) < _ARRIVED, found, np.nan)


@dataclass(eq=False)
class ConditionalEffect:
    """The log ratio given the years before, and its permutations.

    Attributes
    ----------
    made : After
    own : ndarray of bool, shape (N,)
    treated : ndarray of bool, shape (B, N)
    """

    made: After
    own: Flags
    treated: Flags

    @cached_property
    def ratio(self) -> float:
        """Log ratio of the treated."""
        return float(coefficients(self.made, self.own[None])[0, -1])

    @cached_property
    def persistence(self) -> float:
        """Coefficient of the log rate before: one is what differences assume."""
        return float(coefficients(self.made, self.own[None])[0, -2])

    @cached_property
    def drawn(self) -> Floats:
        """Permuted log ratios, shape (B,)."""
        return coefficients(self.made, self.treated)[:, -1]

    def p_value(self) -> float:
        """Share of permutations as far from zero; without solution they count as farther."""
        return self._share(self.ratio, self.drawn)

    def interval(self, level: float) -> tuple[float, float]:
        """Log ratios that are not rejected, treated counts divided by each.

        Parameters
        ----------
        level : float
        """
        spread = float(np.nanstd(self.drawn))
        low, high = (
            end_near(self._p_of, self.ratio, side * spread, 1.0 - level) for side in (-1.0, 1.0)
        )
        return low, high

    def _p_of(self, log_ratio: float) -> float:
        y = self.made.y * np.exp(-log_ratio * self.own)
        less = ConditionalEffect(After(y, self.made.people, self.made.X), self.own, self.treated)
        return less.p_value()

    def _share(self, own: float, drawn: Floats) -> float:
        larger = int(np.count_nonzero(~(drawn**2 < own**2 * (1.0 - TIE))))
        return float(share_of(larger, len(drawn), enumerated=False))


def given(panel: UnitPanel, drawn: Permutations) -> ConditionalEffect:
    """The regression of a panel, and who is treated under each permutation.

    Parameters
    ----------
    panel : UnitPanel
    drawn : Permutations
    """
    among = drawn.among(panel.units)
    own = panel.first < panel.n_periods
    observed, drawn_arms = among.observed[np.flatnonzero(own)[0]], among.codes.T
    return ConditionalEffect(after(panel), own, drawn_arms == observed)
