"""Diagnostics: the design's MDE, and what is said when a quantity does not exist."""

import dataclasses

import numpy as np
import pytest

from evaluation.spec.records import Diagnostic, Unavailable
from evaluation.stats import bootstrap, diagnostics, power, steps
from evaluation.stats.design import build
from evaluation.stats.heading import Heading
from tests.stats.studies import DID, INFERENCE, PROVENANCE, STUDY, outcome, panel


def made(table, specification=DID, measured=None, asked=("cv1",)):
    measured = measured or outcome()
    heading = Heading.of(
        specification,
        measured,
        study=STUDY,
        inference=INFERENCE,
        provenance=PROVENANCE,
        status="pre-specified",
    )
    design = build(table, specification, outcome=measured, study=STUDY)
    draws = bootstrap.draws(design.cluster, number=9, seed=1)
    return steps.analyse(design, asked, draws=draws), heading


def by_name(rows):
    return {getattr(r, "name", getattr(r, "step", None)): r for r in rows}


def test_design_mde_at_the_realised_parameters():
    """Closed form at the printed icc and cac; equal weights make effective rows the rows."""
    table = panel(90).assign(weight=1.0)
    table = table[table.groupby(["village", "round"]).cumcount() < 9]
    analysis, heading = made(table)
    rows = by_name(diagnostics.of_sample(analysis.design.rounds, heading, STUDY))
    expected = power.minimum_detectable_effect(
        icc=rows["icc"].value,
        cac=min(rows["cac"].value, 1.0),
        rows=9,
        treated=6,
        comparison=6,
        individual_correlation=0.0,
        multiple=power.MULTIPLE,
    )
    sd = analysis.design.baseline_sd
    assert rows["design_mde"].value == pytest.approx(sd * expected, rel=1e-10)
    assert rows["design_mde"].unit == "points"


def test_icc_is_weighted():
    """Variance components of the baseline rows with the plan's own weights, picked here again."""
    table = panel(96)
    analysis, heading = made(table)
    rows = by_name(diagnostics.of_sample(analysis.design.rounds, heading, STUDY))
    first = table[table["round"] == "baseline"]

    def icc(weights):
        return power.components(
            first["y"], clusters=first["village"], strata=first["arm"], weights=weights
        ).icc

    # The ICC is free of a cluster's scale of weights, which is all that the estimand changes;
    # 1e-12 is rounding of sums over about 130 rows.
    assert rows["icc"].value == pytest.approx(icc(first["weight"]), abs=1e-12)
    assert abs(icc(first["weight"]) - icc(np.ones(len(first)))) > 0.01


def test_an_index_is_measured_in_its_own_sd():
    table = panel(91)
    analysis, heading = made(table)
    in_points = by_name(diagnostics.of_sample(analysis.design.rounds, heading, STUDY))
    analysis, heading = made(table, measured=outcome(unit="SD"))
    in_sd = by_name(diagnostics.of_sample(analysis.design.rounds, heading, STUDY))
    ratio = in_points["design_mde"].value / in_sd["design_mde"].value
    assert ratio == pytest.approx(analysis.design.baseline_sd, rel=1e-12)


def test_one_row_per_cluster_has_no_icc_and_says_why():
    table = panel(92)
    table = table[table.groupby(["village", "round"]).cumcount() == 0]
    analysis, heading = made(table)
    rows = diagnostics.of_sample(analysis.design.rounds, heading, STUDY)
    assert {r.step for r in rows} == {"icc", "cac", "design_mde"}
    assert all(isinstance(r, Unavailable) and "one row per cluster" in r.reason for r in rows)


def test_effective_clusters_is_the_cr2_df_whether_or_not_cr2_was_asked_for():
    table = panel(93)
    with_cr2 = by_name(diagnostics.of_analysis(*made(table, asked=("cv1", "cr2"))))
    without = by_name(diagnostics.of_analysis(*made(table)))
    assert with_cr2["effective_clusters"] == without["effective_clusters"]
    assert 1 < without["effective_clusters"].value < 12


def test_dropped_clusters_and_incomplete_rows_are_counted():
    table = panel(94)
    table = table[~((table["village"] == "v07") & (table["round"] == "endline"))].copy()
    table.loc[table.index[table["village"] == "v01"][:3], "age"] = None
    rows = by_name(
        diagnostics.of_analysis(*made(table, dataclasses.replace(DID, covariates=("age",))))
    )
    assert rows["clusters_dropped"].value == 1.0
    assert rows["rows_incomplete"].value == 3.0


def test_type_s_and_m_need_an_assumed_effect():
    analysis, heading = made(panel(95))
    assert diagnostics.of_plan(analysis, heading, outcome()) == ()
    rows = diagnostics.of_plan(analysis, heading, outcome(assumed_effect=-0.3))
    assert [type(r) for r in rows] == [Diagnostic, Diagnostic]
    assert 0.0 < rows[0].value < 0.5
    assert rows[1].value > 1.0
