"""CV3 against refits without each cluster."""

import numpy as np
import pytest

from evaluation.estimation.inference.jackknife import (
    error_parts,
    influence,
    jackknife,
    leave_one_out,
)
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable, cv1, least_squares

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
    assert (result.step, result.column, result.df) == ("CV3", "effect", 6.0)
    assert result.estimate == pytest.approx(estimate, rel=EXACT)


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
    expected = (
        r"clusters c02: without 1 of 7 clusters, one at a time.*no longer determined are only\n"
    )
    with pytest.raises(StepUnavailable, match=expected):
        jackknife(blocks, least_squares(blocks), "effect")


def test_a_single_treated_cluster_makes_it_unavailable(engine_sample):
    sample = engine_sample(32, absorb="cluster")
    X = sample.X.copy()
    X[:, 0] = (sample.cluster == "c01") * X[:, 1]
    blocks = _blocks(sample, "cluster", X=X)
    with pytest.raises(StepUnavailable, match="clusters c01: without 1 of"):
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


def _means(y):
    """The mean of four clusters of two rows."""
    return accumulate(
        np.ones((8, 1)),
        y,
        weights=np.ones(8),
        cluster=list("aabbccdd"),
        columns=["mean"],
        absorb="none",
    )


def test_an_estimate_that_no_cluster_moves_has_no_standard_error():
    """Every cluster holds -1 and 1, so each mean is zero, and so is each mean without one."""
    blocks = _means([-1.0, 1.0] * 4)
    with pytest.raises(StepUnavailable, match="CV3: the variance is zero, so residuals are"):
        jackknife(blocks, least_squares(blocks), "mean")


def test_nothing_is_left_out_of_no_regressors():
    found = leave_one_out(np.zeros((3, 0, 0)), np.zeros((3, 0, 2)), columns=(), clusters=("a",) * 3)
    assert found.shape == (3, 0, 2)


def test_units_that_would_underflow_do_not_spoil_the_refits():
    """Identity: a column in units of 1e-100 has coefficients 1e100 as large.

    Its squares, of about 1e-200, vanish where they are multiplied by 1e-200 instead of divided.
    """
    rng = np.random.default_rng(3)
    X = rng.normal(size=(5, 6, 2))
    y = rng.normal(size=(5, 6, 1))
    units = np.array([1e-100, 1.0])

    def refits(X):
        turned = X.transpose(0, 2, 1)
        names = {"columns": ("a", "b"), "clusters": tuple("vwxyz")}
        return leave_one_out(turned @ X, turned @ y, **names)[..., 0]

    # The same operations but for the units: the condition number is below 10.
    np.testing.assert_allclose(refits(X * units) * units, refits(X), rtol=1e-12)


def _single(columns, clusters):
    """Blocks of one-row clusters: each of the first ``columns`` alone identifies a regressor."""
    eye = np.eye(clusters, columns)
    gram = eye[:, :, None] * eye[:, None, :]
    names = {
        "columns": tuple(f"x{j}" for j in range(columns)),
        "clusters": tuple(f"c{g}" for g in range(clusters)),
    }
    return gram, eye[:, :, None], names


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (4, "x0, x1, x2, x3"),
        (5, "x0, x1, x2, x3, x4"),
        (6, "x0, x1, x2, x3, x4 and 1 more"),
        (8, "x0, x1, x2, x3, x4 and 3 more"),
    ],
)
def test_five_names_are_listed_and_the_others_counted(columns, named):
    gram, moment, names = _single(columns, 9)
    with pytest.raises(StepUnavailable) as caught:
        leave_one_out(gram, moment, **names)
    problem = f"without {columns} of 9 clusters, one at a time, the fit is singular: no"
    assert str(caught.value.problem) == f"{problem} longer determined are {named}"
    assert caught.value.where == f"regression, clusters {named.replace('x', 'c')}"


def test_two_deletions_name_the_columns_of_both():
    """Cluster a alone holds x0, cluster b alone x1; x2 is in all."""
    gram = np.zeros((5, 3, 3))
    gram[:, 2, 2] = 1.0
    gram[0, 0, 0], gram[1, 1, 1] = 1.0, 1.0
    names = {"columns": ("x0", "x1", "x2"), "clusters": ("a", "b", "c", "d", "e")}
    with pytest.raises(StepUnavailable) as caught:
        leave_one_out(gram, np.ones((5, 3, 1)), **names)
    assert str(caught.value.problem).endswith("determined are x0, x1")
    assert caught.value.where == "regression, clusters a, b"


def test_a_column_with_a_trace_of_the_lost_direction_is_not_named():
    """Without cluster c0, x0 is x1 and 1e-7 of x2: what is lost is x0 against x1.

    A column is named from a millionth of the largest loss on; the largest is about 1e3 here.
    """
    rng = np.random.default_rng(8)
    X = rng.normal(size=(6, 20, 3))
    X[..., 0] = X[..., 1] + 1e-7 * X[..., 2]
    X[0, :, 0] += 3e-3 * rng.normal(size=20)
    turned = X.transpose(0, 2, 1)
    names = {"columns": ("x0", "x1", "x2"), "clusters": tuple(f"c{g}" for g in range(6))}
    with pytest.raises(StepUnavailable, match="c0: without 1 of 6") as caught:
        leave_one_out(turned @ X, np.ones((6, 3, 1)), **names)
    assert str(caught.value.problem).endswith("determined are x0, x1")


def _design(sample, absorb, column):
    return Design(
        X=sample.X,
        y=sample.y,
        weights=sample.weights,
        cluster=np.asarray(sample.cluster),
        columns=tuple(sample.columns),
        column=column,
        absorb=absorb,
        clusters_treated=(),
        clusters_comparison=(),
        baseline_mean=0.0,
        baseline_sd=1.0,
    )


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("column", ["effect", "x"])
def test_weights_and_errors_of_rows_make_the_estimate_and_its_sandwich(
    engine_sample, absorb, column
):
    """Identities: outcomes times weights sum to the estimate, whatever a cluster's outcomes gain
    where its effect is absorbed; squared sums of errors by cluster are the sandwich of CV1.
    """
    sample = engine_sample(34, absorb=absorb)
    built = _design(sample, absorb, column)
    found = cv1(least_squares(built.accumulate()), column)
    weights = influence(built)
    assert weights @ sample.y == pytest.approx(found.estimate, rel=EXACT)
    assert weights @ sample.X[:, built.columns.index(column)] == pytest.approx(1.0, rel=EXACT)
    level = np.unique(sample.cluster, return_inverse=True)[1] * 10.0
    if absorb == "cluster":
        assert weights @ (sample.y + level) == pytest.approx(found.estimate, rel=EXACT)
    parts = error_parts(built)
    scores = [parts[sample.cluster == name].sum() for name in np.unique(sample.cluster)]
    # seven clusters
    assert np.sqrt(7 / 6 * np.square(scores).sum()) == pytest.approx(found.std_error, rel=EXACT)
