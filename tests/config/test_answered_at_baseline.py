"""The sample of people with a baseline answer: only a model that uses their own answers has it."""

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

ENTRY = CASES["entry"]
OWN = 'lag = "respondent"'


def written(spoil, **choices):
    choices = {"method": "ancova", "estimand": "respondents", "lag": OWN, **choices}
    return spoil("plan.toml", "[balance]", ENTRY.format(**choices))


def test_it_is_read_where_own_answers_are_used(spoil):
    plan = read_configuration(written(spoil)).preregistration.plan
    assert plan.specification[-1].sample == "baseline_answered"


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "did", "lag": ""},
        {"lag": 'lag = "cluster_mean"'},
        # scaled before the others are left out
        {"estimand": "equal"},
    ],
)
def test_it_is_refused_elsewhere(spoil, wrong):
    folder = written(spoil, **wrong)
    with pytest.raises(SpecError) as refused:
        read_configuration(folder)
    assert refused.value.problem.id == "answered-misfit.problem"
