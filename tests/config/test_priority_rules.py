"""Outcomes by priority and families that join later: what a plan may not say of them."""

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError

PLAIN = 'function = "any"\nitems = [{ name = "victim" }]'
PRIORITY = 'function = "by_priority"\nitems = [{{ name = "victim"{answer} }}]{by}'
BY = '\nweighted_by = "trust"'


@pytest.mark.parametrize(
    ("answer", "by", "told"),
    [
        ("", BY, "by_priority"),
        (', answer = "1.0"', "", "by_priority"),
        (', answer = "1.0"', '\nweighted_by = "trest"', "trust"),
        (', answer = "theft"', BY, "theft"),
    ],
)
def test_each_item_is_an_answer_to_a_question_of_the_dictionary(spoil, folder, answer, by, told):
    spoil("plan.toml", PLAIN, PRIORITY.format(answer=answer, by=by))
    with pytest.raises(SpecError) as caught:
        read_configuration(folder)
    assert "outcome.victim_pp" in str(caught.value)
    assert told in str(caught.value)


def test_other_functions_have_no_priorities(spoil, folder):
    spoil("plan.toml", PLAIN, PLAIN + BY)
    with pytest.raises(SpecError, match="by_priority"):
        read_configuration(folder)


def test_a_family_joins_a_specification_that_is_there(spoil, folder):
    spoil("plan.toml", 'correction = "family_wise"', 'correction = "family_wise"\njoins = "did"')
    with pytest.raises(SpecError, match=r"family\.trust\.joins"):
        read_configuration(folder)
