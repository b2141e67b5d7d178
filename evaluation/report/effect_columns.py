"""Columns of a table of effects, each with how its cell is made from an estimate."""

import math
from collections.abc import Callable
from functools import partial

from evaluation.locale.messages import wording
from evaluation.report import estimate_rows
from evaluation.report.effect_rows import Field, Line, interviews_behind
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Joined, Shown
from evaluation.report.prose import sentences, table_frame
from evaluation.report.prose.conclusions import (
    EQUIVALENCE,
    SIMULTANEOUS,
    UNADJUSTED,
    concluded,
    strength,
)
from evaluation.report.sources import Source, diagnostic, find
from evaluation.study.records import Adjustment, Estimate, Unavailable

# Columns of the plan's other ways to adjust, and the method of each.
CHECKS = {"p_step_down": "romano_wolf", "p_holm": "holm", "q_sharpened": "sharpened_q_across"}
# Beside an estimate where the estimate stage printed them. Type S: chance that a detected effect
# has the wrong sign; type M: the factor by which a detected effect is exaggerated.
DIAGNOSTICS = ("closed_form_mde", "icc", "type_s", "type_m")
# Intervals of a primary outcome beside the one that its estimate is printed with.
BESIDE = (*EQUIVALENCE, *UNADJUSTED)


def _effect(line: Line, value: float) -> Cell:
    return table.effect(
        value, decimals=line.outcome.decimals, unit=words.unit(line.outcome.unit, "en")
    )


def _size(line: Line, value: float, beside: float | None = None) -> Cell:
    unit = words.unit(line.outcome.unit, "en")
    decimals = number_format.apart(value, beside, line.outcome.decimals)
    return table.number(value, decimals=decimals, unit=unit)


def _mde(line: Line, estimate: Estimate) -> Cell:
    return _size(line, estimate.mde, line.outcome.smallest_effect)


def _level(line: Line, value: float) -> Cell:
    unit = words.level_unit(line.outcome.unit, "en")
    return table.number(value, decimals=line.outcome.decimals, unit=unit)


def effect_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """Mean at baseline, effect, interval, p of the same test; q, or p of the outcome alone."""
    column = table_frame.column
    return [
        Field(
            column=column(source, "baseline_mean"),
            cell=lambda x, e: _level(x, e.baseline_comparison_mean),
        ),
        Field(
            column=column(source, "baseline_sd", joined="brackets"),
            cell=lambda x, e: _level(x, e.baseline_comparison_sd),
        ),
        _own(column(source, "estimate", shown="with unit")),
        _own(column(source, "ci_low")),
        _own(column(source, "ci_high", joined="to")),
        _own(column(source, "p_value")),
        *_more_p(source, chosen),
        Field(column=column(source, "estimate_sd"), cell=lambda _, e: _in_sd(e.estimate_sd)),
    ]


def _own(column: Column) -> Field:
    """A column of a field of the estimate itself."""
    return Field(
        column=column,
        cell=lambda x, e: estimate_rows.cell(x.source, e, column.id, x.outcome.decimals),
    )


def _more_p(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """Of secondary outcomes q; of primary ones, whose p is simultaneous, p of each alone."""
    used = {x.found.adjustment for x in chosen if isinstance(x.found, Estimate)}
    fields = []
    if used - {"none", *SIMULTANEOUS}:
        fields.append(Field(column=table_frame.column(source, "p_adjusted"), cell=_q))
    if used & set(SIMULTANEOUS):
        column = table_frame.column(source, "p_unadjusted", shown="download")
        fields.append(Field(column=column, cell=lambda _, e: table.p_value(e.p_value)))
    return fields


def _q(_: Line, estimate: Estimate) -> Cell:
    if estimate.adjustment in SIMULTANEOUS:
        return table.none()
    return table.adjusted_p(estimate.p_adjusted, adjustment=estimate.adjustment)


def _in_sd(value: float) -> Cell:
    # an outcome without spread in the comparison group at baseline has no SD to divide by
    return table.none() if math.isinf(value) else table.in_sd(value)


def jackknife_fields(source: Source) -> list[Field]:
    """CV3's standard error and interval."""
    return [
        Field(
            column=table_frame.column(source, "cv3_std_error"),
            cell=lambda x, _: _jackknife(x, lambda j: _size(x, j.std_error)),
        ),
        Field(
            column=table_frame.column(source, "cv3_ci_low"),
            cell=lambda x, _: _jackknife(x, lambda j: _effect(x, j.ci_low)),
        ),
        Field(
            column=table_frame.column(source, "cv3_ci_high", joined="to"),
            cell=lambda x, _: _jackknife(x, lambda j: _effect(x, j.ci_high)),
        ),
    ]


def _jackknife(line: Line, make: Callable[[Estimate], Cell]) -> Cell:
    if "cv3" not in line.specification.steps_for(line.outcome):
        return table.none()
    found = find(line.source, line.outcome.id, specification=line.specification, step="cv3")
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, line.source.language)
    return make(found)


def _evidence(line: Line, estimate: Estimate) -> Cell:
    if "cv3" not in line.specification.steps_for(line.outcome):
        return table.none()
    found = strength(line.source, line.specification, line.outcome, estimate)
    return table.text(wording(f"evidence.{found}", line.source.language))


def detail_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """MDEs, sizes, and words for download."""
    column = table_frame.column
    return [
        Field(column=column(source, "mde", shown="with unit"), cell=_mde),
        *_diagnostic_fields(source, chosen),
        _own(column(source, "n")),
        _own(column(source, "n_clusters_treated")),
        _own(column(source, "n_clusters_comparison", joined="slash")),
        *_size_fields(source, chosen),
        Field(
            column=column(source, "adjustment", shown="download"),
            cell=lambda x, e: table.text(words.adjustment(e.adjustment, x.source.language)),
        ),
        _own(column(source, "status")),
        Field(column=column(source, "evidence", shown="download"), cell=_evidence),
        Field(column=column(source, "reading", shown="download"), cell=_reading),
    ]


def _reading(line: Line, estimate: Estimate) -> Cell:
    language = line.source.language
    found = concluded(line.source, estimate)
    said = sentences.effect_sentence(estimate, line.outcome, language=language, concluded=found)
    return table.text(said)


def together_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """The simultaneous 90 % interval; in downloads the unadjusted one and the checks' p too."""
    found = [x.found for x in chosen if isinstance(x.found, Estimate)]
    fields = []
    shown: Shown
    for name in BESIDE:
        if any(diagnostic(source, e, name) for e in found):
            joined: Joined = "to" if name.endswith("_high") else ""
            shown = "print" if name in EQUIVALENCE else "download"
            column = table_frame.column(source, name, joined=joined, shown=shown)
            fields.append(Field(column=column, cell=partial(_bound, name)))
    for name, method in CHECKS.items():
        if any(_adjustment(source, e, method) for e in found):
            shown = "print" if name == "q_sharpened" else "download"
            column = table_frame.column(source, name, shown=shown)
            fields.append(Field(column=column, cell=partial(adjusted, method)))
    return fields


def _bound(name: str, line: Line, estimate: Estimate) -> Cell:
    found = diagnostic(line.source, estimate, name)
    if found is None:
        return table.none()
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, line.source.language)
    return _effect(line, found.value)


def _adjustment(source: Source, estimate: Estimate, method: str) -> Adjustment | None:
    """The adjustment of an estimate by one method, where it was made."""
    asked = (estimate.outcome, estimate.specification, estimate.estimand, method)
    return next(
        (
            a
            for a in source.records.adjustments
            if (a.outcome, a.specification, a.estimand, a.method) == asked
        ),
        None,
    )


def adjusted(method: str, line: Line, estimate: Estimate) -> Cell:
    """p of an estimate by another way to adjust; a dash where it was not adjusted so."""
    found = _adjustment(line.source, estimate, method)
    return table.none() if found is None else table.p_value(found.p_adjusted)


def _diagnostic_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    found = [x.found for x in chosen if isinstance(x.found, Estimate)]
    asked = [n for n in DIAGNOSTICS if any(diagnostic(source, e, n) for e in found)]
    return [
        Field(
            column=table_frame.column(
                source, name, shown="with unit" if name == "closed_form_mde" else "print"
            ),
            cell=partial(_diagnostic, name),
        )
        for name in asked
    ]


def _diagnostic(name: str, line: Line, estimate: Estimate) -> Cell:
    found = diagnostic(line.source, estimate, name)
    if found is None:
        return table.none()
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, line.source.language)
    if name == "type_s":
        return table.p_value(found.value)
    decimals = {"closed_form_mde": line.outcome.decimals, "type_m": 1, "icc": 3}[name]
    return table.number(found.value, decimals=decimals, unit=found.unit)


def conclusion_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """The smallest effect that matters, where the plan names one, and the conclusions drawn."""
    if all(x.outcome.smallest_effect is None for x in chosen):
        return []
    smallest = table_frame.column(source, "smallest_effect", shown="with unit")
    fields = [Field(column=smallest, cell=_smallest)]
    found = (x.found for x in chosen if isinstance(x.found, Estimate))
    if any(concluded(source, e) for e in found):
        fields.append(Field(column=table_frame.column(source, "conclusion"), cell=_conclusion))
    return fields


def _smallest(line: Line, estimate: Estimate) -> Cell:
    smallest = line.outcome.smallest_effect
    return table.none() if smallest is None else _size(line, smallest, estimate.mde)


def _conclusion(line: Line, estimate: Estimate) -> Cell:
    found = concluded(line.source, estimate)
    if found is None:
        return table.none()
    return table.text(found.said(line.outcome, line.source.language))


def _size_fields(source: Source, chosen: tuple[Line, ...]) -> list[Field]:
    """Interviews by arm and round, the rounds of an arm in one printed column."""
    present = {(level.arm, level.round) for x in chosen for level in interviews_behind(x)}
    study = source.configuration.study
    return [
        Field(
            column=table_frame.column(
                source,
                "n_arm_round",
                joined="slash" if number else "",
                arm=arm.id,
                round_=round_,
            ),
            cell=partial(_interviews, arm.id, round_),
        )
        for arm in study.arm
        for number, round_ in enumerate(r for r in study.rounds if (arm.id, r) in present)
    ]


def _interviews(arm: str, round_: str, line: Line, _: Estimate) -> Cell:
    cell = next((x for x in interviews_behind(line) if (x.arm, x.round) == (arm, round_)), None)
    if cell is None:
        return table.none()
    return table.count(cell.n)
