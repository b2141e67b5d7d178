"""For whom: differences between the effects on groups, and how many more took part.

What is asked is whether two groups' effects differ. That one group's interval excludes zero and
another's does not is no answer to it, so that a group's own effect is not shown.
"""

from collections.abc import Sequence

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, lines_of
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table
from evaluation.report.formats.words import begun, labelled
from evaluation.report.heterogeneity_rows import (
    JOINT,
    Trait,
    adjusted,
    group_label,
    group_sentence,
    looks,
    traits,
)
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import counted
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import Part, RowKey

SUBGROUP_COLUMNS: tuple[tuple[str, Shown], ...] = (
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
FIELDS = ("estimate", *(name for name, _ in SUBGROUP_COLUMNS))


@table.builds
def subgroups(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and trait: the differences between groups."""
    outcomes = source.outcomes_of(exhibit)
    chosen = [trait for outcome in outcomes for trait in traits(exhibit, source, outcome)]
    rows = tuple(row for trait in chosen for row in _subgroup_rows(trait))
    lead = (
        _own_column(source, "subgroup"),
        Column(
            id="estimate",
            label=wording("subgroups.head.effect", source.language),
            shown="with unit",
        ),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=(*lead, *(_column(source, name, shown) for name, shown in SUBGROUP_COLUMNS)),
        rows=rows,
        generated=(
            *_subgroup_notes(source, chosen),
            *_few_places(source, rows),
        ),
        status=records.statuses(x.found for t in chosen for x in t.differences),
        said=(
            *((o.id, group_sentence([t for t in chosen if t.outcome == o])) for o in outcomes),
            ("looks", looks(chosen, source.language)),
        ),
    )


def _column(source: Source, name: str, shown: Shown) -> Column:
    if name in entries("subgroups.head"):
        return _own_column(source, name, shown)
    return table_frame.column(source, name, joined="to" if name == "ci_high" else "", shown=shown)


def _own_column(source: Source, name: str, shown: Shown = "print") -> Column:
    clusters = source.configuration.study.names.clusters[source.language]
    label = wording(f"subgroups.head.{name}", source.language, clusters=clusters)
    return Column(
        id=name, label=words.begun(label) if label.startswith(clusters) else label, shown=shown
    )


def _subgroup_rows(trait: Trait) -> tuple[Row, ...]:
    language = trait.source.language
    heading = (
        f"{trait.outcome.label[language]} \N{EN DASH} {trait.check.label[language]} ({trait.known})"
    )
    joint = [_joint_row(trait, heading)] if trait.joint else []
    return (
        *joint,
        *(_subgroup_row(trait, line, heading) for line in trait.differences),
    )


def _joint_row(trait: Trait, heading: str) -> Row:
    first, second, f, p = trait.joint or ()
    language = trait.source.language
    label = wording(
        "subgroups.joint",
        language,
        first=number_format.plain(first, 0, language),
        second=number_format.plain(second, 0, language),
        f=number_format.plain(f, 2, language),
    )
    before = estimate_rows.padded(FIELDS.index("p_value"))
    p_cells = estimate_rows.padded(len(FIELDS), *before, table.p_value(p))
    cells = (table.text(label), *p_cells)
    return Row(id=f"{trait.outcome.id}-{trait.check.id}-{JOINT}", group=heading, cells=cells)


def _subgroup_row(trait: Trait, line: CheckLine, heading: str) -> Row:
    return Row(
        id=f"{trait.outcome.id}-{line.id}",
        group=heading,
        cells=(table.text(group_label(trait, line)), *_subgroup_cells(trait, line)),
    )


def _subgroup_cells(trait: Trait, line: CheckLine) -> tuple[Cell, ...]:
    return estimate_rows.cells(
        trait.source,
        line.found,
        FIELDS,
        decimals=trait.outcome.decimals,
        given={
            "clusters_without_group": _without_group(trait, line.sample),
            "known": table.text(trait.known),
        },
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
    of_clusters = [i + 2 for i, (name, _) in enumerate(SUBGROUP_COLUMNS) if "clusters" in name]
    shown = [row.cells for row in rows if row.cells[1].kind == "effect"]
    if not any(found[i].kind == "suppressed" for found in shown for i in of_clusters):
        return ()
    study, language = source.configuration.study, source.language
    named = study.names.clusters[language]
    least = study.minimum_clusters
    return (wording("subgroups.few-places", language, clusters=named, least=least),)


def _subgroup_notes(source: Source, chosen: list[Trait]) -> tuple[str, ...]:
    checks = list({t.check.id: t.check for t in chosen}.values())
    found = [x.found for t in chosen for x in t.differences]
    return (
        wording("subgroups.differences", source.language),
        *_adjusted(chosen, source.language),
        wording("subgroups.traits", source.language),
        records.answers(source, checks),
        *_not_covered(source, chosen, checks),
        *estimate_rows.linear_inference(source, found),
        notes.signs(source.language),
        notes.in_downloads(
            [
                table_frame.head(source, "estimate_sd"),
                table_frame.head(source, "std_error"),
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


FIRST_STAGE, DILUTION = "first_stage", "dilution"
KEY = Part(FIRST_STAGE)
SHARE_DECIMALS, DILUTION_DECIMALS = 1, 3  # of percentage points, of a share
EXPOSURE_COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("estimate_sd", "download"),
    ("std_error", "download"),
    ("status", "download"),
)
EXPOSURE_FIELDS = tuple(name for name, _ in EXPOSURE_COLUMNS)
Found = Estimate | Unavailable


@table.builds
def exposure(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: intention to treat, first stage and dilution.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has no check of exposure.
    """
    checks = records.checks_of(source, "exposure")
    pairs = records.asked(exhibit, source, checks)
    rows = tuple(row for check, outcome in pairs for row in _exposure_rows(source, check, outcome))
    found = [x for check, outcome in pairs for x in _found(source, check, outcome).values()]
    columns = (
        Column(id="exposure", label=wording("subgroups.head.exposure", source.language)),
        *estimate_rows.columns(source, EXPOSURE_COLUMNS),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=_exposure_notes(source, checks, found),
        status=records.statuses(found),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def _found(source: Source, check: Check, outcome: Outcome) -> dict[str, Found]:
    """The primary estimate and the first stage."""
    first = next((x.found for x in lines_of(source, check, outcome) if x.sample == KEY), None)
    if first is None:
        raise records.missing(source, check, outcome)
    return {"primary": records.primary(source, outcome), FIRST_STAGE: first}


def _exposure_rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    found = _found(source, check, outcome)
    cells = {
        name: estimate_rows.cells(
            source,
            one,
            EXPOSURE_FIELDS,
            decimals=SHARE_DECIMALS if name == FIRST_STAGE else outcome.decimals,
        )
        for name, one in found.items()
    }
    if isinstance(found[FIRST_STAGE], Estimate):
        cells[DILUTION] = _dilution(source, check, outcome)
    clusters = source.configuration.study.names.clusters[source.language]
    return [
        estimate_rows.row(
            source,
            outcome,
            f"{check.id}-{name}",
            begun(wording(f"exposure.row.{name}", source.language, clusters=clusters)),
            of_row,
        )
        for name, of_row in cells.items()
    ]


def _dilution(source: Source, check: Check, outcome: Outcome) -> tuple[Cell, ...]:
    value = records.quantity(source, check, outcome, DILUTION, sample=KEY)
    if value is None:
        raise records.missing(source, check, outcome)
    width = len(EXPOSURE_FIELDS)
    if isinstance(value, Unavailable):
        return estimate_rows.absent(source, value, width)
    return estimate_rows.padded(width, table.number(value, decimals=DILUTION_DECIMALS))


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """The first stage of an outcome and how far it dilutes an effect, or why there is none."""
    found, language = _found(source, check, outcome), source.language
    label, first = outcome.label[language], found[FIRST_STAGE]
    if not isinstance(first, Estimate):
        return wording("exposure.hidden", language, outcome=label)
    holes = {
        "outcome": label,
        "stage": number_format.signed(first.estimate, SHARE_DECIMALS, language),
        "interval": number_format.interval(first.ci_low, first.ci_high, SHARE_DECIMALS, language),
    }
    value = records.quantity(source, check, outcome, DILUTION, sample=KEY)
    if not isinstance(value, float):
        reason = "" if value is None else value.reason.text(language)
        return wording("exposure-not-diluted", language, **holes, reason=reason)
    share = number_format.plain(value, DILUTION_DECIMALS, language)
    return wording("exposure-diluted", language, **holes, share=share)


def _exposure_notes(
    source: Source, checks: tuple[Check, ...], found: list[Found]
) -> tuple[str, ...]:
    language = source.language
    variables = source.configuration.dictionary.variables
    asked = [v for check in checks for v in check.variables]
    named = [variables[v].label[language] if v in variables else v for v in asked]
    return (
        wording("exposure.exposed", language, named="; ".join(named)),
        wording("exposure-note", language),
        records.answers(source, checks),
        *estimate_rows.linear_inference(source, found),
        notes.signs(source.language),
    )
