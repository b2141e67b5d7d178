"""Differences between the effects on groups of people or of places.

What is asked is whether two groups' effects differ. That one group's interval excludes zero and
another's does not is no answer to it, so that a group's own effect is not shown.
"""

from collections.abc import Sequence

from evaluation.locale.messages import entries, wording
from evaluation.report import check_records as records
from evaluation.report import (
    formats,
    heads,
    notes,
    table,
    words,
)
from evaluation.report.check_lines import CheckLine
from evaluation.report.disclosure_pass import counted
from evaluation.report.sources import Source
from evaluation.report.subgroup_lines import JOINT, Trait, adjusted, label, looks, sentence, traits
from evaluation.report.table import Cell, Column, Row, Shown, Table
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import RowKey

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("p_adjusted", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("clusters_without_group", "download"),
    ("estimate_sd", "download"),
    ("std_error", "download"),
    ("step", "download"),
    ("status", "download"),
    ("known", "download"),
)


@table.builds
def subgroups(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and trait: the differences between groups."""
    outcomes = source.outcomes_of(exhibit)
    chosen = [trait for outcome in outcomes for trait in traits(exhibit, source, outcome)]
    rows = tuple(row for trait in chosen for row in _rows(trait))
    lead = (
        _own_column(source, "subgroup"),
        Column(
            id="estimate",
            label=wording("subgroups.head.effect", source.language),
            shown="with unit",
        ),
    )
    return heads.table(
        exhibit,
        source,
        columns=(*lead, *(_column(source, name, shown) for name, shown in COLUMNS)),
        rows=rows,
        generated=(
            *_notes(source, chosen),
            *_few_places(source, rows),
        ),
        status=records.statuses(x.found for t in chosen for x in t.differences),
        said=(
            *((o.id, sentence([t for t in chosen if t.outcome == o])) for o in outcomes),
            ("looks", looks(chosen, source.language)),
        ),
    )


def _column(source: Source, name: str, shown: Shown) -> Column:
    if name in entries("subgroups.head"):
        return _own_column(source, name, shown)
    return heads.column(source, name, joined="to" if name == "ci_high" else "", shown=shown)


def _own_column(source: Source, name: str, shown: Shown = "print") -> Column:
    clusters = source.configuration.study.names.clusters[source.language]
    label = wording(f"subgroups.head.{name}", source.language, clusters=clusters)
    return Column(
        id=name, label=words.begun(label) if label.startswith(clusters) else label, shown=shown
    )


def _rows(trait: Trait) -> tuple[Row, ...]:
    language = trait.source.language
    heading = (
        f"{trait.outcome.label[language]} \N{EN DASH} {trait.check.label[language]} ({trait.known})"
    )
    joint = [_joint_row(trait, heading)] if trait.joint else []
    return (
        *joint,
        *(_row(trait, line, heading) for line in trait.differences),
    )


def _joint_row(trait: Trait, heading: str) -> Row:
    first, second, f, p = trait.joint or ()
    language = trait.source.language
    label = wording(
        "subgroups.joint",
        language,
        first=formats.plain(first, 0, language),
        second=formats.plain(second, 0, language),
        f=formats.plain(f, 2, language),
    )
    empty = (table.none(),) * (len(COLUMNS) - 3)
    cells = (table.text(label), *(table.none(),) * 3, table.p_value(p), *empty)
    return Row(id=f"{trait.outcome.id}-{trait.check.id}-{JOINT}", group=heading, cells=cells)


def _row(trait: Trait, line: CheckLine, heading: str) -> Row:
    return Row(
        id=f"{trait.outcome.id}-{line.id}",
        group=heading,
        cells=(table.text(label(trait, line)), *_cells(trait, line)),
    )


def _cells(trait: Trait, line: CheckLine) -> tuple[Cell, ...]:
    source, outcome, found = trait.source, trait.outcome, line.found
    empty = (table.none(),) * len(COLUMNS)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *empty)
    unit = words.unit(outcome.unit, "en")
    return (
        table.effect(found.estimate, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_low, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_high, decimals=outcome.decimals, unit=unit),
        table.p_value(found.p_value),
        table.adjusted_p(found.p_adjusted, adjustment=found.adjustment),
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
        _without_group(trait, line.sample),
        table.in_sd(found.estimate_sd),
        table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
        table.text(words.step(found.step, source.language)),
        table.text(words.status(found.status, source.language)),
        table.text(trait.known),
    )


def _without_group(trait: Trait, sample: RowKey) -> Cell:
    """Clusters in which everybody interviewed has another trait."""
    name = "clusters_without_group"
    found = records.quantity(trait.source, trait.check, trait.outcome, name, sample=sample)
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, trait.source.language)
    return table.none() if found is None else table.count(int(found))


def _few_places(source: Source, rows: Sequence[Row]) -> tuple[str, ...]:
    """Why a row's clusters are not counted, where one's are not."""
    of_clusters = [i + 2 for i, (name, _) in enumerate(COLUMNS) if "clusters" in name]
    shown = [row.cells for row in rows if row.cells[1].kind == "effect"]
    if not any(found[i].kind == "suppressed" for found in shown for i in of_clusters):
        return ()
    study, language = source.configuration.study, source.language
    named = study.names.clusters[language]
    least = study.minimum_clusters
    return (wording("subgroups.few-places", language, clusters=named, least=least),)


def _notes(source: Source, chosen: list[Trait]) -> tuple[str, ...]:
    checks = list({t.check.id: t.check for t in chosen}.values())
    found = [x.found for t in chosen for x in t.differences]
    linear = [e for e in found if isinstance(e, Estimate) and e.step == "wcr_s"]
    return (
        wording("subgroups.differences", source.language),
        *_adjusted(chosen, source.language),
        wording("subgroups.traits", source.language),
        records.answers(source, checks),
        *_not_covered(source, chosen, checks),
        *((notes.inference(source, linear),) if linear else ()),
        notes.signs(source.language),
        notes.in_downloads(
            [
                heads.head(source, "estimate_sd"),
                heads.head(source, "std_error"),
            ],
            source.language,
        )[0],
    )


def _adjusted(chosen: list[Trait], language: str) -> tuple[str, ...]:
    numbers = {t.outcome.id: len(adjusted(chosen, t.outcome)) for t in chosen}
    if not any(numbers.values()):
        return ()
    low, high = min(numbers.values()), max(numbers.values())
    several = str(high) if low == high else wording("format.range", language, low=low, high=high)
    cohorts = any(t.check.kind == "cohorts" for t in chosen)
    over = "subgroups.adjusted-over-subgroups" if cohorts else "subgroups.adjusted-over"
    return (
        labelled(
            wording("subgroups.adjusted", language),
            wording(over, language, several=several),
            wording("subgroups.several-outcomes", language) if len(numbers) > 1 else "",
            wording("subgroups.cohorts-not-adjusted", language) if cohorts else "",
        ),
    )


def _not_covered(source: Source, chosen: list[Trait], checks: list[Check]) -> tuple[str, ...]:
    """Interviews whose trait is not known are in no group's row."""
    said, language = [], source.language
    for check in checks:
        counts = [
            records.quantity(source, check, t.outcome, "interviews_without_trait")
            for t in chosen
            if t.check == check
        ]
        most = int(max((x for x in counts if isinstance(x, float)), default=0.0))
        if most:
            shown = table.printed(counted(most, "interviews", source), language).text
            said.append(f"{check.label[language]} {shown}")
    clusters = source.configuration.study.names.clusters[language]
    unknown = wording("subgroups.without-trait", language, said="; ".join(said))
    return (
        labelled(
            wording("subgroups.not-covered", language),
            unknown if said else "",
            wording("subgroups.fewer-places", language, clusters=clusters),
        ),
    )
