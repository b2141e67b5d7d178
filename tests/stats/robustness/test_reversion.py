"""Regression to the mean: levels, halves and matches, by hand and by whole repetition."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.stats.robustness.cluster_means import ClusterMeans
from evaluation.stats.robustness.reversion import (
    CALIPER,
    MATCHED,
    _by_subtraction,
    _correlation,
    _effect,
    _level,
    _pairs,
    reversion,
)
from tests.stats.robustness.outcome_checks import (
    ROUNDING,
    diagnostics,
    did_by_dummies,
    estimates,
    people,
    reasons,
    trial,
    village_means,
    without,
)
from tests.stats.studies import ANCOVA, DID, FACTORIAL, STUDY, panel

ONE = dataclasses.replace(STUDY, minimum_clusters=1)


def cells(before, after):
    """Two people in each village and round, a tenth above and below the village's mean."""
    given = {}
    for round_id, means in (("baseline", before), ("endline", after)):
        for village, mean in means.items():
            given[village, round_id] = [mean - 0.1, mean + 0.1]
    return people(given)


# Baseline SD over all six villages: mean 4.5, squares 12.25 + .25 + 12.25 + 12.25 + .25 + 12.25
# over six = 8.25, root 2.872; a caliper of a fifth is .574.
BEFORE = {"c1": 1.0, "c2": 5.0, "c3": 8.0, "t1": 1.0, "t2": 4.0, "t3": 8.0}
AFTER = {"c1": 2.0, "c2": 7.0, "c3": 7.0, "t1": 4.0, "t2": 4.5, "t3": 6.0}


@pytest.mark.truth
def test_matches_worked_by_hand():
    """t1 meets c1 and t3 meets c3, both exactly; t2 is 1 away from c2, outside the caliper.

    Changes: t1 3 less c1 1, and t3 -2 less c3 -1: (2 - 1) / 2 = 1/2.
    """
    rows = tuple(reversion(trial(cells(BEFORE, AFTER), "reversion", study=ONE)))
    said = diagnostics(rows)
    assert said[MATCHED, "matched_treated"] == 2
    assert said[MATCHED, "matched_comparison"] == 2
    # one matched pair less leaves the other; without c1, t1 has nobody
    row = estimates(rows)[MATCHED, "cv3"]
    assert row.estimate == pytest.approx(0.5, abs=ROUNDING)
    assert (row.n, row.n_clusters_treated, row.n_clusters_comparison) == (16, 2, 2)
    assert "not linear" in reasons(rows)[MATCHED, "wcr_s"]


@pytest.mark.truth
def test_equally_near_matches_share():
    before = BEFORE | {"c4": 8.0}
    after = AFTER | {"c4": 5.0}
    rows = tuple(reversion(trial(cells(before, after), "reversion", study=ONE)))
    # t3 -2 less the mean of c3 -1 and c4 -3: 0; with t1's 2 the mean is 1
    assert estimates(rows)[MATCHED, "cv3"].estimate == pytest.approx(1.0, abs=ROUNDING)
    assert diagnostics(rows)[MATCHED, "matched_comparison"] == 3


def matched_by_loops(table):
    """Nearest neighbour within the caliper, by loops over villages; equal weights."""
    means = village_means(table)
    treated = set(table.loc[table["arm"] == "treated", "village"])
    caliper = CALIPER * np.std(means["baseline"].to_numpy())
    differences = []
    for t in sorted(treated):
        away = {
            c: abs(means.loc[t, "baseline"] - means.loc[c, "baseline"])
            for c in means.index
            if c not in treated
        }
        near = min(away, key=away.get)
        if away[near] <= caliper:
            change = means["endline"] - means["baseline"]
            differences.append(change[t] - change[near])
    return float(np.mean(differences))


def test_the_matched_row_and_its_jackknife_by_loops():
    table = panel(11, clusters=20)
    rows = tuple(reversion(trial(table, "reversion")))
    row = estimates(rows)[MATCHED, "cv3"]
    assert row.estimate == pytest.approx(matched_by_loops(table), abs=ROUNDING)
    left = np.array(
        [matched_by_loops(table[table["village"] != v]) for v in sorted(set(table["village"]))]
    )
    expected = np.sqrt((len(left) - 1) / len(left) * np.sum((left - row.estimate) ** 2))
    assert row.std_error == pytest.approx(expected, rel=1e-9)
    assert row.df == len(left) - 1


# of an odd number of villages the one at the median is in the lower half
@pytest.mark.parametrize("clusters", [16, 17])
def test_halves_are_the_primary_regression_on_some_villages(clusters):
    table = panel(12, clusters=clusters)
    rows = tuple(reversion(trial(table, "reversion")))
    w = table["weight"] / table.groupby(["village", "round"])["weight"].transform("sum")
    before = table["round"] == "baseline"
    level = (table["y"] * w)[before].groupby(table["village"]).sum()
    high = set(level.index[level > level.median()])
    found = estimates(rows)
    for sample, part in (
        ("only:high_baseline", table[table["village"].isin(high)]),
        ("only:low_baseline", table[~table["village"].isin(high)]),
    ):
        assert found[sample, "wcr_s"].estimate == pytest.approx(did_by_dummies(part), abs=ROUNDING)
    assert 0 < len(high) < len(level)


@pytest.mark.truth
def test_levels_by_group_and_tercile_by_hand():
    """Terciles of 1 1 4 5 8 8 have two villages each: c1 t1, t2 c2, c3 t3."""
    rows = tuple(reversion(trial(cells(BEFORE, AFTER), "reversion", study=ONE)))
    said = diagnostics(rows)
    assert said["treated:low", "baseline_level"] == pytest.approx(1.0, abs=ROUNDING)
    assert said["treated:low", "change"] == pytest.approx(3.0, abs=ROUNDING)
    assert said["comparison:middle", "change"] == pytest.approx(2.0, abs=ROUNDING)
    assert said["comparison:high", "change"] == pytest.approx(-1.0, abs=ROUNDING)
    assert said["treated:all", "baseline_level"] == pytest.approx(13.0 / 3.0, abs=ROUNDING)
    assert {
        said[f"{g}:{t}", "clusters"]
        for g in ("treated", "comparison")
        for t in ("low", "middle", "high")
    } == {1.0}


@pytest.mark.truth
def test_a_village_at_the_edge_of_a_tercile_is_below_it():
    """A third of the way through 1 1 2 4 5 8 8 stands 2 itself, two thirds 5: low and middle."""
    before = BEFORE | {"c4": 2.0}
    after = AFTER | {"c4": 3.0}
    said = diagnostics(reversion(trial(cells(before, after), "reversion", study=ONE)))
    assert said["comparison:low", "clusters"] == 2.0
    assert said["comparison:middle", "clusters"] == 1.0
    assert said["treated:middle", "clusters"] == 1.0
    assert said["comparison:high", "clusters"] == 1.0


@pytest.mark.truth
def test_matches_count_by_population_where_the_estimand_does():
    """t1 differs by 2 and t3 by -1; with three times the people in t1: (3 x 2 - 1)/4."""
    table = cells(BEFORE, AFTER)
    table["population"] = np.where(table["village"] == "t1", 3000.0, 1000.0)
    specification = dataclasses.replace(DID, estimand="population")
    rows = reversion(trial(table, "reversion", study=ONE, specification=specification))
    assert estimates(rows)[MATCHED, "cv3"].estimate == pytest.approx(5.0 / 4.0, abs=ROUNDING)


def test_no_mean_of_fewer_villages_than_the_study_publishes():
    rows = tuple(reversion(trial(cells(BEFORE, AFTER), "reversion")))
    said = diagnostics(rows)
    assert ("treated:low", "baseline_level") not in said
    assert "fewer than 3 clusters are not given" in reasons(rows)["treated:low", "levels"]
    assert "not informative" in reasons(rows)["only:high_baseline", "all"]
    assert "not informative" in reasons(rows)[MATCHED, "all"]
    assert ("treated:all", "baseline_level") in said


def test_a_half_that_leaves_too_few_villages_out_is_not_published():
    """Two treated villages lie below the median: the high half would tell what they changed."""
    names = [f"t{k}" for k in range(6)] + [f"c{k}" for k in range(8)]
    before = {name: float(k) for k, name in enumerate(names)} | {"t4": 20.0, "t3": 21.0}
    before |= {"t2": 22.0, "t5": 23.0}
    after = {name: value + (k % 3) for k, (name, value) in enumerate(before.items())}
    rows = tuple(reversion(trial(cells(before, after), "reversion")))
    assert ("only:high_baseline", "cv3") not in estimates(rows)
    assert reasons(rows)["only:high_baseline", "all"] == (
        "too few clusters left out to publish: fewer than 3 of the treatment group"
    )
    assert "fewer than 3 treated clusters remain" in reasons(rows)["only:low_baseline", "all"]


@pytest.mark.parametrize(
    ("counts", "extra"),
    [
        ([1, 4, 5], {1}),
        ([5, 2, 5], {0}),
        ([2, 2, 5], set()),
        ([0, 4, 5], set()),
        ([3, 4, 5], set()),
    ],
)
def test_a_hidden_tercile_is_not_the_whole_less_the_others(counts, extra):
    """The next smallest goes with one of one or two; two hidden ones of four are enough."""
    assert _by_subtraction(np.array(counts), 3) == extra


def test_levels_hide_a_second_tercile_where_one_could_be_subtracted():
    """Comparison villages 1, 4 and 4 in the terciles of all: low is hidden, and one more."""
    levels = {f"t{k}": float(k) for k in range(5)} | {"c0": 4.5}
    levels |= {f"c{k}": 10.0 + k for k in range(1, 9)} | {"t5": 30.0, "t6": 31.0, "t7": 32.0}
    after = {name: value + (k % 4) for k, (name, value) in enumerate(levels.items())}
    rows = tuple(reversion(trial(cells(levels, after), "reversion")))
    said = diagnostics(rows)
    counted = [said[f"comparison:{t}", "clusters"] for t in ("low", "middle", "high")]
    shown = {s for s, name in said if name == "change" and s.startswith("comparison")}
    hidden = {s for (s, step), _ in reasons(rows).items() if step == "levels"}
    assert sum(counted) == 9
    assert "comparison:all" in shown
    assert len([s for s in hidden if s.startswith("comparison")]) == 2
    assert min(n for n in counted if n) < 3


def test_level_and_change_are_correlated_over_villages_without_treatment():
    table = panel(13, clusters=24, rows=30)
    shock = dict(
        zip(sorted(set(table["village"])), np.random.default_rng(2).normal(size=24), strict=True)
    )
    moved = table["village"].map(shock) * (table["round"] == "endline")
    table = table.assign(y=table["y"] + moved)
    rows = tuple(reversion(trial(table, "reversion")))
    means = village_means(table)
    own = means.loc[sorted(set(table.loc[table["arm"] == "comparison", "village"]))]
    expected = np.corrcoef(own["baseline"], own["endline"] - own["baseline"])[0, 1]
    said = diagnostics(rows)
    value = said["comparison:all", "level_change_correlation"]
    assert value == pytest.approx(expected, abs=ROUNDING)
    # shocks do not depend on the level here: part of the correlation is noise in the level
    assert said["comparison:all", "level_change_correlation_without_noise"] > value


def test_noise_that_explains_all_differences_leaves_no_correlation():
    rng = np.random.default_rng(4)
    values = {
        (v, r): 5.0 + 0.01 * rng.normal() + np.array([-3.0, 3.0])
        for v in ("c1", "c2", "c3", "c4", "t1", "t2", "t3")
        for r in DID.contrast
    }
    rows = tuple(reversion(trial(people(values), "reversion")))
    said = reasons(rows)["comparison:all", "level_change_correlation_without_noise"]
    assert "sampling error explains" in said


def test_only_villages_alike_in_the_other_treatment_are_matched():
    """Nearest is another arm: both is still set against leaflets, meetings against neither."""
    arms = {"a": "both", "b": "leaflets", "c": "meetings", "d": "neither"}
    before = {
        "a1": 1.0,
        "a2": 9.0,
        "b1": 1.1,
        "b2": 9.1,
        "c1": 1.2,
        "c2": 9.2,
        "d1": 1.3,
        "d2": 9.3,
    }
    change = {"a": 7.0, "b": 4.0, "c": 3.0, "d": 1.0}
    after = {v: m + change[v[0]] for v, m in before.items()}
    table = cells(before, after)
    table = table.assign(arm=[arms[v[0]] for v in table["village"]])
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
    )
    study = dataclasses.replace(FACTORIAL, minimum_clusters=1)
    case = trial(table, "reversion", study=study, specification=specification)
    # both - leaflets = 3 and meetings - neither = 2 for two villages each
    rows = tuple(reversion(case))
    assert estimates(rows)[MATCHED, "cv3"].estimate == pytest.approx(2.5, abs=ROUNDING)


def test_the_whole_check_repeated_without_a_village():
    case = trial(panel(14, clusters=26), "reversion")
    full = estimates(reversion(case))[MATCHED, "cv3"]
    left = [
        estimates(reversion(without(case, v)))[MATCHED, "cv3"].estimate
        for v in sorted(set(case.frames.panel["village"]))
    ]
    g = len(left)
    expected = np.sqrt((g - 1) / g * np.sum((np.array(left) - full.estimate) ** 2))
    assert full.std_error == pytest.approx(expected, rel=1e-9)


def test_one_round_is_an_error():
    table = panel(15)
    last = table[table["round"] == "endline"].assign(y_baseline=0.5)
    last["y_baseline"] = np.random.default_rng(1).normal(size=len(last))
    case = trial(last, "reversion", specification=dataclasses.replace(ANCOVA, lag="suffix"))
    with pytest.raises(EstimationError, match="needs two rounds"):
        tuple(reversion(case))


def means_of(before, change, *, noise_before=0.0, noise_after=0.0, noise_shared=0.0, treated=()):
    """Cluster means by hand, all of weight one, the comparison's without any treatment."""
    g = len(before)
    group = np.isin(np.arange(g), treated)
    before = np.asarray(before, dtype=float)
    return ClusterMeans(
        cluster=np.array([f"c{k}" for k in range(g)], dtype=object),
        treated=group,
        comparison=~group,
        arm=np.where(group, "treated", "comparison").astype(object),
        before=before,
        after=before + np.asarray(change, dtype=float),
        weight_before=np.ones(g),
        weight_after=np.ones(g),
        noise_before=np.full(g, noise_before),
        noise_after=np.full(g, noise_after),
        noise_shared=np.full(g, noise_shared),
    )


@pytest.mark.truth
def test_a_correlation_without_noise_by_hand():
    """Levels 0 1 2 3, changes 3 1 2 0: both variances 5/3, covariance -4/3, correlation -4/5.

    Noise .5 before, .1 after, .05 shared: a change's is .6 - .1 = .5, and the covariance's is
    .05 - .5 = -.45. Without: variances 7/6, covariance -4/3 + .45 = -53/60, correlation -53/70.
    """
    made = trial(cells(BEFORE, AFTER), "reversion", study=ONE)
    noise = {"noise_before": 0.5, "noise_after": 0.1, "noise_shared": 0.05}
    said = diagnostics(_correlation(made, means_of([0, 1, 2, 3], [3, 1, 2, 0], **noise)))
    name = "level_change_correlation"
    assert said["comparison:all", name] == pytest.approx(-4 / 5, abs=ROUNDING)
    assert said["comparison:all", f"{name}_without_noise"] == pytest.approx(-53 / 70, abs=ROUNDING)


def test_a_correlation_beyond_minus_one_is_none():
    """Changes 3 2 1 0: covariance -5/3 + .5 = -7/6, variances 7/6 and 5/3 - .6 = 16/15.

    The square 49/36 is above the product 7/6 x 16/15 = 56/45, as a correlation's never is.
    """
    made = trial(cells(BEFORE, AFTER), "reversion", study=ONE)
    found = means_of([0, 1, 2, 3], [3, 2, 1, 0], noise_before=0.5, noise_after=0.1)
    told = reasons(_correlation(made, found))
    assert set(told) == {("comparison:all", "level_change_correlation_without_noise")}


@pytest.mark.parametrize(
    ("before", "change"),
    [([0.0, 1.0], [1.0, 2.0]), ([1.0] * 4, [0.0, 1.0, 2.0, 3.0]), ([0.0, 1, 2, 3], [1.0] * 4)],
)
def test_no_correlation_of_few_or_equal_villages(before, change):
    made = trial(cells(BEFORE, AFTER), "reversion")
    told = reasons(_correlation(made, means_of(before, change)))
    assert set(told) == {("comparison:all", "level_change_correlation")}


def test_nobody_is_matched_where_a_group_is_gone():
    means = means_of([1.0, 1.0, 2.0], [1.0, 2.0, 3.0], treated=(0,))
    others = np.array(["", "", ""])
    for kept in ([True, False, False], [False, True, True]):
        pairs = _pairs(means, others, np.array(kept))
        assert len(pairs.treated) == 0
        assert pairs.share.shape == (0, len(pairs.pool))
        assert np.isnan(_effect(means, pairs))


@pytest.mark.parametrize(
    ("counts", "extra"), [([1, 4, 4], {1}), ([4, 1, 4], {0}), ([1, 1, 0], set()), ([2, 9, 3], {2})]
)
def test_of_parts_alike_the_first_is_withheld_and_none_where_none_is_enough(counts, extra):
    assert _by_subtraction(np.array(counts), 3) == extra


@pytest.mark.truth
def test_a_correlation_of_exactly_as_many_villages_as_are_published():
    """Levels 0 1 2, changes 1 0 2, three villages and no fewer: covariance 1/2, variances 1."""
    made = trial(cells(BEFORE, AFTER), "reversion")
    assert made.study.minimum_clusters == 3
    said = diagnostics(_correlation(made, means_of([0, 1, 2], [1, 0, 2])))
    assert said["comparison:all", "level_change_correlation"] == pytest.approx(0.5, abs=ROUNDING)


def test_matches_of_exactly_as_many_villages_as_are_published():
    """Two treated and two comparison villages are matched: enough of two, too few of three."""
    for least, given in ((2, True), (3, False)):
        study = dataclasses.replace(STUDY, minimum_clusters=least)
        rows = tuple(reversion(trial(cells(BEFORE, AFTER), "reversion", study=study)))
        assert ((MATCHED, "cv3") in estimates(rows)) is given
        assert ((MATCHED, "all") in reasons(rows)) is not given


@pytest.mark.truth
def test_levels_weigh_each_round_by_its_own_weights():
    """Before 0 and 2, of weights 3 and 1: 1/2; after 1 and 5, of weights 1 and 3: 4."""
    means = dataclasses.replace(
        means_of([0.0, 2.0], [1.0, 3.0]),
        weight_before=np.array([3.0, 1.0]),
        weight_after=np.array([1.0, 3.0]),
    )
    made = trial(cells(BEFORE, AFTER), "reversion", study=ONE)
    said = diagnostics(_level(made, means, np.array([True, True]), "x"))
    assert (said["x", "baseline_level"], said["x", "change"]) == (0.5, 3.5)
