"""Mean changes: by hand, by explicit least squares, and equal to the primary estimate."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.stats.robustness.first_differences import (
    cluster_changes,
    difference_design,
    first_differences,
)
from tests.stats.robustness.small_checks import (
    ROUNDING,
    case,
    estimates,
    least_squares,
    numbers,
    primary,
    villages,
)
from tests.stats.studies import ANCOVA, DID, FACTORIAL, panel


@pytest.mark.truth
def test_worked_by_hand():
    """Changes 3, 1 and 1, 2: effect 2 - 1.5 = 0.5.

    Without one village at a time the effect is -0.5, 1.5, 0, 1: squared deviations sum to 2.5,
    times 3/4 is 1.875, the jackknife variance. Comparison baseline 1, 3, 2, 4: mean 2.5.
    """
    table = villages({"t1": 3.0, "t2": 1.0, "c1": 1.0, "c2": 2.0})
    found = estimates(first_differences(case(table, "first_differences")))
    record = found["all", "cv3"]
    assert record.estimate == pytest.approx(0.5, abs=ROUNDING)
    assert record.std_error == pytest.approx(1.875**0.5, abs=ROUNDING)
    assert record.df == 3
    assert record.baseline_comparison_mean == pytest.approx(2.5, abs=ROUNDING)
    assert (record.n, record.n_clusters_treated, record.n_clusters_comparison) == (16, 2, 2)
    assert (record.specification, record.sample) == ("by_first_differences", "all")


@pytest.mark.property
@pytest.mark.parametrize("y", ["y", "z"])
def test_equal_estimand_is_the_primary_estimate(y):
    """Collapse invariance: rows with village effects are the changes of village means."""
    made = case(panel(3), "first_differences", y=y)
    found, whole = estimates(first_differences(made)), primary(made)
    for step in ("wcr_s", "cv3"):
        assert numbers(found["all", step]) == pytest.approx(numbers(whole[step]), abs=1e-9)


@pytest.mark.parametrize("estimand", ["population", "respondents"])
def test_other_estimands_are_equally_weighted_here(estimand):
    """Literal twin: weighted means by group-by, then the difference of two plain averages."""
    table = panel(5)
    made = case(
        table, "first_differences", specification=dataclasses.replace(DID, estimand=estimand)
    )
    mean = table.groupby(["village", "round"])[["y", "weight"]].apply(
        lambda part: np.average(part["y"], weights=part["weight"])
    )
    change = mean.unstack()["endline"] - mean.unstack()["baseline"]
    treated = table.groupby("village")["arm"].first() == "treated"
    expected = change[treated].mean() - change[~treated].mean()
    record = estimates(first_differences(made))["all", "cv3"]
    assert record.estimate == pytest.approx(expected, abs=ROUNDING)
    assert abs(expected - primary(made)["cv3"].estimate) > 1e-3
    # the row says which average it is, and the primary estimate that it is another
    assert {row.estimand for row in first_differences(made)} == {"equal"}
    assert primary(made)["cv3"].estimand == estimand


def factorial_panel():
    arms = ["neither", "meetings", "leaflets", "both"]
    table = panel(7)
    return table.assign(arm=table["village"].str[1:].astype(int).mod(4).map(arms.__getitem__))


def test_other_treatments_are_adjusted_for():
    """Literal twin with explicit columns; the jackknife refits without each village."""
    table = factorial_panel()
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), weights="none"
    )
    made = case(table, "first_differences", study=FACTORIAL, specification=specification)
    mean = table.groupby(["village", "round"])["y"].mean().unstack()
    change = (mean["endline"] - mean["baseline"]).to_numpy()
    arm = table.groupby("village")["arm"].first()
    X = np.column_stack(
        [arm.isin(["meetings", "both"]), arm.isin(["leaflets", "both"]), np.ones(len(arm))]
    ).astype(float)
    one = np.ones(len(change))
    whole = least_squares(X, change, one)[0]
    without = [
        least_squares(np.delete(X, g, 0), np.delete(change, g), one[1:])[0] for g in range(len(X))
    ]
    variance = 11 / 12 * np.sum((np.array(without) - whole) ** 2)
    record = estimates(first_differences(made))["all", "cv3"]
    assert record.estimate == pytest.approx(whole, abs=ROUNDING)
    assert record.std_error == pytest.approx(variance**0.5, abs=ROUNDING)


def test_covariates_are_left_out():
    plain = case(panel(3), "first_differences")
    with_age = case(
        panel(3), "first_differences", specification=dataclasses.replace(DID, covariates=("age",))
    )
    assert [numbers(r).tolist() for r in first_differences(with_age)] == [
        numbers(r).tolist() for r in first_differences(plain)
    ]


@pytest.mark.property
@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
def test_weights_of_changes_give_the_primary_estimate(estimand):
    """h = w0 w1 / (w0 + w1) makes least squares of the changes that of the rows."""
    made = case(
        panel(9), "first_differences", specification=dataclasses.replace(DID, estimand=estimand)
    )
    built = made.primary_design()
    changes, design = cluster_changes(built), difference_design(built)
    assert changes.clusters == tuple(sorted(changes.clusters))
    expected = least_squares(design.X, changes.change, changes.weight)[0]
    assert primary(made)["cv3"].estimate == pytest.approx(expected, abs=ROUNDING)


def test_needs_two_rounds():
    made = case(panel(1), "first_differences", specification=ANCOVA)
    with pytest.raises(EstimationError, match="two rounds"):
        first_differences(made)
