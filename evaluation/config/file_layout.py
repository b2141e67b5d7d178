"""How a delivered file is written: layout of an export, signs of a text, table in a sheet, days.

A clock is taken as it is written, which is that of the place of the interview: an offset from
Greenwich behind it (``-05:00``) moves nothing. The clock of Greenwich itself (``Z``) is refused:
its day may be another.
"""

import datetime
import functools
import re
from dataclasses import dataclass, field
from typing import Literal

from evaluation.config.toml_reader import Text

DateForm = Literal["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%-d/%-m/%Y", "%-m/%-d/%Y", "%b %-d, %Y"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ISO: DateForm = "%Y-%m-%d"
# how days look in each form; with a minus, day and month may lack their zeros
DAYS: dict[DateForm, str] = {
    ISO: r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
    "%d/%m/%Y": r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4})",
    "%m/%d/%Y": r"(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d{4})",
    "%-d/%-m/%Y": r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})",
    "%-m/%-d/%Y": r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})",
    "%b %-d, %Y": rf"(?P<month>{'|'.join(MONTHS)}) (?P<day>\d\d?), (?P<year>\d{{4}})",
}
# behind a day: to the second; of SurveyCTO with AM or PM; of ODK and KoBo with an offset
CLOCK = r" (?P<clock>([01]\d|2[0-3]):[0-5]\d:[0-5]\d)"
HALF_DAYS = r" (?P<hour>1[0-2]|0?[1-9]):(?P<rest>[0-5]\d:[0-5]\d) (?P<half>[AP]M)"
WITH_OFFSET = r"T(?P<clock_>([01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?([+-]\d\d:?\d\d)?"


@functools.lru_cache(maxsize=4096)
def day(text: str, form: DateForm) -> datetime.date | None:
    """Day of a text written exactly so; None where it is not. A survey has few days.

    Parameters
    ----------
    text : str
        A cell.
    form : str
        As the file's dialect declares it.
    """
    found = re.fullmatch(DAYS[form], text, re.ASCII)
    return None if found is None else _day(found)


def moment(text: str, form: DateForm) -> datetime.datetime | None:
    """Day and clock of a text; None where it is not written so.

    Parameters
    ----------
    text, form : str
        As for :func:`day`.
    """
    found = re.fullmatch(_moments(form), text, re.ASCII)
    date = None if found is None else _day(found)
    if found is None or date is None:
        return None
    parts = found.groupdict()
    clock = parts["clock"] or parts.get("clock_")
    if clock is None:
        hour = int(parts["hour"]) % 12 + 12 * (parts["half"] == "PM")
        clock = f"{hour:02d}:{parts['rest']}"
    return datetime.datetime.combine(date, datetime.time.fromisoformat(clock))


@functools.cache
def _moments(form: DateForm) -> str:
    other = WITH_OFFSET if form == ISO else HALF_DAYS
    return f"{DAYS[form]}(?:{CLOCK}|{other})"


def _day(found: re.Match[str]) -> datetime.date | None:
    name = found["month"]
    month = MONTHS.index(name) + 1 if name in MONTHS else int(name)
    try:
        return datetime.date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None


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
    """A repeat group in a file or sheet of its own, one row for each repetition.

    Attributes
    ----------
    member : str
        Its file in the archive, or its sheet in the workbook.
    parent, key : str
        Column of the repeat that names the interview, and the interviews' own column.
    most : int
        Largest number of repetitions; column ``age`` becomes ``age_1`` to ``age_<most>``.
    """

    member: str
    parent: str
    key: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOf:
    """Rows that an entry reads of a file that holds several rounds.

    Attributes
    ----------
    column : str
        Raw column that tells the rounds apart.
    values : tuple of str
        Its values in the rows of this entry.
    others : tuple of str
        Its values in rows of other entries. Any other value is an error: no row is lost unseen.
    """

    column: str
    values: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Rows that are left out by rule, counted in the sample flow under the reason.

    Attributes
    ----------
    column : str
        Raw column.
    values : tuple of str
        Rows with one of them go, whatever else they hold: a pilot, a test, a municipality.
    reason : Text
    """

    column: str
    values: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionReview:
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
    review: SubmissionReview | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited text file is written. Declared by a person, never guessed.

    In ``%-d/%-m/%Y`` day and month may lack their zeros (5/3/2022), as Excel writes them in many
    countries; ``%b %-d, %Y`` is how SurveyCTO does (``Feb 1, 2024 8:00:00 AM``).
    """

    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
    delimiter: Literal[",", ";", "\t"]
    decimal: Literal[".", ","]
    date: DateForm = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCells:
    """How numbers and days are written where a workbook holds them as text. Never guessed."""

    decimal: Literal[".", ","]
    date: DateForm = "%Y-%m-%d"


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
