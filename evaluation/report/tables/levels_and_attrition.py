"""Means by group and round, and who of the baseline was not interviewed again.

Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
that is shown and in what the groups' totals leave of those that are not.
"""

import math
from collections.abc import Mapping, Sequence

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source, by_family, level_rows
from evaluation.report.tables.balance import variable_label
from evaluation.study.confidentiality import is_withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.fieldwork_plan import FoundAgain
from evaluation.study.plan import Outcome
from evaluation.study.records import Level

OF_ROUND = 4  # cells of a mean, its standard error, interviews and clusters


@table.builds
def levels(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and arm: mean (standard error) and interviews in each round."""
    study = source.configuration.study
    shown = levels_shown(exhibit, source)
    rows = tuple(
        _level_row(source, outcome, arm.id, here)
        for outcome, found in shown
        for arm in study.arm
        if (here := [x for x in found if x.arm == arm.id])
    )
    columns = (
        table_frame.column(source, "outcome"),
        table_frame.column(source, "arm"),
        table_frame.column(source, "unit", shown="download"),
        *(c for r in study.round for c in round_columns(source, r.id)),
    )
    said = words.labelled(
        wording("levels.means", source.language), wording("levels.weighted", source.language)
    )
    generated = (
        said,
        notes.sample_sizes(source, [x for _, found in shown for x in found]),
        disclosure.rule_note(study, source.language),
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def levels_shown(exhibit: Exhibit, source: Source) -> list[tuple[Outcome, tuple[Level, ...]]]:
    """Outcomes of an exhibit of levels, in plan order, each with its levels.

    Raises
    ------
    ReportError
        An outcome has no levels.
    """
    specification = (
        source.specification(exhibit.specifications[0])
        if exhibit.specifications
        else source.plan.primary_specification()
    )
    return [
        (outcome, level_rows(source, outcome.id, specification))
        for outcome in by_family(source, source.plan.outcomes_of(specification))
        if (not exhibit.outcomes or outcome.id in exhibit.outcomes)
        and (not exhibit.families or outcome.family in exhibit.families)
    ]


def round_columns(source: Source, round_: str) -> tuple[Column, ...]:
    """Columns of a round: mean, standard error, interviews and clusters."""
    return (
        table_frame.column(source, "mean_round", round_=round_, shown="with unit"),
        table_frame.column(source, "std_error_round", round_=round_, joined="brackets"),
        table_frame.column(source, "n_round", round_=round_),
        table_frame.column(source, "clusters_round", round_=round_, joined="slash"),
    )


def _level_row(source: Source, outcome: Outcome, arm: str, found: list[Level]) -> Row:
    by_round = {x.round: x for x in found}
    cells = [
        c
        for r in source.configuration.study.round
        for c in level_cells(by_round.get(r.id), outcome.unit, outcome.decimals)
    ]
    unit = words.level_unit(outcome.unit, source.language)
    lead = (
        table.text(outcome.label[source.language]),
        table.text(source.arm(arm)),
        table.text(unit),
    )
    return Row(id=f"{outcome.id}-{arm}", cells=(*lead, *cells), group=source.family(outcome.id))


def level_cells(level: Level | None, unit: str, decimals: int) -> tuple[Cell, ...]:
    """Mean, standard error, interviews and clusters; nothing where there is no level."""
    if level is None:
        return (table.none(),) * OF_ROUND
    shown = words.level_unit(unit, "en")
    return (
        table.number(level.mean, decimals=decimals, unit=shown),
        table.number(level.std_error, decimals=decimals, unit=shown),
        table.count(level.n),
        table.count(level.n_clusters),
    )


# In a smaller group a decimal would tell the count.
FEW = 100


def percentage(part: float, whole: int) -> Cell:
    """Part of a whole in percent; nothing where nobody was counted."""
    if whole == 0:
        return table.none()
    return table.number(100.0 * part / whole, decimals=decimals(whole), unit="%")


def decimals(whole: int) -> int:
    """Decimals of a percentage of a whole."""
    return 0 if whole < FEW else 1


def value_label(source: Source, variable: str, value: str) -> str:
    """One value of a variable in words, or as it stands where the dictionary has none for it."""
    label = variable_label(source, f"{variable}={value}")
    known = variable in source.configuration.dictionary.variables
    return label.removeprefix(f"{variable_label(source, variable)}: ") if known else value


def no_records(what: str, where: str) -> ReportError:
    """The error of an exhibit that is listed in a study without what it shows."""
    return ReportError(
        message(f"no-{what}.problem"),
        where=where,
        fix=message("take-exhibit.fix"),
        rule="missing-record",
    )


There = Mapping[tuple[str, str], FoundAgain]
Cells = tuple[Cell, Cell, Cell]


@table.builds
def attrition_map(exhibit: Exhibit, source: Source) -> Table:
    """Share of the baseline not interviewed again, by department and group.

    Raises
    ------
    ReportError
        The study has no panel, or no departments.
    """
    found = source.records.again
    if not any(row.n_again for row in found) or not any(row.department for row in found):
        raise no_records("baseline-respondents", "found_again.csv")
    study, language = source.configuration.study, source.language
    arms = [arm.id for arm in study.arm]
    there = {(row.arm, row.department): row for row in found}
    departments = sorted({row.department for row in found} - {""})
    rows = [
        Row(
            id=slug(name),
            cells=(
                table.text(_label(source, name)),
                *(c for arm in arms for c in _cells(there.get((arm, name)), language)),
            ),
        )
        for name in departments
    ]
    whole = (c for arm in arms for c in _cells(there.get((arm, "")), language))
    rows.append(Row(id="all", cells=(table.text(wording("lost.all", language)), *whole)))
    said = _apart(source, departments, there)
    cluster = study.names.cluster[language]
    generated = (
        words.labelled(
            wording("lost.counted", language),
            wording("found-again.shares", language, cluster=cluster),
        ),
        words.labelled(wording("lost.widest", language), said),
        disclosure.rule_note(study, language) + wording("lost.together", language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source, arms),
        rows=tuple(rows),
        generated=generated,
        said=(("apart", said),),
    )


def _cells(row: FoundAgain | None, language: str) -> Cells:
    """A group in a department; nothing where it has no place there."""
    if row is None:
        return (table.none(),) * 3
    lost = _percentage(_share(row), row.n, language)
    return table.count(row.n), lost, table.count(row.n_clusters)


def _percentage(share: float, n: int, language: str) -> Cell:
    """A weighted share in percent, or that a weight is missing."""
    if math.isnan(share) and not is_withheld(n):
        return table.unavailable(message("found-again.no-weight"), language)
    return percentage(share * n, n)


def _columns(source: Source, arms: Sequence[str]) -> tuple[Column, ...]:
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    return (
        Column(id="department", label=wording("lost.department", language)),
        *(
            Column(
                id=f"{stem}_{slug(arm)}",
                label=wording(text, language, arm=source.arm(arm), clusters=clusters),
                shown="download" if stem == "clusters" else "print",
            )
            for arm in arms
            for stem, text in (
                ("n", "lost.n"),
                ("lost", "lost.lost"),
                ("clusters", "lost.clusters"),
            )
        ),
    )


def _label(source: Source, department: str) -> str:
    name = source.configuration.study.columns.department
    return value_label(source, str(name), department)


def _apart(source: Source, departments: Sequence[str], there: There) -> str:
    """Where the groups' shares lie furthest apart, among the departments shown for several."""
    language, arms = source.language, source.configuration.study.arm
    spread: dict[str, float] = {}
    for name in departments:
        lost = [_share(there[arm.id, name]) for arm in arms if (arm.id, name) in there]
        if len(lost) > 1 and not any(map(math.isnan, lost)):
            spread[name] = max(lost) - min(lost)
    if not spread:
        return wording("lost.none-shown", language)
    widest = max(spread, key=lambda name: spread[name])
    values = [
        f"{words.in_sentence(arm.label[language])}"
        f" {number_format.marks(percentage(_share(row) * row.n, row.n).text, language)}%"
        for arm in arms
        if (row := there.get((arm.id, widest))) is not None
    ]
    department = _label(source, widest)
    return wording(
        "lost.apart", language, department=department, values=number_format.listed(values, language)
    )


def _share(row: FoundAgain) -> float:
    """Share lost, by the weights of the primary specification."""
    return 1.0 - row.weight_again / row.weight
