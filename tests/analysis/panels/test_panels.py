"""A panel's plan, run on counts whose effect is planted."""

import dataclasses
import math

import numpy as np
import pytest

from evaluation.analysis.panels.units import ENTRY, UNIT, YEAR
from evaluation.config.panel_study import PanelChoice
from evaluation.errors import EstimationError
from evaluation.estimation.many_periods import linear, panel_permutation, poisson_inference
from tests.analysis.panels import worlds


def specification(name: str):
    _, promise = worlds.declared()
    return next(s for s in promise.plan.specification if s.id == name)


@pytest.mark.parametrize(
    ("comparison", "strata"),
    [("same strata", {"00", "01"}), ("listed", {"00", "01", "02"}), ("outside", {"03"})],
)
def test_who_is_compared(comparison, strata):
    chosen = worlds.units(worlds.frames()).chosen(PanelChoice(comparison=comparison))
    others = [code for code in chosen.index if code not in worlds.TREATED]
    assert {code[:2] for code in others} == strata
    assert set(worlds.TREATED) <= set(chosen.index)


def test_a_cluster_that_is_none_cannot_be_left_out():
    with pytest.raises(EstimationError, match="99999"):
        worlds.units(worlds.frames()).chosen(PanelChoice(without=("99999",)))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("ratio_2021", 2021.0),
        ("anticipation", 2020.0),
        ("placebo_2018", 2018.0),
        ("set_2022_2024", 2022.0),
    ],
)
def test_entry_moves_with_the_contrast(name, first):
    rows = worlds.units(worlds.frames()).rows(specification(name), "homicides")
    entry = rows.groupby(UNIT)[ENTRY].first()
    assert entry.dropna().to_dict() == dict.fromkeys(worlds.TREATED, first)
    years = set(rows[YEAR])
    assert (2021 in years) == (name not in ("placebo_2018", "set_2022_2024"))


def test_those_who_enter_later_are_not_treated_in_the_first_year():
    made = worlds.frames(later=("00002", "02001"))
    rows = worlds.units(made).rows(specification("ratio_2021"), "homicides")
    assert set(rows.loc[rows[ENTRY].notna(), UNIT]) == set(worlds.TREATED)
    rows = worlds.units(made).rows(specification("ratio_2021_2024"), "homicides")
    assert rows.groupby(UNIT)[ENTRY].first()["00002"] == 2022.0


def test_joined_people_are_twice_as_many_before():
    units = worlds.units(worlds.frames())
    spliced = units.rows(specification("spliced_2021"), "homicides")
    joined = units.rows(specification("joined_2021"), "homicides")
    ratio = joined["people"].to_numpy() / spliced["people"].to_numpy()
    assert set(ratio[joined[YEAR] < 2012]) == {2.0}
    assert set(ratio[joined[YEAR] >= 2012]) == {1.0}


def test_a_planted_effect_is_found_by_every_ratio():
    made = worlds.results(
        worlds.frames(effect=math.log(0.7)),
        "ratio_2021_2024",
        "years",
        "spliced_2021",
        "cohorts_2021",
    )
    found = {(e.specification, e.step): e for e in made.estimates if e.sample.text() == "all"}
    for name in ("ratio_2021", "ratio_2021_2024", "spliced_2021"):
        one = found[name, "ri_coefficient"]
        assert one.estimate == pytest.approx(math.log(0.7), abs=1e-9)
        assert one.p_value == pytest.approx(1 / 200, abs=0.01)
        assert one.ci_high < 0.0
    assert found["cohorts_2021", "cv3"].estimate == pytest.approx(math.log(0.7), abs=0.02)
    by_year = {e.sample.text(): e.estimate for e in made.estimates if e.specification == "years"}
    assert by_year["2015"] == pytest.approx(0.0, abs=1e-9)
    assert by_year["2023"] == pytest.approx(math.log(0.7), abs=1e-9)


def test_nothing_is_said_that_a_whole_list_would_give_away():
    made = worlds.results(
        worlds.frames(noise=1, later=("00002", "02001")),
        "set_2022_2024", "years", "ratio_2021_2024", "imputation_2021_2024",
    )  # fmt: skip
    reasons = {u.specification: u.reason.id for u in made.unavailable}
    assert reasons["set_2022_2024"] == "panel-all-known.reason"
    assert reasons["years"] == "panel-cohorts.reason"
    assert not any(d.name.startswith("without_another") for d in made.diagnostics)
    assert not any(d.name.endswith("_listed") for d in made.diagnostics)
    treated = {e.specification: e.n_clusters_treated for e in made.estimates}
    assert treated["ratio_2021"] == 3
    assert treated["ratio_2021_2024"] == 5


def test_with_a_whole_list_no_row_leaves_out_one_cluster():
    study, promise = worlds.declared()
    plan = promise.plan
    changed = tuple(
        dataclasses.replace(s, panel=dataclasses.replace(s.panel, without=("00000",)))
        if s.id == "without_tumaco_2021" and s.panel
        else s
        for s in plan.specification
    )
    promise = dataclasses.replace(promise, plan=dataclasses.replace(plan, specification=changed))
    provenance = worlds.Provenance(study=study.id, plan_hash="p", data_hash="d", version="0")
    for later, there in (((), True), (("00002",), False)):
        made = worlds.run_panel(
            worlds.frames(noise=1, later=later),
            study=study,
            preregistration=worlds.only(promise, "without_tumaco_2021", permutations=39),
            provenance=provenance,
        )
        names = {e.specification for e in made.estimates}
        assert ("without_tumaco_2021" in names) == there
        gone = [u.reason.id for u in made.unavailable if u.specification == "without_tumaco_2021"]
        assert gone == ([] if there else ["panel-private-list.reason"])


def test_an_interval_of_a_permuted_coefficient_inverts_its_test():
    units = worlds.units(worlds.frames(noise=3))
    made = units.panel(specification("imputation_2021"), "homicides", rates=True)
    found = linear.linear(made, linear.LinearOptions(kinds=("simple",)))
    (drawn,) = panel_permutation.randomise(found, units.drawn(made))
    low, high = panel_permutation.coefficient_interval(drawn, 0.95)
    step = 1e-6 * (high - low)
    for inside, outside in ((low + step, low - step), (high - step, high + step)):
        assert panel_permutation.coefficient_test(drawn, inside) >= 0.05
        assert panel_permutation.coefficient_test(drawn, outside) <= 0.05
    # the test at zero by brute force
    permuted = np.abs(panel_permutation.permuted_estimates(drawn))
    larger = np.count_nonzero(permuted >= abs(drawn.estimate) * (1 - 1e-9))
    # the plan wants more permutations than these small strata have, so that all are there
    assert drawn.enumerated
    assert panel_permutation.coefficient_test(drawn) == larger / len(permuted)


@pytest.mark.parametrize("studentised", [False, True])
def test_an_interval_of_a_ratio_ends_where_its_test_does(*, studentised):
    _, promise = worlds.declared()
    plan = worlds.only(promise, permutations=999).plan
    units = worlds.units(worlds.frames(noise=3), plan)
    made = units.panel(specification("ratio_2021"), "homicides", rates=False)
    found = poisson_inference.ratios(made)
    permuted = poisson_inference.randomise(found, units.drawn(made))
    for end in permuted.interval_near(0.95, studentised=studentised):
        # one step of 999 permutations, and what the search is content with
        assert abs(permuted.p_of(end, studentised=studentised) - 0.05) <= 0.0025
