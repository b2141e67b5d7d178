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
from evaluation.report import builders
from evaluation.report.formats import page_layout, table, table_writers
from evaluation.report.formats.docx import columns_taken, document
from evaluation.report.formats.table import Column, Row
from tests.messages import said
from tests.report import examples
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


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_docx_holds_every_printed_cell(made):
    page = page_layout.printed(made)
    expected, group = [], ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            expected.append([group])
        taken = page_layout.columns_taken(row)
        shown = [*row.cells[:2], *row.cells[1 + taken :]]
        expected.append(["" if kind == "repeated" else text for text, kind in shown])
    found = rows_of(opened(made))
    # XML reads a tab as text of its own; python-docx gives it back as a tab
    assert found[1] == list(page.head)
    assert found[2:-1] == expected
    assert found[-1] == [made.citation]


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
    cells = (table.text("a"), table.number(1.5, decimals=1), table.p_value(0.2), table.none())
    made = dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=f"C{i}") for i, _ in enumerate(cells)),
        rows=(Row(id="one", cells=cells),),
    )
    row = opened(made).tables[0].rows[2]
    sides = [cell.paragraphs[0].alignment for cell in row.cells]
    right = WD_ALIGN_PARAGRAPH.RIGHT
    assert sides == [WD_ALIGN_PARAGRAPH.LEFT, right, right, right]


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


def test_a_table_of_many_columns_lies_on_its_side():
    wide = opened(small_table("a")).sections[0]
    methods = builders.build(examples.exhibit("methods"), examples.source())
    few = dataclasses.replace(
        methods,
        columns=methods.columns[:2],
        rows=tuple(dataclasses.replace(r, cells=r.cells[:2]) for r in methods.rows),
    )
    upright = opened(few).sections[0]
    assert wide.page_width > wide.page_height
    assert upright.page_width < upright.page_height


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
