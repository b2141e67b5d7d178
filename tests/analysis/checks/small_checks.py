"""One check of a small study, and a study of one respondent a cell that is worked by hand."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext
from evaluation.analysis.run_plan import shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import Check
from evaluation.estimation.records import Diagnostic, Difference, Estimate, Unavailable
from evaluation.report.record_disclosure import shown
from evaluation.report.record_set import Records
from tests.estimation.studies import (
    DID,
    INFERENCE,
    PROVENANCE,
    STUDY,
    TEXT,
    outcome,
    preregistration,
)

# Same sums in another order: a few units in the last place, on numbers of size 1 to 10.
ROUNDING = 1e-11


def check(kind, **keys):
    return Check(id=f"by_{kind}", label=TEXT, answers=TEXT, kind=kind, theme="model", **keys)


def case(table, kind, *, study=STUDY, specification=DID, frame=None, y="y", unit="points", **keys):
    """A check of the outcome ``y``; ``keys`` are the check's, such as ``variables``."""
    made = check(kind, **keys)
    plan = dataclasses.replace(
        preregistration().plan,
        inference=dataclasses.replace(INFERENCE, draws=499),
        outcome=(outcome(y, unit=unit, primary=True),),
        specification=(specification,),
        check=(made,),
    )
    known = [c for c in table.columns if c in ("village", "arm", "population")]
    villages = table[known].drop_duplicates("village").sort_values("village")
    frames = Frames(panel=table, frame=villages if frame is None else frame)
    return CheckContext(
        check=made,
        outcome=plan.outcome[0],
        specification=specification,
        frames=frames,
        study=study,
        plan=plan,
        provenance=PROVENANCE,
        status="exploratory",
        draws=shared_draws(frames, study, plan),
    )


def estimates(rows):
    """Estimates by sample and step."""
    return {(r.sample.text(), r.step): r for r in rows if isinstance(r, Estimate)}


def reasons(rows):
    """Reasons of what cannot be had, by sample and step."""
    return {(r.sample.text(), r.step): str(r.reason) for r in rows if isinstance(r, Unavailable)}


def diagnostics(rows):
    """Values by sample and name."""
    return {(r.sample.text(), r.name): r.value for r in rows if isinstance(r, Diagnostic)}


def primary(made):
    """The primary estimate of the same case, by step."""
    return {r.step: r for r in made.linear(made.primary_design()) if isinstance(r, Estimate)}


def published(made, rows):
    """Rows of a check as reports show them beside the primary estimate of the same case."""
    main = [
        dataclasses.replace(r, specification=made.specification.id)
        for r in made.linear(made.primary_design())
    ]
    kinds = {
        "check_estimates": Estimate,
        "differences": Difference,
        "check_unavailable": Unavailable,
        "check_diagnostics": Diagnostic,
    }
    rows = tuple(rows)
    of = {name: tuple(r for r in rows if isinstance(r, kind)) for name, kind in kinds.items()}
    records = Records(provenance=PROVENANCE, estimates=tuple(estimates(main).values()), **of)
    configuration = SimpleNamespace(
        preregistration=SimpleNamespace(plan=made.plan),
        study=made.study,
        dictionary=SimpleNamespace(variables={}),
    )
    found = shown(records, configuration)
    # once more changes nothing
    again = shown(found, configuration)
    assert [getattr(again, name) for name in kinds] == [getattr(found, name) for name in kinds]
    return tuple(row for name in kinds for row in getattr(found, name))


def numbers(record):
    """What is estimated, without the heading."""
    return np.array(
        [
            record.estimate,
            record.std_error,
            record.ci_low,
            record.ci_high,
            record.p_value,
            record.baseline_comparison_mean,
            record.n,
            record.n_clusters_treated,
            record.n_clusters_comparison,
        ]
    )


def villages(changes):
    """Two respondents a village and round around a village's level, changes as given by id.

    Ids that begin with t are treated. ``changes`` maps the id to the change of its mean.
    """
    rows = []
    for position, (village, change) in enumerate(changes.items()):
        for round_id, level in (("baseline", 1.0 * position), ("endline", position + change)):
            rows += [
                {
                    "village": village,
                    "round": round_id,
                    "arm": "treated" if village.startswith("t") else "comparison",
                    "respondent": f"{village}{round_id}{i}",
                    "weight": 1.0,
                    "population": 1000.0,
                    "panel_member": False,
                    "y": level + off,
                }
                for i, off in enumerate((-1.0, 1.0))
            ]
    return pd.DataFrame(rows)


def least_squares(X, y, weights):
    """Weighted least squares by an explicit inverse."""
    XtW = X.T * weights
    return np.linalg.inv(XtW @ X) @ (XtW @ y)


def cluster_dummies(cluster):
    return (np.asarray(cluster)[:, None] == np.unique(cluster)[None, :]).astype(float)


def equal_weights(table):
    """Weights that sum to one in every village and round."""
    return table["weight"] / table.groupby(["village", "round"])["weight"].transform("sum")
