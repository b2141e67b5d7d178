"""Permuted entry: the engine's own test with one cohort, a refit for each permutation with more."""

import dataclasses

import numpy as np
import pytest

from evaluation.estimation.inference import bootstrap, permutation
from evaluation.estimation.many_periods import panel_permutation
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.linear import LinearOptions, linear
from evaluation.estimation.many_periods.multipliers import (
    EFFECT,
    blocks,
    bootstrapped,
    largest_t,
    normal_largest_t,
)
from evaluation.estimation.many_periods.panel import panel
from evaluation.estimation.many_periods.panel_permutation import (
    of_panel,
    permuted_estimates,
    randomise,
)
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import StepUnavailable, cv1, least_squares
from tests.estimation.many_periods import worlds

KINDS = ("simple", "group", "calendar", "event")


def test_one_cohort_is_the_test_of_two_rounds():
    made = linear(worlds.made(cohorts=(0, 0, 0, 0, 0, 4, 4, 4), effect=1.0))
    drawn = of_panel(made.panel, number=9_999, seed=1)
    found = randomise(made, drawn)[0]
    treated = (made.panel.first < made.panel.n_periods).astype(float)
    change = made.panel.y[:, 3:].mean(axis=1) - made.panel.y[:, :3].mean(axis=1)
    regression = cluster_blocks.accumulate(
        np.column_stack([treated, np.ones(8)]),
        change,
        weights=np.ones(8),
        cluster=made.panel.units,
        columns=("treated", "one"),
        absorb="none",
    )
    expected = permutation.randomise(regression, "treated", drawn)
    assert found.estimate == pytest.approx(expected.estimate, abs=1e-12)
    assert found.std_error == pytest.approx(expected.std_error, abs=1e-12)
    for null in (0.0, 0.7, 1.4):
        assert found.p_value(null) == expected.p_value(null)
        np.testing.assert_allclose(
            found.statistics(null)[1], expected.statistics(null)[1], atol=1e-7
        )
    assert found.interval().low == pytest.approx(expected.interval().low, abs=1e-8)


@pytest.mark.parametrize("method", ["imputation", "callaway_santanna", "sun_abraham"])
@pytest.mark.parametrize("strata", [1, 2])
def test_every_permutation_is_a_refit(method, strata):
    cohorts = (0, 0, 0, 0, 3, 3, 4, 4) * strata
    frame = worlds.frame(cohorts=cohorts, effect=1.0, strata=1)
    frame["stratum"] = frame["unit"].map(lambda u: int(u[1:]) // 8)
    names = worlds.PanelColumns(**worlds._fields(worlds.NAMES), strata="stratum")
    choices = LinearOptions(method=method, kinds=KINDS)
    made = linear(panel(frame, names), choices)
    drawn = of_panel(made.panel, number=40, seed=3)
    found = randomise(made, drawn)
    among = drawn.among(made.panel.units)
    first_of = {int(a): int(f) for a, f in zip(among.observed, made.panel.first, strict=True)}
    for b in range(0, 40, 13):
        moved = np.array([first_of[int(a)] for a in among.codes[:, b]])
        entry = dict(zip(made.panel.units, moved, strict=True))
        other = frame.assign(
            first=frame["unit"].map(lambda u, e=entry: e[u] + 1.0 if e[u] < 6 else np.nan)
        )
        fresh = linear(panel(other, names), choices)
        for k, distribution in enumerate(found):
            value = permuted_estimates(distribution)[b]
            assert value == pytest.approx(fresh.estimates[k], abs=1e-9)
            if strata == 1:
                t = distribution.statistics(0.0)[1][b]
                own = randomise(fresh, of_panel(fresh.panel, number=2, seed=1))[k]
                assert t == pytest.approx(own.estimate / own.std_error, abs=1e-7)


def test_its_interval_holds_the_effect_that_is_taken_off():
    made = linear(worlds.made(cohorts=(0,) * 8 + (3,) * 4 + (5,) * 4, effect=2.0))
    found = randomise(made, of_panel(made.panel, number=999, seed=1))[0]
    interval = found.interval()
    assert found.p_value(found.estimate) == 1.0
    assert interval.low < found.estimate < interval.high
    shifted = worlds.frame(cohorts=(0,) * 8 + (3,) * 4 + (5,) * 4, effect=2.0)
    shifted["y"] += 5.0 * (shifted["time"] >= shifted["first"])
    other = linear(panel(shifted, worlds.NAMES))
    moved = randomise(other, of_panel(other.panel, number=999, seed=1))[0].interval()
    assert moved.low == pytest.approx(interval.low + 5.0, abs=1e-8)


@pytest.mark.parametrize("method", ["imputation", "callaway_santanna"])
def test_the_regression_across_units_has_the_estimate_as_a_coefficient(method):
    made = linear(worlds.made(effect=1.0), LinearOptions(method=method))
    for k in range(len(made.names)):
        fit = least_squares(blocks(made, made.design.weights[k]))
        assert cv1(fit, EFFECT).estimate == pytest.approx(made.estimates[k], abs=1e-10)
        expected = np.sqrt(fit.n_clusters / (fit.n_clusters - 1) * np.sum(made.within[k] ** 2))
        assert cv1(fit, EFFECT).std_error == pytest.approx(expected, abs=1e-10)


def test_bootstrap_and_bands_use_the_engine_s_draws():
    made = linear(worlds.made(cohorts=(0,) * 8 + (3,) * 4 + (5,) * 4, effect=2.0))
    draws = bootstrap.draws(made.panel.units, number=999, seed=1)
    (found,) = bootstrapped(made, [0], draws)
    assert 0.0 < found.p_value() < 0.2
    assert found.p_value(found.estimate) == 1.0
    band = largest_t(made.contributions, made.panel.units, draws)
    assert 1.9 < band.critical(0.95) < 4.0


@pytest.mark.parametrize(("rows", "expected"), [(1, 1.95996), (3, 2.38774)])
def test_a_band_of_many_units_is_that_of_normal_sums(rows, expected):
    """Sidak: of K independent normals the largest is below the quantile of (1 + 0.95^(1/K)) / 2.

    Tolerance: 200,000 draws leave a standard error of 0.005 in the quantile of one.
    """
    draws = np.random.default_rng(11)
    own = np.linalg.qr(draws.normal(size=(500, 3)))[0].T
    # other units of the outcome, an estimate without error and one that stands twice
    made = np.vstack([own[:rows] * [[1.0], [1e3], [1e-3]][:rows], np.zeros(500), 5.0 * own[:1]])
    band = normal_largest_t(made @ made.T, number=200_000, seed=2)
    assert band.critical(0.95) == pytest.approx(expected, abs=0.02)


def test_unequal_units_are_not_permuted():
    frame = worlds.frame()
    made = linear(panel(frame.iloc[1:], worlds.NAMES))
    with pytest.raises(StepUnavailable, match="equal weight"):
        randomise(made, of_panel(made.panel, number=9, seed=1))


def test_covariates_are_not_permuted():
    frame = worlds.frame().assign(x=1.0)
    names = dataclasses.replace(worlds.NAMES, covariates=("x",))
    made = linear(panel(frame, names))
    with pytest.raises(StepUnavailable) as caught:
        randomise(made, of_panel(made.panel, number=9, seed=1))
    assert "covariates" in str(caught.value.problem)
    assert caught.value.where == "event_study"


@pytest.mark.parametrize("share", [0.004, 0.3, 0.996])
def test_sums_over_few_most_and_some_units_are_the_same_sums(share):
    """Shapes: values of 5 quantities of 400 units, members of 30 permutations."""
    draws = np.random.default_rng(6)
    values, member = draws.normal(size=(5, 400)), draws.random((400, 30)) < share
    found = panel_permutation._given(values, member)
    np.testing.assert_allclose(found, values @ member, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        # cohorts of periods 1 and 2, of which there are four; never treated are called 4
        (Name("simple", None), {(1, 1), (1, 2), (1, 3), (2, 2), (2, 3)}),
        (Name("event", 0), {(1, 1), (2, 2)}),
        (Name("event", -1), {(1, 0), (2, 1)}),
        (Name("group", 2), {(2, 2), (2, 3)}),
        (Name("calendar", 2), {(1, 2), (2, 2)}),
        (Name("cell", 3, cohort=1), {(1, 3)}),
    ],
)
def test_the_cells_of_an_effect_by_hand(name, cells):
    made = {
        (cohort, t)
        for cohort in (1, 2, 4)
        for t in np.flatnonzero(panel_permutation.treated(name, cohort, 4))
    }
    assert made == cells


def test_the_data_s_own_entry_is_extreme_under_every_null():
    """Its constant is a rounded zero, whose sign decided whether it counted: one of two ends moved.

    Two of five: ten placements, so that at a level of 90 % every value is accepted (p is 1/10 at
    least, which is not below).
    """
    made = linear(worlds.made(cohorts=(0, 0, 0, 4, 4)))
    found = randomise(made, of_panel(made.panel, number=99, seed=1))[0]
    assert found.enumerated
    assert panel_permutation.coefficient_interval(found, 0.9) == (-np.inf, np.inf)
