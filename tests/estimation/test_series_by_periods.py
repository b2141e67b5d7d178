"""Series of the survey book by the engine of many periods: the same numbers by two ways.

The differential trend before the start is the slope of the event study's effects before treatment;
the change of a placebo series is the imputation estimate of one cohort. Both are algebra in a
balanced panel, so that the difference is rounding.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.estimation import trends
from evaluation.estimation.inference import steps
from evaluation.estimation.many_periods import linear
from evaluation.estimation.many_periods.multipliers import cv1_of
from evaluation.estimation.many_periods.panel import Columns, panel
from evaluation.study.plan import Series

PERIODS, START = [f"{year}Q{quarter}" for year in (2019, 2020, 2021) for quarter in range(1, 5)], 7
CLUSTERS = 14
EXACT = 1e-9


def series(role: str) -> Series:
    text = {"en": "rate", "es": "tasa"}
    return Series(
        id="rate", variable="rate", label=text, unit=text, period="quarter",
        last_before=PERIODS[START - 1], role=role,
    )  # fmt: skip


def rates() -> trends.Rates:
    """Fourteen clusters of which five are treated from the eighth quarter on."""
    draw = np.random.default_rng(7)
    cluster = np.repeat([f"c{k:02d}" for k in range(CLUSTERS)], len(PERIODS)).astype(object)
    treated = np.repeat(np.arange(CLUSTERS) < 5, len(PERIODS))
    period = np.tile(np.array(PERIODS, dtype=object), CLUSTERS)
    value = draw.normal(size=len(cluster)) + 0.3 * treated * np.tile(np.arange(12), CLUSTERS)
    arm = np.where(treated, "a", "b").astype(object)
    before = np.asarray(period <= PERIODS[START - 1])
    return trends.Rates(value, cluster, arm, period, treated, before)


def by_periods(data: trends.Rates, method: str) -> linear.Linear:
    frame = pd.DataFrame({"unit": data.cluster, "time": data.period, "rate": data.value})
    frame["first"] = np.where(data.treated, PERIODS[START], None)
    names = Columns(outcome="rate", unit="unit", time="time", first_treated="first")
    return linear.linear(panel(frame, names), linear.Choices(method=method))


def regression(data: trends.Rates, role: str) -> tuple[float, float]:
    built = trends.design(data, series(role))
    found = steps.analyse(built, ("cv1",), draws=None).steps["cv1"]
    return found.estimate, found.std_error


def test_the_trend_before_is_the_slope_of_the_event_study() -> None:
    data = rates()
    found = by_periods(data, "callaway_santanna")
    at = {name.at: k for k, name in enumerate(found.names) if name.kind == "event"}
    time = np.arange(START) - (START - 1) / 2.0
    # the last period before treatment is the base, whose effect is zero
    rows, weight = [at[k - START] for k in range(START - 1)], time[:-1] / (time @ time)
    estimate, error = regression(data, "pre_trend")
    assert weight @ found.estimates[rows] == pytest.approx(estimate, rel=EXACT)
    assert cv1_of((weight @ found.contributions[rows])[None])[0] == pytest.approx(error, rel=EXACT)


def test_the_change_of_a_placebo_series_is_the_imputation_estimate() -> None:
    data = rates()
    found = by_periods(data, "imputation")
    estimate, error = regression(data, "placebo")
    assert found.estimates[0] == pytest.approx(estimate, rel=EXACT)
    assert cv1_of(found.contributions)[0] == pytest.approx(error, rel=EXACT)
