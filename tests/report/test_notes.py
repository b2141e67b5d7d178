"""How notes say that p comes from draws, from all sign vectors, or from some of both."""

import pytest

from evaluation.report import notes
from tests.report import examples

TRUST = examples.OUTCOMES[0]


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
        ([DRAWN], "99,999 Rademacher draws. Monte Carlo standard error: at most 0.0012", "vectors"),
        ([WHOLE, DRAWN], "99,999 Rademacher draws (all vectors of signs", "instead of draws"),
    ],
)
def test_enumerated_sign_vectors_are_not_called_draws(found, said, unsaid):
    note = notes.inference(examples.source(), found)
    assert said in note
    assert unsaid not in note


def test_fewer_clusters_than_the_draws_were_made_for_are_still_drawn():
    """2^16 is not more than 99,999, but these 16 of the study's clusters share its random draws."""
    note = notes.inference(examples.source(), [estimate(8, 8, 0.0012)])
    assert "99,999 Rademacher draws. Monte Carlo standard error: at most 0.0012 on p" in note


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
    """Randomisation inference errs by .0031 here, the bootstrap by .0012 or not at all."""
    drawn = notes.inference(examples.source(), [DRAWN, permuted(0.0031)])
    bootstrap, permutation = drawn.split("Permutation: ")
    assert "at most 0.0012 on p" in bootstrap
    assert "at most 0.0031 on p" in permutation
    whole = notes.inference(examples.source(), [WHOLE, permuted(0.0)])
    assert "Monte Carlo" not in whole
    assert whole.count("(complete enumeration): no simulation error.") == 2
