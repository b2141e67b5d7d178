"""What may be declared of a study of type panel."""

import re
import shutil
from pathlib import Path

import pytest

from evaluation.errors import SpecError
from evaluation.study.declared import check_design, read_files
from evaluation.study.study import read_study
from evaluation.study.toml_reader import TomlFile

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


def test_the_study_reads(folder: Path) -> None:
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


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("study.toml", 'type = "panel"\n', "", r"a survey study has no table"),
        ("study.toml", "last = 2024", "last = 2001", r"not in order"),
        ("study.toml", "most_unplaced = 0.001", "most_unplaced = 1.5", r"no share"),
        ("study.toml", 'code = "settlement"', 'code = "setlement"', r"`settlement`|setlement"),
        ("study.toml", 'arm = "treated"\nothers', 'arm = "treeted"\nothers', r"treeted"),
        ("study.toml", "years = [2011]", "years = [1999]", r"outside the panel"),
        ("study.toml", '["23466", "23682"]', '["23466"]', r"fewer than two"),
        ("study.toml", 'main = "population_2012"', 'main = "population_2013"', r"population_2013"),
        ("manifest.toml", "years = [2012, 2012]", "years = [2011, 2011]", r"both cover 2011"),
        ("manifest.toml", "years = [2012, 2012]", "years = [2025, 2025]", r"covers 2012"),
        ("manifest.toml", "years = [2012, 2012]\n", "", r"does not say which years"),
        ("manifest.toml", 'path = "police_homicides/homicidios_2011', 'path = "x/h', r"`folders`"),
        ("manifest.toml", 'role = "treated"', 'role = "facts"', r"0 files have the role `treated`"),
        ("manifest.toml", ', summed = "CANTIDAD"', "", r"without the other"),
        ("manifest.toml", 'head = ["DEPARTAMENTO", "MUNICIPIO"]', "head = []", r"names no column"),
        ("manifest.toml", 'folders = ["police', 'folders = ["../police', r"leaves|outside"),
    ],
)
def test_what_is_refused(folder: Path, file: str, old: str, new: str, said: str) -> None:
    edit(folder, file, old, new)
    with pytest.raises(SpecError) as caught:
        read_files(folder)
    assert re.search(said, str(caught.value)), str(caught.value)
    assert file in str(caught.value.where)


def test_rounds_and_respondents_are_a_surveys(folder: Path) -> None:
    edit(
        folder,
        "study.toml",
        'cluster = "municipality"',
        'cluster = "municipality"\nrespondent = "x"',
    )
    with pytest.raises(SpecError, match="neither rounds nor respondents"):
        read_study(folder)


def test_a_panel_without_its_table(folder: Path) -> None:
    path = folder / "study.toml"
    text = path.read_text("utf-8")
    start, end = text.index("[panel]"), text.index("[[event]]")
    path.write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(SpecError, match="panel"):
        read_study(folder)


def test_a_survey_has_respondents_and_none_of_a_panels_files(tmp_path: Path) -> None:
    folder = tmp_path / "medellin"
    shutil.copytree(CONFIG / "medellin", folder)
    edit(folder, "manifest.toml", 'role = "published"', 'role = "events"')
    with pytest.raises(SpecError, match="belongs to studies of type panel"):
        read_files(folder)
    edit(folder, "study.toml", 'respondent = "respondent"\n', "")
    with pytest.raises(SpecError, match=r"columns\.respondent"):
        read_study(folder)
