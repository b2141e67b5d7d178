"""Sheets of text as an XLSX workbook that no spreadsheet program reads as numbers or formulas."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from evaluation.report import inert
from evaluation.report.inert import WIDEST


def to_workbook(sheets: Mapping[str, Sequence[Sequence[str]]], *, title: str) -> bytes:
    """One sheet for each entry: its first row is the header, all others are text.

    Whole columns have the format text (``@``), so a code typed into a new row stays as it is
    typed. A cell that begins with ``=``, ``+``, ``-`` or ``@`` is text as well, never a formula.

    Parameters
    ----------
    sheets : mapping of sheet name to rows
        Rows of equal length.
    title : str
        Title of the document.

    Returns
    -------
    bytes
        The same for the same sheets, whoever writes them and when.
    """
    buffer = io.BytesIO()
    book = inert.workbook(buffer, title=title)
    text = book.add_format({"num_format": "@", "valign": "top"})
    head = book.add_format({"num_format": "@", "bold": True, "bottom": 1, "valign": "top"})
    for name, rows in sheets.items():
        _write(book.add_worksheet(name), rows, text, head)
    book.close()
    return buffer.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    rows: Sequence[Sequence[str]],
    text: xlsxwriter.format.Format,
    head: xlsxwriter.format.Format,
) -> None:
    header, *others = rows
    for position, label in enumerate(header):
        longest = max([len(label), *(len(row[position]) for row in others)])
        sheet.set_column(position, position, min(longest + 2, WIDEST), text)
        sheet.write_string(0, position, label, head)
    for line, row in enumerate(others, start=1):
        for position, cell in enumerate(row):
            if cell:
                sheet.write_string(line, position, cell, text)
            else:
                sheet.write_blank(line, position, None, text)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(others), len(header) - 1)
