"""The engine on a DataFrame alone: the same records as a plan gives, and a table to read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.api.result import estimates_table
from evaluation.errors import EstimationError
from evaluation.estimation import dataframe_study
from evaluation.estimation.inference import bootstrap, permutation_draws
from evaluation.estimation.inference import steps as steps_module
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.regression import design as design_module
from tests.estimation.one_call import two_rounds
from tests.estimation.studies import DID, STUDY, outcome, panel
from tests.estimation.test_did import by_hand, estimates

ROOT = Path(__file__).resolve().parents[2]
CALL = {
    "outcome": "y",
    "treated": "treated",
    "post": "post",
    "cluster": "village",
    "weights": "weight",
    "estimand": "equal",
    "seed": 7,
}


def frame(seed=1):
    given = panel(seed).rename(columns={"round": "when", "arm": "group"})
    return given.assign(
        treated=(given["group"] == "treated").astype(int), post=given["when"] == "endline"
    )


def test_five_lines_give_what_a_plan_gives():
    """The same clusters, seed and draws; sums by cell are in another order, so to rounding."""
    found = two_rounds(frame(), **CALL, steps=DID.steps, draws=199)
    planned = estimates(panel(1), number=199)
    assert [record.step for record in found] == list(DID.steps)
    for record in found:
        expected = planned[record.step]
        for name in ("estimate", "std_error", "df", "p_value", "ci_low", "ci_high", "n", "mde"):
            close = pytest.approx(getattr(expected, name), rel=1e-9)
            assert getattr(record, name) == close, (record.step, name)
    assert (found[0].outcome, found[0].treatment, found[0].status) == (
        "y",
        "treated",
        "exploratory",
    )
    assert {record.unit for record in found} == {"points"}


def test_a_panel_holds_further_outcomes_without_copying_them():
    """Memory is shared with the frame; an outcome that is absent is named."""
    given = frame().assign(z=1.5)
    variables = dataframe_study.Variables(
        outcome="y", treated="treated", post="post", cluster="village", weights="none"
    )
    found = dataframe_study.panel(given, variables, outcomes=("y", "z"))
    assert list(found.columns) == ["y", "village", "z", "round", "arm"]
    assert np.shares_memory(found["z"].to_numpy(), given["z"].to_numpy())
    with pytest.raises(EstimationError, match="no column w"):
        dataframe_study.panel(given, variables, outcomes=("w",))


@pytest.mark.truth
def test_two_by_two_worked_by_hand():
    """Effect 0.5 and CV1 standard error sqrt(5/6): see the comments of the plan's own test."""
    given = by_hand().rename(columns={"round": "when", "arm": "group"})
    given = given.assign(treated=given["group"] == "treated", post=given["when"] == "endline")
    cv1, wcr_s = two_rounds(given, **CALL, steps=("cv1", "wcr_s"))
    assert cv1.estimate == pytest.approx(0.5, abs=1e-12)
    assert cv1.std_error == pytest.approx((5 / 6) ** 0.5, abs=1e-12)
    assert isinstance(wcr_s, Unavailable)


def test_population_covariates_and_strata_follow_the_choices():
    given = frame().assign(
        subregion=lambda t: t["village"].str[1:].astype(int) % 2,
        place=lambda t: "p" + (t["village"].str[1:].astype(int) % 3).astype(str),
    )
    common = CALL | {"estimand": "population"}
    plain, adjusted, strata = (
        two_rounds(given, **common, population="population", steps=("cv1",), **more)[0]
        for more in ({}, {"covariates": ("age", "region")}, {"strata_round": "subregion"})
    )
    table = given.assign(wy=given["weight"] * given["y"])
    sums = table.pivot_table(
        index="village", columns="when", values=["weight", "wy"], aggfunc="sum"
    )
    change = (sums["wy"] / sums["weight"]).pipe(lambda m: m["endline"] - m["baseline"])
    people = given.groupby("village")["population"].first()
    treated = given.groupby("village")["treated"].first() == 1
    gap = [np.average(change[g], weights=people[g]) for g in (treated, ~treated)]
    assert plain.estimate == pytest.approx(gap[0] - gap[1], abs=1e-11)
    assert len({plain.estimate, adjusted.estimate, strata.estimate}) == 3


def test_randomisation_inference_permutes_within_the_strata():
    given = frame().assign(place=lambda t: t["village"].str[1:].astype(int) % 2 + 0.0)
    (found,) = two_rounds(given, **CALL, steps=("ri",), strata="place", draws=999)
    arms = {f"v{g:02d}": "treated" if g < 6 else "comparison" for g in range(12)}
    strata = {f"v{g:02d}": str(g % 2) for g in range(12)}
    drawn = permutation_draws.permutations(arms, strata=strata, number=999, seed=7)
    # 3 of 6 treated in both strata: 20 x 20 assignments, fewer than 999
    assert drawn.among(tuple(sorted(arms))).number == 400
    built = design_module.build(panel(1), DID, outcome=outcome(), study=STUDY)
    analysis = steps_module.analyse(built, ("ri",), draws=None, permutations=drawn)
    assert found.p_value == pytest.approx(analysis.steps["ri"].p_value(), abs=1e-12)
    assert found.mc_error == 0.0
    (over_all,) = two_rounds(given, **CALL, steps=("ri",), draws=999)
    assert over_all.p_value != found.p_value


def test_table_reads_and_an_unavailable_step_has_no_number():
    given = frame()
    given["age"] = (given["village"] == "v02") & (given.index % 2 == 0)
    found = two_rounds(given, **CALL, covariates=("age",), steps=("cv1", "cv3"))
    table = estimates_table(found, term=False, adjusted=False).set_index("method")
    assert list(table.index) == ["cv1", "cv3"]
    assert table.loc["cv1", "estimate"] == found[0].estimate
    assert table.loc["cv1", "note"] == found[0].p_kind
    assert isinstance(found[1], Unavailable)
    assert table["outcome"].tolist() == ["y", "y"]
    assert table.loc["cv3"].drop(["outcome", "note"]).isna().all()
    assert str(table.loc["cv3", "note"]).startswith("not available: without 1 of 12 clusters")


def test_clusters_in_one_round_are_dropped_only_when_asked():
    given = frame()
    given = given[~((given["village"] == "v07") & given["post"])]
    found = two_rounds(given, **CALL, steps=("cv1", "cv3"), one_round="drop")
    kept, _, dropped = found
    assert isinstance(kept, Estimate)
    assert (dropped.name, dropped.value, dropped.unit) == ("n_clusters_dropped", 1.0, "clusters")
    table = estimates_table(found, term=False, adjusted=False)
    assert table["clusters_dropped"].tolist() == [1, 1]
    assert "clusters_dropped" not in estimates_table(found[:2], term=False, adjusted=False)
    assert (kept.n_clusters_treated, kept.n_clusters_comparison) == (6, 5)
    without = two_rounds(given[given["village"] != "v07"], **CALL, steps=("cv1",))[0]
    assert kept.estimate == without.estimate


def test_a_cluster_without_any_answer_is_counted_too():
    given = frame()
    given["y"] = given["y"].mask(given["village"] == "v07")
    cv1, dropped = two_rounds(given, **CALL, steps=("cv1",))
    assert cv1.n_clusters_comparison == 5
    assert dropped.value == 1.0


def test_a_categorical_column_counts_and_names_the_clusters_that_occur():
    """Categories without a row are none of the frame's, and their order names no cluster."""
    given = frame()
    call = CALL | {"steps": ("wcr_s", "ri"), "draws": 199}
    expected = two_rounds(given, **call)
    known = [*sorted(given["village"].unique(), reverse=True), "nowhere", "elsewhere"]
    for column in (pd.Categorical(given["village"], categories=known), given["village"]):
        assert two_rounds(given.assign(village=column), **call) == expected
    given = given[~((given["village"] == "v07") & given["post"])]
    given = given.assign(village=pd.Categorical(given["village"], categories=known))
    with pytest.raises(EstimationError, match="1 clusters have the outcome in one round only: v07"):
        two_rounds(given, **call)
    dropped = two_rounds(given, **call, one_round="drop")[-1]
    assert (dropped.name, dropped.value) == ("n_clusters_dropped", 1.0)


def test_a_table_of_two_outcomes_keeps_their_counts_apart():
    given = frame()
    given["z"] = given["y"].mask(given["village"].isin(["v07", "v08"]))
    call = CALL | {"steps": ("cv1", "cv3")}
    found = [*two_rounds(given, **call), *two_rounds(given, **(call | {"outcome": "z"}))]
    table = estimates_table(found, term=False, adjusted=False)
    assert table["outcome"].tolist() == ["y", "y", "z", "z"]
    assert table["clusters_dropped"].tolist() == [0, 0, 2, 2]


def test_sign_vectors_are_of_the_clusters_that_are_left():
    """2^11 = 2,048 are enumerated where 2^12 of the whole frame would not be: no Monte Carlo error.

    Source: the same call without the cluster that drops out.
    """
    given = frame()
    given = given[~((given["village"] == "v07") & given["post"])]
    call = CALL | {"steps": ("wcr_s", "wcr"), "draws": 2_048}
    found = two_rounds(given, **call, one_round="drop")[:2]
    without = two_rounds(given[given["village"] != "v07"], **call)
    for record, expected in zip(found, without, strict=True):
        assert record.mc_error == 0.0
        assert (record.p_value, record.ci_low) == (expected.p_value, expected.ci_low)


def test_the_table_shows_the_interval_and_the_simulation_error():
    found = two_rounds(frame(), **CALL, steps=("wcr_s", "cv1"), draws=199)
    table = estimates_table(found, term=False, adjusted=False).set_index("method")
    for name in ("ci_low", "ci_high", "mc_error"):
        assert table[name].tolist() == [getattr(record, name) for record in found]
    assert table.loc["wcr_s", "mc_error"] > 0.0
    assert str(found[0].ci_kind) == "unadjusted, inverted test"


def test_webbs_multipliers_answer_where_signs_are_too_few():
    """Source: the same regression from rows with draws of that kind."""
    given = frame()
    few = given[given["village"].isin(["v00", "v01", "v10", "v11"])]
    call = CALL | {"steps": ("wcr_s", "cv1"), "draws": 199}
    signs, _ = two_rounds(few, **call)
    assert isinstance(signs, Unavailable)
    webb, cv1 = two_rounds(few, **call, weights_kind="webb")
    drawn = bootstrap.draws(few["village"], number=199, seed=7, kind="webb")
    rows = panel(1)
    rows = rows[rows["village"].isin(few["village"])]
    built = design_module.build(rows, DID, outcome=outcome(), study=STUDY)
    expected = steps_module.analyse(built, ("wcr_s",), draws=drawn).steps["wcr_s"]
    assert webb.p_value == pytest.approx(expected.p_value(), abs=1e-12)
    assert webb.mc_error > 0.0
    assert str(webb.p_kind).endswith("jackknifed scores, Webb's six-point multipliers")
    assert str(cv1.p_kind) == "t(G-1), CV1 standard error"


@pytest.mark.truth
def test_strata_are_pooled_by_their_clusters_and_treated_share():
    """By hand: n p (1 - p) of 3 treated of 4 is 3/4, of 2 of 8 is 3/2; effects 1 and 4.

    (3/4 x 1 + 3/2 x 4) / (9/4) = 3; the mean over treated clusters would be (3 + 8) / 5 = 2.2.
    Interviews differ in number between clusters, which each count once.
    """
    rows = []
    for g in range(12):
        stratum, treated = int(g >= 4), int(g < 3 or g in (4, 5))
        for post in (0, 1):
            change = (2.0 + 5.0 * stratum + treated * (1.0 + 3.0 * stratum)) * post
            rows += [
                {"village": g, "place": stratum, "treated": treated, "post": post, "y": g + change}
            ] * (1 + (g + post) % 3)
    noise = np.random.default_rng(3).normal(size=12)
    noise -= np.array(
        [noise[:3].mean()] * 3 + [noise[3]] + [noise[4:6].mean()] * 2 + [noise[6:].mean()] * 6
    )
    given = pd.DataFrame(rows)
    given["y"] += given["post"] * noise[given["village"]]
    call = CALL | {"weights": "none", "steps": ("cv1",), "strata_round": "place"}
    (found,) = two_rounds(given, **call)
    assert found.estimate == pytest.approx(3.0, abs=1e-11)


def test_nothing_is_drawn_for_steps_that_draw_nothing(monkeypatch):
    def drawn(*_, **__):
        raise AssertionError

    monkeypatch.setattr("evaluation.estimation.inference.bootstrap.draws", drawn)
    monkeypatch.setattr("evaluation.estimation.dataframe_study.permutations", drawn)
    found = two_rounds(frame(), **CALL, steps=("cv1", "cv3", "cr2"))
    assert [record.step for record in found] == ["cv1", "cv3", "cr2"]
    for step in ("wcr", "wcr_s", "ri"):
        with pytest.raises(AssertionError):
            two_rounds(frame(), **CALL, steps=(step,))


def test_a_bootstrap_without_draws_is_unavailable():
    built = design_module.build(panel(1), DID, outcome=outcome(), study=STUDY)
    found = steps_module.analyse(built, ("wcr", "wcr_s"), draws=None)
    assert {str(reason.problem) for reason in found.steps.values()} == {
        "no bootstrap multipliers were drawn"
    }


def test_inputs_are_not_changed():
    given = frame()
    before = given.copy(deep=True)
    two_rounds(given, **CALL, covariates=("region",), steps=("cv1",))
    assert given.equals(before)


def test_import_is_lean():
    """Plotting and modelling libraries take longer to import than most estimates to make."""
    code = (
        "import json, sys; import evaluation.estimation.did;"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules} | set(sys.modules))))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(json.loads(run.stdout))
    assert "pandas" in loaded
    heavy = {"scipy.stats", "scipy.optimize", "statsmodels", "linearmodels", "matplotlib"}
    assert not loaded & heavy
