"""CV3 against refits without each cluster."""

import numpy as np
import pytest

from evaluation.stats.blocks import accumulate
from evaluation.stats.fit import StepUnavailable, least_squares
from evaluation.stats.jackknife import jackknife

# Two solvers on well-conditioned problems of 49 rows.
EXACT = 1e-10


def _blocks(sample, absorb, **changes):
    inputs = {"weights": sample.weights, "columns": sample.columns, "X": sample.X} | changes
    return accumulate(inputs.pop("X"), sample.y, cluster=sample.cluster, absorb=absorb, **inputs)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("seed", range(4))
def test_equals_refits_without_each_cluster(engine_sample, absorb, seed):
    """Source: definition; each refit is least squares on the remaining rows with dummies."""
    sample = engine_sample(seed, absorb=absorb)
    names = np.unique(sample.cluster)
    full = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X

    def refit(rows):
        root = np.sqrt(sample.weights[rows])
        # lstsq passes over the deleted cluster's own dummy, now a column of zeros.
        return np.linalg.lstsq(full[rows] * root[:, None], sample.y[rows] * root)[0][0]

    estimate = refit(np.full(len(sample.y), fill_value=True))
    without = {name: refit(sample.cluster != name) for name in names.tolist()}
    spread = sum((value - estimate) ** 2 for value in without.values())
    blocks = _blocks(sample, absorb)
    result = jackknife(blocks, least_squares(blocks), "effect")
    assert dict(result.leave_one_out) == pytest.approx(without, rel=EXACT)
    assert result.std_error == pytest.approx(np.sqrt(6 / 7 * spread), rel=EXACT)
    assert (result.step, result.df) == ("CV3", 6.0)


def test_mean_of_equal_clusters_by_hand():
    """Means 1, 2, 6: without each 4, 3.5, 1.5, full 3; 2/3 x (1 + .25 + 2.25) = 7/3."""
    blocks = accumulate(
        np.ones((6, 1)),
        [1.0, 1.0, 2.0, 2.0, 6.0, 6.0],
        weights=np.ones(6),
        cluster=list("aabbcc"),
        columns=["mean"],
        absorb="none",
    )
    result = jackknife(blocks, least_squares(blocks), "mean")
    assert dict(result.leave_one_out) == pytest.approx({"a": 4.0, "b": 3.5, "c": 1.5}, rel=1e-14)
    assert result.std_error**2 == pytest.approx(7 / 3, rel=1e-13)


def test_a_column_of_one_cluster_only_makes_it_unavailable(engine_sample):
    """No generalised inverse: the message names cluster, count and column, and only those."""
    sample = engine_sample(31, absorb="cluster")
    only = (sample.cluster == "c02") * sample.X[:, 1]
    blocks = _blocks(
        sample,
        "cluster",
        X=np.column_stack([sample.X, only]),
        columns=(*sample.columns, "only"),
    )
    expected = r"without c02 \(1 of 7 clusters, one at a time\).*no longer determined are only\n"
    with pytest.raises(StepUnavailable, match=expected):
        jackknife(blocks, least_squares(blocks), "effect")


def test_a_single_treated_cluster_makes_it_unavailable(engine_sample):
    sample = engine_sample(32, absorb="cluster")
    X = sample.X.copy()
    X[:, 0] = (sample.cluster == "c01") * X[:, 1]
    blocks = _blocks(sample, "cluster", X=X)
    with pytest.raises(StepUnavailable, match="without c01"):
        jackknife(blocks, least_squares(blocks), "effect")


def test_scale_of_columns_and_weights_does_not_matter(engine_sample):
    """Identity: a covariate in other units (1e6) and weights times 1e-4."""
    sample = engine_sample(33, absorb="cluster")
    one, two = (
        jackknife(blocks, least_squares(blocks), "effect")
        for blocks in (
            _blocks(sample, "cluster"),
            _blocks(sample, "cluster", X=sample.X * [1, 1, 1e6], weights=1e-4 * sample.weights),
        )
    )
    assert two.std_error == pytest.approx(one.std_error, rel=EXACT)
