"""Poisson regressions of many periods against the engine's own on dummies, and refits."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.many_periods.panel import PanelColumns, panel
from evaluation.estimation.many_periods.panel_permutation import of_panel
from evaluation.estimation.many_periods.poisson import poisson
from evaluation.estimation.many_periods.poisson_inference import permuted, randomise, ratios
from evaluation.estimation.regression.grouped_models import generalised

NAMES = PanelColumns(
    outcome="y", unit="unit", time="time", first_treated="first", exposure="people", strata="s"
)


def counts(*, units=24, periods=7, treated=6, ratio=1.0, seed=1, strata=2, dispersion=3.4):
    """Negative binomial counts whose variance is ``dispersion`` times their mean."""
    draws = np.random.default_rng(seed)
    people = np.exp(draws.normal(10.0, 0.7, units))
    level = draws.normal(0.0, 0.4, units)
    rows = []
    for i in range(units):
        first = 4 if i < treated else np.nan
        for t in range(periods):
            grown = people[i] * 1.01**t
            mean = grown * 2e-3 * np.exp(level[i] + 0.05 * t * (i % strata))
            mean *= ratio if i < treated and t >= 4 else 1.0
            y = draws.negative_binomial(mean / (dispersion - 1.0), 1.0 / dispersion)
            rows.append((f"u{i:02d}", t, first, f"s{i % strata}", float(y), grown))
    return pd.DataFrame(rows, columns=["unit", "time", "first", "s", "y", "people"])


def dummies(frame, treated):
    """Effects of units and of strata's periods but the first, after the treated column."""
    unit = pd.get_dummies(frame["unit"]).to_numpy(float)
    period = pd.get_dummies(frame["s"] + frame["time"].astype(str))
    period = period[[name for name in period if not name.endswith("0")]].to_numpy(float)
    return np.column_stack([treated, unit, period])


def regression(frame, treated):
    """Coefficient and clustered error of the first column by the engine's Newton steps."""
    X, w = dummies(frame, treated), frame["people"].to_numpy()
    y = frame["y"].to_numpy()
    beta = generalised(w[None], (y / w)[None], X, "log")[0]
    mu = w * np.exp(X @ beta)
    scores = np.zeros((frame["unit"].nunique(), X.shape[1]))
    np.add.at(scores, pd.factorize(frame["unit"], sort=True)[0], X * (y - mu)[:, None])
    z = scores @ np.linalg.inv((X * mu[:, None]).T @ X)[0]
    return beta[0], np.sqrt(len(z) / (len(z) - 1) * z @ z)


def treated(frame):
    return (frame["time"] >= frame["first"]).to_numpy(float)


def test_effects_of_units_are_those_of_dummies():
    frame = counts(ratio=0.7)
    found = ratios(panel(frame, NAMES))
    ratio, error = regression(frame, treated(frame))
    assert found.estimates[0] == pytest.approx(ratio, abs=1e-8)
    assert found.std_errors()[0] == pytest.approx(error, abs=1e-8)


def test_without_each_unit_is_the_fit_without_it():
    frame = counts(units=10, treated=4)
    found = ratios(panel(frame, NAMES))
    for n, unit in enumerate(found.panel.units):
        rest = frame[frame["unit"] != unit]
        assert found.without[0, n] == pytest.approx(regression(rest, treated(rest))[0], abs=1e-7)


def test_every_permutation_is_a_refit_inside_strata():
    frame = counts(units=12, treated=4)
    found = ratios(panel(frame, NAMES))
    drawn = of_panel(found.panel, number=15, seed=2)
    result = randomise(found, drawn)
    for b in (0, 7, 14):
        entry = dict(zip(found.panel.units, result.placed.first[b].tolist(), strict=True))
        moved = (frame["time"] >= frame["unit"].map(entry)).to_numpy(float)
        ratio, error = regression(frame, moved)
        assert result.drawn[b] == pytest.approx(ratio, abs=1e-7)
        assert result.errors[b] == pytest.approx(error, abs=1e-7)
    own = frame.groupby("unit")["s"].first()
    for stratum in ("s0", "s1"):
        inside = [n for n, unit in enumerate(found.panel.units) if own[unit] == stratum]
        assert set((result.placed.first[:, inside] < 7).sum(axis=1)) == {2}


def test_events_have_no_ratio_in_the_last_period_before_and_pool_to_one():
    found = ratios(panel(counts(), NAMES), "event")
    assert [name.at for name in found.names] == [-4, -3, -2, 0, 1, 2]
    assert np.isfinite(found.std_errors()).all()


def test_an_exact_ratio_is_found_and_its_set_holds_it():
    frame = counts(ratio=1.0)
    expected = frame["people"] * (1.0 + 0.1 * frame["time"])
    frame["y"] = expected * np.where(treated(frame) > 0, 0.5, 1.0)
    for made in (ratios(panel(frame, NAMES)).estimates, poisson(panel(frame, NAMES)).log_ratios()):
        np.testing.assert_allclose(made, np.log(0.5), atol=1e-9)


def covariate_world(ratio=0.5, slope=0.0):
    """Expected counts without noise, whose level and growth go with a covariate of the unit."""
    frame = counts(units=16, treated=6, strata=1)
    x = frame["unit"].map({u: 0.1 * i for i, u in enumerate(sorted(frame["unit"].unique()))})
    on = treated(frame) > 0
    away = x - x[on].mean()
    frame["without"] = frame["people"] * np.exp(-6.0 + 0.3 * x + 0.05 * frame["time"] * (1.0 + x))
    frame["y"] = frame["without"] * np.where(on, ratio * np.exp(slope * away), 1.0)
    return frame.assign(x=x), on


WITH_X = dataclasses.replace(NAMES, strata="", covariates=("x",))


@pytest.mark.parametrize("slope", [0.0, 0.4])
def test_counts_that_grow_with_a_covariate_are_compared_with_their_like(slope):
    """Source: the world itself. Without the covariate the ratio of the growth is left in it."""
    frame, on = covariate_world(slope=slope)
    expected = np.log(frame["y"][on].sum() / frame["without"][on].sum())
    found = poisson(panel(frame, WITH_X)).log_ratios()
    assert found[0] == pytest.approx(expected, abs=1e-8)
    plain = poisson(panel(frame, dataclasses.replace(WITH_X, covariates=()))).log_ratios()
    assert abs(plain[0] - expected) > 0.01


def test_the_unit_of_a_covariate_changes_nothing_and_no_unit_is_left_out_twice():
    frame, _ = covariate_world()
    noisy = frame.assign(y=np.random.default_rng(4).poisson(frame["y"]))
    found = poisson(panel(noisy, WITH_X))
    other = poisson(panel(noisy.assign(x=7.0 - 300.0 * noisy["x"]), WITH_X))
    np.testing.assert_allclose(found.log_ratios(), other.log_ratios(), atol=1e-7)
    np.testing.assert_allclose(found.contributions()[1], other.contributions()[1], atol=1e-7)
    without = found.without_each()[1]
    for n in (0, 9):
        fresh = poisson(panel(noisy[noisy["unit"] != found.panel.units[n]], WITH_X))
        np.testing.assert_allclose(without[:, n], fresh.log_ratios(), atol=1e-6)


def test_counts_below_zero_are_refused():
    frame = counts()
    frame.loc[3, "y"] = -1.0
    with pytest.raises(EstimationError, match="negative") as caught:
        poisson(panel(frame, NAMES))
    assert caught.value.where == "event_study"


def test_the_interval_is_the_set_of_ratios_that_are_not_rejected():
    result = permuted(ratios(panel(counts(ratio=0.5), NAMES)), number=99)
    low, high = result.interval(0.9)
    assert low < result.ratio < high
    assert result.p_of(result.ratio) == 1.0 or result.p_of(result.ratio) > 0.9
    assert result.p_of(low - 0.05) < 0.1
    assert result.p_of(high + 0.05) < 0.1
    # of nine permutations none has a p below a tenth
    few = permuted(ratios(panel(counts(ratio=0.5), NAMES)), number=9)
    assert few.interval(0.95) == (-np.inf, np.inf)


def test_two_cohorts_two_periods_are_a_ratio_of_ratios():
    frame = counts(periods=5, strata=1)
    frame = frame[frame["time"].isin([3, 4])]
    found = poisson(panel(frame, NAMES))
    total = frame.groupby([frame["first"].notna(), "time"])[["y", "people"]].sum()
    rate = np.log(total["y"] / total["people"])
    expected = (rate[True, 4] - rate[True, 3]) - (rate[False, 4] - rate[False, 3])
    np.testing.assert_allclose(found.log_ratios(), expected, atol=1e-9)
    assert found.differences()[0] * 6 == pytest.approx(
        total.loc[(True, 4), "y"] * (1.0 - np.exp(-expected)), abs=1e-6
    )


def test_cohort_regression_without_each_unit():
    frame = counts(units=10, treated=4)
    found = poisson(panel(frame, NAMES))
    without = found.without_each()
    for n, unit in enumerate(found.panel.units):
        fresh = poisson(panel(frame[frame["unit"] != unit], NAMES))
        np.testing.assert_allclose(without[0][:, n], fresh.differences(), atol=1e-6)
        np.testing.assert_allclose(without[1][:, n], fresh.log_ratios(), atol=1e-8)


def test_whole_weights_are_copies_of_units():
    frame = counts(units=8, treated=3)
    frame["w"] = np.where(frame["unit"] == "u01", 2.0, 1.0)
    weighted = dataclasses.replace(NAMES, weights="w")
    copies = pd.concat([frame, frame[frame["unit"] == "u01"].assign(unit="u01b")])
    for estimate in (lambda p: ratios(p).estimates, lambda p: poisson(p).log_ratios()):
        one, other = estimate(panel(frame, weighted)), estimate(panel(copies, NAMES))
        np.testing.assert_allclose(one, other, atol=1e-8)


def test_what_has_no_solution_says_so():
    frame = counts()
    with pytest.raises(EstimationError, match="negative"):
        ratios(panel(frame.assign(y=frame["y"] - 1e9), NAMES))
    frame["y"] = np.where(treated(frame) > 0, 0.0, frame["y"])
    assert np.isnan(ratios(panel(frame, NAMES)).estimates[0])
    with pytest.raises(EstimationError, match="no solution"):
        poisson(panel(frame, NAMES))


@pytest.mark.simulation
def test_a_planted_ratio_is_recovered_within_monte_carlo_error():
    """Dispersion 3.4, as in the counts that this is for; mean of 200 samples."""
    worlds = [panel(counts(ratio=0.8, seed=s), NAMES) for s in range(200)]
    for estimates in (
        np.array([ratios(w).estimates[0] for w in worlds]),
        np.array([poisson(w).log_ratios()[0] for w in worlds]),
    ):
        error = estimates.std(ddof=1) / np.sqrt(len(estimates))
        assert abs(estimates.mean() - np.log(0.8)) < 3.0 * error + 0.005
