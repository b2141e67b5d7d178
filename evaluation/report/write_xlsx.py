"""A table as a workbook, and all tables of a study as one with an index."""

import io
import itertools
import math
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluation.report import download_words, inert, words
from evaluation.report.inert import WIDEST
from evaluation.report.table import Cell, Row, Table

A4 = 9
# Columns of a table sheet before those of the table: row and group.
LEADING = 2
# Characters: of a line of notes, of a column nobody set, of a page whose letters can be read.
NOTE_WIDTH, DEFAULT_WIDTH, PAGE_WIDTH = 110, 8, 260
LINE_POINTS, SLACK = 15, 1.1
# The format takes 255 characters in the head of a page, the mark among them.
LONGEST_HEADER = 80


class _Looks:
    """Formats of one workbook; numbers of one kind share one, or the file would hold thousands."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.warning = book.add_format(
            {"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"}
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
        self.numbers: dict[str, Format] = {}

    def number(self, cell: Cell) -> Format:
        code = _number_format(cell)
        if code not in self.numbers:
            self.numbers[code] = self.book.add_format({"num_format": code})
        return self.numbers[code]


def to_xlsx(table: Table) -> bytes:
    """One sheet with the table and one with title, reading, notes, citation and hashes.

    The creation date is fixed: the file's bytes depend on the table alone. Text is written as
    text, so nothing in a label can become a formula or a link.
    """
    buffer = io.BytesIO()
    banner = words.banner(table.mark, table.language)
    book = inert.workbook(
        buffer, title=table.title, subject=table.id, comments=banner, status=table.mark
    )
    looks = _Looks(book)
    sheet = book.add_worksheet(download_words.TABLE_SHEET[table.language])
    _write_table(sheet, table, looks, first=0)
    notes = book.add_worksheet(download_words.NOTES_SHEET[table.language])
    notes.set_column(0, 0, 16)
    notes.set_column(1, 1, NOTE_WIDTH)
    _set_up_print(notes, table, named=table.id, head=0, width=16 + NOTE_WIDTH)
    for line, (name, content) in enumerate(_parts(table)):
        notes.write_string(line, 0, download_words.PARTS[name][table.language])
        notes.write_string(line, 1, content, looks.wrapped)
    book.close()
    return buffer.getvalue()


def to_workbook(tables: Sequence[Table], *, title: str) -> bytes:
    """All tables in one workbook: an index with links, then one sheet a table, by code.

    Each sheet has mark, title, code, notes and citation, so that one sent alone says what it is.
    Its only links lead from the index to the sheets and back.

    Parameters
    ----------
    tables : sequence of Table
        At least one, all of one study and in one language, each with its own code.
    title : str
        Title of the workbook: the study's.
    """
    buffer = io.BytesIO()
    mark, language = tables[0].mark, tables[0].language
    banner = words.banner(mark, language)
    book = inert.workbook(buffer, title=title, comments=banner, status=mark)
    looks = _Looks(book)
    index = book.add_worksheet(download_words.INDEX_SHEET[language])
    _write_index(index, tables, looks, title=title)
    for table in tables:
        sheet = book.add_worksheet(table.code)
        back = f"internal:'{download_words.INDEX_SHEET[language]}'!A1"
        sheet.write_url(0, 0, back, looks.link, download_words.BACK[language])
        line = _write_table(sheet, table, looks, first=1) + 1
        for name, content in _parts(table):
            sheet.write_string(line, 0, download_words.PARTS[name][language])
            _write_across(sheet, line, content, looks, widths=_widths(table))
            line += 1
    book.close()
    return buffer.getvalue()


def _write_index(sheet: Worksheet, tables: Sequence[Table], looks: _Looks, *, title: str) -> None:
    first = tables[0]
    language = first.language
    banner = words.banner(first.mark, language)
    line = 0
    if banner:
        sheet.write_string(0, 0, banner, looks.warning)
        line = 1
    sheet.write_string(line, 0, f"{title}. {download_words.ALL_TABLES[language]}", looks.title)
    for position, part in enumerate(("code", "id", "title", "reading", "citation")):
        sheet.write_string(line + 1, position, download_words.PARTS[part][language], looks.head)
    _set_up_print(sheet, first, named=title, head=line + 1, width=PAGE_WIDTH)
    sheet.freeze_panes(line + 2, 0)
    for position, width in enumerate((12, 28, WIDEST, WIDEST, WIDEST)):
        sheet.set_column(position, position, width)
    for offset, table in enumerate(tables, start=line + 2):
        sheet.write_url(offset, 0, f"internal:'{table.code}'!A1", looks.link, table.code)
        texts = (table.id, table.title, table.reading, table.citation)
        for position, text in enumerate(texts, start=1):
            sheet.write_string(offset, position, text, looks.wrapped)


def _write_table(sheet: Worksheet, table: Table, looks: _Looks, *, first: int) -> int:
    """Mark, title, heads, rows and citation from a line on; gives the line behind them."""
    banner = words.banner(table.mark, table.language)
    line = first
    if banner:
        sheet.write_string(line, 0, banner, looks.warning)
        line += 1
    sheet.write_string(line, 0, f"{table.called}: {table.title}", looks.title)
    lead = (download_words.ROW[table.language], download_words.GROUP[table.language])
    for position, label in enumerate((*lead, *(c.label for c in table.columns))):
        sheet.write_string(line + 1, position, label, looks.head)
    for offset, row in enumerate(table.rows):
        _write_row(sheet, line + 2 + offset, row, looks)
    sheet.freeze_panes(line + 2, LEADING + 1)
    widths = _widths(table)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)
    _set_up_print(sheet, table, named=table.id, head=line + 1, width=sum(widths))
    # pages to the right of the first begin with the columns that name the rows
    sheet.repeat_columns(0, LEADING)
    behind = line + 2 + len(table.rows)
    if not table.citation:
        return behind
    # inside the sheet that people copy from, below the rows
    sheet.write_string(behind, 0, table.citation)
    return behind + 1


def _widths(table: Table) -> list[int]:
    """Widths of the columns in characters, those of row and group first."""
    longest = (
        max((len(row.cells[i].text) for row in table.rows), default=10)
        for i, _ in enumerate(table.columns)
    )
    return [18] * LEADING + [min(max(length + 2, 12), WIDEST) for length in longest]


def _write_across(
    sheet: Worksheet, line: int, text: str, looks: _Looks, *, widths: Sequence[int]
) -> None:
    """A text behind the first column over as many others as make lines of a readable length."""
    behind = [*widths[1:], *[DEFAULT_WIDTH] * NOTE_WIDTH]
    reached = list(itertools.accumulate(behind))
    last = 1 + next(i for i, width in enumerate(reached) if width >= NOTE_WIDTH)
    sheet.merge_range(line, 1, line, last, text, looks.wrapped)
    # joined cells do not grow with their text
    sheet.set_row(line, LINE_POINTS * math.ceil((len(text) + 1) / reached[last - 1] * SLACK))


def _set_up_print(sheet: Worksheet, table: Table, *, named: str, head: int, width: int) -> None:
    """On paper: as few pages wide as can be read, ``head`` rows and the mark on each of them."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(math.ceil(width / PAGE_WIDTH), 0)
    sheet.repeat_rows(0, head)
    said = words.mark(table.mark, table.language)
    mark = f'&C&"Arial,Bold"&12{said}' if said else ""
    sheet.set_header(f"{mark}&R{named[:LONGEST_HEADER].replace('&', '&&')}")
    sheet.set_footer(f"&R{download_words.PAGES[table.language]}")


def _write_row(sheet: Worksheet, line: int, row: Row, looks: _Looks) -> None:
    sheet.write_string(line, 0, row.id)
    sheet.write_string(line, 1, row.group)
    for position, cell in enumerate(row.cells, start=LEADING):
        if cell.value is None or math.isinf(cell.value):
            sheet.write_string(line, position, cell.text)
        else:
            sheet.write_number(line, position, cell.value, looks.number(cell))


def _number_format(cell: Cell) -> str:
    if cell.value and not any(digit in cell.text for digit in "123456789"):
        return f'"{cell.text}"'  # spreadsheets would print a negative zero
    places = "0." + "0" * cell.decimals if cell.decimals else "0"
    grouped = places if cell.kind == "p_value" else f"#,##{places}"
    return f"+{grouped};-{grouped};{grouped}" if cell.kind == "effect" else grouped


def _parts(table: Table) -> list[tuple[str, str]]:
    """What stands around a table, each with its name in :data:`download_words.PARTS`."""
    banner = words.banner(table.mark, table.language)
    return [
        *([("synthetic", banner)] if banner else []),
        *([("code", table.code)] if table.code else []),
        ("id", table.id),
        ("title", table.title),
        ("reading", table.reading),
        *(("note", note) for note in table.notes),
        ("citation", table.citation),
        ("plan_hash", table.plan_hash),
        ("data_hash", table.data_hash),
        ("version", table.version),
    ]
