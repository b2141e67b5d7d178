"""A weight that stands in one round only: what can take it, and what a plan has to say then."""

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

BOTH = 'raw = { baseline = "peso", endline = "peso" }'
LAST = 'raw = { endline = "peso" }'
ANCOVA = 'method = "ancova"\nlag = "respondent"'
PLAIN = CASES["plain"]


@pytest.fixture
def alone(spoil):
    """The small study with changes, and its weight asked at endline alone."""

    def changed(*changes: tuple[str, str]):
        for old, new in changes:
            spoil("plan.toml", old, new)
        return spoil("dictionary/tiny.toml", BOTH, LAST)

    return changed


def test_two_rounds_are_not_compared_with_the_weight_of_one(alone):
    with pytest.raises(SpecError) as caught:
        read_configuration(alone())
    assert "its weight `weight` is in endline alone" in str(caught.value)
    assert 'method = "ancova"' in str(caught.value.fix)


@pytest.mark.parametrize("method", ['method = "did"', ANCOVA])
def test_no_method_takes_the_weight_of_the_baseline_alone(spoil, method):
    spoil("plan.toml", 'method = "did"', method)
    folder = spoil("dictionary/tiny.toml", BOTH, 'raw = { baseline = "peso" }')
    with pytest.raises(SpecError, match="its weight `weight` is in baseline alone") as caught:
        read_configuration(folder)
    assert "name a weight that the last round has" in str(caught.value.fix)


def test_what_compares_two_rounds_beside_an_analysis_of_covariance_has_to_be_said(spoil):
    folder = spoil("plan.toml", 'method = "did"', ANCOVA)
    with pytest.raises(SpecError, match=r"`specification[.]did_main` is an analysis") as caught:
        read_configuration(folder)
    assert 'checks_from = "<its id>"' in str(caught.value.fix)


def test_beside_an_unweighted_comparison_the_last_rounds_weights_are_taken(alone):
    seed = 'seed_entry = "tiny"\n'
    folder = alone(
        ('method = "did"', ANCOVA),
        ("\n[balance]", PLAIN),
        (seed, f'{seed}checks_from = "did_plain"\nchecks_step = "cv1"\n'),
    )
    plan = read_configuration(folder).preregistration.plan
    assert plan.primary_specification().weights == "weight"
    assert plan.checked().primary_specification().weights == "none"
