"""Trimming bounds on changes between two rounds (Lee 2009, on differences)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.stats.fit import StepUnavailable

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Baseline respondents within whom bounds are made.

    Attributes
    ----------
    change : ndarray, shape (n,)
        Endline minus baseline; NaN where the outcome was not seen again.
    weights : ndarray, shape (n,)
        Not negative.
    treated : ndarray of bool, shape (n,)
    """

    change: Floats
    weights: Floats
    treated: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Bounds, and the weight of the treated respondents they are about."""

    low: float
    high: float
    mass: float


def change_bounds(stratum: Stratum) -> Ends:
    """Bounds on the effect for those who would be seen again under either treatment.

    Parameters
    ----------
    stratum : Stratum

    Returns
    -------
    Ends

    Raises
    ------
    StepUnavailable
        Nobody of one of the groups was seen again.

    Notes
    -----
    With shares q1, q0 seen again among treated and comparison, the group seen more often is
    trimmed by p = 1 - min(q) / max(q) of its weight, at its highest changes for one bound and at
    its lowest for the other (Lee 2009, Review of Economic Studies 76(3), prop. 1a). Applied to
    changes it asks for parallel trends among those who would be seen again in either case
    (principal parallel trends) and for monotonicity: being treated keeps nobody from being seen
    whom it does not lose, or the reverse. The observation at the edge is trimmed in part, so
    that outcomes with few values lose exactly the share p.
    """
    seen = np.isfinite(stratum.change) & (stratum.weights > 0.0)
    values, shares = [], []
    for group in (stratum.treated, ~stratum.treated):
        total = stratum.weights[group].sum()
        rows = seen & group
        if not rows.any():
            raise StepUnavailable(
                message("nobody-one-groups.problem"),
                where="panel members",
                mend=message("leave-checks.mend"),
            )
        values.append((stratum.change[rows], stratum.weights[rows]))
        shares.append(float(stratum.weights[rows].sum() / total))
    kept = [min(shares) / share for share in shares]
    low = trimmed_mean(*values[0], kept=kept[0]) + trimmed_mean(
        -values[1][0], values[1][1], kept=kept[1]
    )
    high = -trimmed_mean(-values[0][0], values[0][1], kept=kept[0]) - trimmed_mean(
        *values[1], kept=kept[1]
    )
    mass = float(stratum.weights[stratum.treated].sum()) * min(shares)
    return Ends(low=low, high=high, mass=mass)


def trimmed_mean(values: Floats, weights: Floats, *, kept: float) -> float:
    """Weighted mean of the lowest values that hold a share of the weight.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
    kept : float
        Share of the weight that stays, 0 to 1; the value at the edge stays in part.
    """
    order = np.argsort(values, kind="stable")
    w = weights[order]
    above = np.cumsum(w) - w
    goal = kept * w.sum()
    inside = np.clip(goal - above, 0.0, w)
    return float(inside @ values[order] / inside.sum())
