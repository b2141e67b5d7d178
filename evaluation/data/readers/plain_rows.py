"""Rows of delimited text, many at a time, where nothing about their shape is in doubt.

Arrow splits a large file much faster than the standard library, but it forgives what must be
reported: quotes inside cells, mixed line ends, empty lines. So the bytes are looked at first, and
only a file in which every quote opens or closes a whole cell, every row ends alike and no line is
empty goes this way. All others, and those in which Arrow finds a row of another width, are read
row by row (``csv.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.data.findings import LINE

NEWLINE, RETURN, QUOTE = 0x0A, 0x0D, 0x22
MARK = b"\xef\xbb\xbf"
# bytes that Arrow splits at a time
BLOCK = 4 << 20
# the standard library refuses longer cells
LONGEST = 1 << 17

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where the rows of a plain file lie.

    Attributes
    ----------
    body : int
        Place of the first byte below the header.
    lines : ndarray of int, shape (n,)
        Physical line on which each row below the header begins.
    broken : bool
        Whether a quoted cell holds a line end.
    """

    body: int
    lines: NDArray[np.int64]
    broken: bool


def shape(data: bytes, delimiter: str) -> Shape | None:
    """Find the rows of a file by its bytes; None where it is not plain.

    Parameters
    ----------
    data : bytes
        The whole file in UTF-8 without NUL, after its byte-order mark.
    delimiter : str
        One ASCII character.
    """
    if not data.endswith(b"\n") or data.count(b"\r") != data.count(b"\r\n"):
        return None
    found = _ends(np.frombuffer(data, np.uint8), delimiter)
    if found is None:
        return None
    ends, numbers, returned = found
    # a line of its end alone is a row without cells
    gaps = np.diff(ends, prepend=-1)
    if returned.any() != returned.all() or gaps.min() <= 1 + returned[0] or gaps.max() > LONGEST:
        return None
    body = int(ends[0]) + 1
    if data.startswith(MARK, body):
        return None
    return Shape(body=body, lines=numbers[:-1] + 1, broken=int(numbers[-1]) > len(ends))


def _ends(cells: Bytes, delimiter: str) -> tuple[Places, Places, NDArray[np.bool_]] | None:
    """Ends of the rows: their places, the physical lines they end, and whether a CR is before each.

    None where a quote neither opens nor closes a cell, nor is one of two inside it.
    """
    opens, closes = _marks(delimiter, '\n"'), _marks(delimiter, '\n\r"')
    ends, numbers, inside, line = [], [], 0, 0
    for start in range(0, len(cells), BLOCK):
        part = cells[start : start + BLOCK]
        quotes = np.flatnonzero(part == QUOTE)
        opening, closing = (start + quotes[i::2] for i in (inside, 1 - inside))
        # before the first byte nothing stands, as after the end of a row
        if not (opens[cells[opening[opening > 0] - 1]].all() and closes[cells[closing + 1]].all()):
            return None
        newlines = np.flatnonzero(part == NEWLINE)
        outside = (np.searchsorted(quotes, newlines) + inside) % 2 == 0
        ends.append(start + newlines[outside])
        numbers.append(line + 1 + np.flatnonzero(outside))
        inside, line = (inside + len(quotes)) % 2, line + len(newlines)
    every = np.concatenate(ends)
    if inside or not len(every):
        return None
    return every, np.concatenate(numbers), cells[every - 1] == RETURN


def _marks(delimiter: str, others: str) -> NDArray[np.bool_]:
    marked = np.zeros(256, dtype=bool)
    marked[[ord(mark) for mark in delimiter + others]] = True
    return marked


def read(data: bytes, found: Shape, header: Sequence[str], delimiter: str) -> pd.DataFrame | None:
    """Read the rows below the header as text columns and ``__line__``.

    Parameters
    ----------
    data, delimiter
        As for :func:`shape`.
    found : Shape
        Of the same bytes.
    header : sequence of str
        Two names or more, no name twice.

    Returns
    -------
    DataFrame or None
        As reading row by row gives it; None where a row is wider or narrower than the header, or
        is the header once more.
    """
    if not len(found.lines) or len(header) < 2:
        return None
    names = [str(i) for i in range(len(header))]
    try:
        table = csv.read_csv(
            pa.py_buffer(data).slice(found.body),
            read_options=csv.ReadOptions(column_names=names, block_size=BLOCK),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=found.broken, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(found.lines) or _again(table, header):
        return None
    columns: dict[str, object] = {}
    for name in header:
        # the parts of a column go when it is whole: a file is not twice in memory
        columns[name] = pd.array(table.column(0).combine_chunks(), dtype="str")
        table = table.remove_column(0)
    return pd.DataFrame(columns | {LINE: found.lines})


def _again(table: pa.Table, header: Sequence[str]) -> bool:
    """Whether a row is the header."""
    same = pc.equal(table.column(0), header[0])
    for column, name in zip(table.itercolumns(), header, strict=True):
        if not pc.any(same).as_py():
            return False
        same = pc.and_(same, pc.equal(column, name))
    return bool(pc.any(same).as_py())


def foreign(data: bytes) -> str:
    """What is no ASCII in UTF-8 text: each run of it as it stands, a blank between two."""
    cells = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(cells > 0x7F)
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return bytes(np.insert(cells[places], cuts, ord(" "))).decode()
