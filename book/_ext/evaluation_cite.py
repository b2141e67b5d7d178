# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directives of the page to cite from: what a reader copies, downloads or shares, per exhibit.

``exhibit-list`` gives every exhibit with code, reading, downloads, ready-made citations, lasting
address and checksums; ``citable-workbook`` the one file with the tables of the pages;
``annex-list`` the workbook of all others and what it holds; ``script-list`` the
primary estimates as scripts of other programs; ``share-cards`` their pictures.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

import evaluation_exhibits
import evaluation_translations
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PLAIN = "plain"
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
    """``{exhibit-list}``: every exhibit with its reading, downloads, citations and sums."""

    def run(self) -> list[nodes.Node]:
        """One block per exhibit, in the registry's order."""
        exhibits = self.env.evaluation["exhibits"]  # type: ignore[attr-defined]
        blocks: list[nodes.Node] = []
        for identifier in self.book()["exhibits"]:
            if identifier not in exhibits:
                continue  # the annex holds it: `annex-list`
            exhibit = exhibits[identifier]
            number = evaluation_exhibits.reference(identifier, self.env.docname)
            blocks += block(exhibit, number, self.book()["words"])
        return evaluation_translations.generated(blocks)


class WorkbookDirective(_Citing):
    """``{citable-workbook}``: the file with all tables, as a link with its size and sum."""

    def run(self) -> list[nodes.Node]:
        """One paragraph."""
        links = "".join(map(_summed, self.citable()["workbook"]))
        return [nodes.raw("", f'<p class="cite-workbook">{links}</p>', format="html")]


class AnnexListDirective(_Citing):
    """``{annex-list}``: the annex workbook, and what it and the pictures beside it hold."""

    def run(self) -> list[nodes.Node]:
        """A link with its size and sum, and a list; nothing where the annex is empty."""
        citable = self.citable()
        links = "".join(map(_summed, citable.get("annex_workbook", ())))
        items = "".join(
            f"<li><strong>{escape(exhibit['coded'])}</strong> <code>{exhibit['id']}</code>"
            f" {escape(exhibit['title'])}. {_link(exhibit['file'])}</li>"
            for exhibit in citable.get("annex", ())
        )
        text = f'<p class="cite-workbook">{links}</p><ul class="annex-list">{items}</ul>'
        return [nodes.raw("", text, format="html")] if items else []


class ScriptsDirective(_Citing):
    """``{script-list}``: the primary estimates as scripts of other programs."""

    def run(self) -> list[nodes.Node]:
        """A list of links with sizes and sums."""
        items = "".join(f"<li>{_summed(file)}</li>" for file in self.book()["scripts"])
        return [nodes.raw("", f"<ul>{items}</ul>", format="html")]


class CardsDirective(_Citing):
    """``{share-cards}``: the pictures of the primary estimates, each with what it says."""

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
    code = nodes.strong("", exhibit["coded"])
    heading = nodes.paragraph("", "", code, nodes.Text(" · "), number)
    heading += nodes.Text(f" {exhibit['title']}")
    heading["classes"].append("cite-heading")
    citations = {citation["name"]: citation for citation in exhibit["citations"]}
    plain = citations.pop(PLAIN)
    return [
        nodes.raw("", begin, format="html"),
        heading,
        nodes.paragraph("", exhibit["reading"]),
        evaluation_exhibits.downloads(exhibit),
        _copied(plain["text"]),
        *_folded(words["citations"], _others(citations.values())),
        nodes.raw("", _files(exhibit, words), format="html"),
        nodes.raw("", "</section>", format="html"),
    ]


def _others(citations: Iterable[dict[str, str]]) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for citation in citations:
        found += [nodes.paragraph("", citation["called"]), _copied(citation["text"])]
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


def _files(exhibit: dict[str, Any], words: dict[str, str]) -> str:
    sums = "".join(
        f"<li>{_link(file['name'])} <code>{file['sha256']}</code></li>"
        for file in evaluation_exhibits.offered(exhibit)
    )
    address = f"files/{exhibit['id']}.{OPENED[exhibit['kind']]}"
    lasting = f'<a href="{{root}}{address}">{address}</a>'
    return (
        f'<details class="exhibit-files"><summary>{escape(words["files"])}</summary>'
        f"<p>{escape(words['address'])} {lasting}</p><ul>{sums}</ul></details>"
    )


def _summed(file: dict[str, Any]) -> str:
    size, total = kilobytes(file["bytes"]), file["sha256"]
    return f"{_link(file['name'])} ({size}) <code>SHA-256 {total}</code>"


def _link(name: str) -> str:
    return f'<a href="{{root}}files/{name}" download>{name}</a>'


def kilobytes(size: int) -> str:
    """Size of a file, as readers compare it: thousands of bytes, rounded up."""
    return f"{-(-size // 1000)} kB"


def card(entry: dict[str, Any]) -> str:
    """A card as a link to its file; its alternative text says all that the picture says."""
    name, alt = entry["name"], escape(entry["alt"], quote=True)
    picture = f'<img src="{{root}}files/{name}" alt="{alt}" width="1080" height="1350"'
    return (
        f'<li><a href="{{root}}files/{name}">{picture} loading="lazy"></a>'
        f"<p>{_link(name)} <code>{entry['sha256'][:12]}</code></p></li>"
    )
