"""What every figure gets: its message as title, the mark, source and code, and two layouts."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from evaluation.config.exhibits import FIGURES, Exhibit
from evaluation.locale.messages import Message, wording
from evaluation.registry import Registry
from evaluation.report import figures, panels
from evaluation.report.figures import markup, typeface
from evaluation.report.figures.sheet import (
    FAINT,
    LARGE,
    LEADING,
    MARGIN,
    NARROW,
    NORMAL,
    SMALL,
    WARNING,
    WIDE,
    DrawingSheet,
)
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Table
from evaluation.report.sources import Source

# What draws each figure: a function of its builder's name, marked ``@frame.draws``.
draws: Registry[Callable[[Exhibit, "Source"], "Drawn"]] = Registry(FIGURES, figures, panels)

RESOLUTION = 200
TINT = "#fbeaec"  # behind the mark
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"

# Okabe and Ito (2008), the four that have a contrast of at least 3 against white. The first two,
# which most figures use, differ in luminance enough to be told apart without colour. The first is
# nearly black: SVG leaves black unsaid, and a page could not change it.
COLOURS = ("#111111", "#d55e00", "#0072b2", "#009e73")
MARKERS = ("s", "o", "^", "D")
LINES = ("--", "-", "-.", ":")
ESTIMATE = COLOURS[2]  # black and vermillion are the groups

# How matplotlib draws: colours there are INK and FAINT.
SETTINGS = resources.files(__package__).joinpath("figures.mplstyle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn figure: a file by itself, the same as raster, and two layouts for a page."""

    svg: bytes
    png: bytes
    wide: str
    narrow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as pictures, the words that stand for it, and the data it was drawn from."""

    id: str
    title: str
    reading: str
    notes: tuple[str, ...]
    message: str
    alt: str
    picture: Picture
    data: Table

    @property
    def svg(self) -> bytes:
        """The file by itself."""
        return self.picture.svg

    @property
    def png(self) -> bytes:
        """The same as raster."""
        return self.picture.png


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a builder gives.

    Attributes
    ----------
    plot : callable
        Draws on a sheet below title and subtitle; called for each layout.
    message : str
        What the figure shows, in a sentence without its full stop: the title inside it.
    subtitle : str
        What is drawn, in which unit, and which direction is better.
    alt : str
        The whole in words.
    has_results : bool, default True
        False for facts about a programme: they are real where the survey is invented.
    """

    plot: Callable[[DrawingSheet], None]
    message: str
    subtitle: str
    data: Table
    alt: str
    has_results: bool = True


@contextmanager
def applied() -> Iterator[None]:
    """Draw under the settings of all figures, and leave the others' as they were."""
    typeface.register()
    with resources.as_file(SETTINGS) as path, rc_context(fname=path):
        yield


def figure(exhibit: Exhibit, source: Source) -> Figure:
    """Draw a figure under the settings of all, marked where its results are invented.

    Its files keep the mark of the study, whatever it shows.

    Parameters
    ----------
    exhibit : Exhibit
        Its builder draws it.
    source : Source
    """
    drawn = draws[exhibit.builder](exhibit, source)
    language = source.language
    of_study = source.configuration.study.mark
    mark = of_study if drawn.has_results else ""
    banner = f"{words.banner(of_study, language)}."
    kept = tuple(x for x in drawn.data.provenance if drawn.has_results or x != banner)
    data = replace(drawn.data, provenance=kept)
    title = exhibit.title[language]
    alt = f"{marked(mark, language)}{title}. {words.begun(drawn.message)}. {drawn.alt}"
    around = Around(
        message=drawn.message,
        subtitle=drawn.subtitle,
        banner=words.banner(mark, language),
        foot=foot(exhibit, source),
    )
    picture = pictures(drawn.plot, around, name=exhibit.id, alt=alt, language=language)
    return Figure(
        id=exhibit.id,
        title=title,
        reading=exhibit.reading[language],
        notes=data.notes,
        message=drawn.message,
        alt=alt,
        picture=picture,
        data=data,
    )


def foot(exhibit: Exhibit, source: Source) -> str:
    """Where a figure is from: study, its year where it declares one, code with version, id."""
    about = source.configuration.study.publication
    title = source.configuration.study.title[source.language]
    return source.wording(
        "figure.source",
        study=f"{title}, {about.year}" if about is not None else title,
        coded=number_format.coded(exhibit.code, source.records.provenance.version),
        id=exhibit.id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around a drawing; the mark and where it is from may be empty."""

    message: str
    subtitle: str
    banner: str = ""
    foot: str = ""


def pictures(
    plot: Callable[[DrawingSheet], None], around: Around, *, name: str, alt: str, language: str
) -> Picture:
    """Both layouts of a figure, its file and its raster.

    Parameters
    ----------
    plot : callable
        Draws on a sheet below title and subtitle.
    around : Around
    name : str
        Permanent id, or name of the file.
    alt : str
        The whole in words.
    language : {"en", "es"}
    """

    def drawn(width: float) -> Canvas:
        sheet = DrawingSheet(width, language)
        _mark(sheet, around.banner)
        sheet.say(words.begun(around.message), size=LARGE, bold=True)
        sheet.top += 0.03
        sheet.say(around.subtitle, size=NORMAL, color=FAINT)
        sheet.top += 0.1
        plot(sheet)
        if around.foot:
            sheet.top += 0.07
            sheet.rule()
            sheet.top += 0.05
            sheet.say(around.foot, size=SMALL, color=FAINT)
        canvas = sheet.finish()
        for text in canvas.findobj(Text):
            if isinstance(text, Text):
                text.set_text(text.get_text().replace("'", APOSTROPHE))  # as pages have it
        return canvas

    said = {"title": words.begun(around.message), "described": alt}
    with applied():
        wide = drawn(WIDE)
        svg = vector(wide)
        return Picture(
            svg=markup.standalone(svg, **said),
            png=raster(wide),
            wide=markup.inline(svg, name=name, **said),
            narrow=markup.inline(vector(drawn(NARROW)), name=f"{name}-narrow", **said),
        )


def _mark(sheet: DrawingSheet, banner: str) -> None:
    """The mark over the width; nothing where ``banner`` is empty."""
    if not banner:
        return
    room = sheet.inside - 0.16
    lines = typeface.broken(banner, room, SMALL, bold=True)
    height = len(lines) * LEADING * SMALL / 72 + 0.06
    ground = Rectangle((MARGIN, sheet.top), sheet.inside, height, facecolor=TINT)
    sheet.page.add_patch(ground)
    sheet.lines(
        lines, MARGIN + 0.08, sheet.top + 0.03, size=SMALL, color=WARNING, fontweight="bold"
    )
    sheet.top += height + 0.08


def vector(canvas: Canvas) -> str:
    """SVG as matplotlib writes it, without date or program version."""
    svg = io.BytesIO()
    canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return svg.getvalue().decode()


def raster(canvas: Canvas) -> bytes:
    """PNG without program version."""
    png = io.BytesIO()
    canvas.savefig(png, format="png", dpi=RESOLUTION, metadata={"Software": None})
    return png.getvalue()


def line_style(position: int) -> dict[str, Any]:
    """Colour, marker and line of the group at a position in the study's order."""
    return {
        "color": COLOURS[position % len(COLOURS)],
        "marker": MARKERS[position % len(MARKERS)],
        "linestyle": LINES[position % len(LINES)],
    }


NORMAL_95 = 1.96


def absent(reason: Message | None, language: str) -> str:
    """The word in the place of what is unavailable, or may not be shown, for this reason."""
    cell = table.unavailable(reason, language)
    return cell.text if cell.kind == "suppressed" else wording("figure.not-available", language)


def marked(mark: str, language: str) -> str:
    """The mark of the study before an alternative text; empty where it has none."""
    return f"{words.data_mark(mark, language)} " if mark else ""


def order(source: Source, arm: str) -> int:
    """Position of an arm's look: comparison arms first, so that black is always comparison."""
    study = source.configuration.study
    pure = study.arms_without_any()
    return [*pure, *(a.id for a in study.arm if a.id not in pure)].index(arm)
