"""Confidence sets by test inversion: every value of the coefficient that a test does not reject."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.locale.messages import Figure, Message, message

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
    note : Message or None
        What a reader must be told about the set; empty for an ordinary interval.
    level : float
        Confidence level, such as 0.95.
    """

    low: float
    high: float
    low_mc_error: float
    high_mc_error: float
    shape: Shape
    note: Message | None
    level: float


@dataclass(frozen=True, slots=True)
class _Side:
    bound: float
    mc_error: float
    gaps: int


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
        _side(_outward(p_value, estimate, way * std_error), alpha=alpha, random_draws=random_draws)
        for way in (-1.0, 1.0)
    )
    shape: Shape = "interval"
    note = None
    if low.gaps or high.gaps:
        shape = "pieces"
        note = message("interval-pieces.note", n=1 + low.gaps + high.gaps)
    if np.isinf(low.bound) or np.isinf(high.bound):
        shape = "unbounded"
        end = message("interval-unbounded.note", reach=Figure(f"{REACH:,.0f}"))
        note = message("interval-unbounded-pieces.note", end=end, pieces=note) if note else end
    return IntervalSet(
        low=estimate - low.bound * std_error,
        high=estimate + high.bound * std_error,
        low_mc_error=low.mc_error * std_error,
        high_mc_error=high.mc_error * std_error,
        shape=shape,
        note=note,
        level=level,
    )


def _outward(
    p_value: Callable[[float], float], estimate: float, unit: float
) -> Callable[[float], float]:
    """p as a function of the distance from the estimate, in units whose sign is the side."""
    return lambda distance: p_value(estimate + distance * unit)


def _side(p_at: Callable[[float], float], *, alpha: float, random_draws: int) -> _Side:
    """Outermost bound on one side, as a distance in standard errors."""
    step = _STEP_RANDOM if random_draws else _STEP_ENUMERATED
    even = np.arange(round(_EVEN / step) + 1) * step
    growth = _EVEN * 1.25 ** np.arange(1, np.ceil(np.log(REACH / _EVEN) / np.log(1.25)))
    grid = np.concatenate([even, growth, [REACH]])
    accepted = np.array([p_at(distance) >= alpha for distance in grid.tolist()])
    last = int(np.flatnonzero(accepted)[-1])
    gaps = int(np.count_nonzero(np.diff(accepted[: last + 1].astype(int)) == -1))
    if last == len(grid) - 1:
        return _Side(np.inf, 0.0, gaps)
    bound = _bisect(p_at, float(grid[last]), float(grid[last + 1]), alpha=alpha)
    return _Side(bound, _mc_error(p_at, bound, alpha=alpha, draws=random_draws), gaps)


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


def _mc_error(p_at: Callable[[float], float], bound: float, *, alpha: float, draws: int) -> float:
    if not draws:
        return 0.0
    near = max(0.0, bound - _WINDOW)
    slope = (p_at(near) - p_at(bound + _WINDOW)) / (bound + _WINDOW - near)
    return float(np.sqrt(alpha * (1.0 - alpha) / draws) / slope) if slope > 0.0 else np.inf
