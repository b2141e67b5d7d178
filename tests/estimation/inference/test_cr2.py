"""CR2 and its degrees of freedom against N by N matrices and explicit dummies."""

import dataclasses

import numpy as np
import pytest

from evaluation.estimation.inference.cr2 import cr2, cr2_errors
from evaluation.estimation.inference.cr2_adjustment import (
    CoefficientDesigns,
    _basis,
    _groups,
    _root_excess,
)
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import StepUnavailable, least_squares

# Roots of N by N eigenproblems and of their low-dimensional twins: observed gaps below 1e-12.
EXACT = 1e-10


def _contributions(full, w, cluster):
    """What times y is each cluster's part of the first coefficient's error, shape (G, N)."""
    bread = np.linalg.inv((full * w[:, None]).T @ full)
    keep = np.eye(len(w)) - full @ bread @ (full * w[:, None]).T
    rows_of_p = []
    for name in np.unique(cluster):
        rows = cluster == name
        values, vectors = np.linalg.eigh(keep[rows] @ keep[rows].T)
        roots = np.array([v**-0.5 if v > 1e-12 else 0.0 for v in values])
        adjust = vectors @ np.diag(roots) @ vectors.T
        a = adjust @ np.diag(w[rows]) @ full[rows] @ bread[:, 0]
        rows_of_p.append(keep[rows].T @ a)
    return np.array(rows_of_p)


def _literal(full, y, w, cluster):
    """Variance and df of the first coefficient by the definition, nothing simplified."""
    parts = _contributions(full, w, cluster)
    variance, p = float(np.sum((parts @ y) ** 2)), parts @ parts.T
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


def _with_weights_spread(engine_sample, absorb, spread):
    """Six clusters, whose weights differ 40 times between two and by a share of them within."""
    sample = engine_sample(21, absorb=absorb, sizes=(19, 24, 12, 27, 16, 10))
    scale = np.where(sample.cluster < "c03", 1.0, 40.0)
    noise = np.random.default_rng(5).normal(size=len(sample.y))
    return _both(sample, absorb, scale * (1.0 + spread * noise))


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("spread", [0.0, 1e-6, 1e-5, 1e-3])
def test_equals_the_literal_definition_when_weights_hardly_vary(engine_sample, absorb, spread):
    """W_g X_g then nearly lies in the span of X_g: the case where a careless basis loses digits."""
    result, std_error, df = _with_weights_spread(engine_sample, absorb, spread)
    assert result.std_error == pytest.approx(std_error, rel=EXACT)
    assert result.df == pytest.approx(df, rel=EXACT)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("spread", [1e-10, 1e-9, 1e-8, 3e-8, 1e-7])
def test_weights_that_sums_of_squares_cannot_tell_apart_give_ten_digits_or_nothing(
    engine_sample, absorb, spread
):
    """Squares of 1e-7 and less are rounding beside 1, so that such weights may count as even.

    That would leave a term of first order in the spread out of the adjustment.
    """
    try:
        result, std_error, df = _with_weights_spread(engine_sample, absorb, spread)
    except StepUnavailable:
        return
    assert result.std_error == pytest.approx(std_error, rel=EXACT)
    assert result.df == pytest.approx(df, rel=EXACT)


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
    assert (result.step, result.column) == ("CR2", "mean")
    assert result.estimate == pytest.approx(3.4, rel=1e-14)
    assert result.std_error == pytest.approx(means.std(ddof=1) / np.sqrt(5), rel=1e-12)
    assert result.df == pytest.approx(4.0, rel=1e-12)


def test_scale_of_weights_and_second_outcome(engine_sample):
    """Identities: weights matter only relatively; an outcome is itself in any company.

    Among several, degrees of freedom are made another way.
    """
    sample = engine_sample(23, absorb="cluster")
    common = {"cluster": sample.cluster, "columns": sample.columns, "absorb": "cluster"}
    alone = accumulate(sample.X, sample.y, weights=sample.weights, **common)
    pair = np.column_stack([sample.y**3, sample.y])
    second = accumulate(sample.X, pair, weights=1e6 * sample.weights, **common)
    one = cr2(alone, least_squares(alone), "effect")
    errors, df = cr2_errors(second, least_squares(second), "effect")
    assert errors[1] == pytest.approx(one.std_error, rel=EXACT)
    assert df == pytest.approx([one.df], rel=EXACT)


def test_no_residual_variation_is_unavailable(engine_sample):
    sample = engine_sample(24, absorb="cluster")
    common = {"cluster": sample.cluster, "columns": sample.columns, "absorb": "cluster"}
    blocks = accumulate(sample.X, 0.0 * sample.y, weights=sample.weights, **common)
    with pytest.raises(StepUnavailable, match="CR2: the variance is zero, so residuals"):
        cr2(blocks, least_squares(blocks), "effect")


def test_equals_the_literal_definition_in_large_clusters(engine_sample, monkeypatch):
    """Every cluster spans its columns and their weighted copies: Cholesky factors, no eigenvectors.

    The basis of U_g is called on well-conditioned products only, so its second way is not taken.
    """
    sample = engine_sample(25, absorb="cluster", sizes=(40, 60, 50, 45, 55))
    rng = np.random.default_rng(7)
    # a dose instead of a treatment: within no cluster is it the round itself
    sample = dataclasses.replace(sample, X=sample.X + rng.normal(size=sample.X.shape))
    weights = np.exp(rng.normal(scale=0.7, size=250))
    seen = []

    def watched(span):
        seen.append(np.diagonal(np.linalg.cholesky(span), axis1=1, axis2=2).min())
        return _basis(span)

    monkeypatch.setattr("evaluation.estimation.inference.cr2_adjustment._basis", watched)
    result, std_error, df = _both(sample, "cluster", weights)
    assert min(seen) > 1e-2
    assert result.std_error == pytest.approx(std_error, rel=EXACT)
    assert result.df == pytest.approx(df, rel=EXACT)


def test_groups_leave_out_what_repeats_another_column():
    """By hand: in the first cluster b = -2 a and nothing is c, in the second a, b and c differ.

    Deviations from the means are a = (-1, 0, 1), b = (2, 0, -2) in the first. Its weights are the
    same in all rows, those of the second are not.
    """
    X = np.array([[0, 4, 0], [1, 2, 0], [2, 0, 0], [0, 1, 0], [0, 0, 1], [3, 0, 0], [0, 0, 0]])
    blocks = accumulate(
        X,
        np.arange(7.0),
        weights=[0.3, 0.3, 0.3, 1.0, 2.0, 1.0, 1.0],
        cluster=["p", "p", "p", "q", "q", "q", "q"],
        columns=("a", "b", "c"),
        absorb="cluster",
    )
    q, p = _groups(CoefficientDesigns.of(blocks, least_squares(blocks), "a", alike=blocks))
    assert (p.members.tolist(), p.used.tolist(), p.weights) == ([0], [0, 1], "even")
    expected = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, -2.0, 0.0]]
    # ratios of sums of three small whole numbers
    np.testing.assert_allclose(p.times[0], expected, atol=1e-14)
    assert (q.members.tolist(), q.used.tolist(), q.weights) == ([1], [0, 1, 2, 3], "uneven")
    np.testing.assert_allclose(q.times[0], np.eye(4), atol=1e-14)


def test_basis_of_well_conditioned_products_is_their_cholesky_factor():
    """Definition: F F' = U'U with F lower triangular, and Q = U B has orthonormal columns."""
    U = np.random.default_rng(4).normal(size=(3, 30, 4))
    span = U.transpose(0, 2, 1) @ U / 30.0
    F, B = _basis(span)
    np.testing.assert_array_equal(F, np.tril(F))
    # 4 by 4 matrices with condition numbers below 10
    np.testing.assert_allclose(F @ F.transpose(0, 2, 1), span, rtol=1e-12, atol=1e-14)
    unit = np.broadcast_to(np.eye(4), (3, 4, 4))
    np.testing.assert_allclose(B.transpose(0, 2, 1) @ span @ B, unit, atol=1e-12)


def test_directions_that_are_rounding_have_length_zero_both_ways():
    """By hand: of squared lengths 1000, 1 and 1e-14 the last is below 1e-16 of the first.

    So is 1e-13 itself, which is not above 1e-16 of 1000, while 2e-13 is.
    """
    for smallest, kept in ((1e-14, 0.0), (1e-13, 0.0), (2e-13, 2e-13)):
        F, B = _basis(np.diag([1000.0, 1.0, smallest])[None])
        np.testing.assert_allclose(F[0] @ F[0].T, np.diag([1000.0, 1.0, kept]), rtol=1e-14)
        back = np.diag([1e-3, 1.0, 1.0 / kept if kept else 0.0])
        np.testing.assert_allclose(B[0] @ B[0].T, back, rtol=1e-14)


def test_pseudo_inverse_root_by_hand():
    """I + D of diagonal matrices: its root's inverse less one, and minus one where it is null.

    Null are eigenvalues up to 1e-12, or up to 1e-12 of the largest when that exceeds one: 1e-11 is
    null beside 100, and 1.5e-12 is not beside 1.
    """
    unit = np.eye(3)[None]
    for values, roots in (
        ((0.0, 0.25, 4.0), (0.0, 2.0, 0.5)),
        ((1e-11, 1.0, 100.0), (0.0, 1.0, 0.1)),
        ((1.5e-12, 1.0, 1.0), (1.5e-12**-0.5, 1.0, 1.0)),
        ((0.5e-12, 0.25, 0.25), (0.0, 2.0, 2.0)),
    ):
        found, null = _root_excess(unit, np.diag(np.array(values) - 1.0)[None])
        lost = [v / max(1.0, values[-1]) for v, r in zip(values, roots, strict=True) if r == 0.0]
        assert null == pytest.approx([max(lost, default=-np.inf)], rel=1e-3, abs=1e-15)
        # 1 - 1.5e-12 keeps four digits of the difference
        np.testing.assert_allclose(found[0], np.diag(np.array(roots) - 1.0), rtol=1e-3, atol=1e-12)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
def test_clusters_of_even_weights_take_the_shorter_way(engine_sample, absorb):
    """A cluster of equal weights spans X_g alone; every cluster is in one group."""
    sample = engine_sample(26, absorb=absorb)
    blocks = accumulate(
        sample.X,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb=absorb,
    )
    regression = CoefficientDesigns.of(blocks, least_squares(blocks), "effect", alike=blocks)
    found = {
        blocks.clusters[member]: group.weights
        for group in _groups(regression)
        for member in group.members
    }
    for name, weights in found.items():
        equal = np.ptp(sample.weights[sample.cluster == name]) == 0.0
        assert weights == ("even" if equal else "uneven")
    assert set(found.values()) == {"even", "uneven"}
    assert set(found) == set(blocks.clusters)


def _of(sample, y, **units):
    """CR2 of one outcome; units are factors on the regressors and on the outcome."""
    blocks = accumulate(
        sample.X * units.get("regressors", 1.0),
        y * units.get("outcome", 1.0),
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb="none",
    )
    return cr2(blocks, least_squares(blocks), "effect")


def _cancelling(sample):
    """An outcome of which the adjustment leaves nothing, and one of length one of which it does.

    The first is orthogonal to all G contributions, the second is one of them.
    """
    parts = _contributions(sample.X, sample.weights, sample.cluster)
    base = np.linalg.qr(parts.T)[0]
    return sample.y - base @ (base.T @ sample.y), base[:, 0]


def test_residuals_that_cancel_after_adjustment_are_unavailable(engine_sample):
    """Each cluster's own part is not zero, the adjusted one is: CV1 has an error and CR2 has none.

    A part in 1e8 of another outcome is far above rounding and gives 1e-8 of its own error.
    """
    sample = engine_sample(27, absorb="none", sizes=(9, 14, 12, 7, 6, 10))
    nothing, something = _cancelling(sample)
    with pytest.raises(StepUnavailable) as caught:
        _of(sample, nothing)
    problem = "CR2: no cluster has variation left for the coefficient of effect"
    assert str(caught.value.problem) == problem
    assert caught.value.where == "regression"
    assert caught.value.where == "regression"
    small = _of(sample, nothing + 1e-8 * something).std_error
    # 1e-8 of terms that are stored to 1e-16
    assert small == pytest.approx(1e-8 * _of(sample, something).std_error, rel=1e-5)


def test_units_of_outcome_and_regressors_do_not_matter(engine_sample):
    """Identity: powers of two, so that no digit changes."""
    sample = engine_sample(28, absorb="none")
    expected = _of(sample, sample.y)
    for outcome, regressors in ((2.0**-30, 1.0), (1.0, 2.0**30), (2.0**30, 2.0**-30)):
        found = _of(sample, sample.y, outcome=outcome, regressors=regressors)
        assert found.std_error == expected.std_error * outcome / regressors
        assert found.df == pytest.approx(expected.df, rel=1e-12)
