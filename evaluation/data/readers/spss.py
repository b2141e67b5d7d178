"""SPSS files: read as text, with the codes that the file itself calls missing kept apart."""

import dataclasses
import datetime
import functools
import io
import math
import re
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
import pyreadstat

from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import raw_table
from evaluation.data.readers.raw_table import Delivered, UserMissing, reads
from evaluation.data.readers.stata import ICONV, UNREADABLE, understood, unreadable, with_findings

UNREADABLE_FILE = Rule("unreadable-file", "error")
SPSS_CLAIMED_LABEL = Rule("unreadable-file", "error", "spss-claimed-label", "get-file-again-whole")
SPSS_CLAIMED_ROWS = Rule("unreadable-file", "error", "spss-claimed-rows", "get-file-again-whole")

# the first day of the Gregorian calendar: SPSS counts seconds from its midnight
EPOCH = datetime.datetime(1582, 10, 14, tzinfo=datetime.UTC)
SECONDS_PER_DAY = 86_400
# display formats, without width: what a number of seconds is meant to be
DAYS = re.compile(r"(DATE|ADATE|EDATE|JDATE|SDATE|MOYR|QYR|WKYR)\d")
MOMENTS = re.compile(r"(DATETIME|YMDHMS)\d")
CLOCKS = re.compile(r"(TIME|DTIME|MTIME)\d")
# SPSS writes LOWEST and HIGHEST as the ends of what a double can hold
UNBOUNDED = 1e308
MARKS = (b"$FL2", b"$FL3")
# bytes of the header, of a variable's record, and where the header says how numbers are written
HEADER, VARIABLE, AT_LAYOUT = 176, 32, 64
LAYOUTS, OF_VARIABLE, MOST_MISSING, DEFLATED = (2, 3), 2, 3, 1032
# kinds of records behind the variables', and the extension that holds labels of long texts
OF_LABELS, OF_LABELLED, OF_DOCUMENTS, EXTENSION, LONG_LABELS = 3, 4, 6, 7, 21


@reads.named("sav")
def read(data: bytes, file: RawFile) -> Delivered:
    """Read an SPSS file (.sav, also compressed) as text.

    Parameters
    ----------
    data : bytes
        The file.
    file : RawFile
        Its entry in the manifest. Without ``encoding``, the text is read in the encoding that the
        file names.

    Returns
    -------
    Delivered
        Text columns and ``__line__`` (number of the case): whole numbers without a point, system
        missing as an empty text, user-missing codes as their codes, dates as ``2021-05-31``,
        moments as ``2021-05-31 08:05:00``, times as ``08:05:00``. And its value labels and what it
        calls missing.

    Raises
    ------
    DataError
        The file is not an SPSS file, is cut, or its text is in another encoding.
    """
    if not data.startswith(MARKS):
        raise UNREADABLE_FILE.refused(file.path)
    _check_claims(data, file)
    try:
        frame, meta = pyreadstat.read_sav(
            io.BytesIO(data),
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=ICONV[file.encoding] if file.encoding else None,
        )
    except UNREADABLE as error:
        raise unreadable(error, "SPSS", file) from None
    return with_findings(_understood(frame, meta), file)


def _check_claims(data: bytes, file: RawFile) -> None:
    """Refuse a file that claims more cases, or a longer label, than its bytes can hold.

    The reading library sets memory aside for as many as the file claims.

    Notes
    -----
    Layout: GNU PSPP, System File Format. Each value takes eight bytes; compressed, one byte at
    least; in a .zsav, what deflate packs at most 1,032 to 1.
    """
    if len(data) < HEADER:
        return
    order = "<" if struct.unpack_from("<i", data, AT_LAYOUT)[0] in LAYOUTS else ">"
    compression, _, cases = struct.unpack_from(f"{order}iii", data, AT_LAYOUT + 8)
    each, most = {0: (8, 1), 1: (1, 1)}.get(compression, (1, DEFLATED))
    values, at = _variables(data, order)
    if cases > 0 and cases * values * each > len(data) * most:
        raise SPSS_CLAIMED_ROWS.refused(file.path, rows=f"{cases:,}", size=f"{len(data):,}")
    if not all(_labels_fit(part, order) for part in _long_labels(data, at, order)):
        raise SPSS_CLAIMED_LABEL.refused(file.path)


def _long_labels(data: bytes, at: int, order: str) -> Iterator[bytes]:
    """Labels of long texts: what the extension records that hold them say.

    Records that claim more than the file has end the search: the library refuses them.
    """
    while at + 16 <= len(data):
        kind, number, size, count = struct.unpack_from(f"{order}4i", data, at)
        if kind == EXTENSION and min(size, count) >= 0:
            if number == LONG_LABELS:
                yield data[at + 16 : at + 16 + size * count]
            at += 16 + size * count
        elif kind == OF_LABELS:
            at += 8
            for _ in range(number):
                if at + 8 >= len(data):
                    return
                # the label's length, its letters, and what is missing to eight bytes
                at += 8 + (data[at + 8] + 8) // 8 * 8
        elif kind in (OF_LABELLED, OF_DOCUMENTS) and number >= 0:
            at += 8 + number * (4 if kind == OF_LABELLED else 80)
        else:
            return


def _labels_fit(part: bytes, order: str) -> bool:
    """Whether the lengths of names, values and labels of a record end with it."""
    at = 0

    def number() -> int:
        nonlocal at
        at += 4
        return int(struct.unpack_from(f"{order}i", part, at - 4)[0]) if at <= len(part) else -1

    while at < len(part):
        if (name := number()) < 0:
            return False
        at += name
        # the width of the variable stands before the number of its labels
        _, labels = number(), number()
        for _ in range(2 * labels):
            if (length := number()) < 0:
                return False
            at += length
        if labels < 0 or at > len(part):
            return False
    return True


def _variables(data: bytes, order: str) -> tuple[int, int]:
    """Values of eight bytes that a case takes, by records of variables; and where these end."""
    at, found = HEADER, 0
    while at + VARIABLE <= len(data):
        kind, _, labelled, missing = struct.unpack_from(f"{order}4i", data, at)
        if kind != OF_VARIABLE or abs(missing) > MOST_MISSING:
            break
        found, at = found + 1, at + VARIABLE
        if labelled == 1 and at + 4 <= len(data):
            (length,) = struct.unpack_from(f"{order}i", data, at)
            at += 4 + max(length + 3, 0) // 4 * 4
        at += 8 * abs(missing)
    return max(found, 1), at


def told(data: bytes) -> tuple[str, pd.DataFrame]:
    """Everything that an SPSS file says, whatever it is for: its labels and notes, and its cells.

    Parameters
    ----------
    data : bytes
        The file (.sav, .zsav).

    Returns
    -------
    str, DataFrame
        One label, note or name a line; cells as :func:`read` gives them, without line numbers.

    Raises
    ------
    ValueError
        It cannot be read.
    """
    try:
        frame, meta = pyreadstat.read_sav(
            io.BytesIO(data), user_missing=True, disable_datetime_conversion=True
        )
    except UNREADABLE as error:
        raise ValueError(type(error).__name__) from None
    found = _understood(frame, meta)
    lines = [
        *(str(text) for text in (meta.file_label, meta.table_name, *meta.notes) if text),
        *(f"{name}: {label}" for name, label in found.variable_labels.items()),
        *(f"{code}: {label}" for pairs in found.labels.values() for code, label in pairs.items()),
    ]
    return "\n".join(lines), found.frame.drop(columns=LINE)


def _understood(frame: pd.DataFrame, meta: Any) -> Delivered:
    """Every column as text, by its display format; labels; what the file calls missing."""
    missing = {str(name): _user_missing(parts) for name, parts in meta.missing_ranges.items()}
    formats, none = meta.original_variable_types, UserMissing()
    texts = {
        name: functools.partial(
            _text, spss_format=formats[name] or "", missing=missing.get(str(name), none)
        )
        for name in frame.columns
    }
    return dataclasses.replace(understood(frame, meta, texts, _code), user_missing=missing)


def _code(code: str | float) -> str:
    return code.rstrip() if isinstance(code, str) else raw_table.number(float(code))


def _text(value: str | float, spss_format: str, missing: UserMissing) -> str:
    if isinstance(value, str):
        return value
    number = float(value)
    plain = raw_table.number(number)
    # a code such as 99 among dates is no day of the year 1582
    if missing.holds(plain):
        return plain
    if DAYS.match(spss_format):
        return raw_table.day(number / SECONDS_PER_DAY, since=EPOCH)
    if MOMENTS.match(spss_format):
        return raw_table.moment(number, since=EPOCH)
    return raw_table.clock(number) if CLOCKS.match(spss_format) else plain


def _user_missing(parts: Iterable[Any]) -> UserMissing:
    """Of the library's pairs ``lo`` and ``hi``: equal ones are a single code."""
    codes: list[str] = []
    ranges: list[tuple[float, float]] = []
    for part in parts:
        low, high = part["lo"], part["hi"]
        if isinstance(low, str) or isinstance(high, str) or low == high:
            codes.append(_code(low))
        else:
            ranges.append((_bound(low), _bound(high)))
    return UserMissing(codes=tuple(codes), ranges=tuple(ranges))


def _bound(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) > UNBOUNDED else float(value)
