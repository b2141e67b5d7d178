"""The text of one cell of a workbook, and what is to be said of it."""

import datetime
import functools
import re
from typing import Any, Literal

from openpyxl.styles.numbers import is_datetime

from evaluation.data import texts

# characters that XML cannot hold stand as _x000D_
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
# a workbook keeps fifteen digits of a number
LARGEST_EXACT = 10**15
HALF_SECOND = datetime.timedelta(milliseconds=500)

Remark = Literal["", "number", "lost-digits", "error-cell"]


def text(cell: Any, marks: tuple[str, str] = (".", "%Y-%m-%d")) -> tuple[str, Remark]:
    """Text of a cell as the reading library gives it.

    Parameters
    ----------
    cell : openpyxl cell
        Read-only, with stored results in place of formulas.
    marks : tuple of str
        Decimal mark and form of days of the file's texts: numbers and days that the workbook holds
        as such are written in the same way, so that one column has one way of writing.

    Returns
    -------
    str, Remark
        A text exactly; a number in its shortest form; a date or moment with the day first in the
        declared form; a time in ISO form; TRUE or FALSE; an empty text for no value. And whether
        the cell holds a number, one of more digits than a workbook keeps, or the error of a
        formula.
    """
    value = cell.value
    if value is None:
        return "", ""
    if isinstance(value, str):
        if cell.data_type == "e":
            return value, "error-cell"
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value), ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE", ""
    if isinstance(value, (int, float)):
        shown = texts.number(value) if isinstance(value, float) else str(value)
        shown = shown.replace(".", marks[0])
        return shown, "lost-digits" if abs(value) >= LARGEST_EXACT else "number"
    return _calendar(value, cell.number_format, marks[1]), ""


def _calendar(value: object, number_format: str, form: str) -> str:
    if isinstance(value, datetime.datetime):
        # noise of the fraction of a day that a workbook stores
        rounded = (value + HALF_SECOND).replace(microsecond=0)
        bare = _kind(number_format) == "date" and rounded.time() == datetime.time()
        day = _day(rounded, form)
        return day if bare else f"{day} {rounded:%H:%M:%S}"
    if isinstance(value, datetime.date):
        return _day(value, form)
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return texts.clock(round(seconds))
    if isinstance(value, datetime.timedelta):
        return texts.clock(round(value.total_seconds()))
    return str(value)


def _day(day: datetime.date, form: str) -> str:
    # not every system's clock knows days without their zeros
    whole = form.replace("%-d", str(day.day)).replace("%-m", str(day.month))
    return f"{day:{whole}}"


@functools.lru_cache(maxsize=256)
def _kind(number_format: str) -> str | None:
    return is_datetime(number_format)
