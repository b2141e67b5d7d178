"""What may be declared of a study of type panel."""

import re
import shutil
from pathlib import Path

import pytest

from evaluation.config.declared import check_design, read_files
from evaluation.config.study import read_study
from evaluation.config.toml_reader import TomlFile
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "homicides", tmp_path / "homicides")
    return tmp_path / "homicides"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_study_reads(folder):
    study, manifest, dictionary = read_files(folder)
    assert study.type == "panel"
    assert study.panel is not None
    assert study.round == ()
    assert list(study.panel.years) == list(range(2003, 2025))
    assert len(manifest.with_role("events")) == 15
    assert manifest.layouts[:2] == ("named", "coded")
    assert manifest.folders == ("police_homicides", "colombia_municipalities")
    assert [v.name for v in dictionary.in_source("population_2003")] == [
        "municipality", "year", "population",
    ]  # fmt: skip
    check_design(study, dictionary, TomlFile("study.toml"))


@pytest.mark.parametrize(("file", "old", "new", "said"), CASES["refused"])
def test_what_is_refused(folder, file, old, new, said):
    edit(folder, file, old, new)
    with pytest.raises(SpecError) as caught:
        read_files(folder)
    assert re.search(said, str(caught.value)), str(caught.value)
    assert file in str(caught.value.where)


def test_rounds_and_respondents_are_a_surveys(folder):
    edit(
        folder,
        "study.toml",
        'cluster = "municipality"',
        'cluster = "municipality"\nrespondent = "x"',
    )
    with pytest.raises(SpecError, match="neither rounds nor respondents"):
        read_study(folder)


def test_a_panel_without_its_table(folder):
    path = folder / "study.toml"
    text = path.read_text("utf-8")
    start, end = text.index("[panel]"), text.index("[[event]]")
    path.write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(SpecError, match="panel"):
        read_study(folder)


def test_a_survey_has_respondents_and_none_of_a_panels_files(tmp_path):
    folder = tmp_path / "medellin"
    shutil.copytree(CONFIG / "medellin", folder)
    edit(folder, "manifest.toml", 'role = "published"', 'role = "events"')
    with pytest.raises(SpecError, match="belongs to studies of type panel"):
        read_files(folder)
    edit(folder, "study.toml", 'respondent = "respondent"\n', "")
    with pytest.raises(SpecError, match=r"columns\.respondent"):
        read_study(folder)
