"""Wild cluster bootstrap against draws refitted one by one, and the inversion of its test."""

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap as bootstrap_module
from evaluation.estimation.inference.bootstrap import (
    draws,
    p_of_each_data_set,
    too_few,
    undefined_too_often,
    wild,
)
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import StepUnavailable, cv1, cv1_errors, least_squares

# Least squares refits of 49 rows against cluster algebra: observed gaps below 1e-11.
EXACT = 1e-9


def _blocks(sample, absorb):
    return accumulate(
        sample.X,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb=absorb,
    )


def _weighted_fit(X, y, w):
    root = np.sqrt(w)
    return np.linalg.lstsq(X * root[:, None], y * root)[0]


def _t_statistic(full, y, w, cluster, null):
    """t of the first coefficient with CV1, G/(G-1), from rows and explicit dummies."""
    beta = _weighted_fit(full, y, w)
    bread = np.linalg.inv((full * w[:, None]).T @ full)
    residual, meat, names = y - full @ beta, 0.0, np.unique(cluster)
    for name in names:
        rows = cluster == name
        meat += float(bread[0] @ (full[rows] * w[rows, None]).T @ residual[rows]) ** 2
    return (beta[0] - null) / np.sqrt(len(names) / (len(names) - 1) * meat)


def _restricted_residuals(full, y, w, cluster, null, scores):
    """y - null x less the fit on the other columns, with or without the row's own cluster."""
    target, others = y - null * full[:, 0], full[:, 1:]
    if scores == "plain":
        return target - others @ _weighted_fit(others, target, w)
    residual = np.empty(len(y))
    for name in np.unique(cluster):
        rows = cluster == name
        # A deleted cluster's dummy gets 0; the level left in its residuals is absorbed later.
        beta = _weighted_fit(others[~rows], target[~rows], w[~rows])
        residual[rows] = target[rows] - others[rows] @ beta
    return residual


@pytest.mark.parametrize("scores", ["plain", "jackknifed"])
@pytest.mark.parametrize("absorb", ["cluster", "none"])
@pytest.mark.parametrize("kind", ["rademacher", "webb"])
def test_statistics_equal_refits_of_every_draw(engine_sample, scores, absorb, kind):
    """Source: MacKinnon, Nielsen and Webb (2023): y* = null x + v_g residual, refit, CV1."""
    sample = engine_sample(41, absorb=absorb)
    full = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X
    multipliers = draws(
        sample.cluster, number=128 if kind == "rademacher" else 60, seed=5, kind=kind
    )
    assert multipliers.enumerated == (kind == "rademacher")
    bootstrap = wild(_blocks(sample, absorb), "effect", multipliers, scores=scores)
    names = np.unique(sample.cluster)
    (_, values), *_ = multipliers.chunks(tuple(names.tolist()))
    row = np.searchsorted(names, sample.cluster)
    for null in (0.0, 0.37, -2.0):
        residual = _restricted_residuals(
            full, sample.y, sample.weights, sample.cluster, null, scores
        )
        expected = np.array(
            [
                _t_statistic(
                    full,
                    null * full[:, 0] + values[row, b] * residual,
                    sample.weights,
                    sample.cluster,
                    null,
                )
                for b in range(multipliers.number)
            ]
        )
        actual = _t_statistic(full, sample.y, sample.weights, sample.cluster, null)
        t, t_star = bootstrap.statistics(null)
        assert t == pytest.approx(actual, rel=EXACT)
        np.testing.assert_allclose(t_star, expected, rtol=EXACT, atol=1e-9)
        larger = np.count_nonzero(np.abs(expected) >= abs(actual) * (1 - 1e-9))
        p = larger / 128 if kind == "rademacher" else (1 + larger) / 61
        assert bootstrap.p_value(null) == p


@pytest.mark.parametrize("scores", ["plain", "jackknifed"])
def test_an_outcome_is_itself_in_any_company(engine_sample, scores):
    """Identity: second of two outcomes, or alone; the same products but for their place."""
    sample = engine_sample(40, absorb="cluster")
    common = {"weights": sample.weights, "cluster": sample.cluster, "columns": sample.columns}
    pair = np.column_stack([sample.y**3, sample.y])
    both = accumulate(sample.X, pair, **common, absorb="cluster")
    multipliers = draws(sample.cluster, number=128, seed=5)
    alone = wild(_blocks(sample, "cluster"), "x", multipliers, scores=scores)
    fit = least_squares(both)
    assert cv1_errors(fit, "x")[1] == pytest.approx(alone.std_error, rel=EXACT)
    assert p_of_each_data_set(both, fit, "x", multipliers, scores=scores)[1] == alone.p_value()


def test_one_regressor_needs_no_restricted_fit():
    """With only the tested column the restricted residual is y - null x under both scores."""
    rng = np.random.default_rng(3)
    x, cluster = rng.normal(size=24), np.repeat(list("abcdef"), 4)
    y = 0.5 * x + rng.normal(size=24)
    blocks = accumulate(
        x[:, None], y, weights=np.ones(24), cluster=cluster, columns=["x"], absorb="cluster"
    )
    multipliers = draws("abcdef", number=64, seed=0)
    plain = wild(blocks, "x", multipliers, scores="plain")
    jackknifed = wild(blocks, "x", multipliers, scores="jackknifed")
    np.testing.assert_array_equal(plain.statistics(0.1)[1], jackknifed.statistics(0.1)[1])
    means = np.array([x[cluster == c].mean() for c in cluster])
    full = np.column_stack([x - means, np.ones(24)])
    flipped = y - np.array([y[cluster == c].mean() for c in cluster])
    row = np.searchsorted(np.array(list("abcdef")), cluster)
    t = _t_statistic(full[:, :1], flipped * multipliers.codes[row, 9], np.ones(24), cluster, 0.0)
    assert plain.statistics(0.0)[1][9] == pytest.approx(t, rel=EXACT)


def test_identity_draw_ties_with_the_sample_and_counts(engine_sample):
    """All +1 and all -1 reproduce |t| exactly under plain scores, so p is at least 2 / 2^G."""
    sample = engine_sample(42, absorb="cluster")
    multipliers = draws(sample.cluster, number=999, seed=1)
    bootstrap = wild(_blocks(sample, "cluster"), "effect", multipliers, scores="plain")
    for null in (-50.0, 0.3, 1e3, -1e5):
        t, t_star = bootstrap.statistics(null)
        np.testing.assert_allclose([t_star[0], t_star[-1]], [t, -t], rtol=1e-10)
        assert bootstrap.p_value(null) >= 2 / 128
    assert bootstrap.p_value(bootstrap.estimate) == 1.0
    assert bootstrap.mc_error(0.3) == 0.0


@pytest.mark.parametrize("seed", range(50, 58))
def test_the_identity_draw_never_loses_its_tie_far_away(engine_sample, seed):
    """Its d1 and d2 are exact zeros, not rounding, which would grow with the tested value."""
    sample = engine_sample(seed, absorb="cluster")
    multipliers = draws(sample.cluster, number=999, seed=1)
    found = wild(_blocks(sample, "cluster"), "effect", multipliers, scores="plain")
    assert (found.squared_error[1:, [0, -1]] == 0.0).all()
    for power in range(6, 16):
        assert found.p_value(10.0**power) >= 2 / 128


@pytest.mark.parametrize("kind", ["rademacher", "webb"])
def test_draws_are_taken_in_chunks_of_a_bounded_size(engine_sample, monkeypatch, kind):
    """50 of 128 at a time for seven clusters and 353 numbers a table; the parts make the whole."""
    sample = engine_sample(58, absorb="cluster")
    multipliers = draws(sample.cluster, number=128, seed=1, kind=kind)
    whole = wild(_blocks(sample, "cluster"), "effect", multipliers, scores="plain")
    monkeypatch.setattr(bootstrap_module, "_CELLS", 353)
    parts = list(multipliers.chunks(multipliers.clusters))
    assert [(p.start, p.stop, v.shape) for p, v in parts] == [
        (0, 50, (7, 50)),
        (50, 100, (7, 50)),
        (100, 128, (7, 28)),
    ]
    assert all(v.dtype == np.float64 for _, v in parts)
    chunked = wild(_blocks(sample, "cluster"), "effect", multipliers, scores="plain")
    np.testing.assert_allclose(chunked.numerator, whole.numerator, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(chunked.squared_error, whole.squared_error, rtol=1e-9, atol=1e-13)


def test_integer_weights_are_replicated_rows(engine_sample):
    """Identity, for the p-value and the set: neither counts rows."""
    sample = engine_sample(43, absorb="cluster")
    times = np.random.default_rng(1).integers(1, 5, size=len(sample.y))
    common = {"columns": sample.columns, "absorb": "cluster"}
    rows = np.repeat(np.arange(len(times)), times)
    weighted = accumulate(sample.X, sample.y, weights=times, cluster=sample.cluster, **common)
    replicated = accumulate(
        sample.X[rows],
        sample.y[rows],
        weights=np.ones(len(rows)),
        cluster=sample.cluster[rows],
        **common,
    )
    multipliers = draws(sample.cluster, number=999, seed=1)
    one, two = (
        wild(blocks, "effect", multipliers, scores="jackknifed")
        for blocks in (weighted, replicated)
    )
    assert [one.p_value(r) for r in (0.0, 0.2, 1.5)] == [two.p_value(r) for r in (0.0, 0.2, 1.5)]
    assert one.interval().low == pytest.approx(two.interval().low, rel=1e-8)
    assert one.interval().high == pytest.approx(two.interval().high, rel=1e-8)


def test_relabelling_and_row_order_leave_the_enumerated_test_alone(engine_sample):
    sample = engine_sample(44, absorb="none")
    order = np.random.default_rng(2).permutation(len(sample.y))
    renamed = np.array([f"z{99 - int(c[1:])}" for c in sample.cluster])[order]
    other = accumulate(
        sample.X[order],
        sample.y[order],
        weights=sample.weights[order],
        cluster=renamed,
        columns=sample.columns,
        absorb="none",
    )
    one = wild(
        _blocks(sample, "none"), "x", draws(sample.cluster, number=128, seed=1), scores="plain"
    )
    two = wild(other, "x", draws(renamed, number=128, seed=8), scores="plain")
    for null in (0.0, 0.4, 3.0):
        assert one.p_value(null) == two.p_value(null)


# --- draws -------------------------------------------------------------------------------------


def test_draws_depend_on_seed_and_cluster_only():
    everyone = draws(["b", "a", "c", "a", *"defghijklmnop"], number=999, seed=7)
    few = draws([*"cgnopqrstuvwxyz"], number=999, seed=7)
    assert not everyone.enumerated
    assert everyone.clusters == tuple("abcdefghijklmnop")
    for cluster in "cgnop":
        np.testing.assert_array_equal(
            everyone.codes[everyone.clusters.index(cluster)],
            few.codes[few.clusters.index(cluster)],
        )
    again = draws(["b", "a", *"pcdefghijklmno"], number=1_999, seed=7)
    np.testing.assert_array_equal(again.codes[:, :999], everyone.codes)
    other = draws(everyone.clusters, number=999, seed=8)
    assert np.mean(other.codes == everyone.codes) == pytest.approx(0.5, abs=0.02)


RADEMACHER_M03 = [1, 1, -1, 1, 1, 1, 1, 1, -1, 1, 1, -1]
WEBB_M03 = [1, 5, 3, 0, 2, 5, 5, 0, 0, 1, 5, 3]


def test_draws_are_these_and_stay_these():
    """Frozen: published p-values depend on them. Own values, printed once from this code."""
    rademacher = draws([f"m{i:02d}" for i in range(20)], number=40, seed=2021)
    webb = draws([f"m{i:02d}" for i in range(20)], number=40, seed=2021, kind="webb")
    assert rademacher.codes[3, :12].tolist() == RADEMACHER_M03
    assert webb.codes[3, :12].tolist() == WEBB_M03


def test_draws_have_the_moments_of_their_distributions():
    """99,999 x 12 draws: the mean of v is within 4 / sqrt(B) of 0, of v^2 within the same of 1."""
    for kind in ("rademacher", "webb"):
        multipliers = draws(range(17), number=99_999, seed=1, kind=kind)
        values = np.concatenate([v for _, v in multipliers.chunks(multipliers.clusters)], axis=1)
        bound = 4 / np.sqrt(99_999)
        assert np.abs(values.mean(axis=1)).max() < bound
        assert np.abs((values**2).mean(axis=1) - 1.0).max() < bound
        assert np.abs(np.corrcoef(values) - np.eye(17)).max() < bound
        assert len(np.unique(values)) == {"rademacher": 2, "webb": 6}[kind]


def test_enumeration_is_complete_and_only_when_it_fits():
    full = draws("abc", number=8, seed=1)
    assert (full.enumerated, full.number) == (True, 8)
    assert len({tuple(column) for column in full.codes.T.tolist()}) == 8
    assert full.codes[:, 0].tolist() == [1, 1, 1]
    assert full.codes[:, -1].tolist() == [-1, -1, -1]
    assert not draws("abc", number=7, seed=1).enumerated
    # one byte a sign: 99,999 draws of 70 clusters are held at once
    assert full.codes.dtype == draws("abc", number=7, seed=1).codes.dtype == np.int8
    assert not draws("abc", number=8, seed=1, kind="webb").enumerated


def test_random_draws_estimate_the_enumerated_p(engine_sample):
    """9,999 random draws of a 2^14 test: within 4 Monte Carlo errors of the exact p."""
    sample = engine_sample(45, absorb="cluster", sizes=(5, 4, 6, 7, 3, 6, 10, 5, 4, 6, 7, 3, 6, 10))
    blocks = _blocks(sample, "cluster")
    exact = wild(blocks, "effect", draws(sample.cluster, number=2**14, seed=1), scores="jackknifed")
    random = wild(
        blocks, "effect", draws(sample.cluster, number=9_999, seed=3), scores="jackknifed"
    )
    assert (exact.enumerated, random.enumerated) == (True, False)
    for null in (-1.0, 0.5, 2.0):
        error = random.mc_error(null)
        assert 0.0 < error < 0.006
        assert abs(random.p_value(null) - exact.p_value(null)) < 4 * error
    bounds, truth = random.interval(), exact.interval()
    assert abs(bounds.low - truth.low) < 4 * bounds.low_mc_error
    assert abs(bounds.high - truth.high) < 4 * bounds.high_mc_error


def test_draws_may_cover_more_clusters_but_not_fewer(engine_sample):
    sample = engine_sample(46, absorb="cluster")
    blocks = _blocks(sample, "cluster")
    more = draws([*sample.cluster.tolist(), "extra"], number=256, seed=1)
    exact = wild(blocks, "x", draws(sample.cluster, number=128, seed=1), scores="plain")
    assert wild(blocks, "x", more, scores="plain").p_value(0.2) == exact.p_value(0.2)
    first = r"^bootstrap: no bootstrap draws for 1 clusters, the first being c03\n"
    with pytest.raises(EstimationError, match=first):
        wild(
            blocks,
            "x",
            draws([c for c in more.clusters if c != "c03"], number=9, seed=1),
            scores="plain",
        )
    with pytest.raises(EstimationError, match=r"^bootstrap: 0 draws for 7 clusters"):
        draws(sample.cluster, number=0, seed=1)
    with pytest.raises(EstimationError, match="9 draws for 1 clusters"):
        draws(["a", "a"], number=9, seed=1)
    assert draws("ab", number=1, seed=1).number == 1


def test_singular_restricted_fit_without_a_cluster_is_unavailable(engine_sample):
    """Jackknifed scores only: plain scores never delete a cluster."""
    sample = engine_sample(47, absorb="cluster")
    only = (sample.cluster == "c02") * sample.X[:, 1]
    blocks = accumulate(
        np.column_stack([sample.X, only]),
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=(*sample.columns, "only"),
        absorb="cluster",
    )
    multipliers = draws(sample.cluster, number=128, seed=1)
    assert 0.0 < wild(blocks, "effect", multipliers, scores="plain").p_value() <= 1.0
    with pytest.raises(StepUnavailable, match=r"clusters c02: without 1 of 7 .* are only"):
        wild(blocks, "effect", multipliers, scores="jackknifed")


def test_too_few_clusters_to_reject_by_hand():
    """5 clusters: 32 sign vectors, p of 1/16 at least; 6 clusters: 1/32. Six points have more."""
    signs, points = (draws("abcdef", number=9, seed=1, kind=k) for k in ("rademacher", "webb"))
    assert str(too_few(signs, 5, 0.95)) == (
        "5 clusters have 32 sign vectors, whose p-values are multiples of 0.0625: none but 0 is"
        " below 0.05"
    )
    assert too_few(signs, 6, 0.95) is None
    assert too_few(points, 5, 0.95) is None
    # p of exactly 1 - level is not below it, but it is in the set that rejects
    assert too_few(signs, 5, 0.9375) is None
    assert too_few(signs, 5, 0.94) is not None


@pytest.mark.parametrize(
    ("same", "enumerated", "why"),
    [
        # 4 of 64 draws are 0.0625, one draw more of 65 is 5 / 65
        (4, True, "0.062"),
        (3, True, None),
        (4, False, "0.077"),
        (2, False, None),
        (0, True, None),
    ],
)
def test_draws_that_say_nothing_at_any_value_count_as_extreme_at_every_one(same, enumerated, why):
    squared_error = np.ones((3, 64))
    squared_error[:, :same] = 0.0
    # zero at one tested value alone is not zero at every one
    squared_error[1, 40:] = 0.0
    found = Distribution(
        column="x",
        estimate=1.0,
        std_error=1.0,
        factor=1.0,
        enumerated=enumerated,
        numerator=np.ones((2, 64)),
        squared_error=squared_error,
    )
    said = undefined_too_often(found, 0.95)
    assert (said is None) is (why is None)
    if said is not None:
        assert all(text in str(said) for text in (f"{same} of 64", why, "0.05"))
    # as often as the level allows is too often: none but a smaller p rejects
    assert (undefined_too_often(found, 1.0 - same / 64) is None) is (same == 0)


# --- the distribution itself --------------------------------------------------------------------


def _by_hand(enumerated):
    """Estimate 2, error 1: t* under 0 are 1, 3 and -2, one infinite and one 0 / 0."""
    return Distribution(
        column="x",
        estimate=2.0,
        std_error=1.0,
        factor=1.0,
        enumerated=enumerated,
        numerator=np.array([[1.0, 3.0, -2.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]]),
        squared_error=np.array([[1.0, 1.0, 1.0, 0.0, 0.0], [0.0] * 5, [0.0] * 5]),
    )


def test_statistics_and_p_values_by_hand():
    """|t*| >= 2: 3, the tie of -2, and both draws without a standard error."""
    found = _by_hand(enumerated=False)
    t, t_star = found.statistics()
    assert t == 2.0
    assert t_star.tolist() == [1.0, 3.0, -2.0, np.inf, np.inf]
    assert (found.p_value(), _by_hand(enumerated=True).p_value()) == (5 / 6, 4 / 5)
    assert found.mc_error() == pytest.approx(np.sqrt(5 / 36 / 5), rel=1e-14)
    # t of 3.5: neither the tie nor 3 count any longer
    assert found.p_value(-1.5) == 3 / 6
    assert found.mc_error(-1.5) == pytest.approx(np.sqrt(1 / 4 / 5), rel=1e-14)


# --- sets by inversion -------------------------------------------------------------------------


def test_bounds_are_the_last_values_that_are_not_rejected(engine_sample):
    """Enumerated p is a step function: the jump lies between a bound and 1e-9 SE beyond it."""
    sample = engine_sample(48, absorb="cluster", sizes=(5, 4, 6, 7, 3, 6, 10, 5, 4))
    bootstrap = wild(
        _blocks(sample, "cluster"),
        "effect",
        draws(sample.cluster, number=512, seed=1),
        scores="jackknifed",
    )
    bounds = bootstrap.interval(0.9)
    assert (bounds.shape, bounds.low_mc_error) == ("interval", 0.0)
    step = 1e-9 * bootstrap.std_error
    assert bounds.low < bootstrap.estimate < bounds.high
    for bound, way in ((bounds.low, -1), (bounds.high, 1)):
        assert bootstrap.p_value(bound - way * step) >= 0.1
        assert bootstrap.p_value(bound + way * step) < 0.1


def test_four_clusters_give_no_finite_bound():
    """2 of 16 sign vectors always tie with the sample, so p is never below .125."""
    rng = np.random.default_rng(9)
    blocks = accumulate(
        np.column_stack([rng.normal(size=20), np.ones(20)]),
        rng.normal(size=20),
        weights=np.ones(20),
        cluster=np.repeat(list("abcd"), 5),
        columns=["x", "one"],
        absorb="none",
    )
    bootstrap = wild(blocks, "x", draws("abcd", number=999, seed=1), scores="plain")
    bounds = bootstrap.interval()
    assert (bounds.low, bounds.high, bounds.shape) == (-np.inf, np.inf, "unbounded")
    assert bootstrap.interval(0.8).shape == "interval"


def test_bootstrap_t_is_the_cv1_t(engine_sample):
    sample = engine_sample(49, absorb="cluster")
    blocks = _blocks(sample, "cluster")
    bootstrap = wild(blocks, "x", draws(sample.cluster, number=99, seed=1), scores="plain")
    result = cv1(least_squares(blocks), "x")
    assert (bootstrap.estimate, bootstrap.std_error) == (result.estimate, result.std_error)
    assert bootstrap.statistics(0.2)[0] == pytest.approx(result.statistic(0.2), rel=1e-14)
