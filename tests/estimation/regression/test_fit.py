"""Least squares and CV1 against explicit dummies and the sandwich written out row by row."""

import os
import subprocess
import sys

import numpy as np
import pytest

from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import (
    Fit,
    StepResult,
    StepUnavailable,
    check_residuals,
    cv1,
    inverse,
    least_squares,
)

# Well-conditioned problems of 49 rows: two routes to the same number agree to about 1e-13.
EXACT = 1e-10


def _fit(sample, absorb, y=None):
    return least_squares(
        accumulate(
            sample.X,
            sample.y if y is None else y,
            weights=sample.weights,
            cluster=sample.cluster,
            columns=sample.columns,
            absorb=absorb,
        )
    )


@pytest.mark.parametrize("absorb", ["cluster", "none"])
def test_coefficients_scores_and_cv1_equal_the_literal_sandwich(engine_sample, absorb):
    """Source: definition, with cluster dummies as columns (Frisch-Waugh-Lovell for the rest)."""
    sample = engine_sample(11, absorb=absorb)
    full = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X
    weighted = full * sample.weights[:, None]
    bread = np.linalg.inv(weighted.T @ full)
    beta = bread @ weighted.T @ sample.y
    residual = sample.y - full @ beta
    meat = np.zeros_like(bread)
    for name in np.unique(sample.cluster):
        rows = sample.cluster == name
        score = weighted[rows].T @ residual[rows]
        meat += np.outer(score, score)
    q, g = len(sample.columns), 7
    fit = _fit(sample, absorb)
    np.testing.assert_allclose(fit.coefficients, beta[:q], rtol=EXACT)
    np.testing.assert_allclose(fit.bread, bread[:q, :q], rtol=EXACT, atol=1e-13)
    np.testing.assert_allclose(fit.scores.sum(axis=0), 0.0, atol=1e-10)
    variance = (bread @ meat @ bread)[0, 0]
    result = cv1(fit, "effect")
    assert result.std_error == pytest.approx(np.sqrt(g / (g - 1) * variance), rel=EXACT)
    assert (result.estimate, result.df) == (pytest.approx(beta[0], rel=EXACT), g - 1)
    assert (result.step, result.column) == ("CV1", "effect")


def test_difference_in_differences_of_four_means():
    """By hand: treated 1, 3 -> 6, 8; comparison 2, 2 -> 3, 3. (7 - 2) - (3 - 2) = 4."""
    y = np.array([1.0, 3.0, 6.0, 8.0, 2.0, 2.0, 3.0, 3.0])
    endline = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    treated = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    cluster = ["a", "b", "a", "b", "c", "d", "c", "d"]
    blocks = accumulate(
        np.column_stack([treated * endline, endline]),
        y,
        weights=np.ones(8),
        cluster=cluster,
        columns=["effect", "endline"],
        absorb="cluster",
    )
    np.testing.assert_allclose(least_squares(blocks).coefficients, [4.0, 1.0], rtol=1e-14)


def test_integer_weights_are_replicated_rows(engine_sample):
    """Identity: estimate, scores and the variance without N do not see the difference."""
    sample = engine_sample(13, absorb="cluster")
    times = np.random.default_rng(1).integers(1, 5, size=len(sample.y))
    common = {"columns": sample.columns, "absorb": "cluster"}
    weighted = accumulate(sample.X, sample.y, weights=times, cluster=sample.cluster, **common)
    rows = np.repeat(np.arange(len(times)), times)
    replicated = accumulate(
        sample.X[rows],
        sample.y[rows],
        weights=np.ones(len(rows)),
        cluster=sample.cluster[rows],
        **common,
    )
    one, two = least_squares(weighted), least_squares(replicated)
    np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=1e-12)
    np.testing.assert_allclose(one.scores, two.scores, rtol=1e-10, atol=1e-11)
    assert cv1(one, "effect").std_error == pytest.approx(cv1(two, "effect").std_error, rel=1e-11)


def test_shift_and_scale_of_the_outcome(engine_sample):
    """Identity: cluster effects take the shift, estimate and error take the scale."""
    sample = engine_sample(14, absorb="cluster")
    base = cv1(_fit(sample, "cluster"), "effect")
    moved = cv1(_fit(sample, "cluster", y=100.0 - 8.0 * sample.y), "effect")
    assert moved.estimate == pytest.approx(-8.0 * base.estimate, rel=EXACT)
    assert moved.std_error == pytest.approx(8.0 * base.std_error, rel=EXACT)


def test_t_reference_by_the_printed_table():
    """t(10): 2.228139 leaves 5 % in both tails (any printed table, six decimals)."""
    result = StepResult("CV1", "effect", estimate=2.228139, std_error=1.0, df=10.0)
    assert result.p_value() == pytest.approx(0.05, abs=1e-7)
    assert result.interval() == pytest.approx((0.0, 2 * 2.228139), abs=1e-6)
    assert result.statistic(1.0) == pytest.approx(1.228139, rel=1e-12)


def test_statistic_and_interval_in_standard_errors():
    """By hand: 3 over 0.5 is 6, (3 - 1) over 0.5 is 4; half the interval is 0.5 x 2.228139."""
    result = StepResult("CV1", "effect", estimate=3.0, std_error=0.5, df=10.0)
    assert (result.statistic(), result.statistic(1.0)) == (6.0, 4.0)
    assert result.interval() == pytest.approx((3.0 - 1.1140695, 3.0 + 1.1140695), abs=1e-6)


def test_units_that_would_underflow_do_not_spoil_the_inverse():
    """By hand: correlation 1/2, so 4/3 over each square and -2/3 over the product of the roots.

    The determinant of the matrix as it stands is one; its entries span four hundred decades.
    """
    found = inverse(np.array([[4e-200, 1.0], [1.0, 1e200]]))
    expected = np.array([[4 / 3 / 4e-200, -1 / 3], [-1 / 3, 4 / 3 / 1e200]])
    # A handful of operations, each within 1.1e-16.
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_one_refinement_mends_what_inverting_loses():
    """Identity: y = X beta exactly, beta of ones, on powers of a time from 1 to 2.

    Refining once makes the residual of the normal equations small even where inverting loses
    twelve digits (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 12.1).
    """
    time = np.linspace(1.0, 2.0, 60)
    X = time[:, None] ** np.arange(7)
    blocks = accumulate(
        X,
        X.sum(axis=1),
        weights=np.ones(60),
        cluster=[f"c{i % 6}" for i in range(60)],
        columns=list("abcdefg"),
        absorb="none",
    )
    gram, moment = blocks.xx().sum(axis=0), blocks.xy().sum(axis=0)
    once = np.abs(moment - gram @ (inverse(gram) @ moment)).max()
    refined = np.abs(moment - gram @ least_squares(blocks).coefficients).max()
    assert refined < once / 20.0


def test_refusals(engine_sample):
    sample = engine_sample(15, absorb="none", sizes=(2, 1, 2, 1))
    with pytest.raises(
        StepUnavailable, match=r"^regression: CV1: the variance is zero, so residua"
    ):
        cv1(_fit(sample, "none", y=sample.X @ np.zeros(5)), "x")


_PROGRAM = """
import numpy as np
from evaluation.estimation.inference import bootstrap, cr2, jackknife
from evaluation.estimation.regression import cluster_blocks as blocks, fit
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2))
ids = [f"c{i % 9}" for i in range(60)]
b = blocks.accumulate(X, X[:, 0] + rng.normal(size=60), weights=rng.uniform(1, 2, 60),
                      cluster=ids, columns=["a", "b"], absorb="cluster")
f = fit.least_squares(b)
w = bootstrap.wild(b, "a", bootstrap.draws(set(ids), number=199, seed=3), scores="jackknifed")
print(fit.cv1(f, "a"), cr2.cr2(b, f, "a"), jackknife.jackknife(b, f, "a"))
print(w.p_value(1.0), w.interval())
"""


def test_hash_seeds_change_nothing():
    """Identity, to the last printed digit: nothing may pass through the order of a set."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "77")
    ]
    assert "CR2" in outputs[0]
    assert outputs[0] == outputs[1] == outputs[2]


def test_sizes_by_hand():
    """Means of (-1, -3) and (-2, -2): |-4| + |2| |-2| is 8 in both, what cancels in the scores."""
    blocks = accumulate(
        np.ones((4, 1)),
        [-1.0, -3.0, -2.0, -2.0],
        weights=np.ones(4),
        cluster=list("aabb"),
        columns=["mean"],
        absorb="none",
    )
    found = least_squares(blocks)
    assert found.sizes.tolist() == [[8.0], [8.0]]
    assert found.scores.tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_residuals_are_zero_up_to_a_part_in_a_million_million(size):
    """By hand: one cluster's score is half of 1e-12 of what cancels in it, or twice that."""

    def scored(share):
        one = np.ones((1, 1))
        sums = {"scores": share * size * one, "sizes": size * one}
        return Fit(columns=("x",), coefficients=one[0], bread=one, **sums, n_clusters=1)

    check_residuals(scored(2e-12), "x", step="CV1")
    with pytest.raises(StepUnavailable, match="CV1: the variance is zero"):
        check_residuals(scored(0.5e-12), "x", step="CV1")
