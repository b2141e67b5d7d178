"""A table as an HTML page of its own, whose body is what notebooks show."""

import html

from evaluation.report import words
from evaluation.report.layout import Printed, PrintedRow, printed
from evaluation.report.table import Table

HIDDEN = "position:absolute;clip-path:inset(50%)"
STYLE = (
    "body{font-family:sans-serif;margin:1.5rem}table{border-collapse:collapse}"
    "caption{text-align:left;font-weight:bold}"
    "th,td{padding:.3em .6em;text-align:left;vertical-align:top;border-bottom:1px solid #ccc}"
)
OPENED, CLOSED = "<body>\n", "</body>\n"


def to_html(table: Table) -> bytes:
    """A page with a scrolling frame for the table, then notes and citation; all escaped.

    It names its encoding and its language, so that it can be opened without the book.
    """
    head = (
        "<!doctype html>\n"
        f'<html lang="{table.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_e(table.called)}: {_e(table.title)}</title><style>{STYLE}</style></head>\n"
    )
    return f"{head}{OPENED}{_body(table)}\n{CLOSED}</html>\n".encode()


def fragment(page: str) -> str:
    """The body of a page that :func:`to_html` made, to be shown inside another."""
    return page.partition(OPENED)[2].rpartition(CLOSED)[0]


def _body(table: Table) -> str:
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
    out.extend(_rows(table, page))
    out.append("</table></div>")
    notes = "".join(f"<li>{_e(note)}</li>" for note in table.notes)
    out.append(f'<ul class="exhibit-notes">{notes}</ul>')
    if table.citation:
        out.append(f'<p class="exhibit-citation">{_e(table.citation)}</p>')
    return "\n".join([*out, "</div>"])


def _rows(table: Table, page: Printed) -> list[str]:
    out = ["<tbody>"]
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            head = f'<th scope="rowgroup" colspan="{len(page.head)}">{_e(group)}</th>'
            out.extend(["</tbody><tbody>"] if len(out) > 1 else [])
            out.append(f'<tr class="group">{head}</tr>')
        out.append(_row(table, row))
    return [*out, "</tbody>"]


def _row(table: Table, row: PrintedRow) -> str:
    (name, of_name), *others = row.cells
    # a name that stands above already is for screen readers only
    shown = f'<span style="{HIDDEN}">{_e(name)}</span>' if of_name == "repeated" else _e(name)
    cells = [f'<th scope="row">{shown}</th>']
    cells.extend(f'<td class="{kind}">{_e(text)}</td>' for text, kind in others)
    return f'<tr id="{_e(table.id)}.{_e(row.id)}">{"".join(cells)}</tr>'


def _e(text: str) -> str:
    return html.escape(text, quote=True)
