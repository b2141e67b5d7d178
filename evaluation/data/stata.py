"""Labelled Stata files: read as text with missing codes kept apart, written byte for byte alike."""

import datetime
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyreadstat
from numpy.typing import NDArray

from evaluation.data.finding import LINE
from evaluation.errors import DataError
from evaluation.spec.manifest import RawFile

EPOCH = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
TIMESTAMP = re.compile(rb"<timestamp>\x11(.{17})</timestamp>", re.DOTALL)
FIXED_TIME = b"01 Jan 2000 00:00"
MISSING_LETTERS: Mapping[str, str] = {
    "dont_know": "a",
    "refused": "b",
    "not_applicable": "c",
    "not_asked": "d",
}
START, END = b"<stata_dta>", b"</stata_dta>"
# position in the map: what stands there
SECTIONS = {9: b"<data>", 10: b"<strls>", 11: b"<value_labels>", 12: END}
SYSTEM_MISSING = 0x7FE0_0000_0000_0000
DOUBLE = 65526
# bytes per cell by type code; fixed-length strings have their length as code
WIDTHS = {32768: 8, DOUBLE: 8, 65527: 4, 65528: 4, 65529: 2, 65530: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Value labels that came with a Stata file.

    Attributes
    ----------
    by_column : mapping of column to mapping of code to label
        Columns with value labels.
    unlabelled : tuple of str
        Numeric columns without any.
    """

    by_column: Mapping[str, Mapping[str, str]]
    unlabelled: tuple[str, ...]


def read(data: bytes, file: RawFile) -> tuple[pd.DataFrame, Labels]:
    """Read a Stata file as text.

    Returns
    -------
    DataFrame, Labels
        Text columns and ``__line__`` (number of the observation): whole numbers without a point,
        extended missing values as ``.a`` to ``.z``, system missing as an empty text, dates as
        ``2021-05-31``, clocks as ``2021-05-31 08:05:00``. And its value labels.

    Raises
    ------
    DataError
        The file is not a Stata file, or is cut.
    """
    _check_whole(data, file)
    try:
        frame, meta = pyreadstat.read_dta(
            io.BytesIO(data), user_missing=True, disable_datetime_conversion=True
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise DataError(
            f"not a readable Stata file ({type(error).__name__})",
            where=file.path,
            mend="get the file again",
            rule="unreadable-file",
        ) from None
    columns = {
        str(name): _texts(
            frame[name],
            storage=meta.readstat_variable_types[name],
            stata_format=meta.original_variable_types[name] or "",
        )
        for name in frame.columns
    }
    labels = {
        str(name): {_code(code): str(label) for code, label in pairs.items()}
        for name, pairs in meta.variable_value_labels.items()
    }
    table = pd.DataFrame(columns)
    table[LINE] = np.arange(1, len(frame) + 1, dtype="int64")
    unlabelled = tuple(
        str(name)
        for name in frame.columns
        if meta.readstat_variable_types[name] != "string" and str(name) not in labels
    )
    return table, Labels(by_column=labels, unlabelled=unlabelled)


def _check_whole(data: bytes, file: RawFile) -> None:
    """Refuse a file that is cut: the reading library takes one that lost its value labels.

    Raises
    ------
    DataError
        A file of format 117 or later does not end where its map says, or has other sections there.

    Notes
    -----
    Layout: Stata's description of the .dta format 117 and later, section 5.2. The map's entry for
    the variable labels is not looked at: some writers of format 117 left it wrong.
    """
    if not data.startswith(START):
        # formats up to 115 have neither map nor end mark
        return
    problem = ""
    # a line end that a text tool added at the end takes nothing away
    size = len(data.rstrip(b"\r\n"))
    order = "<" if b"<byteorder>LSF" in data[:200] else ">"
    at = data.find(b"<map>") + len(b"<map>")
    if not data.endswith(END, 0, size):
        problem = f"the file is cut: it does not end in {END.decode()}"
    elif at < len(b"<map>") or len(data) < at + 14 * 8:
        problem = "the file has no map of its sections"
    else:
        sections = np.frombuffer(data, f"{order}u8", count=14, offset=at).tolist()
        moved = [tag for i, tag in SECTIONS.items() if not data.startswith(tag, sections[i])]
        if moved:
            problem = f"{moved[0].decode()} is not where the map of the file says"
        elif sections[13] != size:
            problem = f"the file has {size} bytes, its map says {sections[13]}"
    if problem:
        raise DataError(
            problem,
            where=file.path,
            mend="get the file again, whole",
            rule="unreadable-file",
        )


def _texts(column: pd.Series, *, storage: str, stata_format: str) -> pd.Series:
    positions, values = pd.factorize(column, use_na_sentinel=True)
    texts = [_text(value, storage, stata_format) for value in values]
    known = np.array([*texts, ""], dtype=object)
    return pd.Series(known[positions], dtype="str")


def _text(value: object, storage: str, stata_format: str) -> str:
    if isinstance(value, str):
        # numeric columns carry extended missing values as one letter
        return value if storage == "string" else f".{value}"
    number = float(value)  # type: ignore[arg-type]
    if stata_format.startswith("%td"):
        return (EPOCH + datetime.timedelta(days=number)).strftime("%Y-%m-%d")
    if stata_format.lower().startswith("%tc"):
        moment = EPOCH + datetime.timedelta(milliseconds=number)
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    if number.is_integer():
        return str(int(number))
    # a Stata float holds 0.1 as 0.10000000149011612: print what was typed
    return str(np.float32(number)) if storage == "float" else repr(number)


def _code(code: object) -> str:
    if isinstance(code, str):
        return code if code.startswith(".") else f".{code}"
    number = float(code)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def fixed_time(data: bytes) -> bytes:
    """A Stata file with the writing time in its header replaced, so that bytes repeat.

    Raises
    ------
    DataError
        There is no such header.
    """
    found = TIMESTAMP.search(data[:1000])
    if found is None:
        raise DataError("no time stamp in the header", where="Stata file", mend="report this")
    return data[: found.start(1)] + FIXED_TIME + data[found.end(1) :]


def with_missing(data: bytes, kinds: Mapping[int, NDArray[np.object_]], *, rows: int) -> bytes:
    """A Stata file whose missing cells say why they are missing.

    The writing library takes extended missing values only in columns of mixed type, and then
    misjudges those that begin with a run of them; so they are set in the finished file.

    Parameters
    ----------
    data : bytes
        A little-endian file of format 118.
    kinds : mapping of column position to ndarray of object, shape (rows,)
        Missing kind of each cell, None where it is not missing by kind; double columns only.
    rows : int
        Number of observations.

    Returns
    -------
    bytes
        The file with ``.a`` to ``.d`` in those cells.

    Notes
    -----
    Layout: Stata's description of the .dta format 118, sections 5.1 to 5.10.
    """
    buffer = bytearray(data)
    sections = np.frombuffer(data, "<u8", count=14, offset=data.index(b"<map>") + len(b"<map>"))
    types_at = int(sections[2]) + len(b"<variable_types>")
    types_end = data.index(b"</variable_types>", types_at)
    types = np.frombuffer(data[types_at:types_end], "<u2")
    widths = [WIDTHS.get(int(code), int(code)) for code in types]
    data_at = int(sections[9]) + len(b"<data>")
    cells = np.frombuffer(buffer, "u1", count=rows * sum(widths), offset=data_at)
    table = cells.reshape(rows, sum(widths))
    for column, missing in kinds.items():
        if int(types[column]) != DOUBLE:
            raise DataError("not a double column", where="Stata file", mend="report this")
        at = sum(widths[:column])
        for kind, letter in MISSING_LETTERS.items():
            bits = SYSTEM_MISSING + ((ord(letter) - ord("a") + 1) << 40)
            table[missing == kind, at : at + 8] = np.frombuffer(bits.to_bytes(8, "little"), "u1")
    return bytes(buffer)
