"""Exposure: first stage and dilution, by hand and by least squares."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.exposure import exposure
from evaluation.errors import EstimationError
from tests.analysis.checks.small_checks import (
    case,
    diagnostics,
    equal_weights,
    estimates,
    least_squares,
    primary,
    reasons,
    villages,
)
from tests.estimation.studies import STUDY, panel


def _exposed(table, *, treated=0.6, other=0.05, before=None, seed=6):
    """Who took part, asked at endline only; ``before`` is a share asked at baseline."""
    rng = np.random.default_rng(seed)
    share = np.where(table["arm"] == "comparison", other, treated)
    took = (rng.random(len(table)) < share).astype(float)
    baseline = (table["round"] == "baseline").to_numpy()
    took[baseline] = np.nan if before is None else rng.random(baseline.sum()) < before
    return table.assign(took_part=took)


def _case(table, **keys):
    return case(table, "exposure", variables=("took_part",), **keys)


@pytest.mark.truth
def test_worked_by_hand():
    """Both in t1, one of two in t2, nobody else: 75 points, so that an effect is diluted to 3/4.

    Without t1, t2, c1 or c2: 50, 100, 75, 75; jackknife variance 3/4 x (625 + 625).
    """
    table = villages({"t1": 3.0, "t2": 1.0, "c1": 1.0, "c2": 2.0})
    took = {"t1endline0": 1.0, "t1endline1": 1.0, "t2endline0": 1.0}
    table["took_part"] = table["respondent"].map(took).fillna(0.0)
    table.loc[table["round"] == "baseline", "took_part"] = np.nan
    study = dataclasses.replace(STUDY, minimum_clusters=2, minimum_cell=1)
    rows = exposure(_case(table, study=study))
    first = estimates(rows)["first_stage", "cv3"]
    assert first.estimate == pytest.approx(75.0, abs=1e-9)
    assert first.std_error == pytest.approx((3 / 4 * 1250) ** 0.5, abs=1e-9)
    assert (first.unit, first.baseline_comparison_sd) == ("percentage points", 0.0)
    assert np.isnan(first.estimate_sd)
    assert diagnostics(rows) == {("first_stage", "dilution"): pytest.approx(0.75, abs=1e-11)}
    assert {row.sample.text() for row in rows} == {"first_stage"}


def test_first_stage_is_the_difference_at_endline():
    """Nobody exposed before, equal weights: estimate and CV1 of the regression on endline rows."""
    table = _exposed(panel(5))
    first = estimates(exposure(_case(table)))["first_stage", "wcr_s"]
    weight = equal_weights(table)
    last = (table["round"] == "endline").to_numpy()
    X = np.column_stack([table["arm"] == "treated", np.ones(len(table))]).astype(float)[last]
    y, w, village = 100 * table["took_part"][last], weight[last].to_numpy(), table["village"][last]
    beta = least_squares(X, y.to_numpy(), w)
    assert first.estimate == pytest.approx(beta[0], abs=1e-9)
    residual = y.to_numpy() - X @ beta
    bread = np.linalg.inv((X.T * w) @ X)
    scores = [
        (X[(village == g).to_numpy()].T * w[(village == g).to_numpy()])
        @ residual[(village == g).to_numpy()]
        for g in sorted(set(village))
    ]
    variance = 12 / 11 * np.sum((np.array(scores) @ bread[0]) ** 2)
    assert first.std_error == pytest.approx(variance**0.5, abs=1e-9)


def test_exposure_before_the_programme_is_subtracted():
    table = _exposed(panel(5), before=0.2)
    first = estimates(exposure(_case(table)))["first_stage", "cv3"]
    own = primary(case(table.assign(percent=100 * table["took_part"]), "exposure", y="percent",
                       variables=("took_part",)))["cv3"]  # fmt: skip
    assert first.estimate == pytest.approx(own.estimate, abs=1e-9)
    assert first.std_error == pytest.approx(own.std_error, abs=1e-9)
    assert first.estimate_sd == pytest.approx(own.estimate_sd, abs=1e-9)
    assert first.unit == "percentage points"


def test_rows_without_an_answer_on_exposure_are_left_out_of_both():
    table = _exposed(panel(5))
    last = table["round"] == "endline"
    lost = last & (np.arange(len(table)) % 7 == 0)
    found = estimates(exposure(_case(table.assign(took_part=table["took_part"].mask(lost)))))
    kept = estimates(exposure(_case(table[~lost])))
    for key in (("first_stage", "cv3"), ("first_stage", "wcr_s")):
        assert found[key].estimate == pytest.approx(kept[key].estimate, abs=1e-9)
        assert found[key].n == (~lost).sum()


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (panel(5), "no such column"),
        (panel(5).assign(took_part=2.0), "other than 0 and 1"),
    ],
)
def test_mistakes_of_the_plan(table, problem):
    with pytest.raises(EstimationError, match=problem):
        exposure(_case(table))


def test_rows_without_the_outcome_are_left_out_of_both():
    made = _case(_exposed(panel(5)), y="z")
    found = estimates(exposure(made))
    observed = int(made.frames.panel["z"].notna().sum())
    assert observed < len(made.frames.panel)
    assert found["first_stage", "cv3"].n == observed


def test_nobody_more_exposed_is_no_dilution():
    found = reasons(exposure(_case(_exposed(panel(5), treated=0.0, other=0.0))))
    assert "same value in every row" in found["first_stage", "all"]
    fewer = exposure(_case(_exposed(panel(5), treated=0.05, other=0.6)))
    assert "exposure was not higher" in reasons(fewer)["first_stage", "dilution"]
    assert not diagnostics(fewer)
