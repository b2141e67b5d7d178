"""A trial whose primary analysis is that of its lottery, and whose checks depart from another."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis import study_clusters
from evaluation.analysis.run_checks import run_checks
from evaluation.analysis.run_plan import run_plan
from evaluation.estimation.inference import steps, variance_components
from evaluation.estimation.inference.multiplicity import MaxT
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import least_squares
from tests.analysis.test_run import frames
from tests.estimation.studies import ANCOVA, PROVENANCE, STUDY, preregistration

PRIMARY = ("y", "z")


@pytest.fixture(scope="module")
def trial():
    """Two-round specification for the checks; the lottery's, with own baseline values, first."""
    made = preregistration()
    did = dataclasses.replace(
        made.plan.specification[0], status="sensitivity", steps=("wcr_s", "cv3", "ri")
    )
    lottery = dataclasses.replace(
        ANCOVA,
        lag="respondent",
        estimand="respondents",
        effects=("region",),
        steps=("ri", "cr2"),
        status="primary",
        families=did.families,
    )
    plan = dataclasses.replace(
        made.plan,
        specification=(lottery, dataclasses.replace(did, secondary_steps=("wcr_s", "cv3"))),
        inference=dataclasses.replace(
            made.plan.inference,
            primary_step="ri",
            checks_from="did_main",
            checks_step="wcr_s",
            permutations=399,
            draws=399,
        ),
    )
    return dataclasses.replace(made, plan=plan)


@pytest.fixture(scope="module")
def results(trial):
    return run_plan(frames(), study=STUDY, preregistration=trial, provenance=PROVENANCE)


def test_primary_outcomes_have_max_t_over_the_permutations(trial, results):
    """Source: the regressions one by one, and the largest |t*| of each shared permutation."""
    given = frames()
    permuted = study_clusters.permutations(given, STUDY, trial.plan)
    lottery = trial.plan.primary_specification()
    found = {}
    for outcome in trial.plan.primary_outcomes():
        built = design.build(given.panel, lottery, outcome=outcome, study=STUDY)
        analysis = steps.analyse(built, ("ri",), draws=None, permutations=permuted)
        found[outcome.id] = analysis.steps["ri"]
    together = MaxT.of({n: d.statistics() for n, d in found.items()}, draws="random")
    rows = {
        e.outcome: e
        for e in results.estimates
        if (e.specification, e.step) == (lottery.id, "ri") and e.outcome in PRIMARY
    }
    assert set(rows) == set(PRIMARY)
    for name, row in rows.items():
        t = found[name].estimate / found[name].std_error
        assert row.p_value == found[name].p_value()
        assert row.p_adjusted == together.p_value(t) >= row.p_value
        assert (row.adjustment, "max-t" in str(row.ci_kind)) == ("max_t", True)
        half = together.critical(0.95) * row.std_error
        own = found[name].interval()
        assert row.ci_low == pytest.approx(min(row.estimate - half, own.low), rel=1e-12)
        assert row.ci_high == pytest.approx(max(row.estimate + half, own.high), rel=1e-12)


def test_the_checks_depart_from_what_the_plan_names(trial):
    checked = trial.plan.checked()
    assert checked.primary_specification().id == "did_main"
    assert checked.inference.primary_step == "wcr_s"
    assert trial.plan.primary_specification().id == "ancova"
    assert [s.status for s in checked.specification] == ["replication", "primary"]
    plain = preregistration().plan
    assert plain.checked() is plain


def test_checks_of_such_a_trial_are_those_of_the_two_rounds(trial):
    """Equal to the checks of a plan whose primary specification is the one they depart from.

    That specification itself is one difference from the primary estimate for each outcome.
    """
    given = frames()
    found = run_checks(given, study=STUDY, preregistration=trial, provenance=PROVENANCE)
    other = dataclasses.replace(trial, plan=trial.plan.checked())
    expected = run_checks(given, study=STUDY, preregistration=other, provenance=PROVENANCE)
    own = [d for d in found.differences if d.specification == "did_main"]
    assert [d.outcome for d in own] == list(PRIMARY)
    kept = tuple(d for d in found.differences if d.specification != "did_main")
    assert dataclasses.replace(found, differences=kept) == expected
    for made in own:
        estimates = [
            design.build(given.panel, s, outcome=outcome, study=STUDY).accumulate()
            for s in trial.plan.specification
            for outcome in trial.plan.primary_outcomes()
            if outcome.id == made.outcome and s.id in ("ancova", "did_main")
        ]
        lottery, rounds = (least_squares(b).coefficients[0] for b in estimates)
        assert made.difference == pytest.approx(rounds - lottery, rel=1e-9)
        assert made.ci_low < made.difference < made.ci_high


def test_the_detectable_effect_is_that_of_the_permuted_statistics(trial, results):
    """2.8 errors times the root mean square of t* under permutation, by the definition.

    A dummy for every few clusters leaves CV1 too small: the permuted statistics say by how much.
    """
    given = frames()
    permuted = study_clusters.permutations(given, STUDY, trial.plan)
    lottery = trial.plan.primary_specification()
    for outcome in trial.plan.primary_outcomes():
        built = design.build(given.panel, lottery, outcome=outcome, study=STUDY)
        made = steps.analyse(built, ("ri",), draws=None, permutations=permuted).steps["ri"]
        # numerators under a null of zero: moved by the estimate, as p-values are
        top = made.numerator[0] + made.estimate * made.numerator[1]
        bottom = np.array([1.0, made.estimate, made.estimate**2]) @ made.squared_error
        t = top / np.sqrt(made.factor * bottom)
        spread = np.sqrt(np.mean(t**2))
        row = next(
            e
            for e in results.estimates
            if (e.outcome, e.step) == (outcome.id, "ri") and e.specification == lottery.id
        )
        assert row.mde == pytest.approx(
            variance_components.MULTIPLE * row.std_error * spread, rel=1e-9
        )
        assert spread > 1.05


def test_balance_and_levels_are_of_both_rounds(results):
    """The lottery's own weights need not exist at baseline."""
    assert results.balance
    assert {(r.arm, r.round) for r in results.levels if r.outcome == "y"} == {
        (arm, when) for arm in ("treated", "comparison") for when in ("baseline", "endline")
    }
    assert np.isfinite([e.estimate for e in results.estimates if isinstance(e, Estimate)]).all()
