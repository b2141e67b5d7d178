"""Variance components, cluster autocorrelation, minimum detectable effect, Type S and M."""

import numpy as np
import pytest
from scipy.special import ndtri

from evaluation.estimation.inference import variance_components
from evaluation.estimation.inference.detection import detection
from evaluation.estimation.regression.fit import StepUnavailable

# The study's planning table: 35 treated clusters, 50 respondents, SD units, two printed digits.
# (icc, cac, correlation of a respondent's answers) -> MDE with 35 and with 59 comparison clusters.
PLANNED = {
    (0.03, 0.6, 0.0): (0.17, 0.15),
    (0.05, 0.6, 0.0): (0.19, 0.17),
    (0.05, 0.3, 0.0): (0.22, 0.20),
    (0.08, 0.6, 0.0): (0.21, 0.19),
    (0.05, 0.6, 0.45): (0.17, 0.15),
}


@pytest.mark.truth
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("case", list(PLANNED))
def test_planning_table(case, column):
    """To the two digits printed: half a unit of the second."""
    icc, cac, rho = case
    found = variance_components.minimum_detectable_effect(
        icc=icc,
        cac=cac,
        rows=50,
        treated=35,
        comparison=(35, 59)[column],
        individual_correlation=rho,
        multiple=variance_components.MULTIPLE,
    )
    assert found == pytest.approx(PLANNED[case][column], abs=0.005)


def test_multiple_is_the_quantiles():
    assert pytest.approx(ndtri(0.975) + ndtri(0.8), abs=1e-15) == variance_components.MULTIPLE
    # "2.8 x SE" in words.
    assert round(variance_components.MULTIPLE, 1) == 2.8


@pytest.mark.truth
def test_components_by_hand():
    """Clusters (1, 3), (5, 7), (9, 11): within 2; between means 2, 6, 10.

    MSB = 2 x (16 + 0 + 16)/2 = 32, MSW = 6/3 = 2, n0 = 2: between (32 - 2)/2 = 15, ICC 15/17.
    """
    found = variance_components.components(
        [1, 3, 5, 7, 9, 11], clusters=list("aabbcc"), strata=["s"] * 6, weights=np.full(6, 0.3)
    )
    assert found.within == pytest.approx(2.0, abs=1e-12)
    assert found.between == pytest.approx(15.0, abs=1e-12)
    assert found.icc == pytest.approx(15 / 17, abs=1e-12)


@pytest.mark.truth
def test_components_unequal_sizes_by_hand():
    """Clusters (0, 2), (4), (5, 6, 7): SSW = 2 + 0 + 2 = 4, df 3; means 1, 4, 6, grand 4.

    SSB = 2 x 9 + 0 + 3 x 4 = 30, df 2; n0 = (6 - (4 + 1 + 9)/6)/2 = 11/6.
    """
    found = variance_components.components(
        [0, 2, 4, 5, 6, 7], clusters=list("aabccc"), strata=["s"] * 6, weights=np.ones(6)
    )
    assert found.within == pytest.approx(4 / 3, abs=1e-12)
    assert found.between == pytest.approx((15 - 4 / 3) / (11 / 6), abs=1e-12)


def test_stratum_means_are_taken_out():
    y = np.array([1.0, 3, 5, 7, 9, 11, 2, 4])
    arguments = {"clusters": list("aabbccdd"), "strata": list("ssssuuuu"), "weights": np.ones(8)}
    moved = y + 100.0 * (np.array(arguments["strata"]) == "u")
    first = variance_components.components(y, **arguments)
    second = variance_components.components(moved, **arguments)
    assert second.between == pytest.approx(first.between, abs=1e-9)


def test_one_row_per_cluster_has_no_components():
    with pytest.raises(StepUnavailable, match="one row per cluster"):
        variance_components.components(
            [1.0, 2.0], clusters=["a", "b"], strata=["s", "s"], weights=[1.0, 1.0]
        )


def drawn(seed, *, clusters=3000, rows=6, icc=0.2, cac=0.6, rho=0.0):
    """Two rounds; respondents' own deviations correlate by rho between rounds. SD 1."""
    rng = np.random.default_rng(seed)
    g = np.tile(np.repeat(np.arange(clusters), rows), 2)
    post = np.repeat([False, True], clusters * rows)
    lasting = rng.normal(0, np.sqrt(icc * cac), clusters)[g]
    passing = rng.normal(0, np.sqrt(icc * (1 - cac)), (2, clusters))[post.astype(int), g]
    first, fresh = rng.normal(size=(2, clusters * rows))
    own = np.concatenate([first, rho * first + np.sqrt(1 - rho**2) * fresh])
    weights = np.exp(rng.normal(0, 0.5, len(g)))
    person = np.tile(np.arange(clusters * rows), 2)
    strata = np.where(g % 2, "a", "b")
    y = lasting + passing + own * np.sqrt(1 - icc) + 5.0 * (strata == "a")
    return {
        "values": y,
        "clusters": g,
        "post": post,
        "strata": strata,
        "weights": weights,
        "respondents": person,
    }


def test_components_recover_the_truth_under_weights():
    """3,000 clusters: standard error of the ICC about 0.006 (by repetition); four of them."""
    data = drawn(1)
    first = ~data["post"]
    found = variance_components.components(
        data["values"][first],
        clusters=data["clusters"][first],
        strata=data["strata"][first],
        weights=data["weights"][first],
    )
    assert found.icc == pytest.approx(0.2, abs=0.025)
    assert found.within == pytest.approx(0.8, abs=0.025)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_cluster_autocorrelation_recovers_the_truth(rho):
    """Standard error about 0.02 (by repetition): three of them.

    Without the correction for respondents seen twice the panel would show about 0.8.
    """
    data = drawn(2, rho=rho)
    assert variance_components.cluster_autocorrelation(**data) == pytest.approx(0.6, abs=0.06)
    if rho:
        unlinked = data | {"respondents": np.full(len(data["values"]), None, dtype=object)}
        assert variance_components.cluster_autocorrelation(**unlinked) > 0.72


def test_clusters_alike_have_no_autocorrelation():
    data = drawn(3, clusters=20, icc=0.0)
    first = ~data["post"]
    same = data["values"] - np.where(data["strata"] == "a", 5.0, 0.0)
    g, w = data["clusters"][first], data["weights"][first]
    means = np.bincount(g, same[first] * w) / np.bincount(g, w)
    flat = data["values"] - np.where(first, means[data["clusters"]], 0.0)
    with pytest.raises(StepUnavailable, match="not above its sampling noise"):
        variance_components.cluster_autocorrelation(**(data | {"values": flat}))


def test_sign_and_magnitude_against_simulation():
    """A million normal estimates with estimated standard errors; shares have standard errors below
    0.0005, means below 0.002."""
    effect, std_error = 0.5, 0.4
    rng = np.random.default_rng(4)
    z = rng.normal(effect, std_error, 1_000_000)
    estimated = std_error * np.sqrt(rng.chisquare(5, len(z)) / 5)
    critical = 2.570582  # t(5) at 0.975, printed tables
    significant = z[np.abs(z) > critical * estimated]
    found = detection(effect / std_error, df=5, level=0.95)
    assert found.type_s == pytest.approx(np.mean(significant < 0), abs=0.002)
    assert found.type_m == pytest.approx(np.mean(np.abs(significant)) / effect, abs=0.008)


def test_a_precise_study_exaggerates_nothing():
    found = detection(1.0 / 0.05, df=69, level=0.95)
    assert found.type_s == pytest.approx(0.0, abs=1e-12)
    assert found.type_m == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("linked", [True, False])
def test_autocorrelation_knows_no_order_of_rows(linked):
    """The two rounds' clusters are joined by their names, in whatever order they come."""
    data = drawn(4, clusters=30, rho=0.6)
    if not linked:
        data["respondents"] = np.full(len(data["values"]), None, dtype=object)
    found = variance_components.cluster_autocorrelation(**data)
    order = np.random.default_rng(7).permutation(len(data["values"]))
    mixed = {name: np.asarray(column)[order] for name, column in data.items()}
    # sums in another order
    assert variance_components.cluster_autocorrelation(**mixed) == pytest.approx(found, rel=1e-10)


@pytest.mark.truth
def test_autocorrelation_of_whole_clusters_by_hand():
    """Two people of weight 1 and 1 in each of four clusters and two rounds, one arm.

    Means at first 0, 2, 4, 6 and then 1, 2, 5, 4, everybody one above or below. Within: 2 by
    (1 + 1) x 4 / (8 - 4), so a mean carries 2/2 = 1 of noise. Deviations -3 -1 1 3 and -2 -1 2 1:
    squares 20 and 10, products 6 + 1 + 2 + 3 = 12, over 3 free. Variances 20/3 - 1 = 17/3 and
    10/3 - 1 = 7/3; covariance 4. With the same people seen twice, on the same side of the mean:
    shares 1/2, S = 1/2, sum of e e' = 8 over 8 (1 - 1/2 - 1/2 + 1/2) = 4: 2 x 1/2 = 1 comes off.
    """
    means = np.array([[0.0, 2.0, 4.0, 6.0], [1.0, 2.0, 5.0, 4.0]])
    sides = np.array([-1.0, 1.0])
    values = (means[:, :, None] + sides).ravel()
    post = np.repeat([False, True], 8)
    clusters = np.tile(np.repeat(["a", "b", "c", "d"], 2), 2)
    people = np.char.add(clusters, np.tile(["l", "h"], 8))
    given = {"clusters": clusters, "post": post, "strata": ["s"] * 16, "weights": np.ones(16)}
    nobody = variance_components.cluster_autocorrelation(values, **given, respondents=[""] * 16)
    assert nobody == pytest.approx(4.0 / (119 / 9) ** 0.5, rel=1e-12)
    twice = variance_components.cluster_autocorrelation(values, **given, respondents=people)
    assert twice == pytest.approx(3.0 / (119 / 9) ** 0.5, rel=1e-12)
    # ids that only two villages' people have, however the others lack them
    for blank in ("", None, np.nan):
        some = [i if i[0] in "ab" else blank for i in people.tolist()]
        half = variance_components.cluster_autocorrelation(values, **given, respondents=some)
        # clusters a and b lose 1 each, c and d nothing; the mean of the four counts: 4 - 2/4
        assert half == pytest.approx(3.5 / (119 / 9) ** 0.5, rel=1e-12)
