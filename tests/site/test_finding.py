"""What helps readers find things: the search's index, explained terms, descriptions of pages."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

from evaluation.site import building
from tests.conftest import absent
from tests.site.conftest import (
    REPOSITORY,
    SHARED_NOTE,
    assemble,
    content,
    load_extension,
    write_book,
    write_results,
)
from tests.tables import cases, text

CASES = cases(__file__)

PAGE = CASES["page"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finding")
    write_results(root / "results")
    write_book(root / "book", PAGE)
    given = content()
    given["facts"] |= {"url": "https://example.org/book/", "errors": "https://example.org/errors"}
    assemble(root, given)
    return building.build(root / "source", root / "output")


def index(site: Path) -> dict:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    lead, _, found = text.partition("=")
    assert lead == "evaluationIndex"
    return json.loads(found)


@pytest.mark.book
def test_the_index_has_an_entry_for_each_section_and_exhibit_in_the_order_of_reading(site):
    pages = index(site)["pages"]
    assert [(page["page"], page["title"]) for page in pages] == [
        ("index", "Start"),
        ("list", "Exhibits"),
    ]
    start = {entry[0]: entry for entry in pages[0]["entries"]}
    assert list(start) == ["", "reading", "glossary", "tbl-small", "fig-small"]
    assert start[""][1:3] == [
        "Start",
        "We estimate the effect by the difference between two changes of a group of places.",
    ]
    # an exhibit says itself what it says, and terms are still in the text around it
    assert start["reading"][2].startswith("Parallel trends are assumed. Parallel trends again")
    assert "tbl-small" not in start["reading"][2]
    # of what a link is made of, its words
    assert start["reading"][2].endswith("See Sheet SM-T09 (annex).")
    assert "Trust & <care>" in start["tbl-small"][2]
    assert start["tbl-small"][3] == "SM-T01; tbl-small"
    # a list of all exhibits would be found by every word
    assert all(entry[2] == "" for entry in pages[1]["entries"] if entry[0] == "")


@pytest.mark.book
def test_a_term_is_a_link_where_it_is_first_used(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    link = '<a class="term" href="index.html#term-{0}">{1}</a>'
    assert text.count('<a class="term"') == 3
    assert link.format("parallel-trends", "Parallel trends") + " are assumed. Parallel" in text
    assert link.format("standard-deviation", "Standard deviations") in text
    assert link.format("attrition", "attrition") + ", Attrition." in text
    for anchor in ("parallel-trends", "standard-deviation", "attrition"):
        assert f'<dt id="term-{anchor}">' in text
    # the book has each definition once: in the glossary, and for its pages in one script
    assert text.count("have changed alike.") == 1
    script = (site / "_static" / "terms.js").read_text(encoding="utf-8")
    found = json.loads(script.removeprefix("evaluationTerms="))
    assert found["term-parallel-trends"] == "Both groups <would> have changed alike."


@pytest.mark.book
def test_a_note_that_exhibits_share_is_printed_once(site):
    """Under the first; the other names it."""
    text = (site / "index.html").read_text(encoding="utf-8")
    label, rest = SHARED_NOTE.split(" ", 1)
    assert text.count(f"<strong>{label}</strong> {rest}") == 1
    assert 'Signs: as in <a class="reference internal" href="#tbl-small">Table 1</a>.' in text
    assert text.count("Note of tbl-small.") == 1
    # what is folded says what it is about
    assert re.findall(r"<summary>([^<]*)</summary>", text) == [
        "Notes: signs",
        "Notes: signs",
    ]


@pytest.mark.book
def test_a_page_describes_itself_and_says_where_errors_go(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    said = "SYNTHETIC DATA. We estimate the effect by the difference between two changes"
    assert f'<meta name="description" content="{said}' in text
    assert f'<meta property="og:description" content="{said}' in text
    assert '<meta property="og:title" content="Start \N{EN DASH} Small book">' in text
    card = "https://example.org/book/en/site/files/card-crime.png"
    assert f'<meta property="og:image" content="{card}">' in text
    assert '<a href="https://example.org/errors">Report an error</a>' in text
    assert 'rel="icon" href="_static/favicon.svg"' in text or "favicon.svg" in text


@pytest.mark.parametrize(("paragraph", "said"), CASES["descriptions"])
def test_a_description_ends_where_a_sentence_does(paragraph, said):
    """A cut inside a sentence loses the interval or the certainty that ends it."""
    document = new_document("page")
    document += nodes.paragraph("", paragraph)
    assert load_extension("evaluation_head").description(document) == said


@pytest.mark.book
def test_only_the_page_that_searches_loads_the_index(site):
    start = (site / "index.html").read_text(encoding="utf-8")
    search = (site / "search.html").read_text(encoding="utf-8")
    assert "searchindex.js" not in start
    assert "/search.js" not in start
    assert search.index("_static/search.js") < search.index("searchindex.js")
    assert 'name="q"' in search
    # one field to search in: the theme's own opens over other pages
    assert search.count('id="search-field"') == 1


RUN = text(__file__, "finding.js")


def searched(index: dict, asked: list[str]) -> list:
    """Addresses and status for each question, by the page's own script."""
    if shutil.which("node") is None:
        absent("node is not on this machine")
    script = REPOSITORY / "book" / "_static" / "search.js"
    finished = subprocess.run(
        ["node", "-e", RUN, str(script), json.dumps(asked), json.dumps(index)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list = json.loads(finished.stdout)
    return found


def test_the_search_knows_no_accents_and_ranks_names_first():
    entries = [
        ["", "La policía", "Sobre la confianza en la policía y la policía.", ""],
        ["tbl-a", "Tabla", "Nada más.", "SC-T01; tbl-a; Confianza en la policía"],
        ["", "Otra", "Una vez: policías; apolicía no.", ""],
    ]
    pages = [{"page": f"p{n}", "title": "P", "entries": [e]} for n, e in enumerate(entries)]
    words = {"search_found": "{n} de {words}", "search_none": "nada de {words}"}
    asked = ["policia", "POLICÍA confianza", "tbl-a", "olicia", ""]
    found = searched({"pages": pages, "words": words}, asked)
    assert found == [
        [["p1.html#tbl-a", "p0.html", "p2.html"], "3 de policia"],
        [["p1.html#tbl-a", "p0.html"], "2 de POLICÍA confianza"],
        [["p1.html#tbl-a"], "1 de tbl-a"],
        [[], "nada de olicia"],
        [[], ""],
    ]


def test_the_search_knows_other_words_and_takes_some_where_not_all_are_found():
    entries = [
        ["tbl-erratum", "Corrections", "Victimisation, victimisation, costs, costs.", ""],
        ["", "Results", "Victimisation fell.", ""],
        ["", "Costs", "Each interview costs much.", ""],
        ["", "Crimes", "Crime is named here.", ""],
    ]
    index = {
        "pages": [{"page": f"p{n}", "title": "P", "entries": [e]} for n, e in enumerate(entries)],
        "words": {name: name for name in ("search_found", "search_some", "search_none")},
        "errata": ["p0#tbl-erratum"],
        "vocabulary": {
            "skipped": ["the", "of"],
            "errata": ["correc"],
            "alike": [{"asked": ["crime"], "found": ["victimisation"]}],
        },
    }
    asked = ["crimes", "the costs of crime", "costs", "corrections", "costs unheard", "the", "xyz"]
    assert searched(index, asked) == [
        # the word itself counts most, corrections come last
        [["p3.html", "p1.html", "p0.html#tbl-erratum"], "search_found"],
        # all words are in one entry alone
        [["p0.html#tbl-erratum"], "search_found"],
        [["p2.html", "p0.html#tbl-erratum"], "search_found"],
        [["p0.html#tbl-erratum"], "search_found"],
        [["p2.html", "p0.html#tbl-erratum"], "search_some"],
        [[], "search_none"],
        [[], "search_none"],
    ]
