"""Which clusters are summed again: those in which a difference cancels, in either round."""

import numpy as np
import pytest

from evaluation.estimation.regression.cross_products import (
    _LITTLE,
    Sums,
    Table,
    _lost,
    cross_products,
    resummed,
)

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
    return _lost(sums(**given), [0, 1])[:, 0].tolist()


def test_whole_clusters_are_not_summed_again():
    assert lost() == [False]
    assert lost(absent=((5.0, 5.0),)) == [False]


@pytest.mark.parametrize("gone", [(ROWS * (1 - 1e-6), 0.0), (0.0, ROWS * (1 - 1e-6))])
def test_a_round_of_which_little_is_left_is_summed_again(gone):
    """A millionth of the rows is left: of 16 digits six are gone."""
    assert lost(absent=(gone,)) == [True]
    assert lost(
        absent=((0.0, 0.0), gone), squares=((40.0, 40.0),) * 2, first=((2.0, 2.0),) * 2
    ) == [
        False,
        True,
    ]


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


def test_a_column_of_zeros_is_not_summed_again():
    """Nothing is left of nothing, and nothing is lost."""
    assert lost(squares=((0.0, 0.0),), first=((0.0, 0.0),)) == [False]


def test_a_far_cluster_does_not_make_the_others_far():
    near, far = (40.0, 40.0), (1e6, 1e6)
    mean = np.sqrt(1e6 / ROWS)
    first = ((2.0, 2.0), (ROWS * mean, ROWS * mean))
    assert lost(squares=(near, far), first=first) == [False, True]


def test_what_is_summed_again_is_the_definition_around_the_first_row():
    """Two columns, of 0 and 1 and a number; two outcomes, the second missing where it is huge.

    Three clusters; the last two have a huge number in rows without the second outcome. Sums over
    the others, in whole numbers: around nothing for the first column, around the cluster's own
    first number (7 and 3), and around what the table says for the outcome.
    """
    huge = 2.0**40
    key = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5])
    flag = np.array([0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1.0])
    number = np.array([1, 3, 2, 5, huge, 7, 9, 4, huge, 6, 3, huge, 1, 2, 8.0])
    one = np.arange(15.0) ** 2
    two = np.array([1, 2, 3, 1, np.nan, 21, 26, 24, np.nan, 29, 5, np.nan, 7, 6, 9.0])
    shift = np.zeros((4, 6))
    shift[3, 2:4] = 20.0
    table = Table((flag, number), (one, two), None, key, 6, shift)
    sums = cross_products(table, missing="allowed")
    found = resummed(table, sums, numbers=[1])
    assert list(found) == [1]
    assert found[1].keys.tolist() == [2, 3, 4, 5]
    for position, (rows, first, level) in enumerate(
        (([5, 6], 7.0, 20.0), ([7, 9], 7.0, 20.0), ([10, 12], 3.0, 0.0), ([13, 14], 3.0, 0.0))
    ):
        left = np.column_stack([np.ones(2), flag[rows], number[rows] - first])
        expected = left.T @ np.column_stack([left, two[rows] - level])
        np.testing.assert_array_equal(found[1].products[position, 0], expected)
