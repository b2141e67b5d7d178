"""The drafted book of a new study holds every page and exhibit that its pages point to."""

import re
import tomllib

import pytest

from evaluation.fieldwork.draft_study import CONTENTS, book_pages, exhibits_text
from evaluation.site.moved_pages import PAGE
from tests.site.conftest import REPOSITORY

DRAFTED = book_pages()
PAGES = PAGE.findall(DRAFTED[CONTENTS])
WRITTEN = [name for name in PAGES if not name.startswith("notebooks/")]


def text(page: str) -> str:
    """A drafted page, or the common one that the draft's table of contents names."""
    drafted = DRAFTED.get(f"{page}.md")
    common = REPOSITORY / "book" / "common" / f"{page}.md"
    return drafted if drafted is not None else common.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", WRITTEN)
def test_what_a_page_points_to_is_there(page: str) -> None:
    found = text(page)
    exhibits = {entry["id"] for entry in tomllib.loads(exhibits_text("small"))["exhibit"]}
    assert set(re.findall(r"\{doc\}`([^`]+)`", found)) <= set(PAGES)
    assert set(re.findall(r"\{exhibit\}[` ]([\w-]+)", found)) <= exhibits


def test_the_draft_offers_what_an_evaluator_needs() -> None:
    assert {"reproduce", "notebooks/data", "downloads", "dictionary", "about"} <= set(PAGES)
