"""Figure of effects: each in SD and in its own unit, its interval over what matters and the MDE.

An SD differs from outcome to outcome and from sample to sample, so that no axis has two scales:
only the panels in SD share theirs.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from evaluation.locale.messages import wording
from evaluation.report.effect_rows import Line, lines
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn, absent
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import sentences, table_frame
from evaluation.report.prose.conclusions import concluded
from evaluation.report.sources import Source
from evaluation.study.confidentiality import Withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Estimate, Unavailable

ROW_INCHES, PANEL_INCHES, LEGEND_INCHES = 0.52, 0.52, 0.22
TITLE_WIDTH, AIR = 46, 1.12
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
GREY_BAND: dict[str, Any] = {"color": style.BAND, "zorder": 0}


class Bar(NamedTuple):
    """One effect, its interval, the smallest that matters and the MDE; NaN for what is not had."""

    estimate: float
    low: float
    high: float
    smallest: float
    mde: float


NOTHING = Bar(*(math.nan,) * 5)


def is_suppressed(line: Line) -> bool:
    """Whether the effect in SD is withheld: it would give a withheld level away."""
    return isinstance(line.found, Estimate) and isinstance(line.found.estimate_sd, Withheld)


def in_own_unit(line: Line) -> Bar:
    """An effect as it was estimated."""
    found, smallest = line.found, line.outcome.smallest_effect
    if isinstance(found, Unavailable):
        return NOTHING
    matters = math.nan if smallest is None else smallest
    return Bar(found.estimate, found.ci_low, found.ci_high, matters, found.mde)


def in_sd(line: Line) -> Bar:
    """An effect in SD of the comparison group at baseline, of its own sample."""
    found = line.found
    if isinstance(found, Unavailable) or not math.isfinite(found.estimate_sd):
        return NOTHING
    own = in_own_unit(line)
    scale = 1.0 if found.unit == "SD" else found.baseline_comparison_sd
    return Bar(found.estimate_sd, *(x / scale for x in own[1:]))


def draw_panels(chosen: Sequence[Line], source: Source) -> Canvas:
    """A row of two panels for each outcome, and words for each effect at their right."""
    groups = _by_outcome(chosen)
    looks = _looks(chosen)
    legend = LEGEND_INCHES * (5 + (len(looks) if len(looks) > 1 else 0))
    rows = [ROW_INCHES * len(group) for group in groups]
    figure = style.canvas(legend + 0.45 + sum(rows) + PANEL_INCHES * len(rows))
    axes = figure.subplots(len(rows), 2, squeeze=False, gridspec_kw={"height_ratios": rows})
    figure.set_layout_engine("constrained", wspace=0.06)
    limit = _limit([in_sd(line) for line in chosen])
    for (left, right), group in zip(axes, groups, strict=True):
        _draw(left, group, [in_sd(line) for line in group], looks, limit)
        _own(right, group, looks, source)
        label = group[0].outcome.label[source.language]
        left.set_title(style.wrap(label, TITLE_WIDTH))
    axes[-1][0].set_xlabel(words.unit("SD", source.language))
    _legend(figure, axes[0][0], looks, source)
    return figure


def _by_outcome(chosen: Sequence[Line]) -> list[list[Line]]:
    """Lines of one outcome together, in their order."""
    groups: dict[str, list[Line]] = {}
    for line in chosen:
        groups.setdefault(line.outcome.id, []).append(line)
    return list(groups.values())


def _looks(chosen: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """Colour and mark of each specification."""
    wanted = dict.fromkeys(line.specification.id for line in chosen)
    return {
        name: SPECIFICATION_LOOKS[number % len(SPECIFICATION_LOOKS)]
        for number, name in enumerate(wanted)
    }


def _limit(bars: Sequence[Bar]) -> float:
    """Half-width of an axis: the widest finite bound, with some air."""
    finite = [abs(x) for bar in bars for x in bar if math.isfinite(x)]
    return AIR * max(finite, default=1.0)


def _own(axes: Axes, group: list[Line], looks: dict[str, dict[str, Any]], source: Source) -> None:
    """The panel in the outcome's own unit: words alone where that is the SD, or nothing is had."""
    language, unit = source.language, group[0].outcome.unit
    bars = [in_own_unit(line) for line in group]
    if unit == "SD" or all(math.isnan(bar.estimate) for bar in bars):
        style.quiet(axes)
        axes.set_ylim(len(group) - 0.4, -0.6)
        if unit == "SD":
            said = style.wrap(source.wording("effects.own-is-sd"), 28)
            axes.text(0.5, 0.5, said, ha="center", va="center", transform=axes.transAxes)
    else:
        _draw(axes, group, bars, looks, _limit(bars))
        # above its panel, where it takes no height: the figure stands on one page of the brief
        axes.set_title(words.unit(unit, language), loc="right", fontsize=9.5, fontweight="normal")
    for position, line in enumerate(group):
        axes.text(
            1.03, position, _in_words(line), transform=axes.get_yaxis_transform(), va="center",
            fontsize=9,
        )  # fmt: skip


def _draw(
    axes: Axes,
    group: list[Line],
    bars: Sequence[Bar],
    looks: dict[str, dict[str, Any]],
    limit: float,
) -> None:
    """Effects of one outcome in one unit."""
    for position, (line, bar) in enumerate(zip(group, bars, strict=True)):
        if math.isnan(bar.estimate):
            axes.text(0, position, _why(line), ha="center", va="center", backgroundcolor="white")
        else:
            _draw_bar(axes, position, bar, looks[line.specification.id], limit)
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(group) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)


def _draw_bar(axes: Axes, position: int, bar: Bar, look: dict[str, Any], limit: float) -> None:
    for half, how in ((bar.mde, {**HATCHED, "zorder": 0.5}), (bar.smallest, GREY_BAND)):
        if math.isfinite(half):
            axes.barh(position, 2 * half, left=-half, height=0.78, **how)
    low, high = max(bar.low, -limit), min(bar.high, limit)
    axes.plot([low, high], [position, position], color=look["color"], linewidth=2, zorder=2)
    for bound, arrow in ((bar.low, "<"), (bar.high, ">")):
        if math.isinf(bound):
            end = math.copysign(limit, bound)
            axes.plot(end, position, marker=arrow, color=look["color"], markersize=8)
    axes.plot(bar.estimate, position, marker=look["marker"], color=look["color"], markersize=8)


def _why(line: Line) -> str:
    """Words in the place of an interval."""
    language = line.source.language
    if is_suppressed(line):
        return f" {line.source.wording('cell.suppressed')} "
    return f" {absent(getattr(line.found, 'reason', None), language)} "


def _in_words(line: Line) -> str:
    """Effect in the outcome's own unit, its interval and the realised MDE, one under the other."""
    found, language = line.found, line.source.language
    if isinstance(found, Unavailable):
        return ""
    unit, decimals = words.short_unit(line.outcome.unit, language), line.outcome.decimals
    effect = f"{number_format.signed(found.estimate, decimals, language)} {unit}".strip()
    interval = number_format.interval(found.ci_low, found.ci_high, decimals, language)
    more = number_format.apart(found.mde, line.outcome.smallest_effect, decimals)
    mde = line.source.wording(
        "effects.mde-beside", mde=number_format.plain(found.mde, more, language)
    )
    return f"{effect}\n({interval})\n{mde}"


def _legend(figure: Canvas, axes: Axes, looks: dict[str, dict[str, Any]], source: Source) -> None:
    """What the line, the grey and the hatching are; which mark is which specification."""
    language = source.language
    level = number_format.percent(source.plan.inference.level, language)
    several = len(looks) > 1
    dot = source.wording("effects.dot-and-line", level=level)
    for name, look in looks.items():
        label = source.specification(name).label[language] if several else dot
        axes.plot([], [], color=look["color"], marker=look["marker"], label=label)
    axes.barh(0, 0, color=style.BAND, label=source.wording("effects.grey-is"))
    axes.barh(0, 0, **HATCHED, label=source.wording("effects.hatched"))
    sides = source.wording("effects.sides")
    title = f"{sides}\n{words.begun(dot)}:" if several else sides
    figure.legend(
        loc="outside lower left", ncols=1, title=title, alignment="left", title_fontsize=9.5
    )


SD_FIELDS = ("estimate_sd", "ci_low_sd", "ci_high_sd", "smallest_effect_sd", "mde_sd")
OWN_FIELDS = ("estimate", "ci_low", "ci_high", "smallest_effect", "mde")
EFFECT_FIELDS = (*SD_FIELDS, *OWN_FIELDS)


@style.draws
def coefficient_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One row of panels per outcome: in SD on the common axis, in its own unit on its own."""
    chosen = lines(exhibit, source)
    return Drawn(
        draw_panels(chosen, source),
        data=_effects_data(exhibit, source, chosen),
        alt=_effects_alt(chosen, source.language),
    )


def _effects_data(exhibit: Exhibit, source: Source, chosen: tuple[Line, ...]) -> Table:
    columns = ("outcome", "specification", "unit", *EFFECT_FIELDS)
    rows = tuple(_effects_row(x) for x in chosen)
    generated = (
        source.wording("effects.scale"),
        source.wording("effects.hatched-note"),
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=generated)


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
    unit, decimals = line.outcome.unit, line.outcome.decimals
    hidden = table.suppressed(language) if is_suppressed(line) else table.none()
    scaled = (_cell(x, hidden, decimals=2, unit="SD") for x in in_sd(line))
    own = (_cell(x, table.none(), decimals=decimals, unit=unit) for x in in_own_unit(line))
    return Row(id=identifier, cells=(*lead, *scaled, *own))


def _cell(value: float, absent: Cell, *, decimals: int, unit: str) -> Cell:
    return absent if math.isnan(value) else table.effect(value, decimals=decimals, unit=unit)


def _effects_alt(chosen: tuple[Line, ...], language: str) -> str:
    said = [
        _said(x, x.found)
        if isinstance(x.found, Estimate)
        else wording("effects.absent", language, outcome=x.outcome.label[language])
        for x in chosen
    ]
    return wording("effects.alt", language, said=" ".join(said))


def _said(line: Line, found: Estimate) -> str:
    """An effect in words, what is hatched in its row, and the same in SD where it may be shown."""
    language, outcome = line.source.language, line.outcome
    effect = sentences.effect_sentence(
        found, outcome, language=language, concluded=concluded(line.source, found)
    )
    decimals = number_format.apart(found.mde, outcome.smallest_effect, outcome.decimals)
    value = number_format.plain(found.mde, decimals, language)
    unit = words.unit(outcome.unit, language)
    said = f"{effect}{line.source.wording('effects.alt-mde', mde=value, unit=unit)}"
    scaled = in_sd(line)
    if outcome.unit == "SD" or math.isnan(scaled.estimate):
        return said
    return said + line.source.wording(
        "effects.alt-in-sd",
        effect=number_format.signed(scaled.estimate, 2, language),
        interval=number_format.interval(scaled.low, scaled.high, 2, language),
        mde=number_format.plain(scaled.mde, 2, language),
    )
