"""Rows of marks under common names, in one or more panels side by side.

Where the sheet is wide the names stand at the left; where it is narrow each stands above its row.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale.messages import wording
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import ESTIMATE, absent
from evaluation.report.figures.sheet import (
    BAND,
    FAINT,
    INK,
    LEADING,
    MARGIN,
    PAPER,
    RULE,
    SMALL,
    DrawingSheet,
)
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source

AIR, FIRST = 1.06, 0.03
LINE = LEADING * SMALL / 72
GAP, EDGE = 0.2, 0.08  # between panels, and at the ends
TITLE = 8.5
# inches between rows and above a heading, by how many rows there are at least: a sheet of A4 has to
# hold all of them at a size that can be read
SPACING = ((41, -0.012, 0.02), (24, 0.006, 0.04), (0, 0.08, 0.1))
TIGHT = 24
FEW_TICKS = 1.75  # inches: a narrower panel has room for three numbers
STEPS = (0.5, 0.6, 0.8, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
# samples of a legend
ESTIMATE_LOOK = {"color": ESTIMATE, "marker": "o", "markersize": 5, "linewidth": 1.5}
RANGE_LOOK = {"color": ESTIMATE, "linewidth": 4.5, "solid_capstyle": "butt"}
GREY = {"facecolor": BAND}


def estimates_and_ranges(sheet: DrawingSheet, source: Source, estimate: str, whole: str) -> None:
    """The legend of rows with estimates and ranges, by the ids of their wordings."""
    level = number_format.percent(source.plan.inference.level, source.language)
    sheet.legend(
        [
            (ESTIMATE_LOOK, source.wording(estimate, level=level)),
            (RANGE_LOOK, source.wording(whole)),
            (GREY, source.wording("figure.grey")),
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row of a panel: an interval with or without a point, or why there is none.

    ``text`` stands behind it.
    """

    low: float = math.nan
    high: float = math.nan
    point: float = math.nan
    remark: str = ""
    colour: str = ESTIMATE
    filled: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow:
    """One row of the figure, with its marks by panel; a heading has none.

    ``value`` is text at the right of the row.
    """

    label: str
    marks: Mapping[str, Mark] = field(default_factory=dict)
    bold: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePanel:
    """What one panel shows.

    Attributes
    ----------
    id : str
        Key of its marks.
    title, unit, better : str
        Above it; ``better`` says which direction is.
    smallest : float, optional
        Half the width of the grey band.
    from_zero : bool
        Whether nothing lies below zero.
    """

    id: str
    title: str
    unit: str
    better: str = ""
    smallest: float | None = None
    from_zero: bool = False


def panel(outcome: Outcome, language: str) -> FigurePanel:
    """The panel of an outcome in its own unit.

    Parameters
    ----------
    outcome : Outcome
    language : {"en", "es"}
    """
    return FigurePanel(
        id=outcome.id,
        title=words.begun(words.spoken(outcome.label[language], language)),
        unit=words.unit(outcome.unit, language),
        better=better(outcome, language),
        smallest=outcome.smallest_effect,
    )


def better(outcome: Outcome, language: str) -> str:
    """Which direction is better, with an arrow; empty where none is."""
    return (
        "" if outcome.desired == "none" else wording(f"figure.better.{outcome.desired}", language)
    )


def mark_of(found: Estimate | Unavailable | None, language: str) -> Mark:
    """The mark of an estimate, or the word in its place; None where nothing was asked for.

    Parameters
    ----------
    found : Estimate, Unavailable or None
    language : {"en", "es"}
    """
    if isinstance(found, Estimate):
        return Mark(low=found.ci_low, high=found.ci_high, point=found.estimate)
    return Mark(remark=absent(None if found is None else found.reason, language))


def draw_rows(
    sheet: DrawingSheet,
    rows: Sequence[PanelRow],
    panels: Sequence[FigurePanel],
    *,
    names: float = 2.35,
    values: float = 0.0,
) -> None:
    """Draw the panels and name their rows.

    Parameters
    ----------
    sheet : DrawingSheet
    rows : sequence of PanelRow
        From above.
    panels : sequence of FigurePanel
        From the left.
    names, values : float, optional
        Inches for the names at the left and the values at the right, where the sheet is wide.
    """
    # a number under the left end of an axis has half of itself beyond it
    begin, values = (MARGIN + EDGE, 0.0) if sheet.narrow else (names, values)
    room = sheet.width - begin - values - MARGIN - EDGE
    wide = (room - GAP * (len(panels) - 1)) / len(panels)
    lefts = [begin + number * (wide + GAP) for number in range(len(panels))]
    heads(sheet, panels, lefts, wide)
    top = sheet.top
    middles, height = lay_rows(sheet, rows, names=names)
    for one, left in zip(panels, lefts, strict=True):
        _draw_panel(sheet.rows(left, wide, height, top=top), one, rows, middles, wide)
    sheet.top += 0.24


def lay_rows(
    sheet: DrawingSheet, rows: Sequence[PanelRow], *, names: float
) -> tuple[list[float], float]:
    """Name the rows; where their marks stand in inches from the top, and the height of all.

    Parameters
    ----------
    sheet : DrawingSheet
        Goes on below them.
    rows : sequence of PanelRow
    names : float
        Inches for the names at the left, where the sheet is wide.
    """
    labels = [
        typeface.broken(row.label, _room(sheet, row, names), SMALL, bold=_is_bold(row))
        for row in rows
    ]
    tops = _tops(sheet, rows, labels)
    for row, lines, top in zip(rows, labels, tops, strict=False):
        _name(sheet, row, lines, top, is_tight=len(rows) >= TIGHT)
    sheet.top += tops[-1]
    return [_middle(sheet, top, lines) for top, lines in zip(tops, labels, strict=False)], tops[-1]


def _is_bold(row: PanelRow) -> bool:
    return row.bold or not row.marks


def _room(sheet: DrawingSheet, row: PanelRow, names: float) -> float:
    """Inches for the name of a row."""
    value = typeface.width(row.value, SMALL) + 0.1 if row.value and sheet.narrow else 0.0
    wide = sheet.inside if sheet.narrow or not row.marks else names - 0.12
    return wide - value


def _tops(
    sheet: DrawingSheet, rows: Sequence[PanelRow], labels: Sequence[Sequence[str]]
) -> list[float]:
    """Where each row begins, in inches below the first; last, where the rows end."""
    tops: list[float] = []
    top = FIRST
    between, above = next(gaps for many, *gaps in SPACING if len(rows) >= many)
    for row, lines in zip(rows, labels, strict=True):
        if not row.marks and tops:
            top += above
        tops.append(top)
        height = len(lines) * LINE
        if row.marks and sheet.narrow:
            top += height + 0.2
        else:
            top += height + (between if row.marks else min(between, 0.05))
    return [*tops, top + 0.02]


def _middle(sheet: DrawingSheet, top: float, lines: Sequence[str]) -> float:
    """Where the marks of a row stand."""
    high = len(lines) * LINE
    return top + high + 0.085 if sheet.narrow else top + high / 2


def _name(
    sheet: DrawingSheet, row: PanelRow, lines: Sequence[str], top: float, *, is_tight: bool
) -> None:
    if sheet.narrow or not row.marks:
        # a heading has the room around it too, and the first row what is above it
        room, rest = (0.04, 0.0) if is_tight else (0.12, 0.06)
        above = 0.0 if row.marks and top > FIRST else min(room, top + 0.01)
        below = 0.02 if row.marks else rest
        sheet.blank(sheet.top + top - above, above + len(lines) * LINE + below)
    weight = "bold" if _is_bold(row) else "normal"
    sheet.lines(lines, MARGIN, sheet.top + top, size=SMALL, fontweight=weight)
    if row.value:
        end = sheet.width - MARGIN
        sheet.lines([row.value], end, sheet.top + top, size=SMALL, side="right", fontweight=weight)


def heads(
    sheet: DrawingSheet, panels: Sequence[FigurePanel], lefts: Sequence[float], wide: float
) -> None:
    """Titles over the panels, the lines of all ending level; below each its unit and direction.

    Parameters
    ----------
    sheet : DrawingSheet
        Goes on below them.
    panels : sequence of FigurePanel
    lefts : sequence of float
        Where each begins, in inches.
    wide : float
        Inches of each.
    """
    titles = [typeface.broken(p.title, wide, TITLE, bold=True) if p.title else [] for p in panels]
    tallest = max(map(len, titles)) * LEADING * TITLE / 72
    units = [
        typeface.broken(f"{p.unit}\n{p.better}".strip("\n"), wide, SMALL)
        if typeface.width(f"{p.unit}, {p.better}", SMALL) > wide or not p.better
        else [f"{p.unit}, {p.better}"]
        for p in panels
    ]
    for left, title, unit in zip(lefts, titles, units, strict=True):
        top = sheet.top + tallest - len(title) * LEADING * TITLE / 72
        sheet.lines(title, left, top, size=TITLE, fontweight="bold")
        sheet.lines(unit, left, sheet.top + tallest, size=SMALL, color=FAINT)
    sheet.top += tallest + max(map(len, units)) * LINE + 0.04


def limits(marks: Sequence[Mark], smallest: float | None) -> float:
    """Half the width of an axis: the farthest finite end, or the band, with some air."""
    ends = [abs(x) for m in marks for x in (m.low, m.high, m.point) if math.isfinite(x)]
    return AIR * max([*ends, smallest or 0.0]) or 1.0


def scale(axes: Axes, limit: tuple[float, float], wide: float) -> None:
    """An axis of numbers: few ticks, faint lines at them, and a line at zero.

    Parameters
    ----------
    axes : Axes
    limit : tuple of float
    wide : float
        Inches.
    """
    axes.set_xlim(*limit)
    if wide < FEW_TICKS:
        step = _round(max(limit))
        axes.set_xticks([x for x in (-step, 0.0, step) if x >= limit[0]])
        axes.xaxis.set_major_formatter(ScalarFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(max(2, int(wide / 0.45)), steps=[1, 2, 5, 10]))
    axes.xaxis.grid(visible=True, color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1.5)


def _round(limit: float) -> float:
    """The largest round number that an axis reaches with its label."""
    power = 10.0 ** math.floor(math.log10(limit))
    return max(x * power for x in STEPS if x * power <= 0.95 * limit)


def interval(axes: Axes, position: float, mark: Mark, limit: tuple[float, float]) -> None:
    """One interval and its point; an interval without an end goes on to the edge.

    Parameters
    ----------
    axes : Axes
    position : float
    mark : Mark
    limit : tuple of float
    """
    is_point = math.isfinite(mark.point)
    ends = [max(mark.low, limit[0]), min(mark.high, limit[1])]
    width = 1.5 if is_point else 4.5
    axes.plot(ends, [position] * 2, color=mark.colour, linewidth=width, solid_capstyle="butt")
    if is_point:
        fill, edge = (mark.colour, PAPER) if mark.filled else (PAPER, mark.colour)
        axes.plot(
            mark.point, position, "o", markersize=6.5 if mark.filled else 5, markerfacecolor=fill,
            markeredgecolor=edge, markeredgewidth=1.0, clip_on=False, zorder=3,
        )  # fmt: skip


def _draw_panel(
    axes: Axes, one: FigurePanel, rows: Sequence[PanelRow], middles: Sequence[float], wide: float
) -> None:
    marks = [
        (m, row.marks[one.id]) for m, row in zip(middles, rows, strict=True) if one.id in row.marks
    ]
    half = limits([mark for _, mark in marks], one.smallest)
    texts = max((typeface.width(m.text, SMALL) + 0.1 for _, m in marks if m.text), default=0.0)
    ends = (0.0, half / max(1 - texts / wide, 0.4)) if one.from_zero else (-half, half)
    scale(axes, ends, wide)
    if one.smallest is not None:
        axes.axvspan(-one.smallest, one.smallest, color=BAND, zorder=0, linewidth=0)
    for position, mark in marks:
        behind = max((x for x in (mark.high, mark.point) if math.isfinite(x)), default=ends[1])
        # a line that went on behind a number would strike it through
        rule = (ends[0], behind if mark.text else ends[1])
        axes.plot(rule, [position] * 2, color=RULE, linewidth=0.5, zorder=0.9)
        if mark.remark:
            axes.text(
                0, position, mark.remark, ha="center", va="center", fontsize=SMALL, color=FAINT,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        else:
            interval(axes, position, mark, ends)
        if mark.text:
            axes.annotate(
                mark.text, (behind, position), (5, 0), textcoords="offset points", va="center",
                fontsize=SMALL, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
            )  # fmt: skip
