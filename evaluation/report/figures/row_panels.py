"""Panels side by side, one an outcome, whose rows are intervals under common names."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import absent
from evaluation.report.formats import words
from evaluation.report.sources import Source
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate, Unavailable

# a range of numbers that has no point
RANGE: Mapping[str, Any] = {"color": style.COLOURS[2], "linewidth": 5.0}
AIR = 1.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row of a panel: an interval with or without a point, or why there is none."""

    low: float = math.nan
    high: float = math.nan
    point: float = math.nan
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow:
    """One row of the figure, with its marks by outcome; a heading has none."""

    label: str
    position: float
    marks: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the rows of a figure look.

    Attributes
    ----------
    line, point : mapping
        Of an interval and its point, in the words of matplotlib.
    label_width, title_width : int
        Characters on a line of a row's name and of a panel's title.
    label_size, remark_size : float
        Points.
    ticks : int, optional
        The most of an axis.
    """

    line: Mapping[str, Any]
    point: Mapping[str, Any]
    label_width: int
    title_width: int
    label_size: float = 9
    remark_size: float = 7.5
    ticks: int | None = None


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
    figure: Canvas,
    rows: Sequence[PanelRow],
    outcomes: Sequence[Outcome],
    look: Look,
    source: Source,
) -> None:
    """Draw a panel for each outcome; the first one names the rows.

    Parameters
    ----------
    figure : Figure
        Empty.
    rows : sequence of PanelRow
        From above.
    outcomes : sequence of Outcome
        From the left.
    look : Look
    source : Source
        Gives the language.
    """
    panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
    for axes, outcome in zip(panels, outcomes, strict=True):
        marks = [(r.position, r.marks[outcome.id]) for r in rows if outcome.id in r.marks]
        _draw_panel(axes, marks, outcome, look)
        title = outcome.label[source.language].split(" (")[0]
        axes.set_title(style.wrap(title, look.title_width), fontsize=9.5)
        axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)
    if not rows:
        return
    panels[0].set_ylim(rows[-1].position + 0.7, -0.7)
    labels = [style.wrap(row.label, look.label_width) for row in rows]
    panels[0].set_yticks([row.position for row in rows], labels, fontsize=look.label_size)
    for tick, row in zip(panels[0].get_yticklabels(), rows, strict=True):
        tick.set_fontweight("normal" if row.marks else "bold")


def _draw_panel(
    axes: Axes, marks: Sequence[tuple[float, Mark]], outcome: Outcome, look: Look
) -> None:
    ends = [x for _, mark in marks for x in (mark.low, mark.high) if math.isfinite(x)]
    half_width = AIR * max((abs(x) for x in ends), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    for position, mark in marks:
        if mark.remark:
            size = look.remark_size
            axes.text(0, position, mark.remark, ha="center", va="center", fontsize=size)
            continue
        is_point = math.isfinite(mark.point)
        line = look.line if is_point else RANGE
        # an interval without an end goes on to the edge
        axes.plot([max(mark.low, -half_width), min(mark.high, half_width)], [position] * 2, **line)
        if is_point:
            axes.plot(mark.point, position, **look.point)
    axes.set_xlim(-half_width, half_width)
    axes.tick_params(axis="y", length=0)
    if look.ticks is not None:
        axes.locator_params(axis="x", nbins=look.ticks)
    axes.spines["left"].set_visible(False)
