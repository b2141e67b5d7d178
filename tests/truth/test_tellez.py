"""Tellez (2022), Table 1: oil palm and displacement, municipality and year effects.

American Political Science Review 116(2). Errors clustered by municipality come from R lfe; other
small-sample factors move them in the third digit, hence .006 on the error; .0005 on the estimate is
half of the last printed digit.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.stats.blocks import accumulate
from evaluation.stats.fit import cv1, least_squares
from tests.conftest import shared_data

pytestmark = pytest.mark.truth

# model, coefficient, published estimate, published standard error
PUBLISHED = (
    (1, "palm_presence", 0.382, 0.120),
    (2, "palm_presence", -2.056, 0.642),
    (2, "palm_presence_x_lnatprod", 0.248, 0.063),
)


@pytest.fixture(scope="module")
def fits():
    """Both models, on the published 14,192 municipality-years."""
    name = "tellez2022_colombia_panel/muni_panel_1993_2005.csv"
    panel = pd.read_csv(shared_data(name), dtype={"cod_dane": str})
    controls = ["palm_presence", "farc_attack", "coca"]
    rows = panel.dropna(subset=["sdisp_rate", *controls])
    years = np.sort(rows["year"].unique())[1:]
    dummies = (rows["year"].to_numpy()[:, None] == years).astype(float)
    product = rows["palm_presence"] * rows["lnatprod"]
    designs = {1: rows[controls], 2: rows[controls].assign(palm_presence_x_lnatprod=product)}
    return {
        model: least_squares(
            accumulate(
                np.column_stack([design, dummies]),
                rows["sdisp_rate"],
                weights=np.ones(len(rows)),
                cluster=rows["cod_dane"],
                columns=[*design.columns, *(f"year_{year}" for year in years)],
                absorb="cluster",
            )
        )
        for model, design in designs.items()
    }


@pytest.mark.parametrize(("model", "column", "estimate", "std_error"), PUBLISHED)
def test_table_1(fits, model, column, estimate, std_error):
    assert fits[model].n == 14_192
    result = cv1(fits[model], column, factor="stata_nested")
    assert result.estimate == pytest.approx(estimate, abs=0.0005)
    assert result.std_error == pytest.approx(std_error, abs=0.006)


def test_five_digits_of_an_independent_program(fits):
    """pyfixest 0.60 on the same rows: five printed decimals of each estimate."""
    found = [cv1(fits[model], column).estimate for model, column, *_ in PUBLISHED]
    assert found == pytest.approx([0.38168, -2.05637, 0.24829], abs=5.1e-6)
