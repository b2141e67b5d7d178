"""p-values and intervals adjusted for the number of outcomes that were looked at.

The primary outcomes' t statistics share their draws (or permutations), so the largest |t*| of each
draw is the reference of every one of them: single-step max-t. Where a primary step has no
reference distribution, Bonferroni's division of the error does the same without the dependence.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference.inversion import (
    TIE,
    Distribution,
    IntervalSet,
    Shape,
    bound_error,
    share_of,
)
from evaluation.estimation.regression.fit import StepResult
from evaluation.locale.messages import Message, message


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm (1979) step-down p-values, in the order given; controls the family-wise error."""
    p, order = _ordered(p_values)
    left = np.arange(len(p), 0, -1)
    return _in_place(np.maximum.accumulate(p * left), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg (1995) step-up p-values; controls the false discovery rate."""
    p, order = _ordered(p_values)
    share = np.arange(1, len(p) + 1) / float(len(p) or 1)
    return _in_place(np.minimum.accumulate((p / share)[::-1])[::-1], order)


def _ordered(p_values: Sequence[float]) -> tuple[Floats, Codes]:
    """The p-values in ascending order, and where each of them stood."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    return p[order], order.astype(np.int64)


def _in_place(adjusted: Floats, order: Codes) -> tuple[float, ...]:
    """Adjusted p-values, none above one, in the order that was given."""
    found = np.empty(len(order))
    found[order] = np.minimum(adjusted, 1.0)
    return tuple(found.tolist())


def sharpened_q(p_values: Sequence[float]) -> tuple[float, ...]:
    """Anderson's (2008) sharpened q-values, in the order given.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    tuple of float
        Multiples of 0.001. A q can be below its p where many hypotheses are rejected.

    Notes
    -----
    Anderson (2008, JASA 103(484)), the two-stage procedure of Benjamini, Krieger and Yekutieli
    (2006) tried at q = 1.000, 0.999, ..., 0.001; a q-value is the smallest of these at which its
    hypothesis is rejected. With M hypotheses, stage one rejects the r1 smallest p by
    Benjamini-Hochberg at q' = q / (1 + q), stage two at q' M / (M - r1), or all where r1 = M.
    """
    p = np.asarray(p_values, dtype=np.float64)
    ordered = np.sort(p)
    levels = np.arange(1, 1001) / 1000.0
    rejected = [_two_stage(ordered, level) for level in levels.tolist()]
    # Equal p-values are rejected together, so they share the highest of their ranks.
    rank = np.searchsorted(ordered, p, side="right")
    smallest = np.searchsorted(np.maximum.accumulate(rejected), rank)
    return tuple(float(levels[min(first, len(levels) - 1)]) for first in smallest)


def _two_stage(ordered: Floats, level: float) -> int:
    """How many of the ordered p-values the two stages reject."""
    number, first = len(ordered), level / (1.0 + level)
    stage_one = _step_up(ordered, first)
    return (
        number if stage_one == number else _step_up(ordered, first * number / (number - stage_one))
    )


def _step_up(ordered: Floats, level: float) -> int:
    """Largest rank k with p_(k) <= level k / M; 0 if none."""
    limits = level * np.arange(1, len(ordered) + 1) / len(ordered)
    below = np.flatnonzero(ordered <= limits)
    return int(below[-1]) + 1 if len(below) else 0


def romano_wolf(
    statistics: Mapping[str, tuple[float, Floats]], *, draws: Literal["random", "enumerated"]
) -> dict[str, float]:
    """Romano-Wolf step-down p-values from bootstrap t statistics.

    Parameters
    ----------
    statistics : mapping of str to (float, ndarray of shape (B,))
        Per outcome t and t*, each computed under its null with the same draws in the same order.
    draws : {"random", "enumerated"}
        Whether the B draws are a random sample, or all there are.

    Returns
    -------
    dict of str to float
        Adjusted p-value per outcome, in the order given.

    Raises
    ------
    EstimationError
        The outcomes have different numbers of draws, so they cannot be aligned.

    Notes
    -----
    With |t| in decreasing order, p_k = (1 + #{b: max over j >= k of |t*_jb| >= |t_k|}) / (B + 1),
    made monotone (Romano and Wolf 2005; 2016). Enumerated: the share of
    draws. Ties count in full, and a draw with a standard error of zero counts as extreme.
    """
    number = _aligned(statistics)
    order = sorted(statistics, key=lambda name: (-abs(statistics[name][0]), name))
    largest = np.zeros(number)
    counts: dict[str, int] = {}
    for name in reversed(order):
        t, t_star = statistics[name]
        largest = np.maximum(largest, t_star**2)
        counts[name] = int(np.count_nonzero(largest >= t * t * (1.0 - TIE)))
    adjusted: dict[str, float] = {}
    so_far = 0.0
    for name in order:
        share = share_of(counts[name], number, enumerated=draws == "enumerated")
        so_far = max(so_far, float(share))
        adjusted[name] = so_far
    return {name: adjusted[name] for name in statistics}


@dataclass(frozen=True, slots=True, eq=False)
class MaxT:
    """Single-step max-t: every outcome's |t| held against the largest |t*| over all outcomes.

    Attributes
    ----------
    largest : ndarray, shape (B,)
        Largest |t*| over the outcomes in each draw, ascending.
    draws : {"random", "enumerated"}

    Notes
    -----
    Westfall and Young (1993, Resampling-Based Multiple Testing, section 2.3); the first step of
    `romano_wolf`. P-value and critical value are one test: a |t| up to `critical` is not rejected,
    and its p-value is not below 1 - level.
    """

    largest: Floats
    draws: Literal["random", "enumerated"]

    @classmethod
    def of(
        cls,
        statistics: Mapping[str, tuple[float, Floats]],
        *,
        draws: Literal["random", "enumerated"],
    ) -> "MaxT":
        """Distribution of the largest |t*|; arguments and errors as of `romano_wolf`."""
        _aligned(statistics)
        highest = np.max([np.abs(t_star) for _, t_star in statistics.values()], axis=0)
        return cls(largest=np.sort(highest), draws=draws)

    def p_value(self, t: float) -> float:
        """Adjusted p of an outcome with statistic t: ties count in full."""
        first = int(np.searchsorted(self.largest**2, t * t * (1.0 - TIE), side="left"))
        larger, number = len(self.largest) - first, len(self.largest)
        return float(share_of(larger, number, enumerated=self.draws == "enumerated"))

    def critical(self, level: float) -> float:
        """Largest |t| that is not rejected at ``1 - level``; infinite where no |t| is rejected.

        Notes
        -----
        p(t) >= alpha where at least k draws reach |t|, k = ceil(alpha (B + 1)) - 1, or
        ceil(alpha B) where enumerated: the k-th largest of the largest |t*|, and what counts as
        tied with it.
        """
        number = len(self.largest)
        alpha = round(1.0 - level, 12)
        # The tiny subtraction keeps 0.05 x 1000 at 50 where floating point says 50.0000001.
        if self.draws == "enumerated":
            k = math.ceil(alpha * number - 1e-9)
        else:
            k = math.ceil(alpha * (number + 1) - 1e-9) - 1
        return float(self.largest[number - k]) / math.sqrt(1.0 - TIE) if k else math.inf

    def critical_mc_error(self, level: float) -> float:
        """Monte Carlo standard error of `critical`; 0 where enumerated or infinite."""
        at = self.critical(level)
        drawn = 0 if self.draws == "enumerated" or math.isinf(at) else len(self.largest)
        return bound_error(self.p_value, at, alpha=1.0 - level, draws=drawn)


def _aligned(statistics: Mapping[str, tuple[float, Floats]]) -> int:
    """Number of draws, which must be the same for all outcomes."""
    lengths = {len(t_star) for _, t_star in statistics.values()}
    if len(lengths) != 1:
        raise EstimationError.of(
            "outcomes-one", "test-every-outcome", "Romano-Wolf adjustment", lengths=sorted(lengths)
        )
    return lengths.pop()


Reference = StepResult | Distribution
Method = Literal["max_t", "bonferroni"]

# Two one-sided tests at 5 % each are the question whether a 90 % interval lies inside the bounds.
EQUIVALENCE_LEVEL = 0.9
CI_KINDS: Mapping[Method, Mapping[Shape, Message]] = {
    "max_t": {
        "interval": message("interval.max-t"),
        "unbounded": message("interval.max-t-unbounded"),
        "pieces": message("interval.max-t-pieces"),
    },
    "bonferroni": {
        "interval": message("interval.bonferroni"),
        "unbounded": message("interval.bonferroni-unbounded"),
        "pieces": message("interval.bonferroni-pieces"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Simultaneous:
    """What holds for one outcome when all primary outcomes are looked at.

    Attributes
    ----------
    p_value : float
        Single-step p, adjusted for the primary outcomes.
    interval : IntervalSet
        At the plan's level. It excludes zero only where `p_value` is below one minus the level,
        and does there unless its shape says "pieces".
    equivalence : IntervalSet
        At `EQUIVALENCE_LEVEL`: two one-sided tests whose error is 5 % over all primary outcomes.
    """

    p_value: float
    interval: IntervalSet
    equivalence: IntervalSet


def statistics(
    references: Mapping[str, Reference], *, step: str
) -> tuple[dict[str, tuple[float, Floats]], Literal["random", "enumerated"]]:
    """t and t* of every outcome, aligned draw by draw, and whether the draws are all there are.

    Parameters
    ----------
    references : mapping of str to StepResult or Distribution
        Of each outcome.
    step : str
        Name of the step, for the message.

    Raises
    ------
    EstimationError
        The primary step has no reference distribution.
    """
    drawn = {name: r for name, r in references.items() if isinstance(r, Distribution)}
    if len(drawn) < len(references):
        raise EstimationError.of(
            "max-t-without-draws",
            "max-t-without-draws",
            "plan.toml, inference.family_wise",
            step=step,
        )
    enumerated = all(r.enumerated for r in drawn.values())
    found = {name: r.statistics() for name, r in drawn.items()}
    return found, "enumerated" if enumerated else "random"


def simultaneous(
    references: Mapping[str, Reference], *, method: Method, step: str, level: float
) -> dict[str, Simultaneous]:
    """Simultaneous intervals and single-step p-values of the primary outcomes.

    Parameters
    ----------
    references : mapping of str to StepResult or Distribution
        Of each primary outcome by the primary step; distributions have the same draws in the same
        order (bootstrap multipliers or permutations alike).
    method : {"max_t", "bonferroni"}
    step : str
        Name of the primary step, for the message.
    level : float
        Chance that all intervals cover at once, such as 0.95.

    Returns
    -------
    dict of str to Simultaneous
        In the order given.

    Raises
    ------
    EstimationError
        Max-t of a step without a reference distribution, or outcomes whose draws do not align.

    Notes
    -----
    Max-t: the hull of estimate -+ c x standard error, c of `MaxT.critical`, and the outcome's own
    inverted test at the same level. c comes from t* under a null of zero, while the inverted test
    asks the draws anew at every value tried; with few or unequal clusters it can reach further
    than c standard errors, and an interval for several outcomes that is shorter than the one for
    this outcome alone would claim more than it knows. Widening keeps the joint coverage, and
    agrees with the p: p of max-t is never below the outcome's own.

    A two-sided simultaneous interval at 90 % misses on one given side in one of several outcomes
    with probability 5 %, plus half of the chance that it misses on both sides at once: at most
    5.1 % for three independent outcomes.
    """
    if method == "bonferroni":
        return {name: _bonferroni(r, len(references), level) for name, r in references.items()}
    found, draws = statistics(references, step=step)
    reference = MaxT.of(found, draws=draws)
    return {
        name: Simultaneous(
            p_value=reference.p_value(found[name][0]),
            interval=_hull(r, reference, level),
            equivalence=_hull(r, reference, EQUIVALENCE_LEVEL),
        )
        for name, r in references.items()
    }


def _hull(alone: Reference, together: MaxT, level: float) -> IntervalSet:
    """Estimate -+ c standard errors, widened to the outcome's own interval."""
    own = _own(alone, level)
    half = together.critical(level) * alone.std_error
    error = together.critical_mc_error(level) * alone.std_error
    low, low_error = min((alone.estimate - half, error), (own.low, own.low_mc_error))
    above = (alone.estimate + half, error), (own.high, own.high_mc_error)
    high, high_error = max(above)
    unbounded = not abs(low) + abs(high) < float("inf")
    return IntervalSet(
        low=low,
        high=high,
        low_mc_error=low_error,
        high_mc_error=high_error,
        shape="unbounded" if unbounded else own.shape,
    )


def _bonferroni(alone: Reference, outcomes: int, level: float) -> Simultaneous:
    """The outcome's own test with its share of the error."""
    return Simultaneous(
        p_value=min(1.0, outcomes * alone.p_value()),
        interval=_own(alone, 1.0 - (1.0 - level) / outcomes),
        equivalence=_own(alone, 1.0 - (1.0 - EQUIVALENCE_LEVEL) / outcomes),
    )


def _own(alone: Reference, level: float) -> IntervalSet:
    """The interval of one outcome for itself."""
    if isinstance(alone, Distribution):
        return alone.interval(level)
    low, high = alone.interval(level)
    return IntervalSet(low=low, high=high, low_mc_error=0.0, high_mc_error=0.0, shape="interval")
