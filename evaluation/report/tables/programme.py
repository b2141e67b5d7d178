"""The programme's own terms: indicators with targets beside the effects, and costs."""

from collections.abc import Iterator, Sequence
from typing import Literal

from evaluation.config.exhibits import Costs, Exhibit
from evaluation.config.plan import Outcome
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import disclosure, estimate_rows
from evaluation.report.effect_rows import EffectLine, level_cell, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.prose.conclusions import strength
from evaluation.report.prose.headlines import PrimaryResult, label
from evaluation.report.prose.programme import CostOfEffect, cost_of_effect
from evaluation.report.prose.sentences import in_natural_frequencies, in_plain_words
from evaluation.report.sources import Source, level_rows


@table.builds
def indicators(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome: target, first and last level of each group, and the effect.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes and one specification.
    source : Source
        Records, configuration with the declared targets, and language.

    Raises
    ------
    ReportError
        An outcome has no levels, or neither an estimate nor a reason.
    """
    language, study = source.language, source.configuration.study
    chosen = lines(exhibit, source)
    found = [line.found for line in chosen]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("indicator"),
            *table.columns("unit", shown="download"),
            *table.columns("target", shown="with unit"),
            *_level_columns(source),
            *table.columns("estimate", shown="with unit"),
            *table.columns("ci_low", "ci_high", "not_impact"),
        ),
        rows=map(_row, chosen),
        generated=(
            _to_cite(source),
            _targets(source, chosen),
            source.note("indicators.means", "indicators.different"),
            *notes.condition([line.specification for line in chosen], language),
            *model_notes.models(source, [line.specification for line in chosen[:1]]),
            *notes.inference(source, found),
            source.note("component.evidence-label", "component.evidence-note"),
            notes.signs(language),
            disclosure.rule_note(study, language),
        ),
        found=found,
        sentences=(
            (f"{key}_{line.outcome.id}", sentence(source, line.outcome, line.found))
            for line in chosen
            for key, sentence in (("frequency", in_natural_frequencies), ("plain", in_plain_words))
        ),
    )


def _level_columns(source: Source) -> Iterator[Column]:
    first, last = _ends(source)
    rounds = {
        "first": words.in_sentence(source.round_name(first)),
        "last": words.in_sentence(source.round_name(last)),
    }
    for arm in source.configuration.study.arm:
        holes = {"arm": source.arm(arm.id), **rounds}
        from_to = source.wording("indicators.from-to", **holes)
        yield Column(id=f"mean_{arm.id}_{first}", label=from_to, shown="with unit")
        at_last = source.wording("indicators.last", **holes)
        yield Column(id=f"mean_{arm.id}_{last}", label=at_last, joined="arrow")


def _ends(source: Source) -> tuple[str, str]:
    """First and last round."""
    rounds = source.configuration.study.rounds
    return rounds[0], rounds[-1]


def _row(line: EffectLine) -> Row:
    source, outcome = line.source, line.outcome
    return table.row(
        outcome.id,
        outcome.label[source.language],
        words.level_unit(outcome.unit, source.language),
        _target(line),
        *_levels(line),
        *_effect(line),
    )


def _target(line: EffectLine) -> Cell:
    declared = line.source.configuration.registry.indicator
    target = next((i.target for i in declared if i.outcome == line.outcome.id), None)
    return table.none() if target is None else level_cell(line, target)


def _levels(line: EffectLine) -> Iterator[Cell]:
    """Levels of each group at both ends; both withheld where one is."""
    source = line.source
    found = level_rows(source, line.outcome.id, line.specification)
    levels = {(x.arm, x.round): x for x in found}
    for arm in source.configuration.study.arm:
        for round_ in _ends(source):
            x = levels.get((arm.id, round_))
            yield table.none() if x is None else level_cell(line, x.mean, behind=x.n)


def _effect(line: EffectLine) -> tuple[Cell, ...]:
    source, found = line.source, line.found
    remark = _reading(line, found) if isinstance(found, Estimate) else ""
    fields, decimals = ("estimate", "ci_low", "ci_high"), line.outcome.decimals
    cells = estimate_rows.cells(source, found, fields, decimals=decimals)
    return (*cells, table.text(remark) if remark else table.none())


def _reading(line: EffectLine, estimate: Estimate) -> str:
    """The conclusion on a primary outcome, else how firm the evidence is, each named as such."""
    outcome = line.outcome
    found = PrimaryResult.of(line.source, estimate)
    if found is not None:
        return line.source.wording("indicators.primary", said=words.begun(label(found)))
    firmness = strength(line.source, line.specification, outcome, estimate)
    said = line.source.wording(f"component.evidence.{firmness}")
    return line.source.wording("indicators.secondary", said=said)


def _to_cite(source: Source) -> str:
    """Which of several figures on a subject is the result: the plan's primary outcomes."""
    labels = [_quoted(source, outcome) for outcome in source.plan.primary_outcomes()]
    named = number_format.listed(labels, source.language)
    return source.note("indicators.to-cite", "indicators.cited", primary=named)


def _quoted(source: Source, outcome: Outcome) -> str:
    """Label of an outcome without what stands in brackets, in quotation marks."""
    return number_format.quoted(outcome.label[source.language].split(" (")[0], source.language)


def _targets(source: Source, chosen: Sequence[EffectLine]) -> str:
    """Who set each target; the declared ones only."""
    outcomes = {line.outcome.id: line.outcome for line in chosen}
    by_source: dict[str, list[str]] = {}
    for entry in source.configuration.registry.indicator:
        if entry.outcome in outcomes:
            label = _quoted(source, outcomes[entry.outcome])
            by_source.setdefault(entry.source[source.language], []).append(label)
    if not by_source:
        return source.note("indicators.targets", "indicators.no-targets")
    parts = (
        source.wording(
            "indicators.source-of",
            outcome=number_format.listed(names, source.language),
            source=text,
        )
        for text, names in by_source.items()
    )
    return words.labelled(
        source.wording("indicators.targets"),
        *(f"{part}." for part in parts),
        source.wording("indicators.reached"),
    )


# A whole number of seven digits reads like one on an id card, and is hard to read besides.
MILLION = 1_000_000


@table.builds
def costs(exhibit: Exhibit, source: Source) -> Table:
    """Total cost, cost per resident and participant, and one row per outcome.

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
        raise ReportError.of("no-costs", "no-costs", f"exhibit `{exhibit.id}`", rule="no-costs")
    chosen = lines(exhibit, source)
    of_effects = [_effect_row(line, declared) for line in chosen]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("item"),
            *table.columns("cost", shown="with unit"),
            *table.columns("cost_low", "cost_high", "cost_remark"),
        ),
        rows=(*_totals(source, declared), *of_effects),
        generated=(
            source.note(
                "costs.costs",
                "costs.declared",
                currency=declared.currency,
                year=str(declared.year),
                covers=declared.covers[language],
                source=declared.source[language],
            ),
        ),
        found=[line.found for line in chosen],
    )


def _totals(source: Source, declared: Costs) -> Iterator[Row]:
    def row(name: str, label: str, people: int, among: Cell | str) -> Row:
        money = _money(source, declared.amount / people, declared)
        return table.row(name, source.wording(label), money, *estimate_rows.padded(2), among)

    residents, participants = declared.residents, declared.participants
    among = source.wording("costs.among-residents", n=_people(source, residents))
    yield row("whole", "costs.whole", 1, table.none())
    yield row("per_resident", "costs.resident", residents, among)
    among = source.wording("costs.among-participants", n=_people(source, participants))
    yield row("per_participant", "costs.participant", participants, among)


def _effect_row(line: EffectLine, declared: Costs) -> Row:
    source, outcome = line.source, line.outcome
    language = source.language
    name = words.noun(outcome, language)
    identifier, found = f"effect_{outcome.id}", _cost(line, declared)
    if not isinstance(found, CostOfEffect):
        reason = source.wording(found, outcome=name)
        return table.row(identifier, words.begun(name), *estimate_rows.padded(3), reason)
    step = number_format.shortest(found.step, language)
    number: Literal["one", "other"] = "one" if found.step == 1 else "other"
    unit = words.unit_in_sentence(outcome.unit, language, number=number)
    level = number_format.percent(source.plan.inference.level, language)
    return table.row(
        identifier,
        source.wording("costs.of-effect", step=f"{step} {unit}", outcome=name),
        *(_money(source, x, declared) for x in (found.cost, found.low, found.high)),
        source.wording("costs.from-interval", level=level),
    )


def _cost(line: EffectLine, declared: Costs) -> CostOfEffect | str:
    """The cost of one unit of effect, or the entry that says why there is none."""
    if isinstance(line.found, Unavailable):
        return "costs.absent"
    found = cost_of_effect(declared.amount / declared.residents, line.found, line.outcome)
    return found if isinstance(found, CostOfEffect) else f"costs.why-not.{found}"


def _money(source: Source, value: float, declared: Costs) -> Cell:
    """An amount, from a million on in millions."""
    unit = declared.currency
    if value >= MILLION:
        value, unit = value / MILLION, source.wording("costs.millions", what=unit)
    # three digits say enough of a small amount; cents of a large one say nothing
    decimals = 0 if value >= 100 else 2
    return table.number(value, decimals=decimals, unit=unit)


def _people(source: Source, number: int) -> str:
    """A number of people, from a million on in millions."""
    if number < MILLION:
        return number_format.count(number, source.language)
    shown = number_format.plain(number / MILLION, 2, source.language)
    return source.wording("costs.millions-of-people", n=shown)
