"""How notes say that p comes from draws or sign vectors, and on how many people a table rests."""

import dataclasses

import pytest

from evaluation.config.dictionary import AskedIf
from evaluation.report import builders
from evaluation.report.prose import notes
from tests.report import examples

TRUST, CRIME, *_ = examples.OUTCOMES


def estimate(treated, comparison, error):
    return examples.estimate(
        TRUST,
        examples.SPECIFICATION,
        "wcr_s",
        n_clusters_treated=treated,
        n_clusters_comparison=comparison,
        mc_error=error,
        ci_low_mc_error=0.0,
        ci_high_mc_error=0.0,
    )


# 2^16 = 65,536 sign vectors are not more than the plan's 99,999 draws; 2^17 = 131,072 are.
WHOLE, DRAWN = estimate(8, 8, 0.0), estimate(9, 8, 0.0012)


@pytest.mark.parametrize(
    ("found", "said", "unsaid"),
    [
        ([WHOLE], "all vectors of signs instead of draws", "99,999"),
        ([DRAWN], "99,999 Rademacher draws. Monte Carlo standard error: at most 0.002", "vectors"),
        ([WHOLE, DRAWN], "99,999 Rademacher draws (all vectors of signs", "instead of draws"),
    ],
)
def test_enumerated_sign_vectors_are_not_called_draws(found, said, unsaid):
    note = " ".join(notes.inference(examples.source(), found))
    assert said in note
    assert unsaid not in note


def test_fewer_clusters_than_the_draws_were_made_for_are_still_drawn():
    """2^16 is not more than 99,999, but these 16 of the study's clusters share its random draws."""
    note, _ = notes.inference(examples.source(), [estimate(8, 8, 0.0012)])
    assert "99,999 Rademacher draws. Monte Carlo standard error: at most 0.002 on p" in note


def permuted(error):
    return examples.estimate(
        TRUST,
        examples.SPECIFICATION,
        "ri",
        mc_error=error,
        ci_low_mc_error=0.0,
        ci_high_mc_error=0.0,
    )


def test_each_methods_error_stands_in_its_own_sentence():
    """Randomisation inference errs by .0031, the bootstrap by .0012 or not at all; rounded up."""
    drawn, _ = notes.inference(examples.source(), [DRAWN, permuted(0.0031)])
    bootstrap, permutation = drawn.split("Permutation: ")
    assert "at most 0.002 on p" in bootstrap
    assert "at most 0.004 on p" in permutation
    whole, _ = notes.inference(examples.source(), [WHOLE, permuted(0.0)])
    assert "Monte Carlo" not in whole
    assert whole.count("(complete enumeration): no simulation error.") == 2


def filtered(rule):
    """The small study with a rule on the one question behind `crime`."""
    question = dataclasses.replace(examples.DICTIONARY.variables["q2"], asked_if=rule)
    dictionary = dataclasses.replace(examples.DICTIONARY)
    dictionary.variables.update({"q2": question})
    return examples.source(dataclasses.replace(examples.CONFIGURATION, dictionary=dictionary))


def sizes(source):
    asked = ((CRIME, (238, 234), 30), (TRUST, (1750, 1750), 35))
    return notes.sample_sizes(
        source,
        [
            examples.level(outcome, arm, "baseline", n=n, n_clusters=clusters)
            for outcome, ns, clusters in asked
            for arm, n in zip(("treated", "comparison"), ns, strict=True)
        ],
    )


def test_an_outcome_behind_a_filter_question_stands_apart_in_the_note_of_sizes():
    note = sizes(filtered(AskedIf(variable="q3", values=(1,))))
    assert "Treatment group: baseline 1,750 (35)." in note
    assert note.index("1,750 (35)") < note.index("filter question") < note.index("240 (30)")
    assert "Victim of crime" in note


@pytest.mark.parametrize("rule", [None, AskedIf(variable="consent", values=(1,))])
def test_consent_is_no_filter(rule):
    note = sizes(filtered(rule))
    assert "filter" not in note
    assert "baseline 240 to 1,750 (30 to 35)" in note


@pytest.mark.parametrize(("value", "said"), [(-0.008, True), (0.0, False), (0.049, False)])
def test_an_icc_below_zero_is_explained_where_one_is(value, said):
    made = examples.records()
    crime = tuple(
        dataclasses.replace(d, value=value) if (d.outcome, d.name) == ("crime", "icc") else d
        for d in made.diagnostics
    )
    source = examples.source(diagnostics=crime)
    for builder in ("effects", "diagnostics"):
        shown = builders.build(examples.exhibit(builder), source).notes
        assert any(n.startswith("ICC. ") and "sampling error" in n for n in shown) is said
