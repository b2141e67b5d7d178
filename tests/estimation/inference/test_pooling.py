"""Random-effects pooling: six published pools, cases by hand, and why municipal changes are not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EstimationError
from evaluation.estimation.inference.meta_analysis import pool
from tests.conftest import shared_data
from tests.estimation.checks.small_checks import (
    ROUNDING,
)

SITES = "metaketa4_colombia/study_estimates_six_sites.csv"
FIGURE = "metaketa4_colombia/published_meta_figure2.csv"


@pytest.mark.truth
def test_nine_published_pools():
    """Blair et al. (2021), Figure 2 and the compliance index: REML means and standard errors.

    1e-5: the authors' software stops its iteration when tau2 moves by less than 1e-5; ours is the
    exact maximum. Their standard error is without Knapp and Hartung's factor.
    """
    sites, published = pd.read_csv(shared_data(SITES)), pd.read_csv(shared_data(FIGURE))
    assert len(published) == 9
    for row in published.to_dict("records"):
        own = sites[sites["hypothesis"] == row["hypothesis"]]
        found = pool(own["estimate"], own["std.error"])
        assert found.k == row["N_studies"]
        assert found.estimate == pytest.approx(row["estimate"], abs=1e-5)
        assert found.std_error == pytest.approx(row["std.error"], abs=1e-5)
        assert found.tau2 == pytest.approx(row["tausq"], abs=1e-5)


@pytest.mark.truth
def test_equal_standard_errors_by_hand():
    """1, 2, 6 with SE 1: mean 3, variance 14/2 = 7, so tau2 = 7 - 1 = 6 and SE = sqrt(7/3).

    Each weight is 1/7: Knapp and Hartung's factor (14/7)/2 = 1. Q = 14, I2 = 6/(6 + 1). t(2) at
    .975 is 4.302653, t(1) is 12.706205 (tables, 6 decimals). chi2(2) above 14: exp(-7).
    """
    found = pool([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])
    assert found.estimate == pytest.approx(3.0, abs=ROUNDING)
    assert found.tau2 == pytest.approx(6.0, abs=1e-10)
    assert found.std_error == pytest.approx((7 / 3) ** 0.5, abs=1e-10)
    assert found.factor == pytest.approx(1.0, abs=1e-10)
    assert found.q == pytest.approx(14.0, abs=ROUNDING)
    assert found.q_p == pytest.approx(np.exp(-7.0), abs=ROUNDING)
    assert found.i2 == pytest.approx(6 / 7, abs=1e-10)
    half = 4.302653 * (7 / 3) ** 0.5
    assert found.interval(0.95) == pytest.approx((3 - half, 3 + half), abs=2e-6)
    half = 12.706205 * (6 + 7 / 3) ** 0.5
    assert found.prediction(0.95) == pytest.approx((3 - half, 3 + half), abs=2e-6)


@pytest.mark.truth
def test_estimates_closer_than_their_errors_have_no_spread():
    """0, .1, .2 with SE 1, 1/2, 1: weights 1, 4, 1, mean .1, tau2 0, SE 6^-1/2, Q .02.

    Knapp and Hartung's factor is .02/2 = .01: it is told, and does not make the error smaller
    (their own modification, studied by Roever, Knapp and Friede 2015: at least one). The interval
    is then t(2) at .975 = 4.302653 (table, 6 decimals) times 6^-1/2.
    """
    found = pool([0.0, 0.1, 0.2], [1.0, 0.5, 1.0])
    assert found.tau2 == 0.0
    assert found.i2 == 0.0
    assert found.estimate == pytest.approx(0.1, abs=ROUNDING)
    assert found.std_error == pytest.approx(6**-0.5, abs=ROUNDING)
    assert found.factor == pytest.approx(0.01, abs=ROUNDING)
    assert found.knapp_hartung == pytest.approx(6**-0.5, abs=ROUNDING)
    half = 4.302653 * 6**-0.5
    assert found.interval(0.95) == pytest.approx((0.1 - half, 0.1 + half), abs=2e-6)
    assert found.q == pytest.approx(0.02, abs=ROUNDING)


def test_a_factor_above_one_widens():
    """0, 1, 2 with SE 1 and 9 with SE 3: the estimate that is far off has little weight.

    Its root multiplies the error that takes tau as known; 1e-12 is rounding of four terms.
    """
    y, s = np.array([0.0, 1.0, 2.0, 9.0]), np.array([1.0, 1.0, 1.0, 3.0])
    found = pool(y, s)
    weights = 1 / (s**2 + found.tau2)
    factor = float(np.sum(weights * (y - np.average(y, weights=weights)) ** 2) / 3)
    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert found.factor > 1.0
    assert found.knapp_hartung == pytest.approx(factor**0.5 * found.std_error, rel=1e-12)


def _likelihood(y, v, tau2):
    """Restricted log-likelihood by matrices."""
    V, X = np.diag(v + tau2), np.ones((len(y), 1))
    Vi = np.linalg.inv(V)
    P = Vi - Vi @ X @ np.linalg.inv(X.T @ Vi @ X) @ X.T @ Vi
    logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(X.T @ Vi @ X)[1]
    return -(logs + y @ P @ y) / 2


@pytest.mark.property
@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(0.1, 2.0)),
        min_size=3,
        max_size=9,
    )
)
def test_no_other_variance_is_more_likely(pairs):
    y, s = np.array(pairs).T
    found = pool(y, s)
    top = _likelihood(y, s**2, found.tau2)
    # A flat top may be missed by rounding of the likelihood itself, about 1e-14 times its size.
    for tau2 in np.linspace(0, 40, 801):
        assert _likelihood(y, s**2, tau2) <= top + 1e-9


@pytest.mark.parametrize(
    ("y", "s", "problem"),
    [
        ([1.0, 2.0], [1.0, 1.0], "2 estimates; pooling needs 3"),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], "missing or not positive"),
        ([1.0, np.nan, 3.0], [1.0, 1.0, 1.0], "missing or not positive"),
    ],
)
def test_what_cannot_be_pooled(y, s, problem):
    with pytest.raises(EstimationError, match=problem):
        pool(y, s)


@pytest.mark.simulation
def test_pooling_municipal_changes_finds_a_spread_of_effects_that_is_not_there(record_property):
    """35 + 35 clusters of 50, ICC .05, autocorrelation .6 (domain's design), no effect at all.

    Their changes spread by sqrt(2 x .05 x .4) = .20 SD. Pooled less the comparison mean, the
    estimated tau averages .19 SD; six strata with comparisons of their own average a third of
    that. Monte Carlo SE of either mean over 500 draws is .003: .012 is four of them.
    """
    rng = np.random.default_rng(20210215)
    taus = np.array([_no_effects(rng) for _ in range(500)])
    municipal, strata = taus.mean(axis=0)
    error = taus.std(axis=0) / 500**0.5
    record_property(
        "reported",
        f"no true spread: tau {municipal:.3f} (MC {error[0]:.3f}) from municipal changes,"
        f" {strata:.3f} (MC {error[1]:.3f}) from six strata",
    )
    assert municipal == pytest.approx(0.19, abs=0.012)
    assert strata < municipal / 2


def _no_effects(rng):
    g, noise = 35, 2 * 0.95 / 50
    shocks = rng.normal(0, (0.05 * 0.4) ** 0.5, (2, 2 * g))
    change = shocks[1] - shocks[0] + rng.normal(0, noise**0.5, 2 * g)
    municipal = pool(change[:g] - change[g:].mean(), np.full(g, noise**0.5))
    effects, errors = [], []
    for members in np.array_split(np.arange(g), 6):
        treated, comparison = change[members], change[g + members]
        effects.append(treated.mean() - comparison.mean())
        both = treated.var(ddof=1) + comparison.var(ddof=1)
        errors.append((both / len(members)) ** 0.5)
    return municipal.tau2**0.5, pool(effects, errors).tau2 ** 0.5
