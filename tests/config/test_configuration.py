"""Every wrong line of a study's configuration is one error that names file, key and fix."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.study import PART, read_study
from evaluation.config.toml_reader import Text
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

Spoil = Callable[[str, str, str], Path]
CONFIG = Path(__file__).parents[2] / "config"
NAMES = re.compile(r"[A-Z0-9][\w-]*(?: [A-Z0-9]\w*)*")

SPARE_FAMILY = """\
[[family]]
id = "spare"
label = { en = "Spare", es = "Sobra" }
question = { en = "None?", es = "¿Ninguna?" }
tier = "secondary"
correction = "none"

"""
SPARE_LIST = '[[missing]]\nid = "spare"\nrefused = ["97"]\n'
# file, text, its replacement, then what the message must name: file, key or id, fix
WRONG = CASES["wrong"]


def test_the_smallest_study_is_accepted(folder):
    configuration = read_configuration(folder)
    assert configuration.study.arms_without_any() == ("comparison",)
    assert configuration.study.arms_with("programme") == ("treated",)
    assert configuration.preregistration.plan.primary_specification().id == "did_main"


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_line_is_one_error_with_file_key_and_mend(spoil, case):
    (name, old, new), (where, key, fix) = WRONG[case]
    folder = spoil(name, old, new)
    with pytest.raises(SpecError) as caught:
        read_configuration(folder)
    assert where in caught.value.where
    assert key in str(caught.value.problem)
    assert fix in str(caught.value.fix)
    assert str(folder) not in str(caught.value), "the message says where the project lies"


@pytest.mark.parametrize("name", ["study.toml", "manifest.toml", "plan.toml", "deviations.toml"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(SpecError, match="does not exist") as caught:
        read_configuration(folder)
    assert name in caught.value.where


def test_text_in_another_encoding_is_refused(folder):
    path = folder / "study.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(SpecError, match="not UTF-8"):
        read_configuration(folder)


def test_a_folder_of_another_name_is_refused(folder):
    moved = folder.rename(folder.with_name("other"))
    with pytest.raises(SpecError) as caught:
        read_configuration(moved)
    assert "`id` is 'tiny'" in str(caught.value.problem)


def test_a_source_is_put_into_words_whole_or_part_by_part():
    pairs = (
        Text(en="a survey", es="una encuesta"),
        Text(en="A, B and C", es="A, B y C"),
        Text(en="A", es="no"),
    )
    made = dataclasses.replace(read_study(CONFIG / "medellin"), source=pairs)
    assert made.source_in("a survey, P1, x", "es") == "una encuesta, P1, x"
    assert made.source_in("A, B and C", "es") == "A, B y C"
    assert made.source_in("a survey, P1", "en") == "a survey, P1"


@pytest.mark.parametrize("name", ["medellin", "somos_comunidad"])
def test_every_source_is_in_both_languages(name):
    """What no pair puts into Spanish is a name, a year or the number of a question."""
    made = read_configuration(CONFIG / name)
    said = {variable.source for variable in made.dictionary.variables.values()}
    said |= {entry.source for entry in made.preregistration.plan.specification}
    pairs = {text.en for text in made.study.source}
    parts = {part for source in said - pairs for part in source.split(PART)} - pairs - {""}
    assert parts
    assert [part for part in sorted(parts) if not NAMES.fullmatch(part)] == []
