"""Figures of a panel study: an event study over raw rates, estimators on one axis, where it is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.config.exhibits import Exhibit
from evaluation.config.panel_study import span
from evaluation.estimation.records import Estimate, Trend
from evaluation.report.figures.frame import COLOURS, ESTIMATE, Drawn, draws, line_style, order
from evaluation.report.figures.row_panels import FigurePanel, Mark, PanelRow, draw_rows
from evaluation.report.figures.sheet import FAINT, INK, MARGIN, SMALL, DrawingSheet
from evaluation.report.figures.trends import mark_entries, ruled
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.formats.words import begun
from evaluation.report.panels import sentences
from evaluation.report.panels.lines import (
    MEAN,
    SpecificationLine,
    answers,
    by_year,
    change,
    lines,
    place_name,
    treated_arm,
)
from evaluation.report.panels.tables import years_of
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

HEIGHT, LOWER, AXIS = 1.7, 1.3, 0.38  # inches
# ratios along the axis of the event study
RATIOS = (0.25, 0.5, 1.0, 2.0, 4.0)


@draws
def event_study_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Ratios by year against the mean of the years before, with a joint band; raw rates beneath."""
    found = by_year(source)
    if not found:
        return _absent(exhibit, source)
    return Drawn(
        plot=lambda sheet: _plot_years(sheet, source, found),
        message=_headline(source, found),
        subtitle=source.wording("panel.plot.years"),
        data=_years_data(exhibit, source, found),
        alt=_years_alt(source, found),
    )


def _absent(exhibit: Exhibit, source: Source) -> Drawn:
    """A figure that is unavailable, with the reason that the records give."""
    names = [s.id for s in source.plan.specification if s.method == "event_study"]
    reason = next((u.reason for u in source.records.unavailable if u.specification in names), None)
    said = table.unavailable(reason, source.language).text
    return said_instead(said, table_frame.table(exhibit, source, columns=("period",), rows=[]))


def said_instead(said: str, empty: Table) -> Drawn:
    """A sentence in the place of a figure."""
    return Drawn(
        plot=lambda sheet: sheet.say(said), message=said, subtitle="", data=empty, alt=said
    )


def _headline(source: Source, found: Sequence[Estimate]) -> str:
    after = span(source.plan.primary_specification().contrast[1])
    outside = [e for e in found if e.ci_low > 0 or e.ci_high < 0]
    late = [e for e in outside if int(e.sample.value) >= after[0]]
    key = "none" if not outside else "after" if late else "before"
    listed = number_format.listed([e.sample.value for e in late or outside], source.language)
    return source.verdict(f"panel.plot.headline.{key}", years=listed).rstrip(".")


def _plot_years(sheet: DrawingSheet, source: Source, found: Sequence[Estimate]) -> None:
    left = MARGIN + AXIS
    wide = sheet.width - MARGIN - left - 0.08
    years = [int(e.sample.value) for e in found]
    limits = (years[0] - 0.4, years[-1] + 0.4)
    level = number_format.percent(source.plan.inference.level, source.language)
    look = {"color": ESTIMATE, "marker": "o", "markersize": 4, "linewidth": 1.4}
    sheet.legend([(look, source.wording("panel.plot.band", level=level))])
    upper = sheet.panel(left, wide, HEIGHT)
    for year, e in zip(years, found, strict=True):
        upper.plot([year, year], [e.ci_low, e.ci_high], color=ESTIMATE, linewidth=1.2)
        upper.plot([year], [e.estimate], color=ESTIMATE, marker="o", markersize=4.5)
    upper.axhline(0.0, color=INK, linewidth=0.9)
    upper.set_yticks([math.log(r) for r in RATIOS])
    upper.set_yticklabels([number_format.shortest(r, source.language) for r in RATIOS])
    upper.tick_params(axis="x", labelbottom=False)
    _frame(upper, source, limits, named=True)
    sheet.top += HEIGHT + 0.2
    sheet.say(source.wording("panel.plot.raw"), size=SMALL, bold=True)
    sheet.top += 0.03
    study = source.configuration.study
    arms = [*study.arms_without_any(), treated_arm(source)]
    looks = {arm: {**line_style(order(source, arm)), "markersize": 3.5} for arm in arms}
    sheet.legend([({**looks[arm], "linewidth": 1.6}, source.arm(arm)) for arm in arms])
    lower = sheet.panel(left, wide, LOWER)
    for arm in arms:
        points = _rates(source, arm)
        x = [int(t.period) for t in points]
        lower.plot(x, [t.mean for t in points], linewidth=1.6, **looks[arm])
    lower.set_ylim(bottom=0.0)
    lower.yaxis.set_major_locator(MaxNLocator(4))
    _frame(lower, source, limits, named=False)
    sheet.top += LOWER + 0.26


def _frame(axes: Axes, source: Source, limits: tuple[float, float], *, named: bool) -> None:
    """Grid, years, and lines where cohorts entered."""
    axes.set_xlim(*limits)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ruled(axes)
    mark_entries(axes, source, at=lambda entry: entry.year - 0.5, colour=FAINT, named=named)


def _rates(source: Source, arm: str) -> list[Trend]:
    return [
        t for t in source.records.trends if (t.series, t.arm) == (MEAN, arm) and "-" not in t.period
    ]


def _years_data(exhibit: Exhibit, source: Source, found: Sequence[Estimate]) -> Table:
    arms = [treated_arm(source), *source.configuration.study.arms_without_any()]
    means = {arm: {t.period: t.mean for t in _rates(source, arm)} for arm in arms}
    rows = [
        table.row(
            f"year_{e.sample.value}",
            e.sample.value,
            *(table.number(math.exp(x), decimals=2) for x in (e.estimate, e.ci_low, e.ci_high)),
            *(table.number(means[arm][e.sample.value], decimals=1) for arm in arms),
        )
        for e in found
    ]
    columns: tuple[Column | str, ...] = (
        "period",
        *table.columns("ratio", "ratio_low", "ratio_high"),
        *(Column(id=f"rate_{arm}", label=source.arm(arm)) for arm in arms),
    )
    note = source.note("panel.band", "panel.band-made")
    return table_frame.table(
        exhibit, source, columns=columns, rows=rows, generated=(note,), found=found
    )


def _years_alt(source: Source, found: Sequence[Estimate]) -> str:
    language = source.language
    said = [
        source.wording(
            "panel.plot.alt-year",
            year=e.sample.value,
            ratio=number_format.plain(math.exp(e.estimate), 2, language),
            low=number_format.plain(math.exp(e.ci_low), 2, language),
            high=number_format.plain(math.exp(e.ci_high), 2, language),
        )
        for e in found
    ]
    return " ".join(said)


@draws
def estimators_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Every estimator as a change in percent, on one axis, by the years of the contrast."""
    shown = [*answers(source), *lines(exhibit, source)]
    groups = {years_of(one): [x for x in shown if years_of(x) == years_of(one)] for one in shown}
    return Drawn(
        plot=lambda sheet: _plot_estimators(sheet, groups, source),
        message=_estimators_headline(source, shown),
        subtitle=source.wording("panel.plot.estimators"),
        data=_estimators_data(exhibit, source, shown),
        alt=" ".join(_estimator_said(one) for one in shown),
    )


def _estimators_headline(source: Source, shown: Sequence[SpecificationLine]) -> str:
    """How many intervals include zero, and whether the plan's own does: it is the first."""
    made = [one for one in shown if sentences.has_interval(one)]
    if not made or made[0] is not shown[0]:
        return dict(sentences.of_estimates(source, shown))["intervals"].rstrip(".")  # type: ignore[union-attr]
    key = "excludes" if sentences.excludes(made[0]) else "includes"
    inside = len(made) - len([one for one in made if sentences.excludes(one)])
    return source.verdict(
        f"panel.plot.estimators.{key}", inside=inside, n=len(made), years=years_of(made[0])
    )


def _plot_estimators(
    sheet: DrawingSheet, groups: Mapping[str, list[SpecificationLine]], source: Source
) -> None:
    rows: list[PanelRow] = []
    for years, members in groups.items():
        rows.append(PanelRow(label=years))
        for one in members:
            value, low, high = one.percent()
            absent = not isinstance(one.found, Estimate)
            colour = ESTIMATE if one in members[:1] else COLOURS[0]
            mark = (
                Mark(remark=source.wording("figure.not-available"))
                if absent
                else Mark(low=low, high=high, point=value, colour=colour)
            )
            rows.append(PanelRow(label=_short(one), marks={"change": mark}))
    panel = FigurePanel(id="change", title=source.wording("panel.plot.axis"), unit="")
    draw_rows(sheet, rows, [panel], names=2.75)


def _short(one: SpecificationLine) -> str:
    """A label without its years, which are the heading."""
    return one.label.rpartition(", ")[0] or one.label


def _estimator_said(one: SpecificationLine) -> str:
    if not isinstance(one.found, Estimate):
        return ""
    language, (value, low, high) = one.source.language, one.percent()
    return one.source.wording(
        "panel.plot.alt-estimator",
        label=one.label,
        change=change(value, language),
        low=change(low, language),
        high=change(high, language),
    )


def _estimators_data(exhibit: Exhibit, source: Source, shown: Sequence[SpecificationLine]) -> Table:
    rows = []
    for one in shown:
        cells: list[Cell | str] = [one.label]
        if isinstance(one.found, Estimate):
            cells += [table.effect(x, decimals=0, unit="%") for x in one.percent()]
        else:
            cells += [table.unavailable(one.found.reason, source.language), *[table.none()] * 2]
        rows.append(table.row(one.specification.id, *cells))
    return table_frame.table(
        exhibit,
        source,
        columns=table.columns("specification", "percent", "percent_low", "percent_high"),
        rows=rows,
        generated=(source.note("panel.percent", "panel.percent-of-rates"),),
        found=[one.found for one in shown],
    )


@draws
def places_map(exhibit: Exhibit, source: Source) -> Drawn:
    """Seats of all municipalities as dots, those of the programme's kind, the treated by name."""
    points = source.records.frame
    if not points:
        said = source.wording("panel.map.private").rstrip(".")
        empty = table_frame.table(exhibit, source, columns=("name",), rows=[])
        return said_instead(said, empty)
    named = sorted(p["name"] for p in points if p["status"] == "treated")
    kind = sum(bool(p["stratum"]) for p in points)
    headline = source.wording("panel.map.headline", n=len(named), kind=kind)
    return Drawn(
        plot=lambda sheet: _plot_map(sheet, source, points),
        message=headline,
        subtitle=source.wording("panel.map.subtitle"),
        data=_map_data(exhibit, source, points),
        alt=source.wording(
            "panel.map.alt",
            names=number_format.listed([place_name(n) for n in named], source.language),
        ),
    )


MAP_HEIGHT = 4.6  # inches
# degrees: the mainland, the least distance of two names, and where these stand from the middle
MIDDLE, SOUTH, NORTH, APART = -73.2, -4.5, 12.7, 0.8
# degrees of a dot, which is a short line: all dots are one path of the drawing
DOT = 0.01
LOOKS: dict[str, dict[str, Any]] = {
    "all": {"color": "#9a9a9a", "linewidth": 1.5},
    "kind": {"color": COLOURS[0], "linewidth": 3.0},
    "treated": {"color": COLOURS[1], "marker": "D", "markersize": 6.0, "linestyle": "none"},
}
# how a legend shows them
KEYS: dict[str, dict[str, Any]] = {
    "all": {"color": "#9a9a9a", "marker": "o", "markersize": 2.0, "linestyle": "none"},
    "kind": {"color": COLOURS[0], "marker": "o", "markersize": 4.0, "linestyle": "none"},
    "treated": LOOKS["treated"],
}
# degrees from the middle to the names, at most
FARTHEST = 11.5


def _plot_map(sheet: DrawingSheet, source: Source, points: Sequence[Mapping[str, str]]) -> None:
    sheet.legend(
        [(look, begun(source.wording(f"panel.map.{name}"))) for name, look in KEYS.items()]
    )
    height = min(MAP_HEIGHT, 1.1 * sheet.inside)
    axes = sheet.panel(MARGIN, sheet.inside, height)
    # the islands lie far from the rest and would halve the scale
    inside = [p for p in points if float(p["lon"]) > MIDDLE - 6.3]
    for name, chosen in _kinds(inside).items():
        x, y = [float(p["lon"]) for p in chosen], [float(p["lat"]) for p in chosen]
        if name != "treated":
            x = [v for lon in x for v in (lon, lon + DOT, math.nan)]
            y = [v for lat in y for v in (lat, lat, math.nan)]
        axes.plot(x, y, solid_capstyle="round", **LOOKS[name])
    half = 0.5 * (NORTH - SOUTH) * sheet.inside / height
    _names(axes, [p for p in inside if p["status"] == "treated"], half=half)
    axes.set_xlim(MIDDLE - half, MIDDLE + half)
    axes.set_ylim(SOUTH, NORTH)
    axes.axis("off")
    sheet.top += height + 0.06


def _kinds(points: Sequence[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {"all": [], "kind": [], "treated": []}
    for p in points:
        key = "treated" if p["status"] == "treated" else "kind" if p["stratum"] else "all"
        found[key].append(p)
    return found


def _names(axes: Axes, points: Sequence[Mapping[str, str]], *, half: float) -> None:
    """Names at both sides near their latitude, each with a line to its place."""
    ordered = sorted(points, key=lambda p: float(p["lon"]))
    middle = (len(ordered) + 1) // 2
    for side, chosen in ((-1, ordered[:middle]), (1, ordered[middle:])):
        height = NORTH
        for p in sorted(chosen, key=lambda p: -float(p["lat"])):
            height = min(height - APART, float(p["lat"]) + 0.4)
            axes.annotate(
                place_name(p["name"]),
                (float(p["lon"]), float(p["lat"])),
                (MIDDLE + side * min(half, FARTHEST), height),
                textcoords="data",
                fontsize=SMALL,
                va="center",
                ha="left" if side < 0 else "right",
                arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.6},
            )


def _map_data(exhibit: Exhibit, source: Source, points: Sequence[Mapping[str, str]]) -> Table:
    rows = [
        Row(
            id=f"place_{table.slug(p['name'])}",
            cells=(table.text(place_name(p["name"])), table.text(p["stratum"])),
        )
        for p in sorted(points, key=lambda p: p["name"])
        if p["status"] == "treated"
    ]
    return table_frame.table(exhibit, source, columns=("name", "stratum"), rows=rows)
