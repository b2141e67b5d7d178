"""What an estimate says where some of its comparison was treated as well, nobody knows which.

With p the weighted share treated in the comparison, observed = effect - p x effect there. If that
effect has the same sign and is not larger, the effect lies between the observed and the observed
over 1 - p.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.panel import WHERE


@dataclass(frozen=True, slots=True)
class Shares:
    """Weighted share treated over all placements: smallest, largest, and with equal weights."""

    smallest: float
    largest: float
    equal: float


def shares(weights: Floats, *, treated: int, candidates: int) -> Shares:
    """Shares of a comparison that may be treated, without listing who.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        Weights of the comparison units, not negative; they are scaled to sum to one.
    treated : int
        Units that are treated without being known.
    candidates : int
        Units that may be among them: the n of the comparison, and others outside it.

    Returns
    -------
    Shares
        ``equal`` is treated / candidates, also what a random placement has in the mean.

    Raises
    ------
    EstimationError
        More treated than candidates, or fewer candidates than comparison units.

    Notes
    -----
    The extremes are sums of the largest weights and of the smallest, units outside the comparison
    counting zero.
    """
    if not 0 <= treated <= candidates or candidates < len(weights):
        raise EstimationError.of("unknown-too-many", "unknown-fewer", WHERE)
    every = np.zeros(candidates)
    every[: len(weights)] = weights / weights.sum()
    ascending = np.sort(every)
    smallest = float(ascending[:treated].sum())
    largest = float(ascending[candidates - treated :].sum())
    return Shares(smallest, largest, treated / candidates)


def comparison_weights(found: Linear, k: int) -> Floats:
    """Weights of the comparison units after treatment in an estimate of one cohort.

    Parameters
    ----------
    found : Linear
    k : int
        Position of the estimate.

    Returns
    -------
    ndarray, shape (n,)
        Of the never treated units with a weight, summing to one.

    Raises
    ------
    EstimationError
        There is more than one cohort: earlier ones serve as comparison at other times.
    """
    panel = found.panel
    if len(panel.cohorts) != 1:
        raise EstimationError.of("unknown-cohorts", "unknown-one-cohort", WHERE)
    after = found.design.weights[k][:, panel.cohorts[0] :].sum(axis=1)
    share = panel.weight / found.design.groups.weight[found.of_unit]
    by_unit = -after[found.of_unit] * share
    kept = by_unit[(panel.first == panel.n_periods) & (by_unit > 0.0)]
    return np.asarray(kept / kept.sum())


def effect_set(observed: float, share: float) -> tuple[float, float]:
    """The effects that an observed difference is compatible with, ends in order.

    Parameters
    ----------
    observed : float
        In rates or other levels; on the log scale the comparison's factor is not linear in p.
    share : float
        p in [0, 1]; at 1 the set has no end.

    Notes
    -----
    observed = a - p b with 0 <= b / a <= 1 gives a between observed and observed / (1 - p). It
    says nothing of sampling error.
    """
    far = observed / (1.0 - share) if share < 1.0 else np.copysign(np.inf, observed)
    return min(observed, far), max(observed, far)
