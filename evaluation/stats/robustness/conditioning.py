"""Panel conditioning: do people who were asked before answer otherwise than those asked first.

At the last round re-interviewed people and first-timers live in the same clusters. A difference
that is alike in both groups drops out of a difference-in-differences; one that is not does not.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.spec.row_keys import Again
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case, Row, computes, linear, unavailable
from evaluation.stats.sample import Sample, select
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MEMBER = "panel_member"
ALL, DIFFERENCE = Again("all"), Again("difference")


@computes
def conditioning(case: Case) -> Iterable[Row]:
    """Re-interviewed people less first-timers at the last round, inside clusters.

    Parameters
    ----------
    case : Case

    Returns
    -------
    iterable of Estimate and Unavailable
        ``again:all`` over both groups, ``again:treated`` and ``again:comparison`` in each, and
        ``again:difference``, the first of these less the second. In the outcome's unit.

    Notes
    -----
    Least squares of the outcome at the last round on having been interviewed before, with cluster
    effects and the primary weights (Das, Toepoel and van Soest 2011, Sociological Methods &
    Research 40(1)). Those found again are people who stayed and agreed, so that a difference is of
    people as well as of answering twice.
    """
    try:
        sample = _last_round(case)
    except EstimationError as error:
        yield unavailable(case, "all", error.problem)
        return
    again = sample.frame[MEMBER].to_numpy(dtype=np.float64)
    if not 0.0 < again.mean() < 1.0:
        yield unavailable(case, "all", message("nobody-to-compare.reason"))
        return
    groups = {
        ALL: np.ones(len(again), dtype=bool),
        Again("treated"): sample.treated,
        Again("comparison"): ~sample.treated,
    }
    for name, rows in groups.items():
        built = _design(sample, rows, {"again": again}, "again")
        yield from _rows(case, name, _between(built, sample, rows, again > 0.0))
    both = {"again_treated": again * sample.treated, "again": again}
    built = _design(sample, groups[ALL], both, "again_treated")
    yield from _rows(case, DIFFERENCE, _between(built, sample, groups[ALL], sample.treated))


def _last_round(case: Case) -> Sample:
    specification = dataclasses.replace(
        case.specification, sample="all", covariates=(MEMBER,), effects=()
    )
    end = case.specification.contrast[1]
    panel = case.frames.panel
    last = panel[(panel["round"] == end).to_numpy()]
    return select(last, specification, value=case.outcome.id, rounds=(end,), study=case.study)


def _rows(case: Case, key: Again, built: Design) -> Iterable[Row]:
    try:
        return linear(case, built, sample=key)
    except EstimationError as error:
        return (unavailable(case, "all", error.problem, sample=key),)


def _between(built: Design, sample: Sample, rows: Flags, one: Flags) -> Design:
    """The regression with the clusters of the two kinds of rows that it compares.

    Inside a group these are re-interviewed people and first-timers, whose clusters are mostly the
    same.
    """
    return dataclasses.replace(
        built,
        clusters_treated=sample.clusters(rows & one),
        clusters_comparison=sample.clusters(rows & ~one),
    )


def _design(sample: Sample, rows: Flags, columns: dict[str, Floats], column: str) -> Design:
    first = sample.comparison & ~sample.frame[MEMBER].to_numpy(dtype=bool)
    mean, sd = weighted_moments(sample.y[first], sample.weights[first])
    return Design(
        X=np.column_stack([values[rows] for values in columns.values()]),
        y=sample.y[rows],
        weights=sample.weights[rows],
        cluster=sample.cluster[rows],
        columns=tuple(columns),
        column=column,
        absorb="cluster",
        clusters_treated=(),
        clusters_comparison=(),
        baseline_mean=mean,
        baseline_sd=sd,
    )
