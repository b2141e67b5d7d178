"""Stata files of all formats in use: encodings, old formats that are cut, single precision."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from evaluation.config.manifest import RawFile, read_manifest
from evaluation.config.study import read_study
from evaluation.data.readers import stata
from evaluation.data.readers.raw_table import Delivered
from evaluation.errors import DataError, SpecError
from tests.data import in_spanish
from tests.fixtures.tiny import Tiny


def file(**declared) -> RawFile:
    return RawFile(
        id="f", path="raw.dta", role="baseline", round="baseline", format="dta", sha256="",
        rows=2, origin="test", **declared,
    )  # fmt: skip


def dta(folder: Path, version: int, frame: pd.DataFrame | None = None, **options) -> bytes:
    """A labelled file; formats up to 117 are written in Latin-1, later ones in UTF-8."""
    given = frame if frame is not None else pd.DataFrame({"x": ["Ñame", "b"], "y": [1.0, 2.0]})
    labels = {"y": {1: "sí", 2: "no"}} if frame is None else None
    path = folder / "raw.dta"
    given.to_stata(path, write_index=False, version=version, value_labels=labels, **options)
    return path.read_bytes()


def read(data: bytes, **declared) -> Delivered:
    made = stata.read(data, file(**declared))
    assert in_spanish.unknown_findings(made.findings) == []
    return made


@pytest.mark.parametrize("version", [114, 117, 118])
def test_text_is_read_in_the_encoding_of_the_release(tmp_path, version):
    data = dta(tmp_path, version)
    assert data.count("Ñ".encode("latin-1")) == (version < 118)
    got = read(data)
    assert got.frame["x"].tolist() == ["Ñame", "b"]
    assert got.labels == {"y": {"1": "sí", "2": "no"}}
    # a column of text needs none
    assert got.unlabelled == ()
    assert got.findings == []


@pytest.mark.parametrize("version", [114, 117])
def test_utf8_in_a_format_that_names_no_encoding_is_found_and_can_be_declared(tmp_path, version):
    # a program that writes old formats and UTF-8, as R's and Python's writers did
    frame = pd.DataFrame({"x": ["??ame", "b"], "y": [1.0, 2.0]})
    data = dta(tmp_path, version, frame).replace(b"??ame", "Ñame".encode())
    got = read(data)
    assert [(f.rule, f.severity, f.line, f.column) for f in got.findings] == [
        ("garbled-text", "error", 1, "x")
    ]
    assert "`encoding`" in str(got.findings[0].fix)
    declared = read(data, encoding="utf-8")
    assert declared.frame["x"].tolist() == ["Ñame", "b"]
    assert declared.findings == []


def test_latin1_in_a_format_that_is_utf8_is_an_error_and_can_be_declared(tmp_path):
    frame = pd.DataFrame({"x": ["?ame", "b"]})
    data = dta(tmp_path, 118, frame).replace(b"?ame", b"\xd1ame")
    with in_spanish.refusal() as caught:
        read(data)
    assert (caught.value.rule, caught.value.where) == ("encoding", "raw.dta")
    assert "`encoding`" in str(caught.value.fix)
    assert str(caught.value.problem).endswith("is not in the encoding it declares")
    with in_spanish.refusal() as caught:
        read(data, encoding="utf-8")
    assert str(caught.value.problem).endswith("is not in utf-8")
    assert read(data, encoding="latin-1").frame["x"].tolist() == ["Ñame", "b"]


def test_garbled_labels_are_found(tmp_path):
    frame = pd.DataFrame({"y": [1.0, 2.0]})
    path = tmp_path / "raw.dta"
    frame.to_stata(path, write_index=False, version=118, value_labels={"y": {1: "sÃ\xad"}})
    found = read(path.read_bytes()).findings
    assert [(f.rule, f.column, f.line) for f in found] == [("garbled-text", "y", 0)]
    assert str(found[0].fix).endswith("(the file's own is used now)")
    (declared,) = read(path.read_bytes(), encoding="utf-8").findings
    assert str(declared.fix).endswith("(it is utf-8 now)")


def test_a_file_without_the_map_of_its_sections_is_refused(tmp_path):
    data = dta(tmp_path, 118)
    assert data.count(b"<map>") == 1
    with in_spanish.refusal(match="the file has no map of its sections"):
        read(data.replace(b"<map>", b"<nap>"))


def test_only_the_librarys_own_errors_are_quoted():
    """Others may quote a cell."""
    own = stata.unreadable(pyreadstat.ReadstatError("no value labels"), "Stata", file())
    assert str(own.problem) == "not a readable Stata file (ReadstatError: no value labels)"
    told = stata.unreadable(ValueError("could not convert 'Ana Gil'"), "Stata", file())
    assert str(told.problem) == "not a readable Stata file (ValueError)"
    assert "whole" in str(told.fix)
    assert in_spanish.unknown(told.problem, told.fix) == []


def test_a_file_that_the_library_lacks_the_memory_for_is_not_called_damaged():
    with pytest.raises(MemoryError):
        stata.unreadable(pyreadstat.ReadstatError("Unable to allocate memory"), "Stata", file())
    # so much may be asked for by whoever wrote a cell, and says nothing of the machine
    told = stata.unreadable(ValueError("allocate"), "Stata", file())
    assert told.rule == "unreadable-file"


def test_notes_in_a_file_of_an_old_format_are_stepped_over(tmp_path):
    """Layout: Stata's description of the .dta formats 113 to 115, section 5.4, expansion fields."""
    data = dta(tmp_path, 114, byteorder="<")
    columns = int.from_bytes(data[4:6], "little")
    # the header; types, names, sort order, formats, names of label sets, labels of columns
    at = 109 + columns * (1 + 33 + 33 + 49 + 81) + 2 * (columns + 1)
    assert data[at : at + 5] == bytes(5)
    note = b"_dta".ljust(33, b"\0") + b"note1".ljust(33, b"\0") + b"collected in May\0"
    field = b"\x01" + len(note).to_bytes(4, "little") + note
    noted = data[:at] + 3 * field + data[at:]
    got = read(noted)
    pd.testing.assert_frame_equal(got.frame, read(data).frame)
    assert got.labels == read(data).labels
    with in_spanish.refusal(match="cut inside"):
        read(noted[:-5])


@pytest.mark.parametrize("cut", [1, 10, 35, 60, 90, 150, 400])
def test_a_cut_file_of_an_old_format_is_refused(tmp_path, cut):
    # the reading library takes the first four and says nothing: the value labels are gone
    whole = dta(tmp_path, 114)
    assert read(whole + b"\n").labels
    with in_spanish.refusal(match="cut inside") as caught:
        read(whole[:-cut])
    assert caught.value.rule == "unreadable-file"


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_an_old_format_are_whole(tmp_path, order):
    data = dta(tmp_path, 114, byteorder=order)
    assert data[1] == {">": 1, "<": 2}[order]
    assert read(data).labels["y"] == {"1": "sí", "2": "no"}
    with in_spanish.refusal(match="cut"):
        read(data[:-5])


def test_ids_in_single_precision_are_a_warning(tmp_path):
    # 16,777,217 is the first whole number that single precision cannot hold: it becomes ...216
    frame = pd.DataFrame(
        {
            "id": np.array([41_730_201, 41_730_203], dtype="float32"),
            "fine": np.array([16_777_216, 0.5], dtype="float32"),
            "exact": np.array([41_730_201.0, 41_730_203.0]),
        }
    )
    got = read(dta(tmp_path, 118, frame))
    assert got.frame["id"].tolist() == ["41730200", "41730204"]
    assert got.frame["exact"].tolist() == ["41730201", "41730203"]
    assert [(f.rule, f.severity, f.column, f.line) for f in got.findings] == [
        ("lost-digits", "warn", "id", 1)
    ]


@pytest.mark.parametrize("shown", ["%td", "%tdD_m_Y", "%-td", "%d"])
def test_days_are_days_in_every_display_format(tmp_path, shown):
    # 22,280 days after 1 January 1960
    assert stata._text(22_280.0, "double", shown) == "2020-12-31"
    # a day that no calendar has stays a number, which the dictionary then refuses as a date
    assert stata._text(1e9, "double", shown) == "1000000000"
    assert stata._text(22_280.0, "double", "%10.0g") == "22280"


def test_a_moment_that_no_calendar_has_stays_a_number():
    # thousandths of a second since 1960
    assert stata._text(60_000.0, "double", "%tc") == "1960-01-01 00:01:00"
    assert stata._text(1e18, "double", "%tc") == "1000000000000000"


def declare_encoding(tiny: Tiny, name: str) -> None:
    tiny.write()
    path = tiny.config / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    declared = text.replace(f'id = "{name}"\n', f'id = "{name}"\nencoding = "cp1252"\n')
    path.write_text(declared, encoding="utf-8")


def test_an_encoding_can_be_declared_for_a_stata_file(tiny):
    declare_encoding(tiny, "endline")
    files = read_manifest(tiny.config, read_study(tiny.config)).file
    assert [file.encoding for file in files] == [None, "cp1252", None]


def test_delimited_text_declares_its_encoding_in_its_dialect(tiny):
    declare_encoding(tiny, "baseline")
    with pytest.raises(SpecError, match="is csv and has an `encoding`"):
        read_manifest(tiny.config, read_study(tiny.config))


CLAIMED = 1_000_000_000
# what reading ten rows may take: the library takes eight bytes a cell that is claimed
MOST_MEMORY = 2**26


def claiming(data: bytes, rows: int) -> bytes:
    """The file with another number of rows in its header."""
    at = data.find(b"<N>") + 3
    if at < 3:
        return data[:6] + rows.to_bytes(4, "little") + data[10:]
    end = data.find(b"</N>")
    return data[:at] + rows.to_bytes(end - at, "little") + data[end:]


@pytest.mark.parametrize("rows", [CLAIMED, 4_294_967_295])
@pytest.mark.parametrize("release", [105, 111, 113, 114, 117, 118, 119])
def test_rows_that_the_header_claims_and_the_file_lacks_are_refused_before_they_are_read(
    tmp_path, release, rows
):
    # nobody writes the oldest formats any more: their first byte makes a file one of them
    data = dta(tmp_path, max(release, 114))
    data = claiming(data if release >= 114 else bytes([release]) + data[1:], rows)
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.value.rule == "unreadable-file"
    assert peak < MOST_MEMORY


def oldest(release: int, columns: int, rows: bytes) -> bytes:
    """The first bytes of a file of the oldest formats, as small programs write them."""
    return bytes([release, 2, 1, 0]) + columns.to_bytes(2, "little") + rows + bytes(100)


def test_the_oldest_formats_count_rows_in_two_or_four_bytes():
    """Up to 104 two, and then other bytes; from 105 on four: 2 to the 24 in the highest alone."""
    other = b"\0\0\0\x01"
    for release in (102, 104):
        stata.check_whole(oldest(release, 3, other), file())
    for release in (105, 112):
        with in_spanish.refusal(match="cut inside its data"):
            stata.check_whole(oldest(release, 3, other), file())
    with in_spanish.refusal(match="cut inside its data"):
        stata.check_whole(oldest(104, 3, b"\xff\0\0\0"), file())


@pytest.mark.parametrize("columns", [0, 1])
def test_as_many_cells_as_the_oldest_formats_have_bytes_are_whole(columns):
    size = len(oldest(105, columns, bytes(4)))
    stata.check_whole(oldest(105, columns, (size - 2).to_bytes(4, "little")), file())
    with in_spanish.refusal(match="cut inside its data"):
        stata.check_whole(oldest(105, columns, (size + 1).to_bytes(4, "little")), file())


def test_rows_of_the_oldest_formats_in_either_order_of_bytes():
    """The second byte is 1 where the highest byte stands first."""
    whole = bytearray(oldest(105, 1, bytes(4)))
    whole[1], whole[4:6], whole[6:10] = 1, b"\0\x01", (100).to_bytes(4, "big")
    stata.check_whole(bytes(whole), file())
    whole[6:10] = (1_000).to_bytes(4, "big")
    with in_spanish.refusal(match="cut inside its data"):
        stata.check_whole(bytes(whole), file())


@pytest.mark.parametrize("release", [105, 113, 114, 115])
def test_the_first_byte_alone_is_no_file(release):
    with in_spanish.refusal() as caught:
        read(bytes([release]))
    assert caught.value.rule == "unreadable-file"


@pytest.mark.parametrize("data", [b"", b"Edad,id\n30,1\n", b"<html>"])
def test_another_file_is_not_called_cut(data):
    stata.check_whole(data, file())
    with in_spanish.refusal(match="not a readable Stata file"):
        read(data)


def test_a_label_that_reads_like_a_mark_of_the_header_is_a_label(tmp_path):
    data = dta(tmp_path, 118, data_label="what <K> and <N> say")
    assert data.count(b"<K>") == 2
    assert read(data).frame["y"].tolist() == ["1", "2"]


@pytest.mark.parametrize("version", [117, 118, 119])
def test_a_file_with_the_highest_byte_first_is_read_and_measured(tmp_path, version):
    data = dta(tmp_path, version, byteorder="big")
    assert b"<byteorder>MSF" in data
    assert read(data).frame["y"].tolist() == ["1", "2"]
    at = data.find(b"<N>") + 3
    end = data.find(b"</N>")
    with in_spanish.refusal(match="claims 3 rows"):
        read(data[:at] + (3).to_bytes(end - at, "big") + data[end:])


@pytest.mark.parametrize("release", [117, 118, 119])
@pytest.mark.parametrize("more", [1, -1])
def test_a_row_more_or_less_than_the_data_is_refused(tmp_path, release, more):
    data = dta(tmp_path, release)
    rows = len(read(data).frame)
    with pytest.raises(DataError, match=f"claims {rows + more} rows"):
        read(claiming(data, rows + more))


def test_a_file_without_rows_or_with_long_texts_is_whole(tmp_path):
    empty = pd.DataFrame({"edad": pd.Series([], dtype="int32")})
    assert read(dta(tmp_path, 118, empty)).frame.empty
    long = pd.DataFrame({"nota": ["x" * 3000, "y"], "edad": [1, 2]})
    assert len(read(dta(tmp_path, 118, long)).frame) == 2


def test_columns_that_the_header_claims_and_the_file_lacks_are_refused(tmp_path):
    data = dta(tmp_path, 118)
    at = data.find(b"<K>") + 3
    end = data.find(b"</K>")
    with pytest.raises(DataError, match="cut inside its data"):
        read(data[:at] + (65_535).to_bytes(end - at, "little") + data[end:])
