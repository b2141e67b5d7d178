"""Who of the baseline was not interviewed again, by group and department.

Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
that is shown and in what the groups' totals leave of those that are not.
"""

import math
from collections.abc import Mapping, Sequence

from evaluation.locale.messages import message, wording
from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.counts import is_withheld
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.fieldwork import FoundAgain

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
        raise shares.no_records("baseline-respondents", "found_again.csv")
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
    return heads.table(
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
    return shares.percentage(share * n, n)


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
    return shares.value_label(source, str(name), department)


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
        f" {formats.marks(shares.percentage(_share(row) * row.n, row.n).text, language)}%"
        for arm in arms
        if (row := there.get((arm.id, widest))) is not None
    ]
    department = _label(source, widest)
    return wording(
        "lost.apart", language, department=department, values=formats.listed(values, language)
    )


def _share(row: FoundAgain) -> float:
    """Share lost, by the weights of the primary specification."""
    return 1.0 - row.weight_again / row.weight
