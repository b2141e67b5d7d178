"""Rows of effects: which outcome by which specification, with its baseline where that may stand."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.report.formats.table import Cell, Column
from evaluation.report.sources import Source, by_family, find, level_rows
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome, Specification
from evaluation.study.records import Estimate, Level, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a row of effects is made from."""

    source: Source
    specification: Specification
    outcome: Outcome
    found: Estimate | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column, and how its cell is made from an estimate."""

    column: Column
    cell: Callable[[Line, Estimate], Cell]


def lines(exhibit: Exhibit, source: Source, *, step: str = "") -> tuple[Line, ...]:
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
        Line(
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


def levels_behind(line: Line) -> tuple[Level, ...]:
    """Levels behind a row; a regression on an analysis file of one round has none."""
    if line.specification.data == "analysis":
        return ()
    return level_rows(line.source, line.outcome.id, line.specification)


def interviews_behind(line: Line) -> tuple[Level, ...]:
    """Levels whose interviews are rows: endline ones where own baseline answers are a regressor."""
    rounds = (
        line.specification.contrast[-1:]
        if line.specification.lag == "respondent"
        else (line.specification.contrast)
    )
    return tuple(level for level in levels_behind(line) if level.round in rounds)
