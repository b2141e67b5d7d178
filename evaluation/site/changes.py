"""The list of changes: CHANGELOG.md is its one source, and the book prints it.

Its Spanish stands in ``changes.toml`` beside the pages', the English text as the key: a change
that is written, or written anew, without its Spanish stops the book.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import ReportError
from evaluation.storage import disk
from evaluation.study import toml_reader

CHANGELOG = Path("CHANGELOG.md")
SPANISH = Path("book/locale/es/changes.toml")
VERSION = re.compile(r"^## (.+)$", re.MULTILINE)
ITEM = re.compile(r"^- ", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]{2,}")
SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """English texts of the list and their Spanish."""

    changes: dict[str, str]


def changes(path: Path, language: str = "en", *, spanish: Path = SPANISH) -> list[dict[str, Any]]:
    """Versions, newest first, each with its changes.

    Parameters
    ----------
    path : Path
        Markdown: a heading of the second level for a version, a list below it.
    language : {"en", "es"}
        Of the texts.
    spanish : Path
        TOML: the table ``changes``, English text to Spanish text.

    Returns
    -------
    list of dict
        ``version`` and ``items``.

    Raises
    ------
    ReportError
        A version without changes, or none at all; a text without its Spanish.
    """
    _, *rest = VERSION.split(disk.read_text(path))
    found = [
        {"version": version, "items": _items(body)}
        for version, body in zip(rest[::2], rest[1::2], strict=True)
    ]
    if not found or not all(entry["items"] for entry in found):
        raise ReportError.of("version-no-list", "write-below-list", path.name)
    return found if language == "en" else _in_spanish(found, read_pairs(spanish), path, spanish)


def read_pairs(path: Path) -> Mapping[str, str]:
    """The Spanish of the list by its English.

    Raises
    ------
    SpecError
        The file is not what it should be.
    """
    return toml_reader.convert(Pairs, toml_reader.read_toml(path), where=path.as_posix()).changes


def _items(body: str) -> list[str]:
    return [" ".join(item.split()) for item in ITEM.split(body)[1:]]


def _in_spanish(
    found: list[dict[str, Any]], pairs: Mapping[str, str], path: Path, spanish: Path
) -> list[dict[str, Any]]:
    def said(text: str) -> str:
        # a version that is a number alone has no words
        if text not in pairs and WORD.search(text):
            raise ReportError.of(
                "change-no-spanish",
                "add-beside-english",
                path.name,
                text=text[:SHOWN],
                as_posix=spanish.as_posix(),
            )
        return pairs.get(text, text)

    return [
        {"version": said(entry["version"]), "items": [said(item) for item in entry["items"]]}
        for entry in found
    ]
