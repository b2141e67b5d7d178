"""Sheets of workbooks as cells of text, each with its kind; and configuration kept in sheets.

Configuration that people keep in a spreadsheet: survey forms and the dictionary, also as a CSV
export. (Delivered data is read by :mod:`evaluation.data.readers.read`.) Nothing is guessed: what a
spreadsheet may have changed, a number, date or formula in a cell, is told by the cell's kind.
"""

import contextlib
import csv
import datetime
import functools
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import openpyxl
import python_calamine
from openpyxl.styles.numbers import is_datetime

from evaluation.config.manifest import RawFile
from evaluation.data.readers import raw_table
from evaluation.data.readers.workbook_layout import (
    DAMAGE,
    LARGEST_MB,
    SheetLayout,
    address,
    check_old,
    check_package,
    damaged,
    layout,
)
from evaluation.errors import DataError, SpecError
from evaluation.locale.messages import Message, message, outside

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
        self, data: bytes, where: str, *, largest_mb: int = LARGEST_MB, formulas: bool = False
    ) -> None:
        check_package(data, where, largest_mb)
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

    def layout(self, name: str) -> SheetLayout:
        """What the values of a sheet's cells do not show."""
        return layout(self._data, self._book[name]._worksheet_path, self._where)

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


class XlsxResults(Xlsx):
    """An .xlsx workbook whose values the faster library reads, ten times as fast.

    For large tables inside a sheet (registers). What that library does not tell, error cells and
    formulas without a result, is known from the sheet's layout.
    """

    def rows(self, name: str, marks: Marks = PLAIN) -> Iterator[Sequence[SheetCell]]:
        """Rows of a sheet from its first on, blank ones included."""
        book = _tried(self._where, python_calamine.load_workbook, io.BytesIO(self._data))
        yield from _calamine_rows(book, name, marks, self._where)


class Xls:
    """A workbook of the old format; see :class:`Xlsx`."""

    def __init__(self, data: bytes, where: str, *, largest_mb: int = LARGEST_MB) -> None:
        check_old(data, where, largest_mb)
        self._where = where
        self._book = _tried(where, python_calamine.load_workbook, io.BytesIO(data))
        sheets = self._book.sheets_metadata
        shown = python_calamine.SheetVisibleEnum.Visible
        cells = python_calamine.SheetTypeEnum.WorkSheet
        self.visible: Mapping[str, bool] = {s.name: s.visible == shown for s in sheets}
        self.tables = tuple(s.name for s in sheets if s.typ == cells)

    def layout(self, name: str) -> SheetLayout:
        """What the values do not show, as far as the library tells: size and merged cells."""
        sheet = _tried(self._where, self._book.get_sheet_by_name, name)
        merged = [
            f"{address(left, top + 1)}:{address(right, bottom + 1)}"
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        ]
        row, column = sheet.end or (-1, -1)
        return SheetLayout(merged=merged, last_row=row + 1, last_column=column + 1)

    def rows(self, name: str, marks: Marks = PLAIN) -> Iterator[Sequence[SheetCell]]:
        """Rows of a sheet from its first on, blank ones included."""
        yield from _calamine_rows(self._book, name, marks, self._where)


def _tried(where: str, step: Any, *arguments: Any, **options: Any) -> Any:
    try:
        return step(*arguments, **options)
    except (KeyboardInterrupt, SystemExit):
        raise
    # what the library's own language stops with is no Exception
    except BaseException as error:  # noqa: BLE001 (a panic)
        raise damaged(where, error) from None


def _calamine_rows(book: Any, name: str, marks: Marks, where: str) -> Iterator[Sequence[SheetCell]]:
    sheet = _tried(where, book.get_sheet_by_name, name)
    for values in _tried(where, sheet.to_python, skip_empty_area=False):
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
        shown = raw_table.number(value) if isinstance(value, float) else str(value)
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
        return raw_table.clock(round(seconds))
    if isinstance(value, datetime.timedelta):
        return raw_table.clock(round(value.total_seconds()))
    return str(value)


def _day(day: datetime.date, form: str) -> str:
    # not every system's clock knows days without their zeros
    whole = form.replace("%-d", str(day.day)).replace("%-m", str(day.month))
    return f"{day:{whole}}"


@functools.lru_cache(maxsize=256)
def _kind(number_format: str) -> str | None:
    return is_datetime(number_format)


def opened(data: bytes, file: RawFile) -> Xlsx | Xls:
    """The workbook of a manifest's entry.

    Raises
    ------
    DataError
        As :class:`Xlsx`.
    """
    kind: type[Xlsx | Xls] = Xlsx if file.table is None else XlsxResults
    if file.format == "xls":
        kind = Xls
    most = file.export.largest_mb if file.export is not None else LARGEST_MB
    return kind(data, file.path, largest_mb=most)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row and its number, counted from 1 as the spreadsheet does."""

    number: int
    cells: tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet by its name, without rows that are empty; ``file`` is for messages."""

    file: str
    name: str
    lines: tuple[SheetRow, ...]

    def where(self, row: int, column: int | str) -> Message:
        """Place of a cell for messages: file, sheet, row, column letter or header."""
        named = column if isinstance(column, str) else address(column, row).rstrip("0123456789")
        return place_in(self.file, self.name, row, named)


def place_in(file: str, sheet: str, row: int = 0, column: str = "") -> Message:
    """Where something stands in a workbook.

    Parameters
    ----------
    file, sheet : str
    row : int, optional
        Zero for the whole sheet.
    column : str, optional
        Letter or header; empty for the whole row.
    """
    made = message("place.sheet", file=file, sheet=sheet)
    made = message("place.row", sheet=made, row=row) if row else made
    return message("place.column", row=made, column=column) if column else made


def read_workbook(
    data: bytes, file: str, *, formulas: Literal["as formulas", "as results"]
) -> dict[str, ReadSheet]:
    """All sheets of an XLSX workbook by name, in its order.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name, for messages.
    formulas : {"as formulas", "as results"}
        ``as results`` reads what the spreadsheet program last computed (a form may build its
        labels); ``as formulas`` gives cells of kind formula.

    Raises
    ------
    SpecError
        The file is no XLSX workbook, is damaged, or unpacks to more than is allowed.
    """
    try:
        book = Xlsx(data, file, formulas=formulas == "as formulas")
        return {name: ReadSheet(file, name, tuple(_lines(book.rows(name)))) for name in book.tables}
    except DataError as error:
        fix = message("open-spreadsheet.fix")
        raise SpecError(error.problem, where=file, fix=fix) from None


def _lines(rows: Iterable[Sequence[SheetCell]]) -> Iterator[SheetRow]:
    for number, cells in enumerate(rows, start=1):
        if any(cell.text.strip() for cell in cells):
            yield SheetRow(number, tuple(cells))


def read_delimited(
    data: bytes, file: str, *, sheet: str, header: tuple[str, ...], above: int = 0
) -> ReadSheet:
    """A sheet that a spreadsheet program exported as CSV.

    Parameters
    ----------
    data : bytes
        The file: UTF-8, else Windows-1252, the two that spreadsheet programs write.
    file, sheet : str
        Names for messages.
    header : tuple of str
        Columns, some of which the first line must hold; they decide between ``;``, ``,`` and tab.
    above : int
        Lines that may stand above the header.

    Raises
    ------
    SpecError
        The first line holds none of the columns, the quotes do not close, or the bytes are in
        another encoding.
    """
    text = _decoded(data, file)
    tops = text.split("\n", above + 1)[: above + 1]
    first = next((top for top in tops if _delimiters(top, header)), "")
    found = _delimiters(first, header)
    if not found:
        raise SpecError.of(
            "first-line-does", "export-sheet-header", f"{file}:1", header=", ".join(header[:4])
        )
    # a header of one column fits every delimiter: then any will do
    delimiter = max(found, key=lambda d: len(first.split(d)))
    return ReadSheet(file, sheet, tuple(_delimited(text, file, delimiter)))


def _delimiters(line: str, header: tuple[str, ...]) -> list[str]:
    """Delimiters by which a line holds some of the columns."""
    return [d for d in (";", ",", "\t") if set(header) & {c.strip(' "\r') for c in line.split(d)}]


def _decoded(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpecError.of("file-neither", "export-csv-utf", file)


def _delimited(text: str, file: str, delimiter: str) -> Iterator[SheetRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from _lines([SheetCell(cell) for cell in row] for row in reader)
    except csv.Error as error:
        raise SpecError.of(
            "row-not-valid", "export-sheet", f"{file}:{reader.line_num}", error=outside(f"{error}")
        ) from None
