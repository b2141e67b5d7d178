"""Slips that MyST lets pass are found where they stand, and sound pages have none."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.site.conftest import REPOSITORY

EXTENSION = "evaluation_markup"
WRITTEN = [*(REPOSITORY / "book").glob("[a-z]*/*.md"), *(REPOSITORY / "notebooks").glob("*.ipynb")]


def extension() -> ModuleType:
    found = importlib.util.spec_from_file_location(
        EXTENSION, REPOSITORY / "book" / "_ext" / f"{EXTENSION}.py"
    )
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


CHECK = extension()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (":::{note}\nA.\n:::\n", []),
        ("::::{grid}\n:::{card}\nA.\n:::\n::::\n", []),
        ("::::{grid}\n:::{card}\nA.\n::::\n", [(1, "open block", "::::{grid}")]),
        ("A.\n```text\n:::{note}\n[^one]\n```\n", []),
        ("```python\n# one\n", [(1, "open block", "```python")]),
        ("````{note}\n```{exhibit} tbl-a\n```\n````\n", []),
        ("A[^one] and `[^two]`.\n\n[^one]: Its text.\n", []),
        ("A.\n\nB[^one].\n", [(3, "footnote without text", "one")]),
    ],
)
def test_open_blocks_and_footnotes(text: str, found: list[tuple[int, str, str]]) -> None:
    assert list(CHECK.slips(text)) == found


@pytest.mark.parametrize(
    ("text", "lines"),
    [("# A\n\n## B\n", [1]), ("# A\n\n# B\n", [1, 3]), ("# A\n```sh\n# B\n```\n", [1])],
)
def test_titles_are_those_outside_blocks(text: str, lines: list[int]) -> None:
    assert list(CHECK.titles(text)) == lines


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_pages_have_none(path: Path) -> None:
    read = list(CHECK.parts(path))
    assert [(place, slip) for place, text in read for slip in CHECK.slips(text)] == []
    # a part of a page has no title
    assert sum(len(list(CHECK.titles(text))) for _, text in read) <= 1
