"""For whom: differences between the effects on groups, and how many more took part.

What is asked is whether two groups' effects differ. That one group's interval excludes zero and
another's does not is no answer to it, so that a group's own effect is not shown.
"""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, CheckResult, answers, checks_of, results
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import begun, labelled
from evaluation.report.heterogeneity_rows import (
    JOINT,
    GroupCheck,
    adjusted,
    group_label,
    group_sentence,
    looks,
    traits,
)
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import counted

NUMBERS = (
    *table.columns("estimate", shown="with unit"),
    *table.columns("ci_low", "ci_high", "p_value", "p_adjusted"),
    *table.columns("n", "n_clusters_treated", "n_clusters_comparison"),
    *table.columns(
        *("clusters_without_group", "estimate_sd", "std_error", "step", "status", "known"),
        shown="download",
    ),
)
FIELDS = tuple(column.id for column in NUMBERS)


@table.builds
def subgroups(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and trait: the differences between groups."""
    outcomes = source.outcomes_of(exhibit)
    chosen = [trait for outcome in outcomes for trait in traits(exhibit, source, outcome)]
    rows = [row for trait in chosen for row in _subgroup_rows(trait)]
    found = [x.found for t in chosen for x in t.differences]
    checks = list({t.check.id: t.check for t in chosen}.values())
    downloads = [table_frame.head(source, name) for name in ("estimate_sd", "std_error")]
    return table_frame.table(
        replace(exhibit, builder="subgroups"),  # a figure shows the same table
        source,
        columns=("subgroup", *NUMBERS),
        rows=rows,
        generated=(
            source.wording("subgroups.differences"),
            _adjusted(source, chosen),
            source.wording("subgroups.traits"),
            answers(source, checks),
            _not_covered(source, chosen, checks),
            *estimate_rows.linear_inference(source, found),
            notes.signs(source.language),
            *notes.in_downloads(downloads, source.language),
            _few_places(source, rows),
        ),
        found=found,
        sentences=(
            *((o.id, group_sentence([t for t in chosen if t.outcome == o])) for o in outcomes),
            ("looks", looks(chosen, source)),
        ),
    )


def _subgroup_rows(trait: GroupCheck) -> list[Row]:
    source, outcome, check = trait.source, trait.outcome, trait.check
    language = source.language
    group = f"{outcome.label[language]} \N{EN DASH} {trait.heading}"
    rows = []
    if trait.joint:
        label = estimate_rows.joint_label(source, "subgroups.joint", trait.joint)
        cells = estimate_rows.joint_cells(FIELDS, trait.joint[-1])
        rows.append(table.row(f"{outcome.id}-{check.id}-{JOINT}", label, *cells, group=group))
    for line in trait.differences:
        cells = trait.result.cells(
            line.found,
            FIELDS,
            clusters_without_group=_without_group(trait, line),
            known=table.text(trait.known),
        )
        label = group_label(trait, line)
        rows.append(table.row(f"{outcome.id}-{line.id}", label, *cells, group=group))
    return rows


def _without_group(trait: GroupCheck, line: CheckLine) -> Cell:
    """Clusters in which everybody interviewed has another trait."""
    found = trait.result.quantity("clusters_without_group", line.sample)
    return estimate_rows.quantity_cell(trait.source, found, lambda x: table.count(int(x)))


def _few_places(source: Source, rows: Sequence[Row]) -> str:
    """Why a row's clusters are not counted, where one's are not."""
    of_clusters = [i for i, name in enumerate(FIELDS, start=1) if "clusters" in name]
    shown = [row.cells for row in rows if row.cells[1].kind == "effect"]
    if not any(found[i].kind == "suppressed" for found in shown for i in of_clusters):
        return ""
    least = source.configuration.study.minimum_clusters
    return source.wording("subgroups.few-places", least=least)


def _adjusted(source: Source, chosen: Sequence[GroupCheck]) -> str:
    numbers = {t.outcome.id: len(adjusted(chosen, t.outcome)) for t in chosen}
    if not any(numbers.values()):
        return ""
    low, high = min(numbers.values()), max(numbers.values())
    several = str(high) if low == high else source.wording("format.range", low=low, high=high)
    cohorts = any(t.check.kind == "cohorts" for t in chosen)
    return source.note(
        "subgroups.adjusted",
        "subgroups.adjusted-over-subgroups" if cohorts else "subgroups.adjusted-over",
        "subgroups.several-outcomes" if len(numbers) > 1 else "",
        "subgroups.cohorts-not-adjusted" if cohorts else "",
        several=several,
    )


def _not_covered(source: Source, chosen: Sequence[GroupCheck], checks: Sequence[Check]) -> str:
    """Interviews whose trait is not known are in no group's row."""
    unknown, language = [], source.language
    for check in checks:
        counts = [t.result.quantity("interviews_without_trait") for t in chosen if t.check == check]
        most = int(max((x for x in counts if isinstance(x, float)), default=0.0))
        if most:
            shown = table.printed(counted(most, "interviews", source), language).text
            unknown.append(f"{check.label[language]} {shown}")
    without = source.wording("subgroups.without-trait", said="; ".join(unknown))
    return labelled(
        source.wording("subgroups.not-covered"),
        without if unknown else "",
        source.wording("subgroups.fewer-places"),
    )


FIRST_STAGE, DILUTION = "first_stage", "dilution"
KEY = Part(FIRST_STAGE)
SHARE_DECIMALS, DILUTION_DECIMALS = 1, 3  # of percentage points, of a share
EXPOSURE_COLUMNS = (
    *table.columns("estimate", shown="with unit"),
    *table.columns("ci_low", "ci_high", "p_value", "step"),
    *table.columns("n", "n_clusters_treated", "n_clusters_comparison"),
    *table.columns("estimate_sd", "std_error", "status", shown="download"),
)
EXPOSURE_FIELDS = tuple(column.id for column in EXPOSURE_COLUMNS)


@table.builds
def exposure(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: intention to treat, first stage and dilution.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has no check of exposure.
    """
    checks = checks_of(source, "exposure")
    chosen = results(exhibit, source, checks)
    found = [x for result in chosen for x in (result.base, _first_stage(result))]
    variables = source.configuration.dictionary.variables
    asked = [v for check in checks for v in check.variables]
    named = [variables[v].label[source.language] if v in variables else v for v in asked]
    return table_frame.table(
        exhibit,
        source,
        columns=("exposure", *EXPOSURE_COLUMNS),
        rows=(row for result in chosen for row in _exposure_rows(result)),
        generated=(
            source.wording("exposure.exposed", named="; ".join(named)),
            source.wording("exposure-note"),
            answers(source, checks),
            *estimate_rows.linear_inference(source, found),
            notes.signs(source.language),
        ),
        found=found,
        sentences=((result.outcome.id, _sentence(result)) for result in chosen),
    )


def _first_stage(result: CheckResult) -> Estimate | Unavailable:
    first = next((x.found for x in result.lines() if x.sample == KEY), None)
    if first is None:
        raise result.missing()
    return first


def _exposure_rows(result: CheckResult) -> list[Row]:
    source, first = result.source, _first_stage(result)
    cells = {
        "primary": result.cells(result.base, EXPOSURE_FIELDS),
        FIRST_STAGE: estimate_rows.cells(source, first, EXPOSURE_FIELDS, decimals=SHARE_DECIMALS),
    }
    if isinstance(first, Estimate):
        cells[DILUTION] = _dilution(result)
    return [
        result.row(
            f"{result.check.id}-{name}", begun(source.wording(f"exposure.row.{name}")), of_row
        )
        for name, of_row in cells.items()
    ]


def _dilution(result: CheckResult) -> tuple[Cell, ...]:
    value = result.quantity(DILUTION, KEY)
    if value is None:
        raise result.missing()
    cell = estimate_rows.quantity_cell(
        result.source, value, lambda x: table.number(x, decimals=DILUTION_DECIMALS)
    )
    return estimate_rows.padded(len(EXPOSURE_FIELDS), cell)


def _sentence(result: CheckResult) -> str:
    """The first stage of an outcome and how far it dilutes an effect, or why there is none."""
    source, first, language = result.source, _first_stage(result), result.source.language
    label = result.outcome.label[language]
    if not isinstance(first, Estimate):
        return source.wording("exposure.hidden", outcome=label)
    holes = {
        "outcome": label,
        "stage": number_format.signed(first.estimate, SHARE_DECIMALS, language),
        "interval": number_format.interval(first.ci_low, first.ci_high, SHARE_DECIMALS, language),
    }
    value = result.quantity(DILUTION, KEY)
    if not isinstance(value, float):
        reason = "" if value is None else value.reason.text(language)
        return source.wording("exposure-not-diluted", **holes, reason=reason)
    share = number_format.plain(value, DILUTION_DECIMALS, language)
    return source.wording("exposure-diluted", **holes, share=share)
