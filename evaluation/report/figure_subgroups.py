"""Effects by group for one outcome: under each trait the difference first, then the groups."""

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.report import figure_style as style
from evaluation.report import figure_words, formats, table, words
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.subgroup_lines import Trait, label, sentence, traits
from evaluation.report.table import Table
from evaluation.report.table_subgroups import subgroups
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate, Unavailable

ROW_INCHES, LABEL_WIDTH = 0.33, 46
DIFFERENCE_LOOK: dict[str, Any] = {"color": style.COLOURS[1], "marker": style.MARKERS[3]}
GROUP_LOOK: dict[str, Any] = {"color": style.COLOURS[0], "marker": style.MARKERS[1]}
SEPARATE = 0.45  # rows of empty space between traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of the figure: a trait's heading, a difference, a group, or why it is not there."""

    label: str
    position: float
    found: Estimate | None = None
    is_difference: bool = False
    is_heading: bool = False
    remark: str = ""


def subgroups_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Differences between groups (diamonds) and the groups' own effects (circles)."""
    outcome = source.outcome(exhibit.outcomes[0])
    chosen = traits(exhibit, source, outcome)
    marks = _marks(chosen, source)
    with style.applied():
        figure = style.canvas(2.3 + ROW_INCHES * marks[-1].position)
        axes = figure.add_subplot()
        _draw(axes, marks, outcome, source)
        return finish(
            figure,
            exhibit,
            source,
            data=_data(exhibit, source),
            alt=_alt(chosen, marks, outcome, source.language),
        )


def _marks(chosen: tuple[Trait, ...], source: Source) -> list[Mark]:
    marks: list[Mark] = []
    position = 0.0
    for trait in chosen:
        name = trait.check.label[source.language]
        heading = name
        if trait.is_descriptive:
            heading = figure_words.DESCRIPTIVE[source.language].format(trait=name)
        marks.append(Mark(label=heading, position=position, is_heading=True))
        for line in (*trait.differences, *trait.groups):
            position += 1
            remark = ""
            if isinstance(line.found, Unavailable):
                remark = figure_words.NOT_AVAILABLE[source.language]
            elif line.sample in trait.hidden:
                remark = table.suppressed(source.language).text
            marks.append(
                Mark(
                    label=label(trait, line),
                    position=position,
                    found=None if remark else _estimate(line.found),
                    is_difference=line in trait.differences,
                    remark=remark,
                )
            )
        position += 1 + SEPARATE
    return marks


def _estimate(found: Estimate | Unavailable) -> Estimate | None:
    return found if isinstance(found, Estimate) else None


def _draw(axes: Axes, marks: list[Mark], outcome: Outcome, source: Source) -> None:
    found = [m.found for m in marks if m.found is not None]
    bounds = [x for e in found for x in (e.ci_low, e.ci_high) if math.isfinite(x)]
    reach = 1.08 * max((abs(x) for x in bounds), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    for mark in marks:
        _draw_mark(axes, mark, reach)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(marks[-1].position + 0.7, -0.7)
    axes.set_yticks(
        [m.position for m in marks],
        [style.wrap(m.label, LABEL_WIDTH) for m in marks],
        fontsize=9,
    )
    for tick, mark in zip(axes.get_yticklabels(), marks, strict=True):
        tick.set_fontweight("bold" if mark.is_heading else "normal")
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=6)
    axes.spines["left"].set_visible(False)
    _legend(axes, source.language)
    said = figure_words.SUBGROUPS_AXIS[source.language].format(
        unit=words.unit(outcome.unit, source.language),
        level=formats.percent(source.plan.inference.level, source.language),
    )
    axes.set_xlabel(said, fontsize=9.5)


def _draw_mark(axes: Axes, mark: Mark, reach: float) -> None:
    if mark.found is None:
        if mark.remark:
            axes.text(0, mark.position, f" {mark.remark}", va="center", fontsize=9)
        return
    look = DIFFERENCE_LOOK if mark.is_difference else GROUP_LOOK
    ends = [max(mark.found.ci_low, -reach), min(mark.found.ci_high, reach)]
    width = 2.4 if mark.is_difference else 1.2
    axes.plot(ends, [mark.position] * 2, color=look["color"], linewidth=width)
    axes.plot(
        mark.found.estimate,
        mark.position,
        marker=look["marker"],
        color=look["color"],
        markersize=8 if mark.is_difference else 5,
    )


def _legend(axes: Axes, language: str) -> None:
    for look, said, width, size in (
        (DIFFERENCE_LOOK, figure_words.OF_TWO_GROUPS, 2.4, 8),
        (GROUP_LOOK, figure_words.IN_A_GROUP, 1.2, 5),
    ):
        axes.plot([], [], label=said[language], linewidth=width, markersize=size, **look)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1)


def _data(exhibit: Exhibit, source: Source) -> Table:
    return subgroups(exhibit, source)


def _alt(chosen: tuple[Trait, ...], marks: list[Mark], outcome: Outcome, language: str) -> str:
    differences = [m for m in marks if m.is_difference and m.found is not None]
    excludes = [m for m in differences if m.found and (m.found.ci_low > 0 or m.found.ci_high < 0)]
    said = "; ".join(
        f"{m.label.split(': ', 1)[1]}"
        f" {formats.signed(m.found.estimate, outcome.decimals, language)}"
        f" ({formats.interval(m.found.ci_low, m.found.ci_high, outcome.decimals, language)})"
        for m in differences
        if m.found
    )
    return figure_words.SUBGROUPS_ALT[language].format(
        traits=len(chosen),
        excluding=len(excludes),
        n=len(differences),
        said=said,
        sentence=sentence(list(chosen)),
    )
