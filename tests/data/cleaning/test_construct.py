"""Outcomes from items, against numbers worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation.config.plan import Item, Outcome
from evaluation.data.cleaning.outcomes import construct
from evaluation.errors import DataError
from tests.estimation import studies

NAN = float("nan")
# Twelve significant digits are left after a handful of sums of numbers near one.
ROUNDING = 1e-12


def study(weight: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        columns=SimpleNamespace(arm="arm", weight=weight),
        rounds=("baseline", "endline"),
        arms_without_any=lambda: ("comparison",),
    )


def outcome(name: str, function: str, *items: str | Item, minimum: int = 1, **more) -> Outcome:
    named = tuple(i if isinstance(i, Item) else Item(name=i) for i in items)
    return studies.outcome(
        name, family="f", function=function, items=named, minimum_items=minimum, **more
    )


def made(frame: pd.DataFrame, *outcomes: Outcome, weight: str | None = None):
    return construct(frame, SimpleNamespace(outcome=outcomes), study(weight))


ITEMS = pd.DataFrame(
    {
        "a": [1.0, 0.0, NAN, NAN, 3.0],
        "b": [0.0, 0.0, 0.0, NAN, 1.0],
        "c": [NAN, 0.0, 1.0, NAN, 2.0],
    }
)


@pytest.mark.parametrize(
    ("made_by", "expected"),
    [
        (outcome("y", "value", "a"), [1, 0, NAN, NAN, 3]),
        (outcome("y", "value", Item(name="a", sign=-1)), [-1, 0, NAN, NAN, -3]),
        (outcome("y", "mean", "a", "b", "c", minimum=2), [0.5, 0, 0.5, NAN, 2]),
        (outcome("y", "mean", "a", "b", "c", minimum=3), [NAN, 0, NAN, NAN, 2]),
        (outcome("y", "sum", "a", "b", "c"), [1, 0, 1, NAN, 6]),
        (outcome("y", "any", "a", "b", "c", scale=100.0), [100, 0, 100, NAN, 100]),
        # two of three items are enough, and none of them is one
        (outcome("y", "any", "b", "c", minimum=1), [0, 0, 1, NAN, 1]),
        (outcome("y", "at_least", "a", threshold=1.0), [1, 0, NAN, NAN, 1]),
        (outcome("y", "at_most", "a", threshold=1.0, scale=100.0), [100, 100, NAN, NAN, 0]),
    ],
)
def test_a_function_by_hand(made_by, expected):
    frame, weights = made(ITEMS, made_by)
    np.testing.assert_array_equal(frame["y"], expected)
    assert len(weights) == 0


def test_an_item_may_be_an_earlier_outcome():
    frame, _ = made(
        ITEMS, outcome("m", "mean", "a", "b"), outcome("y", "at_least", "m", threshold=0.5)
    )
    np.testing.assert_array_equal(frame["y"], [1, 0, 0, NAN, 1])


def test_only_outcomes_whose_items_are_there_are_made_and_the_input_is_left_alone():
    before = ITEMS.copy()
    frame, _ = made(ITEMS, outcome("y", "value", "a"), outcome("z", "value", "elsewhere"))
    assert list(frame.columns) == ["a", "b", "c", "y"]
    pd.testing.assert_frame_equal(ITEMS, before)


def test_a_chosen_outcome_brings_what_it_is_made_of():
    plan = SimpleNamespace(
        outcome=(
            outcome("m", "mean", "a", "b"),
            outcome("other", "value", "a"),
            outcome("y", "value", "m"),
        )
    )
    frame, _ = construct(ITEMS, plan, study(), outcomes=("y",))
    assert list(frame.columns) == ["a", "b", "c", "m", "y"]


def design(x: list[float], y: list[float], **more: list) -> pd.DataFrame:
    """Baseline comparison rows with the items, and endline treated rows appended by the caller."""
    n = len(x)
    return pd.DataFrame(
        {"round": ["baseline"] * n, "arm": ["comparison"] * n, "x": x, "y": y} | more
    )


def test_an_index_of_unrelated_items_by_hand():
    # x and y have mean 1, SD 1 and no covariance in the comparison group: weights 1 and 1.
    # Mean z is -1, 0, 0, 1 there, with SD sqrt(1/2).
    frame = design([0, 0, 2, 2], [0, 2, 0, 2])
    late = pd.DataFrame(
        {
            "round": ["endline", "endline", "endline", "baseline"],
            "arm": ["treated", "treated", "comparison", "treated"],
            "x": [3.0, 3.0, NAN, 9.0],
            "y": [1.0, NAN, NAN, 9.0],
        }
    )
    got, weights = made(
        pd.concat([frame, late], ignore_index=True), outcome("i", "index", "x", "y")
    )
    root = np.sqrt(2)
    # (3, 1): z = (2, 0), mean 1; (3, -): z = 2 alone; (9, 9): z = (8, 8)
    expected = [-root, 0, 0, root, root, 2 * root, NAN, 8 * root]
    np.testing.assert_allclose(got["i"], expected, atol=ROUNDING)
    np.testing.assert_allclose(weights["weight"], [1, 1], atol=ROUNDING)
    np.testing.assert_allclose(weights["score_sd"], 1 / root, atol=ROUNDING)


def test_index_weights_are_row_sums_of_the_inverse_covariance():
    # x, y, z are -1 or 1; rows where x = y weigh 3, so that the weighted correlation of x and y is
    # (3 - 1) / (3 + 1) = 1/2 and z is unrelated. Inverse of [[1, r], [r, 1]] has row sums
    # 1 / (1 + r) = 2/3; z gets 1.
    signs = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    frame = pd.DataFrame(signs, columns=["x", "y", "z"], dtype=float)
    frame = frame.assign(round="baseline", arm="comparison", weight=1 + 2.0 * (frame.x == frame.y))
    got, weights = made(frame, outcome("i", "index", "x", "y", "z"), weight="weight")
    np.testing.assert_allclose(weights["weight"], [2 / 3, 2 / 3, 1], atol=ROUNDING)
    share = frame["weight"] / frame["weight"].sum()
    np.testing.assert_allclose(share @ got["i"], 0, atol=ROUNDING)
    np.testing.assert_allclose(share @ got["i"] ** 2, 1, atol=ROUNDING)


def test_an_item_with_a_negative_sign_is_turned():
    frame = design([0, 0, 2, 2], [0, 2, 0, 2])
    turned = frame.assign(y=-frame["y"])
    plain, _ = made(frame, outcome("i", "index", "x", "y"))
    signed, weights = made(turned, outcome("i", "index", "x", Item(name="y", sign=-1)))
    np.testing.assert_allclose(signed["i"], plain["i"], atol=ROUNDING)
    assert weights["sign"].tolist() == [1, -1]


def test_the_index_does_not_look_beyond_the_baseline_comparison_group():
    frame = design([0, 0, 2, 2], [0, 2, 0, 2])
    other = frame.assign(arm="treated", x=[5.0, 9, 1, 7], y=[3.0, 3, 8, 1])
    later = frame.assign(round="endline", x=[5.0, 9, 1, 7])
    one, first = made(frame, outcome("i", "index", "x", "y"))
    rows = pd.concat([frame, other, later], ignore_index=True)
    three, second = made(rows, outcome("i", "index", "x", "y"))
    np.testing.assert_array_equal(three["i"].iloc[:4], one["i"])
    pd.testing.assert_frame_equal(first, second)


def test_a_score_needs_its_minimum_of_items():
    frame = design([0, 0, 2, 2, NAN], [0, 2, 0, 2, 1])
    got, _ = made(frame, outcome("i", "index", "x", "y", minimum=2))
    assert np.isfinite(got["i"]).tolist() == [True, True, True, True, False]


def test_weights_are_ones_where_no_weight_is_observed_at_baseline():
    frame = design([0, 0, 2, 2], [0, 2, 0, 2], weight=[NAN] * 4)
    got, _ = made(frame, outcome("i", "index", "x", "y"), weight="weight")
    plain, _ = made(frame, outcome("i", "index", "x", "y"))
    np.testing.assert_array_equal(got["i"], plain["i"])


def test_a_negative_index_weight_stops_and_names_the_item():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 200))
    frame = design(list(x), list(y), z=list(x + y + 0.3 * rng.normal(size=200)))
    with pytest.raises(DataError, match="item `z` gets a negative index weight"):
        made(frame, outcome("i", "index", "x", "y", "z"))


@pytest.mark.parametrize(
    ("frame", "made_by", "problem"),
    [
        (design([1, 1, 1, 1], [0, 2, 0, 2]), outcome("i", "index", "x", "y"), "does not vary"),
        (design([0, 0, 2, 2], [NAN] * 4), outcome("i", "index", "x", "y"), "does not vary"),
        (design([0, 0, 2, 2], [0, 0, 2, 2]), outcome("i", "index", "x", "y"), "linear"),
        (ITEMS, outcome("i", "index", "a", "b"), "baseline comparison group"),
        (ITEMS.assign(a="text"), outcome("y", "value", "a"), "not numeric"),
        (ITEMS, outcome("y", "value", "a", "b"), "one item"),
        (ITEMS, outcome("y", "any", Item(name="a", sign=-1)), "no negative sign"),
        (-ITEMS, outcome("y", "any", "a"), "0, 1 or counts"),
        (ITEMS, outcome("a", "value", "b"), "name of a variable"),
    ],
)
def test_what_cannot_be_made_is_an_error(frame, made_by, problem):
    with pytest.raises(DataError, match=problem):
        made(frame, made_by)
