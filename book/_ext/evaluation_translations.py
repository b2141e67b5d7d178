# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Every text of a page is translated, or the build stops.

Pages are written in one language; ``.po`` files hold the others. Building the first language leaves
the list of texts (``messages.json``), from which ``python -m evaluation translations`` brings the
``.po`` files up to date. Building another language warns of each text that its files lack. What the
exhibits stage wrote is in the book's language already and is no text to translate.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import evaluation_plain
import evaluation_state
from babel.messages.pofile import read_po
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

LOGGER = logging.getLogger(__name__)
SOURCE_LANGUAGE = "en"
MESSAGES = "messages.json"
GENERATED = "generated"


def generated(made: Iterable[nodes.Node]) -> list[nodes.Node]:
    """Nodes that come from the results in the book's language: nothing in them is translated."""
    kept = list(made)
    for top in kept:
        for node in top.findall(nodes.Element):
            node[GENERATED] = True
            # Sphinx takes inline nodes with this key for its own and removes them
            if not isinstance(node, nodes.Inline):
                node["translatable"] = False
    return kept


class Translated(SphinxTransform):
    """Collect a page's texts, or exchange the plain ones and warn of those without a translation.

    Runs before Sphinx's own, which does the rest.
    """

    default_priority = 19

    def apply(self, **_: Any) -> None:
        """Look at one page."""
        page, found = self.env.docname, list(self._texts())
        if self.config.language == SOURCE_LANGUAGE:
            messages: dict[str, list[str]] = self.env.evaluation_messages  # type: ignore[attr-defined]
            messages[page] = list(dict.fromkeys(text for text, _ in found))
            return
        (translated, open_), markdown = self._catalogue(page), evaluation_plain.parser(self.env)
        for text, node in found:
            if text in translated:
                evaluation_plain.translate(node, translated[text], markdown)
        for text, node in dict(found).items():
            if text in open_:
                LOGGER.warning("open translation in %s.po: %s", page, text[:200], location=node)
            elif text not in translated:
                LOGGER.warning("untranslated: %s", text[:200], location=node)

    def _texts(self) -> Iterator[tuple[str, nodes.Element]]:
        for node, text in extract_messages(self.document):
            # what a notebook or page says about itself stands in fields, and nobody reads it
            if not (node.get(GENERATED) or isinstance(node.parent, nodes.field_body | nodes.field)):
                yield text, node

    def _catalogue(self, page: str) -> tuple[dict[str, str], set[str]]:
        """Translations of a page, and texts that changed since they were translated."""
        folder = Path(self.app.srcdir) / self.config.locale_dirs[0] / str(self.config.language)
        path = folder / "LC_MESSAGES" / f"{page}.po"
        if not path.is_file():
            return {}, set()
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        given = [m for m in catalogue if m.id and m.string]
        return (
            {str(m.id): str(m.string) for m in given if not m.fuzzy},
            {str(m.id) for m in given if m.fuzzy},
        )


def leave_messages(app: Sphinx, problem: Exception | None) -> None:
    """Leave the list of texts beside the pages; the book stage takes it out of the site."""
    if problem is None and app.config.language == SOURCE_LANGUAGE:
        found = app.env.evaluation_messages  # type: ignore[attr-defined]
        text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
        (Path(app.outdir) / MESSAGES).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_transform(Translated)
    evaluation_state.keep(app, "evaluation_messages")
    app.connect("build-finished", leave_messages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
