"""The page to cite from: per exhibit what a reader copies, downloads and checks."""

import csv
import hashlib
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from docutils import nodes

from evaluation.locale.messages import texts
from evaluation.storage import print_links
from tests.site.conftest import CITABLE, REPOSITORY, assemble, content, exhibit

EXTENSIONS = REPOSITORY / "book" / "_ext"


@pytest.fixture
def cite(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    specification = importlib.util.spec_from_file_location(
        "evaluation_cite", Path(EXTENSIONS) / "evaluation_cite.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def html(made: list[nodes.Node]) -> str:
    return "".join(node.astext() for node in made if isinstance(node, nodes.raw))


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_citation_can_be_copied_as_it_is(cite, language):
    made = cite.block(exhibit("tbl-small"), nodes.Text("Table 1"), texts("book-exhibit", language))
    # the theme puts a button beside every literal block
    blocks = [n.astext() for top in made for n in top.findall(nodes.literal_block)]
    assert blocks == [f"{name} of tbl-small" for name in ("plain", "bibtex", "ris")]
    # they are folded: what most come for are the files
    assert "<details" in made[3].astext()
    assert "</details>" in made[-2].astext()


def test_the_study_is_cited_as_text_bibtex_and_ris_each_to_copy(cite):
    listed = [
        {"name": name, "called": called, "text": f"in {called}"}
        for name, called in (("plain", "Text"), ("bibtex", "BibTeX"), ("ris", "RIS"))
    ]
    made = cite._copies(listed)
    copied = [node.astext() for node in made if isinstance(node, nodes.literal_block)]
    assert copied == ["in Text", "in BibTeX", "in RIS"]
    named = [node.astext() for node in made if isinstance(node, nodes.paragraph)]
    assert named == ["BibTeX", "RIS"]


def test_buttons_of_prints_are_a_comment_until_they_are_printed(cite):
    directive = cite.FirstDownloadsDirective.__new__(cite.FirstDownloadsDirective)
    told = {"words": texts("book-exhibit", "en"), "facts": {"authors": "A. Author."}}
    directive.book, directive.citable = lambda: told, lambda: {"workbook": []}
    directive.state = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace()))
    env = SimpleNamespace(docname="index", found_docs={"index"})
    directive.state.document.settings.env = env
    assert "how-to-cite" not in html(directive.run())
    env.found_docs = {"index", "say"}
    page = html(directive.run())
    shown = re.sub(r"(?s)<!--.*?-->", "", page)
    assert re.findall('href="([^"]+)"', shown) == ["downloads.html", "say.html#how-to-cite"]
    offered = print_links.with_links(page)
    assert "<!--" not in offered
    linked = ["../book.pdf", "../brief.pdf", "downloads.html", "say.html#how-to-cite"]
    assert re.findall('href="([^"]+)"', offered) == linked
    assert print_links.without_links(offered) == page == print_links.without_links(page)


def test_code_id_files_and_lasting_address_are_there(cite):
    words = texts("book-exhibit", "en")
    made = cite.block(exhibit("tbl-small"), nodes.Text("Table 1"), words)
    assert made[1].astext() == "Table 1 Title of tbl-small"
    text = html(made)
    assert '<section class="cite" id="cite-tbl-small" aria-label="Title of tbl-small">' in text
    assert "<strong>SM-T01 v0.1</strong>" in text
    assert "0" * 64 not in text
    assert '<a href="{root}files/tbl-small.html">files/tbl-small.html</a>' in text
    assert text.count("<section") == text.count("</section>") == 1
    assert text.count("<details") == text.count("</details>") == 1


def test_exhibits_are_listed_by_their_numbers_tables_first(cite):
    names = ("fig-a", "tbl-c", "tbl-b")
    listed = nodes.container("", classes=[cite.LISTED])
    listed += [nodes.container("", exhibit=name) for name in names]
    document = SimpleNamespace(findall=lambda _: [nodes.container(""), listed])
    numbers = {
        "one": {"table": {"tbl-b": (2,)}, "figure": {"fig-a": (1,)}},
        "two": {"table": {"tbl-c": (10,)}},
    }
    app = SimpleNamespace(env=SimpleNamespace(toc_fignumbers=numbers))
    cite.order_by_number(app, document, "downloads")
    assert [block["exhibit"] for block in listed] == ["tbl-b", "tbl-c", "fig-a"]


def test_the_lasting_address_of_a_figure_is_its_picture(cite):
    made = cite.block(exhibit("fig-small"), nodes.Text("F"), texts("book-exhibit", "es"))
    assert 'href="{root}files/fig-small.svg"' in html(made)
    assert "Dirección permanente" in html(made)


def test_a_card_says_its_words_to_those_who_do_not_see_it(cite):
    made = cite.card(CITABLE["cards"][0])
    assert 'alt="Card: &quot;crime&quot;."' in made
    assert 'width="1200" height="630"' in made
    assert made.count('href="{root}files/card-crime.png"') == 2


def test_a_script_is_a_link_with_its_size(cite):
    made = cite._sized({"name": "primary.do", "bytes": 1001, "sha256": "3" * 64})
    assert made == '<a href="{root}files/primary.do" download>primary.do</a> (2 kB)'


def test_where_no_script_is_written_the_page_says_so(cite, monkeypatch):
    book = {"scripts": [], "words": texts("book-exhibit", "en")}
    monkeypatch.setattr(cite.ScriptsDirective, "book", lambda _: book)
    directive = object.__new__(cite.ScriptsDirective)
    (made,) = directive.run()
    assert made.astext() == "<p>None is written for the primary method of this study.</p>"


def test_the_sums_are_those_of_the_files_that_are_offered(small):
    offered = assemble(small, content()) / "_extra"
    rows = list(
        csv.DictReader((offered / "files" / "checksums.csv").read_text("utf-8").splitlines())
    )
    listed = {row["file"]: row["sha256"] for row in rows}
    there = {f"files/{p.name}": p for p in (offered / "files").iterdir()}
    del there["files/checksums.csv"]
    assert listed.pop("results/estimates.csv") == "5" * 64
    assert listed == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()
    }
    assert {row["mark"] for row in rows} == {"SYNTHETIC DATA"}


def test_both_scripts_are_copied_to_lasting_addresses_with_their_sums(small):
    source = assemble(small, content())
    book = json.loads((source / "_results" / "book.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in book["scripts"]] == ["primary.R", "primary.do"]
    for entry in book["scripts"]:
        data = (source / "_extra" / "files" / entry["name"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)


@pytest.mark.parametrize(("size", "said"), [(1, "1 kB"), (1000, "1 kB"), (1001, "2 kB")])
def test_sizes_are_rounded_up(cite, size, said):
    assert cite.kilobytes(size) == said
