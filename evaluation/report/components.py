"""Which component or expected result an outcome measures, and what was found under each."""

from evaluation.report import heads, table
from evaluation.report.component_words import Found, component_sentence
from evaluation.report.conclusions import direction
from evaluation.report.effect_lines import Field, Line
from evaluation.report.sources import Source, find
from evaluation.report.strength import strength
from evaluation.report.table import Cell
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimate


def component_fields(source: Source) -> list[Field]:
    """The column of components, where the study has a results framework."""
    if not source.configuration.study.component:
        return []
    return [Field(column=heads.column(source, "component"), cell=_component)]


def _component(line: Line, _: Estimate) -> Cell:
    study, language = line.source.configuration.study, line.source.language
    named = [c.label[language] for c in study.component if c.id in line.outcome.components]
    return table.text("; ".join(named)) if named else table.none()


def component_sentences(
    source: Source, specification: Specification
) -> tuple[tuple[str, str], ...]:
    """What was found under each component by one specification, primary outcomes included.

    Parameters
    ----------
    source : Source
    specification : Specification

    Returns
    -------
    tuple of (str, str)
        Component id and sentence; components without an estimate are left out.
    """
    said = []
    outcomes = source.plan.outcomes_of(specification)
    for component in source.configuration.study.component:
        found = [
            made
            for o in outcomes
            if component.id in o.components and (made := _found(source, specification, o))
        ]
        if found:
            said.append((component.id, component_sentence(found, language=source.language)))
    return tuple(said)


def _found(source: Source, specification: Specification, outcome: Outcome) -> Found | None:
    step = source.plan.read_by(specification)
    estimate = find(source, outcome.id, specification=specification, step=step)
    if not isinstance(estimate, Estimate):
        return None
    return Found(
        label=outcome.label[source.language],
        strength=strength(source, specification, outcome, estimate),
        direction=direction(estimate.estimate, outcome.desired),
    )
