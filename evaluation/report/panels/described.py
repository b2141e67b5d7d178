"""The figure of what is described, not estimated: shares of events by kind, month and day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from babel import dates
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from evaluation.config.exhibits import Exhibit
from evaluation.report.figures.frame import Drawn, draws, line_style, order
from evaluation.report.figures.sheet import MARGIN, SMALL, DrawingSheet
from evaluation.report.figures.trends import ruled
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Table, slug
from evaluation.report.panels.figures import said_instead
from evaluation.report.panels.lines import spelt, treated_arm
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

HEIGHT, GAP, BELOW, AXIS, RIGHT = 0.95, 0.3, 0.4, 0.38, 0.08  # inches
# room above the highest mark
ABOVE = 1.12
# panels side by side
ACROSS = 3
CALENDAR = ("month_share", "weekday_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodShares:
    """One panel: percent of all events by period, for each group.

    Attributes
    ----------
    id, label : str
    periods : tuple of str
    by_arm : dict of str to tuple of float
        Not a number in a period without events.
    """

    id: str
    label: str
    periods: tuple[str, ...]
    by_arm: dict[str, tuple[float, ...]]


@draws
def described_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Shares of parts of the counts by year, and of months and days of the week, in both groups."""
    if source.configuration.study.panel is None:
        empty = table_frame.table(exhibit, source, columns=("period",), rows=[])
        return said_instead(source.wording("panel.described-when"), empty)
    parts = _parts(source)
    every = [*parts, *_calendar(source)]
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, every),
        message=_headline(source, parts[0]) if parts else source.wording("panel.described-when"),
        subtitle=source.wording("panel.described-plot"),
        data=_data(exhibit, source, every),
        alt=" ".join(f"{one.label}." for one in every),
    )


def _arms(source: Source) -> list[str]:
    return [*source.configuration.study.arms_without_any(), treated_arm(source)]


def _means(source: Source, series: str, arm: str) -> dict[str, float]:
    """A series of a group by its periods; means of several years are left out."""
    return {
        t.period: t.mean
        for t in source.records.trends
        if (t.series, t.arm) == (series, arm) and "-" not in t.period
    }


def _parts(source: Source) -> list[PeriodShares]:
    """Each further count of the study as a share of the first, by year."""
    panel = source.configuration.study.panel
    if panel is None:
        return []
    whole, *parts = panel.count
    found = []
    for part in parts:
        by_arm = {}
        for arm in _arms(source):
            some, every = (_means(source, f"{c.id}_a_year", arm) for c in (part, whole))
            by_arm[arm] = tuple(
                100.0 * some[year] / n if n else math.nan for year, n in every.items()
            )
        years = tuple(every)
        label = part.label[source.language]
        found.append(PeriodShares(id=part.id, label=label, periods=years, by_arm=by_arm))
    return found


def _calendar(source: Source) -> list[PeriodShares]:
    found = []
    for name in CALENDAR:
        by_arm = {arm: _means(source, name, arm) for arm in _arms(source)}
        found.append(
            PeriodShares(
                id=name,
                label=source.wording(f"panel.{name}"),
                periods=tuple(next(iter(by_arm.values()))),
                by_arm={arm: tuple(values.values()) for arm, values in by_arm.items()},
            )
        )
    return found


def _headline(source: Source, one: PeriodShares) -> str:
    """The first part's share in all years together, in both groups."""
    panel = source.configuration.study.panel
    whole = f"{panel.count[0].id if panel else ''}_a_year"
    said = {}
    for arm, shares in one.by_arm.items():
        number = _means(source, whole, arm).values()
        some = math.fsum(n * share for n, share in zip(number, shares, strict=True) if n)
        said[arm] = number_format.share(some / math.fsum(number) / 100.0, 0, source.language)
    treated = treated_arm(source)
    return source.wording(
        "panel.described-headline",
        label=one.label,
        treated=said.pop(treated),
        comparison=number_format.listed(list(said.values()), source.language),
        years=spelt(f"{one.periods[0]}-{one.periods[-1]}", source.language),
    )


def _plot(sheet: DrawingSheet, source: Source, every: Sequence[PeriodShares]) -> None:
    looks = {arm: {**line_style(order(source, arm)), "markersize": 3} for arm in _arms(source)}
    sheet.legend([({**look, "linewidth": 1.4}, source.arm(arm)) for arm, look in looks.items()])
    across = 1 if sheet.narrow else ACROSS
    wide = (sheet.inside + GAP) / across - GAP - RIGHT
    for start in range(0, len(every), across):
        top, below = sheet.top, sheet.top
        for k, one in enumerate(every[start : start + across]):
            left = MARGIN + k * (wide + GAP + RIGHT)
            sheet.top = top
            sheet.say(one.label, size=SMALL, bold=True, left=left, room=wide)
            below = max(below, sheet.top)
        for k, one in enumerate(every[start : start + across]):
            left = MARGIN + k * (wide + GAP + RIGHT) + AXIS
            axes = sheet.panel(left, wide - AXIS, HEIGHT, top=below + 0.03)
            x = range(len(one.periods))
            for arm, look in looks.items():
                axes.plot(x, one.by_arm[arm], linewidth=1.3, **look)
            _frame(axes, one, source.language)
        sheet.top = below + HEIGHT + BELOW


def _frame(axes: Axes, one: PeriodShares, language: str) -> None:
    known = [x for shares in one.by_arm.values() for x in shares if not math.isnan(x)]
    axes.set_ylim(0.0, ABOVE * max(known))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    ruled(axes)
    named = one.id in CALENDAR
    at = range(len(one.periods)) if named else range(0, len(one.periods), 4)
    axes.set_xticks(at)
    axes.set_xticklabels([_called(one, k, language, width="narrow") for k in at])


def _called(
    one: PeriodShares, position: int, language: str, *, width: Literal["narrow", "wide"]
) -> str:
    """A period as readers call it: the year, or the name of a month or of a day of the week."""
    if one.id not in CALENDAR:
        return one.periods[position]
    number = int(one.periods[position])
    if one.id == "month_share":
        return dates.get_month_names(width, "stand-alone", language)[number]
    return dates.get_day_names(width, "stand-alone", language)[number - 1]


def _share(value: float) -> Cell:
    """A share in percent; nothing where there was no event to share out."""
    return table.none() if math.isnan(value) else table.number(value, decimals=1, unit="%")


def _data(exhibit: Exhibit, source: Source, every: Sequence[PeriodShares]) -> Table:
    arms = _arms(source)
    rows = [
        table.row(
            f"{one.id}_{slug(period)}",
            one.label,
            _called(one, k, source.language, width="wide"),
            *(_share(one.by_arm[arm][k]) for arm in arms),
        )
        for one in every
        for k, period in enumerate(one.periods)
    ]
    columns: list[Column | str] = ["series", "period"]
    columns += [Column(id=f"share_{arm}", label=source.arm(arm)) for arm in arms]
    note = source.note("panel.described", "panel.described-only")
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note,))
