"""How a delivered file is written: layout of an export, signs of a text, table in a sheet."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectMultiple:
    """One question with several answers.

    Attributes
    ----------
    column : str
        The question's raw column, after group names are dropped.
    layout : {"one column", "many columns", "both"}
        ``one column`` holds the chosen codes, separated by blanks; ``many columns`` are one 0/1
        column for each code, named ``<column><join><code>``; ``both`` holds both, and they agree.
    codes : tuple of str
        All codes of the list, in its order.
    join : {"_", "/"}
        Between column and code in the names of many columns; the clean raw names have ``_``.
    """

    column: str
    layout: Literal["one column", "many columns", "both"]
    codes: tuple[str, ...]
    join: Literal["_", "/"] = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A repeat group in a file of its own, one row for each repetition.

    Attributes
    ----------
    member : str
        Its file in the archive.
    parent, key : str
        Column of the repeat file that names the interview, and the interviews' own column.
    most : int
        Largest number of repetitions; column ``age`` becomes ``age_1`` to ``age_<most>``.
    """

    member: str
    parent: str
    key: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Submissions that the office refused: set aside and counted, never mixed with the others."""

    column: str
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The layout of one export.

    Attributes
    ----------
    member : str
        File of the interviews inside a zip archive; empty where the file is no archive.
    ignore_members : tuple of str
        Patterns of further members that nobody uses (media, audit files).
    largest_mb : int
        Most that the archive may hold when unpacked, in megabytes.
    groups : {"keep", "drop /", "drop -", "drop :"}
        Whether column names carry their groups (``household/age``), and what to do with them.
    """

    member: str = ""
    ignore_members: tuple[str, ...] = ()
    largest_mb: int = 200
    groups: Literal["keep", "drop /", "drop -", "drop :"] = "keep"
    select_multiple: tuple[SelectMultiple, ...] = ()
    repeat: tuple[Repeat, ...] = ()
    review: Review | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited text file is written. Declared by a person, never guessed.

    In ``%-d/%-m/%Y`` day and month may lack their zeros (5/3/2022), as Excel in Colombia writes.
    """

    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
    delimiter: Literal[",", ";", "\t"]
    decimal: Literal[".", ","]
    date: Literal["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%-d/%-m/%Y"] = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCells:
    """How numbers and days are written where a workbook holds them as text. Never guessed."""

    decimal: Literal[".", ","]
    date: Literal["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%-d/%-m/%Y"] = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """A table in a sheet that holds other things above and below it: titles, a total, signatures.

    The head is the first row that holds the names of ``head``; blanks around its names are taken
    off. The table ends above the row of the total or, where there is none, above the first row
    with one filled cell or none. What lies below never leaves the reader.

    Attributes
    ----------
    head : tuple of str
        Names by which the head row is found.
    title : str
        What a cell above the head says, blanks around it apart: another title is another count.
    total : str
        What the first cell of the row of the total says; empty where the table has none.
    summed : str
        Column whose sum stands there.
    digits : dict of str to int
        Digits of columns of codes. A number that is one digit short lost its first zero and gets
        it back; texts stay as they are.
    """

    head: tuple[str, ...]
    title: str = ""
    total: str = ""
    summed: str = ""
    digits: dict[str, int] = field(default_factory=dict)
