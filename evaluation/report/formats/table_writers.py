"""A table in the formats that people cite from: CSV, HTML, Markdown; the list of all formats.

One module a format; each makes bytes from a table alone. The mark of invented data and the citation
are in every one of them.
"""

import html
import re
from collections.abc import Callable, Mapping
from importlib import resources
from string import Template

from evaluation import file_content
from evaluation.file_content import csv_text
from evaluation.report.formats import words
from evaluation.report.formats.docx import to_docx
from evaluation.report.formats.latex import to_latex
from evaluation.report.formats.page_layout import PrintedRow, PrintedTable, printed
from evaluation.report.formats.table import Cell, Table
from evaluation.report.formats.table_workbook import to_workbook, to_xlsx


def to_csv(table: Table) -> bytes:
    """UTF-8, LF; one header line; numbers at full precision.

    In English cells stand between commas and decimals behind a point; in Spanish between
    semicolons and behind a comma, so that a double click opens the file in columns where a
    computer is set up for Colombia.

    The mark, the citation and the hashes of plan and data are columns: rows copied elsewhere keep
    them.

    A byte-order mark tells spreadsheet programs that it is UTF-8: people open these files.
    """
    grouped = any(row.group for row in table.rows)
    kept = {"plan_hash": table.plan_hash, "data_hash": table.data_hash}
    if table.citation:
        kept["citation"] = file_content.inert(table.citation)
    if table.mark:
        kept["synthetic"] = table.mark
    head = ["row", *(["group"] if grouped else []), *(c.id for c in table.columns)]
    rows = [[*head, *kept]]
    for row in table.rows:
        group = [file_content.inert(row.group)] if grouped else []
        cells = (_cell(c, table.language) for c in row.cells)
        rows.append([row.id, *group, *cells, *kept.values()])
    separator = words.SEPARATORS[table.language]
    return csv_text(rows, separator=separator).encode("utf-8-sig")


def _cell(cell: Cell, language: str) -> str:
    if cell.value is None:
        return file_content.inert("" if cell.kind == "none" else cell.text)
    return repr(cell.value).replace(".", words.DECIMALS[language])


HIDDEN = "position:absolute;clip-path:inset(50%)"
PAGE = resources.files(__package__).joinpath("table.html")
OPENED, CLOSED = "<body>\n", "</body>\n"


def to_html(table: Table) -> bytes:
    """A page with a scrolling frame for the table, then notes and citation; all escaped.

    It names its encoding and its language, so that it can be opened without the book.
    """
    page = printed(table)
    banner = _e(words.banner(table.mark, table.language))
    said, cited = _e(words.mark(table.mark, table.language)), _e(table.citation)
    filled = Template(PAGE.read_text("utf-8")).substitute(
        {name: _e(getattr(table, name)) for name in ("id", "language", "called", "title")},
        banner=f'<p class="synthetic-banner">{banner}</p>\n' if table.mark else "",
        mark=f' <span class="synthetic-mark">{said}</span>' if said else "",
        head="".join(f'<th scope="col">{_e(text)}</th>' for text in page.head),
        rows="\n".join(_html_rows(table, page)),
        notes="".join(f"<li>{_e(note)}</li>" for note in table.all_notes),
        citation=f'<p class="exhibit-citation">{cited}</p>\n' if cited else "",
    )
    return filled.encode()


def fragment(page: str) -> str:
    """The body of a page that :func:`to_html` made, to be shown inside another."""
    return page.partition(OPENED)[2].rpartition(CLOSED)[0]


def _html_rows(table: Table, page: PrintedTable) -> list[str]:
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


# What makes markup of a text wherever it stands, in CommonMark and in the extensions that MyST
# and GitHub add: links, images, code, roles, emphasis, mathematics, and the edge of a cell. An
# underscore inside a word is nothing but itself, and column names stay readable.
MARKUP = re.compile(r"[\\`*\[\]{}$~^|]|(?<![^\W_])_|_(?![^\W_])")
# what programs turn into links although nothing marks it: //host, name@host, www. and host.name
# where the name is one of a country or of the few others that they look for
NAMES = r"(?:[^\W\d_]{2}|com|net|org|edu|gov|info|biz|pro|web|xxx|aero|asia|coop|museum|name|shop)"
ADDRESS = re.compile(
    rf"/(?=/)|(?<=\S)@(?=\S)|(?<=\bwww)\.|(?<=\w)\.(?={NAMES}(?![^\W_]))", re.IGNORECASE
)
# at the start of a line: headings, lists, quotes, comments, targets, fences, definitions
FIRST = re.compile(r"[-#>+%(:=]")


def to_markdown(table: Table) -> bytes:
    """A pipe table with title, notes and citation, in which no text is markup."""
    page = printed(table)
    out = [f"**{_m(table.called)}: {_m(table.title)}**", ""]
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
    out.extend(["", *(f"- {_line(note)}" for note in table.all_notes)])
    if table.citation:
        out.extend(["", _line(table.citation)])
    return ("\n".join(out) + "\n").encode("utf-8")


def _m(text: str) -> str:
    """A text that Markdown shows as it stands; in the file too "<0.001" is read as such."""
    # a blank beside the stars of bold letters would take their meaning away
    text = re.sub(r"[\r\n\0]+", " ", text).strip()
    text = MARKUP.sub(_escaped, text)
    text = ADDRESS.sub(_escaped, text)
    # only what would name a character or begin a tag
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _line(text: str) -> str:
    """The same for a text that begins a line, where more is markup."""
    text = _m(text)
    if FIRST.match(text):
        return f"\\{text}"
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


__all__ = ["FORMATS", "TYPES", "to_csv", "to_docx", "to_html", "to_latex", "to_markdown"]
__all__ += ["to_workbook", "to_xlsx"]

# By the ending of the file, in the order in which they are offered.
FORMATS: Mapping[str, Callable[[Table], bytes]] = {
    "csv": to_csv,
    "xlsx": to_xlsx,
    "docx": to_docx,
    "tex": to_latex,
    "html": to_html,
    "md": to_markdown,
}
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "tex": "application/x-tex",
    "html": "text/html",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "png": "image/png",
}
