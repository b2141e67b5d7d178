"""A changed input, estimated again: every number that moved lies within the input's reach.

The truth here is the estimation itself: nothing is said about which numbers ought to move but by
running both stages before and after. A reach that is too narrow leaves moved fields without a
cause; one that is too wide holds fields of every other change, which the last test looks at.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from evaluation.analysis.run_checks import run_checks
from evaluation.analysis.run_plan import run_plan
from evaluation.analysis.study_clusters import Frames
from evaluation.cli.stages.clean_frames import write_results
from evaluation.config.dependency_scope import of_entry, of_variable
from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Check, Group
from evaluation.release.published_tables import KEPT, RECORDS
from evaluation.release.result_diff import moves
from tests.estimation.studies import (
    DID,
    INFERENCE,
    PROVENANCE,
    STUDY,
    TEXT,
    frame,
    plan_panel,
    preregistration,
    series,
)
from tests.tables import cases

CASES = cases(__file__)

TABLES = (*(name for name in RECORDS if name.endswith(".csv")), *KEPT)


def groups(**given) -> tuple[Group, ...]:
    return tuple(Group(id=name, label=TEXT, **what) for name, what in given.items())


def check(name: str, kind: str, **what) -> Check:
    return Check(id=name, label=TEXT, answers=TEXT, kind=kind, theme="for whom", **what)


CHECKS = (
    check(
        "by_age",
        "subgroup",
        variables=("age",),
        known="descriptive",
        groups=groups(young={"high": 45.0}, old={"low": 46.0}),
    ),
    check(
        "by_region",
        "subgroup",
        variables=("region",),
        known="descriptive",
        groups=groups(coast={"values": ("coast",)}, hill={"values": ("hill",)}),
    ),
    check("conley", "conley", distances=(30.0,)),
    check("two_round", "two_round_sensitivity"),
    check("balanced", "entropy_balancing", variables=("poverty",)),
)
STUDY_HERE = dataclasses.replace(
    STUDY,
    columns=dataclasses.replace(STUDY.columns, x_km="x_km", y_km="y_km", department="department"),
)


def a_promise(checks: tuple[Check, ...] = CHECKS, **changes):
    made = preregistration(check=checks)
    first, *others = made.plan.specification
    permuted = dataclasses.replace(first, steps=("wcr_s", "cv3", "ri"))
    people = dataclasses.replace(
        DID,
        id="did_population",
        estimand="population",
        status="sensitivity",
        families=(),
        outcomes=("y",),
        steps=("wcr_s", "cv3"),
    )
    settings = dataclasses.replace(
        INFERENCE,
        permutations=199,
        permutation_strata="zone",
        false_discovery_check=("sharpened_q",),
    )
    plan = dataclasses.replace(
        made.plan,
        specification=(permuted, *others, people),
        inference=dataclasses.replace(settings, **changes),
    )
    return dataclasses.replace(made, plan=plan)


def some_frames() -> Frames:
    table = plan_panel(75)
    rng = np.random.default_rng(11)
    places = frame(table)
    number = len(places)
    places = places.assign(
        x_km=rng.uniform(0, 60, number),
        y_km=rng.uniform(0, 60, number),
        zone=["a", "b"] * (number // 2),
        department=["north", "north", "south"] * (number // 3),
    )
    return Frames(panel=table, frame=places, analysis=None, series=series(table))


def built(folder: Path, frames: Frames, made) -> Path:
    """Both stages' records, as they save them."""
    given = {"study": STUDY_HERE, "preregistration": made, "provenance": PROVENANCE}
    results, checks = run_plan(frames, **given), run_checks(frames, **given)
    write_results(folder, results, mark="", without="leave_one_out")
    write_results(folder, checks, mark="", prefix="robustness_")
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("before"), some_frames(), a_promise())


def moved(before: Path, now: Path, made):
    return list(moves(before, now, TABLES, plan=made.plan))


def with_panel(name: str, value) -> Frames:
    """Frames whose first five rows of a column of the panel hold something else."""
    frames = some_frames()
    panel = frames.panel.copy()
    panel.loc[panel.index[:5], name] = value(panel[name].iloc[:5])
    return dataclasses.replace(frames, panel=panel)


def with_frame(name: str, rows: slice, value) -> Frames:
    """Frames whose clusters hold something else, in the panel too where that has the column."""
    frames = some_frames()
    places = frames.frame.copy()
    places.loc[places.index[rows], name] = value(places[name].iloc[rows])
    panel = frames.panel
    if name in panel.columns:
        known = dict(zip(places["village"], places[name], strict=True))
        panel = panel.assign(**{name: panel["village"].map(known)})
    return dataclasses.replace(frames, frame=places, panel=panel)


def with_series() -> Frames:
    frames = some_frames()
    table = frames.series.copy()
    table.loc[table.index[:3], "events"] *= 2.0
    return dataclasses.replace(frames, series=table)


CHANGES = {
    "y": lambda: with_panel("y", lambda v: v + 2.0),
    "s1": lambda: with_panel("s1", lambda v: v + 2.0),
    "age": lambda: with_panel("age", lambda v: 99.0 - v),
    "population": lambda: with_frame("population", slice(0, 2), lambda v: v * 1.5),
    "x_km": lambda: with_frame("x_km", slice(0, 2), lambda v: v + 40.0),
    "zone": lambda: with_frame("zone", slice(0, 1), lambda v: v.map({"a": "b", "b": "a"})),
    "department": lambda: with_frame("department", slice(0, 1), lambda _: "south"),
    "poverty": lambda: with_frame("poverty", slice(0, 2), lambda v: v + 3.0),
    "events": with_series,
}


def reach_of(name: str, made):
    return of_variable(name, plan=made.plan, study=STUDY_HERE, dictionary=Dictionary(()))


@pytest.fixture(scope="module")
def after(tmp_path_factory, before):
    """Moves by changed variable."""
    made = a_promise()
    return {
        name: moved(before, built(tmp_path_factory.mktemp("after"), change(), made), made)
        for name, change in CHANGES.items()
    }


@pytest.mark.parametrize("name", CHANGES)
def test_every_number_that_moved_lies_within_the_reach_of_what_changed(name, after):
    reach = reach_of(name, a_promise())
    assert after[name]
    beyond = {(m.table, m.place) for m in after[name] if not reach.holds(m.place)}
    assert beyond == set()


def test_adjusted_p_values_of_other_outcomes_moved_and_are_explained(after):
    """What they were laid to before, the code, was wrong.

    Of a primary outcome the interval, and how far it is off by the draws, come of the same largest
    statistics as the adjusted p; its estimate and everything that it has alone do not.
    """
    others = [m for m in after["y"] if m.outcome == "z" and m.table == "estimates.csv"]
    together = {"ci_low", "ci_high", "ci_low_mc_error", "ci_high_mc_error"}
    assert "p_adjusted" in {m.field for m in others} <= {"p_adjusted", *together}
    assert {(m.specification, m.step) for m in others if m.field in together} <= {
        (a_promise().plan.primary_specification().id, "wcr_s")
    }
    reach = reach_of("y", a_promise())
    assert all(reach.holds(m.place) for m in others)
    ages = [m for m in after["age"] if m.specification == "by_region"]
    assert {m.field for m in ages} == {"p_adjusted"}


@pytest.mark.parametrize(("moved_by", "other"), CASES["reach"])
def test_no_reach_is_so_wide_that_it_explains_another_change(moved_by, other, after):
    reach = reach_of(other, a_promise())
    assert [m for m in after[moved_by] if not reach.holds(m.place)]


def entry(name: str, made):
    return of_entry(name, plan=made.plan, study=STUDY_HERE, dictionary=Dictionary(()))


def test_another_subgroup_moves_the_p_values_of_those_that_stay(before, tmp_path):
    made = a_promise(CHECKS[1:])
    found = moved(before, built(tmp_path, some_frames(), made), made)
    reach = entry("check.by_age", made)
    assert [m for m in found if m.specification == "by_region" and m.field == "p_adjusted"]
    assert {(m.table, m.place) for m in found if not reach.holds(m.place)} == set()


@pytest.mark.parametrize(
    "changes", [{"draws": 499}, {"level": 0.9}, {"permutations": 99}, {"permutation_strata": ""}]
)
def test_settings_move_uncertainty_and_no_estimate(before, tmp_path, changes):
    made = a_promise(**changes)
    found = moved(before, built(tmp_path, some_frames(), made), made)
    reach = entry("inference", made)
    assert found
    assert {(m.table, m.place) for m in found if not reach.holds(m.place)} == set()


def test_nothing_moves_when_nothing_changed(before, tmp_path):
    made = a_promise()
    assert moved(before, built(tmp_path, some_frames(), made), made) == []
