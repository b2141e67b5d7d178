"""Difference-in-differences: by hand, by an independent route, by laws that must hold."""

import dataclasses
import itertools

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest

from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.regression import design
from tests.estimation.one_estimate import estimate
from tests.estimation.studies import (
    DID,
    FACTORIAL,
    INFERENCE,
    PROVENANCE,
    STUDY,
    outcome,
    panel,
)

# Same sums in another order: a few units in the last place, on numbers of size 1 to 10.
ROUNDING = 1e-11


def estimates(table, *, specification=DID, study=STUDY, number=199, y="y", unit="points"):
    draws = bootstrap.draws(table["village"].unique(), number=number, seed=7)
    found = estimate(
        table,
        specification,
        outcome=outcome(y, unit=unit),
        study=study,
        inference=INFERENCE,
        provenance=PROVENANCE,
        status="pre-specified",
        draws=draws,
    )
    return {record.step: record for record in found}


# Four villages, two respondents a round. Changes of the means: t1 2 -> 5 is 3, t2 2 -> 3 is 1;
# c1 1 -> 2 is 1, c2 4 -> 6 is 2. Effect (3 + 1)/2 - (1 + 2)/2 = 0.5.
VALUES = {
    ("t1", "baseline"): (1, 3),
    ("t1", "endline"): (4, 6),
    ("t2", "baseline"): (2, 2),
    ("t2", "endline"): (3, 3),
    ("c1", "baseline"): (0, 2),
    ("c1", "endline"): (1, 3),
    ("c2", "baseline"): (3, 5),
    ("c2", "endline"): (5, 7),
}


def by_hand():
    rows = [
        {
            "village": village,
            "round": round_id,
            "arm": "treated" if village.startswith("t") else "comparison",
            "respondent": f"{village}{round_id}{i}",
            "weight": 1.0,
            "population": {"t1": 3.0, "t2": 1.0, "c1": 5.0, "c2": 5.0}[village],
            "y": float(y),
            "panel_member": False,
        }
        for (village, round_id), values in VALUES.items()
        for i, y in enumerate(values)
    ]
    return pd.DataFrame(rows)


@pytest.mark.truth
def test_two_by_two_worked_by_hand():
    """Every number is in the comments."""
    found = estimates(by_hand())
    # Residual changes 1, -1 and -0.5, 0.5: variance (1 + 1)/4 + (0.25 + 0.25)/4 = 0.625, times
    # G/(G - 1) = 4/3 is 5/6.
    cv1 = found["cv1"]
    assert cv1.estimate == pytest.approx(0.5, abs=ROUNDING)
    assert cv1.std_error == pytest.approx((5 / 6) ** 0.5, abs=ROUNDING)
    assert cv1.df == 3
    # 2.801585 = 1.959964 + 0.841621, the normal quantiles at 0.975 and 0.8.
    assert cv1.mde == pytest.approx(2.801585 * (5 / 6) ** 0.5, abs=1e-6)
    # Without t1 1 - 1.5, without t2 3 - 1.5, without c1 2 - 2, without c2 2 - 1: deviations from
    # 0.5 are -1, 1, -0.5, 0.5, squares sum to 2.5, times 3/4 is 1.875.
    assert found["cv3"].std_error == pytest.approx(1.875**0.5, abs=ROUNDING)
    # Comparison baseline 0, 2, 3, 5: mean 2.5, variance (6.25 + 0.25)/2 = 3.25.
    assert cv1.baseline_comparison_mean == pytest.approx(2.5, abs=ROUNDING)
    assert cv1.baseline_comparison_sd == pytest.approx(3.25**0.5, abs=ROUNDING)
    assert cv1.estimate_sd == pytest.approx(0.5 / 3.25**0.5, abs=ROUNDING)
    assert (cv1.n, cv1.n_clusters_treated, cv1.n_clusters_comparison) == (16, 2, 2)


@pytest.mark.truth
def test_population_weights_by_hand():
    """Treated changes 3 and 1 with populations 3 and 1: 2.5; comparison 1.5; effect 1."""
    found = estimates(
        by_hand(), specification=dataclasses.replace(DID, estimand="population", steps=("cv1",))
    )
    assert found["cv1"].estimate == pytest.approx(1.0, abs=ROUNDING)


@pytest.mark.truth
def test_bootstrap_p_enumerated_by_hand():
    """All 16 sign vectors on the four changes, refitted one by one, equal the record's p-value."""
    table = by_hand()
    change = np.array([3.0, 1.0, 1.0, 2.0])
    treated = np.array([1.0, 1.0, 0.0, 0.0])

    def t_of(d):
        means = np.array([d[treated == a].mean() for a in (0, 1)])
        residual = d - means[treated.astype(int)]
        return (means[1] - means[0]) / np.sqrt(4 / 3 * np.sum(residual**2) / 4)

    mean = change.mean()
    stars = [
        t_of(mean + np.array(signs) * (change - mean))
        for signs in itertools.product((1, -1), repeat=4)
    ]
    # A draw in which both groups' residuals vanish has no standard error and counts as extreme.
    share = np.mean([np.isnan(t) or abs(t) >= abs(t_of(change)) - 1e-9 for t in stars])
    draws = bootstrap.draws(table["village"], number=199, seed=7)
    built = design.build(table, DID, outcome=outcome(), study=STUDY)
    found = steps.analyse(built, ("wcr",), draws=draws).steps["wcr"]
    assert found.p_value() == pytest.approx(share, abs=1e-12)
    assert found.mc_error() == 0.0


def test_too_few_clusters_for_the_bootstrap_is_said_and_holds_no_number():
    """Four clusters: 16 sign vectors in 8 pairs, so p is a multiple of 0.125, above 0.05."""
    found = estimates(by_hand())
    for step in ("wcr", "wcr_s"):
        assert isinstance(found[step], Unavailable)
        assert "4 clusters have 16 sign vectors" in str(found[step].reason)
        assert "multiples of 0.125" in str(found[step].reason)
    assert isinstance(found["cv3"], Estimate)
    webb = bootstrap.draws("abcd", number=99, seed=1, kind="webb")
    assert not bootstrap.too_few(webb, 4, 0.95)
    six = bootstrap.draws("abcdef", number=99, seed=1)
    assert not bootstrap.too_few(six, 6, 0.95)
    assert bootstrap.too_few(six, 5, 0.95)
    assert not bootstrap.too_few(six, 5, 0.9)


def test_equals_regression_of_cluster_changes():
    """Collapse invariance: rows with cluster effects = cluster changes weighted w0 w1/(w0 + w1)."""
    table = panel(1)
    found = estimates(table, specification=dataclasses.replace(DID, estimand="respondents"))
    table = table.assign(wy=table["weight"] * table["y"])
    sums = table.pivot_table(
        index="village", columns="round", values=["weight", "wy"], aggfunc="sum"
    )
    total, means = sums["weight"], sums["wy"] / sums["weight"]
    change = means["endline"] - means["baseline"]
    h = total["baseline"] * total["endline"] / total.sum(axis=1)
    treated = change.index.isin(table.loc[table["arm"] == "treated", "village"])
    gap = [np.average(change[rows], weights=h[rows]) for rows in (treated, ~treated)]
    assert found["cv1"].estimate == pytest.approx(gap[0] - gap[1], abs=ROUNDING)
    residual = change - np.where(treated, *gap)
    score = np.where(treated, h / h[treated].sum(), -h / h[~treated].sum()) * residual
    std_error = np.sqrt(12 / 11 * np.sum(score**2))
    assert found["cv1"].std_error == pytest.approx(std_error, abs=ROUNDING)


def test_equal_estimand_ignores_cluster_size_and_weight_scale():
    """Weights of one cluster and round times 50 change nothing when clusters count equally."""
    table = panel(2)
    before = estimates(table)
    cell = (table["village"] == "v03") & (table["round"] == "endline")
    table.loc[cell, "weight"] *= 50.0
    after = estimates(table)
    for step in DID.steps:
        assert after[step].estimate == pytest.approx(before[step].estimate, abs=ROUNDING)
        assert after[step].p_value == pytest.approx(before[step].p_value, abs=1e-9)


def test_weight_totals_are_frozen_after_item_non_response():
    """Missing outcomes in one cluster must not shift weight to others: by the cell means."""
    table = panel(3)
    gone = (table["village"] == "v01") & (table["round"] == "endline")
    table.loc[table.index[gone][:4], "y"] = np.nan
    kept = table.dropna(subset=["y"]).assign(wy=lambda t: t["weight"] * t["y"])
    sums = kept.pivot_table(
        index=["arm", "village"], columns="round", values=["weight", "wy"], aggfunc="sum"
    )
    means = sums["wy"] / sums["weight"]
    change = (means["endline"] - means["baseline"]).groupby("arm").mean()
    expected = change["treated"] - change["comparison"]
    assert estimates(table)["cv1"].estimate == pytest.approx(expected, abs=ROUNDING)


def test_integer_weights_equal_replicated_rows():
    table = panel(4).assign(weight=lambda t: 1.0 + t.index % 3)
    copies = table.loc[table.index.repeat(table["weight"].astype(int))].assign(
        weight=1.0, respondent=None
    )
    chosen = dataclasses.replace(DID, estimand="respondents", steps=("cv1", "cv3", "wcr", "wcr_s"))
    weighted = estimates(table, specification=chosen)
    replicated = estimates(copies.reset_index(drop=True), specification=chosen)
    for step in chosen.steps:
        assert replicated[step].estimate == pytest.approx(weighted[step].estimate, abs=ROUNDING)
        assert replicated[step].std_error == pytest.approx(weighted[step].std_error, abs=ROUNDING)
        assert replicated[step].p_value == pytest.approx(weighted[step].p_value, abs=1e-9)


def test_row_order_changes_nothing():
    table = panel(5)
    shuffled = table.sample(frac=1.0, random_state=99)
    first, second = estimates(table), estimates(shuffled)
    for step in DID.steps:
        assert second[step].estimate == pytest.approx(first[step].estimate, abs=ROUNDING)
        assert second[step].ci_low == pytest.approx(first[step].ci_low, abs=1e-8)


def test_cluster_names_change_nothing_but_the_draws():
    table = panel(6)
    renamed = table.assign(village="z" + table["village"].str[::-1])
    first, second = estimates(table), estimates(renamed)
    for step in ("cv1", "cv3", "cr2"):
        assert second[step].estimate == pytest.approx(first[step].estimate, abs=ROUNDING)
        assert second[step].std_error == pytest.approx(first[step].std_error, abs=ROUNDING)
        assert second[step].df == pytest.approx(first[step].df, abs=1e-8)


@pytest.mark.property
@hypothesis.settings(max_examples=15)
@hypothesis.given(
    shift=st.floats(-1e3, 1e3), scale=st.floats(0.01, 100.0), sign=st.sampled_from((-1.0, 1.0))
)
def test_shift_and_scale_of_the_outcome(shift, scale, sign):
    """y -> a + b y: effect and standard error times |b|, p unchanged. 1e-8 covers the shift."""
    table = panel(7)
    moved = table.assign(y=shift + sign * scale * table["y"])
    chosen = dataclasses.replace(DID, steps=("cv1", "cr2", "wcr_s"))
    first = estimates(table, specification=chosen)
    second = estimates(moved, specification=chosen)
    for step in chosen.steps:
        assert second[step].estimate == pytest.approx(sign * scale * first[step].estimate, rel=1e-8)
        assert second[step].std_error == pytest.approx(scale * first[step].std_error, rel=1e-8)
        assert second[step].p_value == pytest.approx(first[step].p_value, abs=1e-6)
        assert second[step].estimate_sd == pytest.approx(sign * first[step].estimate_sd, rel=1e-8)


def test_index_effect_is_in_sd_already():
    found = estimates(panel(8), unit="SD")["cv1"]
    assert found.estimate_sd == found.estimate
    assert found.baseline_comparison_sd != pytest.approx(1.0, abs=0.01)


def test_inputs_are_not_changed():
    table = panel(9)
    before = table.copy(deep=True)
    estimates(table, y="z")
    pd.testing.assert_frame_equal(table, before)


def test_two_treatments_are_held_apart():
    """Four arms, effects 1 (meetings) and 3 (leaflets) without noise: each is found exactly."""
    arms = {"a": "neither", "b": "meetings", "c": "leaflets", "d": "both"}
    effect = {"neither": 0.0, "meetings": 1.0, "leaflets": 3.0, "both": 4.0}
    rows = [
        {
            "village": f"{letter}{copy}",
            "arm": arm,
            "round": round_id,
            "respondent": f"{letter}{copy}{i}{round_id}",
            "weight": 1.0,
            # deviations that cancel within each arm and round
            "y": copy + i + position * (effect[arm] + (0.5 if copy % 2 else -0.5)),
        }
        for letter, arm in arms.items()
        for copy in range(4)
        for position, round_id in enumerate(("baseline", "endline"))
        for i in range(2)
    ]
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), steps=("cv1",)
    )
    found = estimates(pd.DataFrame(rows), specification=specification, study=FACTORIAL)["cv1"]
    assert found.estimate == pytest.approx(1.0, abs=ROUNDING)
    assert (found.n_clusters_treated, found.n_clusters_comparison) == (8, 8)


def test_covariates_numeric_and_nominal():
    """Against least squares with village and round dummies, written out."""
    table = panel(10)
    chosen = dataclasses.replace(
        DID, covariates=("age", "region"), estimand="respondents", steps=("cv1",)
    )
    found = estimates(table, specification=chosen)["cv1"]
    post = (table["round"] == "endline").to_numpy(float)
    treated = (table["arm"] == "treated").to_numpy(float)
    X = np.column_stack(
        [
            treated * post,
            post,
            table["age"],
            table["region"] == "hill",
            table["region"] == "plain",
            pd.get_dummies(table["village"]),
        ]
    ).astype(float)
    root = np.sqrt(table["weight"].to_numpy())
    beta = np.linalg.lstsq(X * root[:, None], table["y"] * root, rcond=None)[0]
    assert found.estimate == pytest.approx(beta[0], abs=1e-9)


def test_records_say_what_they_are():
    found = estimates(panel(11))
    assert tuple(found) == DID.steps
    for step, record in found.items():
        assert isinstance(record, Estimate)
        assert (record.study, record.outcome, record.specification) == ("small", "y", "did_main")
        assert (record.contrast_from, record.contrast_to) == ("baseline", "endline")
        assert record.p_adjusted == record.p_value
        assert record.ci_low < record.estimate < record.ci_high
        assert ("bootstrap" in str(record.p_kind)) == (step in ("wcr", "wcr_s"))
        assert all(type(getattr(record, f)) is float for f in ("p_value", "ci_low", "mc_error"))


@pytest.mark.parametrize(("step", "scores"), [("wcr", "plain"), ("wcr_s", "jackknifed")])
def test_bootstrap_steps_use_the_scores_they_are_named_after(step, scores):
    table = panel(15)
    draws = bootstrap.draws(table["village"].unique(), number=99, seed=1)
    built = design.build(table, DID, outcome=outcome(), study=STUDY)
    analysis = steps.analyse(built, (step,), draws=draws)
    expected = bootstrap.wild(built.accumulate(), built.column, draws, scores=scores)
    assert np.array_equal(analysis.steps[step].numerator, expected.numerator)
    assert estimates(table, number=99)[step].std_error == expected.std_error
    assert set(analysis.steps) == {step}


def test_a_step_that_cannot_be_had_says_why():
    """A covariate that lives in one village: deleting it leaves the fit undetermined."""
    table = panel(13)
    lone = (table["village"] == "v02") & (table["respondent"].str.len() % 2 == 0)
    table["age"] = lone.astype(float)
    found = estimates(table, specification=dataclasses.replace(DID, covariates=("age",)))
    assert isinstance(found["cv1"], Estimate)
    assert isinstance(found["cv3"], Unavailable)
    assert "without 1 of 12 clusters" in str(found["cv3"].reason)
    assert "v02" not in str(found["cv3"].reason)
    assert "singular" in str(found["cv3"].reason)
