"""Reference fits: agreement passes, and any disagreement stops the run with both numbers."""

import dataclasses

import pytest

from evaluation.analysis import reference
from evaluation.errors import EstimationError
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.fit import least_squares
from tests.estimation.studies import ANCOVA, DID, STUDY, outcome, panel


def fitted(specification):
    design = build(panel(60), specification, outcome=outcome(), study=STUDY)
    return design, least_squares(design.accumulate())


@pytest.mark.parametrize("specification", [DID, ANCOVA])
@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
@pytest.mark.parametrize("covariates", [(), ("age", "region")])
def test_engine_and_reference_agree(specification, estimand, covariates):
    changed = dataclasses.replace(specification, estimand=estimand, covariates=covariates)
    design, fit = fitted(changed)
    reference.check(design, fit, where="test")
    estimate, _ = reference.clustered(design)
    # The check itself allows 1e-9 standard errors; these are far below it.
    assert estimate == pytest.approx(fit.coefficients[0], abs=1e-10)


@pytest.mark.parametrize("specification", [DID, ANCOVA])
def test_a_wrong_estimate_stops_and_names_both(specification):
    design, fit = fitted(specification)
    wrong = dataclasses.replace(fit, coefficients=fit.coefficients + 1e-7)
    with pytest.raises(EstimationError, match="engine's estimate") as caught:
        reference.check(design, wrong, where="specification did_main, outcome y")
    assert repr(float(wrong.coefficients[0])) in str(caught.value)
    assert "specification did_main, outcome y" in str(caught.value)


def test_a_wrong_standard_error_stops():
    design, fit = fitted(DID)
    wrong = dataclasses.replace(fit, scores=fit.scores * (1.0 + 1e-7))
    with pytest.raises(EstimationError, match="engine's CV1 standard error"):
        reference.check(design, wrong, where="test")
