"""All interviewers' effects in the demonstration, against dense least squares on cell means.

A regression on indicators is the same on means of cells in which they are constant: municipality,
round and interviewer. The dense side takes the least-norm solution of the whole design, with and
without each municipality, and knows nothing of the engine. Values: the second reading of bb8f3d67.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from evaluation.analysis.checks.check_context import CheckContext
from evaluation.analysis.checks.controls import controls
from evaluation.analysis.run_plan import shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.estimation.records import Diagnostic, Difference
from tests.estimation.studies import PROVENANCE
from tests.fixtures.demonstration import demonstration

EVERYONE = "all_interviewers"
# Sums of 14,000 answers in another order, on a scale of 100; the least-norm solution has 182
# columns whose smallest singular value is about 1e-3 of the largest.
EXACT = 1e-8
# As read: change of the estimate with its interval, to the last digit printed there.
READ = {
    "trust_neighbours": (0.001, None),
    "confidence_police": (0.002, None),
    "victimisation_any": (-3.8, (-10.5, 2.9)),
}


def dense(panel, outcome):
    """The change of the estimate, its interval, and the rank of the design without the effect."""
    rows = panel[panel[outcome].notna()].copy()
    rows["w"] = rows["weight"] / rows.groupby(["municipality", "round"])["weight"].transform("sum")
    rows["wy"] = rows["w"] * rows[outcome].astype(float)
    cells = rows.groupby(["municipality", "round", "arm", "enumerator"], as_index=False)[
        ["w", "wy"]
    ].sum()
    root = np.sqrt(cells["w"].to_numpy())
    post = (cells["round"] == "endline").to_numpy(float)
    treated = (cells["arm"] == "treated").to_numpy(float)
    dummies = [pd.get_dummies(cells[n]).to_numpy(float) for n in ("municipality", "enumerator")]
    plain = np.column_stack([treated * post, post, dummies[0]]) * root[:, None]
    full = np.column_stack([plain, dummies[1] * root[:, None]])
    y = cells["wy"].to_numpy() / root

    def moved(kept):
        one, other = (np.linalg.lstsq(X[kept], y[kept], rcond=1e-10)[0][0] for X in (plain, full))
        return other - one

    places = cells["municipality"].unique()
    whole, g = moved(np.ones(len(cells), bool)), len(places)
    without = np.array([moved((cells["municipality"] != p).to_numpy()) for p in places])
    half = t.ppf(0.975, g - 1) * np.sqrt((g - 1) / g * np.sum((without - whole) ** 2))
    return whole, (whole - half, whole + half), np.linalg.matrix_rank(full[:, 1:], tol=1e-8)


@pytest.mark.truth
def test_all_interviewers_effects_are_those_of_dense_least_squares(demonstration_folder):
    panel = pd.read_parquet(demonstration_folder / "panel.parquet")
    frame = pd.read_parquet(demonstration_folder / "frame.parquet")
    made = demonstration()
    plan = dataclasses.replace(
        made.plan, inference=dataclasses.replace(made.plan.inference, draws=99)
    )
    frames = Frames(panel=panel, frame=frame)
    draws = shared_draws(frames, made.study, plan)
    check = next(c for c in plan.check if c.id == "enumerators")
    for outcome in plan.outcomes_of_check(check):
        context = CheckContext(
            check=check,
            outcome=outcome,
            specification=plan.primary_specification(),
            frames=frames,
            study=made.study,
            plan=plan,
            provenance=PROVENANCE,
            status="exploratory",
            draws=draws,
        )
        rows = [r for r in controls(context) if r.sample.text() == EVERYONE]
        record = next(r for r in rows if isinstance(r, Difference))
        counts = {r.name: r.value for r in rows if isinstance(r, Diagnostic)}
        whole, (low, high), rank = dense(panel, outcome.id)
        assert record.difference == pytest.approx(whole, abs=EXACT)
        assert (record.ci_low, record.ci_high) == pytest.approx((low, high), abs=EXACT)
        # 70 municipalities and a round, and 110 of the 111 indicators after the first interviewer
        assert rank == 71 + counts["controls_used"] == 181
        assert counts["controls_left_out"] == 1
        decimals = 3 if outcome.unit == "SD" else 1
        read, interval = READ[outcome.id]
        assert round(record.difference, decimals) == read
        if interval:
            assert (round(record.ci_low, 1), round(record.ci_high, 1)) == interval
