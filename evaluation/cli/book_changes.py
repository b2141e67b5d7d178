"""The list of changes: CHANGELOG.md is its one source, and the book prints it."""

import re
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.errors import ReportError

CHANGELOG = Path("CHANGELOG.md")
VERSION = re.compile(r"^## (.+)$", re.MULTILINE)
ITEM = re.compile(r"^- ", re.MULTILINE)


def changes(path: Path) -> list[dict[str, Any]]:
    """Versions, newest first, each with its changes.

    Parameters
    ----------
    path : Path
        Markdown: a heading of the second level for a version, a list below it.

    Returns
    -------
    list of dict
        ``version`` and ``items``.

    Raises
    ------
    ReportError
        A version without changes, or none at all.
    """
    _, *rest = VERSION.split(io.read_text(path))
    found = [
        {"version": version, "items": _items(body)}
        for version, body in zip(rest[::2], rest[1::2], strict=True)
    ]
    if not found or not all(entry["items"] for entry in found):
        raise ReportError(
            "a version has no list of changes",
            where=path.name,
            mend="write `## version` and below it a list, each line of which begins with `- `",
        )
    return found


def _items(body: str) -> list[str]:
    return [" ".join(item.split()) for item in ITEM.split(body)[1:]]
