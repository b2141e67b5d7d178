"""The verdict rule at its boundaries, and what its sentences may say."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.report import sentences
from evaluation.report.verdicts import Evidence, direction, evidence, verdict
from tests.report import examples

TRUST, CRIME, THREATS = examples.OUTCOMES
INSIDE_FAMILY: Evidence = "excludes zero by both methods, after adjustment inside its family only"
# What a reader could take for proof of nothing, or for a hint of something.
FORBIDDEN = re.compile(
    r"\bno effect\b|\btrend toward|\bsignificant|\d ?percent\b(?!age)|\d%(?! interval)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        # smallest effect that matters: 3
        (0.5, 4.0, "effect detected"),
        (-9.0, -3.0, "effect detected"),
        (0.5, 2.9, "detected but smaller than matters"),
        (0.5, 3.0, "effect detected"),  # a bound that equals it reaches it
        (-3.0, -0.5, "effect detected"),
        (-2.9, 2.9, "meaningful effect ruled out"),
        (-2.9, 3.0, "inconclusive"),
        (-3.0, 2.9, "inconclusive"),
        (0.0, 2.9, "meaningful effect ruled out"),  # zero as a bound is inside
        (-2.9, 0.0, "meaningful effect ruled out"),
        (0.0, 5.0, "inconclusive"),
        (-5.0, 5.0, "inconclusive"),
        (-math.inf, math.inf, "inconclusive"),
        (-math.inf, 2.0, "inconclusive"),
        (1.0, math.inf, "effect detected"),
    ],
)
def test_verdict(low, high, expected):
    assert verdict(low, high, smallest_effect=3.0) == expected


@pytest.mark.property
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.1, 5))
def test_verdict_is_the_same_for_the_mirrored_interval(one, other, smallest):
    low, high = sorted((one, other))
    assert verdict(low, high, smallest_effect=smallest) == verdict(
        -high, -low, smallest_effect=smallest
    )


@pytest.mark.parametrize(("low", "high", "smallest"), [(1, 0, 1), (0, 1, 0), (0, 1, -1)])
def test_impossible_input_is_refused(low, high, smallest):
    with pytest.raises(ValueError, match=r"order|positive"):
        verdict(low, high, smallest_effect=smallest)


def test_direction():
    assert direction(-2.0, "down") == "desired"
    assert direction(2.0, "down") == "not desired"
    assert direction(2.0, "none") == "no desired direction"


def effect(outcome, low, high, **changes):
    return examples.estimate(
        outcome,
        examples.SPECIFICATION,
        "wcr_s",
        estimate=(low + high) / 2,
        ci_low=low,
        ci_high=high,
        **changes,
    )


@pytest.mark.parametrize(
    ("bounds", "jackknife", "changes", "expected"),
    [
        (
            (1, 2),
            (0.5, 2),
            {"p_adjusted": 0.04},
            "excludes zero by both methods and after adjustment",
        ),
        (
            (1, 2),
            (0.5, 2),
            {"p_adjusted": 0.06},
            "excludes zero by both methods, not after adjustment",
        ),
        (
            (1, 2),
            (0.5, 2),
            {"p_adjusted": 0.05},  # a p that equals 1 - level is not above it
            "excludes zero by both methods and after adjustment",
        ),
        ((1, 2), (0.5, 2), {"adjustment": "none"}, "excludes zero by both methods, not adjusted"),
        ((1, 2), (-0.5, 2), {}, "depends on the inference method"),
        ((-1, 2), (0.5, 2), {}, "depends on the inference method"),
        ((-1, 2), (-0.5, 2), {}, "does not exclude zero"),
    ],
)
def test_evidence(bounds, jackknife, changes, expected):
    made = effect(TRUST, *bounds, **changes)
    found = evidence(made, effect(TRUST, *jackknife), across=made.p_adjusted)
    assert found == expected


@pytest.mark.parametrize(
    ("p_adjusted", "across", "expected"),
    [
        (0.04, 0.04, "excludes zero by both methods and after adjustment"),
        (0.04, 0.06, INSIDE_FAMILY),
        (0.04, math.inf, INSIDE_FAMILY),  # nobody adjusted across families
        (0.06, 0.04, "excludes zero by both methods, not after adjustment"),
    ],
)
def test_evidence_asks_for_adjustment_across_families_too(p_adjusted, across, expected):
    made = effect(THREATS, 1, 2, p_adjusted=p_adjusted, adjustment="benjamini_hochberg")
    assert evidence(made, effect(THREATS, 0.5, 2), across=across) == expected


@pytest.mark.parametrize(
    ("p_adjusted", "across", "long", "short"),
    [
        (0.06, 0.04, "but not after adjustment for the number", "not after adjustment"),
        (0.04, math.inf, "number of outcomes in its family", "adjusted in its family only"),
        (0.04, 0.06, "but not across all families", "not after adjustment across all families"),
        (0.04, 0.04, "across all families", "also after adjustment across all families"),
    ],
)
def test_a_reading_says_which_adjustment_its_interval_survives(p_adjusted, across, long, short):
    made = effect(THREATS, 1, 2, p_adjusted=p_adjusted, adjustment="benjamini_hochberg")
    said = sentences.effect_sentence(made, THREATS, language="en", across=across)
    assert said.endswith(f"{long}.") or f"{long} " in said
    assert sentences.short_reading(made, THREATS, language="en", across=across).endswith(short)


def test_inconclusive_sentence_names_the_interval_and_what_is_ruled_out():
    said = sentences.effect_sentence(effect(CRIME, -5.2, 0.4), CRIME, language="en")
    assert said == (
        "Victim of crime: inconclusive. The estimate is −2.4 percentage points (95% interval −5.2"
        " to +0.4); the data are not compatible with effects below −5.2 percentage points or above"
        " +0.4 percentage points. The interval includes zero and also effects that matter: the"
        " study cannot tell them apart (smallest effect that matters: 3.0 percentage points)."
    )


def test_harmful_effect_is_said_to_be_against_the_desired_direction():
    said = sentences.effect_sentence(effect(CRIME, 2.0, 6.0), CRIME, language="en")
    assert said.startswith("Victim of crime: effect detected, against the desired direction.")


def test_outcome_without_smallest_effect_gets_no_verdict():
    said = sentences.effect_sentence(effect(THREATS, -1.0, 2.0), THREATS, language="en")
    assert said == (
        "Threats: no detectable effect, and no proof that there is none (95% interval −1.0 to"
        " +2.0); the data are not compatible with effects below −1.0 percentage point or above +2.0"
        " percentage points."
    )


@pytest.mark.parametrize("outcome", examples.OUTCOMES, ids=lambda o: o.id)
@pytest.mark.parametrize(
    "bounds",
    [
        (0.5, 9),
        (-9, -0.5),
        (-9, 9),
        (-0.05, 0.05),
        (0.01, 0.05),
        (-math.inf, 1),
        (-math.inf, math.inf),
    ],
)
def test_no_sentence_says_what_it_may_not(outcome, bounds):
    low, high = bounds
    middle = 0.1 if math.isinf(low) else (low + high) / 2
    said = sentences.effect_sentence(
        examples.estimate(
            outcome, examples.SPECIFICATION, "wcr_s", estimate=middle, ci_low=low, ci_high=high
        ),
        outcome,
        language="en",
    )
    assert not FORBIDDEN.search(said), said
    assert "interval" in said


# The same rules in Spanish: nothing proven, percentage points never percent.
FORBIDDEN_IN_SPANISH = re.compile(
    r"\bsin efecto\b|\bno hay efecto|\bno tuvo efecto|\btendencia a\b|\bsignificativ"
    r"|\d\N{NO-BREAK SPACE}%(?!: )|\bpor ciento\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("outcome", examples.OUTCOMES, ids=lambda o: o.id)
@pytest.mark.parametrize("bounds", [(-9.0, 9.0), (-0.05, 0.05), (4.0, 9.0), (0.01, 0.05)])
def test_no_spanish_sentence_says_what_it_may_not(outcome, bounds):
    low, high = bounds
    found = examples.estimate(
        outcome,
        examples.SPECIFICATION,
        "wcr_s",
        estimate=(low + high) / 2,
        ci_low=low,
        ci_high=high,
    )
    said = sentences.effect_sentence(found, outcome, language="es")
    assert not FORBIDDEN_IN_SPANISH.search(said), said
    assert "intervalo del 95\N{NO-BREAK SPACE}%: " in said
    short = sentences.short_reading(found, outcome, language="es")
    assert not FORBIDDEN_IN_SPANISH.search(short), short


def test_a_spanish_sentence():
    said = sentences.effect_sentence(effect(CRIME, -5.2, 1.0), CRIME, language="es")
    assert said == (
        "Victim of crime (es): no concluyente. La estimación es de \N{MINUS SIGN}2,1 puntos"
        " porcentuales (intervalo del 95\N{NO-BREAK SPACE}%: \N{MINUS SIGN}5,2 a +1,0); los datos"
        " no son compatibles con efectos por debajo de \N{MINUS SIGN}5,2 puntos porcentuales ni por"
        " encima de +1,0 punto porcentual. El intervalo incluye el cero y también efectos que"
        " importan: el estudio no puede distinguirlos (efecto mínimo de interés: 3,0 puntos"
        " porcentuales)."
    )
