"""The run of every check: order, kinds of record, headings, corrections and refusals."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.check_context import CheckContext, computes
from evaluation.analysis.run_checks import run_checks
from evaluation.analysis.run_plan import shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import Check, Group
from evaluation.errors import EstimationError
from evaluation.estimation.inference.multiplicity import benjamini_hochberg
from tests.estimation.studies import PROVENANCE, STUDY, TEXT, frame, plan_panel, preregistration

GROUPS = tuple(Group(id=n, label=TEXT, values=(v,)) for n, v in (("women", "1"), ("men", "0")))


def check(name, kind, **keys):
    return Check(id=name, label=TEXT, answers=TEXT, kind=kind, theme="model", **keys)


CHECKS = (
    check("two_sided", "bracket", outcomes=("z", "y")),
    check("by_sex", "subgroup", variables=("sex",), groups=GROUPS, known="descriptive"),
    check("alike", "entropy_balancing", variables=("poverty",)),
    check("changes", "controls", variables=("age",), outcomes=("s1",)),
)


def given(checks=CHECKS):
    table = plan_panel(31)
    sex = np.random.default_rng(2).integers(0, 2, len(table)).astype(float)
    table = table.assign(sex=sex)
    return Frames(panel=table, frame=frame(table)), preregistration(check=checks)


@pytest.fixture(scope="module")
def results():
    frames, promised = given()
    return run_checks(frames, study=STUDY, preregistration=promised, provenance=PROVENANCE)


def test_checks_in_the_plans_order_and_outcomes_in_the_plans_too(results):
    """A check without outcomes is of the primary ones; the plan names y before z."""
    seen = list(dict.fromkeys((e.specification, e.outcome) for e in results.estimates))
    assert seen == [
        ("two_sided", "y"),
        ("two_sided", "z"),
        ("by_sex", "y"),
        ("by_sex", "z"),
        ("alike", "y"),
        ("alike", "z"),
        ("changes", "s1"),
    ]


def test_every_row_of_each_check_is_there_once(results):
    """The functions of each kind, called one by one on cases written out."""
    frames, promised = given()
    plan = promised.plan
    expected = []
    for made in plan.check:
        for outcome in plan.outcomes_of_check(made):
            case = CheckContext(
                check=made,
                outcome=outcome,
                specification=plan.specification[0],
                frames=frames,
                study=STUDY,
                plan=plan,
                provenance=PROVENANCE,
                status="exploratory",
                draws=shared_draws(frames, STUDY, plan),
            )
            expected += computes[made.kind](case)
    total = 0
    names = ("estimates", "differences", "unavailable", "diagnostics", "bounds", "covariates")
    for name in names:
        # those of the sensitivity specifications come before the checks'
        ids = {made.id for made in plan.check}
        found = [row for row in getattr(results, name) if row.specification in ids]
        kinds = {type(row) for row in found}
        own = [row for row in expected if type(row) in kinds]
        assert len(kinds) == 1, name
        assert len(found) == len(own), name
        for row, other in zip(found, own, strict=True):
            same = ("outcome", "specification", "sample", "step", "name", "variable")
            for field in same:
                assert getattr(row, field, None) == getattr(other, field, None)
            for field in ("estimate", "p_value", "value", "reason", "low", "ci_high", "after"):
                assert getattr(row, field, None) == getattr(other, field, None)
        total += len(found)
    assert total == len(expected)


def test_rows_carry_their_status_and_where_they_come_from(results):
    """The lock is of 2020, before the endline; the plan equals it, and nothing deviates."""
    for row in (*results.estimates, *results.bounds):
        assert (row.study, row.data_hash) == ("small", "d" * 64)
    _, promised = given()
    tiers = {f.id: f.tier for f in promised.plan.family}
    for row in results.estimates:
        made = next(c for c in CHECKS if c.id == row.specification)
        outcome = next(o for o in promised.plan.outcome if o.id == row.outcome)
        assert row.status == promised.check_status(made, outcome, tiers[outcome.family])


def test_differences_between_subgroups_are_corrected(results):
    """One difference an outcome here: its adjusted value is its own, named."""
    rows = [e for e in results.estimates if e.sample.text() == "difference:women-men"]
    told = {(e.outcome, e.step): (e.p_adjusted, e.adjustment) for e in rows}
    for row in rows:
        if row.step == "wcr_s":
            p = benjamini_hochberg([row.p_value])[0]
            assert told[row.outcome, "wcr_s"] == (p, "benjamini_hochberg")


def test_what_an_estimator_cannot_give_is_a_reason_and_stops_nothing():
    """Every treated village is beyond all comparison villages: no weights can balance it."""
    frames, promised = given((check("alike", "entropy_balancing", variables=("far",)), CHECKS[3]))
    far = (frames.frame["arm"] == "treated") * 9.0 + np.linspace(0.0, 1.0, len(frames.frame))
    frames = dataclasses.replace(frames, frame=frames.frame.assign(far=far))
    found = run_checks(frames, study=STUDY, preregistration=promised, provenance=PROVENANCE)
    told = [(r.specification, r.sample.text(), r.step) for r in found.unavailable]
    assert told == [("alike", "all", "all")] * 2
    assert all("far" in str(r.reason) for r in found.unavailable)
    assert {e.specification for e in found.estimates} == {"changes"}


def test_a_check_that_is_written_wrongly_says_which_and_of_what():
    frames, promised = given((check("places", "leave_one_out", variables=("nowhere",)),))
    with pytest.raises(EstimationError) as raised:
        run_checks(frames, study=STUDY, preregistration=promised, provenance=PROVENANCE)
    error = raised.value
    assert str(error.problem) == "the data have no column nowhere"
    assert error.where == "check places, outcome y; variable nowhere"
    assert str(error.fix) == "name a variable of the frame of clusters"
    assert error.rule == "sample"


def test_rows_of_an_exploratory_family_say_so():
    """The tier is that of the outcome's own family."""
    frames, promised = given((CHECKS[0],))
    family = tuple(
        dataclasses.replace(f, tier="exploratory") if f.id == "police" else f
        for f in promised.plan.family
    )
    changed = dataclasses.replace(promised, plan=dataclasses.replace(promised.plan, family=family))
    found = run_checks(frames, study=STUDY, preregistration=changed, provenance=PROVENANCE)
    told = {(e.outcome, e.status) for e in found.estimates}
    assert ("z", "exploratory") in told
    assert {status == "exploratory" for outcome, status in told if outcome == "y"} == {False}
