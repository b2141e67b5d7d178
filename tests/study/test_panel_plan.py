"""The plan of a panel study: what it may not say, and that its lock covers what decides results."""

import shutil
from pathlib import Path

import pytest

from evaluation.errors import SpecError
from evaluation.study.declared import read_declared
from evaluation.study.design_records import read_simulated
from evaluation.study.panel_study import span

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
def test_years_of_a_contrast(text: str, years: list[int]) -> None:
    assert list(span(text)) == years


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('contrast = ["2012-2020", "2021"]', 'contrast = ["2021", "2012-2020"]', "ratio_2021"),
        ('contrast = ["2012-2020", "2021"]', 'contrast = ["1999-2020", "2021"]', "ratio_2021"),
        ('contrast = ["2012-2020", "2021"]', 'contrast = ["before", "2021"]', "ratio_2021"),
        ('method = "poisson"', 'method = "did"', "did"),
        ('steps = ["ri_coefficient", "ri"]', 'steps = ["wcr_s"]', "wcr_s"),
        ('strata_round = "subregion"', 'strata_round = "subregions"', "subregions"),
        ("months = [1, 6]", "months = [6, 1]", "first_half_2021"),
        ("months = [1, 6]", "months = [0, 6]", "first_half_2021"),
        ("months = [1, 6]", "months = [1]", "first_half_2021"),
        ('"apart", within_km = 40.0', '"apart"', "far_2021"),
        ('"apart", within_km = 40.0', '"beside", within_km = 40.0', "beside"),
        ('items = [{ name = "rate" }]', 'items = [{ name = "rates" }]', "rates"),
    ],
)
def test_a_slip_of_the_plan_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = changed(copied(tmp_path), "plan.toml", old, new)
    with pytest.raises(SpecError, match=said):
        read_declared(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry"),
    [
        ("study.toml", "most_unplaced = 0.001", "most_unplaced = 0.1", "panel.rows"),
        ("study.toml", "unnamed = 25", "unnamed = 24", "panel.treated"),
        ("study.toml", 'main = "population_2012"', 'main = "population_2003"', "panel.population"),
        ("study.toml", "entry = 2021-01-01", "entry = 2020-01-01", "cohort.c2021"),
        ("plan.toml", 'contrast = ["2012-2020", "2021"]', 'contrast = ["2013-2020", "2021"]',
         "specification.ratio_2021"),
        ("plan.toml", "SD 9.7, p .47", "SD 9.7, p .04", "known.rate_2021"),
        ("plan.toml", "listed = 35", "listed = 36", "panel_power"),
    ],
)  # fmt: skip
def test_what_decides_results_is_locked(
    tmp_path: Path, file: str, old: str, new: str, entry: str
) -> None:
    folder = changed(copied(tmp_path), file, old, new)
    with pytest.raises(SpecError, match="plan-lock") as caught:
        read_declared(folder)
    assert entry in str(caught.value)


def test_labels_are_free(tmp_path: Path) -> None:
    label = 'en = "Homicides of women"'
    before = read_declared(copied(tmp_path / "before"))[2]
    folder = changed(copied(tmp_path), "study.toml", label, 'en = "Women killed"')
    after = read_declared(folder)[2]
    assert after.changed == before.changed
    assert after.entries == before.entries


def test_a_survey_still_says_what_is_balanced(tmp_path: Path) -> None:
    folder = copied(tmp_path, "medellin")
    text = (folder / "plan.toml").read_text("utf-8")
    start, end = text.index("[balance]"), text.index("[[family]]")
    (folder / "plan.toml").write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(SpecError, match="balance"):
        read_declared(folder)


def test_without_a_lock_the_panel_is_blinded(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "plan.lock").unlink()
    # a plan without a lock has nothing to deviate from
    (folder / "deviations.toml").write_text("", "utf-8")
    study, _, promise = read_declared(folder)
    assert study.mark == "BLINDED"
    primary = promise.plan.primary_specification()
    (outcome,) = promise.plan.outcomes_of(primary)
    assert promise.status(primary, outcome, "primary") == "blinded"


def test_months_before_the_series_of_people_are_joined_are_refused(tmp_path: Path) -> None:
    """Clusters that are looked at as one have no months of their own."""
    folder = copied(tmp_path)
    path = folder / "plan.toml"
    before, entry, after = path.read_text("utf-8").partition('id = "first_half_2021"')
    after = after.replace('["2012-2020", "2021"]', '["2003-2020", "2021"]', 1)
    path.write_text(before + entry + after, "utf-8")
    with pytest.raises(SpecError, match="first_half_2021"):
        read_declared(folder)


def test_blocks_of_the_simulation_are_as_many_for_each_fall(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "power_of_tests.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("coefficient = [", "coefficient = [1, ", 1), "utf-8")
    with pytest.raises(SpecError, match="blocks"):
        read_simulated(folder)
    path.unlink()
    assert read_simulated(folder) is None
