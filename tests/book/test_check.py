"""Raw HTML in a page or a cell cannot bring in what the strict build does not see."""

from pathlib import Path

import pytest

from evaluation.cli.book_check import check_site
from evaluation.errors import ReportError

pytestmark = pytest.mark.book

SOUND = (
    '<a href="other.html#here">x</a><a href="#top" id="top">x</a><a href="files/a%20b.csv">x</a>'
    '<a href="https://example.org/x">x</a><a href="mailto:a@example.org">x</a><a href="#">x</a>'
    '<a href="../../es/site/other.html">the same page in another language</a>'
    '<img src="a.png" alt="A dot."><script src="a.js"></script>'
    '<link rel="stylesheet" href="a.css"><link rel="canonical" href="https://example.org/">'
)
FAULTS = {
    "image without alt": ('<img src="a.png">', "image `a.png` has no alternative text"),
    "image with an empty alt": ('<img src="a.png" alt=" ">', "no alternative text"),
    "link to no page": ('<a href="none.html">x</a>', "the link `none.html` leads nowhere"),
    "link to no file": ('<a href="files/none.csv">x</a>', "`files/none.csv` leads nowhere"),
    "link to no place": ('<a href="#none">x</a>', "`#none` leads nowhere"),
    "link to no place elsewhere": ('<a href="other.html#none">x</a>', "`other.html#none`"),
    "no such page in the other language": (
        '<a href="../../es/site/none.html">x</a>',
        "es/site/none",
    ),
    "script from outside": ('<script src="https://cdn.example.org/a.js"></script>', "from outside"),
    "image from outside": ('<img alt="A" src="//example.org/a.png">', "from outside"),
    "style from outside": ('<link rel="stylesheet" href="http://example.org/a.css">', "outside"),
    "frame from outside": ('<iframe src="https://example.org"></iframe>', "from outside"),
}


def site(folder: Path, extra: str = "") -> Path:
    (folder / "files").mkdir()
    (folder / "files" / "a b.csv").write_text("a\n", encoding="utf-8")
    (folder / "other.html").write_text('<p id="here">x</p>', encoding="utf-8")
    (folder / "index.html").write_text(f"<body>{SOUND}{extra}</body>", encoding="utf-8")
    return folder


def test_a_sound_site_passes(tmp_path: Path) -> None:
    assert check_site(site(tmp_path)) is None


@pytest.mark.parametrize(("extra", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_page(tmp_path: Path, extra: str, said: str) -> None:
    with pytest.raises(ReportError) as stopped:
        check_site(site(tmp_path, extra))
    assert "index.html: " in str(stopped.value)
    assert said in str(stopped.value)
