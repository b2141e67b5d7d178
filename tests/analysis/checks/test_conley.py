"""Conley standard errors: by hand, by a double loop, and at the limits where they are CV1's."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.spillover import conley, conley_variance
from evaluation.errors import EstimationError
from evaluation.estimation.regression.cluster_changes import cluster_means
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    diagnostics,
    estimates,
    reasons,
    villages,
)
from tests.estimation.studies import COLUMNS, DID, STUDY, frame, panel

PLACED = dataclasses.replace(STUDY, columns=dataclasses.replace(COLUMNS, x_km="east", y_km="north"))


def placed(table, points=None, seed=11):
    """The frame of a panel's villages with coordinates, drawn in a square of 100 km or given."""
    known = frame(table)
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (len(known), 2)) if points is None else np.array(points, dtype=float)
    return known.assign(east=xy[:, 0], north=xy[:, 1])


def small(points, *distances):
    """Changes c1 1, c2 2, t1 3, t2 1: the effect is 2 - 1.5 and u = .25, -.25, .5, -.5."""
    table = villages({"c1": 1.0, "c2": 2.0, "t1": 3.0, "t2": 1.0})
    return case(table, "conley", study=PLACED, frame=placed(table, points), distances=distances)


@pytest.mark.truth
def test_worked_by_hand():
    """c1 and t1 are 5 km apart (3, 4, 5), the others far away.

    Residual changes are -.5, .5 and 1, -1; an effect's parts are -(-.5)/2, -.5/2, 1/2, -1/2.
    Squares sum to .625. Within 10 km c1 and t1 share 1 - 5/10: 2 x .5 x .25 x .5 = .125.
    V = 4/3 x .75 = 1.
    """
    points = [(0, 0), (500, 0), (3, 4), (900, 0)]
    rows = conley(small(points, 10.0))
    record = estimates(rows)["within:10", "conley"]
    assert record.estimate == pytest.approx(0.5, abs=ROUNDING)
    assert record.std_error == pytest.approx(1.0, abs=ROUNDING)
    # t(3) at 0.975 is 3.182446 in printed tables; p from its closed form at t = 1/2:
    # F = 1/2 + (1/pi) (x / (1 + x^2) + arctan x) with x = t / sqrt 3.
    assert record.df == 3
    assert record.ci_high == pytest.approx(0.5 + 3.182446, abs=1e-6)
    assert record.ci_low == pytest.approx(0.5 - 3.182446, abs=1e-6)
    x = 0.5 / np.sqrt(3.0)
    assert record.p_value == pytest.approx(
        1.0 - 2.0 / np.pi * (x / (1.0 + x**2) + np.arctan(x)), abs=ROUNDING
    )
    assert str(record.p_kind) == "t(G-1), Conley standard error, Bartlett weights within 10 km"
    assert record.n == 16
    assert diagnostics(rows)["within:10", "clusters_within_cutoff"] == pytest.approx(0.5)
    assert diagnostics(rows)["within:10", "conley_to_cv1"] == pytest.approx((1 / (2.5 / 3)) ** 0.5)


@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
@pytest.mark.parametrize("cutoff", [20.0, 60.0])
def test_double_loop_over_weighted_first_differences(estimand, cutoff):
    """Literal twin: h-weighted least squares of changes, its sandwich summed pair by pair."""
    table = panel(6)
    made = case(
        table,
        "conley",
        study=PLACED,
        frame=placed(table),
        specification=dataclasses.replace(DID, estimand=estimand),
        distances=(cutoff,),
    )
    built = made.primary_design()
    changes = cluster_means(built.rounds)
    treated = np.isin(changes.cluster, built.clusters_treated)
    X = np.column_stack([treated, np.ones(len(treated))])
    h = changes.weight
    bread = np.linalg.inv(X.T @ (X * h[:, None]))
    residual = changes.change - X @ (bread @ (X.T @ (h * changes.change)))
    places = made.frames.frame.set_index("village")[["east", "north"]]
    meat = np.zeros((2, 2))
    for i, one in enumerate(changes.cluster):
        for j, other in enumerate(changes.cluster):
            d = np.sqrt(((places.loc[one] - places.loc[other]) ** 2).sum())
            k = 1.0 - d / cutoff if d < cutoff else 0.0
            meat += k * h[i] * h[j] * residual[i] * residual[j] * np.outer(X[i], X[j])
    expected = 12 / 11 * (bread @ meat @ bread)[0, 0]
    record = estimates(conley(made))[f"within:{cutoff:g}", "conley"]
    assert record.std_error == pytest.approx(expected**0.5, rel=1e-10)
    assert record.estimand == estimand


@pytest.mark.property
def test_cv1_where_no_two_villages_are_near():
    """Cutoff 0, and any cutoff below the smallest distance, leave each village its own square."""
    table = panel(6)
    made = case(table, "conley", study=PLACED, frame=placed(table), distances=(0.0, 1e-6))
    built = made.primary_design()
    plain = cv1(least_squares(built.accumulate()), built.column)
    found = estimates(conley(made))
    for sample in ("within:0", "within:1e-06"):
        assert found[sample, "conley"].std_error == pytest.approx(plain.std_error, rel=1e-12)
        assert found[sample, "conley"].p_value == pytest.approx(plain.p_value(), rel=1e-10)


def test_villages_in_the_same_place_are_one_at_any_cutoff_but_zero():
    """Pairs that share a place enter with weight one: the sandwich of six merged villages."""
    table = panel(6)
    points = [(1000.0 * (g // 2), 0.0) for g in range(12)]
    made = case(table, "conley", study=PLACED, frame=placed(table, points), distances=(0.0, 5.0))
    built = made.primary_design()
    fit = least_squares(built.accumulate())
    u = fit.scores @ fit.bread[0]
    found = estimates(conley(made))
    merged = 12 / 11 * np.sum((u[0::2] + u[1::2]) ** 2)
    assert found["within:5", "conley"].std_error == pytest.approx(merged**0.5, rel=1e-12)
    assert found["within:0", "conley"].std_error == pytest.approx(
        (12 / 11 * np.sum(u**2)) ** 0.5, rel=1e-12
    )


def test_a_variance_that_is_not_positive_is_not_available():
    """c1 and t2 stand together, c2 and t1 too: u pairs .25, -.5 and -.25, .5.

    Within 1 km V = 4/3 (.0625 + .0625). With all four in one place the parts sum to zero.
    """
    rows = conley(small([(0, 0), (9, 0), (9, 0), (0, 0)], 1.0))
    assert estimates(rows)["within:1", "conley"].std_error == pytest.approx(
        (4 / 3 * 0.125) ** 0.5, abs=ROUNDING
    )
    rows = conley(small([(0, 0)] * 4, 1.0))
    assert not estimates(rows)
    assert reasons(rows) == {
        ("within:1", "conley"): "the variance is not positive with Bartlett weights within 1 km"
    }


@pytest.mark.truth
def test_a_radial_bartlett_kernel_can_give_a_negative_variance():
    """Parts that alternate like a chessboard of 10 by 10 villages, 1 km apart, c = sqrt 2 km.

    Of 180 pairs of next neighbours each is opposite in sign, with weight 1 - 1/sqrt 2 = .2929;
    diagonal pairs are at the cutoff, so with weight 0. The squares are 1/50^2 each, so that V is
    proportional to 100 - 2 x 180 x .2929 = -5.44.
    """
    board = [(x, y, (-1.0) ** (x + y)) for y in range(10) for x in range(10)]
    changes = {f"c{10 * y + x:02d}": 1.0 - sign for x, y, sign in board[:50]}
    changes |= {f"t{10 * y + x:02d}": 2.0 + sign for x, y, sign in board[50:]}
    table = villages(changes)
    known = placed(table, [(x, y) for x, y, _ in board])
    limits = (1.0, float(np.sqrt(2.0)))
    made = case(table, "conley", study=PLACED, frame=known, distances=limits)
    built = made.primary_design()
    fit = least_squares(built.accumulate())
    points = known[["east", "north"]].to_numpy()
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    found = conley_variance(fit, built.column, distance, cutoff=limits[1])
    by_hand = 100 / 99 / 50**2 * (100.0 - 360.0 * (1.0 - 0.5**0.5))
    assert by_hand < 0.0
    assert found == pytest.approx(by_hand, rel=1e-9)
    rows = conley(made)
    assert set(estimates(rows)) == {("within:1", "conley")}
    assert set(reasons(rows)) == {("within:1.41421", "conley")}
    # the count of villages within the cutoff is still said: 360 neighbours over 100 villages
    assert diagnostics(rows)["within:1.41421", "clusters_within_cutoff"] == pytest.approx(3.6)


@pytest.mark.parametrize("missing", ["east", "north"])
def test_villages_without_coordinates(missing):
    table = panel(6)
    known = placed(table)
    known.loc[2, missing] = np.nan
    rows = conley(case(table, "conley", study=PLACED, frame=known, distances=(50.0, 100.0)))
    reason = "some clusters have no coordinates"
    assert reasons(rows) == {("within:50", "conley"): reason, ("within:100", "conley"): reason}


def test_coordinates_and_distances_are_needed():
    table = panel(6)
    with pytest.raises(EstimationError, match="no coordinates of its clusters"):
        conley(case(table, "conley", distances=(50.0,)))
    with pytest.raises(EstimationError, match="no coordinates of its clusters"):
        conley(case(table, "conley", study=PLACED, distances=(50.0,)))
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(EstimationError, match="is no distance"):
            conley(case(table, "conley", study=PLACED, frame=placed(table), distances=(wrong,)))


def test_order_of_rows_and_frame_changes_nothing():
    table = panel(6)
    known = placed(table)
    shuffled = pd.DataFrame(known.sample(frac=1.0, random_state=1))
    records = [
        estimates(conley(case(rows, "conley", study=PLACED, frame=places, distances=(40.0,))))[
            "within:40", "conley"
        ]
        for rows, places in ((table, known), (table.iloc[::-1], shuffled))
    ]
    assert records[0].std_error == pytest.approx(records[1].std_error, rel=1e-12)


def test_variance_of_a_covariate_is_that_of_its_own_column():
    """The function takes any column; cutoff 0 is CV1 for each."""
    made = case(panel(6), "conley", specification=dataclasses.replace(DID, covariates=("age",)))
    fit = least_squares(made.primary_design().accumulate())
    for column in fit.columns:
        variance = conley_variance(fit, column, np.ones((12, 12)), cutoff=0.0)
        assert variance == pytest.approx(cv1(fit, column).std_error ** 2, rel=1e-12)
