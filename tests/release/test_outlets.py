"""What is read of a published file, part by part: names, text, and whether it is made of cells."""

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib

import pandas as pd
import pyreadstat
import pytest

from evaluation.release import published_text
from evaluation.release.identifier_scan import search
from evaluation.release.identifiers.file_properties import chunks
from evaluation.release.published_text import TextPart, parts
from evaluation.report.figures import typeface
from tests.messages import said

PNG = b"\x89PNG\r\n\x1a\n"


def read(name, data):
    return list(parts(name, data if isinstance(data, bytes) else data.encode()))


def unread(name, why):
    return TextPart(name, "", cells=False, unread=said(why))


def zipped(members, *, comment=b""):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def chunk(kind, body):
    crc = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + crc


# ---- plain files -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".html", ".log", ".txt"])
def test_files_of_cells(suffix):
    (part,) = read(f"a{suffix.upper()}", "05001 é")
    assert (part.name, part.cells) == (f"a{suffix.upper()}", True)
    assert part.text == "05001 é"


def test_digits_behind_a_decimal_comma_are_no_number_of_their_own():
    data = "\ufeffrow;low;high\na;-0,1020304050;9,56e-05\nb;1020304050;2,7\n"
    (part,) = read("a.csv", data)
    assert part.text.endswith("a;-0.1020304050;9.56e-05\nb;1020304050;2.7\n")
    # the cédula (invented) is still found, and only that
    assert [(hit.rule, hit.line) for hit in search(part)] == [("cedula", 3)]
    # between commas there are no decimal commas: a list of ids stays one
    (plain,) = read("a.csv", "a,b\n12,1020304050\n")
    assert [(hit.rule, hit.line) for hit in search(plain)] == [("cedula", 2)]


def test_a_semicolon_that_somebody_wrote_parts_no_cells():
    """The head says what parts them: behind the comma stands a cell, and not decimals."""
    (part,) = read("a.csv", "said,card\nuna;7,1020304050\n")
    assert [(hit.rule, hit.line) for hit in search(part)] == [("cedula", 2)]
    # nor does one in the last line, where no line end follows
    (part,) = read("a.csv", "said,card\nuna,7\nuna;7,1020304050")
    assert [(hit.rule, hit.line) for hit in search(part)] == [("cedula", 3)]


@pytest.mark.parametrize("name", ["a.md", "a.js", "a.svg", "a.xml", "noname", "a.csv.bak"])
def test_files_of_prose(name):
    assert read(name, "05001 é") == [TextPart(name, "05001 é", cells=False)]


@pytest.mark.parametrize("suffix", published_text.UNREADABLE)
def test_fonts_and_the_like_are_not_read_and_said_to_be_so(suffix):
    (part,) = read(f"a{suffix}", "ana@example.org")
    assert (part.name, str(part.unread)) == (f"a{suffix}", f"format {suffix}")


def test_typefaces_that_come_with_the_packages_are_known_by_their_bytes():
    faces = [data for name, data in typeface.web_files().items() if name.endswith(".woff2")]
    assert faces
    for data in faces:
        assert read("a.woff2", data) == []
        # under its name, with a word more
        (part,) = read("a.woff2", data + b"Ana")
        assert str(part.unread) == "format .woff2"


@pytest.mark.parametrize("suffix", ["html", "svg", "xml"])
def test_marked_up_text_without_outlines_and_embedded_data(suffix):
    embedded = "data:image/png;base64," + "A" * 64
    short = "data:image/png;base64," + "A" * 63
    text = f'<p d="M 1 2">a &amp; &eacute;</p><i src="{embedded}"/><i points="3 4"/>'
    assert read(f"a.{suffix}", text)[0].text == '<p>a & é</p><i src=""/><i/>'
    assert short in read(f"a.{suffix}", f'<i src="{short}"/>')[0].text
    # what was embedded is a part of its own
    assert {p.name for p in read(f"a.{suffix}", text)[1:]} == {f"a.{suffix}!data0.png"}
    # other files are taken as they are
    assert read("a.md", text)[0].text == text


def test_escapes_of_scripts():
    script = r'x="\u00e9\n\t\r\"\\\/\q"'
    assert read("a.js", script)[0].text == 'x="é\n\t\r"\\/\\q"'
    assert read("a.md", script)[0].text == script


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        ("é".encode("latin-1"), "é"),
        ("é".encode("utf-16"), "é"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é"),
        (b"\xff\xfea", "\N{REPLACEMENT CHARACTER}"),  # half a letter
        (b"", ""),
    ],
)
def test_encodings(data, text):
    assert read("a.txt", data) == [TextPart("a.txt", text, cells=True)]


# ---- archives ----------------------------------------------------------------------------------


def test_members_of_an_archive_and_its_comment():
    data = zipped({"in/a.csv": "x", "in/b.md": "y", "in/": ""}, comment=b"made by Ana")
    assert read("a.zip", data) == [
        TextPart("a.zip!comment", "made by Ana", cells=False),
        TextPart("a.zip!in/a.csv", "x", cells=True),
        TextPart("a.zip!in/b.md", "y", cells=False),
    ]


def test_a_broken_archive_is_read_as_text():
    assert read("a.zip", "PK\x03\x04 ana@example.org") == [
        TextPart("a.zip", "PK\x03\x04 ana@example.org", cells=False)
    ]


def test_archives_are_opened_to_a_depth_of_three():
    data = b"deep"
    names = []
    for level in range(5):
        data = zipped({f"{level}{'.txt' if level == 0 else '.zip'}": data})
        names.append([part.text for part in read("a.zip", data)])
    assert ["deep" in texts for texts in names] == [True, True, True, False, False]
    assert str(read("a.zip", data)[-1].unread) == "packed too deep"


def office(members):
    return zipped({"[Content_Types].xml": "<Types/>"} | members)


def test_parts_of_an_office_file():
    data = office(
        {
            "word/document.xml":
                "<w:p><w:r><w:t>Ana</w:t></w:r><w:r><w:t>Rios &amp; Co</w:t></w:r></w:p>",
            "word/_rels/document.xml.rels":
                '<Relationships><Relationship Target="mailto:ana@example.org"/></Relationships>',
            "xl/worksheets/sheet1.xml": "<c><v>1</v></c><c><v>2</v></c>",
            "xl/sharedStrings.xml": "<si><t>a</t></si><si><t>b</t></si>",
            "xl/styles.xml": "<x>kept</x>",
            "xl/theme/theme1.xml": "<x name='kept'/>",
            "xl/drawings/d.xml": "<x>kept</x>",
            "xl/charts/c.xml": "<x>kept</x>",
            "word/media/image1.jpeg": b"\xff\xd8\xff\xfe\0\5Ana",
            "custom/notes.txt": "kept",
        }
    )  # fmt: skip
    found = {part.name: part for part in read("a.docx", data)}
    for shapes in ("styles", "theme/theme1", "drawings/d", "charts/c"):
        assert found[f"a.docx!xl/{shapes}.xml"].text.split() == ["kept"]
    assert found["a.docx!word/media/image1.jpeg!segmentfe"].text == "Ana\nAna"
    document = found["a.docx!word/document.xml"]
    # runs of a line stay together
    assert document.text.split() == ["AnaRios", "&", "Co"]
    rels = found["a.docx!word/_rels/document.xml.rels"]
    assert rels.text.split() == ["mailto:ana@example.org"]
    # a number alone in a property is a cell too
    assert document.cells
    assert rels.cells
    for name, words in (("worksheets/sheet1", ["1", "2"]), ("sharedStrings", ["a", "b"])):
        sheet = found[f"a.docx!xl/{name}.xml"]
        assert sheet.cells
        assert sheet.text.split() == words
        assert "\n" in sheet.text.strip()
    assert found["a.docx!custom/notes.txt"] == TextPart(
        "a.docx!custom/notes.txt", "kept", cells=True
    )


def test_the_same_names_outside_an_office_file_are_plain():
    found = read("a.zip", zipped({"media/a.xml": "<t>x</t>"}))
    assert found[1:] == [TextPart("a.zip!media/a.xml", "<t>x</t>", cells=False)]


# ---- pictures ----------------------------------------------------------------------------------


def test_chunks_of_text_and_no_others():
    long = chunk(b"iTXt", b"K\0\0\0es\0Descr\0" + "é".encode())
    data = (
        PNG
        + chunk(b"IHDR", bytes(13))
        + chunk(b"tEXt", b"Author\0Ana\0Rios")
        + chunk(b"IDAT", b"tEXtno")
        + chunk(b"zTXt", b"C\0\0" + zlib.compress(b"packed"))
        + long
        + chunk(b"iTXt", b"Q\0\1\0es\0Descr\0" + zlib.compress(b"also"))
        + chunk(b"zTXt", b"B\0\0broken")
        + chunk(b"tEXt", "Título".encode("latin-1"))
    )
    expected = [
        ("Author", "Ana\0Rios"),
        ("C", "packed"),
        ("K", "é"),
        ("Q", "also"),
        ("B", "broken"),
        ("Título", ""),
    ]
    assert list(chunks(data)) == expected
    assert read("a.png", data) == [TextPart(f"a.png!{k}", t, cells=False) for k, t in expected]


def test_a_picture_that_is_cut_off():
    assert list(chunks(PNG)) == []
    # a head without a body, eight bytes; and one byte fewer
    head = bytes(4) + b"tEXt"
    assert list(chunks(PNG + head)) == [("", "")]
    assert list(chunks(PNG + head[:-1])) == []
    assert list(chunks(PNG + (9).to_bytes(4, "big") + b"tEXtK\0ana")) == [("K", "ana")]


# ---- JSON and notebooks ------------------------------------------------------------------------


def test_every_key_text_and_number():
    content = {
        "a": [1, 2.5, True, None, {"b": "x &amp; y"}],
        "c": ["one", "two"],
        "d": ["p\n", "q"],
        "e": [],
    }
    (part,) = read("a.json", json.dumps(content))
    assert part == TextPart("a.json", "a\n1\n2.5\nb\nx & y\nc\none\ntwo\nd\np\nq\ne", cells=True)


def test_lines_that_end_themselves_are_not_parted():
    assert read("a.ipynb", json.dumps([["a\n", "b", "c"]]))[0].text == "a\nbc"
    assert read("a.ipynb", json.dumps([["a", "b\n", "c"]]))[0].text == "a\nb\n\nc"


def test_broken_json_is_read_as_it_is():
    assert read("a.json", '{"05001"') == [TextPart("a.json", '{"05001"', cells=True)]


def test_embedded_data_and_outlines_of_a_notebook_are_left_out():
    text = f'<p d="M 1">a</p> data:image/png;base64,{"A" * 64} b'
    part, *embedded = read("a.ipynb", json.dumps({"text/html": text}))
    assert part.text == "text/html\n<p>a</p>  b"
    assert {p.name for p in embedded} == {"a.ipynb!data0.png"}


@pytest.mark.parametrize("lines", [False, True])
def test_pictures_of_a_notebook(lines):
    pictures = [PNG + chunk(b"tEXt", b"Author\0" + name) for name in (b"Ana", b"Eva")]
    encoded = [base64.b64encode(p).decode() for p in pictures]
    held = [{"image/png": [f"{e[:8]}\n", e[8:]] if lines else e} for e in encoded]
    assert read("a.ipynb", json.dumps(held)) == [
        TextPart("a.ipynb", "image/png\nimage/png", cells=True),
        TextPart("a.ipynb!picture0.png!Author", "Ana", cells=False),
        TextPart("a.ipynb!picture1.png!Author", "Eva", cells=False),
    ]


def test_a_picture_that_cannot_be_decoded_is_left_out():
    assert read("a.ipynb", json.dumps({"image/png": "A"})) == [
        TextPart("a.ipynb", "image/png", cells=True)
    ]


# ---- what is packed inside ---------------------------------------------------------------------

MAIL = b"1,ana@example.org"


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_compressed_files(suffix, pack):
    assert read(f"a.csv.{suffix}", pack(MAIL)) == [TextPart("a.csv", MAIL.decode(), cells=True)]
    assert read(f"a.csv.{suffix}", pack(MAIL)[:6]) in (
        [unread(f"a.csv.{suffix}", "damaged")],
        [TextPart("a.csv", "", cells=True)],
    )
    # a member of an archive too
    assert read("a.zip", zipped({f"b.csv.{suffix}": pack(MAIL)}))[1].text == MAIL.decode()


def test_every_member_of_a_gzip_file():
    data = gzip.compress(b"one") + gzip.compress(b"two")
    assert read("a.txt.gz", data)[0].text == "onetwo"
    assert read("a.svgz", gzip.compress(b"<svg>&amp;</svg>"))[0].text == "<svg>&</svg>"


def test_what_is_larger_than_the_largest_is_told(monkeypatch):
    monkeypatch.setattr(published_text.containers, "LARGEST", 4)
    assert read("a.csv.gz", gzip.compress(MAIL)) == [unread("a.csv", "too large")]


def test_data_addresses():
    page = gzip.compress(b"<svg>Ana</svg>")
    for kind, inside in (("text/csv", "data0.csv"), ("image/svg+xml", "data0.svg"), ("", "txt")):
        for settings in ("", ";charset=utf-8"):
            uri = f"data:{kind}{settings};base64,{base64.b64encode(MAIL).decode()}"
            for name in ("a.html", "a.css", "a.md", "a.svg"):
                part = read(name, f'<i src="{uri}">')[1]
                assert part.text == MAIL.decode()
                assert part.name.endswith(inside)
    assert read("a.html", "data:text/csv,1%2Cana%40example.org")[1].text == MAIL.decode()
    packed = f"data:image/svg+xml;base64,{base64.b64encode(page).decode()}"
    assert read("a.html", packed)[1].text == "<svg>Ana</svg>"
    assert read("a.html", "data:text/csv;base64,A")[1] == unread("a.html!data0.csv", "damaged")


def pdf(stream, head=b"<</Filter /FlateDecode>>"):
    return b"%PDF-1.4\n1 0 obj\n" + head + b"\nstream\n" + stream + b"\nendstream\nendobj\n"


@pytest.mark.parametrize(
    "content",
    [
        b"(ana@example.org) Tj",
        b"[(ana@) -12 (exam) 3.5 (ple.org)] TJ",
        b"[<616E61> 5 <406578616D706C652E6F7267>] TJ",
        b"/Author (\xfe\xff" + "ana@example.org".encode("utf-16-be") + b")",
        b"/Author <FEFF" + "ana@example.org".encode("utf-16-be").hex().upper().encode() + b">",
    ],
)
def test_streams_and_objects_of_a_pdf(content):
    texts = [part.text for part in read("a.pdf", pdf(zlib.compress(content)))]
    assert any("ana@example.org" in text for text in texts)
    bare = b"%PDF-1.4\n" + content
    assert any("ana@example.org" in part.text for part in read("a.pdf", bare))


def test_streams_that_cannot_be_read_are_told():
    assert read("a.pdf", pdf(b"xx", b"<</Filter/LZWDecode>>"))[-1] == unread(
        "a.pdf!stream0", "packed as LZWDecode"
    )
    assert read("a.pdf", pdf(b"xx") + b"/Encrypt 3 0 R")[-1] == unread("a.pdf", "encrypted")
    jpeg = b"\xff\xd8\xff\xfe\0\5Ana"
    found = read("a.pdf", pdf(jpeg, b"<</Filter/DCTDecode>>"))[-1]
    assert (found.name, found.text) == ("a.pdf!stream0.jpg!segmentfe", "Ana\nAna")


def test_segments_of_a_picture():
    exif = b"Exif\0\0" + "ana".encode("utf-16-le")
    data = b"\xff\xd8"
    for marker, body in ((0xE1, exif), (0xDB, b"left out"), (0xFE, b"note")):
        data += bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
    found = read("a.jpg", data + b"\xff\xda\0\4no\xff\xfe\0\4no")
    assert [part.name for part in found] == ["a.jpg!segmente1", "a.jpg!segmentfe"]
    assert "Exifana" in found[0].text
    assert found[1].text == "note\nnote"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_without_a_mark(encoding):
    assert read("a.csv", "1,ana@example.org,ñ".encode(encoding)) == [
        TextPart("a.csv", "1,ana@example.org,ñ", cells=True)
    ]


def test_bytes_of_an_unknown_format_are_searched_and_told():
    found = read("a.bin", b"\1\0ana@example.org\0\2")
    assert "ana@example.org" in found[0].text
    assert found[1] == unread("a.bin", "unknown format of bytes")


def test_tables_in_formats_of_bytes():
    table = pd.DataFrame({"n": [1012345678.0, 5.0], "t": ["Ana", "Eva"]})
    held = {"a.parquet": io.BytesIO(), "a.dta": io.BytesIO()}
    table.to_parquet(held["a.parquet"], compression="zstd")
    table.to_stata(held["a.dta"])
    for name, file in held.items():
        whole, cells = read(name, file.getvalue())
        # in which file a hit is reported
        assert (whole.name, cells.name) == (name, f"{name}!cells")
        assert cells.cells
        assert "1012345678.0,Ana" in cells.text
        assert read(name, b"no table")[-1] == unread(name, "not read as a table")


def test_a_number_that_stata_shows_as_a_moment_is_the_number():
    """1,012,345,678 milliseconds after the beginning of 1960 are a day in January."""
    moment = pd.Timestamp("1960-01-01") + pd.Timedelta(milliseconds=1_012_345_678)
    held = io.BytesIO()
    pd.DataFrame({"n": [moment]}).to_stata(held, convert_dates={"n": "tc"}, write_index=False)
    assert "1012345678" in read("a.dta", held.getvalue())[-1].text


def test_names_in_the_inventory_of_a_book():
    data = b"# Sphinx inventory version 2\n# P\n# V\n# zlib\n" + zlib.compress(MAIL)
    assert MAIL.decode() in read("objects.inv", data)[0].text
    assert read("objects.inv", data[:-9] + b"x")[0] != unread("objects.inv", "")
    assert read("objects.inv", b"# Sphinx inventory") == [unread("objects.inv", "damaged")]


def test_a_member_under_a_password_is_told():
    data = zipped({"a.csv": "x"})
    local, central = data.index(b"PK\3\4") + 6, data.index(b"PK\1\2") + 8
    locked = bytearray(data)
    locked[local] |= 1
    locked[central] |= 1
    assert read("a.zip", bytes(locked))[-1] == unread("a.zip!a.csv", "encrypted")


def test_a_member_with_damaged_bytes_is_told():
    data = zipped({"a.csv": "Ana Rios"}).replace(b"Ana Rios", b"Ana Rio\0")
    assert read("a.zip", data)[-1] == unread("a.zip!a.csv", "damaged")


def test_decimals_that_an_index_holds_as_words():
    text = 'terms:{"3816749862": 22, "3816749863": [1, 2], "titles": ["3816749864"]}'
    assert read("searchindex.js", text)[0].text == 'terms:{22, [1, 2], "titles": ["3816749864"]}'
    assert read("a.js", text)[0].text == text


# ---- SPSS files --------------------------------------------------------------------------------

# eight bytes are one cell of an SPSS file: what is longer is cut into pieces there
LONG = "respuesta abierta de una persona que vive en la vereda y se llama ana@example.org"


def spss_file(tmp_path, *, packed, suffix=".sav", **changes):
    # pyreadstat's ``compress`` writes $FL3 (zlib); else bytes of $FL2, whose rows may be packed too
    frame = pd.DataFrame({"said": [LONG, ""], "phone": [3105551234.0, None]})
    path = tmp_path / f"a{suffix}"
    about = {
        "file_label": "label of the file",
        "note": "a note beside it",
        "column_labels": {"said": "what was said", "phone": "column of 310 555 9999"},
        "variable_value_labels": {"phone": {-1.0: "answered by Persona Secreta"}},
    }
    pyreadstat.write_sav(frame, path, **(about | changes), **packed)
    return path.read_bytes()


@pytest.mark.parametrize("packed", [{}, {"compress": True}, {"row_compress": True}])
@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dat"])
def test_everything_that_an_spss_file_says(tmp_path, packed, suffix):
    found = {part.name: part for part in read(f"a{suffix}", spss_file(tmp_path, packed=packed))}
    assert set(found) == {f"a{suffix}", f"a{suffix}!labels", f"a{suffix}!cells"}
    assert not any(part.unread for part in found.values())
    labels, cells = found[f"a{suffix}!labels"], found[f"a{suffix}!cells"]
    assert [part.cells for part in found.values()] == [False, False, True]
    for words in ("label of the file", "a note beside it", "what was said", "310 555 9999",
                 "answered by Persona Secreta"):  # fmt: skip
        assert words in labels.text, words
    assert cells.text.splitlines()[0].split(",")[1:] == ["said", "phone"]
    assert LONG in cells.text
    # a number as a person reads it, not 3105551234.0
    assert "3105551234\n" in cells.text


def test_an_spss_file_with_user_missing_codes_and_dates(tmp_path):
    frame = pd.DataFrame({"day": [160_206 * 86_400.0], "code": [99.0], "text": ["x"]})
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        frame, path, variable_format={"day": "EDATE10"}, missing_ranges={"code": [99]}
    )
    (cells,) = [p for p in read("a.sav", path.read_bytes()) if p.name.endswith("!cells")]
    assert cells.text == ",day,code,text\n0,2021-05-31,99,x\n"


@pytest.mark.parametrize("kept", [8, 100, 400])
def test_a_damaged_spss_file_is_said_to_be_unread(tmp_path, kept):
    data = spss_file(tmp_path, packed={})[:kept]
    found = read("a.sav", data)
    assert found[-1] == unread("a.sav", "not read as a table")
    # what its bytes say openly is searched all the same
    assert found[0].name == "a.sav"
    assert found[0].text


def test_a_file_called_sav_that_is_none_is_read_as_what_it_is():
    assert read("a.sav", "ana@example.org")[0].text == "ana@example.org"


def test_a_leak_in_an_spss_file_is_found(tmp_path):
    data = spss_file(tmp_path, packed={"compress": True})
    rules = {hit.rule for part in read("a.sav", data) for hit in search(part)}
    assert {"e-mail", "mobile"} <= rules
