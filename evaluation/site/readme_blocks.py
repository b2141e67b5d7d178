"""The block of the README that is made: the list of exhibits.

A block stands between ``<!-- generated: name -->`` and ``<!-- end: name -->``.
"""

import re
from pathlib import Path

from evaluation.errors import ReportError
from evaluation.study.configuration import Configuration
from evaluation.study.exhibits import Exhibit

LANGUAGE = "en"

MOST_NAMED = 5

README = Path("README.md")


def replace(text: str, name: str, content: str) -> str:
    """Put content between a block's marks.

    Parameters
    ----------
    text : str
        The README.
    name : str
        Of the block.
    content : str
        What stands between its marks.

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
