"""Metaketa IV, Colombia: eight published estimates with CR2 errors and Bell-McCaffrey df.

Blair et al. (2021), Science 374, eabd3446; authors' estimates in published_estimates.csv. Weighted
least squares on both arms, the baseline value (missing set to 0) and 87 block dummies; weights are
inverse inclusion probabilities, which span a factor of 173; 347 police quadrants.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.stats.blocks import accumulate
from evaluation.stats.cr2 import cr2
from evaluation.stats.fit import least_squares
from tests.conftest import shared_data

pytestmark = pytest.mark.truth

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


# R (QR, N by N blocks) and this engine solve the same problem in full doubles: they differ by 3e-15
# at most, the degrees of freedom (83) by 2e-12. 1e-9 leaves room for another linear-algebra library
# and is far below a millionth of any standard error here.
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def analysis():
    return pd.read_csv(shared_data("metaketa4_colombia/col_analysis.csv"))


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    return table.set_index("outcome")


def _blocks(analysis, outcome):
    rows = analysis.dropna(subset=[outcome])
    levels = np.sort(rows["block_ID"].unique())
    dummies = (rows["block_ID"].to_numpy()[:, None] == levels).astype(float)
    before = rows[f"{outcome}_baseline"].fillna(0.0)
    return accumulate(
        np.column_stack([rows["Z_common"], rows["Z_alt"], before, dummies]),
        rows[outcome],
        weights=1.0 / rows["S_citizens_inclusion_prob"],
        cluster=rows["cuadrante"],
        columns=["meetings", "leaflets", "baseline", *(f"block_{level}" for level in levels)],
        absorb="none",
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_published_estimate(analysis, published, outcome):
    blocks = _blocks(analysis, outcome)
    result = cr2(blocks, least_squares(blocks), "meetings")
    expected = published.loc[outcome]
    assert result.estimate == pytest.approx(expected["estimate"], abs=TOLERANCE)
    assert result.std_error == pytest.approx(expected["std.error"], abs=TOLERANCE)
    assert result.df == pytest.approx(expected["df"], abs=TOLERANCE)
    assert result.p_value() == pytest.approx(expected["p.value"], abs=TOLERANCE)
    assert result.interval() == pytest.approx(
        (expected["conf.low"], expected["conf.high"]), abs=TOLERANCE
    )


def test_every_published_outcome_is_tested(published):
    assert set(published.index) == set(OUTCOMES)
