"""The engine on a DataFrame alone: the same records as a plan gives, and a table to read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evaluation.spec.records import Estimate, Unavailable
from evaluation.stats import design as design_module
from evaluation.stats import did, permutation_draws
from evaluation.stats import steps as steps_module
from tests.stats.studies import DID, STUDY, outcome, panel
from tests.stats.test_did import by_hand, estimates

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
    found = did.two_rounds(frame(), **CALL, steps=DID.steps, draws=199)
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


@pytest.mark.truth
def test_two_by_two_worked_by_hand():
    """Effect 0.5 and CV1 standard error sqrt(5/6): see the comments of the plan's own test."""
    given = by_hand().rename(columns={"round": "when", "arm": "group"})
    given = given.assign(treated=given["group"] == "treated", post=given["when"] == "endline")
    cv1, wcr_s = did.two_rounds(given, **CALL, steps=("cv1", "wcr_s"))
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
        did.two_rounds(given, **common, population="population", steps=("cv1",), **more)[0]
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
    (found,) = did.two_rounds(given, **CALL, steps=("ri",), strata="place", draws=999)
    arms = {f"v{g:02d}": "treated" if g < 6 else "comparison" for g in range(12)}
    strata = {f"v{g:02d}": str(g % 2) for g in range(12)}
    drawn = permutation_draws.permutations(arms, strata=strata, number=999, seed=7)
    # 3 of 6 treated in both strata: 20 x 20 assignments, fewer than 999
    assert drawn.among(tuple(sorted(arms))).number == 400
    built = design_module.build(panel(1), DID, outcome=outcome(), study=STUDY)
    analysis = steps_module.analyse(built, ("ri",), draws=None, permutations=drawn)
    assert found.p_value == pytest.approx(analysis.distribution("ri").p_value(), abs=1e-12)
    assert found.mc_error == 0.0
    (over_all,) = did.two_rounds(given, **CALL, steps=("ri",), draws=999)
    assert over_all.p_value != found.p_value


def test_table_reads_and_an_unavailable_step_has_no_number():
    given = frame()
    given["age"] = (given["village"] == "v02") & (given.index % 2 == 0)
    found = did.two_rounds(given, **CALL, covariates=("age",), steps=("cv1", "cv3"))
    table = did.table(found)
    assert list(table.index) == ["cv1", "cv3"]
    assert table.loc["cv1", "estimate"] == found[0].estimate
    assert table.loc["cv1", "note"] == found[0].p_kind
    assert isinstance(found[1], Unavailable)
    assert table.loc["cv3"].drop("note").isna().all()
    assert table.loc["cv3", "note"].startswith("not available: without 1 of 12 clusters")


def test_clusters_in_one_round_are_dropped_only_when_asked():
    given = frame()
    given = given[~((given["village"] == "v07") & given["post"])]
    kept = did.two_rounds(given, **CALL, steps=("cv1",), one_round="drop")[0]
    assert isinstance(kept, Estimate)
    assert (kept.n_clusters_treated, kept.n_clusters_comparison) == (6, 5)
    without = did.two_rounds(given[given["village"] != "v07"], **CALL, steps=("cv1",))[0]
    assert kept.estimate == without.estimate


def test_inputs_are_not_changed():
    given = frame()
    before = given.copy(deep=True)
    did.two_rounds(given, **CALL, covariates=("region",), steps=("cv1",))
    assert given.equals(before)


def test_import_is_lean():
    """Plotting and modelling libraries take longer to import than most estimates to make."""
    code = (
        "import json, sys; import evaluation.stats.did;"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules} | set(sys.modules))))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(json.loads(run.stdout))
    assert "pandas" in loaded
    heavy = {"scipy.stats", "scipy.optimize", "statsmodels", "linearmodels", "matplotlib"}
    assert not loaded & heavy
