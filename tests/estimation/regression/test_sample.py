"""Which rows an estimate rests on: each thing that may be wrong is one clear message."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.sample import seen_twice, select
from tests.estimation.studies import ANCOVA, DID, FACTORIAL, STUDY, outcome, panel

ROUNDS = ("baseline", "endline")


def chosen(table, specification=DID, study=STUDY, rounds=ROUNDS):
    return select(table, specification, value="y", rounds=rounds, study=study)


def no_outcome_at_endline(table):
    return table.assign(y=table["y"].where(table["round"] == "baseline"))


def village_in_both_arms(table):
    moved = (table["village"] == "v01") & (table["round"] == "endline")
    return table.assign(arm=table["arm"].mask(moved, "comparison"))


def one_treated_village(table):
    return table[(table["arm"] == "comparison") | (table["village"] == "v00")]


def respondent_twice(table):
    return table.assign(respondent=table["respondent"].mask(table.index < 2, "same")).assign(
        round=table["round"].mask(table.index < 2, "baseline")
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (no_outcome_at_endline, "missing in every row of round endline"),
        (village_in_both_arms, "cluster v01 is in more than one arm"),
        (one_treated_village, "1 treated clusters; at least 2"),
        (respondent_twice, "1 rows repeat a respondent"),
        (lambda t: t.assign(y=3.0), "the same value in every row"),
        (lambda t: t.assign(y="3"), "the outcome is not numeric"),
        (lambda t: t.assign(weight=t["weight"].mask(t.index == 3, 0.0)), "1 rows have a weight"),
        (lambda t: t.assign(weight=t["weight"].mask(t.index == 3)), "1 rows have a weight"),
        (lambda t: t.assign(arm=t["arm"].mask(t.index == 3)), "1 rows have no arm"),
        (lambda t: t.assign(arm=t["arm"].mask(t.index == 3, "pilot")), "unknown arm pilot"),
        (lambda t: t.assign(village=t["village"].mask(t.index == 3)), "1 rows have no village"),
        (lambda t: t.drop(columns="y"), "no column y"),
        (lambda t: t.drop(columns="weight"), "no column weight"),
    ],
)
def test_bad_input_is_named(spoil, message):
    with pytest.raises(EstimationError, match=message) as caught:
        chosen(spoil(panel()))
    assert "specification did_main, outcome y" in str(caught.value)
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.assign(population=t["population"].mask(t.index == 3, 7.0)), "differs within"),
        (lambda t: t.assign(population=t["population"].mask(t["village"] == "v02")), "is missing"),
        (lambda t: t.drop(columns="population"), "no column population"),
    ],
)
def test_bad_population_is_named(spoil, message):
    with pytest.raises(EstimationError, match=message):
        chosen(spoil(panel()), dataclasses.replace(DID, estimand="population"))


def test_message_never_shows_a_respondents_value():
    table = panel()
    table["weight"] = table["weight"].mask(table.index == 3, -98765.4321)
    with pytest.raises(EstimationError) as caught:
        chosen(table)
    assert "98765" not in str(caught.value)


def test_cluster_in_one_round_is_left_out_and_named():
    table = panel()
    table = table[~((table["village"] == "v07") & (table["round"] == "endline"))]
    found = chosen(table)
    assert found.one_round == ("v07",)
    assert "v07" not in set(found.cluster)


def test_cluster_loses_a_round_through_item_non_response():
    table = panel()
    table.loc[(table["village"] == "v08") & (table["round"] == "baseline"), "y"] = np.nan
    assert chosen(table).one_round == ("v08",)


def test_panel_members_only():
    table = panel()
    found = chosen(table, dataclasses.replace(DID, sample="panel_members"))
    assert len(found.y) == int(table["panel_member"].sum())
    assert found.frame["panel_member"].all()


def test_rows_without_a_covariate_are_counted():
    table = panel()
    table.loc[table.index[:5], "age"] = np.nan
    found = chosen(table, dataclasses.replace(DID, covariates=("age",)))
    assert found.incomplete == 5
    assert len(found.y) == len(table) - 5


@pytest.mark.parametrize("estimand", ["equal", "population"])
def test_weights_sum_per_cluster_and_round(estimand):
    """To one, or to the population: a total of ten weights is exact to rounding."""
    table = panel()
    found = chosen(table, dataclasses.replace(DID, estimand=estimand))
    totals = found.frame.assign(w=found.weights).groupby(["village", "round"])["w"].sum()
    people = table.groupby(["village", "round"])["population"].first()
    wanted = 1.0 if estimand == "equal" else people
    np.testing.assert_allclose(totals, wanted, rtol=1e-12)


def test_a_panel_is_cut_to_the_columns_that_the_estimate_needs():
    found = chosen(panel(), dataclasses.replace(DID, covariates=("age",)))
    needed = {"village", "arm", "y", "age", "weight", "round", "respondent"}
    assert set(found.frame.columns) == needed


def test_inverse_weights():
    table = panel()
    found = chosen(table, dataclasses.replace(DID, estimand="respondents", weights="inverse:age"))
    np.testing.assert_allclose(found.weights, 1.0 / found.frame["age"], rtol=1e-15)


def test_a_treatment_nobody_adjusts_for_is_refused():
    table = panel().assign(arm=lambda t: t["arm"].map({"treated": "both", "comparison": "neither"}))
    specification = dataclasses.replace(DID, treatment="meetings")
    with pytest.raises(EstimationError, match="received leaflets, for which nothing adjusts"):
        build(table, specification, outcome=outcome(), study=FACTORIAL)


@pytest.mark.parametrize("arms", [("leaflets", "neither"), ("meetings", "both")])
def test_two_arms_in_a_village_are_refused_though_they_share_a_group(arms):
    """Of meetings both arms have it, or neither; the village's other treatment is then unknown."""
    where = {"treated": "meetings", "comparison": "neither"}
    table = panel().assign(arm=lambda t: t["arm"].map(where))
    late = table["round"] == "endline"
    table["arm"] = table["arm"].mask((table["village"] == "v05") & ~late, arms[0])
    table["arm"] = table["arm"].mask((table["village"] == "v05") & late, arms[1])
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), covariates=()
    )
    with pytest.raises(EstimationError, match="cluster v05 is in more than one arm"):
        build(table, specification, outcome=outcome(), study=FACTORIAL)


def test_covariate_named_like_a_regressor_is_refused():
    table = panel().rename(columns={"age": "endline"})
    specification = dataclasses.replace(DID, covariates=("endline",))
    with pytest.raises(EstimationError, match="two regressors are called 'endline'"):
        build(table, specification, outcome=outcome(), study=STUDY)


def test_covariate_constant_in_villages_is_named():
    """Absorbed with the village effects: the engine must say so, not return a number."""
    specification = dataclasses.replace(DID, covariates=("population",))
    built = build(panel(), specification, outcome=outcome(), study=STUDY)
    with pytest.raises(EstimationError, match="constant within clusters: population"):
        built.accumulate()


def test_missing_lag_column_is_named():
    specification = dataclasses.replace(ANCOVA, lag="suffix", contrast=ROUNDS)
    with pytest.raises(EstimationError, match="no baseline value y_baseline"):
        build(panel().drop(columns="respondent"), specification, outcome=outcome(), study=STUDY)


def test_what_is_wrong_in_another_round_does_not_matter():
    """A midline that the contrast leaves out: a village unknown there, a respondent there twice."""
    table = panel()
    midline = table[:2].assign(round="midline", respondent="same", village=["v00", None])
    one, both = chosen(table), chosen(pd.concat([table, midline], ignore_index=True))
    np.testing.assert_array_equal(both.y, one.y)
    np.testing.assert_array_equal(both.cluster, one.cluster)


def test_who_moved_to_another_cluster_or_is_not_known_is_not_seen_twice():
    """Nine interviews of two clusters: a stays, c moves, b is seen once, four are of nobody."""
    respondents = ["a", "b", "c", None, "", "a", "c", None, ""]
    clusters, post = [0, 0, 1, 1, 1, 0, 0, 1, 1], np.arange(9) > 4
    assert seen_twice(respondents, clusters, post).tolist() == [[0, 5]]
