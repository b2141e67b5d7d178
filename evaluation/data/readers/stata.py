"""Labelled Stata files: whole or refused, read as text, written byte for byte alike.

It also sets memory aside for as many rows as the header claims, so that is held against the bytes
that are there first.
"""

import dataclasses
import datetime
import functools
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyreadstat

from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import decoding, raw_table
from evaluation.data.readers.raw_table import Delivered, reads
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Message, message

LOST_DIGITS = Rule("lost-digits", "warn")

START, END, MAP = b"<stata_dta>", b"</stata_dta>", b"<map>"
# position in the map: what stands there
SECTIONS = {2: b"<variable_types>", 9: b"<data>", 10: b"<strls>", 11: b"<value_labels>", 12: END}
# formats without marks, by their first byte: bytes of a column's display format
OLDER = {113: 12, 114: 49, 115: 49}
HEADER = 109
# formats before them: rows as wide as a byte for each column at least
OLDEST = range(102, 113)
# format 117 and later: bytes of the number of columns (119 has four) and of the number of rows
COLUMNS, ROWS = {117: 2, 118: 2, 119: 4}, {117: 4, 118: 8, 119: 8}
TAG = b"<header><release>"
# bytes per cell by type code; fixed-length strings have their length as code
WIDTHS = {32768: 8, 65526: 8, 65527: 4, 65528: 4, 65529: 2, 65530: 1}
# the header stands in front of the map
MOST_HEADER = 1000
# the last format with two bytes for the number of rows
SHORT_ROWS = 104
AT_TYPES, AT_DATA, AT_LABELS = 2, 9, 11
# bytes per cell by type code of the older formats; fixed-length strings have their length as code
OLDER_WIDTHS = {251: 1, 252: 2, 253: 4, 254: 4, 255: 8}
# a set of value labels: its size, name and three bytes in front of it
LABEL_HEAD = 4 + 33 + 3
SET, SET_END, LONG_HEAD = b"<lbl>", b"</lbl>", 4 + 129 + 3


def check_whole(data: bytes, file: RawFile) -> None:
    """Refuse a file that is cut.

    Raises
    ------
    DataError
        A file of format 117 or later does not end where its map says, has other sections there, or
        another size of data than its header claims; one of formats 113 to 115 ends inside its data
        or inside a set of value labels; an older one has fewer bytes than cells.

    Notes
    -----
    Layout: Stata's descriptions of the .dta formats 117 and later (section 5.2) and 113 to 115
    (section 5). The map's entry for the variable labels is not looked at: some writers of format
    117 left it wrong. A file of format 113 to 115 that is cut exactly between two sets of value
    labels is whole by its layout: then the labels of some columns are missing.
    """
    problem: Message | None = None
    if data.startswith(START):
        problem = _marked(data)
    elif data and data[0] in OLDER:
        problem = _older(data)
    elif data and data[0] in OLDEST and _claimed(data) > len(data):
        problem = message("file-cut-inside-data.problem")
    if problem:
        raise DataError.of(problem, "get-file-again-whole", file.path, rule="unreadable-file")


def _marked(data: bytes) -> Message | None:
    # a line end that a text tool added at the end takes nothing away
    size = len(data.rstrip(b"\r\n"))
    order = "<" if b"<byteorder>LSF" in data[:200] else ">"
    at = data.find(MAP) + len(MAP)
    if not data.endswith(END, 0, size):
        return message("file-cut-does.problem", decode=END.decode())
    if at < len(MAP) or len(data) < at + 14 * 8:
        return message("file-no-map.problem")
    sections = np.frombuffer(data, f"{order}u8", count=14, offset=at).tolist()
    moved = [tag for i, tag in SECTIONS.items() if not data.startswith(tag, sections[i])]
    if moved:
        return message("not-where-map.problem", decode=moved[0].decode())
    if sections[13] != size:
        return message("file-bytes-map.problem", size=size, sections=sections[13])
    ends: Literal["big", "little"] = "little" if order == "<" else "big"
    return _other_size(data, sections, ends) or _sets(data, sections[AT_LABELS], ends)


def _sets(data: bytes, at: int, order: Literal["big", "little"]) -> Message | None:
    """Why a set of value labels of a file with marks is not whole."""
    head = LABEL_HEAD if data.startswith(b"117", len(START) + len(TAG)) else LONG_HEAD
    at += len(SECTIONS[AT_LABELS])
    while data.startswith(SET, at):
        if not _labels_fit(data, at + len(SET), head, order):
            return message("file-cut-inside.problem")
        size = int.from_bytes(data[at + len(SET) : at + len(SET) + 4], order)
        at += len(SET) + head + size
        if not data.startswith(SET_END, at):
            return message("file-cut-inside.problem")
        at += len(SET_END)
    return None


def _other_size(
    data: bytes, sections: Sequence[int], order: Literal["big", "little"]
) -> Message | None:
    """Why the data section is not as large as the header claims, or an empty text."""
    release, columns, rows = _header(data, order)
    if release not in COLUMNS:
        return None
    at = sections[AT_TYPES] + len(SECTIONS[AT_TYPES])
    if at + 2 * columns > len(data):
        return message("file-cut-inside-data.problem")
    types = np.frombuffer(data, f"{'<' if order == 'little' else '>'}u2", columns, at)
    codes: list[int] = types.tolist()
    width = sum(WIDTHS.get(code, code) for code in codes)
    start, end = sections[AT_DATA], sections[AT_DATA + 1]
    found = end - start - len(b"<data>") - len(b"</data>")
    if width * rows == found and (rows == 0 or width > 0):
        return None
    return message(
        "stata-claimed-rows.problem",
        rows=f"{rows:,}",
        claimed=f"{width * rows:,}",
        found=f"{found:,}",
    )


def _header(data: bytes, order: Literal["big", "little"]) -> tuple[int, int, int]:
    """Format, columns and rows as the header of a file with marks says them; zeros where not."""
    at = len(START) + len(TAG)
    release = int(data[at : at + 3]) if data[at : at + 3].isdigit() else 0
    head = data[:MOST_HEADER]
    columns, rows = head.find(b"<K>"), head.find(b"<N>")
    if release not in COLUMNS or columns < 0 or rows < 0:
        return 0, 0, 0
    numbers = (head[columns + 3 :][: COLUMNS[release]], head[rows + 3 :][: ROWS[release]])
    return release, int.from_bytes(numbers[0], order), int.from_bytes(numbers[1], order)


def _claimed(data: bytes) -> int:
    """Columns times rows of a file of the oldest formats: each cell has a byte at least."""
    order: Literal["big", "little"] = "big" if len(data) > 1 and data[1] == 1 else "little"
    wide = 4 if data[0] > SHORT_ROWS else 2
    columns, rows = (int.from_bytes(data[a : a + n], order) for a, n in ((4, 2), (6, wide)))
    return rows * max(columns, 1)


def _older(data: bytes) -> Message | None:
    """Why a file of formats 113 to 115 is not whole, or an empty text."""
    order: Literal["big", "little"] = "big" if len(data) > 1 and data[1] == 1 else "little"

    def whole(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)

    columns, rows = whole(4, 2), whole(6, 4)
    types = data[HEADER : HEADER + columns]
    # types, names, sort order, formats, names of label sets, labels of columns
    at = HEADER + columns * (1 + 33 + 33 + 81 + OLDER[data[0]]) + 2 * (columns + 1)
    while at + 5 <= len(data) and (data[at], size := whole(at + 1, 4)) != (0, 0):
        at += 5 + size
    at += 5 + rows * sum(OLDER_WIDTHS.get(code, code) for code in types)
    if at > len(data):
        return message("file-cut-inside-data.problem")
    end = len(data.rstrip(b"\r\n"))
    while at < end:
        if not _labels_fit(data, at, LABEL_HEAD, order):
            return message("file-cut-inside.problem")
        at += LABEL_HEAD + whole(at, 4)
    return None


def _labels_fit(data: bytes, at: int, head: int, order: Literal["big", "little"]) -> bool:
    """Whether a set of value labels is as long as its own numbers and the file allow.

    The reading library takes one that is not for none, and sets memory aside for what it claims.
    """
    size, labels, letters = (
        int.from_bytes(data[a : a + 4], order) for a in (at, at + head, at + head + 4)
    )
    return 8 + 8 * labels + letters <= size <= len(data) - at - head


EPOCH = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
TIMESTAMP = re.compile(rb"<timestamp>\x11(.{17})</timestamp>", re.DOTALL)
FIXED_TIME = b"01 Jan 2000 00:00"
# display formats of days and of clocks; the oldest writers say %d for days
DAY_FORMAT, CLOCK_FORMAT = re.compile(r"%-?t?d"), re.compile(r"%-?t[cC]")
# whole numbers up to here are exact in single precision
LARGEST_SINGLE = 2**24
# storage of whole numbers, as the reading library names it
WHOLE = ("int8", "int16", "int32")
ICONV = {"utf-8": "UTF-8", "latin-1": "ISO-8859-1", "cp1252": "WINDOWS-1252"}
UNREADABLE = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError)


@reads.named("dta")
def read(data: bytes, file: RawFile) -> Delivered:
    """Read a Stata file as text.

    Parameters
    ----------
    data : bytes
        The file.
    file : RawFile
        Its entry in the manifest. Without ``encoding``, the text of formats up to 117 is read as
        cp1252 (they do not name theirs), that of later ones as UTF-8.

    Returns
    -------
    Delivered
        Text columns and ``__line__`` (number of the observation): whole numbers without a point,
        extended missing values as ``.a`` to ``.z``, system missing as an empty text, dates as
        ``2021-05-31``, clocks as ``2021-05-31 08:05:00``. And its value labels.

    Raises
    ------
    DataError
        The file is not a Stata file, is cut, or its text is in another encoding.
    """
    check_whole(data, file)
    try:
        frame, meta = pyreadstat.read_dta(
            io.BytesIO(data),
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=ICONV[file.encoding] if file.encoding else None,
        )
    except UNREADABLE as error:
        raise unreadable(error, "Stata", file) from None
    storage, formats = meta.readstat_variable_types, meta.original_variable_types
    _blank_system_missing(frame, storage, data)
    texts = {
        name: functools.partial(_text, storage=storage[name], stata_format=formats[name] or "")
        for name in frame.columns
    }
    found = with_findings(understood(frame, meta, texts, _code), file)
    return dataclasses.replace(
        found, findings=[*_single_precision(frame, storage, file), *found.findings]
    )


def understood(
    frame: pd.DataFrame,
    meta: Any,
    texts: Mapping[str, Callable[[Any], str]],
    code: Callable[[Any], str],
) -> Delivered:
    """What the reading library gives of a Stata or SPSS file, as text.

    Parameters
    ----------
    frame : DataFrame, meta : object
        As the library gives them.
    texts : mapping of column to function
        How a cell reads as text.
    code : function
        How the code of a value label reads.
    """
    table = pd.DataFrame({str(n): raw_table.column(frame[n], texts[n]) for n in frame.columns})
    table[LINE] = np.arange(1, len(frame) + 1, dtype="int64")
    labels = {
        str(name): {code(value): str(label) for value, label in pairs.items()}
        for name, pairs in meta.variable_value_labels.items()
    }
    called = {str(name): str(text) for name, text in meta.column_names_to_labels.items() if text}
    types = meta.readstat_variable_types
    numeric = [str(name) for name in frame.columns if types[name] != "string"]
    bare = tuple(name for name in numeric if name not in labels)
    return Delivered(frame=table, labels=labels, variable_labels=called, unlabelled=bare)


def with_findings(found: Delivered, file: RawFile) -> Delivered:
    """With what is to be said of garbled labels and cells."""
    names = [name for name in found.frame.columns if name != LINE]
    about_labels = decoding.label_findings(found.labels, names, file)
    findings = [*about_labels, *decoding.cell_findings(found.frame, file)]
    return dataclasses.replace(found, findings=findings)


def _blank_system_missing(frame: pd.DataFrame, storage: Mapping[str, str], data: bytes) -> None:
    """Take out what the library gives for system missing beside extended missing values.

    In a column of bytes, integers or longs that holds both, pyreadstat 1.3.7 gives whatever number
    stood in memory. Without ``user_missing`` it reads every missing value as NaN.
    """
    names = [n for n in frame if frame[n].dtype == object and storage[n] in WHOLE]
    if not names:
        return
    plain, _ = pyreadstat.read_dta(
        io.BytesIO(data), usecols=names, disable_datetime_conversion=True
    )
    for name in names:
        letter = frame[name].map(lambda cell: isinstance(cell, str))
        frame[name] = frame[name].where(letter | plain[name].notna())


def unreadable(error: Exception, kind: str, file: RawFile) -> DataError:
    """One message for whatever the reading library says of a damaged file.

    Raises
    ------
    MemoryError
        The library had not enough.
    """
    if "allocate" in str(error) and isinstance(error, pyreadstat.ReadstatError):
        raise MemoryError from error
    encoding = isinstance(error, UnicodeDecodeError) or "byte sequence" in str(error)
    if encoding:
        rule = Rule("encoding", "error", f"{kind.lower()}-text-not-in")
        named = file.encoding or message("word.the-encoding-it-declares")
        return rule.refused(file.path, encoding=named)
    # other errors than the library's own may quote a cell
    said = f": {error}" if isinstance(error, pyreadstat.ReadstatError) else ""
    rule = Rule("unreadable-file", "error", f"no-{kind.lower()}-file", "get-file-again-whole")
    return rule.refused(file.path, error=f"{type(error).__name__}{said}")


def _text(value: str | float, storage: str, stata_format: str) -> str:
    if isinstance(value, str):
        # numeric columns carry extended missing values as one letter
        return value if storage == "string" else f".{value}"
    number = float(value)
    if DAY_FORMAT.match(stata_format):
        return raw_table.day(number, since=EPOCH)
    if CLOCK_FORMAT.match(stata_format):
        return raw_table.moment(number / 1000, since=EPOCH)
    # a Stata float holds 0.1 as 0.10000000149011612: print what was typed
    if storage == "float" and not number.is_integer():
        return str(np.float32(number))
    return raw_table.number(number)


def _code(code: str | float) -> str:
    if isinstance(code, str):
        return code if code.startswith(".") else f".{code}"
    return raw_table.number(float(code))


def _single_precision(
    frame: pd.DataFrame, storage: Mapping[str, str], file: RawFile
) -> list[Finding]:
    """Whole numbers too large for single precision: ids that lost their last digits."""
    findings, largest = [], f"{LARGEST_SINGLE:,}"
    for name in (name for name in frame.columns if storage[name] == "float"):
        numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        rows = np.flatnonzero(np.abs(numbers) > LARGEST_SINGLE)
        if len(rows):
            findings.append(
                LOST_DIGITS.about(file, str(name), rows[0] + 1, n=len(rows), largest_single=largest)
            )
    return findings


def fixed_time(data: bytes) -> bytes:
    """A Stata file with the writing time in its header replaced, so that bytes repeat.

    Raises
    ------
    DataError
        There is no such header.
    """
    found = TIMESTAMP.search(data[:1000])
    if found is None:
        raise DataError.of("no-time-stamp", "report", "Stata file")
    return data[: found.start(1)] + FIXED_TIME + data[found.end(1) :]
