# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Slips of the pen that MyST lets pass: an open block, a footnote without its text, two titles."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FENCE = re.compile(r"\s*(`{3,}|:{3,}|~{3,})(.*)")
DIRECTIVE = re.compile(r"\s*\{[\w-]+\}")
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\](:?)")
TITLE = re.compile(r"# \S")
CODE = re.compile(r"`[^`]*`")
Slip = tuple[int, str, str]


def parts(path: Path) -> Iterator[tuple[str, str]]:
    """Place and text of a page, or of each cell of prose of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        yield path.name, text
        return
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "markdown":
            yield f"{path.name}, cell {cell['id']}", "".join(cell["source"])


def slips(text: str) -> Iterator[Slip]:
    """Line, kind and what stands there of every slip in a page or cell but a second title."""
    blocks: list[tuple[int, str, str]] = []
    named: dict[str, int] = {}
    explained = set()
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.fullmatch(line)
        if fence:
            blocks = _after(blocks, number, fence)
        elif not _is_code(blocks):
            for name, colon in FOOTNOTE.findall(CODE.sub("", line)):
                explained |= {name} if colon else set()
                named.setdefault(name, number)
    yield from ((number, "open block", f"{mark}{head}") for number, mark, head in blocks)
    for name, number in named.items():
        if name not in explained:
            yield number, "footnote without text", name


def _after(
    blocks: list[tuple[int, str, str]], number: int, fence: re.Match[str]
) -> list[tuple[int, str, str]]:
    """The open blocks after a line that opens or closes one."""
    mark, head = fence[1], fence[2].strip()
    if blocks and not head and mark.startswith(blocks[-1][1]):
        return blocks[:-1]
    return blocks if _is_code(blocks) or not head else [*blocks, (number, mark, head)]


def _is_code(blocks: list[tuple[int, str, str]]) -> bool:
    return bool(blocks) and not DIRECTIVE.match(blocks[-1][2])


def titles(text: str) -> Iterator[int]:
    """Lines that are titles of the first level, outside blocks."""
    blocks: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.fullmatch(line)
        blocks = _after(blocks, number, fence) if fence else blocks
        if not blocks and TITLE.match(line):
            yield number


def check(app: Sphinx) -> None:
    """Warn of every slip in pages and notebooks."""
    source = Path(app.srcdir)
    for path in (*sorted(source.glob("*.md")), *sorted(source.glob("notebooks/*.ipynb"))):
        read = list(parts(path))
        for place, text in read:
            for number, kind, said in slips(text):
                LOGGER.warning("%s: %s", kind, said, location=f"{place}:{number}")
        found = [f"{place}:{number}" for place, text in read for number in titles(text)]
        for place in found[1:]:
            LOGGER.warning("second title", location=place)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
