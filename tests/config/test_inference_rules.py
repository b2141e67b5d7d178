"""What a plan may say about permutations and about corrections for many outcomes."""

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

KEY = 'false_discovery = "benjamini_hochberg"\n'
SECONDARY = CASES["secondary"]


def test_permutations_and_checks_are_read(spoil):
    spoil("plan.toml", 'families = ["trust"]', 'families = ["trust", "other"]')
    spoil("plan.toml", "\n[[specification]]", SECONDARY)
    folder = spoil(
        "plan.toml",
        KEY,
        KEY
        + 'permutations = 99\npermutation_strata = "times"\n'
        + 'false_discovery_check = ["sharpened_q"]\n',
    )
    settings = read_configuration(folder).preregistration.plan.inference
    assert settings.permutations == 99
    assert settings.permutation_strata == "times"
    assert settings.false_discovery_check == ("sharpened_q",)


def test_without_the_keys_nothing_is_checked_and_all_clusters_are_permuted(folder):
    settings = read_configuration(folder).preregistration.plan.inference
    assert settings.permutation_strata == ""
    assert settings.false_discovery_check == ()


@pytest.mark.parametrize(("line", "problem", "fix"), CASES["wrong"])
def test_wrong_settings_are_named(spoil, line, problem, fix):
    folder = spoil("plan.toml", KEY, KEY + line)
    with pytest.raises(SpecError) as caught:
        read_configuration(folder)
    assert problem in str(caught.value.problem)
    assert fix in str(caught.value.fix)


def test_a_check_that_stands_twice_is_refused(spoil):
    spoil("plan.toml", 'families = ["trust"]', 'families = ["trust", "other"]')
    spoil("plan.toml", "\n[[specification]]", SECONDARY)
    folder = spoil(
        "plan.toml", KEY, KEY + 'false_discovery_check = ["sharpened_q", "sharpened_q"]\n'
    )
    with pytest.raises(SpecError, match="says something twice"):
        read_configuration(folder)
