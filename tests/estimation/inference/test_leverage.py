"""Leverage and effective clusters: explicit hat matrices, a case by hand, and what they sum to."""

import numpy as np
import pytest

from evaluation.estimation.inference.jackknife import effective_clusters, leverage
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import StepUnavailable, least_squares

# Explicit inverses of matrices with condition numbers below 1e3 on some fifty rows.
EXACT = 1e-9


def accumulated(sample, absorb):
    return cluster_blocks.accumulate(
        sample.X,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb=absorb,
    )


def explicit(sample, absorb):
    """Design with dummies where effects are absorbed, and the inverse of its X'WX."""
    X = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X
    return X, np.linalg.inv(X.T @ (sample.weights[:, None] * X))


@pytest.mark.parametrize("absorb", ["cluster", "none"])
def test_leverage_against_the_hat_matrix(engine_sample, absorb):
    sample = engine_sample(31, absorb=absorb)
    made = accumulated(sample, absorb)
    found = leverage(made, least_squares(made), "effect")
    X, inverse = explicit(sample, absorb)
    root = np.sqrt(sample.weights)[:, None] * X
    hat = np.diag(root @ inverse @ root.T)
    others = np.delete(root, 0, axis=1)
    x = root[:, 0] - others @ np.linalg.lstsq(others, root[:, 0], rcond=None)[0]
    for g, cluster in enumerate(made.clusters):
        rows = sample.cluster == cluster
        own = 1.0 if absorb == "cluster" else 0.0
        assert found.cluster[g] + own == pytest.approx(hat[rows].sum(), abs=EXACT)
        assert found.partial[g] == pytest.approx(x[rows] @ x[rows] / (x @ x), abs=EXACT)
    assert found.cluster.sum() == pytest.approx(len(made.columns), abs=EXACT)
    assert found.partial.sum() == pytest.approx(1.0, abs=EXACT)


@pytest.mark.parametrize(
    ("absorb", "shared"), [("cluster", "endline"), ("none", "one"), ("none", "1")]
)
def test_effective_clusters_against_explicit_error_covariances(engine_sample, absorb, shared):
    sample = engine_sample(32, absorb=absorb)
    made = accumulated(sample, absorb)
    fit = least_squares(made)
    X, inverse = explicit(sample, absorb)
    lever = sample.weights * (X @ inverse[0])
    shock = np.ones(len(X)) if shared == "1" else sample.X[:, sample.columns.index(shared)]
    for name, covariance in (("", np.eye(len(shock))), (shared, np.outer(shock, shock))):
        gamma = []
        for cluster in made.clusters:
            own = np.where(sample.cluster == cluster, lever, 0.0)
            gamma.append(own @ covariance @ own)
        gamma = np.array(gamma)
        spread = np.mean((gamma - gamma.mean()) ** 2) / gamma.mean() ** 2
        expected = len(gamma) / (1.0 + spread)
        assert effective_clusters(made, fit, "effect", shared=name) == pytest.approx(
            expected, rel=EXACT
        )


@pytest.mark.truth
def test_by_hand():
    """A mean of clusters of 1, 1 and 4 rows: gamma 1, 1, 4 (over 36), mean 2.

    G*(0): mean square of (-1/2, -1/2, 1) is 1/2, so 3 / 1.5 = 2. G*(1): gamma 1, 1, 16, mean 6,
    (-5/6, -5/6, 10/6): mean square 25/18, so 3 / (43/18) = 54/43. Leverage 1/6, 1/6, 4/6.
    """
    made = cluster_blocks.accumulate(
        np.ones((6, 1)),
        np.arange(6.0),
        weights=np.ones(6),
        cluster=list("abcccc"),
        columns=("one",),
        absorb="none",
    )
    fit = least_squares(made)
    found = leverage(made, fit, "one")
    np.testing.assert_allclose(found.partial, [1 / 6, 1 / 6, 4 / 6], atol=1e-15)
    np.testing.assert_allclose(found.cluster, found.partial, atol=1e-15)
    assert effective_clusters(made, fit, "one") == pytest.approx(2.0, rel=1e-14)
    assert effective_clusters(made, fit, "one", shared="one") == pytest.approx(54 / 43, rel=1e-14)


def test_equal_clusters_are_all_effective():
    made = cluster_blocks.accumulate(
        np.ones((12, 1)),
        np.arange(12.0),
        weights=np.full(12, 2.5),
        cluster=np.repeat(list("abcd"), 3),
        columns=("one",),
        absorb="none",
    )
    assert effective_clusters(made, least_squares(made), "one") == pytest.approx(4.0, rel=1e-14)


def test_a_shock_that_cannot_move_the_coefficient_is_said():
    """Effect and shock lie in different clusters, so no shock of a cluster reaches the effect."""
    columns = np.zeros((8, 2))
    columns[[1, 3], 0] = 1.0
    columns[[5, 7], 1] = 1.0
    made = cluster_blocks.accumulate(
        columns,
        np.arange(8.0) ** 2,
        weights=np.ones(8),
        cluster=np.repeat(list("abcd"), 2),
        columns=("effect", "shock"),
        absorb="cluster",
    )
    # cluster effects take what a cluster shares over all its rows
    for shared in ("shock", "1"):
        with pytest.raises(StepUnavailable) as caught:
            effective_clusters(made, least_squares(made), "effect", shared=shared)
        assert str(caught.value.problem) == (
            f"a shock shared as {shared} does not touch the coefficient of effect"
        )
        assert caught.value.where == "effective clusters"
