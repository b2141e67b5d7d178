"""Whether an estimate without some rows may stand beside the estimate with them.

Two estimates that differ by few clusters give the change of those clusters by subtraction, to as
many digits as are published. What is left out must be as large as what may be shown.
"""

from collections.abc import Mapping

import pandas as pd

from evaluation.locale.messages import Message, message
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case

SUBTRACTION = message("withheld-since.reason")


def too_few(case: Case, whole: Design, built: Design) -> Message | None:
    """Why an estimate may not be published beside the whole one; None where it may.

    Parameters
    ----------
    case : Case
    whole, built : Design
        The primary regression, and one on some of its rows.

    Returns
    -------
    Message or None
        Names neither the clusters nor their number.

    Notes
    -----
    In either group no cluster leaves or at least ``minimum_clusters`` do: what the groups lost can
    be told apart with the help of other rows. Of clusters that lose some interviews and stay, only
    the two groups' difference can be had; with those that leave they must be as many over both
    groups, and their interviews at least ``minimum_cell``.
    """
    groups = (
        ("treatment", whole.clusters_treated, built.clusters_treated),
        ("comparison", whole.clusters_comparison, built.clusters_comparison),
    )
    least = case.study.minimum_clusters
    for group, all_clusters, kept in groups:
        if 0 < len(set(all_clusters) - set(kept)) < least:
            return message(f"too-few-left-out-{group}.reason", least=least)
    before, after = (pd.Series(d.cluster).value_counts() for d in (whole, built))
    gone = before.sub(after, fill_value=0)
    if 0 < int((gone > 0).sum()) < least:
        return message("too-few-left-out-clusters.reason", least=least)
    if 0 < int(gone.sum()) < case.study.minimum_cell:
        return message("too-few-left-out-interviews.reason", least=case.study.minimum_cell)
    return None


def hidden(case: Case, whole: Design, values: Mapping[str, str]) -> frozenset[str]:
    """Values without which no estimate may be published, where each is left out in turn.

    Parameters
    ----------
    case : Case
    whole : Design
        The primary regression.
    values : mapping of str to str
        Value of each cluster; empty where it has none, and so is never left out.

    Notes
    -----
    A value is hidden when it has too few clusters of a group. Where those of all hidden values
    are still too few, they would be what the others leave of the whole: the value with the next
    fewest clusters is hidden too.
    """
    least = case.study.minimum_clusters
    found: set[str] = set()
    counts = [
        pd.Series([values[c] for c in clusters if values[c]]).value_counts()
        for clusters in (whole.clusters_treated, whole.clusters_comparison)
    ]
    for count in counts:
        found |= set(count.index[count < least])
    for count in counts:
        # by number of clusters, then by name, whatever the order of the rows
        others = sorted(set(count.index) - found, key=lambda value: (int(count[value]), value))
        while others and 0 < sum(int(count.get(value, 0)) for value in found) < least:
            found.add(others.pop(0))
    return frozenset(found)
