"""Schematic map of the frame: where clusters of each group lie, never what was measured there."""

import math

from matplotlib.axes import Axes

from evaluation.errors import ReportError
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn, order
from evaluation.report.formats import table, words
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.record_set import Line
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import counted
from evaluation.study.exhibits import Exhibit
from evaluation.study.study import Arm

SHADES = ("#dcdcdc", "#eeeeee", "#e4e0d8", "#d8e0e4", "#e2dae4", "#dbe4da", "#e6e2cf")
COLUMNS = ("arm", "department", "x_km", "y_km")
CLEAR_KM, LETTER_KM = 42.0, 11.0  # of a name from its clusters; of a letter of a name
Spot = tuple[float, float]
HALO = 900  # points squared: discs of neighbours run together into the shade of a department


@style.draws
def frame_map(exhibit: Exhibit, source: Source) -> Drawn:
    """Clusters at their schematic places, by group, over the shade of their department.

    Where the data are not invented, numbers by department instead: a place at which a comparison
    cluster lies tells which one it is, and comparison clusters are not published.

    Raises
    ------
    ReportError
        The frame has no places.
    """
    points = _points(source)
    if not source.configuration.study.synthetic:
        return _counts_by_department(exhibit, source, points)
    figure = style.canvas(6.2)
    axes = figure.add_subplot()
    _draw_departments(axes, points)
    _draw_points(axes, source, points)
    style.quiet(axes)
    axes.set_aspect("equal")
    axes.margins(0.08)
    style.legend_below(figure, [axes], columns=2)
    data = _data(exhibit, source, points)
    return Drawn(figure, data=data, alt=_alt(source, points))


def _points(source: Source) -> list[Line]:
    points = [p for p in source.records.frame if all(p.get(name) for name in COLUMNS)]
    if not points:
        raise ReportError.of(
            "frame-no-clusters", "name-four-columns", "study.toml [columns]", rule="missing-record"
        )
    return sorted(points, key=lambda p: (p["department"], float(p["x_km"]), float(p["y_km"])))


def _departments(points: list[Line]) -> dict[str, list[Line]]:
    names = dict.fromkeys(p["department"] for p in points)
    return {name: [p for p in points if p["department"] == name] for name in names}


def _draw_departments(axes: Axes, points: list[Line]) -> None:
    taken = [_place(p) for p in points]
    for number, (name, here) in enumerate(_departments(points).items()):
        places = [_place(p) for p in here]
        x, y = [p[0] for p in places], [p[1] for p in places]
        axes.scatter(x, y, s=HALO, color=SHADES[number % len(SHADES)], zorder=0, linewidths=0)
        half = len(name) * LETTER_KM / 2
        spot = max(_spots(x, y, half), key=lambda s: _room(s, half, taken))
        taken.extend(_along(spot, half))
        axes.text(*spot, name, ha="center", va="center", fontsize=9.5, fontweight="bold", zorder=3)


def _place(point: Line) -> Spot:
    return float(point["x_km"]), float(point["y_km"])


def _spots(x: list[float], y: list[float], half: float) -> list[Spot]:
    """Where a department's name may stand: above, below, right or left of its clusters."""
    middle = sum(x) / len(x), sum(y) / len(y)
    return [
        (middle[0], max(y) + CLEAR_KM),
        (middle[0], min(y) - CLEAR_KM),
        (max(x) + CLEAR_KM + half, middle[1]),
        (min(x) - CLEAR_KM - half, middle[1]),
    ]


def _along(spot: Spot, half: float) -> list[Spot]:
    return [(spot[0] + shift * half, spot[1]) for shift in (-1.0, -0.5, 0.0, 0.5, 1.0)]


def _room(spot: Spot, half: float, taken: list[Spot]) -> float:
    """Distance from a name to the nearest thing already drawn, in km."""
    return min(math.dist(part, other) for part in _along(spot, half) for other in taken)


def _draw_points(axes: Axes, source: Source, points: list[Line]) -> None:
    clusters = source.configuration.study.names.clusters[source.language]
    for arm in source.configuration.study.arm:
        here = [p for p in points if p["arm"] == arm.id]
        look = style.line_style(order(source, arm.id))
        axes.scatter(
            [float(p["x_km"]) for p in here],
            [float(p["y_km"]) for p in here],
            s=46,
            color=look["color"],
            marker=look["marker"],
            edgecolors="white",
            linewidths=0.6,
            zorder=2,
            label=f"{source.arm(arm.id)}: {len(here)} {clusters}",
        )


def _data(exhibit: Exhibit, source: Source, points: list[Line]) -> Table:
    """Places without the clusters' ids: the map says where groups lie, not which place is which."""
    rows = tuple(
        Row(
            id=f"point_{number:03d}",
            cells=(
                table.text(source.arm(p["arm"])),
                table.text(p["department"]),
                table.number(float(p["x_km"]), decimals=1, unit="km"),
                table.number(float(p["y_km"]), decimals=1, unit="km"),
            ),
        )
        for number, p in enumerate(points, start=1)
    )
    note = source.wording("map.note")
    return table_frame.table(exhibit, source, columns=COLUMNS, rows=rows, generated=(note,))


def _alt(source: Source, points: list[Line]) -> str:
    said = []
    for name, here in _departments(points).items():
        parts = [
            f"{sum(p['arm'] == arm.id for p in here)} {source.arm(arm.id).lower()}"
            for arm in source.configuration.study.arm
            if any(p["arm"] == arm.id for p in here)
        ]
        said.append(f"{name}: {', '.join(parts)}.")
    return source.wording("map.alt", said=" ".join(said))


def _counts_by_department(exhibit: Exhibit, source: Source, points: list[Line]) -> Drawn:
    """Bars of the number of clusters of each group; nothing says where in a department they lie."""
    counts = {
        name: {arm.id: sum(p["arm"] == arm.id for p in here) for arm in _arms(source)}
        for name, here in sorted(_departments(points).items())
    }
    figure = style.canvas(1.6 + 0.55 * len(counts))
    axes = figure.add_subplot()
    height = 0.8 / len(_arms(source))
    for number, arm in enumerate(_arms(source)):
        axes.barh(
            [position + (number + 0.5) * height - 0.4 for position in range(len(counts))],
            # a bar of none stands for one that is too small
            [counted(found[arm.id], "clusters", source).value or 0 for found in counts.values()],
            height=0.9 * height,
            color=style.line_style(order(source, arm.id))["color"],
            label=source.arm(arm.id),
        )
    axes.set_yticks(range(len(counts)), list(counts))
    axes.set_ylim(len(counts) - 0.4, -0.6)
    axes.set_xlabel(words.begun(source.configuration.study.names.clusters[source.language]))
    figure.legend(loc="outside lower center", ncols=2)
    data = _count_data(exhibit, source, counts)
    return Drawn(figure, data=data, alt=_count_alt(source, data))


def _arms(source: Source) -> tuple[Arm, ...]:
    return source.configuration.study.arm


def _count_data(exhibit: Exhibit, source: Source, counts: dict[str, dict[str, int]]) -> Table:
    rows = tuple(
        Row(
            id=f"{table.slug(department)}-{arm.id}",
            cells=(
                table.text(source.arm(arm.id)),
                table.text(department),
                counted(found[arm.id], "clusters", source),
            ),
        )
        for department, found in counts.items()
        for arm in _arms(source)
    )
    columns = ("arm", "department", "n_clusters")
    note = source.wording("map.counts-note")
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


def _count_alt(source: Source, data: Table) -> str:
    said = " ".join(
        f"{row.cells[1].text}, {row.cells[0].text.lower()}: {row.cells[2].text}."
        for row in data.rows
    )
    return source.wording("map.counts-alt", said=said)
