"""The plan's families: who is adjusted together, under the plan's other choices too."""

import dataclasses

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from evaluation.errors import EstimationError
from evaluation.stats import blocks, bootstrap
from evaluation.stats.adjustment import adjust, simultaneous
from evaluation.stats.distribution import Distribution
from evaluation.stats.frames import Frames
from evaluation.stats.multiplicity import benjamini_hochberg, holm, sharpened_q
from evaluation.stats.run import run_plan
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


@pytest.fixture(scope="module")
def any_estimate():
    """Of the primary specification and step; its numbers are replaced."""
    _, results = run()
    (found,) = chosen(results, ("y",))
    return found


def distribution(t_star):
    """A bootstrap distribution whose t* under a null of zero are the given numbers."""
    nothing = np.zeros(len(t_star))
    return Distribution(
        column="effect",
        estimate=1.0,
        std_error=0.5,
        factor=1.0,
        enumerated=False,
        numerator=np.array([t_star, nothing]),
        squared_error=np.array([nothing + 1.0, nothing, nothing]),
    )


@pytest.mark.truth
def test_simultaneous_intervals_by_hand():
    """Largest |t*| of the two outcomes in four draws: 2, 1, 4, 3.

    At level 0.6 the critical value is the ceil(0.6 x 5) = third smallest, 3: intervals are
    1 -+ 3 x 0.5 and -2 -+ 3 x 0.25, exact in binary; the unadjusted interval of z, from -2.5 to
    -0.5, ends later than -1.25.
    """
    plan, results = run(level=0.6)
    names = ("estimate", "std_error", "ci_low", "ci_high")
    given = {"y": (1.0, 0.5, 0.0, 2.0), "z": (-2.0, 0.25, -2.5, -0.5)}
    estimates = tuple(
        dataclasses.replace(e, **dict(zip(names, given[e.outcome], strict=True)))
        if (e.specification, e.step) == ("did_main", "wcr_s") and e.outcome in given
        else e
        for e in results.estimates
    )
    distributions = {
        "y": distribution([-2.0, 1.0, 0.0, 3.0]),
        "z": distribution([1.0, -0.5, 4.0, -1.0]),
    }
    found = simultaneous(estimates, distributions, plan=plan)
    assert [(d.outcome, d.name, d.value) for d in found] == [
        ("y", "simultaneous_ci_low", -0.5),
        ("y", "simultaneous_ci_high", 2.5),
        ("z", "simultaneous_ci_low", -2.75),
        ("z", "simultaneous_ci_high", -0.5),
    ]


@pytest.mark.property
@hypothesis.settings(derandomize=True, max_examples=25, deadline=None)
@hypothesis.given(
    seed=st.integers(0, 2**31),
    treated=st.integers(3, 8),
    comparison=st.integers(3, 8),
    spread=st.floats(0.0, 1.5),
    effect=st.floats(-3.0, 3.0),
)
def test_simultaneous_intervals_hold_the_unadjusted(
    any_estimate, seed, treated, comparison, spread, effect
):
    """In small designs of unequal clusters the inverted test can reach beyond c x CV1's error."""
    rng = np.random.default_rng(seed)
    plan = promise().plan
    clusters = [f"v{g:02d}" for g in range(treated + comparison)]
    size = np.exp(rng.normal(0.0, spread, len(clusters)))
    group = (np.arange(len(clusters)) < treated).astype(float)
    shared = rng.normal(size=len(clusters))
    drawn = bootstrap.draws(clusters, number=499, seed=1)
    distributions, estimates = {}, []
    for name in ("y", "z"):
        changes = effect * group + shared + rng.normal(size=len(clusters)) * (1.0 + group)
        columns = np.column_stack([group, np.ones(len(clusters))])
        made = blocks.accumulate(
            columns,
            changes,
            weights=size,
            cluster=clusters,
            columns=("treated", "all"),
            absorb="none",
        )
        found = bootstrap.wild(made, "treated", drawn, scores="plain")
        interval = found.interval(plan.inference.level)
        distributions[name] = found
        estimates.append(
            dataclasses.replace(
                any_estimate,
                outcome=name,
                estimate=found.estimate,
                std_error=found.std_error,
                ci_low=interval.low,
                ci_high=interval.high,
            )
        )
    bounds = {
        (d.outcome, d.name.removeprefix("simultaneous_ci_")): d.value
        for d in simultaneous(tuple(estimates), distributions, plan=plan)
    }
    for e in estimates:
        assert bounds[e.outcome, "low"] <= e.ci_low <= e.ci_high <= bounds[e.outcome, "high"]


def checks(results):
    return {(a.method, a.outcome): a.p_adjusted for a in results.adjustments}


def chosen(results, names):
    return [
        next(
            e
            for e in results.estimates
            if (e.specification, e.step, e.outcome) == ("did_main", "wcr_s", name)
        )
        for name in names
    ]


def test_sharpened_q_inside_each_family():
    """y2 is alone in its family beside the primary y; s1 and s2 share theirs."""
    _, results = run(false_discovery_check=("sharpened_q",))
    found = checks(results)
    assert {method for method, _ in found} == {"holm", "sharpened_q"}
    p = [e.p_value for e in chosen(results, ("s1", "s2"))]
    assert (found["sharpened_q", "s1"], found["sharpened_q", "s2"]) == sharpened_q(p)
    alone = chosen(results, ("y2",))[0].p_value
    assert found["sharpened_q", "y2"] == sharpened_q([alone])[0]
    # outcomes of the family-wise set are no part of any false discovery rate
    assert not {("sharpened_q", "y"), ("sharpened_q", "z")} & set(found)


def test_both_corrections_across_families():
    _, results = run(false_discovery_check=("across_families", "sharpened_q"))
    found = checks(results)
    names = ("y2", "s1", "s2")
    p = [e.p_value for e in chosen(results, names)]
    assert tuple(found["benjamini_hochberg_across", n] for n in names) == benjamini_hochberg(p)
    assert tuple(found["sharpened_q_across", n] for n in names) == sharpened_q(p)
    # the plan's own adjustment stays in front
    assert {e.adjustment for e in chosen(results, names)} == {"benjamini_hochberg"}


def test_across_families_without_sharpened_q_is_one_method():
    _, results = run(false_discovery_check=("across_families",))
    assert {method for method, _ in checks(results)} == {"holm", "benjamini_hochberg_across"}


@pytest.fixture(scope="module")
def checked():
    return run(false_discovery_check=("sharpened_q", "across_families"))


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
    assert by_method == {
        "holm": list(plan.corrected_together()),
        "sharpened_q": others,
        "benjamini_hochberg_across": others,
        "sharpened_q_across": others,
    }


def test_simultaneous_intervals_stand_under_the_estimates_heading(checked):
    plan, results = checked
    rows = [d for d in results.diagnostics if d.name.startswith("simultaneous_ci_")]
    assert [(d.outcome, d.name) for d in rows] == [
        (outcome, f"simultaneous_ci_{end}")
        for outcome in plan.corrected_together()
        for end in ("low", "high")
    ]
    for row in rows:
        found = (row.study, row.specification, row.estimand, row.sample, row.unit)
        assert found == ("small", "did_main", "equal", "all", "points")


def test_without_romano_wolf_there_are_no_simultaneous_intervals():
    _, results = run(family_wise="holm")
    assert not [d for d in results.diagnostics if d.name.startswith("simultaneous")]


def test_estimates_of_other_steps_and_specifications_carry_no_adjustment(checked):
    plan, results = checked
    for e in results.estimates:
        carries = (e.specification, e.step) == ("did_main", plan.inference.primary_step)
        assert carries or (e.p_adjusted, e.adjustment) == (e.p_value, "none")
