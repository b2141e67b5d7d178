"""Declared targets and costs: what is refused, and with which fix."""

import dataclasses

import pytest

from evaluation.config.exhibits import Costs, Indicator, check_programme
from evaluation.config.toml_reader import Text, TomlFile
from evaluation.errors import SpecError
from tests.tables import cases

CASES = cases(__file__)

WORDS = Text(en="x", es="x")
TARGET = Indicator(outcome="trust", target=60.0, source=WORDS)
COSTS = Costs(
    amount=1e6, currency="COP", year=2024, residents=500, participants=500, covers=WORDS,
    source=WORDS,
)  # fmt: skip


def check(indicators=(TARGET,), costs=COSTS):
    toml = TomlFile("s/exhibits.toml")
    check_programme(indicators, costs, outcomes=("trust", "crime"), toml=toml)


@pytest.mark.parametrize("costs", [COSTS, None])
def test_targets_and_costs_that_hold_are_taken(costs):
    assert check(costs=costs) is None


@pytest.mark.parametrize(("changes", "problem"), CASES["costs"])
def test_costs_that_cannot_be_are_refused(changes, problem):
    with pytest.raises(SpecError) as caught:
        check(costs=dataclasses.replace(COSTS, **changes))
    assert str(caught.value.problem) == problem
    assert caught.value.where == "s/exhibits.toml"


@pytest.mark.parametrize(
    ("indicators", "problem"),
    [
        ((TARGET, TARGET), "indicator id `trust` appears twice"),
        ((dataclasses.replace(TARGET, outcome="trest"),), "which is not declared"),
        (
            (dataclasses.replace(TARGET, target=float("inf")),),
            "`indicator.trust.target` is no finite number",
        ),
    ],
)
def test_targets_that_cannot_be_are_refused(indicators, problem):
    with pytest.raises(SpecError) as caught:
        check(indicators=indicators)
    assert problem in str(caught.value.problem)
