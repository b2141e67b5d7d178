"""Design-calibrated Monte Carlo: how often each step rejects a true null in this very design.

Null data sets are made from a study's own two-round residuals, so sizes, weights, the spread of
changes and the number of clusters are the study's. A step that rejects 5 % of them at the 5 % line
deserves belief in this design; a step that rejects 9 % does not, whatever theory says of it.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import message, word
from evaluation.spec.design_records import CALIBRATION_DRAWS, Calibration
from evaluation.spec.plan import Outcome, Plan, seed
from evaluation.spec.records import Step, Unavailable
from evaluation.spec.study import Study
from evaluation.stats import bootstrap
from evaluation.stats.blocks import Blocks
from evaluation.stats.cr2 import cr2_errors
from evaluation.stats.distribution import TIE, share_of
from evaluation.stats.effect_record import record, unavailable
from evaluation.stats.fit import StepUnavailable, cv1_errors, least_squares
from evaluation.stats.frames import Frames
from evaluation.stats.heading import Subject
from evaluation.stats.jackknife import cv3_errors
from evaluation.stats.null_data import (
    NULLS,
    Layout,
    Null,
    NullData,
    layout_of,
    null_data,
    t_assignments,
)
from evaluation.stats.student import two_sided

Floats = NDArray[np.float64]

STEPS: tuple[Step, ...] = ("cv1", "cv3", "cr2", "wcr", "wcr_s", "ri")
NOMINAL = (0.05, 0.10)
# Monte Carlo error of a rejection rate of 5 %: half a percentage point.
DATA_SETS = 2_000
DRAWS = CALIBRATION_DRAWS
# Data sets that share their draws. Fresh ones for each part keep the draws' own error, which
# sharing would put into every p-value alike, out of the rejection rate.
_PART = 100


def calibrate(
    frames: Frames, *, study: Study, plan: Plan, data_sets: int = DATA_SETS
) -> tuple[Calibration | Unavailable, ...]:
    """Rejection rates of every step for each primary outcome of the primary specification.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
    data_sets : int
        Null data sets of each kind.

    Returns
    -------
    tuple of Calibration or Unavailable
        By outcome, kind of null data, step and nominal level. `Unavailable` where a step cannot be
        had in some of the data sets: a rate over the rest would be a rate over easy ones.

    Raises
    ------
    EstimationError
        The primary specification is no difference-in-differences, or the clusters' strata are
        not known.

    Notes
    -----
    "permuted treatment": y less the fitted effects of all treatments, and treatments given anew to
    whole clusters within the plan's permutation strata. Randomisation inference is exact there by
    construction. "sign flips": each cluster's residuals, from a fit without that cluster, under a
    common random sign, with the treatments that really were given: unequal spread between the
    groups stays, but changes that are skewed become symmetric, which favours the bootstraps
    (MacKinnon 2026, arXiv 2604.02000; MacKinnon, Nielsen and Webb 2023). A data set is rejected
    when its p-value is at most the level: with 999 draws the smallest 5 % reach 0.05 itself.
    """
    rows: list[Calibration | Unavailable] = []
    for outcome in plan.primary_outcomes():
        layout = layout_of(frames, outcome, study=study, plan=plan)
        for null in NULLS:
            rows.extend(_rates(layout, outcome, null, study=study, plan=plan, data_sets=data_sets))
    return tuple(rows)


def p_values(
    layout: Layout, given: NullData, *, entry: str, weights_kind: bootstrap.Kind
) -> Mapping[Step, Floats]:
    """p-values of a zero effect by every step, shape (C,) each, with draws that follow ``entry``.

    Not a number where a step cannot be had.
    """
    blocks, column = given.regressions, layout.treatments[0]
    fit = least_squares(blocks)
    estimate, df = fit.estimates(column), float(fit.n_clusters - 1)
    signs = bootstrap.draws(blocks.clusters, number=DRAWS, seed=seed(entry), kind=weights_kind)
    observed = estimate / cv1_errors(fit, column)
    adjusted, freedom = cr2_errors(blocks, fit, column)
    return {
        "cv1": two_sided(df, observed),
        "cv3": two_sided(df, estimate / cv3_errors(blocks, fit, column)),
        "cr2": two_sided(freedom, estimate / adjusted),
        "wcr": bootstrap.p_values(blocks, fit, column, signs, scores="plain"),
        "wcr_s": bootstrap.p_values(blocks, fit, column, signs, scores="jackknifed"),
        "ri": _p_permuted(layout, given.bases, observed, f"{entry} permutations"),
    }


def _p_permuted(layout: Layout, bases: Blocks, observed: Floats, entry: str) -> Floats:
    """p-values of randomisation inference, shape (C,); not a number where nothing can move."""
    try:
        given, enumerated = layout.assigned(number=DRAWS, entry=entry)
    except StepUnavailable:
        return np.full(len(observed), np.nan)
    drawn = t_assignments(bases, layout.mixing(given))
    larger = np.count_nonzero(drawn**2 >= observed[:, None] ** 2 * (1.0 - TIE), axis=1)
    return share_of(larger, len(given), enumerated=enumerated)


def _rates(
    layout: Layout, outcome: Outcome, null: Null, *, study: Study, plan: Plan, data_sets: int
) -> Iterator[Calibration | Unavailable]:
    """Rejection rates of every step under one kind of null data."""
    subject = Subject.about(plan.checked().primary_specification(), outcome, study.id)
    try:
        found = _all_p_values(layout, outcome, null, plan=plan, data_sets=data_sets)
    except StepUnavailable as reason:
        for step in STEPS:
            yield unavailable(subject, f"calibration of {step}", reason.problem)
        return
    for step in STEPS:
        p = found[step]
        missing = int(np.count_nonzero(np.isnan(p)))
        if missing:
            problem = message("step-cannot-had.reason", null=word(null), missing=missing, n=len(p))
            yield unavailable(subject, f"calibration of {step}", problem)
            continue
        for nominal in NOMINAL:
            share = float(np.mean(p <= nominal + TIE))
            yield record(
                Calibration,
                subject,
                null=null,
                step=step,
                nominal=nominal,
                rejection=share,
                mc_error=float(np.sqrt(share * (1.0 - share) / len(p))),
                draws=len(p),
            )


def _all_p_values(
    layout: Layout, outcome: Outcome, null: Null, *, plan: Plan, data_sets: int
) -> Mapping[Step, Floats]:
    parts: dict[Step, list[Floats]] = {step: [] for step in STEPS}
    for start in range(0, data_sets, _PART):
        entry = f"{plan.inference.seed_entry} calibration {outcome.id} {null} {start}"
        given = null_data(layout, null, number=min(_PART, data_sets - start), entry=entry)
        kind = plan.inference.weights_kind
        found = p_values(layout, given, entry=f"{entry} draws", weights_kind=kind)
        for step, p in found.items():
            parts[step].append(p)
        if len(found["cv1"]) < _PART:
            # All there are, or the last of them.
            break
    return {step: np.concatenate(found) for step, found in parts.items()}
