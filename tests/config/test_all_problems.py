"""All that is wrong in a study's configuration is told at once, and within a second."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.config.check_kinds import KINDS, SHOWN_BY
from evaluation.config.configuration import problems
from evaluation.config.exhibits import FIGURES, TABLES
from evaluation.data.cleaning.ledger import parse_ledger
from evaluation.errors import DataError
from evaluation.storage import disk
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).resolve().parents[2]
STUDY = "somos_comunidad"
# file, what stands there, what stands there then, and what the error names
SIX = CASES["six"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(ROOT / "config" / STUDY, Path("config") / STUDY))


def spoil(config: Path, file: str, old: str, new: str) -> None:
    path = config / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("study", [STUDY, "medellin", "homicides"])
def test_nothing_is_wrong_in_the_studies(study):
    assert problems(ROOT / "config" / study) == ()


def test_six_mistakes_in_six_files_are_told_together_within_a_second(config):
    """A second on this machine, the interpreter's start counted; the library of numbers is not."""
    for file, old, new, _ in SIX:
        spoil(config, file, old, new)
    command = [sys.executable, "-m", "evaluation", "configuration", "--study", STUDY]
    begin = os.times().children_user
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    taken = os.times().children_user - begin
    assert done.returncode == 1
    for file, *_, named in SIX:
        assert re.search(rf"{re.escape(file)}.*{named}", done.stderr), (file, done.stderr)
    assert taken < 1.0


def test_one_mistake_is_told_as_one(config):
    spoil(config, "exhibits.toml", 'builder = "spillover"', 'builder = "spilover"')
    (found,) = problems(config)
    assert "spilover" in str(found)


def test_all_open_decisions_of_all_files_are_told(config):
    spoil(config, "study.toml", "\nsynthetic = true", "\nsynthetic = 'DECIDE: invented? | yes'")
    spoil(config, "plan.toml", "draws = 99999", "draws = 'DECIDE: how many? | 999'")
    spoil(config, "plan.toml", "level = 0.95", "level = 'DECIDE: which? | 0.95'")
    found = problems(config)
    assert [error.rule for error in found].count("decision") == 3
    assert [error.rule for error in found] == ["decision"] * 3


def test_an_exhibit_that_shows_no_check_is_told_before_any_stage(config):
    """It stopped the sixth of nine stages."""
    text = (config / "plan.toml").read_text(encoding="utf-8")
    kept = re.sub(
        r'\[\[check\]\]\nid = "conditioning"\n(?:(?!\n\n).)*\n\n', "", text, flags=re.DOTALL
    )
    assert kept != text
    (config / "plan.toml").write_text(kept, encoding="utf-8")
    assert any("conditioning" in str(error.problem) for error in problems(config))


def test_exhibits_of_checks_name_builders_and_kinds_that_there_are():
    assert set(SHOWN_BY) <= {*TABLES, *FIGURES}
    assert {kind for kinds in SHOWN_BY.values() for kind in kinds} <= set(KINDS)


def test_an_entry_that_cannot_be_read_does_not_hide_the_others(config):
    spoil(config, "dictionary/01_interview.toml", "\ntype = ", "\ntype = 5 # ")
    spoil(config, "study.toml", "\n[columns]\n", "\nsynthetics = true\n\n[columns]\n")
    spoil(config, "exhibits.toml", "\nplace = ", "\nplace = 5 # ")
    said = " ".join(str(error) for error in problems(config))
    assert all(name in said for name in ("01_interview.toml", "synthetics", "exhibits.toml"))


@pytest.mark.parametrize("written", ["\u202e", "\\u2067", "\u2066"])
def test_a_mark_that_turns_the_direction_of_a_title_or_of_a_file_is_refused(config, written):
    spoil(config, "exhibits.toml", 'en = "', f'en = "{written}')
    spoil(config, "manifest.toml", 'path = "', f'path = "{written}')
    found = problems(config)
    assert {error.problem.id for error in found} == {"direction-mark.problem"}
    assert {str(error.where).rpartition("/")[2] for error in found} == {
        "manifest.toml",
        "exhibits.toml",
    }


@pytest.mark.parametrize("opened", ["[", "{ a = "])
def test_brackets_without_end_are_one_error(config, opened):
    spoil(config, "plan.toml", "draws = 99999", f"draws = {opened * 100_000}")
    (found,) = problems(config)
    assert found.problem.id == "toml-nested.problem"


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> branch"])
def test_marks_of_git_are_named_as_such(config, mark):
    spoil(config, "plan.toml", "draws = 99999", f"{mark}\ndraws = 99999")
    (found,) = problems(config)
    assert found.problem.id == "conflict-marker.problem"
    (config / "corrections.csv").write_text(
        disk.read_text(config / "corrections.csv").partition("\n")[0] + f"\n{mark}\n", "utf-8"
    )
    with pytest.raises(DataError) as caught:
        parse_ledger(disk.read_text(config / "corrections.csv"), "corrections.csv")
    assert caught.value.problem.id == "conflict-marker.problem"
