"""The size study's parts: every p-value of a data set against the step made for one regression."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.special import ndtr

from evaluation.config.plan import seed
from evaluation.estimation.inference import bootstrap, permutation_draws
from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.jackknife import jackknife
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.truth import size_study

SMALL = size_study.Setting(treated=4, comparison=5, log_size_sd=0.5, treated_spread=2.0)
# More than 999 sign vectors and assignments: both are drawn.
DRAWN = size_study.Setting(treated=7, comparison=6, log_size_sd=0.5, treated_spread=2.0)
IDS = [f"{g:03d}" for g in range(9)]
# The same cross-products in another order; regressions of two columns.
EXACT = 1e-9
COLUMNS = (size_study.EFFECT, "round")


def blocks_of(sizes, changes, treated):
    """Two rows a cluster, one a round, both of the cluster's weight."""
    g = len(sizes)
    post = np.tile([0.0, 1.0], g)
    return accumulate(
        np.column_stack([np.repeat(treated, 2) * post, post]),
        np.repeat(changes, 2) * post,
        weights=np.repeat(sizes, 2),
        cluster=np.repeat([f"{k:03d}" for k in range(g)], 2),
        columns=("effect", "post"),
        absorb="cluster",
    )


@pytest.mark.parametrize("setting", [SMALL, DRAWN], ids=["enumerated", "drawn"])
def test_every_p_value_is_that_of_its_own_step(setting):
    found = size_study._p_values(setting, "parts")
    number = seed("parts")
    sizes, changes = size_study.drawn(setting, number=100, seed=number)
    g = setting.treated + setting.comparison
    treated = (np.arange(g) < setting.treated).astype(float)
    ids = [f"{k:03d}" for k in range(g)]
    signs = bootstrap.draws(ids, number=999, seed=number)
    assert signs.enumerated is (setting is SMALL)
    drawn = permutation_draws.permutations(
        {cluster: str(arm) for cluster, arm in zip(ids, treated, strict=True)},
        strata={},
        number=999,
        seed=number,
    )
    for k in (0, 41, 99):
        blocks = blocks_of(sizes[k], changes[k], treated)
        fit = least_squares(blocks)
        plain = cv1(fit, "effect")
        expected = {
            "cv1": plain.p_value(),
            "cv1_normal": 2.0 * ndtr(-abs(plain.statistic())),
            "cr2": cr2(blocks, fit, "effect").p_value(),
            "cv3": jackknife(blocks, fit, "effect").p_value(),
            "wcr": bootstrap.wild(blocks, "effect", signs, scores="plain").p_value(),
            "wcr_s": bootstrap.wild(blocks, "effect", signs, scores="jackknifed").p_value(),
        }
        both = size_study._permuted(dataclasses.replace(blocks, columns=COLUMNS), drawn)
        expected |= dict(zip(("ri_coefficient", "ri"), both, strict=True))
        for method, p in expected.items():
            assert found[method][k] == pytest.approx(p, rel=EXACT), method
    assert set(found) == set(expected)
    assert drawn.among(tuple(ids)).number == (126 if setting is SMALL else 999)


def test_permuted_p_values_by_refits():
    """All 126 assignments of four in nine, each refitted; plain coefficients and CV1's t."""
    sizes, changes = size_study.drawn(SMALL, number=3, seed=7)
    treated = (np.arange(9) < 4).astype(float)
    arms = {cluster: str(arm) for cluster, arm in zip(IDS, treated, strict=True)}
    drawn = permutation_draws.permutations(arms, strata={}, number=999, seed=7)
    given = [np.isin(np.arange(9), some) * 1.0 for some in itertools.combinations(range(9), 4)]
    for k in range(3):
        blocks = dataclasses.replace(blocks_of(sizes[k], changes[k], treated), columns=COLUMNS)
        coefficient, studentised = size_study._permuted(blocks, drawn)
        every = [
            cv1(least_squares(blocks_of(sizes[k], changes[k], t)), "effect")
            for t in (treated, *given)
        ]
        for read, found in (
            (lambda one: abs(one.estimate), coefficient),
            (lambda one: abs(one.statistic()), studentised),
        ):
            own, *others = map(read, every)
            reached = sum(value >= own * (1 - EXACT) for value in others)
            assert found == pytest.approx((1 + reached) / 127, rel=1e-14)


def test_rates_count_rejections_at_five_percent():
    """Two parts of a hundred data sets, seeded by entry, setting and part."""
    rates = size_study.size_study(SMALL, data_sets=200, entry="rates")
    parts = [size_study._p_values(SMALL, f"rates 4/5, 0.5, x2 {k}") for k in (0, 1)]
    assert SMALL.id == "4/5, 0.5, x2"
    for rate in rates:
        p = np.concatenate([part[rate.method] for part in parts])
        share = np.mean(p <= 0.05 + 1e-9)
        assert (rate.setting, rate.draws, rate.rejection) == (SMALL.id, 200, share)
        assert rate.mc_error == pytest.approx(np.sqrt(share * (1 - share) / 200), rel=1e-14)
    assert [rate.method for rate in rates] == list(parts[0])
