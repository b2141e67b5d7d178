"""What a release's records hold of few people or places that its tables do not count."""

import dataclasses

import pytest

from evaluation.cli.release_counts import blanked, hidden_counts, hidden_sizes
from evaluation.spec.plan import Check, Group
from tests.report import check_examples as made
from tests.report import examples

TRUST = examples.OUTCOMES[0]
CHECK = Check(
    id="by_group",
    kind="subgroup",
    label=examples.both("By group"),
    answers=examples.both("For whom."),
    theme="for whom",
    variables=("q2",),
    known="descriptive",
    groups=(Group(id="a", label=examples.both("A"), low=0),),
)
PLAN = dataclasses.replace(examples.PLAN, check=(CHECK,))
MAIN = tuple(e for e in examples.records().estimates if e.outcome == TRUST.id)


def sizes(treated, comparison, check=CHECK):
    row = made.of_check(
        TRUST, check, "a", n_clusters_treated=treated, n_clusters_comparison=comparison
    )
    return hidden_sizes((row,), MAIN, plan=PLAN, study=examples.STUDY).get(
        (TRUST.id, check.id, "a"), ()
    )


def count(name, value, sample="a"):
    return made.diagnostic(TRUST, CHECK, name, value, sample=sample)


@pytest.mark.parametrize(
    ("treated", "comparison", "fields"),
    [
        (35, 33, ("n_clusters_comparison", "df")),
        (32, 34, ("n_clusters_comparison", "df")),
        (34, 33, ("n_clusters_treated", "n_clusters_comparison", "df")),
        (32, 35, ()),
        (35, 35, ()),
    ],
)
def test_one_or_two_places_without_a_group_are_not_in_the_sizes(treated, comparison, fields):
    assert sizes(treated, comparison) == fields


def test_sizes_of_other_checks_stay():
    assert sizes(35, 33, dataclasses.replace(CHECK, id="other")) == ()


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("clusters_without_group", 2.0, True),
        ("clusters_without_group", 3.0, False),
        ("clusters_left_out_comparison", 1.0, True),
        ("clusters_left_out_comparison", 0.0, False),
        ("interviews_left_out_treated", 9.0, True),
        ("interviews_left_out_treated", 10.0, False),
        ("rows_without_control", 4.0, True),
        ("p_check", 0.5, False),
    ],
)
def test_few_are_not_counted(name, value, hidden):
    assert hidden_counts((count(name, value),), {}, study=examples.STUDY) == [hidden]


def test_a_sum_goes_with_its_part():
    place = (TRUST.id, CHECK.id, "a")
    found = hidden_counts(
        (count("clusters_without_group", 4.0),), {place: ("df",)}, study=examples.STUDY
    )
    assert found == [True]


def test_the_other_ring_would_give_a_small_one_away():
    """33 of 35 border a treated one: the rest are 2. Rings by distance stand for themselves."""
    rings = {"ring:bordering": 33.0, "ring:effect": 2.0, "ring:0-20": 11.0, "beyond:40": 24.0}
    counts = tuple(count("comparison_clusters", n, sample) for sample, n in rings.items())
    assert hidden_counts(counts, {}, study=examples.STUDY) == [True, True, False, False]


def test_only_the_named_fields_are_withheld():
    assert blanked(b"a,b\n1,2\n3,4\n", [(), ("b",)]) == b"a,b\n1,2\n3,nan\n"
    assert blanked(b"a,b\r\n1,2\r\n", [()]) == b"a,b\r\n1,2\r\n"
