"""The book for paper: pages out of Sphinx's single file, in order, with title page and letters.

The single file has the summary first and every other page below it, between markers. What a screen
needs and paper cannot use leaves: anchors beside headings, downloads, closed drawers.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

import matplotlib as mpl

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.storage.packaged import filled_beside, patterns, read_beside

PATTERN = patterns(read_beside(__file__))

FOLDER = Path(mpl.get_data_path()) / "fonts" / "ttf"
SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"
FILES = (
    (SANS, "DejaVuSans.ttf", 400, "normal"),
    (SANS, "DejaVuSans-Bold.ttf", 700, "normal"),
    (SANS, "DejaVuSans-Oblique.ttf", 400, "italic"),
    (SANS, "DejaVuSans-BoldOblique.ttf", 700, "italic"),
    (MONO, "DejaVuSansMono.ttf", 400, "normal"),
    (MONO, "DejaVuSansMono-Bold.ttf", 700, "normal"),
)


def faces() -> str:
    """Style rules with the letters inside: Chromium waits for those, and not for files."""
    return "".join(_face(*entry) for entry in FILES)


def _face(family: str, name: str, weight: int, style: str) -> str:
    letters = b64encode((FOLDER / name).read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style};'
        f" src: url(data:font/ttf;base64,{letters}); }}\n"
    )


WRAPPER = '<div class="toctree-wrapper compound">'
DROPPED = [text for name, text in PATTERN.items() if name.startswith("dropped_")]
SAME_PAGE = 'href="index.html#'
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
    found = PATTERN["article"].search(single)
    captions = PATTERN["caption"].findall(single)
    first, *wrapped = cleaned(found[1] if found else "").split(WRAPPER)
    if not wrapped or len(captions) != len(wrapped):
        raise ReportError.of("single-page-no", "give-each-part", "pdf")
    summary = Page("index", title_of(first), first.strip() + "</section>")
    parts = zip(captions, wrapped, strict=True)
    return Pages(summary, tuple(Part(caption, _pages(text)) for caption, text in parts))


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
    return PATTERN["table_head"].sub(_laid, article)


def _laid(table: re.Match[str]) -> str:
    columns = len(PATTERN["head_cell"].findall(table[3]))
    wide = " wide" if columns > MANY_COLUMNS else ""
    return f'<table class="{table[1]}{wide}"{table[2]}>{table[3]}</thead>'


def taken(pages: Pages, name: str) -> tuple[Page | None, Pages]:
    """One page by its name, and the book without it; None where the book has none.

    Parameters
    ----------
    pages : Pages
    name : str
    """
    found = [page for part in pages.parts for page in part.pages if page.name == name]
    left = (
        Part(part.caption, tuple(page for page in part.pages if page.name != name))
        for part in pages.parts
    )
    kept = tuple(part for part in left if part.pages)
    return (found[0] if found else None), Pages(pages.summary, kept)


def raised(page: Page) -> Page:
    """A page of the second level as one of the first: each heading one step up."""
    return Page(
        page.name, page.title, PATTERN["level"].sub(lambda h: f"{h[1]}{int(h[2]) - 1}", page.body)
    )


def headings(page: str) -> tuple[str, ...]:
    """Every heading of a page, as it is read: without tags, with single blanks."""
    found = (PATTERN["tag"].sub("", text) for text in PATTERN["any_heading"].findall(page))
    return tuple(" ".join(unescape(text).split()) for text in found)


def words(body: str) -> int:
    """How many words a page has, its title not counted."""
    text = PATTERN["tag"].sub(" ", PATTERN["heading"].sub(" ", body, count=1))
    return len(text.split())


ABSTRACT, MOST_WORDS = "abstract", 500
SHOWN_HASH = 12
# Terms of the title page, in its order.
TERMS = ("version", "commit", "rounds", "plan_hash", "data_hash", "licence")


def printed_page(
    pages: Pages, facts: Mapping[str, str], *, language: str, banner: str, mark: str, style: str
) -> str:
    """One HTML document without scripts, for a browser to print.

    Parameters
    ----------
    pages : Pages
        The book, in the order of its table of contents.
    facts : mapping
        Texts by name: title, question, citation, version, commit, rounds, plan_hash, data_hash,
        licence.
    language : str
        Language of the book.
    banner, mark : str
        What stands on the title page and on top of every page; empty where the data are real.
    style : str
        Text of the style sheet for paper.

    Raises
    ------
    ReportError
        The book has no page ``abstract``, or it is too long.
    """
    abstract, rest = taken(pages, ABSTRACT)
    if abstract is None:
        raise ReportError.of("printed-book", "write-page-abstract", "pdf")
    _check_length(abstract)
    said = {name: escape(text) for name, text in facts.items()}
    terms = (f"<dt>{wording(f'pdf.term.{n}', language)}</dt><dd>{said[n]}</dd>" for n in TERMS)
    links = (
        f'<li><a href="#part-{i}">{part.caption}</a><ul>'
        + "".join(f'<li><a href="#document-{p.name}">{p.title}</a></li>' for p in part.pages)
        + "</ul></li>"
        for i, part in enumerate(rest.parts)
    )
    return filled_beside(
        __file__,
        "printed_page.html",
        language=language,
        title=f"{said['title']}{f' [{escape(mark)}]' if mark else ''}",
        heading=said["title"],
        question=said["question"],
        citation=said["citation"],
        style=style,
        margins=margins(facts, language, mark),
        warned=f'<p class="synthetic-banner">{escape(banner)}</p>' if banner else "",
        terms="".join(terms),
        cite=wording("pdf.cite", language),
        abstract=raised(abstract).body,
        summary=rest.summary.body,
        contents=wording("pdf.contents", language),
        links="".join(links),
        parts="\n".join(_part(p.caption, p.pages, i) for i, p in enumerate(rest.parts)),
    )


def _check_length(abstract: Page) -> None:
    found = words(abstract.body)
    if found > MOST_WORDS:
        raise ReportError.of(
            "abstract-words", "shorten-words", f"{ABSTRACT}.md", found=found, most_words=MOST_WORDS
        )


def _part(caption: str, pages: tuple[Page, ...], number: int) -> str:
    shown = "".join(f'<div class="page">{page.body}</div>' for page in pages)
    return f'<section class="part"><h1 id="part-{number}">{caption}</h1>{shown}</section>'


def margins(facts: Mapping[str, str], language: str, mark: str) -> str:
    """What stands at the edges of every page: mark, what the book is, and the page's number.

    Parameters
    ----------
    facts : mapping
        Version and hashes by name.
    language : {"en", "es"}
    mark : str
        The study's mark; empty for none.
    """
    made = (
        f"{wording('pdf.term.version', language)} {facts['version']} · "
        f"{wording('pdf.term.plan_hash', language)} {facts['plan_hash'][:SHOWN_HASH]} · "
        f"{wording('pdf.term.data_hash', language)} {facts['data_hash'][:SHOWN_HASH]}"
    )
    top = f"  @top-center {{ content: {_quoted(mark)}; }}\n" if mark else ""
    page, of = wording("pdf.page", language), wording("pdf.of", language)
    number = f"{_quoted(f'{page} ')} counter(page) {_quoted(f' {of} ')}"
    return (
        f"@page {{\n{top}  @bottom-left {{ content: {_quoted(made)}; }}\n"
        f"  @bottom-right {{ content: {number} counter(pages); }}\n}}\n"
    )


def _quoted(text: str) -> str:
    """A text in a style sheet, which can end neither the text nor the sheet."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")
