"""How a table stands on a page: cells joined, download columns left out, wide short ones turned.

A table of few rows and many columns is turned, so that each outcome is a column and a page of
ordinary width holds it. Downloads are never turned.

On paper no word or number breaks, and the table is low. Widths are in ems, the size of the letters.
A column is at least as wide as its longest word, or as its longest number, range or number in
brackets. What is left of the room goes, step by step, to the column that makes the table lower.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.formats.table import NUMERIC, Cell, Column, Kind, Row, Table

FEW_ROWS, MANY_COLUMNS = 4, 12

# "repeated": the text that the cell above has as well; pages hide it from the eye only.
PrintedKind = Kind | Literal["repeated"]
# A cell: its text, and whether it stays on one line.
Piece = tuple[str, bool]
# ems of a letter in a wide face, as a machine may put one in the place of another
WIDE, CAPITAL, FIGURE, SMALL, NARROW = 0.92, 0.76, 0.64, 0.63, 0.36
NARROWS = frozenset("fijlrt.,:;'|!()[]/ \N{NO-BREAK SPACE}\u2009\u202f")
WIDES = frozenset("mwMW%@<>=\N{MINUS SIGN}+\N{PLUS-MINUS SIGN}\N{EM DASH}")
WHOLE: tuple[PrintedKind, ...] = (*NUMERIC, "yes", "care", "no")
# letters: of a number that stays on one line, of a word (longer ones are ids and addresses)
LONGEST_WHOLE, LONGEST_WORD = 28, 18
BOLD = 1.17  # how much wider the letters of the head are
STEPS = 120
# ems of a text, on average, from which a column of texts may have a line of its own below each row
LONG_TEXT = 18.0
# the row's height is that of its highest cell; a power makes that smooth
SHARP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row as printed: texts with their kinds, the heading above it, and whether it is folded."""

    id: str
    group: str
    cells: tuple[tuple[str, PrintedKind], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A table as printed. ``turned``: rows of the table are columns here."""

    layout: Literal["as stored", "turned"]
    head: tuple[str, ...]
    rows: tuple[PrintedRow, ...]


def printed(table: Table) -> PrintedTable:
    """The table as it stands on a page."""
    shown = print_columns(table)
    if len(table.rows) <= FEW_ROWS and len(shown) >= MANY_COLUMNS:
        return _turned(table, shown)
    rows: list[PrintedRow] = []
    above = ("", "")
    for row in table.rows:
        cells: list[tuple[str, PrintedKind]] = [
            (print_cell(table, row, positions), row.cells[positions[0]].kind)
            for _, positions in shown
        ]
        here = (row.group, cells[0][0])
        if here == above:
            cells[0] = (cells[0][0], "repeated")
        above = here
        rows.append(PrintedRow(id=row.id, group=row.group, cells=tuple(cells)))
    head = tuple(label for label, _ in shown)
    return PrintedTable(layout="as stored", head=head, rows=tuple(rows))


def columns_taken(row: PrintedRow) -> int:
    """How many columns the second cell takes: a reason that is the only one takes all that are.

    Pages and documents show it so; in a narrow column a sentence would make the row very high.
    """
    others = row.cells[1:]
    reasons = {text for text, kind in others if kind == "unavailable"}
    alone = (
        len(others) > 1
        and others[0][1] == "unavailable"
        and len(reasons) == 1
        and {kind for _, kind in others} <= {"unavailable", "none"}
    )
    return len(others) if alone else 1


def _turned(table: Table, shown: list[tuple[str, list[int]]]) -> PrintedTable:
    corner, first = shown[0]
    rows = tuple(
        PrintedRow(
            id=table.columns[positions[0]].id,
            group="",
            folded=table.columns[positions[0]].folded,
            cells=(
                (label, "text"),
                *(
                    (print_cell(table, r, positions), r.cells[positions[0]].kind)
                    for r in table.rows
                ),
            ),
        )
        for label, positions in shown[1:]
    )
    head = (corner, *(print_cell(table, row, first) for row in table.rows))
    return PrintedTable(layout="turned", head=head, rows=rows)


def print_columns(table: Table) -> list[tuple[str, list[int]]]:
    """Heads of the printed columns, each with the positions of the cells that stand in it."""
    shown: list[tuple[str, list[int]]] = []
    for position, column in enumerate(table.columns):
        if column.shown == "download":
            continue
        if column.joined and shown:
            label, positions = shown[-1]
            shown[-1] = (_joined_head(label, column), [*positions, position])
        else:
            shown.append((column.label, [position]))
    return shown


def _joined_head(label: str, column: Column) -> str:
    """Head of two columns printed as one; both ends of a range are named by the first."""
    if column.joined == "brackets":
        behind = words.in_sentence(column.label) if column.label[1:2].islower() else column.label
        return f"{label} {behind if behind.startswith('(') else f'({behind})'}"
    if column.joined == "slash":
        rest = _rest(label, column.label)
        return f"{label[:-1]} / {rest})" if label.endswith(")") else f"{label} / {rest}"
    return label


def _rest(label: str, other: str) -> str:
    """The second of two heads without the words that both begin with, such as a group's."""
    for between in (", ", ": "):
        lead, found, last = other.rpartition(between)
        if found and label.startswith(f"{lead}{found}"):
            return words.in_sentence(last)
    return words.in_sentence(other)


def print_cell(table: Table, row: Row, positions: list[int]) -> str:
    """Text of a printed cell, joined from one or two cells of the table."""
    first = row.cells[positions[0]]
    if first.value is None:
        return first.text
    with_unit = table.columns[positions[0]].shown == "with unit"
    behind = {"to": "", "brackets": "", "slash": ""}
    between = "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}"
    for position in positions[1:]:
        cell, how = row.cells[position], table.columns[position].joined
        if cell.kind == "none":
            continue
        if how == "to":
            behind[how] += wording("format.to", table.language, end=cell.text)
        elif how == "arrow":
            behind["to"] += f"\N{NO-BREAK SPACE}\N{RIGHTWARDS ARROW} {cell.text}"
        elif how == "brackets":
            behind[how] += f" ({cell.text})"
        elif behind["brackets"]:
            behind["brackets"] = f"{behind['brackets'][:-1]}{between}{cell.text})"
        else:
            behind["slash"] += f"{between}{cell.text}"
    # a range has its unit once, behind both ends
    unit = _unit(first, table.language) if with_unit else ""
    return f"{first.text}{behind['to']}{unit}{behind['slash']}{behind['brackets']}"


def _unit(cell: Cell, language: str) -> str:
    short = words.short_unit(cell.unit, language)
    unit = wording("format.count-behind", language) if cell.unit == "count" else short
    # no break between a number and its unit
    tight = ("", "%") if language == "en" else ("",)
    return f"{'' if unit in tight else number_format.NO_BREAK}{unit}"


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


def longest_piece(cell: Piece) -> float:
    """Ems of the widest piece of a cell that is not to be broken."""
    text, is_whole = cell
    if is_whole and len(text) <= LONGEST_WHOLE:
        return breadth(text)
    return max(breadth(word[:LONGEST_WORD]) for word in text.split(" "))


def least(rows: Sequence[Sequence[Piece]]) -> list[float]:
    """The least width of each column, in ems.

    Parameters
    ----------
    rows : sequence of sequence of Piece
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
class TableForm:
    """How a table is laid out: on its side or not, size of its letters in points, its columns.

    ``shown`` are the columns side by side, with their widths in points and the gaps among them;
    texts of the columns ``below`` are set on a line of their own below each row.
    """

    lies: bool
    letters: float
    shown: tuple[int, ...]
    below: tuple[int, ...]
    widths: tuple[float, ...]


def pieces(page: PrintedTable) -> list[list[Piece]]:
    """Texts of the table in the order of its columns; a reason over several columns is none.

    Parameters
    ----------
    page : PrintedTable
    """
    head = [(text, False) for text in page.head]
    rows = (
        [
            (
                "" if kind == "repeated" or (i == 1 and columns_taken(row) > 1) else text,
                kind in WHOLE,
            )
            for i, (text, kind) in enumerate(row.cells)
        ]
        for row in page.rows
    )
    return [head, *rows]


def fitted(rows: Sequence[Sequence[Piece]], paper: Paper) -> TableForm:
    """The form in which no word or number of a table breaks, as far as there is one.

    Parameters
    ----------
    rows : sequence of sequence of Piece
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
    return TableForm(
        lies=lies,
        letters=letters,
        shown=shown,
        below=below,
        widths=tuple(letters * width + paper.gap for width in ems),
    )


def _chosen(
    rows: Sequence[Sequence[Piece]],
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


def _set_below(rows: Sequence[Sequence[Piece]], room: float) -> tuple[int, ...]:
    """Columns of long texts where there is no room; names of rows and numbers stay."""
    if math.fsum(least(rows)) <= room:
        return ()
    columns = list(zip(*rows[1:], strict=True))
    texts = [i for i, column in enumerate(columns) if i and not any(whole for _, whole in column)]
    long = (i for i in texts if np.mean([breadth(text) for text, _ in columns[i]]) >= LONG_TEXT)
    return tuple(long)


def column_widths(rows: Sequence[Sequence[Piece]], room: float) -> list[float]:
    """Widths of the columns, in ems; their sum is ``room``.

    Parameters
    ----------
    rows : sequence of sequence of Piece
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


def _breadths(rows: Sequence[Sequence[Piece]]) -> NDArray[np.float64]:
    found = np.array([[breadth(text) for text, _ in row] for row in rows])
    found[0] *= BOLD
    return found


def _height(texts: NDArray[np.float64], widths: NDArray[np.float64]) -> float:
    lines = np.maximum(texts / widths, 1.0)
    return float(((lines**SHARP).mean(axis=1) ** (1 / SHARP)).sum())
