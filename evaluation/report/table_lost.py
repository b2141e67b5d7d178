"""Who of the baseline was not interviewed again, by group and department.

Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
that is shown and in what the groups' totals leave of those that are not.
"""

import math
from collections.abc import Mapping, Sequence

from evaluation.locale.messages import message
from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.counts import is_withheld
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.fieldwork import FoundAgain
from evaluation.spec.load import Text

DEPARTMENT, ALL = (
    Text(en="Department", es="Departamento"),
    Text(en="All departments", es="Todos los departamentos"),
)
N, LOST, CLUSTERS = (
    Text(en="{arm}: baseline interviews", es="{arm}: entrevistas en línea de base"),
    Text(en="{arm}: not interviewed again, %", es="{arm}: sin nueva entrevista, %"),
    Text(en="{arm}: {clusters}", es="{arm}: {clusters}"),
)
COUNTED = Text(en="Shares", es="Proporciones")
TOGETHER = Text(
    en=" The rule holds for those lost and for those found again. A cell from which a suppressed"
    " one could be worked out is suppressed with it.",
    es=" La regla vale para quienes se perdieron y para quienes se encontraron de nuevo. También se"
    " suprime toda celda con que se podría deducir una suprimida.",
)
WIDEST = Text(en="Differences", es="Diferencias")
APART = Text(
    en="Among the departments shown for both groups, the shares lie furthest apart in {department}"
    " ({values}).",
    es="Entre los departamentos que se muestran para ambos grupos, las proporciones difieren más en"
    " {department} ({values}).",
)
NONE_SHOWN = Text(
    en="No department is shown for more than one group.",
    es="Ningún departamento se muestra para más de un grupo.",
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
    rows.append(Row(id="all", cells=(table.text(ALL[language]), *whole)))
    said = _apart(source, departments, there)
    cluster = study.names.cluster[language]
    generated = (
        words.labelled(COUNTED[language], message("found-again.shares", language, cluster=cluster)),
        words.labelled(WIDEST[language], said),
        disclosure.rule_note(study, language) + TOGETHER[language],
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
        Column(id="department", label=DEPARTMENT[language]),
        *(
            Column(
                id=f"{stem}_{slug(arm)}",
                label=text[language].format(arm=source.arm(arm), clusters=clusters),
                shown="download" if stem == "clusters" else "print",
            )
            for arm in arms
            for stem, text in (("n", N), ("lost", LOST), ("clusters", CLUSTERS))
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
        return NONE_SHOWN[language]
    widest = max(spread, key=lambda name: spread[name])
    values = [
        f"{words.in_sentence(arm.label[language])}"
        f" {formats.marks(shares.percentage(_share(row) * row.n, row.n).text, language)}%"
        for arm in arms
        if (row := there.get((arm.id, widest))) is not None
    ]
    department = _label(source, widest)
    return APART[language].format(department=department, values=formats.listed(values, language))


def _share(row: FoundAgain) -> float:
    """Share lost, by the weights of the primary specification."""
    return 1.0 - row.weight_again / row.weight
