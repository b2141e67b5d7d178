"""What was found, by rule from records: the answer in a sentence or two, and a figure's title.

A title is one sentence without its full stop.
"""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report.effect_rows import Line
from evaluation.report.formats import number_format, words
from evaluation.report.prose.conclusions import Concluded, Conclusion, concluded
from evaluation.report.prose.sensitivity_summary import assuming
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate

Primary = tuple[Estimate, Outcome, Concluded]
# What moved is said first, what is open last.
ORDER: tuple[Conclusion, ...] = (
    "effect detected",
    "detected but smaller than matters",
    "effects that matter ruled out",
    "inconclusive",
)
MOVED = ORDER[:2]


def answer(primary: Sequence[Primary], *, language: str) -> str:
    """What was found for all primary outcomes together: what moved first, what is open last.

    Parameters
    ----------
    primary : sequence of (Estimate, Outcome, Concluded)
        The primary outcomes in the plan's order; may be empty.
    language : {"en", "es"}

    Returns
    -------
    str
        Empty without a primary outcome; of a blinded study, that nothing can be said yet.
    """
    if any(estimate.status == "blinded" for estimate, *_ in primary):
        return wording("answer.blinded", language)
    moved = [_moved(*one, language) for one in primary if one[2].conclusion in MOVED]
    others = (
        wording(f"answer.{conclusion}", language, outcomes=number_format.listed(named, language))
        for conclusion, named in _by_conclusion(primary, language).items()
    )
    return " ".join((*moved, *others))


def _by_conclusion(primary: Sequence[Primary], language: str) -> dict[str, list[str]]:
    """Outcomes that did not move, by conclusion, each with the number that it rests on."""
    found: dict[str, list[str]] = {conclusion: [] for conclusion in ORDER[2:]}
    for estimate, outcome, made in primary:
        if made.conclusion in found:
            said = wording(
                f"answer.{made.conclusion}.outcome",
                language,
                outcome=name(outcome, language),
                smallest=_size(outcome, outcome.smallest_effect or 0.0, language),
                level=number_format.percent(estimate.level, language),
                bounds=_bounds(estimate, outcome, language),
                equivalence=made.bounds(outcome, language),
            )
            found[made.conclusion].append(said)
    return {conclusion: outcomes for conclusion, outcomes in found.items() if outcomes}


def _moved(estimate: Estimate, outcome: Outcome, made: Concluded, language: str) -> str:
    rises = estimate.estimate > 0
    return wording(
        f"answer.{made.conclusion}.{'rise' if rises else 'fall'}",
        language,
        outcome=name(outcome, language),
        amount=_size(outcome, abs(estimate.estimate), language),
        level=number_format.percent(estimate.level, language),
        bounds=number_format.interval(
            estimate.ci_low, estimate.ci_high, outcome.decimals, language
        ),
    )


def _size(outcome: Outcome, value: float, language: str) -> str:
    """A size with its short unit, which no line parts."""
    return amount(outcome, value, language).replace(" ", number_format.NO_BREAK)


def _bounds(estimate: Estimate, outcome: Outcome, language: str) -> str:
    ends = estimate.ci_low, estimate.ci_high
    shown = number_format.interval(*ends, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language)


def name(outcome: Outcome, language: str) -> str:
    """An outcome as it is said inside a sentence.

    Parameters
    ----------
    outcome : Outcome
    language : {"en", "es"}
    """
    return words.noun(outcome, language)


def named(outcomes: Sequence[Outcome], language: str) -> str:
    """Outcomes in a row, inside a sentence.

    Parameters
    ----------
    outcomes : sequence of Outcome
    language : {"en", "es"}
    """
    return number_format.listed([name(o, language) for o in outcomes], language)


def amount(outcome: Outcome, value: float, language: str) -> str:
    """A size with its short unit, without a plus.

    Parameters
    ----------
    outcome : Outcome
    value : float
    language : {"en", "es"}
    """
    shown = number_format.plain(value, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language)


def change(outcome: Outcome, value: float, language: str) -> str:
    """A change with its sign and its short unit, which no line parts.

    Parameters
    ----------
    outcome : Outcome
    value : float
    language : {"en", "es"}
    """
    shown = number_format.signed(value, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language).replace(" ", number_format.NO_BREAK)


def of_conclusions(lines: Sequence[Line], language: str) -> str:
    """What was found for the primary outcomes together; empty where none has a conclusion.

    What the effects rest on begins it, where anything but inconclusive was found.

    Parameters
    ----------
    lines : sequence of Line
    language : {"en", "es"}
    """
    found: dict[str, list[Line]] = {}
    for line in lines:
        if not isinstance(line.found, Estimate):
            continue
        if line.found.status == "blinded":
            return wording("answer.blinded", language).rstrip(".")
        made = concluded(line.source, line.found)
        if made is not None:
            way = ".rise" if line.found.estimate > 0 else ".fall"
            key = f"{made.conclusion}{way if made.conclusion in MOVED else ''}"
            found.setdefault(key, []).append(line)
    judged = sum(map(len, found.values()))
    keys = sorted(found, key=lambda key: ORDER.index(key.partition(".")[0]))
    said = "; ".join(_part(key, found[key], judged, language) for key in keys)
    if any(key != "inconclusive" for key in keys):
        said = f"{assuming(lines[0].source)}: {said}"
    return words.begun(said)


def _part(key: str, lines: Sequence[Line], judged: int, language: str) -> str:
    """One conclusion and the outcomes that have it; several last ones by their number."""
    n = len(lines)
    if key == "inconclusive" and n > 1:
        kind = "all" if n == judged else "others"
        return wording(f"headline.inconclusive.{kind}", language, n=spelt(n, language))
    number = "one" if n == 1 else "other"
    listed = number_format.listed([name(x.outcome, language) for x in lines], language)
    return wording(f"headline.{key}.{number}", language, outcomes=listed)


def spelt(n: int, language: str) -> str:
    """A small number as a word.

    Parameters
    ----------
    n : int
    language : {"en", "es"}
    """
    known = wording("headline.numbers", language).split()
    return known[n] if n < len(known) else number_format.count(n, language)
