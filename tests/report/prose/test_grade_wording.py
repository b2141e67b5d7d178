"""The rule of words over every combination of its inputs: no sentence claims more than it allows.

What is allowed is written out here a second time, from GRADE's informative statements (Santesso et
al. 2020, table 2: high "increases", moderate "probably", low "may", very low "very uncertain") and
the three limits of the rule. ``python -m tests.report.prose.test_grade_wording`` prints the table.
"""

import dataclasses
import itertools
import typing

import pytest

from evaluation.config.review import CERTAINTIES, JUDGEMENTS
from evaluation.report.prose import headlines
from evaluation.report.prose.conclusions import BLINDED, Concluded, Conclusion
from evaluation.report.prose.grade_wording import BOUND_BY_RISK, Graded, Threats
from evaluation.report.prose.headlines import PrimaryResult
from evaluation.report.prose.statements import judge
from tests.report import examples

TRUST = examples.OUTCOMES[0]
CONCLUSIONS = typing.get_args(Conclusion)
RISKS = (None, *dict.fromkeys(itertools.chain(*JUDGEMENTS.values())))
THREATS = (
    None,
    Threats(examined=0),
    Threats(examined=5),
    Threats(examined=5, changing=1),
    Threats(examined=5, unjudged=1),
    Threats(examined=5, changing=4, unjudged=1),
)
# Intervals of each conclusion where effects matter from 0.2: wider, narrower.
INTERVALS = {
    "effect detected": (((0.29, 0.53), (0.30, 0.51)), ((-0.4, -0.1), (-0.38, -0.12))),
    "detected but smaller than matters": (((0.02, 0.18), (0.03, 0.17)),),
    "effects that matter ruled out": (((-0.09, 0.19), (-0.07, 0.17)),),
    "inconclusive": (((-0.1, 0.3), (-0.08, 0.28)),),
    BLINDED: (((-0.1, 0.3), (-0.08, 0.28)),),
}
PRODUCT = list(itertools.product(CONCLUSIONS, (None, *CERTAINTIES), RISKS, THREATS))
# Words that only the level, or a higher one, allows; and what a sentence must begin with below it.
CAUSES = {"en": ("raised", "lowered"), "es": ("aumentó", "redujo", "aumentado", "reducido")}
HEDGES = {
    "high": {"en": "The programme ", "es": "El programa "},
    "moderate": {"en": "The programme probably ", "es": "El programa probablemente "},
    "low": {"en": "The programme may have ", "es": "El programa pudo haber "},
}
UNCERTAIN = {"en": "Very uncertain: ", "es": "Muy incierto: "}
RULED_OUT = {"en": "are ruled out", "es": "Se descartan"}
BEYOND = {"en": "more than the smallest effect", "es": "más que el efecto mínimo"}
TOO_SMALL = {"en": "too little to matter", "es": "muy poco para ser importante"}


def allowed(certainty, risk, threats):
    """The strongest level, by a second writing of the rule."""
    if certainty is None or risk is None or threats is None or threats.examined == 0:
        return "very low"
    level = CERTAINTIES.index(certainty)
    worst = {"critical": 0, "serious": 1, "high": 1, "moderate": 2, "some concerns": 2, "low": 3}
    level = min(level, worst[risk])
    if threats.changing or threats.unjudged:
        level = min(level, 1)
    return CERTAINTIES[level]


SOURCES = {x: dataclasses.replace(examples.source(), language=x) for x in ("en", "es")}


def results(language, conclusion, certainty, risk, threats):
    graded = Graded(conclusion=conclusion, certainty=certainty, risk=risk, threats=threats)
    for wide, narrow in INTERVALS[conclusion]:
        changes = {
            "estimate": sum(wide) / 2, "ci_low": wide[0], "ci_high": wide[1],
            "status": "blinded" if conclusion == BLINDED else "pre-specified",
        }  # fmt: skip
        yield PrimaryResult(
            source=SOURCES[language],
            outcome=TRUST,
            estimate=examples.estimate(TRUST, examples.SPECIFICATION, "wcr_s", **changes),
            found=Concluded(conclusion=conclusion, equivalence=narrow),
            graded=graded,
        )


def test_the_bound_of_each_risk_is_stated():
    assert BOUND_BY_RISK.keys() == set(RISKS) - {None}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_sentence_claims_more_than_the_rule_allows(language):
    seen = set()
    for conclusion, certainty, risk, threats in PRODUCT:
        level = allowed(certainty, risk, threats)
        holds = level != "very low" and not threats.could_change
        for one in results(language, conclusion, certainty, risk, threats):
            assert one.graded.wording == level
            if conclusion == BLINDED:
                assert one.graded.kind == "blinded"
                continue
            said = headlines.to_copy(one)
            seen.add(said)
            title, label = headlines.title([one], language), headlines.label(one)
            causal = any(word in said for word in CAUSES[language])
            if level == "very low":
                assert said.startswith(UNCERTAIN[language])
                assert not causal
                assert UNCERTAIN[language][:-2].lower() in title.lower()
                assert UNCERTAIN[language][:-2].lower() in label
            elif conclusion in ("effect detected", "detected but smaller than matters"):
                assert said.startswith(HEDGES[level][language])
            else:
                assert not causal
            # what rests on the narrower interval needs certainty and no threat
            ruled = conclusion == "effects that matter ruled out" and holds
            assert (RULED_OUT[language] in said) == ruled
            small = conclusion == "detected but smaller than matters" and holds
            assert (TOO_SMALL[language] in said) == small
            # the first sentence of the summary says as little, and what an effect rests on
            first = headlines.answer([one], language=language)
            assert (headlines.assuming(one.source) in first) == (level != "very low")
            assert BEYOND[language] not in first or level in ("moderate", "high")
            seen |= {BEYOND[language]} if BEYOND[language] in first else set()
            # the sentence is whole: estimate or limit, interval, assumption, certainty
            assert "95" in said or "90" in said
            assert headlines.assuming(one.source) in said
            if threats is not None and threats.could_change:
                assert headlines.doubt(one) or certainty is None
    assert len(seen) > 10
    assert BEYOND[language] in seen


def test_no_claim_of_a_cause_is_a_plain_yes_below_moderate_certainty():
    for conclusion, certainty, risk, threats in PRODUCT:
        level = allowed(certainty, risk, threats)
        for one in results("en", conclusion, certainty, risk, threats):
            answers = {
                s.claim: s.answer
                for s in judge(
                    one.estimate,
                    TRUST,
                    concluded=one.found,
                    smallest_effect=0.2,
                    strength="excludes zero by both methods and after adjustment",
                    graded=one.graded,
                )
            }
            causes = [answers[c] for c in ("changed", "improved", "matters") if c in answers]
            if level in ("very low", "low"):
                assert "yes" not in causes
            if level == "very low":
                assert set(causes) == {"no"}
                assert answers["ruled_out"] == "no"


def table(language):
    """Every distinct sentence with the inputs that give it."""
    found = {}
    for inputs in PRODUCT:
        for one in results(language, *inputs):
            if one.graded.kind != "blinded":
                parts = (headlines.to_copy(one)[:-1], headlines.doubt(one))
                found.setdefault("; ".join(filter(None, parts)), []).append(inputs)
    return found


if __name__ == "__main__":
    for language in ("en", "es"):
        for said, inputs in table(language).items():
            conclusion, certainty, risk, threats = inputs[0]
            print(f"{len(inputs):4} {conclusion} | {certainty} | {risk} | {threats}\n     {said}")
