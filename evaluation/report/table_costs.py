"""What the programme cost: per resident, per participant, and per unit of effect where known."""

from typing import Literal

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import formats, heads, table, words
from evaluation.report.costs import CostOfEffect, cost_of_effect
from evaluation.report.effect_lines import Line, lines
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.programme import Costs
from evaluation.spec.records import Estimate, Unavailable

# A whole number of seven digits reads like one on an id card, and is hard to read besides.
MILLION = 1_000_000


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
    note = wording(
        "costs.declared",
        language,
        currency=declared.currency,
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
        generated=(words.labelled(wording("costs.costs", language), note),),
        status=tuple(e.status for e in found),
        said=tuple(
            (f"effect_{line.outcome.id}", row.cells[-1].text)
            for line, row in zip(chosen, of_effects, strict=True)
        ),
    )


def _totals(declared: Costs, language: str) -> tuple[Row, ...]:
    among = {"residents": "costs.among-residents", "participants": "costs.among-participants"}
    remark = {
        name: table.text(wording(text, language, n=_people(getattr(declared, name), language)))
        for name, text in among.items()
    }
    whole = declared.amount
    parts = (
        ("whole", "costs.whole", whole, table.none()),
        ("per_resident", "costs.resident", whole / declared.residents, remark["residents"]),
        (
            "per_participant",
            "costs.participant",
            whole / declared.participants,
            remark["participants"],
        ),
    )
    return tuple(
        Row(
            id=name,
            cells=(
                table.text(wording(label, language)),
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
    found = _cost(line, declared, name)
    if isinstance(found, CostOfEffect):
        step = formats.shortest(found.step, language)
        number: Literal["one", "other"] = "one" if found.step == 1 else "other"
        unit = words.unit_in_sentence(outcome.unit, language, number=number)
        label = wording("costs.of-effect", language, step=f"{step} {unit}", outcome=name)
        money = tuple(_money(x, declared, language) for x in (found.cost, found.low, found.high))
        level = formats.percent(line.source.plan.inference.level, language)
        remark = wording("costs.from-interval", language, level=level)
    else:
        label, money, remark = words.begun(name), (table.none(),) * 3, found
    return Row(id=f"effect_{outcome.id}", cells=(table.text(label), *money, table.text(remark)))


def _cost(line: Line, declared: Costs, name: str) -> CostOfEffect | str:
    """The cost of one unit of effect, or the sentence that says why there is none."""
    language = line.source.language
    if isinstance(line.found, Unavailable):
        return wording("costs.absent", language, outcome=name)
    found = cost_of_effect(declared.amount / declared.residents, line.found, line.outcome)
    return (
        found
        if isinstance(found, CostOfEffect)
        else wording(f"costs.why-not.{found}", language, outcome=name)
    )


def _money(value: float, declared: Costs, language: str) -> Cell:
    """An amount, from a million on in millions."""
    unit = declared.currency
    if value >= MILLION:
        value, unit = value / MILLION, wording("costs.millions", language, what=unit)
    # three digits say enough of a small amount; cents of a large one say nothing
    decimals = 0 if value >= 100 else 2
    return table.number(value, decimals=decimals, unit=unit)


def _people(number: int, language: str) -> str:
    """A number of people, from a million on in millions."""
    if number < MILLION:
        return formats.count(number, language)
    shown = formats.plain(number / MILLION, 2, language)
    return wording("costs.millions-of-people", language, n=shown)
