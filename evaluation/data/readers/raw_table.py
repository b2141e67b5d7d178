"""What a reader of one format hands over: numbers, days and clocks as text, own labels."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from evaluation.config.manifest import FORMATS, RawFile
from evaluation.data import readers
from evaluation.data.findings import LINE
from evaluation.estimation.records import Finding
from evaluation.registry import Registry


def number(value: float) -> str:
    """Shortest text of a number that reads back as the same number; whole ones have no point."""
    return str(int(value)) if value.is_integer() else repr(value)


def day(value: float, *, since: datetime.datetime) -> str:
    """Text ``2021-05-31`` of a number of days; the number where no calendar has such a day."""
    try:
        return (since + datetime.timedelta(days=value)).strftime("%Y-%m-%d")
    except (OverflowError, ValueError):
        return number(value)


def moment(seconds: float, *, since: datetime.datetime) -> str:
    """Text ``2021-05-31 08:05:00``; the number where no calendar has such a day."""
    try:
        return (since + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError):
        return number(seconds)


def clock(seconds: float) -> str:
    """Text ``08:05:00`` of a time of day or a length of time; hours may pass 24."""
    sign = "-" if seconds < 0 else ""
    whole = int(abs(seconds))
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def column(cells: pd.Series, text: Callable[[object], str]) -> pd.Series:
    """Text of every cell; each distinct value is turned once, blanks are empty texts."""
    positions, values = pd.factorize(cells, use_na_sentinel=True)
    known = np.array([*(text(value) for value in values), ""], dtype=object)
    return pd.Series(known[positions], dtype="str")


def text_frame(
    header: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int]
) -> pd.DataFrame:
    """Text columns and ``__line__`` from rows as wide as the header, and the line of each."""
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    frame = pd.DataFrame(
        {name: pd.array(column, dtype="str") for name, column in zip(header, columns, strict=True)}
    )
    frame[LINE] = pd.array(lines, dtype="int64")
    return frame


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMissing:
    """Codes of one column that the file itself calls missing.

    Attributes
    ----------
    codes : tuple of str
        Single codes, as they stand in the cells.
    ranges : tuple of (float, float)
        Lowest and highest value of a range, both included; infinite where the file says so.
    """

    codes: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()

    def holds(self, text: str) -> bool:
        """Whether the file calls a cell of this text missing."""
        if text in self.codes:
            return True
        try:
            number = float(text)
        except ValueError:
            return False
        return any(low <= number <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCells:
    """Cells of one column of a workbook that hold numbers, not text.

    Attributes
    ----------
    line : int
        Row of the first of them.
    count, of : int
        How many there are, of how many cells that are not blank.
    """

    line: int
    count: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One raw file as its reader hands it over.

    Attributes
    ----------
    frame : DataFrame, rows x (columns + 1)
        Every cell as text, and ``__line__``.
    labels : mapping of column to mapping of code to label
        Value labels that came with the file.
    unlabelled : tuple of str
        Numeric columns without value labels, in a format that can hold them.
    variable_labels : mapping of column to str
        What the file calls its columns.
    user_missing : mapping of column to UserMissing
        What the file itself calls missing.
    numbers : mapping of column to NumberCells
        Columns of a workbook with cells that hold numbers.
    findings : sequence of Finding
        What reading had to say.
    repeats : mapping of name to Delivered
        Tables of repeat groups that lie beside it in the file.
    """

    frame: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
    variable_labels: Mapping[str, str] = field(default_factory=dict)
    user_missing: Mapping[str, UserMissing] = field(default_factory=dict)
    numbers: Mapping[str, NumberCells] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    repeats: Mapping[str, "Delivered"] = field(default_factory=dict)


# What reads each format, marked ``@reads.named("<format>")``: from bytes, delimited text from what
# gives some of them at a time.
reads: Registry[Callable[[Any, RawFile], Delivered]] = Registry(FORMATS, readers)
