"""The page that is printed: title page, abstract, summary, contents, parts."""

import json
from collections.abc import Mapping
from html import escape

from evaluation.cli.pdf_pages import Page, Pages, raised, taken, words
from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording

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
        raise ReportError(
            message("printed-book.problem"),
            where="pdf",
            mend=message("write-page-abstract.mend"),
        )
    _check_length(abstract)
    said = {name: escape(text) for name, text in facts.items()}
    title = f"{said['title']}{f' [{escape(mark)}]' if mark else ''}"
    body = "\n".join(
        [
            title_page(said, language, escape(banner)),
            f'<div class="page">{raised(abstract).body}</div>',
            f'<div class="page" id="summary-page">{rest.summary.body}</div>',
            contents(rest, language),
            *(_part(part.caption, part.pages, i) for i, part in enumerate(rest.parts)),
        ]
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>\n{style}\n{margins(facts, language, mark)}</style>\n"
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _check_length(abstract: Page) -> None:
    found = words(abstract.body)
    if found > MOST_WORDS:
        raise ReportError(
            message("abstract-words.problem", found=found),
            where=f"{ABSTRACT}.md",
            mend=message("shorten-words.mend", most_words=MOST_WORDS),
        )


def title_page(said: Mapping[str, str], language: str, banner: str) -> str:
    """Title, question, what the book was made from, licence and citation, all escaped before."""
    terms = "".join(
        f"<dt>{wording(f'pdf.term.{name}', language)}</dt><dd>{said[name]}</dd>" for name in TERMS
    )
    warned = f'<p class="synthetic-banner">{banner}</p>' if banner else ""
    return (
        f'<section class="title-page">{warned}<h1>{said["title"]}</h1>'
        f'<p class="title-question">{said["question"]}</p><dl>{terms}</dl>'
        f'<p class="title-cite"><strong>{wording("pdf.cite", language)}.</strong>'
        f" {said['citation']}</p></section>"
    )


def contents(pages: Pages, language: str) -> str:
    """Parts and their pages as links."""
    parts = "".join(
        f'<li><a href="#part-{i}">{part.caption}</a><ul>'
        + "".join(f'<li><a href="#document-{p.name}">{p.title}</a></li>' for p in part.pages)
        + "</ul></li>"
        for i, part in enumerate(pages.parts)
    )
    return (
        f'<nav class="page contents"><h1 id="contents">{wording("pdf.contents", language)}</h1>'
        f"<ul>{parts}</ul></nav>"
    )


def _part(caption: str, pages: tuple[Page, ...], number: int) -> str:
    shown = "".join(f'<div class="page">{page.body}</div>' for page in pages)
    return f'<section class="part"><h1 id="part-{number}">{caption}</h1>{shown}</section>'


def margins(facts: Mapping[str, str], language: str, mark: str) -> str:
    """What stands at the edges of every page: mark, what the book is, and the page's number."""
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
