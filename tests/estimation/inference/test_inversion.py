"""Sets by test inversion, for tests whose sets are known by construction."""

import numpy as np
import pytest
from scipy.special import ndtr

from evaluation.estimation.inference.inversion import invert

# Bisection stops at 1e-11 standard errors, here of order 1.
JUMP = 1e-9


def test_inverting_a_normal_test_gives_the_normal_interval():
    """p = 2 Phi(-|r - 3| / 2): bounds 3 ± 1.959964 * 2.

    Monte Carlo error: sqrt(.05 * .95 / B) over the slope of p between 1.959964 ± .25 SE.
    """
    bounds = invert(
        lambda r: float(2 * ndtr(-abs(r - 3.0) / 2.0)),
        estimate=3.0,
        std_error=2.0,
        level=0.95,
        random_draws=9_999,
    )
    assert (bounds.low, bounds.high) == pytest.approx((-0.919927969, 6.919927969), abs=JUMP)
    fall = 2 * ndtr(-1.959963985 + 0.25) - 2 * ndtr(-1.959963985 - 0.25)
    expected = np.sqrt(0.05 * 0.95 / 9_999) / (fall / 0.5) * 2.0
    assert (bounds.low_mc_error, bounds.high_mc_error) == pytest.approx((expected,) * 2, rel=1e-7)
    assert bounds.shape == "interval"


@pytest.mark.parametrize("random_draws", [0, 99_999])
def test_a_value_with_p_equal_to_alpha_is_in_the_set(random_draws):
    """5,000 / 100,000 equals 1 - .95 although the floating-point numbers differ."""
    bounds = invert(
        lambda r: 1.0 if abs(r) < 0.5 else 5_000 / 100_000 if abs(r) <= 1.3 else 0.04,
        estimate=0.0,
        std_error=1.0,
        level=0.95,
        random_draws=random_draws,
    )
    assert (bounds.low, bounds.high) == pytest.approx((-1.3, 1.3), abs=JUMP)


def test_a_bound_is_sought_as_far_as_documented():
    """Out to 1,000 standard errors, and no farther; a flat p has no Monte Carlo error to give."""
    far, farther = (
        invert(
            lambda r, end=end: float(abs(r) <= end),
            estimate=0.0,
            std_error=1.0,
            level=0.95,
            random_draws=99,
        )
        for end in (999.0, 1_001.0)
    )
    assert (far.low, far.high) == pytest.approx((-999.0, 999.0), rel=JUMP)
    assert (farther.low, farther.high) == (-np.inf, np.inf)
    assert (far.shape, farther.shape) == ("interval", "unbounded")
    assert (farther.low_mc_error, farther.high_mc_error) == (0.0, 0.0)


def test_sets_in_pieces_and_one_sided_sets_are_reported():
    """Accepted by construction: [-1, 1] and [2, 3]; then everything below 2."""
    pieces = invert(
        lambda r: float(abs(r) <= 1 or 2 <= r <= 3),
        estimate=0.0,
        std_error=1.0,
        level=0.95,
        random_draws=0,
    )
    assert (pieces.low, pieces.high) == pytest.approx((-1.0, 3.0), abs=1e-9)
    assert pieces.shape == "pieces"
    below = invert(lambda r: float(r <= 2), estimate=0.0, std_error=1.0, level=0.95, random_draws=0)
    assert (below.low, below.shape) == (-np.inf, "unbounded")
    assert below.high == pytest.approx(2.0, abs=1e-9)


def test_an_isolated_spike_has_no_usable_slope():
    """p is as low .25 SE inside the outer end as beyond it, so its error is infinite."""
    spike = invert(
        lambda r: float(abs(r) <= 1 or 2.95 <= r <= 3.05),
        estimate=0.0,
        std_error=1.0,
        level=0.95,
        random_draws=99,
    )
    assert spike.high == pytest.approx(3.05, abs=JUMP)
    assert spike.high_mc_error == np.inf
    assert 0.0 < spike.low_mc_error < 0.1


@pytest.mark.parametrize(("random_draws", "step"), [(99, 0.25), (0, 0.05)])
def test_the_values_tried_are_those_documented(random_draws, step):
    """Evenly to 10 standard errors, then a quarter further each time, and 1,000 at last."""
    tried = []

    def p_value(null):
        tried.append(null)
        return 1.0

    invert(p_value, estimate=0.0, std_error=1.0, level=0.95, random_draws=random_draws)
    growing = [10.0 * 1.25**k for k in range(1, 21)]
    expected = [*(step * np.arange(round(10 / step) + 1)).tolist(), *growing, 1_000.0]
    assert growing[-1] < 1_000.0 < growing[-1] * 1.25
    assert [x for x in tried if x > 0.0] == pytest.approx(expected[1:], rel=1e-14)
    assert sorted(-x for x in tried if x < 0.0) == pytest.approx(expected[1:], rel=1e-14)


def test_a_gap_narrower_than_the_grid_is_seen_when_enumerated_only():
    """Rejected from 1.06 to 1.19: between 1.00 and 1.25, and on both sides of 1.10 and 1.15."""
    coarse, fine = (
        invert(
            lambda r: float(abs(r) <= 3 and not 1.06 < r < 1.19),
            estimate=0.0,
            std_error=1.0,
            level=0.95,
            random_draws=random_draws,
        )
        for random_draws in (99, 0)
    )
    assert (coarse.shape, fine.shape) == ("interval", "pieces")


def _pieces(*ends):
    """Accepted by construction: the closed intervals given."""
    return invert(
        lambda r: float(any(low <= r <= high for low, high in ends)),
        estimate=0.0,
        std_error=1.0,
        level=0.95,
        random_draws=99,
    )


def test_pieces_are_seen_on_both_sides():
    """Also a last piece of one grid point: 1.5 alone, after 1.25 was rejected."""
    assert _pieces((-1.0, 1.1), (1.4, 1.6)).shape == "pieces"
    assert _pieces((-1.6, -1.4), (-1.1, 1.0)).shape == "pieces"
    assert _pieces((-1.1, 1.1)).shape == "interval"


def test_a_set_without_end_is_no_set_in_pieces():
    found = _pieces((-5_000.0, -4.0), (-1.0, 1.0))
    assert (found.low, found.shape) == (-np.inf, "unbounded")
    assert _pieces((-5_000.0, 1.0)).shape == "unbounded"


def test_the_slope_of_a_narrow_set_begins_at_the_estimate():
    """By hand: p falls from 1 to .05 at .1, and is 0 at .35: sqrt(.05 x .95 / 99) x .35."""
    found = invert(
        lambda r: max(0.0, 1.0 - 9.5 * abs(r)),
        estimate=0.0,
        std_error=1.0,
        level=0.95,
        random_draws=99,
    )
    assert found.high == pytest.approx(0.1, abs=JUMP)
    assert found.high_mc_error == pytest.approx(np.sqrt(0.05 * 0.95 / 99) * 0.35, rel=1e-7)
