"""What a change of the plan can move follows from the plan."""

import dataclasses
from pathlib import Path

import pytest

from evaluation.spec.configuration import read_configuration
from evaluation.spec.reach import ALL, NOTHING, of_column, of_entry

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    return read_configuration(ROOT / "config" / "somos_comunidad")


def test_an_outcome_reaches_itself_and_what_is_made_of_it(found):
    reach = of_entry("outcome.procedural_justice", found.promise.plan)
    # confidence in the police is an index of trust in them and of procedural justice
    assert reach.outcomes == {"procedural_justice", "confidence_police"}
    assert reach.holds("confidence_police", "did_panel")
    assert not reach.holds("trust_neighbours", "did_main")


def test_the_coding_of_an_item_reaches_the_outcomes_made_of_it(found):
    reach = of_entry("coding.t4_trusted", found.promise.plan)
    assert reach.outcomes == {"trust_neighbours", "neighbours_trusted"}


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("specification.did_panel", "did_panel", "did_main"),
        ("check.composition", "composition", "did_main"),
    ],
)
def test_a_secondary_specification_or_check_reaches_its_own_rows(found, entry, inside, outside):
    reach = of_entry(entry, found.promise.plan)
    assert reach.holds("trust_neighbours", inside)
    assert not reach.holds("trust_neighbours", outside)


@pytest.mark.parametrize("entry", ["inference", "standardise", "event.suspension"])
def test_settings_and_event_rules_reach_everything(found, entry):
    assert of_entry(entry, found.promise.plan) == ALL


def test_the_primary_specification_reaches_every_check(found):
    assert of_entry("specification.did_main", found.promise.plan) == ALL
    assert of_entry("balance", found.promise.plan) == NOTHING


def test_a_family_reaches_its_outcomes(found):
    reach = of_entry("family.police", found.promise.plan)
    assert "police_fast" in reach.outcomes
    assert "trust_neighbours" not in reach.outcomes


def raw(found, name: str, source: str) -> str:
    return found.dictionary.variables[name].raw[source]


def column(found, name: str, source: str = "baseline"):
    return of_column(
        raw(found, name, source),
        source,
        plan=found.promise.plan,
        study=found.study,
        dictionary=found.dictionary,
    )


def test_a_raw_column_reaches_what_is_read_from_it(found):
    assert column(found, "v9_extortion").outcomes == {"victimisation_any", "extortion"}
    assert column(found, "weight") == ALL
    # who consented is asked the rest
    assert column(found, "consent") == ALL
    # the age of respondents enters checks only
    ages = column(found, "age")
    assert ages.outcomes is None
    assert "by_age" in ages.specifications
    assert "did_main" not in ages.specifications


def test_a_column_of_another_round_reaches_nothing_there(found):
    only = dataclasses.replace(found.dictionary, variables={})
    reach = of_column(
        "b18", "baseline", plan=found.promise.plan, study=found.study, dictionary=only
    )
    assert reach == NOTHING
