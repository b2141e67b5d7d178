"""What a figure shows, in one sentence without its full stop: its title, by rule from records."""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report.effect_rows import Line
from evaluation.report.formats import number_format, words
from evaluation.report.prose.conclusions import Conclusion, concluded
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate

# What moved is said first, what is open last.
ORDER: tuple[Conclusion, ...] = (
    "effect detected",
    "detected but smaller than matters",
    "effects that matter ruled out",
    "inconclusive",
)
MOVED = ORDER[:2]


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
    """A change with its sign and its short unit.

    Parameters
    ----------
    outcome : Outcome
    value : float
    language : {"en", "es"}
    """
    shown = number_format.signed(value, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language)


def of_conclusions(lines: Sequence[Line], language: str) -> str:
    """What was found for the primary outcomes together; empty where none has a conclusion.

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
    said = [_part(key, [x.outcome for x in found[key]], judged, language) for key in keys]
    return words.begun("; ".join(said))


def _part(key: str, outcomes: Sequence[Outcome], judged: int, language: str) -> str:
    """One conclusion and the outcomes that have it; several last ones by their number."""
    n = len(outcomes)
    if key == "inconclusive" and n > 1:
        kind = "all" if n == judged else "others"
        return wording(f"headline.inconclusive.{kind}", language, n=spelt(n, language))
    number = "one" if n == 1 else "other"
    return wording(f"headline.{key}.{number}", language, outcomes=named(outcomes, language))


def spelt(n: int, language: str) -> str:
    """A small number as a word.

    Parameters
    ----------
    n : int
    language : {"en", "es"}
    """
    known = wording("headline.numbers", language).split()
    return known[n] if n < len(known) else number_format.count(n, language)
