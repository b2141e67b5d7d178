"""How far each check moves each primary estimate, with the interval of the difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import figure_style as style
from evaluation.report import formats, words
from evaluation.report.difference_lines import (
    DifferenceLine,
    Entry,
    differences,
    entries,
    heading,
)
from evaluation.report.figure_frame import absent, finish
from evaluation.report.sources import Source
from evaluation.report.table_robustness import robustness, sentence
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Unavailable

ROW_INCHES, LABEL_WIDTH, HEAD_WIDTH = 0.34, 48, 15
SEPARATE = 0.4  # rows of empty space between doubts
POINT_COLOUR, RANGE_COLOUR = style.COLOURS[0], style.COLOURS[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row of a panel: a difference with its interval, a range of them, or why there is none."""

    low: float = math.nan
    high: float = math.nan
    difference: float = math.nan
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row of the figure, or the heading of some; ``marks`` by outcome."""

    label: str
    position: float
    marks: dict[str, Mark]


@style.draws
def specification_curve(exhibit: Exhibit, source: Source) -> style.Figure:
    """A panel per outcome; the zero line is the primary estimate."""
    outcomes, chosen = source.outcomes_of(exhibit), entries(exhibit, source)
    places = _places(source, chosen, outcomes)
    with style.applied():
        figure = style.canvas(2.2 + ROW_INCHES * (places[-1].position if places else 1.0))
        panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        for axes, outcome in zip(panels, outcomes, strict=True):
            _draw(axes, places, outcome, source)
        _name_rows(panels[0], places)
        level = formats.percent(source.plan.inference.level, source.language)
        main, base = (p.primary_specification().id for p in (source.plan, source.plan.checked()))
        axis = "robustness-axis" if main == base else "robustness-axis-of"
        said = wording(axis, source.language, level=level)
        figure.supxlabel(style.wrap(said, 96), fontsize=9.5)
        return finish(
            figure,
            exhibit,
            source,
            data=robustness(exhibit, source),
            alt=_alt(source, outcomes),
        )


def _places(source: Source, chosen: Sequence[Entry], outcomes: Sequence[Outcome]) -> list[Place]:
    found: list[Place] = []
    position, before = 0.0, ""
    for entry in chosen:
        lines = {o.id: differences(source, entry, o) for o in outcomes}
        rows = _rows(source, entry, lines)
        if not rows:
            continue
        group = heading(source, entry)
        if group != before:
            position += SEPARATE if found else 0.0
            found.append(Place(label=group, position=position, marks={}))
            position, before = position + 1, group
        for label, marks in rows:
            found.append(Place(label=label, position=position, marks=marks))
            position += 1
    return found


def _rows(
    source: Source, entry: Entry, lines: dict[str, tuple[DifferenceLine, ...]]
) -> list[tuple[str, dict[str, Mark]]]:
    """Label and marks by outcome of an entry's rows."""
    if isinstance(entry, Check) and entry.declared.one_line:
        label = entry.label[source.language]
        return [(label, {outcome: _range(source, made) for outcome, made in lines.items()})]
    labels = {x.id: x.label for made in lines.values() for x in made}
    return [
        (
            label,
            {o: _mark(source, x) for o, made in lines.items() for x in made if x.id == name},
        )
        for name, label in labels.items()
    ]


def _mark(source: Source, line: DifferenceLine) -> Mark:
    if isinstance(line.found, Unavailable):
        return Mark(remark=absent(line.found.reason, source.language))
    one = line.found
    return Mark(low=one.ci_low, high=one.ci_high, difference=one.difference)


def _range(source: Source, lines: Sequence[DifferenceLine]) -> Mark:
    shown = [x.shown.difference for x in lines if x.shown is not None]
    if shown:
        return Mark(low=min(shown), high=max(shown))
    return _mark(source, lines[0]) if lines else Mark()


def _draw(axes: Axes, places: Sequence[Place], outcome: Outcome, source: Source) -> None:
    marks = [(p.position, p.marks[outcome.id]) for p in places if outcome.id in p.marks]
    ends = [x for _, m in marks for x in (m.low, m.high) if math.isfinite(x)]
    reach = 1.08 * max((abs(x) for x in ends), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    for position, mark in marks:
        if mark.remark:
            axes.text(0, position, mark.remark, ha="center", va="center", fontsize=7.5)
            continue
        is_point = math.isfinite(mark.difference)
        colour, width = (POINT_COLOUR, 1.4) if is_point else (RANGE_COLOUR, 5.0)
        axes.plot([mark.low, mark.high], [position] * 2, color=colour, linewidth=width)
        if is_point:
            axes.plot(mark.difference, position, color=colour, marker=style.MARKERS[1], ms=5)
    axes.set_xlim(-reach, reach)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=4)
    axes.spines["left"].set_visible(False)
    title = outcome.label[source.language].split(" (")[0]
    axes.set_title(style.wrap(title, HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _name_rows(axes: Axes, places: Sequence[Place]) -> None:
    if not places:
        return
    axes.set_ylim(places[-1].position + 0.7, -0.7)
    axes.set_yticks(
        [p.position for p in places],
        [style.wrap(p.label, LABEL_WIDTH) for p in places],
        fontsize=7.5,
    )
    for tick, place in zip(axes.get_yticklabels(), places, strict=True):
        tick.set_fontweight("normal" if place.marks else "bold")


def _alt(source: Source, outcomes: Sequence[Outcome]) -> str:
    said = [sentence(source, o) for o in outcomes]
    told = " ".join(x for x in said if x is not None)
    return wording("robustness-alt", source.language, said=told).rstrip()
