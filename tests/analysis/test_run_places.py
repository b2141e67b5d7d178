"""Whole plans with randomisation inference, departments and subregions."""

import dataclasses

import pandas as pd
import pytest

from evaluation.analysis import study_clusters
from evaluation.analysis.run_plan import run_plan
from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import seed
from evaluation.errors import EstimationError
from evaluation.estimation.inference import permutation, permutation_draws
from evaluation.estimation.inference.steps import analyse
from evaluation.estimation.regression.design import build
from tests.analysis.test_run import by_name
from tests.estimation.studies import (
    PROVENANCE,
    STUDY,
    frame,
    outcome,
    plan_panel,
    preregistration,
    series,
)


def frames(seed=70):
    table = plan_panel(seed)
    return Frames(panel=table, frame=frame(table), series=series(table))


PLACED = dataclasses.replace(
    STUDY,
    columns=dataclasses.replace(STUDY.columns, department="department", subregion="subregion"),
)


def placed_frames(seed=70):
    """Villages in three departments and two subregions, both arms in each."""
    given = frames(seed)
    table = given.frame.assign(
        department=[f"d{g % 3}" for g in range(12)],
        subregion=[f"s{g % 2}" for g in range(12)],
    )
    return dataclasses.replace(given, frame=table)


def with_ri(**inference):
    """The plan with randomisation inference within subregions, in both specifications."""
    given = preregistration()
    plan = given.plan
    settings = {"permutation_strata": "subregion", "permutations": 199} | inference
    return dataclasses.replace(
        given,
        plan=dataclasses.replace(
            plan,
            inference=dataclasses.replace(plan.inference, **settings),
            specification=tuple(
                dataclasses.replace(s, steps=(*s.steps, "ri")) for s in plan.specification
            ),
        ),
    )


@pytest.fixture(scope="module")
def placed_results():
    return run_plan(placed_frames(), study=PLACED, preregistration=with_ri(), provenance=PROVENANCE)


@pytest.mark.parametrize("name", ["did_main", "ancova"])
def test_randomisation_inference_is_that_of_the_public_functions(placed_results, name):
    """Villages permuted within subregions, one set of permutations for every specification."""
    promised = with_ri()
    specification = next(s for s in promised.plan.specification if s.id == name)
    made = build(plan_panel(70), specification, outcome=outcome("y"), study=STUDY)
    villages = [f"v{g:02d}" for g in range(12)]
    drawn = permutation_draws.permutations(
        {v: "treated" if g < 6 else "comparison" for g, v in enumerate(villages)},
        strata={v: str(g % 2) for g, v in enumerate(villages)},
        number=199,
        seed=seed("small"),
    )
    expected = permutation.randomise(made.accumulate(), made.column, drawn)
    (row,) = [
        e
        for e in placed_results.estimates
        if (e.outcome, e.specification, e.step) == ("y", name, "ri")
    ]
    assert row.p_value == expected.p_value()
    # one pass for all outcomes here, this outcome alone there: rounding
    assert row.ci_low == pytest.approx(expected.interval().low, rel=1e-11)
    assert row.mc_error == expected.mc_error() > 0.0
    # with few villages the set may be unbounded; either way it says what it assumes
    assert str(row.ci_kind).startswith("unadjusted, inverted test")
    assert str(row.ci_kind).endswith("constant effect assumed")
    assert str(row.p_kind).startswith("randomisation inference, studentised")


def test_diagnostics_by_place(placed_results):
    of_y = by_name(placed_results, "did_main")
    assert of_y["ri_permutations"].value == 199.0
    assert of_y["ri_fixed_clusters"].value == 0.0
    design = build(
        plan_panel(70), preregistration().plan.specification[0], outcome=outcome("y"), study=STUDY
    )
    table = plan_panel(70)
    number = table["village"].str[1:].astype(int)
    without = []
    for department in range(3):
        part = build(
            table[number % 3 != department],
            preregistration().plan.specification[0],
            outcome=outcome("y"),
            study=STUDY,
        )
        without.append(analyse(part, (), draws=None).fit.coefficients[0])
    estimate = analyse(design, (), draws=None).fit.coefficients[0]
    # two villages of each group in a department are fewer than the study's minimum of three
    withheld = {
        (u.outcome, u.specification, u.step)
        for u in placed_results.unavailable
        if str(u.reason) == "some department has fewer than 3 clusters of a group"
    }
    parts = [f"without_department_{part}" for part in ("q1", "median", "q3")]
    assert {("y", s, part) for s in ("did_main", "ancova") for part in parts} <= withheld
    # the same regression refitted on the rows of the other departments
    assert of_y["without_department_sign_changes"].value == sum(w * estimate < 0 for w in without)
    for level in ("department", "subregion"):
        assert 0.0 < of_y[f"score_variance_p_{level}"].value <= 1.0
    text = str(placed_results.diagnostics) + str(placed_results.unavailable)
    assert not any(f"'{p}'" in text for p in ("d0", "d1", "d2", "s0", "v00", "v11"))


def test_clusters_that_no_permutation_moves_are_counted():
    """v10 and v11, both comparison, in a subregion of their own."""
    given = placed_frames()
    table = given.frame.assign(subregion=["s0"] * 10 + ["s1"] * 2)
    found = run_plan(
        dataclasses.replace(given, frame=table),
        study=PLACED,
        preregistration=with_ri(permutations=99),
        provenance=PROVENANCE,
    )
    of_y = by_name(found, "did_main")
    assert of_y["ri_fixed_clusters"].value == 2.0
    # 6 of 10 treated: 210 assignments, more than were asked for
    assert of_y["ri_permutations"].value == 99.0


def test_strata_with_one_arm_leave_nothing_to_permute():
    """Treated villages in one subregion, comparison villages in the other."""
    given = placed_frames()
    table = given.frame.assign(subregion=["s0"] * 6 + ["s1"] * 6)
    found = run_plan(
        dataclasses.replace(given, frame=table),
        study=PLACED,
        preregistration=with_ri(),
        provenance=PROVENANCE,
    )
    reasons = {str(u.reason) for u in found.unavailable if u.step == "ri"}
    assert len(reasons) == 1
    assert "no stratum of the permutations has clusters of two arms" in reasons.pop()
    assert not any(e.step == "ri" for e in found.estimates)


def test_strata_and_places_that_the_frame_lacks_are_named():
    with pytest.raises(EstimationError, match="no column subregion"):
        run_plan(frames(), study=STUDY, preregistration=with_ri(), provenance=PROVENANCE)
    with pytest.raises(EstimationError, match="lacks department"):
        run_plan(frames(), study=PLACED, preregistration=preregistration(), provenance=PROVENANCE)
    given = placed_frames()
    gap = dataclasses.replace(
        given, frame=given.frame.assign(subregion=[None, *given.frame["subregion"][1:]])
    )
    with pytest.raises(EstimationError, match="lacks subregion, or its value"):
        run_plan(gap, study=PLACED, preregistration=preregistration(), provenance=PROVENANCE)


def test_steps_that_disagree_are_flagged(placed_results):
    """Recounted from the estimates: some p below the line and some not."""
    for name, line in (("steps_disagree_5", 0.05), ("steps_disagree_10", 0.10)):
        for flag in (d for d in placed_results.diagnostics if d.name == name):
            p = [
                e.p_value
                for e in placed_results.estimates
                if (e.outcome, e.specification) == (flag.outcome, flag.specification)
            ]
            assert len(p) > 1
            assert flag.value == float(min(p) < line <= max(p))


def test_places_are_those_of_the_frame():
    """Each declared level by cluster; a level that is not declared has no places."""
    given = placed_frames()
    found = study_clusters.places(given, PLACED)
    assert list(found) == ["department", "subregion"]
    for level in found:
        assert found[level] == dict(
            zip(given.frame["village"], given.frame[level].astype(str), strict=True)
        )
    assert study_clusters.places(given, STUDY) == {}


@pytest.mark.parametrize("level", ["department", "subregion"])
def test_a_place_that_is_not_known_is_named_where_it_was_declared(level):
    given = placed_frames()
    for table in (
        given.frame.drop(columns=level),
        given.frame.assign(**{level: [None, *given.frame[level][1:]]}),
    ):
        with pytest.raises(EstimationError) as raised:
            study_clusters.places(dataclasses.replace(given, frame=table), PLACED)
        assert raised.value.where == f"study.toml, columns.{level}"


def test_permutations_are_of_every_files_clusters_and_only_where_asked_for():
    given = placed_frames()
    assert study_clusters.permutations(given, PLACED, preregistration().plan) is None
    plan = with_ri().plan
    made = study_clusters.permutations(given, PLACED, plan)
    assert made.clusters == tuple(sorted(given.frame["village"]))
    more = given.panel.head(1).assign(village="w1")
    known = pd.concat([given.frame, given.frame.head(1).assign(village="w1")])
    wider = dataclasses.replace(given, analysis=more, frame=known)
    assert "w1" in study_clusters.permutations(wider, PLACED, plan).clusters
