"""The table of statements: what may be said of each primary outcome, and why."""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report import formats, heads, notes, sentences, table, words
from evaluation.report.conclusions import Concluded, concluded, direction
from evaluation.report.effect_lines import Line, lines
from evaluation.report.frequencies import in_natural_frequencies
from evaluation.report.overturn_case import is_drawn_by_lot
from evaluation.report.sources import Source
from evaluation.report.statements import NAMES_CONCLUSION, RESTS_ON_CONCLUSION, Statement, judge
from evaluation.report.strength import strength
from evaluation.report.table import Cell, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate, Unavailable

ZeroInside = Literal["inconclusive", "meaningful effect ruled out", "unbounded"]


@table.builds
def statements(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and claim: the phrase, whether it may be said, and why.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes (all primary ones where it names none) and one specification.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        An estimate is nowhere, not even as unavailable.
    """
    language = source.language
    chosen = [
        line
        for line in lines(exhibit, source)
        if line.outcome.primary
        and (isinstance(line.found, Unavailable) or concluded(source, line.found))
    ]
    rows = tuple(row for line in chosen for row in _rows(line))
    columns = tuple(
        heads.column(
            source, name, shown="download" if name in ("conclusion", "evidence") else "print"
        )
        for name in ("phrase", "answer", "why", "conclusion", "evidence")
    )
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    generated = (
        words.labelled(
            wording("statement.answered", language),
            wording("statement.how", language),
            wording("statement.rule", language),
        ),
        *_condition(source, chosen),
        *((notes.inference(source, found),) if found else ()),
        notes.conclusion_rule(language),
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=generated,
        status=tuple(e.status for e in found),
        said=tuple(
            (f"{key}_{line.outcome.id}", sentence)
            for line in chosen
            for key, sentence in (
                ("frequency", in_natural_frequencies(source, line.outcome, line.found)),
                ("plain", _plain(line)),
            )
            if sentence
        ),
    )


def _condition(source: Source, chosen: Sequence[Line]) -> tuple[str, ...]:
    """What an effect rests on: the lottery, or that both groups would have changed alike."""
    language = source.language
    if is_drawn_by_lot(source):
        label = wording("note.condition", language)
        return (words.labelled(label, wording("statement.by-lot-condition", language)),)
    return notes.condition([line.specification for line in chosen], language)


def _plain(line: Line) -> str:
    """The conclusion without a term of the trade; of a blinded study nobody can tell."""
    outcome, found, language = line.outcome, line.found, line.source.language
    made = None if isinstance(found, Unavailable) else concluded(line.source, found)
    if isinstance(found, Unavailable) or made is None:
        return ""
    towards = direction(found.estimate, outcome.desired)
    return wording(
        f"statement.plain.{'inconclusive' if found.status == 'blinded' else made.conclusion}",
        language,
        direction=""
        if towards == "no desired direction"
        else wording(f"statement.plain-direction.{towards}", language),
        equivalence=made.bounds(outcome, language),
    )


def _rows(line: Line) -> list[Row]:
    outcome, language = line.outcome, line.source.language
    group = outcome.label[language]
    made = None if isinstance(line.found, Unavailable) else concluded(line.source, line.found)
    if isinstance(line.found, Unavailable) or made is None:
        reason = line.found.reason if isinstance(line.found, Unavailable) else None
        cells = (table.unavailable(reason, language), *[table.none()] * 4)
        return [Row(id=f"{outcome.id}-none", group=group, cells=cells)]
    smallest = outcome.smallest_effect or math.inf
    level_of_evidence = strength(line.source, line.specification, line.outcome, line.found)
    behind = (
        table.text(made.said(outcome, language)),
        table.text(wording(f"evidence.{level_of_evidence}", language)),
    )
    return [
        Row(
            id=f"{outcome.id}-{statement.claim}",
            group=group,
            cells=(*_cells(line, (line.found, made), statement), *behind),
        )
        for statement in judge(
            line.found,
            outcome,
            concluded=made,
            smallest_effect=smallest,
            strength=level_of_evidence,
        )
    ]


def _cells(
    line: Line,
    judged: tuple[Estimate, Concluded],
    statement: Statement,
) -> tuple[Cell, Cell, Cell]:
    outcome, language = line.outcome, line.source.language
    estimate, made = judged
    condition = wording(
        "statement.if-by-lot" if is_drawn_by_lot(line.source) else "statement.if-alike", language
    )
    holes = {
        **_holes(estimate, outcome, made, language),
        "if_alike": condition,
    }
    answer = wording(f"statement.answer.{statement.answer}", language)
    phrase = " ".join(
        (
            wording(_phrase(estimate, statement, made), language, **holes),
            *_behind(estimate, statement, condition, language),
        )
    )
    # a phrase is copied without the table around it
    of_study = words.mark(line.source.configuration.study.mark, language)
    mark = f"[{of_study}] " if of_study else ""
    return (
        table.text(formats.quoted(f"{mark}{phrase}", language)),
        Cell(kind=statement.answer, text=answer),
        table.text(wording(f"statement.why.{statement.reason}", language, **holes)),
    )


def _behind(
    estimate: Estimate, statement: Statement, condition: str, language: str
) -> tuple[str, ...]:
    """Behind a phrase that may be copied: its condition, where it does not begin with it; status.

    What was specified before the data came needs no word.
    """
    if statement.answer == "no" or statement.claim not in (*NAMES_CONCLUSION, *RESTS_ON_CONCLUSION):
        return ()
    only = wording("statement.holds", language, condition=words.in_sentence(condition))
    status = wording("statement.status", language, status=words.status(estimate.status, language))
    return (
        *((only,) if statement.claim in NAMES_CONCLUSION else ()),
        *((status,) if estimate.status != "pre-specified" else ()),
    )


def _phrase(estimate: Estimate, statement: Statement, made: Concluded) -> str:
    if statement.claim == "range" and estimate.ci_low <= 0 <= estimate.ci_high:
        return f"statement.not-detected.{_zero_inside(estimate, made)}"
    return f"statement.phrase.{statement.claim}"


def _zero_inside(estimate: Estimate, made: Concluded) -> ZeroInside:
    if made.conclusion != "inconclusive":
        return "meaningful effect ruled out"
    low, high = estimate.ci_low, estimate.ci_high
    return "unbounded" if math.isinf(low) or math.isinf(high) else "inconclusive"


def _holes(estimate: Estimate, outcome: Outcome, made: Concluded, language: str) -> dict[str, str]:
    """What the templates may name: the outcome, its effect, the interval and the limits."""
    short = words.spoken(outcome.label[language], language)
    bounds = formats.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
    unit = words.unit_in_sentence(outcome.unit, language, number="other")
    size, rises = abs(estimate.estimate), estimate.estimate > 0

    smallest = outcome.smallest_effect or math.inf

    def effect(value: float, beside: float | None = None) -> str:
        return sentences.amount(value, outcome, language=language, beside=beside)

    return {
        "name": words.in_sentence(short),
        "begun": short,
        "equivalence": made.bounds(outcome, language),
        "reading": sentences.effect_sentence(
            estimate, outcome, language=language, name=short, concluded=made
        ),
        "moved": wording("statement.raised" if rises else "statement.lowered", language),
        "rose": wording("statement.rose" if rises else "statement.fell", language),
        "amount": effect(estimate.estimate),
        "bare": formats.plain(size, outcome.decimals, language),
        "hundredfold": formats.plain(100 * size, max(outcome.decimals - 2, 0), language),
        "bounds": f"{bounds} {unit}",
        "low": effect(estimate.ci_low),
        "high": effect(estimate.ci_high),
        "level": formats.percent(estimate.level, language),
        "smallest": effect(smallest, estimate.mde).removeprefix("+"),
        "mde": effect(estimate.mde, smallest).removeprefix("+"),
    }
