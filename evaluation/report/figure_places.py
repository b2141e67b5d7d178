"""Forest plot: each place's effect."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import figure_style as style
from evaluation.report import formats, words
from evaluation.report.figure_frame import absent, finish
from evaluation.report.place_lines import Places, place, places_of, sentence
from evaluation.report.sources import Source
from evaluation.report.table import Table
from evaluation.report.table_places import places
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate
from evaluation.spec.row_keys import RowKey

ROW_INCHES, LABEL_WIDTH, HEAD_WIDTH = 0.34, 24, 20
SEPARATE = 0.5
LOOK: dict[str, Any] = {"color": style.COLOURS[0], "linewidth": 1.2}

# Words, position, and check and key of a line; a heading has no key.
Line = tuple[str, float, tuple[str, RowKey | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of a panel: an interval with or without a point, or why there is none."""

    position: float
    low: float = math.nan
    high: float = math.nan
    estimate: float = math.nan
    remark: str = ""


@style.draws
def places_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """A panel per outcome; places share their lines."""
    checks = records.checks_of(source, "by_place")
    outcomes = [
        o
        for o in source.plan.outcome
        if all(o in records.outcomes_of(exhibit, source, check) for check in checks)
    ]
    made = [[places_of(source, check, o) for check in checks] for o in outcomes]
    labels = _labels(source, checks, made)
    with style.applied():
        figure = style.canvas(2.6 + ROW_INCHES * labels[-1][1])
        panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        for axes, outcome, found in zip(panels, outcomes, made, strict=True):
            _draw(axes, _marks(found, labels), outcome, source)
        _name_rows(panels[0], labels)
        level = formats.percent(source.plan.inference.level, source.language)
        said = wording("places-axis", source.language, level=level)
        figure.supxlabel(said, fontsize=9.5)
        alt = _alt(made, source.language)
        return finish(figure, exhibit, source, data=_data(exhibit, source), alt=alt)


def _labels(source: Source, checks: Sequence[Check], made: list[list[Places]]) -> list[Line]:
    """Words, position, and check and sample of every line; a heading has no sample."""
    lines: list[Line] = []
    position = 0.0
    for number, check in enumerate(checks):
        lines.append((check.label[source.language], position, (check.id, None)))
        names = {x.sample: place(x) for found in made for x in found[number].strata}
        for sample, label in names.items():
            position += 1
            lines.append((label, position, (check.id, sample)))
        position += 1 + SEPARATE
    return lines


def _marks(found: list[Places], labels: list[Line]) -> list[Mark]:
    by_check = {made.check.id: made for made in found}
    return [
        _mark(by_check[check], sample, position)
        for _, position, (check, sample) in labels
        if sample
    ]


def _mark(made: Places, sample: RowKey, position: float) -> Mark:
    found = next((x.found for x in made.strata if x.sample == sample), None)
    if not isinstance(found, Estimate):
        remark = absent(None if found is None else found.reason, made.source.language)
        return Mark(position=position, remark=remark)
    return Mark(position=position, low=found.ci_low, high=found.ci_high, estimate=found.estimate)


def _draw(axes: Axes, marks: list[Mark], outcome: Outcome, source: Source) -> None:
    ends = [x for m in marks for x in (m.low, m.high) if math.isfinite(x)]
    reach = 1.08 * max((abs(x) for x in ends), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    for mark in marks:
        if mark.remark:
            axes.text(0, mark.position, mark.remark, ha="center", va="center", fontsize=8)
            continue
        axes.plot([max(mark.low, -reach), min(mark.high, reach)], [mark.position] * 2, **LOOK)
        axes.plot(mark.estimate, mark.position, marker=style.MARKERS[1], markersize=5, **LOOK)
    axes.set_xlim(-reach, reach)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    title = outcome.label[source.language].split(" (")[0]
    axes.set_title(style.wrap(title, HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _name_rows(axes: Axes, labels: list[Line]) -> None:
    axes.set_ylim(labels[-1][1] + 0.7, -0.7)
    axes.set_yticks(
        [position for _, position, _ in labels],
        [style.wrap(label, LABEL_WIDTH) for label, _, _ in labels],
        fontsize=9,
    )
    for tick, (_, _, (_, sample)) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontweight("normal" if sample else "bold")


def _data(exhibit: Exhibit, source: Source) -> Table:
    return places(exhibit, source)


def _alt(made: list[list[Places]], language: str) -> str:
    said = " ".join(sentence(one) for found in made for one in found)
    return wording("places-alt", language, said=said)
