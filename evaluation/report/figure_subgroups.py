"""Differences between the effects on groups: a panel per outcome, a row per difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import figure_style as style
from evaluation.report import formats, words
from evaluation.report.figure_frame import absent, finish
from evaluation.report.sources import Source
from evaluation.report.subgroup_lines import Trait, label, sentence, traits
from evaluation.report.table_subgroups import subgroups
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import RowKey

ROW_INCHES, LABEL_WIDTH, HEAD_WIDTH = 0.36, 40, 22
COLOUR, MARKER = style.COLOURS[1], style.MARKERS[3]
SEPARATE = 0.45  # rows of empty space between traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
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
    marks = _marks(source, [trait for found in chosen.values() for trait in found])
    with style.applied():
        figure = style.canvas(2.3 + ROW_INCHES * marks[-1].position)
        panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        for axes, outcome in zip(panels, outcomes, strict=True):
            _draw(axes, marks, chosen[outcome.id], outcome, source)
        _name_rows(panels[0], marks)
        level = formats.percent(source.plan.inference.level, source.language)
        said = wording("subgroups-axis", source.language, level=level)
        figure.supxlabel(style.wrap(said, 96), fontsize=9.5)
        told = " ".join(sentence(list(found)) for found in chosen.values())
        return finish(
            figure,
            exhibit,
            source,
            data=subgroups(exhibit, source),
            alt=wording("subgroups-alt", source.language, said=told),
        )


def _marks(source: Source, chosen: Sequence[Trait]) -> list[Mark]:
    """Rows of all outcomes, each trait once; a reason only where no outcome has differences."""
    by_check = {trait.check.id: trait for trait in chosen}
    by_check |= {trait.check.id: trait for trait in chosen if trait.has_differences}
    marks: list[Mark] = []
    position = 0.0
    for name, trait in by_check.items():
        heading = trait.check.label[source.language]
        if trait.is_descriptive:
            heading = wording("subgroups.descriptive-trait", source.language, trait=heading)
        marks.append(Mark(label=heading, position=position))
        for line in trait.differences:
            position += 1
            said = label(trait, line).split(": ", 1)[-1]
            marks.append(Mark(label=said, position=position, check=name, sample=line.sample))
        position += 1 + SEPARATE
    return marks


def _draw(
    axes: Axes, marks: Sequence[Mark], chosen: Sequence[Trait], outcome: Outcome, source: Source
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
    axes.set_title(style.wrap(title, HEAD_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(outcome.unit, source.language), fontsize=9)


def _found(trait: Trait, sample: RowKey | None) -> Estimate | str:
    """A difference, or the words that stand in its place."""
    line = next((x for x in trait.differences if x.sample == sample), None)
    if line is None:
        return absent(None, trait.source.language)
    if isinstance(line.found, Unavailable):
        return absent(line.found.reason, trait.source.language)
    return line.found


def _name_rows(axes: Axes, marks: Sequence[Mark]) -> None:
    axes.set_ylim(marks[-1].position + 0.7, -0.7)
    axes.set_yticks(
        [m.position for m in marks], [style.wrap(m.label, LABEL_WIDTH) for m in marks], fontsize=9
    )
    for tick, mark in zip(axes.get_yticklabels(), marks, strict=True):
        tick.set_fontweight("normal" if mark.sample else "bold")
