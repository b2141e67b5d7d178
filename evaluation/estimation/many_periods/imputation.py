"""Effects by cohort and period against outcomes imputed from untreated rows.

Unit effects and period effects are fitted where nobody is treated, and tell what treated units
would have had (Borusyak, Jaravel and Spiess): the same numbers as a regression of all rows with a
dummy for every cohort and treated period (Wooldridge's extended two-way effects).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods.groups import Groups
from evaluation.estimation.many_periods.panel import WHERE
from evaluation.estimation.many_periods.two_by_two import Comparison

# Share of the largest eigenvalue below which a direction of the period effects is not determined.
_NULL = 1e-10
# Share of a weight up to which a sum that must vanish is rounding.
_ROUNDING = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Least squares of untreated rows of one stratum, whose period effects are its own.

    rows (M_s,) are its groups; fitted (M_s, T) says which group-periods enter the fit; pinned is
    the pseudo-inverse of the normal equations of the period effects, (T P, T P).
    """

    rows: Codes
    fitted: Flags
    basis: Floats
    weight: Floats
    pinned: Floats

    def solve(self, by_unit: Floats, by_period: Floats) -> tuple[Floats, Floats]:
        """Coefficients u (K, M_s) and v (K, T, P) of the normal equations.

        Parameters
        ----------
        by_unit : ndarray, shape (K, M_s)
            Right-hand side of each group: its weighted sum.
        by_period : ndarray, shape (K, T, P)
        """
        number = np.maximum(self.fitted.sum(axis=1), 1)
        mean = by_unit / number
        right = by_period - np.einsum("mt,mp,km->ktp", self.fitted, self.basis, mean)
        v = (right.reshape(len(right), -1) @ self.pinned).reshape(right.shape)
        level = np.einsum("mt,mp,ktp->km", self.fitted, self.basis, v) / number
        return mean / self.weight - level, v

    def values(self, u: Floats, v: Floats) -> Floats:
        """u_m + basis_m v_t, shape (K, M_s, T)."""
        return u[:, :, None] + np.einsum("mp,ktp->kmt", self.basis, v)


def _stratum(groups: Groups, rows: Codes, fitted: Flags) -> Stratum:
    basis, weight = groups.basis[rows], groups.weight[rows]
    periods, p = fitted.shape[1], basis.shape[1]
    outer = weight[:, None, None] * basis[:, :, None] * basis[:, None, :]
    number = np.maximum(fitted.sum(axis=1), 1)
    flags = fitted.astype(np.float64)
    shared = np.einsum("mt,ms,mpq->tpsq", flags, flags / number[:, None], outer, optimize=True)
    gram = -shared
    own = np.einsum("mt,mpq->tpq", flags, outer)
    gram[np.arange(periods), :, np.arange(periods), :] += own
    size = periods * p
    pinned = np.linalg.pinv(gram.reshape(size, size), rcond=_NULL, hermitian=True)
    return Stratum(rows, fitted, basis, weight, pinned)


@dataclass(frozen=True, slots=True, eq=False)
class Imputation:
    """J effects, each the mean of a cohort's outcomes in a period less what was imputed.

    Attributes
    ----------
    groups : Groups
    known : ndarray of bool, shape (M,)
        Groups with rows in the fit: nothing can be imputed for the others.
    cohort, period : ndarray of int, shape (J,)
    parts : tuple of Stratum
    """

    groups: Groups
    known: Flags
    cohort: Codes
    period: Codes
    parts: tuple[Stratum, ...]

    def size(self) -> Floats:
        """Total weight of each effect's cohort where it was seen, shape (J,)."""
        seen = [self.groups.weight[rows].sum() for _, rows, _ in self._cells()]
        return np.array(seen, dtype=np.float64)

    def weights(self, mixing: Floats) -> Floats:
        """Weights of group means in mixtures (K, J) of the effects, shape (K, M, T).

        Notes
        -----
        Treated group-periods have the weight that the mixture gives them. Those of the fit have
        minus what least squares makes of these: -weight (u_m + b_m v_t), with sums over each
        group's periods, and over each period's groups times b, that cancel the treated ones'.
        """
        found = self._given(mixing)
        for part in self.parts:
            own = found[:, part.rows]
            u, v = part.solve(own.sum(axis=2), np.einsum("kmt,mp->ktp", own, part.basis))
            taken = part.values(u, v) * part.weight[:, None] * part.fitted
            own -= taken
            self._check(own, part)
            found[:, part.rows] = own
        return found

    def _check(self, own: Floats, part: Stratum) -> None:
        """Refuse effects whose weights leave unit or period effects in."""
        left = np.abs(np.einsum("kmt,mp->ktp", own, part.basis)).max(initial=0.0)
        left = max(left, np.abs(own.sum(axis=2)).max(initial=0.0))
        if left > _ROUNDING * max(1.0, np.abs(own).max(initial=0.0)):
            raise EstimationError.of("panel-not-imputed", "panel-imputable", WHERE)

    def _given(self, mixing: Floats) -> Floats:
        groups = self.groups
        found = np.zeros((len(mixing), len(groups.first), groups.n_periods))
        for j, rows, share in self._cells():
            found[:, rows, self.period[j]] = mixing[:, j, None] * share
        return found

    def _cells(self) -> Iterator[tuple[int, Codes, Floats]]:
        """Of each effect: its groups and their shares of the cohort."""
        for j, (cohort, period) in enumerate(zip(self.cohort, self.period, strict=True)):
            seen = self.known & self.groups.seen[:, period]
            rows = np.flatnonzero((self.groups.first == cohort) & seen)
            share = self.groups.weight[rows]
            yield j, rows, share / share.sum()

    def effects(self, means: Floats) -> Floats:
        """The J effects of group means (M, T)."""
        away = means - self.imputed(means)
        return np.array(
            [share @ away[rows, self.period[j]] for j, rows, share in self._cells()],
        )

    def imputed(self, means: Floats) -> Floats:
        """What untreated rows say of every group-period, shape (M, T)."""
        found = np.zeros_like(means)
        for part in self.parts:
            rows = part.weight[:, None] * np.where(part.fitted, means[part.rows], 0.0)
            by_period = np.einsum("mt,mp->tp", rows, part.basis)
            u, v = part.solve(rows.sum(axis=1)[None], by_period[None])
            found[part.rows] = part.values(u, v)[0]
        return found

    def misfit(self, mixing: Floats, means: Floats) -> Floats:
        """What group means off the fit of all rows add to the error, shape (K, M).

        The fit has an effect for every cohort and period and, with covariates, a slope of it.
        """
        away = np.where(self.groups.seen, means - self.imputed(means), 0.0)
        away[~self.known] = 0.0
        for j, rows, share in self._cells():
            basis, root = self.groups.basis[rows], np.sqrt(share)
            y = away[rows, self.period[j]]
            slopes = np.linalg.lstsq(basis * root[:, None], y * root, rcond=_NULL)[0]
            away[rows, self.period[j]] = y - basis @ slopes
        return np.einsum("kmt,mt->km", self.weights(mixing), away)


def imputation(
    groups: Groups, *, comparison: Comparison = "not_yet", anticipation: int = 0
) -> Imputation:
    """Effects of every cohort and period that untreated rows can tell of.

    Parameters
    ----------
    groups : Groups
    comparison : {"not_yet", "never"}
        With "not_yet" all rows before treatment are untreated rows and effects are of treated
        periods; with "never" those of never treated units, and each cohort's base period, so that
        there are effects of periods before treatment as well.
    anticipation : int
        Periods before treatment in which there may be an effect already.

    Returns
    -------
    Imputation

    Notes
    -----
    Borusyak, Jaravel and Spiess (2024, Rev. Economic Studies 91(6)), eq. 3-5; Wooldridge (2021,
    Two-way fixed effects, the two-way Mundlak regression, and difference-in-differences
    estimators), section 5. Strata have period effects of their own. A period in which some
    stratum of a cohort has no untreated unit has no effect.
    """
    fitted = _untreated(groups, comparison, anticipation)
    strata = [np.flatnonzero(groups.stratum == s) for s in np.unique(groups.stratum)]
    parts = tuple(_stratum(groups, rows, fitted[rows]) for rows in strata)
    cells = [cell for cell in _candidates(groups, fitted) if _supported(groups, fitted, *cell)]
    table = np.array(cells, dtype=np.int64).reshape(-1, 2)
    return Imputation(groups, np.asarray(fitted.any(axis=1)), table[:, 0], table[:, 1], parts)


def _untreated(groups: Groups, comparison: Comparison, anticipation: int) -> Flags:
    start = groups.first - anticipation
    start = np.where(groups.first == groups.never, groups.never, start)[:, None]
    time = np.arange(groups.n_periods)
    if comparison == "not_yet":
        return np.asarray(groups.seen & (time < start))
    never = (groups.first == groups.never)[:, None]
    return np.asarray(groups.seen & (never | (time == start - 1)))


def _candidates(groups: Groups, fitted: Flags) -> Iterator[tuple[int, int]]:
    """Cohorts and periods with rows outside the fit, of groups that have some inside."""
    known = fitted.any(axis=1)
    for cohort in np.unique(groups.first[known & (groups.first < groups.never)]).tolist():
        own = (groups.first == cohort) & known
        outside = (groups.seen[own] & ~fitted[own]).any(axis=0)
        for period in np.flatnonzero(outside).tolist():
            yield cohort, period


def _supported(groups: Groups, fitted: Flags, cohort: int, period: int) -> bool:
    """Whether every stratum of the cohort has untreated rows in the period."""
    known = fitted.any(axis=1) & groups.seen[:, period]
    own = np.unique(groups.stratum[(groups.first == cohort) & known])
    return bool(np.isin(own, groups.stratum[fitted[:, period]]).all())
