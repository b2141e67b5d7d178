"""Timeline of the study: rounds, entry of cohorts, and the events that the design has to face."""

import datetime
from collections import Counter
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.config.exhibits import Exhibit
from evaluation.config.study import Event
from evaluation.report.figures.frame import COLOURS, Drawn, draws
from evaluation.report.figures.row_panels import Mark, PanelRow, lay_rows
from evaluation.report.figures.sheet import MARGIN, RULE, DrawingSheet
from evaluation.report.figures.trends import year_of
from evaluation.report.formats import table
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source


@draws
def timeline(exhibit: Exhibit, source: Source) -> Drawn:
    """Rounds, entry of cohorts, and the events that the design has to face."""
    entries = timeline_entries(source)
    events = Counter(entry[0] for entry in entries)
    return Drawn(
        plot=lambda sheet: _plot_timeline(sheet, source, entries),
        message=source.wording(
            "timeline.headline",
            groups=_groups(source),
            both=events["event, both groups"],
            one=events["event, treated only"],
        ),
        subtitle=source.wording(
            "timeline.subtitle" if source.configuration.study.round else "timeline.subtitle-panel"
        ),
        data=_timeline_data(exhibit, source, entries),
        alt=_timeline_alt(source, entries),
    )


def _plot_timeline(sheet: DrawingSheet, source: Source, entries: Sequence["Entry"]) -> None:
    kinds = {entry[0] for entry in entries}
    sheet.legend([
        ({"color": look[0], "marker": look[1], "linewidth": 4, "markersize": 6},
         _named(source, kind))
        for kind, look in KINDS.items() if kind in kinds
    ])  # fmt: skip
    rows = [PanelRow(label=entry[1], marks={"": Mark()}) for entry in entries]
    left, top = (MARGIN + 0.12 if sheet.narrow else 2.7), sheet.top
    middles, height = lay_rows(sheet, rows, names=2.7)
    axes = sheet.rows(left, sheet.width - MARGIN - left - 0.15, height, top=top)
    for middle, entry in zip(middles, entries, strict=True):
        _draw_entry(axes, middle, entry)
    _date_axis(axes, entries)
    axes.xaxis.grid(visible=True, color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    sheet.top += 0.24


Entry = tuple[str, str, datetime.date, datetime.date | None]

LONG_YEARS = 3
KINDS = {
    "survey round": (COLOURS[2], "^"),
    "entry into the programme": (COLOURS[1], "o"),
    "event, both groups": (COLOURS[0], "s"),
    "event, treated only": (COLOURS[3], "D"),
}


def timeline_entries(source: Source) -> list[Entry]:
    """What the timeline shows, in order of time."""
    study, language = source.configuration.study, source.language
    rounds = [("survey round", r.label, r.start, r.end) for r in study.round]
    cohorts = [("entry into the programme", c.label, c.entry, None) for c in study.cohort]
    events = [(_kind(e), e.label, e.start, e.end) for e in study.event]
    # what begins on one day stands in one order in all languages, since row ids are numbered
    found = sorted([*rounds, *cohorts, *events], key=lambda entry: (entry[2], entry[1].en))
    return [(kind, label[language], start, end) for kind, label, start, end in found]


def _kind(event: Event) -> str:
    own = event.affects == "programme"
    return "entry into the programme" if own else f"event, {event.affects}"


def _named(source: Source, kind: str) -> str:
    named = {"groups": _groups(source)} if kind == "event, both groups" else {}
    return source.wording(f"timeline.kind.{kind}", **named)


def _groups(source: Source) -> str:
    """All groups, as many as there are; a panel may name none but the treated one."""
    n = len(source.configuration.study.arm)
    return (
        source.wording("timeline.groups", n=n) if n > 2 else source.wording("timeline.two-groups")
    )


def _date_axis(axes: Axes, entries: Sequence[Entry]) -> None:
    """Years, or quarters by their first month where the whole is short; halves without rounds."""
    first = min(e[2] for e in entries).year
    last = max(e[3] or e[2] for e in entries)
    if last.year - first > LONG_YEARS:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    months = (1, 4, 7, 10) if any(e[0] == "survey round" for e in entries) else (1, 7)
    quarters = [
        datetime.date(year, month, 1) for year in range(first, last.year + 1) for month in months
    ]
    shown = [q for q in quarters if q <= last]
    axes.set_xticks([year_of(q) for q in shown], [f"{q:%Y-%m}" for q in shown])


def _draw_entry(axes: Axes, position: float, entry: Entry) -> None:
    kind, _, start, end = entry
    colour, marker = KINDS[kind]
    ends = (year_of(start), year_of(end or start))
    axes.plot(ends, [position, position], color=colour, linewidth=5, solid_capstyle="butt")
    axes.plot((ends[0] + ends[1]) / 2, position, color=colour, marker=marker, markersize=6.5)


def _timeline_data(exhibit: Exhibit, source: Source, entries: list[Entry]) -> Table:
    columns = ("type", "event", "start", "end")
    rows = tuple(
        Row(
            id=f"entry_{number:02d}",
            cells=(
                table.text(_named(source, kind)),
                table.text(label),
                table.text(start.isoformat()),
                table.text(end.isoformat()) if end else table.none(),
            ),
        )
        for number, (kind, label, start, end) in enumerate(entries, start=1)
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=())


def _timeline_alt(source: Source, entries: list[Entry]) -> str:
    said = [
        source.wording(
            "timeline.span" if end else "timeline.day",
            label=label,
            kind=_named(source, kind),
            start=start.isoformat(),
            end=end.isoformat() if end else "",
        )
        for kind, label, start, end in entries
    ]
    return source.wording("timeline.alt", said=" ".join(said))
