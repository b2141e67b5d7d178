"""The book's pages on paper: taken out of the single file, cleaned, and put in order."""

import re

import pytest

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.site import printed_book
from evaluation.site.printed_book import TERMS

FACTS = {
    "title": "A <small> study",
    "question": "Did it work?",
    "citation": "Authors. A small study.",
    "version": "1.2.3",
    "commit": "commit abc of 2026-11-25",
    "rounds": "Baseline: 2021; Endline: 2024",
    "plan_hash": "a" * 64,
    "data_hash": "b" * 64,
    "licence": "CC BY 4.0",
}
TABLE = (
    '<table class="exhibit-table" id="tbl-a"><caption>A</caption><thead><tr>{heads}</tr></thead>'
    "<tbody><tr><td>1</td></tr></tbody></table>"
)


def a_page(name, title, body=""):
    return (
        f'<span id="document-{name}"></span><section id="{name}">\n<h2>{title}'
        f'<a class="headerlink" href="#{name}" title="Link">#</a></h2>\n{body}</section>\n'
    )


def single(*parts, captions=("Staff", "Reference")):
    """A file as Sphinx's singlehtml and the theme write it."""
    nav = "".join(
        f'<p class="caption"><span class="caption-text">{c}</span></p>\n<ul class="nav bd-sidenav">'
        for c in captions
    )
    wrapped = "".join(f'<div class="toctree-wrapper compound">\n{p}</div>\n' for p in parts)
    return (
        f'<html><nav>{nav}</ul></nav><article class="bd-article">'
        '<p class="synthetic-banner" role="note">SYNTHETIC</p><section id="summary">'
        f"<h1>Summary</h1><p>Short.</p>\n{wrapped}</section>\n<script>alert(1)</script></article>"
    )


WHOLE = single(
    a_page("main", "Main results", "<p>One</p>") + a_page("say", "What you may say"),
    a_page("abstract", "Abstract", "<h3>Part</h3><p>four words of text</p>")
    + a_page("cite", "How to cite"),
)


def printed(text=WHOLE, language="en", mark="SYNTHETIC DATA", banner="SYNTHETIC DATA. Invented."):
    return printed_book.printed_page(
        printed_book.read_pages(text),
        FACTS,
        language=language,
        banner=banner,
        mark=mark,
        style="p{}",
    )


def test_pages_are_read_by_part_with_their_titles():
    pages = printed_book.read_pages(WHOLE)
    found = [(part.caption, [(p.name, p.title) for p in part.pages]) for part in pages.parts]
    assert found == [
        ("Staff", [("main", "Main results"), ("say", "What you may say")]),
        ("Reference", [("abstract", "Abstract"), ("cite", "How to cite")]),
    ]
    assert pages.summary.title == "Summary"
    for page in (pages.summary, *(p for part in pages.parts for p in part.pages)):
        assert page.body.count("<section") == page.body.count("</section>")
        assert page.body.count("<div") == page.body.count("</div>")


def test_a_file_of_another_shape_is_refused():
    with pytest.raises(ReportError, match="no parts that can be printed"):
        printed_book.read_pages("<html><article>nothing</article></html>")
    with pytest.raises(ReportError, match="no parts that can be printed"):
        printed_book.read_pages(WHOLE.replace("caption-text", "other"))


def test_title_abstract_summary_contents_and_parts_stand_in_this_order():
    page = printed()
    names = ('class="title-page"', 'id="abstract"', 'id="summary"', 'id="contents"', 'id="part-0"',
             'id="main"', 'id="part-1"', 'id="cite"')  # fmt: skip
    places = [page.index(name) for name in names]
    assert places == sorted(places)
    assert [page.count(name) for name in names] == [1] * len(names)


def test_every_link_inside_leads_to_a_place_that_is_there():
    page = printed()
    ids = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(links) >= 5
    assert set(links) <= ids
    # the abstract stands before the contents, and is not listed again
    assert "#document-abstract" not in page


def test_the_abstract_comes_up_one_level_with_its_headings():
    page = printed()
    assert re.search(r"<h1>Abstract</h1>\s*<h2>Part</h2>", page)
    assert "<h2>Main results</h2>" in page


def test_the_title_page_says_what_the_book_was_made_from_and_escapes_it():
    title = printed(banner="INVENTED")
    for text in [x for n in TERMS for x in (wording(f"pdf.term.{n}", "en"), FACTS[n])]:
        assert text in title
    assert '<p class="synthetic-banner">INVENTED</p>' in title
    assert "A <small> study" not in printed()
    assert "<title>A &lt;small&gt; study [SYNTHETIC DATA]</title>" in printed()


def test_the_mark_is_on_every_page_and_on_none_of_real_data():
    assert '@top-center { content: "SYNTHETIC DATA"; }' in printed()
    real = printed(mark="", banner="")
    assert "@top-center" not in real
    assert "SYNTHETIC" not in real


def test_the_language_is_set_and_its_words_are_used():
    page = printed(language="es")
    assert '<html lang="es">' in page
    assert "Contenido" in page
    assert '"Página " counter(page) " de " counter(pages)' in page


def test_nothing_that_only_a_screen_can_use_stays():
    article = (
        '<a class="headerlink" href="#x" title="Link">#</a><script src="a.js"></script>'
        '<p><strong>T1</strong> <a href="files/tbl.csv" download>CSV</a> '
        '<a href="files/tbl.xlsx" download="">XLSX</a></p>'
        '<details class="exhibit-files"><summary>Files</summary>sums</details>'
        "<details><summary>More</summary>kept</details>"
        '<a class="x" href="files/fig.svg"><img alt="a" src="fig.svg"></a>'
        '<a href="index.html#tbl-a">Table 1</a> <a href="#document-index">Summary</a>'
        '<a href="https://doi.org/10.1">doi</a>'
    )
    assert printed_book.cleaned(article) == (
        "<p><strong>T1</strong> </p><details open><summary>More</summary>kept</details>"
        '<img alt="a" src="fig.svg"><a href="#tbl-a">Table 1</a> '
        '<a href="#summary-page">Summary</a><a href="https://doi.org/10.1">doi</a>'
    )


@pytest.mark.parametrize(("columns", "wide"), [(8, False), (9, True)])
def test_a_table_of_many_columns_lies_on_its_side(columns, wide):
    text = TABLE.format(heads='<th class="head">h</th>' * columns)
    assert ('class="exhibit-table wide"' in printed_book.cleaned(text)) is wide


def test_a_table_without_a_head_does_not_count_the_next_ones_columns():
    bare = '<table class="plain"><tr><th>x</th></tr></table>'
    text = bare + TABLE.format(heads="<th>h</th>" * 9)
    assert printed_book.cleaned(text).startswith(bare)


@pytest.mark.parametrize(("count", "fits"), [(500, True), (501, False)])
def test_the_abstract_has_five_hundred_words_at_most(count, fits):
    # the limit of the issue that asked for the PDF: an abstract of at most 500 words
    text = single(
        a_page("main", "Main"), a_page("abstract", "Abstract", f"<p>{'word ' * count}</p>")
    )
    if fits:
        assert printed(text).count("word ") == count
    else:
        with pytest.raises(ReportError, match="501 words"):
            printed(text)


def test_a_book_without_an_abstract_is_refused():
    with pytest.raises(ReportError, match="has no abstract"):
        printed(WHOLE.replace("document-abstract", "document-other"))


def test_headings_are_read_without_tags():
    page = '<h1>A &amp; <em>b</em></h1><p>no</p><h3 class="x">two\n lines</h3>'
    assert printed_book.headings(page) == ("A & b", "two lines")


def test_a_text_in_the_margin_cannot_end_the_style():
    css = printed_book.margins({**FACTS, "version": '1"</style>'}, "en", "")
    assert "</style>" not in css
    assert '1\\"' in css
