"""How answers came about: who asked, who had been asked before, and who was silent.

A don't-know or a refusal inside a battery is read as if nothing had happened, or the person is left
out: the table shows who is concerned, whether their share changed with the programme, and the
effect under either choice.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Estimate, Level, Unavailable
from evaluation.estimation.row_keys import WHOLE, Again, InRound, Part, RowKey
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult, answers, checks_of, results
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table, slug
from evaluation.report.prose import notes, table_frame
from evaluation.report.silence_rows import ASSUMED, SilenceRow
from evaluation.report.silence_rows import silence as silent_line
from evaluation.report.sources import Source
from evaluation.report.tables.levels_and_attrition import OF_ROUND, level_cells, round_columns

# Quantities of the interviewers' work, each with its label.
COUNTS = {
    "interviewers": "interviewers.number",
    "interviewers_in_both_groups": "interviewers.both-groups",
    "interviewers_in_both_rounds": "interviewers.both-rounds",
}
COLUMNS = (
    *table.columns("quantity"),
    *table.columns("value", shown="with unit"),
    *table.columns("ci_low", "ci_high", "p_value", "n"),
    *table.columns("std_error", shown="download"),
)
FIELDS = ("estimate", *(column.id for column in COLUMNS[2:]))
AGAIN = tuple(map(Again, ("all", "treated", "comparison", "difference")))


@table.builds
def interviewers(exhibit: Exhibit, source: Source) -> Table:
    """Interviewers' work over groups and rounds, their share of the variance, two-way clustering.

    Raises
    ------
    ReportError
        The plan has no such check, or one has neither a result nor a reason.
    """
    checks = checks_of(source, "interviewers")
    chosen = results(exhibit, source, checks)
    rows = [row for result in chosen[:1] for row in _work(result)]
    rows += [row for result in chosen for row in _of_outcome(result)]
    return _table(exhibit, source, checks, rows)


@table.builds
def conditioning(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: re-interviewed people less first-timers at the last round, by group.

    Raises
    ------
    ReportError
        As `interviewers`.
    """
    checks = checks_of(source, "conditioning")
    rows = [
        result.row(
            sample.value,
            source.wording(f"conditioning.{sample.value}"),
            result.cells(result.found(sample), FIELDS),
        )
        for result in results(exhibit, source, checks)
        for sample in AGAIN
    ]
    return _table(exhibit, source, checks, rows)


def _table(exhibit: Exhibit, source: Source, checks: Sequence[Check], rows: Iterable[Row]) -> Table:
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=rows,
        generated=(
            answers(source, checks),
            source.wording(f"{exhibit.builder}.note"),
            notes.signs(source.language),
        ),
        found=(
            line.found
            for check in checks
            for outcome in source.plan.outcomes_of_check(check)
            for line in CheckResult(source=source, check=check, outcome=outcome).lines()
        ),
    )


def _work(result: CheckResult) -> Iterator[Row]:
    """What depends on no outcome, from the rows of the first."""
    source = result.source
    named: list[tuple[str, RowKey, str]] = [
        (name, WHOLE, source.wording(label)) for name, label in COUNTS.items()
    ]
    for round_ in source.plan.primary_specification().contrast:
        label = source.wording("interviewers.v", round=source.round_name(round_))
        named.append(("v", InRound(round_), label))
    for name, sample, label in named:
        found = result.quantity(name, sample)
        if found is not None:
            cells = _quantity(source, found, count=name != "v")
            identifier = slug(f"work-{name}-{sample.text()}")
            yield table.row(identifier, label, *cells, group=source.wording("interviewers.work"))


def _quantity(source: Source, found: float | Unavailable, *, count: bool) -> tuple[Cell, ...]:
    def make(x: float) -> Cell:
        return table.count(round(x)) if count else table.number(x, decimals=2)

    return estimate_rows.padded(len(FIELDS), estimate_rows.quantity_cell(source, found, make))


def _of_outcome(result: CheckResult) -> list[Row]:
    source, share = result.source, result.quantity("icc")
    line = next(result.lines(), None)
    found = line.found if line else result.absent()
    if share is None or found is None:
        raise result.missing()
    named = {
        "icc": ("interviewers.icc", _quantity(source, share, count=False)),
        "primary": ("interviewers.primary", result.cells(_plain_primary(result), FIELDS)),
        "two_way": ("interviewers.two-way", result.cells(found, FIELDS)),
    }
    return [result.row(name, source.wording(i), cells) for name, (i, cells) in named.items()]


def _plain_primary(result: CheckResult) -> Estimate | Unavailable:
    """The primary estimate with the plain cluster-robust interval, which two-way extends."""
    main = result.source.plan.primary_specification().id
    for row in result.source.records.estimates:
        if (row.outcome, row.specification, row.step) == (result.outcome.id, main, "cv1"):
            return row
    return result.base


SILENT, ANSWERED = Part("silent"), Part("answered")
DECIMALS = 1  # percentage points
PERCENT = "percentage points"
EFFECT = (
    *table.columns("estimate", shown="with unit"),
    *table.columns("ci_low", "ci_high"),
    *table.columns("std_error", shown="download"),
)


@table.builds
def silence(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the share in each group and round, its effect, and the outcome's two effects.

    Raises
    ------
    ReportError
        The plan has no check of silence, or one has neither a result nor a reason.
    """
    chosen = results(exhibit, source, checks_of(source, "nonresponse"))
    rounds = source.plan.checked().primary_specification().contrast
    return table_frame.table(
        exhibit,
        source,
        columns=(
            "group",
            *(column for round_ in rounds for column in round_columns(source, round_)),
            *EFFECT,
        ),
        rows=(row for result in chosen for row in _silence_rows(result, rounds)),
        generated=(
            source.wording("silence.note"),
            source.wording("silence.choices"),
            _lines(source, chosen),
            _batteries(source, [result.outcome for result in chosen]),
            notes.signs(source.language),
        ),
        found=(result.found(SILENT) for result in chosen),
        sentences=((result.outcome.id, _sentence(result)) for result in chosen),
    )


def _batteries(source: Source, outcomes: Sequence[Outcome]) -> str:
    """Outcomes that count a silence as no event: made by `any` of fewer items than they have."""
    lenient = [
        words.in_sentence(o.label[source.language])
        for o in outcomes
        if o.function == "any" and o.minimum_items < len(o.items)
    ]
    if not lenient:
        return ""
    return source.wording(
        "silence.battery", outcomes=number_format.listed(lenient, source.language)
    )


def _silence_rows(result: CheckResult, rounds: Sequence[str]) -> Iterator[Row]:
    source, outcome, width = result.source, result.outcome, OF_ROUND * len(rounds)
    levels = levels_of(result)
    for arm in source.configuration.study.arm:
        of_arm = {x.round: x for x in levels if x.arm == arm.id}
        if of_arm:
            levels_of_arm = (of_arm.get(r) for r in rounds)
            shown = (c for level in levels_of_arm for c in level_cells(level, PERCENT, DECIMALS))
            padded = estimate_rows.padded(width + len(EFFECT), *shown)
            yield result.row(arm.id, source.arm(arm.id), padded)
    lines = {x.sample: x.found for x in result.lines()}
    change = result.found(SILENT)
    effects = (
        ("change", "silence.change", change, DECIMALS),
        ("counted", "silence.counted", result.base, outcome.decimals),
        # the same where nobody's outcome could be changed by silence
        ("left_out", "silence.left-out", lines.get(ANSWERED, change), outcome.decimals),
    )
    empty = estimate_rows.padded(width)
    for name, label, found, decimals in effects:
        cells = (*empty, *_silence_effect(source, found, decimals))
        yield result.row(name, source.wording(label), cells)
    for sample in ASSUMED:
        if sample in lines:
            label = source.wording(f"silence.assumed-{sample.value}")
            cells = _silence_effect(source, lines[sample], outcome.decimals)
            yield result.row(slug(sample.text()), label, (*empty, *cells))


def _lines(source: Source, chosen: Sequence[CheckResult]) -> str:
    """The estimate of each outcome as a function of what people who were silent would answer."""
    said = [
        _line(result, line)
        for result in chosen
        if isinstance(line := silent_line(source, result.check, result.outcome), SilenceRow)
    ]
    return words.labelled(source.wording("silence.line-label"), *said) if said else ""


def _groups(source: Source) -> tuple[str, str]:
    return source.wording("silence.p-treated"), source.wording("silence.p-comparison")


def _line(result: CheckResult, line: SilenceRow) -> str:
    source, language = result.source, result.source.language
    decimals = result.outcome.decimals + 1
    rates = ("rate", "rate_treated", "rate_comparison")
    return source.wording(
        "silence.line",
        outcome=words.begun(words.noun(result.outcome, language)),
        unit=words.short_unit(result.outcome.unit, language),
        formula=line.formula(decimals, language),
        plane=line.plane(_groups(source), decimals, language),
        **{x: number_format.share(getattr(line, x), 0, language) for x in rates},
    )


def levels_of(result: CheckResult) -> tuple[Level, ...]:
    """Shares of people whose outcome a silent item could change, in every group and round."""
    key = (result.outcome.id, SILENT)
    return tuple(x for x in result.source.records.check_levels if (x.outcome, x.sample) == key)


def _silence_effect(
    source: Source, found: Estimate | Unavailable, decimals: int
) -> tuple[Cell, ...]:
    given = {}
    if isinstance(found, Estimate):
        # an error of shares needs no digit more than they have
        unit = words.unit(found.unit, "en")
        given["std_error"] = table.number(found.std_error, decimals=decimals, unit=unit)
    fields = [column.id for column in EFFECT]
    return estimate_rows.cells(source, found, fields, decimals=decimals, given=given)


def _sentence(result: CheckResult) -> str:
    """How large the share is in each group, after and before."""
    source, language = result.source, result.source.language
    noun = words.noun(result.outcome, language)
    before, after = source.plan.checked().primary_specification().contrast
    shares = {(x.arm, x.round): x.mean for x in levels_of(result)}
    arms = [arm.id for arm in source.configuration.study.arm if (arm.id, after) in shares]
    wanted = [(arm, round_) for arm in arms for round_ in (after, before)]
    if not arms or not all(math.isfinite(shares.get(key, math.nan)) for key in wanted):
        return source.wording("silence.sentence-none", outcome=words.begun(noun))
    shown = {key: number_format.share(shares[key] / 100.0, DECIMALS, language) for key in wanted}
    listed = [
        source.wording(
            "silence.group",
            group=words.in_sentence(source.arm(arm)),
            after=shown[arm, after],
            before=shown[arm, before],
        )
        for arm in arms
    ]
    return source.wording("silence.sentence", outcome=noun, groups="; ".join(listed))
