"""Tables of effects: primary estimates, other specifications, and every inference step."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report.effect_columns import (
    BESIDE,
    CHECKS,
    adjusted,
    conclusion_fields,
    detail_fields,
    effect_fields,
    jackknife_fields,
    together_fields,
)
from evaluation.report.effect_rows import Field, Line, interviews_behind, lines
from evaluation.report.formats import table, words
from evaluation.report.formats.page_layout import FEW_ROWS
from evaluation.report.formats.table import Cell, Column, Joined, Row, Shown, Table
from evaluation.report.prose import model_notes, notes, sentences, table_frame
from evaluation.report.prose.conclusions import alone, concluded
from evaluation.report.prose.programme import component_fields, component_sentences
from evaluation.report.sources import Source, by_family
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Estimate, Level, Unavailable

# What a page prints of a table that is too long to be turned; the downloads hold every column.
Place = Literal["turned", "one specification", "with conclusions", "several specifications"]
PRINTED: Mapping[Place, tuple[str, ...]] = {
    "one specification": (
        "component", "baseline_mean", "baseline_sd", "estimate", "ci_low", "ci_high", "p_value",
        "p_adjusted", "q_sharpened", "estimate_sd", "cv3_std_error", "mde", "icc",
    ),
    "with conclusions": (
        "baseline_mean", "baseline_sd", "estimate", "ci_low", "ci_high", "p_value", "p_adjusted",
        "conclusion", "cv3_std_error", "mde", "icc",
    ),
    "several specifications": (
        "baseline_mean", "baseline_sd", "estimate", "ci_low", "ci_high", "p_value",
        "cv3_std_error", "mde", "n", "n_clusters_treated", "n_clusters_comparison",
    ),
}  # fmt: skip
# Joined in print behind another column, where each row of the table is one outcome.
BEHIND: Mapping[str, tuple[str, Joined]] = {
    "cv3_std_error": ("estimate", "brackets"),
    "p_adjusted": ("p_value", "slash"),
    "q_sharpened": ("p_adjusted", "slash"),
    "icc": ("mde", "brackets"),
}
# Said at length in words below the table, or in its notes.
NOT_LISTED = ("reading", "adjustment", "status", "evidence")


@table.builds
def effects(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome (and specification): the effect by the primary step, CV3 beside it.

    Raises
    ------
    ReportError
        An estimate that the exhibit asks for is nowhere, not even as unavailable.
    """
    chosen = lines(exhibit, source)
    several = len({line.specification.id for line in chosen}) > 1
    jackknife = [x for x in chosen if "cv3" in x.specification.steps_for(x.outcome)]
    place = _place(chosen, several=several)
    fields = [
        *(component_fields(source) if place == "one specification" else []),
        *effect_fields(source, chosen),
        *conclusion_fields(source, chosen),
        *(jackknife_fields(source) if jackknife else []),
        *together_fields(source, chosen),
        *detail_fields(source, chosen),
    ]
    fields = _placed(fields, place)
    rows = tuple(
        Row(
            id=f"{x.outcome.id}-{x.specification.id}" if several else x.outcome.id,
            group=source.family(x.outcome.id),
            cells=(*_lead(x, several=several), *_effect_cells(x, fields)),
        )
        for x in chosen
    )
    return table_frame.table(
        exhibit,
        source,
        columns=(*_lead_columns(source, several=several), *(f.column for f in fields)),
        rows=rows,
        generated=_effect_notes(source, chosen, fields),
        status=tuple(x.found.status for x in chosen if isinstance(x.found, Estimate)),
        said=_said(chosen, place),
    )


def _said(chosen: tuple[Line, ...], place: Place) -> tuple[tuple[str, str], ...]:
    """Sentences over all rows: what could be detected, or what was found by component."""
    if place == "one specification":
        return component_sentences(chosen[0].source, chosen[0].specification)
    judged = [
        (x.found, x.outcome)
        for x in chosen
        if isinstance(x.found, Estimate) and x.outcome.smallest_effect is not None
    ]
    if place == "several specifications" or not judged:
        return ()
    return (("power", sentences.power_sentence(judged, language=chosen[0].source.language)),)


def _place(chosen: tuple[Line, ...], *, several: bool) -> Place:
    if several:
        return "several specifications"
    if len(chosen) <= FEW_ROWS:
        return "turned"
    judged = any(isinstance(x.found, Estimate) and concluded(x.source, x.found) for x in chosen)
    return "with conclusions" if judged else "one specification"


def _placed(fields: list[Field], place: Place) -> list[Field]:
    """The fields, those that have no room in print for download only, some joined in print."""
    if place == "turned":
        return fields
    placed = {
        f.column.id: f
        if f.column.id in PRINTED[place]
        # interviews and clusters of each group
        or (place != "several specifications" and f.column.id.startswith("n_"))
        else replace(f, column=replace(f.column, shown="download"))
        for f in fields
    }
    for name, (before, joined) in BEHIND.items():
        if name in placed and placed[name].column.shown != "download":
            field = placed.pop(name)
            column = replace(field.column, joined=joined)
            placed = _after(placed, before, replace(field, column=column))
    return list(placed.values())


def _after(placed: dict[str, Field], before: str, field: Field) -> dict[str, Field]:
    """The fields with one more behind another."""
    made = {}
    for name, other in placed.items():
        made[name] = other
        if name == before:
            made[field.column.id] = field
    return made


def _lead_columns(source: Source, *, several: bool) -> tuple[Column, ...]:
    between = [table_frame.column(source, "specification")] if several else []
    unit = table_frame.column(source, "unit", shown="download")
    return (table_frame.column(source, "outcome"), *between, unit)


def _lead(line: Line, *, several: bool) -> tuple[Cell, ...]:
    language = line.source.language
    between = [table.text(line.specification.label[language])] if several else []
    label = line.outcome.label[language]
    return (table.text(label), *between, table.text(words.unit(line.outcome.unit, language)))


def _effect_cells(line: Line, fields: list[Field]) -> list[Cell]:
    if isinstance(line.found, Unavailable):
        reason = table.unavailable(line.found.reason, line.source.language)
        return [reason if f.column.id == "estimate" else table.none() for f in fields]
    return [field.cell(line, line.found) for field in fields]


def _effect_notes(source: Source, chosen: tuple[Line, ...], fields: list[Field]) -> tuple[str, ...]:
    estimates = [x.found for x in chosen if isinstance(x.found, Estimate)]
    specifications = list({x.specification.id: x.specification for x in chosen}.values())
    levels: list[Level] = []
    for x in chosen:
        levels.extend(interviews_behind(x))
    printed = {f.column.id for f in fields if f.column.shown != "download"}
    kept = [
        words.in_sentence(f.column.label) if f.column.label[1:2].islower() else f.column.label
        for f in fields
        if f.column.shown == "download"
        and f.column.id not in NOT_LISTED
        and not f.column.joined
        and not f.column.id.startswith("n_")
    ]
    return (
        *model_notes.models(source, specifications),
        *model_notes.groups(source, specifications[0], baseline="untreated"),
        *((notes.inference(source, estimates),) if estimates else ()),
        *notes.adjustments(estimates, source.language),
        *((notes.sharpened(source.language),) if "q_sharpened" in printed else ()),
        *((notes.simultaneous(source.language),) if BESIDE[0] in printed else ()),
        *((notes.jackknife(source.language),) if "cv3_std_error" in printed else ()),
        *((notes.sample_sizes(source, levels),) if levels else ()),
        notes.signs(source.language),
        *(
            notes.detectable(estimates, source.language, printed=printed)
            if "mde" in printed
            else ()
        ),
        *notes.icc(source, estimates),
        *((notes.conclusion_rule(source.language),) if "conclusion" in printed else ()),
        *notes.in_downloads(kept, source.language),
    )


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
        table_frame.column(source, "outcome"),
        *(
            table_frame.column(
                source,
                c,
                joined="to" if c == "ci_high" else "",
                shown=shown.get(c, "print"),
            )
            for c in COLUMNS
        ),
        *(table_frame.column(source, c) for c in STEP_DOWN),
        *(
            table_frame.column(source, c, shown="download")
            for c in (*SIMULATED, "p_kind", "method")
        ),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(_row(step, line, several=len(wanted) > 1) for step, line in rows),
        generated=_method_notes(source, rows),
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
            *_method_cells(line, is_read=step == line.source.plan.read_by(line.specification)),
            table.text(words.step_in_words(step, line.source.language)),
        ),
    )


def _method_cells(line: Line, *, is_read: bool) -> tuple[Cell, ...]:
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


def _method_notes(source: Source, rows: list[tuple[str, Line]]) -> tuple[str, ...]:
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
        *model_notes.models(source, specifications),
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
