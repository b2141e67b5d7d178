"""The rule of what may be said: every conclusion at its edges, by hand-written records.

Expected answers are read off the rule in `statements.judge`; bounds are binary fractions or whole
numbers, so that a comparison at a limit is exact.
"""

import dataclasses
import typing

import pytest

from evaluation.locale.messages import entries, texts
from evaluation.report.prose import statements
from evaluation.report.prose.conclusions import Concluded, Evidence, conclusion
from evaluation.report.prose.grade_wording import Graded, Threats
from evaluation.report.prose.statements import judge
from tests.report import examples

TRUST, CRIME, _ = examples.OUTCOMES
ALL_TESTS: Evidence = "excludes zero by both methods and after adjustment"
ZERO: Evidence = "does not exclude zero"


def concluded(low, high, smallest):
    """The conclusion where the simultaneous 90 % interval is as wide as the other."""
    bounds = (low, high)
    return Concluded(
        conclusion=conclusion(bounds, bounds, smallest_effect=smallest), equivalence=bounds
    )


# Nothing but the interval and the level of evidence limits what may be said.
UNLIMITED = {"certainty": "high", "risk": "low", "threats": Threats(examined=5)}


def said(low, high, *, strength=ALL_TESTS, outcome=TRUST, smallest=0.5, **changes):
    """Answers by claim for an interval; the estimate is its middle."""
    held = concluded(low, high, smallest)
    changes = {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high, **changes}
    estimate = examples.estimate(outcome, examples.SPECIFICATION, "wcr_s", **changes)
    found = judge(
        estimate,
        outcome,
        concluded=held,
        smallest_effect=smallest,
        strength=strength,
        graded=Graded(conclusion=held.conclusion, **UNLIMITED),
    )
    return {s.claim: (s.answer, s.reason) for s in found}


def test_an_inconclusive_effect_may_be_given_with_its_interval_only():
    found = said(-0.25, 0.5, strength=ZERO)
    assert found["in_full"] == ("yes", "names_all")
    assert found["range"] == ("yes", "names_interval")
    assert found["estimate_alone"] == ("care", "only_with_interval")
    assert found["changed"] == found["improved"] == ("no", "zero_inside")
    assert found["matters"] == ("no", "cannot_tell")
    assert found["ruled_out"] == ("no", "matters_inside")
    assert found["nothing"] == ("no", "absence_of_evidence")


def test_a_meaningful_effect_is_ruled_out_only_inside_both_limits():
    inside = said(-0.25, 0.25, strength=ZERO)
    assert inside["ruled_out"] == ("yes", "all_small")
    assert inside["matters"] == ("no", "too_small")
    assert inside["nothing"] == ("no", "small_remain")
    # a bound that equals the smallest effect reaches it
    assert said(-0.5, 0.25, strength=ZERO)["ruled_out"] == ("no", "matters_inside")
    assert said(-0.25, 0.5, strength=ZERO)["ruled_out"] == ("no", "matters_inside")


def test_a_detected_effect_matters_for_certain_only_beyond_the_limit():
    assert said(0.75, 1.0)["matters"] == ("yes", "all_matter")
    assert said(0.5, 1.0)["matters"] == ("care", "may_matter")
    assert said(0.25, 1.0)["matters"] == ("care", "may_matter")
    assert said(-1.0, -0.75)["matters"] == ("yes", "all_matter")
    assert said(-1.0, -0.5)["matters"] == ("care", "may_matter")
    assert said(0.25, 1.0)["ruled_out"] == ("no", "matters_inside")
    assert said(0.25, 1.0)["nothing"] == ("no", "contrary")


def test_an_effect_smaller_than_matters_is_one_and_is_too_small():
    found = said(0.125, 0.25)
    assert found["changed"] == ("yes", "all_adjustments")
    assert found["matters"] == ("no", "too_small")
    assert found["ruled_out"] == ("yes", "all_small")
    assert found["nothing"] == ("no", "contrary")


@pytest.mark.parametrize(
    ("strength", "answer"),
    [
        (ALL_TESTS, ("yes", "all_adjustments")),
        ("excludes zero by both methods, not after adjustment", ("care", "not_adjusted")),
        ("excludes zero by both methods, not adjusted", ("care", "no_adjustment")),
        ("depends on the inference method", ("care", "methods_disagree")),
        ("excludes zero by the one method available", ("care", "one_method")),
    ],
)
def test_the_level_of_evidence_decides_how_an_effect_may_be_said(strength, answer):
    found = said(0.75, 1.0, strength=strength)
    assert found["changed"] == found["improved"] == answer
    expected = ("yes", "all_matter") if answer[0] == "yes" else answer
    assert found["matters"] == expected


def test_zero_inside_is_never_overruled_by_the_other_method():
    found = said(0.0, 1.0, strength="depends on the inference method")
    assert found["changed"] == ("no", "zero_inside")
    # nor by a middle on the side that nobody wanted
    assert said(-1.0, 0.25, strength=ZERO)["improved"] == ("no", "zero_inside")
    assert said(-1.0, 0.0, strength="depends on the inference method")["changed"][0] == "no"


def test_an_effect_against_the_desired_direction_improved_nothing():
    assert said(-1.0, -0.75)["improved"] == ("no", "wrong_way")
    assert said(-1.0, -0.75)["changed"] == ("yes", "all_adjustments")
    # fewer victims are desired
    assert said(-8.0, -4.0, outcome=CRIME, smallest=3.0)["improved"] == ("yes", "all_adjustments")
    assert said(4.0, 8.0, outcome=CRIME, smallest=3.0)["improved"] == ("no", "wrong_way")


def test_without_a_desired_direction_nothing_can_improve():
    outcome = dataclasses.replace(TRUST, desired="none")
    assert "improved" not in said(0.75, 1.0, outcome=outcome)


def test_percent_is_a_claim_about_percentage_points_only():
    assert said(-8.0, -4.0, outcome=CRIME, smallest=3.0)["percent"] == ("no", "points_not_percent")
    assert "percent" not in said(0.75, 1.0)


@pytest.mark.parametrize(
    ("mde", "answer"),
    [
        (0.5, ("no", "four_in_five")),
        (0.504, ("no", "four_in_five")),
        (0.506, ("no", "too_weak")),
    ],
)
def test_what_the_survey_would_have_found_is_compared_as_printed(mde, answer):
    # trust prints two decimals: 0.504 is printed 0.50, and 0.506 is printed 0.51
    assert said(-0.25, 0.5, strength=ZERO, mde=mde)["would_have_seen"] == answer


def test_nothing_may_be_said_of_a_blinded_study():
    assert set(said(0.75, 1.0, status="blinded").values()) == {("no", "blinded")}


@pytest.mark.parametrize("claim", ["changed", "improved", "matters", "ruled_out"])
def test_a_claim_of_an_effect_names_its_condition(claim):
    """Such a phrase is copied without the table around it."""
    for language in ("en", "es"):
        assert texts("statement.phrase", language)[claim].startswith("{if_alike}, ")


@pytest.mark.parametrize(
    ("unit", "claim", "reason"),
    [
        ("SD", "percent_of_deviations", "deviations_not_percent"),
        ("points", "percent_of_scale", "scale_not_percent"),
        ("percentage points", "percent", "points_not_percent"),
    ],
)
def test_the_wrong_unit_of_an_effect_may_never_be_said(unit, claim, reason):
    found = said(0.75, 1.0, outcome=dataclasses.replace(TRUST, unit=unit))
    assert found[claim] == ("no", reason)
    assert {c for c in found if c.startswith("percent")} == {claim}


def test_what_may_be_said_stands_first():
    # a meaningful effect is ruled out: a "yes" among claims that may not be made
    changes = {"estimate": 0.0, "ci_low": -0.25, "ci_high": 0.25}
    estimate = examples.estimate(TRUST, examples.SPECIFICATION, "wcr_s", **changes)
    held = concluded(-0.25, 0.25, 0.5)
    found = judge(
        estimate,
        TRUST,
        concluded=held,
        smallest_effect=0.5,
        strength=ZERO,
        graded=Graded(conclusion=held.conclusion, **UNLIMITED),
    )
    assert [s.claim for s in found[:4]] == ["in_full", "range", "ruled_out", "estimate_alone"]
    answers = [s.answer for s in found]
    assert answers == sorted(answers, key=["yes", "care", "no"].index)


def test_unbounded_intervals_are_never_ruled_out():
    found = said(-0.25, float("inf"), strength=ZERO, estimate=0.1)
    assert found["ruled_out"] == ("no", "matters_inside")
    assert found["matters"] == ("no", "cannot_tell")


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (statements.Claim, "statement.phrase"),
        (statements.Answer, "statement.answer"),
        (statements.Reason, "statement.why"),
    ],
)
def test_every_claim_answer_and_reason_has_words(kind, prefix):
    assert set(typing.get_args(kind)) == set(entries(prefix))


def test_no_phrase_calls_a_wide_interval_an_absence_of_effect():
    phrases = [
        text.lower()
        for prefix in ("statement.phrase", "statement.why")
        for language in ("en", "es")
        for text in texts(prefix, language).values()
    ]
    assert phrases
    assert [t for t in phrases if "no effect" in t or "sin efecto" in t or "tend" in t] == []
