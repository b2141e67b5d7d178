"""Figure of effects: each primary outcome in its own unit, with its conclusion in words.

Outcomes of one unit share their axis; no axis has two units.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from matplotlib.axes import Axes

from evaluation.config.confidentiality import Withheld
from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale.messages import wording
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import ESTIMATE, Drawn, absent, draws
from evaluation.report.figures.row_panels import Mark, better, interval, limits, scale
from evaluation.report.figures.sheet import (
    BAND,
    FAINT,
    INK,
    LEADING,
    MARGIN,
    NORMAL,
    PAPER,
    SMALL,
    DrawingSheet,
)
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import headlines, sentences, table_frame
from evaluation.report.prose.conclusions import SIMULTANEOUS, concluded
from evaluation.report.sources import Source

NAMES, CONCLUSIONS = 1.75, 2.0  # inches at the left and right of a wide sheet
NAME = 9.5
INNER = 5.5  # points: the interval that rules effects out


class Bar(NamedTuple):
    """One effect, its interval, the smallest that matters and the MDE; NaN for what is not had."""

    estimate: float
    low: float
    high: float
    smallest: float
    mde: float

    @property
    def is_nothing(self) -> bool:
        """Whether there is no effect to draw."""
        return math.isnan(self.estimate)


NOTHING = Bar(*(math.nan,) * 5)


def is_suppressed(line: EffectLine) -> bool:
    """Whether the effect in SD is withheld: it would give a withheld level away."""
    return isinstance(line.found, Estimate) and isinstance(line.found.estimate_sd, Withheld)


def in_own_unit(line: EffectLine) -> Bar:
    """An effect as it was estimated."""
    found, smallest = line.found, line.outcome.smallest_effect
    if isinstance(found, Unavailable):
        return NOTHING
    matters = math.nan if smallest is None else smallest
    return Bar(found.estimate, found.ci_low, found.ci_high, matters, found.mde)


def in_sd(line: EffectLine) -> Bar:
    """An effect in SD of the comparison group at baseline, of its own sample."""
    found = line.found
    if isinstance(found, Unavailable) or not math.isfinite(found.estimate_sd):
        return NOTHING
    own = in_own_unit(line)
    scale = 1.0 if found.unit == "SD" else found.baseline_comparison_sd
    return Bar(found.estimate_sd, *(x / scale for x in own[1:]))


class EffectMark(NamedTuple):
    """One row of the figure: its mark, its interval of 90 %, and words beside it."""

    line: EffectLine
    mark: Mark
    inner: tuple[float, float] | None
    label: str
    said: tuple[str, str]


def effect(line: EffectLine, *, several: bool) -> EffectMark:
    """A line as it is drawn.

    Parameters
    ----------
    line : EffectLine
    several : bool
        Whether the figure has several specifications: each row then has its name.
    """
    found, language = line.found, line.source.language
    label = line.specification.label[language] if several else ""
    if isinstance(found, Unavailable):
        return EffectMark(line, Mark(remark=absent(found.reason, language)), None, label, ("", ""))
    made = concluded(line.source, found)
    colour = ESTIMATE if made is not None else FAINT
    mark = Mark(low=found.ci_low, high=found.ci_high, point=found.estimate, colour=colour)
    inner = made.equivalence if made is not None else None
    return EffectMark(line, mark, inner, label, (_concluded(line, found), _amount(line, found)))


def _concluded(line: EffectLine, found: Estimate) -> str:
    result = headlines.PrimaryResult.of(line.source, found)
    return words.begun(headlines.label(result)) if result is not None else ""


def _amount(line: EffectLine, found: Estimate) -> str:
    """An effect and its interval, in the outcome's own unit."""
    language, decimals = line.source.language, line.outcome.decimals
    amount = number_format.signed(found.estimate, decimals, language)
    bounds = number_format.interval(found.ci_low, found.ci_high, decimals, language)
    return f"{words.with_unit(amount, line.outcome.unit, language)} ({bounds})"


def draw_effects(sheet: DrawingSheet, chosen: Sequence[EffectMark], source: Source) -> None:
    """Outcomes from above; those of one unit that follow each other share an axis.

    Parameters
    ----------
    sheet : DrawingSheet
    chosen : sequence of EffectMark
    source : Source
    """
    _legend(sheet, chosen, source)
    for unit, group in groupby(chosen, key=lambda one: one.line.outcome.unit):
        _draw_unit(sheet, list(group), unit, source.language)


def _draw_unit(sheet: DrawingSheet, chosen: Sequence[EffectMark], unit: str, language: str) -> None:
    """All rows of one unit over one axis."""
    left = MARGIN if sheet.narrow else MARGIN + NAMES
    wide = sheet.inside if sheet.narrow else sheet.inside - NAMES - CONCLUSIONS
    smallest = max((one.line.outcome.smallest_effect or 0.0 for one in chosen), default=0.0)
    half = limits([one.mark for one in chosen], smallest)
    begin, below = sheet.top, 0.0
    spots: list[tuple[EffectMark, float, tuple[float, float]]] = []
    for _, outcomes in groupby(chosen, key=lambda one: one.line.outcome.id):
        rows = list(outcomes)
        top = below
        below = _head(sheet, rows[0], begin + below, language) - begin
        for number, one in enumerate(rows):
            if not sheet.narrow and number == 0:
                below = top
            middle, after = _row(sheet, one, begin, below, left + wide + 0.15)
            spots.append((one, middle, (top, after)))
            below = after
        if not sheet.narrow:
            named = _head(sheet, rows[0], begin + top, language, write=False) - begin
            below = max(below, named)
        below += 0.08
    axes = sheet.rows(left, wide, below)
    scale(axes, (-half, half), wide)
    for one, middle, (top, after) in spots:
        _draw_row(axes, one, middle, (top, after), half)
    axes.set_xlabel(words.begun(words.first_unit(unit, language)), labelpad=2)
    sheet.top = begin + below + 0.44


def _head(
    sheet: DrawingSheet, one: EffectMark, top: float, language: str, *, write: bool = True
) -> float:
    """Name of an outcome and which direction is better; where they end."""
    outcome = one.line.outcome
    room = sheet.inside if sheet.narrow else NAMES - 0.15
    label = words.begun(words.spoken(outcome.label[language], language))
    lines = typeface.broken(label, room, NAME, bold=True)
    towards = better(outcome, language)
    hint = [towards] if towards else []
    if sheet.narrow:
        sheet.blank(top - 0.08, 0.08 + (LEADING * (NAME * len(lines) + SMALL) / 72))
    if not write:
        return top + LEADING * (NAME * len(lines) + SMALL * len(hint)) / 72
    below = sheet.lines(lines, MARGIN, top, size=NAME, fontweight="bold")
    if sheet.narrow and hint and len(lines) == 1:
        end = sheet.width - MARGIN
        sheet.lines(hint, end, top + 0.02, size=SMALL, color=FAINT, side="right")
        return below
    return sheet.lines(hint, MARGIN, below, size=SMALL, color=FAINT)


def _row(
    sheet: DrawingSheet, one: EffectMark, begin: float, top: float, right: float
) -> tuple[float, float]:
    """Write what stands beside a row; the middle of its marks, and where it ends."""
    conclusion, amount = one.said
    if sheet.narrow:
        below = begin + top
        for text, bold in ((one.label, False), (conclusion, True), (amount, False)):
            lines = typeface.broken(text, sheet.inside, SMALL, bold=bold) if text else []
            weight = "bold" if bold else "normal"
            sheet.blank(below, len(lines) * LEADING * SMALL / 72 + 0.03)
            below = sheet.lines(lines, MARGIN, below, size=SMALL, fontweight=weight)
        return below - begin + 0.16, below - begin + 0.29
    below, room = begin + top, sheet.width - MARGIN - right
    for text, bold, size in (
        (conclusion, True, NORMAL), (amount, False, NORMAL), (one.label, False, SMALL),
    ):  # fmt: skip
        lines = typeface.broken(text, room, size, bold=bold) if text else []
        weight = "bold" if bold else "normal"
        below = sheet.lines(
            lines, right, below, size=size, fontweight=weight,
            color=FAINT if size == SMALL else INK,
        )  # fmt: skip
    after = max(below - begin, top + 0.42) + 0.06
    return (top + after - 0.06) / 2, after


def _draw_row(
    axes: Axes, one: EffectMark, middle: float, ends: tuple[float, float], half: float
) -> None:
    """Band, both intervals and the point of a row."""
    smallest = one.line.outcome.smallest_effect
    if smallest is not None:
        axes.fill_between(
            [-smallest, smallest], ends[0], ends[1], color=BAND, zorder=0, linewidth=0
        )
    if one.mark.remark:
        axes.text(
            0, middle, one.mark.remark, ha="center", va="center", fontsize=SMALL, color=FAINT,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
        return
    if one.inner is not None:
        inner = [max(one.inner[0], -half), min(one.inner[1], half)]
        axes.plot(
            inner, [middle] * 2, color=one.mark.colour, linewidth=INNER, solid_capstyle="butt"
        )
    interval(axes, middle, one.mark, (-half, half))


def _legend(sheet: DrawingSheet, chosen: Sequence[EffectMark], source: Source) -> None:
    """What the lines and the grey are."""
    language = source.language
    level = number_format.percent(source.plan.inference.level, language)
    estimates = [one.line.found for one in chosen if isinstance(one.line.found, Estimate)]
    together = any(e.adjustment in SIMULTANEOUS for e in estimates)
    kind = "simultaneous" if together else "alone"
    look = {"color": ESTIMATE, "marker": "o", "markersize": 5, "linewidth": 1.5}
    entries = [(look, source.wording(f"effects.line.{kind}", level=level))]
    if any(one.inner for one in chosen):
        thick = {"color": ESTIMATE, "linewidth": INNER, "solid_capstyle": "butt"}
        entries.append((thick, source.wording("effects.thick")))
    if together and any(one.mark.colour == FAINT for one in chosen):
        faint = {**look, "color": FAINT}
        entries.append((faint, source.wording("effects.line.alone", level=level)))
    if any(one.line.outcome.smallest_effect is not None for one in chosen):
        entries.append(({"facecolor": BAND}, source.wording("figure.grey")))
    sheet.legend(entries)
    sheet.top += 0.06


SD_FIELDS = ("estimate_sd", "ci_low_sd", "ci_high_sd", "smallest_effect_sd", "mde_sd")
OWN_FIELDS = ("estimate", "ci_low", "ci_high", "smallest_effect", "mde")
EFFECT_FIELDS = (*SD_FIELDS, *OWN_FIELDS)


@draws
def coefficient_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Each outcome in its own unit, and its conclusion in words beside it."""
    chosen = lines(exhibit, source)
    several = len({line.specification.id for line in chosen}) > 1
    rows = [effect(line, several=several) for line in chosen]
    return Drawn(
        plot=lambda sheet: draw_effects(sheet, rows, source),
        message=headlines.title(
            headlines.results((x.source, x.found) for x in chosen), source.language
        ),
        subtitle=_subtitle(source, chosen, several=several),
        data=_effects_data(exhibit, source, chosen),
        alt=_effects_alt(chosen, source.language),
    )


def _subtitle(source: Source, chosen: Sequence[EffectLine], *, several: bool) -> str:
    """What an effect is here: a difference of changes, or what one or several models give."""
    if all(line.specification.method == "did" for line in chosen):
        return source.wording("effects.subtitle.did")
    model = words.in_sentence(chosen[0].specification.label[source.language])
    return source.wording(f"effects.subtitle.{'other' if several else 'one'}", model=model)


def _effects_data(exhibit: Exhibit, source: Source, chosen: tuple[EffectLine, ...]) -> Table:
    columns = ("outcome", "specification", "unit", *EFFECT_FIELDS)
    rows = tuple(_effects_row(x) for x in chosen)
    generated = (source.wording("effects.scale"),)
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _effects_row(line: EffectLine) -> Row:
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


def _effects_alt(chosen: tuple[EffectLine, ...], language: str) -> str:
    said = [
        _said(x, x.found)
        if isinstance(x.found, Estimate)
        else wording("effects.absent", language, outcome=x.outcome.label[language])
        for x in chosen
    ]
    return wording("effects.alt", language, said=" ".join(said))


def _said(line: EffectLine, found: Estimate) -> str:
    """An effect in words, what is hatched in its row, and the same in SD where it may be shown."""
    language, outcome = line.source.language, line.outcome
    effect = sentences.effect_sentence(line.source, found)
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
