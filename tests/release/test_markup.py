"""Tags taken out of texts: what is read in one line, and what a part of an office file says.

All identifiers are invented.
"""

import io
import zipfile

import docx
import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image

from evaluation.release.identifier_scan import KnownValues, search
from evaluation.release.published_text import Joined, office_text, parts
from tests.tables import cases

CASES = cases(__file__)

KNOWN = KnownValues(ids=frozenset({"P48213"}), answers={}, places=frozenset({"m01"}))
SAID = "P48213 ana.rios@correo.example.co"


def rules(name, data):
    return {hit.rule for part in parts(name, data) for hit in search(part, KNOWN)}


def saved(thing):
    held = io.BytesIO()
    thing.save(held)
    return held.getvalue()


# ---- tags --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("marked", "text", "joints"), CASES["left"])
def test_what_is_left_of_a_text_and_where_tags_were(marked, text, joints):
    if "SPAN" in marked:
        marked = marked.lower()
    joined = Joined(marked)
    assert (joined.text, joined.joints) == (text, joints)


def test_only_what_a_tag_stood_inside_was_in_pieces():
    joined = Joined("ab<i>cd</i>")
    assert [joined.is_joined(0, end) for end in (1, 2, 3, 4)] == [False, False, True, True]
    assert not joined.is_joined(2, 4)


def letters(tag, text):
    return "".join(f"<{tag}>{letter}</{tag}>" for letter in text)


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        ("mobile", "a.html", "<p>Tel <b>312</b> 456 78 90</p>"),
        ("mobile", "a.html", f"<td>{letters('span', '3124567890')}</td>"),
        ("mobile", "a.html", "<p>312<!-- x --> 456 78 90</p>"),
        ("e-mail", "a.html", "<p>ana<em>@</em>correo.example.co</p>"),
        ("cedula", "a.html", "<td>52<i>345</i>678</td>"),
        ("raw-id", "a.html", "<p>P<sub>48213</sub></p>"),
        ("cedula", "a.svg", f"<svg><text>{letters('tspan', '1.032.456.789')}</text></svg>"),
        ("e-mail", "a.svg", f"<svg><text>{letters('tspan', 'ana@a.example.co')}</text></svg>"),
        ("mobile", "a.md", "so: <strong>312</strong> 456 78 90"),
    ],
)
def test_what_tags_part_inside_a_line_is_found(rule, name, text):
    # a number that is introduced as a telephone's is found by that too
    also = {"phone"} if "Tel" in text else set()
    assert rules(name, text.encode()) == {rule} | also


def test_a_hit_in_pieces_is_told_with_its_line():
    (part,) = parts("a.html", b"<p\n>one</p>\n<p>Tel <b>312</b> 456 78 90</p>")
    assert [(hit.rule, hit.line) for hit in search(part)] == [("mobile", 3), ("phone", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "<tr><td>312</td><td>456 78 90</td></tr>",  # two cells
        "<p>is <b>7,1217815</b></p>",  # the decimals of a number
        "<p>P<div>48213</div></p>",
        "<td><b>0.048</b> (<i>0.074</i>)</td>",
    ],
)
def test_what_lies_in_two_lines_or_cells_is_not_joined(text):
    assert rules("a.html", text.encode()) == set()


# ---- office files ------------------------------------------------------------------------------


def alternative_text():
    held = io.BytesIO()
    Image.new("RGB", (4, 4)).save(held, "PNG")
    held.seek(0)
    written = docx.Document()
    written.add_picture(held)._inline.docPr.set("descr", SAID)
    return "a.docx", saved(written)


def sheet_name():
    book = openpyxl.Workbook()
    book.active.title = "P48213 a@correo.example.co"
    return "a.xlsx", saved(book)


def chart_title():
    book = openpyxl.Workbook()
    chart = BarChart()
    chart.title = SAID
    chart.add_data(Reference(book.active, min_col=1, min_row=1))
    book.active.add_chart(chart, "D2")
    return "a.xlsx", saved(book)


def comment():
    book = openpyxl.Workbook()
    book.active["A1"].comment = Comment("x", SAID)
    return "a.xlsx", saved(book)


def prompt():
    book = openpyxl.Workbook()
    rule = DataValidation(type="list", formula1='"a,b"')
    rule.prompt = SAID
    rule.add("A1")
    book.active.add_data_validation(rule)
    return "a.xlsx", saved(book)


def member(name, text):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, text)
    return "a.docx", held.getvalue()


def style_name():
    return member("word/styles.xml", f"<w:style><w:name w:val='{SAID}'/></w:style>")


def in_a_comment_of_the_xml():
    return member("xl/theme/theme1.xml", f"<a:theme><!-- {SAID} --></a:theme>")


def as_typed():
    return member("customXml/item1.xml", f"<a><![CDATA[{SAID}]]></a>")


@pytest.mark.parametrize(
    "made",
    [
        alternative_text, sheet_name, chart_title, comment, prompt, style_name,
        in_a_comment_of_the_xml, as_typed,
    ],
    ids=lambda made: made.__name__,
)  # fmt: skip
def test_every_text_and_attribute_of_an_office_file_is_read(made):
    # who wrote a comment is a person, whatever the name
    author = {"name"} if made is comment else set()
    assert rules(*made()) == {"raw-id", "e-mail"} | author


@pytest.mark.parametrize("number", ["1.032.456.789", "52.345.678", "52345678"])
def test_a_number_alone_in_a_property(number):
    written, book = docx.Document(), openpyxl.Workbook()
    assert rules("a.docx", saved(written)) == set()
    assert rules("a.xlsx", saved(book)) == set()
    written.core_properties.author = number
    book.properties.description = number
    assert rules("a.docx", saved(written)) == {"cedula"}
    assert rules("a.xlsx", saved(book)) == {"cedula"}


@pytest.mark.parametrize("xml", CASES["sizes"])
def test_sizes_and_numbers_of_programs_are_no_persons(xml):
    assert rules(*member("word/document.xml", f"<x>{xml}</x>")) == set()
    # but what is no size stands out even there
    assert rules(*member("word/document.xml", '<c r="ana@correo.example.co"/>')) == {"e-mail"}


@pytest.mark.parametrize(
    "placed", ["<wp:posOffset>5486417</wp:posOffset>", '<w:rsid w:val="05001234"/>']
)
def test_places_of_drawings_and_numbers_of_programs_are_no_words_of_a_line(placed):
    xml = f"<w:p><w:r><w:t>310 555</w:t>{placed}<w:t> 1234</w:t></w:r></w:p>"
    assert office_text(xml).split() == ["310", "555", "1234"]
    assert rules(*member("word/document.xml", xml)) == {"mobile"}


def test_values_stand_in_lines_of_their_own():
    assert office_text('<Relationship Id="a" Target="b"/>').split("\n") == ["", "a", "b"]
    assert office_text("<x Id='a &amp; b'/>").split("\n") == ["", "a & b"]
