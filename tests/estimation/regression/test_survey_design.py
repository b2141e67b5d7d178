"""Design-based means and regressions: a hand-worked case, a literal twin, laws and errors.

Numbers of R's survey package are compared in tests/truth/test_published.py.
"""

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression import survey_design
from evaluation.estimation.regression.cluster_blocks import accumulate
from evaluation.estimation.regression.fit import cv1, least_squares


def sample(seed, *, strata=4, units=3, rows=5):
    rng = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(strata), units * rows)
    # the same unit numbers in every stratum, as public files have them
    psu = np.tile(np.repeat(np.arange(units), rows), strata)
    n = len(stratum)
    x = rng.normal(size=n)
    y = 2.0 + 0.5 * x + stratum + rng.normal(size=strata * units)[units * stratum + psu]
    return stratum, psu, x, y + rng.normal(size=n), np.exp(rng.normal(size=n))


def literal(linear, stratum, psu):
    """The variance formula written out, stratum by stratum and unit by unit."""
    total = 0.0
    for h in np.unique(stratum):
        ids = np.unique(psu[stratum == h])
        z = [linear[(stratum == h) & (psu == i)].sum() for i in ids]
        centre = sum(z) / len(z)
        total += len(z) / (len(z) - 1) * sum((value - centre) ** 2 for value in z)
    return total**0.5


def test_two_strata_of_two_units_by_hand():
    """Values 1, 3 | 2, 8, equal weights: mean 3.5, unit totals -2.5/4, -.5/4 | -1.5/4, 4.5/4.

    Each stratum gives 2 x ((difference / 2)^2 + (difference / 2)^2) = difference^2, so
    V = (2/4)^2 + (6/4)^2 = 2.5.
    """
    found = survey_design.mean(
        [1.0, 3.0, 2.0, 8.0], weights=[5.0] * 4, psu=[1, 2, 1, 2], strata=["a", "a", "b", "b"]
    )
    assert found.estimate == 3.5
    assert found.std_error == pytest.approx(2.5**0.5, rel=1e-15)
    assert found.df == 2


def test_mean_is_the_literal_formula():
    stratum, psu, _, y, w = sample(1)
    found = survey_design.mean(y, weights=w, psu=psu, strata=stratum)
    centre = np.sum(w * y) / np.sum(w)
    # The same sums in another order: rounding only.
    assert found.estimate == pytest.approx(centre, rel=1e-13)
    expected = literal(w * (y - centre) / w.sum(), stratum, psu)
    assert found.std_error == pytest.approx(expected, rel=1e-12)
    assert found.df == 12 - 4


def test_regression_is_the_literal_formula():
    stratum, psu, x, y, w = sample(2)
    X = np.column_stack([np.ones_like(x), x])
    found = survey_design.regression(X, y, weights=w, psu=psu, strata=stratum, columns=("one", "x"))
    bread = np.linalg.inv(X.T @ (X * w[:, None]))
    beta = bread @ (X.T @ (w * y))
    linear = (X * (w * (y - X @ beta))[:, None]) @ bread
    for j, name in enumerate(("one", "x")):
        # Two ways to solve a 2 by 2 system: rounding only.
        assert found[name].estimate == pytest.approx(beta[j], rel=1e-11)
        assert found[name].std_error == pytest.approx(
            literal(linear[:, j], stratum, psu), rel=1e-11
        )
        assert found[name].df == 12 - 4 - 1


def test_without_strata_the_mean_has_the_error_of_a_regression_on_a_constant():
    """Through the engine that every estimate uses. Unit totals sum to zero: rounding only."""
    rng = np.random.default_rng(6)
    y, w = rng.normal(size=60), np.exp(rng.normal(size=60))
    clusters = rng.choice(list("abcdefg"), 60).astype(object)
    blocks = accumulate(
        np.ones((60, 1)), y, weights=w, cluster=clusters, columns=("one",), absorb="none"
    )
    engine = cv1(least_squares(blocks), "one")
    found = survey_design.mean(y, weights=w, psu=clusters)
    assert found.std_error == pytest.approx(engine.std_error, rel=1e-12)
    assert found.df == 6


@pytest.mark.truth
def test_two_clusters_are_enough_by_hand():
    """Values 1 and 3, one a cluster: mean 2, scores -1 and 1, sqrt(2/1 x 2)/2 = 1."""
    assert survey_design.mean([1.0, 3.0], weights=np.ones(2), psu=["a", "b"]).std_error == 1.0


def test_strata_remove_the_differences_between_them():
    stratum, psu, _, y, w = sample(4)
    both = 3 * stratum + psu
    apart = survey_design.mean(y + 100.0 * stratum, weights=w, psu=both, strata=stratum)
    together = survey_design.mean(y + 100.0 * stratum, weights=w, psu=both)
    assert apart.std_error < together.std_error / 2.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": [1.0, np.nan, 2.0, 3.0]}, "missing or infinite"),
        ({"weights": [1.0, 0.0, 1.0, 1.0]}, "zero or negative"),
        ({"weights": [1.0, 1.0]}, "not of one length"),
        ({"psu": [1, 2, 3]}, "not of the length"),
        ({"psu": [1, None, 2, 3]}, "no unit"),
        ({"strata": ["a", "a", "a", "b"]}, "single sampling unit, the first being 'b'"),
    ],
)
def test_what_has_no_design_based_variance_is_refused(changes, message):
    given = {"values": [1.0, 2.0, 3.0, 4.0], "weights": [1.0] * 4, "psu": [1, 2, 3, 4]} | changes
    values = given.pop("values")
    with pytest.raises(EstimationError, match=message):
        survey_design.mean(values, **given)


def test_a_regression_without_degrees_of_freedom_is_refused():
    rng = np.random.default_rng(5)
    with pytest.raises(EstimationError, match="leave 0 degrees of freedom"):
        survey_design.regression(
            rng.normal(size=(9, 3)),
            rng.normal(size=9),
            weights=np.ones(9),
            psu=np.repeat([1, 2, 3], 3),
            columns=("a", "b", "c"),
        )


@pytest.mark.parametrize(
    ("strata", "named"), [([1, 1, 2, 7], "2"), (["a", "a", "c", "b"], "'c'"), ([1, 1, 1, 2], "2")]
)
def test_a_lonely_stratum_is_named_as_it_was_given(strata, named):
    with pytest.raises(EstimationError, match=rf"the first being {named} \["):
        survey_design.mean([1.0, 2.0, 3.0, 4.0], weights=[1.0] * 4, psu=[1, 2, 3, 4], strata=strata)


def test_whole_numbers_are_numbers():
    """Answers and weights as integers, as public files have them, and units as text or numbers."""
    stratum, psu, x, _, _ = sample(6)
    y, w = np.arange(len(x)) % 7, 1 + np.arange(len(x)) % 3
    whole = survey_design.mean(y.tolist(), weights=w.tolist(), psu=psu, strata=stratum)
    plain = survey_design.mean(
        y.astype(float), weights=w.astype(float), psu=psu.astype(str), strata=stratum.astype(str)
    )
    assert whole == plain
    X = np.column_stack([np.ones_like(y), y % 4]).tolist()
    given = {"weights": w.tolist(), "psu": psu, "strata": stratum, "columns": ("one", "y")}
    line = survey_design.regression(X, y.tolist(), **given)
    assert line == survey_design.regression(
        np.array(X, dtype=float), y.astype(float), **(given | {"weights": w.astype(float)})
    )


def test_wrong_shapes_of_weights_and_values():
    for values, weights in (([[1.0, 2.0]], [[1.0, 1.0]]), ([1.0, 2.0, 3.0], [1.0, 1.0])):
        with pytest.raises(EstimationError, match="not of one length"):
            survey_design.mean(values, weights=weights, psu=[1, 2])
    for bad in (np.nan, np.inf, -1.0):
        with pytest.raises(EstimationError, match="weights are missing, infinite, zero or negat"):
            survey_design.mean([1.0, 2.0], weights=[1.0, bad], psu=[1, 2])
    with pytest.raises(EstimationError, match="not of the length"):
        survey_design.mean([1.0, 2.0], weights=[1.0, 1.0], psu=[1, 2], strata=["a"])
    with pytest.raises(EstimationError, match="no stratum"):
        survey_design.mean([1.0, 2.0], weights=[1.0, 1.0], psu=[1, 2], strata=["a", None])


def test_one_degree_of_freedom_is_enough():
    rng = np.random.default_rng(7)
    found = survey_design.regression(
        np.column_stack([np.ones(9), rng.normal(size=9)]),
        rng.normal(size=9),
        weights=np.ones(9),
        psu=np.repeat([1, 2, 3], 3),
        columns=("one", "x"),
    )
    assert found["x"].df == 1
