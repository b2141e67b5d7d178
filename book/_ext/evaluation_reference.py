# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directives of the reference pages: ``api`` and ``changes``, from ``book.json``."""

import re
from collections.abc import Iterable
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
        if section.get("code"):
            made.append(nodes.literal_block("", section["code"], language="pycon"))
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
