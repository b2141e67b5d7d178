"""Stage ``estimate`` on a small study: what it writes, twice the same, and nothing on failure."""

import argparse
import re
from pathlib import Path

import pytest

import evaluation
from evaluation.cli.stages import estimate
from evaluation.errors import DataError, EvaluationError
from evaluation.estimation.records import Estimate, LeaveOneOut
from evaluation.storage import disk
from tests.estimation.studies import STUDY, frame, plan_panel, preregistration, series
from tests.tables import cases

CASES = cases(__file__)

OPTIONS = argparse.Namespace(study="small", data_raw="", language="en")
WRITTEN = set(CASES["written"])


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A repository after the stages read and clean."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(estimate, "read_declared", lambda _: (STUDY, None, preregistration()))
    table = plan_panel(75)
    clean = Path("data_clean/small")
    disk.write_frame(clean / "panel.parquet", table)
    disk.write_frame(clean / "frame.parquet", frame(table))
    disk.write_frame(clean / "series.parquet", series(table))
    made = {"study": "small", "data_hash": "d" * 64, "files": [], "corrections": "c"}
    disk.write_json(Path("build/small/provenance.json"), made)
    return tmp_path


def files(root):
    build = root / "build" / "small"
    return {
        p.relative_to(build).as_posix(): p.read_bytes()
        for p in build.rglob("*")
        if p.is_file() and p.name != "provenance.json"
    }


def test_records_are_saved_and_read_back(workplace):
    line = estimate.run(OPTIONS)
    assert set(files(workplace)) == WRITTEN
    found = disk.read_records(Path("build/small/estimates.csv"), Estimate)
    assert {e.outcome for e in found} == {"y", "z", "y2", "s1", "s2", "events", "accidents"}
    assert {e.data_hash for e in found} == {"d" * 64}
    assert disk.read_json(Path("build/small/results.json")) == {
        "data_hash": "d" * 64,
        "plan_hash": "p" * 64,
        "study": "small",
        "synthetic": "SYNTHETIC",
        "version": evaluation.__version__,
        "entries": {},
        "files": [],
        "corrections": "c",
    }
    assert re.fullmatch(r"\d+ estimates, \d+ unavailable", line)


def test_clusters_are_named_in_the_private_folder_only(workplace):
    estimate.run(OPTIONS)
    found = disk.read_records(Path("build/small/private/leave_one_out.csv"), LeaveOneOut)
    assert {r.cluster for r in found} == {f"v{g:02d}" for g in range(12)}
    public = {name: text for name, text in files(workplace).items() if "private" not in name}
    assert not [name for name, text in public.items() if b",v03," in text]


def test_same_bytes_twice(workplace):
    estimate.run(OPTIONS)
    first = files(workplace)
    estimate.run(OPTIONS)
    assert files(workplace) == first


def test_data_of_another_study_are_refused_and_nothing_is_written(workplace):
    disk.write_json(Path("build/small/provenance.json"), {"study": "other", "data_hash": "x"})
    with pytest.raises(DataError, match="belongs to study 'other'"):
        estimate.run(OPTIONS)
    assert files(workplace) == {}


@pytest.mark.parametrize("gone", ["build/small/provenance.json", "data_clean/small/panel.parquet"])
def test_a_stage_that_has_not_run_is_named(workplace, gone):
    Path(gone).unlink()
    with pytest.raises(EvaluationError, match=Path(gone).name):
        estimate.run(OPTIONS)
    assert files(workplace) == {}


def test_nothing_is_written_when_something_promised_fails(workplace):
    table = plan_panel(75).assign(z=1.0)
    disk.write_frame(Path("data_clean/small/panel.parquet"), table)
    with pytest.raises(EvaluationError, match="the same value in every row"):
        estimate.run(OPTIONS)
    assert files(workplace) == {}
