"""Administrative series: rates, group means, differential trend and placebo."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis import trends
from evaluation.errors import EstimationError
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.estimation.studies import SERIES, STUDY, frame, panel, series

PLACEBO = dataclasses.replace(SERIES, role="placebo")


@pytest.fixture
def villages():
    return frame(panel(50))


def rates(table, villages, which=SERIES):
    return trends.rates(table, villages, which, treatment="programme", study=STUDY)


def estimate(data, which):
    test = of_role(data, which)
    return cv1(least_squares(test.accumulate()), test.column)


def of_role(data, which):
    return trends.of_role(trends.event_study(data, which), data, which)


def test_differential_trend_written_out(villages):
    """With a balanced panel: difference of the groups' mean least-squares slopes."""
    data = rates(series(panel(50), slope=0.4), villages)
    table = pd.DataFrame({"v": data.cluster, "p": data.period, "y": data.value})
    wide = table[data.before].pivot_table(index="v", columns="p", values="y")
    time = np.arange(4) - 1.5
    slopes = wide @ time / (time @ time)
    treated = slopes.index.isin(villages.loc[villages["arm"] == "treated", "village"])
    expected = slopes[treated].mean() - slopes[~treated].mean()
    # Same sums in another order, on rates of about 20.
    assert estimate(data, SERIES).estimate == pytest.approx(expected, abs=1e-10)


def test_a_trend_is_found_and_a_flat_series_is_not(villages):
    """Slope 1 a quarter against noise of SD 1: standard error about 0.26."""
    steep = estimate(rates(series(panel(50), slope=1.0), villages), SERIES)
    flat = estimate(rates(series(panel(50)), villages), SERIES)
    assert steep.estimate == pytest.approx(1.0, abs=0.8)
    assert steep.p_value() < 0.05 < flat.p_value()


def test_placebo_written_out(villages):
    """Change of the group means, after less before."""
    data = rates(series(panel(50), slope=0.4), villages, PLACEBO)

    def mean(treated, before):
        return data.value[(data.treated == treated) & (data.before == before)].mean()

    expected = (mean(True, False) - mean(True, True)) - (mean(False, False) - mean(False, True))
    assert estimate(data, PLACEBO).estimate == pytest.approx(expected, abs=1e-10)


def test_rate_is_per_population(villages):
    data = rates(series(panel(50)), villages)
    row = series(panel(50)).query("village == 'v03' and quarter == '2020Q2'").iloc[0]
    found = data.value[(data.cluster == "v03") & (data.period == "2020Q2")]
    assert found == pytest.approx(row["events"] / row["people"] * 1000.0, rel=1e-12)


def test_denominator_may_stand_in_the_frame(villages):
    table = series(panel(50))
    moved = rates(table.drop(columns="people"), villages.assign(people=villages["population"]))
    np.testing.assert_allclose(moved.value, rates(table, villages).value, rtol=1e-12)


def test_means_by_group_and_period(villages):
    data = rates(series(panel(50)), villages)
    found = trends.means(data, SERIES, STUDY)
    assert len(found) == 2 * 8
    first = found[0]
    values = data.value[(data.arm == "treated") & (data.period == "2020Q1")]
    assert (first.arm, first.period, first.n_clusters) == ("treated", "2020Q1", 6)
    assert first.mean == pytest.approx(values.mean(), abs=1e-12)
    # Each cluster once: the textbook standard error of a mean.
    assert first.std_error == pytest.approx(values.std(ddof=1) / 6**0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.iloc[:0], "the series has no rows"),
        (lambda t: t.iloc[1:], "some clusters lack some periods"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "appears twice in a period"),
        (lambda t: t.assign(events=t["events"].mask(t.index == 2)), "1 rows have no events"),
        (lambda t: t.assign(people=0.0), "people is not positive"),
        (lambda t: t.drop(columns="events"), "no column events"),
        (lambda t: t.assign(village=t["village"].replace("v01", "elsewhere")), "have no arm"),
    ],
)
def test_bad_series_is_named(villages, spoil, message):
    with pytest.raises(EstimationError, match=message):
        rates(spoil(series(panel(50))), villages)


@pytest.mark.parametrize("last", ["2019Q4", "2020Q1", "2021Q4"])
def test_too_few_periods_are_refused(villages, last):
    which = dataclasses.replace(SERIES, last_before=last)
    data = rates(series(panel(50)), villages, which)
    with pytest.raises(EstimationError, match="fewer than two periods before, or none after"):
        trends.event_study(data, which)


def test_row_order_changes_nothing(villages):
    table = series(panel(50))
    first = estimate(rates(table, villages), SERIES)
    second = estimate(rates(table.sample(frac=1, random_state=1), villages), SERIES)
    assert (first.estimate, first.std_error) == (second.estimate, second.std_error)


@pytest.mark.truth
def test_scale_and_weights_of_a_series_by_hand():
    """Comparison villages at 10 and 14 before the start: mean 12, SD 2; every row counts once."""
    rows = [
        (v, f"2020Q{q}" if q < 5 else "2021Q1", rate * 1000.0 / 1000.0, 1000.0)
        for v, rate in (("c1", 10.0), ("c2", 14.0), ("t1", 30.0), ("t2", 50.0))
        for q in range(1, 6)
    ]
    known = pd.DataFrame({"village": ["c1", "c2", "t1", "t2"], "population": 1000.0})
    known["arm"] = ["comparison"] * 2 + ["treated"] * 2
    table = pd.DataFrame(rows, columns=["village", "quarter", "events", "people"])
    # the quarter after the start is no part of the baseline
    table.loc[table["quarter"] == "2021Q1", "events"] *= 7.0
    for which, kept in ((SERIES, 16), (PLACEBO, 20)):
        test = of_role(rates(table, known, which), which)
        assert (test.baseline_mean, test.baseline_sd) == (12.0, 2.0)
        assert test.n == kept
        assert (test.clusters_treated, test.clusters_comparison) == (("t1", "t2"), ("c1", "c2"))
