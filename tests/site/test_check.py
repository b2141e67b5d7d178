"""What a finished site may hold; its faults are among the planted ones."""

from pathlib import Path

import pytest

from evaluation.site.page_check import BookFaults, check_site, placed

SOUND = (
    '<a href="other.html#here">x</a><a href="#top" id="top">x</a><a href="files/a%20b.csv">x</a>'
    '<a href="https://example.org/x">x</a><a href="mailto:a@example.org">x</a><a href="#">x</a>'
    '<a href="../../es/site/other.html">the same page in another language</a>'
    '<img src="a.png" alt="A dot."><script src="a.js"></script>'
    '<link rel="stylesheet" href="a.css"><link rel="canonical" href="https://example.org/">'
    "<style>.a { color: red }</style><p>@import url(https://example.org/a.css) in words</p>"
)
SHEET = (
    "/* url(https://example.org/a.png) */ .a{background:url(data:image/png;base64,AA==)}"
    ".b{background:url('files/a b.csv?v=1#x')} .c{mask:url(#shape)}"
)


def site(folder: Path, extra: str = "") -> Path:
    (folder / "files").mkdir()
    (folder / "files" / "a b.csv").write_text("a\n", encoding="utf-8")
    (folder / "other.html").write_text('<p id="here">x</p>', encoding="utf-8")
    (folder / "a.css").write_text(SHEET, encoding="utf-8")
    (folder / "index.html").write_text(f"<body>{SOUND}{extra}</body>", encoding="utf-8")
    return folder


def test_a_sound_site_passes(tmp_path):
    assert check_site(site(tmp_path)) is None


def test_without_its_source_a_fault_names_the_finished_page(tmp_path):
    with pytest.raises(BookFaults) as stopped:
        check_site(site(tmp_path, '<a href="none.html">x</a>'))
    assert [fault.where for fault in stopped.value.faults] == ["index.html"]


def test_words_that_stand_in_no_source_name_the_finished_page(tmp_path):
    (tmp_path / "index.md").write_text("one\ntwo here\n", encoding="utf-8")
    assert placed("index.html", "here", tmp_path) == "index.md:2"
    assert placed("index.html", "there", tmp_path) == "index.html"
    assert placed("search.html", "here", tmp_path) == "search.html"
