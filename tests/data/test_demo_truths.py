"""The demonstration's draws: plausible levels and correlations, and effects that are known.

Sources of the levels: LAPOP Colombia 2018-2023 (trust in police), DANE ECSC (victimisation), the
design of the study (weights, re-contact, correlations within municipalities).
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from evaluation.data import demo_truth
from evaluation.data.construct import construct
from evaluation.data.demo import DemoData
from evaluation.data.demo_series import LAST_BEFORE, QUARTERS
from evaluation.errors import SpecError
from tests.fixtures.demonstration import CONFIG, TRUTHS, demonstration

PRIMARY = ("trust_neighbours", "confidence_police", "victimisation_any")
STIGMA = "leader_stigma"
PLACEBO = "justice_trust"


@pytest.fixture(scope="module")
def data() -> DemoData:
    return demonstration().draw("default", seed=7, attrition="planned")


@pytest.fixture(scope="module")
def scored(data) -> pd.DataFrame:
    study = demonstration()
    return construct(data.panel, study.plan, study.study)[0]


def effects(data: DemoData, outcome: str) -> pd.DataFrame:
    """Weighted mean difference of the two states by treated municipality."""
    study = demonstration()
    rows = {}
    for state, panel in (("observed", data.panel), ("untreated", data.untreated)):
        made = construct(panel, study.plan, study.study, outcomes=(outcome,))[0]
        chosen = made[(made["round"] == "endline") & (made["arm"] == "treated")]
        chosen = chosen.dropna(subset=[outcome])
        product = (chosen[outcome] * chosen["weight"]).groupby(
            [chosen["cohort"], chosen["municipality"]]
        )
        total = chosen["weight"].groupby([chosen["cohort"], chosen["municipality"]])
        rows[state] = product.sum() / total.sum()
    return (rows["observed"] - rows["untreated"]).rename("effect").reset_index()


def municipal_moments(scored: pd.DataFrame, outcome: str, round_id: str) -> tuple[float, float]:
    """One-way ANOVA: variance between municipalities and inside, group means removed."""
    rows = scored[scored["round"] == round_id].dropna(subset=[outcome])
    values = rows[outcome] - rows.groupby("arm")[outcome].transform("mean")
    groups = values.groupby(rows["municipality"])
    n, g, sizes = len(values), groups.ngroups, groups.size()
    between = (sizes * groups.mean() ** 2).sum() / (g - 2)
    inside = ((values - groups.transform("mean")) ** 2).sum() / (n - g)
    typical = (n - (sizes**2).sum() / n) / (g - 1)
    return float((between - inside) / typical), float(inside)


# ---- realism


def test_weights_differ_more_than_tenfold_and_add_up_to_the_adults(data):
    weights = data.panel["weight"]
    assert weights.min() > 0
    assert weights.max() / weights.min() > 10
    # adults are .66 of the population; weights are rounded to .01, so 50 of them to .25
    totals = data.panel.groupby(["round", "municipality"])["weight"].sum()
    population = data.panel.groupby(["round", "municipality"])["population"].first()
    np.testing.assert_allclose(totals, 0.66 * population, atol=0.25 + 1e-6, rtol=0)


def test_trust_in_police_has_the_level_of_lapop_2023(data):
    # mean 3.77, SD 1.88 in 2023; a clustered sample of 1,750 has a standard error near .08, and
    # the model lowers treated municipalities: the comparison group is held to .25
    rows = data.panel[(data.panel["round"] == "baseline") & (data.panel["arm"] == "comparison")]
    assert rows["p1_trust_police"].mean() == pytest.approx(3.77, abs=0.25)
    assert rows["p1_trust_police"].std() == pytest.approx(1.88, abs=0.08)


def test_victimisation_is_near_fifteen_percent_at_baseline(scored):
    rows = scored[scored["round"] == "baseline"]
    for name in ("victimisation_any", "victimisation_screener"):
        assert 12 < rows[name].mean() < 20


def test_municipal_correlations_are_those_of_the_model():
    # latent ICC .047 to .06; cutting into codes lowers it by a tenth, unequal shares of rural
    # residents raise it. The mean over 6 draws has a standard error near .005 for the ICC; the
    # cluster autocorrelation (.6 latent) is raised by panel members and residence.
    correlations, shares = [], []
    study = demonstration()
    for seed in range(6):
        data = study.draw("none", seed=seed, variables=("p1_trust_police",))
        between = {}
        for round_id in data.rounds:
            b, w = municipal_moments(data.panel, "p1_trust_police", round_id)
            between[round_id] = b
            correlations.append(b / (b + w))
        means = data.panel.pivot_table(
            index=["municipality", "arm"], columns="round", values="p1_trust_police"
        )
        means = means - means.groupby("arm").transform("mean")
        shared = float(np.cov(means["baseline"], means["endline"])[0, 1])
        shares.append(shared / np.sqrt(between["baseline"] * between["endline"]))
    assert np.mean(correlations) == pytest.approx(0.047, abs=0.015)
    assert 0.5 < np.mean(shares) < 0.9


def test_panel_members_answer_alike_over_rounds():
    # persistence .45 latent, attenuated by cutting into seven codes
    data = demonstration().draw("none", seed=3, variables=("respondent", "p1_trust_police"))
    wide = data.panel[data.panel["panel_member"]].pivot_table(
        index="respondent", columns="round", values="p1_trust_police"
    )
    assert 0.35 < wide.corr().iloc[0, 1] < 0.55


def test_planned_attrition_differs_by_arm_and_by_trust(data):
    first = data.of_round("baseline")
    found = first.groupby("arm")["panel_member"].mean()
    # planned .52 and .58; municipal rates vary with SD .05 over 35 municipalities: SE .009
    assert found["treated"] == pytest.approx(0.52, abs=0.03)
    assert found["comparison"] == pytest.approx(0.58, abs=0.03)
    trust = first.groupby("panel_member")["p1_trust_police"].mean()
    assert trust[True] > trust[False]


def test_without_attrition_both_arms_keep_the_same_share():
    data = demonstration().draw("none", seed=3, variables=("p1_trust_police",))
    found = data.of_round("baseline").groupby("municipality")["panel_member"].sum()
    assert found.unique().tolist() == [28]


def test_armed_items_are_refused_more_often(data):
    missing = data.panel[["a1_others", "a3_trust_armed", "t1_trustworthy"]].isna().mean()
    assert 0.08 < missing["a1_others"] < 0.22
    assert 0.08 < missing["a3_trust_armed"] < 0.25
    assert missing["t1_trustworthy"] < 0.04


def test_skip_rules_hold(data):
    panel = data.panel
    assert panel.loc[panel["v1_any_crime"] != 1, "r1_reported"].isna().all()
    assert panel.loc[panel["v1_any_crime"] == 1, "r1_reported"].notna().mean() > 0.95
    assert panel.loc[panel["leader"] != 1, "l8_threatened"].isna().all()
    assert panel.loc[panel["round"] == "baseline", "x1_heard"].isna().all()


# ---- known effects


def test_same_seed_same_draw_and_no_other(data):
    study = demonstration()
    again = study.draw("default", seed=7, attrition="planned")
    other = study.draw("default", seed=8, attrition="planned")
    pd.testing.assert_frame_equal(again.panel, data.panel)
    pd.testing.assert_frame_equal(again.series, data.series)
    assert not other.panel["p1_trust_police"].equals(data.panel["p1_trust_police"])


def test_the_two_states_differ_in_treated_endline_rows_only(data):
    treated = (data.panel["round"] == "endline") & (data.panel["arm"] == "treated")
    pd.testing.assert_frame_equal(data.panel[~treated], data.untreated[~treated])
    assert not data.panel[treated]["t1_trustworthy"].equals(
        data.untreated[treated]["t1_trustworthy"]
    )
    pd.testing.assert_series_equal(data.panel["p3_justice"], data.untreated["p3_justice"])


def test_effects_turn_with_the_sign_of_the_item():
    # strong: cohesion rises by .40 latent SD; agreement that people do not get along falls
    study = demonstration()
    names = ("t2_help", "t5_no_get_along", "p9_arrival")
    data = study.draw("strong", seed=1, variables=names)
    treated = (data.panel["round"] == "endline") & (data.panel["arm"] == "treated")
    change = (data.panel.loc[treated, [*names]] - data.untreated.loc[treated, [*names]]).mean()
    assert change["t2_help"] > 0.2
    assert change["t5_no_get_along"] < -0.2
    assert change["p9_arrival"] < -0.2


@pytest.mark.parametrize("truth", ["none", "violated"])
def test_without_effects_the_two_states_are_the_same(truth):
    study = demonstration()
    data = study.draw(truth, seed=1, variables=study.items_of(*PRIMARY))
    pd.testing.assert_frame_equal(data.panel, data.untreated)


@pytest.mark.parametrize("truth", TRUTHS)
def test_effects_come_to_what_truth_toml_says(truth):
    # mean finite-sample effect over 24 draws against the stated one; the bound is four standard
    # errors of that mean (from the spread over draws), and for the rounding of what is stated
    # (third decimal of an SD, first of a percentage point) half a unit more
    study = demonstration()
    stated = {e.outcome: e for e in demo_truth.read_truth(CONFIG, truth).scenario.expected}
    drawn = [o for o in (*PRIMARY, STIGMA) if o in stated]
    items = study.items_of(*drawn)
    found: dict[str, list[list[float]]] = {name: [] for name in drawn}
    for seed in range(24):
        data = study.draw(truth, seed=1000 + seed, variables=items)
        for name in drawn:
            by_place = effects(data, name)
            cohorts = by_place.groupby("cohort")["effect"].mean()
            found[name].append([cohorts["c2021"], cohorts["c2022"], by_place["effect"].mean()])
    for name in drawn:
        values = np.array(found[name])
        error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        truth_values = [stated[name].c2021, stated[name].c2022, stated[name].average]
        rounding = 0.05 if stated[name].unit == "percentage points" else 0.005
        assert (np.abs(values.mean(axis=0) - truth_values) <= 4 * error + rounding).all(), name


def test_average_effects_weigh_the_cohorts_by_their_municipalities():
    for truth in TRUTHS:
        for e in demo_truth.read_truth(CONFIG, truth).scenario.expected:
            average = (10 * e.c2021 + 25 * e.c2022) / 35
            assert e.average == pytest.approx(average, abs=5e-5)


def log_rate_slope(series: pd.DataFrame, name: str, *, last: int) -> tuple[float, float]:
    """Slope of the groups' difference in log rates per quarter up to ``last``, and its SE."""
    arms = demonstration().frame.set_index("municipality")["arm"]
    counts = series.assign(arm=series["municipality"].map(arms))
    sums = counts.pivot_table(
        index="quarter", columns="arm", values=[name, "population"], aggfunc="sum"
    )
    rates = np.log(sums[name] / sums["population"])
    gap = (rates["treated"] - rates["comparison"]).to_numpy()[: last + 1]
    time = np.arange(last + 1) - last / 2
    slope = float(time @ gap / (time @ time))
    left = gap - gap.mean() - slope * time
    return slope, float(np.sqrt(left @ left / (last - 1) / (time @ time)))


@pytest.mark.parametrize("name", ["homicides", "road_injuries"])
def test_violated_trends_show_in_the_series_before_the_programme(name):
    # planted: -.03 log points per quarter; bound of three standard errors of the fitted slope
    study = demonstration()
    slope, error = log_rate_slope(study.draw("violated", seed=7).series, name, last=LAST_BEFORE)
    assert slope == pytest.approx(-0.03, abs=3 * error)
    assert slope < -3 * error
    calm, error = log_rate_slope(study.draw("default", seed=7).series, name, last=LAST_BEFORE)
    assert abs(calm) < 3 * error


def test_violated_trends_show_in_the_placebo_outcome_and_no_other_truth_does():
    # planted: .30 latent SD; a difference in differences of 70 municipalities has an SE near .06
    # SD, and 8 draws are averaged: SE near .02 of an SD, which is 1.0 points here
    study = demonstration()
    changes = {}
    for truth in ("violated", "strong"):
        found = []
        for seed in range(8):
            panel = study.draw(truth, seed=seed, variables=study.items_of(PLACEBO)).panel
            mean = panel.pivot_table(index="round", columns="arm", values="p3_justice")
            change = mean.loc["endline"] - mean.loc["baseline"]
            found.append(change["treated"] - change["comparison"])
        changes[truth] = np.mean(found)
    assert changes["violated"] > 0.15
    assert abs(changes["strong"]) < 0.08


def test_series_holds_every_municipality_in_every_quarter():
    series = demonstration().draw("default", seed=7, variables=("p1_trust_police",)).series
    assert len(series) == 70 * len(QUARTERS) == 2240
    assert not series.duplicated(["municipality", "quarter"]).any()
    assert (QUARTERS[0], QUARTERS[-1]) == ("2018Q1", "2025Q4")


# ---- truth.toml itself


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shares = [0.13, 0.33, 0.38, 0.16]", "shares = [0.13, 0.33, 0.38, 0.26]", "distribution"),
        ('construct = "trust"', 'construct = "trsut"', "trust"),
        ("trend = 0.0", "trendd = 0.0", "unknown key"),
    ],
)
def test_truth_toml_is_read_strictly(tmp_path, old, new, said):
    shutil.copy(CONFIG / "truth.toml", tmp_path / "truth.toml")
    path = tmp_path / "truth.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        demo_truth.read_truth(tmp_path, "default")
    assert said in str(raised.value)


def test_a_truth_that_is_not_there_is_named():
    with pytest.raises(SpecError, match="truth"):
        demo_truth.read_truth(CONFIG, "wishful")
