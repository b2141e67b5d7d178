"""The book on paper: pages out of the single file, cleaned, put in order, with their contents."""

import re
from html import escape

import pytest

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.site import printed_book, printed_page
from evaluation.site.printed_page import LEFT_OUT, TERMS

FACTS = {
    "title": "A <small> study",
    "question": "Did it work?",
    "citation": "Authors. A small study.",
    "version": "1.2.3",
    "commit": "commit abc of 2026-11-25",
    "authors": "Someone & Another",
    "institution": "A university",
    "published": "25 November 2026",
    "rounds": "Baseline: 2021; Endline: 2024",
    "plan_hash": "a" * 64,
    "data_hash": "b" * 64,
    "licence": "CC BY 4.0",
}
HEAD = '<th class="head cell-head"><p>{}</p></th>'


def a_table(*rows, heads=("Outcome", "Effect"), name="tbl-a", number="Table 1 "):
    """A table as the extension of the book writes it; a cell is a text or a class and a text."""
    head = "".join(map(HEAD.format, heads))
    cells = (
        "".join(
            f'<{tag} class="cell-{kind}"><p>{text}</p></{tag}>'
            for tag, (kind, text) in zip(["th", *["td"] * len(row)], row, strict=False)
        )
        for row in rows
    )
    body = "".join(f'<tr class="row-odd">{inside}</tr>' for inside in cells)
    counted = f'<span class="caption-number">{number}</span>' if number else ""
    return (
        f'<table class="exhibit-table exhibit-as-stored {name} table" id="{name}">\n'
        f'<caption>{counted}<span class="caption-text">A title '
        '<span class="synthetic-mark">SYNTHETIC</span></span></caption>\n'
        f'<thead>\n<tr class="row-odd">{head}</tr>\n</thead>\n<tbody>{body}</tbody></table>'
    )


ONE = a_table([("text", "Trust"), ("effect", "+0.1 to +0.2")])
FIGURE = (
    '<figure class="exhibit-figure align-default" id="fig-a"><img alt="dots" src="a.svg">'
    '<figcaption><p><span class="caption-number">Figure 1 </span>'
    '<span class="caption-text">Dots</span></p></figcaption></figure>'
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
    a_page("main", "Main results", f"<p>One</p>{ONE}{FIGURE}") + a_page("say", "What you may say"),
    a_page("about", "About", '<p><a href="#document-dictionary">The list</a></p>')
    + a_page("dictionary", "Dictionary", a_table([("text", "a"), ("text", "b")], name="tbl-long")),
)


def printed(
    text=WHOLE,
    language="en",
    mark="SYNTHETIC DATA",
    banner="SYNTHETIC DATA. Invented.",
):
    return printed_page.printed_page(
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
        ("Reference", [("about", "About"), ("dictionary", "Dictionary")]),
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


def test_title_summary_contents_and_parts_stand_in_this_order():
    page = printed()
    names = ('class="title-page"', 'id="summary"', 'id="contents"', 'id="part-0"', 'id="main"',
             'id="part-1"', 'id="about"')  # fmt: skip
    places = [page.index(name) for name in names]
    assert places == sorted(places)
    assert [page.count(name) for name in names] == [1] * len(names)


def test_every_link_inside_leads_to_a_place_that_is_there():
    page = printed()
    ids = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(links) >= 5
    assert set(links) <= ids


def test_long_lists_are_left_out_and_the_contents_say_where_they_are():
    page = printed()
    assert "dictionary" in LEFT_OUT
    assert "#document-dictionary" not in page
    assert 'id="tbl-long"' not in page
    assert "<p>The list</p>" in page
    assert "On the website only, because they are lists to search: Dictionary." in page
    assert "website only" not in printed(WHOLE.replace("document-dictionary", "document-other"))


def test_the_contents_link_to_pages_tables_and_figures():
    page = printed()
    contents = page[page.index('class="page contents"') : page.index("</nav>")]
    lines = re.findall(r'<a href="#([^"]+)">(.*?)</a>', contents)
    found = {anchor: re.sub("<[^>]+>", "", label) for anchor, label in lines}
    assert found == {
        "summary-page": "Summary",
        "part-0": "Staff",
        "document-main": "Main results",
        "document-say": "What you may say",
        "part-1": "Reference",
        "document-about": "About",
        "tbl-a": "Table 1 A title",
        "fig-a": "Figure 1 Dots",
    }


def test_a_table_without_a_number_is_refused():
    with pytest.raises(ReportError, match="tbl-a has no number"):
        printed(WHOLE.replace('<span class="caption-number">Table 1 </span>', ""))
    with pytest.raises(ReportError, match="fig-a has no number"):
        printed(WHOLE.replace('<span class="caption-number">Figure 1 </span>', ""))


def test_the_title_page_says_what_the_book_was_made_from_and_escapes_it():
    title = printed(banner="INVENTED")
    for text in [x for n in TERMS for x in (wording(f"pdf.term.{n}", "en"), FACTS[n])]:
        assert escape(text) in title
    assert '<p class="synthetic-banner">INVENTED</p>' in title
    assert "A <small> study" not in printed()
    assert "<title>A &lt;small&gt; study [SYNTHETIC DATA]</title>" in printed()


def test_the_mark_is_on_every_page_and_on_none_of_real_data():
    assert '@top-center { content: "SYNTHETIC DATA"; }' in printed()
    real = printed(mark="", banner="")
    assert "@top-center" not in real
    # the captions of this test's tables have their own
    assert "SYNTHETIC DATA" not in real


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
        '<details><summary>In words</summary><ul class="exhibit-words"><li>a</li></ul></details>'
        '<p class="first-downloads"><a class="first-download" href="../book.pdf">PDF</a></p>'
        '<a class="x" href="files/fig.svg"><img alt="a" src="fig.svg"></a>'
        '<div class="figure-narrow"><svg viewBox="0 0 1 1"><g></g></svg></div>'
        '<a href="index.html#tbl-a">Table 1</a> <a href="#document-index">Summary</a>'
        '<a href="https://doi.org/10.1">doi</a>'
    )
    assert printed_book.cleaned(article) == (
        "<p><strong>T1</strong> </p><details open><summary>More</summary>kept</details>"
        '<img alt="a" src="fig.svg"><a href="#tbl-a">Table 1</a> '
        '<a href="#summary-page">Summary</a><a href="https://doi.org/10.1">doi</a>'
    )


def widths(table):
    return [float(found) for found in re.findall(r'<col style="width: ([\d.]+)%">', table)]


def test_the_columns_of_a_table_have_the_widths_that_their_words_need():
    laid = printed_book.cleaned(
        a_table([("text", "A name of several words, some of them longer"), ("p_value", "0.01")])
    )
    first, second = widths(laid)
    assert first > 2 * second
    assert sum((first, second)) == pytest.approx(100, abs=0.02)
    assert 'class="exhibit-table laid ' in laid


@pytest.mark.parametrize(("columns", "wide"), [(3, False), (9, True)])
def test_a_table_whose_numbers_need_more_than_a_line_lies_on_its_side(columns, wide):
    row = [("text", "Trust"), *[("effect", "+0.10 to +0.20 points")] * columns]
    laid = printed_book.cleaned(a_table(row, heads=["Head"] * (columns + 1)))
    assert (" laid wide " in laid) is wide
    assert len(widths(laid)) == columns + 1


def test_long_texts_without_room_are_set_below_their_row():
    long = "a text of many words that no narrow column can show on a line or two"
    numbers = [("effect", "+0.10 to +0.20")] * 8
    rows = [
        [("text", "Trust"), ("text", long), *numbers],
        [("text", "None"), ("none", "–"), *numbers],
    ]
    laid = printed_book.cleaned(a_table(*rows, heads=["Outcome", "Component", *["Effect"] * 8]))
    assert f'<tr class="below"><td colspan="9"><p>{long}</p></td></tr>' in laid
    assert laid.count("below") == 2  # of one row: its own class, and that of the line
    assert "Component" not in laid
    assert len(widths(laid)) == 9
    assert laid.count("+0.10 to +0.20") == 16


def test_a_table_that_is_no_exhibit_stays_as_it_is():
    bare = '<table class="plain"><tr><th>x</th></tr></table>'
    assert printed_book.cleaned(bare + ONE).startswith(bare)


def test_a_text_in_the_margin_cannot_end_the_style():
    css = printed_page.margins({**FACTS, "version": '1"</style>'}, "en", "")
    assert "</style>" not in css
    assert '1\\"' in css
