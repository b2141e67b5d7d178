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
from evaluation.report import estimate_rows
from evaluation.report.check_rows import lines_of
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table, slug
from evaluation.report.formats.words import in_sentence
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.report.tables.levels_and_attrition import OF_ROUND, level_cells, round_columns
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Level, Unavailable
from evaluation.study.row_keys import WHOLE, Again, InRound, Part, RowKey

# Quantities of the interviewers' work, each with its label.
COUNTS = {
    "interviewers": "interviewers.number",
    "interviewers_in_both_groups": "interviewers.both-groups",
    "interviewers_in_both_rounds": "interviewers.both-rounds",
}
SHOWN: tuple[tuple[str, Shown], ...] = (
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("n", "print"),
    ("std_error", "download"),
)
FIELDS = ("estimate", *(name for name, _ in SHOWN))
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
    asked = records.asked(exhibit, source, checks)
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
    asked = records.asked(exhibit, source, checks)
    rows = [row for check, outcome in asked for row in _again(source, check, outcome)]
    return _table(exhibit, source, checks, tuple(rows), "conditioning.note")


def _table(
    exhibit: Exhibit, source: Source, checks: tuple[Check, ...], rows: tuple[Row, ...], note: str
) -> Table:
    columns = (
        Column(id="quantity", label=wording("interviewers.quantity", source.language)),
        Column(id="value", label=wording("interviewers.value", source.language), shown="with unit"),
        *estimate_rows.columns(source, SHOWN),
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
        (name, WHOLE, wording(label, language)) for name, label in COUNTS.items()
    ]
    for round_ in source.plan.primary_specification().contrast:
        label = wording("interviewers.v", language, round=source.round_name(round_))
        named.append(("v", InRound(round_), label))
    rows = []
    for name, sample, label in named:
        found = records.quantity(source, check, outcome, name, sample=sample)
        if found is not None:
            cell = _quantity(source, found, count=name != "v")
            cells = (table.text(label), *estimate_rows.padded(len(FIELDS), cell))
            group = wording("interviewers.work", language)
            rows.append(Row(id=slug(f"work-{name}-{sample.text()}"), group=group, cells=cells))
    return rows


def _quantity(source: Source, found: float | Unavailable, *, count: bool) -> Cell:
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, source.language)
    return table.count(round(found)) if count else table.number(found, decimals=2)


def _of_outcome(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    share = records.quantity(source, check, outcome, "icc")
    line = next(iter(lines_of(source, check, outcome)), None)
    found = line.found if line else records.absent(source, check, outcome)
    if share is None or found is None:
        raise records.missing(source, check, outcome)
    icc = estimate_rows.padded(len(FIELDS), _quantity(source, share, count=False))
    named = {
        "icc": ("interviewers.icc", icc),
        "primary": ("interviewers.primary", _cells(source, outcome, _primary(source, outcome))),
        "two_way": ("interviewers.two-way", _cells(source, outcome, found)),
    }
    return [
        estimate_rows.row(source, outcome, name, wording(label, source.language), cells)
        for name, (label, cells) in named.items()
    ]


def _primary(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The primary estimate with the plain cluster-robust interval, which two-way extends."""
    main = source.plan.primary_specification().id
    for row in source.records.estimates:
        if (row.outcome, row.specification, row.step) == (outcome.id, main, "cv1"):
            return row
    return records.primary(source, outcome)


def _again(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    return [
        estimate_rows.row(
            source,
            outcome,
            sample.value,
            wording(f"conditioning.{sample.value}", source.language),
            _cells(source, outcome, records.found_of(source, check, outcome, sample)),
        )
        for sample in AGAIN
    ]


def _cells(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    return estimate_rows.cells(source, found, FIELDS, decimals=outcome.decimals)


SILENT, ANSWERED = Part("silent"), Part("answered")
DECIMALS = 1  # percentage points
PERCENT: Literal["percentage points"] = "percentage points"
EFFECT: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("std_error", "download"),
)


@table.builds
def silence(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the share in each group and round, its effect, and the outcome's two effects.

    Raises
    ------
    ReportError
        The plan has no check of silence, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "nonresponse")
    asked = records.asked(exhibit, source, checks)
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
        status=records.statuses(records.found_of(source, c, o, SILENT) for c, o in asked),
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
    rounds = source.plan.checked().primary_specification().contrast
    lead = Column(id="group", label=wording("silence.lead", source.language))
    return (
        lead,
        *(column for round_ in rounds for column in round_columns(source, round_)),
        *estimate_rows.columns(source, EFFECT),
    )


def _silence_rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    rounds = source.plan.checked().primary_specification().contrast
    empty = (table.none(),) * (OF_ROUND * len(rounds))
    lines = {x.sample: x.found for x in lines_of(source, check, outcome)}
    change = records.found_of(source, check, outcome, SILENT)
    effects = (
        ("change", "silence.change", change, DECIMALS),
        ("counted", "silence.counted", records.primary(source, outcome), outcome.decimals),
        # the same where nobody's outcome could be changed by silence
        ("left_out", "silence.left-out", lines.get(ANSWERED, change), outcome.decimals),
    )
    rows = _level_rows(source, outcome, rounds)
    for name, label, found, places in effects:
        cells = (*empty, *_silence_effect(source, found, places))
        said = wording(label, source.language)
        rows.append(estimate_rows.row(source, outcome, name, said, cells))
    return rows


def _level_rows(source: Source, outcome: Outcome, rounds: Sequence[str]) -> list[Row]:
    """A row for each group."""
    rows, found = [], levels_of(source, outcome)
    for arm in source.configuration.study.arm:
        of_arm = {x.round: x for x in found if x.arm == arm.id}
        if of_arm:
            cells = (c for r in rounds for c in level_cells(of_arm.get(r), PERCENT, DECIMALS))
            width = OF_ROUND * len(rounds) + len(EFFECT)
            padded = estimate_rows.padded(width, *cells)
            rows.append(estimate_rows.row(source, outcome, arm.id, source.arm(arm.id), padded))
    return rows


def levels_of(source: Source, outcome: Outcome) -> tuple[Level, ...]:
    """Shares of people whose outcome a silent item could change, in every group and round."""
    return tuple(
        x for x in source.records.check_levels if (x.outcome, x.sample) == (outcome.id, SILENT)
    )


def _silence_effect(
    source: Source, found: Estimate | Unavailable, decimals: int
) -> tuple[Cell, ...]:
    fields = tuple(name for name, _ in EFFECT)
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(fields))
    # an error of shares needs no digit more than they have
    unit = words.unit(found.unit, "en")
    given = {"std_error": table.number(found.std_error, decimals=decimals, unit=unit)}
    return estimate_rows.cells(source, found, fields, decimals=decimals, given=given)


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """How large the share is, and whether it changed with the programme."""
    language = source.language
    label = outcome.label[language]
    found = records.found_of(source, check, outcome, SILENT)
    levels = levels_of(source, outcome)
    whole = levels and all(math.isfinite(x.mean) for x in levels)
    if isinstance(found, Unavailable) or not whole:
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
