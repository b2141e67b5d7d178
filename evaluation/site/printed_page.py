"""The document that is printed: title page, summary, contents, pages; letters inside.

The style sheet writes the number of its sheet behind each line of the contents.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path

import matplotlib as mpl

from evaluation.locale.messages import wording
from evaluation.report.figures import typeface
from evaluation.site.printed_book import (
    BookPart,
    Page,
    Pages,
    PrintedExhibit,
    anchors,
    exhibits,
    unlinked,
    without,
)
from evaluation.storage.packaged import filled_beside

FOLDER = Path(mpl.get_data_path()) / "fonts" / "ttf"
# for code, and for signs that the typeface of the book lacks
MONO, SIGNS = "DejaVu Sans Mono", "DejaVu Sans"
FILES = (
    (MONO, "DejaVuSansMono.ttf", 400, "normal"),
    (MONO, "DejaVuSansMono-Bold.ttf", 700, "normal"),
    (SIGNS, "DejaVuSans.ttf", 400, "normal"),
    (SIGNS, "DejaVuSans-Bold.ttf", 700, "normal"),
)


def faces() -> str:
    """Style rules with the letters inside: a print has the same on every machine."""
    return typeface.embedded() + "".join(_face(*entry) for entry in FILES)


def _face(family: str, name: str, weight: int, style: str) -> str:
    letters = b64encode((FOLDER / name).read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style};'
        f" src: url(data:font/ttf;base64,{letters}); }}\n"
    )


# A picture in a page takes its typeface and the colours behind variables from a style sheet of the
# site. WeasyPrint draws it without sheets, and names it by its title alone.
PICTURE = '<svg class="evaluation-figure"'
COLOUR = re.compile(r"var\(--svg-\w+,(#[0-9a-f]{6})\)")
NAMED = re.compile(r"(<title[^>]*>)([^<]*)</title><desc[^>]*>([^<]*)</desc>")


def drawable(text: str) -> str:
    """The page, each of its pictures with its own typeface, colours and full description.

    Parameters
    ----------
    text : str
        HTML.
    """
    text = text.replace(PICTURE, f'{PICTURE} font-family="{typeface.FAMILY}"')
    return NAMED.sub(r"\1\2. \3</title>", COLOUR.sub(r"\1", text))


SHOWN_HASH = 12
# Terms of the title page, in its order.
TERMS = ("authors", "institution", "published", "rounds", "version", "commit", "licence")
SUMMARY = "summary-page"
KINDS = ("table", "figure")
# Pages that are long lists to search in: the site has them, and the workbook their tables.
LEFT_OUT = ("dictionary", "downloads")


def printed_page(
    pages: Pages,
    facts: Mapping[str, str],
    *,
    language: str,
    banner: str,
    mark: str,
    style: str,
) -> str:
    """One HTML document without scripts.

    Parameters
    ----------
    pages : Pages
        The book, in the order of its table of contents.
    facts : mapping
        Texts by name: title, question, citation, version, plan_hash, data_hash and the terms of the
        title page.
    language : str
        Language of the book.
    banner, mark : str
        What the title page says, and the top of every page; empty where the data are real.
    style : str
        Text of the style sheet for paper.

    Raises
    ------
    ReportError
        A table or figure has no number.
    """
    left_out, rest = without(pages, LEFT_OUT)
    gone = frozenset(f"document-{page.name}" for page in left_out) | anchors(left_out)
    said = {name: escape(text) for name, text in facts.items()}
    terms = (
        f"<dt>{wording(f'pdf.term.{n}', language)}</dt><dd>{said[n]}</dd>" for n in TERMS if said[n]
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
        summary=unlinked(rest.summary.body, gone),
        contents_head=wording("pdf.contents", language),
        contents=contents(rest, left_out, language),
        parts="\n".join(_part(p, i, gone) for i, p in enumerate(rest.parts)),
    )


def _part(part: BookPart, number: int, gone: frozenset[str]) -> str:
    shown = "".join(f'<div class="page">{unlinked(page.body, gone)}</div>' for page in part.pages)
    return f'<section class="part"><h1 id="part-{number}">{part.caption}</h1>{shown}</section>'


def contents(pages: Pages, left_out: tuple[Page, ...], language: str) -> str:
    """Pages by part, then tables, then figures, each a link.

    Parameters
    ----------
    pages : Pages
    left_out : tuple of Page
        Those that the site has and this document has not.
    language : {"en", "es"}
    """
    lines = [_line(SUMMARY, f"<b>{pages.summary.title}</b>")]
    for number, part in enumerate(pages.parts):
        inside = "".join(_line(f"document-{p.name}", p.title) for p in part.pages)
        lines.append(
            f'<li class="contents-part">{_link(f"part-{number}", part.caption)}'
            f"<ul>{inside}</ul></li>"
        )
    shown = exhibits(pages)
    lists = (_list(kind, shown, language) for kind in KINDS)
    return f"<ul>{''.join(lines)}</ul>{_elsewhere(left_out, language)}{''.join(lists)}"


def _list(kind: str, shown: tuple[PrintedExhibit, ...], language: str) -> str:
    lines = "".join(
        _line(e.anchor, f"<b>{e.number}</b> {e.title}") for e in shown if e.kind == kind
    )
    head = wording(f"pdf.list.{kind}", language)
    return (
        f'<section><h2>{head}</h2><ul class="contents-list">{lines}</ul></section>' if lines else ""
    )


def _line(anchor: str, label: str) -> str:
    return f"<li>{_link(anchor, label)}</li>"


def _link(anchor: str, label: str) -> str:
    return f'<a href="#{anchor}"><span class="contents-label">{label}</span></a>'


def _elsewhere(left_out: tuple[Page, ...], language: str) -> str:
    if not left_out:
        return ""
    named = "; ".join(page.title for page in left_out)
    return f'<p class="contents-elsewhere">{wording("pdf.elsewhere", language, pages=named)}</p>'


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
