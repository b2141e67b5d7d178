"""How much a reader of the built book has to read: the text of its pages has a limit."""

from pathlib import Path

import pytest

from tests.conftest import absent, library

ROOT = Path(__file__).parents[2]
STUDY, LANGUAGE = "somos_comunidad", "en"
# the issue that asked for the book: text without tables, figures, code, captions and navigation
MOST = 25_000
APART = "table, figure, pre, nav, footer, script, style, svg, select, button, .headerlink"
SAID = "p, li, dt, dd, h1, h2, h3, h4, summary, .admonition-title"
SMALL = """\
<header>not counted</header><article>
<h1>One two<a class="headerlink" href="#x">#</a></h1><p>three <b>four</b></p>
<ul><li><p>five</p></li></ul><div class="admonition"><p class="admonition-title">six</p></div>
<details><summary>seven</summary><p>eight</p></details>
<table><caption>not</caption><tr><td><p>counted</p></td></tr></table><pre>not counted</pre>
<figure><p>not</p></figure><nav><ul><li>counted</li></ul></nav></article>"""


def words(page: str) -> int:
    """Words of a page's article; a word in a paragraph of a list is one."""
    article = library("bs4").BeautifulSoup(page, "html.parser").find("article")
    if article is None:
        return 0
    for part in article.select(APART):
        part.decompose()
    outer = [part for part in article.select(SAID) if not part.find_parent(SAID.split(", ")[:-1])]
    return len(" ".join(part.get_text(" ") for part in outer).split())


def test_words_are_counted_once_and_without_tables_figures_code_and_navigation():
    assert words(SMALL) == 8


@pytest.mark.built
def test_the_english_book_can_be_read():
    site = ROOT / "build" / STUDY / LANGUAGE / "site"
    if not (site / "index.html").is_file():
        absent(f"{STUDY} is not built here: run make")
    pages = [
        p for p in site.rglob("*.html") if p.relative_to(site).parts[0] not in ("files", "_static")
    ]
    counted = {page.stem: words(page.read_text(encoding="utf-8")) for page in pages}
    # an empty count is no short book
    assert counted["say"] > 500
    assert sum(counted.values()) < MOST, counted
