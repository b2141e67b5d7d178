"""Differences from the primary estimate: by hand, by refitting, whatever the order of rows."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import t as student

from evaluation.analysis.checks.check_context import JackknifedEstimate
from evaluation.analysis.checks.controls import controls
from evaluation.analysis.checks.difference_from_primary import compared, difference
from evaluation.analysis.checks.leave_out import leave_one_out
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import Unavailable
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    did_by_dummies,
    differences,
    trial,
    weighted,
)
from tests.estimation.studies import panel
from tests.messages import said

SIZES = RowFacts(
    n=40, n_clusters_treated=2, n_clusters_comparison=2, baseline_mean=0.0, baseline_sd=1.0
)


def heading():
    return trial(panel(1), "controls", variables=("age",)).heading()


def made(primary, check):
    return difference(primary, check, heading(), sizes=SIZES)


@pytest.mark.truth
def test_worked_by_hand():
    """Differences 1 with all clusters, and 2, 1, 1, 0 without each: the sum of squares is 2.

    V = 3/4 x 2 = 1.5, with t(3); every number is exact in binary but the quantile.
    """
    primary = JackknifedEstimate(1.0, {"a": 1.0, "b": 2.0, "c": 0.0, "d": 1.0})
    check = JackknifedEstimate(2.0, {"a": 3.0, "b": 3.0, "c": 1.0, "d": 1.0})
    found = made(primary, check)
    half = student.ppf(0.975, 3) * 1.5**0.5
    assert (found.estimate, found.difference, found.df) == (2.0, 1.0, 3.0)
    assert found.std_error == pytest.approx(1.5**0.5, abs=ROUNDING)
    assert (found.ci_low, found.ci_high) == pytest.approx((1.0 - half, 1.0 + half), abs=1e-9)
    assert (found.n, found.n_clusters_treated, found.n_clusters_comparison) == (40, 2, 2)


@pytest.mark.truth
def test_a_cluster_is_told_by_its_id_and_one_that_has_no_part_changes_nothing():
    """Without d the check is itself, 2: d is not in it. Order of the ids plays no part."""
    primary = JackknifedEstimate(1.0, {"a": 1.0, "b": 2.0, "c": 0.0, "d": 1.5})
    check = JackknifedEstimate(2.0, {"c": 1.0, "a": 3.0, "b": 3.0})
    moved = np.array([2.0 - 1.0, 1.0 - 1.0, 1.0 - 1.0, 0.5 - 1.0])
    found = made(primary, check)
    assert found.std_error == pytest.approx(np.sqrt(0.75 * np.sum(moved**2)), abs=ROUNDING)
    assert found.df == 3.0


def test_an_estimate_that_is_the_primary_one_differs_by_exactly_nothing():
    primary = JackknifedEstimate(0.1 + 0.2, {"a": 0.1, "b": 0.5, "c": 0.3})
    found = made(primary, JackknifedEstimate(0.3, {"a": 0.1, "b": 0.5, "c": 0.3}))
    assert (found.difference, found.std_error, found.ci_low, found.ci_high) == (0.0,) * 4


def test_a_difference_that_nothing_moves_has_no_interval():
    primary = JackknifedEstimate(1.0, {"a": 0.5, "b": 1.5, "c": 1.0})
    found = made(primary, JackknifedEstimate(3.0, {"a": 2.5, "b": 3.5, "c": 3.0}))
    assert isinstance(found, Unavailable)
    assert "variance is zero" in str(found.reason)


def test_a_check_without_solution_somewhere_has_no_difference():
    primary = JackknifedEstimate(1.0, {"a": 0.5, "b": 1.5})
    found = made(primary, JackknifedEstimate(3.0, {"a": np.nan, "b": 3.5}))
    assert isinstance(found, Unavailable)
    assert str(found.reason).startswith("without 1 of 2 clusters")
    absent = dataclasses.replace(found, reason=said("no primary estimate"))
    assert str(made(absent, JackknifedEstimate(3.0, {"a": 2.0})).reason) == "no primary estimate"


def with_age(table):
    """The regression with age among its columns, by a column for every village."""
    used = table[np.isfinite(table["age"])]
    post = (used["round"] == "endline").to_numpy(dtype=float)
    treated = (used["arm"] == "treated").to_numpy(dtype=float)
    villages = (used["village"].to_numpy()[:, None] == np.unique(used["village"])).astype(float)
    X = np.column_stack([treated * post, post, used["age"], villages])
    total = used.groupby(["village", "round"])["weight"].transform("sum")
    return float(weighted(X, used["y"], used["weight"] / total)[0])


@pytest.mark.property
def test_a_linear_row_is_both_estimators_refitted_without_each_village():
    table = panel(3, clusters=10)
    table = table[np.isfinite(table["age"])]
    found = differences(controls(trial(table, "controls", variables=("age",))))["all"]
    villages = sorted(set(table["village"]))
    whole = with_age(table) - did_by_dummies(table)
    parts = (table[table["village"] != v] for v in villages)
    moved = np.array([with_age(part) - did_by_dummies(part) - whole for part in parts])
    expected = np.sqrt((len(villages) - 1) / len(villages) * np.sum(moved**2))
    # sums of a few hundred numbers of size 1 to 50, in another order
    assert found.difference == pytest.approx(whole, abs=1e-9)
    assert found.std_error == pytest.approx(expected, rel=1e-8)


@pytest.mark.property
def test_order_of_rows_and_names_of_villages_play_no_part():
    table = panel(5, clusters=10)
    renamed = table.assign(village=table["village"].map(lambda v: f"z{99 - int(v[1:]):02d}"))
    shuffled = renamed.sample(frac=1.0, random_state=4)
    one, other = (
        differences(controls(trial(t, "controls", variables=("age",))))["all"]
        for t in (table, shuffled)
    )
    for field in ("estimate", "difference", "std_error", "ci_low", "ci_high"):
        assert getattr(one, field) == pytest.approx(getattr(other, field), abs=1e-9)


def test_villages_left_out_of_a_check_are_deleted_from_the_primary_estimate_too():
    """Without A's villages: deleting one of them leaves the check as it is."""
    table = panel(6, clusters=16)
    ids = sorted(set(table["village"]))
    table = table.assign(place=table["village"].map({v: "AB"[k % 2] for k, v in enumerate(ids)}))
    case = trial(table, "leave_one_out", variables=("place",))
    found = differences(leave_one_out(case))["without:A"]
    kept = table[table["place"] == "B"]
    whole = did_by_dummies(kept) - did_by_dummies(table)
    moved = [
        did_by_dummies(kept[kept["village"] != v])
        - did_by_dummies(table[table["village"] != v])
        - whole
        for v in ids
    ]
    expected = np.sqrt(15 / 16 * np.sum(np.square(moved)))
    assert found.df == 15
    assert found.std_error == pytest.approx(expected, rel=1e-8)


def test_the_primary_regression_is_no_check_of_itself():
    case = trial(panel(2), "controls", variables=("age",))
    (found,) = compared(case, case.primary_design())
    assert isinstance(found, Unavailable)
    assert str(found.reason).startswith("it leaves nobody out")
