"""Sheets of a workbook: every cell as text, and a finding for what only a person can settle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evaluation.data import characters, workbook_layout
from evaluation.data.delivered import Delivered, NumberCells, reads
from evaluation.data.finding import LINE, about_file
from evaluation.data.workbook_cells import SheetCell, Xls, Xlsx
from evaluation.data.workbook_layout import Layout, address, refused
from evaluation.locale.messages import Message, message
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding, Severity

# more cells than any survey has: a sheet that fills the memory
MOST_CELLS = 100_000_000
# of a number, as a workbook keeps them
DIGITS = 15
# rule of cells: severity, problem and mend; the finding names column and first row
CELLS: dict[str, tuple[Severity, str, Message]] = {
    "error-cell": (
        "error",
        "error-cell.problem",
        message("get-export-server.mend"),
    ),
    "formula-without-value": (
        "error",
        "formula-without-value.problem",
        message("open-workbook-spreadsheet.mend"),
    ),
    "lost-digits": (
        "warn",
        "lost-digits-cell.problem",
        message("number-in-text-column.mend"),
    ),
    "ragged-row": (
        "error",
        "right-of-header.problem",
        message("take-away-what-not.mend"),
    ),
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
            message("workbook-no-sheet-cells.problem", sheet=repr(sheet), what=names or "none"),
            message("correct-manifest.mend") if names else message("save-ordinary.mend"),
        )
    found = book.layout(sheet)
    if found.last_row * found.last_column > MOST_CELLS:
        raise refused(
            file.path,
            "too-large",
            message(
                "sheet-rows-columns.problem",
                last_row=f"{found.last_row:,}",
                last_column=f"{found.last_column:,}",
            ),
            message("take-away-what.mend"),
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
            rule="hidden-sheet",
            severity="warn" if file.sheet in hidden else "info",
            problem=message("hidden-sheet.problem", names=", ".join(map(repr, hidden))),
            mend=message("hidden-sheet.mend"),
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
    mend = message("name-every-column-once.mend")
    raise refused(f"{file.path}:1", "header", problem, mend)


def _delivered(
    table: _Table, found: Layout, about_sheets: list[Finding], file: RawFile
) -> Delivered:
    if not table.header:
        raise refused(
            file.path,
            "empty-file",
            message("sheet-empty.problem"),
            message("get-the-file-again.mend"),
        )
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.header)
    frame = pd.DataFrame(
        {
            name: pd.array(column, dtype="str")
            for name, column in zip(table.header, columns, strict=True)
        }
    )
    frame[LINE] = pd.array(table.lines, dtype="int64")
    for row, column in found.without_value:
        if row > 1:
            table.note("formula-without-value", column - 1, row)
    findings = [*about_sheets, *workbook_layout.layout_findings(found, file, width=len(columns))]
    findings += _cell_findings(table, file)
    findings += _blank_rows(table, file)
    findings += characters.cell_findings(frame, file)
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
            rule=rule,
            severity=CELLS[rule][0],
            line=line,
            column=table.header[column] if column < width else "",
            problem=message(CELLS[rule][1], n=count, place=address(column, line)),
            mend=CELLS[rule][2],
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
            rule="rows-after-blank",
            severity="error",
            line=inside[0],
            problem=message("rows-after-blank.problem", after=after, n=len(inside))
            if after != 1
            else message("row-values-follows.problem", n=len(inside)),
            mend=message("rows-after-blank.mend"),
        )
    ]
