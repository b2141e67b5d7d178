"""Strict reading: right or reported with file, line and fix; never a guess, never a traceback."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.file_layout import Dialect, RowsOf
from evaluation.config.manifest import RawFile
from evaluation.data.readers import embedded_labels, stata
from evaluation.data.readers.delivered_files import kind_of
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.readers.read import RawTable, all_of_file, read_file, rows_of, shown
from evaluation.errors import DataError
from tests.conftest import shared_data
from tests.data import in_spanish
from tests.fixtures.tiny import ENDLINE_LABELS, Tiny, dta_bytes
from tests.tables import cases

CASES = cases(__file__)


def file(*, rows: int = 2, encoding="utf-8", delimiter=",", form="csv") -> RawFile:
    dialect = Dialect(encoding=encoding, delimiter=delimiter, decimal=".")
    return RawFile(
        id="f", path=f"raw.{form}", role="baseline", round="baseline", format=form, sha256="",
        rows=rows, origin="test", dialect=dialect if form == "csv" else None,
    )  # fmt: skip


def table(folder: Path, data: bytes, **declared) -> RawTable:
    described = file(**declared)
    (folder / described.path).write_bytes(data)
    made = read_file(described, folder / described.path)
    assert in_spanish.unknown_findings(made.findings) == []
    return made


def test_every_cell_stays_text(tmp_path):
    got = table(tmp_path, b"id,x\n007,NA\n1e5, 2.0 \n")
    assert got.frame["id"].tolist() == ["007", "1e5"]
    assert got.frame["x"].tolist() == ["NA", " 2.0 "]
    assert got.findings == ()


LONG = pd.DataFrame(
    {"round": ["1", "2", "1", "", "2"], "x": list("abcde"), "__line__": range(2, 7)}
)


def test_an_entry_reads_its_rows_of_a_file_that_holds_several_rounds():
    only = RowsOf(column="round", values=("2",), others=("1",))
    mine, findings = rows_of(LONG, replace(file(), only=only))
    assert mine[["x", "__line__"]].to_numpy().tolist() == [["b", 3], ["e", 6]]
    assert mine.index.tolist() == [0, 1]
    # the row of no round is an error on its line
    assert [(f.rule, f.severity, f.line, f.column) for f in findings] == [
        ("rows-of-round", "error", 5, "round")
    ]
    assert rows_of(LONG, file())[0] is LONG


@pytest.mark.parametrize(
    "only",
    [
        RowsOf(column="wave", values=("2",)),
        RowsOf(column="round", values=("3",), others=("", "1", "2")),
    ],
)
def test_a_round_without_its_column_or_rows_is_an_error(only):
    _, findings = rows_of(LONG, replace(file(), only=only))
    assert [(f.rule, f.severity, f.line, f.column) for f in findings] == [
        ("rows-of-round", "error", 0, only.column)
    ]


def test_printed_estimates_have_no_variables_to_be_missed(tiny):
    tiny.write()
    dictionary = read_dictionary(tiny.config, ("baseline", "endline", "frame"))
    frame = pd.DataFrame({"outcome": ["trust"], "__line__": [2]})
    delivered = RawTable(file=replace(file(), role="published", round=None), frame=frame)
    assert all_of_file(delivered, dictionary) == ()


def test_columns_without_a_row_are_text_too(tmp_path):
    got = table(tmp_path, b"id,x\n1\n2\n", rows=2)
    assert got.frame.empty
    assert {str(got.frame[name].dtype) for name in ("id", "x")} == {"str"}


def test_delimited_text_without_a_dialect_is_not_guessed(tmp_path):
    (tmp_path / "raw.csv").write_bytes(b"id,x\n1,2\n3,4\n")
    with in_spanish.refusal(match="no dialect") as caught:
        read_file(replace(file(), dialect=None), tmp_path / "raw.csv")
    assert caught.value.where == "raw.csv"


def test_lines_are_physical_lines(tmp_path):
    # the first row's cell spans lines 2 to 4, so the second row begins on line 5
    got = table(tmp_path, b'id,x\n1,"a\nb\nc"\n2,d\n')
    assert got.frame["__line__"].tolist() == [2, 5]
    assert got.frame["x"].tolist() == ["a\nb\nc", "d"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_one_kind_of_line_end_is_no_finding(tmp_path, end):
    got = table(tmp_path, end.join([b"id,x", b"1,2", b"3,4", b""]))
    assert got.frame["x"].tolist() == ["2", "4"]
    assert got.findings == ()


def test_mixed_line_ends_are_reported_but_not_those_inside_quotes(tmp_path):
    mixed = table(tmp_path, b"id,x\r\n1,2\n3,4\n")
    assert [(f.rule, f.severity) for f in mixed.findings] == [("mixed-line-ends", "warn")]
    assert str(mixed.findings[0].problem) == "the line ends differ: 2 LF, 1 CRLF"
    old = table(tmp_path, b"id,x\r1,2\n3,4\r")
    assert str(old.findings[0].problem) == "the line ends differ: 1 LF, 2 CR"
    quoted = table(tmp_path, b'id,x\n1,"2\r\n3"\n4,5\n')
    assert quoted.findings == ()


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        ("id,x\n1,á\n2,ñ\n".encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        ("id,x\n1,á\n2,ñ\n".encode("latin-1"), {"encoding": "latin-1"}),
        ("id,x\n1,á\n2,ñ\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("id,x\n1,á\n2,ñ\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("id;x\n1;á\n2;ñ\n".encode(), {"delimiter": ";"}),
    ],
)
def test_declared_dialects_are_read_right(tmp_path, data, declared):
    got = table(tmp_path, data, **declared)
    assert got.frame["x"].tolist() == ["á", "ñ"]
    assert got.findings == ()


@pytest.mark.parametrize(
    ("data", "declared", "rule", "where"),
    [
        (b"", {}, "empty-file", "raw.csv"),
        (b" \n", {}, "empty-file", "raw.csv"),
        (b"\xef\xbb\xbf", {"encoding": "utf-8-sig"}, "empty-file", "raw.csv"),
        (b"\xff\xfe", {"encoding": "utf-16"}, "empty-file", "raw.csv"),
        (b"id;x\n1;2,5\n3;4\n", {}, "dialect", "raw.csv:1"),
        (b"id,x\n1,2\n3,\x004\n", {}, "nul-byte", "raw.csv:3"),
        (b"id,x\n1,2\n3,\x004\n5,\x006\n", {}, "nul-byte", "raw.csv:3"),
        (b'id,x\n1,2\n3,"4\n5,6\n', {}, "quoting", "raw.csv:3"),
        (b'id,x\n1,"2"3\n', {}, "quoting", "raw.csv:2"),
        (b"sep=;\nid;x\n1;2\n3;4\n", {"delimiter": ";"}, "header", "raw.csv:1"),
        # the header fits the declared delimiter, whatever stands below it
        (b'id,x\n"1"2;3;4\n', {}, "quoting", "raw.csv:2"),
        (b"id,\n1,2\n", {}, "header", "raw.csv:1"),
        (b"id,x,id\n1,2,3\n", {}, "header", "raw.csv:1"),
        (b"<html>", {"form": "dta"}, "another-file", "raw.dta"),
    ],
)
def test_damage_stops_with_rule_and_place(tmp_path, data, declared, rule, where):
    with in_spanish.refusal() as caught:
        table(tmp_path, data, **declared)
    assert (caught.value.rule, caught.value.where) == (rule, where)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("data", "declared", "rule", "where"),
    [
        (b"\xef\xbb\xbfid,x\n", {}, "encoding", "raw.csv"),
        (b"id,x\n1,2\n", {"encoding": "utf-8-sig"}, "encoding", "raw.csv"),
        ("id,x\n1,2\n3,ñ\n".encode("latin-1"), {}, "encoding", "raw.csv:3"),
        ("id,x\n1,2\n".encode("utf-16"), {}, "encoding", "raw.csv"),
        ("id,x\n1,2\n".encode("utf-16"), {"encoding": "utf-8-sig"}, "encoding", "raw.csv"),
        (b"id,x\n1,2\n", {"encoding": "utf-16"}, "encoding", "raw.csv"),
        (b"\xef\xbb\xbfid,x\n1,2\n", {"encoding": "utf-16"}, "encoding", "raw.csv"),
        (b"\xef\xbb\xbfid,x\n1,2\n", {"encoding": "cp1252"}, "encoding", "raw.csv"),
    ],
)
def test_another_encoding_is_an_error_and_the_rest_is_looked_at(
    tmp_path, data, declared, rule, where
):
    got = table(tmp_path, data, **declared)
    assert in_spanish.unknown_findings(got.findings) == []
    (found,) = [f for f in got.findings if f.rule == rule]
    assert (found.severity, found.row_key or found.file) == ("error", where)
    # what stands in the header can be held against the dictionary: another file shows by it
    assert list(got.frame.columns[:2]) == ["id", "x"]


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (b"id,x\n1\n2,3\n", [("ragged-row", 2), ("row-count", 0)]),
        (b"id,x\n1,2\n3,4,5\n", [("ragged-row", 3), ("row-count", 0)]),
        (b"id,x\n1,2\n\n3,4\n", [("ragged-row", 3)]),
        (b"id,x\n1,2\n", [("row-count", 0)]),
        (b"id,x\n1,2\n3,4\n5,6\n", [("row-count", 0)]),
        (b"id,x\n", [("no-rows", 0)]),
        (b"id,x\n1\n2\n3\n4,5\n", [("ragged-row", 2), ("row-count", 0)]),
        # half of the rows are not most of them: each is named
        (
            b"id,x\n1\n2\n3\n4,5\n6,7\n8,9\n",
            [
                *[("ragged-row", line) for line in (2, 3, 4)],
                ("row-count", 0),
            ],
        ),
        ("id,x\n1,2\n3,MedellÃ\xadn\n".encode(), [("garbled-text", 3)]),
        (b"id,x\n1,2\n3,a\x07\n", [("control-character", 3)]),
        ("id,x\n1,2\n3,a\ufffd\n".encode(), [("garbled-text", 3)]),
        ("id,x\n1,2\n3,Â¿\n".encode(), [("garbled-text", 3)]),
    ],
)
def test_other_flaws_are_findings_with_their_line(tmp_path, data, rules):
    got = table(tmp_path, data)
    assert [(f.rule, f.line) for f in got.findings] == rules
    assert all(f.fix and f.file == "raw.csv" for f in got.findings)


def test_the_mend_of_a_count_of_rows_names_the_manifest_where_it_may_be_wrong(tmp_path):
    (fewer,) = table(tmp_path, b"id,x\n1,2\n").findings
    assert str(fewer.problem) == "one row, the manifest says 2"
    assert str(fewer.fix) == "get the whole file, or correct `rows` in manifest.toml"
    # a file without rows is no file, whatever the manifest says
    (none,) = table(tmp_path, b"id,x\n").findings
    assert str(none.fix) == "get the whole file"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("text", ["Bolívar", "Ñame", "Ébano", "¿qué?"])
def test_another_encoding_than_the_declared_one_is_an_error(tmp_path, encoding, text):
    got = table(tmp_path, f"id,x\n1,2\n3,{text}\n".encode(), encoding=encoding)
    assert [(f.rule, f.severity, f.line) for f in got.findings] == [("garbled-text", "error", 3)]
    assert str(got.findings[0].fix) == 'declare encoding = "utf-8"'


def test_a_mark_of_another_encoding_is_named(tmp_path):
    with in_spanish.refusal("UTF-16 without its byte-order mark") as caught:
        table(tmp_path, "id,x\n1,2\n".encode("utf-16-le"), encoding="utf-8-sig")
    assert caught.value.rule == "another-file"
    data = b"\xff\xfe" + "id,x\n1,2\n3,4\n".encode("utf-16-le")
    (found,) = table(tmp_path, data, encoding="utf-8-sig").findings
    assert "begins with the byte-order mark of UTF-16 (FF FE)" in str(found.problem)
    assert str(found.fix) == 'declare encoding = "utf-16"'


def test_another_delimiter_is_one_error_that_shows_both(tmp_path):
    # decimal commas make every row ragged under the declared delimiter
    data = b"id;x;y\n" + b"1;2,5;3,5\n" * 200
    with in_spanish.refusal() as caught:
        table(tmp_path, data, rows=200)
    assert "the declared delimiter is ',', the one found" in str(caught.value.problem)
    assert 'delimiter = ";"' in str(caught.value.fix)


def test_rows_that_mostly_do_not_fit_the_header_are_one_error(tmp_path):
    got = table(tmp_path, b"Export of May\n" + b"1,2,3\n" * 200, rows=201)
    assert [(f.rule, f.line) for f in got.findings] == [("ragged-row", 2), ("row-count", 0)]
    assert "200 of 200 rows" in str(got.findings[0].problem)


def test_a_row_of_another_width_says_both_widths(tmp_path):
    found = table(tmp_path, b"id,x\n1,2\n3,4,5\n6,7\n", rows=3).findings[0]
    assert [word for word in str(found.problem).split() if word.isdigit()] == ["3", "2"]


def test_a_header_that_is_another_one_is_one_error(tiny):
    tiny.write()
    path = tiny.raw / "baseline.csv"
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header.upper() + b"\n" + rest)
    tiny.write_manifest()
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    assert errors[["rule", "row_key"]].to_numpy().tolist() == [["dialect", "baseline.csv:1"]]
    assert 'the column "ID_PERSONA" and 12 more are those' in errors["problem"].iloc[0]
    assert errors["problem"].iloc[0].endswith(": this one is `id_persona`")


def test_columns_whose_names_differ_a_little_are_told_by_the_name_that_was_meant(tiny):
    tiny.write()
    header = (tiny.raw / "baseline.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    others = {"t1": "T1", "t2": "t2\u00a0", "v1": "grupo/v1", "v2": "V2"}
    found = errors_under(tiny, ",".join(others.get(name, name) for name in header.split(",")))
    # names of one kind are one finding, at the first
    assert found[["rule", "row_key", "column"]].to_numpy().tolist() == [
        ["unexpected-column", "baseline.csv:1", name] for name in ("T1", "grupo/v1", "t2\u00a0")
    ]
    said = (
        ('"T1" and 1 more', "capital letters", "`t1`"),
        ('"grupo/v1" is `v1`', "name of a group"),
        ('"t2\\u00a0" is `t2`', "invisible characters"),
    )
    for problem, words in zip(found["problem"], said, strict=True):
        assert all(word in problem for word in words)


def errors_under(tiny: Tiny, header: str) -> pd.DataFrame:
    """What is said of the baseline under another header."""
    tiny.write()
    path = tiny.raw / "baseline.csv"
    path.write_bytes(header.encode() + b"\n" + path.read_bytes().split(b"\n", 1)[1])
    tiny.write_manifest()
    with pytest.raises(DataError):
        tiny.run_read()
    return tiny.records("private/findings_error.csv")


def test_the_header_of_another_file_is_one_error_on_its_line_that_shows_its_first_names(tiny):
    found = errors_under(tiny, ",".join(f"other{i}" for i in range(13)))
    assert found[["rule", "row_key", "column"]].to_numpy().tolist() == [
        ["dialect", "baseline.csv:1", ""]
    ]
    said = found["problem"].iloc[0]
    assert said.startswith("12 of the 12 columns of the dictionary")
    assert "`other0`, `other1`, `other2`:" in said
    assert "other3" not in said


def test_a_row_of_answers_where_the_header_of_another_file_is_expected_is_not_shown(tiny):
    found = errors_under(tiny, "Ana Gil,5 hijos," + ",".join(f"{i} años" for i in range(11)))
    assert found[["rule", "row_key", "column"]].to_numpy().tolist() == [
        ["dialect", "baseline.csv:1", ""]
    ]
    assert "Ana" not in found.to_string()


@pytest.mark.parametrize(("header", "said"), CASES["shown"])
def test_what_of_a_header_is_shown(header, said):
    assert shown(header) == said


def test_a_header_split_at_the_commas_of_its_names_is_an_error_of_the_delimiter(tiny):
    found = errors_under(tiny, ";".join(f"other{i}" for i in range(12)) + ",last")
    assert found[["rule", "row_key", "column"]].to_numpy().tolist() == [
        ["dialect", "baseline.csv:1", ""]
    ]
    said = found["problem"].iloc[0]
    # the file, not the dictionary, is what is wrong: names of both are shown
    assert "the header of 2 cells (first: `acepta`, `duracion`, `fecha`)" in said
    assert "declared ',', the header has ';'" in said


def test_another_file_in_a_format_without_lines_is_one_error_without_a_line(tiny):
    tiny.endline = [{f"other{i}": "1" for i in range(9)} for _ in tiny.endline]
    tiny.labels = {}
    tiny.write()
    with pytest.raises(DataError):
        tiny.run_read()
    found = tiny.records("private/findings_error.csv")
    assert found[["rule", "file", "row_key"]].to_numpy().tolist() == [
        ["dialect", "endline.dta", ""]
    ]
    assert "`other0`, `other1`, `other2`:" in found["problem"].iloc[0]


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr(name, b"id,x\n1,2\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "problem", "fix"),
    [(bytes(500), "zero", "get the file again"), (zipped("data.csv"), "'data.csv'", "unpack it")],
)
def test_a_file_of_another_kind_is_refused_with_what_helps(tmp_path, data, problem, fix):
    with in_spanish.refusal() as caught:
        table(tmp_path, data)
    assert (caught.value.rule, caught.value.where) == ("another-file", "raw.csv")
    assert problem in str(caught.value.problem)
    assert fix in str(caught.value.fix)


@pytest.mark.parametrize(
    ("data", "kind", "fix"),
    [
        (b"\0\0", "zeros", "again"),
        (b"\x1f\x8b\x08\0" + b"\0" * 20, "gzip", "packed"),
        (b"%PDF-1.7\n", "pdf", "document"),
        (bytes(257) + b"ustar\x0000", "tar", "packed"),
        (b"\x80\x04\x95\x10\0\0\0", "pickle", "exported"),
        (b"\x72\x02\x01\0", "dta", "declared"),
        (b"../../.git/annex/objects/aB/cD/SHA256E-s3--1.csv\n", "annex", "annex"),
        (b"\n<!-- saved -->\n<!DOCTYPE html>", "page", "server"),
        ("<html><body>".encode("utf-16-le"), "page", "server"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "xml", "server"),
        (b'[ {"id" : 1}]', "json", "server"),
        ("id,edad\n1,30\n".encode("utf-16-be"), "utf-16", "utf-16"),
        (bytes(range(64)), "binary", "document"),
    ],
)
def test_kinds_of_files_by_what_they_begin_with(data, kind, fix):
    assert kind_of(data) == (f"file-kind.{kind}", f"another-file.{fix}")


@pytest.mark.parametrize("data", [b"", b"\0", b"X", b"XX", b"id,edad\n1,30\n", b"MZ,PAR1\n1,2\n"])
def test_text_is_no_other_kind(data):
    assert kind_of(data) is None


def test_the_mark_that_a_spreadsheet_program_puts_above_the_header_is_shown(tmp_path):
    with in_spanish.refusal() as caught:
        table(tmp_path, b"sep=|\nid|x\n1|2\n")
    assert "|" in str(caught.value.problem)
    assert "|" in str(caught.value.fix)


ROWS = "".join(f"{i},{i + 1},{i + 2},{i + 3}\n" for i in range(10, 30))


def test_rows_that_a_quoted_cell_swallowed_are_one_error_on_its_line(tmp_path):
    # two quotes that stand alone make one cell of what lies between them: three rows of four
    lines = ("a,b,c,d\n" + ROWS).split("\n")
    lines[3] = lines[3].replace(",", ',"', 1)
    lines[6] = lines[6].replace(",", '",', 1)
    got = table(tmp_path, "\n".join(lines).encode(), rows=20)
    assert [(f.rule, f.column, f.line) for f in got.findings] == [
        ("quoting", "", 4),
        ("row-count", "", 0),
    ]
    assert "3" in str(got.findings[0].problem)
    assert len(got.frame) == 16


def test_a_row_of_values_in_place_of_the_header_is_not_shown(tmp_path):
    with in_spanish.refusal() as caught:
        table(tmp_path, b"Secreta,5,Secreta\n1,2,3\n")
    assert str(caught.value.problem) == "columns 1 and 3 have the same name in the header"


def labelled_dta() -> bytes:
    names = {f"x{i}": {1: f"yes {i}", 2: f"no {i}"} for i in range(20)}
    return dta_bytes([dict.fromkeys(names, "1")] * 2, names)


@pytest.mark.parametrize("cut", [1, 12, 200, 400, 2000])
def test_a_stata_file_that_is_cut_is_refused(tmp_path, cut):
    whole = labelled_dta()
    assert len(table(tmp_path, whole + b"\n", form="dta").labels) == 20
    with in_spanish.refusal(match="the file is cut") as caught:
        table(tmp_path, whole[:-cut], form="dta")
    assert (caught.value.rule, caught.value.where) == ("unreadable-file", "raw.dta")


def test_a_stata_file_that_lost_its_middle_is_refused(tmp_path):
    whole = labelled_dta()
    at = whole.index(b"<value_labels>") + 40
    with in_spanish.refusal(match="not where the map of the file says"):
        table(tmp_path, whole[:at] + whole[at + 50 :], form="dta")
    end = whole.index(b"</stata_dta>")
    with in_spanish.refusal(match=f"{end + 30} bytes, its map says {end + 12}"):
        table(tmp_path, whole[: end + 12] + b"<more></stata_dta>", form="dta")


def test_a_missing_file_is_an_error(tmp_path):
    with in_spanish.refusal(match="does not exist"):
        read_file(file(), tmp_path / "none.csv")


def test_stata_numbers_dates_and_missing_kinds_become_text(tmp_path):
    frame = pd.DataFrame(
        {
            "code": pd.Series([1.0, "a", 2.5, None], dtype=object),
            "day": pd.Series([22280.0, 22281.0, None, 0.0]),
            "clock": pd.Series([1924992300000.0, None, 0.0, 0.0]),
            "name": ["á", "", "a", "007"],
        }
    )
    path = tmp_path / "raw.dta"
    pyreadstat.write_dta(
        frame, path, version=14, missing_user_values={"code": ["a"]},
        variable_format={"day": "%td", "clock": "%tc"},
        variable_value_labels={"code": {1.0: "uno", 3.0: "dos"}},
    )  # fmt: skip
    got = read_file(file(rows=4, form="dta"), path)
    assert got.frame["code"].tolist() == ["1", ".a", "2.5", ""]
    # 22,280 days after 1960-01-01 (Stata's day zero)
    assert got.frame["day"].tolist() == ["2020-12-31", "2021-01-01", "", "1960-01-01"]
    # 22,280 days and five minutes, in milliseconds
    assert got.frame["clock"].iloc[:2].tolist() == ["2020-12-31 00:05:00", ""]
    # a text that looks like a missing letter stays a text
    assert got.frame["name"].tolist() == ["á", "", "a", "007"]
    assert got.labels["code"] == {"1": "uno", "3": "dos"}
    assert got.frame["__line__"].tolist() == [1, 2, 3, 4]


def test_single_precision_is_printed_as_it_was_typed(tmp_path):
    path = tmp_path / "raw.dta"
    pd.DataFrame({"x": pd.Series([0.1, 1.5, 2.0], dtype="float32")}).to_stata(
        path, write_index=False, version=118
    )
    got = read_file(file(rows=3, form="dta"), path)
    # a single holds 0.1 as 0.10000000149011612
    assert got.frame["x"].tolist() == ["0.1", "1.5", "2"]


def test_the_writing_time_is_fixed_and_nothing_else(tmp_path):
    data = dta_bytes([{"x": "1", "municipio": "M1"}], {})
    fixed = stata.fixed_time(data)
    assert b"<timestamp>\x1101 Jan 2000 00:00</timestamp>" in fixed
    assert len(fixed) == len(data)
    assert fixed[fixed.index(b"</header>") :] == data[data.index(b"</header>") :]


def test_unexpected_and_missing_columns_are_named(tiny):
    for row in tiny.baseline:
        row["extra"] = row.pop("t2")
    tiny.write()
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    found = set(zip(errors["rule"], errors["column"], strict=True))
    assert found == {("missing-column", "t2"), ("unexpected-column", "extra")}


def test_a_column_on_both_lists_and_one_on_neither_file_are_named(tiny):
    tiny.write()
    path = tiny.config / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('["deviceid"]', '["deviceid", "t1", "KEY"]'), encoding="utf-8")
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    found = set(zip(errors["rule"], errors["column"], strict=True))
    assert found == {("contradictory-column", "t1"), ("missing-column", "KEY")}


def test_numbers_are_read_with_the_decimal_mark_of_their_file(tiny):
    for row in tiny.baseline:
        row["peso"] = row["peso"].replace(".", ",")
    tiny.write()
    path = tiny.config / "manifest.toml"
    declared = path.read_text(encoding="utf-8").replace('decimal = "."', 'decimal = ","', 1)
    path.write_text(declared, encoding="utf-8")
    tiny.run()
    weights = tiny.panel().set_index("row_key")["weight"]
    assert (weights["baseline.csv:2"], weights["baseline.csv:3"]) == (1.5, 2.5)
    assert weights["endline.dta:1"] == 1.5


def test_labels_of_the_file_are_held_against_both_languages(tiny):
    tiny.labels = ENDLINE_LABELS | {"duracion": {9: "x"}}
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0


def test_other_words_and_absent_labels_are_warnings(tiny):
    tiny.labels = ENDLINE_LABELS | {"t1": {1: "none", 4: "very"}}
    del tiny.labels["v1"]
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    assert findings[["rule", "severity", "column"]].to_numpy().tolist() == [
        ["label-mismatch", "warn", "t1"],
        ["label-missing", "warn", "v1"],
    ]
    assert findings["problem"].iloc[0] == (
        "code 1 is labelled 'none', the dictionary says 'not at all / nada'"
    )


def test_a_coded_column_is_coded_whichever_round_its_list_is_of(tiny):
    del tiny.labels["t1"]
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    assert findings[["rule", "severity", "column"]].to_numpy().tolist() == [
        ["label-missing", "warn", "t1"]
    ]


def test_columns_without_labels_are_one_warning_of_their_file(tiny):
    for name in ("v1", "t2", "t1"):
        del tiny.labels[name]
    tiny.write()
    tiny.run()
    (finding,) = tiny.findings().itertuples()
    assert (finding.rule, finding.severity, finding.column) == ("label-missing", "warn", "")
    assert finding.problem.endswith("others of the file do: t1, t2, v1")


def test_a_file_without_any_labels_is_one_warning_that_counts_its_coded_columns(tiny):
    tiny.labels = {}
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    assert findings[["rule", "severity", "column"]].to_numpy().tolist() == [
        ["label-missing", "warn", ""]
    ]
    # acepta, t1, t2, v1 and x2
    assert "5 coded variables" in findings["problem"].iloc[0]


def test_a_column_called_by_the_words_of_another_question_is_an_error(tiny):
    tiny.write()
    dictionary = read_dictionary(tiny.config, ("baseline", "endline", "frame"))
    endline = replace(file(form="dta"), role="endline", round="endline")
    said = {"t1": "  ayuda ", "t2": "Help", "v1": "some other words", "v2": "Veces"}
    delivered = Delivered(frame=pd.DataFrame(), variable_labels=said)
    (found,) = embedded_labels.check(endline, delivered, dictionary)
    assert (found.rule, found.severity, found.column) == ("variable-label", "error", "t1")
    assert "`trust`" in str(found.problem)
    assert "`help`" in str(found.problem)
    assert in_spanish.unknown_findings([found]) == []


def test_the_label_of_another_code_is_an_error(tiny):
    tiny.labels = ENDLINE_LABELS | {"t1": {1: "muy", 2: "not very", 3: "algo", 4: "nada"}}
    tiny.write()
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    assert set(errors["rule"]) == {"label-mismatch"}
    assert "code 1 is labelled 'muy'" in errors["problem"].iloc[0]
    assert "gives this label to code 4" in errors["problem"].iloc[0]


@pytest.mark.truth
def test_a_real_export_with_cells_of_several_lines():
    # 14 rows and 590 columns by the data's own description
    path = shared_data("survey_exports/surveycto_sample_hh_form.csv")
    got = read_file(file(rows=14), path)
    assert got.findings == ()
    assert got.frame.shape == (14, 591)
    lines = path.read_text(encoding="utf-8").split("\n")
    first = got.frame.columns[0]
    for cell, line in zip(got.frame[first], got.frame["__line__"], strict=True):
        assert lines[line - 1].lstrip('"').startswith(cell)


@pytest.mark.truth
def test_a_real_stata_export():
    # 185 rows, 54 columns and 12 sets of value labels by the data's own description
    path = shared_data("survey_exports/ipa_household_backcheck.dta")
    got = read_file(file(rows=185, form="dta"), path)
    assert got.findings == ()
    assert got.frame.shape == (185, 55)
    assert len({tuple(sorted(pairs.items())) for pairs in got.labels.values()}) <= 12
    assert got.frame["submissiondate"].str.fullmatch(r"2017-\d\d-\d\d \d\d:\d\d:\d\d").all()
    assert not got.frame.drop(columns="__line__").isin(["nan", "NaN", "None"]).any(axis=None)
