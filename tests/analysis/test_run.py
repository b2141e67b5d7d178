"""The whole plan: every promised row is there once, adjusted as promised, and nothing else."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.run_plan import run_plan, shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.multiplicity import (
    benjamini_hochberg,
    holm,
    romano_wolf,
    simultaneous,
)
from evaluation.estimation.inference.steps import analyse
from evaluation.estimation.regression.design import build
from tests.estimation.one_estimate import estimate
from tests.estimation.studies import (
    PROVENANCE,
    STUDY,
    frame,
    outcome,
    plan_panel,
    preregistration,
    series,
)
from tests.messages import said

ENDS = ("low", "high")


def frames(seed=70):
    table = plan_panel(seed)
    return Frames(panel=table, frame=frame(table), series=series(table))


@pytest.fixture(scope="module")
def promised():
    return preregistration()


@pytest.fixture(scope="module")
def results(promised):
    return run_plan(frames(), study=STUDY, preregistration=promised, provenance=PROVENANCE)


def primary(results, name):
    (row,) = [
        e
        for e in results.estimates
        if (e.specification, e.step, e.outcome) == ("did_main", "wcr_s", name)
    ]
    return row


def by_name(results, specification, outcome="y"):
    return {
        d.name: d
        for d in results.diagnostics
        if (d.outcome, d.specification) == (outcome, specification)
    }


def test_every_promised_estimate_is_there_once(results, promised):
    wanted = [
        (s.id, o.id, step)
        for s in promised.plan.specification
        for o in promised.plan.outcomes_of(s)
        for step in s.steps_for(o)
    ]
    periods = sorted(set(series(plan_panel(70))["quarter"]))
    for role, name in (("pre_trend", "events"), ("placebo", "accidents")):
        wanted += [(role, name, "cv1"), (role, name, "wcr_s")]
        wanted += [("event_study", name, "cv1")] * len(periods)
    assert [(e.specification, e.outcome, e.step) for e in results.estimates] == wanted
    # s1 is noise without clusters: it has no autocorrelation, and the table says so. Of ancova
    # there is no closed form, and one village has fewer than ten interviews in some cells.
    reasons = {(u.outcome, u.specification, u.step) for u in results.unavailable}
    few = {key for key in reasons if key[2].startswith("respondents_")}
    assert reasons - few == {("s1", "did_main", "cac"), ("y", "ancova", "closed_form_mde")}
    assert {str(u.reason) for u in results.unavailable if "min" in u.step} == {"fewer than 10"}


def test_estimates_are_those_of_each_outcome_by_itself(results, promised):
    draws = shared_draws(frames(), STUDY, promised.plan)
    specification = promised.plan.primary_specification()
    found = estimate(
        plan_panel(70),
        specification,
        outcome=promised.plan.outcome[3],
        study=STUDY,
        inference=promised.plan.inference,
        provenance=PROVENANCE,
        status="pre-specified",
        draws=draws,
    )
    (ours,) = (r for r in found if r.step == promised.plan.inference.primary_step)
    row = primary(results, "s1")
    # The run takes all outcomes in one pass, the helper one by itself: the same sums in another
    # order, so a few units in the last place.
    alone = dataclasses.asdict(ours)
    together = dataclasses.asdict(row) | {"p_adjusted": ours.p_adjusted, "adjustment": "none"}
    assert together == {
        name: pytest.approx(value, rel=1e-11, abs=1e-12) if isinstance(value, float) else value
        for name, value in alone.items()
    }


def test_primary_outcomes_carry_what_holds_for_all_of_them(results, promised):
    specification = promised.plan.primary_specification()
    draws = shared_draws(frames(), STUDY, promised.plan)
    references = {}
    for name in ("y", "z"):
        design = build(plan_panel(70), specification, outcome=outcome(name), study=STUDY)
        references[name] = analyse(design, ("wcr_s",), draws=draws).steps["wcr_s"]
    held = simultaneous(references, method="max_t", step="wcr_s", level=0.95)
    statistics = {name: r.statistics() for name, r in references.items()}
    stepped = romano_wolf(statistics, draws="enumerated" if draws.enumerated else "random")
    checks = {(a.method, a.outcome): a.p_adjusted for a in results.adjustments}
    for name in ("y", "z"):
        row = primary(results, name)
        assert row.adjustment == "max_t"
        assert row.p_adjusted == held[name].p_value
        # one pass for all outcomes against one by itself: the same sums in another order
        assert row.ci_low == pytest.approx(held[name].interval.low, rel=1e-9)
        assert row.ci_high == pytest.approx(held[name].interval.high, rel=1e-9)
        assert checks["romano_wolf", name] == stepped[name]
    assert [checks["holm", n] for n in ("y", "z")] == list(
        holm([primary(results, n).p_value for n in ("y", "z")])
    )
    assert {method for method, _ in checks} == {"romano_wolf", "holm"}


def test_other_outcomes_are_adjusted_over_all_of_them(results):
    rows = [primary(results, name) for name in ("y2", "s1", "s2")]
    assert [e.p_adjusted for e in rows] == list(benjamini_hochberg([e.p_value for e in rows]))
    assert {e.adjustment for e in rows} == {"benjamini_hochberg_across"}


def test_only_the_primary_step_carries_adjusted_values(results):
    others = [e for e in results.estimates if (e.specification, e.step) != ("did_main", "wcr_s")]
    assert {e.adjustment for e in others} == {"none"}
    assert all(e.p_adjusted == e.p_value for e in others)


def test_diagnostics_levels_and_leave_one_out(results):
    of_y = by_name(results, "did_main")
    cheap = {
        "kish_deff", "largest3_weight_share", "clusters_dropped", "rows_incomplete",
        "leverage_max", "leverage_max_ratio", "partial_leverage_max", "partial_leverage_max_ratio",
        "css_effective_clusters", "css_effective_clusters_shared",
        "loo_q1", "loo_median", "loo_q3", "loo_sign_changes",
        "steps_disagree_5", "steps_disagree_10",
    }  # fmt: skip
    # of a primary outcome, whatever the specification
    beside = cheap | {
        "satterthwaite_df", "type_s", "type_m", "icc", "cac",
        "clusters_treated", "clusters_comparison",
    }  # fmt: skip
    # the plan names an assumed and a smallest effect of primary outcomes only
    of_verdict = {"type_s", "type_m"}
    # nine to thirteen interviews a village: where there are nine, neither number is told
    told = {n for n in by_name(results, "ancova") if n.startswith("respondents_")}
    assert set(by_name(results, "ancova")) == beside | told
    own = {
        "closed_form_mde",
        *(f"{kind}_{end}" for kind in ("unadjusted_ci", "simultaneous_90") for end in ENDS),
    }
    assert set(of_y) == beside | told | own
    assert set(by_name(results, "did_main", "s2")) == beside - of_verdict | told | {
        "closed_form_mde"
    }
    # Twelve clusters, equal totals: three of them hold a quarter.
    assert of_y["largest3_weight_share"].value == pytest.approx(0.25, abs=1e-12)
    cr2 = next(e for e in results.estimates if (e.outcome, e.step) == ("y", "cr2"))
    assert of_y["satterthwaite_df"].value == cr2.df
    without = [
        r.estimate
        for r in results.leave_one_out
        if (r.outcome, r.specification) == ("y", "did_main")
    ]
    assert len(without) == 12
    assert of_y["loo_median"].value == pytest.approx(np.median(without), abs=1e-15)
    assert of_y["loo_sign_changes"].value == sum(w * cr2.estimate < 0 for w in without)
    assert [(r.arm, r.round) for r in results.levels if r.outcome == "y"] == [
        ("treated", "baseline"), ("treated", "endline"),
        ("comparison", "baseline"), ("comparison", "endline"),
    ]  # fmt: skip


def test_no_public_record_names_a_cluster(results):
    public = [
        getattr(results, name)
        for name in ("estimates", "diagnostics", "levels", "balance", "trends", "adjustments")
    ]
    text = str(public)
    assert not any(f"'v{g:02d}'" in text for g in range(12))


def test_kish_deff_written_out(results, promised):
    """n sum w^2 / (sum w)^2 of the weights that were used."""
    table = plan_panel(70)
    cell = table.groupby(["village", "round"])["weight"].transform("sum")
    w = table["weight"] / cell
    expected = len(w) * (w**2).sum() / w.sum() ** 2
    row = by_name(results, "did_main")["kish_deff"]
    assert row.value == pytest.approx(expected, rel=1e-12)


def test_balance_and_trends_are_there(results):
    assert [(b.variable, b.sample) for b in results.balance] == [
        ("age", "all"), ("region=coast", "all"), ("region=hill", "all"), ("region=plain", "all"),
        ("poverty", "clusters"), ("reinterviewed", "attrition"),
        ("age", "stayers"), ("age", "leavers"),
    ]  # fmt: skip
    assert {(t.series, t.arm) for t in results.trends} == {
        (s, a) for s in ("events", "accidents") for a in ("treated", "comparison")
    }


@pytest.mark.parametrize("spoilt", ["outcome y", "outcome z"])
def test_a_reference_fit_that_disagrees_stops_the_run(monkeypatch, promised, spoilt):
    """Also where only one of the fits is wrong: every one of them is checked."""

    def check(design, fit, *, where):
        if spoilt in where:
            raise EstimationError(said("disagrees"), where=where, fix=said("report it"))

    monkeypatch.setattr("evaluation.analysis.run_plan.reference.check", check)
    with pytest.raises(EstimationError, match="disagrees"):
        run_plan(frames(), study=STUDY, preregistration=promised, provenance=PROVENANCE)


def test_status_is_a_fact_about_dates(promised):
    before = run_plan(frames(), study=STUDY, preregistration=promised, provenance=PROVENANCE)
    # outcomes and series alike: the lock is older than the endline data
    assert {e.status for e in before.estimates} == {"pre-specified"}
    late = dataclasses.replace(
        promised,
        lock=dataclasses.replace(promised.lock, endline_data_seen=True),
        changed=frozenset({"outcome.z", "series.events"}),
    )
    found = run_plan(frames(), study=STUDY, preregistration=late, provenance=PROVENANCE)
    assert primary(found, "y").status == "specified after data collection"
    assert primary(found, "z").status == "deviation"
    assert {e.status for e in found.estimates if e.outcome == "events"} == {"deviation"}
    assert {e.status for e in found.estimates if e.outcome == "accidents"} == {
        "specified after data collection"
    }


def test_a_primary_outcome_without_primary_step_stops(promised):
    """Otherwise its family would silently be one outcome smaller."""
    plan = promised.plan
    lone = [dataclasses.replace(s, covariates=("age",)) for s in plan.specification]
    table = plan_panel(70)
    table["age"] = ((table["village"] == "v02") & (table.index % 2 == 0)).astype(float)
    plan = dataclasses.replace(plan, specification=tuple(lone))
    changed = dataclasses.replace(promised, plan=plan)
    given = Frames(panel=table, frame=frame(table), series=series(table))
    with pytest.raises(EstimationError, match="primary outcome y has no estimate by wcr_s"):
        run_plan(given, study=STUDY, preregistration=changed, provenance=PROVENANCE)


def test_missing_files_are_named(promised):
    table = plan_panel(70)
    with pytest.raises(EstimationError, match="no clean administrative series"):
        run_plan(
            Frames(panel=table, frame=frame(table)),
            study=STUDY,
            preregistration=promised,
            provenance=PROVENANCE,
        )


def test_draws_cover_every_cluster_once(promised):
    draws = shared_draws(frames(), STUDY, promised.plan)
    assert draws.clusters == tuple(f"v{g:02d}" for g in range(12))
    other = preregistration(
        inference=dataclasses.replace(promised.plan.inference, seed_entry="another", draws=999)
    )
    again = shared_draws(frames(), STUDY, other.plan)
    assert not np.array_equal(draws.codes, again.codes)
    assert isinstance(draws, bootstrap.Draws)


def test_inputs_are_not_changed(promised):
    given = frames()
    before = given.panel.copy(deep=True)
    run_plan(given, study=STUDY, preregistration=promised, provenance=PROVENANCE)
    pd.testing.assert_frame_equal(given.panel, before)


def test_primary_outcomes_get_all_steps_and_the_others_the_short_list(results):
    by_outcome = {
        name: {
            e.step for e in results.estimates if (e.specification, e.outcome) == ("did_main", name)
        }
        for name in ("y", "z", "y2", "s2")
    }
    every = {"wcr_s", "cv3", "cr2", "cv1", "wcr"}
    short = {"wcr_s", "cv3"}
    assert by_outcome == {"y": every, "z": every, "y2": short, "s2": short}
