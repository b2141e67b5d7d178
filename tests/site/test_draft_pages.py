"""The drafted book of a new study holds every page and exhibit that its pages point to."""

import re
import tomllib
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from evaluation.fieldwork.drafting.draft_study import (
    CONTENTS,
    book_pages,
    book_translations,
    exhibits_text,
)
from evaluation.site.moved_pages import PAGE
from evaluation.site.translations import needs_words
from tests.site.conftest import REPOSITORY
from tests.site.pages.test_po import faults

DRAFTED = book_pages()
PAGES = PAGE.findall(DRAFTED[CONTENTS])
WRITTEN = [name for name in PAGES if not name.startswith("notebooks/")]


def text(page: str) -> str:
    """A drafted page, or the common one that the draft's table of contents names."""
    drafted = DRAFTED.get(f"{page}.md")
    common = REPOSITORY / "book" / "common" / f"{page}.md"
    return drafted if drafted is not None else common.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", WRITTEN)
def test_what_a_page_points_to_is_there(page):
    found = text(page)
    exhibits = {entry["id"] for entry in tomllib.loads(exhibits_text("small"))["exhibit"]}
    assert set(re.findall(r"\{doc\}`([^`]+)`", found)) <= set(PAGES)
    assert set(re.findall(r"\{exhibit\}[` ]([\w-]+)", found)) <= exhibits


def test_the_draft_offers_what_an_evaluator_needs():
    assert {"reproduce", "notebooks/data", "downloads", "dictionary", "about"} <= set(PAGES)


def test_every_text_of_the_draft_is_there_in_spanish():
    texts = {page: read_po(BytesIO(text.encode())) for page, text in book_translations().items()}
    assert {"index.po", "design.po", "about.po", "notebooks/data.po"} <= set(texts)
    for page, catalogue in texts.items():
        words = [m for m in catalogue if m.id and needs_words(m.id)]
        lacking = [m.id for m in words if not m.string or m.string == m.id]
        assert lacking == [], page
        assert faults(catalogue) == [], page
        # a word of the English draft that is no longer there would stand untranslated
        named = {m.id for m in catalogue if m.id and m.id.startswith("*A draft")}
        source = "".join(" ".join(text.split()) for text in DRAFTED.values())
        assert [text for text in named if text not in source] == []
