"""Balance and attrition tables against numbers written out."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from evaluation.config.plan import BalanceTable
from evaluation.estimation.records import Balance, Unavailable
from evaluation.estimation.regression import levels_and_balance
from tests.estimation.studies import DID, STUDY, frame, panel

TABLE = BalanceTable(
    variables=("age", "region"), frame_variables=("poverty",), attrition_variables=("age",)
)


def test_variable_written_out():
    """Equal weights: cluster means first, then their mean by group."""
    table = panel(40)
    rows = {r.variable: r for r in levels_and_balance.baseline(table, TABLE.variables, DID, STUDY)}
    first = table[table["round"] == "baseline"]
    means = (first["weight"] * first["age"]).groupby([first["arm"], first["village"]]).sum()
    means = means / first.groupby(["arm", "village"])["weight"].sum()
    treated, comparison = means["treated"], means["comparison"]
    found = rows["age"]
    assert found.mean_treated == pytest.approx(treated.mean(), abs=1e-10)
    assert found.mean_comparison == pytest.approx(comparison.mean(), abs=1e-10)
    assert found.difference == pytest.approx(treated.mean() - comparison.mean(), abs=1e-10)
    # 6 villages a group with weight one each: CV1 of a difference of means, factor 12/11.
    spread = sum(((g - g.mean()) ** 2).sum() / 36 for g in (treated, comparison))
    assert found.std_error == pytest.approx((12 / 11 * spread) ** 0.5, abs=1e-10)
    assert (found.n, found.n_clusters, found.sample) == (len(first), 12, "all")
    arms = first["arm"].value_counts()
    assert (found.n_treated, found.n_comparison) == (arms["treated"], arms["comparison"])
    assert (found.n_clusters_treated, found.n_clusters_comparison) == (6, 6)


def test_normalised_difference_by_hand():
    """Frame values 1, 3 against 5, 9: means 2 and 7, SDs 1 and 2: -5 / sqrt(2.5)."""
    clusters = pd.DataFrame(
        {
            "village": ["a", "b", "c", "d"],
            "arm": ["treated", "treated", "comparison", "comparison"],
            "poverty": [1.0, 3.0, 5.0, 9.0],
        }
    )
    (row,) = levels_and_balance.frame_balance(clusters, TABLE.frame_variables, DID, STUDY)
    assert row.normalised_difference == pytest.approx(-5 / 2.5**0.5, abs=1e-12)
    assert row.sample == "clusters"
    assert (row.n_treated, row.n_comparison) == (2, 2)
    # (1 + 1)/4 + (4 + 4)/4 = 2.5, times 4/3.
    assert row.std_error == pytest.approx((4 / 3 * 2.5) ** 0.5, abs=1e-12)


@pytest.mark.parametrize("unit", [2.0**-30, 2.0**30])
def test_the_unit_of_a_variable_decides_nothing(unit):
    """Identity: powers of two, so that no digit changes; spread is judged against the means."""
    table = panel(40)
    (first, *_), (second, *_) = (
        levels_and_balance.baseline(t, TABLE.variables, DID, STUDY)
        for t in (table, table.assign(age=table["age"] * unit))
    )
    assert second.difference == first.difference * unit
    assert second.std_error == first.std_error * unit
    assert second.normalised_difference == first.normalised_difference


def test_nominal_variable_gives_a_row_per_value():
    rows = levels_and_balance.baseline(panel(41), TABLE.variables, DID, STUDY)
    names = [r.variable for r in rows]
    assert names == ["age", "region=coast", "region=hill", "region=plain"]
    for side in ("mean_treated", "mean_comparison"):
        assert sum(getattr(r, side) for r in rows[1:]) == pytest.approx(1.0, abs=1e-12)


def test_attrition_is_a_share_and_stayers_and_leavers_split_the_baseline():
    table = panel(42)
    rows = levels_and_balance.attrition(table, TABLE.attrition_variables, DID, STUDY)
    assert [(r.variable, r.sample) for r in rows] == [
        ("reinterviewed", "attrition"),
        ("age", "stayers"),
        ("age", "leavers"),
    ]
    first = table[table["round"] == "baseline"]
    assert rows[1].n == int(first["panel_member"].sum())
    assert rows[1].n + rows[2].n == rows[0].n == len(first)
    assert 0 < rows[0].mean_treated < 1


@pytest.mark.parametrize("seen", [True, False])
def test_no_attrition_table_where_nobody_or_everybody_was_seen_again(seen):
    assert (
        levels_and_balance.attrition(
            panel(43).assign(panel_member=seen), TABLE.attrition_variables, DID, STUDY
        )
        == ()
    )


def test_a_variable_fixed_by_the_group_is_unavailable_not_a_zero():
    clusters = frame(panel(44)).assign(poverty=lambda t: (t["arm"] == "treated").astype(float))
    (row,) = levels_and_balance.frame_balance(clusters, TABLE.frame_variables, DID, STUDY)
    assert isinstance(row, Unavailable | Balance)
    assert isinstance(row, Unavailable)
    assert "zero" in str(row.reason)


def test_inputs_are_not_changed():
    table = panel(45)
    before = table.copy(deep=True)
    levels_and_balance.attrition(table, TABLE.attrition_variables, DID, STUDY)
    levels_and_balance.baseline(table, TABLE.variables, DID, STUDY)
    pd.testing.assert_frame_equal(table, before)
    assert np.array_equal(table.columns, before.columns)


def written_out(rows, weights):
    """Means and SDs of both groups, and their difference over the pooled SD, by numpy."""
    found = {}
    for name in ("treated", "comparison"):
        own = (rows["arm"] == name).to_numpy()
        y, w = rows["value"].to_numpy()[own], weights[own]
        mean = np.average(y, weights=w)
        found[name] = mean, np.sqrt(np.average((y - mean) ** 2, weights=w))
    (m1, s1), (m0, s0) = found["treated"], found["comparison"]
    return m1, m0, s0, (m1 - m0) / np.sqrt((s1**2 + s0**2) / 2)


@pytest.mark.parametrize("estimand", ["equal", "respondents"])
def test_every_number_of_a_row_written_out(estimand):
    table = panel(46)
    specification = dataclasses.replace(DID, estimand=estimand)
    row = next(iter(levels_and_balance.baseline(table, TABLE.variables, specification, STUDY)))
    first = table[table["round"] == "baseline"]
    w = first["weight"]
    if estimand == "equal":
        w = w / w.groupby(first["village"]).transform("sum")
    numbers = written_out(first.assign(value=first["age"]), w.to_numpy())
    found = (row.mean_treated, row.mean_comparison, row.sd_comparison, row.normalised_difference)
    assert found == pytest.approx(numbers, rel=1e-10)
    # t(G - 1) of twelve villages
    t = row.difference / row.std_error
    assert row.p_value == pytest.approx(2 * student.sf(abs(t), 11), rel=1e-9)
    assert (row.study, row.variable, row.round) == ("small", "age", "baseline")


def test_rows_ask_for_no_covariate_of_the_specification():
    table = panel(47)
    table["schooling"] = np.where(np.arange(len(table)) % 3 == 0, np.nan, 1.0)
    table["wealth"] = table["region"].where(np.arange(len(table)) % 4 > 0)
    varied = dataclasses.replace(DID, covariates=("schooling",), effects=("wealth",))
    for make, names in (
        (levels_and_balance.baseline, TABLE.variables),
        (levels_and_balance.attrition, TABLE.attrition_variables),
    ):
        assert make(table, names, varied, STUDY) == make(table, names, DID, STUDY)


def test_a_table_of_the_panel_counts_the_whole_baseline():
    """Whoever the specification's own sample is."""
    table = panel(47)
    members = dataclasses.replace(DID, sample="panel_members")
    whole = (table["round"] == "baseline").sum()
    assert levels_and_balance.baseline(table, TABLE.variables, members, STUDY)[0].n == whole


def test_frame_rows_are_unweighted_whatever_the_estimand():
    known = frame(panel(44))
    plain = levels_and_balance.frame_balance(known, TABLE.frame_variables, DID, STUDY)
    for estimand in ("population", "respondents"):
        varied = dataclasses.replace(DID, estimand=estimand)
        assert (
            levels_and_balance.frame_balance(known, TABLE.frame_variables, varied, STUDY) == plain
        )
    ones = np.ones(len(known))
    numbers = written_out(known.assign(value=known["poverty"]), ones)
    assert (plain[0].mean_treated, plain[0].mean_comparison) == pytest.approx(numbers[:2])
    assert plain[0].round == "baseline"


def test_leavers_and_stayers_written_out():
    table = panel(42)
    rows = levels_and_balance.attrition(table, TABLE.attrition_variables, DID, STUDY)
    first = table[table["round"] == "baseline"]
    for row, seen in ((rows[1], True), (rows[2], False)):
        part = first[first["panel_member"] == seen]
        w = part["weight"] / part.groupby("village")["weight"].transform("sum")
        numbers = written_out(part.assign(value=part["age"]), w.to_numpy())
        assert (row.mean_treated, row.mean_comparison) == pytest.approx(numbers[:2], rel=1e-10)
    share = first["panel_member"].astype(float)
    w = first["weight"] / first.groupby("village")["weight"].transform("sum")
    numbers = written_out(first.assign(value=share), w.to_numpy())
    assert rows[0].mean_treated == pytest.approx(numbers[0], rel=1e-10)


def test_missing_values_of_a_nominal_variable_are_left_out():
    table = panel(41)
    table["region"] = table["region"].where(np.arange(len(table)) % 5 > 0)
    rows = levels_and_balance.baseline(table, TABLE.variables, DID, STUDY)
    first = table[(table["round"] == "baseline") & table["region"].notna()]
    assert [r.n for r in rows[1:]] == [len(first)] * 3
    assert sum(r.mean_treated for r in rows[1:]) == pytest.approx(1.0, abs=1e-12)


def test_what_cannot_be_compared_says_which_table_it_misses_in():
    clusters = frame(panel(44)).assign(poverty=lambda t: (t["arm"] == "treated").astype(float))
    (row,) = levels_and_balance.frame_balance(clusters, TABLE.frame_variables, DID, STUDY)
    found = (row.study, row.outcome, row.specification, row.estimand, row.sample.text(), row.step)
    assert found == ("small", "poverty", "balance", "balance", "clusters", "cv1")
