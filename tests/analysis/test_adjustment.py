"""The plan's families: who is adjusted together, under the plan's other choices too."""

import dataclasses

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from evaluation.analysis.adjustment import adjust
from evaluation.analysis.run_plan import run_plan, shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap, permutation, permutation_draws
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.multiplicity import (
    benjamini_hochberg,
    holm,
    romano_wolf,
    sharpened_q,
    simultaneous,
)
from evaluation.estimation.records import Diagnostic
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import StepResult
from tests.estimation.studies import PROVENANCE, STUDY, frame, plan_panel, preregistration, series


def given(**inference):
    made = preregistration()
    plan = dataclasses.replace(
        made.plan, inference=dataclasses.replace(made.plan.inference, **inference)
    )
    return dataclasses.replace(made, plan=plan)


def frames():
    table = plan_panel(80)
    return Frames(panel=table, frame=frame(table), series=series(table))


def run(**inference):
    changed = given(**inference)
    found = run_plan(frames(), study=STUDY, preregistration=changed, provenance=PROVENANCE)
    return changed.plan, found


def chosen(results, names, step="wcr_s"):
    return [
        next(
            e
            for e in results.estimates
            if (e.specification, e.step, e.outcome) == ("did_main", step, name)
        )
        for name in names
    ]


def checks(results):
    return {(a.method, a.outcome): a.p_adjusted for a in results.adjustments}


def beside(results, outcome):
    """Diagnostics of a primary outcome's intervals by name."""
    return {
        d.name: d.value
        for d in results.diagnostics
        if (d.outcome, d.specification) == (outcome, "did_main")
        and d.name.startswith(("simultaneous", "unadjusted"))
    }


@pytest.fixture(scope="module")
def checked():
    return run(false_discovery_check=("sharpened_q",), family_wise_check=("romano_wolf", "holm"))


def test_a_primary_row_carries_the_simultaneous_interval_and_its_p(checked):
    """What the outcome alone would have said stands beside it under its name."""
    plan, results = checked
    draws = shared_draws(frames(), STUDY, plan)
    assert not draws.enumerated
    for e in chosen(results, ("y", "z")):
        assert str(e.ci_kind) == "simultaneous over the primary outcomes, single-step max-t"
        assert e.adjustment == "max_t"
        own = beside(results, e.outcome)
        assert set(own) == {
            "unadjusted_ci_low",
            "unadjusted_ci_high",
            "simultaneous_90_low",
            "simultaneous_90_high",
        }
        assert e.ci_low <= own["unadjusted_ci_low"] < own["unadjusted_ci_high"] <= e.ci_high
        assert e.ci_low < own["simultaneous_90_low"] < own["simultaneous_90_high"] < e.ci_high
        assert e.p_value < e.p_adjusted
        assert 0.0 < e.ci_low_mc_error < e.std_error
    for e in results.estimates:
        if e.specification == "event_study":
            assert str(e.ci_kind).startswith("simultaneous over all periods")
        elif (e.specification, e.step) != ("did_main", "wcr_s") or e.outcome not in ("y", "z"):
            assert str(e.ci_kind).startswith("unadjusted")


def test_the_checks_of_the_primary_set_are_step_down_and_holm(checked):
    _, results = checked
    found = checks(results)
    primary = chosen(results, ("y", "z"))
    assert [found["holm", e.outcome] for e in primary] == list(holm([e.p_value for e in primary]))
    for e in primary:
        # step-down never asks for more than the single step, and no less for the largest |t|
        assert found["romano_wolf", e.outcome] <= e.p_adjusted
    first = max(primary, key=lambda e: abs(e.statistic))
    assert found["romano_wolf", first.outcome] == first.p_adjusted


def test_without_checks_there_are_none():
    _, results = run(family_wise_check=(), false_discovery_check=())
    assert results.adjustments == ()


def test_max_t_needs_draws():
    with pytest.raises(EstimationError, match="or permutations, which cv3 has none of") as caught:
        run(primary_step="cv3")
    assert caught.value.where == "plan.toml, inference.family_wise"


def test_bonferroni_for_a_step_without_draws():
    """Two outcomes share 5 %: the interval is the 97.5 % one, p is doubled, the other's 95 %."""
    _, results = run(primary_step="cv3", family_wise="bonferroni", family_wise_check=("holm",))
    for e in chosen(results, ("y", "z"), "cv3"):
        result = StepResult(
            step="CV3", column="", estimate=e.estimate, std_error=e.std_error, df=e.df
        )
        # the same expression in the same floating point
        assert (e.ci_low, e.ci_high) == result.interval(0.975)
        assert (e.p_adjusted, e.adjustment) == (min(1.0, 2.0 * e.p_value), "bonferroni")
        assert str(e.ci_kind) == "simultaneous over the primary outcomes, Bonferroni"
        own = beside(results, e.outcome)
        assert (own["simultaneous_90_low"], own["simultaneous_90_high"]) == result.interval(0.95)
        assert (own["unadjusted_ci_low"], own["unadjusted_ci_high"]) == result.interval(0.95)


def test_a_family_without_correction_is_left_alone():
    made = given()
    families = tuple(
        dataclasses.replace(f, correction="none") if f.id == "safety" else f
        for f in made.plan.family
    )
    changed = dataclasses.replace(made, plan=dataclasses.replace(made.plan, family=families))
    found = run_plan(frames(), study=STUDY, preregistration=changed, provenance=PROVENANCE)
    safety = [e for e in found.estimates if e.family == "safety"]
    assert safety
    assert {e.adjustment for e in safety} == {"none"}
    assert all(e.p_adjusted == e.p_value for e in safety)


def test_a_primary_outcome_without_its_step_stops_the_run():
    _, results = run()
    without = tuple(e for e in results.estimates if (e.outcome, e.step) != ("y", "wcr_s"))
    with pytest.raises(EstimationError, match="primary outcome y has no estimate by wcr_s"):
        adjust(without, {}, plan=preregistration().plan)


def test_adjusted_is_never_below_unadjusted():
    _, results = run()
    assert all(e.p_adjusted >= e.p_value for e in results.estimates)


def distribution(t_star):
    """A bootstrap distribution of -2 -+ 0.25 whose t* under a null of zero are the numbers given.

    No draw depends on the value tried, so its own interval is -2 -+ c x 0.25 as well.
    """
    nothing = np.zeros(len(t_star))
    return Distribution(
        column="effect",
        estimate=-2.0,
        std_error=0.25,
        factor=1.0,
        enumerated=False,
        numerator=np.array([t_star, nothing]),
        squared_error=np.array([nothing + 1.0, nothing, nothing]),
    )


@pytest.mark.truth
def test_simultaneous_intervals_by_hand():
    """Nine draws; largest |t*| of the two outcomes: 1, 2, ..., 9 (the first: odd, the other: even).

    p = (1 + #)/10. At 0.7 two draws must reach |t|: c = 8, half of it 2; at 0.9 none needs to, so
    the interval has no end. y's own p is below 0.3 from above its second largest |t*|, 7. |t| = 8
    ties with a draw: p = (1 + 2)/10, not below 0.3. A tie within 2e-10 of the square is the
    tolerance.
    """
    odd = [1.0, 0.0, -3.0, 0.0, 5.0, 0.0, 7.0, 0.0, -9.0]
    even = [0.0, 2.0, 0.0, -4.0, 0.0, 6.0, 0.0, 8.0, 0.0]
    found = simultaneous(
        {"y": distribution(odd), "z": distribution(even)}, method="max_t", step="wcr_s", level=0.7
    )
    for one in found.values():
        assert one.p_value == 0.3
        assert one.interval.low == pytest.approx(-4.0, rel=2e-10)
        assert one.interval.high == pytest.approx(0.0, abs=1e-9)
        assert one.interval.high > 0.0
        assert (one.equivalence.low, one.equivalence.high) == (-np.inf, np.inf)
        assert one.equivalence.shape == "unbounded"


def changes(seed, treated, comparison, spread, effect):
    """Two outcomes' changes by cluster with unequal weights, as blocks by name."""
    rng = np.random.default_rng(seed)
    clusters = [f"v{g:02d}" for g in range(treated + comparison)]
    size = np.exp(rng.normal(0.0, spread, len(clusters)))
    group = (np.arange(len(clusters)) < treated).astype(float)
    shared = rng.normal(size=len(clusters))
    found = {
        name: cluster_blocks.accumulate(
            np.column_stack([group, np.ones(len(clusters))]),
            effect * group + shared + rng.normal(size=len(clusters)) * (1.0 + group),
            weights=size,
            cluster=clusters,
            columns=("treated", "all"),
            absorb="none",
        )
        for name in ("y", "z")
    }
    return clusters, dict(zip(clusters, group.tolist(), strict=True)), found


DESIGNS = {
    "seed": st.integers(0, 2**31),
    "treated": st.integers(3, 8),
    "comparison": st.integers(3, 8),
    "spread": st.floats(0.0, 1.5),
    "effect": st.floats(-3.0, 3.0),
}


@pytest.mark.property
@hypothesis.settings(derandomize=True, max_examples=40, deadline=None)
@hypothesis.given(**DESIGNS)
def test_the_interval_excludes_zero_exactly_where_its_p_is_below_one_minus_the_level(
    seed, treated, comparison, spread, effect
):
    """In small designs of unequal clusters the inverted test can reach beyond c x CV1's error.

    A set with pieces may hold zero between two of them: then its hull does, and says less than p.
    """
    clusters, _, made = changes(seed, treated, comparison, spread, effect)
    drawn = bootstrap.draws(clusters, number=499, seed=1)
    references = {n: bootstrap.wild(b, "treated", drawn, scores="plain") for n, b in made.items()}
    found = simultaneous(references, method="max_t", step="wcr", level=0.95)
    stepped = romano_wolf(
        {n: r.statistics() for n, r in references.items()},
        draws="enumerated" if drawn.enumerated else "random",
    )
    for name, alone in references.items():
        one = found[name]
        for held, level in ((one.interval, 0.95), (one.equivalence, 0.9)):
            own = alone.interval(level)
            assert held.low <= own.low <= own.high <= held.high
            rejected = one.p_value < round(1.0 - level, 12)
            excludes = held.low > 0.0 or held.high < 0.0
            assert excludes == rejected or (rejected and held.shape == "pieces")
        assert one.interval.low <= one.equivalence.low <= one.equivalence.high
        assert one.equivalence.high <= one.interval.high
        assert one.p_value >= max(alone.p_value(), stepped[name])


def test_permutations_serve_as_well_as_draws():
    """A distribution of any origin: here the same permutations for both outcomes."""
    clusters, group, made = changes(3, 6, 6, 0.4, 1.5)
    drawn = permutation_draws.permutations(
        {c: "treated" if group[c] else "comparison" for c in clusters},
        strata={},
        number=499,
        seed=1,
    )
    references = {n: permutation.randomise(b, "treated", drawn) for n, b in made.items()}
    found = simultaneous(references, method="max_t", step="ri", level=0.95)
    for name, alone in references.items():
        one = found[name]
        own = alone.interval(0.95)
        assert one.interval.low <= own.low < own.high <= one.interval.high
        assert one.p_value >= alone.p_value()
        assert (one.interval.low > 0.0 or one.interval.high < 0.0) == (one.p_value < 0.05)


def test_q_of_secondary_outcomes_is_over_all_of_them(checked):
    """Families of one and two outcomes, corrected as one set of three."""
    _, results = checked
    rows = chosen(results, ("y2", "s1", "s2"))
    p = [e.p_value for e in rows]
    assert tuple(e.p_adjusted for e in rows) == benjamini_hochberg(p)
    assert {e.adjustment for e in rows} == {"benjamini_hochberg_across"}
    found = checks(results)
    assert tuple(found["sharpened_q_across", e.outcome] for e in rows) == sharpened_q(p)


def test_every_adjustment_says_what_it_adjusts(checked):
    """One record for each estimate of the primary step and each method, under its own heading."""
    plan, results = checked
    step = plan.inference.primary_step
    own = {
        e.outcome: e for e in results.estimates if (e.specification, e.step) == ("did_main", step)
    }
    for row in results.adjustments:
        estimate = own[row.outcome]
        assert (row.study, row.specification, row.estimand) == ("small", "did_main", "equal")
        assert (row.family, row.p_value) == (estimate.family, estimate.p_value)
    by_method = {}
    for row in results.adjustments:
        by_method.setdefault(row.method, []).append(row.outcome)
    others = [o.id for o in plan.outcome if o.id not in plan.corrected_together()]
    primary = list(plan.corrected_together())
    assert by_method == {"romano_wolf": primary, "holm": primary, "sharpened_q_across": others}


def test_intervals_beside_stand_under_the_estimates_heading(checked):
    plan, results = checked
    rows = [d for d in results.diagnostics if d.name.startswith(("simultaneous_", "unadjusted_"))]
    assert [(d.outcome, d.name) for d in rows] == [
        (outcome, name)
        for outcome in plan.corrected_together()
        for name in (
            "unadjusted_ci_low",
            "unadjusted_ci_high",
            "simultaneous_90_low",
            "simultaneous_90_high",
        )
    ]
    for row in rows:
        assert isinstance(row, Diagnostic)
        found = (row.study, row.specification, row.estimand, row.sample.text(), row.unit)
        assert found == ("small", "did_main", "equal", "all", "points")


def test_estimates_of_other_steps_and_specifications_carry_no_adjustment(checked):
    plan, results = checked
    for e in results.estimates:
        carries = (e.specification, e.step) == ("did_main", plan.inference.primary_step)
        assert carries or (e.p_adjusted, e.adjustment) == (e.p_value, "none")


def test_a_family_that_joins_later_changes_no_adjusted_value_of_the_plan_before():
    """Safety joins the specification: its outcomes are one set, those of before another."""
    made = given(false_discovery_check=("sharpened_q",))
    without = [f for f in made.plan.family if f.id != "safety"]
    joined = [
        dataclasses.replace(f, joins="did_main") if f.id == "safety" else f
        for f in made.plan.family
    ]
    (main, *others) = made.plan.specification
    main = dataclasses.replace(main, families=tuple(f.id for f in without if f.id in main.families))
    found = {}
    for name, families in (("before", without), ("after", joined)):
        kept = {f.id for f in families}
        plan = dataclasses.replace(
            made.plan,
            family=tuple(families),
            outcome=tuple(o for o in made.plan.outcome if o.family in kept),
            specification=(main, *others),
        )
        changed = dataclasses.replace(made, plan=plan)
        found[name] = run_plan(
            frames(), study=STUDY, preregistration=changed, provenance=PROVENANCE
        )
    after = [e for e in found["after"].estimates if e.family != "safety"]
    assert after == list(found["before"].estimates)
    assert set(found["before"].adjustments) <= set(found["after"].adjustments)
    safety = [
        e
        for e in found["after"].estimates
        if (e.family, e.specification, e.step) == ("safety", "did_main", "wcr_s")
    ]
    assert safety
    q = benjamini_hochberg([e.p_value for e in safety])
    assert tuple(e.p_adjusted for e in safety) == q
