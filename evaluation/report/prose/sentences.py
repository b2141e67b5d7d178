"""Plain-language readings of estimates by rule, shares in natural frequencies too.

Wording follows three rules: a wide interval is never called an absence of an effect; percentage
points are never called percent; every sentence names the interval.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Literal

from evaluation.config.dependency_scope import CONSENT
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Level, Unavailable
from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.prose.conclusions import BLINDED, SIMULTANEOUS
from evaluation.report.prose.headlines import PrimaryResult, to_copy
from evaluation.report.prose.sensitivity_summary import assuming, is_drawn_by_lot
from evaluation.report.sources import Source, level_rows

# A number that prints as one, whatever its decimals.
ONE = ("1", "1.0", "1.00", "1.000")

Adjusted = Literal["not asked", "no", "yes"]
Compared = Literal["larger", "same", "smaller"]


def amount(value: float, outcome: Outcome, *, language: str, beside: float | None = None) -> str:
    """A signed effect with its unit spelt out, e.g. ``+2.4 percentage points``.

    ``beside`` is the number that it is compared with: where both would print the same, both have
    one decimal more.
    """
    decimals = number_format.apart(value, beside, outcome.decimals)
    shown = number_format.signed(value, decimals, language)
    if math.isinf(value):
        return shown
    is_one = f"{abs(value):.{decimals}f}" in ONE
    unit = words.unit_in_sentence(outcome.unit, language, number="one" if is_one else "other")
    return f"{shown} {unit}"


def effect_sentence(source: Source, estimate: Estimate, *, name: str | None = None) -> str:
    """One sentence per estimate: its interval, its assumption and, where it has one, conclusion.

    Parameters
    ----------
    source : Source
    estimate : Estimate
    name : str, optional
        Of the outcome, where the sentence is copied by itself; else its label.
    """
    outcome, language = source.outcome(estimate.outcome), source.language
    label = name or outcome.label[language]
    if estimate.status == "blinded":
        return wording(
            "reading.blinded",
            language,
            label=label,
            conclusion=wording(f"conclusion.{BLINDED}", language),
            found=interval(estimate, outcome, language=language),
        )
    result = PrimaryResult.of(source, estimate)
    if result is not None:
        return to_copy(result)
    made = _without_conclusion(source, estimate, outcome)
    mark = words.data_mark(source.configuration.study.mark, language).rstrip(".")
    return f"[{mark}] {made}" if mark else made


def _without_conclusion(source: Source, estimate: Estimate, outcome: Outcome) -> str:
    language = source.language
    label, bounds = outcome.label[language], interval(estimate, outcome, language=language)
    if _includes_zero(estimate):
        rest = _unbounded(estimate, language)
        return wording(
            "reading.no-detectable",
            language,
            label=label,
            interval=bounds,
            assuming=assuming(source),
            rest=rest,
        )
    return wording(
        "reading.excludes",
        language,
        label=label,
        amount=amount(estimate.estimate, outcome, language=language),
        interval=bounds,
        assuming=assuming(source),
        tested=wording(f"reading.adjustment.{_adjusted(estimate)}", language),
    )


def power_sentence(judged: Sequence[tuple[Estimate, Outcome]], *, language: str) -> str:
    """What the survey can detect, and each outcome's realised MDE.

    They are compared with the smallest effects that matter at the outcome's decimals. Those that
    are about the same are printed with one decimal more, unless they are equal.

    Parameters
    ----------
    judged : sequence of (Estimate, Outcome)
        Outcomes with a smallest effect that matters.
    language : {"en", "es"}
    """
    kinds: dict[Compared, list[tuple[str, str]]] = {"smaller": [], "same": [], "larger": []}
    for estimate, outcome in judged:
        both = (estimate.mde, outcome.smallest_effect or 0.0)
        mde, matters = (round(x, outcome.decimals) for x in both)
        decimals = number_format.apart(*both, outcome.decimals)
        said = wording(
            "reading.against",
            language,
            outcome=words.noun(outcome, language),
            mde=number_format.plain(estimate.mde, decimals, language),
            matters=_matters(outcome, language, beside=estimate.mde),
        )
        kind: Compared = "larger" if mde > matters else "smaller" if mde < matters else "same"
        kinds[kind].append((words.noun(outcome, language), said))
    listed = partial(number_format.listed, language=language)
    sentences = [
        wording(f"reading.compared.{kind}", language, outcomes=listed([name for name, _ in found]))
        for kind, found in kinds.items()
        if found
    ]
    against = "; ".join(said for found in kinds.values() for _, said in found)
    thresholds = wording("reading.thresholds", language, listed=against)
    return " ".join([*sentences, thresholds, wording("reading.alone", language)])


def _matters(outcome: Outcome, language: str, *, beside: float | None = None) -> str:
    smallest = outcome.smallest_effect or 0.0
    return amount(smallest, outcome, language=language, beside=beside).removeprefix("+")


def _adjusted(estimate: Estimate) -> Adjusted:
    """Whether an interval that excludes zero stands after adjustment for many outcomes."""
    if estimate.adjustment == "none":
        return "not asked"
    return "no" if estimate.p_adjusted > 1 - estimate.level else "yes"


def _unbounded(estimate: Estimate, language: str) -> str:
    """Behind an interval without an end, what that means; else nothing."""
    if math.isfinite(estimate.ci_low) and math.isfinite(estimate.ci_high):
        return ""
    return wording("reading.rules-nothing-out", language)


def _includes_zero(estimate: Estimate) -> bool:
    return estimate.ci_low <= 0 <= estimate.ci_high


def interval(estimate: Estimate, outcome: Outcome, *, language: str, begun: bool = False) -> str:
    """The interval in words: whether it holds for all outcomes at once, its level and bounds.

    Parameters
    ----------
    estimate : Estimate
    outcome : Outcome
        Gives the decimals.
    language : {"en", "es"}
    begun : bool, optional
        Whether it begins a line.
    """
    bounds = number_format.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
    level = number_format.percent(estimate.level, language)
    kind = "simultaneous" if estimate.adjustment in SIMULTANEOUS else "alone"
    entry = f"interval.{kind}-begun" if begun else f"reading.interval.{kind}"
    return wording(entry, language, level=level, bounds=bounds)


HUNDRED, THOUSAND = 100, 1000


def in_natural_frequencies(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> str:
    """What an effect on a share means for 100 people, and how many there are at endline.

    Parameters
    ----------
    source : Source
        Gives the levels and the words for the people of the study.
    outcome : Outcome
        Its effects are in percentage points, its levels in per cent.
    found : Estimate or Unavailable

    Returns
    -------
    str
        Empty where the outcome is no share of everybody, or the estimate or a bound is missing.

    Notes
    -----
    Where an interval that excludes zero would be read as "0 of 100", the sentence speaks of 1,000.
    """
    if isinstance(found, Unavailable) or not _can_be_said(source, outcome, found):
        return ""
    base = _base(found)
    named = _named(source, outcome, base)
    if found.status == "blinded":
        return source.wording("frequency.blinded", **named)
    effect = _effect(
        source, found, ("frequency.above", "frequency.below", "frequency.around"), named, base=base
    )
    level = _treated_level(source, outcome, found)
    if level is None or not math.isfinite(level.mean):
        return source.wording("frequency.without-level", **named, effect=effect)
    n = _people(level.mean, base, source.language)
    return f"{source.wording('frequency.level', **named, n=n)} {words.begun(effect)}"


def in_plain_words(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> str:
    """The same without the outcome's name and without terms, to be read aloud in a meeting.

    Returns
    -------
    str
        Empty where :func:`in_natural_frequencies` is, and where the level is withheld.
    """
    if isinstance(found, Unavailable) or not _can_be_said(source, outcome, found):
        return ""
    if found.status == "blinded":
        return source.wording("statement.plain.blinded")
    level = _treated_level(source, outcome, found)
    if level is None or not math.isfinite(level.mean):
        return ""
    base = _base(found)
    named = _named(source, outcome, base)
    n = _people(level.mean, base, source.language)
    plain = ("frequency.plain-above", "frequency.plain-below", "frequency.plain-around")
    effect = _effect(source, found, plain, named, base=base)
    return f"{source.wording('frequency.plain-level', **named, n=n)} {effect}"


def _can_be_said(source: Source, outcome: Outcome, found: Estimate) -> bool:
    bounded = math.isfinite(found.ci_low) and math.isfinite(found.ci_high)
    return bounded and _is_share_of_all(source, outcome)


def _is_share_of_all(source: Source, outcome: Outcome) -> bool:
    """Whether everybody was asked: a share of victims is not one of all adults."""
    variables = source.configuration.dictionary.variables
    rules = (variables[i.name].asked_if for i in outcome.items if i.name in variables)
    everybody = all(rule is None or rule.variable == CONSENT for rule in rules)
    return outcome.unit == "percentage points" and everybody


def _base(estimate: Estimate) -> int:
    """100, or 1,000 where the end of the interval that is near zero would round to none."""
    excludes = estimate.ci_low > 0 or estimate.ci_high < 0
    near = min(abs(estimate.ci_low), abs(estimate.ci_high))
    return THOUSAND if excludes and round(near) == 0 else HUNDRED


def _effect(
    source: Source,
    estimate: Estimate,
    templates: tuple[str, str, str],
    named: dict[str, str],
    *,
    base: int,
) -> str:
    """The effect by one of three templates: the interval above zero, below it, or around it."""
    language = source.language
    low, high = estimate.ci_low, estimate.ci_high
    above, below, around = templates
    template = above if low > 0 else below if high < 0 else around
    is_did = source.specification(estimate.specification).method == "did"
    by_lot = is_drawn_by_lot(source)
    condition = "frequency.condition-by-lot" if by_lot else "frequency.condition"
    near, far = sorted((abs(low), abs(high)))
    return source.wording(
        template,
        **named,
        level=number_format.percent(estimate.level, language),
        condition=source.wording(condition) if is_did or by_lot else "",
        end=_rating(source, estimate),
        below=_people(low, base, language),
        above=_people(high, base, language),
        near=_people(near, base, language),
        far=_people(far, base, language),
    )


def _rating(source: Source, estimate: Estimate) -> str:
    """Behind an interval: the certainty of a primary result, or that it is none."""
    result = PrimaryResult.of(source, estimate)
    if result is None:
        return source.wording("frequency.not-primary")
    if result.is_uncertain:
        return source.wording("frequency.primary.very low")
    level = source.wording(f"review.certainty-level.{result.graded.certainty}")
    return source.wording("frequency.primary", certainty=level)


def _treated_level(source: Source, outcome: Outcome, estimate: Estimate) -> Level | None:
    """Level of the one treatment group at endline; None where there are several groups."""
    arms = source.configuration.study.arms_with(estimate.treatment)
    if len(arms) != 1:
        return None
    rows = level_rows(source, outcome.id, source.specification(estimate.specification))
    here = (x for x in rows if (x.arm, x.round) == (arms[0], estimate.contrast_to))
    return next(here, None)


def _named(source: Source, outcome: Outcome, base: int) -> dict[str, str]:
    language = source.language
    return {
        "begun": words.spoken(outcome.label[language], language),
        "base": number_format.count(base, language),
        "people": source.configuration.registry.people[language],
    }


def _people(points: float, base: int, language: str) -> str:
    return number_format.count(round(abs(points) * base / HUNDRED), language)
