"""A sheet is filled from above, in inches, and is as high as what stands on it.

Every figure is drawn on two: a wide one for pages and paper, and a narrow one for telephones,
where letters keep their size and lines break earlier.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import ScalarFormatter

from evaluation.locale import numbers
from evaluation.report.figures import typeface

WIDE, NARROW = 7.2, 3.72  # inches: 691 and 357 pixels of a page
MARGIN = 0.04
INK, FAINT, BAND, RULE = "#1a1a1a", "#5c5c5c", "#e6e6e6", "#cfcfcf"
WARNING = "#9c0006"
PAPER = "#ffffff"
SMALL, NORMAL, LARGE = 8.0, 9.0, 12.5  # points
LEADING = 1.3  # height of a line over the size of its letters
ABOVE = 0.98  # of the size, from the top of a line to where its letters stand

# Legends: what stands before each text, as a line's or a patch's look, and the text.
Entries = Sequence[tuple[Mapping[str, Any], str]]
SAMPLE = 0.24  # inches of a line in a legend


class Ticks(ScalarFormatter):
    """Numbers along an axis with the language's marks of thousands and decimals."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of one tick."""
        return numbers.marks(super().__call__(x, pos), self.language)


class DrawingSheet:
    """A figure of one width while it is drawn; ``top`` is where the next thing begins."""

    def __init__(self, width: float, language: str) -> None:
        self.width, self.language = width, language
        self.top = MARGIN
        self.figure = Canvas(figsize=(width, 1.0))
        FigureCanvasAgg(self.figure)
        self.page = self.figure.add_axes((0, 0, 1, 1))
        self.page.axis("off")
        # words stand over lines of the panels
        self.page.set_zorder(2)
        self.page.set_xlim(0, width)
        self._panels: list[tuple[Axes, float, float, float, float]] = []

    @property
    def narrow(self) -> bool:
        """Whether it is for a telephone."""
        return self.width < WIDE

    @property
    def inside(self) -> float:
        """Width between the margins."""
        return self.width - 2 * MARGIN

    def lines(
        self,
        lines: Iterable[str],
        left: float,
        top: float,
        *,
        size: float = NORMAL,
        side: Literal["left", "center", "right"] = "left",
        **look: Any,
    ) -> float:
        """Write lines one under the other; where the next would begin.

        Parameters
        ----------
        lines : iterable of str
        left, top : float
            Inches; with another ``side`` where the lines' middle or end is.
        size : float, optional
        side : str, optional
        look
            Of the text, as matplotlib calls it.
        """
        look = {"color": INK, **look}
        for line in lines:
            self.page.text(left, top + ABOVE * size / 72, line, fontsize=size, ha=side, **look)
            top += LEADING * size / 72
        return top

    def say(
        self,
        text: str,
        *,
        size: float = NORMAL,
        bold: bool = False,
        left: float = MARGIN,
        room: float | None = None,
        **look: Any,
    ) -> None:
        """Write a paragraph over the width, or in a room of it, and go on below.

        Parameters
        ----------
        text : str
        size, left : float, optional
        bold : bool, optional
        room : float, optional
            Inches; up to the right margin where none is given.
        look
        """
        if text:
            lines = typeface.broken(text, room or self.width - MARGIN - left, size, bold=bold)
            weight = "bold" if bold else "normal"
            self.top = self.lines(lines, left, self.top, size=size, fontweight=weight, **look)

    def panel(self, left: float, width: float, height: float, *, top: float | None = None) -> Axes:
        """Axes at a place in inches, with a line below and nothing else around them.

        Parameters
        ----------
        left, width, height : float
        top : float, optional
            The sheet's where none is given. The sheet does not go on below by itself.
        """
        axes = self.figure.add_axes((0, 0, 0.1, 0.1))
        axes.patch.set_visible(False)
        self._panels.append((axes, left, self.top if top is None else top, width, height))
        return axes

    def rows(self, left: float, width: float, height: float, *, top: float | None = None) -> Axes:
        """Axes whose vertical unit is an inch from their top, for rows of marks.

        Parameters
        ----------
        left, width, height : float
        top : float, optional
        """
        axes = self.panel(left, width, height, top=top)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        return axes

    def move(self, axes: Axes, top: float) -> None:
        """Put axes that were made already at another height.

        Parameters
        ----------
        axes : Axes
        top : float
        """
        self._panels = [(a, x, top if a is axes else y, w, h) for a, x, y, w, h in self._panels]

    def legend(self, entries: Entries) -> None:
        """Samples with their texts, as many on a line as there is room for.

        Parameters
        ----------
        entries : sequence of (mapping, str)
            A mapping with ``facecolor`` is a patch, any other a line.
        """
        left, height = MARGIN, LEADING * SMALL / 72 + 0.03
        for look, text in entries:
            wide = SAMPLE + 0.07 + typeface.width(text, SMALL)
            if left > MARGIN and left + wide > self.width - MARGIN:
                left, self.top = MARGIN, self.top + height
            self._sample(look, left, self.top + height / 2)
            room = self.width - MARGIN - left - SAMPLE - 0.07
            lines = typeface.broken(text, room, SMALL)
            below = self.lines(lines, left + SAMPLE + 0.07, self.top, size=SMALL)
            self.top = below - LEADING * SMALL / 72
            left += wide + 0.2
        self.top += height + 0.06 if entries else 0

    def _sample(self, look: Mapping[str, Any], left: float, middle: float) -> None:
        middle -= 0.01
        if "facecolor" in look:
            self.page.add_patch(Rectangle((left, middle - 0.05), SAMPLE, 0.1, **look))
            return
        self.page.plot([left, left + SAMPLE], [middle] * 2, **{**look, "marker": ""})
        if look.get("marker"):
            self.page.plot([left + SAMPLE / 2], [middle], **{**look, "linestyle": ""})

    def box(self, left: float, width: float, height: float, *, top: float | None = None) -> None:
        """The outline of a box.

        Parameters
        ----------
        left, width, height : float
        top : float, optional
            The sheet's where none is given.
        """
        corner = (left, self.top if top is None else top)
        self.page.add_patch(
            Rectangle(corner, width, height, facecolor="none", edgecolor=FAINT, linewidth=0.8)
        )

    def blank(self, top: float, height: float) -> None:
        """Paper over a strip of the width, so that words on it are crossed by no line.

        Parameters
        ----------
        top, height : float
        """
        strip = Rectangle((0, top), self.width, height, facecolor=PAPER, linewidth=0)
        self.page.add_patch(strip)

    def rule(self) -> None:
        """A thin line over the width."""
        ends = [MARGIN, self.width - MARGIN]
        self.page.plot(ends, [self.top] * 2, color=RULE, linewidth=0.6, solid_capstyle="butt")

    def finish(self) -> Canvas:
        """The figure at its full height, every panel at its place and numbers in the language."""
        height = self.top + MARGIN
        self.figure.set_size_inches(self.width, height)
        self.page.set_ylim(height, 0)
        for axes, left, top, wide, high in self._panels:
            axes.set_position(
                (left / self.width, 1 - (top + high) / height, wide / self.width, high / height)
            )
            for axis in (axes.xaxis, axes.yaxis):
                if type(axis.get_major_formatter()) is ScalarFormatter:
                    axis.set_major_formatter(Ticks(self.language))
        return self.figure
