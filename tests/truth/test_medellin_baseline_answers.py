"""What missing baseline answers do in the Colombian site: the plan language against dense algebra.

Blair et al. (2021), Science 374, eabd3446; authors' analysis file. The second calculation is least
squares on a matrix written here, by another factorisation, without any module of the estimator.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference.pooling import random_effects
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import least_squares
from tests.conftest import shared_data
from tests.estimation.studies import outcome
from tests.truth.calculations.medellin import OUTCOMES
from tests.truth.test_metaketa_ancova import PUBLISHED, STUDY

pytestmark = pytest.mark.truth

INDICATOR = dataclasses.replace(PUBLISHED, lag="suffix_indicator")
ANSWERED = dataclasses.replace(PUBLISHED, sample="baseline_answered")
# What a reader of the printed book computed: the largest move in standard errors, and the estimate
# on perceptions of the police among people with a baseline answer; three decimals were given.
MOST, AMONG_ANSWERED, HALF = 0.057, 0.029, 0.0005


@pytest.fixture(scope="module")
def analysis():
    table = pd.read_csv(shared_data("metaketa4_colombia/col_analysis.csv"))
    arms = {0: "neither", 1: "meetings", 2: "leaflets", 3: "both"}
    return table.assign(arm=table["Z"].map(arms), cuadrante=table["cuadrante"].astype(str))


def estimated(analysis, specification, name):
    built = design.build(analysis, specification, outcome=outcome(name, unit="SD"), study=STUDY)
    fit = least_squares(built.accumulate())
    return float(fit.estimates(built.column)), built


def by_hand(analysis, name, *, indicator, answered):
    rows = analysis.dropna(subset=[name])
    if answered:
        rows = rows.dropna(subset=[f"{name}_baseline"])
    before = rows[f"{name}_baseline"]
    columns = [rows["Z_common"], rows["Z_alt"], before.fillna(0.0)]
    if indicator and before.isna().any():
        columns.append(before.isna().astype(float))
    blocks = pd.get_dummies(rows["block_ID"], dtype=float)
    matrix = np.column_stack([*columns, blocks])
    root = np.sqrt(1.0 / rows["S_citizens_inclusion_prob"].to_numpy())
    solved = np.linalg.lstsq(matrix * root[:, None], rows[name].to_numpy() * root, rcond=None)
    return solved[0][0], len(rows)


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize(
    ("specification", "indicator", "answered"),
    [(PUBLISHED, False, False), (INDICATOR, True, False), (ANSWERED, False, True)],
)
def test_each_variant_is_least_squares_on_its_rows(
    analysis, name, specification, indicator, answered
):
    """1e-9: two factorisations of one problem in double precision."""
    found, built = estimated(analysis, specification, name)
    estimate, n = by_hand(analysis, name, indicator=indicator, answered=answered)
    assert found == pytest.approx(estimate, abs=1e-9)
    assert built.n == n


def test_the_indicator_moves_the_published_estimates_and_not_by_nothing(analysis):
    printed = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    errors, moved = printed.set_index("outcome")["std.error"], {}
    for name in OUTCOMES:
        plain, _ = estimated(analysis, PUBLISHED, name)
        other, _ = estimated(analysis, INDICATOR, name)
        moved[name] = abs(other - plain) / errors[name]
    assert max(moved, key=lambda name: moved[name]) == "compliance_idx"
    assert max(moved.values()) == pytest.approx(MOST, abs=HALF)
    # the file holds a baseline value of these for everybody: no indicator can vary
    assert [name for name, value in moved.items() if value == 0.0] == [
        "crime_victim_idx_common",
        "crime_reporting_idx_common",
    ]


def test_perceptions_of_the_police_among_people_with_a_baseline_answer(analysis):
    found, built = estimated(analysis, ANSWERED, "satis_idx")
    assert found == pytest.approx(AMONG_ANSWERED, abs=HALF)
    everybody, _ = estimated(analysis, PUBLISHED, "satis_idx")
    assert everybody > 2 * found
    known = analysis["satis_idx"].notna() & analysis["satis_idx_baseline"].notna()
    assert built.n == int(known.sum())


def test_baseline_values_of_new_people_were_filled_in(analysis):
    """What the notes of tbl-baseline-answers say of two columns of the authors' file."""
    new = analysis[analysis["endline_only"] == 1]
    assert new["REGISTRO_BD"].isna().all()
    victims = new.groupby("cuadrante")["crime_victim_idx_common_baseline"].nunique()
    assert (victims == 1).all()
    # the same number up to its last digit
    assert np.ptp(new["crime_reporting_idx_common_baseline"]) < 1e-12
    others = [name for name in OUTCOMES if new[f"{name}_baseline"].notna().any()]
    assert others == ["crime_victim_idx_common", "crime_reporting_idx_common"]


def test_where_sites_do_not_vary_the_pool_has_all_published_digits():
    """1e-12: then it is a weighted mean, and no search is stopped."""
    sites = pd.read_csv(shared_data("metaketa4_colombia/study_estimates_six_sites.csv"))
    printed = pd.read_csv(shared_data("metaketa4_colombia/published_meta_figure2.csv"))
    printed = printed.set_index("hypothesis")
    without = printed.index[printed["tausq"] == 0.0]
    assert list(without) == ["2", "S1"]
    for hypothesis in without:
        own = sites[sites["hypothesis"] == hypothesis]
        pool = random_effects(own["estimate"], own["std.error"])
        expected = printed.loc[hypothesis]
        assert pool.estimate == pytest.approx(expected["estimate"], abs=1e-12)
        assert pool.std_error == pytest.approx(expected["std.error"], abs=1e-12)
        assert pool.p_value == pytest.approx(expected["p.value"], abs=1e-12)
        assert (pool.ci_low, pool.ci_high) == pytest.approx(
            (expected["conf.low"], expected["conf.high"]), abs=1e-12
        )
        assert pool.sites == expected["N_studies"]


def test_too_few_clusters_with_an_answer_are_refused(analysis):
    one = analysis["cuadrante"] == analysis["cuadrante"].iloc[0]
    control = analysis["Z"] == 0
    few = analysis.assign(satis_idx_baseline=analysis["satis_idx_baseline"].where(one | control))
    with pytest.raises(EstimationError) as refused:
        design.build(few, ANSWERED, outcome=outcome("satis_idx", unit="SD"), study=STUDY)
    assert refused.value.problem.id == "too-few-treated.problem"
