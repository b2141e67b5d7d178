# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""No number of a result is typed in prose: a digit outside the allow-list stops the build.

Years, dates, confidence levels and names with digits are allowed, and whatever stands in
backticks: code, roles, measured times of the documentary pages. A public fact may stand on the
pages that tell them where its line cites a source.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FIX = "quote the number by {val}, or cite the source of the fact on its line"
# Pages of public facts, each with its source on the line.
FACTS = ("programme.md", "trial.md", "design.md")
# the list of changes speaks of the program, and prints no result
CHANGES = "changes.md"
# Everything that is not prose: roles, code, link targets.
NOT_PROSE = re.compile(r"\{[\w-]+\}`[^`]*`|`[^`]*`|\]\([^)]*\)")
ALLOWED = re.compile(
    r"\b(?:\d{1,2} (?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December) )?(?:19|20)\d\d\b(?! *(?:points?|percent|%|SD|events|adults))"  # dates
    r"|\b(?:90|95|99) ?%(?= (?:confidence )?intervals?\b)"  # confidence levels
    r"|\b(?:CR2|CV1|CV3|SHA-256|COVID-19|Python 3\.\d+|PHQ-4|ADS 201|UTF-\d+)\b"  # names
    r"|\b[A-Z]{2,4}-[TF]\d{2,3}(?: v\d+\.\d+)?\b"  # codes of tables and figures
    r"|\bLey 1581\b"
    r"|\bWCAG 2\.2\b"
    r"|\bCC BY 4\.0\b"
    r"|International \(CC BY 4\.0\)|Attribution 4\.0"
    r"|^\d+\. "  # numbered lists
)
DIGITS = re.compile(r"\d[\d.,]*")
FENCE = re.compile(r"\s*(`{3,}|:{3,})")
CODE = re.compile(r"\s*(`{3,})(?:text|python|stata|r|sh|toml)\s*$")
OPTION = re.compile(r":\w+:")


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """Place and text of every line of prose of a page or of a notebook's Markdown cells."""
    if path.suffix != ".ipynb":
        yield from _prose(path.read_text(encoding="utf-8"), path.name)
        return
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield from _prose("".join(cell["source"]), f"{path.name}, cell {cell['id']}")


def _prose(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Lines outside code blocks, without the heads and options of directives."""
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        opened = CODE.fullmatch(line)
        if closing:
            closing = "" if line.strip() == closing else closing
        elif opened:
            closing = opened[1]
        elif not FENCE.match(line) and not OPTION.match(line):
            yield f"{name}:{number}", line


def typed_digits(line: str, page: str = "") -> list[str]:
    """Numbers of a line that nothing allows.

    Parameters
    ----------
    line : str
        One line of prose.
    page : str
        File name of its page, where public facts may be told.
    """
    if page == CHANGES or (page in FACTS and "{cite}`" in line):
        return []
    return DIGITS.findall(ALLOWED.sub("", NOT_PROSE.sub("", line)))


def added_digits(text: str, translated: str) -> list[str]:
    """Numbers that a translation has and its text has not."""
    here, there = (Counter(re.findall(r"\d+", NOT_PROSE.sub("", t))) for t in (translated, text))
    return sorted((here - there).elements())


def check(app: Sphinx) -> None:
    """Warn of every number typed in a page, a notebook or a translation."""
    source = Path(app.srcdir)
    for path in (*sorted(source.glob("*.md")), *sorted(source.glob("notebooks/*.ipynb"))):
        for place, line in lines_of(path):
            for digits in typed_digits(line, path.name):
                LOGGER.warning("number typed in prose: %s; %s", digits, FIX, location=place)
    for path in sorted((source / "_locale" / str(app.config.language)).rglob("*.po")):
        with path.open("rb") as file:
            for message in (m for m in read_po(file) if m.id):
                for digits in added_digits(str(message.id), str(message.string or "")):
                    place = f"{path.name}:{message.lineno}"
                    said = "number typed in a translation: %s; its text has none such"
                    LOGGER.warning(said, digits, location=place)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
