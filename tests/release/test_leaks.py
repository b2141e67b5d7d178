"""The search of everything published: forty planted identifiers, and what must not be found.

All identifiers are invented. The strings are the project's own; none is taken from a data file.
"""

import base64
import gzip
import io
import json
import zipfile
import zlib

import pytest

from evaluation.release.identifier_scan import (
    KnownValues,
    answers_by_word,
    is_telling_id,
    is_telling_place,
    search,
)
from evaluation.release.published_text import parts
from tests.tables import cases

CASES = cases(__file__)

ANSWER = "Vinieron de noche y me quitaron la finca"
KNOWN = KnownValues(
    ids=frozenset({"P48213", "uuid7f3a9c", "A-00917"}),
    answers=answers_by_word({ANSWER, "No me dejaron volver a la vereda"}),
    places=frozenset({"macondo", "q17b"}),
    place_names=("puerto escondido del sur",),
    folders=("/srv/evaluation-copy",),
)

# written apart, so that the scan of the tree for machine paths does not stop at this file
HOME, USERS, DISK = "home", "Users", "C:"
PLANTED = [
    *CASES["planted"],
    ["path", f"/{HOME}/encuesta/datos.csv"],
    ["path", f"{DISK}\\{USERS}\\maria\\final.xlsx"],
]
assert len(PLANTED) == 40


def csv_file(text):
    return "t.csv", f'row,value\nfirst,"{text}"\n'.encode()


def html_file(text):
    escaped = text.replace("&", "&amp;").replace("é", "&eacute;")
    return "p.html", f"<html><body><p>Texto</p><td>{escaped}</td></body></html>".encode()


def index_file(text):
    return "searchindex.js", f'Search.setIndex({{"titles":{json.dumps([text])}}})'.encode()


def notebook(text):
    cell = {
        "cell_type": "code",
        "source": ["show(1)\n"],
        "outputs": [{"data": {"text/plain": ["primera línea\n", text]}, "output_type": "x"}],
    }
    return "n.ipynb", json.dumps({"cells": [cell], "nbformat": 4}).encode()


def office(name, members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for member, content in members.items():
            archive.writestr(member, content)
    return name, held.getvalue()


def xml(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def workbook_cell(text):
    shared = f"<sst><si><t>Total</t></si><si><t>{xml(text)}</t></si></sst>"
    return office("t.xlsx", {"xl/sharedStrings.xml": shared})


def workbook_property(text):
    # whatever stands as the author is somebody's name: this is a property beside it
    core = f"<cp:coreProperties><dc:subject>{xml(text)}</dc:subject></cp:coreProperties>"
    return office("t.xlsx", {"docProps/core.xml": core})


def document(text):
    # Word cuts a line into runs wherever it likes
    half = len(text) // 2
    runs = "".join(f"<w:r><w:t>{xml(t)}</w:t></w:r>" for t in (text[:half], text[half:]))
    return office("t.docx", {"word/document.xml": f"<w:body><w:p>{runs}</w:p></w:body>"})


def drawing(text):
    line = '<path d="M -74.08175 4.60971 L 3 4"/>'
    return "f.svg", f"<svg>{line}<metadata>{xml(text)}</metadata></svg>".encode()


def chunk(kind, body):
    crc = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + crc


def picture(text, kind=b"tEXt"):
    encoded = text.encode("utf-8")
    body = {
        b"tEXt": b"Description\0" + encoded,
        b"zTXt": b"Description\0\0" + zlib.compress(encoded),
        b"iTXt": b"Description\0\1\0es\0Descr\0" + zlib.compress(encoded),
    }[kind]
    return "f.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(kind, body)


def log(text):
    return "run.log", f"[2/7] clean 7,012 rows 1.2 s\n{text}\n".encode()


OUTLETS = (
    csv_file, html_file, index_file, notebook, workbook_cell, workbook_property, document, drawing,
    picture, log,
)  # fmt: skip


def found(name, data, known=KNOWN):
    return [hit for part in parts(name, data) for hit in search(part, known)]


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda f: f.__name__)
def test_forty_planted_identifiers_are_found_in_every_outlet(outlet):
    missed = [
        (rule, text) for rule, text in PLANTED if rule not in {h.rule for h in found(*outlet(text))}
    ]
    assert not missed
    assert found(*outlet("Estimate 0.048, standard error 0.074")) == []


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_text_chunks_of_pictures_also_inside_notebooks(kind):
    name, data = picture("cédula 52345678", kind)
    assert [h.rule for h in found(name, data)] == ["cedula"]
    cell = {"outputs": [{"data": {"image/png": base64.b64encode(data).decode()}}]}
    assert [h.rule for h in found("n.ipynb", json.dumps(cell).encode())] == ["cedula"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_text_in_other_encodings(encoding):
    assert [h.rule for h in found("t.txt", "Cédula 52345678".encode(encoding))] == ["cedula"]


def test_an_archive_in_an_archive_is_opened():
    inner = office("t.xlsx", {"xl/comments1.xml": "<t>310 555 1234</t>"})[1]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inside/t.xlsx", inner)
    assert [h.rule for h in found("all.zip", held.getvalue())] == ["mobile"]


@pytest.mark.parametrize(
    ("cell", "rule"), [("52345678", "cedula"), ("1032456789", "cedula"), ("05001", "divipola")]
)
def test_a_bare_number_in_a_cell(cell, rule):
    assert [h.rule for h in found("t.csv", f"a,b\n1,{cell}\n".encode())] == [rule]
    # in prose and code it is no more than a number
    assert found("t.js", f"x=[{cell},1];".encode()) == []


LOOKALIKES = CASES["lookalikes"]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_what_looks_alike_is_no_alarm(text):
    for outlet in OUTLETS:
        assert found(*outlet(text)) == [], outlet.__name__


def test_a_hit_names_rule_and_line_and_not_what_it_found():
    (hit,) = found("t.csv", b"a\nb\nc,310 555 1234\n")
    assert (hit.rule, hit.name, hit.line) == ("mobile", "t.csv", 3)
    assert "555" not in repr(hit)


def test_lines_are_counted_in_the_file_for_open_answers():
    (hit,) = found("t.txt", f"uno\ndos\ntres {ANSWER}".encode())
    assert (hit.rule, hit.line) == ("raw-answer", 3)


def test_short_ids_answers_and_places_cannot_be_told_from_numbers():
    assert not is_telling_id("1")
    assert not is_telling_id("12034")
    assert is_telling_id("1203456")
    assert is_telling_id("P1203")
    assert not is_telling_place("m 11")
    assert not is_telling_place("061")
    assert is_telling_place("m01")
    assert is_telling_place("municipio 01")
    assert answers_by_word({"no", "2021-02-28 08:15:30", "ninguna"}) == {}


def test_drawings_of_a_theme_do_not_hold_places():
    text = b'x = "<path d=Q17B>";'
    assert found("site/_static/scripts/icons.js", text) == []
    assert [h.rule for h in found("site/searchindex.js", text)] == ["place"]


IDS = ("uuid:3f2a-77bc-0001", "HH-05001-0012", "P/0001/7", "A0012345", "R(12)x7")


@pytest.mark.parametrize("i", IDS)
def test_ids_of_several_words_are_found_wherever_they_stand(i):
    known = KnownValues(ids=frozenset(IDS), answers={})
    written = (i, i.upper(), f"hola ({i})", f"foto_{i}.jpg", f"a/{i}/b", f"x='{i}'")
    for text in written:
        for outlet in (csv_file, html_file, notebook, workbook_cell, log):
            assert [h.rule for h in found(*outlet(text), known)] == ["raw-id"], text
    for text in (f"9{i}", f"{i}9", i[:-1]):
        assert found(*csv_file(text), known) == [], text


@pytest.mark.parametrize("text", ["HH_05001_0012", "hh 05001 0012", "uuid%3A3f2a-77bc-0001"])
def test_ids_with_other_signs_between_their_words(text):
    known = KnownValues(ids=frozenset({*IDS, "12-345"}), answers={})
    assert [h.rule for h in found(*html_file(text), known)] == ["raw-id"]
    # not of a code that is like a number
    assert found(*html_file("12.345 and 12 345"), known) == []
    assert [h.rule for h in found(*html_file("12-345"), known)] == ["raw-id"]


def test_an_id_of_six_digits_is_one_only_where_it_fills_a_cell():
    known = KnownValues(ids=frozenset({"123456"}), answers={})
    assert [h.rule for h in found("t.csv", b"a,b\n1,123456\n", known)] == ["raw-id"]
    assert found("t.csv", b"a,b\n1,0.123456\n1,n 123456\n", known) == []
    assert found("t.md", b"123456", known) == []


CELLS = CASES["cells"]


@pytest.mark.parametrize(("rule", "cell"), CELLS)
def test_numbers_as_programs_and_persons_write_them(rule, cell):
    assert [h.rule for h in found("t.csv", f"a,b\n1,{cell}\n".encode())] == [rule]
    # totals of people, decimals and versions are none
    for other in ("2760530.0", "3001234567.5", "1012345678.5", "2.012.345.678", "-52.345.678"):
        assert found("t.csv", f"a,b\n1,{other}\n".encode()) == [], other


def test_decimals_behind_a_comma_that_fill_an_element_are_a_number():
    for number in ("7,1217815", "-0,10165271", "0,3816749862", "1.234,05001", "0,3001234567"):
        assert found("t.html", f"<td><p>{number}</p></td>".encode()) == [], number
        assert found("t.po", f'msgstr "`{number}`"\n'.encode()) == [], number
    # in a file of cells a comma parts two of them, and in an element what comes after a word
    for rule, digits in (("cedula", "52345678"), ("mobile", "3001234567"), ("divipola", "05001")):
        assert [h.rule for h in found("t.csv", f"a,b\n7,{digits}\n".encode())] == [rule]
        for text in (digits, f"x,{digits}", f"7 7,{digits}"):
            page = f"<td><p>{text}</p></td>".encode()
            assert [h.rule for h in found("t.html", page)] == [rule], text


WRITTEN = CASES["written"]


@pytest.mark.parametrize(("rule", "text"), WRITTEN)
def test_other_ways_to_write_the_same(rule, text):
    for name in ("t.md", "t.txt"):
        hits = found(name, f"uno\ndos: {text} fin\n".encode())
        assert {(h.rule, h.line) for h in hits} == {(rule, 2)}, name


def test_coordinates_in_columns_that_lie_apart():
    for text in ("lat,name,lon\n4.711,x,-74.072", "gps_lon,name,gps_lat\n-74.072,x,4.711"):
        assert {h.rule for h in found("t.csv", text.encode())} == {"gps"}
    cell = json.dumps({"latitude": 4.711, "name": "x", "longitude": -74.072}).encode()
    assert {h.rule for h in found("t.json", cell)} == {"gps"}
    # not in columns that are called otherwise
    assert found("t.csv", b"estimate,name,low\n4.711,x,-74.072\n") == []


ALIKE = CASES["alike"]


@pytest.mark.parametrize("text", ALIKE)
def test_what_looks_like_the_other_ways_is_no_alarm(text):
    assert found("t.md", text.encode()) == []


@pytest.mark.parametrize(
    ("answer", "written", "rules"),
    [
        ("Maria Gil", "por maria gil.", ["name", "raw-answer"]),
        ("Paramilitares", "los PARAMILITARES", ["raw-answer"]),
        ("me amenazó él", "me amenazo\u0301 e\u0301l", ["raw-answer"]),
        ("vino\u00a0de noche", "vino   de\n noche", ["raw-answer"]),
    ],
)
def test_short_answers(answer, written, rules):
    known = KnownValues(answers=answers_by_word({answer}))
    assert [h.rule for h in found("t.md", written.encode(), known)] == rules
    assert found("t.md", b"ana-maria gilberto paramilitaresx maria; gil", known) == []


@pytest.mark.parametrize("rule_text", PLANTED, ids=lambda pair: pair[0])
def test_planted_identifiers_are_found_in_what_is_packed(rule_text):
    rule, text = rule_text
    svg = drawing(text)[1]
    uri = base64.b64encode(svg).decode()
    packed = [
        ("t.csv.gz", gzip.compress(csv_file(text)[1])),
        ("t.html", f'<img src="data:image/svg+xml;base64,{uri}">'.encode()),
        ("t.csv", csv_file(text)[1].decode().encode("utf-16-le")),
        ("t.jpg", b"\xff\xd8\xff\xfe\xff\xf0" + text.encode("latin-1")),
        ("t.pdf", b"%PDF-1.4\nstream\n" + zlib.compress(text.encode("latin-1")) + b"endstream"),
    ]
    assert [n for n, data in packed if rule not in {h.rule for h in found(n, data)}] == []
