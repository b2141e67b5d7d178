"""Inference with few treated units of unequal size (Ferman and Pinto 2019).

The noise of a small unit says too much of a large one's. Residual changes are brought to one
scale by a regression of their squares on a constant and one over size, drawn anew, and given the
scale of the unit they are drawn for.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.panel import WHERE
from evaluation.estimation.regression.fit import StepUnavailable

# Share of the weights by which time may differ between groups of one cohort's estimate.
_RANK = 1e-9
# Draws at once.
_CHUNK = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class FewTreated:
    """An estimate held against redrawn residuals.

    Attributes
    ----------
    estimate : float
    drawn : ndarray, shape (B,)
        Estimates of redrawn residuals.
    constant, per_size : float
        Variance of a unit's change: constant + per_size / size.
    """

    estimate: float
    drawn: Floats
    constant: float
    per_size: float

    @property
    def p_value(self) -> float:
        """Share of draws as far from zero as the estimate; ties count in full."""
        larger = int(np.count_nonzero(self.drawn**2 >= self.estimate**2 * (1.0 - TIE)))
        return float(share_of(larger, len(self.drawn), enumerated=False))

    @property
    def std_error(self) -> float:
        """Standard deviation of the draws."""
        return float(np.std(self.drawn))


def few_treated(
    found: Linear, k: int, size: Floats, *, draws: int = 9_999, seed: int = 1
) -> FewTreated:
    """Test that an estimate of one cohort is zero, for units of different size.

    Parameters
    ----------
    found : Linear
    k : int
        Position of the estimate.
    size : ndarray, shape (N,)
        Size of each unit, such as its people: the variance has a part in one over it.
    draws, seed : int

    Returns
    -------
    FewTreated

    Raises
    ------
    StepUnavailable
        There is more than one cohort, so that a unit's change is not the same in all its roles.

    Notes
    -----
    Ferman and Pinto (2019, Rev. Economics and Statistics 101(3)), section III: residuals with the
    null imposed, variance A + B / M fitted by least squares (A alone, or B alone, where the other
    is negative), draws with replacement. With strata, residuals are from their means.
    """
    change, contrast = _changes(found, k)
    residual = change - _stratum_means(found, change)
    constant, per_size = _variance(residual**2, 1.0 / size)
    spread = np.sqrt(constant + per_size / size)
    standard = residual / spread
    generator = np.random.default_rng(seed)
    drawn = np.empty(draws)
    for start in range(0, draws, _CHUNK):
        part = slice(start, min(start + _CHUNK, draws))
        places = generator.integers(0, len(size), size=(part.stop - part.start, len(size)))
        drawn[part] = standard[places] @ (contrast * spread)
    return FewTreated(float(found.estimates[k]), drawn, constant, per_size)


def _changes(found: Linear, k: int) -> tuple[Floats, Floats]:
    """Each unit's weighted change over time, and its weight in the estimate, shape (N,)."""
    panel, weights = found.panel, found.design.weights[k]
    treated = found.design.groups.first < panel.n_periods
    time = weights[treated].sum(axis=0)
    scale = weights @ time / (time @ time)
    rest = np.abs(weights - scale[:, None] * time).max()
    if len(panel.cohorts) != 1 or rest > _RANK * np.abs(weights).max():
        raise StepUnavailable.of("few-treated-cohorts", "leave-step-out", WHERE)
    share = panel.weight / found.design.groups.weight[found.of_unit]
    y = np.where(panel.seen, panel.y, 0.0)
    return y @ time, scale[found.of_unit] * share


def _stratum_means(found: Linear, change: Floats) -> Floats:
    stratum = found.panel.stratum
    return np.asarray((np.bincount(stratum, change) / np.bincount(stratum))[stratum])


def _variance(squares: Floats, inverse_size: Floats) -> tuple[float, float]:
    """A and B of A + B x, neither negative."""
    spread = inverse_size - inverse_size.mean()
    slope = float(spread @ squares / (spread @ spread)) if spread.any() else 0.0
    level = float(squares.mean() - slope * inverse_size.mean())
    if slope < 0.0 or not spread.any():
        return float(squares.mean()), 0.0
    if level < 0.0:
        return 0.0, float(inverse_size @ squares / (inverse_size @ inverse_size))
    return level, slope
