"""Cross-products by cluster against the sums written out, and what is refused."""

import copy
import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression import cross_products as products_module
from evaluation.estimation.regression.cluster_blocks import Blocks, accumulate

# Sums of about 50 numbers of order 1 to 10: rounding stays near 1e-14.
ROUNDING = 1e-12


def _blocks(sample, absorb, **changes):
    inputs = {"X": sample.X, "y": sample.y, "weights": sample.weights, "cluster": sample.cluster}
    inputs |= {"columns": sample.columns, "absorb": absorb} | changes
    return accumulate(inputs.pop("X"), inputs.pop("y"), **inputs)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("rows_per_block", [5, 16_384])
def test_products_equal_the_sums_written_out(engine_sample, monkeypatch, absorb, rows_per_block):
    """Source: the definition, with rows demeaned one cluster at a time."""
    monkeypatch.setattr(products_module, "_ROWS", rows_per_block)
    sample = engine_sample(1, absorb=absorb)
    outcomes = np.column_stack([sample.y, sample.y**2])
    blocks = _blocks(sample, absorb, y=outcomes)
    assert blocks.clusters == tuple(sorted(set(sample.cluster.tolist())))
    for g, name in enumerate(blocks.clusters):
        rows = sample.cluster == name
        w = sample.weights[rows]
        values = np.column_stack([sample.X, outcomes])[rows]
        if absorb == "cluster":
            values = values - np.average(values, axis=0, weights=w)
        right = np.column_stack([np.ones(rows.sum()), values])
        left = right[:, : 1 + len(sample.columns)]
        assert blocks.counts[g] == rows.sum()
        for power in range(3):
            expected = left.T @ (right * w[:, None] ** power)
            np.testing.assert_allclose(
                blocks.products[power, g], expected, rtol=ROUNDING, atol=1e-11
            )
    if absorb == "cluster":
        # deviations from weighted means: these sums are zero, not nearly
        assert (blocks.products[1, :, 0, 1:] == 0.0).all()
        assert (blocks.products[1, :, 1:, 0] == 0.0).all()


def test_accessors_take_the_right_slices(engine_sample):
    """Source: X'WX, X'Wy and 1'Wy of the unabsorbed regression, over all rows."""
    sample = engine_sample(2, absorb="none")
    blocks = _blocks(sample, "none", y=np.column_stack([sample.y**2, sample.y]))
    weighted = sample.X * sample.weights[:, None]
    np.testing.assert_allclose(blocks.xx().sum(0), weighted.T @ sample.X, rtol=ROUNDING)
    np.testing.assert_allclose(blocks.xy().sum(1)[1], weighted.T @ sample.y, rtol=ROUNDING)
    squared = (sample.weights[:, None] ** 2 * sample.X).T @ sample.y
    np.testing.assert_allclose(blocks.xy(2).sum(1)[1], squared, rtol=ROUNDING)
    np.testing.assert_array_equal(blocks.xy(), blocks.xy(1))
    np.testing.assert_array_equal(blocks.xx(), blocks.xx(1))
    alone = _blocks(sample, "none")
    assert alone.xy().shape == alone.xx().shape[:2] == blocks.xy().shape[1:]
    np.testing.assert_allclose(alone.xy(), blocks.xy()[1], rtol=ROUNDING, atol=1e-11)
    assert (blocks.n, blocks.position("x")) == (len(sample.y), 2)
    with pytest.raises(
        EstimationError,
        match=r"^regression: .* no column 'age'; it has effect, endline, x, arm, one\n",
    ):
        blocks.position("age")


@pytest.mark.parametrize("absorb", ["cluster", "none"])
def test_mixed_columns_are_those_of_mixed_rows(engine_sample, absorb):
    """Source: (X T)'W^k (X T) by rows; in each cluster another T, in two data sets and alone."""
    sample = engine_sample(12, absorb=absorb)
    blocks = _blocks(sample, absorb, y=np.column_stack([sample.y, sample.y**2]))
    q = len(blocks.columns)
    mixing = np.random.default_rng(3).normal(size=(2, len(blocks.clusters), q, 2))
    place = np.searchsorted(blocks.clusters, sample.cluster.astype(str))
    found = dataclasses.replace(blocks, products=blocks.products[..., :-1]).mixed(mixing, "ab")
    assert (found.columns, found.clusters, found.absorb) == (("a", "b"), blocks.clusters, absorb)
    assert found.counts.tolist() == blocks.counts.tolist()
    for k in (0, 1):
        rows = np.einsum("nq,nqp->np", sample.X, mixing[k][place])
        common = {"weights": sample.weights, "cluster": sample.cluster, "columns": "ab"}
        both = accumulate(rows, np.column_stack([sample.y, sample.y**2]), **common, absorb=absorb)
        again = blocks.mixed(mixing[k], "ab").products
        np.testing.assert_allclose(again, both.products, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.products[k], both.products[..., :-1], rtol=1e-9, atol=1e-9)


def test_row_order_and_cluster_types_change_nothing_and_inputs_stay(engine_sample):
    """Source: identity. Sums are taken in another order, hence the rounding tolerance."""
    sample = engine_sample(3, absorb="cluster")
    before = [a.copy() for a in (sample.X, sample.y, sample.weights, sample.cluster)]
    blocks = _blocks(sample, "cluster")
    order = np.random.default_rng(0).permutation(len(sample.y))
    other = accumulate(
        sample.X[order],
        sample.y[order],
        weights=sample.weights[order],
        cluster=sample.cluster[order].tolist(),
        columns=list(sample.columns),
        absorb="cluster",
    )
    assert other.clusters == blocks.clusters
    np.testing.assert_allclose(other.products, blocks.products, rtol=ROUNDING, atol=1e-11)
    for kept, now in zip(before, (sample.X, sample.y, sample.weights, sample.cluster), strict=True):
        assert np.array_equal(kept, now)


def test_large_levels_do_not_cancel_variation_within_clusters(engine_sample):
    """Adding 2^27 to X and y moves nothing: the shifted values are exact multiples of 2^-24."""
    sample = engine_sample(4, absorb="cluster")
    X, y = np.round(sample.X * 2**24) / 2**24, np.round(sample.y * 2**24) / 2**24
    plain = _blocks(sample, "cluster", X=X, y=y)
    raised = _blocks(sample, "cluster", X=X + 2.0**27, y=y + 2.0**27)
    np.testing.assert_allclose(raised.products, plain.products, rtol=ROUNDING, atol=1e-12)


def test_each_clusters_own_level_does_not_cancel_its_variation(engine_sample):
    """As above, with another power of two in every cluster: what is taken off is its own."""
    sample = engine_sample(4, absorb="cluster")
    X, y = np.round(sample.X * 2**18) / 2**18, np.round(sample.y * 2**18) / 2**18
    level = 2.0 ** (20 + np.unique(sample.cluster, return_inverse=True)[1])
    plain = _blocks(sample, "cluster", X=X, y=y)
    raised = _blocks(sample, "cluster", X=X + level[:, None], y=y + level)
    np.testing.assert_allclose(raised.products, plain.products, rtol=ROUNDING, atol=1e-12)


@pytest.mark.parametrize("kind", [object, "list"])
def test_numbers_may_come_as_objects_or_lists(engine_sample, kind):
    """A column that once held text is of type object although every value is a number now."""
    sample = engine_sample(9, absorb="cluster")
    given = {
        name: values.tolist() if kind == "list" else values.astype(object)
        for name, values in (("X", sample.X), ("y", sample.y), ("weights", sample.weights))
    }
    plain = _blocks(sample, "cluster")
    other = _blocks(sample, "cluster", **given)
    np.testing.assert_array_equal(other.products, plain.products)
    assert other.products.dtype == np.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": -1.0}, "weights are missing, infinite, zero or negative"),
        ({"weights": 0.0}, "^regression: weights are missing, infinite, zero or negative"),
        ({"X": np.nan}, "missing or infinite values in effect, endline, x"),
        ({"y": np.inf}, "missing or infinite values in the outcome"),
    ],
)
def test_bad_values_are_refused(engine_sample, change, message):
    sample = engine_sample(5, absorb="cluster")
    (name, value), *_ = change.items()
    bad = getattr(sample, name).copy()
    bad[3] = value
    with pytest.raises(EstimationError, match=message):
        _blocks(sample, "cluster", **{name: bad})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": ("a", "b")}, r"^regression: X has shape \(49, 3\) for 2 column names"),
        ({"columns": ("a", "a", "b")}, "not unique"),
        (
            {"weights": np.ones(3)},
            r"different numbers of rows: X \(49, 3\), y \(49, 1\), weights \(3,\)",
        ),
        ({"cluster": ["a", "b"]}, "2 cluster ids for 49 rows"),
        ({"cluster": ["a"] * 49}, "needs two clusters, not 1"),
        ({"cluster": [None] + ["a"] * 48}, "no cluster id"),
        ({"cluster": [float("nan")] + [1.0] * 48}, "no cluster id"),
    ],
)
def test_bad_shapes_and_ids_are_refused(engine_sample, change, message):
    with pytest.raises(EstimationError, match=message):
        _blocks(engine_sample(6, absorb="cluster"), "cluster", **change)


def test_constant_and_collinear_columns_are_named(engine_sample):
    sample = engine_sample(7, absorb="cluster")
    arm = (sample.cluster < "c03") + 0.1
    X = np.column_stack([sample.X, arm, sample.X[:, 0] * 3.0 + arm])
    columns = (*sample.columns, "arm", "triple")
    expected = "constant within clusters: arm; collinear with the columns before them: triple"
    with pytest.raises(EstimationError, match=expected):
        _blocks(sample, "cluster", X=X, columns=columns)
    with pytest.raises(EstimationError, match=r"collinear with the columns before them: triple\n"):
        _blocks(sample, "none", X=X, columns=columns)
    with pytest.raises(EstimationError, match="constant at zero: arm"):
        _blocks(sample, "none", X=np.column_stack([sample.X, 0 * arm]), columns=columns[:-1])


def test_a_nearly_constant_column_is_kept(engine_sample):
    """A relative standard deviation of 1e-4 is data, not collinearity with the constant."""
    sample = engine_sample(8, absorb="none")
    X = sample.X.copy()
    X[:, 2] = 1.0 + 1e-4 * X[:, 2]
    assert _blocks(sample, "none", X=X).columns == sample.columns


def test_two_columns_of_each_kind_are_listed(engine_sample):
    sample = engine_sample(7, absorb="cluster")
    arm, place = (sample.cluster < "c03") + 0.1, (sample.cluster < "c02") + 0.2
    X = np.column_stack([sample.X, arm, place, sample.X[:, :2] * 3.0])
    expected = (
        "columns cannot be estimated; constant within clusters: arm, place; collinear with the"
        " columns before them: triple, thrice"
    )
    with pytest.raises(EstimationError) as caught:
        _blocks(
            sample, "cluster", X=X, columns=(*sample.columns, "arm", "place", "triple", "thrice")
        )
    assert str(caught.value.problem) == expected
    assert caught.value.where == "regression"


@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("factor", [1e-13, 1e13])
def test_units_of_columns_and_weights_make_nothing_constant_or_collinear(
    engine_sample, absorb, factor
):
    """A column in other units, or weights that sum to something else, are the same regression."""
    sample = engine_sample(10, absorb=absorb)
    units = np.ones(sample.X.shape[1])
    units[2] = factor
    assert _blocks(sample, absorb, X=sample.X * units).columns == sample.columns
    assert _blocks(sample, absorb, weights=sample.weights * factor).columns == sample.columns


@pytest.mark.parametrize(
    ("rows", "parts"),
    [(1, [1]), (2, [1, 1]), (3, [1, 1, 1]), (8, [2, 2, 2, 2]), (10, [3, 3, 3, 1])],
)
def test_rows_are_summed_in_four_parts_at_most(monkeypatch, rows, parts):
    """By hand: blocks of one row, as many in each part as four parts need, in order."""
    monkeypatch.setattr(products_module, "_ROWS", 1)
    whole, seen = products_module._part, []

    def watched(table, starts, missing):
        seen.append(list(starts))
        return whole(table, starts, missing)

    monkeypatch.setattr(products_module, "_part", watched)
    values, key = np.arange(float(rows)), np.zeros(rows, dtype=np.int64)
    table = products_module.ProductTable((values,), (), None, key, 1, np.zeros((1, 1)))
    found = products_module.cross_products(table, missing="none").products
    total, squares = values.sum(), values @ values
    np.testing.assert_array_equal(found[0, 0], [[rows, total], [total, squares]])
    seen.sort()
    assert [len(part) for part in seen] == parts
    assert [row for part in seen for row in part] == list(range(rows))


@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_sent_elsewhere_arrive_to_the_bit_and_in_the_same_order_in_memory(order):
    """Sums follow an array's order in memory; signs of zeros and missing numbers are bits too."""
    products = np.random.default_rng(1).normal(size=(3, 4, 3, 4))
    products[:, :, 1] = 0.0
    products[0, 0, 0, :2] = -0.0, np.nan
    sent = Blocks(
        clusters=("a", "b", "c", "d"),
        columns=("x", "z"),
        absorb="none",
        counts=np.arange(4),
        products=np.asarray(products, order=order),
    )
    found = copy.copy(sent)
    assert found.products is not sent.products
    assert found.products.tobytes() == products.tobytes()
    assert found.products.strides == sent.products.strides
    assert (found.clusters, found.columns, found.absorb) == (
        ("a", "b", "c", "d"),
        ("x", "z"),
        "none",
    )
    assert found.counts.tolist() == [0, 1, 2, 3]
