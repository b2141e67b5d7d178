"""Tables of effects: primary estimates, other specifications, and every inference step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import estimate_rows
from evaluation.report.effect_rows import (
    BESIDE,
    CHECKS,
    EffectLine,
    Field,
    adjusted,
    conclusion_fields,
    detail_fields,
    effect_fields,
    interviews_behind,
    jackknife_fields,
    lines,
    together_fields,
)
from evaluation.report.formats import table, words
from evaluation.report.formats.page_layout import FEW_ROWS
from evaluation.report.formats.table import Cell, Column, Joined, Row, Table
from evaluation.report.prose import headlines, model_notes, notes, sentences, table_frame
from evaluation.report.prose.conclusions import SIMULTANEOUS, alone, concluded
from evaluation.report.prose.model_notes import is_of_twice
from evaluation.report.prose.programme import component_fields, component_sentences
from evaluation.report.sources import Source, by_family

# What a page prints; the downloads hold every column. The other lines of a turned table are
# folded under it.
Layout = Literal["turned", "one specification", "with conclusions", "several specifications"]
PRINTED: Mapping[Layout, tuple[str, ...]] = {
    "turned": (
        "baseline_mean", "baseline_sd", "estimate", "ci_low", "ci_high", "p_value", "conclusion",
        "n", "n_clusters_treated", "n_clusters_comparison",
    ),
    "one specification": (
        "baseline_mean", "estimate", "cv3_std_error", "ci_low", "ci_high", "p_adjusted", "n",
    ),
    "with conclusions": (
        "baseline_mean", "estimate", "cv3_std_error", "ci_low", "ci_high", "p_value", "p_adjusted",
        "conclusion", "n",
    ),
    "several specifications": (
        "baseline_mean", "estimate", "cv3_std_error", "ci_low", "ci_high", "p_value", "n",
        "n_clusters_treated", "n_clusters_comparison",
    ),
}  # fmt: skip
# Joined in print behind another column, where each row of the table is one outcome.
BEHIND: Mapping[str, tuple[str, Joined]] = {
    "cv3_std_error": ("estimate", "brackets"),
    "p_adjusted": ("p_value", "slash"),
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
    layout = _layout(chosen, several=several)
    fields = [
        *(component_fields(source) if layout == "one specification" else []),
        *effect_fields(chosen),
        *conclusion_fields(source, chosen),
        *jackknife_fields(chosen),
        *together_fields(source, chosen),
        *detail_fields(source, chosen),
    ]
    headed = [replace(f, column=_headed(source, f, chosen)) for f in fields]
    fields = _placed(headed, layout)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *("outcome", *(["specification"] if several else [])),
            *table.columns("unit", shown="download"),
            *(f.column for f in fields),
        ),
        rows=(
            table.row(
                f"{x.outcome.id}-{x.specification.id}" if several else x.outcome.id,
                x.outcome.label[source.language],
                *([x.specification.label[source.language]] if several else []),
                words.unit(x.outcome.unit, source.language),
                *_effect_cells(x, fields),
                group=source.family(x.outcome.id),
            )
            for x in chosen
        ),
        generated=_effect_notes(source, chosen, fields),
        found=[x.found for x in chosen],
        sentences=_sentences(chosen, layout),
    )


def _headed(source: Source, field: Field, chosen: Sequence[EffectLine]) -> Column:
    """A column with its head; intervals of all outcomes at once and means of a part are named."""
    adjusted_by = {line.found.adjustment for line in chosen if isinstance(line.found, Estimate)}
    of_twice = [is_of_twice(line.specification) for line in chosen]
    if field.column.id == "ci_low" and adjusted_by and adjusted_by <= set(SIMULTANEOUS):
        return replace(field.column, label=table_frame.head(source, "simultaneous_ci"))
    if field.column.id == "baseline_mean" and adjusted_by and all(of_twice):
        pure = source.configuration.study.arms_without_any()
        names = ", ".join(source.arm(a) for a in pure)
        return replace(field.column, label=source.wording("column.baseline_of_twice", arm=names))
    return table_frame.headed(source, field.column, "effects")


def _sentences(chosen: tuple[EffectLine, ...], layout: Layout) -> tuple[tuple[str, str], ...]:
    """Sentences over all rows: what could be detected, or what was found by component."""
    if layout == "one specification":
        return component_sentences(chosen[0].source, chosen[0].specification)
    judged = [
        (x.found, x.outcome)
        for x in chosen
        if isinstance(x.found, Estimate) and x.outcome.smallest_effect is not None
    ]
    if layout == "several specifications" or not judged:
        return ()
    language = chosen[0].source.language
    found = headlines.results((x.source, x.found) for x in chosen)
    return (
        ("power", sentences.power_sentence(judged, language=language)),
        ("answer", headlines.answer(found, language=language)),
    )


def _layout(chosen: tuple[EffectLine, ...], *, several: bool) -> Layout:
    if several:
        return "several specifications"
    if len(chosen) <= FEW_ROWS:
        return "turned"
    judged = any(isinstance(x.found, Estimate) and concluded(x.source, x.found) for x in chosen)
    return "with conclusions" if judged else "one specification"


def _placed(fields: list[Field], layout: Layout) -> list[Field]:
    """The fields, those that have no room in print for download only, some joined in print."""
    if layout == "turned":
        return [
            replace(f, column=replace(f.column, folded=f.column.id not in PRINTED[layout]))
            for f in fields
        ]
    placed = {
        f.column.id: f
        if f.column.id in PRINTED[layout]
        else replace(f, column=replace(f.column, shown="download"))
        for f in fields
    }
    order = list(placed)
    for name, (before, joined) in BEHIND.items():
        shown = {n for n in (name, before) if n in placed and placed[n].column.shown != "download"}
        if shown == {name, before}:
            column = replace(placed[name].column, joined=joined)
            placed[name] = replace(placed[name], column=column)
            order.remove(name)
            order.insert(order.index(before) + 1, name)
    return [placed[name] for name in order]


def _effect_cells(line: EffectLine, fields: list[Field]) -> list[Cell]:
    if isinstance(line.found, Unavailable):
        reason = table.unavailable(line.found.reason, line.source.language)
        return [reason if f.column.id == "estimate" else table.none() for f in fields]
    return [field.cell(line, line.found) for field in fields]


def _effect_notes(
    source: Source, chosen: Sequence[EffectLine], fields: Sequence[Field]
) -> tuple[str, ...]:
    language = source.language
    estimates = [x.found for x in chosen if isinstance(x.found, Estimate)]
    specifications = list({x.specification.id: x.specification for x in chosen}.values())
    levels = [level for x in chosen for level in interviews_behind(x)]
    printed = {f.column.id for f in fields if f.column.shown != "download"}
    downloads = (
        f.column
        for f in fields
        if f.column.shown == "download"
        and f.column.id not in NOT_LISTED
        and not f.column.joined
        and not f.column.id.startswith("n_")
    )
    kept = [words.in_sentence(c.label) if c.label[1:2].islower() else c.label for c in downloads]
    return (
        *model_notes.models(source, specifications),
        *model_notes.groups(source, specifications[0], baseline="untreated"),
        *notes.inference(source, estimates),
        *notes.adjustments(estimates, language),
        notes.sharpened(language) if "q_sharpened" in printed else "",
        notes.simultaneous(language) if BESIDE[0] in printed else "",
        notes.jackknife(language) if "cv3_std_error" in printed else "",
        notes.sample_sizes(source, levels) if levels else "",
        notes.signs(language),
        *(notes.detectable(estimates, language, printed=printed) if "mde" in printed else ()),
        *notes.icc(source, estimates),
        notes.conclusion_rule(language) if "conclusion" in printed else "",
        *notes.in_downloads(kept, language),
    )


COLUMNS = (
    *table.columns("outcome", "step"),
    *table.columns("estimate", shown="with unit"),
    *table.columns("std_error", "df", "statistic", "ci_low", "ci_high", "p_value"),
    *table.columns("p_step_down", "p_holm"),
    *table.columns(
        *("mc_error", "ci_low_mc_error", "ci_high_mc_error", "p_kind", "method"), shown="download"
    ),
)
# Other ways to adjust the primary outcomes' p, beside the step that they are read by.
STEP_DOWN = ("p_step_down", "p_holm")
SIMULATED_STEPS = ("wcr", "wcr_s", "ri")
# One digit more than the main tables: the methods differ in digits that those round away.
MORE_DIGITS = 1


@table.builds
def methods(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and inference step, for the specifications of the exhibit."""
    wanted = exhibit.specifications or (source.plan.primary_specification().id,)
    chosen = [
        (step, replace(line, found=alone(source, line.found)))
        for step in words.STEPS
        for line in lines(replace(exhibit, specifications=wanted), source, step=step)
    ]
    order = {o.id: i for i, o in enumerate(by_family(source, source.plan.outcome))}
    chosen.sort(key=lambda x: (order[x[1].outcome.id], wanted.index(x[1].specification.id)))
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=(_method_row(step, line, several=len(wanted) > 1) for step, line in chosen),
        generated=_method_notes(source, chosen),
        found=[line.found for _, line in chosen],
    )


def _method_row(step: str, line: EffectLine, *, several: bool) -> Row:
    source, outcome = line.source, line.outcome
    middle = f"{line.specification.id}-" if several else ""
    return table.row(
        f"{outcome.id}-{middle}{step}",
        outcome.label[source.language],
        words.step(step, source.language),
        *_method_cells(line, is_read=step == source.plan.read_by(line.specification)),
        words.step_in_words(step, source.language),
        group=source.family(outcome.id),
    )


def _method_cells(line: EffectLine, *, is_read: bool) -> tuple[Cell, ...]:
    source, found = line.source, line.found
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(COLUMNS) - 3)
    decimals = line.outcome.decimals + MORE_DIGITS
    unit = words.unit(found.unit, "en")
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        table.number(found.std_error, decimals=decimals, unit=unit),
        table.number(found.df, decimals=1),
        table.effect(found.statistic, decimals=3),
        *estimate_rows.cells(source, found, ("ci_low", "ci_high"), decimals=decimals),
        table.p_value(found.p_value),
        *(adjusted(CHECKS[c], line, found) if is_read else table.none() for c in STEP_DOWN),
        *_simulation(found, decimals),
        table.text(found.p_kind.text(source.language)),
    )


def _simulation(found: Estimate, decimals: int) -> tuple[Cell, ...]:
    if found.step not in SIMULATED_STEPS:
        return estimate_rows.padded(3)
    errors = (found.ci_low_mc_error, found.ci_high_mc_error)
    return (
        table.number(found.mc_error, decimals=4),
        *(table.number(error, decimals=decimals + 1) for error in errors),
    )


def _method_notes(source: Source, chosen: Sequence[tuple[str, EffectLine]]) -> tuple[str, ...]:
    found = [x.found for _, x in chosen if isinstance(x.found, Estimate)]
    specifications = list({x.specification.id: x.specification for _, x in chosen}.values())
    language = source.language
    steps = "; ".join(
        f"{words.step(s, language)}: {words.step_in_words(s, language)}"
        for s in dict.fromkeys(step for step, _ in chosen)
    )
    primary = words.step(source.plan.inference.primary_step, language)
    return (
        *model_notes.models(source, specifications),
        source.note("methods.methods", "methods.read-by", methods=steps, primary=primary),
        source.note("methods.statistic", "methods.divided"),
        source.note("note.unadjusted", "note.like-with-like"),
        *notes.inference(source, [e for e in found if e.step in SIMULATED_STEPS]),
        notes.signs(language),
        *notes.in_downloads([source.wording("methods.monte-carlo")], language),
    )
