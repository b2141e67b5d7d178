"""Tables of effects: the primary estimates, and the same outcomes under other specifications."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from evaluation.report import heads, notes, notes_model, sentences, table, words
from evaluation.report.components import component_fields, component_sentences
from evaluation.report.conclusions import concluded
from evaluation.report.effect_fields import (
    BESIDE,
    conclusion_fields,
    detail_fields,
    effect_fields,
    jackknife_fields,
    together_fields,
)
from evaluation.report.effect_lines import Field, Line, interviews_behind, lines
from evaluation.report.layout import FEW_ROWS
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Joined, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate, Level, Unavailable

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
            cells=(*_lead(x, several=several), *_cells(x, fields)),
        )
        for x in chosen
    )
    return heads.table(
        exhibit,
        source,
        columns=(*_lead_columns(source, several=several), *(f.column for f in fields)),
        rows=rows,
        generated=_notes(source, chosen, fields),
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
    between = [heads.column(source, "specification")] if several else []
    unit = heads.column(source, "unit", shown="download")
    return (heads.column(source, "outcome"), *between, unit)


def _lead(line: Line, *, several: bool) -> tuple[Cell, ...]:
    language = line.source.language
    between = [table.text(line.specification.label[language])] if several else []
    label = line.outcome.label[language]
    return (table.text(label), *between, table.text(words.unit(line.outcome.unit, language)))


def _cells(line: Line, fields: list[Field]) -> list[Cell]:
    if isinstance(line.found, Unavailable):
        reason = table.unavailable(line.found.reason, line.source.language)
        return [reason if f.column.id == "estimate" else table.none() for f in fields]
    return [field.cell(line, line.found) for field in fields]


def _notes(source: Source, chosen: tuple[Line, ...], fields: list[Field]) -> tuple[str, ...]:
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
        *notes_model.models(source, specifications),
        *notes_model.groups(source, specifications[0], baseline="untreated"),
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
