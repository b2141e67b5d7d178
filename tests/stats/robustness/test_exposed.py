"""Comparison clusters that were reached leave the sample, counted and unnamed."""

import numpy as np
import pytest

from evaluation.stats.robustness.case import linear
from evaluation.stats.robustness.exposed import leave_exposed
from tests.stats.robustness.small_checks import case, diagnostics, estimates, numbers, reasons
from tests.stats.studies import panel


def reached(table, villages, share):
    """At endline the first rows of some villages took part, ``share`` of each."""
    table = table.assign(took_part=np.where(table["round"] == "endline", 0.0, np.nan))
    for village in villages:
        rows = table.index[(table["village"] == village) & (table["round"] == "endline")]
        table.loc[rows[: round(share * len(rows))], "took_part"] = 1.0
    return table


def of(table, share=0.1):
    return case(table, "leave_exposed", variables=("took_part",), share=share)


@pytest.mark.truth
def test_the_row_is_the_primary_estimate_on_the_other_villages():
    """Twin: the primary regression on a panel from which the village was taken by hand."""
    table = panel(3)
    compared = sorted(table.loc[table["arm"] == "comparison", "village"].unique())
    made = of(reached(table, compared[:1], 0.5))
    rows = list(leave_exposed(made))
    left = table[table["village"] != compared[0]]
    found, expected = (
        {(r.sample, r.step): r for r in (rs)}
        for rs in (
            estimates(rows).values(),
            linear(made, made.design(left), sample="without:exposed"),
        )
    )
    assert found.keys() == expected.keys() != set()
    for key in found:
        assert np.array_equal(numbers(found[key]), numbers(expected[key]))
    assert diagnostics(rows) == {("without:exposed", "clusters_left_out_comparison"): 1.0}


def test_exposed_treated_villages_and_shares_at_the_limit_stay():
    table = panel(3)
    treated = sorted(table.loc[table["arm"] == "treated", "village"].unique())
    compared = sorted(table.loc[table["arm"] == "comparison", "village"].unique())
    made = of(reached(reached(table, treated, 1.0), (), 0.0))
    assert diagnostics(leave_exposed(made))["without:exposed", "clusters_left_out_comparison"] == 0
    exactly = reached(table, compared[:1], 1.0)
    made = of(exactly, share=1.0)
    assert diagnostics(leave_exposed(made))["without:exposed", "clusters_left_out_comparison"] == 0


def test_a_comparison_group_that_was_reached_as_a_whole_has_no_row():
    table = panel(3)
    compared = table.loc[table["arm"] == "comparison", "village"].unique()
    rows = list(leave_exposed(of(reached(table, compared, 1.0))))
    assert estimates(rows) == {}
    (reason,) = reasons(rows).values()
    assert reason == "no rows of an arm without any treatment"
