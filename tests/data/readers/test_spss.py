"""SPSS files: codes that the file calls missing stay codes, and disagreements are reported."""

import tracemalloc
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.config.manifest import RawFile
from evaluation.data.readers import spss
from evaluation.data.readers.raw_table import UserMissing
from evaluation.data.readers.read import RawTable, read_file
from evaluation.errors import DataError
from tests.data import in_spanish
from tests.data.readers.other_formats import redeliver
from tests.fixtures.tiny import DICTIONARY, Row, Tiny

# seconds since 14 October 1582 of 31 May 2021, 00:00: 160,206 days of 86,400 seconds
DAY = 160_206 * 86_400.0


def file(rows: int, **declared) -> RawFile:
    return RawFile(
        id="f", path="raw.sav", role="baseline", round="baseline", format="sav", sha256="",
        rows=rows, origin="test", **declared,
    )  # fmt: skip


def sav(folder: Path, frame: pd.DataFrame, **options) -> bytes:
    path = folder / "raw.sav"
    pyreadstat.write_sav(frame, path, **options)
    return path.read_bytes()


def table(folder: Path, data: bytes, rows: int, **declared) -> RawTable:
    (folder / "raw.sav").write_bytes(data)
    made = read_file(file(rows, **declared), folder / "raw.sav")
    assert in_spanish.unknown_findings(made.findings) == []
    return made


def test_numbers_dates_and_texts_become_text(tmp_path):
    frame = pd.DataFrame(
        {
            "n": [1.0, 2.5, None],
            "day": [DAY, None, 99.0],
            "moment": [DAY + 29_100, None, DAY + 86_399],
            "clock": [29_100.0, 93_600.0, None],
            "slow": [-59.0, 0.0, -3_661.0],
            "s": ["á", "", "007"],
        }
    )
    data = sav(
        tmp_path, frame, missing_ranges={"day": [99]},
        variable_format={"day": "EDATE10", "moment": "DATETIME20", "clock": "TIME8",
                         "slow": "TIME8"},
    )  # fmt: skip
    got = table(tmp_path, data, 3)
    assert got.frame["n"].tolist() == ["1", "2.5", ""]
    # a user-missing 99 among dates is a code, not 14 October 1582
    assert got.frame["day"].tolist() == ["2021-05-31", "", "99"]
    # 29,100 seconds are 8 hours and 5 minutes
    assert got.frame["moment"].tolist() == ["2021-05-31 08:05:00", "", "2021-05-31 23:59:59"]
    assert got.frame["clock"].tolist() == ["08:05:00", "26:00:00", ""]
    assert got.frame["slow"].tolist() == ["-00:00:59", "00:00:00", "-01:01:01"]
    assert got.frame["s"].tolist() == ["á", "", "007"]
    assert got.frame["__line__"].tolist() == [1, 2, 3]
    assert got.findings == ()


def test_what_the_file_calls_missing_is_kept_as_code_and_told(tmp_path):
    frame = pd.DataFrame({"x": [1.0, 98, 99], "y": [-7.0, 3, None], "s": ["a", "zz", ""]})
    data = sav(
        tmp_path, frame,
        missing_ranges={"x": [98, 99], "y": [{"lo": -9, "hi": -1}, 3], "s": ["zz"]},
        variable_value_labels={"x": {1.0: "uno", 98.0: "ns"}, "s": {"a": "A"}},
    )  # fmt: skip
    got = table(tmp_path, data, 3)
    assert got.frame["x"].tolist() == ["1", "98", "99"]
    assert got.frame["y"].tolist() == ["-7", "3", ""]
    assert got.user_missing == {
        "x": UserMissing(codes=("98", "99")),
        "y": UserMissing(codes=("3",), ranges=((-9.0, -1.0),)),
        "s": UserMissing(codes=("zz",)),
    }
    assert got.labels == {"x": {"1": "uno", "98": "ns"}, "s": {"a": "A"}}
    assert got.unlabelled == ("y",)


def test_a_range_without_an_end_holds_everything_beyond(tmp_path):
    lowest = -1.7976931348623157e308
    frame = pd.DataFrame({"x": [1.0, -98.0]})
    data = sav(tmp_path, frame, missing_ranges={"x": [{"lo": lowest, "hi": -1}]})
    missing = table(tmp_path, data, 2).user_missing["x"]
    assert [missing.holds(text) for text in ("-1", "-1e300", "-.5", "", "a")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    # the file says so by the lowest number there is; it is told as what it means
    assert missing.ranges == ((float("-inf"), -1.0),)


def test_all_that_a_file_tells_is_laid_open_for_the_search_of_persons(tmp_path):
    frame = pd.DataFrame({"day": [DAY, 99.0], "x": [1.0, 98.0], "s": ["ana", ""]})
    data = sav(
        tmp_path, frame, file_label="Encuesta", note="por Ana", column_labels=["Día", "", "Nombre"],
        variable_value_labels={"x": {1.0: "uno"}}, missing_ranges={"day": [99]},
        variable_format={"day": "EDATE10"},
    )  # fmt: skip
    said, cells = spss.told(data)
    assert said.split("\n") == ["Encuesta", "por Ana", "day: Día", "s: Nombre", "1: uno"]
    assert cells.to_dict("list") == {
        "day": ["2021-05-31", "99"],
        "x": ["1", "98"],
        "s": ["ana", ""],
    }
    with pytest.raises(ValueError, match="ReadstatError"):
        spss.told(data[:-5])


@pytest.mark.parametrize("written", [{}, {"row_compress": True}, {"compress": True}])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.99, 1.0])
def test_a_cut_file_is_refused(tmp_path, written, share):
    frame = pd.DataFrame({"x": [float(i) for i in range(50)], "s": ["ñ" * 20] * 50})
    whole = sav(tmp_path, frame, **written)
    assert len(table(tmp_path, whole, 50).frame) == 50
    with in_spanish.refusal() as caught:
        table(tmp_path, whole[: min(int(len(whole) * share), len(whole) - 1)], 50)
    assert (caught.value.rule, caught.value.where) == ("unreadable-file", "raw.sav")


@pytest.mark.parametrize("data", [b"", b"<html>", b"<stata_dta>", b"$FL2", b"$FL2" + b"\xff" * 500])
def test_another_file_is_refused(tmp_path, data):
    with in_spanish.refusal() as caught:
        table(tmp_path, data, 1)
    own = data.startswith(b"$FL2") or not data
    assert caught.value.rule == ("unreadable-file" if own else "another-file")


def test_an_encoding_that_the_file_names_wrongly_is_an_error_and_can_be_declared(tmp_path):
    data = sav(tmp_path, pd.DataFrame({"s": ["Ñame", "b"]}))
    assert b"UTF-8" in data
    # the writing program said UTF-8 and wrote cp1252
    wrong = data.replace("Ñame".encode(), b"\xd1ame ")
    with in_spanish.refusal() as caught:
        table(tmp_path, wrong, 2)
    assert caught.value.rule == "encoding"
    got = table(tmp_path, wrong, 2, encoding="cp1252")
    assert got.frame["s"].tolist() == ["Ñame", "b"]
    assert got.findings == ()
    # and the other way round: the declaration is wrong
    garbled = table(tmp_path, data, 2, encoding="cp1252")
    assert [(f.rule, f.severity, f.line, f.column) for f in garbled.findings] == [
        ("garbled-text", "error", 1, "s")
    ]


def sav_bytes(rows: list[Row], **options) -> bytes:
    """The rows of the endline with numbers as numbers; written as an SPSS file."""
    texts = ("id_persona", "municipio", "fecha", "version")
    columns = {
        name: [row[name] if name in texts else float(row[name] or "nan") for row in rows]
        for name in rows[0]
    }
    path = Path(options.pop("folder")) / "endline.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), path, **options)
    return path.read_bytes()


def deliver(tiny: Tiny, **options) -> None:
    """The study with its endline as an SPSS file and the survey's missing codes."""
    tiny.dictionary = tiny.dictionary.replace('[".a"]', '["88"]').replace('[".b"]', '["98"]')
    tiny.write()
    labels = {n: {float(c): t for c, t in told.items()} for n, told in tiny.labels.items()}
    options = {"variable_value_labels": labels, **options}
    data = sav_bytes(tiny.endline, folder=tiny.root, **options)
    redeliver(tiny, "endline.dta", "endline.sav", data)


CODES = [88, 98]


def test_a_study_reads_the_same_from_an_spss_file(tiny):
    tiny.endline[3]["t1"] = "98"
    tiny.endline[4]["t1"] = "88"
    deliver(tiny, missing_ranges=dict.fromkeys(("t1", "t2", "v1", "v2"), CODES))
    tiny.run()
    assert tiny.findings().empty
    spss = tiny.panel().drop(columns="row_key")
    tiny.dictionary = DICTIONARY
    tiny.endline[3]["t1"], tiny.endline[4]["t1"] = ".b", ".a"
    (tiny.raw / "endline.sav").unlink()
    tiny.write()
    tiny.run()
    pd.testing.assert_frame_equal(spss, tiny.panel().drop(columns="row_key"))
    endline = spss[spss["round"] == "endline"]
    assert sorted(endline["trust__missing"].dropna()) == ["dont_know", "refused"]


def test_an_answer_that_the_file_calls_missing_is_an_error(tiny):
    deliver(tiny, missing_ranges={"t1": [4, 88, 98], "duracion": [{"lo": 50, "hi": 60}]})
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    assert errors[["rule", "column"]].to_numpy().tolist() == [
        ["missing-mismatch", "duracion"],
        ["missing-mismatch", "t1"],
    ]
    # durations of persons are not shown, the range that the file declares is
    assert errors["problem"].tolist() == [
        "the file calls 50 to 60 missing, the dictionary reads them as an answer",
        "the file calls 4 missing, the dictionary reads it as an answer",
    ]


def test_a_missing_code_that_the_file_takes_for_an_answer_is_a_warning(tiny):
    tiny.endline[3]["t1"] = "98"
    deliver(tiny, missing_ranges={"t1": [88], "t2": CODES})
    tiny.run()
    findings = tiny.findings()
    assert findings[["rule", "severity", "column"]].to_numpy().tolist() == [
        ["missing-mismatch", "warn", "t1"]
    ]
    one = "the dictionary counts 98 as missing, the file does not call it missing"
    assert findings["problem"].iloc[0] == one
    tiny.endline[4]["t1"] = "88"
    deliver(tiny, missing_ranges={"t1": [77], "t2": CODES})
    tiny.run()
    both = "the dictionary counts 88, 98 as missing, the file does not call them missing"
    assert tiny.findings()["problem"].iloc[0] == both


def test_a_file_that_says_nothing_of_missing_codes_is_no_finding(tiny):
    tiny.endline[3]["t1"] = "98"
    deliver(tiny)
    tiny.run()
    assert tiny.findings().empty


def test_labels_of_an_spss_file_are_held_against_the_dictionary(tiny):
    turned = {1.0: "muy", 2.0: "algo", 3.0: "poco", 4.0: "nada"}
    deliver(tiny, variable_value_labels={"t1": turned})
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    assert set(zip(errors["rule"], errors["column"], strict=True)) == {("label-mismatch", "t1")}


@pytest.mark.parametrize("packing", ["none", "zlib"])
@pytest.mark.parametrize("cases", [2_147_483_647, 1_000_000_000, 50_000_000])
def test_cases_that_the_header_claims_and_the_file_lacks_are_refused_before_they_are_read(
    tmp_path, cases, packing
):
    frame = pd.DataFrame({"edad": range(10), "nombre": ["x" * 20] * 10})
    data = sav(tmp_path, frame, compress=packing == "zlib")
    claimed = data[:80] + cases.to_bytes(4, "little") + data[84:]
    tracemalloc.start()
    with pytest.raises(DataError, match="claims"):
        table(tmp_path, claimed, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**26


def test_a_case_count_that_the_writer_left_open_is_read(tmp_path):
    data = sav(tmp_path, pd.DataFrame({"edad": range(10)}))
    unknown = data[:80] + (-1).to_bytes(4, "little", signed=True) + data[84:]
    assert len(table(tmp_path, unknown, 10).frame) == 10


@pytest.mark.parametrize("each", [1, 8])
@pytest.mark.parametrize("length", [1, 3, 4, 5, 8, 60])
def test_cases_are_held_against_every_column_behind_its_label(tmp_path, length, each):
    """A value takes eight bytes, compressed by rows one at least: 3 columns, so many cases fit."""
    frame = pd.DataFrame({"a": range(10), "b": range(10), "c": range(10)})
    data = sav(tmp_path, frame, row_compress=each == 1, column_labels=["x" * length] * 3)
    fit = len(data) // (3 * each)

    def claiming(cases: int) -> bytes:
        return data[:80] + cases.to_bytes(4, "little") + data[84:]

    spss._check_claims(claiming(fit), file(10))
    with in_spanish.refusal(match="claims"):
        table(tmp_path, claiming(fit + 1), 10)
