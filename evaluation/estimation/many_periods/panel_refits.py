"""Entry permuted between units with everything estimated anew: covariates, weights, missing rows.

Where a design does not stay the same under permutations, each is estimated for itself, and the
coefficient is compared, not studentised: with few treated units no error could studentise it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.inversion import TIE, Distribution, share_of
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.panel_permutation import coefficient_interval

Fit = Callable[[UnitPanel], Floats]
# How far from one an estimate of an effect of one may be.
_ROUNDING = 1e-9
# Units times periods that are estimated in all; permutations at least, and at most.
_ROWS, _LEAST, _MOST = 2_000_000, 99, 499


def affordable(panel: UnitPanel, draws: int) -> int:
    """Permutations for which there is time: as many as asked for, or fewer in large panels.

    Parameters
    ----------
    panel : UnitPanel
    draws : int
    """
    return min(draws, _MOST, max(_LEAST, _ROWS // panel.y.size))


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """K estimates under B permutations.

    Attributes
    ----------
    estimate : ndarray, shape (K,)
    drawn : ndarray, shape (K, B)
        Estimates under the permutations; not a number where there is none, which is extreme.
    slope : ndarray, shape (K, B) or None
        Estimates of an effect of one in all treated periods; none where estimates are not linear
        in the outcome.
    enumerated : bool
    """

    estimate: Floats
    drawn: Floats
    slope: Floats | None
    enumerated: bool

    @property
    def spread(self) -> Floats:
        """Standard deviation of the permuted estimates, the effect taken off, shape (K,)."""
        left = self.drawn
        if self.slope is not None:
            left = left - self.estimate[:, None] * np.nan_to_num(self.slope)
        return np.asarray(np.nanstd(left, axis=1))

    @property
    def without_estimate(self) -> int:
        """Permutations under which the first estimate cannot be made."""
        return int(np.isnan(self.drawn[0]).sum())

    def p_value(self, k: int) -> float:
        """Share of permutations as far from zero as the estimate."""
        nearer = self.drawn[k] ** 2 < self.estimate[k] ** 2 * (1.0 - TIE)
        return float(share_of(int((~nearer).sum()), len(nearer), enumerated=self.enumerated))

    def interval(self, k: int, level: float) -> tuple[float, float]:
        """Constant effects that are not rejected; not numbers where none can be taken off."""
        if self.slope is None or np.isnan(self.slope[k]).all():
            return np.nan, np.nan
        slope, estimate = self.slope[k], float(self.estimate[k])
        made = Distribution(
            column="",
            estimate=estimate,
            std_error=0.0,
            factor=1.0,
            enumerated=self.enumerated,
            numerator=np.stack([self.drawn[k] - estimate * slope, slope]),
            squared_error=np.zeros((3, len(slope))),
        )
        return coefficient_interval(made, level)


def refitted(panel: UnitPanel, fit: Fit, drawn: Permutations, *, additive: bool) -> Refits:
    """Estimates under permutations of entry, each made anew.

    Parameters
    ----------
    panel : UnitPanel
    fit : callable
        The K estimates of a panel, not a number where one cannot be made.
    drawn : Permutations
        They must cover the units.
    additive : bool
        Whether estimates are linear in the outcome.

    Returns
    -------
    Refits
        Its intervals take an effect off all treated periods. Estimates that are not of these, such
        as those of periods before treatment, have no slope.
    """
    among = drawn.among(panel.units)
    first_of = {int(arm): int(c) for arm, c in zip(among.observed, panel.first, strict=True)}
    entries = np.vectorize(first_of.__getitem__, otypes=[np.int64])(among.codes).T
    found = fit(panel)
    value = [_attempt(fit, replace(panel, first=entry), len(found)) for entry in entries]
    slope = None
    if additive:
        treated = np.arange(panel.n_periods) >= panel.first[:, None]
        effect = replace(panel, y=np.where(panel.seen, treated, np.nan))
        every = [_attempt(fit, replace(effect, first=entry), len(found)) for entry in entries]
        slope = np.array(every).T
        slope[np.abs(_attempt(fit, effect, len(found)) - 1.0) > _ROUNDING] = np.nan
    return Refits(found, np.array(value).T, slope, among.enumerated)


def _attempt(fit: Fit, panel: UnitPanel, number: int) -> Floats:
    try:
        return fit(panel)
    except EstimationError:
        return np.full(number, np.nan)
