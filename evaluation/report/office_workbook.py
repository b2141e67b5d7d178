"""The office's workbook as bytes: text in every cell, lists to choose from, a header that stays.

Same sheets, same bytes. Nothing in a cell can become a number, a date, a link or a formula.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluation.report import inert
from evaluation.report.inert import WIDEST

# rows below the last that have the list too: the office may add some
SPARE = 500
# what a person may still do to a sheet whose header is protected
ALLOWED = {
    "sort": True,
    "autofilter": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSheet:
    """One sheet.

    Attributes
    ----------
    header : tuple of str
        First row, or the first below the notes.
    rows : sequence of sequence of str
        All of the header's length.
    notes : tuple of str
        Lines above the header; none on a sheet that is read back.
    choices : dict of column position to texts
        Cells that offer a list.
    locked : bool
        The whole sheet, not only its header.
    """

    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    notes: tuple[str, ...] = ()
    choices: dict[int, tuple[str, ...]] = field(default_factory=dict)
    locked: bool = False


def to_bytes(sheets: Sequence[OfficeSheet], *, title: str, banner: str) -> bytes:
    """Write the workbook.

    Parameters
    ----------
    sheets : sequence of OfficeSheet
        In their order.
    title, banner : str
        Title and comment of the document.
    """
    buffer = io.BytesIO()
    book = inert.workbook(buffer, title=title, comments=banner)
    formats = {
        "open": book.add_format({"num_format": "@", "valign": "top", "locked": False}),
        "locked": book.add_format({"num_format": "@", "valign": "top", "locked": True}),
        "head": book.add_format({"num_format": "@", "bold": True, "bottom": 1, "locked": True}),
        "note": book.add_format({"num_format": "@", "bold": True, "font_color": "#9C0006"}),
    }
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return buffer.getvalue()


def _write(page: Worksheet, sheet: OfficeSheet, formats: dict[str, Format]) -> None:
    text = formats["locked" if sheet.locked else "open"]
    top = len(sheet.notes)
    for position, label in enumerate(sheet.header):
        longest = max([len(label), *(len(row[position]) for row in sheet.rows)])
        page.set_column(position, position, min(longest + 3, WIDEST), text)
        page.write_string(top, position, label, formats["head"])
    for line, note in enumerate(sheet.notes):
        page.write_string(line, 0, note, formats["note"])
    for line, row in enumerate(sheet.rows, start=top + 1):
        for position, cell in enumerate(row):
            if cell:
                page.write_string(line, position, cell, text)
            else:
                page.write_blank(line, position, None, text)
    last = top + len(sheet.rows)
    for position, choices in sheet.choices.items():
        rule = {"validate": "list", "source": list(choices), "ignore_blank": True}
        page.data_validation(top + 1, position, last + SPARE, position, rule)
    page.freeze_panes(top + 1, 0)
    if sheet.rows:
        page.autofilter(top, 0, last, len(sheet.header) - 1)
    page.protect("", {} if sheet.locked else ALLOWED)
