"""Forest plot: each place's effect, their pooled mean, and where one more place would lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.report import check_records as records
from evaluation.report import figure_style as style
from evaluation.report import figure_words, formats, table, whom_words, words
from evaluation.report.figure_frame import finish
from evaluation.report.place_lines import POOLED, PREDICTION, Places, place, places_of, sentence
from evaluation.report.sources import Source
from evaluation.report.table import Table
from evaluation.report.table_places import places
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Bound, Estimate, Unavailable

ROW_INCHES, LABEL_WIDTH, HEAD_WIDTH = 0.34, 24, 20
SEPARATE = 0.5
PLACE = "place"
LOOKS: dict[str, dict[str, Any]] = {
    PLACE: {
        "color": style.COLOURS[0],
        "marker": style.MARKERS[1],
        "markersize": 5,
        "linewidth": 1.2,
    },
    POOLED: {
        "color": style.COLOURS[1],
        "marker": style.MARKERS[3],
        "markersize": 8,
        "linewidth": 2.6,
    },
    PREDICTION: {"color": style.COLOURS[2], "linestyle": style.LINES[0], "linewidth": 1.8},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of a panel: an interval with or without a point, or why there is none."""

    kind: str
    position: float
    low: float = math.nan
    high: float = math.nan
    estimate: float = math.nan
    remark: str = ""


def places_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """A panel per outcome; places, pooled mean and prediction interval share their lines."""
    checks = records.checks_of(source, "pooled_strata")
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
        said = figure_words.PLACES_AXIS[source.language].format(level=level)
        figure.supxlabel(said, fontsize=9.5)
        alt = _alt(outcomes, made, source.language)
        return finish(figure, exhibit, source, data=_data(exhibit, source), alt=alt)


def _labels(
    source: Source, checks: Sequence[Check], made: list[list[Places]]
) -> list[tuple[str, float, tuple[str, str]]]:
    """Words, position, and check and sample of every line; a heading has no sample."""
    lines: list[tuple[str, float, tuple[str, str]]] = []
    position = 0.0
    for number, check in enumerate(checks):
        lines.append((check.label[source.language], position, (check.id, "")))
        names = {x.sample: place(x) for found in made for x in found[number].strata}
        summaries = {
            POOLED: whom_words.SHORT[POOLED][source.language],
            PREDICTION: whom_words.SHORT[PREDICTION][source.language],
        }
        for sample, label in {**names, **summaries}.items():
            position += 1
            lines.append((label, position, (check.id, sample)))
        position += 1 + SEPARATE
    return lines


def _marks(found: list[Places], labels: list[tuple[str, float, tuple[str, str]]]) -> list[Mark]:
    by_check = {made.check.id: made for made in found}
    return [
        _mark(by_check[check], sample, position)
        for _, position, (check, sample) in labels
        if sample
    ]


def _mark(made: Places, sample: str, position: float) -> Mark:
    kind = sample if sample in (POOLED, PREDICTION) else PLACE
    found: Estimate | Bound | Unavailable | None = next(
        (x.found for x in made.strata if x.sample == sample), None
    )
    if kind == POOLED:
        found = made.pooled
    if kind == PREDICTION:
        found = made.prediction
    if sample in made.hidden:
        remark = table.suppressed(made.source.language).text
        return Mark(kind=kind, position=position, remark=remark)
    if isinstance(found, Estimate):
        return Mark(
            kind=kind,
            position=position,
            low=found.ci_low,
            high=found.ci_high,
            estimate=found.estimate,
        )
    if isinstance(found, Bound):
        return Mark(kind=kind, position=position, low=found.low, high=found.high)
    absent = figure_words.NOT_AVAILABLE[made.source.language]
    return Mark(kind=kind, position=position, remark=absent)


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
        look = {k: v for k, v in LOOKS[mark.kind].items() if k not in ("marker", "markersize")}
        axes.plot([max(mark.low, -reach), min(mark.high, reach)], [mark.position] * 2, **look)
        if math.isfinite(mark.estimate):
            axes.plot(mark.estimate, mark.position, **LOOKS[mark.kind])
    axes.set_xlim(-reach, reach)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    title = outcome.label[source.language].split(" (")[0]
    axes.set_title(style.wrap(title, HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _name_rows(axes: Axes, labels: list[tuple[str, float, tuple[str, str]]]) -> None:
    axes.set_ylim(labels[-1][1] + 0.7, -0.7)
    axes.set_yticks(
        [position for _, position, _ in labels],
        [style.wrap(label, LABEL_WIDTH) for label, _, _ in labels],
        fontsize=9,
    )
    for tick, (_, _, (_, sample)) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontweight("normal" if sample not in ("", POOLED) else "bold")


def _data(exhibit: Exhibit, source: Source) -> Table:
    return places(exhibit, source)


def _alt(outcomes: Sequence[Outcome], made: list[list[Places]], language: str) -> str:
    said = [
        f"{sentence(one)}{_between(one, outcome, language)}"
        for outcome, found in zip(outcomes, made, strict=True)
        for one in found
    ]
    return figure_words.PLACES_ALT[language].format(said=" ".join(said))


def _between(one: Places, outcome: Outcome, language: str) -> str:
    """From where to where the effects of the places that are shown go."""
    shown = [
        x.found.estimate
        for x in one.strata
        if isinstance(x.found, Estimate) and x.sample not in one.hidden
    ]
    if not shown:
        return ""
    low, high = (formats.signed(x, outcome.decimals, language) for x in (min(shown), max(shown)))
    return figure_words.PLACES_BETWEEN[language].format(n=len(shown), low=low, high=high)
