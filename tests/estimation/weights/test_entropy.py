"""Entropy balancing by hand, against raking, a general optimiser and linear programming."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.weights.entropy import _dual, balance

# Moments are met to 1e-10 SD; weights near 1 move by about as much.
EXACT = 1e-9


def sample(seed, n=14, k=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k)) * [1.0, 10.0, 0.1][:k] + [0.0, 50.0, 3.0][:k]
    base = np.exp(rng.normal(0, 0.5, n))
    share = rng.dirichlet(np.full(n, 3.0))
    return X, base, share @ X


def names(X):
    return [f"x{j}" for j in range(X.shape[1])]


@pytest.mark.truth
def test_three_points_by_hand():
    """Weights on 0, 1, 2 are geometric, 1 : 2 : 4 for the mean (2 + 8) / 7; they sum to 3."""
    X = np.array([[0.0], [1.0], [2.0]])
    found = balance(X, np.ones(3), np.array([10.0 / 7.0]), names=["x"])
    np.testing.assert_allclose(found.weights, np.array([1.0, 2.0, 4.0]) * 3.0 / 7.0, rtol=EXACT)
    np.testing.assert_allclose(found.multipliers, [np.log(2.0)], rtol=EXACT)


@pytest.mark.truth
def test_two_groups_by_hand():
    """Odds doubled in both groups: 1 : 1 becomes 1 : 2, 1 : 3 becomes 1 : 6; totals 2 and 4 stay.

    The mean is then (4/3 + 24/7) / 6.
    """
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    base, groups = np.array([1.0, 1.0, 1.0, 3.0]), np.array([7, 2, 7, 2])
    target = np.array([(4.0 / 3.0 + 24.0 / 7.0) / 6.0])
    found = balance(X, base, target, names=["x"], within=groups)
    np.testing.assert_allclose(found.weights, [2 / 3, 4 / 7, 4 / 3, 24 / 7], rtol=EXACT)


@pytest.mark.parametrize("seed", range(4))
def test_general_optimiser_finds_the_same_weights(seed):
    """SLSQP on the primal problem, weights themselves unknown; it stops about 1e-6 away."""
    X, base, target = sample(seed, n=10, k=2)
    spread = X.std(axis=0)

    def divergence(w):
        return float(w @ np.log(w / base))

    slow = minimize(
        divergence,
        np.full(len(base), base.sum() / len(base)),
        jac=lambda w: np.log(w / base) + 1.0,
        method="SLSQP",
        bounds=[(1e-12, None)] * len(base),
        constraints=[
            {"type": "eq", "fun": lambda w: w.sum() - base.sum()},
            {"type": "eq", "fun": lambda w: (w @ X / base.sum() - target) / spread},
        ],
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    found = balance(X, base, target, names=names(X))
    np.testing.assert_allclose(found.weights, slow.x, atol=2e-5)
    assert divergence(found.weights) <= slow.fun + 1e-7


@pytest.mark.parametrize("seed", range(4))
def test_moments_totals_and_form(seed):
    X, base, target = sample(seed, n=40)
    groups = np.arange(40) % 3
    for within in (None, groups):
        found = balance(X, base, target, names=names(X), within=within)
        codes = np.zeros(40, dtype=int) if within is None else within
        away = (found.weights @ X / found.weights.sum() - target) / X.std(axis=0)
        np.testing.assert_allclose(away, 0.0, atol=EXACT)
        totals = np.bincount(codes, found.weights)
        np.testing.assert_allclose(totals, np.bincount(codes, base), rtol=1e-12)
        # the first-order condition: log ratio linear in X, with a constant per group
        dummies = (codes[:, None] == np.unique(codes)).astype(float)
        ratio = np.log(found.weights / base)
        fitted = np.column_stack([X - X.mean(axis=0), dummies])
        rest = ratio - fitted @ np.linalg.lstsq(fitted, ratio, rcond=None)[0]
        np.testing.assert_allclose(rest, 0.0, atol=1e-9)


def test_shares_as_targets_are_raking():
    """Iterative proportional fitting of two margins, until it moves no more."""
    rng = np.random.default_rng(4)
    sex, place = rng.integers(0, 2, 60), rng.integers(0, 3, 60)
    base = rng.uniform(0.5, 2.0, 60)
    margins = {"sex": (sex, [0.55, 0.45]), "place": (place, [0.2, 0.5, 0.3])}
    raked = base / base.sum()
    for _ in range(500):
        for values, shares in margins.values():
            raked = raked * (np.array(shares) / np.bincount(values, raked))[values]
    X = np.column_stack([sex, place == 1, place == 2]).astype(float)
    found = balance(X, base, np.array([0.45, 0.5, 0.3]), names=["sex", "p1", "p2"])
    np.testing.assert_allclose(found.weights / base.sum(), raked, rtol=1e-8)


@pytest.mark.parametrize("seed", range(40))
def test_is_refused_exactly_where_linear_programming_finds_no_weights(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(12, 3))
    target = rng.normal(size=3) * 0.7
    conditions = np.vstack([X.T, np.ones(12)])
    program = linprog(np.zeros(12), A_eq=conditions, b_eq=[*target, 1.0], bounds=(0, None))
    try:
        weights = balance(X, np.ones(12), target, names=names(X)).weights
    except StepUnavailable:
        weights = None
    assert (weights is None) == (program.status == 2)  # 2: infeasible
    assert program.status in {0, 2}
    if weights is not None:
        np.testing.assert_allclose(weights @ X / 12.0, target, atol=EXACT)


def test_a_target_beyond_all_rows_names_the_covariate():
    X, base, target = sample(1)
    target[1] = X[:, 1].max() + 1.0
    with pytest.raises(StepUnavailable) as caught:
        balance(X, base, target, names=["poverty", "distance", "share"])
    assert str(caught.value.problem) == "no overlap: no weights give the wanted mean of distance"


def test_targets_that_no_row_reaches_together_are_refused():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.1, 0.1]])
    with pytest.raises(StepUnavailable, match="wanted means of a, b together"):
        balance(X, np.ones(4), np.array([0.7, 0.7]), names=["a", "b"])


def test_a_target_at_the_edge_leaves_rows_without_weight_and_is_refused():
    X = np.array([[0.0], [0.0], [1.0], [2.0]])
    with pytest.raises(StepUnavailable, match="no positive weights"):
        balance(X, np.ones(4), np.array([0.0]), names=["x"])


def test_within_groups_a_mean_needs_weights_inside_the_groups():
    """Both groups are constant in x: their totals alone decide its mean, 0.5."""
    X, groups = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 0, 1, 1])
    kept = balance(X, np.ones(4), np.array([0.5]), names=["x"], within=groups)
    np.testing.assert_allclose(kept.weights, 1.0, rtol=EXACT)
    with pytest.raises(StepUnavailable, match="mean of x"):
        balance(X, np.ones(4), np.array([0.6]), names=["x"], within=groups)


def test_repeated_and_constant_columns_say_nothing_new():
    X, base, target = sample(2)
    more = np.column_stack([X, 2.0 * X[:, 0] - X[:, 2], np.full(len(X), 7.0)])
    goal = np.array([*target, 2.0 * target[0] - target[2], 7.0])
    plain = balance(X, base, target, names=names(X)).weights
    again = balance(more, base, goal, names=names(more)).weights
    np.testing.assert_allclose(again, plain, rtol=1e-8)
    for column, away in ((3, 0.1), (4, 0.1)):
        off = goal.copy()
        off[column] += away
        with pytest.raises(StepUnavailable, match="no overlap"):
            balance(more, base, off, names=names(more))


def test_units_start_and_order_of_rows_change_nothing():
    X, base, target = sample(3)
    plain = balance(X, base, target, names=names(X))
    scaled = balance(1e4 * X + 1e5, base, 1e4 * target + 1e5, names=names(X)).weights
    np.testing.assert_allclose(scaled, plain.weights, rtol=1e-7)
    far = balance(X, base, target, names=names(X), start=plain.multipliers * 0.3)
    np.testing.assert_allclose(far.weights, plain.weights, rtol=1e-8)
    order = np.random.default_rng(0).permutation(len(base))
    mixed = balance(X[order], base[order], target, names=names(X)).weights
    np.testing.assert_allclose(mixed, plain.weights[order], rtol=1e-8)


def test_slope_and_curvature_are_derivatives_of_the_dual():
    """Central differences with a step of 1e-5, right to about its square; three groups."""
    X, base, target = sample(5, n=30)
    dual, _ = _dual(X, base, target, np.repeat([0, 1, 2], 10), names(X))
    theta, step = np.array([0.3, -0.2, 0.1]), 1e-5
    weights = dual.at(theta)[1]
    ends = [(theta + step * unit, theta - step * unit) for unit in np.eye(3)]
    slope = [(dual.at(up)[0] - dual.at(down)[0]) / (2 * step) for up, down in ends]
    np.testing.assert_allclose(dual.slope(weights), slope, atol=1e-8)
    slopes = [[dual.slope(dual.at(end)[1]) for end in pair] for pair in ends]
    curvature = np.array([(up - down) / (2 * step) for up, down in slopes])
    np.testing.assert_allclose(dual.curvature(weights), curvature, atol=1e-8)
