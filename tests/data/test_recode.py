"""Alternative codings and the equally weighted index, worked by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.data import index
from evaluation.data.construct import construct
from evaluation.data.recode import alternatives, equal_weights
from evaluation.errors import DataError
from evaluation.spec.dictionary import Code, CodeList, Dictionary, Variable
from evaluation.spec.load import Text
from evaluation.spec.plan import Check, Item, Outcome
from tests.stats.studies import STUDY, promise

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


def outcome(name, function, *items, minimum=1, unit="points", **more):
    return Outcome(
        id=name,
        family="trust",
        label=TEXT,
        function=function,
        items=tuple(i if isinstance(i, Item) else Item(name=i) for i in items),
        minimum_items=minimum,
        unit=unit,
        desired="up",
        primary=True,
        **more,
    )


def check(kind, *values, id_="other"):
    return Check(id=id_, label=TEXT, answers=TEXT, kind=kind, theme="measurement", values=values)


def made(panel, outcomes, kind, *values):
    plan = dataclasses.replace(promise().plan, outcome=tuple(outcomes))
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
    plan = dataclasses.replace(promise().plan, outcome=(INDEX,))
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


@pytest.mark.truth
def test_equal_weights_by_hand():
    """Reference rows: a 0 2 4 with mean 2 and variance 8/3, b 10 10 16 with mean 12, variance 8.

    Row 3 has no b; its cell's mean of z_b is that of row 4. The average of both items is scaled
    by the reference rows' own, whose mean is 0.
    """
    items = np.array([[0, 10], [2, 10], [4, 16], [6, NAN], [2, 18], [NAN, NAN]], dtype=float)
    reference = index.Reference(np.array([True] * 3 + [False] * 3), np.ones(6))
    cell = np.array([0, 0, 0, 1, 1, 1])
    two = outcome("y", "index", "a", "b", unit="SD")
    sa, sb = np.sqrt(8 / 3), np.sqrt(8.0)
    z = np.array(
        [
            [-2 / sa, -2 / sb],
            [0.0, -2 / sb],
            [2 / sa, 4 / sb],
            [4 / sa, 6 / sb],
            [0.0, 6 / sb],
        ]
    ).mean(axis=1)
    sd = np.sqrt(np.mean(z[:3] ** 2))
    found = equal_weights(items, two, reference, cell)
    np.testing.assert_allclose(found[:5], z / sd, atol=ROUNDING)
    # nothing answered is nothing imputed
    assert np.isnan(found[5])
    needs_two = dataclasses.replace(two, minimum_items=2)
    assert np.isnan(equal_weights(items, needs_two, reference, cell)[3])


def test_imputation_is_at_the_weighted_mean_of_arm_and_round():
    table = random_panel(2)
    full, extra = made(table, (INDEX,), "equal_weight_index")
    w = table["weight"]
    base = (table["arm"] == "comparison") & (table["round"] == "baseline")
    scores = []
    for name, sign in (("a", 1.0), ("b", -1.0)):
        use = base & table[name].notna()
        mean = np.average(table.loc[use, name], weights=w[use])
        sd = np.sqrt(np.average((table.loc[use, name] - mean) ** 2, weights=w[use]))
        z = sign * (table[name] - mean) / sd
        for arm in ("comparison", "treated"):
            for round_id in ("baseline", "endline"):
                cell = (table["arm"] == arm) & (table["round"] == round_id)
                known = cell & z.notna()
                own = np.average(z[known], weights=w[known])
                z = z.mask(cell & table[name].isna(), own)
        scores.append(z)
    raw = sum(scores) / 2.0
    raw = raw.where(table[["a", "b"]].notna().any(axis=1))
    use = base & raw.notna()
    mean = np.average(raw[use], weights=w[use])
    sd = np.sqrt(np.average((raw[use] - mean) ** 2, weights=w[use]))
    np.testing.assert_allclose(extra["trust__other"], (raw - mean) / sd, atol=1e-10)
    assert extra["trust__other"].isna().equals(full["trust"].isna())


def test_only_indices_are_weighted_and_other_kinds_make_nothing():
    _, extra = made(SILENT, (outcome("y", "value", "a"),), "equal_weight_index")
    assert list(extra.columns) == []
    assert len(extra) == len(SILENT)
    _, none = made(SILENT, (outcome("y", "value", "a"),), "bracket")
    assert none.shape == (len(SILENT), 0)


def test_an_inner_outcome_that_is_not_there_is_made():
    table = random_panel(3)
    inner = outcome("inner", "mean", "b")
    outer = outcome("trust", "index", "a", "inner", unit="SD")
    plan = dataclasses.replace(promise().plan, outcome=(inner, outer))
    whole, _ = construct(table, plan, STUDY)
    keys = {"plan": plan, "study": STUDY, "dictionary": DICTIONARY}
    one = alternatives(whole, check("equal_weight_index"), **keys)
    two = alternatives(table, check("equal_weight_index"), **keys)
    pd.testing.assert_frame_equal(one, two)


def test_mistakes_are_named():
    with pytest.raises(DataError, match="coding `worst` is unknown"):
        made(SILENT, (outcome("y", "value", "a"),), "coding", "worst")
    table = random_panel(4)
    base = (table["arm"] == "comparison") & (table["round"] == "baseline")
    items = np.column_stack([table["a"].mask(base, 3.0), table["b"]])
    reference = index.Reference(base.to_numpy(), np.ones(len(table)))
    cell = np.zeros(len(table), dtype=np.int64)
    with pytest.raises(DataError, match="item `a` does not vary"):
        equal_weights(items, INDEX, reference, cell)
    mirrored = np.column_stack([table["a"], table["a"]])
    with pytest.raises(DataError, match="cancel"):
        equal_weights(mirrored, INDEX, reference, cell)
