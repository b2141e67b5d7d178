"""Castle doctrine: log homicide rate on post, state and year effects, 50 states in 11 years."""

from functools import cache

import numpy as np
from causaldata import castle

from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.jackknife import jackknife
from evaluation.estimation.regression.cluster_blocks import Blocks, accumulate
from evaluation.estimation.regression.fit import least_squares
from tests.truth.calculations.small_sample import cluster_robust

WEIGHTS = ("none", "popwt")


@cache
def blocks(weights: str) -> Blocks:
    """Cross-products by state, unweighted or weighted by population."""
    data = castle.load_pandas().data
    years = sorted(data["year"].unique())[1:]
    dummies = (data["year"].to_numpy()[:, None] == np.array(years)).astype(float)
    return accumulate(
        np.column_stack([data["post"], dummies]),
        data["l_homicide"],
        weights=np.ones(len(data)) if weights == "none" else data[weights],
        cluster=data["sid"],
        columns=["post", *(f"year_{year}" for year in years)],
        absorb="cluster",
    )


def clubsandwich() -> dict[str, float]:
    """Every standard error of clubSandwich, and the jackknife."""
    found = {}
    for weights in WEIGHTS:
        data = blocks(weights)
        fit = least_squares(data)
        corrected = cr2(data, fit, "post")
        found[f"{weights}.estimate"] = corrected.estimate
        for factor in ("CR0", "CR1", "CR1S"):
            found[f"{weights}.{factor}.std_error"] = cluster_robust(data, "post", factor).std_error
        found[f"{weights}.CR2.std_error"] = corrected.std_error
        found[f"{weights}.CR2.df"] = corrected.df
        found[f"{weights}.CR2.p_value"] = corrected.p_value()
        found[f"{weights}.CV3.std_error"] = jackknife(data, fit, "post").std_error
    return found


def estimatr() -> dict[str, float]:
    """What lm_robust prints."""
    wanted = ("estimate", "CR2.std_error", "CR2.df")
    found = clubsandwich()
    return {f"{w}.{name}": found[f"{w}.{name}"] for w in WEIGHTS for name in wanted}


def textbook() -> dict[str, float]:
    """The textbook's coefficient, weighted by population like its Stata code or not."""
    return {"estimate": clubsandwich()["none.estimate"]}
