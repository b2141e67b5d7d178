"""Atomic, deterministic readers and writers.

Every write goes to a temporary name in the same folder, is flushed to the disk and renamed, so a
reader sees the old file or the new one and never half of either. The bytes depend on the content
alone: no wall clock, no path, no order of a set.
"""

import csv
import dataclasses
import hashlib
import io
import json
import math
import os
import re
import shutil
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evaluation.errors import StorageError

TEMPORARY = ".tmp-"
QUOTE = '"'
QUOTED = re.compile(r'[",\r\n]')
# name of the column that carries the mark of invented data
MARK_COLUMN = "synthetic"
Record = typing.TypeVar("Record")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    StorageError
        The folder or the file cannot be written (often: it is open in another program).
    """
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"the file cannot be written ({error.strerror})",
            where=path.as_posix(),
            mend="close it in other programs, check the folder's rights and the disk's space",
        ) from None


def read_bytes(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    StorageError
        The file does not exist or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StorageError(
            "the file does not exist", where=path.as_posix(), mend="run make"
        ) from None
    except OSError as error:
        raise StorageError(
            f"the file cannot be read ({error.strerror})",
            where=path.as_posix(),
            mend="check the file's rights",
        ) from None


def read_given(path: Path) -> bytes:
    """Read a file that a person named on the command line.

    Raises
    ------
    StorageError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"the file cannot be read ({error.strerror})",
            where=path.as_posix(),
            mend="correct the path; close the file in other programs",
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends, as :func:`write_bytes` does."""
    write_bytes(path, text.replace("\r\n", "\n").encode("utf-8"))


def read_text(path: Path) -> str:
    """Read UTF-8 text.

    Raises
    ------
    StorageError
        The file does not exist or is not UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise StorageError(
            "the file is not UTF-8", where=path.as_posix(), mend="remove it and run make again"
        ) from None


def read_configuration(path: Path, *, content: str) -> str:
    """Read UTF-8 text that a person wrote, with or without a byte-order mark (spreadsheets).

    Parameters
    ----------
    path : Path
        File to read.
    content : str
        What the file must hold at least, for the message where it is missing.

    Raises
    ------
    StorageError
        The file does not exist, cannot be read or is not UTF-8: it is to be mended, not removed.
    """
    where = "/".join(path.parts[-2:])
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise StorageError(
            "the file does not exist",
            where=where,
            mend=f"restore it, or create it: {content}",
        ) from None
    except OSError as error:
        raise StorageError(
            f"the file cannot be read ({error.strerror})",
            where=where,
            mend="check the file's rights",
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise StorageError(
            f"the file is not UTF-8 (byte {error.start})",
            where=f"{where}:{line}",
            mend="save it as UTF-8 (in a spreadsheet: CSV UTF-8), and look at its accented letters",
        ) from None


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys, two-space indents and a final line end."""
    text = json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    StorageError
        The file does not exist or is not JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise StorageError(
            f"not valid JSON: {error}",
            where=path.as_posix(),
            mend="remove it and run make again",
        ) from None


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet (zstd). The index is not kept: give it a column if it matters."""
    table = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    write_bytes(path, buffer.getvalue())


def read_frame(path: Path) -> pd.DataFrame:
    """Read a Parquet file that :func:`write_frame` wrote.

    Raises
    ------
    StorageError
        The file does not exist or is not Parquet.
    """
    data = read_bytes(path)
    try:
        # use_threads: one thread keeps the memory of a run predictable on shared machines
        return pq.read_table(io.BytesIO(data), use_threads=False).to_pandas()
    except pa.ArrowInvalid:
        raise _not_parquet(path) from None


def read_texts(path: Path) -> pd.DataFrame:
    """Read a Parquet file of text as categories: each distinct text of a column once.

    Raises
    ------
    StorageError
        The file does not exist or is not Parquet.
    """
    data = read_bytes(path)
    try:
        names = [
            f.name for f in pq.read_schema(io.BytesIO(data)) if pa.types.is_large_string(f.type)
        ]
        table = pq.read_table(io.BytesIO(data), use_threads=False, read_dictionary=names)
    except pa.ArrowInvalid:
        raise _not_parquet(path) from None
    columns = {
        name: _categories(column) if pa.types.is_dictionary(column.type) else column.to_pandas()
        for name, column in zip(table.column_names, table.itercolumns(), strict=True)
    }
    return pd.DataFrame(columns)


def _categories(column: pa.ChunkedArray) -> pd.Categorical:
    whole = column.unify_dictionaries().combine_chunks()
    codes = pc.fill_null(whole.indices, -1).to_numpy()
    return pd.Categorical.from_codes(codes, categories=pd.Index(whole.dictionary, dtype="str"))


def _not_parquet(path: Path) -> StorageError:
    return StorageError(
        "the file is not Parquet", where=path.as_posix(), mend="remove it and run make again"
    )


def write_records(path: Path, records: Iterable[Any], kind: type, *, mark: str) -> None:
    """Write records as CSV, one row each, in the order given.

    Parameters
    ----------
    path : Path
        File to write.
    records : iterable of ``kind``
        Flat frozen dataclasses of str, int, float and bool fields.
    kind : type
        Their class: its fields are the header, so an empty table still has one.
    mark : str
        The study's mark, which then stands in a last column on every row; empty for none.

    Raises
    ------
    TypeError
        A record is not of ``kind``.
    """
    names = [field.name for field in dataclasses.fields(kind)]
    last = [MARK_COLUMN] if mark else []
    lines = [_line([*names, *last])]
    for record in records:
        if type(record) is not kind:
            raise TypeError(f"{type(record).__name__} in a table of {kind.__name__}")
        cells = [_cell(getattr(record, name)) for name in names]
        lines.append(_line([*cells, mark] if mark else cells))
    # not by write_text: a cell may hold a line end that it would change
    write_bytes(path, "".join(lines).encode("utf-8"))


def read_records(path: Path, kind: type[Record]) -> tuple[Record, ...]:
    """Read records back, typed by the annotations of their class.

    Parameters
    ----------
    path : Path
        CSV that :func:`write_records` wrote.
    kind : type
        Class of the records.

    Returns
    -------
    tuple of ``kind``
        Equal to what was written, floats to the last bit.

    Raises
    ------
    StorageError
        The file does not exist, or its columns are not the fields of ``kind``.
    """
    hints = typing.get_type_hints(kind)
    rows = csv.reader(io.StringIO(read_text(path), newline=""))
    header = next(rows, [])
    names = [field.name for field in dataclasses.fields(typing.cast(Any, kind))]
    if header not in (names, [*names, MARK_COLUMN]):
        raise StorageError(
            f"the columns are not those of {kind.__name__}",
            where=path.as_posix(),
            mend="the file is from another version: remove it and run make again",
        )
    convert = [_reader(hints[name]) for name in names]
    records = []
    for row in rows:
        try:
            values = row[: len(names)] if len(row) == len(header) else []
            cells = zip(names, convert, values, strict=True)
            records.append(kind(**{name: read(cell) for name, read, cell in cells}))
        except (ValueError, KeyError):
            raise StorageError(
                f"the row is not one of {kind.__name__}",
                where=f"{path.as_posix()}:{rows.line_num}",
                mend="generated files are not edited: remove it and run make again",
            ) from None
    return tuple(records)


def _line(cells: list[str]) -> str:
    # not csv.writer: it leaves a lone carriage return unquoted, and a reader breaks the row there
    quoted = [
        f'"{cell.replace(QUOTE, QUOTE * 2)}"' if QUOTED.search(cell) else cell for cell in cells
    ]
    return ",".join(quoted) + "\n"


def _cell(value: Any) -> str:
    # repr is the shortest text that gives the same float back; float() drops numpy's wrapper
    if isinstance(value, float):
        return repr(float(value))
    return str(value)


def _reader(hint: Any) -> Any:
    if hint is float:
        return _float
    if hint is bool:
        return {"True": True, "False": False}.__getitem__
    return int if hint is int else str


def _float(text: str) -> float:
    return math.nan if text == "nan" else float(text)


def sha256(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal.

    Raises
    ------
    StorageError
        The file does not exist.
    """
    return hashlib.sha256(read_bytes(path)).hexdigest()


def replace_folder(temporary: Path, final: Path) -> None:
    """Put a finished folder in the place of the old one.

    A folder cannot be replaced in one step. Killed between the two renames, the final folder is
    absent, and Make builds it again.

    Parameters
    ----------
    temporary : Path
        Finished folder, beside ``final``, its name beginning with ``.tmp-``.
    final : Path
        Where it shall be.

    Raises
    ------
    StorageError
        One of the folders cannot be renamed.
    """
    old = final.with_name(f"{TEMPORARY}old-{final.name}")
    try:
        shutil.rmtree(old, ignore_errors=True)
        if final.exists():
            final.replace(old)
        temporary.replace(final)
    except OSError as error:
        raise StorageError(
            f"the folder cannot be replaced ({error.strerror})",
            where=final.as_posix(),
            mend="close its files in other programs",
        ) from None
    shutil.rmtree(old, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what killed runs left under a folder: files and folders named ``.tmp-*``."""
    for path in sorted(folder.rglob(f"{TEMPORARY}*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
