"""Addresses stay alive: pages that moved, and the list of all pages ever published."""

import os
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import ReportError
from evaluation.site import building, moved_pages
from tests.site.conftest import REPOSITORY, assemble, content

# studies that have a book
STUDIES = sorted(
    study
    for study in (path.parent.name for path in (REPOSITORY / "config").glob("*/study.toml"))
    if (REPOSITORY / "book" / f"_toc.{study}.yml").exists()
)


@pytest.mark.parametrize("study", STUDIES)
def test_every_page_ever_published_still_answers(study):
    folder = REPOSITORY / "book"
    there = moved_pages.pages(folder / f"_toc.{study}.yml")
    moved = moved_pages.redirects(folder, study)
    assert {"index", "reproduce"} <= set(there)
    assert any(page.startswith("notebooks/") for page in there)
    moved_pages.check_moves(moved, there)
    moved_pages.check_published(folder, study, (*there, *moved))
    listed = (folder / moved_pages.PUBLISHED).read_text(encoding="utf-8").splitlines()
    assert listed == sorted(set(listed))


def test_a_new_study_has_no_old_addresses(tmp_path):
    (tmp_path / "redirects.toml").write_text(
        'had_them = ["first"]\n[common]\nold = "list"\n[new]\nhere = "list"\n', encoding="utf-8"
    )
    assert moved_pages.redirects(tmp_path, "first") == {"old": "list"}
    assert moved_pages.redirects(tmp_path, "new") == {"here": "list"}


def assembled(folder: Path, **changes: Any) -> Path:
    return assemble(folder, content() | {"moved": "This page has moved to"} | changes)


def test_an_old_address_leads_to_the_new_page(small):
    (small / "book" / "redirects.toml").write_text(
        '[common]\n"old/page" = "list"\n[small]\nbefore = "index"\n[other]\nx = "y"\n',
        encoding="utf-8",
    )
    source = assembled(small)
    made = {p.relative_to(source / "_extra").as_posix() for p in source.glob("_extra/**/*.html")}
    assert {"old/page.html", "before.html"} <= made
    assert not any(name.startswith("x") for name in made)
    page = (source / "_extra" / "old" / "page.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="0; url=../list.html">' in page
    assert 'This page has moved to <a href="../list.html">' in page
    assert "SYNTHETIC DATA" in page


@pytest.mark.book
def test_a_finished_site_has_the_page_at_the_old_address(small):
    (small / "book" / "redirects.toml").write_text('[small]\nbefore = "list"\n', encoding="utf-8")
    site = building.build(assembled(small), small / "output")
    assert 'href="list.html"' in (site / "before.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('list = "index"', "`list` is listed as moved and is still in the book"),
        ('old = "nowhere"', "`old` moved to `nowhere`, which is not in the book"),
    ],
)
def test_a_redirect_that_cannot_be_is_refused(small, entry, said):
    (small / "book" / "redirects.toml").write_text(f"[small]\n{entry}\n", encoding="utf-8")
    with pytest.raises(ReportError, match="redirects") as stopped:
        assembled(small)
    assert said in str(stopped.value)


def test_a_published_page_that_is_lost_stops_the_build(small):
    published = small / "book" / "published_pages.txt"
    published.write_text("other gone\nsmall index\nsmall lost\n", encoding="utf-8")
    with pytest.raises(ReportError, match="`lost` was published") as stopped:
        assembled(small)
    assert stopped.value.where == "book/published_pages.txt:3"
    assert "redirects.toml" in str(stopped.value.fix)


def test_a_lost_page_that_moved_is_no_fault(small):
    (small / "book" / "published_pages.txt").write_text("small lost\n", encoding="utf-8")
    (small / "book" / "redirects.toml").write_text('[small]\nlost = "list"\n', encoding="utf-8")
    assert (assembled(small) / "_extra" / "lost.html").is_file()


def test_the_list_grows_and_stays_in_order(tmp_path):
    assert moved_pages.add_published(tmp_path, "b", ["x", "a"]) == ("a", "x")
    assert moved_pages.add_published(tmp_path, "a", ["x"]) == ("x",)
    assert moved_pages.add_published(tmp_path, "b", ["x"]) == ()
    text = (tmp_path / moved_pages.PUBLISHED).read_text(encoding="utf-8")
    assert text == "a x\nb a\nb x\n"


def test_a_book_whose_pages_were_published_is_not_older_for_that(tmp_path):
    """Make compares times, of the folder too: nothing of the book would be built otherwise."""
    path = tmp_path / moved_pages.PUBLISHED
    path.write_text("b a\n", "utf-8")
    for kept in (path, tmp_path):
        os.utime(kept, ns=(10**18, 10**18))
    assert moved_pages.add_published(tmp_path, "b", ["a", "x"]) == ("x",)
    assert path.read_text("utf-8") == "b a\nb x\n"
    assert [kept.stat().st_mtime_ns for kept in (path, tmp_path)] == [10**18, 10**18]


def test_an_old_address_may_lead_to_a_part_of_a_page(small):
    (small / "book" / "redirects.toml").write_text('[common]\n"old/page" = "index#tbl-small"\n')
    site = building.build(assembled(small), small / "output")
    page = (site / "old" / "page.html").read_text(encoding="utf-8")
    assert '<a href="../index.html#tbl-small">' in page
    assert 'url=../index.html#tbl-small"' in page


def test_an_old_address_that_leads_to_no_part_of_a_page_is_refused(small):
    (small / "book" / "redirects.toml").write_text('[common]\n"old/page" = "index#gone"\n')
    with pytest.raises(ReportError, match=r"index\.html#gone"):
        building.build(assembled(small), small / "output")


def test_a_book_answers_for_its_pages_and_for_those_that_moved(small):
    (small / "book" / "redirects.toml").write_text('[small]\nbefore = "index"\n', encoding="utf-8")
    own = moved_pages.pages(small / "book" / "_toc.small.yml")
    assert "index" in own
    assert set(moved_pages.addresses(small / "book", "small")) == {*own, "before"}


def test_a_redirect_is_in_the_books_language_and_marks_no_real_study():
    page = moved_pages.redirect_page("a", "b", language="es", said="Se trasladó a", banner="")
    assert '<html lang="es">' in page
    assert "synthetic" not in page
