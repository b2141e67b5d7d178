"""Sheets of a workbook, or a CSV export of one, as text with the kind of each cell.

Configuration that people keep in a spreadsheet: survey forms and the dictionary. (Delivered data
is read by :mod:`evaluation.data.read`.) Nothing is guessed: what a spreadsheet may have changed, a
number, date or formula in a cell, is told by the cell's kind.
"""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import openpyxl
from openpyxl.utils import get_column_letter

from evaluation.data.workbook import quiet
from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.locale.outside import known

Kind = Literal["text", "number", "date", "logical", "formula", "error"]
# a form of a thousand questions unpacks to about 2 MB
LARGEST = 100 * 2**20
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """Text of a cell, and what the spreadsheet holds there."""

    text: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One row and its number, counted from 1 as the spreadsheet does."""

    number: int
    cells: tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its name, without rows that are empty; ``file`` is for messages."""

    file: str
    name: str
    lines: tuple[Line, ...]

    def where(self, row: int, column: int | str) -> str:
        """Place of a cell for messages: file, sheet, row, column letter or header."""
        named = column if isinstance(column, str) else get_column_letter(column + 1)
        return f"{self.file}: sheet {self.name}, row {row}, column {named}"


def read_workbook(
    data: bytes, file: str, *, formulas: Literal["as formulas", "as results"]
) -> dict[str, Sheet]:
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
        The file is no XLSX workbook, is damaged, or unpacks to more than 100 MB.
    """
    _check_archive(data, file)
    try:
        with quiet():
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=formulas == "as results"
            )
            return {
                sheet.title: Sheet(file, sheet.title, tuple(_lines(sheet)))
                for sheet in book.worksheets
            }
    # openpyxl lets errors of zip, XML, numbers and keys through, each of its own kind
    except (zipfile.BadZipFile, SyntaxError, ValueError, KeyError, TypeError, EOFError) as error:
        raise SpecError(
            message("workbook-cannot.problem", name=type(error).__name__),
            where=file,
            mend=message("open-spreadsheet.mend"),
        ) from None


def _check_archive(data: bytes, file: str) -> None:
    if data.startswith(OLD_EXCEL):
        raise SpecError(
            message("file-old-xls.problem"), where=file, mend=message("save-xlsx-without.mend")
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise SpecError(
            message("file-no-xlsx.problem"), where=file, mend=message("save-xlsx.mend")
        ) from None
    if size > LARGEST:
        raise SpecError(
            message("workbook-unpacks.problem", n=LARGEST // 2**20),
            where=file,
            mend=message("remove-pictures.mend"),
        )


def _lines(sheet: Any) -> Iterator[Line]:
    # a file may say wrongly how large its sheets are; then rows would be left out
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = tuple(_cell(cell) for cell in row)
        if any(cell.text.strip() for cell in cells):
            yield Line(number, cells)


def _cell(cell: Any) -> SheetCell:
    value = cell.value
    if value is None:
        return SheetCell("")
    if cell.data_type == "f":
        return SheetCell(str(value), "formula")
    if cell.data_type == "e":
        return SheetCell(str(value), "error")
    if isinstance(value, bool):
        return SheetCell("TRUE" if value else "FALSE", "logical")
    if isinstance(value, (int, float)):
        whole = float(value).is_integer() and abs(value) < 1e15
        return SheetCell(str(int(value)) if whole else repr(value), "number")
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return SheetCell(str(value), "date")
    return SheetCell(str(value))


def read_delimited(
    data: bytes, file: str, *, sheet: str, header: tuple[str, ...], above: int = 0
) -> Sheet:
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
        raise SpecError(
            message("first-line-does.problem"),
            where=f"{file}:1",
            mend=message("export-sheet-header.mend", header=", ".join(header[:4])),
        )
    # a header of one column fits every delimiter: then any will do
    delimiter = max(found, key=lambda d: len(first.split(d)))
    return Sheet(file, sheet, tuple(_delimited(text, file, delimiter)))


def _delimiters(line: str, header: tuple[str, ...]) -> list[str]:
    """Delimiters by which a line holds some of the columns."""
    return [d for d in (";", ",", "\t") if set(header) & {c.strip(' "\r') for c in line.split(d)}]


def _decoded(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpecError(
        message("file-neither.problem"), where=file, mend=message("export-csv-utf.mend")
    )


def _delimited(text: str, file: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                yield Line(number, tuple(SheetCell(cell) for cell in row))
    except csv.Error as error:
        raise SpecError(
            message("row-not-valid.problem", error=known(f"{error}")),
            where=f"{file}:{reader.line_num}",
            mend=message("export-sheet.mend"),
        ) from None
