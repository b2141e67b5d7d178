"""Effects place by place: regressions of their own, and what may not be published."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.subgroups import by_place
from evaluation.errors import EstimationError
from tests.analysis.checks.outcome_checks import did_by_dummies
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    estimates,
    numbers,
    published,
    reasons,
)
from tests.estimation.studies import STUDY, panel


def _with_strata(seed=1, clusters=24):
    """Four strata of three treated and three comparison villages each."""
    table = panel(seed, clusters=clusters)
    number = table["village"].str[1:].astype(int) % (clusters // 2)
    return table.assign(stratum=number.map(lambda g: f"S{g // 3 + 1}"))


def test_places_are_regressions_of_their_own():
    table = _with_strata()
    made = case(table, "by_place", variables=("stratum",))
    rows = by_place(made)
    found = estimates(rows)
    own = [found[f"only:S{k}", "cv3"] for k in (1, 2, 3, 4)]
    for k, record in enumerate(own, start=1):
        alone = case(table[table["stratum"] == f"S{k}"], "by_place", variables=("stratum",))
        expected = alone.linear(alone.primary_design(), wanted=("cv3",))[0]
        assert numbers(record) == pytest.approx(numbers(expected), abs=ROUNDING)
    assert {row.sample.text() for row in rows} == {f"only:S{k}" for k in (1, 2, 3, 4)}


def test_few_clusters_are_tested_by_all_their_sign_vectors():
    """Six villages have 64 sign vectors, fewer than the 499 draws: p is a multiple of 1/64."""
    made = case(_with_strata(), "by_place", variables=("stratum",))
    record = estimates(by_place(made))["only:S1", "wcr_s"]
    assert record.mc_error == 0.0
    assert record.p_value * 64 == pytest.approx(round(record.p_value * 64), abs=1e-9)


def test_a_stratum_with_too_few_clusters_is_named_and_left_out():
    table = _with_strata()
    first = (table["stratum"] == "S1") & (table["arm"] == "treated")
    lost = table["village"] == table.loc[first, "village"].min()
    rows = by_place(case(table[~lost], "by_place", variables=("stratum",)))
    assert "fewer than 3 treated and 3 comparison" in reasons(rows)["only:S1", "all"]


def test_a_stratum_that_leaves_too_few_villages_out_is_not_published():
    """Two strata, S2 of two comparison villages: S1 would be everybody but them."""
    table = _with_strata()
    table = table.assign(stratum=table["stratum"].where(table["stratum"] == "S2", "S1"))
    second = (table["stratum"] == "S2") & (table["arm"] == "comparison")
    lost = table["village"] == table.loc[second, "village"].min()
    made = case(table[~lost], "by_place", variables=("stratum",))
    rows = published(made, by_place(made))
    assert reasons(rows)["only:S1", "all"] == (
        "too few clusters left out to publish: fewer than 3 of the comparison group"
    )
    assert "3 treated and fewer than 3 comparison" in reasons(rows)["only:S2", "all"]


def test_a_stratum_without_the_event_at_baseline_keeps_its_effect_in_points():
    """Nobody of S1's comparison villages had it at baseline: no scale."""
    table = _with_strata()
    event = 100.0 * (table["y"] > 0.5)
    first = (table["stratum"] == "S1") & (table["arm"] == "comparison")
    table = table.assign(y=event.mask(first & (table["round"] == "baseline"), 0.0))
    rows = by_place(case(table, "by_place", variables=("stratum",), unit="percentage points"))
    found = estimates(rows)
    alone = did_by_dummies(table[table["stratum"] == "S1"])
    for step in ("wcr_s", "cv3"):
        record = found["only:S1", step]
        assert record.estimate == pytest.approx(alone, abs=1e-9)
        assert np.isnan(record.estimate_sd)
        assert record.baseline_comparison_sd == 0.0
        assert np.isfinite([record.std_error, record.ci_low, record.ci_high, record.p_value]).all()


def test_a_small_cell_is_no_stratum():
    study = dataclasses.replace(STUDY, minimum_cell=500)
    rows = by_place(case(_with_strata(), "by_place", variables=("stratum",), study=study))
    assert "at least 500 are needed" in reasons(rows)["only:S1", "all"]


@pytest.mark.parametrize(
    ("column", "problem"), [("region", "differs within"), ("none", "have no column none")]
)
def test_strata_that_are_none(column, problem):
    with pytest.raises(EstimationError, match=problem):
        by_place(case(_with_strata(), "by_place", variables=(column,)))
