"""Inference steps on many data sets at once, against the steps on each data set by itself."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.planning import calibration, null_data
from evaluation.analysis.study_clusters import Frames
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.cr2 import cr2, cr2_errors
from evaluation.estimation.inference.jackknife import cv3_errors, jackknife, without_each
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import cv1, cv1_errors, least_squares
from tests.estimation.studies import DID, STUDY, frame, outcome, plan_panel, preregistration

# Both sides solve the same small systems in double precision: rounding is about 1e-13 here.
EXACT = 1e-10

SPECIFICATIONS = {
    "no covariate": DID,
    "covariates": dataclasses.replace(DID, covariates=("age", "region")),
    "respondents": dataclasses.replace(DID, estimand="respondents", weights="none"),
}


def given(specification, seed=4):
    table = plan_panel(seed)
    plan = preregistration().plan
    plan = dataclasses.replace(
        plan,
        specification=(dataclasses.replace(specification, families=("trust",)),),
        inference=dataclasses.replace(plan.inference, permutation_strata=""),
    )
    frames = Frames(panel=table, frame=frame(table))
    y = plan.primary_outcomes()[0]
    return null_data.layout_of(frames, y, study=STUDY, plan=plan), table, y


def with_treatment(built, received, clusters):
    """The design with other clusters treated, its rows as they are."""
    of = dict(zip(clusters, received, strict=True))
    treated = np.array([of[c] for c in built.cluster])
    X = built.X.copy()
    X[:, 0] = treated * X[:, 1]
    return dataclasses.replace(built, X=X)


def row_by_row(built):
    """Every step on one data set, through the public functions."""
    blocks = built.accumulate()
    fit = least_squares(blocks)
    adjusted = cr2(blocks, fit, built.column)
    draws = bootstrap.draws(blocks.clusters, number=399, seed=8)
    return {
        "cv1": cv1(fit, built.column).statistic(),
        "cv3": jackknife(blocks, fit, built.column).statistic(),
        "cr2": adjusted.statistic(),
        "df": adjusted.df,
        "wcr": bootstrap.wild(blocks, built.column, draws, scores="plain").p_value(),
        "wcr_s": bootstrap.wild(blocks, built.column, draws, scores="jackknifed").p_value(),
    }


def at_once(blocks, k):
    fit, column = least_squares(blocks), blocks.columns[0]
    errors, df = cr2_errors(blocks, fit, column)
    draws = bootstrap.draws(blocks.clusters, number=399, seed=8)
    estimate = fit.estimates(column)[k]
    return {
        "cv1": estimate / cv1_errors(fit, column)[k],
        "cv3": estimate / cv3_errors(blocks, fit, column)[k],
        "cr2": estimate / errors[k],
        "df": df[min(k, len(df) - 1)],
        "wcr": bootstrap.p_of_each_data_set(blocks, fit, column, draws, scores="plain")[k],
        "wcr_s": bootstrap.p_of_each_data_set(blocks, fit, column, draws, scores="jackknifed")[k],
    }


def real(layout):
    """The study's own data as the only data set."""
    return layout.regressions(layout.bases, layout.received[None])


def p_wild(blocks, draws, scores):
    return bootstrap.p_of_each_data_set(
        blocks, least_squares(blocks), blocks.columns[0], draws, scores=scores
    )[0]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_permuted_treatments_are_refits_of_the_rows(name):
    """Three assignments: treatment changed in X, the fitted effect taken from y, all rows refitted.

    Twelve clusters: 2^12 sign vectors are more than 399, so the draws are random and the same.
    """
    specification = SPECIFICATIONS[name]
    layout, table, y = given(specification)
    built = design.build(table, specification, outcome=y, study=STUDY)
    effect = least_squares(built.accumulate()).coefficients[0]
    nulled = dataclasses.replace(built, y=built.y - effect * built.X[:, 0])
    found = null_data.null_data(layout, "permuted treatment", number=3, entry="a")
    assigned, _ = layout.assigned(number=3, entry="a")
    assert not (assigned == layout.received).all()
    for k in range(3):
        slow = row_by_row(with_treatment(nulled, assigned[k, :, 0], layout.bases.clusters))
        assert at_once(found.regressions, k) == pytest.approx(slow, rel=EXACT)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_sign_flips_are_refits_of_flipped_residuals(name):
    """Residuals of each cluster from a least-squares fit, with dummies, of all other rows."""
    specification = SPECIFICATIONS[name]
    layout, table, y = given(specification)
    built = design.build(table, specification, outcome=y, study=STUDY)
    residual = np.empty(len(built.y))
    for cluster in layout.bases.clusters:
        own = built.cluster == cluster
        rest = np.unique(built.cluster[~own])
        effects = (built.cluster[~own, None] == rest).astype(float)
        root = np.sqrt(built.weights[~own])[:, None]
        solved = np.linalg.lstsq(
            np.hstack([built.X[~own], effects]) * root, built.y[~own] * root[:, 0], rcond=None
        )[0]
        residual[own] = built.y[own] - built.X[own] @ solved[: built.X.shape[1]]
    signs = bootstrap.draws(layout.bases.clusters, number=3, seed=calibration.seed("b")).codes
    found = null_data.null_data(layout, "sign flips", number=3, entry="b")
    of = {cluster: row for row, cluster in enumerate(layout.bases.clusters)}
    place = np.array([of[c] for c in built.cluster])
    for k in range(3):
        flipped = dataclasses.replace(built, y=residual * signs[place, k])
        assert at_once(found.regressions, k) == pytest.approx(row_by_row(flipped), rel=1e-8)


def test_assignments_at_once_are_assignments_one_by_one():
    """t statistics by matrix products, against a fit of each assignment to each data set."""
    layout, *_ = given(SPECIFICATIONS["covariates"])
    flipped = null_data.null_data(layout, "sign flips", number=5, entry="c").bases
    assigned, _ = layout.assigned(number=7, entry="d")
    table = calibration.t_assignments(flipped, layout.mixing(assigned))
    assert table.shape == (5, 7)
    for b in range(7):
        fit = least_squares(layout.regressions(flipped, assigned[b]))
        t = fit.coefficients[:, 0] / cv1_errors(fit, fit.columns[0])
        assert table[:, b] == pytest.approx(t, rel=EXACT)


def test_six_point_multipliers_are_not_signs():
    """Webb's multipliers have squares other than one: the draws' own part of the error."""
    layout, table, y = given(DID)
    built = design.build(table, DID, outcome=y, study=STUDY)
    blocks = built.accumulate()
    draws = bootstrap.draws(blocks.clusters, number=299, seed=1, kind="webb")
    found = real(layout)
    for scores in ("plain", "jackknifed"):
        slow = bootstrap.wild(blocks, built.column, draws, scores=scores).p_value()
        assert p_wild(found, draws, scores) == pytest.approx(slow, abs=1e-12)


def test_enumerated_draws_count_the_share():
    layout, table, y = given(DID)
    few = table[table["village"].isin([f"v{g:02d}" for g in (0, 1, 2, 6, 7, 8)])]
    built = design.build(few, DID, outcome=y, study=STUDY)
    blocks = built.accumulate()
    draws = bootstrap.draws(blocks.clusters, number=99, seed=1)
    assert draws.enumerated
    plan = preregistration().plan
    layout = null_data.layout_of(Frames(panel=few, frame=frame(few)), y, study=STUDY, plan=plan)
    found = real(layout)
    slow = bootstrap.wild(blocks, built.column, draws, scores="jackknifed").p_value()
    assert p_wild(found, draws, "jackknifed") == slow


def test_a_fit_that_one_cluster_carries_is_not_a_number():
    """Cluster 0 alone has the second column: without it that column is gone."""
    gram = np.zeros((1, 4, 2, 2))
    gram[0, :, 0, 0] = 1.0
    gram[0, 0, 1, 1] = 1.0
    for left in (0.0, 1e-13):
        # What rounding may leave of the column is no column.
        gram[0, 1, 1, 1] = left
        found = without_each(gram, np.ones((1, 4, 2, 1)))
        assert np.isnan(found[0, 0]).all()
        assert np.isfinite(found[0, 1:]).all()


@pytest.mark.parametrize("weights", ["of a billion", "nearly equal"])
def test_cr2_of_extreme_weights(weights):
    """Weights of a billion, where W_g X_g drowns X_g; and weights that differ by 1 %, where W_g X_g
    is nearly X_g, yet a direction of its own. Scaling and eigenvalues lose a few digits.
    """
    table = plan_panel(6)
    spread = np.random.default_rng(1).normal(size=len(table))
    table["weight"] = 1e9 * np.exp(spread) if weights == "of a billion" else 1 + 0.01 * spread
    specification = dataclasses.replace(DID, estimand="respondents", covariates=("age",))
    built = design.build(table, specification, outcome=outcome("y"), study=STUDY)
    blocks = built.accumulate()
    slow = cr2(blocks, least_squares(blocks), built.column)
    plan = dataclasses.replace(
        preregistration().plan,
        specification=(dataclasses.replace(specification, families=("trust",)),),
    )
    layout = null_data.layout_of(
        Frames(panel=table, frame=frame(table)), outcome("y"), study=STUDY, plan=plan
    )
    found = at_once(real(layout), 0)
    assert (found["cr2"], found["df"]) == pytest.approx((slow.statistic(), slow.df), rel=1e-8)


def test_draws_in_several_chunks_are_counted_together(monkeypatch):
    """Chunks are only memory: the p-values of one chunk of all draws and of 18 of them."""
    layout, table, y = given(DID)
    built = design.build(table, DID, outcome=y, study=STUDY)
    draws = bootstrap.draws(built.accumulate().clusters, number=199, seed=1)
    found = real(layout)
    whole = [p_wild(found, draws, s) for s in ("plain", "jackknifed")]
    monkeypatch.setattr(bootstrap, "_CELLS", 11 * len(draws.clusters))
    parts = [p_wild(found, draws, s) for s in ("plain", "jackknifed")]
    assert parts == whole
    assert min(whole) > 11 / 200
