"""How all figures look, and what every figure gets: style, marks, fixed words, order of groups."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from textwrap import fill
from typing import Any

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import ScalarFormatter

from evaluation.locale.messages import Message, wording
from evaluation.registry import Registry
from evaluation.report import figures
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Table
from evaluation.report.sources import Source
from evaluation.study.exhibits import FIGURES, Exhibit

# What draws each figure: a function of its builder's name, marked ``@style.draws``.
draws: Registry[Callable[[Exhibit, "Source"], "Drawn"]] = Registry(FIGURES, figures)

WIDTH = 7.2  # inches: 10-point text is about 13 pixels high where the page shows 700 pixels
RESOLUTION = 200
BANNER_CHARACTERS = 54  # of a line of the banner at the common width
INK, FAINT, BAND = "#1a1a1a", "#6b6b6b", "#e6e6e6"
WARNING = "#9C0006"

# Okabe and Ito (2008), the four that have a contrast of at least 3 against white. The first two,
# which most figures use, differ in luminance enough to be told apart without colour.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73")
MARKERS = ("s", "o", "^", "D")
LINES = ("--", "-", "-.", ":")

Spot = tuple[float, float]

# How matplotlib draws: colours there are INK and FAINT.
SETTINGS = resources.files(__package__).joinpath("figures.mplstyle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as two pictures, the words that stand for it, and the data it was drawn from."""

    id: str
    title: str
    reading: str
    notes: tuple[str, ...]
    alt: str
    svg: bytes
    png: bytes
    data: Table


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a builder gives: a figure not yet marked, its data, and what it shows in words."""

    figure: Canvas
    data: Table
    alt: str


@contextmanager
def applied() -> Iterator[None]:
    """Draw under the settings of all figures, and leave the others' as they were."""
    with resources.as_file(SETTINGS) as path, rc_context(fname=path):
        yield


def canvas(height: float) -> Canvas:
    """An empty figure of the common width and the given height in inches."""
    figure = Canvas(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def mark_figure(figure: Canvas, banner: str) -> None:
    """Write the banner across the top of the figure; nothing where ``banner`` is empty."""
    if banner:
        # large enough to be read where a telephone shows the figure at half its size
        width = round(BANNER_CHARACTERS * figure.get_figwidth() / WIDTH)
        figure.suptitle(
            fill(banner, width), color=WARNING, fontsize=12, fontweight="bold", ha="center"
        )


class Ticks(ScalarFormatter):
    """Numbers along an axis with the language's marks of thousands and decimals."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of one tick."""
        return number_format.marks(super().__call__(x, pos), self.language)


def localise(figure: Canvas, language: str) -> None:
    """Print the numbers along every axis as the language does; ticks with words stay."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(Ticks(language))


def pictures(figure: Canvas, language: str) -> tuple[bytes, bytes]:
    """SVG and PNG of a figure, without date or program version in them."""
    localise(figure, language)
    svg, png = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    figure.savefig(png, format="png", dpi=RESOLUTION, metadata={"Software": None})
    return _with_fallbacks(svg.getvalue()), png.getvalue()


def _with_fallbacks(svg: bytes) -> bytes:
    """The picture with fonts of nearly the same widths for readers who lack the one it names."""
    return svg.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")


def line_style(position: int) -> dict[str, Any]:
    """Colour, marker and line of the group at a position in the study's order."""
    return {
        "color": COLOURS[position % len(COLOURS)],
        "marker": MARKERS[position % len(MARKERS)],
        "linestyle": LINES[position % len(LINES)],
    }


def wrap(text: str, width: int) -> str:
    """Text on lines of at most ``width`` characters."""
    return fill(text, width, break_long_words=False)


def legend_below(figure: Canvas, panels: Iterable[Axes], *, columns: int = 1) -> None:
    """One entry of the legend for each label of any panel, in the order of their first.

    Parameters
    ----------
    figure : Figure
    panels : iterable of Axes
    columns : int, optional
        The most that stand side by side.
    """
    entries: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    across = min(len(entries), columns)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=across)


def quiet(axes: Axes) -> None:
    """Take away ticks and frame of axes that only carry shapes."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def box(axes: Axes, corner: Spot, width: float, height: float, **look: Any) -> None:
    """A white box whose first corner has the least x and y."""
    look = {"linewidth": 1.2, "edgecolor": INK, "facecolor": "white", **look}
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle="square,pad=0", **look))


def arrow(axes: Axes, start: Spot, end: Spot, **look: Any) -> None:
    """An arrow between two places, which touches both."""
    look = {"mutation_scale": 11, "color": FAINT, "shrinkA": 0, "shrinkB": 0, **look}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", **look))


NORMAL_95 = 1.96


def figure(exhibit: Exhibit, source: Source) -> Figure:
    """Draw a figure under the settings of all, marked where the study is synthetic.

    Parameters
    ----------
    exhibit : Exhibit
        Its builder draws it.
    source : Source
    """
    mark = source.configuration.study.mark
    with applied():
        drawn = draws[exhibit.builder](exhibit, source)
        mark_figure(drawn.figure, words.banner(mark, source.language))
        svg, png = pictures(drawn.figure, source.language)
    title = exhibit.title[source.language]
    return Figure(
        id=exhibit.id,
        title=title,
        reading=exhibit.reading[source.language],
        notes=drawn.data.notes,
        alt=f"{marked(mark, source.language)}{title}. {drawn.alt}",
        svg=svg,
        png=png,
        data=drawn.data,
    )


def absent(reason: Message | None, language: str) -> str:
    """The word in the place of what cannot be had, or may not be shown, for this reason."""
    cell = table.unavailable(reason, language)
    return cell.text if cell.kind == "suppressed" else wording("figure.not-available", language)


def marked(mark: str, language: str) -> str:
    """The mark of the study before an alternative text; empty where it has none."""
    if not mark:
        return ""
    named = " ".join(wording(f"figure.mark.{name}", language) for name in mark.split())
    return f"{wording('figure.marked', language, named=named)} "


def order(source: Source, arm: str) -> int:
    """Position of an arm's look: comparison arms first, so that black is always comparison."""
    study = source.configuration.study
    pure = study.arms_without_any()
    return [*pure, *(a.id for a in study.arm if a.id not in pure)].index(arm)
