"""Sets under trends that part: brute force, laws, and both ways of finding vertices."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import truncnorm

from evaluation.errors import EstimationError
from evaluation.estimation.inference.fixed_length import critical_value
from evaluation.estimation.many_periods import conditional_test
from evaluation.estimation.many_periods.conditional_test import Solved, truncated_quantile, vertices
from evaluation.estimation.many_periods.trend_magnitude import (
    Coefficients,
    breakdown,
    last_excluded,
    magnitudes,
)
from evaluation.estimation.many_periods.trend_smoothness import smoothness, smoothness_breakdown


def study(p=3, q=2, *, seed=1, effect=None, scale=0.1):
    draws = np.random.default_rng(seed)
    root = draws.normal(size=(p + q, p + q)) + 2.0 * np.eye(p + q)
    covariance = scale**2 * root @ root.T / 10.0
    value = np.r_[draws.normal(0.0, 0.02, p), 1.0 + draws.normal(0.0, 0.02, q)]
    weights = np.eye(q)[0] if effect is None else np.array(effect)
    return Coefficients(value[:p], value[p:], covariance, weights)


@pytest.mark.parametrize(("low", "up"), [(-1.0, 2.0), (0.5, 3.0), (-np.inf, 1.0), (6.0, 9.0)])
def test_quantiles_of_a_truncated_normal(low, up):
    assert truncated_quantile(0.95, low, up) == pytest.approx(truncnorm(low, up).ppf(0.95))


def test_listed_and_solved_vertices_are_the_same():
    draws = np.random.default_rng(1)
    W = np.column_stack([np.abs(draws.normal(1.0, 0.1, 8)), draws.normal(size=(8, 2))])
    listed, solved = vertices(W[:, 0], W[:, 1:]), Solved(W.T)
    for _ in range(20):
        y, slope = draws.normal(size=8), draws.normal(size=8)
        best = listed.best(y)
        np.testing.assert_allclose(best, solved.best(y), atol=1e-7)
        slope /= best @ slope
        np.testing.assert_allclose(
            listed.truncation(best, y, slope), solved.truncation(best, y, slope), rtol=1e-5
        )


def test_many_periods_use_programmes_and_give_the_same_set(monkeypatch):
    made = study(2, 2)
    expected = magnitudes(made, 0.5).interval()
    monkeypatch.setattr(conditional_test, "_LISTED", 0)
    found = magnitudes(made, 0.5)
    assert found.accepts((expected[0] + expected[1]) / 2)
    assert not found.accepts(expected[1] + 0.5 * made.std_error)
    assert not found.accepts(expected[0] - 0.5 * made.std_error)


def test_sets_grow_with_the_bound_and_hold_the_estimate_under_none():
    made = study()
    sets = [magnitudes(made, m).interval() for m in (0.0, 0.5, 1.0, 2.0)]
    assert sets[0][0] < made.estimate < sets[0][1]
    assert all(a[0] >= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(sets))
    bends = [smoothness(made, m).interval for m in (0.0, 0.05, 0.2)]
    lengths = [high - low for low, high in bends]
    assert lengths == sorted(lengths)


def test_one_period_after_without_a_bound_is_nearly_the_normal_interval():
    made = study(2, 1)
    low, high = magnitudes(made, 0.0).interval()
    assert high - low == pytest.approx(2 * 1.96 * made.std_error, rel=0.15)


@pytest.mark.parametrize(
    ("until", "found"),
    [(0.0, 0.0), (0.3, 0.3), (1.0, 1.0), (5.0, 5.0), (63.0, 63.0), (200.0, np.inf)],
)
def test_the_last_bound_that_excludes_is_found_by_halving(until, found):
    """Excluded below a bound and at no higher one, to a part in two thousand; none beyond 64."""
    last = last_excluded(lambda bound: bound < until, 1.0, 64.0)
    assert last == pytest.approx(found, rel=1e-3)


def test_breakdown_is_where_zero_enters():
    made = study()
    at = breakdown(made)
    assert not magnitudes(made, 0.98 * at).accepts(0.0)
    assert magnitudes(made, at).accepts(0.0)
    bend = smoothness_breakdown(made)
    assert smoothness(made, 0.98 * bend).interval[0] > 0.0
    assert smoothness(made, bend).interval[0] <= 0.0
    nothing = Coefficients(made.before, made.after - 1.0, made.covariance, made.effect)
    assert breakdown(nothing) == 0.0


@pytest.mark.parametrize("effect", [(1.0, 0.0), (0.5, 0.5)])
def test_the_fixed_length_is_the_shortest(effect):
    """Against a search over the weights of the periods before, by another optimiser."""
    made, bend = study(3, 2, effect=effect), 0.05
    found = smoothness(made, bend)

    def largest_bias(weights):
        """Over all second differences of size M, tried at every corner."""
        corners = np.array(np.meshgrid(*[(-1.0, 1.0)] * 4)).reshape(4, -1).T * bend
        return np.max(np.abs(corners @ (trends(3, 2).T @ weights)))

    def length(free):
        # the third weight makes a straight trend unbiased
        before = np.r_[free, 0.0]
        before[2] = np.array([1.0, 2.0]) @ made.effect - np.array([3.0, 2.0]) @ free
        weights = np.r_[before, made.effect]
        error = np.sqrt(weights @ made.covariance @ weights)
        return error * critical_value(float(largest_bias(weights) / error))

    starts = [found.weights[:2] + d for d in ([0.0, 0.0], [0.3, -0.2], [-0.4, 0.1])]
    best = min(
        minimize(length, s, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).fun
        for s in starts
    )
    assert found.half_length == pytest.approx(length(found.weights[:2]), rel=1e-6)
    assert found.half_length == pytest.approx(best, rel=1e-5)


def trends(p, q):
    """Trend by period of each second difference, with no slope after the reference."""
    every = []
    for s in range(-(p - 1), q):
        path = {0: 0.0, 1: 0.0}
        for t in range(1, q):
            path[t + 1] = 2 * path[t] - path[t - 1] + (t == s)
        for t in range(0, -p, -1):
            path[t - 1] = 2 * path[t] - path[t + 1] + (t == s)
        every.append([path[t] for t in (*range(-p, 0), *range(1, q + 1))])
    return np.array(every).T


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(EstimationError, match="before and after"):
        Coefficients(np.zeros(0), np.ones(2), np.eye(2), np.ones(2))
