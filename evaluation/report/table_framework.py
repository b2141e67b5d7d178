"""The results framework: components and expected results, their outcomes, and what was found."""

from evaluation.report import formats, heads, notes, notes_model, sentences, table, words
from evaluation.report.component_words import (
    HOW,
    STRENGTH,
    STRENGTHS,
    Found,
    component_sentence,
)
from evaluation.report.conclusions import concluded, direction
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.strength import strength
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.load import Text
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimate, Unavailable

ORDER = Text(en="Order", es="Orden")
UNDER_EACH = Text(
    en="An outcome that serves two components or results is under each.",
    es="Un resultado que sirve a dos componentes o resultados esperados aparece en cada uno.",
)
READING = Text(en="Reading", es="Lectura")
READ_BY = Text(
    en="For primary outcomes the conclusion, by the rule under the table of primary estimates. For"
    " all others, whether the {level} interval includes zero. That does not show that nothing"
    " changed:"
    " the interval says which effects remain possible. The downloads hold each reading in full.",
    es="En los resultados primarios, la conclusión, según la regla que está debajo de la tabla de"
    " estimaciones primarias. En los demás, si el intervalo del {level} incluye el cero. Eso no"
    " muestra que nada haya cambiado: el intervalo dice qué efectos siguen siendo posibles. Los"
    " archivos para descargar traen cada lectura completa.",
)


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
        *(
            (notes.inference(source, found), *notes.adjustments(found, source.language))
            if found
            else ()
        ),
        notes.signs(source.language),
        words.labelled(ORDER[source.language], UNDER_EACH[source.language]),
        words.labelled(STRENGTH[source.language], HOW[source.language]),
        _reading_note(source),
    )
    status = tuple(e.status for e in found)
    return heads.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=rows,
        generated=generated,
        status=status,
        said=_said(source, specification, outcomes),
    )


def _said(
    source: Source, specification: Specification, outcomes: list[Outcome]
) -> tuple[tuple[str, str], ...]:
    """What was found under each component, by its id."""
    language = source.language
    told = []
    for component in source.configuration.study.component:
        found = [
            Found(
                label=o.label[language],
                strength=strength(source, specification, o, estimate),
                direction=direction(estimate.estimate, o.desired),
            )
            for o in outcomes
            if component.id in o.components
            and isinstance(estimate := _found(source, specification, o), Estimate)
        ]
        if found:
            told.append((component.id, component_sentence(found, language=language)))
    return tuple(told)


def _columns(source: Source) -> tuple[Column, ...]:
    return (
        heads.column(source, "outcome"),
        heads.column(source, "family", shown="download"),
        heads.column(source, "unit", shown="download"),
        heads.column(source, "estimate", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "p_adjusted", shown="download"),
        heads.column(source, "strength"),
        heads.column(source, "short_reading"),
        heads.column(source, "reading", shown="download"),
    )


def _reading_note(source: Source) -> str:
    language = source.language
    level = formats.percent(source.plan.inference.level, language)
    return words.labelled(READING[language], READ_BY[language].format(level=level))


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
        cells=(*lead, *_cells(source, specification, outcome)),
    )


def _cells(source: Source, specification: Specification, outcome: Outcome) -> tuple[Cell, ...]:
    found = _found(source, specification, outcome)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *(table.none(),) * 6)
    shown = STRENGTHS[strength(source, specification, outcome, found)]
    language, found_out = source.language, concluded(source, found)
    unit, decimals = words.unit(outcome.unit, "en"), outcome.decimals
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        table.effect(found.ci_low, decimals=decimals, unit=unit),
        table.effect(found.ci_high, decimals=decimals, unit=unit),
        table.adjusted_p(found.p_adjusted, adjustment=found.adjustment),
        table.text(shown[language]),
        table.text(sentences.short_reading(found, outcome, language=language, concluded=found_out)),
        table.text(
            sentences.effect_sentence(found, outcome, language=language, concluded=found_out)
        ),
    )
