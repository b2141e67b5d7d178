# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Directives ``effect-card``, one primary estimate, and ``quotes``, what may be said of each."""

from typing import Any

import evaluation_translations
from docutils import nodes
from evaluation_exhibits import alone, shown
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
CARD_FIELDS = (
    "estimate",
    "ci_low",
    "ci_high",
    "conclusion",
    "smallest_effect",
    "status",
    "n",
    "n_clusters_treated",
    "n_clusters_comparison",
)


class EffectCardDirective(SphinxDirective):
    """``{effect-card} tbl-did-main.trust``: one primary estimate with its interval and conclusion.

    The content of the directive says what the number means in local units.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the card, or warn where one of its numbers is missing."""
        evaluation, row = self.env.evaluation, self.arguments[0]  # type: ignore[attr-defined]
        numbers, book = evaluation["numbers"], evaluation["book"]
        try:
            found = {name: numbers[f"{row}.{name}"] for name in CARD_FIELDS}
        except KeyError as missing:
            LOGGER.warning("unknown number: %s", missing, location=self.get_location())
            return []
        card = nodes.container(classes=["effect-card"])
        outcome = row.rpartition(".")[2]
        label = book["facts"][f"outcome.{outcome}"]
        for kind, words in _lead(label, found, book):
            card += nodes.paragraph("", words, classes=[f"effect-{kind}"])
            if kind == "value":
                # written out: the card may be the first thing that somebody reads
                unit = f"\u00a0{book['facts'][f'unit.{outcome}']}"
                card[-1] += nodes.inline("", unit, classes=["effect-unit"])
        self.state.nested_parse(self.content, self.content_offset, card)
        card += nodes.paragraph("", _size(found, book), classes=["effect-size"])
        return [card]


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


def _lead(
    label: str, found: dict[str, dict[str, Any]], book: dict[str, Any]
) -> list[tuple[str, str]]:
    """Kind and words of each line above the card's own text; lines without words left out."""
    facts, words = book["facts"], book["words"]
    text = {name: shown(number, "") for name, number in found.items()}
    conclusion = text["conclusion"][:1].upper() + text["conclusion"][1:]
    smallest = shown(alone(found["smallest_effect"], found["estimate"]), "unit")
    matters, status = words["matters"].format(amount=smallest), text["status"]
    interval = {"level": facts["level"], "low": text["ci_low"], "high": text["ci_high"]}
    lines = (
        ("mark", book["mark"]),
        ("label", label),
        ("value", text["estimate"]),
        ("interval", words["interval"].format(**interval)),
        ("conclusion", conclusion),
        ("matters", "; ".join(part for part in (matters, facts["smallest_set"]) if part)),
        ("status", words["status"].format(status=status) if status == words["deviation"] else ""),
    )
    return [(kind, said) for kind, said in lines if said]


def _size(found: dict[str, dict[str, Any]], book: dict[str, Any]) -> str:
    text = {name: number["text"] for name, number in found.items()}
    said: str = book["words"]["size"].format(
        n=text["n"],
        treated=text["n_clusters_treated"],
        comparison=text["n_clusters_comparison"],
        clusters=book["facts"]["clusters"],
    )
    return said
