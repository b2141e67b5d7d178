"""A reference distribution of t statistics that answers every tested value at once.

Whether draws flip signs or permute treatments, all parts of a draw's t statistic are linear or
quadratic in the tested value r. Five numbers per draw therefore answer every r: numerator
n0 - d n1 and squared error d0 - d d1 + d^2 d2, with d = r - estimate. Rows never enter, and
inverting the test costs O(draws) per value tried.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats import screening
from evaluation.stats.inversion import IntervalSet, invert

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# |t*| and |t| whose squares differ by less than this, relatively, are ties and count in full:
# rounding is about 1e-14, and distinct draws of continuous data are much further apart.
TIE = 2e-10
# |t| from which a p-value looks only at the draws that can reach it: before, most of them can.
_FAR = 1.5


@dataclass(frozen=True, slots=True)
class Distribution:
    """Reference distribution of one coefficient's t statistic, for every tested value.

    Attributes
    ----------
    column : str
    estimate, std_error : float
        Full-sample estimate and its CV1 standard error.
    factor : float
        G/(G-1), in the statistics of sample and draws alike.
    enumerated : bool
    numerator : ndarray, shape (2, B)
        n0, n1.
    squared_error : ndarray, shape (3, B)
        d0, d1, d2, before the factor.
    """

    column: str
    estimate: float
    std_error: float
    factor: float
    enumerated: bool
    numerator: Floats
    squared_error: Floats

    @property
    def number(self) -> int:
        """Number of draws B."""
        return int(self.numerator.shape[1])

    def p_value(self, null: float = 0.0) -> float:
        """Symmetric p-value of ``coefficient = null``.

        Notes
        -----
        (1 + #{|t*| >= |t|}) / (B + 1) for random draws, the share with |t*| >= |t| when
        enumerated; squares within 2e-10 of each other, relatively, are ties and count in full. A
        draw whose standard error is zero counts as extreme, and so does one whose numerator is
        zero as well: a draw that has no t* may not help to reject. Zeros are told from rounding
        before, by `degenerate_draws`, which also says what counts where a draw is 0/0 at one
        tested value alone.
        """
        return self._share(self._larger(null, self.numerator, self.squared_error))

    def mc_error(self, null: float = 0.0) -> float:
        """Monte Carlo standard error of `p_value`: sqrt(p (1 - p) / B), 0 when enumerated."""
        p = self.p_value(null)
        return 0.0 if self.enumerated else float(np.sqrt(p * (1.0 - p) / self.number))

    def statistics(self, null: float = 0.0) -> tuple[float, Floats]:
        """t of the sample and t* of every draw, shape (B,), for ``coefficient = null``.

        Draws are in the order of `Draws`, so outcomes tested with the same draws are aligned.
        A draw whose standard error is zero has an infinite t*.
        """
        numerator, squared_error = _at(null - self.estimate, self.numerator, self.squared_error)
        with np.errstate(divide="ignore", invalid="ignore"):
            t_star = numerator / np.sqrt(self.factor * np.maximum(squared_error, 0.0))
        t_star[np.isnan(t_star)] = np.inf
        return (self.estimate - null) / self.std_error, t_star

    def interval(self, level: float = 0.95) -> IntervalSet:
        """Set of nulls with `p_value` >= 1 - level; see `inversion.invert` for the search."""
        return invert(
            self._quick_p_value(),
            estimate=self.estimate,
            std_error=self.std_error,
            level=level,
            random_draws=0 if self.enumerated else self.number,
        )

    def spread(self) -> float:
        """Root mean square of t* under a null of zero: 1 where the standard error tells all.

        A regression with a dummy for every few clusters has a CV1 error that is too small; the
        permuted statistics share it, and lie so much wider. Draws without a standard error are
        left out.
        """
        _, drawn = self.statistics()
        known = drawn[np.isfinite(drawn)]
        return float(np.sqrt(np.mean(known**2)))

    def _quick_p_value(self) -> Callable[[float], float]:
        """`p_value`, number for number, for many nulls: most draws are never looked at.

        Away from the estimate only draws that can reach |t| are, those that reach highest first:
        a few in a hundred at two standard errors, next to none further out.
        """
        far = _FAR**2 * self.factor
        highest = screening.highest(self.numerator, self.squared_error)
        kept = np.flatnonzero(highest >= far * (1.0 - screening.MARGIN))
        kept = kept[np.argsort(-highest[kept], kind="stable")]
        falling = -highest[kept]
        numerator, squared_error = self.numerator[:, kept], self.squared_error[:, kept]

        def p_value(null: float) -> float:
            reached = self._t_squared(null)
            if reached < far:
                return self.p_value(null)
            within = -reached * (1.0 - screening.MARGIN)
            few = int(np.searchsorted(falling, within, side="right"))
            return self._share(self._larger(null, numerator[:, :few], squared_error[:, :few]))

        return p_value

    def _larger(self, null: float, numerator: Floats, squared_error: Floats) -> int:
        """How many of some draws have |t*| >= |t|."""
        top, bottom = _at(null - self.estimate, numerator, squared_error)
        return int(np.count_nonzero(top**2 >= self._t_squared(null) * bottom * (1.0 - TIE)))

    def _t_squared(self, null: float) -> float:
        """Squared t of the sample, without the factor."""
        return (null - self.estimate) ** 2 / (self.std_error**2 / self.factor)

    def _share(self, larger: int) -> float:
        return float(share_of(larger, self.number, enumerated=self.enumerated))


def share_of(larger: int | Counts, number: int, *, enumerated: bool) -> Floats:
    """p-values from how many of the draws are as extreme as the sample, which is one if drawn."""
    return np.asarray(larger / number if enumerated else (1 + larger) / (number + 1))


def _at(away: float, numerator: Floats, squared_error: Floats) -> tuple[Floats, Floats]:
    """Numerator and squared error of draws under a null at a distance from the estimate."""
    constant, linear, quadratic = squared_error
    top: Floats = numerator[0] - away * numerator[1]
    return top, constant + away * (away * quadratic - linear)
