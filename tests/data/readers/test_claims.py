"""Files that claim more than they hold: one clear error each, before memory is set aside for it."""

import io
import struct
import zipfile

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.readers import blocks, csv, decoding, spss, stata
from evaluation.data.readers.sheets import Xlsx
from evaluation.errors import DataError

MOST = 2**31 - 1
LABELS = {"q": {1: "yes", 2: "no"}}
# of a set of value labels, behind its name: number of labels, and letters of all
IN_SET = {"size": None, "labels": 0, "letters": 4}


def file(form: str, **declared) -> RawFile:
    entry = {"id": "a", "path": f"a.{form}", "format": form, "role": "baseline", "rows": 1}
    return RawFile(**entry, sha256="", origin="test", **declared)


def rewritten(data: bytes, at: int, number: int) -> bytes:
    return data[:at] + struct.pack("<i", number) + data[at + 4 :]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"q": [1.0, 2.0], "s": ["a" * 10, "b"]})


@pytest.mark.parametrize("field", IN_SET)
@pytest.mark.parametrize("number", [MOST, 2**30, 40])
@pytest.mark.parametrize(("version", "name"), [(114, 33), (117, 33), (118, 129)])
def test_value_labels_of_stata_that_claim_more_than_the_file_has(
    tmp_path, frame, version, name, number, field
):
    """Without the check labels are lost in silence, or the library asks for the claimed memory."""
    path = tmp_path / "a.dta"
    frame.to_stata(path, write_index=False, version=version, value_labels=LABELS)
    data = path.read_bytes()
    head = 4 + name + 3
    size = 8 + 8 * 2 + len("yes\0no\0")
    end = data.rindex(b"</lbl>") if version > 114 else len(data)
    start = end - size
    assert struct.unpack_from("<3i", data, start - head)[0] == size
    assert struct.unpack_from("<2i", data, start) == (2, 7)
    stata.check_whole(data, file("dta"))
    at = start - head if IN_SET[field] is None else start + IN_SET[field]
    with pytest.raises(DataError, match="cut inside its value labels"):
        stata.check_whole(rewritten(data, at, number), file("dta"))


@pytest.mark.parametrize("number", [MOST, 2**30, 60, -1])
@pytest.mark.parametrize("before", [b"LONG LABEL", b"a" * 10])
def test_labels_of_long_texts_of_spss_that_claim_more_than_their_record_has(
    tmp_path, frame, before, number
):
    path = tmp_path / "a.sav"
    labels = {"s": {"a" * 10: "LONG LABEL"}, **LABELS}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    data = path.read_bytes()
    at = data.rindex(struct.pack("<i", 10) + before)
    assert spss.read(data, file("sav")).labels["s"] == {"a" * 10: "LONG LABEL"}
    with pytest.raises(DataError, match="a label is longer than the record that contains it"):
        spss.read(rewritten(data, at, number), file("sav"))


def test_a_cell_that_refers_to_a_text_before_the_first_is_named(tmp_path):
    """Python counts -1 from the end: it would be the last text of the workbook."""
    book = openpyxl.Workbook()
    for row in (["id", "answer"], ["p1", "yes"], ["p2", "no"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    made = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.endswith("sheet1.xml"):
                cell = b'<c r="B2" t="inlineStr"><is><t>yes</t></is></c>'
                assert text.count(cell) == 1
                text = text.replace(cell, b'<c r="B2" t="s"><v>-1</v></c>')
            new.writestr(part, text)
    with pytest.raises(DataError, match=r"a\.xlsx: cell B2 refers to a text"):
        Xlsx(made.getvalue(), "a.xlsx").layout("Sheet")


def delimited(data: bytes) -> list[str]:
    table = file("csv", dialect=Dialect(encoding="utf-8", delimiter=",", decimal="."))
    _, findings = csv.read(data, table)
    return [f"{f.rule} {f.line} {f.problem.id}" for f in findings]


@pytest.mark.parametrize("lines", [b"", b"id,q\n1,2\n"])
def test_a_line_of_separators_is_one_error(lines, monkeypatch):
    """Split into cells, 100 MB of them take 1.5 GB."""
    monkeypatch.setattr(decoding, "LONGEST_LINE", 1000)
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    line = lines.count(b"\n") + 1
    with pytest.raises(DataError, match=rf"a\.csv:{line}: a line of more than 1,000 bytes"):
        delimited(lines + b"," * 1001 + b"\n")
    with pytest.raises(DataError, match="a line of more than"):
        delimited(lines + b"," * 1001)


@pytest.mark.parametrize("size", [7, 100, 999, 1000])
def test_where_a_block_ends_does_not_matter_to_a_line(size, monkeypatch):
    monkeypatch.setattr(decoding, "LONGEST_LINE", 1000)
    monkeypatch.setattr(blocks, "BLOCK", size)
    text = b"id,q\n" + b"1,%s\n" % (b"a" * 998)
    assert delimited(text) == []
    with pytest.raises(DataError, match=r":2: a line of more than"):
        delimited(b"id,q\n1,%s\n" % (b"a" * 999))


def test_marks_of_git_in_a_delivered_file_are_named_as_such():
    text = b"id,q\n1,2\n<<<<<<< HEAD\n2,1\n=======\n2,2\n>>>>>>> branch\n3,1\n"
    found = [f"ragged-row {line} conflict-marker.problem" for line in (3, 5, 7)]
    assert delimited(text) == found
    assert delimited(text.replace(b"\n", b"\r\n")) == found
