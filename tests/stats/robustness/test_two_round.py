"""Two-round sensitivity: critical values, breakdown values, yardsticks."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from evaluation.stats.robustness.yardsticks import yardsticks

from evaluation.errors import EstimationError
from evaluation.stats import trends
from evaluation.stats.fit import least_squares
from evaluation.stats.robustness.case import linear
from evaluation.stats.robustness.two_round import (
    CI_FIXED_LENGTH,
    CI_WIDENED,
    _breakdown,
    critical_value,
    two_round_sensitivity,
)
from tests.stats.robustness.outcome_checks import (
    ROUNDING,
    bounds,
    diagnostics,
    equal_weights,
    estimates,
    people,
    reasons,
    trial,
    village_means,
)
from tests.stats.studies import DID, SERIES, STUDY, frame, outcome, panel, series

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
    m = said["m:comparison_spread", "yardstick"]
    low = found["m:comparison_spread"].ci_low + m
    assert said["all", "interval_holds_zero"] == 0.0
    assert low > 0.0
    assert said["all", "breakdown"] == pytest.approx(low, abs=ROUNDING)
    assert low - said["all", "breakdown"] == pytest.approx(0.0, abs=ROUNDING)
    estimate = (found["m:comparison_spread"].low + found["m:comparison_spread"].high) / 2.0
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
    said, found = diagnostics(rows), bounds(rows)["m:comparison_spread"]
    high = found.ci_high - said["m:comparison_spread", "yardstick"]
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
    m = diagnostics(rows)["m:comparison_maximum", "yardstick"]
    found = bounds(rows)
    from_primary, fixed = found["m:comparison_maximum"], found["flci:comparison_maximum"]
    primary = estimates(linear(case, case.primary_design()))
    assert from_primary.ci_low == pytest.approx(primary["all", "wcr_s"].ci_low - m, abs=ROUNDING)
    assert from_primary.ci_high == pytest.approx(primary["all", "wcr_s"].ci_high + m, abs=ROUNDING)
    error = primary["all", "cv3"].std_error
    half = error * critical_value(m / error, df=15.0)
    assert fixed.ci_high - fixed.low - m == pytest.approx(half, rel=1e-10)
    assert primary["all", "cv3"].df == 15.0
    assert (from_primary.ci_kind, fixed.ci_kind) == (CI_WIDENED, CI_FIXED_LENGTH)


@pytest.mark.truth
def test_spread_of_places_by_hand():
    """Changes of two comparison villages in each of three places: 0 2, 3 5, 6 6.

    Place means 1, 4, 6: SD sqrt(19/3), largest difference 5. Inside places squares sum to
    2 + 2 + 0 over three degrees of freedom, 4/3, so a mean of two has variance 2/3; without it
    the spread is sqrt(19/3 - 2/3) = sqrt(17/3).
    """
    changes = {"c1": 0, "c2": 2, "c3": 3, "c4": 5, "c5": 6, "c6": 6, "t1": 9, "t2": 4, "t3": 8}
    given = {(v, "baseline"): [0.0, 1.0] for v in changes}
    given |= {(v, "endline"): [c + 0.0, c + 1.0] for v, c in changes.items()}
    table = people(given)
    known = pd.DataFrame({"village": sorted(changes)})
    known["arm"] = ["treated" if v[0] == "t" else "comparison" for v in known["village"]]
    known["place"] = ["p1", "p1", "p2", "p2", "p3", "p3", "p1", "p2", "p3"]
    rows = tuple(two_round_sensitivity(trial(table, KIND, known=known, variables=("place",))))
    said = diagnostics(rows)
    assert said["m:comparison_spread", "yardstick"] == pytest.approx(np.sqrt(19 / 3), abs=ROUNDING)
    assert said["m:comparison_maximum", "yardstick"] == pytest.approx(5.0, abs=ROUNDING)
    assert said["m:comparison_spread_corrected", "yardstick"] == pytest.approx(
        np.sqrt(17 / 3), abs=ROUNDING
    )
    # two degrees of freedom: chi-squared is exponential, so its quantiles are -2 log of the tail
    ends = [np.sqrt(19 / 3 * 2 / (-2 * np.log(tail))) for tail in (0.025, 0.975)]
    shown = [said["m:comparison_spread", f"yardstick_{end}"] for end in ("low", "high")]
    assert shown == pytest.approx(ends, rel=1e-9)
    assert said["m:comparison_spread_corrected", "yardstick_high"] == pytest.approx(
        np.sqrt(ends[1] ** 2 - 2 / 3), rel=1e-9
    )
    assert ("m:comparison_maximum", "yardstick_high") not in said
    for place in ("p1", "p2", "p3"):
        noise = said[f"stratum:{place}", "change_noise"]
        assert noise == pytest.approx(np.sqrt(2 / 3), abs=ROUNDING)
        assert said[f"stratum:{place}", "clusters"] == 2.0


def test_drift_of_a_series_is_its_trend_regression_in_sd_of_changes():
    table = panel(5, clusters=16)
    known = frame(table).assign(people=1000.0)
    quarters = series(table, slope=0.7)
    case = trial(table, KIND, known=known, series=quarters, in_plan=(SERIES,))
    rows = tuple(two_round_sensitivity(case))
    data = trends.rates(quarters, known, SERIES, treatment="programme", study=STUDY)
    fit = least_squares(trends.design(data, SERIES).accumulate())
    # four quarters before the start: three steps of the differential trend
    drift = 3.0 * fit.coefficients[0]
    own = []
    for village in known.loc[known["arm"] == "comparison", "village"]:
        before = (data.cluster == village) & data.before
        own.append(3.0 * np.polyfit(np.arange(4), data.value[before], 1)[0])
    said = diagnostics(rows)
    expected = drift / np.std(own, ddof=1)
    assert said["m:series_events", "drift_before"] == pytest.approx(expected, rel=1e-9)
    means = village_means(table)
    plain = means.loc[known.loc[known["arm"] == "comparison", "village"]]
    sd = np.std(plain["endline"] - plain["baseline"], ddof=1)
    assert said["m:series_events", "yardstick"] == pytest.approx(abs(expected) * sd, rel=1e-9)
    # scipy's Welch interval of the difference of slopes; 1e-9 is the rounding of its t quantile
    slopes = {"treated": [], "comparison": []}
    for village, arm in known.set_index("village")["arm"].items():
        before = (data.cluster == village) & data.before
        slopes[arm].append(3.0 * np.polyfit(np.arange(4), data.value[before], 1)[0])
    welch = scipy.stats.ttest_ind(slopes["treated"], slopes["comparison"], equal_var=False)
    low, high = (end * sd / np.std(own, ddof=1) for end in welch.confidence_interval(0.95))
    largest, least = max(abs(low), abs(high)), max(0.0, low, -high)
    assert said["m:series_events", "yardstick_high"] == pytest.approx(largest, rel=1e-9)
    assert said["m:series_events", "yardstick_low"] == pytest.approx(least, rel=1e-9)


def test_what_has_no_yardstick_says_why():
    table = panel(6)
    assert (
        "names no places" in reasons(two_round_sensitivity(trial(table, KIND)))["all", "yardstick"]
    )
    lacking = trial(table, KIND, in_plan=(SERIES,))
    assert (
        "no clean administrative series"
        in reasons(two_round_sensitivity(lacking))["m:series_events", "yardstick"]
    )
    two = frame(table).assign(region=["r1", "r2"] * 6)
    few = trial(table, KIND, known=two, variables=("region",))
    assert (
        "2 values of region"
        in reasons(two_round_sensitivity(few))["m:comparison_spread", "yardstick"]
    )
    single = frame(table).assign(region=[f"r{g}" for g in range(12)])
    alone = tuple(two_round_sensitivity(trial(table, KIND, known=single, variables=("region",))))
    assert "single cluster" in reasons(alone)["m:comparison_spread_corrected", "yardstick"]
    assert "m:comparison_spread" in bounds(alone)


def test_a_yardstick_of_zero_bounds_nothing():
    """Places of equal mean change and villages that differ: chance explains the spread."""
    changes = {"c1": 0, "c2": 4, "c3": 1, "c4": 3, "c5": 0.1, "c6": 4, "t1": 9, "t2": 4, "t3": 8}
    given = {(v, "baseline"): [0.0, 1.0] for v in changes}
    given |= {(v, "endline"): [c + 0.0, c + 1.0] for v, c in changes.items()}
    table = people(given)
    known = frame_of(table, ["p1", "p1", "p2", "p2", "p3", "p3", "p1", "p2", "p3"])
    rows = tuple(two_round_sensitivity(trial(table, KIND, known=known, variables=("place",))))
    assert diagnostics(rows)["m:comparison_spread_corrected", "yardstick"] == 0.0
    assert "chance explains" in reasons(rows)["m:comparison_spread_corrected", "yardstick"]
    assert "m:comparison_spread_corrected" not in bounds(rows)


def frame_of(table, places):
    known = table[["village", "arm"]].drop_duplicates().sort_values("village")
    return known.assign(place=places).reset_index(drop=True)


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


def test_places_too_few_to_compare_are_the_only_reason():
    """What was named and cannot be had is said; not also that nothing was named."""
    table = panel(7)
    few = trial(table, KIND, known=frame_of(table, ["p1", "p2"] * 6), variables=("place",))
    told = {key for key in reasons(two_round_sensitivity(few)) if key[1] == "yardstick"}
    assert told == {("m:comparison_spread", "yardstick")}
    none = reasons(two_round_sensitivity(trial(table, KIND)))
    assert none == {
        ("all", "yardstick"): "the plan names no places to compare and no series from before"
        " the start"
    }


def test_a_regression_of_one_round_has_no_yardstick():
    case = trial(panel(7), KIND, variables=("region",))
    found, rows = yardsticks(case, dataclasses.replace(case.primary_design(), rounds=None))
    assert found == {}
    assert reasons(rows) == {("all", "yardstick"): "the primary regression has one round"}


def events_of(slopes, treated):
    """Events of villages whose yearly rates lie on a line; eight quarters, four of them before."""
    rows = [
        (village, f"20{20 + q // 4}Q{q % 4 + 1}", 20.0 + slope * q, 1000.0)
        for village, slope in slopes.items()
        for q in range(8)
    ]
    known = pd.DataFrame({"village": list(slopes), "population": 1000.0})
    known["arm"] = np.where(known["village"].isin(treated), "treated", "comparison")
    return pd.DataFrame(rows, columns=["village", "quarter", "events", "people"]), known


@pytest.mark.truth
def test_a_drift_of_one_treated_village_by_hand():
    """Slopes 5 against 1 and 3, whose SD is root 2: drift (5 - 2) / 1.414 SD.

    The survey's changes of c1, c2 and c3 are 0, 1, 5: SD root 7, so that M = 3/root 2 x root 7.
    """
    changes = {"c1": 0.0, "c2": 1.0, "c3": 5.0, "t1": 2.0, "t2": 4.0}
    given = {(v, "baseline"): [0.0, 1.0] for v in changes}
    given |= {(v, "endline"): [c, c + 1.0] for v, c in changes.items()}
    events, known = events_of({"t1": 5.0, "c1": 1.0, "c2": 3.0}, {"t1"})
    case = trial(people(given), KIND, known=known, series=events, in_plan=(SERIES,))
    said = diagnostics(two_round_sensitivity(case))
    name = "m:series_events"
    assert said[name, "drift_before"] == pytest.approx(3.0 / 2.0**0.5, abs=ROUNDING)
    assert said[name, "yardstick"] == pytest.approx(3.0 * 3.5**0.5, abs=ROUNDING)
    # one treated village has no variance, so that there is no interval
    assert (name, "yardstick_low") not in said


def test_a_series_of_one_comparison_village_has_no_spread():
    table = panel(7)
    events, known = events_of({"t1": 5.0, "t2": 4.0, "c1": 1.0}, {"t1", "t2"})
    case = trial(table, KIND, known=known, series=events, in_plan=(SERIES,))
    told = reasons(two_round_sensitivity(case))
    assert told["m:series_events", "yardstick"] == (
        "series events does not vary between clusters without treatment"
    )


@pytest.mark.parametrize(
    ("interval", "holds", "value"),
    [
        ((-1.0, 0.0), 1.0, 0.0),
        ((0.0, 1.0), 1.0, 0.0),
        ((-2.0, 1.0), 1.0, 0.0),
        ((0.5, 3.0), 0.0, 0.5),
        ((-3.0, -0.25), 0.0, 0.25),
    ],
)
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
    row = estimates(linear(case, case.primary_design()))["all", "cv3"]
    rows = tuple(two_round_sensitivity(case))
    m = diagnostics(rows)["m:comparison_maximum", "yardstick"]
    found = bounds(rows)["m:comparison_maximum"]
    assert found.ci_low == pytest.approx(row.ci_low - m, abs=ROUNDING)
    assert found.ci_high == pytest.approx(row.ci_high + m, abs=ROUNDING)
