"""Reweighted comparison clusters: by hand, by a general optimiser, by loops."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from evaluation.analysis.checks.entropy_balancing import (
    balanced_weights,
    clusters_of,
    entropy_balancing,
)
from evaluation.errors import EstimationError
from evaluation.estimation.records import CovariateBalance
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.levels_and_balance import frame_balance
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    diagnostics,
    estimates,
    primary,
    reasons,
    villages,
)
from tests.analysis.checks.village_checks import (
    cluster_weights,
    frame_from,
    frame_of,
    row_weights,
    with_dummies,
)
from tests.estimation.studies import DID, FACTORIAL, panel

# BFGS on the dual stops when its gradient is 1e-9; estimates of size 1 then agree to about that.
OPTIMISER = 1e-7


def entropy_twin(table, known, names, *, estimand="equal", treated=("treated",), other=()):
    """The dual of entropy balancing by BFGS, then least squares with a dummy per village."""
    weights = row_weights(table, estimand)
    h = cluster_weights(table, weights)
    at = known.set_index("village").loc[h.index]
    own = at["arm"].isin(treated).to_numpy()
    X = at[list(names)].to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    goal = np.average(X[own], axis=0, weights=h[own])
    base = (h[~own] / h[~own].sum()).to_numpy()

    def dual(multipliers):
        raised = base * np.exp((X[~own] - goal) @ multipliers)
        return np.log(raised.sum()), raised / raised.sum() @ (X[~own] - goal)

    solved = minimize(dual, np.zeros(X.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-10})
    raised = base * np.exp((X[~own] - goal) @ solved.x)
    factor = pd.Series(1.0, h.index)
    factor[~own] = raised / raised.sum() / base
    return with_dummies(table, weights * table["village"].map(factor), treated, other), factor


@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
def test_entropy_balancing_by_a_general_optimiser(estimand):
    table = panel(3, clusters=16)
    known = frame_of(table)
    specification = dataclasses.replace(DID, estimand=estimand)
    made = case(
        table,
        "entropy_balancing",
        variables=("poverty", "distance"),
        frame=known,
        specification=specification,
    )
    rows = list(entropy_balancing(made))
    found = estimates(rows)["all", "cv3"]
    full, factor = entropy_twin(table, known, ("poverty", "distance"), estimand=estimand)
    assert found.estimate == pytest.approx(full, abs=OPTIMISER)
    without = np.array(
        [
            entropy_twin(
                table[table["village"] != v], known, ("poverty", "distance"), estimand=estimand
            )[0]
            for v in sorted(known["village"])
        ]
    )
    error = np.sqrt(15 / 16 * np.sum((without - full) ** 2))
    assert found.std_error == pytest.approx(error, abs=OPTIMISER)
    assert found.estimate != pytest.approx(primary(made)["cv3"].estimate, abs=0.01)
    h = cluster_weights(table, row_weights(table, estimand))
    other = (factor * h)[known.set_index("village")["arm"].loc[h.index] == "comparison"]
    assert diagnostics(rows) == {
        ("all", "effective_comparison_clusters"): pytest.approx(
            other.sum() ** 2 / (other**2).sum(), abs=1e-5
        ),
        ("all", "largest_comparison_share"): pytest.approx(other.max() / other.sum(), abs=1e-6),
    }


def test_entropy_balancing_keeps_other_treatments_fixed():
    table = panel(2, clusters=16)
    arms = ("neither", "meetings", "leaflets", "both")
    table["arm"] = table["village"].str[1:].astype(int).mod(4).map(dict(enumerate(arms)))
    known = frame_of(table)
    specification = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    made = case(
        table,
        "entropy_balancing",
        variables=("poverty",),
        frame=known,
        study=FACTORIAL,
        specification=specification,
    )
    expected, _ = entropy_twin(
        table, known, ("poverty",), treated=("meetings", "both"), other=("leaflets", "both")
    )
    found = estimates(entropy_balancing(made))["all", "cv3"].estimate
    assert found == pytest.approx(expected, abs=OPTIMISER)


@pytest.mark.truth
def test_entropy_balancing_by_hand():
    """Treated poverty 1.5 and 2.5, mean 2, variance 1/4, and changes 4 and 6.

    Weights of the comparison's 0, 1, 2, 4, 8 are r^x with mean 2: -2 - r + 2 r^4 + 6 r^8 = 0.
    Before, its mean is 3 and its variance 8: (2 - 3) / sqrt((1/4 + 8) / 2).
    """
    changes = {"t1": 4.0, "t2": 6.0, "c1": 1.0, "c2": 4.0, "c3": 2.0, "c4": 6.0, "c5": 5.0}
    table = villages(changes)
    poverty = {"t1": 1.5, "t2": 2.5, "c1": 0.0, "c2": 1.0, "c3": 2.0, "c4": 4.0, "c5": 8.0}
    known = pd.DataFrame({"village": list(poverty), "poverty": list(poverty.values())})
    roots = np.roots([6.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, -1.0, -2.0])
    r = float(max(roots[np.isreal(roots)].real))
    w = r ** np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    rows = list(
        entropy_balancing(
            case(table, "entropy_balancing", variables=("poverty",), frame=known, unit="SD")
        )
    )
    expected = 5.0 - w @ [1.0, 4.0, 2.0, 6.0, 5.0] / w.sum()
    assert estimates(rows)["all", "cv3"].estimate == pytest.approx(expected, abs=1e-8)
    (balance,) = [row for row in rows if isinstance(row, CovariateBalance)]
    assert balance.variable == "poverty"
    assert balance.before == pytest.approx(-1.0 / 4.125**0.5, abs=ROUNDING)
    assert balance.after == pytest.approx(0.0, abs=1e-9)
    assert reasons(rows)["all", "wcr_s"].startswith("the weights of the comparison clusters")


def test_balance_is_told_once_and_before_weights_by_its_formula():
    table = panel(3, clusters=16)
    known = frame_of(table).assign(coast=["yes", "no"] * 8)
    made = case(
        table, "entropy_balancing", variables=("poverty", "coast"), frame=known, unit="points"
    )
    rows = [r for r in entropy_balancing(made) if isinstance(r, CovariateBalance)]
    own = known["arm"] == "treated"
    sd = np.sqrt(np.mean([known.loc[g, "poverty"].var(ddof=0) for g in (own, ~own)]))
    gap = known.loc[own, "poverty"].mean() - known.loc[~own, "poverty"].mean()
    assert [row.variable for row in rows] == ["poverty", "coast=yes"]
    assert rows[0].before == pytest.approx(gap / sd, abs=ROUNDING)
    assert [row.after for row in rows] == pytest.approx([0.0, 0.0], abs=1e-9)
    second = dataclasses.replace(made.outcome, id="z")
    both = dataclasses.replace(made.plan, outcome=(made.outcome, second))
    later = dataclasses.replace(made, plan=both, outcome=second)
    assert not [r for r in entropy_balancing(later) if isinstance(r, CovariateBalance)]


@pytest.mark.truth
def test_changes_that_follow_the_covariate_are_removed_exactly():
    """Villages change by 3 x poverty, the treated by 4 more: balanced poverty leaves 4."""
    poverty = {"t1": 1.5, "t2": 2.5, "c1": 0.0, "c2": 1.0, "c3": 2.0, "c4": 4.0}
    changes = {v: 3.0 * x + 4.0 * v.startswith("t") for v, x in poverty.items()}
    made = case(
        villages(changes), "entropy_balancing", variables=("poverty",), frame=frame_from(poverty)
    )
    assert primary(made)["cv3"].estimate == pytest.approx(4.75, abs=ROUNDING)
    clusters = clusters_of(made, made.primary_design())
    weight = balanced_weights(clusters, np.ones(6, dtype=bool))
    assert clusters.effect(weight) == pytest.approx(4.0, abs=1e-8)


def test_without_overlap_nothing_is_estimated():
    table = panel(3)
    known = frame_of(table)
    known["poverty"] = np.where(known["arm"] == "treated", 90.0, known["poverty"])
    made = case(table, "entropy_balancing", variables=("poverty",), frame=known)
    with pytest.raises(StepUnavailable, match="wanted mean of poverty"):
        list(entropy_balancing(made))


def test_a_replicate_without_overlap_is_counted():
    """Without the poorest comparison village its neighbours in the data no longer suffice."""
    table = panel(3)
    known = frame_of(table)
    own = (known["arm"] == "treated").to_numpy()
    known.loc[own, "poverty"] = np.linspace(29.0, 31.0, 6)
    known.loc[~own, "poverty"] = [10.0, 12.0, 14.0, 16.0, 18.0, 60.0]
    rows = list(
        entropy_balancing(case(table, "entropy_balancing", variables=("poverty",), frame=known))
    )
    assert "without some of the 12 clusters" in reasons(rows)["all", "cv3"]
    assert not estimates(rows)


def test_what_the_frame_lacks_is_an_error():
    table = panel(3)
    known = frame_of(table)
    with pytest.raises(EstimationError, match="no column rainfall"):
        list(
            entropy_balancing(
                case(table, "entropy_balancing", variables=("rainfall",), frame=known)
            )
        )
    known.loc[3, "poverty"] = np.nan
    with pytest.raises(EstimationError, match="1 clusters lack one of poverty"):
        list(
            entropy_balancing(case(table, "entropy_balancing", variables=("poverty",), frame=known))
        )


def test_a_normalised_difference_is_one_number_in_both_tables():
    """The balance table of the frame and the reweighted comparison: the same before."""
    table = panel(3, clusters=16)
    known = frame_of(table)
    made = case(table, "entropy_balancing", variables=("poverty",), frame=known)
    (gap,) = [r for r in entropy_balancing(made) if isinstance(r, CovariateBalance)]
    (row,) = frame_balance(known, ("poverty",), made.specification, made.study)
    assert gap.before == pytest.approx(row.normalised_difference, abs=ROUNDING)


def test_covariates_that_the_weights_leave_apart_are_told_beside_those_they_close():
    table = panel(3, clusters=16)
    rng = np.random.default_rng(2)
    known = frame_of(table)
    known = known.assign(
        wealth=rng.normal(size=len(known)), flat=1.0, unknown=np.where(known.index, 1.0, np.nan)
    )
    made = case(table, "entropy_balancing", variables=("poverty",), frame=known)
    listed = dataclasses.replace(
        made.plan.balance, frame_variables=("wealth", "poverty", "flat", "unknown")
    )
    made = dataclasses.replace(made, plan=dataclasses.replace(made.plan, balance=listed))
    rows = {r.variable: r for r in entropy_balancing(made) if isinstance(r, CovariateBalance)}
    assert list(rows) == ["poverty", "wealth"]
    assert rows["poverty"].after == pytest.approx(0.0, abs=1e-9)
    clusters = clusters_of(made, made.primary_design())
    weight = balanced_weights(clusters, np.ones(len(clusters.ids), dtype=bool))
    wealth = known.set_index("village").loc[list(clusters.ids), "wealth"].to_numpy()
    own = clusters.treated
    left = wealth[own].mean() - np.average(wealth[~own], weights=weight[~own])
    sd = np.sqrt((wealth[own].var() + wealth[~own].var()) / 2.0)
    assert rows["wealth"].after == pytest.approx(left / sd, abs=ROUNDING)


def test_a_covariate_that_is_the_same_throughout_each_group_has_no_scale():
    table = panel(3)
    known = frame_of(table)
    known["poverty"] = np.where(known["arm"] == "treated", 10.0, 10.0)
    with pytest.raises(StepUnavailable, match="poverty"):
        list(
            entropy_balancing(case(table, "entropy_balancing", variables=("poverty",), frame=known))
        )
