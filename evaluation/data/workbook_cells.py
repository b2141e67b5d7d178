"""The one door to workbooks: .xlsx by openpyxl, .xls by python-calamine, every cell as text.

python-calamine gives the error of a formula, and a formula without a stored result, as a blank.
So a blank of an .xls file means something only where the dictionary declares one; elsewhere it is
a flaw. For .xlsx both kinds of cell are told.
"""

import contextlib
import datetime
import functools
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import openpyxl
import python_calamine
from openpyxl.styles.numbers import is_datetime

from evaluation.data import texts
from evaluation.data import workbook_layout as parts
from evaluation.data.workbook_layout import DAMAGE, Layout, damaged

# characters that XML cannot hold stand as _x000D_
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
HALF_SECOND = datetime.timedelta(milliseconds=500)
# decimal mark and form of days
Marks = tuple[str, str]
PLAIN: Marks = (".", "%Y-%m-%d")
Kind = Literal["text", "number", "date", "logical", "formula", "error"]


@dataclass(frozen=True, slots=True)
class SheetCell:
    """Text of a cell, and what the spreadsheet holds there."""

    text: str
    kind: Kind = "text"


EMPTY = SheetCell("")


class Xlsx:
    """An .xlsx workbook.

    Parameters
    ----------
    data : bytes
    where : str
        Its name, for messages.
    largest_mb : int
        How much it may unpack to.
    formulas : bool
        Formulas in place of their stored results.

    Attributes
    ----------
    visible : mapping of str to bool
        Whether each sheet is, by name and in order.
    tables : tuple of str
        Names of the sheets of cells.

    Raises
    ------
    DataError
        No workbook, a damaged, an encrypted or an oversized one.
    """

    def __init__(
        self, data: bytes, where: str, *, largest_mb: int = parts.LARGEST_MB, formulas: bool = False
    ) -> None:
        parts.check_package(data, where, largest_mb)
        self._data, self._where = data, where
        try:
            with _quiet():
                self._book = openpyxl.load_workbook(
                    io.BytesIO(data), read_only=True, data_only=not formulas, keep_links=False
                )
        except DAMAGE as error:
            raise damaged(where, error) from None
        names = self._book.sheetnames
        self.visible = {name: self._book[name].sheet_state == "visible" for name in names}
        self.tables = tuple(sheet.title for sheet in self._book.worksheets)

    def layout(self, name: str) -> Layout:
        """What the values of a sheet's cells do not show."""
        return parts.layout(self._data, self._book[name]._worksheet_path, self._where)

    def rows(self, name: str, marks: Marks = PLAIN) -> Iterator[Sequence[SheetCell]]:
        """Rows of a sheet from its first on, blank ones included."""
        sheet = self._book[name]
        # the sheet's own word for its size would cut rows off
        sheet.reset_dimensions()
        rows = sheet.iter_rows()
        while True:
            try:
                with _quiet():
                    cells = next(rows, None)
            except DAMAGE as error:
                raise damaged(self._where, error) from None
            if cells is None:
                return
            yield [_cell(cell, marks) for cell in cells]


class Xls:
    """A workbook of the old format; see :class:`Xlsx`."""

    def __init__(self, data: bytes, where: str, *, largest_mb: int = parts.LARGEST_MB) -> None:
        parts.check_old(data, where, largest_mb)
        self._where = where
        self._book = self._tried(python_calamine.load_workbook, io.BytesIO(data))
        sheets = self._book.sheets_metadata
        shown = python_calamine.SheetVisibleEnum.Visible
        cells = python_calamine.SheetTypeEnum.WorkSheet
        self.visible: Mapping[str, bool] = {s.name: s.visible == shown for s in sheets}
        self.tables = tuple(s.name for s in sheets if s.typ == cells)

    def _tried(self, step: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return step(*arguments, **options)
        except (KeyboardInterrupt, SystemExit):
            raise
        # what the library's own language stops with is no Exception
        except BaseException as error:  # noqa: BLE001 (a panic)
            raise damaged(self._where, error) from None

    def layout(self, name: str) -> Layout:
        """What the values do not show, as far as the library tells: size and merged cells."""
        sheet = self._tried(self._book.get_sheet_by_name, name)
        merged = [
            f"{parts.address(left, top + 1)}:{parts.address(right, bottom + 1)}"
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        ]
        row, column = sheet.end or (-1, -1)
        return Layout(merged=merged, last_row=row + 1, last_column=column + 1)

    def rows(self, name: str, marks: Marks = PLAIN) -> Iterator[Sequence[SheetCell]]:
        """Rows of a sheet from its first on, blank ones included."""
        sheet = self._tried(self._book.get_sheet_by_name, name)
        for values in self._tried(sheet.to_python, skip_empty_area=False):
            yield [_shown(value, marks, bare=True) for value in values]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's warnings about parts that are not read: styles, extensions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _cell(cell: Any, marks: Marks) -> SheetCell:
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type in ("e", "f"):
        return SheetCell(str(value), "error" if cell.data_type == "e" else "formula")
    if isinstance(value, str):
        return SheetCell(ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
    return _shown(value, marks, bare=_kind(cell.number_format) == "date")


def _shown(value: object, marks: Marks, *, bare: bool) -> SheetCell:
    """A text exactly; a number in its shortest form; a moment with the day in the declared form.

    Parameters
    ----------
    value : object
        As a library gives it.
    marks : tuple of str
        Numbers and days that the workbook holds as such are written as its texts are, so that one
        column has one way of writing.
    bare : bool
        Midnight is a day.
    """
    if isinstance(value, str):
        return SheetCell(value) if value else EMPTY
    if isinstance(value, bool):
        return SheetCell("TRUE" if value else "FALSE", "logical")
    if isinstance(value, (int, float)):
        shown = texts.number(value) if isinstance(value, float) else str(value)
        return SheetCell(shown.replace(".", marks[0]), "number")
    return SheetCell(_calendar(value, marks[1], bare=bare), "date")


def _calendar(value: object, form: str, *, bare: bool) -> str:
    if isinstance(value, datetime.datetime):
        # noise of the fraction of a day that a workbook stores
        rounded = (value + HALF_SECOND).replace(microsecond=0)
        day = _day(rounded, form)
        return day if bare and rounded.time() == datetime.time() else f"{day} {rounded:%H:%M:%S}"
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
