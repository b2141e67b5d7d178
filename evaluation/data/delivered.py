"""What a reader of one format hands over: text, and what the file says of its own columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evaluation import data
from evaluation.registry import Registry
from evaluation.spec.manifest import FORMATS, RawFile
from evaluation.spec.records import Finding


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


# What reads each format, marked ``@reads.named("<format>")``.
reads: Registry[Callable[[bytes, RawFile], Delivered]] = Registry(
    FORMATS, data, beginning=("read", "spss", "stata", "workbook")
)
