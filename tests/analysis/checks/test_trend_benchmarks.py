"""Benchmarks for unequal trends: by hand, by refitting, and silent where there is nothing."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.trend_benchmarks import share_gap, trend_benchmarks
from evaluation.analysis.checks.two_round_sensitivity import two_round_sensitivity
from evaluation.config.plan import Family
from evaluation.estimation.regression.cluster_changes import cluster_means
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    bounds,
    diagnostics,
    did_by_dummies,
    equal_weights,
    reasons,
    trial,
    weighted,
)
from tests.estimation.studies import TEXT, outcome

KIND = "two_round_sensitivity"


def survey(seed, *, clusters=24, places=4, spread=0.0, rows=2):
    """Villages whose changes differ by chance, and by a shock of their place of some SD.

    Place k % places of village k, the first half treated: with as many villages of either arm in
    each place, or not, as the numbers have it.
    """
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0.0, spread, places) if spread else np.zeros(places)
    found = []
    for k in range(clusters):
        change = rng.normal() + shocks[k % places]
        level = rng.normal()
        for number, (name, mean) in enumerate((("baseline", level), ("endline", level + change))):
            found += [
                {
                    "village": f"v{k:02d}",
                    "round": name,
                    "arm": "treated" if k < clusters // 2 else "comparison",
                    "respondent": f"{k}-{number}-{i}",
                    "weight": 1.0,
                    "panel_member": False,
                    "y": mean + rng.normal(0.0, 0.3),
                    "control": rng.normal() + 0.3 * (number - 0.5),
                }
                for i in range(rows)
            ]
    return pd.DataFrame(found)


def villages(table, seed, *, places=4):
    known = table[["village", "arm"]].drop_duplicates().sort_values("village")
    rng = np.random.default_rng(seed)
    return known.assign(
        place=[f"p{k % places}" for k in range(len(known))],
        **{name: rng.normal(size=len(known)) for name in ("one", "two", "three")},
    ).reset_index(drop=True)


def case_of(table, known, *, control=False):
    outcomes = (outcome("y", primary=True),)
    if control:
        outcomes = (*outcomes, dataclasses.replace(outcome("control"), family="placebo"))
    case = trial(table, KIND, outcomes=outcomes, known=known, variables=("place",), draws=199)
    balance = dataclasses.replace(case.plan.balance, frame_variables=("one", "two", "three"))
    family = Family(id="placebo", label=TEXT, question=TEXT, tier="exploratory", correction="none")
    plan = dataclasses.replace(
        case.plan, balance=balance, family=(*case.plan.family, family) if control else ()
    )
    return dataclasses.replace(case, plan=plan)


def found_of(case, built=None):
    benchmarks, _ = trend_benchmarks(case, built or case.primary_design())
    return {one.name: one for one in benchmarks}


# ---- places


@pytest.mark.truth
def test_gap_of_shares_by_hand():
    """Halves against all in one place: (1/2)^2 + (1/2)^2 = 1/2; equal shares give exactly 0."""
    places = np.array(["a", "b", "a", "a"], dtype=object)
    treated = np.array([True, True, False, False])
    assert share_gap(places, treated, np.ones(4)) == pytest.approx(0.5**0.5, abs=ROUNDING)
    third = np.array([1.0, 2.0, 1.0 / 3.0, 2.0 / 3.0])
    assert share_gap(np.array(list("abab"), dtype=object), treated, third) == 0.0


@pytest.mark.parametrize("spread", [0.0, 0.5, 20.0])
def test_a_shock_of_a_place_cancels_where_groups_have_equal_shares(spread):
    """The estimate is that without any shock, and the benchmark is exactly 0 and says why."""
    quiet, struck = survey(1), survey(1, spread=spread)
    after = (quiet["round"] == "endline") & (quiet["village"].str[1:].astype(int) % 4 == 1)
    moved = quiet.assign(y=quiet["y"] + spread * after)
    assert did_by_dummies(moved) == pytest.approx(did_by_dummies(quiet), abs=1e-9)
    case = case_of(struck, villages(struck, 2))
    one = found_of(case)["places"]
    assert (one.m, one.ends) == (0.0, (0.0, 0.0))
    rows = tuple(two_round_sensitivity(case))
    assert diagnostics(rows)["m:places", "places_share_gap"] == 0.0
    assert "cancel by design" in reasons(rows)["m:places", "benchmark"]
    assert "m:places" not in bounds(rows)


def test_places_by_the_formula_where_shares_differ():
    """sqrt(S^2 - mean e_s^2) over comparison villages, times sqrt(sum (a_s - b_s)^2)."""
    table = survey(3, spread=4.0)
    known = villages(table, 2)
    # two treated villages move to another place: shares 1/3, 1/6, 1/4, 1/4 against 1/4 each
    known.loc[known["village"].isin(["v01", "v05"]), "place"] = ["p0", "p0"]
    case = case_of(table, known)
    means = cluster_means(case.primary_design().rounds)
    place = known.set_index("village")["place"].loc[list(means.cluster)].to_numpy()
    change = {p: means.change[(place == p) & means.comparison] for p in sorted(set(place))}
    s2 = np.var([c.mean() for c in change.values()], ddof=1)
    within = sum(np.sum((c - c.mean()) ** 2) for c in change.values())
    e2 = within / sum(len(c) - 1 for c in change.values()) / 3.0
    a = np.array([np.mean(place[means.treated] == p) for p in change])
    gap = np.sqrt(np.sum((a - 0.25) ** 2))
    one = found_of(case)["places"]
    assert s2 > e2
    assert one.m == pytest.approx(np.sqrt(s2 - e2) * gap, abs=1e-9)
    assert one.ends[0] < one.m < one.ends[1]


def test_places_that_differ_by_chance_alone_give_zero_and_say_so():
    for seed in range(40):
        table = survey(seed)
        known = villages(table, 2)
        known.loc[known["village"].isin(["v01", "v05"]), "place"] = ["p0", "p0"]
        one = found_of(case_of(table, known))["places"]
        if one.m == 0.0:
            assert str(one.reason).startswith("sampling error explains all")
            return
    pytest.fail("no draw in which chance explains the spread")


# ---- covariates


@pytest.mark.property
def test_a_move_is_the_estimate_refitted_with_the_covariate_times_the_round():
    table = survey(5)
    known = villages(table, 6)
    merged = table.merge(known[["village", "one"]], on="village")
    post = (merged["round"] == "endline").to_numpy(dtype=float)
    treated = (merged["arm"] == "treated").to_numpy(dtype=float)
    each = (merged["village"].to_numpy()[:, None] == np.unique(merged["village"])).astype(float)
    X = np.column_stack([treated * post, post, merged["one"] * post, each])
    closed = weighted(X, merged["y"], equal_weights(merged))[0]
    found = found_of(case_of(table, known))
    expected = abs(closed - did_by_dummies(table))
    assert found["covariate_one"].m == pytest.approx(expected, abs=1e-9)
    largest = max(found[f"covariate_{n}"].m for n in ("one", "two", "three"))
    assert [found[f"covariates_x{k}"].m for k in (2, 3)] == pytest.approx(
        [2 * largest, 3 * largest], abs=1e-12
    )


def test_a_covariate_that_drives_the_trend_is_told_apart_from_chance():
    """Villages with more of it rise by themselves, and the treated have more: all is its work."""
    table, size = survey(8), 3.0
    known = villages(table, 9)
    known["one"] += 4.0 * (known["arm"] == "treated")
    driven = table["village"].map(known.set_index("village")["one"])
    table = table.assign(y=table["y"] + size * driven * (table["round"] == "endline"))
    one = found_of(case_of(table, known))["covariate_one"]
    assert one.ends[0] > 0.0
    assert one.m > 0.5 * size


def test_a_covariate_that_is_not_there_or_not_known_says_so():
    table = survey(1)
    known = villages(table, 2).drop(columns="two")
    known.loc[3, "three"] = np.nan
    rows = reasons(two_round_sensitivity(case_of(table, known)))
    assert rows["m:covariate_two", "benchmark"] == "the frame of clusters has no two"
    assert rows["m:covariate_three", "benchmark"] == "three is not known for every cluster"
    assert "no survey before the programme" in rows["m:earlier_survey", "benchmark"]
    assert "no family" in rows["m:control_none", "benchmark"]


# ---- negative controls


def test_a_negative_control_is_its_own_effect_in_standard_deviations():
    table = survey(4)
    case = case_of(table, villages(table, 2), control=True)
    one = found_of(case)["control_control"]
    control = dataclasses.replace(case, outcome=case.plan.outcome[1]).primary_design()
    effect = cv1(least_squares(control.accumulate()), control.column).estimate
    expected = abs(effect) * case.primary_design().baseline_sd / control.baseline_sd
    assert one.m == pytest.approx(expected, abs=1e-9)


# ---- without any difference of trends


@pytest.mark.parametrize("studies", [80, pytest.param(200, marks=pytest.mark.long)])
def test_without_unequal_trends_no_benchmark_reaches_what_is_needed_too_often(studies):
    """Nothing but independent shocks of villages, in studies of 24, with unequal shares.

    A benchmark counts where its interval excludes zero and its size is what the interval of the
    estimate lacks. Each kind may do so in 5 % of studies, and in three binomial standard errors
    more. The spread between comparison places, which a shock of villages makes by itself, counted
    in most.
    """
    most = 0.05 + 3.0 * (0.05 * 0.95 / studies) ** 0.5
    counted = dict.fromkeys(("places", "covariate", "control"), 0)
    spread = 0
    for seed in range(studies):
        table = survey(1000 + seed)
        known = villages(table, 2000 + seed)
        known.loc[known["village"].isin(["v01", "v05"]), "place"] = ["p0", "p0"]
        case = case_of(table, known, control=True)
        built = case.primary_design()
        result = cv1(least_squares(built.accumulate()), built.column)
        low, high = result.interval(0.95)
        need = min(abs(low), abs(high))
        reached = {
            name.partition("_")[0].rstrip("s")
            for name, one in found_of(case, built).items()
            if one.ends is not None and one.ends[0] > 0.0 and one.m >= need
        }
        for kind in counted:
            counted[kind] += kind.rstrip("s") in reached
        means = cluster_means(built.rounds)
        place = known.set_index("village")["place"].loc[list(means.cluster)].to_numpy()
        changes = [means.change[(place == p) & means.comparison].mean() for p in sorted(set(place))]
        spread += np.std(changes, ddof=1) >= need
    assert max(counted.values()) <= most * studies, counted
    assert spread > 0.3 * studies
