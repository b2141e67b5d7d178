"""Models on cells: closed forms by hand, and statsmodels on the rows behind them."""

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.estimation.regression.grouped_models import generalised

# Both stop when coefficients move by less than 1e-9; statsmodels' scoring and ours then agree
# to about the square root of what is left in the likelihood.
CONVERGED = 1e-6
SATURATED = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], dtype=float)


@pytest.mark.truth
def test_logit_and_poisson_by_hand():
    """Shares 1/5 then 1/3, and 1/3 then 3/4.

    Odds 1/4 to 1/2, doubled; 1/2 to 3, six times: the ratio of ratios is 3. Shares 1/5 to 1/3
    are times 5/3, 1/3 to 3/4 times 9/4: the ratio is 27/20.
    """
    mean, weight = np.array([[1 / 5, 1 / 3, 1 / 3, 3 / 4]]), np.ones((1, 4))
    logit = generalised(weight, mean, SATURATED, "logit")[0, 3]
    poisson = generalised(weight, mean, SATURATED, "log")[0, 3]
    assert np.exp(logit) == pytest.approx(3.0, abs=CONVERGED)
    assert np.exp(poisson) == pytest.approx(27 / 20, abs=CONVERGED)


@pytest.mark.parametrize(
    ("link", "family"), [("logit", sm.families.Binomial()), ("log", sm.families.Poisson())]
)
def test_statsmodels_gives_the_same_coefficients(link, family):
    """Eight cells on five columns, so that no cell is fitted exactly; three replicates."""
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(8), rng.normal(size=(8, 4))])
    weight, mean = rng.uniform(5, 20, (3, 8)), rng.uniform(0.2, 0.8, (3, 8))
    found = generalised(weight, mean, X, link)
    for w, m, own in zip(weight, mean, found, strict=True):
        fit = sm.GLM(m, X, family=family, freq_weights=w).fit(tol=1e-12)
        np.testing.assert_allclose(own, fit.params, atol=CONVERGED)


def test_a_separated_cell_has_no_solution():
    weight = np.ones((2, 4))
    mean = np.array([[0.2, 0.4, 0.5, 1.0], [0.2, 0.4, 0.5, 0.6]])
    found = generalised(weight, mean, SATURATED, "logit")
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
    empty = np.array([[1.0, 1.0, 0.0, 1.0]])
    assert np.isnan(generalised(empty, mean[1:], SATURATED, "log")).all()
