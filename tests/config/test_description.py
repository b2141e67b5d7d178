"""What `description.toml` may say of a programme's description, and what stops it."""

import dataclasses
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

CONFIG = Path(__file__).parents[2] / "config"
ROWS = CASES["rows"]


def read(folder: Path, text: str):
    (folder / "description.toml").write_text(text, encoding="utf-8")
    return read_configuration(folder).description


def test_a_study_without_the_file_has_no_phrases(folder):
    assert read_configuration(folder).description == ()


def test_each_phrase_has_outcomes_or_the_sentence_that_it_is_not_measured(folder):
    trust, plans = read(folder, ROWS)
    assert (trust.outcomes, trust.not_measured) == (("trust_index",), None)
    assert plans.outcomes == ()


@pytest.mark.parametrize(("old", "new", "told"), CASES["refused"])
def test_what_leaves_a_phrase_unanswered_is_refused_with_file_row_and_fix(folder, old, new, told):
    assert old in ROWS
    with pytest.raises(SpecError) as caught:
        read(folder, ROWS.replace(old, new, 1))
    text = str(caught.value)
    assert "description.toml" in text
    assert "fix:" in text
    assert all(word in text for word in told), text


# S1 to S7 of the second reading: what the activity's description names and nothing measured.
# None where the whole phrase is answered by a sentence.
NAMED = {
    "self_care": "w2b_selfcare",
    "psychosocial": "w2c_psychosocial",
    "protection": "l8_threatened",
    "prioritised_crimes": "k1_worry",
    "organisations": "o1_police",
    "dialogue": "d1_dialogue",
    "relational_policing": "p8_rating",
    "evidence_policing": None,
    "state_capacity": "p2_satisfied",
}


@pytest.mark.parametrize(("phrase", "variable"), NAMED.items())
def test_the_demonstration_answers_what_the_description_of_the_activity_names(phrase, variable):
    found = read_configuration(CONFIG / "somos_comunidad")
    row = next(p for p in found.description if p.id == phrase)
    outcomes = {o.id: o for o in found.preregistration.plan.outcome}
    made_of = {source for name in row.outcomes for source in outcomes[name].sources}
    assert variable in made_of if variable else row.not_measured is not None


def test_every_question_of_the_demonstration_is_used():
    """By an outcome, a check or table of the plan, the design, a skip rule or the release."""
    found = read_configuration(CONFIG / "somos_comunidad")
    plan, study = found.preregistration.plan, found.study
    used = {source for o in plan.outcome for source in o.sources}
    used |= {v for c in plan.check for v in c.variables}
    used |= {*plan.balance.variables, *plan.balance.attrition_variables}
    used |= {v.asked_if.variable for v in found.dictionary.variables.values() if v.asked_if}
    used |= set(dataclasses.asdict(study.columns).values())
    used |= {*study.release.drop}
    asked = {
        name
        for name, v in found.dictionary.variables.items()
        if v.question is not None and set(v.raw) & set(study.rounds)
    }
    assert asked - used == set()


@pytest.mark.parametrize("study", ["medellin", "homicides"])
def test_other_studies_have_no_description(study):
    assert read_configuration(CONFIG / study).description == ()
