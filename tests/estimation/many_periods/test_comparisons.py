"""Synthetic comparisons, the two-way decomposition, unknown treatment."""

import itertools
from typing import get_args

import numpy as np
import pytest

from evaluation.analysis.panels.ranges import comparison_weights, effect_set, shares
from evaluation.errors import EstimationError
from evaluation.estimation.many_periods.adjusted import Model, adjusted
from evaluation.estimation.many_periods.linear import LinearOptions, linear
from evaluation.estimation.many_periods.panel import PanelColumns, panel
from evaluation.estimation.many_periods.synthetic import Kind, synthetic
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.estimation.many_periods import worlds
from tests.truth.calculations import two_way

ONE = (0,) * 9 + (4,) * 3


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_synthetic_comparison_finds_an_effect_without_noise(kind):
    frame = worlds.frame(cohorts=ONE, periods=8)
    # the treated unit lies between the others, so that weights of all kinds can make it
    level = frame["unit"].map(lambda u: 3.5 if int(u[1:]) >= 9 else float(int(u[1:])))
    frame["y"] = level + np.sqrt(frame["time"]) + 2.0 * (frame["time"] >= frame["first"])
    found = synthetic(panel(frame, worlds.NAMES), kind, draws=20)
    assert found.estimate == pytest.approx(2.0, abs=2e-3)
    for weights in (found.by_cohort[3].units, found.by_cohort[3].periods):
        assert weights.min() >= 0.0
        assert weights.sum() == pytest.approx(1.0) or not weights.any()


def test_without_weights_it_is_the_difference_in_differences_and_cohorts_are_pooled():
    frame = worlds.frame(cohorts=(0,) * 8 + (3, 3, 5), effect=1.0)
    found = synthetic(panel(frame, worlds.NAMES), "did", draws=10)
    y = frame.pivot_table(index="unit", columns="time", values="y").to_numpy()
    first = y[8:10, 2:].mean() - y[8:10, :2].mean() - y[:8, 2:].mean() + y[:8, :2].mean()
    second = y[10, 4:].mean() - y[10, :4].mean() - y[:8, 4:].mean() + y[:8, :4].mean()
    assert found.estimate == pytest.approx((8 * first + 2 * second) / 10, abs=1e-12)


def test_all_placebos_are_listed_where_they_are_few():
    found = synthetic(worlds.made(cohorts=(0,) * 7 + (4,)), draws=50)
    assert found.enumerated
    assert len(found.placebos) == 7
    assert found.p_value >= 1 / 8
    with pytest.raises(EstimationError, match="not more never treated"):
        synthetic(worlds.made(cohorts=(0, 0, 4, 4)))


def unseen_once():
    """Three never treated units and one that is; of the first a row is missing."""
    return panel(worlds.frame(cohorts=(0, 0, 0, 4)).iloc[1:], worlds.NAMES)


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (lambda: synthetic(unseen_once()), "every unit in every period and two periods before"),
        # the first period is the only one before
        (lambda: synthetic(worlds.made(cohorts=(0, 0, 0, 2))), "two periods before treatment"),
        (lambda: adjusted(worlds.made(cohorts=(0, 3, 0, 3), strata=2)), "comparison in its strata"),
    ],
)
def test_what_a_method_needs_is_said(estimate, words):
    with pytest.raises(EstimationError, match=words) as caught:
        estimate()
    assert caught.value.where == "event_study"


def test_two_periods_before_are_enough_for_weights():
    assert np.isfinite(synthetic(worlds.made(cohorts=(0, 0, 0, 3))).estimate)


def test_the_decomposition_adds_up_to_the_two_way_estimate():
    made = worlds.made(effect=1.0)
    found = two_way.decomposition(made)
    fit = least_squares(two_way.blocks(made))
    assert sum(one.weight for one in found) == pytest.approx(1.0)
    total = sum(one.weight * one.estimate for one in found)
    assert total == pytest.approx(cv1(fit, two_way.TREATED).estimate, abs=1e-10)
    assert {one.against for one in found} == {"never", "later", "earlier"}
    assert len(found) == 9


def test_with_one_cohort_the_two_way_estimate_is_imputation():
    made = worlds.made(cohorts=ONE, effect=1.0)
    fit = least_squares(two_way.blocks(made))
    assert cv1(fit, two_way.TREATED).estimate == pytest.approx(linear(made).estimates[0], abs=1e-10)


def test_extreme_shares_are_those_of_all_placements():
    weights = np.array([0.1, 0.4, 0.2, 0.3])
    found = shares(weights, treated=2, candidates=6)
    every = [sum(c) for c in itertools.combinations([*weights, 0.0, 0.0], 2)]
    assert (found.smallest, found.largest) == pytest.approx((min(every), max(every)))
    assert found.equal == pytest.approx(np.mean(every) * 1.0)
    with pytest.raises(EstimationError, match="more units"):
        shares(weights, treated=7, candidates=6)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.68])
@pytest.mark.parametrize("effect", [-2.0, 1.5])
def test_the_set_holds_the_effect_for_every_effect_in_the_comparison(effect, share):
    for relative in (0.0, 0.4, 1.0):
        low, high = effect_set(effect - share * relative * effect, share)
        assert low - 1e-12 <= effect <= high + 1e-12
    assert effect_set(1.0, 1.0) == (1.0, np.inf)


def test_comparison_weights_are_within_strata_of_the_treated():
    made = linear(worlds.made(cohorts=(0, 0, 0, 0, 0, 0, 4, 4, 4, 0), strata=2))
    found = comparison_weights(made, 0)
    strata = made.panel.stratum[made.panel.first == 6]
    assert found.sum() == pytest.approx(1.0)
    assert found[strata == 0].sum() == pytest.approx(2 / 3)
    assert np.ptp(found[strata == 0]) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(EstimationError, match="more than one cohort"):
        comparison_weights(linear(worlds.made()), 0)


@pytest.mark.parametrize("model", get_args(Model))
@pytest.mark.parametrize("comparison", ["never", "not_yet"])
def test_without_covariates_every_model_is_the_difference_of_changes(model, comparison):
    made = worlds.made(effect=1.0)
    plain = linear(made, LinearOptions(method="callaway_santanna", comparison=comparison))
    found = adjusted(made, model=model, comparison=comparison)
    assert found.names == plain.names
    np.testing.assert_allclose(found.estimates, plain.estimates, atol=1e-10)
    np.testing.assert_allclose(found.std_errors(), plain.std_errors(), atol=1e-9)


def test_covariates_that_tell_who_is_treated_are_refused():
    frame = worlds.frame(cohorts=ONE)
    frame["x"] = frame["first"].notna() * 1.0
    names = PanelColumns(
        outcome="y", unit="unit", time="time", first_treated="first", covariates=("x",)
    )
    for model in ("weighting", "doubly_robust"):
        with pytest.raises(EstimationError, match="tell without error"):
            adjusted(panel(frame, names), model=model)
