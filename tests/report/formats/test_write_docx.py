"""The DOCX as another program reads it: python-docx opens it and finds every printed cell."""

import dataclasses
import datetime
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH

from evaluation.release.identifier_scan import search
from evaluation.release.published_text import parts
from evaluation.report.formats import page_layout, table, table_writers
from evaluation.report.formats.docx import PAPER, columns_taken, document, fitted, pieces, unbroken
from evaluation.report.formats.table import Column, Row
from tests.messages import said
from tests.report.formats.test_writers import ALL, PAYLOADS, small_table


def opened(made):
    return docx.Document(io.BytesIO(table_writers.to_docx(made)))


def rows_of(document):
    """Texts of each row, a cell that spans columns once."""
    found = []
    for row in document.tables[0].rows:
        cells = [c.text for i, c in enumerate(row.cells) if c._tc not in
                 [x._tc for x in row.cells[:i]]]  # fmt: skip
        found.append(cells)
    return found


def plain(text):
    """A text with breaks where the document allows none, and as python-docx reads its hyphens."""
    return re.sub(r"(?<=\d)–(?=\d)", "-", text.replace("\N{NO-BREAK SPACE}", " "))


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_docx_holds_every_printed_cell(made):
    page = page_layout.printed(made)
    # what of a wide table is set below its rows is in the test of that
    beside = fitted(pieces(page), PAPER).shown
    expected, group = [], ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            expected.append([group])
        taken = page_layout.columns_taken(row)
        shown = row.cells[:2] if taken > 1 else [row.cells[i] for i in beside]
        expected.append([plain("" if kind == "repeated" else text) for text, kind in shown])
    found = [[plain(text) for text in row] for row in rows_of(opened(made))]
    assert found[1] == [page.head[i] for i in beside]
    assert [row for row in found[2:-1] if len(row) > 1 or row in expected] == expected
    assert found[-1] == [made.citation]


def wide_table(*cells, heads=()):
    """A table of one row; a cell is a text, or a text and how it is printed."""
    heads = heads or [f"C{i}" for i, _ in enumerate(cells)]
    return dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=head) for i, head in enumerate(heads)),
        rows=(Row(id="one", cells=cells),),
    )


def test_no_line_ends_inside_a_number():
    """Word ends lines at blanks, hyphens and dashes; ECMA-376 17.3.3.18 writes the hyphen."""
    cells = (table.text("aged 60-64, or 1–5"), table.number(1.5, decimals=1, unit="pp"))
    made = wide_table(*cells, heads=["Who", "Mean"])
    made = dataclasses.replace(
        made, columns=(made.columns[0], dataclasses.replace(made.columns[1], shown="with unit"))
    )
    with zipfile.ZipFile(io.BytesIO(table_writers.to_docx(made))) as archive:
        text = archive.read("word/document.xml").decode("utf-8")
    assert "60</w:t><w:noBreakHyphen/><w:t>64, or 1</w:t><w:noBreakHyphen/><w:t>5" in text
    assert "1.5\N{NO-BREAK SPACE}pp" in text
    assert (
        unbroken("+0.29 to +0.53", "effect") == "+0.29\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}+0.53"
    )
    assert unbroken("two words", "text") == "two words"


def test_long_texts_of_a_wide_table_are_set_below_their_row():
    long = "a component with a name of many words, which no narrow column can show"
    numbers = [table.effect(-1234.5678, decimals=4) for _ in range(9)]
    made = wide_table(table.text("Trust"), table.text(long), *numbers)
    document = opened(made)
    rows = rows_of(document)
    assert rows[1] == ["C0", *(f"C{i}" for i in range(2, 11))]
    assert rows[3] == [long]
    assert document.sections[0].page_width > document.sections[0].page_height


def test_a_property_longer_than_the_format_allows_ends_at_a_word():
    """ECMA-376 readers keep 255 letters; a long study's name must not stop the print."""
    made = document(
        title="word " * 80, subject="short", comments="[MARK] " + "x " * 200, locale="en-US"
    )
    about = made.core_properties
    assert about.title.startswith("word word")
    assert about.title.endswith("word …")
    assert 245 < len(about.title) <= 255
    assert about.comments.startswith("[MARK] ")
    assert about.subject == "short"


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "SYNTHETIC DATA – DO NOT CITE"), ("es", "DATOS SINTÉTICOS – NO CITAR")],
)
def test_a_pasted_table_keeps_mark_title_and_citation(language, mark):
    made = dataclasses.replace(small_table(), language=language, code="SM-T07")
    document = opened(made)
    first, *_, last = rows_of(document)
    assert first == [f"{mark}\nSM-T07 v0.1 · tbl-example. A <title> & more"]
    assert last == ["Cite me"]
    # and the head of each page says it too
    assert mark.split(" – ", maxsplit=1)[0] in document.sections[0].header.paragraphs[0].text


def test_a_real_study_has_no_mark():
    made = small_table(synthetic=False)
    with zipfile.ZipFile(io.BytesIO(table_writers.to_docx(made))) as archive:
        texts = [archive.read(name).decode("utf-8") for name in archive.namelist()]
    assert not any("SYNTHETIC" in text.upper() for text in texts)


def test_numbers_end_at_the_right_and_words_begin_at_the_left():
    cells = (table.text("a"), table.number(1.5, decimals=1), table.p_value(0.2), table.text("b"))
    empty = (table.text("a"), table.none(), table.none(), table.none())
    made = dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=f"C{i}") for i, _ in enumerate(cells)),
        rows=(Row(id="one", cells=cells), Row(id="two", cells=empty)),
    )
    left, right = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    for row in opened(made).tables[0].rows[2:4]:
        sides = [cell.paragraphs[0].alignment for cell in row.cells]
        # a dash is where the column's numbers or words are
        assert sides == [left, right, right, left]


def test_a_table_lies_where_it_would_be_far_higher_upright():
    words = table.text("several words that name a row of the table")
    narrow = [table.effect(-1.25, decimals=2)] * 3
    numbers = [table.effect(-1234.5678, decimals=4)] * 7
    assert fitted(pieces(page_layout.printed(wide_table(words, *narrow))), PAPER).lies is False
    far = fitted(pieces(page_layout.printed(wide_table(words, *numbers))), PAPER)
    assert far.lies
    patient = dataclasses.replace(PAPER, higher=9.0)
    assert fitted(pieces(page_layout.printed(wide_table(words, *numbers))), patient).lies is False


def test_nothing_in_a_document_acts():
    made = small_table(*PAYLOADS)
    with zipfile.ZipFile(io.BytesIO(table_writers.to_docx(made))) as archive:
        names = archive.namelist()
        parts = {name: archive.read(name).decode("utf-8") for name in names}
    assert not [name for name in names if re.search(r"vba|embed|media|customXml", name)]
    for name, text in parts.items():
        ET.fromstring(text)  # noqa: S314 (written by the line above)
        acting = r"<w:(?:fld|instrText|hyperlink|object|pict|altChunk|sdt)"
        assert not re.search(acting, text), name
        assert 'TargetMode="External"' not in text, name
    texts = [text for row in rows_of(docx.Document(io.BytesIO(table_writers.to_docx(made))))
             for text in row]  # fmt: skip
    assert set(PAYLOADS) <= set(texts)


def test_characters_that_no_document_may_hold_are_left_out():
    made = small_table("a\x00b\x1fc")
    assert "abc" in [text for row in rows_of(opened(made)) for text in row]


def test_properties_are_fixed_and_say_what_it_is():
    properties = opened(small_table()).core_properties
    assert properties.created == properties.modified
    assert properties.created.replace(tzinfo=None) == datetime.datetime(2000, 1, 1)
    assert properties.title == "A <title> & more"
    assert properties.subject == "tbl-example"
    assert properties.author == ""
    assert "SYNTHETIC" in properties.comments


def test_the_audit_reads_text_title_and_properties_of_a_document():
    """An invented number under a word for identity cards, where each may stand."""
    planted = "cédula 1020304050"
    made = dataclasses.replace(small_table(planted), title=planted, notes=(planted,))
    read = list(parts("tbl-example.docx", table_writers.to_docx(made)))
    assert not [part.unread for part in read if part.unread]
    found = {part.name.rpartition("!")[2] for part in read if search(part)}
    assert found == {"word/document.xml", "docProps/core.xml"}


def test_every_member_has_the_fixed_time():
    with zipfile.ZipFile(io.BytesIO(table_writers.to_docx(small_table()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {0}


@pytest.mark.parametrize(("numbers", "lies"), [(4, False), (9, True)])
def test_a_table_lies_on_its_side_where_its_numbers_need_more_than_a_line(numbers, lies):
    cells = [table.effect(-1234.5678, decimals=4) for _ in range(numbers)]
    section = opened(wide_table(table.text("a"), *cells)).sections[0]
    assert (section.page_width > section.page_height) is lies


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_columns_share_the_width_of_the_page(made):
    document = opened(made)
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    widths = [column.width for column in document.tables[0].columns]
    assert sum(widths) == room
    assert min(widths) > 0


def test_a_reason_takes_the_width_of_the_numbers_it_stands_for():
    cells = (
        table.text("a"),
        table.unavailable(said("one cluster"), "en"),
        table.none(),
        table.none(),
    )
    made = dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=f"C{i}") for i, _ in enumerate(cells)),
        rows=(Row(id="one", cells=cells),),
    )
    assert rows_of(opened(made))[2] == ["a", "not available: one cluster"]
    assert columns_taken(page_layout.printed(made).rows[0]) == 3
