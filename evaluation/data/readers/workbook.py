"""Delivered workbooks: a sheet as text, and a finding for what only a person can settle."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evaluation.config.file_layout import TextCells
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.data.readers import decoding, dialect_evidence, raw_table, survey_export
from evaluation.data.readers.raw_table import Delivered, NumberCells, reads
from evaluation.data.readers.sheet_table import InnerTable
from evaluation.data.readers.sheets import SheetCell, Xls, Xlsx, opened
from evaluation.data.readers.workbook_layout import address, layout_findings
from evaluation.estimation.records import Finding

NO_SHEET = Rule("sheet", "error", "workbook-no-sheet-cells", "correct-manifest")
NO_SHEETS = Rule("sheet", "error", "workbook-no-sheet-cells", "save-ordinary")
NO_NAMES = Rule("header", "error", "first-row-sheet", "name-every-column-once")
BLANK_NAME = Rule("header", "error", "cell-header-blank", "name-every-column-once")
REPEATED_NAME = Rule("header", "error", "cells-header", "name-every-column-once")
ROWS_AFTER_BLANK = Rule("rows-after-blank", "error")
ROW_AFTER_BLANK = Rule("rows-after-blank", "error", "row-values-follows")
SHEET_ROWS_COLUMNS = Rule("too-large", "error", "sheet-rows-columns", "take-away-what")
SHEET_EMPTY = Rule("empty-file", "error", "sheet-empty", "get-the-file-again")

# more cells than any survey has: a sheet that fills the memory
MOST_CELLS = 100_000_000
# of a number, as a workbook keeps them
DIGITS = 15
# rules of cells by id: the finding names column and first row
CELLS = {
    rule.id: rule
    for rule in (
        Rule("error-cell", "error", fix="get-export-server"),
        Rule("formula-without-value", "error", fix="open-workbook-spreadsheet"),
        Rule("lost-digits", "warn", "lost-digits-cell", "number-in-text-column"),
        Rule("ragged-row", "error", "right-of-header", "take-away-what-not"),
    )
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
    """Read the sheet of a workbook, and those of its declared repeats; see `read_sheet`.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : RawFile
        Its entry in the manifest.
    """
    main = read_sheet(data, file)
    repeats = file.export.repeat if file.export is not None else ()
    named = {repeat.member: survey_export.member_of(file, repeat.member) for repeat in repeats}
    read_too = {
        name: read_sheet(data, replace(part, sheet=name, table=None))
        for name, part in named.items()
    }
    return replace(main, repeats=read_too)


def read_sheet(data: bytes, file: RawFile) -> Delivered:
    """Read one sheet of a workbook as text.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : RawFile
        Its entry in the manifest, with a sheet. The first row of the sheet is the header, or the
        head of the ``table`` that is declared inside it.

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
        rule = NO_SHEET if names else NO_SHEETS
        raise rule.refused(file.path, sheet=repr(sheet), what=names or "none")
    found = book.layout(sheet)
    if found.last_row * found.last_column > MOST_CELLS:
        rows, columns = f"{found.last_row:,}", f"{found.last_column:,}"
        raise SHEET_ROWS_COLUMNS.refused(file.path, last_row=rows, last_column=columns)
    table, inner = _Table(), InnerTable(file=file)
    lines = enumerate(book.rows(sheet, file.marks), start=1)
    _collect(lines if file.table is None else inner.rows(lines), table, file)
    about = list(_sheet_findings(book, file))
    first, last = (1, found.last_row) if file.table is None else (inner.head, inner.last)
    for row, column in found.without_value:
        if first < row <= last or row == inner.total_line:
            table.note("formula-without-value", column - 1, row)
    width = len(table.header)
    if file.table is None:
        about += layout_findings(found, file, width=width)
        return _delivered(table, file, *about)
    for row, column in found.errors:
        if first <= row <= last or row == inner.total_line:
            table.note("error-cell", column - 1, row)
    about += layout_findings(found, file, width=width, lines=(first, last))
    about += inner.findings(_cells_of(table, file.table.summed))
    return _delivered(table, file, *about)


def _cells_of(table: _Table, name: str) -> list[str]:
    if name not in table.header:
        return []
    place = table.header.index(name)
    return [row[place] for row in table.rows]


def _sheet_findings(book: Xlsx | Xls, file: RawFile) -> Iterator[Finding]:
    hidden = [name for name, visible in book.visible.items() if not visible]
    if hidden:
        rule = Rule("hidden-sheet", "warn" if file.sheet in hidden else "info")
        yield rule.about(file, names=", ".join(map(repr, hidden)))


def _collect(
    lines: Iterable[tuple[int, Sequence[SheetCell]]], table: _Table, file: RawFile
) -> None:
    for line, cells in lines:
        if not table.header:
            table.header.extend(_header(cells, file, line))
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


def _header(cells: Sequence[SheetCell], file: RawFile, line: int) -> list[str]:
    names = [cell.text for cell in cells]
    while names and not names[-1]:
        names.pop()
    blank = [column for column, name in enumerate(names) if not name.strip()]
    first: dict[str, int] = {}
    again = [column for column, name in enumerate(names) if first.setdefault(name, column) < column]
    # by position: in place of the header may stand a row of answers
    if not names:
        raise NO_NAMES.refused(file.path, line)
    if blank:
        raise BLANK_NAME.refused(file.path, line, address=address(blank[0], line))
    if again:
        columns, columns_other = (address(i, line) for i in (first[names[again[0]]], again[0]))
        raise REPEATED_NAME.refused(file.path, line, columns=columns, columns_other=columns_other)
    return names


def _delivered(table: _Table, file: RawFile, *about_sheet: Finding) -> Delivered:
    if not table.header:
        raise SHEET_EMPTY.refused(file.path)
    frame = raw_table.text_frame(table.header, table.rows, table.lines)
    numbers = {
        name: NumberCells(line=cells[0], count=cells[1], of=int((frame[name] != "").sum()))
        for i, name in enumerate(table.header)
        if (cells := table.seen.get(("number", i)))
    }
    findings = [
        *about_sheet,
        *_cell_findings(table, file),
        *_blank_rows(table, file),
        *decoding.cell_findings(frame, file),
    ]
    return Delivered(frame=frame, numbers=numbers, findings=findings)


def _cell_findings(table: _Table, file: RawFile) -> Iterator[Finding]:
    width = len(table.header)
    for (rule, column), (line, count) in sorted(table.seen.items()):
        if rule in CELLS:
            name = table.header[column] if column < width else ""
            yield CELLS[rule].about(file, name, line, n=count, place=address(column, line))


def _blank_rows(table: _Table, file: RawFile) -> Iterator[Finding]:
    """Rows without a value that others follow: below them may stand totals or another table."""
    inside = [line for line in table.blank if table.lines and line < table.lines[-1]]
    after = sum(line > inside[0] for line in table.lines) if inside else 0
    if after == 1:
        yield ROW_AFTER_BLANK.about(file, "", inside[0], n=len(inside))
    elif after:
        yield ROWS_AFTER_BLANK.about(file, "", inside[0], after=after, n=len(inside))


def read_as_seen(data: bytes, file: RawFile) -> tuple[Delivered, dict[str, dialect_evidence.Guess]]:
    """Read a sheet as its own text cells suggest, for a draft; and what they suggest.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : RawFile
        A bare entry with a sheet.

    Raises
    ------
    DataError
        As the reader of workbooks.
    """
    table = read(data, file)
    guesses = dialect_evidence.examine_text_cells(table)
    if not guesses:
        return table, guesses
    values: dict[str, Any] = {key: guess.value for key, guess in guesses.items()}
    # again: numbers that the workbook holds as such are then written like the others
    return read(data, replace(file, text_cells=TextCells(**values))), guesses
