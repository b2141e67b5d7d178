"""The measure of prose counts what a reader reads, by hand-made pages."""

import pytest

from tools import prose

PAGE = """<html><body><p>Not in the article.</p><article class="bd-article"><h1>Title</h1>
<p>Effects are <em>small</em> – about 5 in 100. They may be larger (p = .3).</p>
<ul><li>An item with <code>code</code><ul><li>An item inside.</li></ul></li></ul>
<table><caption>Of a table</caption><tr><td><p>A cell.</p></td></tr></table>
<details><summary>Notes</summary><p>One note for all pages.</p></details>
<figure><svg><text>On an axis</text><path d="M0"/></svg><figcaption>A caption</figcaption></figure>
<pre>x = 1</pre><p>·</p><p role="tooltip" hidden>What an effect is.</p></article>
<footer><p>Not in the article either.</p></footer></body></html>"""


def test_paragraphs_are_those_of_the_article_without_tables_figures_and_code():
    assert prose.paragraphs(PAGE) == [
        "Effects are small – about 5 in 100. They may be larger (p = .3).",
        "An item inside.",
        "An item with code",
        "Notes",
        "One note for all pages.",
        "A caption",
        "What an effect is.",
    ]


def test_a_dash_or_a_sign_alone_is_no_word():
    assert prose.words("Effects are small – about 5 in 100 · and so on …") == 10


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Effects are small. They may be larger (p = .3). ¿Por qué?", (3, 6, 2)),
        ("From 0.05 to .10 SD, e.g. here.", (7,)),
        ("No sentence", ()),
    ],
)
def test_sentences_belong_to_paragraphs_that_end_like_one(text, sentences):
    assert prose.measured({"one": [text]})["one"].sentences == sentences


def test_a_paragraph_is_repeated_where_an_earlier_page_has_it_word_for_word():
    """Twice on one page is no repetition over pages; another number is another paragraph."""
    counts = prose.measured({"a": ["One.", "One.", "Two 2."], "b": ["One.", "Two 3.", "Four."]})
    assert [(c.paragraphs, c.repeated) for c in counts.values()] == [(3, 0), (3, 1)]


def test_the_table_has_one_row_a_page_and_the_totals(tmp_path, capsys):
    for name in ("a.html", "b.html", "search.html"):
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    (tmp_path / "moved.html").write_text("<html><body><p>Moved.</p></body></html>")
    prose.main([str(tmp_path)])
    *_, one, two, every = (line.split() for line in capsys.readouterr().out.splitlines())
    assert [one[0], two[0], every[0]] == ["a.html", "b.html", "all"]
    assert [row[-1] for row in (one, two, every)] == ["0.0%", "100.0%", "50.0%"]
    assert int(every[1]) == 2 * int(one[1])
