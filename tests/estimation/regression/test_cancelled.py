"""Which outcomes are summed from their own rows: a difference cancels in some cluster and round."""

import numpy as np
import pytest

from evaluation.estimation.regression.cross_products import _LITTLE, Sums, cancelled

ROWS = 10.0


def sums(*, absent=((0.0, 0.0),), squares=((40.0, 40.0),), first=((2.0, 2.0),)):
    """Sums of clusters by round for one right column: [1, z]' [1, z, y] of ten rows each.

    ``squares`` and ``first`` are sums of z^2 and z, ``absent`` the rows that miss y.
    """
    clusters = len(squares)
    products, missing = np.zeros((2 * clusters, 1, 2, 3)), np.zeros((2 * clusters, 1, 1, 2, 2))
    for g in range(clusters):
        for r in range(2):
            z, zz = first[g][r], squares[g][r]
            products[2 * g + r, 0, :, :2] = [[ROWS, z], [z, zz]]
            gone = absent[g][r] if g < len(absent) else 0.0
            missing[2 * g + r, 0, 0] = gone * np.array([[1.0, z / ROWS], [z / ROWS, zz / ROWS]])
    return Sums(products=products, absent=missing, squares=np.zeros((2 * clusters, 1)))


def lost(**given):
    return cancelled(sums(**given), numbers=[0]).tolist()


def test_whole_clusters_are_not_summed_again():
    assert lost() == [False]
    assert lost(absent=((5.0, 5.0),)) == [False]


@pytest.mark.parametrize("gone", [(ROWS * (1 - 1e-6), 0.0), (0.0, ROWS * (1 - 1e-6))])
def test_a_round_of_which_little_is_left_is_summed_again(gone):
    """A millionth of the rows is left: of 16 digits six are gone."""
    assert lost(absent=(gone,)) == [True]
    assert lost(
        absent=((0.0, 0.0), gone), squares=((40.0, 40.0),) * 2, first=((2.0, 2.0),) * 2
    ) == [True]


def test_values_far_from_what_they_are_less_of_are_summed_again():
    """Of 2e6 around zero, 2e6 - 20 mean^2 is left around the mean: half the bound, or twice it."""
    far = np.sqrt(1e6 / ROWS * (1 - _LITTLE / 2))
    near = np.sqrt(1e6 / ROWS * (1 - 2 * _LITTLE))
    for mean, expected in ((far, True), (near, False)):
        first = ROWS * mean
        assert lost(squares=((1e6, 1e6),), first=((first, first),)) == [expected]


def test_a_cluster_is_judged_over_both_of_its_rounds():
    """Each round has no spread around its own mean, both together have."""
    assert lost(squares=((90.0, 10.0),), first=((30.0, -10.0),)) == [False]


def test_a_cluster_without_a_round_is_left_out_and_not_judged():
    assert lost(absent=((ROWS, 0.0),)) == [False]
    assert lost(absent=((ROWS, ROWS * (1 - 1e-6)),)) == [False]


def test_a_column_of_zeros_is_not_summed_again():
    """Nothing is left of nothing, and nothing is lost."""
    assert lost(squares=((0.0, 0.0),), first=((0.0, 0.0),)) == [False]


def test_one_far_cluster_is_enough():
    near, far = (40.0, 40.0), (1e6, 1e6)
    mean = np.sqrt(1e6 / ROWS)
    first = ((2.0, 2.0), (ROWS * mean, ROWS * mean))
    assert lost(squares=(near, far), first=first) == [True]
    assert lost(squares=(near, near), first=(first[0], first[0])) == [False]


def test_outcomes_are_judged_apart():
    """The second outcome misses nearly all rows of the second cluster's baseline."""
    given = sums(squares=((40.0, 40.0),) * 2, first=((2.0, 2.0),) * 2)
    absent = np.repeat(given.absent, 2, axis=1)
    absent[2, 1] = given.products[2, :, :, :2] * (1.0 - 1e-6)
    two = Sums(products=given.products, absent=absent, squares=np.zeros((4, 2)))
    assert cancelled(two, numbers=[0]).tolist() == [False, True]
