"""What a file holds: records as rows of CSV and back, cells no program runs, a checksum, TOML."""

import csv
import dataclasses
import io
import json
import math
import re
import tomllib
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import SpecError, StorageError
from evaluation.locale.messages import Message, as_data, from_data

# an id becomes the name of a file: it must not lead anywhere
LONGEST_ID = 64
ID = re.compile(rf"[a-z0-9_]{{1,{LONGEST_ID}}}")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
TOML_TABLE = re.compile(r"^\s*\[+\s*(\w+)", re.MULTILINE)
# what Git writes into a file that two branches changed in the same place
CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a file.

    Attributes
    ----------
    size : int
        How many.
    sha256 : str
        Their checksum in hexadecimal.
    """

    size: int
    sha256: str


# the signs that begin a formula, and their full-width forms
SIGNS = "=+@＝＋－＠-"
# a program may skip blanks, tabs, line ends and what nobody sees before the sign; a tab or a line
# end at the start moves the rest to a cell of its own
START = re.compile(f"[\t\r\n]|[\\s\u200b-\u200f\u2060\ufeff]*[{SIGNS}]")


def is_active(text: str) -> bool:
    """Whether a spreadsheet program may take the text for a formula."""
    return START.match(text) is not None


def inert(text: str) -> str:
    """A cell that is only looked at: an apostrophe stands before what may be a formula."""
    return f"'{text}" if is_active(text) else text


# what a spreadsheet takes for a number, whatever its sign
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
APOSTROPHE = "'"


def guarded(text: str) -> str:
    """A cell of a CSV file as text: an apostrophe before what a spreadsheet program would run.

    :func:`unguarded` gives every text back as it was.
    """
    return f"{APOSTROPHE}{text}" if _would_run(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that :func:`guarded` made."""
    is_guarded = cell.startswith(APOSTROPHE) and _would_run(cell[1:])
    return cell[1:] if is_guarded else cell


def _would_run(text: str) -> bool:
    # behind apostrophes of its own too: a text that begins with one must come back with it
    bare = text.lstrip(APOSTROPHE)
    return is_active(bare) and NUMBER.fullmatch(bare) is None


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
            data = {name: as_data(getattr(record, name)) for name in said}
            cells.append(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
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


def dict_rows(text: str, *, separator: str = ",") -> list[dict[str, str]]:
    """Rows of CSV with one header line, each by its columns.

    Parameters
    ----------
    text : str
    separator : str
        Between two cells.
    """
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


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
        raise StorageError.of("columns-not-those", "file-another", where, name=kind.__name__)
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
            raise StorageError.of(
                "row-not-one", "generated-files", f"{where}:{rows.line_num}", name=kind.__name__
            ) from None
    return tuple(records)


def _messages(kind: Any) -> list[str]:
    """Names of the fields that hold messages."""
    hints = typing.get_type_hints(kind)
    return [field.name for field in dataclasses.fields(kind) if hints[field.name] is Message]


def _cell(value: Any) -> str:
    # repr is the shortest text that gives the same float back; float() drops numpy's wrapper
    if isinstance(value, float):
        return repr(float(value))
    # people open these tables: no cell may run there; a key or a message stands as its text
    return str(value) if isinstance(value, (bool, int)) else guarded(f"{value}")


def _reader(hint: Any) -> Any:
    if hint is float:
        return lambda cell: math.nan if cell == "nan" else float(cell)
    if hasattr(hint, "from_text"):
        return lambda cell: hint.from_text(unguarded(cell))
    if hint is bool:
        return {"True": True, "False": False}.__getitem__
    return int if hint is int else unguarded


def parse_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Text and table of one TOML file, open decisions included.

    Parameters
    ----------
    path : Path

    Raises
    ------
    SpecError
        The file is missing, is not UTF-8, or is not valid TOML (a repeated key included).
    """
    try:
        text = toml_text(path)
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise SpecError.of("file-does-not", "create-correct", shown_path(path)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SpecError.of("toml-letters", "toml-encoding", f"{shown_path(path)}:{line}") from None
    except tomllib.TOMLDecodeError as error:
        if found := _value_above_table(text):
            name, where = found[0], f"{shown_path(path)}:{found[1]}"
            raise SpecError.of("value-and-table", "value-and-table", where, name=name) from None
        where, line = shown_path(path), merged_badly(text)
        if line:
            raise SpecError.of("conflict-marker", "conflict-marker", f"{where}:{line}") from None
        raise SpecError.of("not-valid-toml", "correct-line", where, error=error) from None
    except RecursionError:
        raise SpecError.of("toml-nested", "toml-nested", shown_path(path)) from None


def toml_text(path: Path) -> str:
    """UTF-8 with or without its mark, which editors of Windows write.

    Parameters
    ----------
    path : Path

    Raises
    ------
    SpecError
        UTF-16, which they write as well.
    """
    data = path.read_bytes()
    if data.startswith(UTF_16):
        raise SpecError.of("toml-encoding", "toml-encoding", shown_path(path), owner="UTF-16")
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def shown_path(path: Path) -> str:
    """A path from the project, or the last parts of one: enough, and not where the project lies.

    Parameters
    ----------
    path : Path
    """
    return "/".join(path.parts[-3:]) if path.is_absolute() else path.as_posix()


def merged_badly(text: str) -> int:
    """Line of the first mark that Git leaves where two versions contradict; 0 for none.

    Parameters
    ----------
    text : str
        With LF line ends.
    """
    found = CONFLICT.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _value_above_table(text: str) -> tuple[str, int] | None:
    """A key that has a value above the ``[[tables]]`` of its name, and its line."""
    tables = set(TOML_TABLE.findall(text))
    for number, line in enumerate(text.splitlines(), start=1):
        if TOML_TABLE.match(line):
            return None
        name = line.partition("=")[0].strip()
        if name in tables:
            return name, number
    return None
