"""Metaketa IV, Colombia: the published site model, and two rounds with quadrant effects."""

from functools import cache

import numpy as np
import pandas as pd

from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.jackknife import jackknife
from evaluation.estimation.inference.pooling import random_effects
from evaluation.estimation.regression.cluster_blocks import Blocks, accumulate
from evaluation.estimation.regression.fit import cv1, least_squares
from tests.conftest import shared_data
from tests.tables import cases
from tests.truth.calculations.small_sample import cluster_robust

CASES = cases(__file__)

OUTCOMES = CASES["outcomes"]
IN_R = ("satis_idx", "crime_victim_idx_common")
BLOCKS_IN_R = 20


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(shared_data(f"metaketa4_colombia/{name}.csv"))


def site_blocks(outcome: str) -> Blocks:
    """The authors' regression: both treatments, baseline value (missing is 0), block dummies."""
    rows = _read("col_analysis").dropna(subset=[outcome])
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


@cache
def published() -> dict[str, float]:
    """The eight estimates under the names of the authors' columns."""
    found = {}
    for outcome in OUTCOMES:
        blocks = site_blocks(outcome)
        result = cr2(blocks, least_squares(blocks), "meetings")
        low, high = result.interval()
        found[f"{outcome}.estimate"] = result.estimate
        found[f"{outcome}.std.error"] = result.std_error
        found[f"{outcome}.df"] = result.df
        found[f"{outcome}.p.value"] = result.p_value()
        found[f"{outcome}.conf.low"] = low
        found[f"{outcome}.conf.high"] = high
    return found


@cache
def pools() -> dict[str, float]:
    """The nine pools under the authors' names of hypotheses, from the sites' estimates."""
    found = {}
    for hypothesis, sites in _read("study_estimates_six_sites").groupby("hypothesis"):
        pool = random_effects(sites["estimate"], sites["std.error"])
        found[f"{hypothesis}.estimate"] = pool.estimate
        found[f"{hypothesis}.std.error"] = pool.std_error
    return found


def site_in_r() -> dict[str, float]:
    """Two of the eight under the names of the R fixtures."""
    ours = published()
    found = {}
    for outcome in IN_R:
        found[f"{outcome}.estimate"] = ours[f"{outcome}.estimate"]
        found[f"{outcome}.CR2.p_value"] = ours[f"{outcome}.p.value"]
        for program in ("CR2", "estimatr"):
            found[f"{outcome}.{program}.std_error"] = ours[f"{outcome}.std.error"]
            found[f"{outcome}.{program}.df"] = ours[f"{outcome}.df"]
    return found


@cache
def _both_rounds() -> pd.DataFrame:
    """Trust in the police, 0 to 3, of both rounds in the first twenty randomisation blocks."""
    names = ["cuadrante", "REGISTRO_BD", "satis_trust"]
    before = _read("col_baseline_survey")[names].assign(post=0.0)
    # coded 1 to 4 at baseline, 0 to 3 at endline
    before["satis_trust"] -= 1
    rows = pd.concat([before, _read("col_endline_survey")[names].assign(post=1.0)])
    units = _read("col_units")
    units = units[units["block_ID"] <= BLOCKS_IN_R][["cuadrante", "Z_common", "Z_alt"]]
    chance = _read("col_analysis").dropna(subset=["REGISTRO_BD"])
    chance = chance[["REGISTRO_BD", "S_citizens_inclusion_prob"]]
    rows = rows.merge(units, on="cuadrante").merge(chance, on="REGISTRO_BD", how="left")
    return rows.dropna(subset=["satis_trust"]).reset_index(drop=True)


def _weights(rows: pd.DataFrame, estimand: str) -> pd.Series:
    if estimand == "panel":
        return 1.0 / rows["S_citizens_inclusion_prob"]
    if estimand == "equal":
        return 1.0 / rows.groupby(["cuadrante", "post"])["post"].transform("size")
    return pd.Series(1.0, index=rows.index)


def _rounds(estimand: str) -> dict[str, float]:
    rows = _both_rounds()
    if estimand == "panel":
        ids = [
            set(_read(f"col_{r}_survey")["REGISTRO_BD"].dropna()) for r in ("baseline", "endline")
        ]
        rows = rows[rows["REGISTRO_BD"].isin(ids[0] & ids[1])]
    seen = rows.groupby("cuadrante")["post"].transform("nunique")
    rows = rows[seen == 2]
    post = rows["post"].to_numpy()
    blocks = accumulate(
        np.column_stack([rows["Z_common"] * post, post, rows["Z_alt"] * post]),
        rows["satis_trust"],
        weights=_weights(rows, estimand),
        cluster=rows["cuadrante"],
        columns=["meetings", "post", "leaflets"],
        absorb="cluster",
    )
    fit = least_squares(blocks)
    corrected = cr2(blocks, fit, "meetings")
    return {
        "estimate": corrected.estimate,
        "CR0.std_error": cluster_robust(blocks, "meetings", "CR0").std_error,
        "CR1.std_error": cv1(fit, "meetings").std_error,
        "CR2.std_error": corrected.std_error,
        "CR2.df": corrected.df,
        "CR2.p_value": corrected.p_value(),
        "CV3.std_error": jackknife(blocks, fit, "meetings").std_error,
        "n": float(blocks.n),
        "clusters": float(fit.n_clusters),
    }


def rounds() -> dict[str, float]:
    """Difference-in-differences under three weightings, absorbed effects against dummies in R."""
    return {
        f"{estimand}.{name}": value
        for estimand in ("respondents", "equal", "panel")
        for name, value in _rounds(estimand).items()
    }
