"""What a planned round can see: closed form, the study's own residuals, simulation from them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import nctdtr, ndtri, stdtrit

from evaluation.analysis.planning.next_round import (
    ASSUMED,
    CURVE,
    DETECTABLE,
    OWN,
    SMALLEST,
    NextRoundOptions,
    detectable_effects,
    plan_round,
)
from evaluation.analysis.study_clusters import Frames
from evaluation.errors import EstimationError
from evaluation.estimation.inference import variance_components
from evaluation.estimation.inference.detection import detection
from evaluation.estimation.planning import planned_design, simulation
from evaluation.estimation.planning.planned_design import Planned, Spread, own_data
from evaluation.estimation.planning.simulation import (
    Simulated,
    check_source,
    drawn_design,
    simulate,
)
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import select
from tests.estimation.studies import (
    DID,
    FACTORIAL,
    PROVENANCE,
    STUDY,
    frame,
    panel,
    plan_panel,
    preregistration,
)
from tests.tables import cases

TABLES = cases(__file__)

# The study's planning table (its design facts, section 5): 35 treated clusters, 50 respondents, SD
# units, normal quantiles, two printed digits. (icc, cac, correlation of a respondent's answers) ->
# MDE with 35 and with 59 comparison clusters.
TABLE = {
    (0.03, 0.6, 0.0): (0.17, 0.15),
    (0.05, 0.6, 0.0): (0.19, 0.17),
    (0.05, 0.3, 0.0): (0.22, 0.20),
    (0.08, 0.6, 0.0): (0.21, 0.19),
    (0.05, 0.6, 0.45): (0.17, 0.15),
}
BASE = Planned(treated=35, comparison=35, respondents=50.0)
SPREAD = Spread(icc=0.05, cac=0.6)


@pytest.mark.truth
@pytest.mark.parametrize("comparison", [35, 59])
@pytest.mark.parametrize("case", list(TABLE))
def test_planning_table(case, comparison):
    """To the two digits printed. The panel column interviews everybody twice."""
    icc, cac, rho = case
    planned = dataclasses.replace(BASE, comparison=comparison, panel_share=float(rho > 0.0))
    error = planned_design.std_error(planned, Spread(icc=icc, cac=cac, individual_correlation=rho))
    found = planned_design.detectable(error, df=np.inf)
    assert f"{found:.2f}" == f"{TABLE[case][comparison == 59]:.2f}"
    # The closed form that is printed beside estimates is the same.
    beside = variance_components.minimum_detectable_effect(
        icc=icc,
        cac=cac,
        rows=50,
        treated=35,
        comparison=comparison,
        individual_correlation=rho,
        multiple=variance_components.MULTIPLE,
    )
    assert found == pytest.approx(beside, rel=1e-14)


def drawn_estimates(planned, spread, *, sizes, studies, seed):
    """Literal studies, row by row: cluster shocks, respondents in both rounds or one, weights.

    Weights are 1/2 or 3/2, half of the rows each: a design effect of 1.25.
    """
    rng = np.random.default_rng(seed)
    both_icc = np.sqrt(spread.icc * spread.cac), np.sqrt(spread.icc * (1 - spread.cac))
    own = np.sqrt(1 - spread.icc)
    rho = spread.individual_correlation
    estimates = []
    for _ in range(studies):
        changes = []
        for n in sizes:
            wanted = round(n * planned.panel_share)
            again = round(wanted * (1 - planned.attrition))
            second = n - (wanted - again) if planned.replacement == "none" else n
            first = rng.normal(size=n)
            fresh = rng.normal(size=second)
            fresh[:again] = rho * first[:again] + np.sqrt(1 - rho**2) * fresh[:again]
            means = []
            for deviation, count in ((first, n), (fresh, second)):
                weights = np.where(np.arange(count) % 2, 0.5, 1.5)
                if planned.weight_deff == 1.0:
                    weights = np.ones(count)
                means.append(own * np.average(deviation, weights=weights))
            lasting, passing = rng.normal(size=1), rng.normal(size=2)
            level = both_icc[0] * lasting + both_icc[1] * passing
            changes.append(float(level[1] - level[0] + means[1] - means[0]))
        half = len(sizes) // 2
        h = np.array(sizes, float) if planned.weighting == "respondents" else np.ones(len(sizes))
        groups = [
            np.average(changes[part], weights=h[part])
            for part in (slice(0, half), slice(half, None))
        ]
        estimates.append(groups[0] - groups[1])
    return spread.sd * np.array(estimates)


CASES = {
    "fresh cross-sections": {},
    "half a panel": {"panel_share": 0.5},
    "attrition replaced": {"panel_share": 0.8, "attrition": 0.5},
    "attrition not replaced": {"panel_share": 0.8, "attrition": 0.5, "replacement": "none"},
    "weights": {"weight_deff": 1.25},
    "unequal clusters, equal weight": {"size_cv": 0.8},
    "unequal clusters, by respondents": {"size_cv": 0.8, "weighting": "respondents"},
}


@pytest.mark.simulation
@pytest.mark.parametrize("studies", [600, pytest.param(1500, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", CASES)
def test_standard_error_is_that_of_studies_drawn_row_by_row(name, studies):
    """The standard error of the SD of 1,500 studies is 1.8 % of it; four of them.

    Unequal clusters have 8, 32 or 56 respondents. Their cv is the one its formula stands for: the
    mean of 1/n where clusters count equally, Kish's effective number where respondents do.
    """
    spread = Spread(sd=2.0, icc=0.2, cac=0.4, individual_correlation=0.6)
    changed = dict(CASES[name])
    sizes = [20] * 12
    if "size_cv" in changed:
        sizes = [8, 8, 8, 56, 8, 32] * 2
        n = np.array(sizes, float)
        equal = changed.get("weighting", "equal") == "equal"
        cv2 = n.mean() * np.mean(1 / n) - 1 if equal else n.var() / n.mean() ** 2
        changed["size_cv"] = float(np.sqrt(cv2))
    planned = Planned(treated=6, comparison=6, respondents=float(np.mean(sizes)), **changed)
    found = drawn_estimates(planned, spread, sizes=sizes, studies=studies, seed=3)
    error = (2.0 * studies) ** -0.5
    assert found.std() == pytest.approx(planned_design.std_error(planned, spread), rel=4 * error)


def test_covariates_by_hand():
    """Icc .05, cac .6, 50 respondents: 2 x (.02 + .019) = .078; R2 .5 and .2: 2 x (.01 + .0152)."""
    both = 1 / 35 + 1 / 35
    assert planned_design.std_error(BASE, SPREAD) == pytest.approx(np.sqrt(0.078 * both), rel=1e-12)
    explained = dataclasses.replace(SPREAD, r2_between=0.5, r2_within=0.2)
    assert planned_design.std_error(BASE, explained) == pytest.approx(
        np.sqrt(2 * (0.01 + 0.0152) * both), rel=1e-12
    )


def test_endlines_given_own_baseline_values_by_hand():
    """Icc .05 and .95 x (1 - .25 x .6)/15: .05 + .0538333; weights' 1.5 multiply both parts."""
    planned = Planned(
        treated=10, comparison=15, respondents=15.0, panel_share=0.6, weight_deff=1.5,
        compared="endlines",
    )  # fmt: skip
    spread = Spread(sd=2.0, icc=0.05, cac=0.9, individual_correlation=0.5)
    expected = 2.0 * np.sqrt(1.5 * (0.05 + 0.95 * 0.85 / 15) * (1 / 10 + 1 / 15))
    assert planned_design.std_error(planned, spread) == pytest.approx(expected, rel=1e-12)


def test_endlines_are_as_precise_as_simulated_trials():
    """4,000 trials drawn from the model, each the regression on the own baseline value.

    The standard deviation of 4,000 estimates has a Monte Carlo error of 1 / sqrt(8,000) = 1.1 %:
    four of them. What the formula leaves out, baseline means of clusters, is drawn as nothing.
    """
    rng = np.random.default_rng(20)
    planned = Planned(
        treated=20, comparison=20, respondents=12.0, panel_share=1.0, compared="endlines"
    )
    spread = Spread(icc=0.1, cac=0.0, individual_correlation=0.6)
    found = []
    treated = np.repeat(np.arange(40) < 20, 12).astype(float)
    for _ in range(4_000):
        own = rng.normal(size=(2, 480)) * np.sqrt(0.9)
        before = own[0]
        after = 0.6 * own[0] + 0.8 * own[1] + np.repeat(rng.normal(size=40), 12) * np.sqrt(0.1)
        X = np.column_stack([treated, before, np.ones(480)])
        found.append(np.linalg.lstsq(X, after, rcond=None)[0][0])
    assert np.std(found) == pytest.approx(planned_design.std_error(planned, spread), rel=4 * 0.0112)


@pytest.mark.parametrize(("changes", "rows"), TABLES["sampling"])
def test_sampling_of_respondents_by_hand(changes, rows):
    """Icc 0, so that only the sampling of respondents is left; 4 and 6 clusters."""
    planned = Planned(
        treated=4, comparison=6, respondents=10.0, panel_share=0.5, attrition=0.4, **changes
    )
    spread = Spread(icc=0.0, cac=0.0, individual_correlation=0.5)
    expected = np.sqrt(rows * (1 / 4 + 1 / 6))
    assert planned_design.std_error(planned, spread) == pytest.approx(expected, rel=1e-12)
    # With clusters' own changes too: 2 x .1 x .7 = .14, unequal only where respondents count.
    both = dataclasses.replace(spread, icc=0.1, cac=0.3)
    unequal = 1.25 if changes.get("weighting") else 1.0
    expected = np.sqrt((0.14 * unequal + 0.9 * rows) * (1 / 4 + 1 / 6))
    assert planned_design.std_error(planned, both) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("df", [3.0, 8.0, 69.0])
def test_detectable_effect_and_power_are_inverse(df):
    """Rounding only: the effect is found by halving until nothing is left."""
    effect = planned_design.detectable(0.3, df=df, level=0.9, chance=0.7)
    found = detection(effect / 0.3, df=df, level=0.9).chance
    assert found == pytest.approx(0.7, abs=1e-12)


def test_normal_quantiles_where_degrees_of_freedom_are_infinite():
    assert planned_design.detectable(1.0, df=np.inf) == pytest.approx(ndtri(0.975) + ndtri(0.8))
    ratio = planned_design.detectable(0.3, df=np.inf) / 0.3
    found = detection(ratio, df=np.inf, level=0.95).chance
    # The other tail, Phi(-4.76), is left out of the sum of quantiles.
    assert 0.8 <= found < 0.8 + 2e-6


@pytest.mark.parametrize(("clusters", "chance"), [(4, 0.483), (12, 0.722), (70, 0.788)])
def test_power_with_few_clusters(clusters, chance):
    """Noncentral t with 2.8 standard errors, by scipy, three digits; at no effect the level."""
    df = clusters - 1.0
    found = detection(2.8, df=df, level=0.95).chance
    assert found == pytest.approx(chance, abs=5e-4)
    c = stdtrit(df, 0.975)
    twin = 1.0 - nctdtr(df, 2.8, c) + nctdtr(df, 2.8, -c)
    assert found == pytest.approx(twin, abs=1e-12)
    assert detection(0.0, df=df, level=0.95).chance == pytest.approx(0.05)


@pytest.mark.parametrize("chance", [0.0, 0.05, 1.0])
def test_a_power_that_no_effect_has_is_refused(chance):
    with pytest.raises(EstimationError, match=r"above the significance level 0\.05 and below 1"):
        planned_design.detectable(1.0, df=9.0, chance=chance)


@pytest.mark.parametrize(("planned", "spread", "said"), TABLES["impossible"])
def test_impossible_numbers_are_named(planned, spread, said):
    with pytest.raises(EstimationError, match=said):
        planned_design.std_error(
            dataclasses.replace(BASE, **planned), dataclasses.replace(SPREAD, **spread)
        )


def sample_of(table, specification=DID, study=STUDY):
    rounds = specification.contrast
    return select(table, specification, value="y", rounds=rounds, study=study)


def test_own_changes_are_those_of_weighted_means():
    """Cell means by pandas, less the arm's mean, times sqrt(k/(k - 1)) of its k = 6 clusters."""
    table = panel(7)
    own = own_data(sample_of(table))
    means = (
        table.assign(wy=table["weight"] * table["y"])
        .groupby(["village", "round"])[["wy", "weight"]]
        .sum()
        .pipe(lambda sums: sums["wy"] / sums["weight"])
    )
    change = means.xs("endline", level="round") - means.xs("baseline", level="round")
    for residuals, part in ((own.treated, change.iloc[:6]), (own.comparison, change.iloc[6:])):
        expected = (part - part.mean()).to_numpy() * np.sqrt(6 / 5)
        assert residuals.changes == pytest.approx(expected, rel=1e-9)
        assert residuals.sizes == pytest.approx(np.ones(6), rel=1e-12)
        # Shocks are the same changes made smaller by one factor.
        ratio = residuals.shocks / residuals.changes
        assert ratio == pytest.approx(np.full(6, ratio[0]), rel=1e-9)
        assert 0.0 <= ratio[0] < 1.0
    assert (own.planned.treated, own.planned.comparison) == (6, 6)
    assert own.planned.respondents == pytest.approx(len(table) / 24)
    assert own.planned.weighting == "equal"


def test_shocks_are_changes_less_the_sampling_of_respondents():
    """Row by row: what each respondent's deviation adds to the variance of the cluster's change.

    With s a row's share of its cell and e its deviation, s^2 e^2 n/(n - 1) for every row, less
    2 s s' e e' sqrt(n/(n - 1) n'/(n' - 1)) for the two of a respondent seen twice.
    """
    table = panel(9, clusters=12, rows=30)
    # Clusters of their own, or the sampling would explain all there is.
    shift = table["village"].str[1:].astype(int) % 3 * (table["round"] == "endline")
    table["y"] = table["y"] + 1.5 * shift
    own = own_data(sample_of(table))
    cells = table.groupby(["village", "round"])
    share = table["weight"] / cells["weight"].transform("sum")
    mean = (share * table["y"]).groupby([table["village"], table["round"]]).transform("sum")
    n = cells["y"].transform("size")
    part = table.assign(part=share * (table["y"] - mean) * np.sqrt(n / (n - 1)), n=n)
    for residuals, arm in ((own.treated, "treated"), (own.comparison, "comparison")):
        noise = []
        for _, rows in part[part["arm"] == arm].groupby("village"):
            twice = rows.groupby("respondent")["part"].agg(["size", "prod"])
            shared = twice.loc[twice["size"] == 2, "prod"].sum()
            noise.append((rows["part"] ** 2).sum() - 2 * shared)
        observed = np.mean(residuals.changes**2)
        left = 1 - np.mean(noise) / observed
        assert 0.2 < left < 1.0
        expected = residuals.changes * np.sqrt(left)
        assert residuals.shocks == pytest.approx(expected, rel=1e-9)
        scaled = part["part"] * part["n"]
        inside = part["arm"] == arm
        first = scaled[inside & (part["round"] == "baseline")]
        assert np.sort(residuals.first) == pytest.approx(np.sort(first), rel=1e-9)
        assert residuals.both.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_changes_by_respondents_are_centred_at_their_weighted_mean():
    by_rows = dataclasses.replace(DID, estimand="respondents", weights="none")
    own = own_data(sample_of(panel(7), by_rows))
    for residuals in (own.treated, own.comparison):
        assert np.sum(residuals.sizes * residuals.changes) == pytest.approx(0.0, abs=1e-12)
        assert np.ptp(residuals.sizes) > 0.1


def test_clusters_alike_have_no_icc_and_count_as_changing_wholly():
    """Cell means taken out: less spread between clusters than by chance."""
    table = panel(7)
    cells = table.groupby(["village", "round"])
    share = table["weight"] / cells["weight"].transform("sum")
    mean = (share * table["y"]).groupby([table["village"], table["round"]]).transform("sum")
    own = own_data(sample_of(table.assign(y=table["y"] - mean)))
    assert (own.spread.icc, own.spread.cac) == (0.0, 0.0)
    assert own.treated.shocks == pytest.approx(np.zeros(6), abs=1e-12)


def test_own_design_counts_panel_weights_and_sizes():
    table = panel(7)
    own = own_data(sample_of(table))
    first = table[table["round"] == "baseline"]
    twice = first["respondent"].isin(table.loc[table["round"] == "endline", "respondent"])
    assert own.planned.panel_share == pytest.approx(twice.mean(), rel=1e-12)
    assert len(own.treated.both) + len(own.comparison.both) == twice.sum()
    cells = table.groupby(["village", "round"])["weight"]
    inverse = cells.apply(lambda w: (w**2).sum() / w.sum() ** 2).mean()
    n = cells.size()
    assert own.planned.weight_deff == pytest.approx(inverse / (1 / n).mean(), rel=1e-12)
    assert own.planned.size_cv**2 == pytest.approx(n.mean() * (1 / n).mean() - 1, abs=1e-12)
    by_rows = dataclasses.replace(DID, estimand="respondents", weights="none")
    other = own_data(sample_of(table, by_rows)).planned
    assert other.weighting == "respondents"
    assert other.weight_deff == pytest.approx(1.0, abs=1e-12)
    h = 1.0 / (1.0 / n).groupby("village").sum()
    assert other.size_cv == pytest.approx(h.std(ddof=0) / h.mean(), rel=1e-9)


def two_rounds(seed, *, clusters=400, rows=12, icc=0.2, cac=0.5, rho=0.6):
    """A study with a third of its respondents seen twice; SD 3, treated changes +1."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(clusters), rows)
    lasting = rng.normal(0, np.sqrt(icc * cac), clusters)
    first, fresh = rng.normal(size=(2, clusters * rows))
    again = np.arange(clusters * rows) % 3 == 0
    second = np.where(again, rho * first + np.sqrt(1 - rho**2) * fresh, fresh)
    treated = g < clusters // 2
    parts = []
    for position, own in enumerate((first, second)):
        passing = rng.normal(0, np.sqrt(icc * (1 - cac)), clusters)
        name = ("baseline", "endline")[position]
        y = 3.0 * (lasting[g] + passing[g] + np.sqrt(1 - icc) * own) + treated * position
        parts.append(
            pd.DataFrame(
                {
                    "round": name,
                    "village": [f"v{k:04d}" for k in g],
                    "arm": np.where(treated, "treated", "comparison"),
                    "respondent": [f"{i}" if p else f"{i}-{name}" for i, p in enumerate(again)],
                    "weight": 1.0,
                    "y": y,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.simulation
def test_own_spread_recovers_the_truth():
    """400 clusters of 12: standard errors (by repetition) .016 of the ICC, .06 of the
    autocorrelation, .01 of the correlation, .03 of the SD; three of each.
    """
    own = own_data(sample_of(two_rounds(1)))
    assert own.spread.sd == pytest.approx(3.0, abs=0.09)
    assert own.spread.icc == pytest.approx(0.2, abs=0.048)
    assert own.spread.cac == pytest.approx(0.5, abs=0.18)
    assert own.spread.individual_correlation == pytest.approx(0.6, abs=0.05)
    # Shocks: 2 x 9 x icc (1 - cac) = 1.8, their variance known to 2.4/sqrt(400) of it.
    shocks = np.concatenate([own.treated.shocks, own.comparison.shocks])
    assert np.mean(shocks**2) == pytest.approx(1.8, rel=0.4)
    # What was observed: 1.8 and sampling, 2 x 9 x .8 (1 - .6/3)/12 = .96.
    changes = np.concatenate([own.treated.changes, own.comparison.changes])
    assert np.mean(changes**2) == pytest.approx(2.76, rel=0.25)


def test_a_study_without_ids_has_no_panel():
    table = panel(7).drop(columns="respondent")
    own = own_data(sample_of(table))
    assert own.planned.panel_share == 0.0
    assert own.spread.individual_correlation == 0.0
    assert own.treated.both.shape == (0, 2)
    wanted = dataclasses.replace(own.planned, panel_share=0.5)
    with pytest.raises(StepUnavailable, match="interviewed twice"):
        simulate(own, wanted, source="rows", seed=1)
    # Drawn changes need no respondents.
    assert len(simulate(own, wanted, source="changes", seed=1, simulations=7).estimates) == 7


def test_blank_ids_link_nobody():
    table = panel(7)
    whole = own_data(sample_of(table)).planned.panel_share
    table.loc[table["village"] == "v03", "respondent"] = ""
    blank = own_data(sample_of(table)).planned.panel_share
    assert 0.0 < blank < whole


def variance(values):
    return float(np.mean((values - values.mean()) ** 2))


def test_drawn_changes_have_the_variance_of_the_pool():
    """Drawing with replacement: var/T + var/C; 20,000 studies know it to 1 %, four of them.

    CV1's squared standard error is G/(G-1) times that less what the two means take, on average.
    """
    own = own_data(sample_of(panel(7)))
    planned = dataclasses.replace(own.planned, treated=5, comparison=9)
    found = simulate(own, planned, source="changes", seed=2, simulations=20_000)
    parts = variance(own.treated.changes) / 5, variance(own.comparison.changes) / 9
    assert variance(found.estimates) == pytest.approx(sum(parts), rel=0.04)
    assert found.estimates.mean() == pytest.approx(
        own.treated.changes.mean() - own.comparison.changes.mean(),
        abs=4 * np.sqrt(sum(parts) / 2e4),
    )
    expected = 14 / 13 * (parts[0] * 4 / 5 + parts[1] * 8 / 9)
    assert np.mean(found.std_errors**2) == pytest.approx(expected, rel=0.04)
    assert found.critical == pytest.approx(stdtrit(13, 0.975))


@pytest.mark.parametrize(
    ("panel_share", "attrition", "replacement", "counts"),
    [
        (0.0, 0.0, "fresh", (0, 10, 10)),
        (0.6, 0.5, "fresh", (3, 7, 7)),
        (0.6, 0.5, "none", (3, 7, 4)),
    ],
)
def test_drawn_respondents_add_the_variance_of_their_pools(
    panel_share, attrition, replacement, counts
):
    """Respondents seen twice, in the first round only, in the second only: ten a cluster at first,
    three lost and not replaced in the last case. 20,000 studies, four standard errors of 1 %.
    """
    own = own_data(sample_of(panel(7)))
    planned = dataclasses.replace(
        own.planned,
        treated=4,
        comparison=4,
        respondents=10.0,
        panel_share=panel_share,
        attrition=attrition,
        replacement=replacement,
    )
    found = simulate(own, planned, source="rows", seed=2, simulations=20_000)
    both, only_first, only_second = counts
    second = both + only_second
    expected = 0.0
    for pool in (own.treated, own.comparison):
        twice = pool.both[:, 1] / second - pool.both[:, 0] / 10
        drawn = both * variance(twice) + only_first * variance(pool.first / 10)
        drawn += only_second * variance(pool.second / second)
        expected += (variance(pool.shocks) + drawn) / 4
    assert variance(found.estimates) == pytest.approx(expected, rel=0.04)


def test_respondents_are_drawn_the_same_in_any_number_of_blocks(monkeypatch):
    """Blocks only save memory; a design of one cluster more fills them otherwise."""
    own = own_data(sample_of(panel(7)))
    planned = dataclasses.replace(own.planned, panel_share=0.0, respondents=20.0)
    whole = simulate(own, planned, source="rows", seed=3, simulations=50)
    monkeypatch.setattr("evaluation.estimation.planning.simulation._BLOCK", 500)
    again = simulate(own, planned, source="rows", seed=3, simulations=50)
    assert again.estimates == pytest.approx(whole.estimates, abs=1e-12)


def test_weighted_mean_and_its_variance_by_hand():
    """Changes 0 and 3 with weights 1 and 2: mean 2; (1 x -2)^2 + (2 x 1)^2 over 3^2 is 8/9."""
    mean, squared = simulation._mean(np.array([[0.0, 3.0]]), np.array([[1.0, 2.0]]))
    assert (mean[0], squared[0]) == pytest.approx((2.0, 8 / 9), rel=1e-14)


def test_simulated_power_by_hand():
    """Estimates -2, 0, 1, 4 with standard error 1 and critical value 2; effect 1: -1, 1, 2, 5.

    Significant: 2 and 5, half; neither has the wrong sign; their mean 3.5 is 3.5 times the effect.
    """
    found = Simulated(
        estimates=np.array([-2.0, 0.0, 1.0, 4.0]), std_errors=np.ones(4), critical=2.0
    )
    assert found.power(1.0) == (0.5, 0.25)
    assert found.sign_and_magnitude(1.0) == (0.0, 3.5)
    # Effect .1: only 4.1 is; without the 4, none, and -1.9 is not either.
    assert found.power(0.1)[0] == 0.25
    few = dataclasses.replace(found, estimates=np.array([0.0]), std_errors=np.ones(1))
    assert all(np.isnan(x) for x in few.sign_and_magnitude(0.1))
    # Effect .5, critical value 1: -1.5 (wrong sign), 1.5 and 4.5; 2.5 on average.
    loose = dataclasses.replace(found, critical=1.0)
    assert loose.sign_and_magnitude(0.5) == pytest.approx((1 / 3, 5.0))
    # All but the first are significant from 2 on, the first from 4: three quarters, then all.
    assert found.detectable(0.75) == pytest.approx(2.0, abs=1e-9)
    assert found.detectable(0.8) == pytest.approx(4.0, abs=1e-9)


@pytest.mark.simulation
def test_simulation_and_closed_form_agree():
    """A study of 400 clusters: its own standard error by three ways, within 10 %.

    The closed form rests on an ICC and an autocorrelation with standard errors of 8 and 12 %.
    """
    own = own_data(sample_of(two_rounds(2)))
    closed = planned_design.std_error(own.planned, own.spread)
    for source in ("changes", "rows"):
        found = simulate(own, own.planned, source=source, seed=1, simulations=2000)
        assert found.estimates.std() == pytest.approx(closed, rel=0.1)
        # Type I error of the simulated test: 5 %, standard error .5.
        assert found.power(0.0)[0] == pytest.approx(0.05, abs=0.02)


def planned_records(plan=None, table=None, **choices):
    """Rows, and what is unavailable."""
    table = plan_panel(4) if table is None else table
    found = plan_round(
        Frames(panel=table, frame=frame(table)),
        NextRoundOptions(**choices),
        study=STUDY,
        plan=plan or preregistration().plan,
        provenance=PROVENANCE,
        simulations=200,
    )
    absent = [r for r in found if isinstance(r, Unavailable)]
    return [r for r in found if not isinstance(r, Unavailable)], absent


def planned_rows(plan=None, **choices):
    return planned_records(plan, **choices)[0]


CHANGES, ROWS = "cluster changes drawn", "respondents drawn"


@pytest.mark.parametrize(("choices", "left", "said"), TABLES["simulations"])
def test_a_simulation_answers_only_for_the_design_it_draws(choices, left, said):
    """What is drawn as the study had it cannot be planned otherwise; the closed form always is."""
    rows, absent = planned_records(**choices)
    assert {r.method for r in rows} == {"closed form", *left}
    assert {u.step for u in absent} == {CHANGES, ROWS} - set(left)
    assert len(absent) == 2 * (2 - len(left))
    for row in absent:
        assert said in str(row.reason)
        assert (row.study, row.specification, row.sample.text()) == (STUDY.id, "did_main", "all")
    # A row of drawn changes carries the study's own respondents.
    own = own_data(sample_of(plan_panel(4))).planned
    for row in rows:
        if (row.outcome, row.method) == ("y", CHANGES):
            assert (row.respondents, row.panel_share) == (own.respondents, own.panel_share)


def test_all_that_differs_is_said():
    own = own_data(sample_of(panel(7)))
    planned = dataclasses.replace(own.planned, respondents=3.0, attrition=0.5)
    spread = dataclasses.replace(own.spread, r2_within=0.2)
    with pytest.raises(StepUnavailable) as raised:
        check_source(own, planned, spread, source="changes")
    assert str(raised.value.problem) == (
        "clusters' changes are drawn as this study had them; the plan differs: respondents 3, not"
        f" {own.planned.respondents:g}; attrition 0.5, not 0; R2 within clusters 0.2, not 0"
    )
    with pytest.raises(StepUnavailable, match=r"the plan differs: R2 within clusters 0\.2, not 0"):
        check_source(own, planned, spread, source="rows")


def test_a_panel_that_the_study_had_not_is_left_to_the_closed_form():
    """Nobody to draw: said, and the rest of the plan stands."""
    table = plan_panel(4)
    fresh = table.assign(respondent=table["respondent"] + "-" + table["round"])
    rows, absent = planned_records(table=fresh, panel_share=0.5)
    assert {r.method for r in rows} == {"closed form"}
    reasons = {u.step: str(u.reason) for u in absent}
    assert "no respondent of this study was interviewed twice" in reasons[ROWS]
    assert reasons[CHANGES].endswith("panel share 0.5, not 0")


@pytest.mark.parametrize(
    ("respondents", "panel_share", "attrition", "drawn"),
    [
        # 12.68 people are drawn as 13, the 5.9 of them to be seen again as 6, the 4.4 found as 4.
        (12.68, 0.466, 0.25, (13.0, 6 / 13, 2 / 6)),
        (1.0, 0.55, 0.0, (1.0, 1.0, 0.0)),
        (10.0, 0.0, 0.9, (10.0, 0.0, 0.0)),
    ],
)
def test_respondents_are_drawn_as_whole_numbers(respondents, panel_share, attrition, drawn):
    planned = dataclasses.replace(
        BASE, respondents=respondents, panel_share=panel_share, attrition=attrition
    )
    found = drawn_design(planned)
    assert (found.respondents, found.panel_share, found.attrition) == pytest.approx(drawn)
    assert (found.treated, found.comparison) == (35, 35)


def test_a_row_of_drawn_respondents_says_how_many_were_drawn():
    rows = planned_rows(respondents=7.4, panel_share=0.5)
    by = {r.method: (r.respondents, r.panel_share) for r in rows if r.effect_from != DETECTABLE}
    assert by["closed form"] == (7.4, 0.5)
    assert by[ROWS] == (7.0, 4 / 7)


def test_a_second_round_without_respondents_is_not_drawn():
    """Of one respondent to be seen again nobody is found: no whole number of a second round."""
    own = own_data(sample_of(panel(7)))
    wanted = dataclasses.replace(
        own.planned, respondents=1.0, panel_share=1.0, attrition=0.6, replacement="none"
    )
    with pytest.raises(StepUnavailable, match="left for the second round"):
        simulate(own, wanted, source="rows", seed=1, simulations=3)


def test_rows_of_a_planned_round():
    """15 respondents, six of them to be seen again, three lost: whole numbers, drawn as planned."""
    rows, absent = planned_records(
        treated=20, comparison=30, respondents=15.0, panel_share=0.4, attrition=0.5
    )
    assert [(u.outcome, u.step) for u in absent] == [
        (outcome, "cluster changes drawn") for outcome in ("y", "z")
    ]
    assert {r.outcome for r in rows} == {"y", "z"}
    own = [r for r in rows if r.effect_from != DETECTABLE]
    assert {(r.clusters_treated, r.clusters_comparison, r.respondents) for r in own} == {
        (20, 30, 15.0)
    }
    assert {(r.panel_share, r.attrition) for r in rows} == {(0.4, 0.5)}
    for source, effect in ((ASSUMED, 0.3), (SMALLEST, 0.2)):
        chosen = [r for r in rows if r.effect_from == source]
        assert [r.effect for r in chosen] == [effect] * 4
        assert {r.method for r in chosen} == {"closed form", "respondents drawn"}
    closed = next(r for r in rows if r.effect_from == ASSUMED and r.method == "closed form")
    assert closed.mde == pytest.approx(
        planned_design.detectable(closed.std_error, df=49.0), rel=1e-12
    )
    expected = detection(0.3 / closed.std_error, df=49.0, level=0.95)
    assert closed.power == pytest.approx(expected.chance, rel=1e-12)
    assert (closed.type_s, closed.type_m) == pytest.approx((expected.type_s, expected.type_m))
    assert closed.mc_error == 0.0
    curve = [r for r in rows if (r.outcome, r.method, r.effect_from) == ("y", "closed form", CURVE)]
    assert np.all(np.diff([r.power for r in curve]) > 0.0)
    assert curve[-1].effect == pytest.approx(1.5 * closed.mde)
    assert {r.plan_hash for r in rows} == {PROVENANCE.plan_hash}


def test_other_designs_see_less_with_fewer_clusters_or_respondents():
    rows = [r for r in planned_rows() if r.effect_from == DETECTABLE and r.outcome == "y"]
    by = {(r.clusters_treated, r.respondents): r.mde for r in rows}
    treated, respondents = (sorted({key[k] for key in by}) for k in (0, 1))
    assert treated == [3, 6, 9, 12]
    assert len(respondents) == 15
    for t in treated:
        assert np.all(np.diff([by[t, m] for m in respondents]) < 0.0)
    for m in respondents:
        assert np.all(np.diff([by[t, m] for t in treated]) < 0.0)
    # Each row is its own design's effect, at 80 % power.
    assert [r.power for r in rows] == pytest.approx([0.8] * len(rows), abs=1e-12)


def curves(plan=None, table=None):
    table = plan_panel(4) if table is None else table
    return detectable_effects(
        Frames(panel=table, frame=frame(table)),
        study=STUDY,
        plan=plan or preregistration().plan,
        provenance=PROVENANCE,
    )


def test_the_curve_of_the_finished_study_is_that_of_a_round_planned_as_it_was():
    """The same closed form as the command `power` without choices, to the last digit."""
    found = [r for r in curves() if r.outcome == "y"]
    planned = [r for r in planned_rows() if r.outcome == "y"]
    assert found[1:] == [r for r in planned if r.effect_from == DETECTABLE]
    own, asked = found[0], planned[0]
    assert (own.effect_from, own.effect) == (OWN, own.mde)
    assert (own.std_error, own.mde, own.respondents) == (
        asked.std_error,
        asked.mde,
        asked.respondents,
    )
    # 12 clusters, so t(11), whose noncentral quantile `planning.detectable` is tested by
    assert own.mde == planned_design.detectable(own.std_error, df=11.0)


def test_an_outcome_of_one_row_a_cluster_has_no_curve_and_says_why():
    table = plan_panel(4)
    table = table.drop_duplicates([STUDY.columns.cluster, "round"])
    found = curves(table=table)
    assert {(r.outcome, r.step) for r in found} == {("y", DETECTABLE), ("z", DETECTABLE)}
    assert all("one row per cluster" in str(r.reason) for r in found)


def test_what_is_not_chosen_stays_as_it_was():
    own = own_data(sample_of(plan_panel(4))).planned
    row = planned_rows()[0]
    assert row.respondents == own.respondents
    assert row.panel_share == own.panel_share
    assert (row.clusters_treated, row.clusters_comparison) == (6, 6)
    less = planned_rows(r2_between=0.5, r2_within=0.5)[0]
    assert less.std_error == pytest.approx(row.std_error * np.sqrt(0.5), rel=1e-9)
    assert planned_rows(attrition=0.5, replacement="none")[0].std_error > row.std_error


def test_a_choice_of_nothing_is_a_choice():
    """No panel although the study had one."""
    assert own_data(sample_of(plan_panel(4))).planned.panel_share > 0.1
    assert planned_rows(panel_share=0.0)[0].panel_share == 0.0


def test_the_direction_of_an_effect_does_not_matter():
    made = preregistration().plan
    falling = tuple(
        dataclasses.replace(o, assumed_effect=-0.3) if o.primary else o for o in made.outcome
    )
    assert planned_rows(dataclasses.replace(made, outcome=falling)) == planned_rows()


def test_same_plan_same_numbers():
    assert planned_rows() == planned_rows()


def test_four_arms_are_two_groups():
    """Treated with meetings, or not; changes are less their own arm's mean, k = 3 clusters each."""
    table = panel(7)
    arms = ["neither", "meetings", "leaflets", "both"]
    table["arm"] = [arms[int(village[1:]) % 4] for village in table["village"]]
    four = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    own = own_data(sample_of(table, four, FACTORIAL))
    assert (own.planned.treated, own.planned.comparison) == (6, 6)
    # Sorted villages of the treated: meetings, both, meetings, both, meetings, both.
    assert own.treated.changes[0::2].sum() == pytest.approx(0.0, abs=1e-12)
    assert own.treated.changes[1::2].sum() == pytest.approx(0.0, abs=1e-12)


def test_own_spread_is_of_the_baseline_in_the_outcomes_unit():
    """SD and ICC by the components of the first round's rows, written out."""
    table = panel(7)
    table["y"] = 3.0 * table["y"] + 2.0 * table["village"].str[1:].astype(int)
    own = own_data(sample_of(table))
    first = table[table["round"] == "baseline"]
    found = variance_components.components(
        first["y"], clusters=first["village"], strata=first["arm"], weights=first["weight"]
    )
    assert own.spread.sd == pytest.approx((found.between + found.within) ** 0.5, rel=1e-12)
    assert own.spread.icc == pytest.approx(found.icc, rel=1e-12)
    assert own.spread.sd > 3.0


def test_every_simulated_cluster_draws_respondents(monkeypatch):
    """No simulation, and no cluster, is left without what the drawing of respondents adds."""
    own = own_data(sample_of(panel(7)))
    planned = dataclasses.replace(own.planned, respondents=10.0, panel_share=0.0)
    for block in (1, 50, 65_536):
        monkeypatch.setattr(simulation, "_BLOCK", block)
        rng = np.random.default_rng(1)
        added = simulation._sampling(own.treated, planned, (7, 6), rng)
        assert added.shape == (7, 6)
        assert (added != 0.0).all()


def test_every_row_says_what_it_is_about():
    """Study, outcome, unit, level and where it comes from, whichever method it is by."""
    rows, absent = planned_records(respondents=15.0, panel_share=0.4)
    assert {r.method for r in rows} == {"closed form", "respondents drawn"}
    for row in rows:
        assert (row.study, row.unit, row.level) == ("small", "points", 0.95)
        assert (row.plan_hash, row.data_hash) == ("p" * 64, "d" * 64)
    assert {(u.study, u.specification, u.estimand, u.sample.text()) for u in absent} == {
        ("small", "did_main", "equal", "all")
    }


def test_an_outcome_without_effects_in_the_plan_has_a_curve_only():
    made = preregistration().plan
    silent = tuple(
        dataclasses.replace(o, assumed_effect=None, smallest_effect=None) for o in made.outcome
    )
    rows = planned_rows(dataclasses.replace(made, outcome=silent))
    assert {r.effect_from for r in rows} == {CURVE, DETECTABLE}
    closed = [
        r for r in rows if (r.outcome, r.method, r.effect_from) == ("y", "closed form", CURVE)
    ]
    # thirty points in equal steps up to one and a half detectable effects
    assert [r.effect for r in closed] == pytest.approx(
        [1.5 * closed[0].mde * k / 30 for k in range(1, 31)], rel=1e-12
    )


def test_other_designs_are_whole_clusters_and_tenths_of_respondents():
    rows = [r for r in planned_rows(treated=5, comparison=3, respondents=1.0) if r.outcome == "y"]
    found = [r for r in rows if r.effect_from == DETECTABLE]
    assert {(r.clusters_treated, r.clusters_comparison) for r in found} == {
        # half of 5 and 3 is 2 to the even number, of three fewer than two clusters are two
        (2, 2),
        (5, 3),
        (8, 4),
        (10, 6),
    }
    # fewer than one respondent are one
    assert {r.respondents for r in found} == {
        1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0,
    }  # fmt: skip
    for row in found:
        df = float(row.clusters_treated + row.clusters_comparison - 1)
        assert row.effect == row.mde == planned_design.detectable(row.std_error, df=df, level=0.95)


def test_a_study_of_one_round_plans_no_next_one():
    table = plan_panel(4)
    last = table[table["round"] == "endline"]
    last = last.assign(y_baseline=last["y"] + np.random.default_rng(1).normal(size=len(last)))
    made = preregistration().plan
    one = dataclasses.replace(DID, method="ancova", lag="suffix", families=("trust",))
    plan = dataclasses.replace(made, specification=(one,))
    with pytest.raises(EstimationError, match="planned from two rounds") as raised:
        plan_round(
            Frames(panel=last, frame=frame(last)),
            NextRoundOptions(),
            study=STUDY,
            plan=plan,
            provenance=PROVENANCE,
            simulations=5,
        )
    assert raised.value.where == "specification did_main"


@pytest.mark.truth
def test_sampling_draws_from_the_whole_pool(monkeypatch):
    """Three of a pool of one, always 2: six. Of a pool of two, 0 and 1, both are drawn."""
    own = own_data(sample_of(panel(7)))
    rng = np.random.default_rng(3)
    for pool, number, found in (([2.0], 3, {6.0}), ([0.0, 1.0], 1, {0.0, 1.0})):
        pools = [(np.array(pool), number)]
        monkeypatch.setattr(simulation, "_pools", lambda *_, pools=pools: iter(pools))
        added = simulation._sampling(own.treated, own.planned, (40, 5), rng)
        assert set(added.ravel()) == found


def test_the_correlation_of_a_persons_answers_written_out():
    """Of both deviations from their village's weighted mean, over people seen twice; and the
    autocorrelation of villages knows the same people.
    """
    table = panel(9, rows=30)
    number = table["village"].str[1:].astype(int)
    table["y"] += number % 5 + 2.0 * (7 * number % 4) * (table["round"] == "endline")
    sample = sample_of(table)
    own = own_data(sample)
    cells = table.groupby(["village", "round"])
    share = table["weight"] / cells["weight"].transform("sum")
    mean = (share * table["y"]).groupby([table["village"], table["round"]]).transform("sum")
    part = table.assign(e=table["y"] - mean)
    wide = part[part["panel_member"]].pivot_table(index="respondent", columns="round", values="e")
    e0, e1 = wide["baseline"], wide["endline"]
    expected = (e0 * e1).sum() / np.sqrt((e0**2).sum() * (e1**2).sum())
    assert own.spread.individual_correlation == pytest.approx(expected, rel=1e-9)
    given = {
        "clusters": sample.cluster,
        "post": sample.post,
        "strata": sample.frame["arm"],
        "weights": sample.weights,
    }
    linked = variance_components.cluster_autocorrelation(
        sample.y, **given, respondents=sample.frame["respondent"]
    )
    fresh = variance_components.cluster_autocorrelation(
        sample.y, **given, respondents=[""] * len(sample.y)
    )
    assert own.spread.cac == pytest.approx(linked, rel=1e-12)
    assert abs(linked - fresh) > 1e-6
    assert 0.0 < linked < 1.0
