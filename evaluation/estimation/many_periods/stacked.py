"""Stacked differences: one data set a cohort, with clean comparisons, and one regression of all.

Every stack has the same periods around its cohort's entry, so that the pooled coefficient of each
relative period is a mean of the stacks' own with weights that the design knows.
"""

import numpy as np

from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.many_periods.groups import Groups
from evaluation.estimation.many_periods.two_by_two import TwoByTwo, two_by_two_in


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
