"""The plan of a panel study: what it may not say, and that its lock covers what decides results."""

import shutil
from pathlib import Path

import pytest

from evaluation.config.declared import read_declared
from evaluation.config.design_records import read_simulated
from evaluation.config.panel_study import span
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).resolve().parents[2]


def copied(tmp_path: Path, study: str = "homicides") -> Path:
    return Path(shutil.copytree(ROOT / "config" / study, tmp_path / study))


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "years"),
    [("2021", [2021]), ("2021-2024", [2021, 2022, 2023, 2024]), ("2021Q1", []), ("", [])],
)
def test_years_of_a_contrast(text, years):
    assert list(span(text)) == years


@pytest.mark.parametrize(("old", "new", "said"), CASES["slips"])
def test_a_slip_of_the_plan_is_told(tmp_path, old, new, said):
    folder = changed(copied(tmp_path), "plan.toml", old, new)
    with pytest.raises(SpecError, match=said):
        read_declared(folder)


@pytest.mark.parametrize(("file", "old", "new", "entry"), CASES["locked"])
def test_what_decides_results_is_locked(tmp_path, file, old, new, entry):
    folder = changed(copied(tmp_path), file, old, new)
    with pytest.raises(SpecError, match="plan-lock") as caught:
        read_declared(folder)
    assert entry in str(caught.value)


def test_labels_are_free(tmp_path):
    label = 'en = "Homicides of women"'
    before = read_declared(copied(tmp_path / "before"))[2]
    folder = changed(copied(tmp_path), "study.toml", label, 'en = "Women killed"')
    after = read_declared(folder)[2]
    assert after.changed == before.changed
    assert after.entries == before.entries


def test_a_survey_still_says_what_is_balanced(tmp_path):
    folder = copied(tmp_path, "medellin")
    text = (folder / "plan.toml").read_text("utf-8")
    start, end = text.index("[balance]"), text.index("[[family]]")
    (folder / "plan.toml").write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(SpecError, match="balance"):
        read_declared(folder)


def test_without_a_lock_the_panel_is_blinded(tmp_path):
    folder = copied(tmp_path)
    (folder / "plan.lock").unlink()
    # a plan without a lock has nothing to deviate from
    (folder / "deviations.toml").write_text("", "utf-8")
    study, _, promise = read_declared(folder)
    assert study.mark == "BLINDED"
    primary = promise.plan.primary_specification()
    (outcome,) = promise.plan.outcomes_of(primary)
    assert promise.status(primary, outcome, "primary") == "blinded"


def test_months_before_the_series_of_people_are_joined_are_refused(tmp_path):
    """Clusters that are looked at as one have no months of their own."""
    folder = copied(tmp_path)
    path = folder / "plan.toml"
    before, entry, after = path.read_text("utf-8").partition('id = "first_half_2021"')
    after = after.replace('["2012-2020", "2021"]', '["2003-2020", "2021"]', 1)
    path.write_text(before + entry + after, "utf-8")
    with pytest.raises(SpecError, match="first_half_2021"):
        read_declared(folder)


def test_blocks_of_the_simulation_are_as_many_for_each_fall(tmp_path):
    folder = copied(tmp_path)
    path = folder / "power_of_tests.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("coefficient = [", "coefficient = [1, ", 1), "utf-8")
    with pytest.raises(SpecError, match="blocks"):
        read_simulated(folder)
    path.unlink()
    assert read_simulated(folder) is None
