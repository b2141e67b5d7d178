"""The table of sensitive items: numbers by hand, and what must not become a number."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.release.public_file import sensitive_table
from tests.release.test_release import study

RULES = study().release


def rows(said, other=None):
    """One round, one place each for two arms; arm t says ``said``, arm c ``other`` or the same."""
    other = said if other is None else other
    return pd.DataFrame(
        {
            "place": ["1"] * len(said) + ["2"] * len(other),
            "arm": ["t"] * len(said) + ["c"] * len(other),
            "round": "b",
            "weight": 1.0,
            "item": [*said, *other],
        }
    )


def numbers(table, items=("item",), **rules):
    found, shown = sensitive_table(table, items, study(release=replace(RULES, **rules)))
    return [tuple(row) for row in found.to_numpy()], shown


TEN = [0.0] * 20 + [1.0] * 10


@pytest.mark.truth
def test_percentages_and_means_by_hand():
    # 10 of 30, 20 of 40
    found, shown = numbers(rows(TEN, [0.0] * 20 + [1.0] * 20))
    assert found == [
        ("item", "b", "t", "percent", 33.3, 30),
        ("item", "b", "c", "percent", 50.0, 40),
    ]
    assert shown == ("item",)
    hundred = [100.0 * v for v in TEN]
    assert numbers(rows(hundred))[0][0] == ("item", "b", "t", "percent", 33.3, 30)
    # 20 threes and 10 fours: 100 / 30
    assert numbers(rows([v + 3 for v in TEN]))[0][0] == ("item", "b", "t", "mean", 3.33, 30)


@pytest.mark.truth
def test_every_place_counts_the_same():
    # arm t: place 1 of 30 people, none says yes but 10; place 3 of 10 heavy people, all say yes
    table = rows(TEN)
    more = rows([1.0] * 10, []).assign(place="3", weight=50.0)
    found, _ = numbers(pd.concat([table, more], ignore_index=True))
    # weights are one each: 20 of 40
    assert found[0] == ("item", "b", "t", "percent", 50.0, 40)
    # within a place they count: yes at weight 2, no at 1: 20 of 40
    table["weight"] = 1.0 + table["item"]
    assert numbers(table)[0][0][4] == 50.0


def test_rounds_and_arms_stand_in_the_order_of_the_study_and_items_in_theirs():
    table = pd.concat([rows(TEN).assign(round="e"), rows(TEN)], ignore_index=True)
    table = table.assign(another=table["item"])
    found, shown = numbers(table, items=("item", "another"))
    order = [("b", "t"), ("b", "c"), ("e", "t"), ("e", "c")]
    assert [row[:3] for row in found] == [(i, *o) for i in ("item", "another") for o in order]
    assert shown == ("item", "another")


@pytest.mark.parametrize(
    "other",
    [
        TEN[1:],  # 29 respondents
        [*TEN[1:], np.nan],  # 29 of 30 answered
        [0.0] * 40,  # 0%
        [1.0] * 40,  # 100%
        [0.0] * 40 + [1.0] * 4,  # four who answered otherwise than most
        [1.0] * 40 + [0.0] * 4,
        [0.0] * 19_995 + [1.0] * 5,  # shows as 0.0%
        [1.0] * 19_995 + [0.0] * 5,
    ],
)
def test_an_item_of_which_one_number_fails_is_left_out_as_a_whole(other):
    assert numbers(rows(TEN, other)) == ([], ())
    # also when the number that fails is the first
    assert numbers(rows(other, TEN)) == ([], ())


def test_the_limits_themselves_are_enough():
    # 30 respondents of whom five answered otherwise
    assert numbers(rows([0.0] * 25 + [1.0] * 5))[0][0][4:] == (16.7, 30)
    assert numbers(rows([0.0] * 25 + [1.0] * 5), k=6) == ([], ())
    # three answers are asked for
    assert numbers(rows(TEN), l=3) == ([], ())
    assert numbers(rows([*TEN, *[2.0] * 9]), l=3)[1] == ("item",)


def test_who_was_not_asked_has_no_number():
    found, shown = numbers(rows(TEN, [np.nan] * 30))
    assert [row[2] for row in found] == ["t"]
    assert shown == ("item",)
    assert numbers(rows([np.nan] * 30)) == ([], ())


def test_a_mean_that_shows_as_the_lowest_possible_is_left_out():
    # 19,995 ones and five of 2 or 3: 1.0003, shown as 1.00
    low = [1.0] * 19_995 + [2.0] * 4 + [3.0]
    assert numbers(rows([v + 1 for v in TEN], low)) == ([], ())
    assert numbers(rows([4.0 - v for v in low], [4.0 - v for v in low])) == ([], ())


def test_a_missing_weight_counts_nothing():
    table = rows([*TEN, 1.0], TEN)
    table.loc[30, "weight"] = np.nan
    # 31 respondents, rounded to tens
    assert numbers(table)[0][0] == ("item", "b", "t", "percent", 33.3, 30)
