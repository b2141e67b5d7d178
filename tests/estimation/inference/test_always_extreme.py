"""Permutations that are extreme whatever the outcome, where strata have changes of their own.

Source: dense least squares with cluster dummies for every assignment and 60 random outcomes. A
permutation that is at least as extreme as the observed treatment for all of them counts. |t| of the
two sides differ by rounding, 1e-12 or so; 1e-7 is far from any other ratio of random outcomes.
"""

import itertools

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.estimation.records import Estimate

# Drawn until both answers, and strata that a permutation leaves without a comparison, are common.
SEEDS = range(16)
NAMES = {"outcome": "y", "post": "post", "cluster": "c", "strata_round": "s"}


def survey(seed):
    """Six to ten clusters in two to four strata, one to three rows a cell."""
    rng = np.random.default_rng(seed)
    g = int(rng.integers(6, 11))
    treated = rng.permutation(np.arange(g) < rng.integers(2, g - 1))
    stratum = rng.integers(0, rng.integers(2, 5), g)
    cells = [(c, post) for c in range(g) for post in (0, 1) for _ in range(rng.integers(1, 4))]
    made = pd.DataFrame(cells, columns=["c", "post"])
    made = made.assign(t=treated[made["c"]].astype(int), s=stratum[made["c"]].astype(str))
    y = rng.normal(size=len(made)) + rng.normal(size=g)[made["c"]]
    return made.assign(u=1 - made["t"], y=y)


def t_of(given, treated, outcomes):
    """|t| of each outcome from weighted least squares; infinite without a standard error."""
    cluster, post = given["c"].to_numpy(), given["post"].to_numpy(dtype=float)
    root = np.sqrt(1.0 / given.groupby(["c", "post"])["y"].transform("size").to_numpy())[:, None]
    of = pd.factorize(given["s"])[0]
    strata = (of[:, None] == np.unique(of)) * post[:, None]
    others = np.column_stack([strata, cluster[:, None] == np.unique(cluster)]) * root
    x, y = treated[cluster, None] * post[:, None] * root, outcomes * root
    left = (x - others @ np.linalg.lstsq(others, x)[0])[:, 0]
    if left @ left < 1e-18:
        return np.full(outcomes.shape[1], np.inf)
    both = np.column_stack([x, others])
    residual = y - both @ np.linalg.lstsq(both, y)[0]
    parts = [left[cluster == c] @ residual[cluster == c] for c in np.unique(cluster)]
    error = np.sqrt(np.sum(np.square(parts), axis=0))
    return np.where(error < 1e-9, np.inf, np.abs(left @ y) / np.maximum(error, 1e-300))


def always(given):
    """How many assignments are extreme for every outcome, of how many."""
    treated = given.drop_duplicates("c")["t"].to_numpy(dtype=float)
    outcomes = np.random.default_rng(7).normal(size=(len(given), 60))
    observed = t_of(given, treated, outcomes) * (1.0 - 1e-7)
    ways = list(itertools.combinations(range(len(treated)), int(treated.sum())))
    every = (np.isin(np.arange(len(treated)), way).astype(float) for way in ways)
    return sum(bool((t_of(given, t, outcomes) >= observed).all()) for t in every), len(ways)


def permuted(given, treated, level):
    found = ev.did(given, **NAMES, treated=treated, methods=["ri"], draws=300, level=level)
    return found.primary


@pytest.mark.parametrize("seed", SEEDS)
def test_the_smallest_p_value_is_counted_and_swapped_arms_are_the_same_test(seed):
    given = survey(seed)
    one, two = (permuted(given, name, 0.8) for name in ("t", "u"))
    if isinstance(one, Estimate):
        assert (two.estimate, two.p_value) == (pytest.approx(-one.estimate), one.p_value)
    else:
        assert two.reason == one.reason
    refused = permuted(given, "t", 0.999)
    if refused.reason.id == "permutations-treatment.reason":
        told = dict(refused.reason.parameters)
        same, number = always(given)
        assert (told["same"], told["number"].shown) == (str(same), str(number))
        assert isinstance(one, Estimate) == (same / number < 0.2)
        assert not isinstance(one, Estimate) or one.p_value >= same / number
