"""People whose outcome a silent item could change, by group and round, and both ways to count them.

A don't-know or a refusal inside a battery is read as if nothing had happened, or the person is left
out: the table shows who is concerned, whether their share changed with the programme, and the
effect under either choice.
"""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.check_lines import CheckLine, lines_of
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.report.words import in_sentence
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Level, Unavailable
from evaluation.spec.row_keys import Part, RowKey

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
    rows = tuple(row for check, outcome in asked for row in _rows(source, check, outcome))
    language = source.language
    return heads.table(
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
    named = formats.listed(lenient, source.language)
    return (wording("silence.battery", source.language, outcomes=named),)


def _columns(source: Source) -> tuple[Column, ...]:
    def of_round(round_: str) -> tuple[Column, ...]:
        return (
            heads.column(source, "mean_round", round_=round_, shown="with unit"),
            heads.column(source, "std_error_round", round_=round_, joined="brackets"),
            heads.column(source, "n_round", round_=round_),
            heads.column(source, "clusters_round", round_=round_, joined="slash"),
        )

    rounds = source.plan.checked().primary_specification().contrast
    lead = Column(id="group", label=wording("silence.lead", source.language))
    return (
        lead,
        *(column for round_ in rounds for column in of_round(round_)),
        heads.column(source, "estimate", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "std_error", shown="download"),
    )


def _rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
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
        cells = (table.text(wording(label, language)), *nothing, *_effect(source, found, places))
        rows.append(_row(outcome, name, source, cells))
    return rows


def _row(outcome: Outcome, name: str, source: Source, cells: tuple[Cell, ...]) -> Row:
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
        rows.append(_row(outcome, arm.id, source, tuple(cells)))
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


def _effect(source: Source, found: Estimate | Unavailable, decimals: int) -> tuple[Cell, ...]:
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
        low=formats.share(min(shares) / 100.0, DECIMALS, language),
        high=formats.share(max(shares) / 100.0, DECIMALS, language),
        change=formats.signed(found.estimate, DECIMALS, language),
        level=formats.percent(found.level, language),
        interval=formats.interval(found.ci_low, found.ci_high, DECIMALS, language),
    )
