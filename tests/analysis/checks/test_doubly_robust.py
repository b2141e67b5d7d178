"""Doubly robust difference-in-differences against two published packages, and by other means."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.analysis.checks.doubly_robust import DoublyRobustRows, doubly_robust
from evaluation.analysis.checks.reweighting import logit
from evaluation.errors import EstimationError
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression.fit import StepUnavailable
from tests.analysis.checks.small_checks import case, diagnostics, estimates, reasons
from tests.estimation.studies import DID, FACTORIAL, panel

# Sums of a few hundred terms in another order, and a logit solved to 1e-10.
ROUNDING = 1e-9


def two_rounds():
    """480 rows in 24 villages from formulas, so that no generator's stream matters."""
    i = np.arange(480)
    village, post = i % 24, (i // 24) % 2
    treated = village % 2
    x = np.sin(1.7 * i) + 0.4 * treated
    z = (7 * i % 5 > 2).astype(float)
    y = 1.0 + np.cos(village) + 0.5 * post + 0.3 * treated * post + 0.6 * x + 0.2 * x * post
    y = y + 0.4 * z * treated + np.sin(12.9898 * i)
    problem = DoublyRobustRows(
        X=np.column_stack([np.ones(480), x, z]), y=y, treated=treated == 1, post=post == 1
    )
    return problem, 1.0 + (i % 3) / 2.0, village


def att(problem, weights):
    return problem.att(weights, problem.propensity(weights))


def infinitesimal(problem, weights, village):
    """Change of the estimate with each village's weight: its share of the influence function."""
    step = 1e-5
    return np.array(
        [
            (
                att(problem, np.where(village == v, weights * (1 + step), weights))
                - att(problem, np.where(village == v, weights * (1 - step), weights))
            )
            / (2 * step)
            for v in np.unique(village)
        ]
    )


@pytest.mark.truth
def test_published_packages():
    """drdid 1.1.7 and csdid 0.4.3, drdid_rc: .31513438628060086 weighted, and both agree with
    diff-diff 3.13.0, CallawaySantAnna(panel=False), unweighted: .2813450527296934.

    Their influence functions summed by village give the standard error .18670287071113256. Ours
    is differenced numerically with a step of 1e-5, whose error is about its square.
    """
    problem, weights, village = two_rounds()
    assert att(problem, weights) == pytest.approx(0.31513438628060086, abs=1e-11)
    assert att(problem, np.ones(480)) == pytest.approx(0.2813450527296934, abs=1e-11)
    shares = infinitesimal(problem, weights, village)
    assert np.sqrt(shares @ shares) == pytest.approx(0.18670287071113256, abs=1e-8)


def test_without_covariates_it_is_weighted_least_squares_with_cr0():
    """estimation.md section 5: the influence function's clustered SE equals CR0 exactly."""
    problem, weights, village = two_rounds()
    bare = dataclasses.replace(problem, X=problem.X[:, :1])
    d, t = bare.treated.astype(float), bare.post.astype(float)
    X = np.column_stack([d * t, t, d, np.ones(480)])
    bread = np.linalg.inv(X.T @ (weights[:, None] * X))
    beta = bread @ (X.T @ (weights * bare.y))
    assert att(bare, weights) == pytest.approx(beta[0], abs=1e-12)
    rest = weights * (bare.y - X @ beta)
    moved = np.array(
        [bread[0] @ (X[village == v].T @ rest[village == v]) for v in np.unique(village)]
    )
    shares = infinitesimal(bare, weights, village)
    np.testing.assert_allclose(shares, moved, atol=1e-8)


@pytest.mark.truth
def test_saturated_covariate_by_hand():
    """With one binary covariate the estimate averages cell contrasts by the treated's shares.

    z = 0: treated 1 to 4, comparison 2 to 3: effect 2. z = 1: treated 5 to 6, comparison 1 to
    5: effect -3. Two treated with z = 0 to one with z = 1 in each round: (2 x 2 - 3) / 3 = 1/3.
    """
    rows = []
    for z, treated, means, times in (
        (0.0, True, (1.0, 4.0), 2),
        (1.0, True, (5.0, 6.0), 1),
        (0.0, False, (2.0, 3.0), 1),
        (1.0, False, (1.0, 5.0), 3),
    ):
        for post in (False, True):
            rows += [(z, treated, post, means[post] + off) for off in (-1.0, 1.0)] * times
    z, treated, post, y = map(np.array, zip(*rows, strict=True))
    problem = DoublyRobustRows(
        X=np.column_stack([np.ones(len(z)), z]), y=y, treated=treated, post=post
    )
    assert att(problem, np.ones(len(z))) == pytest.approx(1.0 / 3.0, abs=1e-9)


@pytest.mark.truth
def test_changes_that_follow_the_covariates_are_removed_exactly():
    """x has another mean among the treated and changes y by 5 x; the treated change by 4 more.

    The outcome models are then right, whatever the propensities: 4. Plain means give another.
    """
    problem, weights, _ = two_rounds()
    x, d, t = problem.X[:, 1], problem.treated.astype(float), problem.post.astype(float)
    exact = dataclasses.replace(problem, y=2.0 * x + d + 5.0 * x * t + 4.0 * d * t)
    assert att(exact, weights) == pytest.approx(4.0, abs=1e-11)
    assert abs(att(dataclasses.replace(exact, X=problem.X[:, :1]), weights) - 4.0) > 0.5


@pytest.mark.truth
def test_right_propensities_are_enough():
    """Odds of 1:4, 2:4 and 4:4 at v = -1, 0, 1: a logit linear in v. Changes follow 7 v^2, which
    a line does not: outcome models alone would be off by 7 (5/7 - 2/3) = 1/3.
    """
    cells = [
        (v, treated, post)
        for v, own in ((-1.0, 1), (0.0, 2), (1.0, 4))
        for post in (False, True)
        for treated, times in ((True, own), (False, 4))
        for _ in range(times)
    ]
    v, treated, post = map(np.array, zip(*cells, strict=True))
    y = 7.0 * v**2 * post + 4.0 * treated * post
    problem = DoublyRobustRows(
        X=np.column_stack([np.ones(len(v)), v]), y=y, treated=treated, post=post
    )
    assert att(problem, np.ones(len(v))) == pytest.approx(4.0, abs=1e-9)


def by_other_means(table, names, arms=("treated",), others=()):
    """The estimator's formula with statsmodels' logit and least squares, on a table's rows."""
    table = table.dropna(subset=[*names, "y"])
    cell = table.groupby(["village", "round"])["weight"].transform("sum")
    w = (table["weight"] / cell).to_numpy()
    d = table["arm"].isin(arms).to_numpy()
    t = (table["round"] == "endline").to_numpy()
    X = sm.add_constant(
        pd.get_dummies(table[list(names)], drop_first=True).astype(float)
    ).to_numpy()
    for arm in others:
        X = np.column_stack([X, table["arm"].isin(arm)]).astype(float)
    y = table["y"].to_numpy()
    p = sm.GLM(d.astype(float), X, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    p = p.predict(X)
    fit = {
        (g, s): sm.WLS(y[(d == g) & (t == s)], X[(d == g) & (t == s)], w[(d == g) & (t == s)])
        .fit()
        .predict(X)
        for g in (True, False)
        for s in (True, False)
    }
    own_model = np.where(t, fit[False, True], fit[False, False])

    def mean(values, weights):
        return np.sum(values * weights) / np.sum(weights)

    def change(values, weights):
        return mean(values, weights * t) - mean(values, weights * ~t)

    plain = change(y - own_model, w * d) - change(y - own_model, w * ~d * p / (1 - p))
    after = fit[True, True] - fit[False, True]
    before = fit[True, False] - fit[False, False]
    first = mean(after, w * d) - mean(after, w * d * t)
    return plain + first - (mean(before, w * d) - mean(before, w * d * ~t))


def test_estimate_and_jackknife_by_other_means():
    table = panel(1)
    table.loc[table.index[::17], "age"] = np.nan
    rows = list(doubly_robust(case(table, "doubly_robust", variables=("age", "region"))))
    found = estimates(rows)["all", "cv3"]
    full = by_other_means(table, ("age", "region"))
    assert found.estimate == pytest.approx(full, abs=ROUNDING)
    villages = sorted(table["village"].unique())
    without = [by_other_means(table[table["village"] != v], ("age", "region")) for v in villages]
    error = np.sqrt(11 / 12 * np.sum((np.array(without) - full) ** 2))
    assert found.std_error == pytest.approx(error, abs=ROUNDING)
    assert found.n == table["age"].notna().sum()
    assert (found.n_clusters_treated, found.n_clusters_comparison, found.df) == (6, 6, 11.0)
    assert reasons(rows)["all", "wcr_s"].startswith("the propensities and the outcome models")


def test_overlap_is_printed():
    table = panel(1).assign(one=lambda t: 1.0 * (t["age"] > 50))
    rows = list(doubly_robust(case(table, "doubly_robust", variables=("one",))))
    cell = table.groupby(["village", "round"])["weight"].transform("sum")
    w = (table["weight"] / cell).to_numpy()
    d, z = (table["arm"] == "treated").to_numpy(), table["one"].to_numpy()
    p = np.array([np.sum(w[d & (z == k)]) / np.sum(w[z == k]) for k in (0, 1)])
    assert diagnostics(rows)["all", "largest_propensity"] == pytest.approx(p.max(), abs=ROUNDING)
    a = (w * (p / (1 - p))[z.astype(int)])[~d]
    kish = (a.sum() ** 2 / (a @ a)) / (w[~d].sum() ** 2 / (w[~d] @ w[~d]))
    assert diagnostics(rows)["all", "effective_share_comparison"] == pytest.approx(
        kish, abs=ROUNDING
    )


def test_other_treatments_join_the_covariates():
    table = panel(2, clusters=16)
    arms = ("neither", "meetings", "leaflets", "both")
    table["arm"] = table["village"].str[1:].astype(int).mod(4).map(dict(enumerate(arms)))
    specification = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    made = case(
        table, "doubly_robust", variables=("age",), study=FACTORIAL, specification=specification
    )
    expected = by_other_means(
        table, ("age",), arms=("meetings", "both"), others=(("leaflets", "both"),)
    )
    found = estimates(doubly_robust(made))["all", "cv3"].estimate
    assert found == pytest.approx(expected, abs=ROUNDING)


def test_a_value_that_only_treated_respondents_have_is_a_reason():
    table = panel(3)
    table["told"] = np.where((table["arm"] == "treated") & (table["age"] > 60), "yes", "no")
    with pytest.raises(StepUnavailable, match="occur in one group only"):
        list(doubly_robust(case(table, "doubly_robust", variables=("told",))))


def test_a_value_of_one_village_leaves_the_jackknife_without_a_solution():
    table = panel(3)
    inside = (table["village"] == "v02") | (table["village"] == "v08")
    table["rare"] = np.where((table["village"] == "v08") | ((table["age"] > 40) & inside), 1.0, 0.0)
    rows = list(doubly_robust(case(table, "doubly_robust", variables=("rare",))))
    assert not any(isinstance(row, Estimate) for row in rows)
    assert "without some of the 12 clusters" in reasons(rows)["all", "cv3"]


def test_an_unknown_covariate_is_named():
    with pytest.raises(EstimationError, match="no column salary"):
        list(doubly_robust(case(panel(), "doubly_robust", variables=("salary",))))


# ---- logit


@pytest.mark.truth
def test_logit_by_hand():
    """Weighted shares 3/4 and 1/5 of two values: constant log 3, slope log(1/4) - log 3."""
    X = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    found = logit(X, np.array([1.0, 0.0, 1.0, 0.0]), np.array([3.0, 1.0, 1.0, 4.0]))
    np.testing.assert_allclose(found, [np.log(3.0), np.log(0.25) - np.log(3.0)], atol=1e-9)


def test_logit_of_collinear_columns_is_a_reason():
    X = np.column_stack([np.ones(6), np.arange(6.0), 2.0 * np.arange(6.0)])
    with pytest.raises(StepUnavailable, match="singular"):
        logit(X, np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0]), np.ones(6))


@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_logit_in_other_units_is_the_same_fit(unit):
    """Identity: a column in other units has a coefficient in theirs."""
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(60), rng.normal(size=60)])
    chosen = (rng.random(60) < 0.5).astype(float)
    scale = np.array([1.0, unit])
    # Newton's method stops within 1e-10, squared by its last step
    found = logit(X * scale, chosen, np.ones(60)) * scale
    np.testing.assert_allclose(found, logit(X, chosen, np.ones(60)), rtol=1e-9)
