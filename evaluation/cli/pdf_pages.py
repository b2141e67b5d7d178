"""The book's pages out of Sphinx's single HTML file, cleaned for paper and put in a book's order.

The single file has the summary first and every other page below it, between markers. What a screen
needs and paper cannot use leaves: anchors beside headings, downloads, closed drawers.
"""

import re
from dataclasses import dataclass
from html import unescape

from evaluation.errors import ReportError
from evaluation.locale.messages import message

ARTICLE = re.compile(r'<article class="bd-article">(.*)</article>', re.DOTALL)
CAPTION = re.compile(r'<span class="caption-text">([^<]*)</span></p>\s*<ul class="nav bd-sidenav">')
WRAPPER = '<div class="toctree-wrapper compound">'
MARKER = re.compile(r'<span id="document-([^"]+)"></span>')
HEADING = re.compile(r"<h[12][^>]*>(.*?)</h[12]>", re.DOTALL)
ANY_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
LEVEL = re.compile(r"(</?h)([2-6])\b")
TAG = re.compile(r"<[^>]+>")
# What leaves, and what takes its place.
DROPPED = (
    re.compile(r"<script\b.*?</script>", re.DOTALL),
    re.compile(r'<a class="headerlink"[^>]*>.*?</a>', re.DOTALL),
    re.compile(r'<p class="synthetic-banner"[^>]*>.*?</p>', re.DOTALL),
    re.compile(r"<details class=\"exhibit-files\">.*?</details>", re.DOTALL),
    re.compile(r'<a href="files/[^"]*" download(?:="")?>[A-Z]+</a>\s*'),
    re.compile(r"<metadata>.*?</metadata>", re.DOTALL),
)
# A link to a file beside the site says nothing on paper; its words or its picture stay.
TO_FILE = re.compile(r'<a [^>]*href="(?!#|https?:|mailto:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
SAME_PAGE = 'href="index.html#'
CLOSED = re.compile(r"<details\b(?![^>]*\bopen\b)")
TABLE_HEAD = re.compile(r'<table class="([^"]*)"([^>]*)>((?:(?!</table>).)*?)</thead>', re.DOTALL)
HEAD_CELL = re.compile(r"<th\b")
# A table of more columns lies on its side.
MANY_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the book: its name in the table of contents, its title and its HTML."""

    name: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Part:
    """Pages under one caption of the table of contents."""

    caption: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """The whole book: the summary, then the parts in order."""

    summary: Page
    parts: tuple[Part, ...]


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
    found = ARTICLE.search(single)
    captions = CAPTION.findall(single)
    first, *wrapped = cleaned(found[1] if found else "").split(WRAPPER)
    if not wrapped or len(captions) != len(wrapped):
        raise ReportError(
            message("single-page-no.problem"),
            where="pdf",
            mend=message("give-each-part.mend"),
        )
    summary = Page("index", title_of(first), first.strip() + "</section>")
    parts = zip(captions, wrapped, strict=True)
    return Pages(summary, tuple(Part(caption, _pages(text)) for caption, text in parts))


def _pages(wrapped: str) -> tuple[Page, ...]:
    """Pages of one part; the closing tags of the wrapper, and of the summary, stay behind."""
    markers = list(MARKER.finditer(wrapped))
    ends = [marker.start() for marker in markers[1:]] + [wrapped.rindex("</div>")]
    pages = []
    for marker, end in zip(markers, ends, strict=True):
        body = wrapped[marker.start() : end].strip()
        pages.append(Page(marker[1], title_of(body), body))
    return tuple(pages)


def title_of(body: str) -> str:
    """The first heading, without tags."""
    found = HEADING.search(body)
    return TAG.sub("", found[1]).strip() if found else ""


def cleaned(article: str) -> str:
    """HTML of the pages without what only a screen can use, and without a single file name."""
    for pattern in DROPPED:
        article = pattern.sub("", article)
    article = article.replace(SAME_PAGE, 'href="#')
    article = article.replace('href="#document-index"', 'href="#summary-page"')
    article = TO_FILE.sub(lambda link: link[1], article)
    article = CLOSED.sub("<details open", article)
    return TABLE_HEAD.sub(_laid, article)


def _laid(table: re.Match[str]) -> str:
    columns = len(HEAD_CELL.findall(table[3]))
    wide = " wide" if columns > MANY_COLUMNS else ""
    return f'<table class="{table[1]}{wide}"{table[2]}>{table[3]}</thead>'


def taken(pages: Pages, name: str) -> tuple[Page | None, Pages]:
    """One page by its name, and the book without it; None where the book has none."""
    found = [page for part in pages.parts for page in part.pages if page.name == name]
    left = (
        Part(part.caption, tuple(page for page in part.pages if page.name != name))
        for part in pages.parts
    )
    kept = tuple(part for part in left if part.pages)
    return (found[0] if found else None), Pages(pages.summary, kept)


def raised(page: Page) -> Page:
    """A page of the second level as one of the first: each heading one step up."""
    return Page(page.name, page.title, LEVEL.sub(lambda h: f"{h[1]}{int(h[2]) - 1}", page.body))


def headings(page: str) -> tuple[str, ...]:
    """Every heading of a page, as it is read: without tags, with single blanks."""
    found = (TAG.sub("", text) for text in ANY_HEADING.findall(page))
    return tuple(" ".join(unescape(text).split()) for text in found)


def words(body: str) -> int:
    """How many words a page has, its title not counted."""
    text = TAG.sub(" ", HEADING.sub(" ", body, count=1))
    return len(text.split())
