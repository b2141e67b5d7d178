"""Slips that MyST lets pass are found where they stand, and sound pages have none."""

import importlib.util
from types import ModuleType

import pytest

from tests.site.conftest import REPOSITORY
from tests.tables import cases

CASES = cases(__file__)

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


@pytest.mark.parametrize(("text", "found"), CASES["blocks"])
def test_open_blocks_and_footnotes(text, found):
    assert list(map(list, CHECK.slips(text))) == found


@pytest.mark.parametrize(
    ("text", "lines"),
    [("# A\n\n## B\n", [1]), ("# A\n\n# B\n", [1, 3]), ("# A\n```sh\n# B\n```\n", [1])],
)
def test_titles_are_those_outside_blocks(text, lines):
    assert list(CHECK.titles(text)) == lines


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_pages_have_none(path):
    read = list(CHECK.parts(path))
    assert [(place, slip) for place, text in read for slip in CHECK.slips(text)] == []
    # a part of a page has no title
    assert sum(len(list(CHECK.titles(text))) for _, text in read) <= 1
