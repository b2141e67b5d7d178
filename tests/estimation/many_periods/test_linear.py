"""Linear estimators of many periods: dummies, deletion one by one, and laws they obey."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.many_periods.linear import METHODS, LinearOptions, linear
from evaluation.estimation.many_periods.panel import PanelColumns, panel
from tests.estimation.many_periods import worlds

EVERY = ("simple", "group", "calendar", "event", "cell")
ALL = [
    LinearOptions(method=m, comparison=c, kinds=EVERY, window=(1, 1))
    for m in METHODS
    for c in ("never", "not_yet")
]


def by_name(made):
    return {(n.kind, n.at, n.cohort): e for n, e in zip(made.names, made.estimates, strict=True)}


def dummies(frame):
    """Imputation by brute force: unit and period dummies on untreated rows."""
    first = frame["first"].fillna(np.inf)
    untreated = frame["time"] < first
    X = pd.get_dummies(frame[["unit", "time"]].astype(str)).to_numpy(float)
    beta = np.linalg.lstsq(X[untreated], frame["y"][untreated], rcond=None)[0]
    away = frame["y"] - X @ beta
    return away[~untreated], (frame["time"] - first)[~untreated]


# 24 and 25 are all that was seen of a unit before treatment
@pytest.mark.parametrize("gone", [(), (3, 17, 40), (3, 24, 25)])
def test_imputation_is_the_regression_on_dummies(gone):
    frame = worlds.frame(effect=1.0).drop(index=list(gone))
    found = by_name(linear(panel(frame, worlds.NAMES)))
    before = frame["time"] < frame["first"].fillna(np.inf)
    away, relative = dummies(frame[before.groupby(frame["unit"]).transform("any")])
    assert found["simple", None, None] == pytest.approx(away.mean(), abs=1e-10)
    for e, value in away.groupby(relative).mean().items():
        assert found["event", e, None] == pytest.approx(value, abs=1e-10)


def test_an_effect_by_cohort_and_period_is_a_difference_of_two_changes():
    frame = worlds.frame()
    table = frame.pivot_table(index="unit", columns="time", values="y")
    first = frame.groupby("unit")["first"].first()
    found = by_name(linear(panel(frame, worlds.NAMES), ALL[3]))
    change = table[4] - table[2]
    expected = change[first == 3].mean() - change[first.isna() | (first > 4)].mean()
    assert found["cell", 3, 2] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("choices", ALL, ids=str)
def test_without_each_unit_is_the_estimate_without_it(choices):
    frame = worlds.frame()
    made = linear(panel(frame, worlds.NAMES), choices)
    without = made.without_each()
    for n, unit in enumerate(made.panel.units):
        fresh = by_name(linear(panel(frame[frame["unit"] != unit], worlds.NAMES), choices))
        for k, name in enumerate(made.names):
            expected = fresh.get((name.kind, name.at, name.cohort), np.nan)
            assert without[k, n] == pytest.approx(expected, abs=1e-10, nan_ok=True)


@pytest.mark.parametrize("choices", ALL, ids=str)
def test_order_of_rows_names_of_units_and_labels_of_periods_change_nothing(choices):
    frame = worlds.frame(effect=1.0)
    expected = linear(panel(frame, worlds.NAMES), choices)
    other = frame.sample(frac=1.0, random_state=3)
    labels = {t: 2000 + 10 * t for t in range(1, 7)}
    other = other.assign(
        unit=other["unit"].map(lambda u: f"x{999 - int(u[1:])}"),
        time=other["time"].map(labels),
        first=other["first"].map(labels),
    )
    found = linear(panel(other, worlds.NAMES), choices)
    assert found.names == expected.names
    np.testing.assert_allclose(found.estimates, expected.estimates, atol=1e-10)
    np.testing.assert_allclose(found.std_errors(), expected.std_errors(), atol=1e-10)


@pytest.mark.parametrize("choices", ALL, ids=str)
def test_weights_hold_the_effect_once_and_no_level(choices):
    made = linear(worlds.made(strata=2), choices)
    weights, groups = made.design.weights, made.design.groups
    np.testing.assert_allclose(weights.sum(axis=2), 0.0, atol=1e-10)
    for stratum in (0, 1):
        inside = groups.stratum == stratum
        np.testing.assert_allclose(weights[:, inside].sum(axis=1), 0.0, atol=1e-10)
    np.testing.assert_allclose(made.contributions.sum(axis=1), 0.0, atol=1e-8)


@pytest.mark.parametrize("choices", ALL, ids=str)
def test_second_moments_of_groups_give_the_products_of_the_contributions(choices):
    """Sums in another order, of numbers around one."""
    frame = worlds.frame(effect=1.0)
    frame["weight"] = frame["unit"].map(lambda u: 1.0 + int(u[1:]) % 3)
    columns = dataclasses.replace(worlds.NAMES, weights="weight")
    made = linear(panel(frame, columns), choices)
    z = made.contributions
    np.testing.assert_allclose(made.covariance, z @ z.T, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_with_two_periods_it_is_the_difference_of_two_rounds(method):
    frame = worlds.frame(cohorts=(0, 0, 0, 2, 2), periods=2, effect=1.0)
    made = linear(panel(frame, worlds.NAMES), LinearOptions(method=method))
    change = frame.pivot_table(index="unit", columns="time", values="y").diff(axis=1)[2].to_numpy()
    expected = change[3:].mean() - change[:3].mean()
    assert made.estimates[0] == pytest.approx(expected, abs=1e-12)
    away = np.r_[(change[:3] - change[:3].mean()) / 3, (change[3:] - change[3:].mean()) / 2]
    assert made.std_errors()[0] == pytest.approx(np.sqrt(5 / 4 * np.sum(away**2)), abs=1e-12)


def test_with_one_cohort_never_treated_are_those_not_yet_treated():
    frame = worlds.frame(cohorts=(0, 0, 0, 3, 3))
    for method in ("imputation", "callaway_santanna"):
        found = [
            by_name(linear(panel(frame, worlds.NAMES), LinearOptions(method=method, comparison=c)))
            for c in ("never", "not_yet")
        ]
        shared = set(found[0]) & set(found[1])
        assert ("event", 1, None) in shared
        if method == "callaway_santanna":
            assert found[0] == found[1]


@pytest.mark.parametrize("choices", ALL, ids=str)
def test_a_planted_effect_without_noise_is_found(choices):
    frame = worlds.frame()
    level = frame["unit"].str[1:].astype(float) + frame["time"] ** 2
    frame["y"] = level + 3.0 * (frame["time"] >= frame["first"])
    made = linear(panel(frame, worlds.NAMES), choices)
    for name, estimate in zip(made.names, made.estimates, strict=True):
        before = name.kind == "event" and name.at is not None and name.at < 0
        before |= name.kind == "cell" and name.at < name.cohort
        assert estimate == pytest.approx(0.0 if before else 3.0, abs=1e-9)


def test_equal_covariates_in_all_groups_change_nothing_and_weights_are_copies():
    frame = worlds.frame()
    frame["w"] = 1.0 + (frame["unit"] == "u004")
    names = PanelColumns(outcome="y", unit="unit", time="time", first_treated="first", weights="w")
    copy = frame[frame["unit"] == "u004"].assign(unit="u004b")
    doubled = linear(panel(pd.concat([frame, copy]), worlds.NAMES))
    np.testing.assert_allclose(linear(panel(frame, names)).estimates, doubled.estimates, atol=1e-10)


def test_covariates_by_imputation_are_slopes_in_every_period():
    frame = worlds.frame(effect=1.0)
    frame["x"] = frame["unit"].map(
        {u: (i * 7) % 5 for i, u in enumerate(sorted(set(frame["unit"])))}
    )
    names = PanelColumns(
        outcome="y", unit="unit", time="time", first_treated="first", covariates=("x",)
    )
    found = by_name(linear(panel(frame, names)))
    first = frame["first"].fillna(np.inf)
    untreated = frame["time"] < first
    dummy = pd.get_dummies(frame[["unit", "time"]].astype(str)).to_numpy(float)
    slope = pd.get_dummies(frame["time"].astype(str)).to_numpy(float) * frame[["x"]].to_numpy()
    X = np.hstack([dummy, slope])
    beta = np.linalg.lstsq(X[untreated], frame["y"][untreated], rcond=None)[0]
    away = (frame["y"] - X @ beta)[~untreated]
    assert found["simple", None, None] == pytest.approx(away.mean(), abs=1e-9)


def test_a_stratum_without_comparison_gives_no_effect():
    frame = worlds.frame(cohorts=(0, 3, 0, 3), strata=2)
    names = PanelColumns(
        outcome="y", unit="unit", time="time", first_treated="first", strata="stratum"
    )
    for method in ("imputation", "callaway_santanna"):
        with pytest.raises(EstimationError, match="no cohort"):
            linear(panel(frame, names), LinearOptions(method=method))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: pd.concat([f, f.head(1)]), "row already"),
        (lambda f: f.assign(first=np.where(f["time"] == 2, 4, f["first"])), "differs within"),
        (lambda f: f[f["time"] == 1], "one period"),
        (lambda f: f.assign(first=np.nan), "no unit is treated"),
        (lambda f: f.drop(columns="first"), "no column"),
        (lambda f: f.assign(y=np.where(f["time"] == 2, np.inf, f["y"])), "infinite"),
        (lambda f: f.assign(time=f["time"].where(f["time"] > 1)), "10 rows have no time"),
    ],
)
def test_what_cannot_be_a_panel_is_refused(change, words):
    with pytest.raises(EstimationError, match=words):
        panel(change(worlds.frame()), worlds.NAMES)


def test_weights_below_zero_and_covariates_after_treatment_are_refused():
    frame = worlds.frame(cohorts=(0, 0, 3, 3)).assign(w=1.0, x=2.0)
    named = dataclasses.replace(worlds.NAMES, weights="w")
    with pytest.raises(EstimationError, match="`w` is not positive in every row") as caught:
        panel(frame.assign(w=frame["w"].where(frame["unit"] != "u002", -1.0)), named)
    assert caught.value.where == "event_study"
    seen = dataclasses.replace(worlds.NAMES, covariates=("x",))
    late = frame[(frame["unit"] != "u001") | (frame["time"] >= 3)]
    with pytest.raises(
        EstimationError, match=r"^event_study: 1 units have no row before treatment"
    ):
        panel(late, seen)


def test_periods_and_units_are_called_as_they_are_written():
    frame = worlds.frame(cohorts=(0, 3))
    for change in (float, int):
        found = panel(frame.assign(time=frame["time"].map(change)), worlds.NAMES)
        assert found.periods == ("1", "2", "3", "4", "5", "6")
    halves = panel(frame.assign(time=frame["time"] / 2, first=frame["first"] / 2), worlds.NAMES)
    assert halves.periods == ("0.5", "1", "1.5", "2", "2.5", "3")
    part = found.between(1, 4)
    assert (part.periods, part.y.shape) == (("2", "3", "4"), (2, 3))
    # treated in the third period, of those from the second on in the second
    assert part.first.tolist() == [3, 1]
    assert found.between(3, 6).first.tolist() == [3, 0]
    assert found.between(0, 2).first.tolist() == [2, 2]


def test_where_all_are_treated_the_last_cohort_is_the_comparison_until_it_is():
    """Sun and Abraham: as in a panel that ends before the last units are treated."""
    frame = worlds.frame(cohorts=(3, 3, 4, 4, 6, 6))
    found = linear(panel(frame, worlds.NAMES), LinearOptions(method="sun_abraham"))
    short = frame[frame["time"] < 6].assign(first=lambda f: f["first"].where(f["first"] < 6))
    other = linear(panel(short, worlds.NAMES), LinearOptions(method="sun_abraham"))
    assert found.panel.periods == other.panel.periods == ("1", "2", "3", "4", "5")
    assert found.names == other.names
    np.testing.assert_allclose(found.estimates, other.estimates, atol=1e-12)


def test_without_the_only_comparison_there_is_no_estimate():
    found = linear(worlds.made(cohorts=(0, 3, 3)))
    without = found.without_each()
    assert np.isnan(without[:, 0]).all()
    assert np.isfinite(without[:, 1:]).all()
    assert np.isnan(found.jackknife_errors()).all()


@pytest.mark.parametrize("anticipation", [1, 2])
@pytest.mark.parametrize("base", ["universal", "varying"])
def test_never_treated_units_serve_to_the_end_of_the_panel(anticipation, base):
    """No unit is "not yet treated" one period after the last: they were thrown away there."""
    made = worlds.made(periods=7, effect=1.0)
    never, not_yet = (
        by_name(
            linear(
                made,
                LinearOptions(
                    method="callaway_santanna",
                    comparison=comparison,
                    anticipation=anticipation,
                    base=base,
                    kinds=("cell",),
                ),
            )
        )
        for comparison in ("never", "not_yet")
    )
    assert set(not_yet) == set(never)
    # the last cohort enters in period 5, position 4
    last = {cell for cell in never if cell[1] + anticipation >= 4 and cell[1] >= cell[2]}
    assert last
    for cell in last:
        assert not_yet[cell] == pytest.approx(never[cell], abs=1e-12)


def test_who_anticipates_when_the_last_cohort_does_is_no_comparison_of_sun_and_abraham():
    """All are treated: with two periods of anticipation cohort 7 moves where 8 is compared."""
    frame = worlds.frame(cohorts=(4, 4, 7, 7, 8, 8), periods=9)
    frame["y"] += 10.0 * (frame["time"] >= frame["first"] - 2)
    choices = LinearOptions(method="sun_abraham", anticipation=2)
    made = linear(panel(frame, worlds.NAMES), choices)
    assert made.panel.units == ("u000", "u001", "u004", "u005")
    without = frame[frame["first"] != 7]
    fresh = linear(panel(without, worlds.NAMES), choices)
    np.testing.assert_allclose(made.estimates, fresh.estimates, atol=1e-12)


def test_units_that_enter_soon_after_the_panel_do_not_serve_while_they_may_anticipate():
    """One period after the end, with one period of anticipation: not in the last period."""
    frame = worlds.frame(cohorts=(0, 0, 0, 4, 4, 7, 7), periods=6)
    frame.loc[(frame["first"] == 7) & (frame["time"] == 6), "y"] += 50.0
    made = panel(frame, worlds.NAMES)
    assert made.late.tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert made.unanticipated(0, never=False) is made
    choices = LinearOptions(method="callaway_santanna", anticipation=1, kinds=("cell",))
    found = by_name(linear(made.unanticipated(1, never=False), choices))
    y = frame.pivot_table(index="unit", columns="time", values="y").to_numpy()
    change = y[:, 4] - y[:, 1], y[:, 5] - y[:, 1]
    both = change[0][3:5].mean() - change[0][[0, 1, 2, 5, 6]].mean()
    alone = change[1][3:5].mean() - change[1][:3].mean()
    assert found["cell", 4, 3] == pytest.approx(both, abs=1e-12)
    assert found["cell", 5, 3] == pytest.approx(alone, abs=1e-12)
    never = made.unanticipated(1, never=True)
    assert never.units == made.units[:5]
