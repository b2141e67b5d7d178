"""All inference methods of one primary outcome side by side: one estimate, many intervals."""

import dataclasses
import math

from matplotlib.axes import Axes

from evaluation.locale.messages import message
from evaluation.report import figure_style as style
from evaluation.report import figure_words, formats, heads, notes, table, words
from evaluation.report.conclusions import alone
from evaluation.report.effect_lines import Line, lines
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

ROW_INCHES = 0.5
FIELDS = ("estimate", "ci_low", "ci_high")
# The lines at which methods are compared: a reader's usual thresholds, no rule of this study.
THRESHOLDS = (0.05, 0.10)


def methods_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Intervals of every inference method, p beside each, and whether the methods disagree."""
    chosen = [
        (step, dataclasses.replace(line, found=alone(source, line.found)))
        for step in words.STEPS
        for line in lines(exhibit, source, step=step)
    ]
    with style.applied():
        figure = style.canvas(1.9 + ROW_INCHES * len(chosen))
        axes = figure.add_subplot()
        _draw(axes, chosen, source)
        return finish(
            figure, exhibit, source, data=_data(exhibit, source, chosen), alt=_alt(chosen, source)
        )


def disagreement(estimates: list[Estimate], language: str) -> str:
    """Whether some methods lie below a threshold and others above it, in a sentence."""
    split = [x for x in THRESHOLDS if len({e.p_value < x for e in estimates}) > 1]
    said = {
        0: figure_words.AGREE,
        1: figure_words.DISAGREE_AT_ONE,
        2: figure_words.DISAGREE_AT_BOTH,
    }[len(split)]
    named = [formats.percent(x, language) for x in split or THRESHOLDS]
    return said[language].format(low=named[0], high=named[-1])


def _estimates(chosen: list[tuple[str, Line]]) -> list[Estimate]:
    return [line.found for _, line in chosen if isinstance(line.found, Estimate)]


def _draw(axes: Axes, chosen: list[tuple[str, Line]], source: Source) -> None:
    found = _estimates(chosen)
    outcome = chosen[0][1].outcome
    bounds = [x for e in found for x in (e.ci_low, e.ci_high) if math.isfinite(x)]
    reach = 1.15 * max((abs(x) for x in bounds), default=1.0)
    primary = source.plan.inference.primary_step
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    for position, (step, line) in enumerate(chosen):
        colour = style.COLOURS[1] if step == primary else style.COLOURS[0]
        if not isinstance(line.found, Estimate):
            absent = f" {figure_words.NOT_AVAILABLE[source.language]} "
            axes.text(0, position, absent, ha="center", va="center", fontsize=9)
            continue
        e = line.found
        ends = [max(e.ci_low, -reach), min(e.ci_high, reach)]
        axes.plot(ends, [position] * 2, color=colour, linewidth=2)
        axes.plot(e.estimate, position, marker=style.MARKERS[1], color=colour, markersize=7)
        axes.text(
            1.02,
            position,
            f"p {_equals(e.p_value, source.language)}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=9,
        )
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(chosen) - 0.4, -0.6)
    axes.set_yticks(range(len(chosen)), [_method(step, source) for step, _ in chosen])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    language = source.language
    axes.set_xlabel(
        figure_words.EFFECT_AXIS[language].format(
            unit=words.unit(outcome.unit, language),
            level=formats.percent(source.plan.inference.level, language),
            grey=figure_words.GREY[language],
        )
    )


def _method(step: str, source: Source) -> str:
    """Name of a method; the primary one says that it is."""
    name = words.step(step, source.language)
    if step != source.plan.inference.primary_step:
        return name
    return figure_words.PRIMARY_METHOD[source.language].format(method=name)


def _equals(p: float, language: str) -> str:
    shown = formats.p_value(p, language)
    return shown if shown.startswith(("<", ">")) else f"= {shown}"


def _data(exhibit: Exhibit, source: Source, chosen: list[tuple[str, Line]]) -> Table:
    columns = tuple(heads.column(source, name) for name in ("step", *FIELDS, "p_value", "method"))
    rows = tuple(_row(step, line) for step, line in chosen)
    found, agreed = _estimates(chosen), figure_words.AGREEMENT[source.language]
    said = disagreement(found, source.language)
    simulated = [e for e in found if e.mc_error > 0]
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            words.labelled(agreed, said),
            words.labelled(
                message("note.unadjusted", source.language),
                message("note.like-with-like", source.language),
            ),
            *((notes.inference(source, simulated),) if simulated else ()),
        ),
        status=tuple(e.status for e in found),
        said=(("agreement", said),),
    )


def _row(step: str, line: Line) -> Row:
    language = line.source.language
    lead, said = table.text(words.step(step, language)), words.step_in_words(step, language)
    if not isinstance(line.found, Estimate):
        absent = table.unavailable(line.found.reason, language)
        return Row(id=step, cells=(lead, absent, *(table.none(),) * 3, table.text(said)))
    unit, decimals = words.unit(line.outcome.unit, "en"), line.outcome.decimals + 1
    numbers = (
        table.effect(getattr(line.found, field), decimals=decimals, unit=unit) for field in FIELDS
    )
    p = table.p_value(line.found.p_value)
    return Row(id=step, cells=(lead, *numbers, p, table.text(said)))


def _alt(chosen: list[tuple[str, Line]], source: Source) -> str:
    outcome, language = chosen[0][1].outcome, source.language
    said = [
        f"{words.step(step, language)}: {_interval(line.found, outcome, language)},"
        f" p {_equals(line.found.p_value, language)}"
        for step, line in chosen
        if isinstance(line.found, Estimate)
    ]
    return figure_words.METHODS_ALT[language].format(
        outcome=outcome.label[language],
        said="; ".join(said),
        agreement=disagreement(_estimates(chosen), language),
    )


def _interval(found: Estimate, outcome: Outcome, language: str) -> str:
    return formats.interval(found.ci_low, found.ci_high, outcome.decimals + 1, language)
