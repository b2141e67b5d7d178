"""A card per primary outcome, to be shared as a picture: number, interval, caveat, source.

A card travels without its page. What may not be lost is therefore in the picture: the mark of
invented data across it and above it, the interval beside the number, what the number does not show,
and the code of the table that it is from.
"""

import io
import math
from dataclasses import dataclass

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from evaluation.locale.messages import wording
from evaluation.report.effect_rows import Line, lines
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
    Sheet,
)
from evaluation.report.formats import number_format, words
from evaluation.report.prose import certainty, headlines, sentences
from evaluation.report.prose.conclusions import BLINDED, Concluded, concluded
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate, Unavailable

# Pixels: the portrait format of the telephone's messengers and networks.
WIDTH, HEIGHT = 1080, 1350
RESOLUTION = 100
SIDE = 0.75  # inches
DASH = " \N{EN DASH} "
# Colours of the picture: it has few, and a file of a quarter of the size travels better.
PALETTE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card with the words that stand for it; ``id`` is its file name without the ending."""

    id: str
    title: str
    alt: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Texts of a card."""

    outcome: str
    headline: str
    amount: str
    unit: str = ""
    contrast: str = ""
    interval: str = ""
    smallest: str = ""
    caveat: str
    sure: str = ""
    source: str
    banner: str
    study: str


def cards(source: Source) -> tuple[Card, ...]:
    """One card for each primary outcome that a table of effects shows, in the plan's order.

    Raises
    ------
    ReportError
        A primary outcome has neither an estimate nor a reason.
    """
    shown: dict[str, tuple[Exhibit, Line]] = {}
    for exhibit in source.configuration.registry.exhibit:
        for line in lines(exhibit, source) if exhibit.builder == "effects" else ():
            shown.setdefault(line.outcome.id, (exhibit, line))
    return tuple(_card(*shown[o.id]) for o in source.plan.primary_outcomes() if o.id in shown)


def _card(exhibit: Exhibit, line: Line) -> Card:
    """The card of a row of a table of effects, which its source is."""
    source, found = line.source, line.found
    said = _said(exhibit, line)
    with applied():
        sheet = Sheet(WIDTH / RESOLUTION, source.language)
        _mark(sheet, said.banner)
        _write(sheet, said)
        if isinstance(found, Estimate) and math.isfinite(found.ci_high - found.ci_low):
            _draw(sheet, found, line.outcome)
        sheet.top = HEIGHT / RESOLUTION - MARGIN
        png = _picture(sheet.finish())
    amount = f"{said.amount} {said.unit}".strip()
    texts = (said.headline, amount, said.contrast, said.interval, said.caveat, said.sure)
    sentence = " ".join(f"{text.rstrip('.')}." for text in texts if text)
    alt = source.wording("card.alt", outcome=said.outcome, said=sentence, source=said.source)
    mark = marked(source.configuration.study.mark, source.language)
    return Card(id=f"card-{line.outcome.id}", title=said.outcome, alt=f"{mark}{alt}", png=png)


def _said(exhibit: Exhibit, line: Line) -> _Said:
    outcome, found, source = line.outcome, line.found, line.source
    language, made_from, study = (
        source.language,
        source.records.provenance,
        source.configuration.study,
    )
    from_where = source.wording(
        "card.source",
        coded=number_format.coded(exhibit.code, made_from.version),
        id=exhibit.id,
        year=f" ({study.publication.year})" if study.publication is not None else "",
        data=number_format.short_hash(made_from.data_hash),
    )
    common = {
        "outcome": outcome.label[language],
        "banner": words.mark(study.mark, language),
        "study": study.title[language],
    }
    if isinstance(found, Unavailable):
        amount, caveat = source.wording("card.not-available"), found.reason.text(language)
        name = common["outcome"]
        return _Said(headline=name, amount=amount, caveat=caveat, source=from_where, **common)
    found_out = concluded(source, found)
    is_rated = found_out is not None and found_out.conclusion != BLINDED
    status = words.status_sentence(found.status, language)
    return _Said(
        headline=headlines.title(headlines.results([(source, found)]), language)
        or common["outcome"],
        amount=number_format.signed(found.estimate, outcome.decimals, language),
        unit=words.unit_in_sentence(outcome.unit, language, number="other"),
        contrast=source.wording("card.contrast") if line.specification.method == "did" else "",
        interval=sentences.interval(found, outcome, language=language, begun=True),
        smallest=_smallest(outcome, language),
        caveat=_caveat(source, outcome, found_out),
        sure=" ".join(certainty.sentences(source, outcome)) if is_rated else "",
        source=f"{from_where} {status}",
        **common,
    )


def _smallest(outcome: Outcome, language: str) -> str:
    if outcome.smallest_effect is None:
        return ""
    amount = sentences.amount(outcome.smallest_effect, outcome, language=language)
    return wording("card.smallest", language, amount=amount.removeprefix("+"))


def _caveat(source: Source, outcome: Outcome, found_out: Concluded | None) -> str:
    if found_out is None:
        return source.wording("card.no-conclusion")
    return source.wording(
        f"card.caveat.{found_out.conclusion}",
        bounds=found_out.bounds(outcome, source.language),
    )


def _mark(sheet: Sheet, banner: str) -> None:
    """The mark in a bar on top and across the whole card: neither can be cut off unnoticed."""
    if not banner:
        return
    high = 0.9
    sheet.page.add_patch(Rectangle((0, 0), sheet.width, high, facecolor=WARNING, linewidth=0))
    lines = typeface.broken(banner, sheet.width - 2 * SIDE, BANNER, bold=True)
    size = BANNER if len(lines) == 1 else BANNER / len(lines)
    lines = typeface.broken(banner, sheet.width - 2 * SIDE, size, bold=True)
    top = (high - len(lines) * LEADING * size / 72) / 2
    sheet.lines(lines, sheet.width / 2, top, size=size, side="center", color=PAPER,
                fontweight="bold")  # fmt: skip
    parts = banner.replace("; ", DASH).split(DASH)
    sheet.page.text(
        sheet.width / 2, 6.2, "\n".join(parts), ha="center", va="center", color=WARNING, alpha=0.1,
        fontsize=min(84, 84 * 14 // max(map(len, parts))), fontweight="bold", rotation=38,
        linespacing=1.1,
    )  # fmt: skip


BANNER = 30.0
# From where in inches each text begins, and how it looks: size, bold, colour.
TEXTS = (
    ("study", 1.2, 19.0, False, FAINT),
    ("headline", 1.75, 46.0, True, INK),
    ("interval", 6.35, 27.0, True, INK),
    ("contrast", 6.88, 19.0, False, FAINT),
    ("smallest", 9.05, 19.0, False, FAINT),
    ("caveat", 10.0, 28.0, False, INK),
    ("sure", 11.1, 19.0, True, INK),
    ("source", 12.6, 17.0, False, FAINT),
)
LONGEST = {"sure": 4}  # lines, where there is room for more than three


def _write(sheet: Sheet, said: _Said) -> None:
    """Texts from top to bottom, the conclusion first; sizes that a telephone shows legibly."""
    room = sheet.width - 2 * SIDE
    above = 0.0
    for name, top, size, bold, colour in TEXTS:
        text = getattr(said, name)
        lines = typeface.broken(text, room, size, bold=bold) if text else []
        fitting = size * min(1.0, LONGEST.get(name, 3) / max(len(lines), 1))
        lines = typeface.broken(text, room, fitting, bold=bold) if text else []
        weight = "bold" if bold else "normal"
        begin = max(top, above)
        above = sheet.lines(lines, SIDE, begin, size=fitting, color=colour, fontweight=weight)
    size = 84.0 if typeface.width(said.amount, 84.0, bold=True) < 0.6 * room else 48.0
    end = sheet.lines([said.amount], SIDE, 4.75, size=size, fontweight="bold")
    beside = SIDE + typeface.width(said.amount, size, bold=True) + 0.25
    unit = typeface.broken(said.unit, sheet.width - SIDE - beside, 28.0) if said.unit else []
    sheet.lines(unit, beside, end - 0.42 - len(unit) * LEADING * 28 / 72, size=28.0)


def _draw(sheet: Sheet, found: Estimate, outcome: Outcome) -> None:
    """The interval on its axis, with zero and the effects that are smaller than matters."""
    axes = sheet.panel(SIDE, sheet.width - 2 * SIDE, 0.95, top=7.5)
    smallest = outcome.smallest_effect or 0.0
    if smallest:
        axes.axvspan(-smallest, smallest, color=BAND, zorder=0)
    axes.axvline(0, color=INK, linewidth=2)
    axes.plot(
        [found.ci_low, found.ci_high], [0, 0], color=ESTIMATE, linewidth=9, solid_capstyle="butt"
    )
    axes.plot(
        [found.estimate], [0], marker="o", markersize=24, color=ESTIMATE, markeredgecolor="white",
        markeredgewidth=3,
    )  # fmt: skip
    half_width = 1.15 * max(abs(found.ci_low), abs(found.ci_high), smallest)
    axes.set_xlim(-half_width, half_width)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labelsize=19)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))


def _picture(figure: Canvas) -> bytes:
    """The drawn card as PNG, without date or program in it."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=RESOLUTION)
    points = Image.frombytes("RGBA", (WIDTH, HEIGHT), drawn.getvalue()).convert("RGB")
    buffer = io.BytesIO()
    points.quantize(PALETTE).save(buffer, format="png", optimize=True)
    return buffer.getvalue()
