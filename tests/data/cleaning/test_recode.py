"""Alternative codings, worked by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.config.dictionary import Code, CodeList, Dictionary, Variable
from evaluation.config.plan import Check, Item
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.alternative_outcomes import alternatives
from evaluation.data.cleaning.outcomes import construct
from evaluation.errors import DataError
from tests.estimation import studies
from tests.estimation.studies import STUDY, preregistration

TEXT = Text(en="x", es="x")
NAN = float("nan")
# Twelve significant digits are left after a handful of sums of numbers near one.
ROUNDING = 1e-12


def codes(name, *values):
    return CodeList(
        id=name, values=tuple(Code(code=str(v), value=v, en="x", es="x") for v in values)
    )


def variable(name, kind, listed):
    return Variable(
        name=name,
        type=kind,
        label=TEXT,
        raw={"baseline": name, "endline": name},
        personal="none",
        source="test",
        codes=listed,
    )


LISTS = {
    c.id: c
    for c in (codes("one_five", 1, 2, 3, 4, 5), codes("yes_no", 1, 0), codes("old", 1, 2, 3, 4))
}
VARIABLES = {
    v.name: v
    for v in (
        variable("a", "ordinal", "one_five"),
        variable("b", "ordinal", {"baseline": "old", "endline": "one_five"}),
        variable("c", "binary", "yes_no"),
        variable("n", "count", None),
    )
}
DICTIONARY = Dictionary(modules=(), variables=VARIABLES, codes=LISTS)


def outcome(name, function, *items, minimum=1, **more):
    named = tuple(i if isinstance(i, Item) else Item(name=i) for i in items)
    return studies.outcome(
        name, function=function, items=named, minimum_items=minimum, primary=True, **more
    )


def check(kind, *values, id_="other"):
    return Check(id=id_, label=TEXT, answers=TEXT, kind=kind, theme="measurement", values=values)


def made(panel, outcomes, kind, *values):
    plan = dataclasses.replace(preregistration().plan, outcome=tuple(outcomes))
    full, _ = construct(panel, plan, STUDY)
    return full, alternatives(
        full, check(kind, *values), plan=plan, study=STUDY, dictionary=DICTIONARY
    )


def panel(**columns):
    """Rows of the comparison group at baseline, then as many of the treated at endline."""
    table = pd.DataFrame({k: np.asarray(v) for k, v in columns.items()})
    half, rest = len(table) // 2, len(table) - len(table) // 2
    return table.assign(
        round=["baseline"] * half + ["endline"] * rest,
        arm=["comparison"] * half + ["treated"] * rest,
        weight=1.0,
    )


SILENT = panel(
    a=[2.0, NAN, NAN, 4.0, NAN, 5.0],
    a__missing=[None, "dont_know", "refused", None, "not_asked", None],
    c=[1.0, NAN, 0.0, NAN, 0.0, 1.0],
    c__missing=[None, "dont_know", None, "not_applicable", None, None],
)


@pytest.mark.parametrize(
    ("coding", "a", "c"),
    [
        ("lowest", [2, 1, 1, 4, NAN, 5], [100, 0, 0, NAN, 0, 100]),
        ("middle", [2, 3, 3, 4, NAN, 5], [100, NAN, 0, NAN, 0, 100]),
        ("highest", [2, 5, 5, 4, NAN, 5], [100, 100, 0, NAN, 0, 100]),
    ],
)
def test_a_coding_by_hand(coding, a, c):
    """Not asked stays missing, and a yes-no item has no middle."""
    outcomes = (outcome("y", "value", "a"), outcome("z", "any", "c", scale=100.0))
    before = SILENT.copy()
    _, extra = made(SILENT, outcomes, "coding", coding)
    np.testing.assert_array_equal(extra[f"y__other_{coding}"], a)
    np.testing.assert_array_equal(extra[f"z__other_{coding}"], c)
    pd.testing.assert_frame_equal(SILENT, before)


def test_lowest_and_highest_where_the_plan_names_none():
    _, extra = made(SILENT, (outcome("y", "value", "a"),), "coding")
    assert list(extra.columns) == ["y__other_lowest", "y__other_highest"]
    assert list(extra.index) == list(SILENT.index)


def test_the_highest_value_is_that_of_any_round():
    """Item b ends at 4 in one round and at 5 in the other."""
    table = panel(
        b=[2.0, NAN, 3.0, 4.0, NAN, 5.0], b__missing=[None, "refused", None, None, "refused", None]
    )
    _, extra = made(table, (outcome("y", "value", "b"),), "coding", "highest")
    np.testing.assert_array_equal(extra["y__other_highest"], [2, 5, 3, 4, 5, 5])


def test_an_item_without_declared_values_stays_missing():
    table = panel(n=[1.0, NAN, 3.0, 0.0, NAN, 2.0])
    table = table.assign(n__missing=[None, "dont_know", None, None, "refused", None])
    _, extra = made(table, (outcome("y", "value", "n"),), "coding", "highest")
    np.testing.assert_array_equal(extra["y__other_highest"], [1, NAN, 3, 0, NAN, 2])


def test_a_coding_reaches_through_outcomes_that_are_items():
    """a at its lowest, 1, in the mean of a and c: (1 + 0)/2 where both were unknown."""
    inner = outcome("inner", "mean", "a", "c")
    outer = outcome("outer", "at_least", "inner", threshold=0.4)
    _, extra = made(SILENT, (inner, outer), "coding", "lowest")
    np.testing.assert_array_equal(extra["inner__other_lowest"][:3], [1.5, 0.5, 0.5])
    np.testing.assert_array_equal(extra["outer__other_lowest"][:3], [1, 1, 1])


def random_panel(seed, n=400):
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    table = pd.DataFrame(
        {
            "round": np.where(np.arange(n) % 2 == 0, "baseline", "endline"),
            "arm": np.where(np.arange(n) % 4 < 2, "comparison", "treated"),
            "weight": rng.uniform(0.5, 2.0, n),
        }
    )
    for name in ("a", "b"):
        value = np.clip(np.round(3.0 + trait + rng.normal(size=n)), 1.0, 5.0)
        silent = rng.random(n) < 0.1
        table[name] = np.where(silent, NAN, value)
        table[f"{name}__missing"] = np.where(silent, "dont_know", None)
    return table


INDEX = outcome("trust", "index", "a", Item(name="b", sign=-1), unit="SD")


def test_an_index_keeps_the_weights_and_the_scale_of_the_main_run():
    table = random_panel(1)
    full, extra = made(table, (INDEX,), "coding", "highest")
    plan = dataclasses.replace(preregistration().plan, outcome=(INDEX,))
    _, weights = construct(table, plan, STUDY)
    filled = table.assign(a=table["a"].fillna(5.0), b=table["b"].fillna(5.0))
    expected = []
    for a, b in zip(filled["a"], filled["b"], strict=True):
        rows = weights.to_dict("records")
        z = [r["sign"] * (x - r["mean"]) / r["sd"] for r, x in zip(rows, (a, b), strict=True)]
        total = sum(r["weight"] * v for r, v in zip(rows, z, strict=True))
        raw = total / sum(r["weight"] for r in rows)
        expected.append((raw - rows[0]["score_mean"]) / rows[0]["score_sd"])
    np.testing.assert_allclose(extra["trust__other_highest"], expected, atol=1e-10)
    answered = table[["a", "b"]].notna().all(axis=1)
    # who answered everything has the very score of the main run
    np.testing.assert_allclose(
        extra.loc[answered, "trust__other_highest"], full.loc[answered, "trust"], atol=1e-10
    )
    assert not answered.all()


def test_other_kinds_make_nothing():
    _, none = made(SILENT, (outcome("y", "value", "a"),), "bracket")
    assert none.shape == (len(SILENT), 0)


def test_mistakes_are_named():
    with pytest.raises(DataError, match="coding `worst` is unknown"):
        made(SILENT, (outcome("y", "value", "a"),), "coding", "worst")
