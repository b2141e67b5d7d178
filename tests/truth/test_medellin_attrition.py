"""Checks added to the Medellín study later: who was seen again, and questions on the police.

Each number is worked again here from the files as their authors deliver them.
"""

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.estimation.regression.one_factor import LEVELS, AnswerMoments, one_factor
from tests.conftest import shared_data
from tests.pipeline.conftest import built_here

pytestmark = [pytest.mark.truth, pytest.mark.built]

TRUST = {"trust_police": "satis_trust", "trust_community": "trust_community"}
CRIMES = ("armedrob_num", "burglary_num", "simpleassault_num")
QUESTIONS = (
    "satis_trust",
    "polcap_timely",
    "polcap_investigate",
    "polcaseserious",
    "polint_corrupt",
    "polint_quality",
)
ARMS = {0: "control", 1: "meetings", 2: "leaflets", 3: "both"}


@pytest.fixture(scope="module")
def records():
    """Folder of the records of the checks, as they are built here."""
    return built_here("medellin", "robustness") / "build" / "medellin"


@pytest.fixture(scope="module")
def found_again():
    """Baseline respondents with their arm and the endline answers of those seen again."""
    before = _delivered("col_baseline_survey")
    after = _delivered("col_endline_survey").dropna(subset="REGISTRO_BD")
    rows = before.merge(
        after, on=["REGISTRO_BD", "cuadrante"], how="left", suffixes=("", "_after"), validate="1:1"
    )
    units = _delivered("col_units")[["cuadrante", "Z_common", "Z_alt"]]
    return rows.merge(units, on="cuadrante", validate="m:1")


def _delivered(name: str) -> pd.DataFrame:
    return pd.read_csv(shared_data(f"metaketa4_colombia/{name}.csv"))


def _change(rows: pd.DataFrame, outcome: str) -> pd.Series:
    """Change of an outcome, empty where it was not seen again."""
    if outcome != "victimisation_any":
        # trust in the police is coded 1 to 4 at baseline, 0 to 3 at endline
        name = TRUST[outcome]
        return rows[f"{name}_after"] - (rows[name] - (name == "satis_trust"))
    before = rows[list(CRIMES)].max(axis=1)
    after = rows[[f"{name}_after" for name in CRIMES]].max(axis=1, skipna=False)
    return 100.0 * (after - before)


def _ends(rows: pd.DataFrame, change: pd.Series) -> tuple[float, float, float]:
    """Lowest and highest difference of means, and the treated people it is about.

    The group seen more often keeps as many people as the other's share allows, the last of them
    in part: those with the lowest changes, then those with the highest.
    """
    treated, comparison = (
        change[rows["Z_common"] == code].sort_values(na_position="last") for code in (1, 0)
    )
    shares = [float(one.notna().mean()) for one in (treated, comparison)]
    means = []
    for one in (treated, comparison):
        values, keep = one.dropna().to_numpy(), min(shares) * len(one)
        whole, part = int(keep), keep - int(keep)
        lowest, highest = values[:whole].sum(), values[len(values) - whole :].sum()
        if whole < len(values):
            lowest += part * values[whole]
            highest += part * values[len(values) - whole - 1]
        means.append((lowest / keep, highest / keep))
    (low1, high1), (low0, high0) = means
    return low1 - high0, high1 - low0, min(shares) * len(treated)


@pytest.mark.parametrize("outcome", ["trust_police", "trust_community", "victimisation_any"])
def test_attrition_bounds_of_the_delivered_answers(records, found_again, outcome):
    """Lee (2009) on changes, by leaflets; tolerance 1e-9: both add at most 5,205 numbers."""
    name = TRUST.get(outcome)
    asked = found_again.dropna(subset=name) if name else found_again
    change = _change(asked, outcome)
    ends = np.array(
        [_ends(part, change.loc[part.index]) for _, part in asked.groupby("Z_alt", sort=True)]
    )
    expected = ends[:, 2] @ ends[:, :2] / ends[:, 2].sum()
    bounds = pd.read_csv(records / "robustness_bounds.csv")
    ours = bounds[(bounds["specification"] == "attrition_bounds") & (bounds["outcome"] == outcome)]
    assert ours[["low", "high"]].to_numpy()[0] == pytest.approx(expected, abs=1e-9)
    assert ours["n"].tolist() == [int(change.notna().sum())]


def test_share_seen_again(records, found_again):
    """Least squares of being seen again on both treatments; tolerance 1e-9 of 100 points."""
    rows = found_again
    X = np.column_stack([rows["Z_common"], rows["Z_alt"], np.ones(len(rows))])
    seen = 100.0 * rows["armedrob_num_after"].notna().to_numpy(dtype=np.float64)
    expected = np.linalg.lstsq(X, seen, rcond=None)[0][0]
    estimates = pd.read_csv(records / "robustness_estimates.csv")
    ours = estimates[estimates["sample"] == "rate:reinterviewed"]
    assert ours["estimate"].to_numpy() == pytest.approx(expected, abs=1e-9)


def test_weights_for_those_seen_again(records, found_again):
    """A logit on baseline answers and leaflets in each group, then the panel members' changes.

    Everybody is seen twice with one weight, so the estimate is least squares of changes on both
    treatments with an intercept. Tolerance 1e-6 points: the two logits stop where a step is small.
    """
    names = ["satis_trust", "trust_community", "fear_violent", "burglary_num"]
    rows = found_again.dropna(subset=names)
    weight = pd.Series(0.0, index=rows.index)
    seen = rows["armedrob_num_after"].notna()
    for code in (0, 1):
        group = rows["Z_common"] == code
        X = np.column_stack([np.ones(group.sum()), rows.loc[group, ["Z_alt", *names]]])
        weight[group] = 1.0 / _logit(X, seen[group].to_numpy(dtype=np.float64))
    members, change = rows[seen], _change(rows, "victimisation_any")[seen]
    root = np.sqrt(weight[seen].to_numpy())
    design = np.column_stack([members["Z_common"], members["Z_alt"], np.ones(len(members))])
    expected = np.linalg.lstsq(design * root[:, None], change.to_numpy() * root, rcond=None)[0][0]
    estimates = pd.read_csv(records / "robustness_estimates.csv")
    ours = estimates[
        (estimates["sample"] == "panel:ipw") & (estimates["outcome"] == "victimisation_any")
    ]
    assert ours["estimate"].to_numpy() == pytest.approx(expected, abs=1e-6)


def _logit(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fitted probabilities."""
    beta = np.zeros(X.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-X @ beta))
        beta += np.linalg.solve(X.T @ (X * (p * (1.0 - p))[:, None]), X.T @ (y - p))
    return 1.0 / (1.0 + np.exp(-X @ beta))


@pytest.fixture(scope="module")
def answers():
    """Complete answers to the six questions by arm and round."""
    found = {}
    for name, round_ in (("col_baseline_survey", "baseline"), ("col_endline_survey", "endline")):
        rows = _delivered(name)[["cuadrante", *QUESTIONS]].dropna()
        # coded 1 to 4 at baseline, 0 to 3 at endline: no covariance depends on it
        rows = rows.merge(_delivered("col_units")[["cuadrante", "Z"]], on="cuadrante")
        for code, part in rows.groupby("Z"):
            values = part[list(QUESTIONS)].to_numpy(dtype=np.float64)
            if round_ == "baseline":
                values[:, 0] -= 1.0
            found[ARMS[code], round_] = values
    return found


@pytest.fixture(scope="module")
def diagnostics(records):
    rows = pd.read_csv(records / "robustness_diagnostics.csv")
    rows = rows[(rows["specification"] == "measurement") & (rows["outcome"] == "police_items")]
    return rows.set_index(["name", "sample"])["value"]


def test_alpha_of_the_delivered_answers(answers, diagnostics):
    """Cronbach's formula on answers over the control group's baseline SD; tolerance 1e-9.

    The scale is that of everybody in the control group who answered a question.
    """
    before = _delivered("col_baseline_survey").merge(_delivered("col_units"), on="cuadrante")
    spread = before.loc[before["Z"] == 0, list(QUESTIONS)].std(ddof=0).to_numpy()
    for (arm, round_), values in answers.items():
        scaled = values / spread
        parts, whole = scaled.var(axis=0, ddof=1).sum(), scaled.sum(axis=1).var(ddof=1)
        expected = 6.0 / 5.0 * (1.0 - parts / whole)
        assert diagnostics["alpha", f"{arm}:{round_}"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
def test_fit_of_one_factor_in_all_groups_and_rounds(answers, diagnostics, level):
    """The engine is held to lavaan on these answers (`medellin_factor`); here: its input.

    A fit does not depend on the questions' units. Tolerance 1e-6: the search stops where a step
    is below a billionth of a standard error, and units change its steps.
    """
    fit = one_factor([AnswerMoments.of(values) for values in answers.values()], level)
    for name in ("cfi", "rmsea", "srmr"):
        ours = diagnostics[name, f"invariance:{level}"]
        assert math.isclose(ours, getattr(fit, name), rel_tol=0.0, abs_tol=1e-6)
    assert diagnostics["people", "invariance:scalar"] == sum(map(len, answers.values()))
