"""Plain-language readings of estimates, by rule, from the records alone.

Wording follows three rules: a wide interval is never called an absence of an effect; percentage
points are never called percent; every sentence names the interval.
"""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report import formats, words
from evaluation.report.conclusions import (
    SIMULTANEOUS,
    Concluded,
    direction,
)
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

# A number that prints as one, whatever its decimals.
ONE = ("1", "1.0", "1.00", "1.000")

Adjusted = Literal["not asked", "no", "yes"]
Compared = Literal["larger", "same", "smaller"]


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
    found = wording(
        "reading.found",
        language,
        amount=amount(estimate.estimate, outcome, language=language),
        interval=_interval(estimate, outcome, language),
    )
    if _includes_zero(estimate):
        rest = _not_compatible(estimate, outcome, language)
        found = wording("reading.found-and-more", language, found=found, rest=rest)
    return wording(
        "reading.judged",
        language,
        label=name or outcome.label[language],
        conclusion=wording(f"conclusion.{concluded.conclusion}", language),
        direction=_direction(estimate, outcome, language),
        found=found,
        why=words.begun(_why(concluded, outcome, language)),
        smallest=_matters(outcome, language),
    )


def _why(concluded: Concluded, outcome: Outcome, language: str) -> str:
    bounds = concluded.bounds(outcome, language)
    return wording(f"conclusion-explained.{concluded.conclusion}", language, bounds=bounds)


def _without_conclusion(estimate: Estimate, outcome: Outcome, language: str) -> str:
    label, interval = outcome.label[language], _interval(estimate, outcome, language)
    if _includes_zero(estimate):
        rest = _not_compatible(estimate, outcome, language)
        return wording("reading.no-detectable", language, label=label, interval=interval, rest=rest)
    return wording(
        "reading.excludes",
        language,
        label=label,
        direction=_direction(estimate, outcome, language),
        amount=amount(estimate.estimate, outcome, language=language),
        interval=interval,
        tested=wording(f"reading.adjustment.{_adjusted(estimate)}", language),
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
    kinds: dict[Compared, list[str]] = {"larger": [], "same": [], "smaller": []}
    for estimate, outcome in judged:
        both = (estimate.mde, outcome.smallest_effect or 0.0)
        mde, matters = (round(x, outcome.decimals) for x in both)
        decimals = formats.apart(*both, outcome.decimals)
        said = wording(
            "reading.against",
            language,
            outcome=words.in_sentence(words.spoken(outcome.label[language], language)),
            mde=formats.plain(estimate.mde, decimals, language),
            matters=_matters(outcome, language, beside=estimate.mde),
        )
        kinds["larger" if mde > matters else "smaller" if mde < matters else "same"].append(said)
    compared = "; ".join(
        wording(f"reading.compared.{kind}", language, outcomes=formats.listed(names, language))
        for kind, names in kinds.items()
        if names
    )
    missed = wording("reading.missed", language) if kinds["larger"] else ""
    return wording("reading.power", language, compared=compared) + missed


def _matters(outcome: Outcome, language: str, *, beside: float | None = None) -> str:
    smallest = outcome.smallest_effect or 0.0
    return amount(smallest, outcome, language=language, beside=beside).removeprefix("+")


def pointing(estimate: Estimate, outcome: Outcome, language: str) -> str:
    """Behind a conclusion: where the effect points; empty where the interval includes zero."""
    return _direction(estimate, outcome, language, short=True)


def _adjusted(estimate: Estimate) -> Adjusted:
    """Whether an interval that excludes zero stands after adjustment for many outcomes."""
    if estimate.adjustment == "none":
        return "not asked"
    return "no" if estimate.p_adjusted > 1 - estimate.level else "yes"


def _not_compatible(estimate: Estimate, outcome: Outcome, language: str) -> str:
    if math.isinf(estimate.ci_low) or math.isinf(estimate.ci_high):
        return wording("reading.rules-nothing-out", language)
    low, high = (amount(x, outcome, language=language) for x in (estimate.ci_low, estimate.ci_high))
    return wording("reading.not-compatible", language, low=low, high=high)


def _includes_zero(estimate: Estimate) -> bool:
    return estimate.ci_low <= 0 <= estimate.ci_high


def _direction(estimate: Estimate, outcome: Outcome, language: str, *, short: bool = False) -> str:
    """The clause that says where an effect points; none where the interval includes zero."""
    towards = direction(estimate.estimate, outcome.desired)
    if _includes_zero(estimate) or towards == "no desired direction":
        return ""
    is_short = short and towards == "desired"
    kind = "short-direction" if is_short else "direction"
    return wording(f"reading.{kind}.{towards}", language)


def _interval(estimate: Estimate, outcome: Outcome, language: str) -> str:
    bounds = formats.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
    level = formats.percent(estimate.level, language)
    kind = "simultaneous" if estimate.adjustment in SIMULTANEOUS else "alone"
    return wording(f"reading.interval.{kind}", language, level=level, bounds=bounds)
