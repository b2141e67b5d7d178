"""Half-years, departments left out, neighbours and counts given those before, on planted counts."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.panels import given, neighbours
from evaluation.analysis.panels.units import COUNT, UNIT, YEAR
from evaluation.config.panel_study import PanelChoice
from evaluation.errors import EstimationError
from tests.analysis.panels import worlds


def specification(**choices):
    _, promise = worlds.declared()
    primary = promise.plan.primary_specification()
    return dataclasses.replace(primary, panel=PanelChoice(**choices))


def few(made, number: int = 199):
    _, promise = worlds.declared()
    return worlds.units(made, worlds.only(promise, permutations=number).plan)


def with_events(made):
    """Two events in January and one in August of every cluster and year."""
    rows = [
        (code, pd.Timestamp(year, month, 5), n)
        for code in worlds.CODES
        for year in range(2012, 2022)
        for month, n in ((1, 2), (8, 1))
    ]
    events = pd.DataFrame(rows, columns=["cluster", "date", "amount"])
    return dataclasses.replace(made, events=events)


def test_months_count_their_own_events_only():
    units = few(with_events(worlds.frames()))
    for months, expected in (((1, 6), 2.0), ((7, 12), 1.0), ((2, 7), 0.0)):
        rows = units.rows(specification(months=months), "homicides")
        assert set(rows[COUNT]) == {expected}
        assert len(rows) == rows[UNIT].nunique() * rows[YEAR].nunique()


def test_a_department_leaves_with_all_its_clusters():
    units = few(worlds.frames())
    kept = units.chosen(PanelChoice(without_departments=("CAUCA",)))
    assert not [code for code in kept.index if code[:2] == "01"]
    with pytest.raises(EstimationError, match="CHOCÓ"):
        units.chosen(PanelChoice(without_departments=("CHOCÓ",)))


def test_distances_on_the_earth():
    """A degree of latitude is 6371 pi / 180 km, one of longitude at the pole's circle is none."""
    km = neighbours.distances(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [90.0, 7.0]]))
    assert km[0, 1] == pytest.approx(6371.0 * math.pi / 180.0)
    assert km[0, 2] == pytest.approx(km[0, 1])
    assert km[0, 3] == pytest.approx(6371.0 * math.pi / 2.0)
    np.testing.assert_allclose(km, km.T)


def planted(near: float):
    """The ten fall to 0.7, clusters within 30 km of one of them change by a ratio of their own."""
    made = worlds.frames(effect=math.log(0.7))
    units = few(made)
    every = units.panel(specification(), "homicides", rates=False)
    km = neighbours.distances(units.places(every.units))
    own = np.isin(every.units, worlds.TREATED)
    ring = {
        code
        for code, at in zip(every.units, km[:, own].min(axis=1), strict=True)
        if at <= 30.0 and code not in worlds.TREATED
    }
    assert ring
    panel = made.panel.copy()
    moved = panel["municipality"].isin(ring) & (panel["year"] >= 2021)
    panel.loc[moved, "homicides"] *= near
    return dataclasses.replace(made, panel=panel), len(ring)


def test_neighbours_have_a_ratio_of_their_own():
    made, number = planted(near=1.4)
    units = few(made)
    for which, expected, size in (("apart", 0.7, 3), ("estimated", 1.4, number)):
        choice = PanelChoice(neighbours=which, within_km=30.0)
        panel = units.panel(specification(), "homicides", rates=False)
        found = neighbours.compared(panel, choice, units.places(panel.units), units.drawn(panel))
        assert found.ratio == pytest.approx(math.log(expected), abs=1e-9)
        assert found.sizes[0] == size
    alone = PanelChoice(neighbours="apart", within_km=1e-3)
    with pytest.raises(EstimationError, match="that near"):
        neighbours.compared(panel, alone, units.places(panel.units), units.drawn(panel))


def test_neighbours_without_places_are_refused():
    made = worlds.frames()
    frame = made.frame.drop(columns=["lat", "lon"])
    with pytest.raises(EstimationError, match="coordinates"):
        few(dataclasses.replace(made, frame=frame)).places(("00000",))


def test_counts_given_those_before_find_what_is_planted():
    """Each cluster's level lasts by 0.6 of its log; the fall is to 0.7."""
    made = worlds.frames(effect=0.0)
    panel = made.panel.copy()
    rng = np.random.default_rng(4)
    level = dict(zip(worlds.CODES, rng.normal(0.0, 0.5, len(worlds.CODES)), strict=True))
    log = panel["municipality"].map(level).where(panel["year"] < 2021, 0.0)
    log = log.where(panel["year"] < 2021, 0.6 * panel["municipality"].map(level))
    fell = panel["municipality"].isin(worlds.TREATED) & (panel["year"] >= 2021)
    panel["homicides"] = 1e5 * panel["population"] * 4e-4 * np.exp(log) * np.where(fell, 0.7, 1.0)
    units = few(dataclasses.replace(made, panel=panel))
    whole = units.panel(specification(), "homicides", rates=False)
    found = given.given(whole, units.drawn(whole))
    # so many events that the half that is added to them is nothing
    assert found.ratio == pytest.approx(math.log(0.7), abs=1e-5)
    assert found.persistence == pytest.approx(0.6, abs=1e-5)
    low, high = found.interval(0.95)
    assert low < found.ratio < high < 0.0
