"""The demonstration's draws: plausible levels and correlations, and effects that are known.

Sources of the levels: LAPOP Colombia 2018-2023 (trust in police), DANE ECSC (victimisation), the
design of the study (weights, re-contact, correlations within municipalities).
"""

import shutil
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from evaluation.data.cleaning.outcomes import construct
from evaluation.errors import SpecError
from evaluation.report.truth import Settings, read_truth
from tests.fixtures.demonstration import CONFIG, TRUTHS, demonstration
from tools.demo.answers import LAST_BEFORE, QUARTERS
from tools.demo.survey import BATTERY, DemoData

PRIMARY = ("trust_neighbours", "confidence_police", "victimisation_any")
INDICES = PRIMARY[:2]
PLACEBO = "justice_trust"


@pytest.fixture(scope="module")
def data() -> DemoData:
    return demonstration().draw("default", seed=7, attrition="planned", silence="planned")


def study_settings() -> Settings:
    return read_truth(CONFIG, "default").settings


@pytest.fixture(scope="module")
def scored(data) -> pd.DataFrame:
    study = demonstration()
    return construct(data.panel, study.plan, study.study)[0]


def effects(data: DemoData, outcomes: Sequence[str]) -> pd.DataFrame:
    """Weighted mean difference of the two states, by cohort and municipality and outcome."""
    study, names = demonstration(), list(outcomes)
    means = {}
    for state, panel in (("observed", data.panel), ("untreated", data.untreated)):
        made = construct(panel, study.plan, study.study, outcomes=tuple(names))[0]
        chosen = made[(made["round"] == "endline") & (made["arm"] == "treated")]
        places = [chosen["cohort"], chosen["municipality"]]
        weights = chosen[names].notna().mul(chosen["weight"], axis=0)
        total = (chosen[names] * weights).groupby(places).sum()
        means[state] = total / weights.groupby(places).sum()
    return means["observed"] - means["untreated"]


def components(rows: pd.DataFrame, name: str) -> tuple[float, float, float]:
    """Nested ANOVA of one round: variance of municipalities, interviewers and people.

    Searle, Casella and McCulloch (1992), section 5.3, for groups of equal size: equal but for the
    few that did not answer, and means of the arms taken out.
    """
    rows = rows.dropna(subset=[name])
    values = rows[name] - rows.groupby("arm")[name].transform("mean")
    place, held = rows["municipality"], rows["municipality"] + rows["enumerator"]
    by_place, by_held = (values.groupby(g).transform("mean") for g in (place, held))
    n, places, cells = len(rows), place.nunique(), held.nunique()
    people = ((values - by_held) ** 2).sum() / (n - cells)
    interviewers = ((by_held - by_place) ** 2).sum() / (cells - places)
    municipalities = (by_place**2).sum() / (places - rows["arm"].nunique())
    return (
        (municipalities - interviewers) / (n / places),
        (interviewers - people) / (n / cells),
        people,
    )


def estimate(made: pd.DataFrame, name: str) -> tuple[float, float]:
    """Difference in differences of weighted municipal means, and its standard error."""
    rows = made.dropna(subset=[name])
    cells = [rows["arm"], rows["municipality"], rows["round"]]
    total = (rows[name] * rows["weight"]).groupby(cells).sum()
    means = total / rows["weight"].groupby(cells).sum()
    change = means.xs("endline", level="round") - means.xs("baseline", level="round")
    arms = change.groupby("arm").agg(["mean", "var", "size"])
    gap = arms.loc["treated", "mean"] - arms.loc["comparison", "mean"]
    return float(gap), float(np.sqrt((arms["var"] / arms["size"]).sum()))


# ---- realism


def test_weights_differ_more_than_tenfold_and_add_up_to_the_adults(data):
    weights = data.panel["weight"]
    assert weights.min() > 0
    assert weights.max() / weights.min() > 10
    # adults are .66 of the population; weights are rounded to .01, so 100 of them to .5
    totals = data.panel.groupby(["round", "municipality"])["weight"].sum()
    population = data.panel.groupby(["round", "municipality"])["population"].first()
    np.testing.assert_allclose(totals, 0.66 * population, atol=0.5 + 1e-6, rtol=0)


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


DESIGN_DRAWS = 30


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    """What surveys without effects, attrition or silence have, one row a draw and index."""
    study, rows = demonstration(), []
    variables = (*study.items_of("procedural_justice", *PRIMARY), "enumerator")
    for seed in range(DESIGN_DRAWS):
        panel = study.draw("none", seed=3000 + seed, variables=variables).panel
        made = construct(panel, study.plan, study.study, outcomes=PRIMARY)[0]
        for name in PRIMARY:
            parts = {r: components(made[made["round"] == r], name) for r in study.study.rounds}
            table = np.array(list(parts.values()))
            means = made.pivot_table(
                index=["municipality", "arm"], columns="round", values=name, sort=False
            )
            means = means - means.groupby("arm").transform("mean")
            shared = means.cov().loc["baseline", "endline"] * (len(means) - 1) / (len(means) - 2)
            rows.append(
                {
                    "outcome": name,
                    "icc": float((table[:, 0] / table.sum(axis=1)).mean()),
                    "interviewer_icc": float((table[:, 1] / table[:, 1:].sum(axis=1)).mean()),
                    "shared": float(shared),
                    "between": float(np.sqrt(table[:, 0].prod())),
                    "std_error": estimate(made, name)[1],
                }
            )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("name", INDICES)
def test_the_indices_have_the_correlations_of_the_design(drawn, name):
    """The design in the head of truth.toml, within its digits and three Monte Carlo errors.

    The covariance of the two rounds' means holds that of people interviewed twice, .45 of the
    variance within for 55 of 100: .0023 of the variance, .05 of an autocorrelation.
    """
    rows = drawn[drawn["outcome"] == name]
    assert len(rows) == DESIGN_DRAWS
    error = 3.0 * rows[["icc", "interviewer_icc", "std_error"]].std() / DESIGN_DRAWS**0.5
    mean = rows[["icc", "interviewer_icc", "std_error"]].mean()
    assert mean["icc"] == pytest.approx(0.05, abs=0.003 + error["icc"])
    assert mean["interviewer_icc"] == pytest.approx(0.02, abs=0.004 + error["interviewer_icc"])
    assert mean["std_error"] == pytest.approx(0.052, abs=0.0015 + error["std_error"])
    alike = rows["shared"].mean() / rows["between"].mean() - 0.05
    assert alike == pytest.approx(0.8, abs=0.05)


def test_the_smallest_effect_is_nearly_four_standard_errors_and_points_are_as_said(drawn):
    """delta of .20 SD: 3.8 standard errors; .38 points of a seven-point item whose SD is 1.88."""
    outcomes = {o.id: o for o in demonstration().plan.primary_outcomes()}
    for name in INDICES:
        smallest = outcomes[name].smallest_effect
        assert smallest == 0.2
        error = drawn.loc[drawn["outcome"] == name, "std_error"].mean()
        assert smallest / error == pytest.approx(3.8, abs=0.2)
    # of victimisation an effect of that size is not ruled out: 2.16 standard errors of max-t
    crime = drawn.loc[drawn["outcome"] == "victimisation_any", "std_error"].mean()
    assert outcomes["victimisation_any"].smallest_effect == 5.0
    assert 2.16 * crime > 5.0


# ---- interviewers


def test_four_interviewers_share_each_municipality_and_rounds_have_their_own():
    study = demonstration()
    panel = study.draw("none", seed=3, variables=("enumerator", "p1_trust_police")).panel
    held = panel.groupby(["round", "municipality", "enumerator"]).size()
    assert set(held) == {study_settings().interviews // study_settings().interviewers}
    assert (held.groupby(["round", "municipality"]).size() == 4).all()
    who = {r: set(rows["enumerator"]) for r, rows in panel.groupby("round")}
    assert not who["baseline"] & who["endline"]
    # teams of five municipalities in an order that mixes the arms: hardly any works in one alone
    arms = panel.groupby("enumerator")["arm"].nunique()
    assert (arms == 2).mean() > 0.8


# ---- silence


def test_silence_in_the_battery_differs_by_arm_and_hides_part_of_the_effect():
    """Stated: 1.4 points hidden. The same interviews with and without silence: error below .05."""
    study, hidden, silent = demonstration(), [], []
    for seed in range(12):
        estimates = {}
        for silence in ("planned", "none"):
            data = study.draw("default", seed=seed, silence=silence, variables=BATTERY)
            made = construct(data.panel, study.plan, study.study, outcomes=PRIMARY[2:])[0]
            estimates[silence] = estimate(made, "victimisation_any")[0]
            items = made[[*BATTERY]]
            unknown = items.isna().any(axis=1) & ~(items == 1).any(axis=1)
            if silence == "planned":
                silent.append(unknown.groupby([made["arm"], made["round"]]).mean())
        hidden.append(estimates["planned"] - estimates["none"])
    assert np.mean(hidden) == pytest.approx(1.4, abs=0.2)
    share = pd.DataFrame(silent).mean()
    assert share["comparison", "endline"] == pytest.approx(0.146, abs=0.01)
    for cell in (("comparison", "baseline"), ("treated", "baseline"), ("treated", "endline")):
        assert share[cell] == pytest.approx(0.09, abs=0.01)


def test_the_month_of_the_last_event_is_asked_of_those_who_told_of_one(data):
    panel = data.panel
    told = (panel[[*BATTERY]] == 1).any(axis=1)
    assert (panel["v16_any_event"] == told).all()
    assert panel.loc[~told, "v17_last_month"].isna().all()
    months = panel.loc[told, "v17_last_month"]
    assert months.notna().mean() == pytest.approx(0.98, abs=0.015)
    # a day of the last 365 each: a twelfth a month; about 2,000 events, so .02 is three errors
    assert (months.value_counts(normalize=True) - 1 / 12).abs().max() < 0.02
    assert months.nunique() == 12


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
    assert found.unique().tolist() == [round(0.55 * study_settings().interviews)]


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
    again = study.draw("default", seed=7, attrition="planned", silence="planned")
    other = study.draw("default", seed=8, attrition="planned", silence="planned")
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


@pytest.mark.parametrize("draws", [12, pytest.param(24, marks=pytest.mark.long)])
@pytest.mark.parametrize("truth", TRUTHS)
def test_effects_come_to_what_truth_toml_says(truth, draws):
    # mean finite-sample effect over the draws against the stated one; the bound is four standard
    # errors of that mean (from the spread over draws), and for the rounding of what is stated
    # (third decimal of an SD, first of a percentage point) half a unit more
    study = demonstration()
    stated = {e.outcome: e for e in read_truth(CONFIG, truth).scenario.expected}
    items, found = study.items_of(*stated), []
    for seed in range(draws):
        by_place = effects(study.draw(truth, seed=1000 + seed, variables=items), tuple(stated))
        cohorts = by_place.groupby("cohort").mean()
        found.append([cohorts.loc["c2021"], cohorts.loc["c2022"], by_place.mean()])
    values = np.array(found)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    for k, (name, e) in enumerate(stated.items()):
        rounding = 0.05 if e.unit == "percentage points" else 0.005
        distance = np.abs(values[:, :, k].mean(axis=0) - [e.c2021, e.c2022, e.average])
        assert (distance <= 4 * error[:, k] + rounding).all(), name


def test_every_outcome_of_the_plan_has_a_true_effect_in_its_own_unit():
    stated = {e.outcome: e.unit for e in read_truth(CONFIG, "default").scenario.expected}
    assert stated == {o.id: o.unit for o in demonstration().plan.outcome}


def test_average_effects_weigh_the_cohorts_by_their_municipalities():
    for truth in TRUTHS:
        for e in read_truth(CONFIG, truth).scenario.expected:
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
    # planted: -.036 log points per quarter; eight draws, bounds of three standard errors of their
    # mean slope, and without a planted trend none
    study, slopes = demonstration(), {}
    for truth in ("violated", "default"):
        drawn = [
            study.draw(truth, seed=7 + k, variables=("p1_trust_police",)).series for k in range(8)
        ]
        slopes[truth] = np.array([log_rate_slope(d, name, last=LAST_BEFORE)[0] for d in drawn])
    error = {truth: found.std(ddof=1) / len(found) ** 0.5 for truth, found in slopes.items()}
    assert slopes["violated"].mean() == pytest.approx(-0.036, abs=3 * error["violated"])
    assert slopes["violated"].mean() < -3 * error["violated"]
    assert abs(slopes["default"].mean()) < 3 * error["default"]


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
        read_truth(tmp_path, "default")
    assert said in str(raised.value)


def test_a_truth_that_is_not_there_is_named():
    with pytest.raises(SpecError, match="truth"):
        read_truth(CONFIG, "wishful")
