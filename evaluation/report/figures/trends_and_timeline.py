"""Figures of the study itself: administrative trends and timeline."""

import datetime
import re

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import NORMAL_95, Drawn, order
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables.published import series_unit
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Series
from evaluation.study.records import Trend

PERIOD = re.compile(r"(\d{4})(?:[-_ ]?[QT]([1-4]))?")


@style.draws
def trend_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Administrative series by group and period, with the dates on which cohorts entered.

    Raises
    ------
    ReportError
        A series has no trend records, or its periods are neither years nor quarters.
    """
    wanted = exhibit.series or tuple(s.id for s in source.plan.series)
    chosen = [s for s in source.plan.series if s.id in wanted]
    figure = style.canvas(0.9 + 2.6 * len(chosen))
    panels = figure.subplots(len(chosen), 1, squeeze=False, sharex=True).ravel()
    for axes, series in zip(panels, chosen, strict=True):
        _draw_series(axes, source, series, _trends(source, series))
    style.legend_below(figure, panels[:1], columns=2)
    data = _trends_data(exhibit, source, chosen)
    return Drawn(figure, data=data, alt=_trends_alt(source, chosen))


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


def _year_of(date: datetime.date) -> float:
    return date.year + (date.timetuple().tm_yday - 1) / 365


def _draw_series(axes: Axes, source: Source, series: Series, found: list[Trend]) -> None:
    study = source.configuration.study
    for arm in (a.id for a in study.arm):
        cells = [t for t in found if t.arm == arm]
        if not cells:
            continue
        look = style.line_style(order(source, arm))
        x = [start_of(t.period) for t in cells]
        low = [t.mean - NORMAL_95 * t.std_error for t in cells]
        high = [t.mean + NORMAL_95 * t.std_error for t in cells]
        axes.fill_between(x, low, high, color=look["color"], alpha=0.13, linewidth=0)
        axes.plot(x, [t.mean for t in cells], label=source.arm(arm), linewidth=1.6, markersize=4,
                  **look)  # fmt: skip
    for cohort in study.cohort:
        axes.axvline(_year_of(cohort.entry), color=style.INK, linewidth=1, linestyle=(0, (2, 2)))
        axes.text(
            _year_of(cohort.entry), 0.03, cohort.label[source.language], rotation=90,
            transform=axes.get_xaxis_transform(), va="bottom", ha="right", fontsize=8.5,
        )  # fmt: skip
    axes.set_title(series.label[source.language])
    axes.set_ylabel(style.wrap(series_unit(source, series, None), 26))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


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
    language = source.language
    note = source.wording("series.marks", times=number_format.shortest(NORMAL_95, language))
    return table_frame.table(exhibit, source, columns=names, rows=rows, generated=(note,))


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


@style.draws
def timeline(exhibit: Exhibit, source: Source) -> Drawn:
    """Rounds, entry of cohorts, and the events that the design has to face."""
    entries = timeline_entries(source)
    figure = style.canvas(1.3 + 0.42 * len(entries))
    axes = figure.add_subplot()
    for position, entry in enumerate(entries):
        _draw_entry(axes, position, entry)
    axes.set_ylim(len(entries) - 0.4, -0.6)
    axes.set_yticks(range(len(entries)), [style.wrap(e[1], 44) for e in entries], fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    _date_axis(axes, entries)
    axes.xaxis.grid(visible=True, color=style.BAND)
    axes.set_axisbelow(True)
    for kind, look in KINDS.items():
        if any(e[0] == kind for e in entries):
            label = source.wording(f"timeline.kind.{kind}")
            axes.plot([], [], color=look[0], marker=look[1], linewidth=3, label=label)
    figure.legend(loc="outside lower center", ncols=2)
    data = _timeline_data(exhibit, source, entries)
    return Drawn(figure, data=data, alt=_timeline_alt(entries, source.language))


Entry = tuple[str, str, datetime.date, datetime.date | None]

LONG_YEARS = 3
KINDS = {
    "survey round": (style.COLOURS[2], "^"),
    "entry into the programme": (style.COLOURS[1], "o"),
    "event, both groups": (style.COLOURS[0], "s"),
    "event, treated only": (style.COLOURS[3], "D"),
}


def timeline_entries(source: Source) -> list[Entry]:
    """What the timeline shows, in order of time."""
    study, language = source.configuration.study, source.language
    rounds = [("survey round", r.label, r.start, r.end) for r in study.round]
    cohorts = [("entry into the programme", c.label, c.entry, None) for c in study.cohort]
    events = [(f"event, {e.affects}", e.label, e.start, e.end) for e in study.event]
    # what begins on one day stands in one order in all languages, since row ids are numbered
    found = sorted([*rounds, *cohorts, *events], key=lambda entry: (entry[2], entry[1].en))
    return [(kind, label[language], start, end) for kind, label, start, end in found]


def _date_axis(axes: Axes, entries: list[Entry]) -> None:
    """Years, or quarters by their first month where the whole is short."""
    first = min(e[2] for e in entries).year
    last = max(e[3] or e[2] for e in entries)
    if last.year - first > LONG_YEARS:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    quarters = [
        datetime.date(year, month, 1)
        for year in range(first, last.year + 1)
        for month in (1, 4, 7, 10)
    ]
    shown = [q for q in quarters if q <= last]
    axes.set_xticks([_year_of(q) for q in shown], [f"{q:%Y-%m}" for q in shown])


def _draw_entry(axes: Axes, position: int, entry: Entry) -> None:
    kind, _, start, end = entry
    colour, marker = KINDS[kind]
    ends = (_year_of(start), _year_of(end or start))
    axes.plot(ends, [position, position], color=colour, linewidth=6, solid_capstyle="butt")
    axes.plot(sum(ends) / 2, position, color=colour, marker=marker, markersize=8)


def _timeline_data(exhibit: Exhibit, source: Source, entries: list[Entry]) -> Table:
    columns = ("type", "event", "start", "end")
    rows = tuple(
        Row(
            id=f"entry_{number:02d}",
            cells=(
                table.text(source.wording(f"timeline.kind.{kind}")),
                table.text(label),
                table.text(start.isoformat()),
                table.text(end.isoformat()) if end else table.none(),
            ),
        )
        for number, (kind, label, start, end) in enumerate(entries, start=1)
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=())


def _timeline_alt(entries: list[Entry], language: str) -> str:
    said = [
        wording(
            "timeline.span" if end else "timeline.day",
            language,
            label=label,
            kind=wording(f"timeline.kind.{kind}", language),
            start=start.isoformat(),
            end=end.isoformat() if end else "",
        )
        for kind, label, start, end in entries
    ]
    return wording("timeline.alt", language, said=" ".join(said))
