"""Outcomes made another way: the same regression on another column."""

import pytest

from evaluation.analysis.checks.nonresponse import coding
from evaluation.errors import EstimationError
from tests.analysis.checks.outcome_checks import ROUNDING, did_by_dummies, estimates, trial
from tests.estimation.studies import panel


def test_each_coding_is_its_own_regression_under_the_outcomes_name():
    table = panel(1)
    table = table.assign(y__looked_lowest=table["y"] - 1.0, y__looked_highest=table["y"] ** 2)
    found = estimates(coding(trial(table, "coding")))
    assert set(found) == {
        (f"dont_know:{c}", s) for c in ("lowest", "highest") for s in ("wcr_s", "cv3")
    }
    for value in ("lowest", "highest"):
        row = found[f"dont_know:{value}", "wcr_s"]
        expected = did_by_dummies(table, f"y__looked_{value}")
        assert row.estimate == pytest.approx(expected, abs=ROUNDING)
        assert (row.outcome, row.specification) == ("y", "looked")


def test_the_plan_may_name_the_codings():
    table = panel(2).assign(y__looked_middle=lambda t: t["y"] + t["age"])
    found = estimates(coding(trial(table, "coding", values=("middle",))))
    assert {s for s, _ in found} == {"dont_know:middle"}


def test_a_column_that_was_not_made_is_an_error():
    with pytest.raises(EstimationError, match="no column y__looked_lowest"):
        tuple(coding(trial(panel(3), "coding")))
