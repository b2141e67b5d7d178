# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directives of the reference pages: ``api``, ``checksums`` and ``changes``, from ``book.json``."""

import re
from collections.abc import Iterable
from html import escape
from typing import Any

import evaluation_translations
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

CODE = re.compile(r"(`+)(.+?)\1|\*(\w[^*]*)\*")


class ApiDirective(SphinxDirective):
    """``{api}``: what a notebook may import, with signatures and docstrings of the source."""

    def run(self) -> list[nodes.Node]:
        """One block per module."""
        modules = self.env.evaluation["book"]["api"]  # type: ignore[attr-defined]
        made = [node for module in modules for node in self._module(module)]
        return evaluation_translations.generated(_in_english(made))

    def _module(self, module: dict[str, Any]) -> list[nodes.Node]:
        made: list[nodes.Node] = [*_docstring(module["doc"])]
        for entry in module["entries"]:
            block = nodes.literal_block("", entry["signature"], language="python")
            made += [block, nodes.container("", *_docstring(entry["doc"]), classes=["api-entry"])]
        return [_section(module["name"], nodes.literal("", module["name"]), made)]


class ChecksumsDirective(SphinxDirective):
    """``{checksums}``: the hashes of the results, and the sums of their tables."""

    def run(self) -> list[nodes.Node]:
        """A list of names with their sums."""
        book = self.env.evaluation["book"]  # type: ignore[attr-defined]
        words = book["words"]
        pairs = [(words["plan_hash"], book["plan_hash"]), (words["data_hash"], book["data_hash"])]
        pairs += [(entry["name"], entry["sha256"]) for entry in book["checksums"]]
        items = "".join(
            f"<dt>{escape(name)}</dt><dd><code>{escape(digest)}</code></dd>"
            for name, digest in pairs
        )
        return [nodes.raw("", f'<dl class="checksums">{items}</dl>', format="html")]


class ChangesDirective(SphinxDirective):
    """``{changes}``: the versions of the software and what changed in each."""

    def run(self) -> list[nodes.Node]:
        """A heading and a list per version."""
        made: list[nodes.Node] = []
        for entry in self.env.evaluation["book"]["changes"]:  # type: ignore[attr-defined]
            paragraphs = (nodes.paragraph("", "", *_inline(item)) for item in entry["items"])
            items = (nodes.list_item("", paragraph) for paragraph in paragraphs)
            listed = nodes.bullet_list("", *items)
            name = entry["version"]
            made.append(_section(f"version {name}", nodes.Text(name), [listed]))
        return evaluation_translations.generated(made)


def _in_english(made: Iterable[nodes.Node]) -> list[nodes.Node]:
    """What stays in the language of the source, so that a screen reader reads it so."""
    begin = nodes.raw("", '<div class="from-source" lang="en">', format="html")
    return [begin, *made, nodes.raw("", "</div>", format="html")]


def _section(name: str, title: nodes.Node, made: Iterable[nodes.Node]) -> nodes.section:
    """A part with a heading and an anchor of its own."""
    return nodes.section("", nodes.title("", "", title), *made, ids=[nodes.make_id(name)])


def _docstring(doc: dict[str, Any]) -> list[nodes.Node]:
    made: list[nodes.Node] = [nodes.paragraph("", "", *_inline(text)) for text in doc["lead"]]
    for section in doc["sections"]:
        made.append(nodes.paragraph("", section["title"], classes=["api-section"]))
        made += [nodes.paragraph("", "", *_inline(text)) for text in section["paragraphs"]]
        if section["terms"]:
            items = (_term(term, text) for term, text in section["terms"])
            made.append(nodes.definition_list("", *items))
    return made


def _term(term: str, text: str) -> nodes.definition_list_item:
    said = nodes.definition("", nodes.paragraph("", "", *_inline(text)))
    return nodes.definition_list_item("", nodes.term("", "", nodes.literal("", term)), said)


def _inline(text: str) -> list[nodes.Node]:
    """Text whose ``code``, `names` and *emphasis* are set apart."""
    made: list[nodes.Node] = []
    done = 0
    for found in CODE.finditer(text):
        made.append(nodes.Text(text[done : found.start()]))
        kind = nodes.literal if found[1] else nodes.emphasis
        made.append(kind("", found[2] or found[3]))
        done = found.end()
    return [*made, nodes.Text(text[done:])]
