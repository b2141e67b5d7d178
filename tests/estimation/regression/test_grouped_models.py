"""Models on cells: closed forms by hand, and statsmodels on the rows behind them."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.estimation.regression.grouped_models import generalised, ordered

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


def test_the_ordered_logit_is_that_of_statsmodels():
    """Answers 1 to 4 in four cells of 25 people; bfgs there stops a few 1e-5 away."""
    rng = np.random.default_rng(2)
    cell = np.repeat(np.arange(4), 25)
    answer = np.clip(np.round(2.2 + 0.3 * cell + rng.normal(size=100)), 1, 4)
    share = np.array([[[np.mean(answer[cell == c] == v) for v in (1, 2, 3, 4)] for c in range(4)]])
    found = ordered(np.full((1, 4), 25.0), share, SATURATED[:, 1:])
    model = OrderedModel(answer, SATURATED[cell, 1:], distr="logit")
    fit = model.fit(method="bfgs", disp=0, gtol=1e-6, maxiter=500)
    np.testing.assert_allclose(found.slopes[0], fit.params[:3], atol=1e-4)


def test_two_values_of_the_ordered_logit_are_the_logit():
    """Cumulative odds of two values are their odds: thresholds apart, the same coefficients."""
    rng = np.random.default_rng(4)
    weight, mean = rng.uniform(1, 2, (3, 4)), rng.uniform(0.2, 0.8, (3, 4))
    share = np.stack([1.0 - mean, mean], axis=2)
    two = ordered(weight, share, SATURATED[:, 1:])
    plain = generalised(weight, mean, SATURATED, "logit")
    np.testing.assert_allclose(two.slopes, plain[:, 1:], atol=CONVERGED)
    np.testing.assert_allclose(-two.thresholds[:, 0], plain[:, 0], atol=CONVERGED)
    # saturated: the fitted shares are the shares
    np.testing.assert_allclose(two.shares(two.slopes @ SATURATED[:, 1:].T), share, atol=CONVERGED)


def test_a_separated_cell_has_no_solution():
    weight = np.ones((2, 4))
    mean = np.array([[0.2, 0.4, 0.5, 1.0], [0.2, 0.4, 0.5, 0.6]])
    found = generalised(weight, mean, SATURATED, "logit")
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
    empty = np.array([[1.0, 1.0, 0.0, 1.0]])
    assert np.isnan(generalised(empty, mean[1:], SATURATED, "log")).all()
