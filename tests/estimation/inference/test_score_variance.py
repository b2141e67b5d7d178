"""Score-variance test: literal refits, a case by hand, its size and power, and its refusals."""

import itertools

import numpy as np
import pytest

from evaluation.analysis.cluster_diagnostics import score_variance
from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import StepUnavailable, least_squares


def made(sample, absorb):
    return cluster_blocks.accumulate(
        sample.X,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb=absorb,
    )


def literal_tau(scores, coarse):
    """Loops over pairs of clusters: the definition, before any algebra."""
    groups = sorted(set(coarse.values()))
    g, h = len(groups), len(scores)
    joined = sum(sum(s for c, s in scores.items() if coarse[c] == name) ** 2 for name in groups)
    fine = sum(s**2 for s in scores.values())
    variance = 2 * sum(
        scores[a] ** 2 * scores[b] ** 2
        for a, b in itertools.permutations(scores, 2)
        if coarse[a] == coarse[b]
    )
    return (g / (g - 1) * joined - h / (h - 1) * fine) / np.sqrt(variance)


@pytest.mark.parametrize("absorb", ["cluster", "none"])
def test_against_refits_of_every_bootstrap_sample(engine_sample, absorb):
    sample = engine_sample(41, absorb=absorb)
    accumulated = made(sample, absorb)
    ids = accumulated.clusters
    coarse = {c: "xyz"[g % 3] for g, c in enumerate(ids)}
    X = np.column_stack([sample.X, sample.dummies()]) if absorb == "cluster" else sample.X
    w = sample.weights
    inverse = np.linalg.inv(X.T @ (w[:, None] * X))

    def tau(y):
        residual = y - X @ (inverse @ X.T @ (w * y))
        own = w * residual * (X @ inverse[0])
        return literal_tau({c: own[sample.cluster == c].sum() for c in ids}, coarse)

    fitted = X @ (inverse @ X.T @ (w * sample.y))
    residual = sample.y - fitted
    every = []
    for signs in itertools.product((1.0, -1.0), repeat=len(ids)):
        flip = np.array([dict(zip(ids, signs, strict=True))[c] for c in sample.cluster])
        every.append(tau(fitted + flip * residual))
    draws = bootstrap.draws(ids, number=2 ** len(ids), seed=0)
    found = score_variance(
        accumulated, least_squares(accumulated), "effect", coarse=coarse, draws=draws
    )
    observed = tau(sample.y)
    # refits and blocks differ by rounding only; ties (all signs flipped) count in full
    assert found.statistic == pytest.approx(observed, rel=1e-8)
    assert found.p_value == np.mean(np.array(every) >= observed - 1e-8 * abs(observed))


def test_random_draws_count_the_sample_too(engine_sample):
    """tau* by loops from the draws' own signs; p = (1 + larger) / (B + 1)."""
    sample = engine_sample(43, absorb="none")
    accumulated = made(sample, "none")
    coarse = {c: "xy"[g % 2] for g, c in enumerate(accumulated.clusters)}
    draws = bootstrap.draws(accumulated.clusters, number=50, seed=3)
    X, w = sample.X, sample.weights
    inverse = np.linalg.inv(X.T @ (w[:, None] * X))
    residual = sample.y - X @ (inverse @ X.T @ (w * sample.y))
    place = np.searchsorted(accumulated.clusters, sample.cluster)

    def tau(y):
        own = w * (y - X @ (inverse @ X.T @ (w * y))) * (X @ inverse[0])
        return literal_tau(
            {c: own[sample.cluster == c].sum() for c in accumulated.clusters}, coarse
        )

    observed = tau(residual)
    larger = sum(
        tau(draws.codes[place, b] * residual) >= observed - 1e-8 * abs(observed) for b in range(50)
    )
    found = score_variance(
        accumulated, least_squares(accumulated), "effect", coarse=coarse, draws=draws
    )
    assert not draws.enumerated
    assert found.p_value == (1 + larger) / 51


@pytest.mark.truth
def test_by_hand():
    """The mean of one row per cluster, y = 3, 1, -1, -3: scores y / 4, mean 0.

    Coarse {3, 1} and {-1, -3}: theta = 2 (16 + 16) - 4/3 (20) = 112/3, variance
    2 [2 (9 x 1) + 2 (1 x 9)] = 72, so tau = 112 / (3 sqrt 72), whatever the scores' unit.
    """
    accumulated = cluster_blocks.accumulate(
        np.ones((4, 1)),
        np.array([3.0, 1.0, -1.0, -3.0]),
        weights=np.ones(4),
        cluster=list("abcd"),
        columns=("one",),
        absorb="none",
    )
    found = score_variance(
        accumulated,
        least_squares(accumulated),
        "one",
        coarse={"a": "x", "b": "x", "c": "y", "d": "y"},
        draws=bootstrap.draws("abcd", number=16, seed=0),
    )
    assert found.statistic == pytest.approx(112 / (3 * np.sqrt(72)), rel=1e-13)


def simulated(seed, *, shared):
    """Changes of forty clusters in eight coarse ones, half of each treated; p of the test."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(8), 5)
    treated = (group % 2 == 0).astype(float)
    y = shared * rng.normal(size=8)[group] + rng.normal(size=40)
    ids = [f"c{g:02d}" for g in range(40)]
    accumulated = cluster_blocks.accumulate(
        np.column_stack([treated, np.ones(40)]),
        y,
        weights=np.ones(40),
        cluster=ids,
        columns=("effect", "one"),
        absorb="none",
    )
    found = score_variance(
        accumulated,
        least_squares(accumulated),
        "effect",
        coarse={c: str(g) for c, g in zip(ids, group, strict=True)},
        draws=bootstrap.draws(ids, number=199, seed=seed),
    )
    return found.p_value


@pytest.mark.simulation
def test_size_and_power():
    """400 samples: at 5 % the Monte Carlo error is 1.1 points, and the band three of them wide."""
    null = np.mean([simulated(seed, shared=0.0) <= 0.05 for seed in range(400)])
    strong = np.mean([simulated(seed, shared=1.0) <= 0.05 for seed in range(100)])
    print(f"score-variance test: rejects {null:.3f} under the null, {strong:.2f} with shocks")
    assert 0.017 <= null <= 0.083
    assert strong > 0.7


def test_a_level_that_joins_nothing_or_everything_is_refused(engine_sample):
    accumulated = made(engine_sample(42, absorb="cluster"), "cluster")
    fit = least_squares(accumulated)
    draws = bootstrap.draws(accumulated.clusters, number=99, seed=0)
    with pytest.raises(StepUnavailable, match="not two coarse clusters"):
        score_variance(
            accumulated,
            fit,
            "effect",
            coarse=dict.fromkeys(accumulated.clusters, "x"),
            draws=draws,
        )
    with pytest.raises(StepUnavailable, match="no coarse cluster contains two clusters"):
        score_variance(
            accumulated, fit, "effect", coarse={c: c for c in accumulated.clusters}, draws=draws
        )
    with pytest.raises(EstimationError, match="7 clusters belong to no coarse cluster"):
        score_variance(accumulated, fit, "effect", coarse={}, draws=draws)


@pytest.mark.property
@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_the_test_knows_no_unit(engine_sample, unit):
    """The outcome in another unit: every score by the same factor, every ratio as it was."""
    sample = engine_sample(41, absorb="cluster")
    results = []
    for factor in (1.0, unit):
        collected = cluster_blocks.accumulate(
            sample.X,
            factor * sample.y,
            weights=sample.weights,
            cluster=sample.cluster,
            columns=sample.columns,
            absorb="cluster",
        )
        coarse = {c: "xyz"[g % 3] for g, c in enumerate(collected.clusters)}
        draws = bootstrap.draws(collected.clusters, number=399, seed=3)
        fit = least_squares(collected)
        found = score_variance(collected, fit, sample.columns[0], coarse=coarse, draws=draws)
        results.append(found)
    assert results[1].p_value == results[0].p_value
    assert results[1].statistic == pytest.approx(results[0].statistic, rel=1e-9)


def test_draws_in_several_chunks_are_counted_together(engine_sample, monkeypatch):
    sample = engine_sample(41, absorb="none")
    collected = made(sample, "none")
    coarse = {c: "xyz"[g % 3] for g, c in enumerate(collected.clusters)}
    draws = bootstrap.draws(collected.clusters, number=99, seed=3)
    given = {"coarse": coarse, "draws": draws}
    fit = least_squares(collected)
    whole = score_variance(collected, fit, sample.columns[0], **given).p_value
    monkeypatch.setattr(bootstrap, "_CELLS", 7 * len(draws.clusters))
    assert score_variance(collected, fit, sample.columns[0], **given).p_value == whole
    assert whole > 8 / 99
