"""The plan's families: who is adjusted together, under the plan's other choices too."""

import dataclasses

import pytest

from evaluation.errors import EstimationError
from evaluation.stats.adjustment import adjust
from evaluation.stats.multiplicity import holm
from evaluation.stats.run import Frames, run_plan
from tests.stats.studies import PROVENANCE, STUDY, frame, plan_panel, promise, series


def run(**inference):
    given = promise()
    plan = dataclasses.replace(
        given.plan, inference=dataclasses.replace(given.plan.inference, **inference)
    )
    table = plan_panel(80)
    frames = Frames(panel=table, frame=frame(table), series=series(table))
    changed = dataclasses.replace(given, plan=plan)
    return plan, run_plan(frames, study=STUDY, promise=changed, provenance=PROVENANCE)


def test_holm_where_the_plan_says_holm():
    plan, results = run(family_wise="holm", family_wise_check="none")
    step = plan.inference.primary_step
    chosen = [
        e
        for e in results.estimates
        if e.specification == "did_main" and e.step == step and e.outcome in ("y", "z")
    ]
    assert [e.p_adjusted for e in chosen] == list(holm([e.p_value for e in chosen]))
    assert {e.adjustment for e in chosen} == {"holm"}
    assert results.adjustments == ()


def test_romano_wolf_needs_a_bootstrap():
    with pytest.raises(EstimationError, match="needs a bootstrap, which cv3 is not"):
        run(primary_step="cv3")


def test_a_family_without_correction_is_left_alone():
    plan, results = run()
    families = tuple(
        dataclasses.replace(f, correction="none") if f.id == "safety" else f for f in plan.family
    )
    raw = tuple(
        dataclasses.replace(e, p_adjusted=e.p_value, adjustment="none") for e in results.estimates
    )
    found, _ = adjust(
        raw,
        {},
        plan=dataclasses.replace(
            plan,
            family=families,
            inference=dataclasses.replace(plan.inference, family_wise="holm"),
        ),
    )
    safety = [e for e in found if e.family == "safety"]
    assert safety
    assert {e.adjustment for e in safety} == {"none"}
    assert all(e.p_adjusted == e.p_value for e in safety)


def test_adjusted_is_never_below_unadjusted():
    _, results = run()
    assert all(e.p_adjusted >= e.p_value for e in results.estimates)
