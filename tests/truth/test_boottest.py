"""Stata boottest's exact example: a difference-in-differences with eight clusters.

Roodman, MacKinnon, Nielsen and Webb (2019), file and log of droodman/boottest; 256 sign vectors.
The published p of 0.0742 (19/256) and set [.03874, .07098] follow from another rule for ties; this
project counts ties in full, which gives 20/256 and the exact set below.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.stats.blocks import accumulate
from evaluation.stats.bootstrap import draws, wild
from evaluation.stats.fit import cv1, least_squares
from tests.conftest import shared_data

pytestmark = pytest.mark.truth


@pytest.fixture(scope="module")
def collapsed():
    """Blocks of the 16 cells (2 groups, 8 years) and the cluster ids."""
    data = pd.read_stata(shared_data("boottest_collapsed/collapsed.dta")).dropna()
    columns = ["selfemployed", "post", "post_self"]
    blocks = accumulate(
        np.column_stack([data[columns], np.ones(len(data))]),
        data["hasinsurance"],
        weights=np.ones(len(data)),
        cluster=data["year"].astype(int),
        columns=[*columns, "one"],
        absorb="none",
    )
    assert (blocks.n, len(blocks.clusters)) == (16, 8)
    return blocks


def test_estimate_and_t(collapsed):
    """Log: t(7) = 2.0194 with Stata's factor; estimate and SE as reproduced beside the data."""
    result = cv1(least_squares(collapsed), "post_self", factor="stata_nested")
    assert result.estimate == pytest.approx(0.0548578, abs=5e-8)
    assert result.std_error == pytest.approx(0.0073574, abs=5e-8)
    assert result.statistic(0.04) == pytest.approx(2.01942, abs=5e-6)
    assert result.df == 7.0


def test_exact_p_value_counts_18_larger_and_2_tied(collapsed):
    bootstrap = wild(
        collapsed, "post_self", draws(collapsed.clusters, number=256, seed=1), scores="plain"
    )
    t, t_star = bootstrap.statistics(0.04)
    ratio = np.abs(t_star) / abs(t)
    assert np.count_nonzero(ratio > 1 + 1e-9) == 18
    assert np.count_nonzero(np.abs(ratio - 1) <= 1e-9) == 2
    assert bootstrap.p_value(0.04) == 20 / 256 == 0.078125


def test_exact_set(collapsed):
    """Printed to six decimals; the jumps themselves are located to 1e-11 SE."""
    bootstrap = wild(
        collapsed, "post_self", draws(collapsed.clusters, number=256, seed=1), scores="plain"
    )
    bounds = bootstrap.interval()
    assert (bounds.low, bounds.high) == pytest.approx((0.038032, 0.071631), abs=5e-7)
    assert (bounds.shape, bounds.low_mc_error, bounds.high_mc_error) == ("interval", 0.0, 0.0)


def test_published_webb_p_value(collapsed):
    """Log: 0.0921 from 999 random draws, whose Monte Carlo error is .0091; three errors allowed."""
    multipliers = draws(collapsed.clusters, number=99_999, seed=1, kind="webb")
    bootstrap = wild(collapsed, "post_self", multipliers, scores="plain")
    published = np.sqrt(0.0921 * (1 - 0.0921) / 999)
    assert abs(bootstrap.p_value(0.04) - 0.0921) < 3 * published
