"""Tests of a series by the engine of many periods against a two-way regression, and its gap.

The regression has cluster and period dummies and is fitted by statsmodels; in a balanced panel it
is the same algebra, so that the difference is rounding. Its wild bootstrap is the engine's own on
the rows: the same draws, another design.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from evaluation.analysis import trends
from evaluation.config.plan import Series
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.row_keys import WHOLE

PERIODS, START = [f"{year}Q{quarter}" for year in (2019, 2020, 2021) for quarter in range(1, 5)], 7
CLUSTERS, TREATED = 14, 5
IDS = [f"c{k:02d}" for k in range(CLUSTERS)]
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
    cluster = np.repeat(IDS, len(PERIODS)).astype(object)
    treated = np.repeat(np.arange(CLUSTERS) < TREATED, len(PERIODS))
    period = np.tile(np.array(PERIODS, dtype=object), CLUSTERS)
    value = draw.normal(size=len(cluster)) + 0.3 * treated * np.tile(np.arange(12), CLUSTERS)
    arm = np.where(treated, "a", "b").astype(object)
    before = np.asarray(period <= PERIODS[START - 1])
    return trends.Rates(value, cluster, arm, period, treated, before)


def heading(role: str, level: float = 0.9) -> Heading:
    return Heading(
        study="small", outcome="rate", family="series", specification=role, estimand="equal",
        sample=WHOLE, treatment="programme", status="exploratory", contrast_from=PERIODS[0],
        contrast_to=PERIODS[-1], unit="rate", level=level, plan_hash="", data_hash="",
    )  # fmt: skip


def regressors(data: trends.Rates, role: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the two-way regression, and the column of interest with the period dummies."""
    rows = data.before if role == "pre_trend" else np.ones(len(data.value), dtype=bool)
    time = np.tile(np.arange(12.0), CLUSTERS)
    effect = data.treated * (time if role == "pre_trend" else ~data.before)
    periods = pd.get_dummies(data.period[rows], drop_first=True).to_numpy(dtype=float)
    return rows, np.column_stack([effect[rows], periods])


@pytest.mark.parametrize("role", ["pre_trend", "placebo"])
def test_a_series_test_is_the_coefficient_of_a_two_way_regression(role):
    data = rates()
    test = trends.of_role(trends.event_study(data, series(role)), data, series(role))
    found = steps.analyse(test, ("cv1",), draws=None).steps["cv1"]
    rows, x = regressors(data, role)
    dummies = pd.get_dummies(data.cluster[rows]).to_numpy(dtype=float)
    fitted = OLS(data.value[rows], np.column_stack([x, dummies])).fit(
        cov_type="cluster",
        cov_kwds={"groups": pd.factorize(data.cluster[rows])[0], "use_correction": False},
    )
    factor = math.sqrt(CLUSTERS / (CLUSTERS - 1))
    assert found.estimate == pytest.approx(fitted.params[0], rel=EXACT)
    assert found.std_error == pytest.approx(factor * fitted.bse[0], rel=EXACT)
    assert test.n == rows.sum()


@pytest.mark.parametrize("role", ["pre_trend", "placebo"])
def test_its_wild_bootstrap_is_that_of_the_regression(role):
    data, draws = rates(), bootstrap.draws(IDS, number=999, seed=3)
    test = trends.of_role(trends.event_study(data, series(role)), data, series(role))
    found = steps.analyse(test, ("wcr_s",), draws=draws).steps["wcr_s"]
    rows, x = regressors(data, role)
    names = tuple(f"x{j}" for j in range(x.shape[1]))
    blocks = cluster_blocks.accumulate(
        x, data.value[rows], weights=np.ones(len(x)), cluster=data.cluster[rows],
        columns=names, absorb="cluster",
    )  # fmt: skip
    expected = bootstrap.wild(blocks, "x0", draws, scores="jackknifed")
    assert found.p_value() == expected.p_value()
    interval, other = found.interval(0.95), expected.interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((other.low, other.high), rel=EXACT)


def gap(draws: Draws) -> list[Estimate]:
    data = rates()
    found = trends.event_study(data, series("pre_trend"))
    test = trends.of_role(found, data, series("pre_trend"))
    return list(trends.gap(found, test, heading("pre_trend"), draws))


def test_the_gap_and_its_band_written_out():
    """Differences of means less their mean before; the band from all 2^14 vectors of signs."""
    table = rates().value.reshape(CLUSTERS, len(PERIODS))
    away = table - table[:, :START].mean(axis=1, keepdims=True)
    own, other = away[:TREATED], away[TREATED:]
    estimate = own.mean(axis=0) - other.mean(axis=0)
    parts = np.vstack([
        (own - own.mean(axis=0)) / TREATED, -(other - other.mean(axis=0)) / (CLUSTERS - TREATED)
    ])  # fmt: skip
    error = np.sqrt((parts**2).sum(axis=0))
    signs = 1.0 - 2.0 * ((np.arange(2**CLUSTERS)[:, None] >> np.arange(CLUSTERS)) & 1)
    largest = np.sort(np.abs(signs @ parts / error).max(axis=1))
    normal = largest[len(largest) - math.ceil(0.1 * len(largest))]
    # the quantile of t with the smaller group's clusters less one
    critical = stats.t.ppf(stats.norm.cdf(normal), TREATED - 1)
    rows = gap(bootstrap.draws(IDS, number=2**CLUSTERS, seed=1))
    error *= math.sqrt(CLUSTERS / (CLUSTERS - 1))
    assert [row.sample.value for row in rows] == PERIODS
    assert {(row.specification, row.step) for row in rows} == {("event_study", "cv1")}
    assert [row.estimate for row in rows] == pytest.approx(estimate.tolist(), abs=EXACT)
    assert [row.std_error for row in rows] == pytest.approx(error.tolist(), rel=EXACT)
    half = [(row.ci_high - row.ci_low) / 2.0 for row in rows]
    # draws tied with the critical one count as reaching it: the package's 1e-10 or so
    assert half == pytest.approx((critical * error).tolist(), rel=1e-6)
    # p-values are of the same test
    assert [row.p_value <= 0.1 for row in rows] == [
        abs(row.estimate) > width for row, width in zip(rows, half, strict=True)
    ]
    at = np.abs(estimate / error)
    as_normal = stats.norm.ppf(stats.t.cdf(at, TREATED - 1))
    share = [(largest >= x * (1 - 1e-9)).mean() for x in as_normal]
    assert [row.p_value for row in rows] == pytest.approx(share, abs=1e-3)
    # what was before has mean zero
    assert sum(row.estimate for row in rows[:START]) == pytest.approx(0.0, abs=EXACT)


@pytest.mark.parametrize(("clusters", "treated"), [(14, 5), (40, 20)])
def test_a_band_of_a_series_without_effects_excludes_zero_no_more_often_than_it_says(
    clusters, treated
):
    """At 95 %, 150 series: more than 14 would be rarer than 1 in 100 by the binomial law."""
    ids = [f"c{k:02d}" for k in range(clusters)]
    missed = 0
    for seed in range(150):
        draw = np.random.default_rng(seed)
        after = draw.normal(size=(clusters, 1)) * (np.arange(len(PERIODS)) >= START)
        data = trends.Rates(
            (after + draw.normal(scale=0.2, size=(clusters, len(PERIODS)))).ravel(),
            np.repeat(ids, len(PERIODS)).astype(object),
            np.repeat(np.where(np.arange(clusters) < treated, "a", "b"), len(PERIODS)),
            np.tile(np.array(PERIODS, dtype=object), clusters),
            np.repeat(np.arange(clusters) < treated, len(PERIODS)),
            np.tile(np.arange(len(PERIODS)) < START, clusters),
        )
        found = trends.event_study(data, series("placebo"))
        test = trends.of_role(found, data, series("placebo"))
        draws = bootstrap.draws(ids, number=499, seed=seed)
        rows = trends.gap(found, test, heading("placebo", level=0.95), draws)
        missed += any(row.ci_low > 0 or row.ci_high < 0 for row in rows)
    assert missed <= 14


def test_a_series_that_never_differs_has_no_gap():
    data = rates()
    flat = trends.Rates(
        np.full(len(data.value), 3.0), data.cluster, data.arm, data.period, data.treated,
        data.before,
    )  # fmt: skip
    found = trends.event_study(flat, series("placebo"))
    test = trends.of_role(found, flat, series("placebo"))
    draws = bootstrap.draws(IDS, number=99, seed=1)
    assert list(trends.gap(found, test, heading("placebo"), draws)) == []
