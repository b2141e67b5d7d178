"""Effects by cohort and period as differences of two changes (Callaway and Sant'Anna).

Each is a change since a base period in one cohort less the same change among units that are not
treated yet; linear in group means, with weights that the design alone decides. Stacked differences
are the same with one data set a cohort: every stack has the same periods around its cohort's entry,
so that the pooled coefficient of each relative period is a mean of the stacks' own.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods.groups import Groups

Comparison = Literal["never", "not_yet"]
Base = Literal["universal", "varying"]


@dataclass(frozen=True, slots=True, eq=False)
class TwoByTwo:
    """J effects, each of a cohort in a period against a base period.

    Attributes
    ----------
    groups : Groups
    cohort, period, base : ndarray of int, shape (J,)
    share : ndarray, shape (J, M)
        Weight of each group's change: positive in the cohort, where it sums to one, negative in
        its comparison, stratum by stratum.
    """

    groups: Groups
    cohort: Codes
    period: Codes
    base: Codes
    share: Floats

    def size(self) -> Floats:
        """Total weight of each effect's cohort, shape (J,)."""
        return self.groups.cohort_weight()[self.cohort]

    def weights(self, mixing: Floats) -> Floats:
        """Weights of group means in mixtures of the effects.

        Parameters
        ----------
        mixing : ndarray, shape (K, J)

        Returns
        -------
        ndarray, shape (K, M, T)
        """
        found = np.zeros((len(mixing), len(self.groups.first), self.groups.n_periods))
        for j, (period, base) in enumerate(zip(self.period, self.base, strict=True)):
            rows = np.flatnonzero(mixing[:, j])
            part = mixing[rows, j, None] * self.share[j]
            found[rows, :, period] += part
            found[rows, :, base] -= part
        return found

    def effects(self, means: Floats) -> Floats:
        """The J effects of group means (M, T)."""
        return np.einsum("jm,mj->j", self.share, means[:, self.period] - means[:, self.base])

    def misfit(self, mixing: Floats, means: Floats) -> Floats:
        """What differences between groups that are pooled add to their error, shape (K, M).

        A group's change is held against that of its comparison (all untreated groups of the
        stratum together), and a treated group's also against the effect of the whole cohort.
        """
        change = means[:, self.period] - means[:, self.base]
        share = self.share.T
        center = np.zeros_like(change)
        for inside in _strata(self.groups):
            own, part = share[inside], np.minimum(share[inside], 0.0)
            total = part.sum(axis=0)
            pooled = (part * change[inside]).sum(axis=0) / np.where(total < 0.0, total, 1.0)
            center[inside] = pooled + (own > 0.0) * self.effects(means)
        return mixing @ (share * (change - center)).T


def _strata(groups: Groups) -> list[Codes]:
    return [np.flatnonzero(groups.stratum == s) for s in np.unique(groups.stratum)]


def two_by_two(
    groups: Groups,
    *,
    comparison: Comparison = "never",
    base: Base = "universal",
    anticipation: int = 0,
) -> TwoByTwo:
    """ATT(g, t) of every cohort and period in which it can be had.

    Parameters
    ----------
    groups : Groups
    comparison : {"never", "not_yet"}
        Units that are never treated in the panel, or these and all that are not treated by the
        later of both periods and those of anticipation after it.
    base : {"universal", "varying"}
        Base of periods before treatment: the last period before it, or the period before each.
    anticipation : int
        Periods before treatment in which there may be an effect already.

    Returns
    -------
    TwoByTwo

    Notes
    -----
    Callaway and Sant'Anna (2021, J. Econometrics 225(2)), eq. 2.6 without covariates. With strata
    the comparison is inside each, and strata are weighted by their treated units. A cohort that
    has some stratum without comparison in a period has no effect there.
    """
    found: list[tuple[int, int, int, Floats]] = []
    for cohort in np.unique(groups.first[groups.first < groups.never]).tolist():
        last = cohort - 1 - anticipation
        if last < 0:
            continue
        for period in range(groups.n_periods):
            start = last if period > last or base == "universal" else period - 1
            if period == start or start < 0:
                continue
            control = _control(groups, cohort, max(period, start) + anticipation, comparison)
            share = _share(groups, cohort, control, groups.seen[:, period] & groups.seen[:, start])
            if share is not None:
                found.append((cohort, period, start, share))
    cells = np.array([cell[:3] for cell in found], dtype=np.int64).reshape(-1, 3)
    shares = np.array([cell[3] for cell in found]).reshape(-1, len(groups.first))
    return TwoByTwo(groups, cells[:, 0], cells[:, 1], cells[:, 2], shares)


def _control(groups: Groups, cohort: int, until: int, comparison: Comparison) -> Flags:
    """Never treated groups, and those not treated up to a period if they serve as well."""
    never = groups.first == groups.never
    if comparison == "never":
        return np.asarray(never)
    return np.asarray(never | ((groups.first > until) & (groups.first != cohort)))


def _share(groups: Groups, cohort: int, control: Flags, seen: Flags) -> Floats | None:
    """Weights of the groups in one effect; None where some stratum has no comparison."""
    treated = np.where((groups.first == cohort) & seen, groups.weight, 0.0)
    against = np.where(control & seen, groups.weight, 0.0)
    strata = int(groups.stratum.max()) + 1
    own = np.bincount(groups.stratum, treated, strata)
    other = np.bincount(groups.stratum, against, strata)
    if not own.any() or ((own > 0.0) & (other <= 0.0)).any():
        return None
    scale = np.divide(own, other, out=np.zeros(strata), where=other > 0.0)
    return (treated - against * scale[groups.stratum]) / own.sum()


def two_by_two_in(
    groups: Groups, cohort: int, *, start: int, stop: int
) -> list[tuple[int, Floats]]:
    """Periods and shares of one cohort's effects in a window, against units untreated throughout.

    Parameters
    ----------
    groups : Groups
    cohort : int
    start, stop : int
        First and last period of the window; the base is the one before entry.
    """
    control = groups.first > stop
    base, found = cohort - 1, []
    for period in range(start, stop + 1):
        seen = groups.seen[:, period] & groups.seen[:, base]
        share = _share(groups, cohort, control, seen) if period != base else None
        if share is not None:
            found.append((period, share))
    return found


def stacked(groups: Groups, *, window: tuple[int, int]) -> TwoByTwo:
    """Effects of the cohorts whose window lies in the panel, against clean comparisons.

    Parameters
    ----------
    groups : Groups
    window : (int, int)
        Periods before entry, at least 1, and after it.

    Returns
    -------
    TwoByTwo
        Its effects are weighted by the cohort's size when they are aggregated: the trimmed
        aggregate effect of Wing, Freedman and Hollingsworth (2024, NBER WP 32054), eq. 5. The
        comparison of a stack are units that stay untreated through its window.
    """
    before, after = window
    cells: list[tuple[int, int, int]] = []
    shares: list[Floats] = []
    for cohort in np.unique(groups.first[groups.first < groups.never]).tolist():
        start, stop = cohort - before, cohort + after
        if start < 0 or stop >= groups.n_periods:
            continue
        found = two_by_two_in(groups, cohort, start=start, stop=stop)
        cells += [(cohort, period, cohort - 1) for period, _ in found]
        shares += [share for _, share in found]
    table: Codes = np.array(cells, dtype=np.int64).reshape(-1, 3)
    share = np.array(shares).reshape(-1, len(groups.first))
    return TwoByTwo(groups, table[:, 0], table[:, 1], table[:, 2], share)
