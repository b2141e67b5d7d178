"""What the results of a stage depend on: each of it changes the sum, and texts of a plan do not."""

import importlib.metadata
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.cli.stages import unchanged
from evaluation.cli.stages.unchanged import is_unchanged, note, sum_of_inputs
from evaluation.storage import made_files
from evaluation.storage.folders import Paths
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """A study with a configuration and lists of two stages, and a package of its own."""
    monkeypatch.chdir(tmp_path)
    names = ("study", "dictionary/a", "dictionary/plan", "plan")
    configured = [f"config/x/{name}.toml" for name in names]
    for name in (*configured, *(f"build/x/private/made/{s}.sha256" for s in ("read", "clean"))):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name, "utf-8")
    shutil.copytree(ROOT / "evaluation" / "storage", tmp_path / "package")
    monkeypatch.setattr(unchanged, "PACKAGE", tmp_path / "package")
    return Paths.of(SimpleNamespace(study="x", data_raw=""))


@pytest.mark.parametrize("name", CASES["changed"])  # fmt: skip
def test_a_file_that_changes_or_comes_changes_the_sum(paths, name):
    first = sum_of_inputs(paths, "p")
    with Path(name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert sum_of_inputs(paths, "p") != first


def test_a_dictionary_that_two_studies_share_is_in_the_sum(paths):
    shutil.move("config/x/dictionary", "shared")
    Path("config/x/dictionary").symlink_to(Path("shared").resolve())
    first = sum_of_inputs(paths, "p")
    Path("shared/a.toml").write_text("another", "utf-8")
    assert sum_of_inputs(paths, "p") != first


def test_plan_options_libraries_and_python_are_in_the_sum(paths, monkeypatch):
    sums = [sum_of_inputs(paths, "p"), sum_of_inputs(paths, "q"), sum_of_inputs(paths, "p", n=1)]
    with monkeypatch.context() as other:
        listed = [SimpleNamespace(name="numpy", version="0.1")]
        other.setattr(importlib.metadata, "distributions", lambda: listed)
        sums.append(sum_of_inputs(paths, "p"))
    monkeypatch.setattr(unchanged.sys, "version", "3.99")
    sums.append(sum_of_inputs(paths, "p"))
    assert len(set(sums)) == len(sums)


def test_what_is_left_of_a_library_without_a_name_stops_nothing(paths, monkeypatch):
    """An installation that was cut off leaves a folder of a library that says nothing of it."""
    whole = SimpleNamespace(name="numpy", version="2.4")
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [whole])
    first = sum_of_inputs(paths, "p")
    left = SimpleNamespace(name=None, version=None)
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [left, whole])
    assert sum_of_inputs(paths, "p") != first


@pytest.mark.parametrize("name", ["plan.toml", "releases.toml"])
def test_the_text_of_the_plan_and_the_list_of_releases_are_not_in_the_sum(paths, name):
    first = sum_of_inputs(paths, "p")
    Path("config/x", name).write_text("shown.label = 1", "utf-8")
    assert sum_of_inputs(paths, "p") == first


def test_results_are_unchanged_only_where_every_file_of_the_list_is(paths):
    table = paths.build / "a.csv"
    for name in unchanged.BEFORE:
        # whose files are none
        made_files.list_of(paths.build, name).unlink()
    assert not is_unchanged(paths, "estimate", "sum")
    with made_files.recorded(paths.build, "estimate"):
        made_files.noting.get()[table.as_posix()] = made_files.hashlib.sha256(b"1").hexdigest()
        table.write_bytes(b"1")
        note(paths, "estimate", "sum")
    assert is_unchanged(paths, "estimate", "sum")
    assert not is_unchanged(paths, "estimate", "other sum")
    table.write_bytes(b"2")
    assert not is_unchanged(paths, "estimate", "sum")
    table.unlink()
    assert not is_unchanged(paths, "estimate", "sum")
    table.write_bytes(b"1")
    assert is_unchanged(paths, "estimate", "sum")
    made_files.list_of(paths.build, "estimate").write_text("", "utf-8")
    assert not is_unchanged(paths, "estimate", "sum")
    made_files.list_of(paths.build, "estimate").unlink()
    assert not is_unchanged(paths, "estimate", "sum")
