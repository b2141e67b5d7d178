"""Matched pairs: strata of two clusters, one treated, each with a change of its own.

A draw that flips one cluster of every pair moves nothing: its numerator and every cluster's part of
its error are exact zeros. Rounding may not decide what such a draw counts for.
"""

import dataclasses
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest

from evaluation.estimation.inference import bootstrap
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import least_squares
from tests.estimation.one_call import two_rounds

# Bounds are bisected to 1e-11 standard errors; sums in another order or unit move t by 1e-13 and,
# where the slope of a draw's t is small against that of t, a bound by some hundred times as much.
BOUND = 1e-9
STEPS = ("wcr_s", "wcr")


def _data(seed):
    """One data set: 3 to 9 pairs; answers whole or continuous, weights even or not."""
    rng = np.random.default_rng(seed)
    pairs, rows = int(rng.integers(3, 10)), int(rng.integers(1, 4))
    cluster = np.repeat(np.arange(2 * pairs), 2 * rows)
    pair, treated = cluster // 2, cluster % 2
    post = np.tile(np.repeat([0, 1], rows), 2 * pairs)
    level, change = rng.normal(0, 2, 2 * pairs)[cluster], rng.normal(0, 1, pairs)[pair]
    y = level + post * (change + 0.7 * treated) + rng.normal(0, 1, len(post))
    kind = seed % 4
    if kind == 1:
        y = np.round(y)
    weight = np.ones(len(y)) if kind < 2 else rng.uniform(0.5, 3.0, len(y))
    if kind == 3:
        weight = rng.uniform(0.5, 3.0, 2 * pairs)[cluster]
    return pd.DataFrame(
        {
            "village": [f"v{c:02d}" for c in cluster],
            "pair": [f"p{p}" for p in pair],
            "treated": treated,
            "post": post,
            "y": y,
            "weight": weight,
        }
    )


def _found(frame, *, draws=1_024, estimand="equal", steps=STEPS):
    found = two_rounds(
        frame,
        outcome="y",
        treated="treated",
        post="post",
        cluster="village",
        weights="weight",
        estimand=estimand,
        seed=11,
        draws=draws,
        steps=steps,
        strata_round="pair",
    )
    return {record.step: record for record in found if hasattr(record, "step")}


def _turned(frame, seed):
    """The same data: other order of rows, other unit and origin of the answers, other weights."""
    turned = frame.sample(frac=1.0, random_state=seed)
    unit, origin = (1.0, 3.7, 1e-3, 1e4, 0.1, 7.0)[seed], (0.0, 0.0, 1.0, 11.0, 100.0, 0.3)[seed]
    turned["y"] = turned["y"] * unit + origin
    turned["weight"] *= (1.0, 1 / 3, 17.0, 1.0, 1e-5, 0.7)[seed]
    return turned, unit


@pytest.mark.parametrize(
    "first",
    [*range(0, 48, 16), *(pytest.param(n, marks=pytest.mark.long) for n in range(48, 192, 16))],
)
def test_order_and_units_change_neither_p_nor_interval(first):
    """48 data sets, and 192 in the long run, in six orders and units each."""
    for seed in range(first, first + 16):
        frame = _data(seed)
        estimand = "respondents" if seed % 8 > 3 else "equal"
        once = _found(frame, estimand=estimand)
        for turn in range(6):
            turned, unit = _turned(frame, turn)
            again = _found(turned, estimand=estimand)
            for step, record in once.items():
                other = again[step]
                assert type(other) is type(record), (seed, turn, step)
                if hasattr(record, "reason"):
                    assert other.reason == record.reason
                    continue
                assert other.p_value == record.p_value, (seed, turn, step)
                ends = np.array([record.ci_low, record.ci_high])
                others = np.array([other.ci_low, other.ci_high]) / unit
                close = BOUND * record.std_error
                same = np.isclose(others, ends, rtol=BOUND, atol=close)
                assert same.all(), (seed, turn, step, ends, others)


def _exact_p(frame, step):
    """Share of all sign vectors with |t*| >= |t|, in fractions; a zero error counts.

    Cluster changes with weights n/2 are regressed on a dummy for each pair and on treatment: the
    same regression as of rows with cluster effects, when both rounds have n rows. Where a draw is
    0/0 at the tested value alone, its squared t is the limit there.
    """
    n = len(frame) // frame["village"].nunique() // 2
    sums = (frame["y"] * (2 * frame["post"] - 1)).groupby(frame["village"]).sum()
    change = [Fraction(int(total), n) for total in sums]
    pairs = len(change) // 2
    gap = [change[2 * p + 1] - change[2 * p] for p in range(pairs)]
    # A restricted residual: half of the pair's gap, or, without the own cluster, all of it.
    share = Fraction(1, 2) if step == "wcr" else Fraction(1)

    def squared(gaps):
        """Squared t without its factor, as (top, bottom)."""
        mean = sum(gaps) / pairs
        return mean**2, sum(2 * ((g - mean) / (2 * pairs)) ** 2 for g in gaps)

    top, bottom = squared(gap)
    larger = 0
    for signs in product((1, -1), repeat=2 * pairs):
        moves = [share * (signs[2 * p + 1] + signs[2 * p]) for p in range(pairs)]
        above, below = squared([m * g for m, g in zip(moves, gap, strict=True)])
        if above == below == 0:
            above, below = squared(moves)
        larger += above * bottom >= top * below
    return Fraction(larger, 4**pairs)


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("pairs", [3, 4, 5])
def test_p_is_the_one_of_exact_arithmetic(seed, pairs):
    """Source: the definition (MacKinnon, Nielsen and Webb 2023) in fractions, whole answers.

    Whole answers make ties, equal gaps and pairs without any gap, which continuous ones do not.
    """
    rng = np.random.default_rng(1_000 * pairs + seed)
    n = int(rng.integers(1, 4))
    village = np.repeat(np.arange(2 * pairs), 2 * n)
    frame = pd.DataFrame(
        {
            "village": [f"v{v}" for v in village],
            "pair": village // 2,
            "treated": village % 2,
            "post": np.tile(np.repeat([0, 1], n), 2 * pairs),
            "weight": 1.0,
        }
    )
    frame["y"] = rng.integers(0, 5, len(frame)) + 3 * frame["post"] * frame["treated"]
    found = _found(frame)
    for step, record in found.items():
        expected = _exact_p(frame, step)
        if hasattr(record, "reason"):
            # 2^-pairs of the draws are extreme whatever the data: too many already.
            assert 2**-pairs > 0.05
            assert f"{2**pairs} of {4**pairs} bootstrap draws have neither" in str(record.reason)
        else:
            assert record.p_value == float(expected), step


@pytest.mark.parametrize("scores", ["plain", "jackknifed"])
def test_many_data_sets_at_once_count_such_draws_alike(scores):
    """40 data sets of six pairs, as calibration sees them, against each by itself."""
    rng = np.random.default_rng(4)
    g = 12
    cluster, post = np.repeat(np.arange(g), 4), np.tile([0.0, 0.0, 1.0, 1.0], g)
    pairs = (cluster // 2)[:, None] == np.arange(1, 6)
    columns = ("effect", "post", *(f"post {p}" for p in range(1, 6)))
    X = np.column_stack([(cluster % 2) * post, post, pairs * post[:, None]])
    Y = rng.normal(size=(len(post), 40))
    blocks = accumulate(
        X,
        Y,
        weights=np.ones(len(post)),
        cluster=[f"{c:02d}" for c in cluster],
        columns=columns,
        absorb="cluster",
    )
    drawn = bootstrap.draws(blocks.clusters, number=4_096, seed=1)
    found = bootstrap.p_of_each_data_set(
        blocks, least_squares(blocks), "effect", drawn, scores=scores
    )
    expected = [
        bootstrap.wild(alone, "effect", drawn, scores=scores).p_value()
        for alone in (
            dataclasses.replace(blocks, products=blocks.products[..., [*range(8), 8 + k]])
            for k in range(40)
        )
    ]
    assert found.tolist() == expected
