"""The published rule of conclusions: simultaneous intervals, what matters, and evidence levels.

Only primary outcomes get a conclusion. Their intervals hold for all of them at once, so the three
conclusions of a study err together as rarely as one interval would. Asked in this order:

1. the simultaneous 95 % interval excludes zero: *detected*, or *detected but smaller than matters*
   where the simultaneous 90 % interval lies inside the effects too small to matter;
2. the simultaneous 90 % interval lies inside them: *ruled out* (two one-sided tests, 5 % over all
   primary outcomes), under the assumptions of the estimate, and printed with that interval;
3. else *inconclusive*.

As long as a study is blinded its arms are scrambled, and nothing is concluded.

A bound that equals zero includes zero; a bound that equals the smallest effect reaches it. Ties
therefore never strengthen a claim.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

from evaluation.config.plan import Outcome, Specification
from evaluation.errors import ReportError
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.locale.messages import message, wording
from evaluation.report.formats import number_format
from evaluation.report.sources import Source, diagnostic, find

Interval = tuple[float, float]
Conclusion = Literal[
    "effect detected",
    "detected but smaller than matters",
    "effects that matter ruled out",
    "inconclusive",
    "blinded: no conclusion",
]
Evidence = Literal[
    "excludes zero by both methods and after adjustment",
    "excludes zero by both methods, not after adjustment",
    "excludes zero by both methods, not adjusted",
    "depends on the inference method",
    "excludes zero by the one method available",
    "does not exclude zero",
    "blinded: no conclusion",
]
BLINDED: Literal["blinded: no conclusion"] = "blinded: no conclusion"
Direction = Literal["desired", "not desired", "no desired direction"]

# What ``adjustment`` says of an estimate whose interval holds for all primary outcomes at once.
SIMULTANEOUS = ("max_t", "bonferroni")
EQUIVALENCE = ("simultaneous_90_low", "simultaneous_90_high")
UNADJUSTED = ("unadjusted_ci_low", "unadjusted_ci_high")
# How the unadjusted interval of a bootstrap or a permutation test is made.
INVERTED = message("steps-unadjusted-inverted-test.reason")
UNBOUNDED = message("unadjusted-inverted-test.reason")
# Conclusions by an interval that excludes zero.
MOVED: tuple[Conclusion, ...] = ("effect detected", "detected but smaller than matters")
# Conclusions that the simultaneous 90 % interval carries: it is printed wherever they are.
SMALL: tuple[Conclusion, ...] = (
    "detected but smaller than matters",
    "effects that matter ruled out",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """The conclusion on one primary outcome.

    Attributes
    ----------
    conclusion : Conclusion
    equivalence : tuple of float
        The simultaneous 90 % interval, in the unit of the outcome.
    """

    conclusion: Conclusion
    equivalence: Interval

    def said(self, outcome: Outcome, language: str) -> str:
        """The conclusion in a few words, with the interval that carries it."""
        bare = wording(f"conclusion.{self.conclusion}", language)
        if self.conclusion not in SMALL:
            return bare
        bounds = self.bounds(outcome, language)
        return wording("conclusion-with-interval", language, conclusion=bare, bounds=bounds)

    def bounds(self, outcome: Outcome, language: str) -> str:
        """The simultaneous 90 % interval at the outcome's decimals.

        Where rounding would show it reaching the smallest effect that matters, it has one more.
        """
        low, high = self.equivalence
        farthest, smallest = max(abs(low), abs(high)), outcome.smallest_effect
        decimals = number_format.apart(farthest, smallest, outcome.decimals)
        return number_format.interval(low, high, decimals, language)


def concluded(source: Source, estimate: Estimate) -> Concluded | None:
    """The conclusion on a primary outcome; None of every other estimate.

    Parameters
    ----------
    source : Source
        Plan and records: the simultaneous 90 % interval is a diagnostic beside the estimate.
    estimate : Estimate
        Only one whose own interval is simultaneous has a conclusion: no secondary outcome, no
        row of a check, no other method or specification.

    Raises
    ------
    ReportError
        The interval of the two one-sided tests is not beside it.
    """
    outcome = source.outcome(estimate.outcome)
    if not outcome.primary or estimate.adjustment not in SIMULTANEOUS:
        return None
    if outcome.smallest_effect is None:
        return None
    equivalence = _pair(source, estimate, EQUIVALENCE)
    if estimate.status == "blinded":
        return Concluded(conclusion=BLINDED, equivalence=equivalence)
    found = conclusion(
        (estimate.ci_low, estimate.ci_high), equivalence, smallest_effect=outcome.smallest_effect
    )
    return Concluded(conclusion=found, equivalence=equivalence)


def alone(source: Source, found: Estimate | Unavailable) -> Estimate | Unavailable:
    """The record as of an outcome by itself: methods are compared like with like.

    The Monte Carlo errors of these bounds are not recorded: they are not numbers.
    """
    if isinstance(found, Unavailable) or found.adjustment not in SIMULTANEOUS:
        return found
    low, high = _pair(source, found, UNADJUSTED)
    bounded = math.isfinite(low) and math.isfinite(high)
    return dataclasses.replace(
        found,
        ci_low=low,
        ci_high=high,
        ci_kind=INVERTED if bounded else UNBOUNDED,
        ci_low_mc_error=math.nan,
        ci_high_mc_error=math.nan,
        p_adjusted=found.p_value,
        adjustment="none",
    )


def p_of_interval(estimate: Estimate) -> float:
    """The p-value of the test that the estimate's own interval inverts."""
    return estimate.p_adjusted if estimate.adjustment in SIMULTANEOUS else estimate.p_value


def _pair(source: Source, estimate: Estimate, names: tuple[str, str]) -> Interval:
    low, high = (diagnostic(source, estimate, name) for name in names)
    if not isinstance(low, Diagnostic) or not isinstance(high, Diagnostic):
        raise ReportError.of(
            "no-interval-beside",
            "no-interval-beside",
            f"specification `{estimate.specification}`, step `{estimate.step}`",
            name=names[0],
            outcome=estimate.outcome,
        )
    return low.value, high.value


def conclusion(
    interval: Interval, equivalence: Interval | None, *, smallest_effect: float
) -> Conclusion:
    """Conclusion on an effect.

    Parameters
    ----------
    interval : tuple of float
        Bounds of the simultaneous 95 % interval, in the unit of the outcome; may be infinite.
    equivalence : tuple of float or None
        Bounds of the simultaneous 90 % interval. None where there is none: the wider interval
        then stands for it, which rules out less.
    smallest_effect : float
        Smallest effect that matters, positive, in the same unit.

    Raises
    ------
    ValueError
        ``smallest_effect`` is not positive, the bounds are not in order, or the 90 % interval
        reaches out of the other.
    """
    if not smallest_effect > 0:
        raise ValueError("the smallest effect that matters is a positive number")
    (low, high), (inner_low, inner_high) = interval, equivalence or interval
    if not low <= inner_low <= inner_high <= high:
        raise ValueError("the bounds of the intervals are in order, the narrower one inside")
    excludes_zero = low > 0 or high < 0
    inside = -smallest_effect < inner_low and inner_high < smallest_effect
    if excludes_zero:
        return "detected but smaller than matters" if inside else "effect detected"
    return "effects that matter ruled out" if inside else "inconclusive"


def direction(estimate: float, desired: Literal["up", "down", "none"]) -> Direction:
    """Whether an estimate points where the programme wants the outcome to go."""
    if desired == "none" or estimate == 0:
        return "no desired direction"
    return "desired" if (estimate > 0) == (desired == "up") else "not desired"


def evidence(estimate: Estimate, jackknife: Estimate | None) -> Evidence:
    """Level of evidence against zero, by rule: interval, CV3's interval, adjustment.

    Parameters
    ----------
    estimate : Estimate
        By the step the specification is read by.
    jackknife : Estimate or None
        The same by CV3; None where it is unavailable.
    """
    if estimate.status == "blinded":
        return BLINDED
    excludes = _excludes_zero(estimate)
    if jackknife is None:
        return "excludes zero by the one method available" if excludes else "does not exclude zero"
    if excludes != _excludes_zero(jackknife):
        return "depends on the inference method"
    if not excludes:
        return "does not exclude zero"
    if estimate.adjustment == "none":
        return "excludes zero by both methods, not adjusted"
    if estimate.p_adjusted > 1 - estimate.level:
        return "excludes zero by both methods, not after adjustment"
    return "excludes zero by both methods and after adjustment"


def _excludes_zero(estimate: Estimate) -> bool:
    return estimate.ci_low > 0 or estimate.ci_high < 0


def strength(
    source: Source, specification: Specification, outcome: Outcome, estimate: Estimate
) -> Evidence:
    """Level of evidence, with the cluster jackknife beside the primary step where there is one.

    Parameters
    ----------
    source : Source
        Holds the estimate by the jackknife, or why it is unavailable.
    specification : Specification
        The one that the estimate is by.
    outcome : Outcome
    estimate : Estimate
        By the step the specification is read by.
    """
    if "cv3" not in specification.steps_for(outcome):
        return evidence(estimate, None)
    other = find(source, outcome.id, specification=specification, step="cv3")
    return evidence(estimate, None if isinstance(other, Unavailable) else other)
