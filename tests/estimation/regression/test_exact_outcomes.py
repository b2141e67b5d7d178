"""Outcomes that a regression fits exactly: no number comes of rounding, small ones stay numbers."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap, permutation, permutation_draws
from evaluation.estimation.inference.bootstrap import wild
from evaluation.estimation.inference.jackknife import jackknife
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.fit import (
    StepUnavailable,
    check_residuals,
    cv1,
    least_squares,
)
from evaluation.estimation.regression.sample import is_error, is_spread
from tests.estimation.one_call import two_rounds
from tests.estimation.studies import ANCOVA, DID, STUDY, outcome, panel
from tests.tables import cases

CASES = cases(__file__)

CALL = {
    "outcome": "y",
    "treated": "treated",
    "post": "post",
    "cluster": "village",
    "weights": "weight",
    "estimand": "equal",
    "seed": 7,
    "draws": 99,
}


def marked(seed=41):
    """Unequal weights, so that sums of zeros and ones are rounded."""
    table = panel(seed)
    return table.assign(
        post=(table["round"] == "endline").astype(float),
        treated=(table["arm"] == "treated").astype(float),
        number=table["village"].str[1:].astype(float),
    )


EXACT = {
    "post": lambda t: t["post"],
    "effect": lambda t: t["number"] + 0.3 * t["post"] + 1.7 * t["post"] * t["treated"],
    "effect alone": lambda t: t["post"] * t["treated"],
    "level of thousands": lambda t: 1e3 * t["number"] + 0.3 * t["post"],
    "covariate": lambda t: 0.1 * t["number"] + 0.7 * t["age"],
}


def results(table, specification=DID):
    """What each method, run alone, makes of a table."""
    made = build(table, specification, outcome=outcome(), study=STUDY)
    blocks, arms = made.accumulate(), dict(zip(table["village"], table["arm"], strict=True))
    fit, drawn = least_squares(blocks), bootstrap.draws(arms, number=99, seed=1)
    permuted = permutation_draws.permutations(arms, strata={}, number=99, seed=1)
    return {
        "CV1": lambda: cv1(fit, made.column),
        "CV3": lambda: jackknife(blocks, fit, made.column),
        "WCR": lambda: wild(blocks, made.column, drawn, scores="plain"),
        "WCR-S": lambda: wild(blocks, made.column, drawn, scores="jackknifed"),
        "RI": lambda: permutation.randomise(blocks, made.column, permuted),
    }


@pytest.mark.parametrize("name", EXACT)
def test_an_outcome_without_residuals_has_no_standard_error(name):
    """Rounding used to leave 1e-17 in place of zero, and p-values of it down to 1e-169."""
    table = marked()
    table = table.assign(y=EXACT[name](table))
    covariates = ("age",) if name == "covariate" else ()
    for method, run in results(table, dataclasses.replace(DID, covariates=covariates)).items():
        with pytest.raises(StepUnavailable, match="residuals are zero in every cluster") as caught:
            run()
        assert str(caught.value.problem).startswith("CV3" if method == "CV3" else "CV1")


def test_an_outcome_that_follows_its_lag_has_none_under_ancova():
    table = marked()
    table = table.assign(y=table["number"] + 0.3 * table["post"])
    for run in results(table, ANCOVA).values():
        with pytest.raises(StepUnavailable, match="residuals are zero in every cluster"):
            run()


@pytest.mark.parametrize("name", ["post", "effect", "effect alone"])
def test_nothing_is_printed_of_it_through_the_front_door(name):
    table = marked()
    found = two_rounds(
        table.assign(y=EXACT[name](table)), **CALL, steps=("cv1", "cv3", "wcr", "wcr_s", "ri")
    )
    assert not any(isinstance(record, Estimate) for record in found)


SMALL = {
    "level": lambda t: 1e6 + 1e-3 * t["y"],
    "change": lambda t: 1e4 * t["post"] + 1e-3 * t["y"],
    "unit": lambda t: 1e-12 * t["y"],
    "large unit": lambda t: 1e12 * t["y"],
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_spread_is_a_spread(name):
    """Identity: t statistics know no unit, no level and no common change.

    1e6 is rounded to 1e-10, a tenth of a millionth of the spread of 1e-3; hence 1e-5.
    """
    table = marked()
    ours, plain = results(table.assign(y=SMALL[name](table))), results(table)
    for method in ("CV1", "CV3"):
        expected, found = plain[method](), ours[method]()
        assert found.estimate / found.std_error == pytest.approx(
            expected.estimate / expected.std_error, rel=1e-5
        )
    for method in ("WCR", "WCR-S", "RI"):
        assert ours[method]().p_value() == plain[method]().p_value()


@pytest.mark.parametrize(("share", "refused"), [(1e-14, True), (1e-13, True), (1e-10, False)])
def test_the_line_is_a_trillionth_of_what_cancels(share, refused):
    """Four clusters of two rows with y = 1 and a shift of a cluster's mean by a share of it.

    The mean's parts are shares of the shifts, its sizes those of 2 x 2 x 1/8: half the share.
    """
    y = np.repeat(1.0 + share * np.array([1.0, -1.0, 1.0, -1.0]), 2)
    blocks = accumulate(
        np.ones((8, 1)),
        y,
        weights=np.ones(8),
        cluster=list("aabbccdd"),
        columns=["mean"],
        absorb="none",
    )
    fit = least_squares(blocks)
    np.testing.assert_allclose(fit.sizes[:, 0], 4.0, rtol=1e-9)
    if refused:
        with pytest.raises(StepUnavailable, match="CV2: the variance is zero"):
            check_residuals(fit, "mean", step="CV2")
    else:
        check_residuals(fit, "mean", step="CV2")
        # influence of each cluster: 2 x share / 8; G/(G-1) x 4 x (share / 4)^2 = share^2 / 3
        error = cv1(fit, "mean").std_error
        assert error == pytest.approx(share / np.sqrt(3.0), rel=1e-4)


@pytest.mark.parametrize(("sd", "mean", "change", "spread"), CASES["spread"])
def test_what_counts_as_a_standard_deviation(sd, mean, change, spread):
    assert is_spread(sd, mean=mean, change=change) is spread


def test_a_trait_that_no_one_changes_has_no_error():
    """Respondents of both rounds, with weights of their own, and whether they are of the coast.

    Weighted shares are equal in both rounds but for the order of their sums: nothing cancels in
    what the regression is given, which is rounding already.
    """
    table = marked()
    table = table[table["panel_member"]]
    first = table[table["round"] == "baseline"].set_index("respondent")
    table = table.assign(
        y=(table["respondent"].map(first["region"]) == "coast").astype(float),
        weight=table["respondent"].map(first["weight"]),
    )
    table = table[table["y"].notna()].sample(frac=1.0, random_state=4)
    made = build(table, DID, outcome=outcome(), study=STUDY)
    found = cv1(least_squares(made.accumulate()), made.column)
    assert found.std_error > 0.0
    sizes = {"mean": made.baseline_mean, "sd": made.baseline_sd}
    assert not is_error(found.std_error, **sizes)
    assert is_error(1e-9 * made.baseline_sd, **sizes)
    assert not is_error(1e-7, mean=-1e6, sd=0.0)
    assert is_error(1e-5, mean=-1e6, sd=0.0)


def test_a_constant_outcome_is_refused_before_that():
    with pytest.raises(EstimationError, match="the same value in every row"):
        results(marked().assign(y=0.1))
