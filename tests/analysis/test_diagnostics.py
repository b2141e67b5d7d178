"""Diagnostics: the design's MDE, and what is said when a quantity does not exist."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis import cluster_diagnostics, diagnostics
from evaluation.estimation.inference import bootstrap, jackknife, steps, variance_components
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.records import Diagnostic, Unavailable
from evaluation.estimation.regression.design import build
from tests.estimation.studies import ANCOVA, DID, INFERENCE, PROVENANCE, STUDY, outcome, panel
from tests.tables import cases

CASES = cases(__file__)


def made(table, specification=DID, measured=None, asked=("cv1",)):
    measured = measured or outcome()
    heading = Heading.of(
        specification,
        measured,
        study=STUDY,
        level=INFERENCE.level,
        provenance=PROVENANCE,
        status="pre-specified",
    )
    design = build(table, specification, outcome=measured, study=STUDY)
    draws = bootstrap.draws(design.cluster, number=9, seed=1)
    return steps.analyse(design, asked, draws=draws), heading


def by_name(rows):
    return {getattr(r, "name", getattr(r, "step", None)): r for r in rows}


def test_closed_form_of_the_mde_at_the_realised_parameters():
    """Closed form at the printed icc and cac; equal weights make effective rows the rows."""
    table = panel(90).assign(weight=1.0)
    table = table[table.groupby(["village", "round"]).cumcount() < 9]
    analysis, heading = made(table)
    rows = by_name(diagnostics.of_sample(analysis.design.rounds, heading))
    expected = variance_components.minimum_detectable_effect(
        icc=rows["icc"].value,
        cac=min(rows["cac"].value, 1.0),
        rows=9,
        treated=6,
        comparison=6,
        individual_correlation=0.0,
        multiple=variance_components.MULTIPLE,
    )
    sd = analysis.design.baseline_sd
    assert rows["closed_form_mde"].value == pytest.approx(sd * expected, rel=1e-10)
    assert rows["closed_form_mde"].unit == "points"


def test_icc_is_weighted():
    """Variance components of the baseline rows with the plan's own weights, picked here again."""
    table = panel(96)
    analysis, heading = made(table)
    rows = by_name(diagnostics.of_sample(analysis.design.rounds, heading))
    first = table[table["round"] == "baseline"]

    def icc(weights):
        return variance_components.components(
            first["y"], clusters=first["village"], strata=first["arm"], weights=weights
        ).icc

    # The ICC is free of a cluster's scale of weights, which is all that the estimand changes;
    # 1e-12 is rounding of sums over about 130 rows.
    assert rows["icc"].value == pytest.approx(icc(first["weight"]), abs=1e-12)
    assert abs(icc(first["weight"]) - icc(np.ones(len(first)))) > 0.01


def test_an_index_is_measured_in_its_own_sd():
    table = panel(91)
    analysis, heading = made(table)
    in_points = by_name(diagnostics.of_sample(analysis.design.rounds, heading))
    analysis, heading = made(table, measured=outcome(unit="SD"))
    in_sd = by_name(diagnostics.of_sample(analysis.design.rounds, heading))
    ratio = in_points["closed_form_mde"].value / in_sd["closed_form_mde"].value
    assert ratio == pytest.approx(analysis.design.baseline_sd, rel=1e-12)


def test_one_row_per_cluster_has_no_icc_and_says_why():
    table = panel(92)
    table = table[table.groupby(["village", "round"]).cumcount() == 0]
    analysis, heading = made(table)
    rows = diagnostics.of_sample(analysis.design.rounds, heading)
    assert {r.step for r in rows} == {"icc", "cac", "closed_form_mde"}
    assert all(isinstance(r, Unavailable) and "one row per cluster" in str(r.reason) for r in rows)


def test_satterthwaite_df_is_that_of_cr2_whether_or_not_cr2_was_asked_for():
    table = panel(93)
    with_cr2 = diagnostics.satterthwaite(*made(table, asked=("cv1", "cr2")))
    without = diagnostics.satterthwaite(*made(table))
    assert with_cr2 == without
    assert 1 < without.value < 12


def test_leverage_and_effective_clusters_of_the_effect():
    analysis, heading = made(panel(97))
    rows = by_name(diagnostics.of_analysis(analysis, heading))
    found = jackknife.leverage(analysis.blocks, analysis.fit, "programme x endline")
    assert rows["leverage_max"].value == found.cluster.max()
    # two columns in twelve clusters: a sixth on average; partial leverage a twelfth
    assert rows["leverage_max_ratio"].value == pytest.approx(6 * found.cluster.max(), rel=1e-12)
    assert rows["partial_leverage_max"].value == found.partial.max()
    ratio = rows["partial_leverage_max_ratio"].value
    assert ratio == pytest.approx(12 * found.partial.max(), rel=1e-12)
    for name, shared in (
        ("css_effective_clusters", ""),
        ("css_effective_clusters_shared", "endline"),
    ):
        expected = jackknife.effective_clusters(
            analysis.blocks, analysis.fit, "programme x endline", shared=shared
        )
        assert rows[name].value == expected
        assert 1 < expected <= 12


def test_leave_one_out_is_there_whether_or_not_cv3_was_asked_for():
    """The same numbers once, from the step or beside it."""
    table = panel(102)
    analysis, heading = made(table)
    beside = by_name(diagnostics.without_clusters(analysis, heading))
    analysis, heading = made(table, asked=("cv3",))
    from_step = by_name(diagnostics.of_analysis(analysis, heading))
    assert diagnostics.without_clusters(analysis, heading) == ()
    assert set(beside) == {"loo_q1", "loo_median", "loo_q3", "loo_sign_changes"}
    assert all(from_step[name] == found for name, found in beside.items())


def test_no_leave_one_out_where_one_cluster_alone_knows_a_column():
    table = panel(103)
    table["age"] = ((table["village"] == "v02") & (table.index % 2 == 0)).astype(float)
    specification = dataclasses.replace(DID, covariates=("age",))
    (row,) = diagnostics.without_clusters(*made(table, specification))
    assert isinstance(row, Unavailable)
    assert (row.step, "singular" in str(row.reason)) == ("loo", True)


@pytest.mark.parametrize("effects", [(), ("region",)])
def test_a_shock_of_the_cluster_needs_no_intercept(effects):
    """Analysis of covariance, with an intercept or with dummies that span it."""
    specification = dataclasses.replace(ANCOVA, effects=effects)
    analysis, heading = made(panel(98), specification)
    rows = by_name(diagnostics.of_analysis(analysis, heading))
    X, w, design = analysis.design.X, analysis.design.weights, analysis.design
    lever = w * (X @ np.linalg.inv(X.T @ (w[:, None] * X))[0])
    gamma = np.array([lever[design.cluster == c].sum() ** 2 for c in np.unique(design.cluster)])
    expected = 12 / (1 + np.mean((gamma / gamma.mean() - 1) ** 2))
    # explicit inverse of at most six columns on some hundred rows
    assert rows["css_effective_clusters_shared"].value == pytest.approx(expected, rel=1e-9)


def test_cells_by_hand():
    """Rows per village counted with pandas, at least twelve of them; told in tens, rounded down."""
    table = panel(99, rows=12)
    analysis, heading = made(table)
    rows = by_name(
        cluster_diagnostics.of_cells(
            analysis.design.rounds, heading, minimum_cell=STUDY.minimum_cell
        )
    )
    counts = table.groupby(["arm", "round", "village"]).size()
    for arm in ("treated", "comparison"):
        assert rows[f"clusters_{arm}"].value == 6.0
        for when in ("baseline", "endline"):
            known = counts[arm, when]
            assert rows[f"respondents_min_{arm}_{when}"].value == known.min() // 10 * 10
            assert rows[f"respondents_median_{arm}_{when}"].value == known.median() // 10 * 10
    assert len(rows) == 10


def test_a_department_that_holds_a_whole_group_has_no_estimate_without_it():
    """All treated villages in one department: leaving it out leaves no effect, and that is said."""
    analysis, heading = made(panel(100))
    place = {f"v{g:02d}": "north" if g < 6 else "south" for g in range(12)}
    rows = cluster_diagnostics.without_places(analysis, heading, "department", place, least=1)
    assert [type(row) for row in rows] == [Unavailable] * 4
    parts = ("q1", "median", "q3", "sign_changes")
    assert [row.step for row in rows] == [f"without_department_{part}" for part in parts]
    assert all("north" not in str(row.reason) for row in rows)
    assert all("some department" in str(row.reason) for row in rows)


def refits(table, place):
    """Estimates without the villages of each place, each refitted from the other rows."""
    names = sorted(set(place.values()))
    parts = [table[table["village"].map(place) != name] for name in names]
    return [made(part)[0].fit.coefficients[0] for part in parts]


def test_quartiles_without_one_department_are_those_of_refits():
    table = panel(105)
    place = {f"v{g:02d}": f"d{g % 3}" for g in range(12)}
    analysis, heading = made(table)
    found = by_name(
        cluster_diagnostics.without_places(analysis, heading, "department", place, least=2)
    )
    without = refits(table, place)
    # three estimates: their quartiles are halfway between neighbours; rounding of other sums
    low, middle, high = sorted(without)
    expected = {"q1": (low + middle) / 2, "median": middle, "q3": (middle + high) / 2}
    for part, value in expected.items():
        assert found[f"without_department_{part}"].value == pytest.approx(value, abs=1e-10)
    estimate = analysis.fit.coefficients[0]
    assert found["without_department_sign_changes"].value == sum(w * estimate < 0 for w in without)
    assert len(found) == 4


@pytest.mark.parametrize(("least", "told"), [(1, True), (2, True), (3, False)])
def test_a_department_of_few_clusters_gives_nothing_away(least, told):
    """Two villages of each group in two departments; in d2 treated, in d3 comparison ones only."""
    place = dict(zip([f"v{g:02d}" for g in range(12)], "001122001133", strict=True))
    analysis, heading = made(panel(106))
    rows = cluster_diagnostics.without_places(analysis, heading, "department", place, least=least)
    found = by_name(rows)
    for part in ("q1", "median", "q3"):
        row = found[f"without_department_{part}"]
        assert isinstance(row, Diagnostic) is told
        if not told:
            assert str(row.reason) == "some department has fewer than 3 clusters of a group"
    assert isinstance(found["without_department_sign_changes"], Diagnostic)


def test_the_fewest_interviews_of_a_cluster_are_withheld_below_the_minimum():
    """Nine interviews somewhere are fewer than ten; ten are not."""
    table = panel(107, rows=14)
    kept = table.groupby(["village", "round"]).cumcount()
    nine = (table["village"] == "v03") & (table["round"] == "baseline")
    ten = (table["village"] == "v08") & (table["round"] == "endline")
    table = table[~(nine & (kept >= 9)) & ~(ten & (kept >= 10))]
    analysis, heading = made(table)
    rows = by_name(
        cluster_diagnostics.of_cells(
            analysis.design.rounds, heading, minimum_cell=STUDY.minimum_cell
        )
    )
    few = rows["respondents_min_treated_baseline"]
    assert isinstance(few, Unavailable)
    assert str(few.reason) == "fewer than 10"
    assert rows["respondents_min_comparison_endline"].value == 10.0
    # the usual village has fourteen
    assert rows["respondents_median_treated_baseline"].value == 10.0


def test_the_closed_form_of_the_mde_is_not_that_of_ancova():
    analysis, heading = made(panel(108), ANCOVA)
    rows = by_name(diagnostics.of_sample(analysis.design.rounds, heading))
    assert isinstance(rows["closed_form_mde"], Unavailable)
    assert "difference-in-differences" in str(rows["closed_form_mde"].reason)
    assert isinstance(rows["icc"], Diagnostic)


@pytest.mark.parametrize(("other", "reason"), CASES["closed_form"])
def test_the_closed_form_of_the_mde_is_that_of_equal_clusters_alone(other, reason):
    """The population-weighted row printed .215 beside 2.8 standard errors of .300."""
    analysis, heading = made(panel(108))
    changed = dataclasses.replace(
        analysis.design.rounds, specification=dataclasses.replace(DID, **other)
    )
    rows = diagnostics.of_sample(changed, heading)
    found = by_name(rows)["closed_form_mde"]
    assert isinstance(found, Unavailable)
    assert reason in str(found.reason)


def test_a_level_with_one_place_cannot_be_tested():
    analysis, heading = made(panel(101))
    place = {f"v{g:02d}": "all" for g in range(12)}
    draws = bootstrap.draws(place, number=99, seed=1)
    row = cluster_diagnostics.of_level(analysis, heading, "subregion", place, draws)
    assert isinstance(row, Unavailable)
    assert (row.step, str(row.reason)) == (
        "score_variance_p_subregion",
        "there are not two coarse clusters",
    )


def test_dropped_clusters_and_incomplete_rows_are_counted():
    table = panel(94)
    table = table[~((table["village"] == "v07") & (table["round"] == "endline"))].copy()
    table.loc[table.index[table["village"] == "v01"][:3], "age"] = None
    rows = by_name(
        diagnostics.of_analysis(*made(table, dataclasses.replace(DID, covariates=("age",))))
    )
    assert rows["clusters_dropped"].value == 1.0
    assert rows["rows_incomplete"].value == 3.0


def test_type_s_and_m_need_a_smallest_effect():
    analysis, heading = made(panel(95))
    assert diagnostics.of_plan(analysis, heading, outcome(), step="wcr_s") == ()
    rows = diagnostics.of_plan(analysis, heading, outcome(smallest_effect=0.3), step="wcr_s")
    assert [type(r) for r in rows] == [Diagnostic, Diagnostic]
    assert 0.0 < rows[0].value < 0.5
    assert rows[1].value > 1.0


def test_a_study_without_ids_links_nobody():
    """The autocorrelation of a panel without its ids is that of two fresh samples."""
    table = panel(96)
    fresh = table.assign(respondent=[f"r{k}" for k in range(len(table))])
    found = []
    for given in (table.drop(columns="respondent"), fresh):
        analysis, heading = made(given)
        rows = diagnostics.of_sample(analysis.design.rounds, heading)
        found.append(by_name(rows)["cac"])
    assert found[0] == found[1]
