"""The size study of few-cluster inference: which steps keep their level where, and which do not.

Source of the pattern: the planning notes' table of five settings (two-round
difference-in-differences on municipality cells, 1,500 draws each, its process not stated). Ours is
stated in `tests.truth.size_study`: sizes n = exp(s z) drawn afresh, changes
normal with SD 1 (comparison) and 1 or 2 (treated), both rounds weighted by n. Seed: the text "size
study" with the setting's name. 4,000 data sets a setting: a rate of 5 % has a Monte Carlo error of
0.34 points.
"""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.estimation.inference import permutation, permutation_draws
from evaluation.estimation.regression.fit import cv1_errors, least_squares
from tests.truth import size_study
from tests.truth.size_study import SETTINGS

DATA_SETS = 4_000
EVEN, UNEVEN, NOISY, LARGER, FEW = (setting.id for setting in SETTINGS)


@pytest.fixture(scope="module")
def rates():
    found = [
        rate
        for setting in SETTINGS
        for rate in size_study.size_study(setting, data_sets=DATA_SETS, entry="size study")
    ]
    return {(rate.setting, rate.method): rate for rate in found}


@pytest.mark.simulation
def test_the_primary_step_keeps_its_level_in_each_setting(rates, record_property):
    """3.5 to 7 %, as decided for this package; the smallest and largest are printed."""
    found = {s.id: rates[s.id, "wcr_s"] for s in SETTINGS}
    for setting, rate in found.items():
        said = f"{setting}: WCR-S rejects {100 * rate.rejection:.1f} ± {100 * rate.mc_error:.1f} %"
        record_property("reported", said)
        assert rate.draws == DATA_SETS
        assert 0.035 <= rate.rejection <= 0.07


@pytest.mark.simulation
def test_cv1_rejects_too_often_where_sizes_are_unequal(rates):
    """Above 5 % by more than four Monte Carlo errors; with nearly equal sizes it does not."""
    for setting in (UNEVEN, NOISY, LARGER, FEW):
        rate = rates[setting, "cv1"]
        assert rate.rejection - 4 * rate.mc_error > 0.05
        # Normal quantiles are worse, on the same statistics.
        assert rates[setting, "cv1_normal"].rejection > rate.rejection
    assert rates[EVEN, "cv1"].rejection == pytest.approx(0.05, abs=4 * 0.0034)
    # 10 treated clusters: worse than twice the level.
    assert rates[FEW, "cv1"].rejection > 0.10


@pytest.mark.simulation
def test_permuted_coefficients_fail_both_ways_and_studentised_ones_do_not(rates):
    """Where the noisier group is the larger one, the coefficient's test is far too shy, where it is
    the smaller one far too bold (source: 1.7 and 11.5 %). Studentised: 3.5 and 4.7 % there, and
    nearer to 5 % in both here.
    """
    shy, bold = rates[LARGER, "ri_coefficient"], rates[FEW, "ri_coefficient"]
    assert shy.rejection + 4 * shy.mc_error < 0.03
    assert bold.rejection - 4 * bold.mc_error > 0.10
    for setting, other in ((LARGER, shy), (FEW, bold)):
        studentised = rates[setting, "ri"].rejection
        assert abs(studentised - 0.05) < abs(other.rejection - 0.05) / 2
    # The treated group is as large as the other: both are about right.
    assert rates[UNEVEN, "ri_coefficient"].rejection == pytest.approx(0.05, abs=4 * 0.0034)


def test_cells_are_a_regression_of_two_rows_a_cluster():
    """One data set as rows with dummies by statsmodels: estimate and CV1 t (CR0 with G/(G - 1))."""
    sizes, changes = size_study.drawn(SETTINGS[3], number=1, seed=5)
    g = sizes.shape[1]
    treated = np.arange(g) < 35
    post = np.tile([0.0, 1.0], g)
    cluster = np.repeat(np.arange(g), 2)
    X = np.column_stack([treated[cluster] * post, post, cluster[:, None] == np.arange(g)])
    y = np.repeat(np.random.default_rng(1).normal(size=g), 2) + post * changes[0][cluster]
    fitted = sm.WLS(y, X, weights=sizes[0][cluster]).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    found = least_squares(size_study.regressions(sizes, changes, treated.astype(float)))
    estimate = found.estimates("effect")
    assert estimate[0] == pytest.approx(fitted.params[0], rel=1e-9)
    slow = fitted.params[0] / (fitted.bse[0] * np.sqrt(g / (g - 1)))
    assert (estimate / cv1_errors(found, "effect"))[0] == pytest.approx(slow, rel=1e-9)


def test_permutation_p_values_by_hand():
    """Four clusters of weight 1, changes 0, 1, 2, 9, the last two treated: 6 assignments.

    Differences of means: |5.5 - .5| = 5 observed; of {2,9}/{0,1}, {1,9}, {0,9}, {1,2}, {0,2},
    {0,1}: 5, 4, 3, -3, -4, -5. As large: 2 of 6. Squared t (without G/(G-1)): the sum of squares
    within groups over 4 is (24.5 + .5)/4 = 6.25 for {2,9} and {0,1}, so |t| = 2; for {1,9} and
    {0,2} (32 + 2)/4 = 8.5, 1.37; for {0,9} and {1,2} (40.5 + .5)/4 = 10.25, 0.94. As large: 2.
    """
    treated = np.array([0.0, 0.0, 1.0, 1.0])
    blocks = size_study.regressions(np.ones((1, 4)), np.array([[0.0, 1.0, 2.0, 9.0]]), treated)
    blocks = dataclasses.replace(blocks, products=blocks.products[0])
    arms = {cluster: str(arm) for cluster, arm in zip(blocks.clusters, treated, strict=True)}
    drawn = permutation_draws.permutations(arms, strata={}, number=999, seed=9)
    found = permutation.randomise(blocks, "effect", drawn)
    effects = np.sort(found.numerator[0] + found.estimate * found.numerator[1])
    assert effects == pytest.approx([-5.0, -4.0, -3.0, 3.0, 4.0, 5.0], rel=1e-12)
    by_hand = np.sort([2.0, 4 / np.sqrt(8.5), 3 / np.sqrt(10.25)] * 2) / np.sqrt(4 / 3)
    assert np.sort(np.abs(found.statistics()[1])) == pytest.approx(by_hand, rel=1e-12)
    assert size_study._permuted(blocks, drawn) == (3 / 7, 3 / 7)


def test_drawn_sizes_and_changes_have_the_stated_spread():
    """20,000 data sets of 70: within four standard errors of what the module states."""
    sizes, changes = size_study.drawn(SETTINGS[4], number=20_000, seed=11)
    assert np.log(sizes).std() == pytest.approx(1.0, abs=0.004)
    assert changes[:, :10].std() == pytest.approx(2.0, abs=0.015)
    assert changes[:, 10:].std() == pytest.approx(1.0, abs=0.004)
    assert np.corrcoef(sizes.ravel(), changes.ravel())[0, 1] == pytest.approx(0.0, abs=0.004)
