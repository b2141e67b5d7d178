"""Exposure: first stage, ratio and Anderson-Rubin set, by hand and by testing each value."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.spec.records import Bound
from evaluation.stats import bootstrap
from evaluation.stats.heterogeneity import exposure as module
from evaluation.stats.heterogeneity.exposure import exposure, ratio
from tests.stats.robustness.small_checks import (
    ROUNDING,
    case,
    equal_weights,
    estimates,
    least_squares,
    primary,
    reasons,
    villages,
)
from tests.stats.studies import DID, FACTORIAL, STUDY, panel


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
    """Changes 3, 1 and 1, 2: effect .5. Both in t1, one of two in t2, nobody else: 75 points.

    .5 / .75 = 2/3. First stage without t1, t2, c1 or c2: 50, 100, 75, 75; jackknife variance
    3/4 x (625 + 625).
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
    # Squared t 5625 / 937.5 = 6: too weak by the rule.
    assert "squared t 6.0, withheld below 10" in reasons(rows)["exposure", "wcr_s"]


def test_hand_ratio_where_it_is_not_withheld(monkeypatch):
    monkeypatch.setattr(module, "WEAK", 5.0)
    table = villages({"t1": 3.0, "t2": 1.0, "c1": 1.0, "c2": 2.0})
    took = {"t1endline0": 1.0, "t1endline1": 1.0, "t2endline0": 1.0}
    table["took_part"] = table["respondent"].map(took).fillna(0.0)
    study = dataclasses.replace(STUDY, minimum_clusters=2, minimum_cell=1)
    made = _case(table, study=study)
    # With four clusters the 16 sign vectors reject nothing at 5 %: the set is the whole line.
    rows = exposure(made)
    assert "no single interval" in reasons(rows)["exposure", "wcr_s"]
    (row,) = [r for r in rows if isinstance(r, Bound)]
    assert (row.sample, row.low, row.high) == ("exposure", -np.inf, np.inf)
    assert row.ci_kind == "unadjusted, inverted Anderson-Rubin test"
    panel_rows = module._panel(made)
    stage = module._design(made, panel_rows, module.FIRST_STAGE)
    outcome = module._design(made, panel_rows, module.SAMPLE)
    found = ratio(outcome, dataclasses.replace(stage, y=stage.y / 100.0), made.draws)
    assert found.estimate == pytest.approx(2 / 3, abs=ROUNDING)


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


def test_the_adjusted_effect_is_the_ratio_and_its_test_of_zero_that_of_the_effect_on_everybody():
    made = _case(_exposed(panel(5)))
    found, everybody = estimates(exposure(made)), primary(made)
    record = found["exposure", "wcr_s"]
    first = found["first_stage", "wcr_s"].estimate / 100.0
    assert record.estimate == pytest.approx(everybody["wcr_s"].estimate / first, abs=1e-9)
    assert record.p_value == everybody["wcr_s"].p_value
    assert record.statistic == pytest.approx(everybody["wcr_s"].statistic, abs=1e-9)
    assert record.ci_low < record.estimate < record.ci_high
    assert record.estimate_sd == pytest.approx(record.estimate / record.baseline_comparison_sd)


def test_every_value_is_tested_as_the_outcome_less_that_times_exposure():
    """The p-value at b equals that of no effect on y - b d, by the engine's own bootstrap."""
    made = _case(_exposed(panel(5)))
    rows = module._panel(made)
    stage = module._design(made, rows, module.FIRST_STAGE)
    outcome = module._design(made, rows, module.SAMPLE)
    stage = dataclasses.replace(stage, y=stage.y / 100.0)
    found = ratio(outcome, stage, made.draws)
    for b in (-3.0, -0.4, 0.0, 0.3, 1.1, 2.7):
        less = dataclasses.replace(outcome, y=outcome.y - b * stage.y)
        direct = bootstrap.wild(less.accumulate(), less.column, made.draws, scores="jackknifed")
        assert found.p_value(b) == direct.p_value()
    less = dataclasses.replace(outcome, y=outcome.y - found.estimate * stage.y)
    alone = bootstrap.wild(less.accumulate(), less.column, made.draws, scores="jackknifed")
    assert found.std_error == pytest.approx(alone.std_error / abs(found.first), rel=1e-9)


def test_the_ends_of_the_set_are_where_the_test_begins_to_reject():
    made = _case(_exposed(panel(5)))
    record = estimates(exposure(made))["exposure", "wcr_s"]
    rows = module._panel(made)
    stage = module._design(made, rows, module.FIRST_STAGE)
    outcome = module._design(made, rows, module.SAMPLE)
    found = ratio(outcome, dataclasses.replace(stage, y=stage.y / 100.0), made.draws)
    step = 1e-6 * record.std_error
    for end, out in ((record.ci_low, -step), (record.ci_high, step)):
        assert found.p_value(end) >= 0.05
        assert found.p_value(end + out) < 0.05


def test_rows_without_an_answer_on_exposure_are_left_out_of_both():
    table = _exposed(panel(5))
    last = table["round"] == "endline"
    lost = last & (np.arange(len(table)) % 7 == 0)
    found = estimates(exposure(_case(table.assign(took_part=table["took_part"].mask(lost)))))
    kept = estimates(exposure(_case(table[~lost])))
    for key in (("first_stage", "cv3"), ("exposure", "wcr_s")):
        assert found[key].estimate == pytest.approx(kept[key].estimate, abs=1e-9)
        assert found[key].n == (~lost).sum()


def test_four_arms():
    table = panel(2, clusters=16)
    number = table["village"].str[1:].astype(int) % 4
    table["arm"] = number.map({0: "neither", 1: "meetings", 2: "leaflets", 3: "both"})
    table = _exposed(table.assign(arm=table["arm"].replace("neither", "comparison")))
    table["took_part"] = table["took_part"].where(
        number.isin([1, 3]) | table["took_part"].isna(), 0
    )
    table["arm"] = table["arm"].replace("comparison", "neither")
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
    )
    made = _case(table, study=FACTORIAL, specification=specification)
    found = estimates(exposure(made))
    first = found["first_stage", "cv3"].estimate / 100
    expected = primary(made)["cv3"].estimate / first
    assert found["exposure", "wcr_s"].estimate == pytest.approx(expected, abs=1e-9)


def test_a_weak_first_stage_is_withheld():
    rows = exposure(_case(_exposed(panel(5), treated=0.06)))
    assert ("first_stage", "cv3") in estimates(rows)
    assert "withheld below 10" in reasons(rows)["exposure", "wcr_s"]
    assert ("exposure", "wcr_s") not in estimates(rows)


def test_an_outcome_without_a_spread_at_baseline_has_no_effect_in_its_sd():
    """Nobody of the comparison group had the event at baseline: effects stand in points."""
    table = _exposed(panel(5))
    silent = (table["arm"] == "comparison") & (table["round"] == "baseline")
    rows = exposure(_case(table.assign(y=table["y"].mask(silent, 0.0))))
    record = estimates(rows)["exposure", "wcr_s"]
    assert np.isfinite([record.estimate, record.ci_low, record.ci_high]).all()
    assert np.isnan(record.estimate_sd)
    assert record.baseline_comparison_sd == 0.0


def test_nobody_exposed():
    found = reasons(exposure(_case(_exposed(panel(5), treated=0.0, other=0.0))))
    for sample in ("first_stage", "exposure"):
        assert "same value in every row" in found[sample, "all"]


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
    assert found["first_stage", "cv3"].n == found["exposure", "wcr_s"].n == observed


def test_ends_of_enumerated_sets_have_no_simulation_error():
    """Eight villages have 256 sign vectors, all of them used; twelve are drawn from."""
    for clusters, drawn in ((8, False), (12, True)):
        made = _case(_exposed(panel(5, clusters=clusters, rows=20), treated=0.9, other=0.02))
        (row,) = [e for e in estimates(exposure(made)).values() if e.sample == "exposure"]
        errors = (row.mc_error, row.ci_low_mc_error, row.ci_high_mc_error)
        assert all((error > 0.0) is drawn for error in errors), errors
