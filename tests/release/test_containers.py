"""Pieces of a file, byte for byte: data addresses, compressed files, inventories, documents."""

import base64
import gzip
import time
import zlib

import pytest

from evaluation.release.containers import Piece, document, embedded, inflated, inventory, segments
from evaluation.release.published_text import parts

# letters 62 and 63 of base64 stand in it, and it needs two signs of filling
BYTES = b"\xfb\xff\xbf ana.rios@correo.example.co"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("filling", ["kept", "left out"])
def test_both_alphabets_of_base64(encode, filling):
    written = encode(BYTES).decode()
    assert set("+/-_") & set(written)
    text = written if filling == "kept" else written.rstrip("=")
    found = list(embedded("a.html", f'<i src="data:text/plain;base64,{text}">'))
    assert found == [Piece("a.html!data0.txt", BYTES)]


def test_every_address_of_a_page_is_opened_whatever_its_way_of_writing():
    packed = base64.b64encode(BYTES).decode()
    page = f'"data:,one%20two" "data:image/svg+xml;base64,{packed}" "data:text/css,p%7B%7D"'
    assert list(embedded("a.html", page)) == [
        Piece("a.html!data0.txt", b"one two"),
        Piece("a.html!data1.svg", BYTES),
        Piece("a.html!data2.css", b"p{}"),
    ]


@pytest.mark.parametrize(
    ("name", "inside"),
    [("a.svgz", "a.svg"), ("A.SVGZ", "A.svg"), ("t.csv.gz", "t.csv"), ("t.csv.GZ", "t.csv")],
)
def test_what_is_packed_keeps_its_name(name, inside):
    assert inflated(name, gzip.compress(BYTES)) == Piece(inside, BYTES)


def test_an_inventory_is_its_heading_and_its_names():
    heading = b"# Sphinx inventory version 2\n# Project: P\n# Version: V\n# zlib follows"
    # packed names may hold line ends
    names = b"\n".join(b"name %d std:doc 1 page.html -" % i for i in range(50))
    assert inventory("objects.inv", heading + b"\n" + zlib.compress(names)) == Piece(
        "objects.inv", heading + b"\n" + names
    )


def test_words_that_a_document_cuts_into_letters_are_put_together():
    shown = b"BT [(an) -20 (a.ri) 3 <6f73>] TJ ET <FEFF 0061 006E 0061> (x)"
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nstream\n" + zlib.compress(shown) + b"\nendstream\nendobj"
    objects, stream = document("a.pdf", data)
    assert objects == Piece("a.pdf!objects", b"1.7\nobj\n<<>>\n\n\nendobj")
    assert stream == Piece("a.pdf!stream0", b"\n".join([shown, b"ana.rios", b"ana"]))


def test_numbers_of_objects_are_no_ids_and_texts_with_the_same_signs_are_read():
    pointing = b"<< /P 38 0 R /Kids [ 4 0 R 5 12 R ] /T (P 38 0 R \\) 7 0 R) >> 8 9 Rest"
    (objects,) = document("a.pdf", b"%PDF-" + pointing)
    kept = b"<< /P R /Kids [ R R ] /T (P 38 0 R \\) 7 0 R) >> 8 9 Rest"
    assert objects == Piece("a.pdf!objects", kept)


def test_a_segment_is_given_with_and_without_its_empty_letters():
    words = b"a\0n\0a"
    size = (len(words) + 2).to_bytes(2, "big")
    data = b"\xff\xd8\xff\xfe" + size + words + b"\xff\xdb\0\x04zz\xff\xe1" + size + words
    found = list(segments(data + b"\xff\xda" + words))
    assert found == [(kind, b"ana\n" + words) for kind in ("segmentfe", "segmente1")]


def test_empty_bytes_in_two_of_five_letters_are_no_encoding_of_two_bytes():
    few = b"a\0b\0c.d.e." * 2
    (text, unknown) = parts("a.txt", few)
    assert text.text == few.decode()
    assert str(unknown.unread) == "unknown format of bytes"
    (wide,) = parts("a.txt", b"a\0b\0c\0d.e." * 2)
    assert wide.text.startswith("abc")


def test_numbers_of_the_objects_of_a_document_go_and_what_they_say_stays():
    """Where objects are, and how wide letters are, reads like telephones; a title can hold one."""
    said = b"311 4567890 12 77 <</W[334[377 377]334 334 1002 334]>><</Title(Call 3104567890)>>"
    head = b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 2/Filter/FlateDecode>>\nstream\n"
    *_, stream = document("a.pdf", head + zlib.compress(said) + b"\nendstream\nendobj")
    assert b"311 4567890" not in stream.data
    assert b"334 334 1002" not in stream.data
    assert b"Call 3104567890" in stream.data


def test_a_long_list_of_numbers_in_a_document_is_read_in_a_moment():
    """Tens of thousands, as a tagged print lists its objects: .1 s, not minutes."""
    listed = b" ".join(b"%d" % n for n in range(60_000))
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nstream\n" + zlib.compress(listed) + b"\nendstream\nendobj"
    begin = time.process_time()
    *_, stream = document("a.pdf", data)
    assert time.process_time() - begin < 5.0
    assert b"59999" in stream.data


def test_places_on_a_page_of_a_document_are_no_numbers_of_people():
    """Operands of lines, boxes and colours go; what the page says, and a number in it, stay."""
    shown = b"358 12498 91 1 re\n.5 0 -0.25 rg f\n1 0 0 1 310 4567890 cm BT (3104567890) Tj ET"
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nstream\n" + zlib.compress(shown) + b"\nendstream\nendobj"
    *_, stream = document("a.pdf", data)
    assert b"12498" not in stream.data
    assert b"310 4567890" not in stream.data
    assert b"(3104567890) Tj" in stream.data
