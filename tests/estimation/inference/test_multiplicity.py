"""Adjusted p-values: published examples, a literal twin, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.multiplicity import (
    MaxT,
    benjamini_hochberg,
    holm,
    romano_wolf,
    sharpened_q,
)
from evaluation.estimation.regression import cluster_blocks

# Benjamini and Hochberg (1995, JRSS B 57:289), section 3.2: 15 ordered p-values of a myocardial
# infarction study; at 0.05 their procedure rejects four hypotheses and Bonferroni's three.
MYOCARDIAL = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
)  # fmt: skip


@pytest.mark.truth
@pytest.mark.parametrize(("ours", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
@pytest.mark.parametrize("number", [1, 2, 17, 300])
def test_step_up_and_down_are_those_of_statsmodels(ours, method, number):
    # statsmodels.stats.multitest.multipletests makes the same operations in the same order
    p = np.round(np.random.default_rng(number).uniform(size=number) ** 2, 2)
    assert ours(p.tolist()) == tuple(multipletests(p, method=method)[1].tolist())
    assert ours(()) == ()


def test_benjamini_hochberg_published_example():
    adjusted = benjamini_hochberg(MYOCARDIAL)
    assert sum(p <= 0.05 for p in adjusted) == 4
    # 15 x 0.0095 / 4, exact but for rounding.
    assert adjusted[3] == pytest.approx(0.035625, abs=1e-12)


@pytest.mark.truth
def test_holm_published_example():
    """Step-down by hand: 15 x .0001, 14 x .0004, 13 x .0019, 12 x .0095 = .114."""
    adjusted = holm(MYOCARDIAL)
    np.testing.assert_allclose(adjusted[:4], (0.0015, 0.0056, 0.0247, 0.114), atol=1e-12)


def test_order_given_is_kept_and_nothing_is_nothing():
    assert holm((0.5, 0.01)) == (0.5, 0.02)
    assert benjamini_hochberg((0.5, 0.01)) == (0.5, 0.02)
    assert holm(()) == ()


def drawn(seed, *, outcomes=4, draws=200):
    """t and correlated t*, one outcome clearly away from zero."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=draws)
    return {
        f"y{j}": (float(rng.normal() + 2.5 * (j == 1)), 0.7 * shared + 0.7 * rng.normal(size=draws))
        for j in range(outcomes)
    }


def literal(statistics, *, plus):
    """Step-down written out: for each rank, all draws one by one over the outcomes that remain."""
    remaining = sorted(statistics, key=lambda name: -abs(statistics[name][0]))
    adjusted, so_far = {}, 0.0
    while remaining:
        name = remaining[0]
        threshold = abs(statistics[name][0])
        count = 0
        number = len(statistics[name][1])
        for b in range(number):
            largest = max(abs(statistics[other][1][b]) for other in remaining)
            count += largest >= threshold
        so_far = max(so_far, (plus + count) / (number + plus))
        adjusted[name] = so_far
        remaining = remaining[1:]
    return adjusted


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("draws", "plus"), [("random", 1), ("enumerated", 0)])
def test_romano_wolf_against_literal_twin(seed, draws, plus):
    statistics = drawn(seed)
    found = romano_wolf(statistics, draws=draws)
    expected = literal(statistics, plus=plus)
    assert list(found) == list(statistics)
    for name, p in found.items():
        assert p == pytest.approx(expected[name], abs=1e-15)


def test_one_outcome_is_its_own_p_value():
    t, t_star = 1.0, np.array([0.5, -1.0, 2.0, 0.1])
    # 1.0 itself counts: two of four, and the sample.
    assert romano_wolf({"y": (t, t_star)}, draws="random") == {"y": 3 / 5}
    assert romano_wolf({"y": (t, t_star)}, draws="enumerated") == {"y": 0.5}


def test_ties_within_rounding_count_in_full():
    t_star = np.array([2.0 * (1 - 1e-12), 1.0])
    assert romano_wolf({"y": (2.0, t_star)}, draws="enumerated") == {"y": 0.5}


def test_identical_outcomes_share_one_p_and_beat_holm():
    """Perfectly dependent tests are one test: no price is paid, where Holm pays double."""
    t, t_star = drawn(9)["y1"]
    together = romano_wolf({"a": (t, t_star), "b": (t, t_star)}, draws="random")
    alone = romano_wolf({"a": (t, t_star)}, draws="random")["a"]
    assert together == {"a": alone, "b": alone}
    assert holm((alone, alone))[0] == 2 * alone


def test_never_below_the_unadjusted_and_monotone():
    statistics = drawn(3, outcomes=6)
    found = romano_wolf(statistics, draws="random")
    for name, (t, t_star) in statistics.items():
        own = (1 + np.count_nonzero(np.abs(t_star) >= abs(t))) / (1 + len(t_star))
        assert found[name] >= own
    ranked = sorted(found, key=lambda name: -abs(statistics[name][0]))
    assert [found[n] for n in ranked] == sorted(found[n] for n in ranked)


def test_draws_that_cannot_be_aligned_are_refused():
    with pytest.raises(
        EstimationError, match=r"^Romano-Wolf adjustment: outcomes.* \[3, 4\] draws"
    ):
        romano_wolf({"a": (1.0, np.ones(3)), "b": (1.0, np.ones(4))}, draws="random")


@pytest.mark.truth
def test_max_t_by_hand():
    """Largest |t*| over two outcomes: 2, 1, 4, 3.

    The critical value is the largest |t| whose p is not below 1 - level. Random: p = (1 + #)/5, so
    at 0.4 one draw must reach |t| (4), at 0.6 two must (3), and 0.2 is p of any |t| above 4: no
    |t| is rejected. Enumerated: p = #/4, so at 0.25 one draw (4), at 0.5 two (3). What ties with a
    draw within 2e-10 of its square counts as reached, so the value stands 1e-10 above it.
    """
    statistics = {
        "a": (0.0, np.array([-2.0, 1.0, 0.0, 3.0])),
        "b": (0.0, np.array([1.0, -0.5, 4.0, -1.0])),
    }
    random = MaxT.of(statistics, draws="random")
    whole = MaxT.of(statistics, draws="enumerated")
    tied = {"rel": 2e-10, "abs": 0.0}
    assert random.critical(0.6) == pytest.approx(4.0, **tied)
    assert random.critical(0.4) == pytest.approx(3.0, **tied)
    assert random.critical(0.8) == random.critical(0.95) == np.inf
    assert whole.critical(0.75) == pytest.approx(4.0, **tied)
    assert whole.critical(0.5) == pytest.approx(3.0, **tied)
    assert [random.p_value(t) for t in (0.0, 3.0, -3.0, 3.5, 4.1)] == [1.0, 0.6, 0.6, 0.4, 0.2]
    assert [whole.p_value(t) for t in (0.0, 3.0, 3.5, 4.1)] == [1.0, 0.5, 0.25, 0.0]


@pytest.mark.parametrize(("draws", "number"), [("random", 199), ("enumerated", 200)])
def test_max_t_rejects_exactly_where_its_p_is_below_one_minus_the_level(draws, number):
    """p is a multiple of 1/200 here, so that p = 0.05 and p = 0.1 happen: they reject nothing."""
    for seed in range(60):
        statistics = drawn(seed, draws=number)
        reference = MaxT.of(statistics, draws=draws)
        smallest = min(romano_wolf(statistics, draws=draws).values())
        largest = max(abs(t) for t, _ in statistics.values())
        assert reference.p_value(largest) == smallest
        for level in (0.9, 0.95):
            critical = reference.critical(level)
            ends = (critical * (1.0 - 1e-9), critical, critical * (1.0 + 1e-9))
            # the value itself is decided by rounding, so it is not asked for its p
            assert reference.p_value(ends[0]) >= round(1.0 - level, 12) > reference.p_value(ends[2])
            for t, _ in statistics.values():
                rejected = reference.p_value(t) < round(1.0 - level, 12)
                assert rejected == (abs(t) > critical)


def test_the_error_of_the_critical_value_is_what_repeated_draws_scatter_by():
    """Standard deviation of 200 critical values; 0.25 off is four errors of it (1/sqrt(400))
    and the finite window of the slope."""
    found = [MaxT.of(drawn(seed, draws=1999), draws="random") for seed in range(200)]
    scattered = np.std([one.critical(0.95) for one in found])
    printed = np.median([one.critical_mc_error(0.95) for one in found])
    assert printed == pytest.approx(scattered, rel=0.25)
    assert MaxT.of(drawn(1, draws=200), draws="enumerated").critical_mc_error(0.95) == 0.0


# estimation.md, section 5, row 15: two implementations agree on these digits.
SHARPENED_P = (0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216)
SHARPENED_Q = (0.011, 0.038, 0.073, 0.073, 0.073, 0.087, 0.092, 0.112, 0.112, 0.112)


@pytest.mark.truth
def test_sharpened_q_printed_vector():
    """To every printed digit, in any order; statsmodels' fdr_tsbky gives .181 for p = .205."""
    assert sharpened_q(SHARPENED_P) == SHARPENED_Q
    assert sharpened_q(SHARPENED_P[::-1]) == SHARPENED_Q[::-1]


@pytest.mark.truth
def test_sharpened_q_by_hand():
    """One hypothesis with p = 0.2: rejected at stage one where q / (1 + q) >= 0.2, q = 0.25.

    Two with 0.01 and 0.9: the first from q' >= 0.02, q >= 0.0205 (0.021 on the grid); stage two
    then works at 2 q', and takes the second where 2 q' >= 0.9, q >= 0.8182 (0.819).
    """
    assert sharpened_q((0.2,)) == (0.25,)
    assert sharpened_q((0.01, 0.9)) == (0.021, 0.819)
    assert sharpened_q(()) == ()
    assert sharpened_q((1.0, 1.0)) == (1.0, 1.0)


def anderson_loop(p_values):
    """The published procedure written out: from q = 1 downwards, rank by rank."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    total = len(order)
    q_values = [1.0] * total
    for step in range(1000, 0, -1):
        q = step / 1000
        first = q / (1 + q)
        rejected = 0
        for rank, i in enumerate(order, start=1):
            if first * rank / total >= p_values[i]:
                rejected = rank
        second = first * total / (total - rejected) if rejected < total else float("inf")
        rejected = 0
        for rank, i in enumerate(order, start=1):
            if second * rank / total >= p_values[i]:
                rejected = rank
        for rank, i in enumerate(order, start=1):
            if rank <= rejected:
                q_values[i] = q
    return tuple(q_values)


P_VALUES = st.lists(st.floats(0.0, 1.0, allow_subnormal=False), min_size=1, max_size=12)


@pytest.mark.property
@given(P_VALUES)
def test_sharpened_q_is_monotone_in_p_and_equals_the_loop(p_values):
    found = sharpened_q(p_values)
    assert found == anderson_loop(p_values)
    by_p = [q for _, q in sorted(zip(p_values, found, strict=True))]
    assert by_p == sorted(by_p)
    for a, b in zip(p_values, found, strict=True):
        assert all(d == b for c, d in zip(p_values, found, strict=True) if c == a)


def changes(clusters, seed):
    """Changes of an outcome by cluster, ready for the bootstrap; the same noise for every call."""
    rng = np.random.default_rng(seed)
    noise = {f"c{g:02d}": rng.normal() for g in range(30)}
    y = np.array([noise[c] for c in clusters])
    treated = np.array([float(int(c[1:]) % 2) for c in clusters])
    return cluster_blocks.accumulate(
        np.column_stack([treated, np.ones(len(clusters))]),
        y,
        weights=np.ones(len(clusters)),
        cluster=clusters,
        columns=("effect", "one"),
        absorb="none",
    )


def test_outcomes_with_different_samples_stay_aligned():
    """estimation.md, note 10: another tool's t* fell from a correlation of 0.94 to -0.22.

    One outcome misses the first cluster. Draws are keyed by cluster, so its t* stay those of the
    whole sample but for that cluster; drawn anew by position they would have nothing in common.
    """
    every = [f"c{g:02d}" for g in range(30)]
    draws = bootstrap.draws(every, number=999, seed=4)
    whole, fewer = (
        bootstrap.wild(changes(c, 1), "effect", draws, scores="plain").statistics()[1]
        for c in (every, every[1:])
    )
    assert np.corrcoef(whole, fewer)[0, 1] > 0.9
    misaligned = bootstrap.draws([f"d{g:02d}" for g in range(29)], number=999, seed=4)
    renamed = bootstrap.Draws(
        tuple(every[1:]), misaligned.kind, enumerated=False, codes=misaligned.codes
    )
    other = bootstrap.wild(changes(every[1:], 1), "effect", renamed, scores="plain")
    assert abs(np.corrcoef(whole, other.statistics()[1])[0, 1]) < 0.15


def test_a_cluster_without_weight_changes_no_draw_of_the_others():
    """The same outcome on the same clusters, drawn for 29 clusters or for 30: t* are equal."""
    every = [f"c{g:02d}" for g in range(30)]
    here, there = (
        bootstrap.wild(
            changes(every[1:], 2),
            "effect",
            bootstrap.draws(known, number=999, seed=4),
            scores="jackknifed",
        ).statistics()[1]
        for known in (every, every[1:])
    )
    np.testing.assert_array_equal(here, there)
