"""Survey designs: California's schools by district, NHANES by stratum and sampling unit."""

import numpy as np

from evaluation.estimation.regression import survey_design
from evaluation.estimation.weights import raking
from tests.truth.calculations import fixtures

COLUMNS = ("one", "ell", "meals", "mobility", "api00")
# Schools of the whole state: by type, and by whether the school met its target.
SCHOOLS = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}


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


def apiclus1_raked() -> dict[str, float]:
    """Weights of the schools in each cell of two margins, and the mean of api00 with them."""
    table = fixtures.sums("apiclus1_cells.csv")
    margins = [
        raking.Margin(
            name=name,
            cells=tuple(schools),
            codes=table[name].map(list(schools).index).to_numpy(dtype=np.int64),
            totals=np.array(list(schools.values()), dtype=float),
        )
        for name, schools in SCHOOLS.items()
    ]
    weights = table["weight"].to_numpy(dtype=float)
    raked = raking.rake(weights, margins, tolerance=1e-13).weights
    average = table["weighted"] / table["weight"]
    found = {"mean": float(np.average(average, weights=raked))}
    for i, cell in table.iterrows():
        found[f"{cell['stype']}.{cell['sch.wide']}"] = float(raked[i] / cell["n"])
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
