"""Sheets of a workbook, or a CSV export of one, as text with the kind of each cell.

Configuration that people keep in a spreadsheet: survey forms and the dictionary. (Delivered data
is read by :mod:`evaluation.data.readers.read`.) Nothing is guessed: what a spreadsheet may have
changed, a number, date or formula in a cell, is told by the cell's kind.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.data.readers.workbook import SheetCell, Xlsx
from evaluation.data.readers.workbook_layout import address
from evaluation.errors import DataError, SpecError
from evaluation.locale.messages import Message, message
from evaluation.locale.outside import known


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
        The file is no XLSX workbook, is damaged, or unpacks to more than is allowed.
    """
    try:
        book = Xlsx(data, file, formulas=formulas == "as formulas")
        return {name: Sheet(file, name, tuple(_lines(book.rows(name)))) for name in book.tables}
    except DataError as error:
        fix = message("open-spreadsheet.fix")
        raise SpecError(error.problem, where=file, fix=fix) from None


def _lines(rows: Iterable[Sequence[SheetCell]]) -> Iterator[Line]:
    for number, cells in enumerate(rows, start=1):
        if any(cell.text.strip() for cell in cells):
            yield Line(number, tuple(cells))


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
        raise SpecError.of(
            "first-line-does", "export-sheet-header", f"{file}:1", header=", ".join(header[:4])
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
    raise SpecError.of("file-neither", "export-csv-utf", file)


def _delimited(text: str, file: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from _lines([SheetCell(cell) for cell in row] for row in reader)
    except csv.Error as error:
        raise SpecError.of(
            "row-not-valid", "export-sheet", f"{file}:{reader.line_num}", error=known(f"{error}")
        ) from None
