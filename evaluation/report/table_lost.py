"""Who of the baseline was not interviewed again, by group and department.

Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
that is shown and in what the groups' totals leave of those that are not.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.suppression import Margin, suppress
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.fieldwork import FoundAgain
from evaluation.spec.load import Text
from evaluation.spec.study import Study

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
Shown = Mapping[tuple[str, str], FoundAgain]
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
    if not any(row.n_again for row in found) or not all(row.department for row in found):
        raise shares.no_records("baseline-respondents", "found_again.csv")
    study, language = source.configuration.study, source.language
    arms = [arm.id for arm in study.arm]
    shown = {
        (row.arm, row.department): row
        for arm in arms
        for row in publishable([r for r in found if r.arm == arm], study=study)
    }
    departments = sorted({row.department for row in found})
    there = {(row.arm, row.department) for row in found}
    rows = [
        Row(
            id=slug(name),
            cells=(
                table.text(_label(source, name)),
                *(c for arm in arms for c in _of_place((arm, name), there, shown, language)),
            ),
        )
        for name in departments
    ]
    whole = [_whole([r for r in found if r.arm == arm], study, language) for arm in arms]
    rows.append(
        Row(id="all", cells=(table.text(ALL[language]), *(c for cells in whole for c in cells)))
    )
    said = _apart(source, departments, shown)
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


def publishable(found: Sequence[FoundAgain], *, study: Study) -> tuple[FoundAgain, ...]:
    """Cells of one group that may be shown beside the group's total, which other tables show.

    None of them where nothing inside the group could protect a cell.
    """
    secret = {
        row.department
        for row in found
        if any(
            disclosure.is_small(n, row.n_clusters, study=study)
            for n in (row.n_again, row.n - row.n_again)
        )
    }
    while True:
        hidden = _hidden(found, secret, study)
        if hidden is None:
            return ()
        clusters = sum(row.n_clusters for row in found if row.department in hidden)
        spare = [row for row in found if row.department not in hidden]
        if not hidden or clusters >= study.minimum_clusters:
            return tuple(spare)
        if not spare:
            return ()
        secret = {*hidden, min(spare, key=lambda row: row.n).department}


def _hidden(found: Sequence[FoundAgain], secret: set[str], study: Study) -> set[str] | None:
    """Departments to withhold; None where nothing could protect them."""
    kinds = {
        "again": {row.department: row.n_again for row in found},
        "lost": {row.department: row.n - row.n_again for row in found},
    }
    cells: dict[Any, int] = {(k, name): n for k, of in kinds.items() for name, n in of.items()}
    cells |= {(k, ""): sum(of.values()) for k, of in kinds.items()}
    margins = [Margin((k, ""), tuple((k, name) for name in of)) for k, of in kinds.items()]
    while True:
        try:
            cut = suppress(
                cells,
                margins,
                minimum=study.minimum_cell,
                secret=frozenset((k, name) for k in kinds for name in secret),
                elsewhere=frozenset((k, "") for k in kinds),
                range_="wide",
            )
        except ReportError:
            return None
        hidden = {name for _, name in cut if name}
        # a share is shown whole or not at all: with one of the two counts goes the other
        if hidden == secret:
            return hidden
        secret = hidden


def _whole(rows: Sequence[FoundAgain], study: Study, language: str) -> Cells:
    """A group's total over the departments."""
    n, again, clusters = (
        sum(getattr(row, name) for row in rows) for name in ("n", "n_again", "n_clusters")
    )
    weight, weight_again = (
        math.fsum(getattr(row, name) for row in rows) for name in ("weight", "weight_again")
    )
    if any(disclosure.is_small(part, clusters, study=study) for part in (again, n - again)):
        return (table.suppressed(language),) * 3
    # a group that is nowhere has no share
    lost = _percentage(1.0 - weight_again / weight, n, language) if rows else table.none()
    return table.count(n), lost, table.count(clusters)


def _of_place(
    place: tuple[str, str], there: set[tuple[str, str]], shown: Shown, language: str
) -> Cells:
    """A group in a department: nothing where it has no place there, or withheld."""
    if place in shown:
        return _cells(shown[place], language)
    return ((table.suppressed(language) if place in there else table.none()),) * 3


def _cells(row: FoundAgain, language: str) -> Cells:
    lost = _percentage(_share(row), row.n, language)
    return table.count(row.n), lost, table.count(row.n_clusters)


def _percentage(share: float, n: int, language: str) -> Cell:
    """A weighted share in percent, or that a weight is missing."""
    if math.isnan(share):
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


def _apart(source: Source, departments: Sequence[str], shown: Shown) -> str:
    """Where the groups' shares lie furthest apart, among the departments shown for several."""
    language, arms = source.language, source.configuration.study.arm
    spread: dict[str, float] = {}
    for name in departments:
        lost = [_share(shown[arm.id, name]) for arm in arms if (arm.id, name) in shown]
        if len(lost) > 1 and not any(map(math.isnan, lost)):
            spread[name] = max(lost) - min(lost)
    if not spread:
        return NONE_SHOWN[language]
    widest = max(spread, key=lambda name: spread[name])
    values = [
        f"{words.in_sentence(arm.label[language])}"
        f" {formats.marks(shares.percentage(_share(row) * row.n, row.n).text, language)}%"
        for arm in arms
        if (row := shown.get((arm.id, widest))) is not None
    ]
    department = _label(source, widest)
    return APART[language].format(department=department, values=formats.listed(values, language))


def _share(row: FoundAgain) -> float:
    """Share lost, by the weights of the primary specification."""
    return 1.0 - row.weight_again / row.weight
