"""Atomic, deterministic readers and writers.

Every write goes to a temporary name in the same folder, is flushed to the disk and renamed, so a
reader sees the old file or the new one and never half of either. The bytes depend on the content
alone: no wall clock, no path, no order of a set.
"""

import hashlib
import json
import shutil
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from evaluation import file_content
from evaluation.errors import StorageError
from evaluation.storage import made_files, parquet
from evaluation.storage import staged as staging
from evaluation.storage.disk_trouble import reason

TEMPORARY, MARK_COLUMN = staging.TEMPORARY, file_content.MARK_COLUMN
Record = typing.TypeVar("Record")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
    data : bytes
        Content of the file.

    Raises
    ------
    StorageError
        The folder or the file cannot be written (often: it is open in another program).
    """
    with staging.Staged(path.parent) as staged:
        staged.add(path.name, data)
        staged.put_in_place()


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all.

    Those that hold these bytes already keep their time: nothing that is made of them is made again.
    """
    for path, data in files.items():
        if not (path.is_file() and path.read_bytes() == data):
            write_bytes(path, data)


def read_bytes(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    StorageError
        The file does not exist or cannot be read, or a stage wrote other bytes there.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StorageError.of("file-does-not", "run-make", path.as_posix()) from None
    except OSError as error:
        raise StorageError.of(
            "file-cannot-read", "io-check-file-s", path.as_posix(), strerror=reason(error)
        ) from None
    made_files.check(path, data)
    return data


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
        raise StorageError.of(
            "file-cannot-read", "correct-path", path.as_posix(), strerror=reason(error)
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends, as :func:`write_bytes` does.

    Parameters
    ----------
    path : Path
    text : str
    """
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
        raise StorageError.of("io-file-not-utf", "remove-run-make", path.as_posix()) from None


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
        The file does not exist, cannot be read or is not UTF-8: it is to be fixed, not removed.
    """
    where = "/".join(path.parts[-2:])
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise StorageError.of("file-does-not", "restore-create", where, content=content) from None
    except OSError as error:
        raise StorageError.of(
            "file-cannot-read", "io-check-file-s", where, strerror=reason(error)
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise StorageError.of(
            "file-not-utf", "save-utf-spreadsheet", f"{where}:{line}", start=error.start
        ) from None


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys, two-space indents and a final line end.

    Parameters
    ----------
    path : Path
    content : object
        What JSON can hold.
    """
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
        raise StorageError.of(
            "not-valid-json", "remove-run-make", path.as_posix(), error=error
        ) from None


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet, as :func:`evaluation.storage.parquet.written` makes it.

    Parameters
    ----------
    path : Path
    frame : DataFrame
    """
    write_bytes(path, parquet.written(frame))


def read_frame(path: Path) -> pd.DataFrame:
    """Read a Parquet file that :func:`write_frame` wrote.

    Raises
    ------
    StorageError
        The file does not exist or is not Parquet.
    """
    return _read(path, parquet.frame)


def read_texts(path: Path) -> pd.DataFrame:
    """Read a Parquet file of text, each distinct text of a column once where many are alike.

    Raises
    ------
    StorageError
        The file does not exist or is not Parquet.
    """
    return _read(path, parquet.coded_frame)


def _read(path: Path, read: Callable[[bytes], pd.DataFrame]) -> pd.DataFrame:
    try:
        return read(read_bytes(path))
    except pa.ArrowInvalid:
        raise StorageError.of("file-not-parquet", "remove-run-make", path.as_posix()) from None


def write_records(path: Path, records: Iterable[Any], kind: type, *, mark: str) -> None:
    """Write records as CSV, as :func:`evaluation.file_content.written` makes it.

    Parameters
    ----------
    path : Path
    records : iterable of object
        Of one kind, in their order.
    kind : type
        Their class.
    mark : str
        The study's mark; empty for none.

    Raises
    ------
    StorageError
        The file cannot be written.
    TypeError
        A record is not of ``kind``.
    """
    # not by write_text: a cell may hold a line end that it would change
    write_bytes(path, file_content.written(records, kind, mark=mark).encode("utf-8"))


def read_records(path: Path, kind: type[Record]) -> tuple[Record, ...]:
    """Read records back that :func:`write_records` wrote.

    Parameters
    ----------
    path : Path
    kind : type[Record]
        Class of the records.

    Raises
    ------
    StorageError
        The file does not exist, or its columns are not the fields of ``kind``.
    """
    return file_content.read(read_text(path), kind, where=path.as_posix())


def copy(path: Path, target: Path) -> None:
    """Copy a file as :func:`read_bytes` reads it: only what a stage wrote is passed on.

    Parameters
    ----------
    path, target : Path

    Raises
    ------
    StorageError
        It cannot be read or written, or a stage wrote other bytes there.
    """
    write_bytes(target, read_bytes(path))


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
        raise StorageError.of(
            "folder-cannot", "io-close-files-other", final.as_posix(), strerror=reason(error)
        ) from None
    shutil.rmtree(old, ignore_errors=True)
    made_files.note_folder(temporary, final)


def write_folder(final: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of these files, by their names, in the place of the old one.

    Parameters
    ----------
    final : Path
    files : mapping
        Content by name.

    Raises
    ------
    StorageError
        A file cannot be written, or one of the folders not renamed.
    """
    with scratch(final.parent, final.name) as temporary:
        for name, data in files.items():
            write_bytes(temporary / name, data)
        replace_folder(temporary, final)


@contextmanager
def scratch(folder: Path, name: str) -> Iterator[Path]:
    """A place for a temporary folder, empty at first and removed at the end.

    Parameters
    ----------
    folder : Path
        Where it is made.
    name : str
        Of its purpose.
    """
    path = folder / f"{TEMPORARY}{name}"
    shutil.rmtree(path, ignore_errors=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what killed runs left under a folder: files and folders named ``.tmp-*``."""
    for path in sorted(folder.rglob(f"{TEMPORARY}*")):
        remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
