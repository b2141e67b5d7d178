"""Command ``calibrate`` on a small study: what it writes, and when it leaves all as it is."""

import argparse
import dataclasses
from pathlib import Path

import pytest

from evaluation import __main__ as program
from evaluation.analysis.planning.calibration import STEPS
from evaluation.cli.stages import calibrate
from evaluation.config.design_records import Calibration
from evaluation.errors import EstimationError, EvaluationError
from evaluation.estimation.records import Unavailable
from evaluation.storage import disk, made_files
from tests.estimation.studies import STUDY, frame, plan_panel, preregistration

OPTIONS = argparse.Namespace(study="small", data_raw="", language="en", data_sets=20)
BUILD, CLEAN = Path("build/small"), Path("data_clean/small/panel.parquet")
DONE = "24 rejection rates, 4 unavailable"
AS_BEFORE = "as before: same plan, data and program"
WRITTEN = ["calibration.csv", "calibration.json", "calibration_unavailable.csv"]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A repository after the stages read and clean."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate, "read_declared", lambda _: (STUDY, None, preregistration()))
    table = plan_panel(75)
    disk.write_frame(Path("data_clean/small/panel.parquet"), table)
    disk.write_frame(Path("data_clean/small/frame.parquet"), frame(table))
    disk.write_json(BUILD / "provenance.json", {"study": "small", "data_hash": "d" * 64})
    return tmp_path


def written():
    return sorted(p.name for p in BUILD.iterdir() if p.name.startswith("calibration"))


def test_rates_are_saved_with_what_they_were_made_from(workplace):
    line = calibrate.run(OPTIONS)
    assert written() == WRITTEN
    rates = disk.read_records(BUILD / "calibration.csv", Calibration)
    of_steps = [r for r in rates if r.step in STEPS]
    assert len(of_steps) == 2 * 2 * 3
    assert {r.outcome for r in of_steps} == {"y", "z"}
    # the rule: two errors of both outcomes and one of each, in three settings; there are no zones
    assert len(rates) == len(of_steps) + 3 * 4
    lost = disk.read_records(BUILD / "calibration_unavailable.csv", Unavailable)
    assert {u.step.partition(":")[0] for u in lost} == {"shared by zones"}
    assert "SYNTHETIC" in (BUILD / "calibration.csv").read_text(encoding="utf-8")
    made_from = disk.read_json(BUILD / "calibration.json")
    assert made_from["plan_hash"] == "p" * 64
    assert made_from["data_hash"] == "d" * 64
    assert made_from["data_sets"] == 20
    assert made_from["synthetic"] == "SYNTHETIC"
    assert line == DONE


def test_several_processes_leave_the_same_files(workplace, monkeypatch):
    """As the README has it."""
    calibrate.run(OPTIONS)
    alone = {name: (BUILD / name).read_bytes() for name in WRITTEN}
    (BUILD / "calibration.json").unlink()
    monkeypatch.setenv("EVAL_PROCESSES", "1")
    assert calibrate.run(OPTIONS) == DONE
    assert {name: (BUILD / name).read_bytes() for name in WRITTEN} == alone


def calibrated(**asked):
    """As the program runs it: with a list of what the stage writes."""
    with made_files.recorded(BUILD, "calibrate"):
        return calibrate.run(argparse.Namespace(**vars(OPTIONS) | asked))


def test_it_stays_until_plan_data_or_number_change(workplace, monkeypatch):
    table, done = BUILD / "calibration.csv", DONE
    assert [calibrated(), calibrated()] == [done, AS_BEFORE]
    first = table.read_bytes()

    disk.write_json(BUILD / "provenance.json", {"study": "small", "data_hash": "e" * 64})
    with made_files.recorded(BUILD, "clean"):
        disk.write_frame(CLEAN, plan_panel(75))
    assert [calibrated(), calibrated()] == [done, AS_BEFORE]
    assert table.read_bytes() == first
    assert disk.read_json(BUILD / "calibration.json")["data_hash"] == "e" * 64

    other = preregistration()
    other = dataclasses.replace(other, plan=dataclasses.replace(other.plan, hash="q" * 64))
    monkeypatch.setattr(calibrate, "read_declared", lambda _: (STUDY, None, other))
    assert [calibrated(), calibrated()] == [done, AS_BEFORE]
    assert disk.read_json(BUILD / "calibration.json")["plan_hash"] == "q" * 64

    assert [calibrated(data_sets=10), calibrated(data_sets=10)] == [done, AS_BEFORE]
    assert {r.draws for r in disk.read_records(table, Calibration)} == {10, 5}


def test_clean_data_edited_by_hand_stop_it_although_its_own_files_are_as_before(workplace):
    with made_files.recorded(BUILD, "clean"):
        disk.write_frame(CLEAN, plan_panel(75))
    calibrated()
    assert calibrated() == AS_BEFORE
    with CLEAN.open("ab") as file:
        file.write(b"x")
    with pytest.raises(EvaluationError, match="not what the stage clean wrote"):
        calibrated()


def test_a_table_that_was_touched_by_hand_is_made_again(workplace):
    table = BUILD / "calibration.csv"
    calibrated()
    first = table.read_bytes()
    table.write_text("touched", encoding="utf-8")
    assert calibrated() != AS_BEFORE
    assert table.read_bytes() == first


@pytest.mark.parametrize("gone", WRITTEN)
def test_a_lost_table_is_made_again(workplace, gone):
    calibrated()
    (BUILD / gone).unlink()
    calibrated()
    assert written() == WRITTEN


def test_no_data_sets_are_refused(workplace):
    with pytest.raises(EstimationError, match="0 null data sets"):
        calibrate.run(argparse.Namespace(**vars(OPTIONS) | {"data_sets": 0}))
    assert written() == []


def test_nothing_is_written_when_the_plan_cannot_be_calibrated(workplace, monkeypatch):
    made = preregistration().plan
    without = dataclasses.replace(made.inference, permutation_strata="subregion")
    monkeypatch.setattr(
        calibrate, "read_declared", lambda _: (STUDY, None, preregistration(inference=without))
    )
    with pytest.raises(EvaluationError, match="no column subregion"):
        calibrate.run(OPTIONS)
    assert written() == []


def test_the_command_line_knows_it(workplace, capsys):
    disk.write_text(Path("config/small/study.toml"), "")
    assert program.main(["calibrate", "--study", "small", "--data-sets", "5"]) == 0
    assert {r.draws for r in disk.read_records(BUILD / "calibration.csv", Calibration)} == {5, 3}
    (BUILD / "provenance.json").unlink()
    assert program.main(["calibrate", "--study", "small"]) == 1
    assert "provenance.json" in capsys.readouterr().err
