"""Exact tests: boottest's eight clusters, Fisher's eight cups."""

from functools import cache

import numpy as np
import pandas as pd

from evaluation.estimation.inference.bootstrap import draws, wild
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.permutation import randomise
from evaluation.estimation.inference.permutation_draws import permutations
from evaluation.estimation.regression.cluster_blocks import Blocks, accumulate
from tests.conftest import shared_data
from tests.truth.calculations.small_sample import cluster_robust

NULL = 0.04
CUPS = 8


@cache
def collapsed() -> Blocks:
    """Health insurance of the self-employed: 16 cells, 2 groups in 8 years, clustered by year."""
    data = pd.read_stata(shared_data("boottest_collapsed/collapsed.dta")).dropna()
    columns = ["selfemployed", "post", "post_self"]
    return accumulate(
        np.column_stack([data[columns], np.ones(len(data))]),
        data["hasinsurance"],
        weights=np.ones(len(data)),
        cluster=data["year"].astype(int),
        columns=[*columns, "one"],
        absorb="none",
    )


@cache
def enumerated() -> Distribution:
    """All 256 sign vectors, null imposed."""
    blocks = collapsed()
    signs = draws(blocks.clusters, number=256, seed=1)
    return wild(blocks, "post_self", signs, scores="plain")


def boottest() -> dict[str, float]:
    """Test of 0.04: t, larger and tied draws, p with ties in full and by half, the exact set."""
    blocks = collapsed()
    result = cluster_robust(blocks, "post_self", "stata_nested")
    t, t_star = enumerated().statistics(NULL)
    ratio = np.abs(t_star) / abs(t)
    larger = np.count_nonzero(ratio > 1 + 1e-9)
    tied = np.count_nonzero(np.abs(ratio - 1) <= 1e-9)
    bounds = enumerated().interval()
    return {
        "estimate": result.estimate,
        "std_error": result.std_error,
        "t": result.statistic(NULL),
        "t_post": cluster_robust(blocks, "post", "stata_nested").statistic(),
        "larger": float(larger),
        "tied": float(tied),
        "p_ties_in_full": float(enumerated().p_value(NULL)),
        "p_ties_by_half": (larger + tied / 2) / 256,
        "set_low": bounds.low,
        "set_high": bounds.high,
    }


def boottest_other_rule() -> dict[str, float]:
    """The set, shown beside the one that boottest prints."""
    bounds = enumerated().interval()
    return {"set_low": bounds.low, "set_high": bounds.high}


def webb() -> dict[str, float]:
    """p of the same test with 99,999 draws from the six-point distribution."""
    blocks = collapsed()
    multipliers = draws(blocks.clusters, number=99_999, seed=1, kind="webb")
    found = wild(blocks, "post_self", multipliers, scores="plain")
    return {"p_value": float(found.p_value(NULL))}


@cache
def tea() -> dict[str, float]:
    """Fisher's lady: 4 of 8 cups, all told apart; the statistic of this package is studentised.

    Her answers are certainties rather than yes and no, since a studentised statistic of a perfect
    yes and no has no error to divide by; every certainty of a true cup exceeds those of the others.
    """
    cups = [f"cup {number}" for number in range(CUPS)]
    milk_first = np.repeat([1.0, 0.0], CUPS // 2)
    certainty = np.array([0.9, 0.8, 0.95, 0.85, 0.1, 0.2, 0.05, 0.15])
    blocks = accumulate(
        np.column_stack([milk_first, np.ones(CUPS)]),
        certainty,
        weights=np.ones(CUPS),
        cluster=cups,
        columns=("milk first", "one"),
        absorb="none",
    )
    arms = {cup: "milk" if first else "tea" for cup, first in zip(cups, milk_first, strict=True)}
    permuted = permutations(arms, strata={}, number=9_999, seed=1)
    t, t_star = randomise(blocks, "milk first", permuted).statistics(0.0)
    return {
        "assignments": float(len(t_star)),
        "p_one_sided": float(np.mean(t_star >= t * (1 - 1e-9))),
        "p_two_sided": float(randomise(blocks, "milk first", permuted).p_value()),
    }
