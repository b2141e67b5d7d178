"""The eight published Colombian estimates of Metaketa IV as a plan estimates them.

Blair et al. (2021), Science 374, eabd3446; authors' numbers in published_estimates.csv. The plan
language must express their model: baseline value missing set to zero, block dummies, inverse
inclusion probabilities, CR2. test_published.py hits the same numbers from hand-built arrays.
"""

import dataclasses

import pandas as pd
import pytest

from evaluation.config.study import Columns
from evaluation.estimation.inference import bootstrap
from tests.conftest import shared_data
from tests.estimation.one_estimate import estimate
from tests.estimation.studies import ANCOVA, FACTORIAL, INFERENCE, PROVENANCE, outcome
from tests.truth import validation
from tests.truth.calculations.medellin import OUTCOMES

pytestmark = pytest.mark.truth

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


@pytest.mark.parametrize("name", OUTCOMES)
def test_published_estimate(analysis, name):
    """Within the tolerance of validation.toml."""
    (listed,) = (e for e in validation.examples() if e.id == "metaketa")
    (found,) = estimate(
        analysis,
        PUBLISHED,
        outcome=outcome(name, unit="SD"),
        study=STUDY,
        inference=INFERENCE,
        provenance=PROVENANCE,
        status="exploratory",
        draws=bootstrap.draws(analysis["cuadrante"].unique(), number=1, seed=1),
    )
    numbers = {
        n.key.removeprefix(f"{name}."): n for n in listed.values if n.key.startswith(f"{name}.")
    }
    ours = {
        "estimate": found.estimate,
        "std.error": found.std_error,
        "df": found.df,
        "p.value": found.p_value,
        "conf.low": found.ci_low,
        "conf.high": found.ci_high,
    }
    assert set(ours) == set(numbers)
    for key, number in numbers.items():
        assert ours[key] == pytest.approx(number.value, abs=number.tolerance), key
    assert found.n_clusters_treated + found.n_clusters_comparison == 347
