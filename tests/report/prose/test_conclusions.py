"""The rule of conclusions at its boundaries, and what its sentences may say."""

import dataclasses
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.config.exhibits import ExhibitRegistry
from evaluation.errors import ReportError
from evaluation.report import brief, builders
from evaluation.report.effect_rows import lines
from evaluation.report.figures import effects
from evaluation.report.prose import sentences
from evaluation.report.prose.conclusions import alone, concluded, conclusion, direction, evidence
from evaluation.report.sources import Source
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, CRIME, THREATS = examples.OUTCOMES
# What a reader could take for proof of nothing, or for a hint of something.
FORBIDDEN = re.compile(
    r"\bno effect\b|\btrend toward|\bsignificant|\d ?percent\b(?!age)|\d%(?! interval| CI)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("interval", "narrower", "expected"),
    [
        # smallest effect that matters: 3
        ((0.5, 4.0), (0.75, 3.5), "effect detected"),
        ((-9.0, -3.0), (-8.5, -3.5), "effect detected"),
        ((0.5, 2.9), (0.75, 2.5), "detected but smaller than matters"),
        ((0.5, 3.5), (0.75, 2.9), "detected but smaller than matters"),  # the narrower decides
        ((0.5, 3.5), (0.75, 3.0), "effect detected"),  # a bound that equals it reaches it
        ((-3.5, -0.5), (-3.0, -0.75), "effect detected"),
        ((-2.9, 2.9), (-2.5, 2.5), "effects that matter ruled out"),
        ((-3.5, 3.5), (-2.9, 2.9), "effects that matter ruled out"),
        ((-3.5, 3.5), (-2.9, 3.0), "inconclusive"),
        ((-3.5, 3.5), (-3.0, 2.9), "inconclusive"),
        ((0.0, 2.9), (0.25, 2.5), "effects that matter ruled out"),  # zero as a bound is inside
        ((-2.9, 0.0), (-2.5, -0.25), "effects that matter ruled out"),
        ((0.0, 5.0), (0.5, 4.5), "inconclusive"),
        ((-5.0, 5.0), (-4.5, 4.5), "inconclusive"),
        ((-math.inf, math.inf), (-math.inf, math.inf), "inconclusive"),
        ((-math.inf, math.inf), (-2.5, 2.5), "effects that matter ruled out"),
        ((-math.inf, 2.0), (-math.inf, 1.5), "inconclusive"),
        ((1.0, math.inf), (1.5, math.inf), "effect detected"),
        # without a narrower interval the wider one stands for it
        ((-2.9, 2.9), None, "effects that matter ruled out"),
        ((-3.5, 3.5), None, "inconclusive"),
        ((0.5, 2.9), None, "detected but smaller than matters"),
    ],
)
def test_conclusion(interval, narrower, expected):
    assert conclusion(interval, narrower, smallest_effect=3.0) == expected


@pytest.mark.property
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0, 1), st.floats(0.1, 5))
def test_conclusion_is_the_same_for_the_mirrored_interval(one, other, share, smallest):
    low, high = sorted((one, other))
    middle = (low + high) / 2
    inner = (middle + share * (low - middle), middle + share * (high - middle))
    # rounding may push a bound out by one unit in the last place
    inner = (max(low, min(inner)), min(high, max(inner)))
    mirrored = ((-high, -low), (-inner[1], -inner[0]))
    found = conclusion((low, high), inner, smallest_effect=smallest)
    assert conclusion(*mirrored, smallest_effect=smallest) == found
    # what is asked first never depends on what is asked later
    assert (found in ("effect detected", "detected but smaller than matters")) == (
        low > 0 or high < 0
    )


@pytest.mark.parametrize(
    ("interval", "narrower", "smallest"),
    [
        ((1, 0), None, 1),
        ((0, 1), None, 0),
        ((0, 1), None, -1),
        ((0, 1), (0.5, 1.5), 1),
        ((0, 1), (-0.5, 0.5), 1),
        ((0, 1), (0.75, 0.25), 1),
    ],
)
def test_impossible_input_is_refused(interval, narrower, smallest):
    with pytest.raises(ValueError, match=r"order|positive"):
        conclusion(interval, narrower, smallest_effect=smallest)


def held(made, **diagnostics):
    """The conclusion on an estimate, some of the numbers beside it replaced."""
    beside = tuple(
        dataclasses.replace(d, value=diagnostics.get(d.name, d.value))
        for d in examples.intervals_beside((made,))
    )
    return concluded(examples.source(estimates=(made,), diagnostics=beside), made)


def test_a_conclusion_is_drawn_from_the_intervals_of_the_record():
    made = effect(CRIME, -4.0, 2.0)
    found = held(made, simultaneous_90_low=-2.96, simultaneous_90_high=1.0)
    assert found.conclusion == "effects that matter ruled out"
    assert found.equivalence == (-2.96, 1.0)
    # at one decimal -2.96 would print as the smallest effect that matters, 3.0
    assert found.said(CRIME, "en") == (
        "interval within effects too small to matter"
        " (simultaneous 90% interval \N{MINUS SIGN}2.96 to +1.00)"
    )
    assert found.said(CRIME, "es") == (
        "intervalo dentro de los efectos demasiado pequeños para importar (intervalo simultáneo del"
        " 90\N{NO-BREAK SPACE}%: \N{MINUS SIGN}2,96 a +1,00)"
    )


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        (THREATS, {}),  # a secondary outcome
        (THREATS, {"adjustment": "benjamini_hochberg_across"}),
        (CRIME, {"adjustment": "none"}),  # another method, specification or check
    ],
)
def test_other_estimates_have_no_conclusion(outcome, changes):
    made = effect(outcome, 4.0, 9.0, **changes)
    assert concluded(examples.source(estimates=(made,)), made) is None


def test_a_simultaneous_estimate_without_its_narrower_interval_stops():
    made = effect(CRIME, -4.0, 2.0)
    source = examples.source()
    bare = dataclasses.replace(source, records=dataclasses.replace(source.records, diagnostics=()))
    with pytest.raises(ReportError, match="simultaneous_90_low"):
        concluded(bare, made)


def test_methods_are_compared_by_unadjusted_intervals():
    made = effect(CRIME, -4.0, 2.0, p_value=0.3, p_adjusted=0.6)
    found = alone(examples.source(estimates=(made,)), made)
    # 13/16 of the half width of 3 around -1, exact in binary
    assert (found.ci_low, found.ci_high) == (-3.4375, 1.4375)
    assert (found.p_adjusted, found.adjustment) == (0.3, "none")
    assert str(found.ci_kind) == "unadjusted, inverted test"
    other = effect(CRIME, -4.0, 2.0, adjustment="none")
    assert alone(examples.source(), other) == other


def test_direction():
    assert direction(-2.0, "down") == "desired"
    assert direction(2.0, "down") == "not desired"
    assert direction(2.0, "none") == "no desired direction"


def effect(outcome, low, high, **changes):
    changes = {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high, **changes}
    return examples.estimate(outcome, examples.SPECIFICATION, "wcr_s", **changes)


def read(made, language="en"):
    """The sentence of an estimate in a study without ratings."""
    others = (e for e in examples.records().estimates if e.outcome != made.outcome)
    source = examples.source(estimates=(made, *others), diagnostics=())
    return sentences.effect_sentence(dataclasses.replace(source, language=language), made)


@pytest.mark.parametrize(("bounds", "jackknife", "changes", "expected"), CASES["evidence"])
def test_evidence(bounds, jackknife, changes, expected):
    made = effect(TRUST, *bounds, **changes)
    assert evidence(made, effect(TRUST, *jackknife)) == expected


@pytest.mark.parametrize(("p_adjusted", "ending"), CASES["readings"])
def test_a_reading_says_which_adjustment_its_interval_survives(p_adjusted, ending):
    made = effect(THREATS, 1, 2, p_adjusted=p_adjusted, adjustment="benjamini_hochberg_across")
    assert read(made).endswith(ending)


def test_inconclusive_sentence_names_the_interval_and_rules_nothing_out():
    assert read(effect(CRIME, -5.2, 0.4)) == (
        "Very uncertain: no clear effect on victim of crime"
        " (−2.4\N{NO-BREAK SPACE}pp, 95% CI −5.2 to +0.4), assuming parallel trends; one remains"
        " possible."
    )


def test_outcome_without_smallest_effect_gets_no_verdict():
    assert read(effect(THREATS, -1.0, 2.0)) == (
        "[SYNTHETIC DATA] Threats: no clear effect (95% interval −1.0 to +2.0),"
        " assuming parallel trends; one cannot be ruled out; not a primary result, certainty"
        " not rated."
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
    made = effect(outcome, low, high, estimate=middle)
    said = read(made)
    assert not FORBIDDEN.search(said), said
    assert "95% CI" in said or "interval" in said


# The same rules in Spanish: nothing proven, percentage points never percent.
FORBIDDEN_IN_SPANISH = re.compile(
    r"\bsin efecto\b|\bno hay efecto|\bno tuvo efecto|\btendencia a\b|\bsignificativ"
    r"|\d\N{NO-BREAK SPACE}%(?!: |, de )|\bpor ciento\b",
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
    said = read(found, "es")
    assert not FORBIDDEN_IN_SPANISH.search(said), said
    kind = "IC" if outcome.primary else "intervalo"
    assert f"{kind} del 95\N{NO-BREAK SPACE}%: " in said


def test_a_spanish_sentence():
    assert read(effect(CRIME, -5.2, 1.0), "es") == (
        "Muy incierto: ningún efecto claro en victim of crime"
        " (−2,1\N{NO-BREAK SPACE}pp, IC del 95\N{NO-BREAK SPACE}%: −5,2 a +1,0),"
        " suponiendo tendencias paralelas; puede haber uno."
    )


CONCLUDED = re.compile(
    r"detected|ruled out|inconclusive|excludes? zero|direction|for the better|no detectable"
    r"|detectado|se descarta|no concluyente|excluye|sentido|ningún efecto",
    re.IGNORECASE,
)


def blinded() -> tuple[Source, ...]:
    """Results of scrambled arms, in both languages; all effects are clear ones."""
    made = examples.records()
    estimates = tuple(
        dataclasses.replace(e, status="blinded", estimate=5.0, ci_low=4.0, ci_high=6.0)
        for e in made.estimates
    )
    records = examples.with_intervals(dataclasses.replace(made, estimates=estimates))
    registry = ExhibitRegistry(exhibit=(examples.exhibit("effects"),))
    source = examples.source(dataclasses.replace(examples.CONFIGURATION, registry=registry))
    return tuple(dataclasses.replace(source, records=records, language=x) for x in ("en", "es"))


@pytest.mark.parametrize("builder", ["effects", "statements"])
def test_nothing_is_concluded_from_scrambled_arms(builder):
    for source in blinded():
        table = builders.build(examples.exhibit(builder), source)
        texts = [cell.text for row in table.rows for cell in row.cells]
        # phrases in quotation marks stand there to be refused
        texts = [text for text in texts if not text.startswith(("“", "«"))]
        texts += [text for _, text in table.said]
        assert any("cegado" in text or "blinded" in text for text in texts)
        assert [text for text in texts if CONCLUDED.search(text)] == []


def test_the_figure_and_the_brief_draw_no_conclusion_from_scrambled_arms():
    for source in blinded():
        chosen = lines(examples.exhibit("effects"), source)
        drawn = [text for line in chosen for text in effects.effect(line, several=False).said]
        assert [text for text in drawn if CONCLUDED.search(text)] == []
        made = brief.brief(source)
        told = [text for x in made.effects for text in (x.cells[-1], x.sentence)]
        assert told
        assert [text for text in (*told, made.answer) if CONCLUDED.search(text)] == []
