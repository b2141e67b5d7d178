"""How many of the threats examined would change each primary conclusion, in a sentence."""

from collections.abc import Iterable, Sequence

from evaluation.report.formats.table import Cell
from evaluation.report.prose import headlines
from evaluation.report.prose.sensitivity_lines import doubts
from evaluation.report.prose.sensitivity_summary import Case
from evaluation.report.sources import Source
from evaluation.study.plan import Outcome
from evaluation.study.records import Unavailable


def threats_counted(source: Source, outcomes: Iterable[Outcome]) -> str:
    """How many of the threats examined would change each conclusion.

    A threat whose line is not available, or does not apply, was not examined. One of which the data
    cannot say whether it is large enough was, and has a number of its own. An inconclusive
    result is not called robust where none would: the sentence asks whether its interval excludes
    zero, which alone counts as a change. Threats to two outcomes may be as many and not the same.

    Parameters
    ----------
    source : Source
    outcomes : iterable of Outcome
    """
    counted: dict[int, dict[tuple[int, int, str, str], list[Outcome]]] = {}
    for outcome in outcomes:
        case = Case.of(source, outcome)
        if isinstance(case, Unavailable):
            continue
        examined = _examined(case)
        if examined:
            found, end = examined.count(True), "-open" if case.now == "inconclusive" else ""
            unjudged = len(examined) - found - examined.count(False)
            key = (found, unjudged, end, outcome.id if found or unjudged else "")
            counted.setdefault(len(examined), {}).setdefault(key, []).append(outcome)
    return " ".join(
        source.wording(
            "overturn.changing",
            n=headlines.spelt(n, source.language),
            said="; ".join(
                _would_change(source, found, unjudged, end, those)
                for (found, unjudged, end, _), those in parts.items()
            ),
        )
        for n, parts in counted.items()
    )


def _would_change(
    source: Source, found: int, unjudged: int, end: str, outcomes: Sequence[Outcome]
) -> str:
    """Outcomes on whose conclusion as many threats bear, and of how many nobody can say."""
    number = {0: "none", 1: "one"}.get(found, "several")
    said = source.wording(
        f"overturn.changing.{number}{end}",
        found=headlines.spelt(found, source.language),
        outcomes=headlines.named(outcomes, source.language),
    )
    if not unjudged:
        return said
    return source.wording(
        "overturn.changing.unjudged", said=said, n=headlines.spelt(unjudged, source.language)
    )


def _examined(case: Case) -> list[Cell | bool]:
    """Answers on each threat to a conclusion, or that the data cannot say."""
    cannot_say = case.cell("overturn.cannot-say")
    answers = (x.enough for x in doubts(case) if x.name not in ("conclusion", "matters"))
    return [x for x in answers if isinstance(x, bool) or x == cannot_say]
