"""Silent items at their extremes: by hand, by brute force, and on the demonstration survey."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Item
from evaluation.data.cleaning.alternative_outcomes import alternatives, extremes
from evaluation.data.cleaning.outcomes import construct
from tests.data.cleaning.test_recode import DICTIONARY, check, outcome, variable
from tests.estimation.studies import STUDY, preregistration

NAN = float("nan")
# Sums of a handful of numbers near one.
ROUNDING = 1e-12
KIND = "nonresponse"
COUNTS = {"n": variable("n", "count", None), "bound": variable("bound", "count", None)}
RANGED = {"bound": dataclasses.replace(COUNTS["bound"], range=(0.0, 6.0)), "n": COUNTS["n"]}
WIDE = Dictionary(modules=(), variables={**DICTIONARY.variables, **RANGED}, codes=DICTIONARY.codes)


def rows(**columns):
    """One row per value, half comparison at baseline and half treated at endline."""
    table = pd.DataFrame({k: np.asarray(v) for k, v in columns.items()})
    half = len(table) // 2
    rest = len(table) - half
    return table.assign(
        round=["baseline"] * half + ["endline"] * rest,
        arm=["comparison"] * half + ["treated"] * rest,
        weight=1.0,
    )


def ends(table, *outcomes, dictionary=WIDE):
    plan = dataclasses.replace(preregistration().plan, outcome=outcomes)
    one = dataclasses.replace(check(KIND), outcomes=(outcomes[-1].id,))
    made = extremes(table, one, plan=plan, study=STUDY, dictionary=dictionary)
    name = outcomes[-1].id
    return made[f"{name}__other_least"].tolist(), made[f"{name}__other_most"].tolist()


def silent(values, *at, kind="refused"):
    reasons = np.array([None] * len(values), dtype=object)
    for i in at:
        reasons[i] = kind
    return reasons


@pytest.mark.truth
def test_of_any_only_rows_without_a_yes_are_open_by_hand():
    """A yes settles it; a refusal beside a no may hide a yes; who was not asked stays out."""
    table = rows(
        c=[1.0, 0.0, NAN, NAN, NAN, 0.0],
        c__missing=["", "", "refused", "dont_know", "not_asked", ""],
        d=[NAN, NAN, 0.0, 1.0, NAN, 0.0],
        d__missing=["refused", "dont_know", "", "", "not_asked", ""],
    )
    listed = {**WIDE.variables, "d": dataclasses.replace(WIDE.variables["c"], name="d")}
    least, most = ends(
        table,
        outcome("y", "any", "c", "d", minimum=2, scale=100.0, unit="percentage points"),
        dictionary=dataclasses.replace(WIDE, variables=listed),
    )
    np.testing.assert_equal(least, [100.0, 0.0, 0.0, 100.0, NAN, 0.0])
    np.testing.assert_equal(most, [100.0, 100.0, 100.0, 100.0, NAN, 0.0])


def test_a_negative_sign_and_an_outcome_at_most_turn_the_extremes():
    table = rows(a=[2.0, NAN, 4.0, 1.0], a__missing=silent(range(4), 1))
    low, high = ends(table, outcome("y", "mean", Item(name="a", sign=-1)))
    assert (low[1], high[1]) == (-5.0, -1.0)
    quick = outcome("quick", "at_most", "a", threshold=2.0)
    assert [x[1] for x in ends(table, quick)] == [0.0, 1.0]
    slow = outcome("y", "mean", Item(name="quick", sign=-1))
    assert [x[1] for x in ends(table, quick, slow)] == [-1.0, 0.0]


def test_an_index_keeps_the_scale_of_the_main_run():
    """Against the formula of `construct`, the item put at 1 and at 5 by hand."""
    rng = np.random.default_rng(4)
    a, b = rng.integers(1, 6, 40).astype(float), rng.integers(1, 6, 40).astype(float)
    b = np.round((a + b) / 2.0)
    a[3] = NAN
    table = rows(a=a, a__missing=silent(a, 3, kind="dont_know"), b=b, b__missing=silent(b))
    index = outcome("y", "index", "a", "b", unit="SD")
    plan = dataclasses.replace(preregistration().plan, outcome=(index,))
    full, scale = construct(table, plan, STUDY)
    low, high = ends(table, index)
    for found, value in ((low, 1.0), (high, 5.0)):
        z = ((np.array([value, b[3]]) - scale["mean"]) / scale["sd"] * scale["weight"]).sum()
        raw = z / scale["weight"].sum()
        expected = (raw - scale["score_mean"][0]) / scale["score_sd"][0]
        assert found[3] == pytest.approx(expected, abs=ROUNDING)
    answered = np.arange(40) != 3
    np.testing.assert_allclose(np.array(low)[answered], full["y"][answered], atol=ROUNDING)
    np.testing.assert_allclose(np.array(high)[answered], full["y"][answered], atol=ROUNDING)


def test_a_count_ends_at_its_declared_range_and_without_one_nowhere():
    table = rows(bound=[1.0, NAN, 3.0, 0.0], bound__missing=silent(range(4), 1))
    assert [x[1] for x in ends(table, outcome("y", "value", "bound"))] == [0.0, 6.0]
    table = table.rename(columns={"bound": "n", "bound__missing": "n__missing"})
    assert [x[1] for x in ends(table, outcome("y", "value", "n"))] == [-np.inf, np.inf]
    # whether there was any event has two ends, whatever their number
    assert [x[1] for x in ends(table, outcome("y", "any", "n"))] == [0.0, 1.0]


def test_a_question_that_enters_both_ways_is_unbounded():
    table = rows(a=[2.0, NAN, 4.0, 1.0], a__missing=silent(range(4), 1))
    first = outcome("first", "value", "a")
    both = outcome("y", "mean", "first", Item(name="a", sign=-1))
    low, high = ends(table, first, both)
    assert (low[1], high[1]) == (-np.inf, np.inf)
    assert np.isfinite([low[0], high[0]]).all()


@pytest.mark.property
@pytest.mark.parametrize("function", ["mean", "sum", "index"])
def test_no_way_to_fill_the_silence_lies_outside(function):
    """Every one of the 5 x 4 ways for two silent items, and both codings, inside the extremes."""
    rng = np.random.default_rng(11)
    table = rows(a=rng.integers(1, 6, 60).astype(float), b=rng.integers(1, 5, 60).astype(float))
    table.loc[7, ["a", "b"]] = NAN
    table = table.assign(a__missing=silent(table, 7), b__missing=silent(table, 7))
    signed = Item(name="b", sign=-1)
    made = outcome("y", function, "a", signed, unit="SD" if function == "index" else "points")
    plan = dataclasses.replace(preregistration().plan, outcome=(made,))
    low, high = ends(table, made)
    _, scale = construct(table, plan, STUDY)
    keys = {"plan": plan, "study": STUDY, "dictionary": WIDE}
    found = []
    for a, b in itertools.product(range(1, 6), range(1, 6)):
        filled = table.copy()
        filled.loc[7, ["a", "b"]] = [a, b]
        found.append(construct(filled, plan, STUDY, scales=scale)[0]["y"][7])
    assert low[7] == pytest.approx(min(found), abs=ROUNDING)
    assert high[7] == pytest.approx(max(found), abs=ROUNDING)
    coded = alternatives(table, check("coding", "lowest", "middle", "highest"), **keys)
    assert coded.iloc[7].between(low[7] - ROUNDING, high[7] + ROUNDING).all()
