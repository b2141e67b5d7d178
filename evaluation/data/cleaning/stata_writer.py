"""Rows and notes of a Stata file, put into a finished file that has one row.

Layout: Stata's description of the .dta format 118, section 5.8 (characteristics): notes of a file
are characteristics of ``_dta`` named ``note1``, ``note2``, ..., with their number in ``note0``.

The writing library goes cell by cell through Python, which takes minutes for a large survey, and
takes extended missing values only in columns of mixed type, where it misjudges those that begin
with a run of them. So it writes header, names and labels around one row, and the rows come from
here: eight bytes a number, text in the width of the longest one.

Layout: Stata's description of the .dta format 118, sections 5.1 to 5.10.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import DataError
from evaluation.locale.messages import wording

NAME_BYTES = 129
OPEN, CLOSE = b"<characteristics>", b"</characteristics>"
# places in the map of a file's parts: data and everything behind it moves
FIRST_MOVED, NOTE_PARTS = 9, 14


def with_notes(data: bytes, notes: Sequence[str]) -> bytes:
    """A Stata file with notes about the file as a whole.

    Parameters
    ----------
    data : bytes
        A little-endian file of format 118 without characteristics.
    notes : sequence of str
        One line each.

    Raises
    ------
    DataError
        The file has characteristics already.
    """
    at = data.index(OPEN) + len(OPEN)
    if data[at : at + len(CLOSE)] != CLOSE:
        raise DataError.of("characteristics", "report", "Stata file")
    written = [("note0", str(len(notes)))]
    written += [(f"note{number}", text) for number, text in enumerate(notes, start=1)]
    inserted = b"".join(_characteristic(name, text) for name, text in written)
    start = data.index(b"<map>") + len(b"<map>")
    parts = np.frombuffer(data, "<u8", count=NOTE_PARTS, offset=start).copy()
    parts[FIRST_MOVED:] += np.uint64(len(inserted))
    return b"".join(
        (data[:start], parts.tobytes(), data[start + 8 * NOTE_PARTS : at], inserted, data[at:])
    )


def _characteristic(name: str, text: str) -> bytes:
    content = b"_dta".ljust(NAME_BYTES, b"\0") + name.encode().ljust(NAME_BYTES, b"\0")
    content += text.encode() + b"\0"
    return b"<ch>" + len(content).to_bytes(4, "little") + content + b"</ch>"


MISSING_LETTERS: Mapping[str, str] = {
    "dont_know": "a",
    "refused": "b",
    "not_applicable": "c",
    "not_asked": "d",
}


def letters(language: str) -> str:
    """The letters of missing kinds and what they stand for."""
    return ", ".join(
        f".{letter} {wording(f'missing-label.{kind}', language)}"
        for kind, letter in MISSING_LETTERS.items()
    )


SYSTEM_MISSING = 0x7FE0_0000_0000_0000
# longer text lies in a part of its own (strL), and eight bytes in each row say where
LONGEST_TEXT = 2045
NUMBER_OF_ROWS, DATA, END = b"<N>", b"<data>", b"</data>"
# places in the map of a file's parts: the data, and all behind them that move
AT_DATA, PARTS = 9, 14
# rows written at a time: they fit into the processor's cache
BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of doubles.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
    letters : ndarray of int, shape (n,), or None
        Number of the letter that says why a cell is missing, -1 where none does.
    """

    values: NDArray[np.float64]
    letters: NDArray[np.int8] | None
    dtype = np.dtype("<u8")

    def part(self, rows: slice) -> NDArray[np.uint64]:
        """Some cells as their bits."""
        values = self.values[rows]
        bits = values.view(self.dtype)
        gaps = np.isnan(values)
        if not gaps.any():
            return bits
        if self.letters is None:
            return np.where(gaps, np.uint64(SYSTEM_MISSING), bits)
        # -1 becomes 0: no letter
        letters = (self.letters[rows] + 1).astype(np.uint64)
        return np.where(gaps, SYSTEM_MISSING + (letters << np.uint64(40)), bits)


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text: distinct ones in UTF-8, padded to one width, and each cell's place."""

    distinct: NDArray[np.bytes_]
    codes: NDArray[np.integer[Any]]

    @property
    def dtype(self) -> np.dtype[Any]:
        """As wide as the longest."""
        return self.distinct.dtype

    def part(self, rows: slice) -> NDArray[np.bytes_]:
        """Some cells."""
        return self.distinct[self.codes[rows]]


@dataclass(frozen=True, slots=True)
class WrittenCells:
    """Cells that a file has already."""

    cells: NDArray[Any]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a cell."""
        return self.cells.dtype

    def part(self, rows: slice) -> NDArray[Any]:
        """Some cells."""
        return self.cells[rows]


Cells = Numbers | Texts | WrittenCells


def numbers(column: pd.Series, kinds: pd.Series | None) -> Numbers:
    """Doubles, missing cells with the letter of their kind.

    Parameters
    ----------
    column : Series of float64, n rows
    kinds : Series of str, n rows, or None
        Missing kind of each cell, missing itself where the cell is not missing by kind.
    """
    values = column.to_numpy(dtype="<f8")
    if kinds is None or not kinds.notna().any():
        return Numbers(values, None)
    codes, names = pd.factorize(kinds)
    letters = np.array([*(ord(MISSING_LETTERS[n]) - ord("a") for n in names), -1], dtype=np.int8)
    return Numbers(values, letters[codes])


def texts(column: pd.Series) -> Texts | None:
    """Text of a column without missing cells; None where it is too long to stand in rows."""
    codes, names = pd.factorize(column)
    written = [name.encode() for name in names]
    width = max(map(len, written), default=0)
    if width > LONGEST_TEXT:
        return None
    return Texts(np.array(written or [b""]), codes.astype(np.min_scalar_type(-max(len(names), 1))))


def one_row(cells: Mapping[str, Cells | None]) -> pd.DataFrame | None:
    """One row as wide as all are, for the library to write; None where it has to write them all.

    Parameters
    ----------
    cells : mapping of name to cells
        From :func:`numbers` and :func:`texts`.
    """
    row: dict[str, pd.Series] = {}
    for name, column in cells.items():
        if column is None:
            return None
        text = column.dtype.kind == "S"
        row[name] = pd.Series(["x" * column.dtype.itemsize]) if text else ZERO
    return pd.DataFrame(row)


ZERO = pd.Series([0.0])


@dataclass(frozen=True, slots=True)
class StataEnvelope:
    """What stands before and after the rows of a Stata file."""

    before: bytes
    after: bytes


def around(data: bytes, columns: Sequence[Cells | None], *, rows: int) -> StataEnvelope:
    """A Stata file without its rows, and with the number and the places of others.

    Parameters
    ----------
    data : bytes
        A little-endian file of format 118, made from :func:`one_row` or from all rows.
    columns : sequence of cells
        Of the rows that are to come; None where those in the file stay.
    rows : int
        How many are to come.

    Raises
    ------
    DataError
        The rows in the file are not as wide as these are.
    """
    start = data.index(b"<map>") + len(b"<map>")
    parts = np.frombuffer(data, "<u8", count=PARTS, offset=start).copy()
    begin, end = _place(data)
    width = _layout(columns).itemsize
    if end - begin != _own_rows(data) * width or data[end : end + len(END)] != END:
        raise DataError.of("rows-another", "report", "Stata file")
    moved = rows * width - (end - begin)
    parts[AT_DATA + 1 :] = [int(place) + moved for place in parts[AT_DATA + 1 :]]
    counted = data.index(NUMBER_OF_ROWS) + len(NUMBER_OF_ROWS)
    before = (
        data[:counted],
        rows.to_bytes(8, "little"),
        data[counted + 8 : start],
        parts.tobytes(),
        data[start + 8 * PARTS : begin],
    )
    return StataEnvelope(b"".join(before), data[end:])


def packed(data: bytes, columns: Sequence[Cells | None], *, rows: int) -> Iterator[bytes]:
    """The rows that stand between, some at a time.

    Parameters
    ----------
    data, columns, rows
        As for :func:`around`; files in several languages share their rows.
    """
    layout = _layout(columns)
    begin, _ = _place(data)
    there = np.frombuffer(data, layout, count=_own_rows(data), offset=begin)
    cells = [c or WrittenCells(there[str(i)]) for i, c in enumerate(columns)]
    table = np.empty(min(rows, BLOCK), layout)
    for start in range(0, rows, BLOCK):
        part = slice(start, min(start + BLOCK, rows))
        for place, column in enumerate(cells):
            table[str(place)][: part.stop - start] = column.part(part)
        yield table[: part.stop - start].tobytes()


def _own_rows(data: bytes) -> int:
    counted = data.index(NUMBER_OF_ROWS) + len(NUMBER_OF_ROWS)
    return int.from_bytes(data[counted : counted + 8], "little")


def _place(data: bytes) -> tuple[int, int]:
    start = data.index(b"<map>") + len(b"<map>")
    parts = np.frombuffer(data, "<u8", count=PARTS, offset=start)
    return int(parts[AT_DATA]) + len(DATA), int(parts[AT_DATA + 1]) - len(END)


def _layout(columns: Sequence[Cells | None]) -> np.dtype[Any]:
    return np.dtype([(str(i), "<u8" if c is None else c.dtype) for i, c in enumerate(columns)])
