"""CSV, XLSX, HTML and Markdown hold what the table holds, cell by cell, and nothing runs.

DOCX and LaTeX have tests of their own beside this file.
"""

import csv
import dataclasses
import datetime
import hashlib
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from evaluation.locale.messages import wording
from evaluation.report import builders
from evaluation.report.formats import page_layout, table, table_writers, xlsx
from evaluation.report.formats.table import Column, Row, Table
from tests.messages import said
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")')
MARKUP = CASES["markup"]
PAYLOADS = (*FORMULAS, *MARKUP)


def small_table(*texts: str, synthetic: bool = True) -> Table:
    cells = (
        table.effect(-0.004, decimals=2, unit="SD"),
        table.effect(1 / 3, decimals=2, unit="SD"),
        table.effect(float("-inf"), decimals=2),
        table.number(1234.5678, decimals=1),
        table.count(7012),
        table.p_value(0.00002),
        table.suppressed("en"),
        table.unavailable(said("only one cluster"), "en"),
        table.none(),
        *(table.text(t) for t in texts),
    )
    names = [f"c{i}" for i in range(len(cells))]
    return Table(
        id="tbl-example",
        title="A <title> & more",
        reading="=reading",
        notes=("=note", "second"),
        columns=tuple(Column(id=n, label=f"=Label {n}") for n in names),
        rows=(
            Row(id="one", cells=cells, group="=Group"),
            Row(id="two", cells=cells, group="=Group"),
        ),
        mark="SYNTHETIC" if synthetic else "",
        plan_hash="a1" * 32,
        data_hash="b2" * 32,
        version="0.1.0",
        language="en",
        citation="Cite me",
    )


FULL = [
    builders.build(examples.exhibit(builder), examples.source())
    for builder in ("effects", "methods", "levels", "balance", "flow", "findings", "dictionary")
]
WRITERS = tuple(table_writers.FORMATS.values())
ALL = [small_table(*PAYLOADS), *FULL]


def sixteen_digits(stored):
    """A spreadsheet file keeps sixteen significant digits, one less than a double may need."""
    return float(f"{stored:.16G}") if isinstance(stored, float) else stored


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_csv_holds_every_cell(made):
    rows = list(
        csv.DictReader(io.StringIO(table_writers.to_csv(made).decode("utf-8-sig"), newline=""))
    )
    assert [r["row"] for r in rows] == [r.id for r in made.rows]
    for read, row in zip(rows, made.rows, strict=True):
        for column, cell in zip(made.columns, row.cells, strict=True):
            if cell.value is None:
                expected = "" if cell.kind == "none" else guarded(cell.text)
                assert read[column.id] == expected
            else:
                assert float(read[column.id]) == cell.value  # repr gives the same float back
        assert read["synthetic"] == "SYNTHETIC"


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_xlsx_holds_every_cell(made):
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))
    lines = list(book["data"].iter_rows(values_only=True))
    assert lines[0][0].startswith("SYNTHETIC DATA")
    assert list(lines[2][: len(made.columns) + 2]) == [
        "row",
        "group",
        *(c.label for c in made.columns),
    ]
    assert lines[-1][0] == made.citation
    for read, row in zip(lines[3:-1], made.rows, strict=True):
        assert read[0] == row.id
        assert (read[1] or "") == row.group
        for found, cell in zip(read[2:], row.cells, strict=False):
            # an infinity has no number in a spreadsheet, so its words stand there
            infinite = cell.value is not None and abs(cell.value) == float("inf")
            stored = cell.text if cell.value is None else cell.value
            expected = cell.text if infinite else sixteen_digits(stored)
            assert (found if found is not None else "") == expected


def reading(made):
    """The sheet to read, as lines of texts."""
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))
    return book.worksheets[0], [
        [cell for cell in line if cell is not None]
        for line in book.worksheets[0].iter_rows(values_only=True)
    ]


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_the_first_sheet_is_the_printed_table_with_its_notes_below(made):
    page, (sheet, lines) = page_layout.printed(made), reading(made)
    shown = min(len(page.head), 12)
    assert lines[0][0].startswith("SYNTHETIC DATA")
    assert lines[1:4] == [[f"{made.called}: {made.title}"], [made.reading], list(page.head[:shown])]
    assert sheet.freeze_panes == "B5"
    for row in page.rows:
        texts = [text for text, _ in row.cells[:shown]]
        whole = page_layout.columns_taken(row) > 1
        assert (texts[:2] if whole else texts) in lines
    notes = [line[0] for line in lines[lines.index(["Notes"]) :]]
    assert set(made.notes) <= set(notes)
    assert f"Plan checksum: {made.plan_hash}" in notes
    assert f"Data checksum: {made.data_hash}" in notes
    assert max(len(line) for line in lines) <= 12


def test_a_table_of_more_than_twelve_columns_is_cut_on_the_sheet_to_read_alone():
    cells = tuple(table.number(float(i), decimals=0) for i in range(15))
    made = dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=f"C{i}") for i in range(15)),
        rows=tuple(Row(id=f"r{i}", cells=cells) for i in range(6)),
    )
    _, lines = reading(made)
    assert lines[3] == [f"C{i}" for i in range(12)]
    assert ["3 further columns are on the sheet of data."] in lines
    data = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))["data"]
    assert data.max_column == 17


def test_columns_to_read_have_room_for_their_numbers_and_wrap_their_words():
    cells = (table.text("word " * 40), table.effect(-1234.5678, decimals=4), table.text("b " * 99))
    made = dataclasses.replace(
        small_table(),
        columns=tuple(Column(id=f"c{i}", label=f"C{i}") for i in range(3)),
        rows=(Row(id="one", cells=cells),),
    )
    sheet, _ = reading(made)
    name, number, words = (sheet.column_dimensions[letter].width for letter in "ABC")
    assert number >= len("−1,234.5678") + 2
    assert name <= 45
    assert words <= 49
    assert sheet["A5"].alignment.wrap_text
    assert sheet["B5"].alignment.horizontal == "right"


def test_a_workbook_says_what_it_is():
    made = small_table()
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))
    assert book.properties.subject == "tbl-example"
    assert book.properties.created == datetime.datetime(2000, 1, 1)
    assert "SYNTHETIC" in book.properties.description


@pytest.mark.parametrize("synthetic", [True, False])
def test_csv_says_in_every_line_which_plan_and_data_it_is_from(synthetic):
    made = dataclasses.replace(small_table(), mark="SYNTHETIC" if synthetic else "")
    text = table_writers.to_csv(made).decode("utf-8-sig")
    for line in csv.DictReader(io.StringIO(text, newline="")):
        assert (line["plan_hash"], line["data_hash"]) == (made.plan_hash, made.data_hash)


@pytest.mark.parametrize("builder", ["deviations", "effects", "levels", "balance", "findings"])
def test_csv_has_no_name_twice_in_its_header(builder):
    made = builders.build(examples.exhibit(builder), examples.source())
    head = table_writers.to_csv(made).decode("utf-8-sig").split("\n", 1)[0].split(",")
    assert sorted(set(head)) == sorted(head)


def test_a_spanish_csv_opens_in_columns_where_the_comma_is_for_decimals():
    """Colombian settings: list separator ``;``, decimal comma (Unicode CLDR, locale es-CO)."""
    made = dataclasses.replace(small_table("a;b"), language="es")
    data = table_writers.to_csv(made)
    assert data.startswith(b"\xef\xbb\xbfrow;group;c0;")
    line = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert (line["c0"], line["c3"], line["c4"]) == ("-0,004", "1234,5678", "7012")
    assert line["c9"] == "a;b"
    assert float(line["c1"].replace(",", ".")) == 1 / 3


def test_every_text_format_holds_mark_and_citation():
    made = dataclasses.replace(small_table(), citation="[SYNTHETIC DATA] Cite me")
    for form in ("csv", "html", "md"):
        text = table_writers.FORMATS[form](made).decode("utf-8")
        # a bracket of Markdown is one that its reader takes for a letter
        assert "[SYNTHETIC DATA] Cite me" in text.replace("\\", "")
        assert text.count("SYNTHETIC") > 1


def test_a_page_names_its_encoding_and_language_and_its_body_stands_alone():
    page = table_writers.to_html(dataclasses.replace(small_table(), language="es")).decode("utf-8")
    assert page.startswith('<!doctype html>\n<html lang="es"><head><meta charset="utf-8">')
    body = table_writers.fragment(page)
    assert body.startswith('<div class="exhibit exhibit-table"')
    assert body.endswith("</div>\n")


@pytest.mark.parametrize(("language", "sheets"), [("en", "table data"), ("es", "tabla datos")])
def test_sheets_and_footers_are_in_the_language(language, sheets):
    made = dataclasses.replace(small_table(), language=language)
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))
    assert book.sheetnames == sheets.split()
    pages = wording("download.page-of", language)
    assert {f"&R{sheet.oddFooter.right.text}" for sheet in book} == {f"&R{pages}"}


def test_csv_tells_spreadsheets_that_it_is_utf_8():
    assert table_writers.to_csv(small_table()).startswith(b"\xef\xbb\xbfrow,")


@pytest.mark.parametrize("synthetic", [True, False])
def test_every_printed_sheet_is_marked_and_as_few_pages_wide_as_can_be_read(synthetic):
    made = dataclasses.replace(small_table(), mark="SYNTHETIC" if synthetic else "")
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))
    for sheet in book:
        header = sheet.oddHeader.center.text or ""
        assert ("SYNTHETIC DATA – DO NOT CITE" in header) is synthetic
        # a width of one page is the default of the format and is not written
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    heads = 3 if synthetic else 2
    assert book["data"].print_title_rows == f"$1:${heads}"
    assert book["data"].print_title_cols == "$A:$C"
    assert book["table"].print_title_rows == f"$1:${heads + 1}"
    assert book["table"].print_title_cols == "$A:$A"


def test_a_very_wide_table_is_printed_over_several_pages():
    """Letters of a table of 260 characters on one A4 page are half their size, about 5 points."""
    column, cell = Column(id="c", label="C"), table.text("x" * 100)
    made = dataclasses.replace(
        small_table(),
        columns=tuple(dataclasses.replace(column, id=f"c{i}") for i in range(9)),
        rows=(Row(id="one", cells=(cell,) * 9),),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(made)))["data"]
    # 2 columns of 18 characters and 9 of the widest, 60, are 576: three times 260 hold them
    assert sheet.page_setup.fitToWidth == 3


def test_xlsx_has_no_formula_and_no_link():
    data = table_writers.to_xlsx(small_table(*PAYLOADS))
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [c.coordinate for c in cells if c.data_type == "f" or c.hyperlink]
    texts = {c.value for c in cells}
    assert set(PAYLOADS) <= texts
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/")]
    assert not any(b"<f>" in s or b"hyperlink" in s for s in sheets)


def test_negative_that_prints_as_zero_has_no_minus_in_a_spreadsheet():
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(small_table())))
    cell = book["data"]["C4"]
    assert cell.value == -0.004
    assert cell.number_format == '"0.00"'


@pytest.mark.parametrize("payload", FORMULAS)
def test_csv_text_cannot_become_a_formula(payload):
    rows = list(
        csv.reader(
            io.StringIO(table_writers.to_csv(small_table(payload)).decode("utf-8-sig"), newline="")
        )
    )
    assert rows[1][rows[0].index("c9")] == f"'{payload}"


class Texts(HTMLParser):
    """Texts of all cells of a table, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.cells, self.inside = [], [], False

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.inside = True
            self.cells.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_html_holds_every_printed_cell(made):
    page = Texts()
    page.feed(table_writers.to_html(made).decode("utf-8"))
    shown = page_layout.printed(made)
    expected, group = list(shown.head), ""
    for row in shown.rows:
        if row.group != group:
            group = row.group
            expected.append(group)
        expected += [text for text, _ in row.cells]
    assert page.cells == expected
    assert "script" not in page.tags


def test_printed_interval_and_brackets():
    made = builders.build(examples.exhibit("effects"), examples.source())
    row = {r.id: r for r in made.rows}["crime"]
    printed = {
        label: page_layout.print_cell(made, row, p) for label, p in page_layout.print_columns(made)
    }
    assert printed["95% interval"] == "−5.2 to +0.4"
    assert printed["Comparison group at baseline: mean (SD)"] == "18.4% (38.0)"
    assert "In words" not in printed  # a download column


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
def test_markdown_has_one_cell_per_printed_column(made):
    text = table_writers.to_markdown(made).decode("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in lines}
    assert widths == {len(page_layout.printed(made).head) + 1}
    assert "<script>" not in text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("<0.001", "<0.001"),
        ("a < b & c > d", "a < b & c > d"),
        ("<b>&lt;</b>", "&lt;b>&amp;lt;&lt;/b>"),
        ("<!-- x", "&lt;!-- x"),
    ],
)
def test_markdown_escapes_only_what_it_would_read_as_a_tag(said, written):
    text = table_writers.to_markdown(dataclasses.replace(small_table(), notes=(said,))).decode(
        "utf-8"
    )
    assert f"- {written}\n" in text


READERS = {
    "CommonMark": MarkdownIt("commonmark").enable("table"),
    # with what GitHub adds, links that nothing marks among it
    "GitHub": MarkdownIt("gfm-like"),
    "MyST": create_md_parser(
        MdParserConfig(
            enable_extensions={
                *("amsmath", "attrs_inline", "attrs_block", "colon_fence", "deflist"),
                *("dollarmath", "fieldlist", "html_admonition", "html_image", "linkify"),
                *("strikethrough", "substitution", "tasklist"),
            },
            dmath_double_inline=True,
        ),
        RendererHTML,
    ),
}
# what a table with title, notes and citation is made of
PLAIN = {"text", "text_special", "softbreak", "strong_open", "strong_close", "inline"}
BLOCKS = ("paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item")


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_markdown_reader_finds_no_markup_in_any_text(reader, payload):
    made = small_table(payload)
    made = dataclasses.replace(
        made,
        title=payload,
        notes=(payload, "second"),
        citation=payload,
        columns=tuple(dataclasses.replace(c, label=payload) for c in made.columns),
        rows=tuple(dataclasses.replace(r, group=payload) for r in made.rows),
    )
    tokens = reader.parse(table_writers.to_markdown(made).decode("utf-8"))
    inside = [child for token in tokens for child in token.children or ()]
    known = PLAIN | {f"{block}_{end}" for block in BLOCKS for end in ("open", "close")}
    assert {token.type for token in (*tokens, *inside)} <= known
    # title, head, group, two cells, note and citation all show the letters as they were given
    shown = ["".join(c.content for c in t.children) for t in tokens if t.children]
    letters = " ".join(payload.split())
    assert sum(" ".join(text.split()) == letters for text in shown) == len(made.columns) + 5
    assert f"Table: {letters}" in shown or any(text.endswith(f": {letters}") for text in shown)


def test_a_page_has_no_link_and_no_picture_of_a_text():
    page = Texts()
    page.feed(table_writers.to_html(small_table(*PAYLOADS)).decode("utf-8"))
    assert not {"a", "img", "script"} & set(page.tags)
    assert {" ".join(text.split()) for text in MARKUP} <= {
        " ".join(text.split()) for text in page.cells
    }


def test_a_latex_table_names_no_file_and_no_link():
    text = table_writers.to_latex(small_table(*PAYLOADS)).decode("utf-8")
    assert not re.search(r"\\(input|include|href|url|write|includegraphics)\b", text)


@pytest.mark.parametrize("made", ALL, ids=lambda t: str(len(t.columns)))
@pytest.mark.parametrize("write", WRITERS)
def test_bytes_depend_on_the_table_alone(made, write):
    twin = dataclasses.replace(made)
    first, second = (hashlib.sha256(write(t)).hexdigest() for t in (made, twin))
    assert first == second


@pytest.mark.parametrize(
    "write", [table_writers.to_csv, table_writers.to_html, table_writers.to_markdown]
)
def test_lines_end_in_lf(write):
    assert b"\r\n" not in write(small_table("a"))
    assert write(small_table("a")).endswith(b"\n")


@pytest.mark.parametrize(
    "write", [table_writers.to_csv, table_writers.to_html, table_writers.to_markdown]
)
def test_real_study_has_no_mark(write):
    assert b"SYNTHETIC" not in write(small_table(synthetic=False)).upper()


def test_real_study_has_no_mark_in_a_spreadsheet():
    book = openpyxl.load_workbook(io.BytesIO(table_writers.to_xlsx(small_table(synthetic=False))))
    texts = [str(c.value) for sheet in book for line in sheet.iter_rows() for c in line]
    assert not any("SYNTHETIC" in t for t in texts)
    assert "SYNTHETIC" not in (book.properties.description or "")


def test_short_wide_table_is_turned_on_the_page_and_not_in_downloads():
    made = builders.build(examples.exhibit("effects"), examples.source())
    page = page_layout.printed(made)
    assert page.layout == "turned"
    assert page.head == ("Outcome", "Trust", "Victim of crime", "Threats")
    turned = {row.id: [text for text, _ in row.cells] for row in page.rows}
    assert turned["estimate"] == ["Effect", "+0.11\u00a0SD", "−2.4\u00a0pp", "−2.4\u00a0pp"]
    assert turned["ci_low"][2] == "−5.2 to +0.4"
    assert table_writers.to_csv(made).decode("utf-8-sig").startswith("row,group,outcome,unit,")
    assert set(turned["status"][1:]) == {"specified after data collection"}


def test_long_table_is_not_turned():
    made = builders.build(examples.exhibit("methods"), examples.source())
    assert page_layout.printed(made).layout == "as stored"


def test_a_name_is_printed_once_and_read_out_in_every_row():
    made = builders.build(examples.exhibit("methods"), examples.source())
    kinds = [row.cells[0] for row in page_layout.printed(made).rows if row.id.startswith("crime-")]
    assert kinds[0] == ("Victim of crime", "text")
    assert set(kinds[1:]) == {("Victim of crime", "repeated")}
    names = [
        line for line in table_writers.to_html(made).decode().splitlines() if "crime-cr2" in line
    ]
    assert f'<span style="{table_writers.HIDDEN}">Victim of crime</span>' in names[0]
    # the next outcome's name is not hidden because the last one's was
    assert [r.cells[0][1] for r in page_layout.printed(made).rows if r.id == "threats-cv1"] == [
        "text"
    ]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (table.effect(-2.6, decimals=1, unit="percentage points"), "−2.6\u00a0pp"),
        (table.number(25.4, decimals=1, unit="%"), "25.4%"),
        (table.effect(0.18, decimals=2, unit="count"), "+0.18\u00a0(count)"),
        (table.none(), "–"),
        (table.unavailable(said("one cluster"), "en"), "not available: one cluster"),
    ],
)
def test_a_number_with_its_unit(cell, shown):
    made = dataclasses.replace(
        small_table(),
        columns=(Column(id="c", label="C", shown="with unit"),),
        rows=(Row(id="one", cells=(cell,)),),
    )
    assert page_layout.printed(made).rows[0].cells[0][0] == shown


def test_every_workbook_is_opened_where_text_stays_text():
    """One list of options for all of them, so that none can forget that text is no formula."""
    package = Path(xlsx.__file__).parents[2]
    opened = {
        p.name for p in package.rglob("*.py") if "xlsxwriter.Workbook(" in p.read_text("utf-8")
    }
    assert opened == {"xlsx.py"}
