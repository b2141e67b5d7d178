"""What the programme cost: per resident, per participant, and per unit of effect where known."""

from collections.abc import Mapping
from typing import Literal

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report import formats, heads, table, words
from evaluation.report.costs import CostOfEffect, NoCost, cost_of_effect
from evaluation.report.effect_lines import Line, lines
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.load import Text
from evaluation.spec.programme import Costs
from evaluation.spec.records import Estimate, Unavailable

WHOLE = Text(en="Whole cost", es="Costo total")
RESIDENT = Text(en="Per resident", es="Por residente")
PARTICIPANT = Text(en="Per participant", es="Por participante")
# A whole number of seven digits reads like one on an id card, and is hard to read besides.
MILLION = 1_000_000
MILLIONS = Text(en="million {what}", es="millones de {what}")
MILLIONS_OF_PEOPLE = Text(en="{n} million", es="{n} millones de")
OF_EFFECT = Text(
    en="Per resident and {step} of effect: {outcome}",
    es="Por residente y {step} de efecto: {outcome}",
)
AMONG_RESIDENTS = Text(
    en="{n} residents of the places with the programme",
    es="{n} residentes de los lugares con el programa",
)
AMONG_PARTICIPANTS = Text(en="{n} participants", es="{n} participantes")
FROM_INTERVAL = Text(
    en="From the ends of the {level} interval of the effect.",
    es="A partir de los extremos del intervalo del {level} del efecto.",
)
WHY_NOT: Mapping[NoCost, Text] = {
    "zero_inside": Text(
        en="No cost per effect ({outcome}): the interval of the effect includes zero, so that the"
        " cost of one unit could be anything.",
        es="Sin costo por efecto ({outcome}): el intervalo del efecto incluye el cero, de modo"
        " que el costo de una unidad podría ser cualquiera.",
    ),
    "wrong_way": Text(
        en="No cost per effect ({outcome}): the effect goes against the direction that the"
        " programme wanted.",
        es="Sin costo por efecto ({outcome}): el efecto va en contra de la dirección que el"
        " programa buscaba.",
    ),
    "no_direction": Text(
        en="No cost per effect ({outcome}): the programme wanted it neither higher nor lower.",
        es="Sin costo por efecto ({outcome}): el programa no lo quería ni mayor ni menor.",
    ),
    "blinded": Text(
        en="No cost per effect ({outcome}): treatment is scrambled until the plan is locked.",
        es="Sin costo por efecto ({outcome}): la intervención está revuelta al azar hasta que"
        " se fije el plan.",
    ),
}
ABSENT = Text(
    en="No cost per effect ({outcome}): there is no estimate.",
    es="Sin costo por efecto ({outcome}): no hay estimación.",
)
COSTS = Text(en="Costs", es="Costos")
DECLARED = Text(
    en="Amounts in {currency} of {year}. What they cover: {covers}. Source: {source}.",
    es="Montos en {currency} de {year}. Qué cubren: {covers}. Fuente: {source}.",
)


@table.builds
def costs(exhibit: Exhibit, source: Source) -> Table:
    """Whole cost, cost per resident and participant, and one row per outcome.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes and one specification.
    source : Source
        Records, configuration with the declared costs, and language.

    Raises
    ------
    ReportError
        The study declares no costs.
    """
    declared, language = source.configuration.registry.costs, source.language
    if declared is None:
        raise ReportError(
            message("no-costs.problem"),
            where=f"exhibit `{exhibit.id}`",
            mend=message("no-costs.mend"),
            rule="no-costs",
        )
    chosen = lines(exhibit, source)
    of_effects = [_effect_row(line, declared) for line in chosen]
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    note = DECLARED[language].format(
        currency=declared.currency,
        # a year has no mark of thousands
        year=str(declared.year),
        covers=declared.covers[language],
        source=declared.source[language],
    )
    return heads.table(
        exhibit,
        source,
        columns=(
            heads.column(source, "item"),
            heads.column(source, "cost", shown="with unit"),
            heads.column(source, "cost_low"),
            heads.column(source, "cost_high", joined="to"),
            heads.column(source, "cost_remark"),
        ),
        rows=(*_totals(declared, language), *of_effects),
        generated=(words.labelled(COSTS[language], note),),
        status=tuple(e.status for e in found),
        said=tuple(
            (f"effect_{line.outcome.id}", row.cells[-1].text)
            for line, row in zip(chosen, of_effects, strict=True)
        ),
    )


def _totals(declared: Costs, language: str) -> tuple[Row, ...]:
    among = {"residents": AMONG_RESIDENTS, "participants": AMONG_PARTICIPANTS}
    remark = {
        name: table.text(text[language].format(n=_people(getattr(declared, name), language)))
        for name, text in among.items()
    }
    whole = declared.amount
    parts = (
        ("whole", WHOLE, whole, table.none()),
        ("per_resident", RESIDENT, whole / declared.residents, remark["residents"]),
        ("per_participant", PARTICIPANT, whole / declared.participants, remark["participants"]),
    )
    return tuple(
        Row(
            id=name,
            cells=(
                table.text(label[language]),
                _money(value, declared, language),
                *(table.none(),) * 2,
                behind,
            ),
        )
        for name, label, value, behind in parts
    )


def _effect_row(line: Line, declared: Costs) -> Row:
    language, outcome = line.source.language, line.outcome
    name = words.in_sentence(words.spoken(outcome.label[language], language))
    found = _cost(line, declared)
    if isinstance(found, CostOfEffect):
        step = formats.shortest(found.step, language)
        number: Literal["one", "other"] = "one" if found.step == 1 else "other"
        unit = words.unit_in_sentence(outcome.unit, language, number=number)
        label = OF_EFFECT[language].format(step=f"{step} {unit}", outcome=name)
        money = tuple(_money(x, declared, language) for x in (found.cost, found.low, found.high))
        level = formats.percent(line.source.plan.inference.level, language)
        remark = FROM_INTERVAL[language].format(level=level)
    else:
        label, money, remark = words.begun(name), (table.none(),) * 3, found.format(outcome=name)
    return Row(id=f"effect_{outcome.id}", cells=(table.text(label), *money, table.text(remark)))


def _cost(line: Line, declared: Costs) -> CostOfEffect | str:
    """The cost of one unit of effect, or the sentence that says why there is none."""
    if isinstance(line.found, Unavailable):
        return ABSENT[line.source.language]
    found = cost_of_effect(declared.amount / declared.residents, line.found, line.outcome)
    return found if isinstance(found, CostOfEffect) else WHY_NOT[found][line.source.language]


def _money(value: float, declared: Costs, language: str) -> Cell:
    """An amount, from a million on in millions."""
    unit = declared.currency
    if value >= MILLION:
        value, unit = value / MILLION, MILLIONS[language].format(what=unit)
    # three digits say enough of a small amount; cents of a large one say nothing
    decimals = 0 if value >= 100 else 2
    return table.number(value, decimals=decimals, unit=unit)


def _people(number: int, language: str) -> str:
    """A number of people, from a million on in millions."""
    if number < MILLION:
        return formats.count(number, language)
    shown = formats.plain(number / MILLION, 2, language)
    return MILLIONS_OF_PEOPLE[language].format(n=shown)
