"""Command ``docs``: the generated blocks of the README, written or checked.

Blocks stand between ``<!-- generated: name -->`` and ``<!-- end: name -->``. The list of exhibits
needs only the configuration and is always checked. The primary estimates need a build: they are
checked against the numbers on this machine where there are some, made from the plan that stands in
the configuration; a fresh clone has none, so ``.ci/run`` checks once more after its build.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report.formats import words
from evaluation.report.terminal import spoken
from evaluation.storage import disk
from evaluation.storage.folders import DEFAULT_STUDY
from evaluation.study.configuration import Configuration, read_configuration
from evaluation.study.exhibits import Exhibit

README = Path("README.md")
MAIN_TABLE = "tbl-did-main"
LANGUAGE = "en"
MOST_NAMED = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the mode."""
    parser.add_argument(
        "--mode", choices=("write", "check"), default="check", help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
    """Write the blocks, or refuse a README whose blocks are not current.

    Raises
    ------
    ReportError
        A block is stale, or its marks are missing.
    """
    configuration = read_configuration(Path("config") / DEFAULT_STUDY)
    blocks = {"exhibits": exhibits(configuration)}
    build = Path("build") / DEFAULT_STUDY
    if _is_current(build / "results.json", configuration):
        blocks["result"] = result(
            configuration, disk.read_json(build / "en" / "numbers.json")["numbers"]
        )
    else:
        sys.stderr.write(wording("docs.no-results", spoken(options.language)))
    text = disk.read_text(README)
    current = text
    for name, content in blocks.items():
        current = replace(current, name, content)
    if options.mode == "write":
        disk.write_text(README, current)
    elif current != text:
        raise ReportError(
            message("generated-block.problem"),
            where=README.name,
            mend=message("run-make-docs.mend"),
        )


def _is_current(results: Path, configuration: Configuration) -> bool:
    if not (results.is_file() and (results.parent / "en" / "numbers.json").is_file()):
        return False
    return bool(disk.read_json(results)["plan_hash"] == configuration.promise.plan.hash)


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
        raise ReportError(
            message("block-stands.problem", name=name, count=count),
            where=README.name,
            mend=message("let-stand-once.mend"),
        )
    return replaced


def result(configuration: Configuration, numbers: dict[str, Any]) -> str:
    """Two sentences: the question, and the primary estimates with their intervals.

    Raises
    ------
    ReportError
        A primary outcome's number is not in the registry.
    """
    plan = configuration.promise.plan
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
        raise ReportError(
            message("no-number.problem", identifier=identifier),
            where="numbers.json",
            mend=message("run-make.mend"),
        )
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
