"""The table of power: how likely each conclusion was in the planned design, by true effect."""

import math
from collections.abc import Sequence

from evaluation.locale.messages import message
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.report.worded import worded
from evaluation.spec.design_records import ConclusionChance
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome

LABELS = {
    "true_effect": worded("power.true-effect"),
    "detected": worded("power.detected"),
    "smaller": worded("power.smaller"),
    "ruled_out": worded("power.ruled-out"),
    "inconclusive": worded("power.inconclusive"),
    "type_s": worded("power.type-s"),
    "type_m": worded("power.type-m"),
}
CONCLUSIONS = ("detected", "smaller", "ruled_out", "inconclusive")
# What is printed with its percent sign.
SHARES = (*CONCLUSIONS, "type_s")
NONE_THAT_MATTERS = worded("power.none")
TIMES = worded("power.times", multiple="{multiple}", effect="{effect}")
# A conclusion that no true effect makes as likely as this is said not to be reachable.
REACHED = 0.05
UNREACHED = {
    "smaller": worded("power.no-smaller", outcomes="{outcomes}"),
    "ruled_out": worded("power.no-ruled-out", outcomes="{outcomes}"),
}


@table.builds
def conclusion_chances(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and true effect; one that says so where nothing was planned."""
    language, made = source.language, source.records.chances
    columns = tuple(
        Column(id=name, label=label[language], shown="with unit" if name in SHARES else "print")
        for name, label in LABELS.items()
    )
    if not made:
        absent = table.unavailable(message("power.not-planned"), language)
        row = Row(id="none", cells=(absent, *(table.none() for _ in columns[1:])))
        return heads.table(exhibit, source, columns=columns, rows=(row,), generated=())
    outcomes = [o for o in source.outcomes_of(exhibit) if o.primary]
    of = {o.id: [x for x in made if x.outcome == o.id] for o in outcomes}
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(_row(source, o, x) for o in outcomes for x in of[o.id]),
        generated=_notes(source, [x for rows in of.values() for x in rows]),
        said=(("reached", said),) if (said := _unreached(source, outcomes, made)) else (),
    )


def _row(source: Source, outcome: Outcome, chance: ConclusionChance) -> Row:
    language = source.language
    if chance.multiple == 0.0:
        lead = NONE_THAT_MATTERS[language]
    else:
        amount = formats.plain(chance.effect, outcome.decimals + 1, language)
        lead = TIMES[language].format(
            multiple=formats.shortest(chance.multiple, language),
            effect=f"{amount} {words.short_unit(outcome.unit, language)}".rstrip(),
        )
    return Row(
        id=f"{outcome.id}-{chance.multiple:g}".replace(".", "_"),
        group=outcome.label[language],
        cells=(
            table.text(lead),
            *(_percent(getattr(chance, name)) for name in CONCLUSIONS),
            _percent(chance.type_s),
            table.none() if math.isnan(chance.type_m) else table.number(chance.type_m, decimals=1),
        ),
    )


def _percent(share: float) -> Cell:
    return table.none() if math.isnan(share) else table.number(100 * share, decimals=1, unit="%")


def _unreached(
    source: Source, outcomes: Sequence[Outcome], made: Sequence[ConclusionChance]
) -> str:
    """Which conclusions this design cannot reach, whatever the truth, and of which outcomes."""
    language = source.language
    said = []
    for name, template in UNREACHED.items():
        best = {o.id: max(getattr(x, name) for x in made if x.outcome == o.id) for o in outcomes}
        named = [
            words.in_sentence(o.label[language].split(" (")[0])
            for o in outcomes
            if best[o.id] < REACHED
        ]
        if named:
            said.append(template[language].format(outcomes=formats.listed(named, language)))
    return " ".join(said)


def _notes(source: Source, made: Sequence[ConclusionChance]) -> tuple[str, ...]:
    language, given = source.language, source.plan.power
    first = made[0]
    errors = "; ".join(
        f"{source.outcome(x.outcome).label[language].split(' (')[0]}"
        f" {formats.plain(x.std_error, source.outcome(x.outcome).decimals + 1, language)}"
        for x in made
        if x.multiple == 0.0
    )
    planned: tuple[str, ...] = ()
    if given is not None:
        text = worded(
            "power.planned",
            treated=given.treated,
            comparison=given.comparison,
            clusters=source.configuration.study.names.clusters[language],
            respondents="{respondents}",
            errors="{errors}",
        )[language].format(respondents=formats.shortest(given.respondents, language), errors=errors)
        model = source.plan.primary_specification()
        if model.method == "ancova":
            deff = formats.shortest(given.weight_deff, language)
            text = f"{text} {worded('power.endlines', deff=deff)[language]}"
        planned = (words.labelled(worded("power.inputs")[language], text),)
    formula = worded("power.formula", outer="{outer}", inner="{inner}")[language].format(
        outer=formats.plain(first.critical, 2, language),
        inner=formats.plain(first.critical_90, 2, language),
    )
    return (
        *planned,
        words.labelled(worded("power.closed-form")[language], formula),
        words.labelled(worded("power.types")[language], worded("power.types-mean")[language]),
        notes.conclusion_rule(language),
    )
