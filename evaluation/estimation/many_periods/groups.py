"""Groups of units that a linear estimator cannot tell apart: their means hold all it uses.

Units of one group enter treatment together, belong to one stratum and were seen in the same
periods. Where covariates play a part every unit is a group of its own.
"""

from dataclasses import dataclass, replace

import numpy as np

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods.panel import UnitPanel


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """M groups of units, as far as a design knows them: no outcome.

    Attributes
    ----------
    first, stratum : ndarray of int, shape (M,)
        First treated period (T for never) and stratum.
    weight : ndarray, shape (M,)
        Total weight of the units.
    seen : ndarray of bool, shape (M, T)
        Periods in which the units were seen.
    basis : ndarray, shape (M, P)
        What has effects of its own in each period: the constant, then covariates.
    """

    first: Codes
    stratum: Codes
    weight: Floats
    seen: Flags
    basis: Floats

    @property
    def n_periods(self) -> int:
        """Number of periods T."""
        return int(self.seen.shape[1])

    @property
    def never(self) -> int:
        """The first period of groups that are never treated."""
        return self.n_periods

    def cohort_weight(self) -> Floats:
        """Total weight by first treated period, shape (T + 1,)."""
        return np.asarray(
            np.bincount(self.first, self.weight, self.n_periods + 1), dtype=np.float64
        )

    def lighter(self, group: int, weight: float) -> "Groups":
        """The groups after some weight has been taken from one; it goes where none is left."""
        left = self.weight.copy()
        left[group] -= weight
        if left[group] > 1e-9 * self.weight[group]:
            return replace(self, weight=left)
        kept = np.arange(len(left)) != group
        return self.kept(kept)

    def kept(self, rows: Flags) -> "Groups":
        """Some of the groups."""
        return Groups(
            self.first[rows],
            self.stratum[rows],
            self.weight[rows],
            self.seen[rows],
            self.basis[rows],
        )


def groups(panel: UnitPanel) -> tuple[Groups, Codes]:
    """The groups of a panel, and the group of each unit.

    Parameters
    ----------
    panel : UnitPanel

    Returns
    -------
    Groups
    ndarray of int, shape (N,)
        Group of each unit.
    """
    if panel.covariates.size:
        return _units(panel), np.arange(len(panel.units))
    key = panel.first * len(panel.strata) + panel.stratum
    if not panel.seen.all():
        _, pattern = np.unique(panel.seen, axis=0, return_inverse=True)
        key = key * (int(pattern.max()) + 1) + pattern
    _, row, of_unit = np.unique(key, return_index=True, return_inverse=True)
    made = Groups(
        first=panel.first[row],
        stratum=panel.stratum[row],
        weight=np.bincount(of_unit, panel.weight).astype(np.float64),
        seen=panel.seen[row],
        basis=np.ones((len(row), 1)),
    )
    return made, of_unit


def _units(panel: UnitPanel) -> Groups:
    """Covariates in deviations from the weighted mean, in units of their spread."""
    mean = panel.weight @ panel.covariates / panel.weight.sum()
    away = panel.covariates - mean
    spread = np.sqrt(panel.weight @ away**2 / panel.weight.sum())
    basis = np.column_stack([np.ones(len(away)), away / np.where(spread > 0.0, spread, 1.0)])
    return Groups(panel.first, panel.stratum, panel.weight, panel.seen, basis)


def means(panel: UnitPanel, made: Groups, of_unit: Codes) -> Floats:
    """Weighted mean outcome of each group in each period, shape (M, T); zero where unseen.

    Parameters
    ----------
    panel : UnitPanel
    made : Groups
    of_unit : ndarray of int, shape (N,)
    """
    filled = np.where(panel.seen, panel.y, 0.0) * panel.weight[:, None]
    totals = np.array([np.bincount(of_unit, column, len(made.first)) for column in filled.T])
    return np.asarray(totals.T / made.weight[:, None])
