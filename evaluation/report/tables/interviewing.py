"""How answers came about: who asked, who had been asked before, and who was silent.

A don't-know or a refusal inside a battery is read as if nothing had happened, or the person is left
out: the table shows who is concerned, whether their share changed with the programme, and the
effect under either choice.
"""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.check_rows import CheckLine, lines_of
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.formats.words import in_sentence
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.conclusions import p_of_interval
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Level, Unavailable
from evaluation.study.row_keys import WHOLE, Again, InRound, Part, RowKey

COUNTS = ("interviewers", "interviewers_in_both_groups", "interviewers_in_both_rounds")
AGAIN = tuple(map(Again, ("all", "treated", "comparison", "difference")))


@table.builds
def interviewers(exhibit: Exhibit, source: Source) -> Table:
    """Interviewers' work over groups and rounds, their share of the variance, two-way clustering.

    Raises
    ------
    ReportError
        The plan has no such check, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "interviewers")
    asked = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    rows = [*_work(source, *asked[0])] if asked else []
    rows += [row for check, outcome in asked for row in _of_outcome(source, check, outcome)]
    return _table(exhibit, source, checks, tuple(rows), "interviewers.note")


@table.builds
def conditioning(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: re-interviewed people less first-timers at the last round, by group.

    Raises
    ------
    ReportError
        As `interviewers`.
    """
    checks = records.checks_of(source, "conditioning")
    rows = [
        row
        for check in checks
        for outcome in records.outcomes_of(exhibit, source, check)
        for row in _again(source, check, outcome)
    ]
    return _table(exhibit, source, checks, tuple(rows), "conditioning.note")


def _table(
    exhibit: Exhibit, source: Source, checks: tuple[Check, ...], rows: tuple[Row, ...], note: str
) -> Table:
    columns = (
        Column(id="quantity", label=wording("interviewers.quantity", source.language)),
        Column(id="value", label=wording("interviewers.value", source.language), shown="with unit"),
        table_frame.column(source, "ci_low"),
        table_frame.column(source, "ci_high", joined="to"),
        table_frame.column(source, "p_value"),
        table_frame.column(source, "n"),
        table_frame.column(source, "std_error", shown="download"),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            wording(note, source.language),
            notes.signs(source.language),
        ),
        status=records.statuses(
            line.found
            for check in checks
            for outcome in source.plan.outcomes_of_check(check)
            for line in lines_of(source, check, outcome)
        ),
    )


def _work(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    """What depends on no outcome, from the rows of the first."""
    language = source.language
    named: list[tuple[str, RowKey, str]] = [
        (name, WHOLE, f"interviewers.{name}") for name in COUNTS
    ]
    named += [
        ("v", InRound(round_), round_) for round_ in source.plan.primary_specification().contrast
    ]
    rows = []
    for name, sample, label in named:
        found = records.quantity(source, check, outcome, name, sample=sample)
        if found is None:
            continue
        said = (
            wording("interviewers.v", language, round=source.round_name(label))
            if name == "v"
            else _count_label(name, language)
        )
        cell = _quantity(source, found, count=name != "v")
        rows.append(
            Row(
                id=slug(f"work-{name}-{sample.text()}"),
                group=wording("interviewers.work", language),
                cells=(table.text(said), cell, *(table.none(),) * 5),
            )
        )
    return rows


def _count_label(name: str, language: str) -> str:
    match name:
        case "interviewers":
            return wording("interviewers.number", language)
        case "interviewers_in_both_groups":
            return wording("interviewers.both-groups", language)
        case _:
            return wording("interviewers.both-rounds", language)


def _quantity(source: Source, found: float | Unavailable, *, count: bool) -> Cell:
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, source.language)
    return table.count(round(found)) if count else table.number(found, decimals=2)


def _of_outcome(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    language = source.language
    share = records.quantity(source, check, outcome, "icc")
    whole = records.absent(source, check, outcome, step="all")
    share = share if share is not None else whole
    line = next(iter(lines_of(source, check, outcome)), None)
    found = line.found if line else records.absent(source, check, outcome)
    if share is None or found is None:
        raise records.missing(source, check, outcome)
    entries = (
        ("icc", "interviewers.icc", (_quantity(source, share, count=False),)),
        (
            "primary",
            "interviewers.primary",
            _interviewer_effect(source, outcome, _primary(source, outcome)),
        ),
        ("two_way", "interviewers.two-way", _interviewer_effect(source, outcome, found)),
    )
    return [
        _interviewer_row(source, outcome, name, wording(label, language), c)
        for name, label, c in entries
    ]


def _primary(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The primary estimate with the plain cluster-robust interval, which two-way extends."""
    main = source.plan.primary_specification().id
    for row in source.records.estimates:
        if (row.outcome, row.specification, row.step) == (outcome.id, main, "cv1"):
            return row
    return records.primary(source, outcome)


def _again(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    language = source.language
    lines = {x.sample: x.found for x in lines_of(source, check, outcome)}
    whole = records.absent(source, check, outcome, step="all")
    rows = []
    for sample in AGAIN:
        found = lines.get(sample, whole)
        if found is None:
            raise records.missing(source, check, outcome)
        name = sample.value
        rows.append(
            _interviewer_row(
                source,
                outcome,
                name,
                _again_label(name, language),
                _interviewer_effect(source, outcome, found),
            )
        )
    return rows


def _again_label(name: str, language: str) -> str:
    match name:
        case "all":
            return wording("conditioning.all", language)
        case "treated":
            return wording("conditioning.treated", language)
        case "comparison":
            return wording("conditioning.comparison", language)
        case _:
            return wording("conditioning.difference", language)


def _interviewer_row(
    source: Source, outcome: Outcome, name: str, label: str, cells: tuple[Cell, ...]
) -> Row:
    filled = (*cells, *(table.none(),) * (6 - len(cells)))
    return Row(
        id=f"{outcome.id}-{name}",
        group=outcome.label[source.language],
        cells=(table.text(label), *filled),
    )


def _interviewer_effect(
    source: Source, outcome: Outcome, found: Estimate | Unavailable
) -> tuple[Cell, ...]:
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language),)
    unit = words.unit(found.unit, "en")
    return (
        *(
            table.effect(x, decimals=outcome.decimals, unit=unit)
            for x in (found.estimate, found.ci_low, found.ci_high)
        ),
        table.p_value(p_of_interval(found)),
        table.count(found.n),
        table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
    )


SILENT, ANSWERED = Part("silent"), Part("answered")
DECIMALS = 1  # percentage points
PERCENT: Literal["percentage points"] = "percentage points"
# cells of a mean, its standard error, interviews and clusters
OF_ROUND, OF_EFFECT = 4, 4


@table.builds
def silence(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the share in each group and round, its effect, and the outcome's two effects.

    Raises
    ------
    ReportError
        The plan has no check of silence, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "nonresponse")
    asked = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    rows = tuple(row for check, outcome in asked for row in _silence_rows(source, check, outcome))
    language = source.language
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=rows,
        generated=(
            wording("silence.note", language),
            wording("silence.choices", language),
            *_batteries(source, [o for _, o in asked]),
            notes.signs(language),
        ),
        status=records.statuses(_found(source, c, o, SILENT) for c, o in asked),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in asked),
    )


def _batteries(source: Source, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Outcomes that count a silence as no event: made by `any` of fewer items than they have."""
    lenient = [
        in_sentence(o.label[source.language])
        for o in outcomes
        if o.function == "any" and o.minimum_items < len(o.items)
    ]
    if not lenient:
        return ()
    named = number_format.listed(lenient, source.language)
    return (wording("silence.battery", source.language, outcomes=named),)


def _columns(source: Source) -> tuple[Column, ...]:
    def of_round(round_: str) -> tuple[Column, ...]:
        return (
            table_frame.column(source, "mean_round", round_=round_, shown="with unit"),
            table_frame.column(source, "std_error_round", round_=round_, joined="brackets"),
            table_frame.column(source, "n_round", round_=round_),
            table_frame.column(source, "clusters_round", round_=round_, joined="slash"),
        )

    rounds = source.plan.checked().primary_specification().contrast
    lead = Column(id="group", label=wording("silence.lead", source.language))
    return (
        lead,
        *(column for round_ in rounds for column in of_round(round_)),
        table_frame.column(source, "estimate", shown="with unit"),
        table_frame.column(source, "ci_low"),
        table_frame.column(source, "ci_high", joined="to"),
        table_frame.column(source, "std_error", shown="download"),
    )


def _silence_rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    language = source.language
    nothing = (table.none(),) * (
        OF_ROUND * len(source.plan.checked().primary_specification().contrast)
    )
    effects = (
        ("change", "silence.change", _found(source, check, outcome, SILENT), DECIMALS),
        ("counted", "silence.counted", records.primary(source, outcome), outcome.decimals),
        ("left_out", "silence.left-out", _other(source, check, outcome), outcome.decimals),
    )
    rows = _level_rows(source, outcome)
    for name, label, found, places in effects:
        cells = (
            table.text(wording(label, language)),
            *nothing,
            *_silence_effect(source, found, places),
        )
        rows.append(_silence_row(outcome, name, source, cells))
    return rows


def _silence_row(outcome: Outcome, name: str, source: Source, cells: tuple[Cell, ...]) -> Row:
    return Row(id=f"{outcome.id}-{name}", group=outcome.label[source.language], cells=cells)


def _level_rows(source: Source, outcome: Outcome) -> list[Row]:
    """A row for each group."""
    rows = []
    found = levels_of(source, outcome)
    for arm in source.configuration.study.arm:
        of_arm = {x.round: x for x in found if x.arm == arm.id}
        if not of_arm:
            continue
        cells = [
            cell
            for round_ in source.plan.checked().primary_specification().contrast
            for cell in _level_cells(of_arm.get(round_))
        ]
        lead = table.text(source.arm(arm.id))
        cells = [lead, *cells, *(table.none(),) * OF_EFFECT]
        rows.append(_silence_row(outcome, arm.id, source, tuple(cells)))
    return rows


def levels_of(source: Source, outcome: Outcome) -> tuple[Level, ...]:
    """Shares of people whose outcome a silent item could change, in every group and round."""
    return tuple(
        x for x in source.records.check_levels if (x.outcome, x.sample) == (outcome.id, SILENT)
    )


def _level_cells(level: Level | None) -> list[Cell]:
    if level is None:
        return [table.none()] * OF_ROUND
    unit = words.level_unit(PERCENT, "en")
    return [
        table.number(level.mean, decimals=DECIMALS, unit=unit),
        table.number(level.std_error, decimals=DECIMALS, unit=unit),
        table.count(level.n),
        table.count(level.n_clusters),
    ]


def _silence_effect(
    source: Source, found: Estimate | Unavailable, decimals: int
) -> tuple[Cell, ...]:
    rest = (table.none(),) * (OF_EFFECT - 1)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *rest)
    unit = words.unit(found.unit, "en")
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        table.effect(found.ci_low, decimals=decimals, unit=unit),
        table.effect(found.ci_high, decimals=decimals, unit=unit),
        table.number(found.std_error, decimals=decimals, unit=unit),
    )


def _line(source: Source, check: Check, outcome: Outcome, sample: RowKey) -> CheckLine | None:
    return next((x for x in lines_of(source, check, outcome) if x.sample == sample), None)


def _found(
    source: Source, check: Check, outcome: Outcome, sample: RowKey
) -> Estimate | Unavailable:
    line = _line(source, check, outcome, sample)
    found = line.found if line else records.absent(source, check, outcome)
    if found is None:
        raise records.missing(source, check, outcome)
    return found


def _other(source: Source, check: Check, outcome: Outcome) -> Estimate | Unavailable:
    """Without people whose outcome silence could change; the primary one where there are none."""
    line = _line(source, check, outcome, ANSWERED)
    return line.found if line else _found(source, check, outcome, SILENT)


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """How large the share is, and whether it changed with the programme."""
    language = source.language
    label = outcome.label[language]
    found = _found(source, check, outcome, SILENT)
    if isinstance(found, Unavailable):
        return wording("silence.sentence-none", language, outcome=label)
    levels = levels_of(source, outcome)
    if not levels or not all(math.isfinite(x.mean) for x in levels):
        return wording("silence.sentence-none", language, outcome=label)
    shares = [x.mean for x in levels]
    return wording(
        "silence.sentence",
        language,
        outcome=label,
        low=number_format.share(min(shares) / 100.0, DECIMALS, language),
        high=number_format.share(max(shares) / 100.0, DECIMALS, language),
        change=number_format.signed(found.estimate, DECIMALS, language),
        level=number_format.percent(found.level, language),
        interval=number_format.interval(found.ci_low, found.ci_high, DECIMALS, language),
    )
