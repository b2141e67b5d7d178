"""Linear estimators of many periods: one design, one weight matrix, and what follows from it.

Estimates, contributions of units to their error, and the estimates without each unit all come
from the same weights of group means; the outcome enters once.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference.jackknife import errors_of
from evaluation.estimation.many_periods.aggregation import Aggregation, Kind, Name, aggregate
from evaluation.estimation.many_periods.groups import Groups, groups, means
from evaluation.estimation.many_periods.imputation import imputation
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.many_periods.two_by_two import Base, Comparison, stacked, two_by_two

Method = Literal["imputation", "callaway_santanna", "sun_abraham", "stacked"]
METHODS: tuple[Method, ...] = ("imputation", "callaway_santanna", "sun_abraham", "stacked")


class Effects(Protocol):
    """J effects by cohort and period, linear in the means of M groups."""

    @property
    def cohort(self) -> Codes:
        """First treated period of each effect, shape (J,)."""
        ...

    @property
    def period(self) -> Codes:
        """Period of each effect, shape (J,)."""
        ...

    def size(self) -> Floats:
        """What each effect counts when effects are averaged, shape (J,)."""
        ...

    def weights(self, mixing: Floats) -> Floats:
        """Weights of group means in mixtures (K, J), shape (K, M, T)."""
        ...

    def effects(self, means: Floats) -> Floats:
        """The effects, shape (J,)."""
        ...

    def misfit(self, mixing: Floats, means: Floats) -> Floats:
        """Error from differences between groups of one effect, shape (K, M)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearOptions:
    """Which linear estimator.

    ``comparison`` are units never treated in the panel or those not treated yet; ``base`` is that
    of periods before treatment in `two_by_two`; ``window`` are the periods before and after of
    `stacked`.
    """

    method: Method = "imputation"
    comparison: Comparison = "not_yet"
    base: Base = "universal"
    anticipation: int = 0
    window: tuple[int, int] = (1, 0)
    kinds: tuple[Kind, ...] = ("simple", "event")

    def effects(self, made: Groups) -> Effects:
        """The estimator's effects of groups."""
        if self.method == "imputation":
            return imputation(made, comparison=self.comparison, anticipation=self.anticipation)
        if self.method == "stacked":
            return stacked(made, window=self.window)
        return two_by_two(
            made,
            comparison="never" if self.method == "sun_abraham" else self.comparison,
            base="universal" if self.method == "sun_abraham" else self.base,
            anticipation=self.anticipation,
        )


@dataclass(frozen=True, slots=True, eq=False)
class EstimateWeights:
    """K estimates of M groups as weights of their means; the outcome is not needed.

    Attributes
    ----------
    groups : Groups
    effects : Effects
    aggregation : Aggregation
    weights : ndarray, shape (K, M, T)
    """

    groups: Groups
    effects: Effects
    aggregation: Aggregation
    weights: Floats

    @property
    def names(self) -> tuple[Name, ...]:
        """What each estimate is of."""
        return self.aggregation.names


def design(made: Groups, choices: LinearOptions) -> EstimateWeights:
    """The weight matrix of a design.

    Parameters
    ----------
    made : Groups
    choices : LinearOptions

    Returns
    -------
    EstimateWeights

    Raises
    ------
    EstimationError
        No effect can be had.
    """
    effects = choices.effects(made)
    if not len(effects.cohort):
        raise EstimationError.of("panel-no-effect", "panel-comparison", WHERE)
    how = aggregate(effects.cohort, effects.period, effects.size(), kinds=choices.kinds)
    return EstimateWeights(made, effects, how, effects.weights(how.mixing))


@dataclass(eq=False)
class Linear:
    """Linear estimates of a panel.

    Attributes
    ----------
    panel : UnitPanel
        Without units that no effect can use.
    choices : LinearOptions
    design : EstimateWeights
    of_unit : ndarray of int, shape (N,)
        Group of each unit.
    means : ndarray, shape (M, T)
    """

    panel: UnitPanel
    choices: LinearOptions
    design: EstimateWeights
    of_unit: Codes
    means: Floats

    @property
    def names(self) -> tuple[Name, ...]:
        """What each of the K estimates is of."""
        return self.design.names

    @cached_property
    def estimates(self) -> Floats:
        """The estimates, shape (K,)."""
        return np.einsum("kmt,mt->k", self.design.weights, self.means)

    @cached_property
    def contributions(self) -> Floats:
        """What each unit adds to the error of each estimate, shape (K, N).

        Notes
        -----
        A unit's weight times the group's weights of its deviation from the group's mean, and its
        share of what the group's mean itself is off the model; for Callaway and Sant'Anna also of
        the cohorts' estimated shares (their influence function, theorem 2 and corollary 1). Their
        sum is zero.
        """
        return self.within + self._constant()[:, self.of_unit] * self.panel.weight

    @cached_property
    def within(self) -> Floats:
        """Contributions from deviations of the units from their group's mean, shape (K, N)."""
        panel = self.panel
        found = np.empty((len(self.names), len(panel.units)))
        for m, rows in enumerate(_members(self.of_unit, len(self.means))):
            away = np.where(panel.seen[rows], panel.y[rows], 0.0) - self.means[m]
            found[:, rows] = self.design.weights[:, m] @ away.T
        return found * self._share

    @property
    def _share(self) -> Floats:
        """Share of each unit in its group, shape (N,)."""
        return np.asarray(self.panel.weight / self.design.groups.weight[self.of_unit])

    def _constant(self) -> Floats:
        """What every unit of a group adds to the error per weight, shape (K, M)."""
        made = self.design
        found = made.effects.misfit(made.aggregation.mixing, self.means) / made.groups.weight
        if self.choices.method == "callaway_santanna":
            effects, number = made.effects.effects(self.means), self.panel.n_periods + 1
            slope = made.aggregation.by_size(effects, made.effects.cohort, number)
            found += slope[:, made.groups.first]
        return found

    @cached_property
    def covariance(self) -> Floats:
        """Sums of products of the contributions, shape (K, K).

        Made from second moments of each group, so that no number a unit and estimate is kept.
        """
        panel, constant = self.panel, self._constant()
        found = np.zeros((len(self.names), len(self.names)))
        for m, rows in enumerate(_members(self.of_unit, len(self.means))):
            own = panel.weight[rows, None]
            away = np.where(panel.seen[rows], panel.y[rows], 0.0) - self.means[m]
            # a unit's level has no weight: without it nothing large cancels
            seen = self.design.groups.seen[m]
            away[:, seen] -= away[:, seen].mean(axis=1, keepdims=True)
            away *= own
            part = self.design.weights[:, m] / self.design.groups.weight[m]
            crossed = np.outer(part @ (away * own).sum(axis=0), constant[:, m])
            found += part @ (away.T @ away) @ part.T + crossed + crossed.T
            found += np.sum(own**2) * np.outer(constant[:, m], constant[:, m])
        return found

    def std_errors(self) -> Floats:
        """CV1: root of G/(G-1) times the sum of squared contributions, shape (K,)."""
        g = len(self.panel.units)
        return np.asarray(np.sqrt(g / (g - 1) * np.maximum(np.diag(self.covariance), 0.0)))

    def without_each(self) -> Floats:
        """The estimates without each unit, everything made anew, shape (K, N).

        Not a number where an estimate is unavailable without a unit. Where the unit was the only
        treated one of its stratum, the stratum's weight goes to the other strata.
        """
        found = np.full((len(self.names), len(self.panel.units)), np.nan)
        for m, rows in enumerate(_members(self.of_unit, len(self.means))):
            weights = self.panel.weight[rows]
            for weight in np.unique(weights).tolist():
                some = rows[weights == weight]
                found[:, some] = self._without(m, weight, some)
        return found

    def _without(self, group: int, weight: float, rows: Codes) -> Floats:
        """Without one unit of a group, for all its units of one weight, shape (K, n)."""
        made = self.design.groups
        lighter = made.lighter(group, weight)
        try:
            fresh = design(lighter, self.choices)
        except EstimationError:
            return np.full((len(self.names), len(rows)), np.nan)
        gone = len(lighter.first) < len(made.first)
        others = np.arange(len(made.first)) != group
        value = np.einsum("kmt,mt->k", fresh.weights, self.means[others] if gone else self.means)
        found = np.repeat(value[:, None], len(rows), axis=1)
        if not gone:
            y = np.where(self.panel.seen[rows], self.panel.y[rows], 0.0)
            moved = (self.means[group] - y) * (weight / lighter.weight[group])
            found += fresh.weights[:, group] @ moved.T
        place = {name: k for k, name in enumerate(fresh.names)}
        order = [place.get(name, -1) for name in self.names]
        return np.where(np.array(order)[:, None] < 0, np.nan, found[order])

    def jackknife_errors(self) -> Floats:
        """CV3, shape (K,).

        Not a number where an estimate is unavailable without some unit (MacKinnon, Nielsen and
        Webb 2023, J. Applied Econometrics 38(5)).
        """
        return errors_of(self.without_each(), self.estimates)


def _members(of_unit: Codes, number: int) -> list[Codes]:
    """Units of each group."""
    order = np.argsort(of_unit, kind="stable")
    return np.split(order, np.searchsorted(of_unit[order], np.arange(1, number)))


def linear(panel: UnitPanel, choices: LinearOptions | None = None) -> Linear:
    """Estimate effects by a linear estimator.

    Parameters
    ----------
    panel : UnitPanel
        Units of which nothing was seen before treatment are left out. Where all units are treated
        at some time, `sun_abraham` holds them against the last cohort, until its treatment is
        anticipated, without cohorts whose treatment begins between that period and its entry; its
        effects are differences of changes, which are those of its regression where every unit was
        seen in every period.
    choices : LinearOptions, optional

    Returns
    -------
    Linear

    Raises
    ------
    EstimationError
        No effect can be had.
    """
    choices = choices or LinearOptions()
    usable = panel.kept(panel.seen_before(choices.anticipation))
    if choices.method == "sun_abraham" and usable.first.max() < usable.n_periods:
        last = int(usable.first.max())
        stop = last - choices.anticipation
        usable = usable.kept((usable.first < stop) | (usable.first == last)).between(0, stop)
    made, of_unit = groups(usable)
    return Linear(
        panel=usable,
        choices=choices,
        design=design(made, choices),
        of_unit=of_unit,
        means=means(usable, made, of_unit),
    )
