"""Tile map of the frame: how many clusters of each group a department has, never where.

A place at which a comparison cluster lies tells which one it is, and comparison clusters are not
published; of invented data no place is real. The middle of a department's places gives its tile
the cell of a grid, and nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from evaluation.errors import ReportError
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import Drawn, draws, line_style, order
from evaluation.report.figures.sheet import LEADING, MARGIN, NORMAL, SMALL, Sheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.record_set import Line
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import counted
from evaluation.study.exhibits import Exhibit

COLUMNS = ("arm", "department", "x_km", "y_km")
# Cells of each department by group.
Counts = Mapping[str, Mapping[str, Cell]]
TILE_GAP, LINE_HEIGHT, INSET = 0.09, 0.19, 0.07  # inches


@draws
def frame_map(exhibit: Exhibit, source: Source) -> Drawn:
    """A tile a department with the number of clusters of each group, as marks and as number.

    Raises
    ------
    ReportError
        The frame has no places.
    """
    points = _points(source)
    counts = {name: _counted(points, name, source) for name in _departments(points)}
    return Drawn(
        plot=lambda sheet: _plot(sheet, _cells(points), counts, source),
        message=_headline(counts, source),
        subtitle=source.wording("map.subtitle"),
        data=_data(exhibit, source, counts),
        alt=_alt(source, counts),
    )


def _points(source: Source) -> list[Line]:
    points = [p for p in source.records.frame if all(p.get(name) for name in COLUMNS)]
    if not points:
        raise ReportError.of(
            "frame-no-clusters", "name-four-columns", "study.toml [columns]", rule="missing-record"
        )
    return points


def _cells(points: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """Column and row of each department: the free cell that is nearest to its middle."""
    middles = {
        name: tuple(fmean(float(p[axis]) for p in here) for axis in ("x_km", "y_km"))
        for name, here in _departments(points).items()
    }
    across = math.ceil(math.sqrt(len(middles))) + 1
    ends = [(min(x), max(x)) for x in zip(*middles.values(), strict=True)]
    spots = {
        name: (_share(x, ends[0]) * (across - 1), (1 - _share(y, ends[1])) * across)
        for name, (x, y) in middles.items()
    }
    free = [(column, row) for row in range(across + 1) for column in range(across)]
    found = {}
    for name in sorted(spots, key=lambda n: (math.dist(spots[n], map(round, spots[n])), n)):
        cell = min(free, key=lambda at: (math.dist(at, spots[name]), at))
        free.remove(cell)
        found[name] = cell
    # a row or column without any is left out
    columns, rows = (sorted({cell[n] for cell in found.values()}) for n in (0, 1))
    return {n: (columns.index(c), rows.index(r)) for n, (c, r) in sorted(found.items())}


def _share(value: float, ends: tuple[float, float]) -> float:
    """Where a value lies between two ends, from 0 to 1."""
    return (value - ends[0]) / ((ends[1] - ends[0]) or 1.0)


def _departments(points: Sequence[Line]) -> dict[str, list[Line]]:
    names = sorted({p["department"] for p in points})
    return {name: [p for p in points if p["department"] == name] for name in names}


def _counted(points: Sequence[Line], department: str, source: Source) -> dict[str, Cell]:
    """Numbers of clusters by group as they may be shown."""
    return {
        arm.id: counted(
            sum((p["arm"], p["department"]) == (arm.id, department) for p in points),
            "clusters",
            source,
        )
        for arm in source.configuration.study.arm
    }


def _plot(
    sheet: Sheet, cells: Mapping[str, tuple[int, int]], counts: Counts, source: Source
) -> None:
    """Tiles of one size at their cells."""
    arms = source.configuration.study.arm
    looks = [line_style(order(source, arm.id)) for arm in arms]
    sheet.legend(
        [
            ({**look, "linestyle": "none", "markersize": 6}, source.arm(arm.id))
            for look, arm in zip(looks, arms, strict=True)
        ]
    )
    across, down = (1 + max(cell[n] for cell in cells.values()) for n in (0, 1))
    wide = (sheet.inside - TILE_GAP * (across - 1)) / across
    names = [typeface.broken(name, wide - 2 * INSET, SMALL, bold=True) for name in cells]
    height = max(map(len, names)) * LEADING * SMALL / 72 + LINE_HEIGHT * len(arms) + 2 * INSET
    for name, (column, row) in cells.items():
        left, top = MARGIN + column * (wide + TILE_GAP), sheet.top + row * (height + TILE_GAP)
        _tile(sheet, name, counts[name], source, (left, top, wide, height))
    sheet.top += down * (height + TILE_GAP)


def _tile(
    sheet: Sheet,
    name: str,
    counts: Mapping[str, Cell],
    source: Source,
    place: tuple[float, float, float, float],
) -> None:
    """Name of a department; for each group its number, and as many marks."""
    left, top, wide, height = place
    sheet.box(left, wide, height, top=top)
    lines = typeface.broken(name, wide - 2 * INSET, SMALL, bold=True)
    sheet.lines(lines, left + INSET, top + INSET, size=SMALL, fontweight="bold")
    top += height - INSET - LINE_HEIGHT * len(counts)
    for arm, cell in counts.items():
        group = line_style(order(source, arm))
        style = {"color": group["color"], "fontweight": "bold"}
        sheet.lines([cell.text], left + INSET, top, size=NORMAL, **style)
        number = round(cell.value) if cell.kind == "count" and cell.value else 0
        begin = left + INSET + typeface.width("00", NORMAL, bold=True) + 0.07
        step = min(0.11, (left + wide - INSET - begin) / max(number, 1))
        for n in range(number):
            sheet.page.plot(
                begin + step * (n + 0.5), top + 0.085, marker=group["marker"],
                color=group["color"], markersize=min(4.0, 0.6 * step * 72), linestyle="none",
            )  # fmt: skip
        top += LINE_HEIGHT


def _headline(counts: Counts, source: Source) -> str:
    """How many clusters of each group there are; no sum that would give a withheld number away."""
    if any(cell.kind != "count" for found in counts.values() for cell in found.values()):
        return source.wording("map.headline-none", n=len(counts))
    totals = [
        source.wording(
            "map.total",
            arm=source.arm(arm.id).lower(),
            n=round(math.fsum(found[arm.id].value or 0 for found in counts.values())),
        )
        for arm in source.configuration.study.arm
    ]
    said = number_format.listed(totals, source.language)
    return words.begun(source.wording("map.headline", totals=said, n=len(counts)))


def _data(exhibit: Exhibit, source: Source, counts: Counts) -> Table:
    rows = tuple(
        Row(
            id=f"{table.slug(department)}-{arm}",
            cells=(table.text(source.arm(arm)), table.text(department), cell),
        )
        for department, found in counts.items()
        for arm, cell in found.items()
    )
    columns = ("arm", "department", "n_clusters")
    note = source.wording("map.note")
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


def _alt(source: Source, counts: Counts) -> str:
    said = []
    for name, found in counts.items():
        parts = [f"{source.arm(arm).lower()} {cell.text}" for arm, cell in found.items()]
        said.append(f"{name}: {', '.join(parts)}.")
    return source.wording("map.alt", said=" ".join(said))
