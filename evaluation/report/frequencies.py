"""Effects on shares in natural frequencies: "of every 100 adults", from levels and intervals."""

import math

from evaluation.locale.messages import wording
from evaluation.report import formats, words
from evaluation.report.overturn_case import is_drawn_by_lot
from evaluation.report.sources import Source, level_rows
from evaluation.spec.plan import Outcome
from evaluation.spec.reach import CONSENT
from evaluation.spec.records import Estimate, Level, Unavailable

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
    effect = _effect(
        source, found, ("frequency.above", "frequency.below", "frequency.around"), named, base=base
    )
    level = _treated_level(source, outcome, found)
    if level is None or not math.isfinite(level.mean):
        return wording("frequency.without-level", source.language, **named, effect=effect)
    n = _people(level.mean, base, source.language)
    return f"{wording('frequency.level', source.language, **named, n=n)} {words.begun(effect)}"


def in_plain_words(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> str:
    """The same without the outcome's name and without terms, to be read aloud in a meeting.

    Returns
    -------
    str
        Empty where :func:`in_natural_frequencies` is, and where the level is withheld.
    """
    if isinstance(found, Unavailable) or not _can_be_said(source, outcome, found):
        return ""
    level = _treated_level(source, outcome, found)
    if level is None or not math.isfinite(level.mean):
        return ""
    base = _base(found)
    named = _named(source, outcome, base)
    n = _people(level.mean, base, source.language)
    plain = ("frequency.plain-above", "frequency.plain-below", "frequency.plain-around")
    effect = _effect(source, found, plain, named, base=base)
    return f"{wording('frequency.plain-level', source.language, **named, n=n)} {effect}"


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
    return wording(
        template,
        language,
        **named,
        level=formats.percent(estimate.level, language),
        condition=wording(condition, language) if is_did or by_lot else "",
        below=_people(low, base, language),
        above=_people(high, base, language),
        near=_people(near, base, language),
        far=_people(far, base, language),
    )


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
        "base": formats.count(base, language),
        "people": source.configuration.registry.people[language],
    }


def _people(points: float, base: int, language: str) -> str:
    return formats.count(round(abs(points) * base / HUNDRED), language)
