"""Analysis of covariance with the cluster's baseline mean, or the analysis file's own column."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap
from tests.estimation.one_estimate import estimate
from tests.estimation.studies import ANCOVA, INFERENCE, PROVENANCE, STUDY, outcome, panel


def estimates(table, specification):
    found = estimate(
        table,
        specification,
        outcome=outcome(),
        study=STUDY,
        inference=INFERENCE,
        provenance=PROVENANCE,
        status="pre-specified",
        draws=bootstrap.draws(table["village"].unique(), number=199, seed=1),
    )
    return {record.step: record for record in found}


def test_baseline_of_the_comparison_group_is_weighted():
    """Definition, with raw weights: mean and SD of the comparison group's baseline rows."""
    table = panel(20)
    found = estimates(table, dataclasses.replace(ANCOVA, estimand="respondents"))["cv1"]
    rows = table[(table["round"] == "baseline") & (table["arm"] == "comparison")]
    mean = np.average(rows["y"], weights=rows["weight"])
    square = np.average((rows["y"] - mean) ** 2, weights=rows["weight"])
    assert found.baseline_comparison_mean == pytest.approx(mean, rel=1e-12)
    assert found.baseline_comparison_sd == pytest.approx(np.sqrt(square), rel=1e-9)


def test_cluster_mean_lag_against_written_out_least_squares():
    """Weighted endline rows on treatment, the village's weighted baseline mean and a constant."""
    table = panel(20)
    found = estimates(table, dataclasses.replace(ANCOVA, estimand="respondents"))["cv1"]
    before = table[table["round"] == "baseline"]
    lag = (before["weight"] * before["y"]).groupby(before["village"]).sum() / before.groupby(
        "village"
    )["weight"].sum()
    after = table[table["round"] == "endline"]
    X = np.column_stack(
        [after["arm"] == "treated", after["village"].map(lag), np.ones(len(after))]
    ).astype(float)
    w = after["weight"].to_numpy()
    bread = np.linalg.inv(X.T @ (X * w[:, None]))
    beta = bread @ X.T @ (w * after["y"])
    residual = w * (after["y"] - X @ beta)
    scores = pd.DataFrame(X * residual.to_numpy()[:, None]).groupby(after["village"].values).sum()
    std_error = np.sqrt(12 / 11 * (bread @ scores.T.to_numpy() @ scores.to_numpy() @ bread)[0, 0])
    # The same normal equations in another order.
    assert found.estimate == pytest.approx(beta[0], abs=1e-11)
    assert found.std_error == pytest.approx(std_error, abs=1e-11)
    assert found.n == len(after)


@pytest.mark.parametrize("filled", [0.0, 2.5])
def test_own_lag_has_an_indicator_where_it_is_missing(filled):
    """Written out: weighted endline rows on treatment, own baseline value, indicator, regions.

    Whatever stands where it is missing, the indicator takes it up.
    """
    table = panel(20)
    rng = np.random.default_rng(3)
    table.loc[rng.choice(len(table), 40, replace=False), "respondent"] = None
    specification = dataclasses.replace(
        ANCOVA, lag="respondent", estimand="respondents", effects=("region",), steps=("cv1",)
    )
    found = estimates(table, specification)["cv1"]
    before = table[table["round"] == "baseline"].dropna(subset=["respondent", "y"])
    after = table[table["round"] == "endline"].dropna(subset=["y"])
    lag = after["respondent"].map(before.set_index("respondent")["y"]).to_numpy(float)
    missing = np.isnan(lag)
    assert 0 < missing.sum() < len(after)
    regions = pd.get_dummies(after["region"]).to_numpy(float)
    X = np.column_stack(
        [after["arm"] == "treated", np.where(missing, filled, lag), missing, regions]
    ).astype(float)
    root = np.sqrt(after["weight"].to_numpy())
    beta = np.linalg.lstsq(X * root[:, None], after["y"].to_numpy() * root)[0]
    assert found.estimate == pytest.approx(beta[0], abs=1e-10)
    assert found.n == len(after)


def test_own_lag_without_anybody_seen_before_is_refused():
    table = panel(20)
    table["respondent"] = [f"{r}{k}" for k, r in enumerate(table["round"])]
    specification = dataclasses.replace(ANCOVA, lag="respondent", estimand="respondents")
    with pytest.raises(EstimationError, match="no respondent of the comparison group"):
        estimates(table, specification)


def test_suffix_lag_is_zero_where_missing():
    """As the Metaketa authors published it: missing baseline values are set to zero."""
    rng = np.random.default_rng(2)
    table = panel(21)
    table = table[table["round"] == "endline"].reset_index(drop=True)
    lag = rng.normal(size=len(table))
    gaps = lag.copy()
    gaps[::4] = np.nan
    zeros = np.where(np.isnan(gaps), 0.0, gaps)
    specification = dataclasses.replace(
        ANCOVA, lag="suffix", estimand="respondents", effects=("region",), steps=("cv1",)
    )
    with_gaps = estimates(table.assign(y_baseline=gaps), specification)["cv1"]
    with_zeros = estimates(table.assign(y_baseline=zeros), specification)["cv1"]
    assert with_gaps.estimate == with_zeros.estimate
    regions = pd.get_dummies(table["region"]).to_numpy(float)
    X = np.column_stack([table["arm"] == "treated", zeros, regions]).astype(float)
    root = np.sqrt(table["weight"].to_numpy())
    beta = np.linalg.lstsq(X * root[:, None], table["y"] * root, rcond=None)[0]
    assert with_gaps.estimate == pytest.approx(beta[0], abs=1e-11)
    comparison = (table["arm"] == "comparison") & ~np.isnan(gaps)
    mean = np.average(gaps[comparison], weights=table.loc[comparison, "weight"])
    assert with_gaps.baseline_comparison_mean == pytest.approx(mean, abs=1e-12)
