"""Where a damage is: lines, columns and cells in which a file differs from the undamaged one.

A row that was put in stands for itself: the rows below it are not damaged because they moved.
"""

import contextlib
import csv
import difflib
import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.edit import DELIMITERS, ENCODINGS
from tests.faults.study import delivery

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """The damaged places of one file.

    Attributes
    ----------
    lines : frozenset of int
        Damaged physical lines, and the lines on which damaged rows begin.
    columns : frozenset of str
        Columns with a cell or a name that is not the undamaged one's.
    positions : frozenset of int
        Their positions in the header, from 1 on: a finding may not repeat a name that could be
        an answer.
    cells : frozenset of (int, str)
        Line on which the row begins, and column.
    """

    lines: frozenset[int] = field(default=frozenset())
    columns: frozenset[str] = field(default=frozenset())
    positions: frozenset[int] = field(default=frozenset())
    cells: frozenset[tuple[int, str]] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A file as lines and rows; the header is the first row."""

    lines: tuple[str, ...]
    starts: tuple[int, ...]
    rows: tuple[Row, ...]


def sites(name: str, data: bytes) -> Sites:
    """Damaged places of a file that was delivered under a name of the undamaged study."""
    old, new = _undamaged(name), _table(name, data)
    cells = _cells(old, new)
    lines = {at + 1 for at in _new(old.lines, new.lines)}
    begins = {new.starts[at] for at in _rows(old, new)}
    renamed = _renamed(old.rows[0], new.rows[0])
    columns = renamed | {column for _, column in cells}
    return Sites(
        lines=frozenset(lines | begins),
        columns=columns,
        positions=frozenset(i for i, name in enumerate(new.rows[0], 1) if name in columns),
        cells=cells,
    )


def _rows(old: _Table, new: _Table) -> list[int]:
    """Positions of the rows that differ, row by row; of those put in where rows came or went."""
    if len(old.rows) != len(new.rows):
        # in place of a header that is gone stands a row that is not new
        return [*([0] if old.rows[0] != new.rows[0] else []), *_new(old.rows, new.rows)]
    pairs = enumerate(zip(old.rows, new.rows, strict=True))
    return [at for at, (was, now) in pairs if was != now]


def _cells(old: _Table, new: _Table) -> frozenset[tuple[int, str]]:
    """Cells that differ; all cells of rows put in where rows came or went."""
    names = [*new.rows[0], *old.rows[0][len(new.rows[0]) :]]
    moved = len(old.rows) != len(new.rows)
    return frozenset(
        (new.starts[row], column)
        for row in _rows(old, new)
        if row
        for at, column in enumerate(names)
        if moved or old.rows[row][at : at + 1] != new.rows[row][at : at + 1]
    )


def _new(old: Sequence[str | Row], new: Sequence[str | Row]) -> Iterator[int]:
    """Positions of what is not in the old; what only moved up or down is."""
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag in ("replace", "insert"):
            yield from range(start, end)


def _renamed(old: Row, new: Row) -> frozenset[str]:
    pairs = zip(old, new, strict=False)
    return frozenset({name for pair in pairs if pair[0] != pair[1] for name in pair}) | (
        frozenset(old) ^ frozenset(new)
    )


@functools.cache
def _undamaged(name: str) -> _Table:
    return _table(name, delivery().files[name])


def _table(name: str, data: bytes) -> _Table:
    text = data.decode(ENCODINGS[name], errors="replace").replace("\0", "\ufffd")
    starts, rows = [1], []
    with _cells_of_any_length():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[name])
        for row in reader:
            rows.append(tuple(row))
            starts.append(reader.line_num + 1)
    return _Table(
        # with their ends: another line end is a damage too
        lines=tuple(io.StringIO(text, newline="\n")),
        starts=tuple(starts[:-1]) or (1,),
        rows=tuple(rows) or ((),),
    )


@contextlib.contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Read cells of any length here, and here only: the limit is the whole process's."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
