"""Re-interviewed people against first-timers, inside villages, by dummies."""

import numpy as np
import pytest

from evaluation.analysis.checks.interviewing import conditioning
from evaluation.config.plan import Item
from tests.analysis.checks.outcome_checks import ROUNDING, estimates, reasons, trial, weighted
from tests.estimation.studies import outcome, panel

KIND = "conditioning"
ITEM = (outcome("y", items=(Item(name="y"),)),)


def rows(table):
    return tuple(conditioning(trial(table, KIND, outcomes=ITEM)))


def by_dummies(table, columns):
    """Coefficient of the first column at endline, a column for every village."""
    last = table[table["round"] == "endline"]
    w = last["weight"] / last.groupby("village")["weight"].transform("sum")
    villages = (last["village"].to_numpy()[:, None] == np.unique(last["village"])).astype(float)
    return float(weighted(np.column_stack([*columns(last), villages]), last["y"], w)[0])


def again(last):
    return last["panel_member"].to_numpy(dtype=float)


def treated(last):
    return (last["arm"] == "treated").to_numpy(dtype=float)


@pytest.mark.truth
def test_differences_by_dummies():
    table = panel(3, clusters=14, rows=12)
    found = {
        name: row.estimate for (name, step), row in estimates(rows(table)).items() if step == "cv3"
    }
    assert found["again:all"] == pytest.approx(
        by_dummies(table, lambda t: [again(t)]), abs=ROUNDING
    )
    for name in ("treated", "comparison"):
        part = table[table["arm"] == name]
        expected = by_dummies(part, lambda t: [again(t)])
        assert found[f"again:{name}"] == pytest.approx(expected, abs=ROUNDING)
    expected = by_dummies(table, lambda t: [again(t) * treated(t), again(t)])
    assert found["again:difference"] == pytest.approx(expected, abs=ROUNDING)


def test_what_was_put_in_is_found():
    """Two points more for re-interviewed treated people move their rows by two, to rounding."""
    table = panel(5, clusters=14, rows=12)
    end = (table["round"] == "endline") & (table["arm"] == "treated") & table["panel_member"]
    before, after = estimates(rows(table)), estimates(rows(table.assign(y=table["y"] + 2.0 * end)))
    moved = {name: after[name].estimate - before[name].estimate for name in before}
    for step in ("wcr_s", "cv3"):
        assert moved["again:treated", step] == pytest.approx(2.0, abs=ROUNDING)
        assert moved["again:difference", step] == pytest.approx(2.0, abs=ROUNDING)
        assert moved["again:comparison", step] == pytest.approx(0.0, abs=ROUNDING)


def test_a_row_counts_the_clusters_of_the_people_it_compares():
    table = panel(3, clusters=14, rows=12)
    row = estimates(rows(table))["again:treated", "cv3"]
    last = table[(table["round"] == "endline") & (table["arm"] == "treated")]
    assert row.n == len(last)
    assert row.n_clusters_treated == last[last["panel_member"]]["village"].nunique()
    assert row.n_clusters_comparison == last[~last["panel_member"]]["village"].nunique()


@pytest.mark.parametrize("value", [True, False])
def test_with_one_kind_of_people_there_is_nothing_to_compare(value):
    table = panel(6).assign(panel_member=value)
    assert "had been interviewed before" in reasons(rows(table))["all", "all"]
