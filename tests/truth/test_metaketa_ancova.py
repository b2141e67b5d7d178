"""The eight published Colombian estimates of Metaketa IV through the public estimator.

Blair et al. (2021), Science 374, eabd3446; authors' numbers in published_estimates.csv. The plan
language must express their model: baseline value missing set to zero, block dummies, inverse
inclusion probabilities, CR2. test_metaketa.py hits the same numbers from hand-built arrays.
"""

import dataclasses

import pandas as pd
import pytest

from evaluation.spec.study import Columns
from evaluation.stats import ancova, bootstrap
from tests.conftest import shared_data
from tests.stats.studies import ANCOVA, FACTORIAL, INFERENCE, PROVENANCE, outcome

pytestmark = pytest.mark.truth

# As in test_metaketa.py, and for its reason.
TOLERANCE = 1e-9

OUTCOMES = (
    "crime_victim_idx_common",
    "future_insecurity_idx_common",
    "satis_idx",
    "police_abuse_idx_common",
    "crime_reporting_idx_common",
    "police_capacity_idx",
    "legit_trust_std",
    "compliance_idx",
)
STUDY = dataclasses.replace(
    FACTORIAL, columns=Columns(respondent="REGISTRO_BD", cluster="cuadrante", arm="arm")
)
PUBLISHED = dataclasses.replace(
    ANCOVA,
    id="published",
    data="analysis",
    treatment="meetings",
    adjust_treatments=("leaflets",),
    lag="suffix",
    effects=("block_ID",),
    weights="inverse:S_citizens_inclusion_prob",
    estimand="respondents",
    steps=("cr2",),
    status="replication",
)


@pytest.fixture(scope="module")
def analysis():
    table = pd.read_csv(shared_data("metaketa4_colombia/col_analysis.csv"))
    arms = {0: "neither", 1: "meetings", 2: "leaflets", 3: "both"}
    return table.assign(arm=table["Z"].map(arms), cuadrante=table["cuadrante"].astype(str))


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    return table.set_index("outcome")


@pytest.mark.parametrize("name", OUTCOMES)
def test_published_estimate(analysis, published, name):
    (found,) = ancova.estimate(
        analysis,
        PUBLISHED,
        outcome=outcome(name, unit="SD"),
        study=STUDY,
        inference=INFERENCE,
        provenance=PROVENANCE,
        status="exploratory",
        draws=bootstrap.draws(analysis["cuadrante"].unique(), number=1, seed=1),
    )
    row = published.loc[name]
    assert found.estimate == pytest.approx(row["estimate"], abs=TOLERANCE)
    assert found.std_error == pytest.approx(row["std.error"], abs=TOLERANCE)
    assert found.df == pytest.approx(row["df"], abs=TOLERANCE)
    assert found.p_value == pytest.approx(row["p.value"], abs=TOLERANCE)
    assert found.ci_low == pytest.approx(row["conf.low"], abs=TOLERANCE)
    assert found.ci_high == pytest.approx(row["conf.high"], abs=TOLERANCE)
    assert found.n_clusters_treated + found.n_clusters_comparison == 347
