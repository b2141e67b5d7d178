"""Comparison clusters that were reached leave the sample, counted and unnamed."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.exposure import leave_exposed
from evaluation.estimation.row_keys import parse
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    diagnostics,
    estimates,
    numbers,
    primary,
    published,
    reasons,
)
from tests.estimation.studies import STUDY, panel

# Publishes whatever it has.
ONE = dataclasses.replace(STUDY, minimum_clusters=1, minimum_cell=1)


def reached(table, villages, share):
    """At endline the first rows of some villages took part, ``share`` of each."""
    table = table.assign(took_part=np.where(table["round"] == "endline", 0.0, np.nan))
    for village in villages:
        rows = table.index[(table["village"] == village) & (table["round"] == "endline")]
        table.loc[rows[: round(share * len(rows))], "took_part"] = 1.0
    return table


def of(table, share=0.1, study=STUDY):
    return case(table, "leave_exposed", study=study, variables=("took_part",), share=share)


@pytest.mark.truth
def test_the_row_is_the_primary_estimate_on_the_other_villages():
    """Twin: the primary regression on a panel from which the village was taken by hand."""
    table = panel(3)
    compared = sorted(table.loc[table["arm"] == "comparison", "village"].unique())
    made = of(reached(table, compared[:1], 0.5), study=ONE)
    rows = list(leave_exposed(made))
    left = table[table["village"] != compared[0]]
    found, expected = (
        {(r.sample.text(), r.step): r for r in (rs)}
        for rs in (
            estimates(rows).values(),
            made.linear(made.design(left), sample=parse("without:exposed")),
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
    assert reason == "no interviews of the comparison group are left"


def test_nobody_asked_is_no_row():
    table = panel(3).assign(took_part=np.nan)
    assert reasons(leave_exposed(of(table)))["without:exposed", "all"] == (
        "no one in the comparison group was asked in the last round"
    )


@pytest.mark.truth
def test_what_one_village_changed_cannot_be_worked_out():
    """Six comparison changes of mean C leave five of mean C' without one: it is 6 C - 5 C'.

    C - C' is the row less the primary estimate, and C stands among the levels. A study that
    publishes whatever it has gives the village's change away; one that asks for three does not.
    """
    table = panel(3)
    compared = sorted(table.loc[table["arm"] == "comparison", "village"].unique())
    marked = reached(table, compared[:1], 0.5)
    mean = table.groupby(["village", "round"])[["y", "weight"]].apply(
        lambda part: np.average(part["y"], weights=part["weight"])
    )
    change = (mean.unstack()["endline"] - mean.unstack()["baseline"])[compared]
    made = of(marked, study=ONE)
    row = estimates(leave_exposed(made))["without:exposed", "cv3"]
    rest = change.mean() - (row.estimate - primary(made)["cv3"].estimate)
    assert 6 * change.mean() - 5 * rest == pytest.approx(change[compared[0]], abs=ROUNDING)
    for villages in (compared[:1], compared[:2]):
        made = of(reached(table, villages, 0.5))
        rows = list(leave_exposed(made))
        assert list(diagnostics(rows).values()) == [len(villages)]
        rows = published(made, rows)
        assert not estimates(rows)
        assert not diagnostics(rows)
        assert reasons(rows)["without:exposed", "all"] == (
            "too few clusters left out to publish: fewer than 3 of the comparison group"
        )
    made = of(reached(table, compared[:3], 0.5))
    rows = published(made, leave_exposed(made))
    assert estimates(rows)["without:exposed", "cv3"].n_clusters_comparison == 3
    assert diagnostics(rows) == {("without:exposed", "clusters_left_out_comparison"): 3}
