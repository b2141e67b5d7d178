"""Two-round sensitivity: critical values, breakdown values, benchmarks."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from evaluation.analysis.checks.trend_benchmarks import trend_benchmarks
from evaluation.analysis.checks.two_round_sensitivity import (
    CI_FIXED_LENGTH,
    CI_WIDENED,
    _breakdown,
    two_round_sensitivity,
)
from evaluation.errors import EstimationError
from evaluation.estimation.inference.fixed_length import critical_value
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    bounds,
    diagnostics,
    equal_weights,
    estimates,
    reasons,
    trial,
)
from tests.estimation.studies import DID, frame, outcome, panel
from tests.tables import cases

CASES = cases(__file__)

KIND = "two_round_sensitivity"


@pytest.mark.truth
def test_critical_values_as_published():
    """1.96 without bias; 2.18 where bias is half a standard error.

    Armstrong and Kolesar (2020, Quantitative Economics 11(1), abstract), to the digits printed
    there; at their rate n^(-2/5) the bias is half a standard deviation.
    """
    assert round(critical_value(0.0), 2) == 1.96
    assert round(critical_value(0.5), 2) == 2.18


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("bias", [0.0, 0.1, 0.5, 1.0, 2.0, 4.0])
def test_critical_values_are_roots_of_noncentral_quantiles(bias, level):
    """|N(b, 1)|^2 is non-central chi-squared with one degree of freedom; scipy's root is 1e-8."""
    expected = (
        np.sqrt(scipy.stats.ncx2.ppf(level, 1, bias**2))
        if bias
        else (scipy.stats.norm.ppf(0.5 + level / 2))
    )
    assert critical_value(bias, level) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("df", [2.0, 5.0, 11.0, 69.0])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_a_fixed_length_interval_is_the_t_interval_without_bias_and_never_narrower(df, level):
    """Source: scipy's t quantile, to 1e-10; the interval moved by M to both sides covers already.

    The normal quantile gave 1.96 standard errors where t of 5 degrees of freedom gives 2.57.
    """
    quantile = scipy.stats.t.ppf(0.5 + level / 2, df)
    assert critical_value(0.0, level, df=df) == pytest.approx(quantile, rel=1e-10)
    grid = np.concatenate([[1e-6, 1e-3], np.linspace(0.01, 8.0, 200)])
    found = np.array([critical_value(m, level, df=df) for m in grid])
    # the root is sought to 1e-12
    assert (found >= quantile - 1e-11).all()
    assert (np.diff(found) > 0.0).all()
    assert (found <= quantile + grid + 1e-9).all()
    assert (found >= [critical_value(m, level) for m in grid]).all()
    inside = scipy.stats.t.cdf(found - grid, df) - scipy.stats.t.cdf(-found - grid, df)
    np.testing.assert_allclose(inside, level, atol=1e-10)


def test_large_bias_leaves_one_side():
    assert critical_value(30.0) == pytest.approx(30.0 + scipy.stats.norm.ppf(0.95), abs=1e-9)


def test_a_negative_bias_is_no_bound():
    with pytest.raises(EstimationError, match="no bound"):
        critical_value(-0.1)


def strong(seed, effect=4.0):
    table = panel(seed, clusters=16)
    hit = (table["arm"] == "treated") & (table["round"] == "endline")
    return table.assign(y=table["y"] + effect * hit)


def regions(table):
    """The frame, its villages dealt to four regions in turn."""
    known = frame(table)
    return known.assign(region=[f"r{g % 4}" for g in range(len(known))])


def test_widening_by_the_breakdown_value_reaches_zero():
    table = strong(1)
    case = trial(table, KIND, known=regions(table), variables=("region",))
    rows = tuple(two_round_sensitivity(case))
    said, found = diagnostics(rows), bounds(rows)
    m = said["m:covariate_poverty", "benchmark"]
    low = found["m:covariate_poverty"].ci_low + m
    assert said["all", "interval_holds_zero"] == 0.0
    assert low > 0.0
    assert said["all", "breakdown"] == pytest.approx(low, abs=ROUNDING)
    assert low - said["all", "breakdown"] == pytest.approx(0.0, abs=ROUNDING)
    estimate = (found["m:covariate_poverty"].low + found["m:covariate_poverty"].high) / 2.0
    assert said["all", "breakdown_point"] == pytest.approx(estimate, abs=ROUNDING)
    ratio = said["all", "breakdown_sd"] / said["all", "breakdown"]
    assert said["all", "breakdown_point_sd"] == pytest.approx(ratio * estimate, abs=ROUNDING)
    control = table[(table["arm"] == "comparison") & (table["round"] == "baseline")]
    w = equal_weights(control)
    mean = np.average(control["y"], weights=w)
    sd = np.sqrt(np.average((control["y"] - mean) ** 2, weights=w))
    assert ratio == pytest.approx(1.0 / sd, rel=1e-9)


def test_a_negative_effect_breaks_down_from_the_other_side():
    table = strong(1, effect=-6.0)
    case = trial(table, KIND, known=regions(table), variables=("region",))
    rows = tuple(two_round_sensitivity(case))
    said, found = diagnostics(rows), bounds(rows)["m:covariate_poverty"]
    high = found.ci_high - said["m:covariate_poverty", "benchmark"]
    assert high < 0.0
    assert said["all", "breakdown"] == pytest.approx(-high, abs=ROUNDING)


def test_an_interval_that_holds_zero_breaks_down_at_once_and_says_so():
    said = diagnostics(two_round_sensitivity(trial(strong(4, effect=-0.4), KIND)))
    assert said["all", "interval_holds_zero"] == 1.0
    assert said["all", "breakdown"] == 0.0
    assert said["all", "breakdown_point"] > 0.0


def test_both_intervals_are_made_of_the_primary_and_the_jackknife():
    table = strong(3)
    case = trial(table, KIND, known=regions(table), variables=("region",))
    rows = tuple(two_round_sensitivity(case))
    m = diagnostics(rows)["m:covariate_poverty", "benchmark"]
    found = bounds(rows)
    from_primary, fixed = found["m:covariate_poverty"], found["flci:covariate_poverty"]
    primary = estimates(case.linear(case.primary_design()))
    assert from_primary.ci_low == pytest.approx(primary["all", "wcr_s"].ci_low - m, abs=ROUNDING)
    assert from_primary.ci_high == pytest.approx(primary["all", "wcr_s"].ci_high + m, abs=ROUNDING)
    error = primary["all", "cv3"].std_error
    half = error * critical_value(m / error, df=15.0)
    assert fixed.ci_high - fixed.low - m == pytest.approx(half, rel=1e-10)
    assert primary["all", "cv3"].df == 15.0
    assert (from_primary.ci_kind, fixed.ci_kind) == (CI_WIDENED, CI_FIXED_LENGTH)


def test_a_village_that_the_frame_does_not_know_is_an_error():
    table = panel(7)
    known = regions(table)
    case = trial(table, KIND, known=known[known["village"] != "v00"], variables=("region",))
    with pytest.raises(EstimationError, match="not known for 1 clusters"):
        tuple(two_round_sensitivity(case))


def test_a_variable_that_differs_inside_a_village_is_an_error():
    table = panel(7)
    with pytest.raises(EstimationError, match="not one known value per cluster"):
        tuple(two_round_sensitivity(trial(table, KIND, variables=("region",))))


def test_a_primary_step_that_cannot_be_had_leaves_nothing_to_widen():
    """A covariate that varies in one village only: without it no jackknifed scores."""
    table = panel(8)
    rng = np.random.default_rng(8)
    odd = np.where(table["village"] == "v03", rng.normal(size=len(table)), 0.0)
    specification = dataclasses.replace(DID, covariates=("odd",))
    case = trial(table.assign(odd=odd), KIND, specification=specification)
    rows = tuple(two_round_sensitivity(case))
    assert "without 1 of 12 clusters, one at a time" in reasons(rows)["all", "wcr_s"]
    assert bounds(rows) == {}


def test_an_outcome_without_baseline_spread_has_no_breakdown_in_sd():
    table = strong(9)
    quiet = (table["arm"] == "comparison") & (table["round"] == "baseline")
    rows = tuple(two_round_sensitivity(trial(table.assign(y=table["y"].mask(quiet, 1.0)), KIND)))
    assert "does not vary" in reasons(rows)["all", "breakdown_sd"]
    assert ("all", "breakdown") in diagnostics(rows)


def test_a_regression_of_one_round_has_no_benchmark():
    case = trial(panel(7), KIND, variables=("region",))
    found, rows = trend_benchmarks(case, dataclasses.replace(case.primary_design(), rounds=None))
    assert found == ()
    assert reasons(rows) == {("all", "benchmark"): "the primary regression has one round"}


@pytest.mark.parametrize(("interval", "holds", "value"), CASES["by_hand"])
def test_breakdown_of_intervals_by_hand(interval, holds, value):
    """The nearer end, and nothing where zero lies inside or at an end; in SD over an SD of 2."""
    for unit, sd in (("points", 2.0), ("SD", 1.0)):
        case = trial(panel(7), KIND, outcomes=(outcome("y", unit=unit),))
        built = dataclasses.replace(case.primary_design(), baseline_sd=2.0)
        said = diagnostics(_breakdown(case, built, -1.5, interval))
        assert said["all", "interval_holds_zero"] == holds
        assert said["all", "breakdown"] == value
        assert said["all", "breakdown_point"] == 1.5
        assert said["all", "breakdown_sd"] == value / sd
        assert said["all", "breakdown_point_sd"] == 1.5 / sd


def test_a_primary_step_with_an_interval_of_its_own():
    """By the jackknife: t(G - 1) to both sides, widened by M."""
    case = trial(panel(7), KIND, known=regions(panel(7)), variables=("region",))
    inference = dataclasses.replace(case.plan.inference, primary_step="cv3")
    case = dataclasses.replace(case, plan=dataclasses.replace(case.plan, inference=inference))
    row = estimates(case.linear(case.primary_design()))["all", "cv3"]
    rows = tuple(two_round_sensitivity(case))
    m = diagnostics(rows)["m:covariate_poverty", "benchmark"]
    found = bounds(rows)["m:covariate_poverty"]
    assert found.ci_low == pytest.approx(row.ci_low - m, abs=ROUNDING)
    assert found.ci_high == pytest.approx(row.ci_high + m, abs=ROUNDING)
