"""What may be said of a primary outcome: the published rule, from records alone, in words.

Each claim that people make of an effect gets one answer and one reason. They follow from the
interval, the smallest effect that matters, the level of evidence, the realised MDE, the desired
direction, and what certainty and threats allow (:mod:`evaluation.report.prose.grade_wording`); the
point estimate decides nothing but the direction. A bound that equals a limit never makes a claim
easier. A claim that names the programme as cause is never a plain yes below moderate certainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate
from evaluation.report.prose.conclusions import (
    BLINDED,
    SMALL,
    Concluded,
    Conclusion,
    Evidence,
    direction,
)
from evaluation.report.prose.grade_wording import Graded

Answer = Literal["yes", "care", "no"]
Claim = Literal[
    "in_full", "range", "estimate_alone", "changed", "improved", "matters", "ruled_out",
    "would_have_seen", "nothing", "before_after", "percent", "percent_of_deviations",
    "percent_of_scale", "participants",
]  # fmt: skip
Reason = Literal[
    "names_all", "names_interval", "only_with_interval", "all_adjustments", "not_adjusted",
    "no_adjustment", "methods_disagree", "one_method", "zero_inside", "wrong_way", "all_matter",
    "may_matter", "cannot_tell", "too_small", "all_small", "matters_inside", "four_in_five",
    "too_weak", "absence_of_evidence", "small_remain", "contrary", "change_is_not_impact",
    "points_not_percent", "deviations_not_percent", "scale_not_percent", "residents_asked",
    "blinded", "may_have", "very_uncertain", "not_ruled_out",
]  # fmt: skip
ORDER: tuple[Answer, ...] = ("yes", "care", "no")
# Claims that the conclusion carries; "improved" stands only where there is a desired direction.
RESTS_ON_CONCLUSION: tuple[Claim, ...] = ("changed", "improved", "matters", "ruled_out")
# The wrong unit that people give an effect, by the unit it has.
WRONG_UNIT: Mapping[str, tuple[Claim, Reason]] = {
    "percentage points": ("percent", "points_not_percent"),
    "SD": ("percent_of_deviations", "deviations_not_percent"),
    "points": ("percent_of_scale", "scale_not_percent"),
}
# How firmly an interval that excludes zero says so.
FIRMNESS: Mapping[Evidence, tuple[Answer, Reason]] = {
    "excludes zero by both methods and after adjustment": ("yes", "all_adjustments"),
    "excludes zero by both methods, not after adjustment": ("care", "not_adjusted"),
    "excludes zero by both methods, not adjusted": ("care", "no_adjustment"),
    "depends on the inference method": ("care", "methods_disagree"),
    "excludes zero by the one method available": ("care", "one_method"),
    "does not exclude zero": ("no", "zero_inside"),
    BLINDED: ("no", "blinded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim, whether it may be made, and why."""

    claim: Claim
    answer: Answer
    reason: Reason


def judge(
    estimate: Estimate,
    outcome: Outcome,
    *,
    concluded: Concluded,
    smallest_effect: float,
    strength: Evidence,
    graded: Graded,
) -> tuple[Statement, ...]:
    """Judge every claim about one primary outcome: those that may be made come first.

    Parameters
    ----------
    estimate : Estimate
        By the step the primary specification is read by.
    outcome : Outcome
        Gives the desired direction, the unit and the decimals.
    concluded : Concluded
        The conclusion on the outcome.
    smallest_effect : float
        Smallest effect that matters, positive, in the unit of the estimate.
    strength : Evidence
        What :func:`evaluation.report.prose.conclusions.evidence` says of the estimate.
    graded : Graded
        The conclusion with what limits its wording.

    Returns
    -------
    tuple of Statement
        Of a blinded study every answer is "no".
    """
    low, high = estimate.ci_low, estimate.ci_high
    ruling = concluded.conclusion
    zero_inside = low <= 0 <= high
    shown = _limited(FIRMNESS["does not exclude zero" if zero_inside else strength], graded)
    found: dict[Claim, tuple[Answer, Reason]] = {
        "in_full": ("yes", "names_all"),
        "range": ("yes", "names_interval"),
        "estimate_alone": ("care", "only_with_interval"),
        "changed": shown,
        **({} if outcome.desired == "none" else {"improved": _improved(estimate, outcome, shown)}),
        "matters": _matters(estimate, ruling, smallest_effect, shown),
        "ruled_out": _ruled_out(ruling, graded),
        "would_have_seen": _would_have_seen(estimate, outcome, smallest_effect),
        "nothing": ("no", _why_not_nothing(ruling)),
        "before_after": ("no", "change_is_not_impact"),
        **_wrong_unit(outcome),
        "participants": ("no", "residents_asked"),
    }
    if estimate.status == "blinded":
        found = dict.fromkeys(found, ("no", "blinded"))
    made = (Statement(claim=c, answer=a, reason=r) for c, (a, r) in found.items())
    return tuple(sorted(made, key=lambda statement: ORDER.index(statement.answer)))


def _limited(shown: tuple[Answer, Reason], graded: Graded) -> tuple[Answer, Reason]:
    """What an answer that names the programme as cause becomes at this certainty."""
    if shown[0] == "no" or graded.names_programme == "yes":
        return shown
    if graded.names_programme == "no":
        return "no", "very_uncertain"
    return ("care", "may_have") if shown[0] == "yes" else shown


def _ruled_out(ruling: Conclusion, graded: Graded) -> tuple[Answer, Reason]:
    """Effects that matter are ruled out: by the interval, the certainty and every threat."""
    if ruling not in SMALL:
        return "no", "matters_inside"
    allowed = graded.kind in ("ruled out", "small effect")
    return ("yes", "all_small") if allowed else ("no", "not_ruled_out")


def _wrong_unit(outcome: Outcome) -> dict[Claim, tuple[Answer, Reason]]:
    if outcome.unit not in WRONG_UNIT:
        return {}
    claim, reason = WRONG_UNIT[outcome.unit]
    return {claim: ("no", reason)}


def _improved(
    estimate: Estimate, outcome: Outcome, shown: tuple[Answer, Reason]
) -> tuple[Answer, Reason]:
    """The effect is one that the programme wanted."""
    if shown[0] != "no" and direction(estimate.estimate, outcome.desired) != "desired":
        return "no", "wrong_way"
    return shown


def _matters(
    estimate: Estimate, ruling: Conclusion, smallest: float, shown: tuple[Answer, Reason]
) -> tuple[Answer, Reason]:
    """The effect is large enough to matter: so is every effect in the interval."""
    if ruling == "inconclusive":
        return "no", "cannot_tell"
    if ruling != "effect detected":
        return "no", "too_small"
    if shown[1] == "very_uncertain":
        return shown
    if not (estimate.ci_low > smallest or estimate.ci_high < -smallest):
        return "care", "may_matter"
    return ("yes", "all_matter") if shown[0] == "yes" else shown


def _would_have_seen(
    estimate: Estimate, outcome: Outcome, smallest: float
) -> tuple[Answer, Reason]:
    """No survey finds an effect for certain; how often it would, compared as both are printed."""
    mde, matters = (round(x, outcome.decimals) for x in (estimate.mde, smallest))
    return ("no", "four_in_five" if mde <= matters else "too_weak")


def _why_not_nothing(ruling: Conclusion) -> Reason:
    """Why nobody may say that the programme was shown to change nothing."""
    if ruling == "inconclusive":
        return "absence_of_evidence"
    return "small_remain" if ruling == "effects that matter ruled out" else "contrary"
