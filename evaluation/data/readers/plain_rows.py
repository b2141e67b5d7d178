"""Rows of delimited text, many at a time, where nothing about their shape is in doubt.

Arrow splits a large file much faster than the standard library, but it forgives what must be
reported: quotes inside cells, mixed line ends, empty lines. So the bytes are looked at first, and
only a file in which every quote opens or closes a whole cell, every row ends alike and no line is
empty goes this way. All others, and those in which Arrow finds a row of another width, are read
row by row (``csv.py``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.data.readers import blocks
from evaluation.data.readers.blocks import MARK, Utf8
from evaluation.data.readers.text_columns import TextColumns

NEWLINE, RETURN, QUOTE = 0x0A, 0x0D, 0x22
QUOTED = re.compile(rb'"(?:[^"]|"")*"')
# the standard library refuses longer cells
LONGEST = 1 << 17

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where the rows of a plain file lie.

    Attributes
    ----------
    header : bytes
        The header's row with its line end.
    ends : ndarray of int, shape (n,)
        Place behind each row below the header.
    lines : ndarray of int, shape (n,)
        Physical line on which each of them begins.
    broken : bool
        Whether a quoted cell holds a line end.
    """

    header: bytes
    ends: Places
    lines: Places
    broken: bool


def shape(text: Utf8, delimiter: str) -> Shape | None:
    """Find the rows of a file by its bytes; None where it is not plain.

    Parameters
    ----------
    text : Utf8
        The whole file, without NUL.
    delimiter : str
        One ASCII character.
    """
    found = _ends(text, delimiter)
    if found is None:
        return None
    ends, numbers, returned = found
    # a line of its end alone is a row without cells
    gaps = np.diff(ends, prepend=-1)
    if returned.any() != returned.all() or gaps.min() <= 1 + returned[0] or gaps.max() > LONGEST:
        return None
    (header,) = text.pieces(ends[:1] + 1)
    broken = int(numbers[-1]) > len(ends)
    return Shape(header=header, ends=ends[1:] + 1, lines=numbers[:-1] + 1, broken=broken)


def _ends(text: Utf8, delimiter: str) -> tuple[Places, Places, NDArray[np.bool_]] | None:
    """Ends of the rows: their places, the physical lines they end, and whether a CR is before each.

    None where a quote neither opens nor closes a cell, nor is one of two inside it, where a CR
    stands alone, or where the last row has no end.
    """
    opens, closes = _marks(delimiter, '\n"'), _marks(delimiter, '\n\r"')
    ends, numbers, returned, inside, line, start = [], [], [], 0, 0, 0
    for part in _with_neighbours(text):
        cells = np.frombuffer(part, np.uint8)
        own = cells[1:-1]
        quotes = np.flatnonzero(own == QUOTE)
        opening, closing = (quotes[i::2] for i in (inside, 1 - inside))
        # each byte stands one further on than among its own
        if not (opens[cells[opening]].all() and closes[cells[closing + 2]].all()):
            return None
        if not (cells[np.flatnonzero(own == RETURN) + 2] == NEWLINE).all():
            return None
        newlines = np.flatnonzero(own == NEWLINE)
        outside = (np.searchsorted(quotes, newlines) + inside) % 2 == 0
        ends.append(start + newlines[outside])
        numbers.append(line + 1 + np.flatnonzero(outside))
        returned.append(cells[newlines[outside]] == RETURN)
        inside, line, start = (inside + len(quotes)) % 2, line + len(newlines), start + len(own)
    every = np.concatenate(ends)
    if inside or not len(every) or every[-1] != start - 1:
        return None
    return every, np.concatenate(numbers), np.concatenate(returned)


def _with_neighbours(text: Utf8) -> Iterator[bytes]:
    """Its blocks, each with the byte before and the byte behind it.

    Before the first one nothing stands, as after the end of a row; behind the last one a NUL.
    """
    before, held = b"\n", b""
    for part in text.blocks():
        if held and part:
            yield before + held + part[:1]
            before, held = held[-1:], b""
        held += part
    yield before + held + b"\0"


def _marks(delimiter: str, others: str) -> NDArray[np.bool_]:
    marked = np.zeros(256, dtype=bool)
    marked[[ord(mark) for mark in delimiter + others]] = True
    return marked


def read(text: Utf8, found: Shape, header: Sequence[str], delimiter: str) -> pd.DataFrame | None:
    """Read the rows below the header as text columns and ``__line__``.

    Parameters
    ----------
    text, delimiter
        As for :func:`shape`.
    found : Shape
        Of the same text.
    header : sequence of str
        Two names or more, no name twice.

    Returns
    -------
    DataFrame or None
        As reading row by row gives it; None where a row is wider or narrower than the header, or
        is the header once more, or where a quoted cell may hold whole rows: a quote that is not
        closed at its place joins them.
    """
    if not len(found.lines) or len(header) < 2:
        return None
    columns = TextColumns(header)
    for rows, data in _rows(text, found):
        # Arrow takes a mark away from whatever begins with one
        marked = data.startswith(MARK)
        if marked or (found.broken and _joins_rows(data, found.header, delimiter)):
            return None
        table = _split(data, len(header), delimiter, broken=found.broken)
        if table is None or table.num_rows != rows or _again(table, header):
            return None
        columns.add([column.combine_chunks() for column in table.itercolumns()])
    return columns.frame(found.lines)


def _rows(text: Utf8, found: Shape) -> Iterator[tuple[int, bytes]]:
    """How many rows stand in a block below the header, and its bytes."""
    cuts, start, end = [0], 0, len(found.header)
    while start < len(found.ends):
        # at least one row
        after = int(np.searchsorted(found.ends, end + blocks.BLOCK, side="right"))
        start = max(after, start + 1)
        end = int(found.ends[start - 1])
        cuts.append(start)
    pieces = text.pieces([len(found.header), *found.ends[np.array(cuts[1:]) - 1].tolist()])
    next(pieces)
    yield from zip(np.diff(cuts).tolist(), pieces, strict=True)


def _joins_rows(rows: bytes, header: bytes, delimiter: str) -> bool:
    """Whether a quoted cell may hold whole rows: it has a line end and many delimiters."""
    mark = delimiter.encode()
    columns = header.split(b"\n", 1)[0].count(mark)
    return any(
        b"\n" in cell and cell.count(mark) >= max(columns, 1) for cell in QUOTED.findall(rows)
    )


def _split(rows: bytes, width: int, delimiter: str, *, broken: bool) -> pa.Table | None:
    names = [str(i) for i in range(width)]
    try:
        return csv.read_csv(
            pa.py_buffer(rows),
            read_options=csv.ReadOptions(column_names=names, block_size=len(rows)),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=broken, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None


def _again(table: pa.Table, header: Sequence[str]) -> bool:
    """Whether a row is the header."""
    same = pc.equal(table.column(0), header[0])
    for column, name in zip(table.itercolumns(), header, strict=True):
        if not pc.any(same).as_py():
            return False
        same = pc.and_(same, pc.equal(column, name))
    return bool(pc.any(same).as_py())
