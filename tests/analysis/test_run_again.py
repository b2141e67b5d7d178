"""The whole plan again: units, order of rows, other files, and what each row stands under."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.run_plan import run_plan, shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.estimation.inference.steps import analyse
from evaluation.estimation.regression.design import build
from tests.analysis.test_run import by_name, frames
from tests.estimation.studies import PROVENANCE, STUDY, plan_panel, preregistration


@pytest.fixture(scope="module")
def promised():
    return preregistration()


@pytest.fixture(scope="module")
def results(promised):
    return run_plan(frames(), study=STUDY, preregistration=promised, provenance=PROVENANCE)


def test_units_of_diagnostics(results):
    """By hand, from the docstrings: shares, numbers, clusters, respondents; the rest in points."""
    units = dict.fromkeys(
        (
            "kish_deff", "rows_incomplete", "icc", "cac", "type_m", "leverage_max",
            "leverage_max_ratio", "partial_leverage_max", "partial_leverage_max_ratio",
        ),
        "number",
    )  # fmt: skip
    units |= dict.fromkeys(("largest3_weight_share", "type_s"), "share")
    units |= dict.fromkeys(
        (
            "clusters_dropped", "css_effective_clusters", "css_effective_clusters_shared",
            "loo_sign_changes", "satterthwaite_df", "clusters_treated",
            "clusters_comparison",
        ),
        "clusters",
    )  # fmt: skip
    units |= dict.fromkeys(
        ("loo_q1", "loo_median", "loo_q3", "closed_form_mde", "simultaneous_ci_low",
         "simultaneous_ci_high", "unadjusted_ci_low", "unadjusted_ci_high",
         "simultaneous_90_low", "simultaneous_90_high"),
        "points",
    )  # fmt: skip
    units |= dict.fromkeys(("steps_disagree_5", "steps_disagree_10"), "1 = yes")
    for row in results.diagnostics:
        expected = "respondents" if row.name.startswith("respondents_") else units[row.name]
        assert row.unit == expected, row.name
        assert (row.study, row.estimand, row.sample.text()) == ("small", "equal", "all")


def test_a_specification_without_cv3_has_its_leave_one_out_all_the_same(results, promised):
    """The same estimates without one cluster, under the heading of that specification."""
    plan = promised.plan
    only = [
        dataclasses.replace(s, steps=("wcr_s",), secondary_steps=("wcr_s",))
        for s in plan.specification
    ]
    changed = dataclasses.replace(
        promised, plan=dataclasses.replace(plan, specification=tuple(only))
    )
    found = run_plan(frames(), study=STUDY, preregistration=changed, provenance=PROVENANCE)
    for specification in ("did_main", "ancova"):
        own, with_cv3 = (by_name(r, specification) for r in (found, results))
        for name in ("loo_q1", "loo_median", "loo_q3", "loo_sign_changes"):
            assert own[name] == with_cv3[name]


def test_a_ready_made_file_is_what_its_specification_is_estimated_on(promised):
    """One round with baseline values: the estimate on the file, not on the panel."""
    table = plan_panel(70)
    last = table[table["round"] == "endline"].reset_index(drop=True)
    rng = np.random.default_rng(3)
    ready = last.assign(y=last["y"] + 2.0 * rng.normal(size=len(last)))
    ready["y_baseline"] = ready["y"] + rng.normal(size=len(last))
    own = dataclasses.replace(
        promised.plan.specification[1],
        id="ready",
        data="analysis",
        lag="suffix",
        status="sensitivity",
    )
    plan = dataclasses.replace(promised.plan, specification=(*promised.plan.specification, own))
    given = dataclasses.replace(frames(), analysis=ready)
    changed = dataclasses.replace(promised, plan=plan)
    found = run_plan(given, study=STUDY, preregistration=changed, provenance=PROVENANCE)
    (row,) = [e for e in found.estimates if (e.specification, e.step) == ("ready", "cv3")]
    built = build(ready, own, outcome=plan.outcome[0], study=STUDY)
    draws = shared_draws(given, STUDY, plan)
    assert row.estimate == analyse(built, ("cv3",), draws=draws).steps["cv3"].estimate
    assert row.n == len(ready)
    # one round has no levels of two rounds, and no diagnostics of them
    assert not [x for x in by_name(found, "ready") if x in ("icc", "cac", "closed_form_mde")]


MEASURED = ("y", "z", "y2", "s1", "s2")


def close(one, other, what):
    if np.isnan(one) or np.isinf(one):
        assert str(one) == str(other), what
    else:
        # numbers of the same digits, sums taken in another order
        assert other == pytest.approx(one, rel=1e-6, abs=1e-9), what


@pytest.mark.property
@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_another_unit_and_order_of_the_rows(results, promised, factor):
    """Definition: what is in points moves with the outcome's unit, and nothing with the order."""
    given = frames()
    table = given.panel.assign(**{name: factor * given.panel[name] for name in MEASURED})
    given = Frames(
        panel=table.sample(frac=1.0, random_state=4).reset_index(drop=True),
        frame=given.frame.iloc[::-1].reset_index(drop=True),
        series=given.series.sample(frac=1.0, random_state=5),
    )
    plan = promised.plan
    assumed = tuple(
        dataclasses.replace(o, smallest_effect=o.smallest_effect and factor * o.smallest_effect)
        for o in plan.outcome
    )
    changed = dataclasses.replace(promised, plan=dataclasses.replace(plan, outcome=assumed))
    found = run_plan(given, study=STUDY, preregistration=changed, provenance=PROVENANCE)
    assert len(found.diagnostics) == len(results.diagnostics)
    for one, other in zip(results.diagnostics, found.diagnostics, strict=True):
        assert (one.name, one.outcome, one.specification) == (
            other.name, other.outcome, other.specification,
        )  # fmt: skip
        moved = factor if one.unit == "points" else 1.0
        close(moved * one.value, other.value, (one.outcome, one.name))
    for one, other in zip(results.estimates, found.estimates, strict=True):
        moved = factor if one.unit == "points" else 1.0
        for name in ("estimate", "std_error", "ci_low", "ci_high"):
            close(moved * getattr(one, name), getattr(other, name), (one.outcome, one.step, name))
        for name in ("p_value", "p_adjusted", "df", "estimate_sd", "n"):
            close(getattr(one, name), getattr(other, name), (one.outcome, one.step, name))
    for one, other in zip(results.levels, found.levels, strict=True):
        for name in ("mean", "sd", "std_error"):
            close(factor * getattr(one, name), getattr(other, name), (one.outcome, name))
    for name in ("balance", "trends", "unavailable"):
        assert len(getattr(results, name)) == len(getattr(found, name))
    for one, other in zip(results.balance, found.balance, strict=True):
        for name in ("difference", "std_error", "normalised_difference", "p_value"):
            close(getattr(one, name), getattr(other, name), (one.variable, name))


def test_draws_cover_the_clusters_of_every_file(promised):
    """A cluster of the ready-made file or of the series only has multipliers too; no name, none."""
    given = frames()
    extra = given.panel.head(2).assign(village=["w1", None])
    events = pd.concat([given.series, given.series.head(1).assign(village="w2")])
    wider = dataclasses.replace(given, analysis=extra, series=events)
    draws = shared_draws(wider, STUDY, promised.plan)
    assert draws.clusters == (*(f"v{g:02d}" for g in range(12)), "w1", "w2")
    without = dataclasses.replace(given, series=None)
    assert shared_draws(without, STUDY, promised.plan).clusters == draws.clusters[:12]
    settings = promised.plan.inference
    assert (draws.number, draws.kind) == (settings.draws, settings.weights_kind)


def test_estimates_of_an_exploratory_family_say_so(promised):
    """The tier is that of the outcome's own family."""
    plan = promised.plan
    family = tuple(
        dataclasses.replace(f, tier="exploratory") if f.id == "safety" else f for f in plan.family
    )
    changed = dataclasses.replace(promised, plan=dataclasses.replace(plan, family=family))
    found = run_plan(frames(), study=STUDY, preregistration=changed, provenance=PROVENANCE)
    named = [e for e in found.estimates if e.outcome in ("y", "z", "s1", "s2")]
    assert {e.outcome for e in named if e.status == "exploratory"} == {"s1", "s2"}
