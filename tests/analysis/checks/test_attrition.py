"""Differential attrition and the panel weighted for it, by hand and by statsmodels."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.analysis.checks.attrition_weights import _frozen, attrition_weights
from evaluation.errors import EstimationError
from evaluation.estimation.regression.fit import StepUnavailable
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    cluster_dummies,
    diagnostics,
    estimates,
    least_squares,
    reasons,
)
from tests.estimation.studies import DID, FACTORIAL, panel

RATE, WEIGHTED = "rate:reinterviewed", "panel:ipw"
# A logit solved to 1e-10 here and to 1e-12 there.
SOLVED = 1e-8


def rows_of(table, names=("age",), **keys):
    return list(attrition_weights(case(table, "attrition_weights", variables=names, **keys)))


def lost(table):
    """The same panel with older treated respondents not found again, which they answer for."""
    gone = (table["arm"] == "treated") & (table["age"] > 60) & (table["round"] == "baseline")
    ids = table.loc[gone & table["panel_member"], "respondent"]
    return table.assign(panel_member=table["panel_member"] & ~table["respondent"].isin(ids))


@pytest.mark.truth
def test_rates_by_hand():
    """Two villages a group, four at baseline: 3 and 2 of them found again against 4 and 3.

    62.5 % against 87.5 %: -25 points. Jackknife: without either village a group's rate moves by
    12.5 either way; V = 3/4 x 4 x 12.5^2, SE 21.65.
    """
    found = {"t1": 3, "t2": 2, "c1": 4, "c2": 3}
    rows = []
    for position, (village, again) in enumerate(found.items()):
        for i in range(4):
            person = {
                "village": village,
                "arm": "treated" if village[0] == "t" else "comparison",
                "respondent": f"{village}{i}",
                "weight": 1.0,
                "population": 1.0,
                "panel_member": i < again,
                "x": float(i % 2),
            }
            rows.append(person | {"round": "baseline", "y": position + i / 3})
            if i < again:
                rows.append(person | {"round": "endline", "y": i**2 + position**2})
    made = rows_of(pd.DataFrame(rows), ("x",), unit="SD")
    rate = estimates(made)[RATE, "cv3"]
    assert rate.unit == "percentage points"
    assert rate.estimate == pytest.approx(-25.0, abs=ROUNDING)
    assert rate.std_error == pytest.approx(np.sqrt(3 / 4 * 4 * 12.5**2), abs=1e-9)
    assert (rate.n, rate.n_clusters_treated, rate.n_clusters_comparison) == (16, 2, 2)
    assert rate.baseline_comparison_mean == pytest.approx(87.5, abs=ROUNDING)
    assert diagnostics(made)[RATE, "reinterviewed_treated"] == pytest.approx(62.5, abs=ROUNDING)
    assert diagnostics(made)[RATE, "reinterviewed_comparison"] == pytest.approx(87.5, abs=ROUNDING)
    assert "4 clusters have 16 sign vectors" in reasons(made)[RATE, "wcr_s"]


def test_rates_of_each_group_are_weighted():
    """Definition: share of the baseline's weight whose person was found again, in percent."""
    table = lost(panel(4))
    specification = dataclasses.replace(DID, estimand="respondents")
    said = diagnostics(rows_of(table, specification=specification))
    first = table[table["round"] == "baseline"]
    assert first["weight"].nunique() > 10
    for group in ("treated", "comparison"):
        rows = first[first["arm"] == group]
        rate = 100.0 * np.average(rows["panel_member"].astype(float), weights=rows["weight"])
        assert said[RATE, f"reinterviewed_{group}"] == pytest.approx(rate, abs=1e-9)


def design_of(table, treated, other=()):
    post = (table["round"] == "endline").astype(float)
    columns = [table["arm"].isin(treated) * post, post]
    if other:
        columns.append(table["arm"].isin(other) * post)
    return np.column_stack([*columns, cluster_dummies(table["village"])])


def scaled(table, weights, estimand):
    if estimand == "respondents":
        return weights
    return weights / weights.groupby([table["village"], table["round"]]).transform("sum")


def twin(table, *, estimand="equal", treated=("treated",), other=()):
    """Statsmodels' logit by group, weights rebuilt from the start, dummies; and the lowest p."""
    first = table[(table["round"] == "baseline") & table["age"].notna()]
    base = scaled(first, first["weight"], estimand)
    p = pd.Series(np.nan, first["respondent"])
    for group in (True, False):
        rows = (first["arm"].isin(treated) == group).to_numpy()
        columns = [np.ones(rows.sum()), first["age"][rows]]
        if other:
            columns.append(first["arm"][rows].isin(other))
        X = np.column_stack(columns).astype(float)
        seen = first["panel_member"][rows].astype(float).to_numpy()
        model = sm.GLM(seen, X, family=sm.families.Binomial(), freq_weights=base[rows].to_numpy())
        p[first["respondent"][rows]] = model.fit(tol=1e-14).predict(X)
    known = set(first.loc[first["panel_member"], "respondent"])
    members = table[table["respondent"].isin(known)]
    odds = 1.0 / members["respondent"].map(p)
    weights = scaled(members, scaled(members, members["weight"], estimand) * odds, estimand)
    X, y = design_of(members, treated, other), members["y"].to_numpy()
    plain = least_squares(X, y, scaled(members, members["weight"], estimand).to_numpy())[0]
    return least_squares(X, y, weights.to_numpy())[0], plain, len(members), 1.0 / odds.max()


@pytest.mark.parametrize("estimand", ["equal", "respondents"])
def test_weighted_panel_by_statsmodels(estimand):
    table = lost(panel(2, clusters=11, rows=14))
    table.loc[table.index[::23], "age"] = np.nan
    rows = rows_of(table, specification=dataclasses.replace(DID, estimand=estimand))
    found = estimates(rows)
    full, plain, n, lowest = twin(table, estimand=estimand)
    assert found[WEIGHTED, "cv3"].estimate == pytest.approx(full, abs=SOLVED)
    assert found[WEIGHTED, "cv3"].n == n
    for row in found.values():
        assert (row.n_clusters_treated, row.n_clusters_comparison) == (5, 6)
    assert abs(full - plain) > 1e-3
    villages = sorted(table["village"].unique())
    without = [twin(table[table["village"] != v], estimand=estimand)[0] for v in villages]
    error = np.sqrt(10 / 11 * np.sum((np.array(without) - full) ** 2))
    assert found[WEIGHTED, "cv3"].std_error == pytest.approx(error, abs=SOLVED)
    assert diagnostics(rows)[WEIGHTED, "lowest_probability"] == pytest.approx(lowest, abs=SOLVED)
    assert reasons(rows)[WEIGHTED, "wcr_s"].startswith("the probabilities of being interviewed")


def test_totals_are_frozen_whatever_their_size():
    """Two cells with totals .4 and .1 before, .9 and .2 after; the third is left out."""
    base, cell = np.array([0.1, 0.3, 0.1, 0.0]), np.array([0, 0, 2, 1])
    found = _frozen(np.array([0.3, 0.6, 0.2, 0.0]), base, cell)
    np.testing.assert_allclose(found, [0.4 / 3, 0.8 / 3, 0.1, 0.0], rtol=1e-14)


def test_other_treatments_are_held_fixed_throughout():
    table = panel(2, clusters=16, rows=14)
    arms = ("neither", "meetings", "leaflets", "both")
    table["arm"] = table["village"].str[1:].astype(int).mod(4).map(dict(enumerate(arms)))
    specification = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    rows = rows_of(table, study=FACTORIAL, specification=specification)
    treated, other = ("meetings", "both"), ("leaflets", "both")
    expected, *_ = twin(table, treated=treated, other=other)
    assert estimates(rows)[WEIGHTED, "cv3"].estimate == pytest.approx(expected, abs=SOLVED)
    first = table[table["round"] == "baseline"]
    X = np.column_stack([first["arm"].isin(treated), first["arm"].isin(other), np.ones(len(first))])
    seen = 100.0 * first["panel_member"].to_numpy()
    weights = scaled(first, first["weight"], "equal").to_numpy()
    rate = least_squares(X.astype(float), seen, weights)[0]
    assert estimates(rows)[RATE, "cv3"].estimate == pytest.approx(rate, abs=ROUNDING)


def test_rates_are_told_with_the_first_outcome_only():
    made = case(panel(2), "attrition_weights", variables=("age",))
    later = dataclasses.replace(made.outcome, id="z")
    plan = dataclasses.replace(made.plan, outcome=(made.outcome, later))
    rows = attrition_weights(dataclasses.replace(made, plan=plan, outcome=later))
    assert {sample for sample, _ in estimates(rows)} == {WEIGHTED}


def test_variables_that_tell_who_stays_are_a_reason_beside_the_rates():
    table = panel(2).assign(stays=lambda t: 1.0 * t["panel_member"])
    rows = rows_of(table, ("stays",))
    assert "occur in one group only" in reasons(rows)[WEIGHTED, "all"]
    assert {sample for sample, _ in estimates(rows)} == {RATE}


def test_a_panel_in_too_few_villages_is_a_reason_beside_the_rates():
    table = panel(2)
    inside = (table["arm"] == "treated") | (table["village"] == "v07")
    rows = rows_of(table.assign(panel_member=table["panel_member"] & inside))
    assert reasons(rows) == {(WEIGHTED, "all"): "1 comparison clusters; at least 2 are needed"}
    assert (RATE, "cv3") in estimates(rows)


@pytest.mark.parametrize(("again", "who"), [(False, "no one"), (True, "everyone")])
def test_without_loss_or_without_panel_there_is_nothing_to_say(again, who):
    with pytest.raises(StepUnavailable, match=f"{who} was interviewed again"):
        rows_of(panel(2).assign(panel_member=again))


def test_an_unknown_variable_is_named():
    with pytest.raises(EstimationError, match="no column salary"):
        rows_of(panel(2), ("salary",))


def test_rates_ask_for_no_covariate_of_the_primary_regression():
    """Who was found again is known of people whose age or region is not."""
    table = lost(panel(4))
    first = (table["round"] == "baseline").to_numpy()
    table["schooling"] = np.where(first & (np.arange(len(table)) % 3 == 0), np.nan, table["age"])
    wealth = table["region"].where(~first | (np.arange(len(table)) % 4 > 0))
    varied = dataclasses.replace(DID, covariates=("schooling",))
    plain = estimates(rows_of(table))
    made = rows_of(table.assign(wealth=wealth), specification=varied)
    assert estimates(made)[RATE, "cv3"].estimate == plain[RATE, "cv3"].estimate
    assert estimates(made)[RATE, "cv3"].n == plain[RATE, "cv3"].n == first.sum()
    # the panel's own regression keeps its covariate
    assert estimates(made)[WEIGHTED, "cv3"].n < plain[WEIGHTED, "cv3"].n


def test_a_row_that_says_it_is_of_no_panel_member_stays_out():
    """One person's endline row is flagged as a fresh one: the link is not trusted."""
    table = lost(panel(4))
    member = table["panel_member"] & (table["round"] == "endline")
    one = table.index[member][0]
    whole = estimates(rows_of(table))[WEIGHTED, "cv3"].n
    table.loc[one, "panel_member"] = False
    assert estimates(rows_of(table))[WEIGHTED, "cv3"].n == whole - 1
