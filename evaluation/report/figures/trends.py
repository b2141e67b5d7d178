"""Administrative series by group, and the gap between the two groups."""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.errors import ReportError
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
from evaluation.report.figures.sheet import FAINT, INK, MARGIN, RULE, SMALL, Sheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables.published import series_unit
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Series
from evaluation.study.records import Trend

SERIES_HEIGHT, GAP_HEIGHT, AXIS = 1.45, 0.75, 0.3  # inches
BEFORE = "pre_trend"  # the specification that tests trends before the programme
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
    return source.wording(f"series.headline.{'apart' if apart else 'together'}", series=listed)


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
    sheet: Sheet, source: Source, chosen: Sequence[Series], found: Mapping[str, list[Trend]]
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
        _entries(axes, source, named=True)
        axes.set_xlim(*span)
        axes.tick_params(axis="x", labelbottom=False)
        sheet.top += SERIES_HEIGHT + 0.14
        gaps = gap(source, found[series.id])
        if gaps:
            sheet.say(source.wording("series.gap"), size=SMALL, bold=True)
            sheet.top += 0.07
            lower = sheet.panel(left, wide, GAP_HEIGHT)
            _draw_gap(lower, gaps)
            _entries(lower, source, named=False)
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
    axes.yaxis.grid(visible=True, color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _entries(axes: Axes, source: Source, *, named: bool) -> None:
    """Vertical lines where cohorts entered, with their names at the top of the first panel."""
    for number, cohort in enumerate(source.configuration.study.cohort):
        at = year_of(cohort.entry)
        axes.axvline(at, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
        if named:
            side = "right" if number == 0 else "left"
            axes.annotate(
                cohort.label[source.language], (at, 1), (-4 if side == "right" else 4, -1),
                xycoords=axes.get_xaxis_transform(), textcoords="offset points", ha=side,
                va="top", fontsize=SMALL,
            )  # fmt: skip


class Gap(NamedTuple):
    """Difference of the two groups' means in one period, and its standard error."""

    period: str
    difference: float
    std_error: float


def gap(source: Source, found: Sequence[Trend]) -> list[Gap]:
    """Treatment minus comparison group by period; nothing where there are not two groups.

    Parameters
    ----------
    source : Source
    found : sequence of Trend
        Of one series.
    """
    pure = source.configuration.study.arms_without_any()
    arms = {t.arm for t in found}
    treated, compared = sorted(arms - set(pure)), sorted(arms & set(pure))
    if len(treated) != 1 or len(compared) != 1:
        return []
    cells = {(t.arm, t.period): t for t in found}
    made = []
    for period in sorted({t.period for t in found}, key=start_of):
        pair = [cells.get((arm, period)) for arm in (treated[0], compared[0])]
        one, other = pair
        if one is not None and other is not None:
            error = math.hypot(one.std_error, other.std_error)
            made.append(Gap(period, one.mean - other.mean, error))
    return made


def _draw_gap(axes: Axes, gaps: Sequence[Gap]) -> None:
    x, y = [start_of(g.period) for g in gaps], [g.difference for g in gaps]
    low = [g.difference - NORMAL_95 * g.std_error for g in gaps]
    high = [g.difference + NORMAL_95 * g.std_error for g in gaps]
    axes.fill_between(x, low, high, color=ESTIMATE, alpha=0.16, linewidth=0)
    axes.plot(x, y, color=ESTIMATE, linewidth=1.6)
    axes.axhline(0, color=INK, linewidth=0.9)
    _years(axes)


def _trends_data(exhibit: Exhibit, source: Source, chosen: list[Series]) -> Table:
    names = ("series", "arm", "period", "unit", "mean", "std_error", "n_clusters")
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
                table.count(t.n_clusters),
            ),
        )
        for series in chosen
        for t in _trends(source, series)
    )
    rows += tuple(_gap_row(source, s, g) for s in chosen for g in gap(source, _trends(source, s)))
    language = source.language
    note = source.wording("series.marks", times=number_format.shortest(NORMAL_95, language))
    return table_frame.table(exhibit, source, columns=names, rows=rows, generated=(note,))


def _gap_row(source: Source, series: Series, found: Gap) -> Row:
    return Row(
        id=f"{series.id}-gap-{slug(found.period)}",
        cells=(
            table.text(series.label[source.language]),
            table.text(source.wording("series.gap")),
            table.text(period_label(found.period, source.language)),
            table.text(series_unit(source, series, None)),
            table.number(found.difference, decimals=2),
            table.number(found.std_error, decimals=2),
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
