"""Blocks of the README that are made: the list of exhibits, and the primary estimates.

A block stands between ``<!-- generated: name -->`` and ``<!-- end: name -->``.
"""

import re
from pathlib import Path
from typing import Any

from evaluation.errors import ReportError
from evaluation.report.formats import words
from evaluation.study.configuration import Configuration
from evaluation.study.exhibits import Exhibit

MAIN_TABLE = "tbl-did-main"

LANGUAGE = "en"

MOST_NAMED = 5

README = Path("README.md")


def replace(text: str, name: str, content: str) -> str:
    """Put content between a block's marks.

    Raises
    ------
    ReportError
        The marks are not there, or there twice.
    """
    pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end: {name} -->)"
    replaced, count = re.subn(
        pattern, lambda found: f"{found[1]}{content}{found[2]}", text, flags=re.DOTALL
    )
    if count != 1:
        raise ReportError.of("block-stands", "let-stand-once", README.name, name=name, count=count)
    return replaced


def result(configuration: Configuration, numbers: dict[str, Any]) -> str:
    """Two sentences: the question, and the primary estimates with their intervals.

    Raises
    ------
    ReportError
        A primary outcome's number is not in the registry.
    """
    plan = configuration.preregistration.plan
    parts = []
    for outcome in plan.primary_outcomes():
        estimate, low, high = (
            _number(numbers, f"{MAIN_TABLE}.{outcome.id}.{field}")
            for field in ("estimate", "ci_low", "ci_high")
        )
        label = outcome.label[LANGUAGE].lower()
        parts.append(f"{label} {estimate} {outcome.unit} ({low} to {high})")
    level = f"{plan.inference.level:.0%}".replace("%", " %")
    said = words.mark(configuration.study.mark, "en")
    mark = f"**{said}.** " if said else ""
    return (
        f"> {configuration.study.question[LANGUAGE]}\n>\n"
        f"> {mark}Primary estimates with {level} intervals: {'; '.join(parts)}.\n"
    )


def _number(numbers: dict[str, Any], identifier: str) -> str:
    if identifier not in numbers:
        raise ReportError.of("no-number", "run-make", "numbers.json", identifier=identifier)
    return str(numbers[identifier]["text"])


def exhibits(configuration: Configuration) -> str:
    """Markdown table of the exhibits: id, title, function, entries of the plan."""
    lines = ["| id | shows | made by | stands | plan entries |\n", "| --- " * 5 + "|\n"]
    for exhibit in configuration.registry.exhibit:
        kinds = ("families", "outcomes", "specifications", "series")
        listed = ", ".join(_entries(exhibit, kind) for kind in kinds if getattr(exhibit, kind))
        title = exhibit.title[LANGUAGE].replace("|", "\\|")
        lines.append(
            f"| `{exhibit.id}` | {title} | `{exhibit.builder}` | {exhibit.place} |"
            f" {listed or 'all'} |\n"
        )
    return "".join(lines)


def _entries(exhibit: Exhibit, kind: str) -> str:
    named = getattr(exhibit, kind)
    if len(named) > MOST_NAMED:
        return f"{len(named)} {kind}"
    return ", ".join(f"`{entry}`" for entry in named)
