"""Administrative series by group, and the gap between the two groups."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Series
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Trend
from evaluation.locale.messages import wording
from evaluation.report.figures.frame import (
    ESTIMATE,
    NORMAL_95,
    Drawn,
    draws,
    line_style,
    order,
)
from evaluation.report.figures.row_panels import TITLE
from evaluation.report.figures.sheet import FAINT, INK, MARGIN, RULE, SMALL, DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables.published import series_unit

SERIES_HEIGHT, GAP_HEIGHT, AXIS = 1.45, 0.75, 0.3  # inches
# specifications: what tests trends before the programme, and the effects by period
BEFORE, BY_PERIOD = "pre_trend", "event_study"
PERIOD = re.compile(r"(\d{4})(?:[-_ ]?[QT]([1-4]))?")


@draws
def trend_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Administrative series by group and period, and below each the gap between two groups.

    Raises
    ------
    ReportError
        A series has no trend records, or its periods are neither years nor quarters.
    """
    wanted = exhibit.series or tuple(s.id for s in source.plan.series)
    chosen = [s for s in source.plan.series if s.id in wanted]
    found = {s.id: _trends(source, s) for s in chosen}
    for t in (t for rows in found.values() for t in rows):
        start_of(t.period)
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, chosen, found),
        message=_headline(source, chosen),
        subtitle=source.wording("series.subtitle"),
        data=_trends_data(exhibit, source, chosen),
        alt=_trends_alt(source, chosen),
    )


def _headline(source: Source, chosen: Sequence[Series]) -> str:
    """Whether the groups' trends before the programme can be told apart."""
    tests = {
        e.outcome: e
        for e in source.records.estimates
        if e.specification == BEFORE and e.step == source.plan.inference.primary_step
    }
    judged = [s for s in chosen if s.id in tests]
    if not judged:
        return source.wording("series.headline.absent")
    apart = [s for s in judged if tests[s.id].ci_low > 0 or tests[s.id].ci_high < 0]
    names = [words.in_sentence(s.label[source.language].split(" (")[0]) for s in apart or judged]
    listed = number_format.listed(names, source.language)
    return source.verdict(f"series.headline.{'apart' if apart else 'together'}", series=listed)


def _trends(source: Source, series: Series) -> list[Trend]:
    found = [t for t in source.records.trends if t.series == series.id]
    if not found:
        raise ReportError.of(
            "no-trend-records",
            "run-estimate-stage",
            "trends.csv",
            rule="missing-record",
            id=series.id,
        )
    return sorted(found, key=lambda t: (t.arm, start_of(t.period)))


def start_of(period: str) -> float:
    """A period as a decimal year: ``2019Q3`` is 2019.5.

    Raises
    ------
    ReportError
        The period is neither a year nor a quarter.
    """
    match = PERIOD.fullmatch(period)
    if match is None:
        raise ReportError.of("period-neither", "write-periods", "trends.csv", period=repr(period))
    quarter = int(match.group(2) or 1)
    return int(match.group(1)) + (quarter - 1) / 4


def period_label(period: str, language: str) -> str:
    """A period as readers write it: ``2019Q3``, in Spanish ``2019-T3``; a year as it is."""
    match = PERIOD.fullmatch(period)
    if language == "en" or match is None or match.group(2) is None:
        return period
    return wording("format.quarter", language, year=match.group(1), quarter=match.group(2))


def year_of(date: datetime.date) -> float:
    """A day as a decimal year."""
    return date.year + (date.timetuple().tm_yday - 1) / 365


def _plot(
    sheet: DrawingSheet, source: Source, chosen: Sequence[Series], found: Mapping[str, list[Trend]]
) -> None:
    """Each series over its gap, all on one axis of time."""
    study = source.configuration.study
    present = {t.arm for rows in found.values() for t in rows}
    looks = [
        ({**line_style(order(source, a.id)), "markersize": 3.5, "linewidth": 1.6}, a)
        for a in study.arm
        if a.id in present
    ]
    sheet.legend([(look, source.arm(arm.id)) for look, arm in looks])
    left = MARGIN + AXIS
    wide = sheet.width - MARGIN - left - 0.08
    starts = [start_of(t.period) for rows in found.values() for t in rows]
    span = (min(starts) - 0.15, max(starts) + 0.15)
    for series in chosen:
        sheet.top += 0.06
        sheet.say(series.label[source.language], size=TITLE, bold=True)
        sheet.say(series_unit(source, series, None), size=SMALL, color=FAINT)
        sheet.top += 0.05
        axes = sheet.panel(left, wide, SERIES_HEIGHT)
        _draw_series(axes, source, found[series.id])
        mark_entries(axes, source, named=True)
        axes.set_xlim(*span)
        axes.tick_params(axis="x", labelbottom=False)
        sheet.top += SERIES_HEIGHT + 0.14
        gaps = gap(source, series)
        if gaps:
            sheet.say(source.wording("series.gap"), size=SMALL, bold=True)
            level = number_format.percent(gaps[0].level, source.language)
            sheet.say(source.wording("series.band", level=level), size=SMALL, color=FAINT)
            sheet.top += 0.07
            lower = sheet.panel(left, wide, GAP_HEIGHT)
            _draw_gap(lower, gaps)
            mark_entries(lower, source, named=False)
            lower.set_xlim(*span)
            sheet.top += GAP_HEIGHT
        sheet.top += 0.24


def _draw_series(axes: Axes, source: Source, found: list[Trend]) -> None:
    for arm in (a.id for a in source.configuration.study.arm):
        cells = [t for t in found if t.arm == arm]
        if not cells:
            continue
        look = line_style(order(source, arm))
        x = [start_of(t.period) for t in cells]
        low = [t.mean - NORMAL_95 * t.std_error for t in cells]
        high = [t.mean + NORMAL_95 * t.std_error for t in cells]
        axes.fill_between(x, low, high, color=look["color"], alpha=0.13, linewidth=0)
        axes.plot(x, [t.mean for t in cells], linewidth=1.6, markersize=3.5, **look)
    axes.set_ylim(bottom=0)
    _years(axes)


def _years(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    ruled(axes)


def ruled(axes: Axes) -> None:
    """Thin lines behind a series in place of an axis at its left."""
    axes.yaxis.grid(visible=True, color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def mark_entries(
    axes: Axes,
    source: Source,
    *,
    at: Callable[[datetime.date], float] = year_of,
    colour: str = INK,
    named: bool,
) -> None:
    """Vertical lines where cohorts entered, with their names at the top of the first panel.

    Parameters
    ----------
    axes : Axes
    source : Source
    at : callable
        Where on the axis a day of entry stands.
    colour : str
    named : bool
        Whether this panel has the names.
    """
    for number, cohort in enumerate(source.configuration.study.cohort):
        place = at(cohort.entry)
        axes.axvline(place, color=colour, linewidth=0.9, linestyle=(0, (2, 2)))
        if named:
            side = "right" if number == 0 else "left"
            axes.annotate(
                cohort.label[source.language], (place, 1), (-4 if side == "right" else 4, -1),
                xycoords=axes.get_xaxis_transform(), textcoords="offset points", ha=side,
                va="top", fontsize=SMALL,
            )  # fmt: skip


def gap(source: Source, series: Series) -> list[Estimate]:
    """Treatment minus comparison group by period, in order, less the mean before the programme.

    Parameters
    ----------
    source : Source
    series : Series
    """
    found = [
        e
        for e in source.records.estimates
        if (e.outcome, e.specification) == (series.id, BY_PERIOD)
    ]
    return sorted(found, key=lambda e: start_of(e.sample.value))


def _draw_gap(axes: Axes, gaps: Sequence[Estimate]) -> None:
    x = [start_of(e.sample.value) for e in gaps]
    low, high = [e.ci_low for e in gaps], [e.ci_high for e in gaps]
    axes.fill_between(x, low, high, color=ESTIMATE, alpha=0.16, linewidth=0)
    axes.plot(x, [e.estimate for e in gaps], color=ESTIMATE, linewidth=1.6)
    axes.axhline(0, color=INK, linewidth=0.9)
    _years(axes)


def _trends_data(exhibit: Exhibit, source: Source, chosen: list[Series]) -> Table:
    names = ("series", "arm", "period", "unit", "mean", "std_error", "ci_low", "ci_high")
    rows = tuple(
        Row(
            id=f"{series.id}-{t.arm}-{slug(t.period)}",
            cells=(
                table.text(series.label[source.language]),
                table.text(source.arm(t.arm)),
                table.text(period_label(t.period, source.language)),
                table.text(series_unit(source, series, None)),
                table.number(t.mean, decimals=2),
                table.number(t.std_error, decimals=2),
                *[table.none()] * 2,
                table.count(t.n_clusters),
            ),
        )
        for series in chosen
        for t in _trends(source, series)
    )
    gaps = [(s, e) for s in chosen for e in gap(source, s)]
    rows += tuple(_gap_row(source, *pair) for pair in gaps)
    times = number_format.shortest(NORMAL_95, source.language)
    said = [source.wording("series.marks", times=times)]
    for _, e in gaps[:1]:
        level = number_format.percent(e.level, source.language)
        kind = e.ci_kind.text(source.language)
        said.append(source.wording("series.gap-marks", level=level, kind=kind))
    return table_frame.table(
        exhibit,
        source,
        columns=(*names, "n_clusters"),
        rows=rows,
        generated=said,
        found=[e for _, e in gaps],
    )


def _gap_row(source: Source, series: Series, found: Estimate) -> Row:
    values = (found.estimate, found.std_error, found.ci_low, found.ci_high)
    return Row(
        id=f"{series.id}-gap-{slug(found.sample.value)}",
        cells=(
            table.text(series.label[source.language]),
            table.text(source.wording("series.gap")),
            table.text(period_label(found.sample.value, source.language)),
            table.text(series_unit(source, series, None)),
            *(table.number(value, decimals=2) for value in values),
            table.none(),
        ),
    )


def _trends_alt(source: Source, chosen: list[Series]) -> str:
    said = []
    for series in chosen:
        found = _trends(source, series)
        for arm in dict.fromkeys(t.arm for t in found):
            cells = [t for t in found if t.arm == arm]
            said.append(_trend_line(source, series, cells))
    return source.wording("series.alt", said=" ".join(said))


def _trend_line(source: Source, series: Series, cells: list[Trend]) -> str:
    """Where a series of a group began and ended."""
    first, last, language = cells[0], cells[-1], source.language
    return source.wording(
        "series.line",
        series=series.label[language],
        arm=source.arm(first.arm),
        first=number_format.plain(first.mean, 2, language),
        start=period_label(first.period, language),
        last=number_format.plain(last.mean, 2, language),
        end=period_label(last.period, language),
        unit=series_unit(source, series, None),
    )
