"""Frames of villages, and the primary regression with explicit dummies and given weights."""

import numpy as np
import pandas as pd

from tests.analysis.checks.small_checks import cluster_dummies, least_squares


def frame_of(table, seed=2, names=("poverty", "distance"), wide=4.0):
    known = table[["village", "arm", "population"]].drop_duplicates().sort_values("village")
    rng = np.random.default_rng(seed)
    treated = known["arm"].isin(["treated", "meetings", "both"]).to_numpy()
    # comparison villages lie around the treated ones, so that any one of them can be spared
    spread = np.where(treated, 1.0, wide)
    drawn = {name: 10.0 + 0.8 * treated + spread * rng.normal(size=len(known)) for name in names}
    return known.assign(**drawn).reset_index(drop=True)


def cluster_weights(table, weights):
    """h = w0 w1 / (w0 + w1) of each village."""
    before, after = (
        weights[table["round"] == r].groupby(table["village"]).sum()
        for r in ("baseline", "endline")
    )
    return before * after / (before + after)


def row_weights(table, estimand):
    given = table["weight"] if estimand != "plain" else pd.Series(1.0, table.index)
    if estimand in ("plain", "respondents"):
        return given
    total = given.groupby([table["village"], table["round"]]).transform("sum")
    return given / total * (table["population"] if estimand == "population" else 1.0)


def with_dummies(table, weights, treated=("treated",), other=()):
    post = (table["round"] == "endline").astype(float)
    columns = [table["arm"].isin(treated) * post, post]
    if other:
        columns.append(table["arm"].isin(other) * post)
    X = np.column_stack([*columns, cluster_dummies(table["village"])])
    kept = (weights > 0).to_numpy()
    used = X[:, X[kept].any(axis=0)]
    return least_squares(used[kept], table["y"].to_numpy()[kept], weights.to_numpy()[kept])[0]


def frame_from(poverty):
    return pd.DataFrame({"village": list(poverty), "poverty": list(poverty.values())})
