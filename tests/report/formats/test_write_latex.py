"""The LaTeX of a table: escaped, balanced, one cell per column, with mark and citation inside."""

import dataclasses
import re

import pytest

from evaluation.locale.latex import NEEDED
from evaluation.report.formats import page_layout, table_writers
from tests.report.formats.test_writers import ALL, PAYLOADS, small_table

SPECIAL = r"a & b % c $ d # e _ f { g } h ~ i ^ j \ k [l] < > |"


def lines(made) -> list[str]:
    return table_writers.to_latex(made).decode("utf-8").splitlines()


def unescaped(text: str, mark: str) -> int:
    """How often a character stands without a backslash before it."""
    return len(re.findall(rf"(?<!\\){re.escape(mark)}", text))


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_every_row_has_a_cell_for_each_column(made):
    page = page_layout.printed(made)
    text = lines(made)
    body = text[text.index("\\endhead") + 1 : text.index("\\end{longtable}")]
    spans = [int(n) for line in body for n in re.findall(r"\\multicolumn\{(\d+)\}", line)]
    assert all(1 < n <= len(page.head) for n in spans)
    for line in (row for row in body if row != "\\hline"):
        extra = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", line))
        assert unescaped(line, "&") + 1 + extra == len(page.head)
        assert line.endswith(" \\\\")
    # the groups' rows and the citation stand beside the rows of the table
    groups = len({row.group for row in page.rows if row.group})
    assert len(body) >= len(page.rows) + groups + 1


@pytest.mark.parametrize("made", [*ALL, small_table(SPECIAL)], ids=lambda t: str(len(t.columns)))
def test_braces_and_mathematics_are_balanced(made):
    text = table_writers.to_latex(made).decode("utf-8")
    text = text.replace("\\{", "").replace("\\}", "")
    assert text.count("{") == text.count("}")
    assert unescaped(text, "$") % 2 == 0
    assert re.findall(r"\\begin\{(\w+)\}", text) == re.findall(r"\\end\{(\w+)\}", text)


def test_no_text_can_be_a_command():
    (line,) = [line for line in lines(small_table(SPECIAL)) if line.startswith("% ") is False
               and "textbackslash" in line][:1]  # fmt: skip
    # by hand from the list of special characters, Lamport (1994), section 2.1
    assert r"a \& b \% c \$ d \# e \_ f \{ g \} h \textasciitilde{} i \textasciicircum{} j" in line
    assert r"\textbackslash{} k {[}l{]} \textless{} \textgreater{} \textbar{}" in line


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "SYNTHETIC DATA -- DO NOT CITE"), ("es", "DATOS SINTÉTICOS -- NO CITAR")],
)
def test_the_caption_begins_with_the_mark(language, mark):
    made = dataclasses.replace(small_table(), language=language, code="SM-T07")
    (caption,) = [line for line in lines(made) if line.startswith("\\caption{")]
    assert caption.startswith(f"\\caption{{{{[}}{mark}{{]}} SM-T07 v0.1")
    assert caption.endswith("\\label{tbl-example}\\\\")


def test_the_citation_is_the_last_row_and_the_notes_follow():
    text = lines(small_table())
    end = text.index("\\end{longtable}")
    assert "Cite me" in text[end - 1]
    assert text[end + 1] == "\\begin{itemize}"
    assert "\\item =note" in text


def test_a_real_study_has_no_mark():
    text = table_writers.to_latex(small_table(*PAYLOADS, synthetic=False)).decode("utf-8")
    assert "SYNTHETIC" not in text.upper()


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_pdflatex_has_a_letter_for_every_character(made):
    """Beyond Latin letters and their accents (T1), characters are written as commands."""
    text = table_writers.to_latex(made).decode("utf-8")
    foreign = {c for c in text if ord(c) > 0x17F}
    assert foreign == set()


def test_only_longtable_and_array_are_needed():
    text = table_writers.to_latex(small_table()).decode("utf-8")
    assert not re.search(r"\\(top|mid|bottom)rule", text)
    assert "{array,longtable}" in NEEDED
