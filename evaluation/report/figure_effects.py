"""Figures of results: effects with their intervals, and levels by group and round."""

import math
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from evaluation.report import figure_style as style
from evaluation.report import figure_words, formats, heads, notes, sentences, table, words
from evaluation.report.baseline import baseline_withheld
from evaluation.report.effect_lines import Line, lines
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.strength import p_across
from evaluation.report.table import Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate, Unavailable

ROW_INCHES = 0.56
EFFECT_FIELDS = ("estimate_sd", "ci_low_sd", "ci_high_sd", "smallest_effect_sd", "mde_sd",
                 "estimate", "ci_low", "ci_high")  # fmt: skip
# Blue and round first: black and vermillion are the groups in other figures.
SPECIFICATION_LOOKS = tuple(
    {"color": style.COLOURS[i], "marker": style.MARKERS[j]}
    for i, j in ((2, 1), (3, 3), (0, 0), (1, 2))
)


# Effects that the study could hardly detect: no fill, so that the grey below them is seen.
HATCHED: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": "#9a9a9a",
    "hatch": "////",
    "linewidth": 0.6,
}


class Bar(NamedTuple):
    """One effect in SD of the comparison group at baseline; None where it cannot be had."""

    line: Line
    estimate: float
    low: float
    high: float
    smallest: float
    mde: float


def coefficient_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Effects in SD with intervals; in words beside them, the effect in its own unit."""
    chosen = lines(exhibit, source)
    bars = [_bar(x) for x in chosen]
    marks = len({x.specification.id for x in chosen})
    with style.applied():
        figure = style.canvas(1.75 + ROW_INCHES * len(chosen) + (0.22 * marks if marks > 1 else 0))
        axes = figure.add_subplot()
        _draw_effects(axes, bars, source)
        _legend(figure, axes, source, bars)
        return finish(
            figure,
            exhibit,
            source,
            data=_effects_data(exhibit, source, chosen),
            alt=_effects_alt(chosen, source.language),
        )


def _bar(line: Line) -> Bar:
    found = line.found
    if (
        isinstance(found, Unavailable)
        or not math.isfinite(found.estimate_sd)
        or baseline_withheld(line, found)
    ):
        return Bar(line, *(math.nan,) * 5)
    scale = found.baseline_comparison_sd if found.unit != "SD" else 1.0
    smallest = line.outcome.smallest_effect
    return Bar(
        line,
        found.estimate_sd,
        found.ci_low / scale,
        found.ci_high / scale,
        math.nan if smallest is None else smallest / scale,
        found.mde / scale,
    )


def _draw_effects(axes: Axes, bars: list[Bar], source: Source) -> None:
    wanted = list(dict.fromkeys(bar.line.specification.id for bar in bars))
    limit = _limit(bars)
    for position, bar in enumerate(bars):
        number = wanted.index(bar.line.specification.id)
        _draw_bar(
            axes, position, bar, SPECIFICATION_LOOKS[number % len(SPECIFICATION_LOOKS)], limit
        )
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    firsts = [i for i, b in enumerate(bars) if i == 0 or b.line.outcome != bars[i - 1].line.outcome]
    labels = [bars[i].line.outcome.label[source.language] for i in firsts]
    axes.set_yticks(firsts, [style.wrap(label, 30) for label in labels])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    level = formats.percent(source.plan.inference.level, source.language)
    grey = figure_words.GREY[source.language]
    axes.set_xlabel(figure_words.SD_AXIS[source.language].format(level=level, grey=grey))


def _legend(figure: Canvas, axes: Axes, source: Source, bars: list[Bar]) -> None:
    """What is hatched; and which mark is which specification, where there are several."""
    wanted = list(dict.fromkeys(bar.line.specification.id for bar in bars))
    axes.barh(0, 0, **HATCHED, label=figure_words.HATCHED[source.language])
    for number, name in enumerate(wanted if len(wanted) > 1 else []):
        look = SPECIFICATION_LOOKS[number % len(SPECIFICATION_LOOKS)]
        label = source.specification(name).label[source.language]
        axes.plot([], [], color=look["color"], marker=look["marker"], label=label)
    figure.legend(loc="outside lower center", ncols=1)


def _limit(bars: list[Bar]) -> float:
    """Half-width of the axis: the widest finite bound, with some air."""
    finite = [abs(x) for b in bars for x in b[1:] if math.isfinite(x)]
    return 1.12 * max(finite, default=1.0)


def _draw_bar(axes: Axes, position: int, bar: Bar, look: dict[str, Any], limit: float) -> None:
    if math.isfinite(bar.mde):
        axes.barh(position, 2 * bar.mde, left=-bar.mde, height=0.78, **HATCHED, zorder=0.5)
    if math.isfinite(bar.smallest):
        axes.barh(
            position, 2 * bar.smallest, left=-bar.smallest, height=0.78, color=style.BAND, zorder=0
        )
    if math.isnan(bar.estimate):
        axes.text(0, position, _why(bar.line), ha="center", va="center", backgroundcolor="white")
        return
    low, high = max(bar.low, -limit), min(bar.high, limit)
    axes.plot([low, high], [position, position], color=look["color"], linewidth=2, zorder=2)
    for bound, arrow in ((bar.low, "<"), (bar.high, ">")):
        if math.isinf(bound):
            end = math.copysign(limit, bound)
            axes.plot(end, position, marker=arrow, color=look["color"], markersize=8)
    axes.plot(bar.estimate, position, marker=look["marker"], color=look["color"], markersize=8)
    axes.text(
        1.02, position, _native(bar.line), transform=axes.get_yaxis_transform(), va="center",
        fontsize=9,
    )  # fmt: skip


def _is_suppressed(line: Line) -> bool:
    """Whether the effect in SD would give a withheld level away."""
    return isinstance(line.found, Estimate) and baseline_withheld(line, line.found)


def _why(line: Line) -> str:
    """Words in the place of an interval."""
    language = line.source.language
    hidden = _is_suppressed(line)
    said = table.suppressed(language).text if hidden else figure_words.NOT_AVAILABLE[language]
    return f" {said} "


def _native(line: Line) -> str:
    """Effect in the outcome's own unit over its interval."""
    found, language = line.found, line.source.language
    if isinstance(found, Unavailable):
        return ""
    unit = words.short_unit(line.outcome.unit, language)
    decimals = line.outcome.decimals
    effect = f"{formats.signed(found.estimate, decimals, language)} {unit}".strip()
    return f"{effect}\n({formats.interval(found.ci_low, found.ci_high, decimals, language)})"


def _effects_data(exhibit: Exhibit, source: Source, chosen: tuple[Line, ...]) -> Table:
    columns = tuple(
        heads.column(source, name) for name in ("outcome", "specification", "unit", *EFFECT_FIELDS)
    )
    rows = tuple(_effects_row(x) for x in chosen)
    generated = (
        figure_words.SCALE[source.language],
        figure_words.HATCHED_NOTE[source.language],
        *notes.suppressed(source, rows),
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _effects_row(line: Line) -> Row:
    language = line.source.language
    lead = (
        table.text(line.outcome.label[language]),
        table.text(line.specification.label[language]),
        table.text(words.unit(line.outcome.unit, language)),
    )
    identifier = f"{line.outcome.id}-{line.specification.id}"
    if isinstance(line.found, Unavailable):
        absent = table.unavailable(line.found.reason, language)
        return Row(
            id=identifier, cells=(*lead, absent, *(table.none(),) * (len(EFFECT_FIELDS) - 1))
        )
    bar, found = _bar(line), line.found
    absent = table.suppressed(language) if _is_suppressed(line) else table.none()
    scaled = [absent if math.isnan(x) else table.effect(x, decimals=2, unit="SD") for x in bar[1:]]
    decimals = line.outcome.decimals
    own = (found.estimate, found.ci_low, found.ci_high)
    native = (table.effect(x, decimals=decimals, unit=line.outcome.unit) for x in own)
    return Row(id=identifier, cells=(*lead, *scaled, *native))


def _effects_alt(chosen: tuple[Line, ...], language: str) -> str:
    said = [
        _said(x, x.found)
        if isinstance(x.found, Estimate)
        else figure_words.ABSENT[language].format(outcome=x.outcome.label[language])
        for x in chosen
    ]
    return figure_words.EFFECTS_ALT[language].format(said=" ".join(said))


def _said(line: Line, found: Estimate) -> str:
    """An effect in words, and what is hatched in its row."""
    language, outcome = line.source.language, line.outcome
    effect = sentences.effect_sentence(
        found, outcome, language=language, across=p_across(line.source, found)
    )
    value = formats.plain(found.mde, outcome.decimals, language)
    unit = words.unit(outcome.unit, language)
    return f"{effect}{figure_words.HATCHED_SAID[language].format(mde=value, unit=unit)}"
