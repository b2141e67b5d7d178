"""The book for paper: its pages, tables and figures, out of the single file that Sphinx writes.

The single file has the summary first and every other page below it, between markers. What a screen
needs and paper cannot use leaves: anchors beside headings, downloads, narrow figures, closed
drawers.
"""

import math
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from html import escape, unescape

from evaluation.errors import ReportError
from evaluation.report.formats.page_layout import Paper, Piece, TableForm, fitted
from evaluation.storage.packaged import patterns, read_beside

PATTERN = patterns(read_beside(__file__))

WRAPPER = '<div class="toctree-wrapper compound">'
DROPPED = [text for name, text in PATTERN.items() if name.startswith("dropped_")]
SAME_PAGE = 'href="index.html#'
NONE = "\N{EN DASH}"
# Of the style sheet: 174 mm or 267 mm for letters, and 1 mm on each side of a cell.
PAPER = Paper(upright=493.0, lying=756.0, gap=5.7, sizes=(8.0, 7.5, 7.0), higher=9.0)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the book: its name in the table of contents, its title and its HTML."""

    name: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class PrintedExhibit:
    """A table or figure: which of the two, its anchor, its number in words and its title."""

    kind: str
    anchor: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class BookPart:
    """Pages under one caption of the table of contents."""

    caption: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """The whole book: the summary, then the parts in order."""

    summary: Page
    parts: tuple[BookPart, ...]


def read_pages(single: str) -> Pages:
    """Pages of the single file that Sphinx wrote.

    Parameters
    ----------
    single : str
        The finished HTML of the builder ``singlehtml``.

    Raises
    ------
    ReportError
        The file is not built as this module reads it: another theme, or another version of it.
    """
    found = PATTERN["article"].search(single)
    captions = PATTERN["caption"].findall(single)
    first, *wrapped = cleaned(found[1] if found else "").split(WRAPPER)
    if not wrapped or len(captions) != len(wrapped):
        raise ReportError.of("single-page-no", "give-each-part", "pdf")
    summary = Page("index", title_of(first), first.strip() + "</section>")
    parts = zip(captions, wrapped, strict=True)
    return Pages(summary, tuple(BookPart(caption, _pages(text)) for caption, text in parts))


def _pages(wrapped: str) -> tuple[Page, ...]:
    """Pages of one part; the closing tags of the wrapper, and of the summary, stay behind."""
    markers = list(PATTERN["marker"].finditer(wrapped))
    ends = [marker.start() for marker in markers[1:]] + [wrapped.rindex("</div>")]
    pages = []
    for marker, end in zip(markers, ends, strict=True):
        body = wrapped[marker.start() : end].strip()
        pages.append(Page(marker[1], title_of(body), body))
    return tuple(pages)


def title_of(body: str) -> str:
    """The first heading, without tags."""
    found = PATTERN["heading"].search(body)
    return PATTERN["tag"].sub("", found[1]).strip() if found else ""


def cleaned(article: str) -> str:
    """HTML of the pages without what only a screen can use, and without a single file name."""
    for pattern in DROPPED:
        article = pattern.sub("", article)
    article = article.replace(SAME_PAGE, 'href="#')
    article = article.replace('href="#document-index"', 'href="#summary-page"')
    article = PATTERN["to_file"].sub(lambda link: link[1], article)
    article = PATTERN["closed"].sub("<details open", article)
    return PATTERN["table"].sub(_laid, article)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table: its tags, each cell as it is written, and what the cells say."""

    opened: str
    cells: tuple[str, ...]
    texts: tuple[Piece, ...]


def _laid(table: re.Match[str]) -> str:
    """A table with a width for each column, on its side where its words need that.

    Columns of long texts for which there is no room are set below their rows.
    """
    rows = [_row(*found) for found in PATTERN["row"].findall(table[0])]
    full = [list(row.texts) for row in rows if len(row.texts) == len(rows[0].texts)]
    form = fitted(full, PAPER)
    total = math.fsum(form.widths)
    columns = "".join(f'<col style="width: {100 * width / total:.2f}%">' for width in form.widths)
    begun = table[0].replace("</caption>", f"</caption><colgroup>{columns}</colgroup>", 1)
    laid = f'style="font-size: {form.letters:g}pt" class="exhibit-table laid{" wide" * form.lies}'
    begun = begun.replace('class="exhibit-table', laid, 1)
    made = iter(rows)
    return PATTERN["row"].sub(lambda _: _stacked(next(made), form), begun) if form.below else begun


def _row(opened: str, inside: str) -> _Row:
    cells = [found[0] for found in PATTERN["cell"].finditer(inside)]
    texts = (
        (
            # the style sheet sets a sign before each word that answers
            "MM" * (PATTERN["answer"].match(cell) is not None)
            + " ".join(unescape(PATTERN["tag"].sub("", cell)).split()),
            PATTERN["whole"].match(cell) is not None,
        )
        for cell in cells
        if "colspan=" not in cell.partition(">")[0]
    )
    return _Row(opened, tuple(cells), tuple(texts))


def _stacked(row: _Row, form: TableForm) -> str:
    """A row with some of its cells on a line of their own below it."""
    columns = len(form.shown)
    if len(row.texts) < len(row.cells):  # a cell over several columns
        first, *others = row.cells
        last = others[-1:] and PATTERN["span"].sub(f'colspan="{columns - 1}"', others[-1])
        cells = f"{first}{last}" if others else PATTERN["span"].sub(f'colspan="{columns}"', first)
        return f"{row.opened}{cells}</tr>"
    shown = "".join(row.cells[i] for i in form.shown)
    said = "; ".join(row.texts[i][0] for i in form.below if row.texts[i][0] != NONE)
    if "<td" not in row.cells[-1] or not said:
        return f"{row.opened}{shown}</tr>"
    opened = PATTERN["row_class"].sub("", row.opened).replace("<tr", '<tr class="with-below"')
    line = f'<tr class="below"><td colspan="{columns}"><p>{escape(said)}</p></td></tr>'
    return f"{opened}{shown}</tr>{line}"


def without(pages: Pages, names: Container[str]) -> tuple[tuple[Page, ...], Pages]:
    """Some pages by their names, and the book without them.

    Parameters
    ----------
    pages : Pages
    names : container of str
    """
    found = tuple(page for part in pages.parts for page in part.pages if page.name in names)
    left = (
        BookPart(part.caption, tuple(page for page in part.pages if page.name not in names))
        for part in pages.parts
    )
    return found, Pages(pages.summary, tuple(part for part in left if part.pages))


def anchors(pages: Iterable[Page]) -> frozenset[str]:
    """Every place on the pages that a link can lead to."""
    return frozenset(name for page in pages for name in PATTERN["anchor"].findall(page.body))


def unlinked(body: str, gone: Container[str]) -> str:
    """HTML with the words of a link alone where the place that it leads to is gone.

    Parameters
    ----------
    body : str
    gone : container of str
        Anchors.
    """
    return PATTERN["to_anchor"].sub(lambda link: link[2] if link[1] in gone else link[0], body)


def exhibits(pages: Pages) -> tuple[PrintedExhibit, ...]:
    """Tables and figures of a book, in the order of its pages.

    Raises
    ------
    ReportError
        One has no number.
    """
    found = []
    for page in (pages.summary, *(page for part in pages.parts for page in part.pages)):
        for kind, anchor, caption in PATTERN["exhibit"].findall(page.body):
            numbered = PATTERN["number"].search(caption)
            if numbered is None:
                raise ReportError.of("exhibit-no-number", "number-exhibit", page.name, name=anchor)
            title = PATTERN["tag"].sub("", PATTERN["marked"].sub("", caption[numbered.end() :]))
            found.append(PrintedExhibit(kind, anchor, numbered[1].strip(), " ".join(title.split())))
    return tuple(found)
