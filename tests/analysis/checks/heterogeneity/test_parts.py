"""Several parts in one regression: explicit dummies, fits without each cluster, every sign."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from scipy.stats import f as f_distribution

from evaluation.analysis.checks import subsample
from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import Part, parse
from tests.analysis.checks.small_checks import ROUNDING, case, diagnostics, estimates
from tests.estimation.studies import STUDY, panel

SMALL = dataclasses.replace(STUDY, minimum_clusters=2, minimum_cell=1)


def _made(clusters=8):
    table = panel(4, clusters=clusters)
    table = table.assign(
        group=np.where(table["age"] < 40, "a", np.where(table["age"] < 60, "b", "c"))
    )
    return table, case(table, "subgroup", study=SMALL, variables=("group",))


def _dummied(table, groups, reference):
    """X and y with a dummy for each village x group, weights that sum to one per cell.

    Columns: the first group's effect less the reference's, then the rest.
    """
    rows = table[table["group"].isin(groups)].reset_index(drop=True)
    cell = rows["village"] + rows["group"] + rows["round"]
    weight = (rows["weight"] / rows["weight"].groupby(cell).transform("sum")).to_numpy()
    post = (rows["round"] == "endline").to_numpy(float)
    effect = post * (rows["arm"] == "treated")
    columns = [effect * (rows["group"] == g) for g in groups if g != reference]
    columns += [effect]
    columns += [post * (rows["group"] == g) for g in groups]
    names = rows["village"] + rows["group"]
    columns += [(names == name).astype(float) for name in sorted(set(names))]
    return np.column_stack(columns).astype(float), rows["y"].to_numpy(), weight, rows["village"]


def _fit(X, y, w):
    y = np.asarray(y)
    root = np.sqrt(w)
    return np.linalg.lstsq(X * root[:, None], (y.T * root).T, rcond=None)[0]


def _difference(table, made):
    built = {g: subsample.part(made, table[table["group"] == g], Part(g)) for g in ("a", "b", "c")}
    return built, {r.step: r for r in subsample.difference(made, built, ("a", "b"))}


def test_the_difference_is_the_interaction_of_a_regression_with_every_dummy():
    table, made = _made()
    built, found = _difference(table, made)
    X, y, w, _ = _dummied(table, ("a", "b"), "b")
    separate = {g: made.linear(built[g], wanted=("cv3",))[0].estimate for g in ("a", "b")}
    assert found["cv3"].estimate == pytest.approx(_fit(X, y, w)[0], abs=1e-9)
    assert found["cv3"].estimate == pytest.approx(separate["a"] - separate["b"], abs=ROUNDING)
    assert found["wcr_s"].estimate == found["cv3"].estimate


def test_jackknife_of_the_difference_refits_without_each_village_in_both_groups():
    table, made = _made()
    _, found = _difference(table, made)
    X, y, w, village = _dummied(table, ("a", "b"), "b")
    full = _fit(X, y, w)[0]
    without = [
        _fit(X[(village != g).to_numpy()], y[village != g], w[village != g])[0]
        for g in sorted(set(village))
    ]
    variance = 7 / 8 * np.sum((np.array(without) - full) ** 2)
    assert found["cv3"].std_error == pytest.approx(variance**0.5, abs=1e-9)
    assert found["cv3"].df == 7


def test_bootstrap_of_the_difference_by_every_sign_vector():
    """WCR-S written out: scores of a village from the restricted fit without it; 2^8 signs."""
    table, made = _made()
    _, found = _difference(table, made)
    X, y, w, village = _dummied(table, ("a", "b"), "b")
    names = sorted(set(village))
    inside = X[:, :4] - X[:, 4:] @ _fit(X[:, 4:], X[:, :4], w)
    bread = np.linalg.inv((inside.T * w) @ inside)
    scores, grams, own = [], [], []
    for g in names:
        rows = (village == g).to_numpy()
        # The null drops the difference's column; the village's own dummies go with it, and its
        # residuals are taken after removing them, which `inside` has done for the columns.
        restricted = _fit(X[~rows][:, 1:], y[~rows], w[~rows])[:3]
        scores.append((inside[rows].T * w[rows]) @ (y[rows] - X[rows][:, 1:4] @ restricted))
        grams.append((inside[rows].T * w[rows]) @ inside[rows])
        own.append((inside[rows].T * w[rows]) @ (y[rows] - X[rows] @ _fit(X, y, w)))
    scores, grams, own = np.array(scores), np.array(grams), np.array(own)

    def t(moved, residual):
        return moved / np.sqrt(8 / 7 * np.sum((residual @ bread[0]) ** 2))

    sample = t(_fit(X, y, w)[0], own)
    larger = 0
    for signs in product((1, -1), repeat=8):
        drawn = np.array(signs)[:, None] * scores
        moved = bread @ drawn.sum(axis=0)
        larger += abs(t(moved[0], drawn - grams @ moved)) >= abs(sample) * (1 - 1e-10)
    assert found["wcr_s"].p_value == larger / 256
    assert 0 < larger < 256


def test_the_difference_is_scaled_by_the_comparison_group_of_both_parts_at_baseline():
    table, made = _made()
    _, found = _difference(table, made)
    both = table["group"].isin(["a", "b"]) & (table["arm"] == "comparison")
    rows = table[both & (table["round"] == "baseline")]
    cell = rows["village"] + rows["group"]
    w = rows["weight"] / rows["weight"].groupby(cell).transform("sum")
    mean = np.average(rows["y"], weights=w)
    sd = np.average((rows["y"] - mean) ** 2, weights=w) ** 0.5
    record = found["cv3"]
    assert record.baseline_comparison_mean == pytest.approx(mean, abs=ROUNDING)
    assert record.baseline_comparison_sd == pytest.approx(sd, abs=ROUNDING)
    assert record.estimate_sd == pytest.approx(record.estimate / sd, abs=ROUNDING)


def test_joint_test_of_two_parts_is_the_squared_t_of_the_jackknife():
    table, made = _made()
    built, found = _difference(table, made)
    beside = diagnostics(subsample.joint_test(made, [built["a"], built["b"]]))
    assert beside["joint", "joint_f"] == pytest.approx(found["cv3"].statistic ** 2, rel=1e-9)
    assert beside["joint", "joint_p"] == pytest.approx(found["cv3"].p_value, rel=1e-9)


def test_joint_test_of_three_parts_by_refitting():
    """Hotelling's T-squared of two differences, their covariance by fits without each village."""
    table, made = _made()
    built, _ = _difference(table, made)
    X, y, w, village = _dummied(table, ("a", "b", "c"), "c")
    full = _fit(X, y, w)[:2]
    moved = np.array(
        [
            _fit(X[(village != g).to_numpy()], y[village != g], w[village != g])[:2] - full
            for g in sorted(set(village))
        ]
    )
    wald = full @ np.linalg.inv(7 / 8 * moved.T @ moved) @ full
    f = (8 - 2) / (2 * 7) * wald
    beside = diagnostics(subsample.joint_test(made, [built["c"], built["a"], built["b"]]))
    assert beside["joint", "joint_f"] == pytest.approx(f, rel=1e-8)
    assert beside["joint", "joint_p"] == pytest.approx(f_distribution.sf(f, 2, 6), rel=1e-8)
    assert (beside["joint", "joint_df_1"], beside["joint", "joint_df_2"]) == (2, 6)


def test_parts_without_a_cluster_in_common_need_more_clusters_than_differences():
    table, made = _made(clusters=4)
    built = [subsample.part(made, table[table["group"] == g], Part(g)) for g in ("a", "b")]
    (row,) = subsample.joint_test(made, [*built, *built, *built])
    assert isinstance(row, Unavailable)
    assert "4 clusters cannot test 5 differences" in str(row.reason)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (("a", "b"), (("a", "b"),)),
        (("a", "b", "c"), (("b", "a"), ("c", "a"))),
    ],
)
def test_who_is_compared_with_whom(ids, expected):
    assert subsample.pairs(ids) == expected


def test_a_regression_without_a_solution_is_said_by_its_row():
    """Two columns that are the same: no effect can be told from the other column's."""
    _, made = _made()
    built = made.primary_design()
    twice = dataclasses.replace(
        built,
        X=np.column_stack([built.X, built.X[:, 0]]),
        columns=(*built.columns, "once more"),
    )
    (row,) = subsample.effect(made, twice, sample=parse("a"))
    assert isinstance(row, Unavailable)
    assert (row.sample.text(), row.step) == ("a", "all")
    with pytest.raises(EstimationError):
        made.linear(twice)


def test_a_part_that_is_no_sample_leaves_no_difference():
    table, made = _made()
    lost = subsample.part(made, table[table["arm"] == "treated"], Part("a"))
    other = subsample.part(made, table, Part("b"))
    assert "comparison" in str(lost.reason) or "without any treatment" in str(lost.reason)
    (row,) = subsample.difference(made, {"a": lost, "b": other}, ("a", "b"))
    assert (row.sample.text(), str(row.reason)) == ("difference:a-b", "no effect for a")
    assert estimates([row]) == {}


def test_a_stack_counts_what_its_parts_left_out():
    _, made = _made()
    built = dataclasses.replace(made.primary_design(), one_round=("v90", "v91"), incomplete=3)
    other = dataclasses.replace(built, one_round=("v91", "v92"), incomplete=4)
    whole = subsample.stacked((built, other))
    assert whole.one_round == ("v90", "v91", "v92")
    assert whole.incomplete == 7
    assert whole.clusters_treated == built.clusters_treated
    assert whole.clusters_comparison == built.clusters_comparison


@pytest.mark.parametrize(("least", "cell", "problem"), [
    (4, 1, ""),
    (5, 1, "fewer than 5 treated and fewer than 5 comparison clusters; at least 5 of each are"),
    (2, 1_000, "fewer than 1000 interviews of one group in one round; at least 1000 are needed"),
])  # fmt: skip
def test_what_is_too_little_of_a_part(least, cell, problem):
    table, made = _made()
    study = dataclasses.replace(STUDY, minimum_clusters=least, minimum_cell=cell)
    found = subsample.part(dataclasses.replace(made, study=study), table, Part("part"))
    if problem:
        assert problem in str(found.reason)
        assert (found.sample.text(), found.step) == ("part", "all")
    else:
        assert found.clusters_treated == made.primary_design().clusters_treated


def test_the_smallest_cell_is_the_one_that_counts():
    """Nine to thirteen interviews a village and round; the fewest of four cells is the bound."""
    table, made = _made()
    sizes = table.groupby(["arm", "round"]).size()
    for cell, enough in ((int(sizes.min()), True), (int(sizes.min()) + 1, False)):
        study = dataclasses.replace(SMALL, minimum_cell=cell)
        found = subsample.part(dataclasses.replace(made, study=study), table, Part("part"))
        assert isinstance(found, Unavailable) is not enough


def test_no_joint_test_where_one_village_alone_knows_a_column():
    """Without it the regression of that part has no solution, and there is no jackknife."""
    table, made = _made()
    odd = np.where(table["village"] == "v01", np.random.default_rng(1).normal(size=len(table)), 0.0)
    varied = dataclasses.replace(made.specification, covariates=("odd",))
    table = table.assign(odd=odd)
    case_of = dataclasses.replace(made, specification=varied)
    built = [subsample.part(case_of, table[table["group"] == g], Part(g)) for g in ("a", "b")]
    (row,) = subsample.joint_test(case_of, built)
    assert isinstance(row, Unavailable)
    assert (row.sample.text(), row.step) == ("joint", "joint")
    assert "without 1 of 8 clusters" in str(row.reason)


def test_a_part_of_few_clusters_has_every_sign_vector():
    """Eight of twelve villages, 2^8 = 256: with 255 draws, or Webb's, the study's are kept."""
    table, made = _made(clusters=12)
    villages = [f"v{g:02d}" for g in (0, 1, 2, 3, 6, 7, 8, 9)]
    few = subsample.part(made, table[table["village"].isin(villages)], Part("few"))
    every = sorted(set(table["village"]))
    for number, kind in ((255, "rademacher"), (256, "webb")):
        own = bootstrap.draws(every, number=number, seed=1, kind=kind)
        assert subsample.draws_of(dataclasses.replace(made, draws=own), few) is own
    own = bootstrap.draws(every, number=256, seed=1)
    found = subsample.draws_of(dataclasses.replace(made, draws=own), few)
    assert found.enumerated
    assert found.clusters == tuple(villages)
    assert len({tuple(signs) for signs in found.codes.T.tolist()}) == 256
