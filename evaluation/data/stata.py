"""Labelled Stata files: read as text with missing codes kept apart, written byte for byte alike."""

import datetime
import functools
import io
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyreadstat

from evaluation.data import characters, stata_layout, texts
from evaluation.data.delivered import Delivered, reads
from evaluation.data.finding import LINE, about_file
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding

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
    stata_layout.check_whole(data, file)
    try:
        frame, meta = pyreadstat.read_dta(
            io.BytesIO(data),
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=ICONV[file.encoding] if file.encoding else None,
        )
    except UNREADABLE as error:
        raise unreadable(error, "Stata", file) from None
    storage = meta.readstat_variable_types
    _blank_system_missing(frame, storage, data)
    table = pd.DataFrame(
        {
            str(name): texts.column(
                frame[name],
                functools.partial(
                    _text,
                    storage=storage[name],
                    stata_format=meta.original_variable_types[name] or "",
                ),
            )
            for name in frame.columns
        }
    )
    table[LINE] = np.arange(1, len(frame) + 1, dtype="int64")
    labels = {
        str(name): {_code(code): str(label) for code, label in pairs.items()}
        for name, pairs in meta.variable_value_labels.items()
    }
    findings = _single_precision(frame, storage, file)
    findings += characters.label_findings(labels, [str(n) for n in frame.columns], file)
    findings += characters.cell_findings(table, file)
    return Delivered(
        frame=table,
        labels=labels,
        variable_labels={
            str(name): str(label) for name, label in meta.column_names_to_labels.items() if label
        },
        unlabelled=tuple(
            str(n) for n in frame.columns if storage[n] != "string" and str(n) not in labels
        ),
        findings=findings,
    )


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
        return DataError(
            message(
                f"{kind.lower()}-text-not-in.problem",
                encoding=file.encoding or message("word.the-encoding-it-declares"),
            ),
            where=file.path,
            mend=message("encoding.mend"),
            rule="encoding",
        )
    # other errors than the library's own may quote a cell
    said = f": {error}" if isinstance(error, pyreadstat.ReadstatError) else ""
    return DataError(
        message(f"no-{kind.lower()}-file.problem", error=f"{type(error).__name__}{said}"),
        where=file.path,
        mend=message("get-file-again-whole.mend"),
        rule="unreadable-file",
    )


def _text(value: str | float, storage: str, stata_format: str) -> str:
    if isinstance(value, str):
        # numeric columns carry extended missing values as one letter
        return value if storage == "string" else f".{value}"
    number = float(value)
    if DAY_FORMAT.match(stata_format):
        return texts.day(number, since=EPOCH)
    if CLOCK_FORMAT.match(stata_format):
        return texts.moment(number / 1000, since=EPOCH)
    # a Stata float holds 0.1 as 0.10000000149011612: print what was typed
    if storage == "float" and not number.is_integer():
        return str(np.float32(number))
    return texts.number(number)


def _code(code: str | float) -> str:
    if isinstance(code, str):
        return code if code.startswith(".") else f".{code}"
    return texts.number(float(code))


def _single_precision(
    frame: pd.DataFrame, storage: Mapping[str, str], file: RawFile
) -> list[Finding]:
    """Whole numbers too large for single precision: ids that lost their last digits."""
    findings = []
    for name in (name for name in frame.columns if storage[name] == "float"):
        numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        rows = np.flatnonzero(np.abs(numbers) > LARGEST_SINGLE)
        if len(rows):
            findings.append(
                about_file(
                    file,
                    rule="lost-digits",
                    severity="warn",
                    line=int(rows[0]) + 1,
                    column=str(name),
                    problem=message(
                        "lost-digits.problem", n=len(rows), largest_single=f"{LARGEST_SINGLE:,}"
                    ),
                    mend=message("lost-digits.mend"),
                )
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
        raise DataError(
            message("no-time-stamp.problem"), where="Stata file", mend=message("report.mend")
        )
    return data[: found.start(1)] + FIXED_TIME + data[found.end(1) :]
