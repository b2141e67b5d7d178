"""Null data sets and the rejection rates of every step."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.planning import calibration, null_data
from evaluation.analysis.study_clusters import Frames
from evaluation.config.design_records import Calibration
from evaluation.errors import EstimationError
from evaluation.estimation.inference import jackknife, permutation, permutation_draws
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression import design, fit
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.rows import strata_of
from tests.estimation.studies import (
    ANCOVA,
    DID,
    FACTORIAL,
    STUDY,
    frame,
    outcome,
    plan_panel,
    preregistration,
)


def frames(seed=4, **columns):
    table = plan_panel(seed)
    return Frames(panel=table, frame=frame(table).assign(**columns))


def plan(*, strata="", **changes):
    made = preregistration().plan
    inference = dataclasses.replace(made.inference, permutation_strata=strata)
    specification = dataclasses.replace(DID, families=("trust", "police"), **changes)
    return dataclasses.replace(made, inference=inference, specification=(specification,))


def as_given(layout):
    """The study's own data as the one data set there is."""
    return null_data.NullData(layout.regressions(layout.bases, layout.received[None]), layout.bases)


def t_cv1(blocks):
    found = fit.least_squares(blocks)
    return found.coefficients[0] / fit.cv1_errors(found, blocks.columns[0])


STEPS = ("cv3", "wcr_s", "ri")
HALVES = ["north"] * 3 + ["south"] * 6 + ["north"] * 3


def test_rates_of_every_step_and_kind():
    """2 outcomes x 2 kinds x 3 steps, errors by the binomial formula."""
    found = calibration.calibrate(frames(), study=STUDY, plan=plan(), data_sets=60)
    assert len(found) == 2 * 2 * 3
    assert {r.step for r in found} == set(STEPS)
    assert {r.null for r in found} == set(null_data.NULLS)
    assert [r.outcome for r in found] == ["y"] * 6 + ["z"] * 6
    for row in found:
        assert isinstance(row, Calibration)
        assert row.draws == 60
        assert (row.study, row.specification, row.estimand) == ("small", "did_main", "equal")
        hits = row.rejection * 60
        assert hits == pytest.approx(round(hits), abs=1e-9)
        assert row.mc_error == pytest.approx(np.sqrt(row.rejection * (1 - row.rejection) / 60))
    assert {r.nominal for r in found} == {0.05}


def test_multipliers_are_those_of_the_plan():
    """Six-point multipliers change the bootstraps' p-values and nothing else."""
    made = plan()
    webb = dataclasses.replace(
        made, inference=dataclasses.replace(made.inference, weights_kind="webb")
    )
    one, other = (
        calibration.calibrate(frames(), study=STUDY, plan=p, data_sets=100) for p in (made, webb)
    )
    changed = {a.step for a, b in zip(one, other, strict=True) if a.rejection != b.rejection}
    assert changed == {"wcr_s"}


def test_same_plan_same_rates_whatever_the_order_of_rows():
    first = calibration.calibrate(frames(), study=STUDY, plan=plan(), data_sets=20)
    turned = frames()
    again = dataclasses.replace(turned, panel=turned.panel.iloc[::-1].reset_index(drop=True))
    assert calibration.calibrate(again, study=STUDY, plan=plan(), data_sets=20) == first


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_randomisation_inference_is_the_step_itself(seed):
    """Six clusters, all 20 assignments: the p-value of the study's own data, by both ways."""
    table = plan_panel(seed)
    few = table[table["village"].isin([f"v{g:02d}" for g in (0, 1, 2, 6, 7, 8)])]
    y = outcome("y")
    built = design.build(few, DID, outcome=y, study=STUDY)
    arms = dict(zip(few["village"], few["arm"], strict=True))
    made = permutation_draws.permutations(arms, strata={}, number=999, seed=1)
    slow = permutation.randomise(built.accumulate(), built.column, made).p_value()
    given = Frames(panel=few, frame=frame(few))
    layout = null_data.layout_of(given, y, study=STUDY, plan=plan())
    found = as_given(layout)
    fast = calibration.p_values(layout, found, entry="x", weights_kind="rademacher")
    assert fast["ri"].tolist() == [pytest.approx(slow, abs=1e-12)]
    assert 0.1 <= slow < 0.9


def test_p_values_of_cv1_and_cv3_are_the_steps_themselves():
    """From t(11), as twelve villages have it; two routes to one number."""
    y = outcome("y")
    given = frames()
    blocks = design.build(given.panel, DID, outcome=y, study=STUDY).accumulate()
    own, column = fit.least_squares(blocks), blocks.columns[0]
    layout = null_data.layout_of(given, y, study=STUDY, plan=plan())
    found = as_given(layout)
    fast = calibration.p_values(layout, found, entry="x", weights_kind="rademacher")
    for step, slow in (
        ("cv1", fit.cv1(own, column)),
        ("cv3", jackknife.jackknife(blocks, own, column)),
    ):
        assert slow.df == 11.0
        assert fast[step].tolist() == [pytest.approx(slow.p_value(), rel=1e-9)]


@pytest.mark.simulation
def test_randomisation_inference_is_exact_on_permuted_treatments():
    """By construction: the observed assignment is a draw from the reference distribution.

    4,000 data sets: standard error 0.34 points at 5 %; four of them.
    """
    one = dataclasses.replace(plan(), outcome=plan().outcome[:1])
    found = calibration.calibrate(frames(), study=STUDY, plan=one, data_sets=4000)
    (exact,) = (r for r in found if (r.null, r.step) == ("permuted treatment", "ri"))
    print(f"{100 * exact.rejection:.2f} %")
    assert exact.rejection == pytest.approx(0.05, abs=4 * 0.0034)


def test_permuted_treatments_are_within_strata_and_keep_group_sizes():
    given = frames(region=HALVES)
    layout = null_data.layout_of(given, outcome("y"), study=STUDY, plan=plan(strata="region"))
    assigned, enumerated = layout.assigned(number=300, entry="x")
    assert not enumerated
    for stratum in (0, 1):
        inside = layout.strata == stratum
        counts = assigned[:, inside, 0].sum(axis=1)
        assert set(counts) == {layout.received[inside, 0].sum()}
    # North: treated v00 to v02 of six; every one of its clusters is treated about half the time.
    shares = assigned[:, :, 0].mean(axis=0)
    assert shares == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 300))


def test_null_data_have_no_effect_where_treatment_was_real():
    """Permuted treatment: the fitted effect is taken out, so the real assignment finds zero."""
    layout = null_data.layout_of(frames(), outcome("y"), study=STUDY, plan=plan())
    found = null_data.null_data(layout, "permuted treatment", number=2, entry="x")
    real = fit.least_squares(layout.regressions(found.bases, layout.received))
    assert real.coefficients[0] == pytest.approx(0.0, abs=1e-12)


def test_all_treatments_are_permuted_together_and_all_effects_taken_out():
    """Four arms: columns of the other treatment move with the tested one."""
    table = plan_panel(4)
    arms = ["neither", "meetings", "leaflets", "both"]
    table["arm"] = [arms[int(village[1:]) % 4] for village in table["village"]]
    given = Frames(panel=table, frame=frame(table))
    four = plan(treatment="meetings", adjust_treatments=("leaflets",))
    layout = null_data.layout_of(given, outcome("y"), study=FACTORIAL, plan=four)
    assert layout.received.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]] * 3
    assigned, _ = layout.assigned(number=50, entry="x")
    for one in assigned:
        assert sorted(one.tolist()) == sorted(layout.received.tolist())
    found = null_data.null_data(layout, "permuted treatment", number=2, entry="x")
    real = fit.least_squares(layout.regressions(found.bases, layout.received))
    assert real.coefficients[:2] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_sign_flips_change_whole_clusters():
    layout = null_data.layout_of(frames(), outcome("y"), study=STUDY, plan=plan())
    found = null_data.null_data(layout, "sign flips", number=40, entry="x")
    moments = found.bases.xy()[:, :, 0]
    first = np.abs(moments[:1])
    assert np.abs(moments) == pytest.approx(np.repeat(first, 40, axis=0), rel=1e-12)
    assert len({tuple(row) for row in np.sign(moments).tolist()}) > 30


def test_few_clusters_have_no_more_data_sets_than_there_are():
    """Six clusters, three treated: 20 assignments, 64 sign vectors, each used once."""
    table = plan_panel(4)
    few = table[table["village"].isin([f"v{g:02d}" for g in (0, 1, 2, 6, 7, 8)])]
    given = Frames(panel=few, frame=frame(few))
    tenth = plan()
    tenth = dataclasses.replace(tenth, inference=dataclasses.replace(tenth.inference, level=0.9))
    found = calibration.calibrate(given, study=STUDY, plan=tenth, data_sets=1000)
    draws = {(r.null, r.draws) for r in found if isinstance(r, Calibration)}
    assert draws == {("permuted treatment", 20), ("sign flips", 64)}
    exact = [r for r in found if isinstance(r, Calibration) and r.step == "ri"]
    # Each |t| occurs twice (its mirror image), so exactly 2 of 20 have p = 0.1.
    assert [r.rejection for r in exact if r.null == "permuted treatment"] == [0.1, 0.1]


def test_a_step_that_fails_in_some_data_sets_has_no_rate():
    """Two treated clusters of different regions, permuted within: without one the step is lost."""
    table = plan_panel(4)
    table["arm"] = np.where(table["village"].isin(["v00", "v11"]), "treated", "comparison")
    table["coast"] = ((table["region"] == "coast") & (table["village"] == "v05")).astype(float)
    given = Frames(panel=table, frame=frame(table))
    found = calibration.calibrate(
        given, study=STUDY, plan=plan(covariates=("coast",)), data_sets=10
    )
    lost = [r for r in found if isinstance(r, Unavailable)]
    assert {(r.study, r.specification, r.sample.text()) for r in lost} == {
        ("small", "did_main", "all")
    }
    assert {r.step for r in lost if "sign" not in str(r.reason)} >= {
        "calibration of cv3",
        "calibration of wcr_s",
    }
    assert any(str(r.reason).endswith("in 10 of 10 data sets") for r in lost)
    singular = [r for r in lost if "residuals are not known" in str(r.reason)]
    assert len(singular) == 2 * len(STEPS)
    # What remains is whole.
    assert {r.step for r in found if isinstance(r, Calibration)} == {"ri"}


def test_strata_of_one_arm_permute_nothing():
    given = frames(region=["a"] * 6 + ["b"] * 6)
    found = calibration.calibrate(given, study=STUDY, plan=plan(strata="region"), data_sets=10)
    lost = {r.step for r in found if isinstance(r, Unavailable)}
    assert lost == {f"calibration of {step}" for step in STEPS}
    kept = {(r.null, r.step) for r in found if isinstance(r, Calibration)}
    assert kept == {("sign flips", s) for s in STEPS if s != "ri"}
    layout = null_data.layout_of(given, outcome("y"), study=STUDY, plan=plan(strata="region"))
    with pytest.raises(StepUnavailable, match="no stratum"):
        layout.assigned(number=5, entry="x")


def test_a_specification_without_changes_is_refused():
    lagged = dataclasses.replace(
        plan(), specification=(dataclasses.replace(ANCOVA, status="primary"),)
    )
    with pytest.raises(EstimationError, match="changes between two rounds"):
        calibration.calibrate(frames(), study=STUDY, plan=lagged, data_sets=5)


def test_strata_that_are_not_known_are_refused():
    known = frames(region=HALVES).frame
    clusters = tuple(known["village"])
    assert strata_of(clusters, known, "", "village").tolist() == [0] * 12
    assert strata_of(clusters, known, "region", "village").tolist() == [0] * 3 + [1] * 6 + [0] * 3
    with pytest.raises(EstimationError, match="no column subregion"):
        strata_of(clusters, known, "subregion", "village")
    with pytest.raises(EstimationError, match="1 clusters have no region"):
        strata_of((*clusters, "v99"), known, "region", "village")


def test_drawn_assignments_count_the_studys_own_among_them(monkeypatch):
    """99 of 924 assignments: p is a whole number of hundredths, at least one (Phipson and Smyth
    2010, Stat. Appl. Genetics Mol. Biol. 9(1)); the count by one refit an assignment.
    """
    monkeypatch.setattr(calibration, "DRAWS", 99)
    layout = null_data.layout_of(frames(), outcome("y"), study=STUDY, plan=plan())
    own = t_cv1(layout.regressions(layout.bases, layout.received))
    p = calibration._p_permuted(layout, layout.bases, own[None], "permutations")
    given, enumerated = layout.assigned(number=99, entry="permutations")
    assert (len(given), enumerated) == (99, False)
    each = [t_cv1(layout.regressions(layout.bases, assigned)) for assigned in given]
    assert p.tolist() == [(1 + sum(abs(t) >= abs(own) for t in each)) / 100]
    every = calibration.p_values(layout, as_given(layout), entry="x", weights_kind="rademacher")
    for step in ("wcr", "wcr_s", "ri"):
        assert 100 * every[step][0] == pytest.approx(round(100 * every[step][0]), abs=1e-9)
        assert every[step][0] >= 0.01


PARTS = {20: [(0, 10), (10, 10)], 21: [(0, 10), (10, 10), (20, 1)]}
PARTS |= {25: [(0, 10), (10, 10), (20, 5)], 1: [(0, 1)]}


@pytest.mark.parametrize("data_sets", PARTS)
def test_data_sets_come_in_parts_with_draws_of_their_own(monkeypatch, data_sets):
    """Parts of ten, and the rest; each part's entry ends with where it begins."""
    monkeypatch.setattr(calibration, "_PART", 10)
    monkeypatch.setattr(calibration, "DRAWS", 99)
    made, null = plan(), "sign flips"
    layout = null_data.layout_of(frames(), outcome("y"), study=STUDY, plan=made)
    sets = []

    def each(function, parts, shared):
        for part in parts:
            kind, p = function(shared, part)
            if kind == ("y", null):
                sets.append(p)
            yield kind, p

    calibration.calibrate(frames(), study=STUDY, plan=made, data_sets=data_sets, each=each)
    found = {step: np.concatenate([p[step] for p in sets]) for step in STEPS}
    parts = []
    for start, number in PARTS[data_sets]:
        entry = f"small calibration y sign flips {start}"
        data = null_data.null_data(layout, null, number=number, entry=entry)
        parts.append(
            calibration.p_values(layout, data, entry=f"{entry} draws", weights_kind="rademacher")
        )
    for step in STEPS:
        assert found[step].tolist() == [p for part in parts for p in part[step].tolist()]
    assert len(set(found["cv3"].tolist())) == data_sets
