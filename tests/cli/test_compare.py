"""What a comparison with a release says: changed inputs, moved numbers, what can explain what."""

import argparse
import csv
import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from evaluation import io
from evaluation.cli import compare
from evaluation.cli.compare import Cause, moved
from evaluation.cli.release_inputs import file_changes, keep, ledger_changes, private_copy
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError
from evaluation.spec.reach import ALL, Reach
from tests.report import examples

HEAD = "round,row_key,column,old,new,action,reason,by,date,delivery\n"
PLAN = examples.CONFIGURATION.promise.plan
ESTIMATE = examples.estimate(PLAN.outcome[0], PLAN.specification[0], "wcr_s")
KEY = ("trust", "did_main", "equal", "all", "wcr_s")


def raw(folder: Path, **columns: list[str]) -> Path:
    lines = [str(i + 2) for i in range(len(next(iter(columns.values()))))]
    io.write_frame(folder / "baseline.parquet", pd.DataFrame({"__line__": lines, **columns}))
    return folder


def changes(tmp_path: Path, before: dict[str, list[str]], now: dict[str, list[str]]):
    return file_changes(
        raw(tmp_path / "before", **before),
        raw(tmp_path / "now", **now),
        {"baseline": "baseline"},
        respondents={"baseline": "id"},
    )


def test_rows_are_matched_by_respondent_where_they_move_to_another_line(tmp_path: Path):
    (found,) = changes(
        tmp_path,
        {"id": ["a", "b", "c"], "q": ["1", "2", "3"]},
        {"id": ["x", "b", "a"], "q": ["9", "2", "4"]},
    )
    assert found.added == ("baseline:2",)
    assert found.removed == ("baseline:4",)
    assert found.cells == {"q": 1}


def test_rows_are_matched_by_line_where_an_id_stands_twice(tmp_path: Path):
    (found,) = changes(
        tmp_path, {"id": ["a", "a"], "q": ["1", "2"]}, {"id": ["a", "b"], "q": ["1", "5"]}
    )
    assert (found.added, found.removed) == ((), ())
    assert found.cells == {"id": 1, "q": 1}


def test_equal_files_are_no_change_and_a_new_column_is_one(tmp_path: Path):
    same = {"id": ["a", "b"], "q": ["1", "2"]}
    assert changes(tmp_path, same, same) == ()
    (found,) = changes(tmp_path, same, {**same, "r": ["0", "0"]})
    assert found.cells == {"r": 2}


def test_ledger_lines_are_told_apart_without_their_values(tmp_path: Path):
    line = "baseline,b.csv:7,q1,SECRET,3,set,typing error,team,2021-05-01,abc\n"
    other = line.replace("b.csv:7", "b.csv:9")
    io.write_text(tmp_path / "old.csv", HEAD + line)
    io.write_text(tmp_path / "new.csv", HEAD + other)
    gone, new = ledger_changes(tmp_path / "old.csv", tmp_path / "new.csv")
    assert gone.text == "no longer made: set at b.csv:7, column q1 (typing error)"
    assert new.text == "new: set at b.csv:9, column q1 (typing error)"
    assert "SECRET" not in gone.text + new.text


def test_moves_are_fields_that_differ_beyond_rounding():
    before = dataclasses.replace(ESTIMATE, estimate=0.1, p_value=0.04)
    rounding = dataclasses.replace(before, estimate=0.1 * (1 + 1e-12))
    assert list(moved({KEY: before}, {KEY: rounding})) == []
    now = dataclasses.replace(before, estimate=0.1001)
    (move,) = moved({KEY: before}, {KEY: now})
    assert (move.field, move.before, move.now) == ("estimate", "0.1", "0.1001")


def test_a_row_that_only_one_side_has_is_a_move():
    (gone,) = moved({KEY: ESTIMATE}, {})
    (new,) = moved({}, {KEY: ESTIMATE})
    assert (gone.field, gone.before, gone.now) == ("row", "there", "absent")
    assert (new.before, new.now) == ("absent", "there")


def test_a_move_that_no_changed_input_reaches_is_laid_to_the_code():
    now = dataclasses.replace(ESTIMATE, estimate=ESTIMATE.estimate + 1)
    moves = tuple(moved({KEY: ESTIMATE}, {KEY: now}))
    elsewhere = Cause(text="plan entry outcome.other changed", reach=Reach(frozenset(["o"]), None))
    lines = compare._table((elsewhere,), moves).decode().splitlines()
    (row,) = csv.DictReader(lines)
    assert row["causes"] == "none: the code"
    everywhere = Cause(text="the ledger", reach=ALL)
    (row,) = csv.DictReader(compare._table((everywhere,), moves).decode().splitlines())
    assert row["causes"] == "the ledger"


def test_the_private_copy_is_kept_under_the_releases_checksum(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = Paths.of(argparse.Namespace(study="made_up", data_raw=""))
    raw(paths.private / "raw", id=["a"])
    io.write_text(paths.config / "corrections.csv", HEAD)
    keep(paths, b"sums")
    folder = private_copy(paths, b"sums")
    assert sorted(p.name for p in folder.iterdir()) == ["baseline.parquet", "corrections.csv"]
    assert folder.is_relative_to(paths.private)
    assert private_copy(paths, b"other") != folder


def test_a_folder_that_is_no_release_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(study="made_up", data_raw="", language="en", base="nowhere")
    with pytest.raises(StorageError, match="no SHA256SUMS there") as stopped:
        compare.run(options)
    assert "BASE=folder" in stopped.value.mend
