"""Records as rows of CSV, and back to the last bit: the format of every generated table."""

import csv
import dataclasses
import io
import json
import math
import typing
from collections.abc import Iterable
from typing import Any

from evaluation.errors import StorageError
from evaluation.locale.messages import Message, as_data, from_data, message
from evaluation.spec import formulas
from evaluation.spec.row_keys import RowKey, parse

QUOTE = '"'
# name of the column that carries the mark of invented data
MARK_COLUMN = "synthetic"
# name of the column that holds ids and parameters of the messages of a row
MESSAGES_COLUMN = "messages"
Record = typing.TypeVar("Record")


def written(records: Iterable[Any], kind: type, *, mark: str) -> str:
    """Records as CSV, one row each, in the order given.

    Parameters
    ----------
    records : iterable of ``kind``
        Flat frozen dataclasses of str, `RowKey`, int, float, bool and `Message` fields.
    kind : type
        Their class: its fields are the header, so an empty table still has one. A text that a
        spreadsheet program would run stands behind an apostrophe. A message stands as its English
        text, and as JSON by field in a column of its own behind the fields.
    mark : str
        The study's mark, which then stands in a last column on every row; empty for none.

    Raises
    ------
    TypeError
        A record is not of ``kind``.
    """
    names = [field.name for field in dataclasses.fields(kind)]
    said = _messages(kind)
    behind = ([MESSAGES_COLUMN] if said else []) + ([MARK_COLUMN] if mark else [])
    rows = [[*names, *behind]]
    for record in records:
        if type(record) is not kind:
            raise TypeError(f"{type(record).__name__} in a table of {kind.__name__}")
        cells = [_cell(getattr(record, name)) for name in names]
        if said:
            cells.append(_compact({name: as_data(getattr(record, name)) for name in said}))
        rows.append([*cells, mark] if mark else cells)
    return csv_text(rows)


def csv_text(rows: Iterable[Iterable[object]], *, separator: str = ",") -> str:
    """Rows of cells as CSV, each with its line end.

    Parameters
    ----------
    rows : iterable of iterable of object
    separator : str
        Between two cells.
    """
    # not csv.writer: it leaves a lone carriage return unquoted, and a reader breaks the row there
    marks = {separator, QUOTE, "\r", "\n"}
    return "".join(
        separator.join(
            text if marks.isdisjoint(text) else f"{QUOTE}{text.replace(QUOTE, QUOTE * 2)}{QUOTE}"
            for text in map(str, row)
        )
        + "\n"
        for row in rows
    )


def read(text: str, kind: type[Record], *, where: str) -> tuple[Record, ...]:
    """Read records back, typed by the annotations of their class.

    Parameters
    ----------
    text : str
        CSV that :func:`written` made.
    kind : type
        Class of the records.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of ``kind``
        Equal to what was written, floats to the last bit.

    Raises
    ------
    StorageError
        The columns are not the fields of ``kind``, or a row is none of it.
    """
    hints = typing.get_type_hints(kind)
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows, [])
    names = [field.name for field in dataclasses.fields(typing.cast(Any, kind))]
    said = _messages(kind)
    columns = [*names, MESSAGES_COLUMN] if said else names
    if header not in (columns, [*columns, MARK_COLUMN]):
        raise StorageError(
            message("columns-not-those.problem", name=kind.__name__),
            where=where,
            mend=message("file-another.mend"),
        )
    convert = [_reader(hints[name]) for name in names]
    records = []
    for row in rows:
        try:
            values = row[: len(names)] if len(row) == len(header) else []
            cells = zip(names, convert, values, strict=True)
            made = {name: read(cell) for name, read, cell in cells}
            if said:
                told = json.loads(row[len(names)])
                made |= {name: from_data(told[name]) for name in said}
            records.append(kind(**made))
        except (ValueError, KeyError, TypeError):
            raise StorageError(
                message("row-not-one.problem", name=kind.__name__),
                where=f"{where}:{rows.line_num}",
                mend=message("generated-files.mend"),
            ) from None
    return tuple(records)


def _messages(kind: Any) -> list[str]:
    """Names of the fields that hold messages."""
    hints = typing.get_type_hints(kind)
    return [field.name for field in dataclasses.fields(kind) if hints[field.name] is Message]


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _cell(value: Any) -> str:
    # repr is the shortest text that gives the same float back; float() drops numpy's wrapper
    if isinstance(value, float):
        return repr(float(value))
    text = value.text() if isinstance(value, RowKey) else value
    # people open these tables: no cell may run there
    text = f"{text}" if isinstance(text, Message) else text
    return formulas.guarded(text) if isinstance(text, str) else str(text)


def _reader(hint: Any) -> Any:
    if hint is float:
        return _float
    if hint is RowKey:
        return lambda cell: parse(formulas.unguarded(cell))
    if hint is bool:
        return {"True": True, "False": False}.__getitem__
    return int if hint is int else formulas.unguarded


def _float(text: str) -> float:
    return math.nan if text == "nan" else float(text)
