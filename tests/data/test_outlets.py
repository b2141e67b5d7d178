"""What is read of a published file, part by part: names, text, and whether it is made of cells."""

import base64
import io
import json
import zipfile
import zlib

import pytest

from evaluation.data import outlets
from evaluation.data.outlets import Part, chunks, parts

PNG = b"\x89PNG\r\n\x1a\n"


def read(name, data):
    return list(parts(name, data if isinstance(data, bytes) else data.encode()))


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


@pytest.mark.parametrize("suffix", outlets.CELLS[:3] + outlets.CELLS[4:5] + outlets.CELLS[6:])
def test_files_of_cells(suffix):
    (part,) = read(f"a{suffix.upper()}", "05001 é")
    assert (part.name, part.cells) == (f"a{suffix.upper()}", True)
    assert part.text == "05001 é"


@pytest.mark.parametrize("name", ["a.md", "a.js", "a.svg", "a.xml", "noname", "a.csv.bak"])
def test_files_of_prose(name):
    assert read(name, "05001 é") == [Part(name, "05001 é", cells=False)]


@pytest.mark.parametrize("suffix", outlets.UNREADABLE)
def test_fonts_and_the_like_are_not_read(suffix):
    assert read(f"a{suffix}", "ana@example.org") == []


@pytest.mark.parametrize("suffix", ["html", "svg", "xml"])
def test_marked_up_text_without_outlines_and_embedded_data(suffix):
    embedded = "data:image/png;base64," + "A" * 64
    short = "data:image/png;base64," + "A" * 63
    text = f'<p d="M 1 2">a &amp; &eacute;</p><i src="{embedded}"/><i points="3 4"/>'
    assert read(f"a.{suffix}", text)[0].text == '<p>a & é</p><i src=""/><i/>'
    assert short in read(f"a.{suffix}", f'<i src="{short}"/>')[0].text
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
    assert read("a.txt", data) == [Part("a.txt", text, cells=True)]


# ---- archives ----------------------------------------------------------------------------------


def test_members_of_an_archive_and_its_comment():
    data = zipped({"in/a.csv": "x", "in/b.md": "y", "in/": ""}, comment=b"made by Ana")
    assert read("a.zip", data) == [
        Part("a.zip!comment", "made by Ana", cells=False),
        Part("a.zip!in/a.csv", "x", cells=True),
        Part("a.zip!in/b.md", "y", cells=False),
    ]


def test_a_broken_archive_is_read_as_text():
    assert read("a.zip", "PK\x03\x04 ana@example.org") == [
        Part("a.zip", "PK\x03\x04 ana@example.org", cells=False)
    ]


def test_archives_are_opened_to_a_depth_of_three():
    data = b"deep"
    names = []
    for level in range(5):
        data = zipped({f"{level}{'.txt' if level == 0 else '.zip'}": data})
        names.append([part.text for part in read("a.zip", data)])
    assert ["deep" in texts for texts in names] == [True, True, True, False, False]


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
            "xl/styles.xml": "<x>left out</x>",
            "xl/theme/theme1.xml": "<x>left out</x>",
            "xl/drawings/d.xml": "<x>left out</x>",
            "xl/charts/c.xml": "<x>left out</x>",
            "word/media/image1.txt": "left out",
            "custom/notes.txt": "kept",
        }
    )  # fmt: skip
    found = {part.name: part for part in read("a.docx", data)}
    assert not any("left out" in part.text for part in found.values())
    document = found["a.docx!word/document.xml"]
    # runs of a line stay together
    assert document.text.split() == ["AnaRios", "&", "Co"]
    assert not document.cells
    rels = found["a.docx!word/_rels/document.xml.rels"]
    assert rels.text.split() == ["mailto:ana@example.org"]
    assert not rels.cells
    for name, words in (("worksheets/sheet1", ["1", "2"]), ("sharedStrings", ["a", "b"])):
        sheet = found[f"a.docx!xl/{name}.xml"]
        assert sheet.cells
        assert sheet.text.split() == words
        assert "\n" in sheet.text.strip()
    assert found["a.docx!custom/notes.txt"] == Part("a.docx!custom/notes.txt", "kept", cells=True)


def test_values_of_relationships_are_parted():
    text = '<Relationship Id="a" Target="b"/>'
    assert outlets._office(text) == "\na b"
    assert outlets._office('<x Id="a"/>') == "\n"


def test_the_same_names_outside_an_office_file_are_plain():
    found = read("a.zip", zipped({"media/a.xml": "<t>x</t>"}))
    assert found[1:] == [Part("a.zip!media/a.xml", "<t>x</t>", cells=False)]


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
    assert read("a.png", data) == [Part(f"a.png!{k}", t, cells=False) for k, t in expected]


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
    assert part == Part("a.json", "a\n1\n2.5\nb\nx & y\nc\none\ntwo\nd\np\nq\ne", cells=True)


def test_lines_that_end_themselves_are_not_parted():
    assert read("a.ipynb", json.dumps([["a\n", "b", "c"]]))[0].text == "a\nbc"
    assert read("a.ipynb", json.dumps([["a", "b\n", "c"]]))[0].text == "a\nb\n\nc"


def test_broken_json_is_read_as_it_is():
    assert read("a.json", '{"05001"') == [Part("a.json", '{"05001"', cells=True)]


def test_embedded_data_and_outlines_of_a_notebook_are_left_out():
    text = f'<p d="M 1">a</p> data:image/png;base64,{"A" * 64} b'
    (part,) = read("a.ipynb", json.dumps({"text/html": text}))
    assert part.text == "text/html\n<p>a</p>  b"


@pytest.mark.parametrize("lines", [False, True])
def test_pictures_of_a_notebook(lines):
    pictures = [PNG + chunk(b"tEXt", b"Author\0" + name) for name in (b"Ana", b"Eva")]
    encoded = [base64.b64encode(p).decode() for p in pictures]
    held = [{"image/png": [f"{e[:8]}\n", e[8:]] if lines else e} for e in encoded]
    assert read("a.ipynb", json.dumps(held)) == [
        Part("a.ipynb", "image/png\nimage/png", cells=True),
        Part("a.ipynb!picture0.png!Author", "Ana", cells=False),
        Part("a.ipynb!picture1.png!Author", "Eva", cells=False),
    ]


def test_a_picture_that_cannot_be_decoded_is_left_out():
    assert read("a.ipynb", json.dumps({"image/png": "A"})) == [
        Part("a.ipynb", "image/png", cells=True)
    ]
