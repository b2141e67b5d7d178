"""Profiles of single strata against every permutation fitted by itself, and against dense Newton.

Tolerance 1e-9: both are solutions of the same equations to 1e-9 in a coefficient.
"""

import numpy as np
import pytest

from evaluation.estimation.many_periods.panel import panel
from evaluation.estimation.many_periods.panel_permutation import of_panel
from evaluation.estimation.many_periods.poisson_inference import ratios
from evaluation.estimation.many_periods.poisson_strata import (
    log_ratios,
    number_beyond,
    placements,
)
from evaluation.estimation.many_periods.poisson_units import fits
from tests.estimation.many_periods.test_poisson import NAMES, counts


def drawn(frame, number: int = 400):
    made = panel(frame, NAMES)
    found, among = ratios(made), of_panel(made, number=number, seed=3).among(made.units)
    first = np.zeros(among.n_arms, dtype=np.int64)
    first[among.observed] = found.panel.first
    return found.counts, first[among.codes.T]


def dense(made, first: np.ndarray) -> float:
    """Log ratio by Newton's method on all dummies, in plain numpy."""
    n, t = made.y.shape
    treated = (np.arange(t) >= first[:, None]).astype(float).ravel()
    unit = np.repeat(np.eye(n), t, axis=0)
    cell = made.stratum.repeat(t) * t + np.tile(np.arange(t), n)
    later = [c for c in np.unique(cell) if c % t]
    X = np.column_stack([treated, unit, *[(cell == c).astype(float) for c in later]])
    y, people = made.y.ravel(), made.exposure.ravel()
    beta = np.zeros(X.shape[1])
    beta[1 : n + 1] = np.log(made.y.sum(axis=1) / made.exposure.sum(axis=1))
    for _ in range(60):
        mu = people * np.exp(X @ beta)
        step = np.linalg.solve((X * mu[:, None]).T @ X, X.T @ (y - mu))
        beta += step
    return float(beta[0])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", [1, 3])
def test_every_permutation_is_as_if_fitted_by_itself(seed, strata):
    made, first = drawn(counts(seed=seed, strata=strata, treated=3, units=18))
    placed = placements(made, first)
    assert placed.cost(22) < first.size or strata == 1
    ratio, error = log_ratios(made, placed)
    by_one = fits(made, first)
    np.testing.assert_allclose(ratio, by_one.ratios[:, 0], atol=1e-9)
    np.testing.assert_allclose(error, by_one.errors[:, 0], atol=1e-9)
    for row in (0, 7, len(first) - 1):
        assert ratio[row] == pytest.approx(dense(made, first[row]), abs=1e-8)


@pytest.mark.parametrize("value", [0.0, 0.05, -0.2, 0.4, 3.0])
def test_how_many_lie_beyond_is_counted_without_fits(value):
    made, first = drawn(counts(seed=2, strata=3, treated=3, units=18))
    ratio = fits(made, first, clustered=False).ratios[:, 0]
    found = number_beyond(made, placements(made, first), value)
    assert found == np.count_nonzero(~(np.abs(ratio) < abs(value)))


def test_a_ratio_far_from_one_is_found_outside_the_first_range():
    """A planted ratio of exp(2.5) lies outside half width 1.25."""
    made, first = drawn(counts(seed=5, strata=3, treated=3, units=18, ratio=np.exp(2.5)))
    own = made.first[None]
    ratio, _ = log_ratios(made, placements(made, np.vstack([own, first])))
    assert ratio[0] > 2.0
    np.testing.assert_allclose(ratio[1:], fits(made, first).ratios[:, 0], atol=1e-9)


def test_placements_without_events_have_no_ratio():
    """Where no treated unit has an event after entry, there is none; it counts as farther."""
    frame = counts(seed=1, strata=2, treated=2, units=12)
    gone = frame["unit"].isin(["u00", "u01"]) & (frame["time"] >= 4)
    frame.loc[gone, "y"] = 0.0
    made, first = drawn(frame)
    own = np.vstack([made.first[None], first])
    ratio, _ = log_ratios(made, placements(made, own))
    assert np.isnan(ratio[0])
    expected = fits(made, own).ratios[:, 0]
    np.testing.assert_array_equal(np.isnan(ratio), np.isnan(expected))
    assert number_beyond(made, placements(made, own), 0.5) == np.count_nonzero(
        ~(np.abs(expected) < 0.5)
    )
