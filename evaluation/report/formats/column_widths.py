"""How wide each column of a table on paper is: no word or number breaks, and the table is low.

Widths are in ems, the size of the letters. A column is at least as wide as its longest word, or as
its longest number, range or number in brackets. What is left of the room goes, step by step, to the
column that makes the table lower.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# A cell: its text, and whether it stays on one line.
Printed = tuple[str, bool]
# ems of a letter in a wide face, as a machine may put one in the place of another
WIDE, CAPITAL, FIGURE, SMALL, NARROW = 0.92, 0.76, 0.64, 0.63, 0.36
NARROWS = frozenset("fijlrt.,:;'|!()[]/ \N{NO-BREAK SPACE}\u2009\u202f")
WIDES = frozenset("mwMW%@<>=\N{MINUS SIGN}+\N{PLUS-MINUS SIGN}\N{EM DASH}")
# letters: of a number that stays on one line, of a word (longer ones are ids and addresses)
LONGEST_WHOLE, LONGEST_WORD = 28, 18
BOLD = 1.17  # how much wider the letters of the head are
STEPS = 120
# ems of a text, on average, from which a column of texts may have a line of its own below each row
LONG_TEXT = 18.0
# the row's height is that of its highest cell; a power makes that smooth
SHARP = 8


@cache
def breadth(text: str) -> float:
    """How many ems a text takes on one line, roughly."""
    return math.fsum(map(_letter, text))


def _letter(letter: str) -> float:
    if letter in NARROWS:
        return NARROW
    if letter in WIDES:
        return WIDE
    if letter.isdigit():
        return FIGURE
    return CAPITAL if letter.isupper() else SMALL


def longest_piece(cell: Printed) -> float:
    """Ems of the widest piece of a cell that is not to be broken."""
    text, is_whole = cell
    if is_whole and len(text) <= LONGEST_WHOLE:
        return breadth(text)
    return max(breadth(word[:LONGEST_WORD]) for word in text.split(" "))


def least(rows: Sequence[Sequence[Printed]]) -> list[float]:
    """The least width of each column, in ems.

    Parameters
    ----------
    rows : sequence of sequence of Printed
        The head, in bold, and the rows; all of one length. A cell over several columns is empty.
    """
    return [
        max(BOLD * longest_piece(head), *map(longest_piece, column), 1.0)
        for head, *column in zip(*rows, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Room of a sheet in points: of a line when it is upright and on its side, between columns.

    Letters have the first of the sizes that has room, in points; an upright sheet tries the first
    two only. A table is also laid on its side where it would be ``higher`` times as high upright.
    """

    upright: float
    lying: float
    gap: float
    sizes: tuple[float, ...]
    higher: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a table is laid out: on its side or not, size of its letters in points, its columns.

    ``shown`` are the columns side by side, with their widths in points and the gaps among them;
    texts of the columns ``below`` are set on a line of their own below each row.
    """

    lies: bool
    letters: float
    shown: tuple[int, ...]
    below: tuple[int, ...]
    widths: tuple[float, ...]


def fitted(rows: Sequence[Sequence[Printed]], paper: Paper) -> Form:
    """The form in which no word or number of a table breaks, as far as there is one.

    Parameters
    ----------
    rows : sequence of sequence of Printed
        The head, in bold, and the rows; all of one length. A cell over several columns is empty.
    paper : Paper
    """
    whole = len(rows[0])
    below = _set_below(rows, (paper.upright - paper.gap * whole) / paper.sizes[0])
    shown = tuple(i for i in range(whole) if i not in below)
    kept = [[row[i] for i in shown] for row in rows]
    gaps, needed = paper.gap * len(shown), math.fsum(least(kept))
    forms = (
        *((False, size, paper.upright) for size in paper.sizes[:2]),
        *((True, size, paper.lying) for size in paper.sizes),
    )
    fitting = [form for form in forms if needed * form[1] + gaps <= form[2]] or [forms[-1]]
    lies, letters, ems = _chosen(kept, fitting, gaps=gaps, higher=paper.higher)
    return Form(
        lies=lies,
        letters=letters,
        shown=shown,
        below=below,
        widths=tuple(letters * width + paper.gap for width in ems),
    )


def _chosen(
    rows: Sequence[Sequence[Printed]],
    fitting: Sequence[tuple[bool, float, float]],
    *,
    gaps: float,
    higher: float,
) -> tuple[bool, float, list[float]]:
    """The first form, or the first that lies where the first makes the table far higher."""
    lies, letters, room = fitting[0]
    ems = column_widths(rows, (room - gaps) / letters)
    lying = next((form for form in fitting if form[0]), None)
    if lies or lying is None:
        return lies, letters, ems
    wide = column_widths(rows, (lying[2] - gaps) / lying[1])
    texts = _breadths(rows)
    if _height(texts, np.array(ems)) > higher * _height(texts, np.array(wide)):
        return True, lying[1], wide
    return lies, letters, ems


def _set_below(rows: Sequence[Sequence[Printed]], room: float) -> tuple[int, ...]:
    """Columns of long texts where there is no room; names of rows and numbers stay."""
    if math.fsum(least(rows)) <= room:
        return ()
    columns = list(zip(*rows[1:], strict=True))
    texts = [i for i, column in enumerate(columns) if i and not any(whole for _, whole in column)]
    long = (i for i in texts if np.mean([breadth(text) for text, _ in columns[i]]) >= LONG_TEXT)
    return tuple(long)


def column_widths(rows: Sequence[Sequence[Printed]], room: float) -> list[float]:
    """Widths of the columns, in ems; their sum is ``room``.

    Parameters
    ----------
    rows : sequence of sequence of Printed
        The head, in bold, and the rows; all of one length. A cell over several columns is empty.
    room : float
        Ems for letters in all columns together. Where the longest pieces need more, each column
        gets the same part of what it needs.
    """
    needed = np.array(least(rows))
    if needed.sum() >= room:
        return [float(width) for width in needed * (room / needed.sum())]
    texts = _breadths(rows)
    widths, step = needed, (room - needed.sum()) / STEPS
    more = step * np.eye(len(needed))
    for _ in range(STEPS):
        heights = [_height(texts, widths + one) for one in more]
        best = int(np.argmin(heights))
        if heights[best] >= _height(texts, widths):
            break
        widths = widths + more[best]
    # every text is on one line: the columns share what is left
    return [float(width) for width in widths * (room / widths.sum())]


def _breadths(rows: Sequence[Sequence[Printed]]) -> NDArray[np.float64]:
    found = np.array([[breadth(text) for text, _ in row] for row in rows])
    found[0] *= BOLD
    return found


def _height(texts: NDArray[np.float64], widths: NDArray[np.float64]) -> float:
    lines = np.maximum(texts / widths, 1.0)
    return float(((lines**SHARP).mean(axis=1) ** (1 / SHARP)).sum())
