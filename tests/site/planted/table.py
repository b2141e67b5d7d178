"""The book's table of planted faults, from what ``run`` found and ``results.json`` keeps."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tests.site.planted import files, run
from tests.site.planted.kinds import BOTH, Kind
from tests.tables import text

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
TEXT = text(__file__, "table.md")
# what a place looks like, and what the table calls it
PLACES = (
    (r".+, cell \S+:\d+", "notebook, cell and line"),
    (r".+, cell \S+", "notebook and cell"),
    (r"book/_toc.+:\d+|.+\.css:\d+|.+\.po:\d+", "file and line"),
    (r".+\.md:\d+", "page and line"),
    (r".+\.md", "page"),
    (r".+", "file"),
)


def results() -> dict[str, dict[str, str]]:
    """What each kind's message named, by the kind's words and the language of the book."""
    kept: dict[str, dict[str, str]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def text() -> str:
    """The block of the page."""
    together = (kind for part in (*run.ON_PAGES, *run.RAW) for kind in part)
    return TEXT.format(
        pages=_table((*together, *files.BEFORE, *files.BUILT), BOTH),
        notebooks=_table(files.NOTEBOOKS, ("en",)),
    )


def _table(kinds: Iterable[Kind], languages: tuple[str, ...]) -> str:
    heads = {"en": "English book", "es": "Spanish book"} if len(languages) > 1 else {"en": "Result"}
    lines = [
        f"| Fault | {' | '.join(heads.values())} | Place named |",
        "| --- |" + " --- |" * (len(heads) + 1),
    ]
    named = results()
    for kind in kinds:
        found = named[kind.words]
        cells = [_result(found, language) for language in languages]
        lines.append(f"| {kind.words} | {' | '.join(cells)} | {_place([*found.values()][-1])} |")
    return "\n".join(lines)


def _result(found: dict[str, str], language: str) -> str:
    if language not in found:
        return "has none"
    return run.NOTHING if found[language] == run.NOTHING else "stopped"


def _place(where: str) -> str:
    if where == run.NOTHING:
        return "none"
    return next(words for pattern, words in PLACES if re.fullmatch(pattern, where))
