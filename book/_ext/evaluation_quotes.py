# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directive ``quotes``: what may be said of each primary outcome."""

import evaluation_translations
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class QuotesDirective(SphinxDirective):
    """``{quotes} tbl-statements``: the sentences that may be said as they are, each to copy.

    Those that need care, and those that may not be said, are in the table with their reasons.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A block per outcome; a copied sentence carries the mark of invented data."""
        table = self.env.evaluation["exhibits"][self.arguments[0]]  # type: ignore[attr-defined]
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
                nodes.literal_block(text, text, language="none", classes=["cite-text", "quote"])
                for text in said
            ]
        return evaluation_translations.generated(blocks)
