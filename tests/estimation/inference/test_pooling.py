"""The pool of sites against the likelihood of error contrasts, closed forms and invariances."""

import numpy as np
import pytest
from scipy import linalg, optimize

from evaluation.errors import EstimationError
from evaluation.estimation.inference.pooling import random_effects

SEED = 20261202


def contrasts(variance_between, estimates, std_errors):
    """Log density of k - 1 contrasts that do not depend on the mean, by dense algebra."""
    k = len(estimates)
    basis = linalg.null_space(np.ones((1, k)))
    covariance = basis.T @ np.diag(std_errors**2 + variance_between) @ basis
    left = basis.T @ estimates
    _, determinant = np.linalg.slogdet(covariance)
    return -0.5 * (determinant + left @ np.linalg.solve(covariance, left))


def drawn(number):
    generator = np.random.default_rng(SEED)
    for _ in range(number):
        k = int(generator.integers(2, 12))
        errors = generator.uniform(0.02, 0.3, k) * generator.choice([1.0, 50.0], k, p=[0.9, 0.1])
        spread = generator.choice([0.0, 0.05, 0.5])
        yield generator.normal(0.1, np.hypot(errors, spread)), errors


def test_it_maximises_the_likelihood_of_error_contrasts():
    """Two ways to the same optimum; a search for a maximum finds it to the root of 1e-16."""
    between = []
    for estimates, errors in drawn(60):
        pool = random_effects(estimates, errors)
        top = contrasts(pool.variance_between, estimates, errors)
        grid = np.concatenate([[0.0], np.logspace(-8, 1, 200)])
        values = [contrasts(t, estimates, errors) for t in grid]
        assert max(values) <= top + 1e-9
        best = int(np.argmax(values))
        if best:
            found = optimize.minimize_scalar(
                lambda t, e=estimates, s=errors: -contrasts(t, e, s),
                bounds=(grid[best - 1], grid[min(best + 1, len(grid) - 1)]),
                method="bounded",
                options={"xatol": 1e-12},
            )
            assert pool.variance_between == pytest.approx(found.x, rel=1e-4, abs=1e-9)
        between.append(pool.variance_between)
        # generalised least squares by dense algebra
        precision = np.linalg.inv(np.diag(errors**2 + pool.variance_between))
        ones = np.ones(len(errors))
        information = ones @ precision @ ones
        assert pool.estimate == pytest.approx(ones @ precision @ estimates / information, rel=1e-12)
        assert pool.std_error == pytest.approx(information**-0.5, rel=1e-12)
    assert min(between) == 0.0
    assert sum(t > 0 for t in between) > 20


def test_equal_errors_have_a_closed_form():
    """t = max(0, s^2 - v), s^2 the sample variance; the standard error is sqrt((v + t) / k)."""
    estimates = np.array([0.1, 0.4, -0.2, 0.5])
    pool = random_effects(estimates, np.full(4, 0.2))
    assert pool.variance_between == pytest.approx(estimates.var(ddof=1) - 0.04, rel=1e-9)
    assert pool.std_error == pytest.approx(estimates.std(ddof=1) / 2.0, rel=1e-9)
    fixed = random_effects(estimates, np.full(4, 2.0))
    assert (fixed.variance_between, fixed.std_error) == (0.0, 1.0)


def test_order_unit_and_sign_change_nothing():
    for estimates, errors in drawn(20):
        pool = random_effects(estimates, errors)
        turned = random_effects(-10.0 * estimates[::-1], 10.0 * errors[::-1])
        assert turned.estimate == pytest.approx(-10.0 * pool.estimate, rel=1e-7, abs=1e-9)
        assert turned.p_value == pytest.approx(pool.p_value, rel=1e-6)
        assert turned.sites == pool.sites == len(errors)


def test_two_equal_sites_have_no_variance_between():
    pool = random_effects([0.3, 0.3], [0.1, 0.2])
    assert (pool.variance_between, pool.estimate) == (0.0, pytest.approx(0.3))


@pytest.mark.parametrize(
    ("estimates", "errors"),
    [([0.1], [0.1]), ([0.1, 0.2], [0.1]), ([0.1, np.nan], [0.1, 0.1]), ([0.1, 0.2], [0.1, 0.0])],
)
def test_what_is_no_pool_is_refused(estimates, errors):
    with pytest.raises(EstimationError) as refused:
        random_effects(estimates, errors)
    assert refused.value.problem.id == "pool-of-nothing.problem"
