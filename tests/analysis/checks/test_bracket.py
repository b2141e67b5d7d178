"""The bracket: its identity, explicit regressions, and a case worked by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.did_ancova_bracket import CI_UNION, _union, bracket
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import parse
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    bounds,
    diagnostics,
    did_by_dummies,
    differences,
    equal_weights,
    estimates,
    people,
    reasons,
    trial,
    weighted,
    without,
)
from tests.estimation.studies import DID, FACTORIAL, panel

# Baseline means 0, 6 | 2, 8 with people one above and one below; endline means 0, 3 | 6, 7.
HAND = people(
    {
        ("c1", "baseline"): [-1, 1],
        ("c2", "baseline"): [5, 7],
        ("t1", "baseline"): [1, 3],
        ("t2", "baseline"): [7, 9],
        ("c1", "endline"): [0, 0],
        ("c2", "endline"): [3, 3],
        ("t1", "endline"): [6, 6],
        ("t2", "endline"): [7, 7],
    }
)


def primary(case):
    """The primary estimate by step, which the bracket takes and does not repeat as a row."""
    found = case.linear(case.primary_design(), sample=parse("did"))
    return {row.step: row for row in found}


def as_measured(case):
    """The estimate given the baseline means as they are, by step: one side of the bracket."""
    built = case.design(case.frames.panel, method="ancova", lag="cluster_mean")
    return {row.step: row for row in case.linear(built, sample=parse("lagged"))}


@pytest.mark.truth
def test_worked_by_hand():
    """Inside groups Sxx = 4 x 3^2 = 36 and Sxy = 2 x 3 x (1.5 + .5) = 12: beta 1/3; the gap is 2.

    Endline means differ by 5: lagged 5 - 2/3 = 13/3, did 5 - 2 = 3. Each baseline mean has the
    sampling variance 2/1 x (1 + 1)/4 = 1, four in all: reliability 32/36, corrected beta 12/32,
    corrected effect 5 - 2 x 12/32 = 4.25.
    """
    case = trial(HAND, "bracket")
    rows = tuple(bracket(case))
    found, said = estimates(rows), diagnostics(rows)
    assert as_measured(case)["cv3"].estimate == pytest.approx(13 / 3, abs=ROUNDING)
    assert primary(case)["cv3"].estimate == pytest.approx(3.0, abs=ROUNDING)
    assert differences(rows)["lagged:corrected"].difference == pytest.approx(1.25, abs=ROUNDING)
    assert found["lagged:corrected", "cv3"].estimate == pytest.approx(4.25, abs=ROUNDING)
    assert said["all", "beta"] == pytest.approx(1 / 3, abs=ROUNDING)
    assert said["all", "baseline_gap"] == pytest.approx(2.0, abs=ROUNDING)
    assert said["all", "did_minus_lagged"] == pytest.approx(-4 / 3, abs=ROUNDING)
    assert said["lagged:corrected", "reliability"] == pytest.approx(32 / 36, abs=ROUNDING)
    assert said["lagged:corrected", "beta"] == pytest.approx(12 / 32, abs=ROUNDING)


@pytest.mark.property
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_did_less_lagged_is_the_gap_that_lagging_does_not_close(seed):
    case = trial(panel(seed), "bracket")
    rows = tuple(bracket(case))
    said = diagnostics(rows)
    difference = primary(case)["wcr_s"].estimate - as_measured(case)["wcr_s"].estimate
    expected = -(1.0 - said["all", "beta"]) * said["all", "baseline_gap"]
    assert difference == pytest.approx(expected, abs=ROUNDING)
    assert said["all", "weighting_difference"] == pytest.approx(0.0, abs=ROUNDING)
    assert abs(difference) > 1e-3


def lagged_by_hand(table, *, corrected):
    """Lagged regression with explicit matrices, less the sampling errors counted by loops."""
    table = table.assign(w=equal_weights(table))
    after = table[table["round"] == "endline"]
    lag, noise, shared = {}, {}, {}
    for village, part in table.groupby("village"):
        b, e = part[part["round"] == "baseline"], part[part["round"] == "endline"]
        m0, m1 = np.average(b["y"], weights=b["w"]), np.average(e["y"], weights=e["w"])
        lag[village] = m0
        own = b["w"] ** 2
        noise[village] = float(np.sum(own * (b["y"] - m0) ** 2)) * own.sum()
        noise[village] /= float(np.sum(own * (1 - 2 * b["w"] + own.sum())))
        pairs = b.merge(e, on="respondent")
        ab = pairs["w_x"] * pairs["w_y"]
        shared[village] = float((ab * (pairs["y_x"] - m0) * (pairs["y_y"] - m1)).sum()) * ab.sum()
        shared[village] /= float((ab * (1 - pairs["w_x"] - pairs["w_y"] + ab.sum())).sum())
    x = after["village"].map(lag).to_numpy()
    X = np.column_stack([(after["arm"] == "treated").to_numpy(dtype=float), x, np.ones(len(x))])
    gram = X.T @ (after["w"].to_numpy()[:, None] * X)
    moment = X.T @ (after["w"] * after["y"]).to_numpy()
    if corrected:
        gram[1, 1] -= sum(noise.values())
        moment[1] -= sum(shared.values())
    return np.linalg.inv(gram) @ moment


def test_the_corrected_row_and_its_jackknife_written_out():
    table = panel(5)
    case = trial(table, "bracket")
    rows = tuple(bracket(case))
    found = estimates(rows)
    raw, mended = (lagged_by_hand(table, corrected=c) for c in (False, True))
    assert as_measured(case)["cv3"].estimate == pytest.approx(raw[0], abs=ROUNDING)
    assert diagnostics(rows)["all", "beta"] == pytest.approx(raw[1], abs=ROUNDING)
    row = found["lagged:corrected", "cv3"]
    assert row.estimate == pytest.approx(mended[0], abs=ROUNDING)
    assert diagnostics(rows)["lagged:corrected", "beta"] == pytest.approx(mended[1], abs=ROUNDING)
    left_out = [
        lagged_by_hand(table[table["village"] != v], corrected=True)[0]
        for v in sorted(table["village"].unique())
    ]
    g = len(left_out)
    variance = (g - 1) / g * np.sum((np.array(left_out) - mended[0]) ** 2)
    assert row.std_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert "not linear" in reasons(rows)["lagged:corrected", "wcr_s"]


def test_the_whole_check_repeated_without_a_cluster_is_the_jackknife():
    case = trial(panel(6), "bracket")
    full = estimates(bracket(case))["lagged:corrected", "cv3"]
    villages = sorted(case.frames.panel["village"].unique())
    left = [
        estimates(bracket(without(case, v)))["lagged:corrected", "cv3"].estimate for v in villages
    ]
    g = len(left)
    expected = np.sqrt((g - 1) / g * np.sum((np.array(left) - full.estimate) ** 2))
    assert full.std_error == pytest.approx(expected, rel=1e-9)


@pytest.mark.simulation
def test_the_correction_finds_the_slope_that_noise_hides():
    """400 villages of ten people, half of them interviewed twice, slope .6 of the true levels.

    People keep two thirds of their deviation, so the errors of both means are correlated. The
    SD of the slope over 40 repetitions was .033 corrected (mean .611, its own error .005) and
    .025 raw, of the reliability .023; one draw is given three of them.
    """
    rng = np.random.default_rng(99)
    rows = []
    for g in range(400):
        level = rng.normal()
        later = 0.6 * level + 0.5 * rng.normal()
        people_before = 2.0 * rng.normal(size=10)
        kept = people_before[:5] * 2.0 / 3.0 + 1.49 * rng.normal(size=5)
        people_after = np.concatenate([kept, 2.0 * rng.normal(size=5)])
        for round_id, mean, own in (
            ("baseline", level, people_before),
            ("endline", later, people_after),
        ):
            rows.extend(
                {
                    "village": f"v{g:03d}",
                    "arm": "treated" if g % 2 else "comparison",
                    "round": round_id,
                    "respondent": f"{g}-{i}" if i < 5 else f"{g}-{i}-{round_id}",
                    "weight": 1.0,
                    "y": mean + value,
                }
                for i, value in enumerate(own)
            )
    said = diagnostics(bracket(trial(pd.DataFrame(rows), "bracket", draws=99)))
    assert said["lagged:corrected", "beta"] == pytest.approx(0.6, abs=0.1)
    # noise of variance 4/10 on a variance of 1, and a covariance of 5/100 x 8/3 in both means:
    # (.6 + .1333) / 1.4 = .5238
    assert said["all", "beta"] == pytest.approx(0.5238, abs=0.075)
    assert said["lagged:corrected", "reliability"] == pytest.approx(1.0 / 1.4, abs=0.07)


def test_did_and_gap_by_explicit_regressions():
    table = panel(7)
    case = trial(table, "bracket")
    rows = tuple(bracket(case))
    assert primary(case)["wcr_s"].estimate == pytest.approx(did_by_dummies(table), abs=ROUNDING)
    before = table[table["round"] == "baseline"]
    X = np.column_stack([before["arm"] == "treated", np.ones(len(before))])
    gap = weighted(X, before["y"], equal_weights(before))[0]
    assert diagnostics(rows)["all", "baseline_gap"] == pytest.approx(gap, abs=ROUNDING)


# the wider limits are those of did in one and of the lagged regression in the other
@pytest.mark.parametrize("seed", [8, 17, 23])
def test_the_union_is_named_for_what_it_is(seed):
    case = trial(panel(seed), "bracket")
    rows = tuple(bracket(case))
    union = bounds(rows)["bracket"]
    both = [primary(case)["wcr_s"], as_measured(case)["wcr_s"]]
    assert (union.low, union.high) == tuple(sorted(r.estimate for r in both))
    assert union.ci_low == min(r.ci_low for r in both)
    assert union.ci_high == max(r.ci_high for r in both)
    assert union.ci_kind == CI_UNION
    assert "not a confidence interval" in str(CI_UNION)


def test_means_that_differ_by_sampling_error_alone_are_not_corrected():
    """Villages of one mean and a wide spread inside: nothing is left to regress on."""
    rng = np.random.default_rng(1)
    values = {
        (v, r): (5.0 + 0.01 * rng.normal()) + np.array([-3.0, 3.0, -2.0, 2.0])
        for v in ("c1", "c2", "c3", "t1", "t2", "t3")
        for r in DID.contrast
    }
    rows = tuple(bracket(trial(people(values), "bracket")))
    assert "less than sampling error alone" in reasons(rows)["lagged:corrected", "cv3"]
    assert diagnostics(rows)["lagged:corrected", "reliability"] < 0.0


def test_four_arms_keep_their_other_treatment():
    table = panel(9, clusters=16)
    arms = ("both", "meetings", "leaflets", "neither")
    table = table.assign(arm=[arms[int(v[1:]) % 4] for v in table["village"]])
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
    )
    case = trial(table, "bracket", study=FACTORIAL, specification=specification)
    rows = tuple(bracket(case))
    said = diagnostics(rows)
    difference = primary(case)["cv3"].estimate - as_measured(case)["cv3"].estimate
    closed = -(1.0 - said["all", "beta"]) * said["all", "baseline_gap"]
    # clusters weigh differently in the two rounds here, and that part is said apart
    assert difference == pytest.approx(closed + said["all", "weighting_difference"], abs=ROUNDING)
    assert abs(said["all", "weighting_difference"]) > 1e-6


def test_no_union_where_one_interval_cannot_be_had():
    """A covariate that varies in one village only leaves no jackknifed scores."""
    table = panel(8)
    odd = np.where(table["village"] == "v03", np.random.default_rng(8).normal(size=len(table)), 0.0)
    specification = dataclasses.replace(DID, covariates=("odd",))
    case = trial(table.assign(odd=odd), "bracket", specification=specification)
    rows = tuple(bracket(case))
    told = reasons(rows)
    assert told["bracket", "bracket"] == "one of the two intervals is not available"
    assert isinstance(primary(case)["wcr_s"], Unavailable)
    # nor any corrected slope without that village
    assert told["lagged:corrected", "cv3"].startswith("the estimator has no solution without some")
    assert bounds(rows) == {}


def test_an_end_of_the_union_is_the_outer_one():
    """Whichever of the two assumptions lies further out on a side gives that side's end."""
    for seed in range(4):
        case = trial(panel(seed), "bracket")
        rows = tuple(bracket(case))
        union = bounds(rows)["bracket"]
        two = [primary(case)["wcr_s"], as_measured(case)["wcr_s"]]
        assert (union.low, union.high) == tuple(sorted(r.estimate for r in two))
        assert union.ci_low == min(r.ci_low for r in two)
        assert union.ci_high == max(r.ci_high for r in two)


@pytest.mark.parametrize("missing", [(0,), (1,), (0, 1)])
def test_one_interval_alone_makes_no_union(missing):
    made = trial(HAND, "bracket")
    built = made.primary_design()
    (row,) = (r for r in made.linear(built, sample=parse("did")) if r.step == "cv3")
    did, lagged = (None if side in missing else row for side in (0, 1))
    (told,) = _union(made, did, lagged, RowFacts.of(built))
    assert isinstance(told, Unavailable)
    assert (told.sample.text(), told.step) == ("bracket", "bracket")
    assert str(told.reason) == "one of the two intervals is not available"
