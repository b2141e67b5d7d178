"""Survey designs: California's schools by district, NHANES by stratum and sampling unit."""

import numpy as np

from evaluation.stats import survey_design
from tests.truth.calculations import fixtures

COLUMNS = ("one", "ell", "meals", "mobility", "api00")


def _schools():
    """Rows with the cross-products of each district, weights inside, and their districts."""
    table = fixtures.sums("apiclus1_sums.csv")
    rows, cluster = [], []
    for _, line in table.iterrows():
        products = np.empty((5, 5))
        for j, right in enumerate(COLUMNS):
            for i, left in enumerate(COLUMNS[: j + 1]):
                products[i, j] = products[j, i] = line[f"{left}:{right}"]
        rows.append(fixtures.root(products))
        cluster += [int(line["cluster"])] * len(rows[-1])
    return table, np.vstack(rows), cluster


def apiclus1() -> dict[str, float]:
    """Mean of api00 and its regression on three covariates."""
    table, rows, cluster = _schools()
    total = table["one:one"]
    average = survey_design.mean(table["one:api00"] / total, weights=total, psu=table["cluster"])
    fitted = survey_design.regression(
        rows[:, :4], rows[:, 4], weights=np.ones(len(rows)), psu=cluster, columns=COLUMNS[:4]
    )
    found = {
        "mean": average.estimate,
        "mean.std_error": average.std_error,
        "mean.df": float(average.df),
        "regression.df": float(fitted["ell"].df),
    }
    for name in COLUMNS[1:4]:
        found[name] = fitted[name].estimate
        found[f"{name}.std_error"] = fitted[name].std_error
    return found


def nhanes() -> dict[str, float]:
    """Share with high cholesterol; one row per unit has the same totals as its people."""
    table = fixtures.sums("nhanes_sums.csv")
    share = survey_design.mean(
        table["weighted"] / table["weight"],
        weights=table["weight"],
        psu=table["psu"],
        strata=table["stratum"],
    )
    return {
        "mean": share.estimate,
        "mean.std_error": share.std_error,
        "mean.df": float(share.df),
    }
