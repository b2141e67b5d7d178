"""Stages on raw data one after the other: none goes on with what an earlier run left."""

import hashlib
from pathlib import Path

import pytest

from evaluation.cli.stages import clean, read
from evaluation.errors import DataError, SpecError, StorageError
from tests.fixtures.tiny import Tiny

LINE = "baseline,baseline.csv:6,t1,1,2,set,audio,ana,2025-01-02"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.chdir(tmp_path)
    study = Tiny(tmp_path)
    study.write()
    return study


def listed(tiny: Tiny) -> list[list[str]]:
    found = tiny.records("private/findings_error.csv")
    return found[["rule", "row_key"]].to_numpy().tolist()


def test_clean_refuses_after_a_read_that_failed(tiny):
    tiny.run()
    (tiny.raw / "baseline.csv").write_bytes(b"damaged")
    with pytest.raises(DataError):
        tiny.run_read()
    with pytest.raises(DataError, match="its last run failed") as caught:
        clean.run(tiny.options())
    assert "run read first" in str(caught.value.fix)


def test_clean_refuses_a_ledger_that_read_did_not_see(tiny):
    tiny.run()
    tiny.ledger = [LINE]
    tiny.write_ledger()
    with pytest.raises(DataError, match="ledger changed after") as caught:
        clean.run(tiny.options())
    assert "run read again" in str(caught.value.fix)
    tiny.run()
    assert tiny.panel().set_index("row_key").loc["baseline.csv:6", "trust"] == 3


def test_a_clean_that_failed_leaves_no_panel_for_the_next_stage(tiny):
    tiny.run()
    tiny.baseline[0]["t1"] = "7"
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    assert not (tiny.clean / "panel.parquet").exists()


@pytest.mark.parametrize("stage", ["read", "clean"])
def test_a_ledger_that_is_missing_is_to_be_written(tiny, stage):
    tiny.run()
    (tiny.config / "corrections.csv").unlink()
    with pytest.raises(StorageError) as caught:
        tiny.run_read() if stage == "read" else clean.run(tiny.options())
    assert caught.value.where == "tiny/corrections.csv"
    assert "round,row_key,column,old,new,action,reason,by,date,delivery" in str(caught.value.fix)
    assert "make" not in str(caught.value.fix)


@pytest.mark.parametrize("stage", ["read", "clean"])
def test_a_ledger_in_another_encoding_is_not_to_be_removed(tiny, stage):
    tiny.run()
    path = tiny.config / "corrections.csv"
    path.write_bytes(path.read_bytes() + LINE.replace("audio", "señal").encode("latin-1"))
    with pytest.raises(StorageError, match="not UTF-8") as caught:
        tiny.run_read() if stage == "read" else clean.run(tiny.options())
    assert caught.value.where == "tiny/corrections.csv:2"
    assert "save it as UTF-8" in str(caught.value.fix)
    assert "remove" not in str(caught.value.fix)


def test_a_ledger_that_a_spreadsheet_saved_is_read(tiny):
    path = tiny.config / "corrections.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    tiny.run()
    assert len(tiny.panel()) == 48


def test_damage_stands_beside_the_checksum(tiny):
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b"Secreta 3", b"Secreta \xf13"))
    with pytest.raises(DataError):
        tiny.run_read()
    assert listed(tiny) == [["checksum", ""], ["encoding", "baseline.csv:5"]]


def test_ragged_rows_stand_beside_the_checksum(tiny):
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b"Secreta 3", b"Secreta,3"))
    with pytest.raises(DataError):
        tiny.run_read()
    assert listed(tiny) == [["checksum", ""], ["row-count", ""], ["ragged-row", "baseline.csv:5"]]


def test_a_ledger_that_cannot_be_read_stands_beside_the_checksum(tiny):
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b"Secreta 3", b"Secreta 33"))
    tiny.ledger = ["baseline"]
    tiny.write_ledger()
    with pytest.raises(DataError, match=r"tiny/corrections\.csv:2: 2 cells in place of 10"):
        tiny.run_read()
    assert [rule for rule, _ in listed(tiny)] == ["checksum", "ledger"]


def test_damage_of_one_file_does_not_hide_that_of_another(tiny):
    (tiny.raw / "endline.dta").write_bytes((tiny.raw / "endline.dta").read_bytes()[:-5])
    (tiny.raw / "baseline.csv").write_bytes(b"\xef\xbb\xbf")
    tiny.write_manifest()
    with pytest.raises(DataError):
        tiny.run_read()
    assert [rule for rule, _ in listed(tiny)] == ["empty-file", "unreadable-file"]


def test_a_checksum_in_capital_letters_is_the_same(tiny):
    digest = hashlib.sha256((tiny.raw / "baseline.csv").read_bytes()).hexdigest()
    tiny.run()
    before = (tiny.build / "provenance.json").read_bytes()
    manifest = tiny.config / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    assert digest != digest.upper()
    manifest.write_text(text.replace(digest, digest.upper()), encoding="utf-8")
    tiny.run()
    assert (tiny.build / "provenance.json").read_bytes() == before


def test_the_folder_is_remembered_although_the_run_stops_at_a_decision(tiny):
    study = tiny.config / "study.toml"
    decided = study.read_text(encoding="utf-8")
    study.write_text(decided.replace('id = "tiny"', 'id = "DECIDE: which | a"'), encoding="utf-8")
    with pytest.raises(SpecError, match="which"):
        tiny.run_read()
    told = tiny.root / "build" / "tiny" / "private" / "raw_folder"
    first = told.read_text(encoding="utf-8")
    assert Path(first.partition("\n")[0]).resolve() == tiny.raw.resolve()
    # a folder that was mistyped is no folder to go on with
    options = tiny.options()
    options.data_raw = "mistyped"
    with pytest.raises(SpecError):
        read.run(options)
    assert told.read_text(encoding="utf-8") == first
