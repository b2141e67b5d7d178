"""Threats and robustness checks that would change a primary conclusion: how many, and which."""

from collections.abc import Iterable, Sequence

from evaluation.config.plan import Outcome
from evaluation.estimation.records import Unavailable
from evaluation.report.formats.words import begun
from evaluation.report.prose import headlines
from evaluation.report.prose.sensitivity_lines import answers_to_threats, left_out
from evaluation.report.prose.sensitivity_summary import Case
from evaluation.report.robustness_rows import compared, differences
from evaluation.report.sources import Source


def threats_counted(source: Source, outcomes: Iterable[Outcome]) -> str:
    """How many of the threats examined would change each conclusion.

    One that cannot be judged has a number of its own: the data cannot say whether it is large
    enough, or the plan's check of it is not available. An inconclusive result is not called robust
    where none would: the sentence asks whether its interval excludes zero, which alone counts as a
    change. Threats to two outcomes may be as many and not the same.

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
        examined = list(answers_to_threats(case).values())
        if examined:
            found, end = examined.count(True), "-open" if case.now == "inconclusive" else ""
            unjudged = len(examined) - found - examined.count(False)
            key = (found, unjudged, end, outcome.id if found or unjudged else "")
            counted.setdefault(len(examined), {}).setdefault(key, []).append(outcome)
    return " ".join(
        source.wording(
            "overturn.changing",
            n=headlines.spelt(n, source.language),
            said=begun(
                "; ".join(
                    _would_change(source, found, unjudged, end, those)
                    for (found, unjudged, end, _), those in parts.items()
                )
            ),
        )
        for n, parts in counted.items()
    )


def _would_change(
    source: Source, found: int, unjudged: int, end: str, outcomes: Sequence[Outcome]
) -> str:
    """Outcomes on whose conclusion as many threats bear, and of how many nobody can say."""
    number = {0: "none", 1: "one"}.get(found, "several")
    # that none would is the one thing said of several outcomes together
    end += "-several" if end and not found and len(outcomes) > 1 else ""
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


def changing(source: Source, outcomes: Iterable[Outcome]) -> tuple[list[tuple[Outcome, str]], int]:
    """Robustness checks by whose difference a primary conclusion would be another, of how many.

    The primary intervals are moved by the difference, as in the table of what would change a
    conclusion. A check that leaves out one place at a time is one, whichever place it is.

    Parameters
    ----------
    source : Source
    outcomes : iterable of Outcome
        Those without a conclusion have no such check.

    Returns
    -------
    found, of
        Outcome and label of each such check; how many checks of outcomes with a conclusion are
        shown.
    """
    found, of = [], 0
    for outcome in outcomes:
        case = Case.of(source, outcome)
        if isinstance(case, Unavailable):
            continue
        moves = [(x.label, [x.shown.difference]) for x in compared(source, outcome) if x.shown]
        for check in left_out(case):
            lines = differences(source, check, outcome)
            of_places = [x.shown.difference for x in lines if x.shown is not None]
            moves += [(check.label[source.language], of_places)] if of_places else []
        of += len(moves)
        found += [
            (outcome, label) for label, ends in moves if any(map(case.is_overturned_by, ends))
        ]
    return found, of
