# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directives of the page to cite from: what a reader copies, downloads or shares, per exhibit.

``how-to-cite`` gives the citation of the study; ``exhibit-list`` every exhibit with its downloads,
ready-made citations and lasting address, and a field that filters them; ``checksums`` the file with
the sums of all files; ``citable-workbook`` the one file with the tables of the pages;
``annex-workbook`` that of all others; ``script-list`` the primary estimates as scripts of other
programs; ``share-cards`` the picture of them.
"""

import math
from collections.abc import Iterable
from html import escape
from typing import Any

import evaluation_exhibits
import evaluation_translations
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from evaluation.storage import print_links
from evaluation.storage.folders import BOOK_PDF, BRIEF_PDF

PLAIN, LISTED = "plain", "exhibit-list"
SUMS = "checksums.csv"
# What opens in a browser, by kind of exhibit.
OPENED = {"table": "html", "figure": "svg"}


class _Citing(SphinxDirective):
    """A directive that reads the results."""

    def book(self) -> dict[str, Any]:
        found: dict[str, Any] = self.env.evaluation["book"]  # type: ignore[attr-defined]
        return found

    def citable(self) -> dict[str, Any]:
        found: dict[str, Any] = self.env.evaluation["citable"]  # type: ignore[attr-defined]
        return found


class ExhibitListDirective(_Citing):
    """``{exhibit-list}``: every exhibit with its downloads and citations, and a filter."""

    def run(self) -> list[nodes.Node]:
        """One block per exhibit; :func:`order_by_number` puts them in order."""
        exhibits = self.env.evaluation["exhibits"]  # type: ignore[attr-defined]
        listed = nodes.container("", classes=[LISTED])
        for identifier in self.book()["exhibits"]:
            if identifier not in exhibits:
                continue  # the annex holds it
            exhibit = exhibits[identifier]
            number = evaluation_exhibits.reference(identifier, self.env.docname)
            made = block(exhibit, number, self.book()["words"])
            listed += nodes.container("", *made, exhibit=identifier)
        annex = nodes.raw(
            "", _annex(self.citable().get("annex", ()), self.book()["words"]), format="html"
        )
        return evaluation_translations.generated([_filter(self.book()["words"]), listed, annex])


def order_by_number(app: Sphinx, document: nodes.document, _: str) -> None:
    """Put the listed exhibits in the order of their numbers, tables first.

    Sphinx numbers tables and figures once it has read all pages.
    """
    numbers = {
        identifier: (kind != "table", number)
        for of_page in app.env.toc_fignumbers.values()
        for kind, of_kind in of_page.items()
        for identifier, number in of_kind.items()
    }
    for listed in document.findall(nodes.container):
        if LISTED in listed["classes"]:
            listed.children.sort(key=lambda x: numbers.get(x["exhibit"], (True, (math.inf,))))


class HowToCiteDirective(_Citing):
    """``{how-to-cite}``: the citation of the study, and the same in BibTeX and RIS, to copy."""

    def run(self) -> list[nodes.Node]:
        """A block with a button for each; all but the text with a name above."""
        return evaluation_translations.generated(_copies(self.book()["citations"]))


class ChecksumsDirective(_Citing):
    """``{checksums}``: the file with the sums of all files that the book offers."""

    def run(self) -> list[nodes.Node]:
        """One paragraph."""
        said = escape(self.book()["words"]["sums"])
        text = f"<p>{said}: {_link(SUMS)}</p>"
        return [nodes.raw("", text, format="html")]


class WorkbookDirective(_Citing):
    """``{citable-workbook}``: the file with all tables, as a link with its size."""

    def run(self) -> list[nodes.Node]:
        """One paragraph."""
        links = "".join(map(_sized, self.citable()["workbook"]))
        return [nodes.raw("", f'<p class="cite-workbook">{links}</p>', format="html")]


class FirstDownloadsDirective(_Citing):
    """``{first-downloads}``: who wrote it, when, and buttons: paper, brief, data, citation."""

    def run(self) -> list[nodes.Node]:
        """A line and a row of links; the paper lies beside the site."""
        book = self.book()
        words, facts = book["words"], book["facts"]
        root = "../" * (self.env.docname.count("/") + 1)
        printed = _buttons(
            (f"{root}{name}", words[label])
            for name, label in zip((BOOK_PDF, BRIEF_PDF), ("get_pdf", "get_brief"), strict=True)
        )
        links = (
            ("downloads.html", words["get_data"]),
            *(
                (
                    f"{{root}}files/{file['name']}",
                    f"{words['get_tables']} ({kilobytes(file['bytes'])})",
                )
                for file in self.citable()["workbook"]
            ),
        )
        # a book that is only begun has no such page
        if "say" in self.env.found_docs:
            links = (*links, ("say.html#how-to-cite", words["get_citation"]))
        beside = print_links.without_links(f"{print_links.BEGIN}{printed}{print_links.END}")
        about = " · ".join(
            escape(facts[name].rstrip("."))
            for name in ("authors", "institution", "published")
            if facts.get(name)
        )
        buttons = beside + _buttons(links)
        text = f'<p class="first-about">{about}</p><p class="first-downloads">{buttons}</p>'
        return [nodes.raw("", text, format="html")]


def _buttons(links: Iterable[tuple[str, str]]) -> str:
    """Links that look like buttons, from their addresses and words."""
    return "".join(
        f'<a class="first-download" href="{address}">{escape(label)}</a>'
        for address, label in links
    )


class AnnexDirective(_Citing):
    """``{annex-workbook}``: the file with the tables that no page shows."""

    def run(self) -> list[nodes.Node]:
        """A link with its size; nothing where the annex is empty."""
        links = "".join(map(_sized, self.citable().get("annex_workbook", ())))
        text = f'<p class="cite-workbook">{links}</p>' if links else ""
        return [nodes.raw("", text, format="html")]


class ScriptsDirective(_Citing):
    """``{script-list}``: the primary estimates as scripts of other programs."""

    def run(self) -> list[nodes.Node]:
        """A list of links with sizes, or a sentence that there are none."""
        items = "".join(f"<li>{_sized(file)}</li>" for file in self.book()["scripts"])
        if not items:
            said = escape(self.book()["words"]["no_scripts"])
            return [nodes.raw("", f"<p>{said}</p>", format="html")]
        return [nodes.raw("", f"<ul>{items}</ul>", format="html")]


class CardsDirective(_Citing):
    """``{share-cards}``: the picture of the primary estimates, with what it says."""

    def run(self) -> list[nodes.Node]:
        """A list of pictures that are links to their files."""
        items = "".join(map(card, self.citable()["cards"]))
        return [nodes.raw("", f'<ul class="share-cards">{items}</ul>', format="html")]


def block(exhibit: dict[str, Any], number: nodes.Node, words: dict[str, str]) -> list[nodes.Node]:
    """Everything that is offered of an exhibit.

    Parameters
    ----------
    exhibit : dict
        The exhibit's JSON.
    number : docutils.nodes.Node
        Its number as a link to its place in the book.
    words : dict of str to str
        Of the extension, in the book's language.
    """
    label = escape(exhibit["title"], quote=True)
    begin = f'<section class="cite" id="cite-{exhibit["id"]}" aria-label="{label}">'
    heading = nodes.paragraph("", "", number, nodes.Text(f" {exhibit['title']}"))
    heading["classes"].append("cite-heading")
    citations = [
        *_copies(exhibit["citations"]),
        nodes.raw("", _address(exhibit, words), format="html"),
    ]
    return [
        nodes.raw("", begin, format="html"),
        heading,
        evaluation_exhibits.downloads(exhibit),
        *_folded(words["citations"], citations),
        nodes.raw("", "</section>", format="html"),
    ]


def _annex(exhibits: Iterable[dict[str, Any]], words: dict[str, str]) -> str:
    """What the annex holds: each with the file that it is in."""
    items = "".join(
        f'<li class="cite"><strong>{escape(exhibit["coded"])}</strong>'
        f" <code>{exhibit['id']}</code> {escape(exhibit['title'])} {_link(exhibit['file'])}</li>"
        for exhibit in exhibits
    )
    return (
        f'<p>{escape(words["annex_list"])}</p><ul class="annex-list">{items}</ul>' if items else ""
    )


def _filter(words: dict[str, str]) -> nodes.raw:
    """A field that leaves of the list what it asks for; without its script it stays hidden."""
    label, said = escape(words["filter"]), escape(words["filter_left"], quote=True)
    text = (
        f'<div class="list-filter" hidden><label for="list-filter">{label}</label>'
        '<input id="list-filter" class="form-control" type="search" autocomplete="off">'
        f'<p id="list-status" role="status" data-said="{said}"></p></div>'
    )
    return nodes.raw("", text, format="html")


def _copies(citations: Iterable[dict[str, str]]) -> list[nodes.Node]:
    """Each citation to copy, those for reference managers under their names."""
    found: list[nodes.Node] = []
    for citation in citations:
        if citation["name"] != PLAIN:
            found.append(nodes.paragraph("", citation["called"]))
        found.append(_copied(citation["text"]))
    return found


def _copied(text: str) -> nodes.literal_block:
    """Text as the theme shows code, with its button to copy it."""
    return nodes.literal_block(text, text, language="none", classes=["cite-text"])


def _folded(summary: str, inside: list[nodes.Node]) -> list[nodes.Node]:
    begin = f'<details class="exhibit-files"><summary>{escape(summary)}</summary>'
    return [
        nodes.raw("", begin, format="html"),
        *inside,
        nodes.raw("", "</details>", format="html"),
    ]


def _address(exhibit: dict[str, Any], words: dict[str, str]) -> str:
    address = f"files/{exhibit['id']}.{OPENED[exhibit['kind']]}"
    return f'<p>{escape(words["address"])} <a href="{{root}}{address}">{address}</a></p>'


def _sized(file: dict[str, Any]) -> str:
    return f"{_link(file['name'])} ({kilobytes(file['bytes'])})"


def _link(name: str) -> str:
    return f'<a href="{{root}}files/{name}" download>{name}</a>'


def kilobytes(size: int) -> str:
    """Size of a file, as readers compare it: thousands of bytes, rounded up."""
    return f"{-(-size // 1000)} kB"


def card(entry: dict[str, Any]) -> str:
    """A card as a link to its file; its alternative text says all that the picture says."""
    name, alt = entry["name"], escape(entry["alt"], quote=True)
    picture = f'<img src="{{root}}files/{name}" alt="{alt}" width="1200" height="630"'
    return (
        f'<li><a href="{{root}}files/{name}">{picture} loading="lazy"></a><p>{_link(name)}</p></li>'
    )
