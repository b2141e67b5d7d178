"""A card per primary outcome, to be shared as a picture: number, interval, caveat, source.

A card travels without its page. What may not be lost is therefore in the picture: the mark of
invented data across it and above it, the interval beside the number, what the number does not show,
and the code of the table that it is from.
"""

import io
import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from evaluation.locale.messages import wording
from evaluation.report.effect_rows import Line, lines
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import marked
from evaluation.report.formats import number_format, words
from evaluation.report.prose import citations, sentences
from evaluation.report.prose.conclusions import Concluded, concluded
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate, Unavailable

# Pixels: the portrait format of the telephone's messengers and networks.
WIDTH, HEIGHT = 1080, 1350
RESOLUTION = 100
LEFT, RIGHT = 0.07, 0.93
DASH = " \N{EN DASH} "
# Characters that a line of each size of letter holds.
LABEL_LINE, CAVEAT_LINE, INTERVAL_LINE, SMALL_LINE = 29, 42, 52, 66
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
    amount: str
    unit: str = ""
    contrast: str = ""
    interval: str = ""
    smallest: str = ""
    conclusion: str = ""
    caveat: str
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
    with style.applied():
        figure = Canvas(figsize=(WIDTH / RESOLUTION, HEIGHT / RESOLUTION), dpi=RESOLUTION)
        _mark(figure, said.banner)
        _write(figure, said)
        if isinstance(found, Estimate) and math.isfinite(found.ci_high - found.ci_low):
            _draw(figure, found, line.outcome, source)
        png = _picture(figure)
    amount = f"{said.amount} {said.unit}".strip()
    texts = (amount, said.contrast, said.interval, said.conclusion, said.caveat)
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
        year=citations.year(source.configuration),
        data=number_format.short_hash(made_from.data_hash),
    )
    common = {
        "outcome": outcome.label[language],
        "banner": words.mark(study.mark, language),
        "study": study.title[language],
    }
    if isinstance(found, Unavailable):
        amount, caveat = source.wording("card.not-available"), found.reason.text(language)
        return _Said(amount=amount, caveat=caveat, source=from_where, **common)
    found_out = concluded(source, found)
    status = source.wording("card.status", status=words.status(found.status, language))
    return _Said(
        amount=number_format.signed(found.estimate, outcome.decimals, language),
        unit=words.unit_in_sentence(outcome.unit, language, number="other"),
        contrast=source.wording("card.contrast") if line.specification.method == "did" else "",
        interval=sentences.interval(found, outcome, language=language, begun=True),
        smallest=_smallest(outcome, language),
        conclusion=words.begun(_conclusion(found, outcome, found_out, language)),
        caveat=_caveat(outcome, found_out, language),
        source=f"{from_where} {status}",
        **common,
    )


def _conclusion(
    found: Estimate, outcome: Outcome, found_out: Concluded | None, language: str
) -> str:
    """The conclusion in large letters; an interval that carries it stands in the caveat below."""
    if found_out is None:
        return ""
    bare = wording(f"conclusion.{found_out.conclusion}", language)
    return f"{bare}{sentences.pointing(found, outcome, language)}"


def _smallest(outcome: Outcome, language: str) -> str:
    if outcome.smallest_effect is None:
        return ""
    amount = sentences.amount(outcome.smallest_effect, outcome, language=language)
    return wording("card.smallest", language, amount=amount.removeprefix("+"))


def _caveat(outcome: Outcome, found_out: Concluded | None, language: str) -> str:
    if found_out is None:
        return wording("card.no-conclusion", language)
    bounds = found_out.bounds(outcome, language)
    return wording(f"card.caveat.{found_out.conclusion}", language, bounds=bounds)


def _mark(figure: Canvas, banner: str) -> None:
    """The mark in a bar on top and across the whole card: neither can be cut off unnoticed."""
    if not banner:
        return
    figure.add_artist(
        Rectangle((0, 0.935), 1, 0.065, transform=figure.transFigure, color=style.WARNING)
    )
    figure.text(
        0.5, 0.967, style.wrap(banner, 46), ha="center", va="center", color="white",
        fontsize=30 if len(banner) < 40 else 22, fontweight="bold",
    )  # fmt: skip
    parts = banner.replace("; ", DASH).split(DASH)
    size = min(84, 84 * 14 // max(map(len, parts)))
    figure.text(
        0.5, 0.46, "\n".join(parts), ha="center", va="center", color=style.WARNING,
        alpha=0.13, fontsize=size, fontweight="bold", rotation=38, linespacing=1.1,
    )  # fmt: skip


def _write(figure: Canvas, said: _Said) -> None:
    """Texts from top to bottom; sizes are those that a telephone shows legibly."""
    lines = (
        (0.915, said.study, SMALL_LINE, 19, "normal", style.FAINT),
        (0.872, said.outcome, LABEL_LINE, 38, "bold", style.INK),
        (0.730, said.amount, LABEL_LINE, 100 if len(said.amount) < 9 else 56, "bold", style.INK),
        (0.612, said.unit, CAVEAT_LINE, 28, "normal", style.INK),
        (0.573, said.contrast, SMALL_LINE + 4, 18, "normal", style.FAINT),
        (0.530, said.interval, INTERVAL_LINE, 27, "bold", style.INK),
        (0.352, said.smallest, SMALL_LINE, 18, "normal", style.FAINT),
        (0.287, said.conclusion, LABEL_LINE + 6, 33, "bold", style.INK),
        (0.197, said.caveat, CAVEAT_LINE, 27, "normal", style.INK),
        (0.080, said.source, SMALL_LINE, 18, "normal", style.FAINT),
    )
    for height, text, width, size, weight, colour in lines:
        figure.text(
            LEFT, height, style.wrap(text, width), ha="left", va="top", fontsize=size,
            fontweight=weight, color=colour, linespacing=1.25,
        )  # fmt: skip


def _draw(figure: Canvas, found: Estimate, outcome: Outcome, source: Source) -> None:
    """The interval on its axis, with zero and the effects that are smaller than matters."""
    axes: Axes = figure.add_axes((LEFT, 0.39, RIGHT - LEFT, 0.085))
    smallest = outcome.smallest_effect or 0.0
    if smallest:
        axes.axvspan(-smallest, smallest, color=style.BAND, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=2)
    axes.plot(
        [found.ci_low, found.ci_high], [0, 0], color=style.COLOURS[2], linewidth=9,
        solid_capstyle="butt",
    )  # fmt: skip
    axes.plot(
        [found.estimate], [0], marker="o", markersize=24, color=style.COLOURS[2],
        markeredgecolor="white", markeredgewidth=3,
    )  # fmt: skip
    half_width = 1.15 * max(abs(found.ci_low), abs(found.ci_high), smallest)
    axes.set_xlim(-half_width, half_width)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labelsize=19)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(style.Ticks(source.language))


def _picture(figure: Canvas) -> bytes:
    """The drawn card as PNG, without date or program in it."""
    FigureCanvasAgg(figure)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=RESOLUTION)
    points = Image.frombytes("RGBA", (WIDTH, HEIGHT), drawn.getvalue()).convert("RGB")
    buffer = io.BytesIO()
    points.quantize(PALETTE).save(buffer, format="png", optimize=True)
    return buffer.getvalue()
