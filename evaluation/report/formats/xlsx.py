"""Workbooks in which no text can become a formula: sheets of entries, written as bytes."""

import datetime
import functools
import io
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

# Widest column of text that is set without asking.
WIDEST = 60
CREATED = datetime.datetime(2000, 1, 1)
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
A4 = 9
EVERYWHERE = "A1:XFD1048576"
# Characters: of a line of notes, of a column nobody set, of a page whose letters can be read.
NOTE_WIDTH, DEFAULT_WIDTH, PAGE_WIDTH = 110, 8, 260
LINE_POINTS, SLACK = 15, 1.1
# rows below the last of a list that offer its choices too: the office may add some
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

# properties of a cell's format with their values, in the words of xlsxwriter
Look = tuple[tuple[str, str | int | bool], ...]
# width in characters and look of each
Columns = Sequence[tuple[int, Look]]


def look(*base: Look, **properties: str | int | bool) -> Look:
    """A look made of others and of further properties, later ones first."""
    return tuple({**{name: value for part in base for name, value in part}, **properties}.items())


PLAIN: Look = ()
TITLE = look(bold=True)
WRAPPED = look(text_wrap=True, valign="top")
HEAD = look(WRAPPED, bold=True, bottom=1)
WARNING = look(bold=True, font_color="#9C0006", bg_color="#FFC7CE")
LINK = look(font_color="#0563C1", underline=1, valign="top")
# what is typed here stays as it is typed: a program that takes 05 for 5 must not do so
TEXT = look(num_format="@", valign="top")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in one cell.

    Attributes
    ----------
    value : str or float
        Text is written as text, whatever it begins with; a number is a finite one.
    look : Look
    sheet : str
        Name of the sheet that a click leads to; only texts lead anywhere.
    across : bool
        The text goes on over as many columns as make lines of a readable length.
    """

    value: str | float
    look: Look = PLAIN
    sheet: str = ""
    across: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPrint:
    """How a sheet is printed: lying, in as few pages wide as can be read.

    Attributes
    ----------
    head, lead : int, optional
        Last row that is repeated on each page, and last column.
    width : int
        Characters side by side.
    header, footer : str
        In the format's own marks.
    """

    head: int | None = None
    lead: int | None = None
    width: int = PAGE_WIDTH
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    lines : sequence of sequence of Entry
        From the first line and the first column on.
    columns : sequence of (int, Look)
        Width in characters and look of each.
    frozen : tuple of int
        Lines and columns that stay where they are.
    header : int, optional
        Line of the header of a list, which can be filtered; the list ends with the sheet.
    choices : mapping of column position to texts
        Cells of the list, and some below it, that offer these texts.
    allowed : mapping of str to bool, optional
        What may still be done to a protected sheet; None where it is not protected.
    is_read : bool
        Numbers are texts as they are printed, which is no mistake, and no grid is drawn.
    """

    name: str
    lines: Sequence[Sequence[Entry]]
    columns: Columns = ()
    frozen: tuple[int, int] = (0, 0)
    header: int | None = None
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    allowed: Mapping[str, bool] | None = None
    paper: SheetPrint = SheetPrint()
    is_read: bool = False


def listing(
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str | float]],
    *,
    looks: Sequence[Look] = (),
    marks: Sequence[str] = (),
    **settings: Any,
) -> Sheet:
    """A sheet that is a list: marks above a header, and rows that can be filtered.

    Parameters
    ----------
    name : str
    header : sequence of str
    rows : sequence of sequence of str or float
        All of the header's length.
    looks : sequence of Look
        Of each column, empty cells and those below the list included; none says text.
    marks : sequence of str
        Lines above the header.
    **settings
        Other fields of :class:`Sheet`.
    """
    top = len(marks)
    looks = looks or [TEXT] * len(header)
    sides = list(zip(header, *rows, strict=True))
    columns = [
        (min(max(len(str(value)) for value in side) + 3, WIDEST), of_column)
        for side, of_column in zip(sides, looks, strict=True)
    ]
    lines = [
        *([Entry(mark, look(WARNING, TEXT))] for mark in marks),
        [Entry(label, look(HEAD, TEXT)) for label in header],
        *([Entry(*pair) for pair in zip(row, looks, strict=True)] for row in rows),
    ]
    settings = {"frozen": (top + 1, 0), **settings}
    return Sheet(name=name, lines=lines, columns=columns, header=top, **settings)


def workbook(sheets: Iterable[Sheet], **properties: str) -> bytes:
    """A workbook of these sheets.

    Parameters
    ----------
    sheets : iterable of Sheet
        In their order.
    **properties : str
        Of the document: title, subject, comments, status. The creation date is fixed.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({**properties, "created": CREATED})

    @functools.cache
    def made(look: Look) -> Format | None:
        return book.add_format(dict(look)) if look else None

    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for position, (width, of_column) in enumerate(sheet.columns):
            page.set_column(position, position, width, made(of_column))
        for line, entries in enumerate(sheet.lines):
            for column, entry in enumerate(entries):
                _write(page, (line, column), entry, made(entry.look), sheet)
        _set_up(page, sheet)
    book.close()
    return buffer.getvalue()


def _write(
    page: Worksheet, at: tuple[int, int], entry: Entry, look: Format | None, sheet: Sheet
) -> None:
    if not isinstance(entry.value, str):
        page.write_number(*at, entry.value, look)
    elif entry.sheet:
        page.write_url(*at, f"internal:'{entry.sheet}'!A1", look, entry.value)
    elif entry.across:
        _write_across(page, at, entry.value, look, sheet.columns)
    else:
        page.write_string(*at, entry.value, look)


def _write_across(
    page: Worksheet, at: tuple[int, int], text: str, look: Format | None, columns: Columns
) -> None:
    line, first = at
    widths = [*(width for width, _ in columns[first:]), *[DEFAULT_WIDTH] * NOTE_WIDTH]
    reached = list(itertools.accumulate(widths))
    last = next(i for i, width in enumerate(reached) if width >= NOTE_WIDTH)
    page.merge_range(line, first, line, first + last, text, look)
    # joined cells do not grow with their text
    page.set_row(line, LINE_POINTS * math.ceil((len(text) + 1) / reached[last] * SLACK))


def _set_up(page: Worksheet, sheet: Sheet) -> None:
    """What a person may do on screen, and what is printed."""
    if any(sheet.frozen):
        page.freeze_panes(*sheet.frozen)
    last = len(sheet.lines) - 1
    if sheet.header is not None and sheet.header < last:
        page.autofilter(sheet.header, 0, last, len(sheet.columns) - 1)
    for column, choices in sheet.choices.items():
        rule = {"validate": "list", "source": list(choices), "ignore_blank": True}
        page.data_validation((sheet.header or 0) + 1, column, last + SPARE, column, rule)
    if sheet.allowed is not None:
        page.protect("", dict(sheet.allowed))
    if sheet.is_read:
        page.ignore_errors({"number_stored_as_text": EVERYWHERE})
        page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(A4)
    paper = sheet.paper
    page.fit_to_pages(math.ceil(paper.width / PAGE_WIDTH), 0)
    if paper.head is not None:
        page.repeat_rows(0, paper.head)
    if paper.lead is not None:
        page.repeat_columns(0, paper.lead)
    page.set_header(paper.header)
    page.set_footer(paper.footer)
