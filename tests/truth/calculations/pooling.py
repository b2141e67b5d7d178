"""Six sites pooled as random effects: Figure 2 of Metaketa IV."""

import pandas as pd

from evaluation.estimation.inference.meta_analysis import pool
from tests.conftest import shared_data


def figure_2() -> dict[str, float]:
    """Mean, standard error and variance between sites for each hypothesis."""
    sites = pd.read_csv(shared_data("metaketa4_colombia/study_estimates_six_sites.csv"))
    found = {}
    for hypothesis, part in sites.groupby("hypothesis"):
        pooled = pool(part["estimate"], part["std.error"])
        found[f"{hypothesis}.estimate"] = pooled.estimate
        found[f"{hypothesis}.std.error"] = pooled.std_error
        found[f"{hypothesis}.tausq"] = pooled.tau2
        found[f"{hypothesis}.N_studies"] = float(pooled.k)
    return found
