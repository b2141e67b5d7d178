"""Indicators as programmes report them: baseline, endline and target, with the effect beside."""

from evaluation.locale.messages import wording
from evaluation.report import (
    disclosure,
    formats,
    heads,
    notes,
    notes_model,
    table,
    words,
)
from evaluation.report.conclusions import concluded
from evaluation.report.effect_lines import Line, lines
from evaluation.report.frequencies import in_natural_frequencies, in_plain_words
from evaluation.report.sources import Source, level_rows
from evaluation.report.strength import strength
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate, Level, Unavailable


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
        *notes_model.models(source, [line.specification for line in chosen[:1]]),
        *((notes.inference(source, found),) if found else ()),
        words.labelled(
            wording("component.evidence-label", language),
            wording("component.evidence-note", language),
        ),
        notes.signs(language),
        disclosure.rule_note(study, language),
    )
    return heads.table(
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
        heads.column(source, "indicator"),
        heads.column(source, "unit", shown="download"),
        heads.column(source, "target", shown="with unit"),
        *groups,
        heads.column(source, "estimate", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "not_impact"),
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
    language, outcome, found = line.source.language, line.outcome, line.found
    if isinstance(found, Unavailable):
        absent = table.unavailable(found.reason, language)
        return (
            absent,
            table.none(),
            table.none(),
            table.text(wording("indicators.no-reading", language)),
        )
    unit = words.unit(outcome.unit, "en")
    effects = (
        table.effect(value, decimals=outcome.decimals, unit=unit)
        for value in (found.estimate, found.ci_low, found.ci_high)
    )
    shown = wording("indicators.not-impact", language, reading=_reading(line, found))
    if outcome in line.source.plan.primary_outcomes():
        shown = wording("indicators.primary", language, said=shown)
    return (*effects, table.text(shown))


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
        formats.quoted(outcome.label[language].split(" (")[0], language)
        for outcome in source.plan.primary_outcomes()
    ]
    named = formats.listed(labels, language)
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
            told.setdefault(entry.source[language], []).append(formats.quoted(label, language))
    if not told:
        return words.labelled(
            wording("indicators.targets", language), wording("indicators.no-targets", language)
        )
    parts = (
        wording(
            "indicators.source-of", language, outcome=formats.listed(names, language), source=text
        )
        for text, names in told.items()
    )
    return words.labelled(
        wording("indicators.targets", language),
        *(f"{part}." for part in parts),
        wording("indicators.reached", language),
    )
