"""Metaketa IV, Colombia: one factor behind six questions on the police, by meetings and round."""

from functools import cache

import numpy as np
import pandas as pd

from evaluation.estimation.regression.one_factor import LEVELS, AnswerMoments, FactorFit, one_factor
from tests.conftest import shared_data

ITEMS = (
    "polint_quality",
    "polcaseserious",
    "polcap_timely",
    "polcap_investigate",
    "legit_trust",
    "satis_trust",
)
CELLS = ("others.baseline", "others.endline", "meetings.baseline", "meetings.endline")
FIT = ("chi_square", "df", "cfi", "rmsea", "srmr")


def _read(name: str, *columns: str) -> pd.DataFrame:
    table = pd.read_csv(shared_data(f"metaketa4_colombia/col_{name}.csv"))
    return table[["cuadrante", *columns]]


@cache
def groups() -> tuple[AnswerMoments, ...]:
    """Moments of the people who answered all six, in the order of `CELLS`."""
    before = _read("baseline_survey", *ITEMS).assign(round="baseline")
    # coded 1 to 4 at baseline, 0 to 3 at endline
    before["satis_trust"] -= 1
    rows = pd.concat([before, _read("endline_survey", *ITEMS).assign(round="endline")])
    rows = rows.merge(_read("units", "Z_common"), on="cuadrante").dropna()
    arm = rows["Z_common"].map({1: "meetings", 0: "others"})
    by_cell = dict(iter(rows.groupby(arm + "." + rows["round"])))
    return tuple(
        AnswerMoments.of(by_cell[cell][list(ITEMS)].to_numpy(dtype=np.float64)) for cell in CELLS
    )


@cache
def fits() -> tuple[FactorFit, ...]:
    """The three models."""
    return tuple(one_factor(groups(), level) for level in LEVELS)


def in_r() -> dict[str, float]:
    """Fit of the three models and the estimates of the last, under the names of the R fixture."""
    found = {f"n.{cell}": float(group.n) for cell, group in zip(CELLS, groups(), strict=True)}
    for fit in fits():
        found |= {f"{fit.level}.{name}": float(getattr(fit, name)) for name in FIT}
    scalar = fits()[-1]
    for index, cell in enumerate(CELLS[1:], start=1):
        found[f"scalar.mean.{cell}"] = float(scalar.means[index])
        found[f"scalar.variance.{cell}"] = float(scalar.variances[index])
    for index, item in enumerate(ITEMS):
        found[f"scalar.loading.{item}"] = float(scalar.loadings[0, index])
        found[f"scalar.intercept.{item}"] = float(scalar.intercepts[0, index])
    return found
