"""Rows and columns of tables of effects: which outcome by which specification, and each cell."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome, Specification
from evaluation.estimation.records import Adjustment, Diagnostic, Estimate, Level, Unavailable
from evaluation.report import estimate_rows
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Joined, Shown
from evaluation.report.prose import headlines, sentences, table_frame
from evaluation.report.prose.conclusions import (
    EQUIVALENCE,
    SIMULTANEOUS,
    UNADJUSTED,
    concluded,
    strength,
)
from evaluation.report.sources import Source, by_family, diagnostic, find, level_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine:
    """What a row of effects is made from."""

    source: Source
    specification: Specification
    outcome: Outcome
    found: Estimate | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column, and how its cell is made from an estimate."""

    column: Column
    cell: Callable[[EffectLine, Estimate], Cell]


def lines(exhibit: Exhibit, source: Source, *, step: str = "") -> tuple[EffectLine, ...]:
    """Rows of an exhibit: outcomes by family, specifications in the exhibit's order.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes, families and specifications, all where it names none.
    source : Source
    step : str, optional
        Inference step; empty for the one that each specification is read by.
    """
    wanted = exhibit.specifications or tuple(s.id for s in source.plan.specification)
    return tuple(
        EffectLine(
            source=source,
            specification=specification,
            outcome=outcome,
            found=find(
                source,
                outcome.id,
                specification=specification,
                step=step or source.plan.read_by(specification),
            ),
        )
        for outcome in by_family(source, source.plan.outcome)
        for specification in map(source.specification, wanted)
        if outcome in source.plan.outcomes_of(specification)
        and shows(exhibit, outcome)
        and (not step or step in specification.steps_for(outcome))
    )


def shows(exhibit: Exhibit, outcome: Outcome) -> bool:
    """Whether an exhibit shows an outcome: all, where it names no outcome and no family.

    Parameters
    ----------
    exhibit : Exhibit
    outcome : Outcome
    """
    return (not exhibit.outcomes or outcome.id in exhibit.outcomes) and (
        not exhibit.families or outcome.family in exhibit.families
    )


def levels_behind(line: EffectLine) -> tuple[Level, ...]:
    """Levels behind a row; a regression on an analysis file of one round has none."""
    if line.specification.data == "analysis":
        return ()
    return level_rows(line.source, line.outcome.id, line.specification)


def interviews_behind(line: EffectLine) -> tuple[Level, ...]:
    """Levels whose interviews are rows: endline ones where own baseline answers are a regressor."""
    rounds = (
        line.specification.contrast[-1:]
        if line.specification.lag == "respondent"
        else (line.specification.contrast)
    )
    return tuple(level for level in levels_behind(line) if level.round in rounds)


# Columns of the plan's other ways to adjust, and the method of each.
CHECKS = {"p_step_down": "romano_wolf", "p_holm": "holm", "q_sharpened": "sharpened_q_across"}
# Beside an estimate where the estimate stage printed them. Type S: chance that a detected effect
# has the wrong sign; type M: the factor by which a detected effect is exaggerated.
DIAGNOSTICS = ("closed_form_mde", "icc", "type_s", "type_m")
# Intervals of a primary outcome beside the one that its estimate is printed with.
BESIDE = (*EQUIVALENCE, *UNADJUSTED)
Lines = Sequence[EffectLine]


def _field(
    name: str,
    cell: Callable[[EffectLine, Estimate], Cell],
    *,
    shown: Shown = "print",
    joined: Joined = "",
) -> Field:
    return Field(column=Column(id=name, shown=shown, joined=joined), cell=cell)


def _own(*names: str, shown: Shown = "print", joined: Joined = "") -> Iterator[Field]:
    """Columns of fields of the estimate itself."""

    def cell(name: str, line: EffectLine, estimate: Estimate) -> Cell:
        return estimate_rows.cell(line.source, estimate, name, line.outcome.decimals)

    for name in names:
        yield _field(name, partial(cell, name), shown=shown, joined=joined)


def _effect(line: EffectLine, value: float) -> Cell:
    unit = words.unit(line.outcome.unit, "en")
    return table.effect(value, decimals=line.outcome.decimals, unit=unit)


def _end(line: EffectLine, found: Estimate, value: float) -> Cell:
    decimals = number_format.of_ends(found.ci_low, found.ci_high, line.outcome.decimals)
    return table.effect(value, decimals=decimals, unit=words.unit(line.outcome.unit, "en"))


def _size(line: EffectLine, value: float, beside: float | None = None) -> Cell:
    unit = words.unit(line.outcome.unit, "en")
    decimals = number_format.apart(value, beside, line.outcome.decimals)
    return table.number(value, decimals=decimals, unit=unit)


def level_cell(line: EffectLine, value: float, *, behind: int = 0) -> Cell:
    """A mean or a target of a line's outcome, in the unit of its levels.

    Parameters
    ----------
    line : EffectLine
    value : float
    behind : int
        Interviews of a mean, where its row does not say them.
    """
    unit = words.level_unit(line.outcome.unit, "en")
    return table.number(value, decimals=line.outcome.decimals, unit=unit, behind=behind)


def _estimates(chosen: Lines) -> list[Estimate]:
    return [x.found for x in chosen if isinstance(x.found, Estimate)]


def effect_fields(chosen: Lines) -> Iterator[Field]:
    """Mean at baseline, effect, interval, p of the same test; q, or p of the outcome alone."""
    yield _field(
        "baseline_mean",
        lambda x, e: level_cell(x, e.baseline_comparison_mean),
        shown="with unit",
    )
    yield _field(
        "baseline_sd", lambda x, e: level_cell(x, e.baseline_comparison_sd), joined="brackets"
    )
    yield from _own("estimate", shown="with unit")
    yield from _own("ci_low")
    yield from _own("ci_high", joined="to")
    yield from _own("p_value")
    # of secondary outcomes q; of primary ones, whose p is simultaneous, p of each alone
    used = {e.adjustment for e in _estimates(chosen)}
    if used - {"none", *SIMULTANEOUS}:
        yield _field("p_adjusted", _q)
    if used & set(SIMULTANEOUS):
        yield _field("p_unadjusted", lambda _, e: table.p_value(e.p_value), shown="download")
    yield _field("estimate_sd", lambda _, e: _in_sd(e.estimate_sd))


def _q(_: EffectLine, estimate: Estimate) -> Cell:
    if estimate.adjustment in SIMULTANEOUS:
        return table.none()
    return table.adjusted_p(estimate.p_adjusted, adjustment=estimate.adjustment)


def _in_sd(value: float) -> Cell:
    # an outcome without spread in the comparison group at baseline has no SD to divide by
    return table.none() if math.isinf(value) else table.in_sd(value)


def _has_jackknife(line: EffectLine) -> bool:
    return "cv3" in line.specification.steps_for(line.outcome)


def jackknife_fields(chosen: Lines) -> Iterator[Field]:
    """CV3's standard error and interval, where any row has them."""
    if any(map(_has_jackknife, chosen)):
        yield _field("cv3_std_error", lambda x, _: _jackknife(x, lambda j: _size(x, j.std_error)))
        yield _field("cv3_ci_low", lambda x, _: _jackknife(x, lambda j: _end(x, j, j.ci_low)))
        yield _field(
            "cv3_ci_high", lambda x, _: _jackknife(x, lambda j: _end(x, j, j.ci_high)), joined="to"
        )


def _jackknife(line: EffectLine, make: Callable[[Estimate], Cell]) -> Cell:
    if not _has_jackknife(line):
        return table.none()
    found = find(line.source, line.outcome.id, specification=line.specification, step="cv3")
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, line.source.language)
    return make(found)


def detail_fields(source: Source, chosen: Lines) -> Iterator[Field]:
    """MDEs, sizes, and words for download.

    Parameters
    ----------
    source : Source
    chosen : sequence of EffectLine
    """
    yield _field("mde", lambda x, e: _size(x, e.mde, x.outcome.smallest_effect), shown="with unit")
    for name in DIAGNOSTICS:
        if any(diagnostic(source, e, name) for e in _estimates(chosen)):
            shown: Shown = "with unit" if name == "closed_form_mde" else "print"
            yield _field(name, partial(_diagnostic, name), shown=shown)
    yield from _own("n")
    yield from _own("n_clusters_treated", joined="brackets")
    yield from _own("n_clusters_comparison", joined="slash")
    yield from _size_fields(source, chosen)
    yield _field(
        "adjustment",
        lambda x, e: table.text(words.adjustment(e.adjustment, x.source.language)),
        shown="download",
    )
    yield from _own("status")
    yield _field("evidence", _evidence, shown="download")
    yield _field("reading", _reading, shown="download")


def _evidence(line: EffectLine, estimate: Estimate) -> Cell:
    if not _has_jackknife(line):
        return table.none()
    found = strength(line.source, line.specification, line.outcome, estimate)
    return table.text(line.source.wording(f"evidence.{found}"))


def _reading(line: EffectLine, estimate: Estimate) -> Cell:
    return table.text(sentences.effect_sentence(line.source, estimate))


def together_fields(source: Source, chosen: Lines) -> Iterator[Field]:
    """The simultaneous 90 % interval; in downloads the unadjusted one and the checks' p too.

    Parameters
    ----------
    source : Source
    chosen : sequence of EffectLine
    """
    found = _estimates(chosen)
    shown: Shown
    for name in BESIDE:
        if any(diagnostic(source, e, name) for e in found):
            joined: Joined = "to" if name.endswith("_high") else ""
            shown = "print" if name in EQUIVALENCE else "download"
            yield _field(name, partial(_diagnostic, name), shown=shown, joined=joined)
    for name, method in CHECKS.items():
        if any(_adjustment(source, e, method) for e in found):
            shown = "print" if name == "q_sharpened" else "download"
            yield _field(name, partial(adjusted, method), shown=shown)


def _adjustment(source: Source, estimate: Estimate, method: str) -> Adjustment | None:
    """The adjustment of an estimate by one method, where it was made."""
    asked = (estimate.outcome, estimate.specification, estimate.estimand, method)
    for made in source.records.adjustments:
        if (made.outcome, made.specification, made.estimand, made.method) == asked:
            return made
    return None


def adjusted(method: str, line: EffectLine, estimate: Estimate) -> Cell:
    """p of an estimate by another way to adjust; a dash where it was not adjusted so.

    Parameters
    ----------
    method : str
        One of the values of `CHECKS`.
    line : EffectLine
    estimate : Estimate
    """
    found = _adjustment(line.source, estimate, method)
    return table.none() if found is None else table.p_value(found.p_adjusted)


def _diagnostic(name: str, line: EffectLine, estimate: Estimate) -> Cell:
    found = diagnostic(line.source, estimate, name)
    value = found.value if isinstance(found, Diagnostic) else found
    unit = found.unit if isinstance(found, Diagnostic) else ""

    def make(number: float) -> Cell:
        if name in BESIDE:
            return _effect(line, number)
        if name == "type_s":
            return table.p_value(number)
        decimals = {"closed_form_mde": line.outcome.decimals, "type_m": 1, "icc": 3}[name]
        return table.number(number, decimals=decimals, unit=unit)

    return estimate_rows.quantity_cell(line.source, value, make)


def conclusion_fields(source: Source, chosen: Lines) -> Iterator[Field]:
    """The smallest effect that matters, where the plan names one, and the conclusions drawn.

    Parameters
    ----------
    source : Source
    chosen : sequence of EffectLine
    """
    if any(x.outcome.smallest_effect is not None for x in chosen):
        yield _field("smallest_effect", _smallest, shown="with unit")
        if any(concluded(source, e) for e in _estimates(chosen)):
            yield _field("conclusion", _conclusion)


def _smallest(line: EffectLine, estimate: Estimate) -> Cell:
    smallest = line.outcome.smallest_effect
    return table.none() if smallest is None else _size(line, smallest, estimate.mde)


def _conclusion(line: EffectLine, estimate: Estimate) -> Cell:
    found = headlines.PrimaryResult.of(line.source, estimate)
    return table.none() if found is None else table.text(headlines.label(found))


def _size_fields(source: Source, chosen: Lines) -> Iterator[Field]:
    """Interviews by arm and round, the rounds of an arm in one printed column."""
    present = {(level.arm, level.round) for x in chosen for level in interviews_behind(x)}
    study = source.configuration.study
    for arm in study.arm:
        for number, round_ in enumerate(r for r in study.rounds if (arm.id, r) in present):
            column = table_frame.column(
                source, "n_arm_round", joined="slash" if number else "", arm=arm.id, round_=round_
            )
            yield Field(column=column, cell=partial(_interviews, arm.id, round_))


def _interviews(arm: str, round_: str, line: EffectLine, _: Estimate) -> Cell:
    cell = next((x for x in interviews_behind(line) if (x.arm, x.round) == (arm, round_)), None)
    return table.none() if cell is None else table.count(cell.n)
