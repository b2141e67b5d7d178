# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directive ``quotes``: what may be said of each primary outcome, to copy with its source."""

from html import escape
from typing import Any

import evaluation_translations
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

# The citation as text, among those for reference managers.
PLAIN = "plain"


class QuotesDirective(SphinxDirective):
    """``{quotes} tbl-statements``: the sentences that may be said as they are, each to copy.

    Those that need care, and those that may not be said, are in the table with their reasons.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A block per outcome; a copied sentence carries the mark of invented data."""
        results: dict[str, Any] = self.env.evaluation  # type: ignore[attr-defined]
        table, book = results["exhibits"][self.arguments[0]], results["book"]
        day = book["facts"].get("published", "")
        rows = [row for row in table["rows"] if row["cells"][1]["kind"] == "yes"]
        blocks: list[nodes.Node] = []
        for group in dict.fromkeys(row["group"] for row in rows):
            # those without an interval are in the table, and the full reading, which is long
            said = [
                row["cells"][0]["text"][1:-1]
                for row in rows
                if row["group"] == group and row["id"].endswith("-range")
            ]
            blocks.append(nodes.paragraph("", group, classes=["quote-of"]))
            blocks += [
                nodes.raw("", quote(text, table, day, book["words"]), format="html")
                for text in said
            ]
        if rows:
            # once for all of them, so that it is read where they are
            blocks.append(nodes.paragraph("", cited(table), classes=["quote-source"]))
        return evaluation_translations.generated(blocks)


def cited(table: dict[str, Any]) -> str:
    """The citation of an exhibit as text.

    Parameters
    ----------
    table : dict
        The exhibit as the exhibits stage wrote it.
    """
    return next(str(c["text"]) for c in table["citations"] if c["name"] == PLAIN)


def quote(sentence: str, table: dict[str, Any], day: str, words: dict[str, str]) -> str:
    """A sentence, where it is from, and the two buttons; without a script there are none.

    Parameters
    ----------
    sentence : str
        As it may be said.
    table : dict
        The exhibit that has it: its code with version, and its citations.
    day : str
        Of what the book was built from; empty where that is not known.
    words : dict of str to str
        Of the extension, in the book's language.
    """
    source = " · ".join(part for part in (table["coded"], day) if part)
    whole = f"{sentence}\n{cited(table)} {source}."
    buttons = "".join(
        f'<button type="button" data-copy="{escape(text)}">{escape(words[name])}</button>'
        for name, text in (("copy_sentence", sentence), ("copy_sourced", whole))
    )
    copied = escape(words["copied"], quote=True)
    return (
        f'<figure class="quote"><blockquote><p>{escape(sentence)}</p></blockquote>'
        f"<figcaption>{escape(source)}</figcaption>"
        f'<p class="quote-buttons" hidden>{buttons}<span role="status" data-said="{copied}"></span>'
        "</p></figure>"
    )
