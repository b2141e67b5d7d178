"""The page on a study's files has every key that they may have, and says what may be written."""

import dataclasses
import re

from evaluation.__main__ import main
from evaluation.config.dictionary import Variable
from evaluation.config.manifest import RawFile
from evaluation.config.plan import Outcome, Specification
from evaluation.config.study import Publication, Study
from evaluation.site.program_reference import FILES, MARK, NO_KEYS, PAGE, keys
from tests.site.conftest import REPOSITORY


def test_every_key_of_the_main_tables_is_there():
    listed = set(re.findall(r"^\| `(\w+)` \|", keys(REPOSITORY), re.MULTILINE))
    for record in (Study, RawFile, Variable, Outcome, Specification, Publication):
        assert {field.name for field in dataclasses.fields(record)} - listed <= set(NO_KEYS)


def test_every_file_that_a_study_may_have_is_there(capsys):
    """Those of the studies here, and the exceptions of the search; computed files have none."""
    names = {path.name for path in REPOSITORY.glob("config/*/*.toml")} | {"audit.toml"}
    assert names - {*FILES} == {"power_of_tests.toml", "truth.toml"}
    assert main(["keys", "audit.toml"]) == 0
    assert "| `reason` | text; needed |" in capsys.readouterr().out


def test_the_command_prints_them(capsys):
    assert main(["keys"]) == 0
    assert capsys.readouterr().out == keys(REPOSITORY)
    assert main(["keys", "plan.toml"]) == 0
    said = capsys.readouterr().out
    assert "| `smallest_effect` |" in said
    assert "| `panel_share` |" in said
    assert "study.toml" not in said


def test_the_short_way_to_say_the_days_of_a_round_is_there():
    round_ = keys(REPOSITORY).partition("### `[[round]]`")[2].partition("###")[0]
    assert "| `days` | list of date | First and last day" in round_
    assert round_.index("`days`") < round_.index("`start`")


def test_types_are_said_in_words():
    made = keys(REPOSITORY)
    assert "| `weights` | text; needed | Name of a weight variable, its inverse with" in made
    assert "| `desired` | `'up'`, `'down'`, `'none'`; needed |" in made
    assert "| `title` | `{ en, es }`; needed |" in made
    # two rooms have an `Estimand`, and steps are the engine's
    assert "| `estimand` | `'equal'`, `'population'`, `'respondents'`, `'events'`; needed |" in made
    assert "| `primary_step` | `'cv1'`, `'cv3'`, `'cr2'`," in made
    assert "| `format` | whole number; else `1` |" in made
    assert not re.search(r"tuple\[|Literal\[|[|] None|:class:", made)


def test_the_page_has_a_place_for_them():
    page = REPOSITORY / "book" / "software" / PAGE
    assert page.read_text(encoding="utf-8").count(MARK) == 1
