"""How likely each conclusion is at a true effect, from what is known before the endline.

The estimate is normal around the true effect and its squared standard error an independent
chi-squared, as the t intervals assume. The two simultaneous intervals are then two bands around
one estimate, with known half widths c and c90 in standard errors, and each conclusion is a region
of (estimate, standard error).
"""

import bisect
import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.detection import density, least, scales
from evaluation.estimation.inference.multiplicity import EQUIVALENCE_LEVEL
from evaluation.estimation.planning import planned_design
from evaluation.estimation.planning.planned_design import Planned, Spread
from evaluation.estimation.regression.fit import NORMAL, critical

# A cluster autocorrelation that is usual, and a clustering above what is (`design_parameters`).
USUAL_AUTOCORRELATION, HIGH_ICC = 0.6, 0.10
# A conclusion that no true effect makes as likely as this cannot be reached.
REACHED = 0.05
TARGET = 0.8
# Steps per SD of log s: regions have corners, so the rule's error falls with their square, to 1e-6.
_PER_SD = 60.0
_MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Chance of each conclusion at one true effect, and what detected effects mislead by.

    ``detected`` counts every effect that differs from zero: that one is, beyond doubt, smaller
    than matters as well has a chance of at most one in a hundred in usual designs.
    """

    detected: float
    ruled_out: float
    type_s: float
    type_m: float

    @property
    def inconclusive(self) -> float:
        """What is left."""
        return 1.0 - self.detected - self.ruled_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """The intervals of one of several primary outcomes.

    Attributes
    ----------
    std_error : float
        True standard error of the estimate.
    df : float
        Degrees of freedom of its estimate.
    outer, inner : float
        Half widths of the simultaneous 95 and 90 % intervals in estimated standard errors.
    """

    std_error: float
    df: float
    outer: float
    inner: float


def intervals_of(std_error: float, *, df: float, outcomes: int, level: float) -> Intervals:
    """The test of one of several outcomes.

    Parameters
    ----------
    std_error : float
    df : float
    outcomes : int
        Primary outcomes that the intervals cover at once.
    level : float
        Of the wider interval.

    Notes
    -----
    c is the t quantile at which independent outcomes would all be covered with the level (Sidak
    1967, JASA 62:626): 1 - alpha is taken to the power 1/outcomes. How outcomes go together is
    not known before the endline. Max-t over outcomes that do has a smaller c, so that these
    chances of a conclusion are on the low side.
    """
    outer, inner = (
        NORMAL.inv_cdf(0.5 + share / 2.0) if math.isinf(df) else critical(df, share)
        for share in (x ** (1.0 / outcomes) for x in (level, EQUIVALENCE_LEVEL))
    )
    return Intervals(std_error=std_error, df=df, outer=outer, inner=inner)


def chances(effect: float, test: Intervals, *, smallest_effect: float) -> Chances:
    """Chance of each conclusion at a true effect.

    Parameters
    ----------
    effect : float
        True effect, of either sign.
    test : Intervals
    smallest_effect : float
        Smallest effect that matters.

    Returns
    -------
    Chances

    Notes
    -----
    In true standard errors, with Z standard normal and s^2 a chi-squared over its df: detected
    where |Z + r| > c s; ruled out where |Z + r| < min(c s, d - c90 s). Given s both are
    differences of normal probabilities; their mean over s is taken by the trapezoidal rule in
    log s. Type S and M: Gelman and Carlin (2014), of effects detected by this rule.
    """
    r, d = abs(effect) / test.std_error, smallest_effect / test.std_error
    s, weights = scales(test.df, per_sd=_PER_SD)
    far, near = test.outer * s, np.maximum(d - test.inner * s, 0.0)
    any_detected = ndtr(r - far) + ndtr(-r - far)
    whole = float(weights @ any_detected)
    wrong = float(weights @ ndtr(-r - far))
    size = density(r + far) + density(r - far) + r * (ndtr(r - far) - ndtr(-r - far))
    return Chances(
        detected=whole,
        ruled_out=float(weights @ _between(np.minimum(far, near), r)),
        type_s=wrong / whole if r else math.nan,
        type_m=float(weights @ size) / (r * whole) if r else math.nan,
    )


def can_rule_out(test: Intervals, *, smallest_effect: float) -> bool:
    """Whether effects that matter are ruled out in `REACHED` of studies without an effect.

    At no other true effect is that more likely. An effect can always be detected.

    Parameters
    ----------
    test : Intervals
    smallest_effect : float
        Smallest effect that matters.
    """
    return chances(0.0, test, smallest_effect=smallest_effect).ruled_out >= REACHED


def other_assumptions(planned: Planned, spread: Spread) -> tuple[Spread, ...]:
    """The spread with a usual cluster autocorrelation, and with a high ICC as well.

    Parameters
    ----------
    planned : Planned
        Where endlines are compared, the autocorrelation plays no part.
    spread : Spread
        As planned. What it already assumes is not repeated.
    """
    usual = spread
    if planned.compared == "changes":
        usual = dataclasses.replace(spread, cac=USUAL_AUTOCORRELATION)
    high = dataclasses.replace(usual, icc=max(spread.icc, HIGH_ICC))
    return tuple(x for x in dict.fromkeys((usual, high)) if x != spread)


def design_intervals(planned: Planned, spread: Spread, *, outcomes: int, level: float) -> Intervals:
    """The test of one of several outcomes in a planned design: t with clusters less one.

    Parameters
    ----------
    planned : Planned
    spread : Spread
    outcomes : int
        Primary outcomes that the intervals cover at once.
    level : float
    """
    error = planned_design.std_error(planned, spread)
    return intervals_of(error, df=planned.df, outcomes=outcomes, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What it takes until an effect of the smallest size is detected, or none ruled out, at 80 %.

    Attributes
    ----------
    smallest_effect : float
        Smallest effect that matters with which this design would do.
    respondents : int or None
        Per cluster and round, clusters as planned; None where no number is enough.
    clusters : int or None
        In both groups together, respondents as planned; None where no number is enough.
    """

    smallest_effect: float
    respondents: int | None
    clusters: int | None


def needed(
    target: str, planned: Planned, spread: Spread, *, outcomes: int, level: float, smallest: float
) -> Needed:
    """Solve for the smallest effect, respondents or clusters that give a conclusion in 80 %.

    Parameters
    ----------
    target : {"detected", "ruled_out"}
        An effect of the smallest size that matters is detected; one that matters is ruled out
        where there is none.
    planned : Planned
    spread : Spread
    outcomes : int
    level : float
    smallest : float
        Smallest effect that matters.

    Raises
    ------
    EstimationError
        The target is neither.
    """
    if target not in ("detected", "ruled_out"):
        raise EstimationError.of(
            "planned-conclusion", "planned-conclusion", "needed", target=target
        )

    def enough(design: Planned, size: float) -> bool:
        test = design_intervals(design, spread, outcomes=outcomes, level=level)
        if target == "ruled_out":
            return chances(0.0, test, smallest_effect=size).ruled_out >= TARGET
        return chances(size, test, smallest_effect=size).detected >= TARGET

    groups = planned.treated + planned.comparison
    return Needed(
        smallest_effect=least(
            lambda size: enough(planned, size), unit=planned_design.std_error(planned, spread)
        ),
        respondents=first_enough(
            lambda n: enough(dataclasses.replace(planned, respondents=float(n)), smallest), start=1
        ),
        clusters=first_enough(lambda g: enough(scaled(planned, g / groups), smallest), start=4),
    )


def scaled(planned: Planned, factor: float) -> Planned:
    """The design with its clusters multiplied, each group rounded up."""
    return dataclasses.replace(
        planned,
        treated=max(2, math.ceil(factor * planned.treated - 1e-9)),
        comparison=max(2, math.ceil(factor * planned.comparison - 1e-9)),
    )


def first_enough(enough: Callable[[int], bool], *, start: int) -> int | None:
    """Smallest whole number that is enough; None where the most that is tried is not."""
    if not enough(_MOST):
        return None
    return start + bisect.bisect_left(range(start, _MOST), True, key=enough)


def _between(half: Floats, r: float) -> Floats:
    """P(|Z + r| < half) for each half width."""
    return ndtr(half - r) - ndtr(-half - r)
