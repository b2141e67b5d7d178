"""The programme's own terms: indicators with targets beside the effects, and costs."""

from typing import Literal

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report import disclosure, estimate_rows
from evaluation.report.effect_rows import Line, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.prose.conclusions import concluded, strength
from evaluation.report.prose.programme import CostOfEffect, cost_of_effect
from evaluation.report.prose.sentences import in_natural_frequencies, in_plain_words
from evaluation.report.sources import Source, level_rows
from evaluation.study.exhibits import Costs, Exhibit
from evaluation.study.records import Estimate, Level, Unavailable


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
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    generated = (
        _to_cite(source),
        _targets(source, chosen),
        words.labelled(
            wording("indicators.means", language), wording("indicators.different", language)
        ),
        *notes.condition([line.specification for line in chosen], language),
        *model_notes.models(source, [line.specification for line in chosen[:1]]),
        *((notes.inference(source, found),) if found else ()),
        words.labelled(
            wording("component.evidence-label", language),
            wording("component.evidence-note", language),
        ),
        notes.signs(language),
        disclosure.rule_note(study, language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=tuple(_row(line) for line in chosen),
        generated=generated,
        status=tuple(e.status for e in found),
        said=tuple(
            (f"{key}_{line.outcome.id}", sentence)
            for line in chosen
            for key, said_as in (
                ("frequency", in_natural_frequencies),
                ("plain", in_plain_words),
            )
            if (sentence := said_as(source, line.outcome, line.found))
        ),
    )


def _columns(source: Source) -> tuple[Column, ...]:
    ends = _ends(source)
    holes = {
        "first": words.in_sentence(source.round_name(ends[0])),
        "last": words.in_sentence(source.round_name(ends[1])),
    }
    groups: list[Column] = []
    for arm in source.configuration.study.arm:
        named = {"arm": source.arm(arm.id), **holes}
        first, last = (
            wording(text, source.language, **named)
            for text in ("indicators.from-to", "indicators.last")
        )
        groups += [
            Column(id=f"mean_{arm.id}_{ends[0]}", label=first, shown="with unit"),
            Column(id=f"mean_{arm.id}_{ends[1]}", label=last, joined="to"),
        ]
    return (
        table_frame.column(source, "indicator"),
        table_frame.column(source, "unit", shown="download"),
        table_frame.column(source, "target", shown="with unit"),
        *groups,
        table_frame.column(source, "estimate", shown="with unit"),
        table_frame.column(source, "ci_low"),
        table_frame.column(source, "ci_high", joined="to"),
        table_frame.column(source, "not_impact"),
    )


def _ends(source: Source) -> tuple[str, str]:
    """First and last round."""
    rounds = source.configuration.study.rounds
    return rounds[0], rounds[-1]


def _row(line: Line) -> Row:
    source, outcome = line.source, line.outcome
    return Row(
        id=outcome.id,
        cells=(
            table.text(outcome.label[source.language]),
            table.text(words.level_unit(outcome.unit, source.language)),
            _target(line),
            *_levels(line),
            *_effect(line),
        ),
    )


def _target(line: Line) -> Cell:
    declared = line.source.configuration.registry.indicator
    target = next((i.target for i in declared if i.outcome == line.outcome.id), None)
    return table.none() if target is None else _level(line, target)


def _levels(line: Line) -> list[Cell]:
    """Levels of each group at both ends; both withheld where one is."""
    source, outcome = line.source, line.outcome
    found = level_rows(source, outcome.id, line.specification)
    cells: list[Cell] = []
    for arm in source.configuration.study.arm:
        of_arm = {x.round: x for x in found if x.arm == arm.id}
        cells += [_shown(line, of_arm.get(round_)) for round_ in _ends(source)]
    return cells


def _shown(line: Line, level: Level | None) -> Cell:
    if level is None:
        return table.none()
    return _level(line, level.mean)


def _level(line: Line, value: float) -> Cell:
    unit = words.level_unit(line.outcome.unit, "en")
    return table.number(value, decimals=line.outcome.decimals, unit=unit)


def _effect(line: Line) -> tuple[Cell, ...]:
    source, found = line.source, line.found
    said = wording("indicators.no-reading", source.language)
    if isinstance(found, Estimate):
        reading = _reading(line, found)
        said = wording("indicators.not-impact", source.language, reading=reading)
        if line.outcome in source.plan.primary_outcomes():
            said = wording("indicators.primary", source.language, said=said)
    fields, decimals = ("estimate", "ci_low", "ci_high"), line.outcome.decimals
    cells = estimate_rows.cells(source, found, fields, decimals=decimals)
    return (*cells, table.text(said))


def _reading(line: Line, estimate: Estimate) -> str:
    """The conclusion on a primary outcome, else how firm the evidence is: a few words."""
    language, outcome = line.source.language, line.outcome
    found = concluded(line.source, estimate)
    if found is not None:
        return found.said(outcome, language)
    firmness = strength(line.source, line.specification, outcome, estimate)
    return wording(f"component.evidence.{firmness}", language)


def _to_cite(source: Source) -> str:
    """Which of several figures on a subject is the result: the plan's primary outcomes."""
    language = source.language
    labels = [
        number_format.quoted(outcome.label[language].split(" (")[0], language)
        for outcome in source.plan.primary_outcomes()
    ]
    named = number_format.listed(labels, language)
    return words.labelled(
        wording("indicators.to-cite", language),
        wording("indicators.cited", language, primary=named),
    )


def _targets(source: Source, chosen: tuple[Line, ...]) -> str:
    """Who set each target; the declared ones only."""
    language = source.language
    shown = {line.outcome.id: line.outcome for line in chosen}
    told: dict[str, list[str]] = {}
    for entry in source.configuration.registry.indicator:
        if entry.outcome in shown:
            label = shown[entry.outcome].label[language].split(" (")[0]
            told.setdefault(entry.source[language], []).append(
                number_format.quoted(label, language)
            )
    if not told:
        return words.labelled(
            wording("indicators.targets", language), wording("indicators.no-targets", language)
        )
    parts = (
        wording(
            "indicators.source-of",
            language,
            outcome=number_format.listed(names, language),
            source=text,
        )
        for text, names in told.items()
    )
    return words.labelled(
        wording("indicators.targets", language),
        *(f"{part}." for part in parts),
        wording("indicators.reached", language),
    )


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
        raise ReportError.of("no-costs", "no-costs", f"exhibit `{exhibit.id}`", rule="no-costs")
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
    return table_frame.table(
        exhibit,
        source,
        columns=(
            table_frame.column(source, "item"),
            table_frame.column(source, "cost", shown="with unit"),
            table_frame.column(source, "cost_low"),
            table_frame.column(source, "cost_high", joined="to"),
            table_frame.column(source, "cost_remark"),
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
        step = number_format.shortest(found.step, language)
        number: Literal["one", "other"] = "one" if found.step == 1 else "other"
        unit = words.unit_in_sentence(outcome.unit, language, number=number)
        label = wording("costs.of-effect", language, step=f"{step} {unit}", outcome=name)
        money = tuple(_money(x, declared, language) for x in (found.cost, found.low, found.high))
        level = number_format.percent(line.source.plan.inference.level, language)
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
        return number_format.count(number, language)
    shown = number_format.plain(number / MILLION, 2, language)
    return wording("costs.millions-of-people", language, n=shown)
