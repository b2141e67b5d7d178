"""A regression repeated with other weights: against explicit dummies, and terms of covariates."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.reweighting import ReweightedRows, solve, terms, with_covariates
from evaluation.errors import EstimationError
from evaluation.estimation.regression.fit import StepUnavailable
from tests.analysis.checks.small_checks import ROUNDING, case, cluster_dummies, least_squares
from tests.estimation.studies import ANCOVA, DID, panel


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_effect_by_dummies_with_any_scale_of_weights(scale):
    table = panel(1)
    specification = dataclasses.replace(DID, covariates=("age",))
    made = case(table, "composition", specification=specification)
    rows = ReweightedRows.of(with_covariates(made, table, ("region",)))
    weights = scale * np.exp(np.random.default_rng(0).normal(size=len(table)))
    post = (table["round"] == "endline").astype(float)
    treated = table["arm"] == "treated"
    X = np.column_stack([treated * post, post, table["age"], cluster_dummies(table["village"])])
    expected = least_squares(X, table["y"].to_numpy(), weights)[0]
    assert rows.effect(weights) == pytest.approx(expected, abs=ROUNDING)
    kept = (table["village"] != "v03").to_numpy()
    alone = least_squares(
        X[kept][:, X[kept].any(axis=0)], table["y"].to_numpy()[kept], weights[kept]
    )[0]
    assert rows.effect(weights * rows.without("v03")) == pytest.approx(alone, abs=ROUNDING)


def test_without_any_treated_cluster_there_is_no_effect():
    table = panel(1)
    rows = ReweightedRows.of(case(table, "composition").primary_design())
    with pytest.raises(StepUnavailable, match="the fit is singular"):
        rows.effect((~rows.treated).astype(float))


def test_covariates_choose_rows_but_are_no_regressors():
    table = panel(1)
    table.loc[table.index[::7], "age"] = np.nan
    built = with_covariates(case(table, "composition"), table, ("age", "region"))
    assert built.columns == ("programme x endline", "endline")
    assert built.X.shape == (table["age"].notna().sum(), 2)
    assert built.incomplete == table["age"].isna().sum()
    assert {"age", "region"} <= set(built.rounds.frame.columns)


def test_an_estimate_from_one_round_is_refused():
    specification = dataclasses.replace(ANCOVA, status="primary")
    made = case(panel(1), "composition", specification=specification)
    with pytest.raises(EstimationError, match="no difference between two rounds"):
        ReweightedRows.of(made.primary_design())


def test_terms():
    table = pd.DataFrame({"age": [20.0, 30.0, 70.0], "sex": [0.0, 1.0, 1.0], "place": list("bac")})
    values, labels = terms(table, ("age", "sex", "place"), squares=True)
    assert labels == ("age", "age^2", "sex", "place=b", "place=c")
    expected = [[20, 400, 0, 1, 0], [30, 100, 1, 0, 0], [70, 900, 1, 0, 1]]
    np.testing.assert_array_equal(values, expected)
    assert terms(table, ("age", "place"))[1] == ("age", "place=b", "place=c")
    assert terms(table, ())[0].shape == (3, 0)


def test_solve_refuses_what_has_no_single_solution():
    gram = np.array([[4.0, 2.0], [2.0, 9.0]])
    np.testing.assert_allclose(solve(gram, np.array([8.0, 20.0])), [1.0, 2.0], rtol=1e-14)
    for singular in (np.array([[4.0, 6.0], [6.0, 9.0]]), np.array([[4.0, 0.0], [0.0, 0.0]])):
        with pytest.raises(StepUnavailable, match="repeat each other or do not vary"):
            solve(singular, np.ones(2))
