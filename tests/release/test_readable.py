"""What differs in bytes says the same only with every number, word and picture the same."""

import io
import zlib
from collections import Counter
from functools import partial

import docx
import numpy as np
import openpyxl
import pikepdf
import pytest
from matplotlib import image

from evaluation.release.digits import MANY, same_number
from evaluation.release.verifying.readable import Versions, difference
from evaluation.storage import print_links

SAME = partial(same_number, digits=MANY)
BOTH = Versions()


def found(name: str, ours: bytes, theirs: bytes, versions: Versions = BOTH) -> str:
    said = difference(name, ours, theirs, SAME, versions)
    return said.id if said else ""


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.tex", "a.ipynb", "searchindex.js", "a.do"])
def test_a_text_with_another_number_or_word_is_another_one(name):
    text = b"An effect of 0.41 SD [0.29, 0.53], p < 0.001"
    assert found(name, text, text.replace(b"0.41", b"0.42")) == "release.number"
    assert found(name, text, text.replace(b"An", b"No")) == "release.words"
    assert found(name, text, text + b" 7") == "release.number"
    assert found(name, text, b"") == "release.number"


def test_last_bits_of_a_number_are_no_difference():
    # 1e-12 relative, as two kernels give; nine digits are held
    assert found("a.do", b"x = 0.1234567890123", b"x = 0.1234567890124") == ""
    assert found("a.do", b"x = 0.1234567890123", b"x = 0.1234567990123") == "release.number"
    assert found("a.do", b"x = -3e-16", b"x = 2e-16") == ""


def test_a_page_without_its_links_to_prints_is_the_same_page():
    page = f"<p>{print_links.BEGIN}<a>PDF</a>{print_links.END} 0.41</p>"
    without = print_links.without_links(page).encode()
    assert found("index.html", page.encode(), without) == ""
    assert found("index.html", page.encode(), without.replace(b"41", b"42")) == "release.number"


def test_of_another_commit_numbers_count_and_words_do_not():
    cited = 'date-released: "2026-12-0{}"\ncommit: "{}"\n'
    one, other = (cited.format(i, f"{i}" * 40).encode() for i in (1, 2))
    first, second = (f"commit {i * 12} of 2026-12-0{i}: 0.41" for i in "12")
    versions = Versions.of(one, other)
    assert found("a.html", first.encode(), second.encode(), versions) == ""
    assert found("a.html", first.encode(), second.replace("0.41", "0.42").encode(), versions)
    changed = second + " + changes"
    assert found("a.html", second.encode(), changed.encode(), Versions.of(other, other)) == ""
    assert found("a.html", b"said 1", b"says 1", versions) == ""
    assert found("a.html", b"said 1", b"says 1", Versions.of(one, one)) == "release.words"


def test_a_point_of_a_drawing_may_miss_its_last_decimal():
    drawn = b'<path d="M 10.123456 20.5"/><text>0.41</text>'
    assert found("a.svg", drawn, drawn.replace(b"3456", b"3457")) == ""
    for old, new in ((b"3456", b"3466"), (b"0.41", b"0.42"), (b"<path", b"<line")):
        assert found("a.svg", drawn, drawn.replace(old, new))


def picture(value: float) -> bytes:
    points = np.ones((4, 4))
    points[1, 1] = value
    buffer = io.BytesIO()
    image.imsave(buffer, points, cmap="gray", vmin=0, vmax=1, format="png", metadata={"Title": "a"})
    return buffer.getvalue()


def test_a_picture_is_compared_point_by_point_and_by_its_words():
    # of 256 levels 5 are an edge, 128 another digit
    assert found("a.png", picture(1.0), picture(1 - 5 / 255)) == ""
    assert found("a.png", picture(1.0), picture(0.5)) == "release.picture"
    assert found("a.png", picture(1.0), picture(1.0)[:40]) == "release.picture"
    retitled = picture(1.0).replace(b"Title\0a", b"Title\0b")
    kind = retitled.index(b"tEXtTitle")
    length = int.from_bytes(retitled[kind - 4 : kind], "big") + 4
    check = zlib.crc32(retitled[kind : kind + length]).to_bytes(4, "big")
    retitled = retitled[: kind + length] + check + retitled[kind + length + 4 :]
    assert found("a.png", picture(1.0), retitled) == "release.words"


def workbook(value: float) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = value
    book.save(buffer)
    return buffer.getvalue()


def document(text: str) -> bytes:
    made, buffer = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(buffer)
    return buffer.getvalue()


def test_cells_and_paragraphs_are_read():
    assert found("a.xlsx", workbook(0.4075278588844), workbook(0.4075278588845)) == ""
    assert found("a.xlsx", workbook(0.4075278588844), workbook(0.4075278598844))
    assert found("a.docx", document("0.41 SD"), document("0.42 SD")) == "release.number"
    assert found("a.docx", document("ruled out"), document("detected")) == "release.words"
    assert found("a.docx", document("a"), b"cut") == "release.bytes"


LETTERS = "".join(f"<{ord(c):04x}> <{ord(c):04x}>\n" for c in "0123456789. n=")


def printed(*texts: str) -> bytes:
    """A print, one text a sheet, whose codes a typeface explains."""
    document, buffer = pikepdf.new(), io.BytesIO()
    table = pikepdf.Stream(document, f"14 beginbfchar\n{LETTERS}endbfchar".encode())
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, ToUnicode=document.make_indirect(table))
    for text in texts:
        page = document.add_blank_page()
        # letter by letter, as Chromium draws
        drawn = "".join(f"<{ord(letter):04x}> Tj " for letter in text)
        page.Contents = pikepdf.Stream(document, f"BT /F 9 Tf {drawn}ET".encode())
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    document.save(buffer)
    return buffer.getvalue()


def test_numbers_of_a_print_are_read_whatever_its_bytes():
    one = printed("n = 0.41", "2")
    assert found("book.pdf", one, printed("n  =  0.41", "2")) == ""
    assert found("book.pdf", one, printed("n = 0.42", "2")) == "release.number"
    assert found("book.pdf", one, printed("n = 0.14", "2")) == "release.number"
    assert found("book.pdf", one, printed("n = 0.41 0.41", "2")) == "release.number"
    # more sheets: a browser that breaks lines elsewhere
    assert found("book.pdf", one, printed("n =", "0.41 2", "3")) == ""
    assert found("book.pdf", one, printed("n =", "0.42 2", "3")) == "release.number"
    assert found("book.pdf", one, one[: len(one) // 2]) in ("release.bytes", "release.number")


def test_how_often_numbers_agreed_is_counted():
    counted = Counter()
    same = partial(same_number, digits=MANY, counted=counted)
    assert (
        difference("a.xlsx", workbook(0.1234567890123), workbook(0.1234567890124), same, BOTH)
        is None
    )
    assert counted["rounded"] == 1
