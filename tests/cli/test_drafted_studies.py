"""Studies that an earlier version drafted and estimated give the same numbers today.

Source: ``tests/fixtures/drafted``, drafted, decided, locked and estimated once by the commit that
``expected.json`` names; its README says how. Relative 1e-9: another order of floating-point sums
moves the twelfth digit, another sample, weight or formula the fourth.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evaluation.__main__ import main
from evaluation.config import file_format
from evaluation.config.configuration import problems

DRAFTED = Path(__file__).resolve().parents[1] / "fixtures" / "drafted"
EXPECTED = json.loads((DRAFTED / "expected.json").read_text(encoding="utf-8"))
STUDIES = ("two_files", "form", "three_arms")
# what names an estimate within its study, and the numbers that are compared
NAMED = ["outcome", "specification", "estimand", "sample", "treatment", "step"]
NUMBERS = ["estimate", "std_error", "n"]


def placed(study: str, folder: Path) -> Path:
    """Configuration and delivered files of a study below a folder, as its author has them."""
    shutil.copytree(DRAFTED / study, folder, dirs_exist_ok=True)
    return folder / "config" / study


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def expected(study: str) -> pd.DataFrame:
    """What the earlier version estimated, with what an erratum says in place of a number."""
    table = pd.DataFrame([row for row in EXPECTED["estimates"] if row["study"] == study])
    table = table.set_index(NAMED)[NUMBERS]
    for erratum in EXPECTED["errata"]:
        if erratum["study"] == study:
            key = tuple(erratum[name] for name in NAMED)
            assert table.loc[key, erratum["number"]] == erratum["before"]
            assert erratum["reason"]
            table.loc[key, erratum["number"]] = erratum["after"]
    return table


@pytest.mark.parametrize("study", STUDIES)
def test_estimates_are_those_of_the_version_that_drafted_the_study(
    study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = placed(study, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert problems(config) == ()
    for stage in ("read", "clean", "estimate"):
        assert main([stage, "--study", study, "--data-raw", "raw"]) == 0
    found = pd.read_csv(f"build/{study}/estimates.csv").set_index(NAMED)[NUMBERS]
    then = expected(study)
    assert not found.index.has_duplicates
    assert sorted(found.index) == sorted(then.index)
    assert found["n"].to_dict() == then["n"].to_dict()
    for number in ("estimate", "std_error"):
        assert found[number].to_dict() == pytest.approx(then[number].to_dict(), rel=1e-9, abs=0.0)


def test_every_outcome_of_the_plans_is_among_the_numbers() -> None:
    """Eleven outcomes, of all construction functions but `by_priority`, which came later."""
    rows: list[dict[str, Any]] = EXPECTED["estimates"]
    assert len(rows) == 93
    assert len({(row["study"], row["outcome"]) for row in rows}) == 11
    assert {row["study"] for row in rows} == {*STUDIES}


def test_the_studies_are_marked_as_invented() -> None:
    for study in STUDIES:
        text = (DRAFTED / study / "config" / study / "study.toml").read_text(encoding="utf-8")
        assert "\n# SYNTHETIC: " in text
        assert "\nsynthetic = true\n" in text


def test_a_study_without_a_format_is_of_the_first(tmp_path: Path) -> None:
    config = placed("form", tmp_path)
    assert "\nformat = " not in (config / "study.toml").read_text(encoding="utf-8")
    spoil(config / "study.toml", 'id = "form"', 'format = 1\nid = "form"')
    assert problems(config) == ()


def test_a_study_of_a_newer_program_is_one_error_whatever_else_it_has(tmp_path: Path) -> None:
    config, newer = placed("form", tmp_path), file_format.FORMAT + 1
    spoil(config / "study.toml", 'id = "form"', f'format = {newer}\nid = "form"\nunheard_of = 1')
    spoil(config / "plan.toml", "draws = 999", "draws = 999\nunheard_of = 2")
    spoil(config / "study.toml", 'respondent = "person"', "respondent = 'DECIDE: which? | \"id\"'")
    (found,) = problems(config)
    assert found.where == "form/study.toml"
    assert found.problem.text("en") == (
        f"`format` is {newer}, and this program reads formats up to {file_format.FORMAT}"
    )
    assert "update the program" in found.fix.text("en")


@pytest.mark.parametrize(
    ("written", "said"),
    [("0", "`format` is 0"), ("true", "a whole number"), ('"1"', "a whole number")],
)
def test_a_format_that_no_program_has_written_is_refused(
    tmp_path: Path, written: str, said: str
) -> None:
    config = placed("form", tmp_path)
    spoil(config / "study.toml", 'id = "form"', f'format = {written}\nid = "form"')
    (found,) = problems(config)
    assert said in found.problem.text("en")
