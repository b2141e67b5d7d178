"""The two-way estimate of staggered treatment, and what it is a mean of (Goodman-Bacon 2021).

One coefficient of being treated, with effects of units and periods, mixes comparisons of cohorts
with untreated units and with each other, those treated before among them.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.cluster_blocks import Blocks

TREATED = "treated"
Against = Literal["never", "later", "earlier"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One cohort against another: what it is held against, its difference, and its weight.

    ``cohort`` and ``other`` are first treated periods; the latter is T for never treated units.
    """

    cohort: int
    other: int
    against: Against
    estimate: float
    weight: float


def blocks(panel: UnitPanel) -> Blocks:
    """The regression on a dummy of treated rows, with effects of units and periods.

    Parameters
    ----------
    panel : UnitPanel
        Strata have effects of periods of their own.

    Returns
    -------
    Blocks
        Effects of units absorbed; the engine's inference takes it as any other regression.
    """
    unit, period = np.nonzero(panel.seen)
    treated = (period >= panel.first[unit]).astype(np.float64)
    _, cell = np.unique(panel.stratum[unit] * panel.n_periods + period, return_inverse=True)
    first = {int(panel.stratum[u]): c for u, c in zip(unit[::-1], cell[::-1], strict=True)}
    dummies = np.delete(np.eye(int(cell.max()) + 1), sorted(_bases(panel, unit, cell, first)), 1)
    names = (TREATED, *(f"period {c}" for c in range(dummies.shape[1])))
    return cluster_blocks.accumulate(
        np.column_stack([treated, dummies[cell]]),
        panel.y[unit, period],
        weights=panel.weight[unit],
        cluster=[panel.units[u] for u in unit.tolist()],
        columns=names,
        absorb="cluster",
    )


def _bases(panel: UnitPanel, unit: Codes, cell: Codes, first: dict[int, int]) -> set[int]:
    """The first period of each stratum, which the effects of units hold."""
    return {int(cell[panel.stratum[unit] == s].min()) for s in first}


def decomposition(panel: UnitPanel) -> tuple[Comparison, ...]:
    """Comparisons of two cohorts whose weighted mean is the two-way estimate.

    Parameters
    ----------
    panel : UnitPanel
        Every unit seen in every period, of equal weight, without strata.

    Returns
    -------
    tuple of Comparison
        Weights sum to one.

    Raises
    ------
    ValueError
        Units have different weights or strata, or some were not seen in every period.

    Notes
    -----
    Goodman-Bacon (2021, J. Econometrics 225(2)), theorem 1, eq. 10e-g for the weights and 7-9 for
    the differences; units treated from the first period on are earlier ones for all.
    """
    if not panel.seen.all() or np.ptp(panel.weight) > 0.0 or len(panel.strata) > 1:
        raise ValueError("units differ in weights or strata, or some were not seen in every period")
    cohorts = np.unique(panel.first)
    means = np.array([panel.y[panel.first == c].mean(axis=0) for c in cohorts])
    size = np.array([np.mean(panel.first == c) for c in cohorts])
    found = [
        comparison
        for a, b in itertools.combinations(range(len(cohorts)), 2)
        for comparison in _pair(cohorts[[a, b]], means[[a, b]], size[[a, b]])
    ]
    total = math.fsum(one.weight for one in found)
    return tuple(
        Comparison(one.cohort, one.other, one.against, one.estimate, one.weight / total)
        for one in found
    )


def _pair(cohorts: Codes, means: Floats, size: Floats) -> Iterator[Comparison]:
    """Comparisons of two cohorts, the earlier one first; weights before scaling."""
    periods = means.shape[1]
    early, late = int(cohorts[0]), int(cohorts[1])
    share, other = 1.0 - early / periods, 1.0 - late / periods
    both = size[0] * size[1]
    against: Against = "later" if late < periods else "never"
    if early > 0:
        difference = _difference(means[0] - means[1], early, 0, late)
        weight = both * (share - other) * (1.0 - share)
        yield Comparison(early, late, against, difference, weight)
    if late < periods:
        difference = _difference(means[1] - means[0], late, early, periods)
        yield Comparison(late, early, "earlier", difference, both * other * (share - other))


def _difference(gap: Floats, entry: int, start: int, stop: int) -> float:
    """Mean gap from an entry to a stop less that from a start to the entry."""
    return float(gap[entry:stop].mean() - gap[start:entry].mean())
