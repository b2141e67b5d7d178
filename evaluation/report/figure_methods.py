"""All inference methods of one primary outcome side by side: one estimate, many intervals."""

import math

from matplotlib.axes import Axes

from evaluation.report import figure_style as style
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.effect_lines import Line, lines
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate

ROW_INCHES = 0.5
FIELDS = ("estimate", "ci_low", "ci_high")
# The lines at which methods are compared: a reader's usual thresholds, no rule of this study.
THRESHOLDS = (0.05, 0.10)


def methods_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Intervals of every inference method, p beside each, and whether the methods disagree."""
    chosen = [(step, line) for step in words.STEPS for line in lines(exhibit, source, step=step)]
    with style.applied():
        figure = style.canvas(1.9 + ROW_INCHES * len(chosen))
        axes = figure.add_subplot()
        _draw(axes, chosen, source)
        return finish(
            figure, exhibit, source, data=_data(exhibit, source, chosen), alt=_alt(chosen, source)
        )


def disagreement(estimates: list[Estimate]) -> str:
    """Whether some methods lie below a threshold and others above it, in a sentence."""
    split = [
        f"{threshold:.0%}"
        for threshold in THRESHOLDS
        if len({e.p_value < threshold for e in estimates}) > 1
    ]
    if not split:
        return "At the 5% and 10% lines all methods say the same."
    return (
        f"The methods disagree at the {' and the '.join(split)} line: trust the primary method,"
        " and say that they disagree."
    )


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
            axes.text(0, position, " not available ", ha="center", va="center", fontsize=9)
            continue
        e = line.found
        ends = [max(e.ci_low, -reach), min(e.ci_high, reach)]
        axes.plot(ends, [position] * 2, color=colour, linewidth=2)
        axes.plot(e.estimate, position, marker=style.MARKERS[1], color=colour, markersize=7)
        axes.text(
            1.02,
            position,
            f"p {_equals(e.p_value)}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=9,
        )
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(chosen) - 0.4, -0.6)
    labels = [
        f"{words.step(step, source.language)} (primary)"
        if step == primary
        else words.step(step, source.language)
        for step, _ in chosen
    ]
    axes.set_yticks(range(len(chosen)), labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    level = formats.percent(source.plan.inference.level)
    unit = words.unit(outcome.unit, source.language)
    axes.set_xlabel(
        f"Effect in {unit}, {level} interval\n"
        "(grey: effects smaller than the smallest that matters)"
    )


def _equals(p: float) -> str:
    shown = formats.p_value(p)
    return shown if shown.startswith(("<", ">")) else f"= {shown}"


def _data(exhibit: Exhibit, source: Source, chosen: list[tuple[str, Line]]) -> Table:
    columns = tuple(heads.column(source, name) for name in ("step", *FIELDS, "p_value", "method"))
    rows = tuple(_row(step, line) for step, line in chosen)
    found = _estimates(chosen)
    simulated = [e for e in found if e.mc_error > 0]
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            words.labelled("Agreement", disagreement(found)),
            *((notes.inference(source, simulated),) if simulated else ()),
        ),
        status=tuple(e.status for e in found),
        said=(("agreement", disagreement(found)),),
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
    outcome = chosen[0][1].outcome
    said = [
        f"{words.step(step, source.language)}:"
        f" {formats.interval(line.found.ci_low, line.found.ci_high, outcome.decimals + 1)},"
        f" p {_equals(line.found.p_value)}"
        for step, line in chosen
        if isinstance(line.found, Estimate)
    ]
    found = _estimates(chosen)
    return (
        f"One interval per inference method for {outcome.label.en}. {'; '.join(said)}."
        f" {disagreement(found)}"
    )
