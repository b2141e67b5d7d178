"""Poisson regression with a dummy for every cohort and treated period (Wooldridge 2023).

The mean is exposure times the exponent of cohort effects, period effects (of each stratum) and the
dummies; with covariates all of these have slopes. Effects are differences of counts and ratios.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.regression.fit import inverse
from evaluation.estimation.regression.grouped_models import generalised, inverse_link

# Weight of a unit that is left out: none would make its rows a cell without people.
_NONE = 1e-12
# Numbers in one table of replicates.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PoissonRows:
    """The regression's n rows, unit by unit, and q columns.

    Attributes
    ----------
    X, X0 : ndarray, shape (n, q)
        Regressors as they are, and as they were without treatment.
    y : ndarray, shape (n,)
        Rate: outcome over exposure.
    weight : ndarray, shape (n,)
        Weight of the unit times exposure.
    unit, period : ndarray of int, shape (n,)
    relative : ndarray of int, shape (n,)
        Periods since entry; negative before and -T - 1 for never treated units.
    exposure : ndarray, shape (n,)
    """

    X: Floats
    X0: Floats
    y: Floats
    weight: Floats
    unit: Codes
    period: Codes
    relative: Codes
    exposure: Floats


def rows(panel: UnitPanel) -> PoissonRows:
    """Rows and columns of the regression.

    Parameters
    ----------
    panel : UnitPanel
        Counts, not negative.

    Raises
    ------
    EstimationError
        A negative outcome.
    """
    unit, period = np.nonzero(panel.seen)
    y = panel.y[unit, period]
    if (y < 0.0).any():
        raise EstimationError.of("panel-negative", "panel-counts", WHERE)
    exposure = panel.exposure[unit, period] if panel.exposure.size else np.ones(len(y))
    X, X0 = _columns(panel, unit, period)
    first = panel.first[unit]
    never = first == panel.n_periods
    return PoissonRows(
        X=X,
        X0=X0,
        y=y / exposure,
        weight=panel.weight[unit] * exposure,
        unit=unit,
        period=period,
        relative=np.where(never, -panel.n_periods - 1, period - first),
        exposure=exposure,
    )


def _columns(panel: UnitPanel, unit: Codes, period: Codes) -> tuple[Floats, Floats]:
    """Effects of groups and of periods, and one of every treated cell; each times covariates."""
    first, stratum = panel.first[unit], panel.stratum[unit]
    group = _dummies(first * len(panel.strata) + stratum)
    time = _dummies(stratum * panel.n_periods + period)
    later = time[:, time[period == 0].sum(axis=0) == 0.0]
    treated = period >= first
    cell = _dummies(np.where(treated, first * panel.n_periods + period, -1))[:, 1:]
    plain = np.column_stack([group, later])
    both = [plain]
    if panel.covariates.size:
        x = panel.covariates - panel.covariates.mean(axis=0)
        x = x / np.where(x.std(axis=0) > 0.0, x.std(axis=0), 1.0)
        both += [_times(plain, x[unit])]
        cell = np.column_stack([cell, _times(cell, _within(x, panel)[unit])])
    common = np.column_stack(both)
    return np.column_stack([common, cell]), np.column_stack([common, np.zeros_like(cell)])


def _within(x: Floats, panel: UnitPanel) -> Floats:
    """Covariates less the cohort's mean."""
    size = np.bincount(panel.first, panel.weight)
    mean = np.column_stack([np.bincount(panel.first, panel.weight * c) for c in x.T])
    return np.asarray(x - (mean / np.maximum(size, 1e-300)[:, None])[panel.first])


def _times(columns: Floats, x: Floats) -> Floats:
    return (columns[:, :, None] * x[:, None, :]).reshape(len(x), -1)


def _dummies(code: Codes) -> Floats:
    """One column a value, ascending."""
    values, place = np.unique(code, return_inverse=True)
    return np.eye(len(values))[place]


@dataclass(eq=False)
class Poisson:
    """A fit and what it says of treated rows.

    Attributes
    ----------
    panel : UnitPanel
    rows : PoissonRows
    coefficients : ndarray, shape (q,)
    names : tuple of Name
    """

    panel: UnitPanel
    rows: PoissonRows
    coefficients: Floats
    names: tuple[Name, ...]

    @cached_property
    def _members(self) -> Floats:
        """Weight of each row in the sums of each estimate, shape (K, n)."""
        relative = self.rows.relative
        weight = self.panel.weight[self.rows.unit]
        flags = [relative >= 0 if n.at is None else relative == n.at for n in self.names]
        return np.array(flags) * weight

    def differences(self) -> Floats:
        """Mean difference in outcomes per treated row, shape (K,)."""
        with_it, without, number = self._sums(self.coefficients[None])
        return np.asarray((with_it - without)[0] / number)

    def log_ratios(self) -> Floats:
        """Log of expected outcomes over those without treatment, summed, shape (K,)."""
        with_it, without, _ = self._sums(self.coefficients[None])
        return np.asarray(np.log(with_it / without)[0])

    def _sums(self, coefficients: Floats) -> tuple[Floats, Floats, Floats]:
        """Sums of fitted and untreated means, shape (R, K), and of weights."""
        made = self.rows
        fitted = inverse_link(coefficients @ made.X.T, "log") * made.exposure
        without = inverse_link(coefficients @ made.X0.T, "log") * made.exposure
        return fitted @ self._members.T, without @ self._members.T, self._members.sum(axis=1)

    def _influence(self) -> Floats:
        """What each unit adds to the coefficients' error, shape (N, q)."""
        made = self.rows
        mu = inverse_link(made.X @ self.coefficients, "log")
        bread = inverse((made.X * (made.weight * mu)[:, None]).T @ made.X)
        score = made.X * (made.weight * (made.y - mu))[:, None]
        by_unit = np.zeros((len(self.panel.units), score.shape[1]))
        np.add.at(by_unit, made.unit, score)
        return np.asarray(by_unit @ bread)

    def contributions(self) -> tuple[Floats, Floats]:
        """What each unit adds to the error of differences and of log ratios, shape (K, N) each.

        Notes
        -----
        Delta method in the coefficients, the treated rows as they are (Wooldridge 2023, The
        Econometrics Journal 26(3), section 3.2).
        """
        made, members = self.rows, self._members
        with_it = inverse_link(made.X @ self.coefficients, "log") * made.exposure
        without = inverse_link(made.X0 @ self.coefficients, "log") * made.exposure
        first, second = (members * with_it) @ made.X, (members * without) @ made.X0
        number = members.sum(axis=1)[:, None]
        ratio = first / (members @ with_it)[:, None] - second / (members @ without)[:, None]
        moved = self._influence().T
        return np.asarray((first - second) / number @ moved), np.asarray(ratio @ moved)

    def without_each(self) -> tuple[Floats, Floats]:
        """Differences and log ratios without each unit, shape (K, N) each."""
        made, n = self.rows, len(self.panel.units)
        step = max(1, _CELLS // made.X.size)
        found: tuple[list[Floats], list[Floats]] = ([], [])
        for start in range(0, n, step):
            left_out = np.arange(start, min(start + step, n))
            gone = made.unit == left_out[:, None]
            some = self._refitted(np.where(gone, _NONE * made.weight, made.weight))
            self._add(some, gone, found)
        return np.concatenate(found[0]).T, np.concatenate(found[1]).T

    def _refitted(self, weight: Floats) -> Floats:
        """Coefficients with other weights of the rows (R, n), which are pooled where X is alike."""
        made, R = self.rows, len(weight)
        mean, X = np.broadcast_to(made.y, weight.shape), made.X
        if not self.panel.covariates.size:
            _, row, cell = np.unique(made.X, axis=0, return_index=True, return_inverse=True)
            member = np.eye(len(row))[cell]
            mean = (weight * made.y) @ member
            weight, X = weight @ member, made.X[row]
            mean = mean / weight
        start = np.broadcast_to(self.coefficients, (R, X.shape[1]))
        return generalised(weight, mean, X, "log", start=start)

    def _add(
        self, coefficients: Floats, gone: Flags, found: tuple[list[Floats], list[Floats]]
    ) -> None:
        made, left = self.rows, (~gone).astype(np.float64)
        fitted = inverse_link(coefficients @ made.X.T, "log") * made.exposure * left
        without = inverse_link(coefficients @ made.X0.T, "log") * made.exposure * left
        top, bottom = fitted @ self._members.T, without @ self._members.T
        found[0].append((top - bottom) / (left @ self._members.T))
        found[1].append(np.log(top / bottom))


def poisson(panel: UnitPanel) -> Poisson:
    """Fit the Poisson regression of a panel.

    Parameters
    ----------
    panel : UnitPanel
        Units that are treated from the first period on are left out.

    Returns
    -------
    Poisson
        Effects by periods since entry, and over all treated rows.

    Raises
    ------
    EstimationError
        A negative outcome; or no solution, as where a cell has no events at all, or nobody is
        untreated.

    Notes
    -----
    Wooldridge (2023, Simple approaches to nonlinear difference-in-differences with panel data,
    The Econometrics Journal 26(3)), eq. 3.10 for all units in one regression: cohorts (in each
    stratum) have effects, not units. A quasi-likelihood: outcomes need not be Poisson, or whole.
    """
    usable = panel.kept(panel.seen_before())
    made = rows(usable)
    try:
        found = generalised(made.weight[None], made.y[None], made.X, "log")[0]
    except np.linalg.LinAlgError:
        # nobody is untreated when some are treated
        raise EstimationError.of("panel-no-effect", "panel-comparison", WHERE) from None
    if np.isnan(found).any():
        raise EstimationError.of("panel-separated", "panel-more-events", WHERE)
    at = np.unique(made.relative[made.relative >= 0]).tolist()
    names = (Name("simple"), *(Name("event", e) for e in at))
    return Poisson(usable, made, found, names)
