"""The bound of a draw's t* holds and is reached, and p-values do not change by it."""

import numpy as np
import pytest

from evaluation.estimation.inference.bootstrap import draws, wild
from evaluation.estimation.inference.inversion import Distribution, highest_squared_t
from evaluation.estimation.regression.cluster_blocks import accumulate


def distribution(engine_sample, *, seed=1, scores="jackknifed", kind="rademacher", number=999):
    sample = engine_sample(seed, absorb="cluster")
    blocks = accumulate(
        sample.X,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=sample.columns,
        absorb="cluster",
    )
    drawn = draws(sample.cluster, number=number, seed=seed, kind=kind)
    return wild(blocks, "effect", drawn, scores=scores)


def squared_t(numerator, squared_error, away):
    top = numerator[0] - away * numerator[1]
    return top**2 / (squared_error[0] - away * squared_error[1] + away**2 * squared_error[2])


def test_by_hand():
    """n = (1, 2), error 1 + d^2: (1 - 2 d)^2 / (1 + d^2) is 5 at d = -2 and nowhere larger."""
    found = highest_squared_t(np.array([[1.0], [2.0]]), np.array([[1.0], [0.0], [1.0]]))
    assert found.tolist() == [5.0]


@pytest.mark.parametrize("scores", ["plain", "jackknifed"])
def test_no_null_goes_above_the_bound_and_one_reaches_it(engine_sample, scores):
    found = distribution(engine_sample, scores=scores, kind="webb")
    n, d = found.numerator, found.squared_error
    bound = highest_squared_t(n, d)
    finite = np.isfinite(bound)
    assert finite.mean() > 0.9
    for away in np.linspace(-40.0, 40.0, 801) * found.std_error:
        # 1e-9: the documented rounding of the bound
        assert (squared_t(n, d, away)[finite] <= bound[finite] * (1.0 + 1e-9)).all()
    # the best null from D^-1 n, as u is (1, -d) up to length
    n, d, bound = n[:, finite], d[:, finite], bound[finite]
    best = -(d[0] * n[1] - d[1] * n[0] / 2.0) / (d[2] * n[0] - d[1] * n[1] / 2.0)
    # The best null loses up to half the digits where the determinant lost six.
    np.testing.assert_allclose(squared_t(n, d, best), bound, rtol=1e-6)


@pytest.mark.parametrize(
    "squared_error", [(1.0, 2.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 2.0 - 1e-7, 1.0)]
)
def test_a_draw_whose_error_can_vanish_has_no_bound(squared_error):
    found = highest_squared_t(np.array([[1.0], [1.0]]), np.array(squared_error)[:, None])
    assert found.tolist() == [np.inf]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scores", ["plain", "jackknifed"])
@pytest.mark.parametrize(
    ("kind", "number"), [("rademacher", 99), ("rademacher", 999), ("webb", 999)]
)
def test_quick_p_value_is_the_p_value(engine_sample, seed, scores, kind, number):
    """Equal, not close: the same draws are counted (7 clusters: 999 signs are enumerated)."""
    found = distribution(engine_sample, seed=seed, scores=scores, kind=kind, number=number)
    quick = found._quick_p_value()
    near = np.linspace(-6.0, 6.0, 241)
    for distance in (*near, -1_000.0, 1_000.0, -30.0, 30.0):
        null = found.estimate + distance * found.std_error
        assert quick(null) == found.p_value(null)


def test_only_the_draws_that_can_reach_are_looked_at(engine_sample, monkeypatch):
    """All of them up to |t| = 1.5; beyond, those whose bound is not below t^2 by a millionth."""
    looked = []
    plain = Distribution._larger

    def counted(self, null, numerator, squared_error):
        looked.append(numerator.shape[1])
        return plain(self, null, numerator, squared_error)

    found = distribution(engine_sample, kind="webb")
    bound = highest_squared_t(found.numerator, found.squared_error)
    monkeypatch.setattr(Distribution, "_larger", counted)
    quick = found._quick_p_value()
    distances = np.array([0.5, 1.49, 1.51, 2.0, 3.0, 8.0])
    for distance in distances:
        quick(found.estimate - distance * found.std_error)
    reach = [int(np.sum(bound >= d**2 * found.factor * (1.0 - 1e-6))) for d in distances[2:]]
    assert looked == [999, 999, *reach]
    assert 999 > reach[0] > reach[1] > reach[2] > reach[3]
