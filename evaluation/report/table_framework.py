"""The results framework: components and expected results, their outcomes, and what was found."""

from evaluation.report import formats, heads, notes, notes_model, sentences, table, words
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimate, Unavailable


def framework(exhibit: Exhibit, source: Source) -> Table:
    """One row per component (or expected result) and outcome, by the primary specification."""
    specification = (
        source.specification(exhibit.specifications[0])
        if exhibit.specifications
        else source.plan.primary_specification()
    )
    outcomes = [
        o
        for o in source.plan.outcomes_of(specification)
        if (not exhibit.outcomes or o.id in exhibit.outcomes)
        and (not exhibit.families or o.family in exhibit.families)
    ]
    rows = tuple(
        _row(source, specification, outcome, component.id)
        for component in source.configuration.study.component
        for outcome in outcomes
        if component.id in outcome.components
    )
    found = [e for o in outcomes if isinstance(e := _found(source, specification, o), Estimate)]
    generated = (
        *notes_model.models(source, [specification]),
        *((notes.inference(source, found), *notes.adjustments(found)) if found else ()),
        notes.signs(),
        words.labelled("Order", "An outcome that serves two components or results is under each."),
        _reading_note(source),
    )
    status = tuple(e.status for e in found)
    return heads.table(
        exhibit, source, columns=_columns(source), rows=rows, generated=generated, status=status
    )


def _columns(source: Source) -> tuple[Column, ...]:
    return (
        heads.column(source, "outcome"),
        heads.column(source, "family", shown="download"),
        heads.column(source, "unit", shown="download"),
        heads.column(source, "estimate", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "p_adjusted"),
        heads.column(source, "short_reading"),
        heads.column(source, "reading", shown="download"),
    )


def _reading_note(source: Source) -> str:
    level = formats.percent(source.plan.inference.level)
    return words.labelled(
        "Reading",
        "For primary outcomes the verdict, by the rule under the table of primary estimates. For"
        f" all others, whether the {level} interval includes zero. That does not show that nothing"
        " changed: the interval says which effects remain possible. The downloads hold each reading"
        " in full.",
    )


def _found(
    source: Source, specification: Specification, outcome: Outcome
) -> Estimate | Unavailable:
    step = primary_step(source, specification)
    return find(source, outcome.id, specification=specification, step=step)


def _row(source: Source, specification: Specification, outcome: Outcome, component: str) -> Row:
    language = source.language
    label = next(c for c in source.configuration.study.component if c.id == component).label
    lead = (
        table.text(outcome.label[language]),
        table.text(source.family(outcome.id)),
        table.text(words.unit(outcome.unit, language)),
    )
    return Row(
        id=f"{component}-{outcome.id}",
        group=label[language],
        cells=(*lead, *_cells(source, outcome, _found(source, specification, outcome))),
    )


def _cells(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *(table.none(),) * 5)
    unit, decimals = words.unit(outcome.unit, "en"), outcome.decimals
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        table.effect(found.ci_low, decimals=decimals, unit=unit),
        table.effect(found.ci_high, decimals=decimals, unit=unit),
        table.adjusted_p(found.p_adjusted, adjustment=found.adjustment),
        table.text(sentences.short_reading(found, outcome)),
        table.text(sentences.effect_sentence(found, outcome)),
    )
