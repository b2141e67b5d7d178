"""Composition: changes of covariates, and estimates for the same people throughout."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import f as f_distribution

from evaluation.analysis.checks.composition import composition
from evaluation.errors import EstimationError
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    cluster_dummies,
    diagnostics,
    estimates,
    least_squares,
    primary,
    reasons,
)
from tests.estimation.studies import DID, FACTORIAL, panel

ENDLINE = "target:treated_endline"
# BFGS stops where its gradient is 1e-9.
OPTIMISER = 1e-6


def with_shares(changes, shares):
    """Ten respondents a village and round; y = level + change + 10 x, x = 1 for some of them.

    ``shares`` gives how many of ten have x = 1 by village, baseline and endline.
    """
    rows = []
    for position, (village, change) in enumerate(changes.items()):
        for round_id, moved, ones in zip(
            ("baseline", "endline"), (0.0, change), shares[village], strict=True
        ):
            rows += [
                {
                    "village": village,
                    "round": round_id,
                    "arm": "treated" if village.startswith("t") else "comparison",
                    "respondent": f"{village}{round_id}{i}",
                    "weight": 1.0,
                    "population": 1000.0,
                    "panel_member": False,
                    "x": float(i < ones),
                    "y": position + moved + 10.0 * (i < ones),
                }
                for i in range(10)
            ]
    return pd.DataFrame(rows)


CHANGES = {"t1": 2.0, "t2": 4.0, "t3": 9.0, "c1": 1.0, "c2": 0.0, "c3": 5.0}
SHARES = {"t1": (3, 5), "t2": (4, 7), "t3": (5, 6), "c1": (3, 2), "c2": (5, 6), "c3": (4, 4)}


@pytest.mark.truth
def test_a_change_of_composition_by_hand():
    """Changes average 5 and 2: the effect is 3. The treated's x rises from .4 to .6 and the
    comparison's stays at .4, which adds 10 x .2 = 2 to the primary estimate.

    Villages keep their weight, so balanced x leaves the changes alone: the jackknife is that of a
    difference of means, V = 5/6 (sum (5 - t_(g))^2 + sum (2 - c_(g))^2) with t_(g) = 6.5, 5.5, 3
    and c_(g) = 2.5, 3, 0.5.
    """
    made = case(with_shares(CHANGES, SHARES), "composition", variables=("x",))
    assert primary(made)["cv3"].estimate == pytest.approx(5.0, abs=ROUNDING)
    rows = list(composition(made))
    error = np.sqrt(5 / 6 * (1.5**2 + 0.5**2 + 2.0**2 + 0.5**2 + 1.0**2 + 1.5**2))
    found = estimates(rows)[ENDLINE, "cv3"]
    assert found.estimate == pytest.approx(3.0, abs=1e-8)
    assert found.std_error == pytest.approx(error, abs=1e-8)
    assert found.n == 120
    assert reasons(rows)[ENDLINE, "wcr_s"].startswith("the respondents' weights are estimated")


@pytest.mark.truth
def test_the_effect_is_that_on_the_treated_as_they_are_at_endline():
    """An effect of 4 for x = 1 and of 0 for x = 0; x has the share .6: 4 x .6 = 2.4."""
    still = dict.fromkeys(CHANGES, 0.0)
    table = with_shares(still, SHARES)
    noise = table["village"].map(
        {"c1": 0.1, "c2": -0.1, "c3": 0.0, "t1": 0.1, "t2": 0.1, "t3": -0.2}
    )
    told = (table["arm"] == "treated") & (table["round"] == "endline")
    table["y"] += 4.0 * table["x"] * told + noise * (table["round"] == "endline")
    rows = list(composition(case(table, "composition", variables=("x",))))
    assert estimates(rows)[ENDLINE, "cv3"].estimate == pytest.approx(2.4, abs=1e-8)


def moments(table):
    age = table["age"] - table["age"].mean()
    columns = [table["age"], age**2, table["region"] == "hill", table["region"] == "plain"]
    Z = np.column_stack(columns).astype(float)
    return (Z - Z.mean(axis=0)) / Z.std(axis=0)


def balanced(Z, base, goal, dummies):
    """Dual of entropy balancing with a constraint per village, by BFGS over all multipliers."""
    columns = np.column_stack([Z, dummies])
    wanted = np.append(goal * base.sum(), base @ dummies)

    def dual(multipliers):
        raised = base * np.exp(columns @ multipliers)
        return raised.sum() - wanted @ multipliers, columns.T @ raised - wanted

    solved = minimize(
        dual, np.zeros(columns.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9}
    )
    return base * np.exp(columns @ solved.x)


def twin(table, *, estimand="equal", treated=("treated",), other=()):
    table = table.dropna(subset=["age", "region", "y"]).reset_index(drop=True)
    weights = table["weight"].to_numpy(copy=True)
    if estimand == "equal":
        weights /= table.groupby(["village", "round"])["weight"].transform("sum").to_numpy()
    Z, post = moments(table), (table["round"] == "endline").to_numpy()
    own, villages = table["arm"].isin(treated).to_numpy(), cluster_dummies(table["village"])
    base = weights.copy()
    cells, there = ((True, False), (False, False), (False, True)), own & post
    goal = np.average(Z[there], axis=0, weights=base[there])
    for group, after in cells:
        here = (own == group) & (post == after)
        inside = villages[here][:, villages[here].any(axis=0)]
        if estimand == "respondents":
            inside = np.ones((here.sum(), 1))
        weights[here] = balanced(Z[here], base[here], goal, inside)
    columns = [own * post, post]
    if other:
        columns.append(table["arm"].isin(other) * post)
    X = np.column_stack([*columns, villages]).astype(float)
    kish = min(
        (weights[r].sum() ** 2 / (weights[r] @ weights[r]))
        / (base[r].sum() ** 2 / (base[r] @ base[r]))
        for r in ((own == g) & (post == t) for g, t in cells)
    )
    return least_squares(X, table["y"].to_numpy(), weights)[0], kish


def test_the_target_by_a_general_optimiser():
    table = panel(4, clusters=10, rows=14)
    table.loc[table.index[::19], "region"] = None
    rows = list(composition(case(table, "composition", variables=("age", "region"))))
    found = estimates(rows)[ENDLINE, "cv3"]
    full, kish = twin(table)
    assert found.estimate == pytest.approx(full, abs=OPTIMISER)
    assert diagnostics(rows)[ENDLINE, "lowest_effective_share"] == pytest.approx(kish, abs=1e-5)
    villages = sorted(table["village"].unique())
    without = np.array([twin(table[table["village"] != v])[0] for v in villages])
    error = np.sqrt(9 / 10 * np.sum((without - full) ** 2))
    # a square centred at the mean of the rows left is balanced exactly when ours is
    assert found.std_error == pytest.approx(error, abs=OPTIMISER)
    assert found.n == table["region"].notna().sum()


def test_other_treatments_and_free_totals():
    """Four arms, respondents' own weights: villages' totals may move, as in the primary row."""
    table = panel(2, clusters=16)
    arms = ("neither", "meetings", "leaflets", "both")
    table["arm"] = table["village"].str[1:].astype(int).mod(4).map(dict(enumerate(arms)))
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
    )
    made = case(
        table,
        "composition",
        variables=("age", "region"),
        study=FACTORIAL,
        specification=specification,
    )
    expected, _ = twin(
        table,
        estimand="respondents",
        treated=("meetings", "both"),
        other=("leaflets", "both"),
    )
    found = estimates(composition(made))[ENDLINE, "cv3"].estimate
    assert found == pytest.approx(expected, abs=OPTIMISER)


def test_a_target_nobody_is_like_is_a_reason_and_stops_nothing_else():
    """At baseline no treated person has the x that all treated have at endline."""
    shares = SHARES | {"t1": (0, 10), "t2": (0, 10), "t3": (0, 10)}
    rows = list(composition(case(with_shares(CHANGES, shares), "composition", variables=("x",))))
    told = reasons(rows)
    assert told[ENDLINE, "all"].startswith("no overlap")
    assert ("covariate:x", "cv3") in estimates(rows)


# ---- tests of covariates


def slow_difference(table, value):
    """Explicit dummies and inverse, equal villages."""
    table = table[value.notna()]
    weights = table["weight"] / table.groupby(["village", "round"])["weight"].transform("sum")
    post = (table["round"] == "endline").astype(float)
    X = np.column_stack(
        [(table["arm"] == "treated") * post, post, cluster_dummies(table["village"])]
    )
    return least_squares(X, value[value.notna()].to_numpy(), weights.to_numpy())[0]


def test_each_covariate_by_dummies():
    table = panel(6)
    table.loc[table.index[::11], "age"] = np.nan
    table = table.assign(woman=(table["age"].fillna(0) % 2))
    rows = estimates(
        composition(case(table, "composition", variables=("age", "region", "woman"), unit="SD"))
    )
    names = [s for s, _ in rows if s.startswith("covariate:")]
    assert names == [
        "covariate:age",
        "covariate:region=coast",
        "covariate:region=hill",
        "covariate:region=plain",
        "covariate:woman",
    ]
    units = {sample: row.unit for (sample, _), row in rows.items()}
    assert [units[name] for name in names] == ["SD", *["percentage points"] * 4]
    hill = 100.0 * (table["region"] == "hill")
    full = slow_difference(table, hill)
    assert rows["covariate:region=hill", "cv3"].estimate == pytest.approx(full, abs=1e-9)
    without = np.array(
        [
            slow_difference(table[table["village"] != v], hill[table["village"] != v])
            for v in sorted(table["village"].unique())
        ]
    )
    error = np.sqrt(11 / 12 * np.sum((without - full) ** 2))
    assert rows["covariate:region=hill", "cv3"].std_error == pytest.approx(error, abs=1e-9)
    assert rows["covariate:region=hill", "cv3"].outcome == "y"
    known = table[table["age"].notna()]
    first = known[(known["arm"] == "comparison") & (known["round"] == "baseline")]
    w = first["weight"] / first.groupby("village")["weight"].transform("sum")
    mean = np.average(first["age"], weights=w)
    sd = np.sqrt(np.average((first["age"] - mean) ** 2, weights=w))
    age = slow_difference(table, table["age"]) / sd
    assert rows["covariate:age", "cv3"].estimate == pytest.approx(age, abs=1e-9)
    assert rows["covariate:age", "cv3"].baseline_comparison_sd == 1.0
    woman = slow_difference(table, 100.0 * table["woman"])
    assert rows["covariate:woman", "cv3"].estimate == pytest.approx(woman, abs=1e-9)


def test_joint_test_of_one_covariate_is_its_t_squared():
    weighted = dataclasses.replace(DID, estimand="population")
    made = case(panel(6), "composition", variables=("age",), specification=weighted)
    rows = list(composition(made))
    single = estimates(rows)["covariate:age", "cv3"]
    joint = {name: v for (sample, name), v in diagnostics(rows).items() if "joint" in sample}
    assert joint["joint_f"] == pytest.approx(single.statistic**2, rel=1e-9)
    assert (joint["joint_df1"], joint["joint_df2"]) == (1.0, 11.0)
    assert joint["joint_p"] == pytest.approx(single.p_value, rel=1e-9)


def test_joint_test_by_refits():
    """Hotelling's statistic from refits without each village, on rows with all covariates."""
    table = panel(6)
    table.loc[table.index[::11], "age"] = np.nan
    rows = list(composition(case(table, "composition", variables=("age", "region"))))
    joint = {name: v for (sample, name), v in diagnostics(rows).items() if "joint" in sample}
    known = table.dropna(subset=["age", "region"])
    columns = [known["age"], *(1.0 * (known["region"] == v) for v in ("hill", "plain"))]

    def differences(kept):
        return np.array([slow_difference(known[kept], column[kept]) for column in columns])

    full = differences(known["village"].notna())
    away = np.array(
        [differences(known["village"] != v) - full for v in sorted(known["village"].unique())]
    )
    covariance = 11 / 12 * away.T @ away
    expected = 9.0 / (3 * 11.0) * full @ np.linalg.inv(covariance) @ full
    assert joint["joint_f"] == pytest.approx(expected, rel=1e-8)
    assert (joint["joint_df1"], joint["joint_df2"]) == (3.0, 9.0)
    assert joint["joint_p"] == pytest.approx(f_distribution.sf(expected, 3, 9), rel=1e-8)


def test_what_cannot_be_tested_is_a_row_of_its_own():
    table = panel(6, clusters=4).assign(flat=1.0)
    rows = list(composition(case(table, "composition", variables=("age", "flat"))))
    told = reasons(rows)
    assert told["covariate:flat", "all"] == "the outcome has the same value in every row"
    assert told["covariates:joint", "joint_test"] == "a covariate is the same in every row"
    assert ("covariate:age", "cv3") in estimates(rows)
    many = table.assign(**{f"v{i}": table["age"] ** (i + 1) for i in range(4)})
    rows = composition(case(many, "composition", variables=("v0", "v1", "v2", "v3")))
    assert reasons(rows)["covariates:joint", "joint_test"] == (
        "4 covariates cannot be tested together with 4 clusters"
    )


@pytest.mark.parametrize("decimals", [16, 5])
def test_what_the_design_fixes_is_not_tested(decimals):
    """One half has the same weight in both rounds, summed in another order, or rounded.

    What is left of its differences is rounding, whose ratio to its own error says nothing; the
    joint test is that of the covariates that are left, as if this one had not been named.
    """
    table = with_shares(CHANGES, SHARES)
    person = table["respondent"].str[-1].astype(int)
    table = table.assign(weight=0.1 + 0.1 * person, fixed=(person < 5).astype(float))
    turned = table["round"] == "endline"
    table["weight"] = (table["weight"] / 7.0 * np.where(turned, 1.1, 1.0)).round(decimals)
    table = pd.concat([table[~turned], table[turned][::-1]])
    # an answer that lacks to the other covariate moves the half, on the rows that have both
    table.loc[table["respondent"] == "t1endline3", "x"] = np.nan
    rows = list(composition(case(table, "composition", variables=("x", "fixed"))))
    assert reasons(rows)["covariate:fixed", "all"] == (
        "its weighted mean is the same in both rounds of every cluster: the design fixes it"
    )
    alone = list(composition(case(table, "composition", variables=("x",))))
    assert _joint_of(rows) == pytest.approx(_joint_of(alone), rel=1e-9)
    only = list(composition(case(table, "composition", variables=("fixed",))))
    assert reasons(only)["covariates:joint", "joint_test"] == "the design fixes every covariate"


def test_a_covariate_that_moves_in_one_village_alone_is_tested():
    """One of ten people in one village: a tenth of the village, far more than rounding."""
    table = with_shares(CHANGES, {**dict.fromkeys(CHANGES, (4, 4)), "t1": (4, 5)})
    rows = list(composition(case(table, "composition", variables=("x",))))
    assert ("covariate:x", "cv3") in estimates(rows)


def _joint_of(rows):
    return {n: v for (sample, n), v in diagnostics(rows).items() if sample == "covariates:joint"}


def test_tests_are_made_for_the_first_outcome_only():
    table = panel(6)
    made = case(table, "composition", variables=("age",))
    later = dataclasses.replace(made.outcome, id="z")
    plan = dataclasses.replace(made.plan, outcome=(made.outcome, later))
    rows = composition(dataclasses.replace(made, plan=plan, outcome=later))
    assert {sample for sample, _ in estimates(rows)} == {ENDLINE}


def test_an_unknown_covariate_is_named():
    with pytest.raises(EstimationError, match="no column salary"):
        list(composition(case(panel(), "composition", variables=("salary",))))


@pytest.mark.truth
def test_effective_shares_by_hand():
    """Ten people with a ones before and b after, weights moved so that ones hold b of ten before.

    Each of the ones then weighs b / a of what the zeros' (10 - b) / (10 - a) is: Kish's number
    is 10^2 / (a (b/a)^2 + (10 - a) ((10 - b)/(10 - a))^2). With all villages alike (5, 8) the
    share is that over ten.
    """
    shares = dict.fromkeys(CHANGES, (5, 8))
    rows = list(composition(case(with_shares(CHANGES, shares), "composition", variables=("x",))))
    expected = 100.0 / (5 * (8 / 5) ** 2 + 5 * (2 / 5) ** 2) / 10.0
    found = diagnostics(rows)[ENDLINE, "lowest_effective_share"]
    assert found == pytest.approx(expected, abs=1e-8)


def test_the_lowest_effective_share_is_that_of_the_most_changed_cell():
    """Of the three cells moved, the comparison's at endline is the farthest from eight of ten."""
    shares = {v: (5, 8) if v.startswith("t") else (5, 4) for v in CHANGES}
    rows = list(composition(case(with_shares(CHANGES, shares), "composition", variables=("x",))))
    expected = 100.0 / (4 * (8 / 4) ** 2 + 6 * (2 / 6) ** 2) / 10.0
    found = diagnostics(rows)[ENDLINE, "lowest_effective_share"]
    assert found == pytest.approx(expected, abs=1e-8)
