"""The table of inference methods: every step of a specification beside the primary one."""

import dataclasses
import math

from evaluation.locale.messages import wording
from evaluation.report import heads, notes, notes_model, table, words
from evaluation.report.conclusions import alone
from evaluation.report.effect_fields import CHECKS, adjusted
from evaluation.report.effect_lines import Line, lines
from evaluation.report.sources import Source, by_family
from evaluation.report.table import Cell, Row, Shown, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate, Unavailable

COLUMNS = ("step", "estimate", "std_error", "df", "statistic", "ci_low", "ci_high", "p_value")
# Other ways to adjust the primary outcomes' p, beside the step that they are read by.
STEP_DOWN = ("p_step_down", "p_holm")
SIMULATED_STEPS = ("wcr", "wcr_s", "ri")
SIMULATED = ("mc_error", "ci_low_mc_error", "ci_high_mc_error")
# One digit more than the main tables: the methods differ in digits that those round away.
MORE_DIGITS = 1


@table.builds
def methods(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and inference step, for the specifications of the exhibit."""
    wanted = exhibit.specifications or (source.plan.primary_specification().id,)
    rows = [
        (step, line)
        for step in words.STEPS
        if any(step in source.specification(s).steps for s in wanted)
        for line in _lines_of(exhibit, source, wanted, step)
    ]
    order = {o.id: i for i, o in enumerate(by_family(source, source.plan.outcome))}
    rows.sort(key=lambda row: (order[row[1].outcome.id], wanted.index(row[1].specification.id)))
    shown: dict[str, Shown] = {"estimate": "with unit"}
    columns = (
        heads.column(source, "outcome"),
        *(
            heads.column(
                source,
                c,
                joined="to" if c == "ci_high" else "",
                shown=shown.get(c, "print"),
            )
            for c in COLUMNS
        ),
        *(heads.column(source, c) for c in STEP_DOWN),
        *(heads.column(source, c, shown="download") for c in (*SIMULATED, "p_kind", "method")),
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(_row(step, line, several=len(wanted) > 1) for step, line in rows),
        generated=_notes(source, rows),
        status=tuple(x.found.status for _, x in rows if isinstance(x.found, Estimate)),
    )


def _lines_of(
    exhibit: Exhibit, source: Source, wanted: tuple[str, ...], step: str
) -> tuple[Line, ...]:
    with_step = tuple(s for s in wanted if step in source.specification(s).steps)
    one = Exhibit(
        id=exhibit.id,
        code=exhibit.code,
        builder="methods",
        title=exhibit.title,
        reading=exhibit.reading,
        notes=exhibit.notes,
        outcomes=exhibit.outcomes,
        families=exhibit.families,
        specifications=with_step,
    )
    found = lines(one, source, step=step)
    return tuple(dataclasses.replace(x, found=alone(source, x.found)) for x in found)


def _row(step: str, line: Line, *, several: bool) -> Row:
    middle = f"{line.specification.id}-" if several else ""
    label = line.outcome.label[line.source.language]
    lead = (table.text(label), table.text(words.step(step, line.source.language)))
    return Row(
        id=f"{line.outcome.id}-{middle}{step}",
        group=line.source.family(line.outcome.id),
        cells=(
            *lead,
            *_cells(line, is_read=step == line.source.plan.read_by(line.specification)),
            table.text(words.step_in_words(step, line.source.language)),
        ),
    )


def _cells(line: Line, *, is_read: bool) -> tuple[Cell, ...]:
    found = line.found
    if isinstance(found, Unavailable):
        absent = table.unavailable(found.reason, line.source.language)
        others = len(COLUMNS) + len(STEP_DOWN) + len(SIMULATED) - 1
        return (absent, *(table.none() for _ in range(others)))
    decimals = line.outcome.decimals + MORE_DIGITS
    unit = words.unit(found.unit, "en")
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        table.number(found.std_error, decimals=decimals, unit=unit),
        table.number(found.df, decimals=1),
        table.effect(found.statistic, decimals=3),
        table.effect(found.ci_low, decimals=decimals, unit=unit),
        table.effect(found.ci_high, decimals=decimals, unit=unit),
        table.p_value(found.p_value),
        *(adjusted(CHECKS[c], line, found) if is_read else table.none() for c in STEP_DOWN),
        *_simulation(found, decimals),
        table.text(found.p_kind.text(line.source.language)),
    )


def _simulation(found: Estimate, decimals: int) -> tuple[Cell, ...]:
    if found.step not in SIMULATED_STEPS:
        return (table.none(), table.none(), table.none())
    return (
        table.number(found.mc_error, decimals=4),
        *(
            table.none() if math.isnan(error) else table.number(error, decimals=decimals + 1)
            for error in (found.ci_low_mc_error, found.ci_high_mc_error)
        ),
    )


def _notes(source: Source, rows: list[tuple[str, Line]]) -> tuple[str, ...]:
    chosen = [line for _, line in rows]
    simulated = [
        x.found for x in chosen if isinstance(x.found, Estimate) and x.found.step in SIMULATED_STEPS
    ]
    specifications = list({x.specification.id: x.specification for x in chosen}.values())
    steps = dict.fromkeys(step for step, _ in rows)
    language = source.language
    said = "; ".join(
        f"{words.step(s, language)}: {words.step_in_words(s, language)}" for s in steps
    )
    primary = words.step(source.plan.inference.primary_step, language)
    return (
        *notes_model.models(source, specifications),
        words.labelled(
            wording("methods.methods", language),
            wording("methods.read-by", language, methods=said, primary=primary),
        ),
        words.labelled(
            wording("methods.statistic", language), wording("methods.divided", language)
        ),
        words.labelled(
            wording("note.unadjusted", language), wording("note.like-with-like", language)
        ),
        *((notes.inference(source, simulated),) if simulated else ()),
        notes.signs(source.language),
        notes.in_downloads([wording("methods.monte-carlo", language)], language)[0],
    )
