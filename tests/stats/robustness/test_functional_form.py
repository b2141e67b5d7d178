"""Other models of the outcome: closed forms by hand, and statsmodels on the rows."""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.errors import EstimationError
from evaluation.spec.plan import Item
from evaluation.stats.robustness.functional_form import (
    LOGISTIC_SD,
    _cells,
    _implied,
    _targets,
    functional_form,
)
from evaluation.stats.robustness.grouped_models import generalised, ordered
from evaluation.stats.robustness.items import questions
from tests.stats.robustness.outcome_checks import (
    ROUNDING,
    diagnostics,
    equal_weights,
    estimates,
    people,
    reasons,
    trial,
    without,
)
from tests.stats.studies import ANCOVA, DID, FACTORIAL, outcome, panel

KIND = "functional_form"
PERCENT = (outcome("y", unit="percentage points", scale=100.0),)
PLAIN = dataclasses.replace(DID, estimand="respondents", weights="none")
# Both stop when coefficients move by less than 1e-9; statsmodels' scoring and ours then agree
# to about the square root of what is left in the likelihood.
CONVERGED = 1e-6


def binary(seed, **size):
    table = panel(seed, **size)
    return table.assign(y=100.0 * (table["y"] > 0.2))


def answers(seed, **size):
    """Answers 1 to 5."""
    table = panel(seed, **size)
    return table.assign(y=np.clip(np.round(table["y"] + 3.0), 1.0, 5.0))


@pytest.mark.truth
def test_logit_and_poisson_by_hand():
    """Shares: comparison 1/5 then 1/3, treated 1/3 then 3/4.

    Odds 1/4 to 1/2, doubled; 1/2 doubled is 1, a share of 1/2: the logit effect is 25 points.
    Shares 1/5 to 1/3, times 5/3; 1/3 times 5/3 is 5/9: the Poisson effect is 3/4 - 5/9 = 7/36.
    """
    table = people(
        {
            ("c1", "baseline"): [100, 0, 0, 0],
            ("c2", "baseline"): [100, 0, 0, 0, 0, 0],
            **{(f"c{n}", "endline"): [100, 0, 0] for n in (1, 2)},
            **{(f"t{n}", "baseline"): [100, 0, 0] for n in (1, 2)},
            ("t1", "endline"): [100, 100, 100, 100, 100, 0],
            ("t2", "endline"): [100, 0],
        }
    )
    case = trial(table, KIND, outcomes=PERCENT, specification=PLAIN)
    rows = tuple(functional_form(case))
    found = estimates(rows)
    # implied share of the treated at endline: 1/3 + 1/3 - 1/5
    assert diagnostics(rows)["implied", "share:100"] == pytest.approx(7 / 15, abs=ROUNDING)
    assert found["logit", "cv3"].estimate == pytest.approx(25.0, abs=CONVERGED)
    assert found["poisson", "cv3"].estimate == pytest.approx(100 * 7 / 36, abs=CONVERGED)
    assert found["logit", "cv3"].unit == "percentage points"


def effect_by_statsmodels(table, family):
    """Generalised linear model on the rows, and Puhani's effect on the treated at endline."""
    post = (table["round"] == "endline").to_numpy(dtype=float)
    treated = (table["arm"] == "treated").to_numpy(dtype=float)
    w = equal_weights(table).to_numpy()
    X = np.column_stack([np.ones(len(table)), treated, post, treated * post])
    fit = sm.GLM(table["y"].to_numpy() / 100.0, X, family=family, freq_weights=w).fit(tol=1e-12)
    without_effect = X @ (fit.params * np.array([1.0, 1.0, 1.0, 0.0]))
    difference = fit.fittedvalues - family.link.inverse(without_effect)
    rows = (treated * post).astype(bool)
    return 100.0 * np.average(difference[rows], weights=w[rows])


@pytest.mark.parametrize(
    ("sample", "family"), [("logit", sm.families.Binomial()), ("poisson", sm.families.Poisson())]
)
def test_statsmodels_on_the_rows_gives_the_same_and_without_each_village(sample, family):
    table = binary(1)
    row = estimates(functional_form(trial(table, KIND, outcomes=PERCENT)))[sample, "cv3"]
    assert row.estimate == pytest.approx(effect_by_statsmodels(table, family), abs=CONVERGED)
    left = np.array(
        [
            effect_by_statsmodels(table[table["village"] != v], family)
            for v in sorted(set(table["village"]))
        ]
    )
    expected = np.sqrt((len(left) - 1) / len(left) * np.sum((left - row.estimate) ** 2))
    assert row.std_error == pytest.approx(expected, rel=1e-6)


def ordered_by_statsmodels(table):
    post = (table["round"] == "endline").to_numpy(dtype=float)
    treated = (table["arm"] == "treated").to_numpy(dtype=float)
    X = np.column_stack([treated, post, treated * post])
    model = OrderedModel(table["y"].to_numpy(), X, distr="logit")
    fit = model.fit(method="bfgs", disp=0, gtol=1e-6, maxiter=500)
    without_effect = X.copy()
    without_effect[:, 2] = 0.0
    values = np.unique(table["y"])
    change = (model.predict(fit.params, X) - model.predict(fit.params, without_effect)) @ values
    return fit.params[2], float(change[(treated * post).astype(bool)].mean())


def test_the_ordered_logit_is_statsmodels_and_so_is_its_mean():
    table = answers(2)
    found = estimates(functional_form(trial(table, KIND, specification=PLAIN)))
    latent, mean = ordered_by_statsmodels(table)
    # bfgs there stops at a gradient of 1e-6 a row, a few 1e-5 away in coefficients
    assert found["ordered_logit", "cv3"].estimate == pytest.approx(latent, abs=1e-4)
    assert found["ordered_logit:mean", "cv3"].estimate == pytest.approx(mean, abs=1e-4)
    assert found["ordered_logit", "cv3"].unit == "log odds"
    assert found["ordered_logit:mean", "cv3"].unit == "points"
    assert found["ordered_logit", "cv3"].estimate_sd == pytest.approx(
        found["ordered_logit", "cv3"].estimate / LOGISTIC_SD, abs=ROUNDING
    )


def test_the_ordered_logit_jackknife_is_the_check_without_each_village():
    case = trial(answers(3), KIND)
    full = estimates(functional_form(case))
    villages = sorted(set(case.frames.panel["village"]))
    left = [estimates(functional_form(without(case, v))) for v in villages]
    for sample in ("ordered_logit", "ordered_logit:mean"):
        row = full[sample, "cv3"]
        away = np.array([f[sample, "cv3"].estimate - row.estimate for f in left])
        expected = np.sqrt((len(away) - 1) / len(away) * np.sum(away**2))
        assert row.std_error == pytest.approx(expected, rel=1e-6)


def test_two_values_of_the_ordered_logit_are_the_logit():
    """Cumulative odds of two values are their odds: thresholds apart, the same coefficients."""
    rng = np.random.default_rng(4)
    weight, mean = rng.uniform(1, 2, (3, 4)), rng.uniform(0.2, 0.8, (3, 4))
    X = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], dtype=float)
    share = np.stack([1.0 - mean, mean], axis=2)
    two = ordered(weight, share, X[:, 1:])
    plain = generalised(weight, mean, X, "logit")
    np.testing.assert_allclose(two.slopes, plain[:, 1:], atol=CONVERGED)
    np.testing.assert_allclose(-two.thresholds[:, 0], plain[:, 0], atol=CONVERGED)
    # saturated: the fitted shares are the shares
    np.testing.assert_allclose(two.shares(two.slopes @ X[:, 1:].T), share, atol=CONVERGED)


def test_a_separated_cell_has_no_solution():
    weight = np.ones((2, 4))
    mean = np.array([[0.2, 0.4, 0.5, 1.0], [0.2, 0.4, 0.5, 0.6]])
    X = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], dtype=float)
    found = generalised(weight, mean, X, "logit")
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
    assert np.isnan(generalised(np.array([[1.0, 1.0, 0.0, 1.0]]), mean[1:], X, "log")).all()


def test_a_group_of_one_answer_is_said():
    table = binary(5)
    hit = (table["arm"] == "treated") & (table["round"] == "endline")
    rows = tuple(
        functional_form(trial(table.assign(y=table["y"].mask(hit, 100.0)), KIND, outcomes=PERCENT))
    )
    assert "one answer only" in reasons(rows)["logit", "cv3"]
    assert ("linear", "wcr_s") in estimates(rows)


def test_distributions_by_arm_and_round_and_what_parallel_shares_imply():
    table = answers(6)
    said = diagnostics(functional_form(trial(table, KIND)))
    w = equal_weights(table)
    share = {}
    for arm in ("treated", "comparison"):
        for round_id in DID.contrast:
            rows = (table["arm"] == arm) & (table["round"] == round_id)
            for value in (1, 2, 3, 4, 5):
                share[arm, round_id, value] = w[rows & (table["y"] == value)].sum() / w[rows].sum()
                found = said[f"{arm}:{round_id}", f"share:{value}"]
                assert found == pytest.approx(share[arm, round_id, value], abs=ROUNDING)
    for value in (1, 2, 3, 4, 5):
        expected = (
            share["treated", "baseline", value]
            + share["comparison", "endline", value]
            - share["comparison", "baseline", value]
        )
        assert said["implied", f"share:{value}"] == pytest.approx(expected, abs=CONVERGED)


@pytest.mark.truth
def test_a_distribution_that_cannot_be_is_counted():
    """Nobody treated answered 1 before, and comparison 1s fell from half to none: implied -1/2."""
    given = {
        ("c", "baseline"): [1, 1, 2, 3],
        ("c", "endline"): [2, 2, 3, 3],
        ("t", "baseline"): [2, 2, 3, 3],
        ("t", "endline"): [2, 3, 3, 1],
    }
    table = people({(f"{g}{n}", r): v for (g, r), v in given.items() for n in (1, 2)})
    said = diagnostics(functional_form(trial(table, KIND)))
    assert said["implied", "share:1"] == pytest.approx(-0.5, abs=ROUNDING)
    assert said["implied", "share:2"] == pytest.approx(0.75, abs=ROUNDING)
    assert said["implied", "negative_shares"] == 1.0
    assert said["implied", "smallest_share"] == pytest.approx(-0.5, abs=ROUNDING)
    assert said["implied", "smallest_share_std_error"] == pytest.approx(0.0, abs=ROUNDING)


def test_the_smallest_implied_share_has_its_jackknife_error():
    case = trial(answers(7), KIND)
    said = diagnostics(functional_form(case))
    smallest = said["implied", "smallest_share"]
    label = min(
        (k for k in said if k[0] == "implied" and k[1].startswith("share:")), key=said.__getitem__
    )
    left = [
        diagnostics(functional_form(without(case, v)))[label]
        for v in sorted(set(case.frames.panel["village"]))
    ]
    expected = np.sqrt(11 / 12 * np.sum((np.array(left) - smallest) ** 2))
    assert said["implied", "smallest_share_std_error"] == pytest.approx(expected, rel=1e-6)


def test_an_implied_share_without_its_jackknife_says_of_what():
    """Here without the second village, of which no share is known in one arm and round."""
    made = trial(answers(7), KIND)
    whole = _cells(made, made.design(made.frames.panel))
    share = whole.share.copy()
    share[2] = np.nan
    said = reasons(_implied(made, dataclasses.replace(whole, share=share), "y:"))
    reason = "without some cluster an arm has no rows in a round"
    assert said == {("y:implied", "smallest_share_std_error"): reason}


def test_an_index_is_looked_at_item_by_item_through_its_inner_outcomes():
    table = answers(8)
    table = table.assign(
        a=table["y"], b=(table["y"] > 3).astype(float), c=6.0 - table["y"], index=table["y"] / 2
    )
    inner = outcome("inner", function="mean", items=(Item(name="b"), Item(name="c", sign=-1)))
    top = outcome("index", function="index", unit="SD", items=(Item(name="a"), Item(name="inner")))
    rows = tuple(functional_form(trial(table, KIND, outcomes=(top, inner))))
    found = estimates(rows)
    assert {s for s, _ in found} == {
        "item:a:linear",
        "item:a:ordered_logit",
        "item:a:ordered_logit:mean",
        "item:b:linear",
        "item:b:logit",
        "item:b:poisson",
        "item:c:linear",
        "item:c:ordered_logit",
        "item:c:ordered_logit:mean",
    }
    assert {r.outcome for r in found.values()} == {"index"}
    assert found["item:b:linear", "cv3"].unit == "percentage points"
    assert found["item:a:linear", "cv3"].unit == "points"
    # the same answers turned round
    turned = found["item:c:ordered_logit", "cv3"].estimate
    assert turned == pytest.approx(-found["item:a:ordered_logit", "cv3"].estimate, abs=CONVERGED)
    own = tuple(functional_form(trial(table, KIND, outcomes=(top, inner), variables=("a",))))
    assert {s.split(":")[1] for s, _ in estimates(own)} == {"a"}


def test_two_turns_of_the_scale_are_none():
    inner = outcome("inner", function="mean", items=(Item(name="c", sign=-1), Item(name="d")))
    top = outcome("y", function="mean", items=(Item(name="inner", sign=-1), Item(name="e")))
    plan = trial(panel(8), KIND, outcomes=(top, inner)).plan
    assert [(i.name, i.sign) for i in questions(top, plan)] == [("c", 1), ("d", -1), ("e", 1)]


def test_counts_have_a_poisson_and_no_limit_of_values():
    table = panel(9)
    counts = table.assign(y=np.random.default_rng(3).poisson(8.0, len(table)).astype(float))
    count = (outcome("y", unit="count"),)
    rows = tuple(functional_form(trial(counts, KIND, outcomes=count)))
    assert set(estimates(rows)) == {("linear", "wcr_s"), ("linear", "cv3"), ("poisson", "cv3")}
    family = sm.families.Poisson()
    scaled = counts.assign(y=100.0 * counts["y"])
    expected = effect_by_statsmodels(scaled, family) / 100.0
    assert estimates(rows)["poisson", "cv3"].estimate == pytest.approx(expected, abs=CONVERGED)


def test_many_values_are_left_to_linear_models():
    rows = tuple(functional_form(trial(panel(10), KIND)))
    assert "only linear models" in reasons(rows)["models", "all"]
    assert estimates(rows) == {}


def test_four_arms_are_a_model_of_arms_and_both_treatments():
    table = binary(11, clusters=16)
    arms = ("both", "meetings", "leaflets", "neither")
    table = table.assign(arm=[arms[int(v[1:]) % 4] for v in table["village"]])
    specification = dataclasses.replace(
        PLAIN, treatment="meetings", adjust_treatments=("leaflets",)
    )
    case = trial(table, KIND, study=FACTORIAL, specification=specification, outcomes=PERCENT)
    row = estimates(functional_form(case))["logit", "cv3"]
    post = (table["round"] == "endline").to_numpy(dtype=float)
    one, two = (
        table["arm"].isin([t, "both"]).to_numpy(dtype=float) for t in ("meetings", "leaflets")
    )
    X = np.column_stack([np.ones(len(post)), one, two, one * two, post, one * post, two * post])
    fit = sm.GLM(table["y"].to_numpy() / 100, X, family=sm.families.Binomial()).fit(tol=1e-12)
    other = X.copy()
    other[:, 5] = 0.0
    difference = fit.predict(X) - fit.predict(other)
    expected = 100.0 * difference[(one * post).astype(bool)].mean()
    assert row.estimate == pytest.approx(expected, abs=CONVERGED)
    left = np.array(
        [
            estimates(functional_form(without(case, v)))["logit", "cv3"].estimate
            for v in sorted(set(table["village"]))
        ]
    )
    squares = np.sum((left - row.estimate) ** 2)
    assert row.std_error == pytest.approx(np.sqrt(15 / 16 * squares), rel=1e-6)


def test_an_unknown_item_is_an_error_and_a_dull_one_is_said():
    table = answers(12).assign(dull=1.0)
    index = (outcome("y", function="index", unit="SD", items=(Item(name="dull"),)),)
    rows = tuple(functional_form(trial(table, KIND, outcomes=index)))
    assert "same value in every row" in reasons(rows)["item:dull:linear", "all"]
    with pytest.raises(EstimationError, match="no column absent"):
        tuple(functional_form(trial(table, KIND, variables=("absent",))))


def test_one_round_is_an_error():
    last = answers(13).query("round == 'endline'").assign(y_baseline=lambda t: t["age"])
    suffix = dataclasses.replace(ANCOVA, lag="suffix")
    with pytest.raises(EstimationError, match="needs two rounds"):
        tuple(functional_form(trial(last, KIND, specification=suffix)))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("value", [("y", "")]),
        ("mean", [("a", "item:a:"), ("b", "item:b:")]),
        ("sum", [("a", "item:a:"), ("b", "item:b:")]),
        ("index", [("a", "item:a:"), ("b", "item:b:")]),
    ],
)
def test_what_is_made_of_items_is_looked_at_item_by_item(function, expected):
    made = outcome("y", function=function, items=(Item(name="a"), Item(name="b")))
    assert list(_targets(trial(answers(8), KIND, outcomes=(made,)))) == expected
