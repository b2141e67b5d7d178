"""Sheets of a workbook: every cell as text, and a finding for what only a person can settle."""

import contextlib
import datetime
import functools
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import openpyxl
import python_calamine
from openpyxl.styles.numbers import is_datetime

from evaluation.data.findings import about_file, refused
from evaluation.data.readers import decoding, raw_table, workbook_layout
from evaluation.data.readers import workbook_layout as parts
from evaluation.data.readers.raw_table import Delivered, NumberCells, reads
from evaluation.data.readers.workbook_layout import DAMAGE, Layout, address, damaged
from evaluation.locale.messages import message
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding, Severity

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


# more cells than any survey has: a sheet that fills the memory
MOST_CELLS = 100_000_000
# of a number, as a workbook keeps them
DIGITS = 15
# rule of cells: severity, problem and fix; the finding names column and first row
CELLS: dict[str, tuple[Severity, str, str]] = {
    "error-cell": ("error", "error-cell", "get-export-server"),
    "formula-without-value": ("error", "formula-without-value", "open-workbook-spreadsheet"),
    "lost-digits": ("warn", "lost-digits-cell", "number-in-text-column"),
    "ragged-row": ("error", "right-of-header", "take-away-what-not"),
}


@dataclass(slots=True, kw_only=True)
class _Table:
    """Rows as they are collected. ``seen``: by rule and column, first row and count."""

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    seen: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def note(self, rule: str, column: int, line: int) -> None:
        self.seen.setdefault((rule, column), [line, 0])[1] += 1
        if rule == "lost-digits":
            self.note("number", column, line)


@reads.named("xls")
@reads.named("xlsx")
def read(data: bytes, file: RawFile) -> Delivered:
    """Read one sheet of a workbook as text.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : RawFile
        Its entry in the manifest, with a sheet. The first row of the sheet is the header.

    Returns
    -------
    Delivered
        Text columns and ``__line__`` (the row's number): texts exactly; numbers in their shortest
        form, whole ones without a point; dates as ``2021-05-31``, moments to the whole second as
        ``2021-05-31 08:05:00``, both and the decimal mark as ``text_cells`` declares; times as
        ``08:05:00``; TRUE and FALSE; results of formulas as they were stored. Rows without any
        value are left out. Macros and links are not looked at.

    Raises
    ------
    DataError
        No workbook, a damaged or an oversized one; no such sheet; no header, a blank or repeated
        name in it.
    """
    book = opened(data, file)
    sheet = file.sheet or ""
    if sheet not in book.tables:
        names = ", ".join(repr(name) for name in book.visible)
        raise refused(
            file.path,
            "sheet",
            "workbook-no-sheet-cells",
            "correct-manifest" if names else "save-ordinary",
            sheet=repr(sheet),
            what=names or "none",
        )
    found = book.layout(sheet)
    if found.last_row * found.last_column > MOST_CELLS:
        raise refused(
            file.path,
            "too-large",
            "sheet-rows-columns",
            "take-away-what",
            last_row=f"{found.last_row:,}",
            last_column=f"{found.last_column:,}",
        )
    table = _Table()
    _collect(book.rows(sheet, file.marks), table, file)
    return _delivered(table, found, _sheet_findings(book, file), file)


def opened(data: bytes, file: RawFile) -> Xlsx | Xls:
    """The workbook of a manifest's entry.

    Raises
    ------
    DataError
        As :class:`Xlsx`.
    """
    kind = Xls if file.format == "xls" else Xlsx
    most = file.export.largest_mb if file.export is not None else workbook_layout.LARGEST_MB
    return kind(data, file.path, largest_mb=most)


def _sheet_findings(book: Xlsx | Xls, file: RawFile) -> list[Finding]:
    hidden = [name for name, visible in book.visible.items() if not visible]
    if not hidden:
        return []
    return [
        about_file(
            file,
            "hidden-sheet",
            "warn" if file.sheet in hidden else "info",
            names=", ".join(map(repr, hidden)),
        )
    ]


def _collect(rows: Iterable[Sequence[SheetCell]], table: _Table, file: RawFile) -> None:
    for line, cells in enumerate(rows, start=1):
        if line == 1:
            table.header.extend(_header(cells, file))
            continue
        row = [cell.text for cell in cells]
        for column, cell in enumerate(cells):
            if cell.kind == "error":
                table.note("error-cell", column, line)
            elif cell.kind == "number":
                whole = cell.text.lstrip("-").partition(file.marks[0])[0]
                table.note("number" if len(whole) <= DIGITS else "lost-digits", column, line)
        if not any(row):
            table.blank.append(line)
            continue
        width = len(table.header)
        beyond = next((i for i, text in enumerate(row[width:], start=width) if text), None)
        if beyond is not None:
            table.note("ragged-row", beyond, line)
        table.rows.append(row[:width] + [""] * (width - len(row)))
        table.lines.append(line)


def _header(cells: Sequence[SheetCell], file: RawFile) -> list[str]:
    names = [cell.text for cell in cells]
    while names and not names[-1]:
        names.pop()
    blank = [column for column, name in enumerate(names) if not name.strip()]
    first: dict[str, int] = {}
    again = [column for column, name in enumerate(names) if first.setdefault(name, column) < column]
    # by position: in place of the header may stand a row of answers
    if not names:
        problem = message("first-row-sheet.problem")
    elif blank:
        problem = message("cell-header-blank.problem", address=address(blank[0], 1))
    elif again:
        columns = address(first[names[again[0]]], 1), address(again[0], 1)
        problem = message("cells-header.problem", columns=columns[0], columns_other=columns[1])
    else:
        return names
    fix = message("name-every-column-once.fix")
    raise refused(f"{file.path}:1", "header", problem, fix)


def _delivered(
    table: _Table, found: Layout, about_sheets: list[Finding], file: RawFile
) -> Delivered:
    if not table.header:
        raise refused(file.path, "empty-file", "sheet-empty", "get-the-file-again")
    frame = raw_table.text_frame(table.header, table.rows, table.lines)
    for row, column in found.without_value:
        if row > 1:
            table.note("formula-without-value", column - 1, row)
    findings = [
        *about_sheets,
        *workbook_layout.layout_findings(found, file, width=len(table.header)),
    ]
    findings += _cell_findings(table, file)
    findings += _blank_rows(table, file)
    findings += decoding.cell_findings(frame, file)
    numbers = {
        name: NumberCells(
            line=table.seen["number", i][0],
            count=table.seen["number", i][1],
            of=int((frame[name] != "").sum()),
        )
        for i, name in enumerate(table.header)
        if ("number", i) in table.seen
    }
    return Delivered(frame=frame, numbers=numbers, findings=findings)


def _cell_findings(table: _Table, file: RawFile) -> list[Finding]:
    width = len(table.header)
    return [
        about_file(
            file,
            rule,
            *CELLS[rule],
            line=line,
            column=table.header[column] if column < width else "",
            n=count,
            place=address(column, line),
        )
        for (rule, column), (line, count) in sorted(table.seen.items())
        if rule in CELLS
    ]


def _blank_rows(table: _Table, file: RawFile) -> list[Finding]:
    """Rows without a value that others follow: below them may stand totals or another table."""
    inside = [line for line in table.blank if table.lines and line < table.lines[-1]]
    if not inside:
        return []
    after = sum(line > inside[0] for line in table.lines)
    return [
        about_file(
            file,
            "rows-after-blank",
            "error",
            message("rows-after-blank.problem", after=after, n=len(inside))
            if after != 1
            else message("row-values-follows.problem", n=len(inside)),
            line=inside[0],
        )
    ]
