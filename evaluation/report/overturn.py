"""How far an interval has to move before the published rule gives another conclusion."""

import math

from evaluation.report.conclusions import Conclusion, Interval, conclusion

# A worst case that moves less of what is needed is the estimate itself, computed in another order.
ROUNDING = 1e-9


def overturned(now: Conclusion, then: Conclusion) -> bool:
    """Whether one conclusion overturns another; from inconclusive only one that excludes zero."""
    if now == "inconclusive":
        return then in ("effect detected", "detected but smaller than matters")
    return then != now


def least_move_up(interval: Interval, equivalence: Interval, *, smallest_effect: float) -> float:
    """Least upward move of an estimate, its intervals' lengths kept, that overturns its conclusion.

    Parameters
    ----------
    interval, equivalence : tuple of float
        Simultaneous 95 and 90 % intervals in the unit of the outcome; may be infinite.
    smallest_effect : float
        Smallest effect that matters, positive, in the same unit.

    Returns
    -------
    float
        0 or more; infinite where no move does. The conclusion changes at the move or just beyond.
    """

    def moved(by: float) -> Conclusion:
        outer, inner = ((low + by, high + by) for low, high in (interval, equivalence))
        return conclusion(outer, inner, smallest_effect=smallest_effect)

    now = moved(0.0)
    thresholds = (-smallest_effect, 0.0, smallest_effect)
    ends = (*interval, *equivalence)
    moves = {t - end for t in thresholds for end in ends if math.isfinite(end)}
    ahead = sorted(m for m in moves if m >= 0)
    for move, following in zip(ahead, [*ahead[1:], ahead[-1] + 1.0] if ahead else [], strict=True):
        for tried in (move, (move + following) / 2):
            if overturned(now, moved(tried)):
                return move
    return math.inf


def least_move_down(interval: Interval, equivalence: Interval, *, smallest_effect: float) -> float:
    """Like :func:`least_move_up`, downward; the size of the move, so positive."""
    mirrored = ((-high, -low) for low, high in (interval, equivalence))
    return least_move_up(*mirrored, smallest_effect=smallest_effect)


def share_of_worst_case(needed: Interval, reach: Interval) -> float:
    """Share of the worst case that suffices: the lesser over both directions.

    Parameters
    ----------
    needed : tuple of float
        Moves down and up that overturn, both positive.
    reach : tuple of float
        How far the worst case moves the estimate down and up, both 0 or more.

    Returns
    -------
    float
        Above 1 where even the worst case is not enough; infinite where it moves nothing but what
        rounding moves.
    """
    return min(n / r if r > ROUNDING * n else math.inf for n, r in zip(needed, reach, strict=True))
