"""Confidence sets by test inversion, and the reference distributions that are inverted.

Whether draws flip signs or permute treatments, all parts of a draw's t statistic are linear or
quadratic in the tested value r. Five numbers per draw therefore answer every r: numerator
n0 - d n1 and squared error d0 - d d1 + d^2 d2, with d = r - estimate. Rows never enter, and
inverting the test costs O(draws) per value tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Codes, Floats

Shape = Literal["interval", "unbounded", "pieces"]

# How far from the estimate a bound is sought, in standard errors, before it is called infinite.
REACH = 1_000.0
# Up to here the search grid is even, beyond it grows by a quarter a step.
_EVEN = 10.0
# Grid step in standard errors. Enumerated tests are coarse step functions: look more closely.
_STEP_RANDOM, _STEP_ENUMERATED = 0.25, 0.05
# Bisection stops at this share of a standard error: exact for a jump, and far below a tenth of
# the Monte Carlo error of any bound from fewer than 1e12 draws.
_RESOLUTION = 1e-11
# Half width, in standard errors, of the window over which the slope of p is measured.
_WINDOW = 0.25


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """Set of null values with p >= 1 - level; low and high are its hull.

    Attributes
    ----------
    low, high : float
        Smallest and largest value in the set; infinite where the set has no end.
    low_mc_error, high_mc_error : float
        Monte Carlo standard error of each bound; 0 when the test is enumerated or the bound is
        infinite, infinite when p does not change around the bound.
    shape : {"interval", "unbounded", "pieces"}
        "pieces" when rejected values lie between accepted ones; "unbounded" wins over it.
    """

    low: float
    high: float
    low_mc_error: float
    high_mc_error: float
    shape: Shape


@dataclass(frozen=True, slots=True)
class _Side:
    bound: float
    mc_error: float
    gaps: bool


def invert(
    p_value: Callable[[float], float],
    *,
    estimate: float,
    std_error: float,
    level: float,
    random_draws: int,
) -> IntervalSet:
    """Invert a test around the estimate.

    Parameters
    ----------
    p_value : callable
        p-value of ``coefficient = null``; 1 at the estimate.
    estimate : float
        Where the search starts.
    std_error : float
        Its standard error, the unit of the search; positive.
    level : float
        Confidence level in (0, 1).
    random_draws : int
        Draws behind each p-value, or 0 when they are a complete enumeration.

    Returns
    -------
    IntervalSet

    Notes
    -----
    A null is in the set when p >= alpha = 1 - level. Each side is scanned on a grid of 0.25
    (enumerated: 0.05) standard errors out to 10 and geometrically out to 1,000; the outermost
    change from accepted to rejected is bisected to 1e-11 standard errors. Pieces or gaps narrower
    than the grid are not seen. The Monte Carlo error of a bound is sqrt(alpha (1 - alpha) / B)
    over the slope of p, measured across ±0.25 standard errors.
    """
    alpha = round(1.0 - level, 12)
    low, high = (
        _side(lambda away: p_value(estimate + away), unit, alpha=alpha, random_draws=random_draws)
        for unit in (-std_error, std_error)
    )
    shape: Shape = "pieces" if low.gaps or high.gaps else "interval"
    if np.isinf(low.bound) or np.isinf(high.bound):
        shape = "unbounded"
    return IntervalSet(
        low=estimate - low.bound * std_error,
        high=estimate + high.bound * std_error,
        low_mc_error=low.mc_error * std_error,
        high_mc_error=high.mc_error * std_error,
        shape=shape,
    )


def _side(
    p_away: Callable[[float], float], unit: float, *, alpha: float, random_draws: int
) -> _Side:
    """Outermost bound on one side, as a distance in standard errors, whose sign is the side's."""

    def p_at(distance: float) -> float:
        return p_away(distance * unit)

    step = _STEP_RANDOM if random_draws else _STEP_ENUMERATED
    even = np.arange(round(_EVEN / step) + 1) * step
    growth = _EVEN * 1.25 ** np.arange(1, np.ceil(np.log(REACH / _EVEN) / np.log(1.25)))
    grid = np.concatenate([even, growth, [REACH]])
    accepted = np.array([p_at(distance) >= alpha for distance in grid.tolist()])
    last = int(np.flatnonzero(accepted)[-1])
    gaps = not accepted[: last + 1].all()
    if last == len(grid) - 1:
        return _Side(np.inf, 0.0, gaps)
    bound = _bisect(p_at, float(grid[last]), float(grid[last + 1]), alpha=alpha)
    return _Side(bound, bound_error(p_at, bound, alpha=alpha, draws=random_draws), gaps)


def _bisect(
    p_at: Callable[[float], float], inside: float, outside: float, *, alpha: float
) -> float:
    """Last accepted distance between an accepted and a rejected one; itself accepted."""
    while outside - inside > _RESOLUTION * max(1.0, inside):
        middle = (inside + outside) / 2.0
        if p_at(middle) >= alpha:
            inside = middle
        else:
            outside = middle
    return inside


def bound_error(p_at: Callable[[float], float], bound: float, *, alpha: float, draws: int) -> float:
    """Monte Carlo standard error of where p falls below alpha, in standard errors.

    Parameters
    ----------
    p_at : callable
        p-value at a distance from the estimate.
    bound : float
        Where it is alpha.
    alpha : float
    draws : int
        Draws behind each p-value, or 0 when they are a complete enumeration.

    Returns
    -------
    float
        sqrt(alpha (1 - alpha) / draws) over the slope of p, measured across +-0.25; infinite where
        p does not change there, and 0 where nothing was drawn.
    """
    if not draws:
        return 0.0
    near = max(0.0, bound - _WINDOW)
    slope = (p_at(near) - p_at(bound + _WINDOW)) / (bound + _WINDOW - near)
    return float(np.sqrt(alpha * (1.0 - alpha) / draws) / slope) if slope > 0.0 else np.inf


# Relative slack of `highest`, and how near to singular a draw's matrix may be: where less than
# this share of the determinant is left after cancellation the bound is infinite, and where more
# is left its rounding error is below 1e-9.
MARGIN = 1e-6


def highest_squared_t(numerator: Floats, squared_error: Floats) -> Floats:
    """Bound of each draw's squared t* over all nulls.

    Parameters
    ----------
    numerator : ndarray, shape (2, B)
        n0, n1: the numerator is n0 - d n1 under a null at distance d from the estimate.
    squared_error : ndarray, shape (3, B)
        d0, d1, d2: the squared error is d0 - d d1 + d^2 d2.

    Returns
    -------
    ndarray, shape (B,)
        Infinite where a draw's error can vanish, or nearly.

    Notes
    -----
    With u = (1, -d), t*^2 = (u'n)^2 / (u'Du) for n = (n0, n1) and D = [[d0, d1/2], [d1/2, d2]],
    which by the Cauchy-Schwarz inequality is at most n'D^-1 n.
    """
    (n0, n1), (d0, d1, d2) = numerator, squared_error
    determinant = d0 * d2 - d1**2 / 4.0
    regular = (d0 > 0.0) & (d2 > 0.0) & (determinant > MARGIN * d0 * d2)
    found = np.full(len(n0), np.inf)
    np.divide(n0**2 * d2 - n0 * n1 * d1 + n1**2 * d0, determinant, out=found, where=regular)
    return found


Counts = Codes

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
    always_extreme : int
        Permutations whose |t*| is at least |t| whatever the outcome.
    """

    column: str
    estimate: float
    std_error: float
    factor: float
    enumerated: bool
    numerator: Floats
    squared_error: Floats
    always_extreme: int = 0

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
        return self.share(self._larger(null, self.numerator, self.squared_error))

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
        highest = highest_squared_t(self.numerator, self.squared_error)
        kept = np.flatnonzero(highest >= far * (1.0 - MARGIN))
        kept = kept[np.argsort(-highest[kept], kind="stable")]
        falling = -highest[kept]
        numerator, squared_error = self.numerator[:, kept], self.squared_error[:, kept]

        def p_value(null: float) -> float:
            reached = self._t_squared(null)
            if reached < far:
                return self.p_value(null)
            within = -reached * (1.0 - MARGIN)
            few = int(np.searchsorted(falling, within, side="right"))
            return self.share(self._larger(null, numerator[:, :few], squared_error[:, :few]))

        return p_value

    def _larger(self, null: float, numerator: Floats, squared_error: Floats) -> int:
        """How many of some draws have |t*| >= |t|."""
        top, bottom = _at(null - self.estimate, numerator, squared_error)
        return int(np.count_nonzero(top**2 >= self._t_squared(null) * bottom * (1.0 - TIE)))

    def _t_squared(self, null: float) -> float:
        """Squared t of the sample, without the factor."""
        return (null - self.estimate) ** 2 / (self.std_error**2 / self.factor)

    def share(self, larger: int) -> float:
        """p-value where so many of the draws are as extreme as the sample; see `share_of`."""
        return float(share_of(larger, self.number, enumerated=self.enumerated))


def share_of(larger: int | Counts, number: int, *, enumerated: bool) -> Floats:
    """p-values from how many of the draws are as extreme as the sample, which is one if drawn.

    Parameters
    ----------
    larger : int or ndarray of int
        Draws as extreme as the sample.
    number : int
        Draws in all.
    enumerated : bool
        Whether these are all draws there are.
    """
    return np.asarray(larger / number if enumerated else (1 + larger) / (number + 1))


def _at(away: float, numerator: Floats, squared_error: Floats) -> tuple[Floats, Floats]:
    """Numerator and squared error of draws under a null at a distance from the estimate."""
    constant, linear, quadratic = squared_error
    top: Floats = numerator[0] - away * numerator[1]
    return top, constant + away * (away * quadratic - linear)
