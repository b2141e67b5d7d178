"""Intervals that hold for all primary outcomes at once, with the p-values of the same test.

The primary outcomes' t statistics share their draws (or permutations), so the largest |t*| of each
draw is the reference of every one of them: single-step max-t. Where a primary step has no
reference distribution, Bonferroni's division of the error does the same without the dependence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.stats.distribution import Distribution
from evaluation.stats.fit import StepResult
from evaluation.stats.inversion import IntervalSet, Shape
from evaluation.stats.multiplicity import Floats, MaxT

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

    Raises
    ------
    EstimationError
        The primary step has no reference distribution.
    """
    drawn = {name: r for name, r in references.items() if isinstance(r, Distribution)}
    if len(drawn) < len(references):
        raise EstimationError(
            message("max-t-without-draws.problem", step=step),
            where="plan.toml, inference.family_wise",
            mend=message("max-t-without-draws.mend"),
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
        note=own.note,
        level=level,
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
    return IntervalSet(
        low=low, high=high, low_mc_error=0.0, high_mc_error=0.0,
        shape="interval", note=None, level=level,
    )  # fmt: skip
