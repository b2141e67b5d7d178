"""What a printed page says, and in what size: text out of a PDF by its own operators.

Source: ISO 32000-1, 8.4 (graphics state), 9.4 (text objects), 9.10 (extraction of text).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

from evaluation.release.verifying.print_letters import letters_of, text_of

Matrix = tuple[float, ...]
SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Run:
    """Some letters: their sheet, their size on paper in points, where they begin, their text."""

    sheet: int
    size: float
    x: float
    y: float
    text: str


def runs(data: bytes) -> list[Run]:
    """All letters of a PDF, in the order in which they are drawn."""
    with pikepdf.open(BytesIO(data)) as document:
        return [
            run
            for sheet, page in enumerate(document.pages, start=1)
            for run in _drawn(page, page.obj.get("/Resources"), SAME, sheet)
        ]


def places(data: bytes) -> dict[str, int]:
    """The sheet of every place in a PDF that a link inside leads to, the first being 1."""
    with pikepdf.open(BytesIO(data)) as document:
        sheets = {page.obj.objgen: number for number, page in enumerate(document.pages, start=1)}
        named = pikepdf.NameTree(document.Root.Names.Dests)
        return {name: sheets[place[0].objgen] for name, place in named.items()}


def on_sheet(found: list[Run], sheet: int) -> str:
    """Text of a sheet, without the blanks that only positions tell."""
    return "".join(run.text for run in found if run.sheet == sheet)


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k,
        e * h + f * j + m,
    )  # fmt: skip


def _drawn(stream: Any, resources: Any, begun: Matrix, sheet: int) -> Iterator[Run]:
    reader = _Reader(resources, begun)
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.get("/Subtype") == "/Form":
                inner = _times(_matrix(form.get("/Matrix", SAME)), reader.state)
                yield from _drawn(form, form.get("/Resources", resources), inner, sheet)
        elif name in ("Tj", "TJ"):
            parts = operands[0] if name == "TJ" else [operands[0]]
            text = "".join(text_of(part, reader.letters) for part in parts)
            whole = _times(reader.line, reader.state)
            height = reader.size * (whole[2] ** 2 + whole[3] ** 2) ** 0.5
            if text.strip():
                yield Run(sheet, round(height, 2), whole[4], whole[5], text)
        elif name in reader.known:
            reader.known[name](operands)


class _Reader:
    """State of graphics and text, changed by each operator that says where letters are."""

    def __init__(self, resources: Any, begun: Matrix) -> None:
        self.resources, self.state, self.line = resources, begun, SAME
        self.kept: list[Matrix] = []
        self.letters: dict[int, str] = {}
        self.size = 0.0
        self.known: dict[str, Callable[[Any], None]] = {
            "q": lambda _: self.kept.append(self.state),
            "Q": self.restore,
            "cm": self.transform,
            "Tf": self.set_font,
            "BT": self.begin,
            "Tm": self.set_line,
            "Td": self.move,
            "TD": self.move,
        }

    def restore(self, _: Any) -> None:
        self.state = self.kept.pop()

    def transform(self, operands: Any) -> None:
        self.state = _times(_matrix(operands), self.state)

    def set_font(self, operands: Any) -> None:
        self.letters = letters_of(self.resources.Font[str(operands[0])])
        self.size = float(operands[1])

    def begin(self, _: Any) -> None:
        self.line = SAME

    def set_line(self, operands: Any) -> None:
        self.line = _matrix(operands)

    def move(self, operands: Any) -> None:
        self.line = _times((1, 0, 0, 1, *_matrix(operands)), self.line)


def _matrix(numbers: Any) -> Matrix:
    return tuple(map(float, numbers))
