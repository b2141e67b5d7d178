"""What may be said of each primary outcome and why, and how likely each conclusion was."""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.locale.messages import message, wording
from evaluation.report.effect_rows import Line, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import notes, sentences, table_frame
from evaluation.report.prose.conclusions import Concluded, concluded, direction, strength
from evaluation.report.prose.sensitivity_summary import is_drawn_by_lot
from evaluation.report.prose.sentences import in_natural_frequencies
from evaluation.report.prose.statements import (
    NAMES_CONCLUSION,
    RESTS_ON_CONCLUSION,
    Statement,
    judge,
)
from evaluation.report.sources import Source
from evaluation.study.design_records import ConclusionChance
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate, Unavailable

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
    rows = tuple(row for line in chosen for row in _statement_rows(line))
    columns = tuple(
        table_frame.column(
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
    return table_frame.table(
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


def _statement_rows(line: Line) -> list[Row]:
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
        table.text(number_format.quoted(f"{mark}{phrase}", language)),
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
    bounds = number_format.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
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
        "bare": number_format.plain(size, outcome.decimals, language),
        "hundredfold": number_format.plain(100 * size, max(outcome.decimals - 2, 0), language),
        "bounds": f"{bounds} {unit}",
        "low": effect(estimate.ci_low),
        "high": effect(estimate.ci_high),
        "level": number_format.percent(estimate.level, language),
        "smallest": effect(smallest, estimate.mde).removeprefix("+"),
        "mde": effect(estimate.mde, smallest).removeprefix("+"),
    }


CONCLUSIONS = ("detected", "smaller", "ruled_out", "inconclusive")
# What is printed with its percent sign.
SHARES = (*CONCLUSIONS, "type_s")
# A conclusion that no true effect makes as likely as this is said not to be reachable.
REACHED = 0.05


@table.builds
def conclusion_chances(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and true effect; one that says so where nothing was planned."""
    language, made = source.language, source.records.chances
    columns = tuple(
        Column(
            id=name,
            label=wording(f"power.{name}", language),
            shown="with unit" if name in SHARES else "print",
        )
        for name in ("true_effect", *CONCLUSIONS, "type_s", "type_m")
    )
    if not made:
        absent = table.unavailable(message("power.not-planned"), language)
        row = Row(id="none", cells=(absent, *(table.none() for _ in columns[1:])))
        return table_frame.table(exhibit, source, columns=columns, rows=(row,), generated=())
    outcomes = [o for o in source.outcomes_of(exhibit) if o.primary]
    of = {o.id: [x for x in made if x.outcome == o.id] for o in outcomes}
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(_row(source, o, x) for o in outcomes for x in of[o.id]),
        generated=_notes(source, [x for rows in of.values() for x in rows]),
        said=(("reached", unreached),) if (unreached := _unreached(source, outcomes, made)) else (),
    )


def _row(source: Source, outcome: Outcome, chance: ConclusionChance) -> Row:
    language = source.language
    if chance.multiple == 0.0:
        lead = wording("power.none", language)
    else:
        amount = number_format.plain(chance.effect, outcome.decimals + 1, language)
        lead = wording(
            "power.times",
            language,
            multiple=number_format.shortest(chance.multiple, language),
            effect=f"{amount} {words.short_unit(outcome.unit, language)}".rstrip(),
        )
    return Row(
        id=f"{outcome.id}-{chance.multiple:g}".replace(".", "_"),
        group=outcome.label[language],
        cells=(
            table.text(lead),
            *(_percent(getattr(chance, name)) for name in CONCLUSIONS),
            _percent(chance.type_s),
            table.none() if math.isnan(chance.type_m) else table.number(chance.type_m, decimals=1),
        ),
    )


def _percent(share: float) -> Cell:
    return table.none() if math.isnan(share) else table.number(100 * share, decimals=1, unit="%")


def _unreached(
    source: Source, outcomes: Sequence[Outcome], made: Sequence[ConclusionChance]
) -> str:
    """Which conclusions this design cannot reach, whatever the truth, and of which outcomes."""
    language = source.language
    said = []
    for name in ("smaller", "ruled_out"):
        best = {o.id: max(getattr(x, name) for x in made if x.outcome == o.id) for o in outcomes}
        named = [
            words.in_sentence(o.label[language].split(" (")[0])
            for o in outcomes
            if best[o.id] < REACHED
        ]
        if named:
            listed = number_format.listed(named, language)
            said.append(wording(f"power.unreached.{name}", language, outcomes=listed))
    return " ".join(said)


def _notes(source: Source, made: Sequence[ConclusionChance]) -> tuple[str, ...]:
    language, given = source.language, source.plan.power
    first = made[0]
    errors = "; ".join(
        f"{source.outcome(x.outcome).label[language].split(' (')[0]}"
        f" {number_format.plain(x.std_error, source.outcome(x.outcome).decimals + 1, language)}"
        for x in made
        if x.multiple == 0.0
    )
    planned: tuple[str, ...] = ()
    if given is not None:
        text = wording(
            "power.planned",
            language,
            treated=given.treated,
            comparison=given.comparison,
            clusters=source.configuration.study.names.clusters[language],
            respondents=number_format.shortest(given.respondents, language),
            errors=errors,
        )
        model = source.plan.primary_specification()
        if model.method == "ancova":
            deff = number_format.shortest(given.weight_deff, language)
            text = f"{text} {wording('power.endlines', language, deff=deff)}"
        planned = (words.labelled(wording("power.inputs", language), text),)
    formula = wording(
        "power.formula",
        language,
        outer=number_format.plain(first.critical, 2, language),
        inner=number_format.plain(first.critical_90, 2, language),
    )
    return (
        *planned,
        words.labelled(wording("power.closed-form", language), formula),
        words.labelled(wording("power.types", language), wording("power.types-mean", language)),
        notes.conclusion_rule(language),
    )
