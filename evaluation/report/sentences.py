"""Plain-language readings of estimates, by rule, from the records alone.

Wording follows three rules: a wide interval is never called an absence of an effect; percentage
points are never called percent; every sentence names the interval.
"""

import math
from collections.abc import Mapping, Sequence

from evaluation.report import formats, words
from evaluation.report.conclusions import (
    CONCLUSIONS,
    EXPLAINED,
    SIMULTANEOUS,
    Concluded,
    Direction,
    direction,
)
from evaluation.report.sentence_words import (
    ADJUSTED,
    AGAINST,
    COMPARED,
    DIRECTIONS,
    EXCLUDES,
    FOUND,
    FOUND_AND_MORE,
    INTERVALS,
    JUDGED,
    MISSED,
    NO_DETECTABLE,
    NOT_COMPATIBLE,
    POWER,
    RULES_NOTHING_OUT,
    SHORT_DIRECTIONS,
    Adjusted,
    Compared,
)
from evaluation.spec.load import Text
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

# A number that prints as one, whatever its decimals.
ONE = ("1", "1.0", "1.00", "1.000")


def amount(value: float, outcome: Outcome, *, language: str, beside: float | None = None) -> str:
    """A signed effect with its unit spelt out, e.g. ``+2.4 percentage points``.

    ``beside`` is the number that it is compared with: where both would print the same, both have
    one decimal more.
    """
    decimals = formats.apart(value, beside, outcome.decimals)
    shown = formats.signed(value, decimals, language)
    if math.isinf(value):
        return shown
    is_one = f"{abs(value):.{decimals}f}" in ONE
    unit = words.unit_in_sentence(outcome.unit, language, number="one" if is_one else "other")
    return f"{shown} {unit}"


def effect_sentence(
    estimate: Estimate,
    outcome: Outcome,
    *,
    language: str,
    name: str | None = None,
    concluded: Concluded | None,
) -> str:
    """One sentence per estimate: its conclusion where it has one, and the interval always.

    Parameters
    ----------
    estimate : Estimate
    outcome : Outcome
    language : {"en", "es"}
    name : str, optional
        Of the outcome, where the sentence is copied by itself; else its label.
    concluded : Concluded or None
        Of a primary outcome; None of every other estimate.
    """
    if concluded is None:
        return _without_conclusion(estimate, outcome, language)
    found = FOUND[language].format(
        amount=amount(estimate.estimate, outcome, language=language),
        interval=_interval(estimate, outcome, language),
    )
    if _includes_zero(estimate):
        rest = _not_compatible(estimate, outcome, language)
        found = FOUND_AND_MORE[language].format(found=found, rest=rest)
    return JUDGED[language].format(
        label=name or outcome.label[language],
        conclusion=CONCLUSIONS[concluded.conclusion][language],
        direction=_direction(estimate, outcome, DIRECTIONS)[language],
        found=found,
        why=words.begun(_why(concluded, outcome, language)),
        smallest=_matters(outcome, language),
    )


def _why(concluded: Concluded, outcome: Outcome, language: str) -> str:
    bounds = concluded.bounds(outcome, language)
    return EXPLAINED[concluded.conclusion][language].format(bounds=bounds)


def _without_conclusion(estimate: Estimate, outcome: Outcome, language: str) -> str:
    label, interval = outcome.label[language], _interval(estimate, outcome, language)
    if _includes_zero(estimate):
        rest = _not_compatible(estimate, outcome, language)
        return NO_DETECTABLE[language].format(label=label, interval=interval, rest=rest)
    return EXCLUDES[language].format(
        label=label,
        direction=_direction(estimate, outcome, DIRECTIONS)[language],
        amount=amount(estimate.estimate, outcome, language=language),
        interval=interval,
        tested=ADJUSTED[_adjusted(estimate)][language],
    )


def power_sentence(judged: Sequence[tuple[Estimate, Outcome]], *, language: str) -> str:
    """Realised MDEs beside the smallest effects that matter, compared at the outcome's decimals.

    Those that are about the same are printed with one decimal more, unless they are equal.

    Parameters
    ----------
    judged : sequence of (Estimate, Outcome)
        Outcomes with a smallest effect that matters.
    language : {"en", "es"}
    """
    kinds: dict[Compared, list[str]] = {kind: [] for kind in COMPARED}
    for estimate, outcome in judged:
        both = (estimate.mde, outcome.smallest_effect or 0.0)
        mde, matters = (round(x, outcome.decimals) for x in both)
        decimals = formats.apart(*both, outcome.decimals)
        said = AGAINST[language].format(
            outcome=words.in_sentence(words.spoken(outcome.label[language], language)),
            mde=formats.plain(estimate.mde, decimals, language),
            matters=_matters(outcome, language, beside=estimate.mde),
        )
        kinds["larger" if mde > matters else "smaller" if mde < matters else "same"].append(said)
    compared = "; ".join(
        COMPARED[kind][language].format(outcomes=formats.listed(names, language))
        for kind, names in kinds.items()
        if names
    )
    missed = MISSED[language] if kinds["larger"] else ""
    return POWER[language].format(compared=compared) + missed


def _matters(outcome: Outcome, language: str, *, beside: float | None = None) -> str:
    smallest = outcome.smallest_effect or 0.0
    return amount(smallest, outcome, language=language, beside=beside).removeprefix("+")


def pointing(estimate: Estimate, outcome: Outcome, language: str) -> str:
    """Behind a conclusion: where the effect points; empty where the interval includes zero."""
    return _direction(estimate, outcome, SHORT_DIRECTIONS)[language]


def _adjusted(estimate: Estimate) -> Adjusted:
    """Whether an interval that excludes zero stands after adjustment for many outcomes."""
    if estimate.adjustment == "none":
        return "not asked"
    return "no" if estimate.p_adjusted > 1 - estimate.level else "yes"


def _not_compatible(estimate: Estimate, outcome: Outcome, language: str) -> str:
    if math.isinf(estimate.ci_low) or math.isinf(estimate.ci_high):
        return RULES_NOTHING_OUT[language]
    low, high = (amount(x, outcome, language=language) for x in (estimate.ci_low, estimate.ci_high))
    return NOT_COMPATIBLE[language].format(low=low, high=high)


def _includes_zero(estimate: Estimate) -> bool:
    return estimate.ci_low <= 0 <= estimate.ci_high


def _direction(estimate: Estimate, outcome: Outcome, clauses: Mapping[Direction, Text]) -> Text:
    """The clause that says where an effect points; none where the interval includes zero."""
    if _includes_zero(estimate):
        return clauses["no desired direction"]
    return clauses[direction(estimate.estimate, outcome.desired)]


def _interval(estimate: Estimate, outcome: Outcome, language: str) -> str:
    bounds = formats.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
    level = formats.percent(estimate.level, language)
    kind = "simultaneous" if estimate.adjustment in SIMULTANEOUS else "alone"
    return INTERVALS[kind][language].format(level=level, bounds=bounds)
