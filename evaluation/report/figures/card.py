"""The card to share: all primary outcomes in one picture, none of them alone.

It travels without its page, and is what networks show of a page's link. What may not be lost is
therefore in the picture: the mark of invented data across it and above it, each estimate with its
interval and the words of its conclusion, what the interval does not show, and the code of the table
that it is from. No number is larger than the words around it.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import ESTIMATE, applied, marked
from evaluation.report.figures.sheet import (
    BAND,
    FAINT,
    INK,
    LEADING,
    MARGIN,
    PAPER,
    WARNING,
    DrawingSheet,
)
from evaluation.report.formats import number_format, words
from evaluation.report.prose import headlines, sentences
from evaluation.report.sources import Source

# Pixels: what networks show of a link without cutting it.
WIDTH, HEIGHT = 1200, 630
RESOLUTION = 100
# Inches: the margins, the bar of the mark, the axes at the right, the least space between two
# outcomes, and where the notes begin.
SIDE, BAR = 0.55, 0.6
AXES, BETWEEN, GAP = 2.7, 0.35, 0.16
FOOT = 5.72
DASH = " \N{EN DASH} "
# Colours of the picture: it has few, and a file of a quarter of the size travels better.
PALETTE = 64
NAME = "card-primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card with the words that stand for it; ``id`` is its file name without the ending."""

    id: str
    title: str
    alt: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Texts of an outcome, and what is drawn of it."""

    headline: str
    estimate: str
    caveat: str
    outcome: Outcome
    drawn: Estimate | None = None

    def sentence(self) -> str:
        """All of them in a row."""
        texts = (self.headline, self.estimate, self.caveat)
        return " ".join(f"{text.rstrip('.')}." for text in texts if text)


def cards(source: Source) -> tuple[Card, ...]:
    """The card of all primary outcomes that a table of effects shows; none without one.

    Raises
    ------
    ReportError
        A primary outcome has neither an estimate nor a reason.
    """
    shown: dict[str, tuple[Exhibit, EffectLine]] = {}
    for exhibit in source.configuration.registry.exhibit:
        for line in lines(exhibit, source) if exhibit.builder == "effects" else ():
            shown.setdefault(line.outcome.id, (exhibit, line))
    chosen = [shown[o.id] for o in source.plan.primary_outcomes() if o.id in shown]
    return (_card(chosen, source),) if chosen else ()


def _card(chosen: Sequence[tuple[Exhibit, EffectLine]], source: Source) -> Card:
    study, language = source.configuration.study, source.language
    rows = [_row(line) for _, line in chosen]
    found = [line.found for _, line in chosen]
    statuses = [words.status_sentence(e.status, language) for e in found if isinstance(e, Estimate)]
    from_where = " ".join(dict.fromkeys((*(_from(e, source) for e, _ in chosen), *statuses)))
    with applied():
        sheet = DrawingSheet(WIDTH / RESOLUTION, language)
        top = _mark(sheet, words.mark(study.mark, language))
        top = sheet.lines([study.title[language]], SIDE, top + 0.18, size=14.0, color=FAINT)
        _write(sheet, rows, top + 0.1)
        notes = typeface.broken(f"{source.wording('card.smallest')} {from_where}", 10.9, 11.0)
        sheet.lines(notes, SIDE, FOOT, size=11.0, color=FAINT)
        sheet.top = HEIGHT / RESOLUTION - MARGIN
        png = _picture(sheet.finish())
    said = " ".join(row.sentence() for row in rows)
    alt = source.wording("card.alt", said=said, source=from_where)
    return Card(
        id=NAME, title=study.title[language], alt=f"{marked(study.mark, language)}{alt}", png=png
    )


def _from(exhibit: Exhibit, source: Source) -> str:
    made_from, about = source.records.provenance, source.configuration.study.publication
    return source.wording(
        "card.source",
        coded=number_format.coded(exhibit.code, made_from.version),
        id=exhibit.id,
        year=f" ({about.year})" if about is not None else "",
        data=number_format.short_hash(made_from.data_hash),
    )


def _row(line: EffectLine) -> _Row:
    outcome, found, source = line.outcome, line.found, line.source
    language = source.language
    if isinstance(found, Unavailable):
        return _Row(
            headline=outcome.label[language],
            estimate=source.wording("card.not-available"),
            caveat=found.reason.text(language),
            outcome=outcome,
        )
    result = headlines.PrimaryResult.of(source, found)
    amount = number_format.signed(found.estimate, outcome.decimals, language)
    unit = words.unit_in_sentence(outcome.unit, language, number="other")
    interval = sentences.interval(found, outcome, language=language, begun=True)
    caveat = headlines.caveat(result) if result else source.wording("card.no-conclusion")
    title = headlines.title([result], language) if result is not None else ""
    return _Row(
        headline=title or outcome.label[language],
        estimate=f"{amount} {unit}. {interval}",
        caveat=caveat,
        outcome=outcome,
        drawn=found if math.isfinite(found.ci_high - found.ci_low) else None,
    )


def _mark(sheet: DrawingSheet, banner: str) -> float:
    """The mark in a bar on top and across the whole card: neither can be cut off unnoticed."""
    if not banner:
        return MARGIN
    sheet.page.add_patch(Rectangle((0, 0), sheet.width, BAR, facecolor=WARNING, linewidth=0))
    room = sheet.width - 2 * SIDE
    size = 20.0 if len(typeface.broken(banner, room, 20.0, bold=True)) == 1 else 11.0
    lines = typeface.broken(banner, room, size, bold=True)
    top = (BAR - len(lines) * LEADING * size / 72) / 2
    sheet.lines(lines, sheet.width / 2, top, size=size, side="center", color=PAPER,
                fontweight="bold")  # fmt: skip
    parts = banner.replace("; ", DASH).split(DASH)
    sheet.page.text(
        sheet.width / 2, 3.4, "\n".join(parts), ha="center", va="center", color=WARNING, alpha=0.1,
        fontsize=min(84, 84 * 16 // max(map(len, parts))), fontweight="bold", rotation=22,
        linespacing=1.1,
    )  # fmt: skip

    return BAR


# How the texts of a row look: size and weight.
TEXTS = (("headline", 17.0, "bold"), ("estimate", 15.0, "normal"), ("caveat", 12.0, "normal"))
# Lines with their size and weight.
Laid = list[tuple[list[str], float, str]]


def _write(sheet: DrawingSheet, rows: Sequence[_Row], top: float) -> None:
    """Each outcome's texts, as large as all of them fit, and its interval at their side."""
    scale = 1.15
    laid = [_laid(sheet, row, scale) for row in rows]
    while (spare := FOOT - top - math.fsum(map(_height, laid))) < GAP * len(rows) and scale > 0.4:
        scale *= 0.97
        laid = [_laid(sheet, row, scale) for row in rows]
    for row, texts in zip(rows, laid, strict=True):
        if row.drawn is not None:
            _draw(sheet, row.drawn, row.outcome, top=top + 0.08)
        end = top + _height(texts)
        for part, size, weight in texts:
            top = sheet.lines(part, SIDE, top, size=size, fontweight=weight)
        top = end + spare / len(rows)


def _laid(sheet: DrawingSheet, row: _Row, scale: float) -> Laid:
    room = sheet.width - 2 * SIDE - AXES - BETWEEN
    return [
        (typeface.broken(text, room, size * scale, bold=weight == "bold"), size * scale, weight)
        for name, size, weight in TEXTS
        if (text := getattr(row, name))
    ]


def _height(laid: Laid) -> float:
    """Inches of an outcome's texts; its axes need as many at least."""
    high = math.fsum(len(part) * LEADING * size / 72 for part, size, _ in laid)
    return max(high, 0.85)


def _draw(sheet: DrawingSheet, found: Estimate, outcome: Outcome, *, top: float) -> None:
    """The interval on its axis, with zero and the effects that are smaller than matters."""
    axes = sheet.panel(sheet.width - SIDE - AXES, AXES, 0.5, top=top)
    smallest = outcome.smallest_effect or 0.0
    if smallest:
        axes.axvspan(-smallest, smallest, color=BAND, zorder=0)
    axes.axvline(0, color=INK, linewidth=1.5)
    axes.plot(
        [found.ci_low, found.ci_high], [0, 0], color=ESTIMATE, linewidth=5, solid_capstyle="butt"
    )
    axes.plot(
        [found.estimate], [0], marker="o", markersize=13, color=ESTIMATE, markeredgecolor="white",
        markeredgewidth=2,
    )  # fmt: skip
    half_width = 1.15 * max(abs(found.ci_low), abs(found.ci_high), smallest)
    axes.set_xlim(-half_width, half_width)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labelsize=11)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


def _picture(figure: Canvas) -> bytes:
    """The drawn card as PNG, without date or program in it."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=RESOLUTION)
    points = Image.frombytes("RGBA", (WIDTH, HEIGHT), drawn.getvalue()).convert("RGB")
    buffer = io.BytesIO()
    points.quantize(PALETTE).save(buffer, format="png", optimize=True)
    return buffer.getvalue()
