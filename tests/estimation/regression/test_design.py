"""Strata x round effects against explicit dummies, and what a stratum must be."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.estimation.studies import ANCOVA, DID, STUDY, outcome, panel

STRATA = dataclasses.replace(DID, strata_round="subregion")


def stratified(seed=20):
    """Three subregions, each with treated and comparison villages; each has its own change."""
    table = panel(seed, clusters=18)
    place = table["village"].str[1:].astype(int) % 3
    shock = place.map({0: 0.0, 1: 2.0, 2: -1.0}) * (table["round"] == "endline")
    return table.assign(
        subregion=place.map({0: "coast", 1: "hills", 2: "plain"}), y=table["y"] + shock
    )


def built(table, specification=STRATA):
    return build(table, specification, outcome=outcome(), study=STUDY)


@pytest.mark.parametrize("covariates", [(), ("age",)])
def test_equals_least_squares_with_explicit_dummies(covariates):
    """Source: villages, rounds and subregion x endline as columns of one weighted regression.

    Least squares of some 400 rows by another route: gaps observed below 1e-13, allowed 1e-10.
    """
    table = stratified()
    chosen = dataclasses.replace(STRATA, covariates=covariates, estimand="respondents")
    design = built(table, chosen)
    names = ("programme x endline", "endline", "hills x endline", "plain x endline", *covariates)
    assert design.columns == names
    found = least_squares(design.accumulate())
    post = (table["round"] == "endline").to_numpy(float)
    full = np.column_stack(
        [
            (table["arm"] == "treated") * post,
            pd.get_dummies(table["subregion"]).to_numpy(float) * post[:, None],
            table[list(covariates)],
            pd.get_dummies(table["village"]),
        ]
    ).astype(float)
    weight = table["weight"].to_numpy()
    root = np.sqrt(weight)
    beta = np.linalg.lstsq(full * root[:, None], table["y"] * root)[0]
    assert found.coefficients[0] == pytest.approx(beta[0], abs=1e-10)
    residual = table["y"].to_numpy() - full @ beta
    bread = np.linalg.inv((full * weight[:, None]).T @ full)
    scores = pd.DataFrame(full * (weight * residual)[:, None]).groupby(table["village"]).sum()
    variance = 18 / 17 * np.sum((scores.to_numpy() @ bread[0]) ** 2)
    result = cv1(found, design.column)
    assert result.std_error == pytest.approx(variance**0.5, abs=1e-10)


@pytest.mark.truth
def test_strata_by_hand():
    """Effects 1 in `north` and 3 in `south`, changes 5 and -5 there, two villages of each kind.

    Every stratum has the same shares treated, so the effect is the plain average 2; without
    strata the effect is the same but the change between strata is left in the residuals.
    """
    rows = [
        {
            "village": f"{stratum}{arm}{copy}",
            "subregion": stratum,
            "arm": arm,
            "round": round_id,
            "weight": 1.0,
            "y": copy + position * (change + effect * (arm == "treated")) + 0.1 * i,
        }
        for stratum, effect, change in (("north", 1.0, 5.0), ("south", 3.0, -5.0))
        for arm in ("treated", "comparison")
        for copy in range(2)
        for position, round_id in enumerate(("baseline", "endline"))
        for i in range(2)
    ]
    table = pd.DataFrame(rows)
    inside = cv1(least_squares(built(table).accumulate()), "programme x endline")
    outside = cv1(least_squares(built(table, DID).accumulate()), "programme x endline")
    assert inside.estimate == pytest.approx(2.0, abs=1e-12)
    assert outside.estimate == pytest.approx(2.0, abs=1e-12)
    # residual changes: -0.5, 0.5 (north treated, comparison) and 0.5, -0.5: eight clusters with
    # influence 0.5 / 4 each, so 8/7 * 8 * (0.125)^2 = 1/7
    assert inside.std_error == pytest.approx((1 / 7) ** 0.5, abs=1e-12)
    # treated 6 and -2 about 2, comparison 5 and -5 about 0: (4 * 16 + 4 * 25) / 16 * 8/7 = 82/7
    assert outside.std_error == pytest.approx((82 / 7) ** 0.5, abs=1e-12)


def test_whole_numbers_are_named_without_a_point():
    table = stratified().assign(subregion=lambda t: t["subregion"].map({"coast": 3.0}).fillna(11.0))
    assert built(table).columns[2] == "11 x endline"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.assign(subregion=t["region"]), "subregion differs within 18 clusters"),
        (lambda t: t.assign(subregion=t["subregion"].mask(t.index < 3)), "3 rows have no subreg"),
        (lambda t: t.drop(columns="subregion"), "the data have no column subregion"),
        (
            lambda t: t.assign(subregion=t["subregion"].replace("plain", "programme")),
            "two regressors are called 'programme x endline'",
        ),
    ],
)
def test_a_stratum_is_one_value_per_cluster(spoil, message):
    with pytest.raises(EstimationError, match=message):
        built(spoil(stratified()))


def test_strata_that_hold_one_group_only_are_named():
    """All treated villages in one stratum: its change cannot be told from the effect."""
    table = stratified().assign(subregion=lambda t: t["arm"])
    with pytest.raises(EstimationError, match="collinear with the columns before them: treated x"):
        built(table).accumulate()


def test_strata_round_is_not_silently_ignored_under_ancova():
    with pytest.raises(EstimationError, match="no meaning under ancova"):
        built(stratified(), dataclasses.replace(ANCOVA, strata_round="subregion"))
