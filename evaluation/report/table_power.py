"""The table of power: how likely each conclusion was in the planned design, by true effect."""

import math
from collections.abc import Sequence

from evaluation.locale.messages import message, wording
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.design_records import ConclusionChance
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome

CONCLUSIONS = ("detected", "smaller", "ruled_out", "inconclusive")
# What is printed with its percent sign.
SHARES = (*CONCLUSIONS, "type_s")
# A conclusion that no true effect makes as likely as this is said not to be reachable.
REACHED = 0.05


@table.builds
def conclusion_chances(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and true effect; one that says so where nothing was planned."""
    language, made = source.language, source.records.chances
    columns = tuple(
        Column(
            id=name,
            label=wording(f"power.{name}", language),
            shown="with unit" if name in SHARES else "print",
        )
        for name in ("true_effect", *CONCLUSIONS, "type_s", "type_m")
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
        lead = wording("power.none", language)
    else:
        amount = formats.plain(chance.effect, outcome.decimals + 1, language)
        lead = wording(
            "power.times",
            language,
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
    for name in ("smaller", "ruled_out"):
        best = {o.id: max(getattr(x, name) for x in made if x.outcome == o.id) for o in outcomes}
        named = [
            words.in_sentence(o.label[language].split(" (")[0])
            for o in outcomes
            if best[o.id] < REACHED
        ]
        if named:
            listed = formats.listed(named, language)
            said.append(wording(f"power.unreached.{name}", language, outcomes=listed))
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
        text = wording(
            "power.planned",
            language,
            treated=given.treated,
            comparison=given.comparison,
            clusters=source.configuration.study.names.clusters[language],
            respondents=formats.shortest(given.respondents, language),
            errors=errors,
        )
        model = source.plan.primary_specification()
        if model.method == "ancova":
            deff = formats.shortest(given.weight_deff, language)
            text = f"{text} {wording('power.endlines', language, deff=deff)}"
        planned = (words.labelled(wording("power.inputs", language), text),)
    formula = wording(
        "power.formula",
        language,
        outer=formats.plain(first.critical, 2, language),
        inner=formats.plain(first.critical_90, 2, language),
    )
    return (
        *planned,
        words.labelled(wording("power.closed-form", language), formula),
        words.labelled(wording("power.types", language), wording("power.types-mean", language)),
        notes.conclusion_rule(language),
    )
