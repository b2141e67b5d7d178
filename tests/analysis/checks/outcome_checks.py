"""One check of a small study whose outcomes a test chooses, and regressions written out."""

import dataclasses

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext
from evaluation.analysis.run_plan import shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import Check
from evaluation.estimation.records import Bound, Diagnostic, Difference, Estimate, Unavailable
from tests.estimation.studies import (
    DID,
    INFERENCE,
    PROVENANCE,
    STUDY,
    TEXT,
    outcome,
    preregistration,
)

OUTCOMES = (outcome("y"),)
# The same sums in another order: a few units in the last place, on numbers of size 1 to 10.
ROUNDING = 1e-10


def trial(
    table,
    kind,
    *,
    outcomes=OUTCOMES,
    study=STUDY,
    specification=DID,
    known=None,
    series=None,
    in_plan=(),
    draws=299,
    **keys,
):
    """A check of the first of the outcomes; ``keys`` are the check's."""
    check = Check(id="looked", label=TEXT, answers=TEXT, kind=kind, theme="model", **keys)
    plan = dataclasses.replace(
        preregistration().plan,
        inference=dataclasses.replace(INFERENCE, draws=draws),
        outcome=tuple(outcomes),
        specification=(specification,),
        series=tuple(in_plan),
        check=(check,),
    )
    villages = table[["village", "arm"]].drop_duplicates().sort_values("village")
    frames = Frames(panel=table, frame=villages if known is None else known, series=series)
    return CheckContext(
        check=check,
        outcome=plan.outcome[0],
        specification=specification,
        frames=frames,
        study=study,
        plan=plan,
        provenance=PROVENANCE,
        status="exploratory",
        draws=shared_draws(frames, study, plan),
    )


def without(case, cluster):
    """The same check of the study without one cluster."""
    panel, known = case.frames.panel, case.frames.frame
    frames = dataclasses.replace(case.frames, panel=panel[panel["village"] != cluster], frame=known)
    return dataclasses.replace(case, frames=frames)


def estimates(rows):
    return {(r.sample.text(), r.step): r for r in rows if isinstance(r, Estimate)}


def reasons(rows):
    return {(r.sample.text(), r.step): str(r.reason) for r in rows if isinstance(r, Unavailable)}


def differences(rows):
    return {r.sample.text(): r for r in rows if isinstance(r, Difference)}


def diagnostics(rows):
    return {(r.sample.text(), r.name): r.value for r in rows if isinstance(r, Diagnostic)}


def bounds(rows):
    return {r.sample.text(): r for r in rows if isinstance(r, Bound)}


def weighted(X, y, w):
    """Weighted least squares by an explicit inverse."""
    X, y, w = (np.asarray(a, dtype=float) for a in (X, y, w))
    return np.linalg.inv(X.T @ (w[:, None] * X)) @ (X.T @ (w * y))


def equal_weights(table):
    """Weights whose sum is one in every village and round."""
    return table["weight"] / table.groupby(["village", "round"])["weight"].transform("sum")


def did_by_dummies(table, y="y"):
    """Difference-in-differences with a column for every village."""
    used = table[np.isfinite(table[y])]
    post = (used["round"] == "endline").to_numpy(dtype=float)
    treated = (used["arm"] == "treated").to_numpy(dtype=float)
    villages = (used["village"].to_numpy()[:, None] == np.unique(used["village"])).astype(float)
    X = np.column_stack([treated * post, post, villages])
    return float(weighted(X, used[y], equal_weights(used))[0])


def people(values, *, weight=1.0):
    """A panel from {(village, round): list of outcomes}; villages that begin with t are treated.

    Everybody is interviewed once.
    """
    rows = [
        {
            "village": village,
            "round": round_id,
            "arm": "treated" if village.startswith("t") else "comparison",
            "respondent": f"{village}-{round_id}-{i}",
            "weight": weight,
            "y": float(y),
        }
        for (village, round_id), given in values.items()
        for i, y in enumerate(given)
    ]
    return pd.DataFrame(rows)
