"""The public door: every method in one call, and what it says beside the numbers."""

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.many_periods.event_study import METHODS, EventStudyOptions
from evaluation.estimation.many_periods.panel import panel
from evaluation.estimation.many_periods.poisson_inference import permuted, ratios
from tests.estimation.many_periods import worlds
from tests.estimation.many_periods.test_poisson import NAMES, counts
from tests.tables import cases

CASES = cases(__file__)

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "first_treated": "first"}
COHORTS = (0,) * 8 + (4,) * 4 + (5,) * 3


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_table_with_a_primary_estimate(method):
    frame = worlds.frame(cohorts=COHORTS, effect=2.0)
    frame["y"] = np.abs(frame["y"])
    found = ev.event_study(frame, **COLUMNS, method=method, draws=49)
    table = found.to_frame()
    assert found.primary.kind == "simple"
    assert np.isfinite(found.primary.estimate)
    assert found.primary.ci_low <= found.primary.estimate <= found.primary.ci_high
    assert method in str(found.summary())
    assert method in str(found)
    assert len(table) >= 1


def test_the_frame_s_own_columns_and_labels_come_back():
    frame = worlds.frame(cohorts=COHORTS, effect=2.0).assign(time=lambda f: f["time"] + 2000)
    frame["first"] += 2000
    table = ev.event_study(frame, **COLUMNS, aggregate=("group", "calendar", "event")).to_frame()
    assert set(table.loc[table["kind"] == "group", "at"]) == {"2004", "2005", "average"}
    assert set(table.loc[table["kind"] == "event", "at"]) == {"0", "1", "2", "average"}


def test_permuted_entry_gives_p_and_interval_of_one_test():
    frame = worlds.frame(cohorts=COHORTS, effect=3.0)
    found = ev.event_study(frame, **COLUMNS, inference="permutation", draws=499)
    row = found.primary
    assert row.inference == "permutation"
    assert (row.p_value < 0.05) == (not row.ci_low <= 0.0 <= row.ci_high)


def test_exposure_means_counts_and_other_methods_take_rates():
    frame = counts(ratio=0.5)
    named = {**COLUMNS, "exposure": "people", "strata": "s"}
    assert ev.event_study(frame, **named).method == "poisson"
    rate = ev.event_study(frame, **named, method="imputation")
    assert any("exposure" in str(note) for note in rate.notes)
    direct = ev.event_study(
        frame.assign(y=frame["y"] / frame["people"]), **COLUMNS, strata="s", method="imputation"
    )
    assert rate.primary.estimate == pytest.approx(direct.primary.estimate, rel=1e-12)


def test_what_is_left_out_is_noted():
    frame = worlds.frame(cohorts=(*COHORTS, 1))
    found = ev.event_study(frame.iloc[1:], **COLUMNS)
    said = " ".join(str(note) for note in found.notes)
    assert "1 units are left out" in said
    assert "1 rows" in said


def test_rows_without_a_comparison_are_counted():
    found = ev.event_study(worlds.frame(cohorts=(3, 3, 3, 5, 5, 5)), **COLUMNS)
    assert "12 rows of treated units" in " ".join(str(note) for note in found.notes)


def test_rows_without_a_comparison_are_counted_with_covariates_too():
    frame = worlds.frame(cohorts=(3,) * 6 + (5,) * 6).assign(
        x=lambda f: np.sin(f["unit"].str[1:].astype(int) * 1.0)
    )
    choices = {"method": "callaway_santanna", "covariates": ["x"], "model": "regression"}
    found = ev.event_study(frame, **COLUMNS, **choices)
    assert found.notes[0].id == "event-study-unsupported.note"
    assert "24 rows of treated units" in str(found.notes[0])


@pytest.mark.parametrize(("method", "left"), [("callaway_santanna", 2), ("sun_abraham", 12)])
def test_what_anticipation_leaves_out_is_counted(method, left):
    frame = worlds.frame(cohorts=(0,) * 6 + (4,) * 6 + (7,) * 2)
    found = ev.event_study(frame, **COLUMNS, method=method, anticipation=1)
    assert f"{left} rows are left out" in str(found.notes[0])


@pytest.mark.parametrize(("method", "choice"), CASES["not_heeded"])
def test_a_choice_that_a_method_does_not_heed_is_refused(method, choice):
    with pytest.raises(EstimationError, match="does not heed"):
        ev.event_study(worlds.frame().assign(x=1.0), **COLUMNS, method=method, **choice)


def test_stacked_heeds_its_window():
    frame = worlds.frame(cohorts=COHORTS, effect=2.0)
    wide, usual = (
        ev.event_study(frame, **COLUMNS, method="stacked", window=window)
        for window in ((2, 0), None)
    )
    assert wide.table["at"].tolist() == ["average", "-2", "0", "average"]
    assert usual.table["at"].tolist() == ["average", "0", "average"]
    assert "before treatment" not in str(wide)


@pytest.mark.parametrize("method", METHODS)
def test_who_shows_no_trends_before_says_which_method_does(method):
    frame = counts(ratio=0.5)
    named = {**COLUMNS, "exposure": "people"} if "poisson" in method else COLUMNS
    found = ev.event_study(frame, **named, method=method, draws=9)
    said = [str(note) for note in found.notes if "before treatment" in str(note)]
    leads = pd.to_numeric(found.table["at"], errors="coerce").min() < -1
    assert len(said) == (0 if leads else 1)
    if method == "imputation":
        assert "one of callaway_santanna, sun_abraham" in said[0]


def test_where_one_period_lies_before_treatment_nothing_could_be_shown():
    frame = worlds.frame(cohorts=(0,) * 8 + (4,) * 6, effect=2.0)
    found = ev.event_study(frame[frame["time"] >= 3], **COLUMNS)
    assert not [note for note in found.notes if "before treatment" in str(note)]


YEARS = {
    "numbers": lambda year: year,
    "periods": lambda year: pd.NaT if pd.isna(year) else pd.Period(year=int(year), freq="Y"),
    "dates": lambda year: pd.NaT if pd.isna(year) else pd.Timestamp(int(year), 1, 1),
    "words": lambda year: None if pd.isna(year) else f"{int(year)}",
}


@pytest.mark.parametrize("time", YEARS)
@pytest.mark.parametrize("first", YEARS)
def test_periods_of_one_type_are_compared_and_others_refused(time, first):
    frame = worlds.frame(cohorts=COHORTS, effect=2.0)
    years = frame["first"].where(frame["first"] > 0) + 2000.0
    given = frame.assign(
        time=(frame["time"] + 2000).map(YEARS[time]), first=years.map(YEARS[first])
    )
    compared = (("numbers", "words"), ("words", "numbers"), ("dates", "words"))
    if first == time or (time, first) in compared:
        usual = ev.event_study(frame, **COLUMNS).primary
        assert ev.event_study(given, **COLUMNS).primary.estimate == usual.estimate
        return
    with pytest.raises(EstimationError, match="not written as the periods of `time` are"):
        ev.event_study(given, **COLUMNS)


def test_choices_have_one_default():
    """A caller inside the package and one from a notebook get the same."""
    door = inspect.signature(ev.event_study).parameters
    for field in dataclasses.fields(EventStudyOptions):
        if field.name != "method":
            assert door[field.name].default == field.default, field.name


def test_the_wild_bootstrap_through_the_door():
    frame = worlds.frame(cohorts=(0,) * 8 + (4,) * 6, effect=3.0)
    row = ev.event_study(frame, **COLUMNS, inference="wild_bootstrap", draws=499).primary
    assert row.p_value < 0.05
    assert row.ci_low > 0.0


def test_permuted_ratios_through_the_door_are_those_of_the_method():
    frame = counts(units=12, treated=4, ratio=0.5)
    named = {**COLUMNS, "exposure": "people", "strata": "s"}
    row = ev.event_study(
        frame, **named, method="poisson_units", inference="permutation", draws=49, seed=3
    ).primary
    direct = permuted(ratios(panel(frame, NAMES)), number=49, seed=3)
    assert (row.estimate, row.std_error) == (direct.ratio, direct.error)
    assert (row.ci_low, row.ci_high) == direct.interval(0.95)
    assert row.p_value == direct.p_value()


def test_what_an_estimator_does_not_offer_is_refused():
    frame = worlds.frame(cohorts=COHORTS, effect=2.0)
    frame["y"] = np.abs(frame["y"])
    frame["x"] = np.arange(len(frame)) // 6 % 3.0
    adjusted = {"method": "callaway_santanna", "covariates": ["x"]}
    for choices, words in (
        ({"inference": "permutation", "method": "poisson"}, "permutations of these estimates"),
        ({"inference": "wild_bootstrap", "method": "poisson"}, "a wild bootstrap of these"),
        ({"inference": "wild_bootstrap", **adjusted}, "a wild bootstrap of these"),
        ({"inference": "cv3", **adjusted}, "a jackknife of these estimates"),
        ({"level": 0.4}, "the level is 0.4"),
        ({"level": 1.0}, "the level is 1.0"),
    ):
        with pytest.raises(EstimationError, match=words) as caught:
            ev.event_study(frame, **COLUMNS, **choices)
        assert caught.value.where == "event_study"
    usual = ev.event_study(frame, **COLUMNS, **adjusted)
    # the jackknife is not offered: errors by cluster, and that is said
    assert usual.primary.inference == "cv1"
    assert len(usual.notes) == 1
    for found in (usual, ev.event_study(frame, **COLUMNS, method="synthetic_did", draws=9)):
        with pytest.raises(EstimationError, match="a jackknife of these estimates") as caught:
            found.leave_one_out()
        assert caught.value.where == "event_study"


def test_sensitivity_comes_from_the_event_study():
    frame = worlds.frame(cohorts=COHORTS * 3, effect=4.0)
    found = ev.event_study(frame, **COLUMNS, method="callaway_santanna", comparison="never")
    for restriction in ("magnitude", "smoothness"):
        table = found.sensitivity(restriction, (0.0, 1.0))
        assert (np.diff(table["ci_high"] - table["ci_low"]) >= 0.0).all()
        assert table["breakdown"].iloc[0] > 0.0
    with pytest.raises(EstimationError, match="before and after"):
        ev.event_study(frame, **COLUMNS).sensitivity()


@pytest.mark.parametrize("method", ["imputation", "poisson", "poisson_units"])
def test_the_estimate_without_a_unit_is_that_of_a_frame_without_it(method):
    frame = counts(units=10, treated=4)
    found = ev.event_study(frame, **COLUMNS, exposure="people", method=method)
    table = found.leave_one_out()
    fresh = ev.event_study(
        frame[frame["unit"] != "u02"], **COLUMNS, exposure="people", method=method
    )
    assert table.loc[table["unit"] == "u02", "estimate"].item() == pytest.approx(
        fresh.primary.estimate, abs=1e-7
    )


@pytest.mark.parametrize(
    "ids",
    [range(7, 130), [0, 10, 1, 100, 19, 2], [-3, -30, 3, 30, 0], [10**18, 10**17, 10**18 + 1, 9]],
    ids=str,
)
def test_units_that_are_numbers_come_in_the_order_of_their_texts(ids):
    """As text is sorted everywhere, so that numbers and the same numbers as text agree."""
    frame = pd.DataFrame([(u, t, float(u % 7) * t) for u in ids for t in (1, 2)])
    frame = frame.set_axis(["unit", "time", "y"], axis=1)
    frame["first"] = np.where(frame["unit"] == frame["unit"].iloc[0], 2, 0)
    made = panel(frame, worlds.NAMES)
    assert list(made.units) == sorted(map(str, ids))
    assert made.y[:, 0].tolist() == [float(int(u) % 7) for u in made.units]


def test_unknown_methods_are_named():
    with pytest.raises(EstimationError, match="no such method"):
        ev.event_study(worlds.frame(), **COLUMNS, method="two_stage")
    with pytest.raises(AttributeError, match="no attribute"):
        _ = ev.nothing


def test_importing_the_package_loads_no_estimator():
    code = (
        "import evaluation, sys; print(sum(m in sys.modules for m in ('numpy', 'scipy', 'pandas')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
