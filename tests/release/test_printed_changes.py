"""Where in a book numbers changed: exhibits by their codes, pages, and the texts themselves."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from evaluation.cli import compare
from evaluation.config.configuration import read_configuration
from evaluation.release.result_diff import (
    PrintedChange,
    changed_pages,
    printed_changes,
    table,
)

REGISTRY = read_configuration(Path(__file__).parents[2] / "config" / "somos_comunidad").registry
CODES = {exhibit.id: exhibit.code for exhibit in REGISTRY.exhibit}
FIRST, SECOND = (name for name in CODES if name in ("tbl-did-main", "tbl-robustness"))


def book(folder: Path, numbers: dict[str, str], pages: dict[str, str]) -> Path:
    content = {"synthetic": "", "numbers": {k: {"text": v} for k, v in numbers.items()}}
    (folder / "site" / "notebooks").mkdir(parents=True)
    (folder / "numbers.json").write_text(json.dumps(content), "utf-8")
    for name, body in pages.items():
        page = f"<html><head><script>7</script></head><body>{body}</body></html>"
        (folder / "site" / f"{name}.html").write_text(page, "utf-8")
    return folder


@pytest.fixture
def books(tmp_path):
    """A book before and now: one estimate, one sentence, a row that is gone, a page apart."""
    before = book(
        tmp_path / "before",
        {f"{SECOND}.base.estimate": "0.05", f"{FIRST}.trust.estimate": "0.41",
         f"{FIRST}.trust.n": "1,200", f"{FIRST}.gone.n": "9"},
        {"index": "<article>It rose by <b>0.41</b>, 1,200 people</article><footer>1</footer>",
         "notebooks/main": '<article>0.41 <a href="#0.3">x</a> 1,200</article>',
         "about": "<article>ab12cd3 of 2019</article><footer>version 1</footer>"},
    )  # fmt: skip
    now = book(
        tmp_path / "now",
        {f"{SECOND}.base.estimate": "0.06", f"{FIRST}.trust.estimate": "0.42",
         f"{FIRST}.trust.n": "1,200", f"{FIRST}.new.n": "8"},
        {"index": "<article>It rose by <i>0.42</i>, 1,200 people</article><footer>1</footer>",
         "notebooks/main": '<article>1,200 <a href="#0.9">x</a> 0.41</article>',
         "about": "<article>ef34ab5 of 2019</article><footer>version 2</footer>",
         "more": "<article>5</article>"},
    )  # fmt: skip
    return before, now


def test_texts_that_differ_are_told_by_the_code_of_their_exhibit_in_the_order_of_the_book(books):
    assert printed_changes(*books, REGISTRY) == (
        PrintedChange(CODES[FIRST], "trust", "estimate", "0.41", "0.42"),
        PrintedChange(CODES[FIRST], "new", "n", "", "8"),
        PrintedChange(CODES[FIRST], "gone", "n", "9", ""),
        PrintedChange(CODES[SECOND], "base", "estimate", "0.05", "0.06"),
    )


def test_a_book_is_no_other_than_itself(books):
    assert printed_changes(books[0], books[0], REGISTRY) == ()
    assert changed_pages(books[0], books[0]) == ()


def test_pages_are_those_whose_visible_numbers_differ(books):
    """Not those with another footer, address, mark or checksum, nor another order of the same."""
    assert changed_pages(*books) == ("index", "more")


def test_without_the_list_of_one_side_nothing_is_said(books):
    (books[0] / "numbers.json").unlink()
    assert printed_changes(*books, REGISTRY) is None


def test_without_the_pages_of_one_side_no_page_is_said_to_have_changed(books):
    shutil.rmtree(books[0] / "site")
    assert changed_pages(*books) == changed_pages(*reversed(books)) == ()


def test_the_table_of_an_earlier_comparison_does_not_stay(books, tmp_path, capsys):
    written = tmp_path / compare.PRINTED
    compare._in_the_book(books, tmp_path, REGISTRY, "en")
    assert len(written.read_text("utf-8").splitlines()) == 5
    (books[0] / "numbers.json").unlink()
    capsys.readouterr()
    compare._in_the_book(books, tmp_path, REGISTRY, "en")
    assert not written.exists()
    assert capsys.readouterr().out == ""
    shutil.rmtree(books[0] / "site")
    compare._tell_passed_over(books[1], ((books[0], ("numbers.json", "site")),), "en")
    assert "not compared: numbers.json, site;" in capsys.readouterr().out


def test_every_text_is_in_the_table(books):
    rows = list(csv.DictReader(table(printed_changes(*books, REGISTRY)).decode().splitlines()))
    assert [row["now"] for row in rows] == ["0.42", "8", "", "0.06"]
    assert rows[0]["exhibit"] == CODES[FIRST]


def test_what_is_said_first(books, capsys):
    printed, pages = printed_changes(*books, REGISTRY), changed_pages(*books)
    compare._tell_printed(printed, pages, Path("build/small"), "en")
    first, second, *_ = capsys.readouterr().out.splitlines()
    codes = f"{CODES[FIRST]}, {CODES[SECOND]}"
    assert first == f"4 numbers printed in the book changed, in {codes}, on pages index, more"
    assert second == f"  {CODES[FIRST]}, trust, estimate: 0.41 -> 0.42"
    compare._tell_printed(printed * 300, pages, Path("build/small"), "es")
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert first.startswith("cambiaron 1.200 números impresos en el libro, en ")
    assert len(lines) == compare.SHOWN
    assert last == "  y 1.180 más; todos están en build/small/printed_changes.csv"
    compare._tell_printed(printed[:1], pages, Path("build/small"), "es")
    assert capsys.readouterr().out.startswith("cambió 1 número impreso en el libro, en ")
    compare._tell_printed((), (), Path("build/small"), "en")
    assert capsys.readouterr().out == "no number printed in the book changed\n"
