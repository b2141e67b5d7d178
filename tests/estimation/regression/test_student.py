"""Student's t by closed forms and by printed tables."""

import math

import numpy as np
import pytest

from evaluation.estimation.regression.fit import critical, two_sided


@pytest.mark.truth
@pytest.mark.parametrize("t", [1e-3, 0.3, 1.0, 2.0, 12.706, 1e4])
def test_closed_forms_of_one_two_and_three_degrees_of_freedom(t):
    """Source: the integrals of (1 + t^2/n)^(-(n+1)/2). Rounding of about ten operations.

    The library is off by 3e-11 at t = 1e-6, where p is one less 6e-7: no question of a test.
    """
    one = 2.0 / math.pi * math.atan2(1.0, t)
    assert two_sided(1.0, t) == pytest.approx(one, rel=1e-13)
    # 1 - t / sqrt(2 + t^2) without its cancellation
    root = math.sqrt(2.0 + t * t)
    assert two_sided(2.0, t) == pytest.approx(2.0 / (root * (root + t)), rel=1e-13)
    s = math.sqrt(3.0)
    three = 2.0 / math.pi * (math.atan2(s, t) - s * t / (3.0 + t * t))
    # the difference of nearly equal terms leaves few digits of the closed form far out
    assert two_sided(3.0, t) == pytest.approx(three, rel=1e-12, abs=1e-15)


@pytest.mark.truth
def test_printed_table():
    """Source: two-sided 5 % and 1 % points of t as printed in any textbook, three decimals."""
    printed = {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 60: 2.000, 120: 1.980}
    for df, t in printed.items():
        assert critical(df, 0.95) == pytest.approx(t, abs=5e-4)
    assert critical(10, 0.99) == pytest.approx(3.169, abs=5e-4)


@pytest.mark.parametrize("df", [0.3, 1.7, 5.21, 7.0, 36.8, 59.9, 60.0, 69.0, 500.5, 1e4])
def test_quantile_and_tail_are_each_other_s_inverse(df):
    for level in (0.01, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999):
        found = critical(df, level)
        assert two_sided(df, found) == pytest.approx(1.0 - level, rel=1e-11)
        assert two_sided(df, -found) == two_sided(df, found)


def test_many_at_once_are_each_by_itself():
    df, t = np.array([5.21, 69.0]), np.array([-2.5, 0.3])
    assert two_sided(df, t).tolist() == [two_sided(d, x) for d, x in zip(df, t, strict=True)]


def test_many_degrees_of_freedom_are_nearly_normal():
    """Source: z + (z^3 + z)/(4 df), Abramowitz and Stegun 26.7.5; the next term is 1e-11."""
    z = 1.959963984540054
    assert critical(1e6, 0.95) == pytest.approx(z + (z**3 + z) / 4e6, abs=1e-10)


def test_ends():
    assert two_sided(7.0, 0.0) == 1.0
    assert two_sided(7.0, math.inf) == 0.0
    assert math.isnan(two_sided(7.0, math.nan))
    assert math.isnan(two_sided(math.nan, 1.0))
