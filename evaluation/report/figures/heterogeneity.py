"""Forest plots: each place's effect, and differences between the effects on groups."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import absent, finish
from evaluation.report.formats import number_format, words
from evaluation.report.formats.table import Table
from evaluation.report.heterogeneity_rows import (
    Places,
    Trait,
    group_label,
    group_sentence,
    place,
    place_sentence,
    places_of,
    traits,
)
from evaluation.report.sources import Source
from evaluation.report.tables.heterogeneity import subgroups
from evaluation.report.tables.places import places
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import RowKey

PLACE_INCHES, PLACE_LABEL_WIDTH, PLACE_HEAD_WIDTH = 0.34, 24, 20
PLACE_SEPARATE = 0.5
LOOK: dict[str, Any] = {"color": style.COLOURS[0], "linewidth": 1.2}

# Words, position, and check and key of a line; a heading has no key.
Line = tuple[str, float, tuple[str, RowKey | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMark:
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
        figure = style.canvas(2.6 + PLACE_INCHES * labels[-1][1])
        panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        for axes, outcome, found in zip(panels, outcomes, made, strict=True):
            _draw_places(axes, _place_marks(found, labels), outcome, source)
        _name_places(panels[0], labels)
        level = number_format.percent(source.plan.inference.level, source.language)
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
        position += 1 + PLACE_SEPARATE
    return lines


def _place_marks(found: list[Places], labels: list[Line]) -> list[PlaceMark]:
    by_check = {made.check.id: made for made in found}
    return [
        _mark(by_check[check], sample, position)
        for _, position, (check, sample) in labels
        if sample
    ]


def _mark(made: Places, sample: RowKey, position: float) -> PlaceMark:
    found = next((x.found for x in made.strata if x.sample == sample), None)
    if not isinstance(found, Estimate):
        remark = absent(None if found is None else found.reason, made.source.language)
        return PlaceMark(position=position, remark=remark)
    return PlaceMark(
        position=position, low=found.ci_low, high=found.ci_high, estimate=found.estimate
    )


def _draw_places(axes: Axes, marks: list[PlaceMark], outcome: Outcome, source: Source) -> None:
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
    axes.set_title(style.wrap(title, PLACE_HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _name_places(axes: Axes, labels: list[Line]) -> None:
    axes.set_ylim(labels[-1][1] + 0.7, -0.7)
    axes.set_yticks(
        [position for _, position, _ in labels],
        [style.wrap(label, PLACE_LABEL_WIDTH) for label, _, _ in labels],
        fontsize=9,
    )
    for tick, (_, _, (_, sample)) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontweight("normal" if sample else "bold")


def _data(exhibit: Exhibit, source: Source) -> Table:
    return places(exhibit, source)


def _alt(made: list[list[Places]], language: str) -> str:
    said = " ".join(place_sentence(one) for found in made for one in found)
    return wording("places-alt", language, said=said)


GROUP_INCHES, GROUP_LABEL_WIDTH, GROUP_HEAD_WIDTH = 0.36, 40, 22
COLOUR, MARKER = style.COLOURS[1], style.MARKERS[3]
GROUP_SEPARATE = 0.45  # rows of empty space between traits


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMark:
    """One row of the figure: a trait's heading, or a difference with its samples by outcome."""

    label: str
    position: float
    check: str = ""
    sample: RowKey | None = None


@style.draws
def subgroups_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Differences between two groups' effects; the groups' own effects are no answer to it."""
    outcomes = source.outcomes_of(exhibit)
    chosen = {o.id: traits(exhibit, source, o) for o in outcomes}
    marks = _group_marks(source, [trait for found in chosen.values() for trait in found])
    with style.applied():
        figure = style.canvas(2.3 + GROUP_INCHES * marks[-1].position)
        panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        for axes, outcome in zip(panels, outcomes, strict=True):
            _draw_groups(axes, marks, chosen[outcome.id], outcome, source)
        _name_groups(panels[0], marks)
        level = number_format.percent(source.plan.inference.level, source.language)
        said = wording("subgroups-axis", source.language, level=level)
        figure.supxlabel(style.wrap(said, 96), fontsize=9.5)
        told = " ".join(group_sentence(list(found)) for found in chosen.values())
        return finish(
            figure,
            exhibit,
            source,
            data=subgroups(exhibit, source),
            alt=wording("subgroups-alt", source.language, said=told),
        )


def _group_marks(source: Source, chosen: Sequence[Trait]) -> list[GroupMark]:
    """Rows of all outcomes, each trait once; a reason only where no outcome has differences."""
    by_check = {trait.check.id: trait for trait in chosen}
    by_check |= {trait.check.id: trait for trait in chosen if trait.has_differences}
    marks: list[GroupMark] = []
    position = 0.0
    for name, trait in by_check.items():
        heading = trait.check.label[source.language]
        if trait.is_descriptive:
            heading = wording("subgroups.descriptive-trait", source.language, trait=heading)
        marks.append(GroupMark(label=heading, position=position))
        for line in trait.differences:
            position += 1
            said = group_label(trait, line).split(": ", 1)[-1]
            marks.append(GroupMark(label=said, position=position, check=name, sample=line.sample))
        position += 1 + GROUP_SEPARATE
    return marks


def _draw_groups(
    axes: Axes,
    marks: Sequence[GroupMark],
    chosen: Sequence[Trait],
    outcome: Outcome,
    source: Source,
) -> None:
    by_check = {trait.check.id: trait for trait in chosen}
    rows = [(m, _found(by_check[m.check], m.sample)) for m in marks if m.check in by_check]
    found = [e for _, e in rows if isinstance(e, Estimate)]
    ends = [x for e in found for x in (e.ci_low, e.ci_high) if math.isfinite(x)]
    reach = 1.08 * max((abs(x) for x in ends), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    for mark, one in rows:
        if isinstance(one, str):
            axes.text(0, mark.position, one, ha="center", va="center", fontsize=7.5)
            continue
        line = [max(one.ci_low, -reach), min(one.ci_high, reach)]
        axes.plot(line, [mark.position] * 2, color=COLOUR, linewidth=1.4)
        axes.plot(one.estimate, mark.position, marker=MARKER, color=COLOUR, markersize=6)
    axes.set_xlim(-reach, reach)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)
    axes.spines["left"].set_visible(False)
    title = outcome.label[source.language].split(" (")[0]
    axes.set_title(style.wrap(title, GROUP_HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _found(trait: Trait, sample: RowKey | None) -> Estimate | str:
    """A difference, or the words that stand in its place."""
    line = next((x for x in trait.differences if x.sample == sample), None)
    if line is None:
        return absent(None, trait.source.language)
    if isinstance(line.found, Unavailable):
        return absent(line.found.reason, trait.source.language)
    return line.found


def _name_groups(axes: Axes, marks: Sequence[GroupMark]) -> None:
    axes.set_ylim(marks[-1].position + 0.7, -0.7)
    axes.set_yticks(
        [m.position for m in marks],
        [style.wrap(m.label, GROUP_LABEL_WIDTH) for m in marks],
        fontsize=9,
    )
    for tick, mark in zip(axes.get_yticklabels(), marks, strict=True):
        tick.set_fontweight("normal" if mark.sample else "bold")
