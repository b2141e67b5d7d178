"""CR2 and its degrees of freedom against N by N matrices and explicit dummies."""

import numpy as np
import pytest

from evaluation.stats.blocks import accumulate
from evaluation.stats.cr2 import cr2
from evaluation.stats.fit import StepUnavailable, least_squares

# Roots of N by N eigenproblems and of their low-dimensional twins: observed gaps below 1e-12.
EXACT = 1e-10


def _literal(full, y, w, cluster):
    """Variance and df of the first coefficient by the definition, nothing simplified."""
    bread = np.linalg.inv((full * w[:, None]).T @ full)
    keep = np.eye(len(y)) - full @ bread @ (full * w[:, None]).T
    residual = keep @ y
    variance, rows_of_p = 0.0, []
    for name in np.unique(cluster):
        rows = cluster == name
        values, vectors = np.linalg.eigh(keep[rows] @ keep[rows].T)
        roots = np.array([v**-0.5 if v > 1e-12 else 0.0 for v in values])
        adjust = vectors @ np.diag(roots) @ vectors.T
        a = adjust @ np.diag(w[rows]) @ full[rows] @ bread[:, 0]
        variance += float(a @ residual[rows]) ** 2
        rows_of_p.append(keep[rows].T @ a)
    p = np.array(rows_of_p) @ np.array(rows_of_p).T
    return variance, np.trace(p) ** 2 / np.sum(p**2)


def _both(sample, absorb, weights):
    blocks = accumulate(
        sample.X,
        sample.y,
        weights=weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb=absorb,
    )
    full = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X
    variance, df = _literal(full, sample.y, weights, sample.cluster)
    return cr2(blocks, least_squares(blocks), "effect"), np.sqrt(variance), df


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("seed", range(6))
def test_equals_the_literal_definition_under_weights(engine_sample, absorb, seed):
    sample = engine_sample(seed, absorb=absorb)
    result, std_error, df = _both(sample, absorb, sample.weights)
    assert result.std_error == pytest.approx(std_error, rel=EXACT)
    assert result.df == pytest.approx(df, rel=EXACT)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("spread", [0.0, 1e-7, 1e-5, 1e-3])
def test_equals_the_literal_definition_when_weights_hardly_vary(engine_sample, absorb, spread):
    """W_g X_g then nearly lies in the span of X_g: the case where a careless basis loses digits."""
    sample = engine_sample(21, absorb=absorb, sizes=(19, 24, 12, 27, 16, 10))
    scale = np.where(sample.cluster < "c03", 1.0, 40.0)
    noise = np.random.default_rng(5).normal(size=len(sample.y))
    result, std_error, df = _both(sample, absorb, scale * (1.0 + spread * noise))
    assert result.std_error == pytest.approx(std_error, rel=1e-9)
    assert result.df == pytest.approx(df, rel=1e-9)


def test_equals_the_literal_definition_when_weights_span_orders(engine_sample):
    """The Colombian reference survey's weights span a factor of 173; here 1e4."""
    sample = engine_sample(22, absorb="none", sizes=(9, 14, 12, 7, 6, 10))
    weights = 10.0 ** np.random.default_rng(6).uniform(-1, 3, size=len(sample.y))
    result, std_error, df = _both(sample, "none", weights)
    assert result.std_error == pytest.approx(std_error, rel=1e-9)
    assert result.df == pytest.approx(df, rel=1e-9)


def test_balanced_mean_is_the_textbook_t_test():
    """G equal clusters and a constant: SE is sd of cluster means / sqrt(G), df is G - 1."""
    means = np.array([1.0, 4.0, 2.0, 7.0, 3.0])
    blocks = accumulate(
        np.ones((15, 1)),
        np.repeat(means, 3),
        weights=np.full(15, 2.5),
        cluster=np.repeat(list("abcde"), 3),
        columns=["mean"],
        absorb="none",
    )
    result = cr2(blocks, least_squares(blocks), "mean")
    assert result.std_error == pytest.approx(means.std(ddof=1) / np.sqrt(5), rel=1e-12)
    assert result.df == pytest.approx(4.0, rel=1e-12)


def test_scale_of_weights_and_second_outcome(engine_sample):
    """Identities: weights matter only relatively; an outcome is itself in any company."""
    sample = engine_sample(23, absorb="cluster")
    common = {"cluster": sample.cluster, "columns": sample.columns, "absorb": "cluster"}
    alone = accumulate(sample.X, sample.y, weights=sample.weights, **common)
    pair = np.column_stack([sample.y**3, sample.y])
    second = accumulate(sample.X, pair, weights=1e6 * sample.weights, **common)
    one = cr2(alone, least_squares(alone), "effect")
    two = cr2(second, least_squares(second, 1), "effect", outcome=1)
    assert two.std_error == pytest.approx(one.std_error, rel=EXACT)
    assert two.df == pytest.approx(one.df, rel=EXACT)


def test_no_residual_variation_is_unavailable(engine_sample):
    sample = engine_sample(24, absorb="cluster")
    common = {"cluster": sample.cluster, "columns": sample.columns, "absorb": "cluster"}
    blocks = accumulate(sample.X, 0.0 * sample.y, weights=sample.weights, **common)
    with pytest.raises(StepUnavailable, match="no cluster has variation left"):
        cr2(blocks, least_squares(blocks), "effect")
