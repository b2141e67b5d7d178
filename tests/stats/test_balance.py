"""Balance and attrition tables against numbers written out."""

import numpy as np
import pandas as pd
import pytest

from evaluation.spec.plan import BalanceTable
from evaluation.spec.records import Balance, Unavailable
from evaluation.stats import balance
from tests.stats.studies import DID, STUDY, frame, panel

TABLE = BalanceTable(
    variables=("age", "region"), frame_variables=("poverty",), attrition_variables=("age",)
)


def test_variable_written_out():
    """Equal weights: cluster means first, then their mean by group."""
    table = panel(40)
    rows = {r.variable: r for r in balance.baseline(table, TABLE, DID, STUDY)}
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
    (row,) = balance.frame_balance(clusters, TABLE, DID, STUDY)
    assert row.normalised_difference == pytest.approx(-5 / 2.5**0.5, abs=1e-12)
    assert row.sample == "clusters"
    assert (row.n_treated, row.n_comparison) == (2, 2)
    # (1 + 1)/4 + (4 + 4)/4 = 2.5, times 4/3.
    assert row.std_error == pytest.approx((4 / 3 * 2.5) ** 0.5, abs=1e-12)


def test_nominal_variable_gives_a_row_per_value():
    rows = balance.baseline(panel(41), TABLE, DID, STUDY)
    names = [r.variable for r in rows]
    assert names == ["age", "region=coast", "region=hill", "region=plain"]
    for side in ("mean_treated", "mean_comparison"):
        assert sum(getattr(r, side) for r in rows[1:]) == pytest.approx(1.0, abs=1e-12)


def test_attrition_is_a_share_and_stayers_and_leavers_split_the_baseline():
    table = panel(42)
    rows = balance.attrition(table, TABLE, DID, STUDY)
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
    assert balance.attrition(panel(43).assign(panel_member=seen), TABLE, DID, STUDY) == ()


def test_a_variable_fixed_by_the_group_is_unavailable_not_a_zero():
    clusters = frame(panel(44)).assign(poverty=lambda t: (t["arm"] == "treated").astype(float))
    (row,) = balance.frame_balance(clusters, TABLE, DID, STUDY)
    assert isinstance(row, Unavailable | Balance)
    assert isinstance(row, Unavailable)
    assert "zero" in row.reason


def test_inputs_are_not_changed():
    table = panel(45)
    before = table.copy(deep=True)
    balance.attrition(table, TABLE, DID, STUDY)
    balance.baseline(table, TABLE, DID, STUDY)
    pd.testing.assert_frame_equal(table, before)
    assert np.array_equal(table.columns, before.columns)
