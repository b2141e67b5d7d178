"""The strict build: what stops it, and what a finished site may and may not hold."""

import filecmp
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluation.errors import ReportError
from evaluation.site import assembly, building
from tests.site.conftest import PAGE, assemble, content, write_book, write_results
from tests.tables import text

pytestmark = pytest.mark.book
Build = Callable[..., Path]


def build_small(folder: Path, *, page: str = PAGE, banner: str = "SYNTHETIC DATA") -> Path:
    write_results(folder / "results", mark=banner)
    write_book(folder / "book", page)
    assemble(folder, content(banner))
    return building.build(folder / "source", folder / "output")


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_small(tmp_path_factory.mktemp("one folder ñ"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_small(tmp_path_factory.mktemp("real"), banner="")


def pages(site: Path) -> list[Path]:
    """Pages of the book; tables that are downloaded as pages lie in a folder of files."""
    return sorted(path for path in site.rglob("*.html") if path.parent.name != "files")


def test_the_small_book_without_a_fault_builds(synthetic):
    # the counterpart of the planted faults: the book they are added to is sound
    text = (synthetic / "index.html").read_text(encoding="utf-8")
    assert "+0.10\u00a0SD" in text
    assert "It holds zero." in text
    assert "−0.05 to +0.25" in text
    assert 'id="tbl-small"' in text
    assert "Trust &amp; &lt;care&gt;" in text


def test_the_caption_of_a_synthetic_table_carries_the_mark(synthetic):
    text = (synthetic / "index.html").read_text(encoding="utf-8")
    (caption,) = re.findall(r"<caption>.*?</caption>", text, flags=re.DOTALL)
    assert '<span class="synthetic-mark">SYNTHETIC DATA</span>' in caption


def test_every_page_of_a_synthetic_study_says_so(synthetic):
    found = pages(synthetic)
    assert {page.name for page in found} == {"index.html", "list.html", "search.html"}
    for page in found:
        assert 'class="synthetic-banner"' in page.read_text(encoding="utf-8"), page.name


def test_the_mark_is_in_the_window_and_the_banner_and_not_in_the_navigation(synthetic):
    text = (synthetic / "index.html").read_text(encoding="utf-8")
    (named,) = re.findall(r'<p class="title logo__title">(.*?)</p>', text)
    assert named == "Small book"
    assert "Small book [SYNTHETIC DATA]</title>" in text


def test_no_page_of_a_real_study_says_synthetic(real):
    found = pages(real)
    assert {page.name for page in found} == {"index.html", "list.html", "search.html"}
    for page in found:
        assert "synthetic" not in page.read_text(encoding="utf-8").lower(), page.name


class Requests(HTMLParser):
    """Addresses that a browser fetches when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        wanted = {"script": "src", "img": "src", "iframe": "src", "link": "href"}
        address = values.get(wanted.get(tag, ""))
        if address:
            self.found.append(address)


def test_opening_a_page_requests_nothing_from_outside(synthetic):
    outside = re.compile(r"(https?:)?//")
    for page in pages(synthetic):
        parser = Requests()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.found, "the page has scripts and styles of its own"
        assert not [x for x in parser.found if outside.match(x)], page.name
    for style in sorted((synthetic / "_static").rglob("*.css")):
        text = style.read_text(encoding="utf-8")
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", text), style.name


def test_lasting_addresses_hold_the_files_of_the_exhibits(synthetic):
    assert (synthetic / "files" / "tbl-small.csv").read_text(encoding="utf-8") == "a\n1\n"
    text = (synthetic / "index.html").read_text(encoding="utf-8")
    assert 'href="files/tbl-small.csv"' in text


def test_two_builds_in_two_folders_have_the_same_bytes(synthetic, tmp_path_factory):
    other = build_small(tmp_path_factory.mktemp("another folder"))
    names = [p.relative_to(other).as_posix() for p in sorted(other.rglob("*")) if p.is_file()]
    assert names == [
        p.relative_to(synthetic).as_posix() for p in sorted(synthetic.rglob("*")) if p.is_file()
    ]
    _, different, failed = filecmp.cmpfiles(synthetic, other, names, shallow=False)
    assert (different, failed) == ([], [])


def test_a_placeholder_that_nothing_fills_is_refused():
    with pytest.raises(ReportError, match="asks for `colour`"):
        assembly.fill("title: ${title}\ncolour: ${colour}\n", {"title": '"Small"'})


TITLE = 'Trust & care <5 km</title></script><script>live(1)</script>" onfocus="live(1)'


class Live(HTMLParser):
    """What a browser would run of a text that is none of the book's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        # what a page says of itself is a text in quotes, and no browser runs it
        of_page = {name: value for name, value in attrs if (tag, name) != ("meta", "content")}
        self.found += [f"{tag} {name}" for name, value in of_page.items() if "live(" in str(value)]

    def handle_data(self, data: str) -> None:
        if self.tag == "script" and data.lstrip().startswith("live("):
            self.found.append("script")


def test_a_title_is_a_text_on_every_page(tmp_path):
    write_results(tmp_path / "results", mark="")
    write_book(tmp_path / "book")
    given = content("")
    given["config"]["title"] = json.dumps(TITLE)
    given["facts"] = {name: f"{text}{TITLE}" for name, text in given["facts"].items()}
    assemble(tmp_path, given)
    site = building.build(tmp_path / "source", tmp_path / "output")
    for page in pages(site):
        text = page.read_text(encoding="utf-8")
        parser = Live()
        parser.feed(text)
        assert parser.found == [], page.name
        assert "Trust &amp; care &lt;5 km" in text, page.name


UNSAID = text(__file__, "who_answers.md")


def test_what_nobody_said_of_a_study_is_left_out_with_the_words_around_it(tmp_path):
    write_results(tmp_path / "results", mark="")
    write_book(tmp_path / "book", UNSAID)
    given = content("")
    given["facts"] |= dict.fromkeys(("contact", "funding", "licence"), "")
    assemble(tmp_path, given)
    site = building.build(tmp_path / "source", tmp_path / "output")
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "the small study" in text
    assert "Kept." in text
    assert "What stays" in text
    # a section of which nothing is left has no title either, nor a line in the contents
    for gone in (
        "Ask",
        "Write to",
        "The rest is",
        "Who answers",
        "who-answers",
        "evaluation-unsaid",
    ):
        assert gone not in text, gone
