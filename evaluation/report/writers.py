"""A table as CSV, XLSX, HTML and Markdown. Same table, same bytes, whoever writes it and when."""

import csv
import html
import io
import math

import xlsxwriter

from evaluation.report import inert, words
from evaluation.report.layout import Printed, PrintedRow, printed
from evaluation.report.table import Cell, Row, Table
from evaluation.spec import formulas

SHEET = "table"
WIDEST = 60
HIDDEN = "position:absolute;clip-path:inset(50%)"


def to_csv(table: Table) -> bytes:
    """UTF-8, comma, LF; one header line; numbers at full precision.

    The mark and the hashes of plan and data are columns: rows copied elsewhere keep them.

    A byte-order mark tells spreadsheet programs that it is UTF-8: people open these files.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    grouped = any(row.group for row in table.rows)
    mark = [table.plan_hash, table.data_hash, *([table.mark] if table.mark else [])]
    head = ["row", *(["group"] if grouped else []), *(c.id for c in table.columns)]
    marks = ["plan_hash", "data_hash", *(["synthetic"] if table.mark else [])]
    writer.writerow([*head, *marks])
    for row in table.rows:
        group = [_safe(row.group)] if grouped else []
        writer.writerow([row.id, *group, *(_csv_cell(c) for c in row.cells), *mark])
    return text.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell) -> str:
    if cell.value is None:
        return _safe("" if cell.kind == "none" else cell.text)
    return repr(cell.value)


def _safe(text: str) -> str:
    # an apostrophe keeps a cell text that spreadsheet programs would run
    return f"'{text}" if formulas.is_active(text) else text


def to_xlsx(table: Table) -> bytes:
    """One sheet with the table and one with title, reading, notes and hashes.

    The creation date is fixed: the file's bytes depend on the table alone. Text is written as
    text, so nothing in a label can become a formula or a link.
    """
    buffer = io.BytesIO()
    banner = words.banner(table.mark, table.language)
    book = inert.workbook(
        buffer, title=table.title, subject=table.id, comments=banner, status=table.mark
    )
    _write_table_sheet(book, table, banner)
    _write_notes_sheet(book, table, banner)
    book.close()
    return buffer.getvalue()


def _write_table_sheet(book: xlsxwriter.Workbook, table: Table, banner: str) -> None:
    sheet = book.add_worksheet(SHEET)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    warning = book.add_format({"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"})
    line = 0
    if banner:
        sheet.write_string(0, 0, banner, warning)
        line = 1
    sheet.write_string(line, 0, f"{table.id}: {table.title}", book.add_format({"bold": True}))
    head = ["row", "group", *(c.label for c in table.columns)]
    for position, label in enumerate(head):
        sheet.write_string(line + 1, position, label, bold)
    for offset, row in enumerate(table.rows):
        _write_row(book, sheet, line + 2 + offset, row)
    sheet.freeze_panes(line + 2, 3)
    _print_setup(sheet, table, head=line + 1)
    sheet.set_column(0, 1, 18)
    for position, _ in enumerate(table.columns):
        longest = max((len(r.cells[position].text) for r in table.rows), default=10)
        sheet.set_column(position + 2, position + 2, min(max(longest + 2, 12), WIDEST))


def _print_setup(sheet: xlsxwriter.worksheet.Worksheet, table: Table, *, head: int) -> None:
    """On paper: one page wide, the rows down to ``head`` on every page, the mark above each."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, head)
    said = words.mark(table.mark, table.language)
    mark = f'&C&"Arial,Bold"&12{said}' if said else ""
    sheet.set_header(f"{mark}&R{table.id}")
    sheet.set_footer("&RPage &P of &N")


def _write_row(
    book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, line: int, row: Row
) -> None:
    sheet.write_string(line, 0, row.id)
    sheet.write_string(line, 1, row.group)
    for position, cell in enumerate(row.cells, start=2):
        if cell.value is None or math.isinf(cell.value):
            sheet.write_string(line, position, cell.text)
        else:
            sheet.write_number(line, position, cell.value, book.add_format(_number_format(cell)))


def _number_format(cell: Cell) -> dict[str, str]:
    if cell.value and not any(digit in cell.text for digit in "123456789"):
        return {"num_format": f'"{cell.text}"'}  # spreadsheets would print a negative zero
    places = "0." + "0" * cell.decimals if cell.decimals else "0"
    grouped = places if cell.kind == "p_value" else f"#,##{places}"
    if cell.kind == "effect":
        return {"num_format": f"+{grouped};-{grouped};{grouped}"}
    return {"num_format": grouped}


def _write_notes_sheet(book: xlsxwriter.Workbook, table: Table, banner: str) -> None:
    sheet = book.add_worksheet("notes")
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110)
    _print_setup(sheet, table, head=0)
    lines = [
        *([("synthetic", banner)] if banner else []),
        ("id", table.id),
        ("title", table.title),
        ("reading", table.reading),
        *(("note", note) for note in table.notes),
        ("citation", table.citation),
        ("plan_hash", table.plan_hash),
        ("data_hash", table.data_hash),
        ("version", table.version),
    ]
    for number, (name, content) in enumerate(lines):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, content, wrap)


def to_html(table: Table) -> bytes:
    """A fragment: a scrolling frame with the table, then the notes. Everything is escaped."""
    page = printed(table)
    label = _e(table.title)
    out = [f'<div class="exhibit exhibit-table" data-exhibit="{_e(table.id)}">']
    if table.mark:
        banner = words.banner(table.mark, table.language)
        out.append(f'<p class="synthetic-banner">{_e(banner)}</p>')
    out.append(f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}">')
    out.append('<table class="result-table">')
    said = words.mark(table.mark, table.language)
    mark = f' <span class="synthetic-mark">{_e(said)}</span>' if said else ""
    out.append(f"<caption>{label}{mark}</caption>")
    head = "".join(f'<th scope="col">{_e(text)}</th>' for text in page.head)
    out.append(f"<thead><tr>{head}</tr></thead>")
    out.extend(_html_body(table, page))
    out.append("</table></div>")
    notes = "".join(f"<li>{_e(note)}</li>" for note in table.notes)
    out.append(f'<ul class="exhibit-notes">{notes}</ul></div>')
    return ("\n".join(out) + "\n").encode("utf-8")


def _html_body(table: Table, page: Printed) -> list[str]:
    out = ["<tbody>"]
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            head = f'<th scope="rowgroup" colspan="{len(page.head)}">{_e(group)}</th>'
            out.extend(["</tbody><tbody>"] if len(out) > 1 else [])
            out.append(f'<tr class="group">{head}</tr>')
        out.append(_html_row(table, row))
    return [*out, "</tbody>"]


def _html_row(table: Table, row: PrintedRow) -> str:
    (name, of_name), *others = row.cells
    # a name that stands above already is for screen readers only
    shown = f'<span style="{HIDDEN}">{_e(name)}</span>' if of_name == "repeated" else _e(name)
    cells = [f'<th scope="row">{shown}</th>']
    cells.extend(f'<td class="{kind}">{_e(text)}</td>' for text, kind in others)
    return f'<tr id="{_e(table.id)}.{_e(row.id)}">{"".join(cells)}</tr>'


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def to_markdown(table: Table) -> bytes:
    """A pipe table with title and notes."""
    page = printed(table)
    out = [f"**{table.id}: {_m(table.title)}**", ""]
    if table.mark:
        out[:0] = [f"**{words.banner(table.mark, table.language)}**", ""]
    out.append("| " + " | ".join(_m(label) for label in page.head) + " |")
    out.append("|" + " --- |" * len(page.head))
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(f"| **{_m(group)}** |" + " |" * (len(page.head) - 1))
        texts = ("" if kind == "repeated" else _m(text) for text, kind in row.cells)
        out.append("| " + " | ".join(texts) + " |")
    out.extend(["", *(f"- {_m(note)}" for note in table.notes)])
    return ("\n".join(out) + "\n").encode("utf-8")


def _m(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
