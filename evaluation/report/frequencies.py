"""Effects on shares in natural frequencies: "of every 100 adults", from levels and intervals."""

import math

from evaluation.report import formats, words
from evaluation.report.overturn_case import is_drawn_by_lot
from evaluation.report.sources import Source, level_rows
from evaluation.spec.load import Text
from evaluation.spec.plan import Outcome
from evaluation.spec.reach import CONSENT
from evaluation.spec.records import Estimate, Level, Unavailable

HUNDRED, THOUSAND = 100, 1000
LEVEL = Text(
    en="{Name}: of every {base} {people} of the treatment group, about {n} at endline.",
    es="{Name}: de cada {base} {people} del grupo de intervención, cerca de {n} en la línea final.",
)
WITHOUT_LEVEL = Text(en="{Name}: {effect}", es="{Name}: {effect}")
# What a difference of two changes needs to be an effect.
CONDITION = Text(
    en=", provided that both groups would otherwise have changed alike",
    es=", siempre que sin él los dos grupos hubieran cambiado igual",
)
# A lottery makes groups alike; it does not protect who is interviewed at endline.
CONDITION_BY_LOT = Text(
    en=", provided that those interviewed at endline stand for their group",
    es=", siempre que las personas entrevistadas en la línea final representen a su grupo",
)
# By whether the interval holds zero, or lies above or below it.
AROUND = Text(
    en="of every {base} {people}, between {below} fewer and {above} more with the programme than"
    " without it ({level} interval){condition}.",
    es="de cada {base} {people}, entre {below} menos y {above} más con el programa que sin él"
    " (intervalo del {level}){condition}.",
)
ABOVE = Text(
    en="of every {base} {people}, between {near} and {far} more with the programme than without it"
    " ({level} interval){condition}.",
    es="de cada {base} {people}, entre {near} y {far} más con el programa que sin él (intervalo del"
    " {level}){condition}.",
)
BELOW = Text(
    en="of every {base} {people}, between {near} and {far} fewer with the programme than without it"
    " ({level} interval){condition}.",
    es="de cada {base} {people}, entre {near} y {far} menos con el programa que sin él (intervalo"
    " del {level}){condition}.",
)

# The same for a meeting: no term of the trade, and what zero inside the interval leaves open.
PLAIN_LEVEL = Text(
    en="Of every {base} {people} where the programme worked: about {n}, when we came back.",
    es="De cada {base} {people} donde trabajó el programa: cerca de {n}, cuando volvimos.",
)
PLAIN_AROUND = Text(
    en="Without the programme it might have been the same number, up to {above} fewer or up to"
    " {below} more.",
    es="Sin el programa pudo haber sido el mismo número, hasta {above} menos o hasta {below} más.",
)
PLAIN_ABOVE = Text(
    en="Without the programme it would have been between {near} and {far} fewer.",
    es="Sin el programa habrían sido entre {near} y {far} menos.",
)
PLAIN_BELOW = Text(
    en="Without the programme it would have been between {near} and {far} more.",
    es="Sin el programa habrían sido entre {near} y {far} más.",
)


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
    effect = _effect(source, found, (ABOVE, BELOW, AROUND), named, base=base)
    level = _treated_level(source, outcome, found)
    if level is None or not math.isfinite(level.mean):
        return WITHOUT_LEVEL[source.language].format(**named, effect=effect)
    n = _people(level.mean, base, source.language)
    return f"{LEVEL[source.language].format(**named, n=n)} {words.begun(effect)}"


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
    plain = (PLAIN_ABOVE, PLAIN_BELOW, PLAIN_AROUND)
    effect = _effect(source, found, plain, named, base=base)
    return f"{PLAIN_LEVEL[source.language].format(**named, n=n)} {effect}"


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
    templates: tuple[Text, Text, Text],
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
    condition = CONDITION_BY_LOT if by_lot else CONDITION
    near, far = sorted((abs(low), abs(high)))
    return template[language].format(
        **named,
        level=formats.percent(estimate.level, language),
        condition=condition[language] if is_did or by_lot else "",
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
        "Name": words.spoken(outcome.label[language], language),
        "base": formats.count(base, language),
        "people": source.configuration.registry.people[language],
    }


def _people(points: float, base: int, language: str) -> str:
    return formats.count(round(abs(points) * base / HUNDRED), language)
