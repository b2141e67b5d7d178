"""Annex tables of the interview itself: who asked, and who had been asked before."""

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import heads, notes, table, words
from evaluation.report.check_lines import lines_of
from evaluation.report.conclusions import p_of_interval
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import WHOLE, Again, InRound, RowKey

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
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "p_value"),
        heads.column(source, "n"),
        heads.column(source, "std_error", shown="download"),
    )
    return heads.table(
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
        ("primary", "interviewers.primary", _effect(source, outcome, _primary(source, outcome))),
        ("two_way", "interviewers.two-way", _effect(source, outcome, found)),
    )
    return [_row(source, outcome, name, wording(label, language), c) for name, label, c in entries]


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
            _row(
                source, outcome, name, _again_label(name, language), _effect(source, outcome, found)
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


def _row(source: Source, outcome: Outcome, name: str, label: str, cells: tuple[Cell, ...]) -> Row:
    filled = (*cells, *(table.none(),) * (6 - len(cells)))
    return Row(
        id=f"{outcome.id}-{name}",
        group=outcome.label[source.language],
        cells=(table.text(label), *filled),
    )


def _effect(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
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
