"""Effects on parts of the treated clusters: entry cohort by cohort, and place by place."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.estimation.checks import subsample
from evaluation.estimation.checks.check_context import CheckContext, Row, computes
from evaluation.estimation.checks.leave_out import cluster_values
from evaluation.estimation.regression.design import Design
from evaluation.study.row_keys import Only


@computes
def by_place(context: CheckContext) -> tuple[Row, ...]:
    """Effect within each place against its own comparison clusters.

    Parameters
    ----------
    context : CheckContext
        The check names one variable that is constant within clusters.

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<place>``.

    Raises
    ------
    EstimationError
        The variable is not in the panel or differs within a cluster.

    Notes
    -----
    A place's effect holds the shocks that its treated and comparison clusters do not share: the
    spread of these effects is that of effects and of local shocks together, and is not estimated.
    """
    values = cluster_values(context, context.check.variables[0])
    found = {
        Only(name): subsample.part(context, context.frames.panel[values == name], Only(name))
        for name in sorted(set(values) - {""})
    }
    return tuple(subsample.effects(context, found.items()))


@computes
def cohorts(context: CheckContext) -> tuple[Row, ...]:
    """Effect at endline on each entry cohort, and the differences between cohorts.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<cohort>``, all comparison clusters kept; and ``difference:<a>-<b>``, the
        effect on a less the effect on b, in the order of `subsample.pairs`.

    Raises
    ------
    EstimationError
        The study declares no cohorts, or a treated cluster has none or an undeclared one.

    Notes
    -----
    y on treated x endline, (cohort b) x endline for all cohorts but one, endline: the cohorts
    share the comparison group, so that its change falls out of their difference. Descriptive:
    who entered when and where was not drawn by lot, and a later cohort was exposed for less time.
    """
    entry = _entry(context)
    ids = [cohort.id for cohort in context.study.cohort]
    panel = context.frames.panel
    cluster = panel[context.study.columns.cluster].astype(str).map(entry)
    whole = context.primary_design()
    found = {
        name: subsample.part(context, panel[(cluster.isna() | (cluster == name))], Only(name))
        for name in ids
    }
    rows = [*subsample.effects(context, ((Only(name), built) for name, built in found.items()))]
    for pair in subsample.pairs(ids):
        rows += subsample.difference(context, found, pair, _contrasted(whole, pair, entry))
    return tuple(rows)


def _entry(context: CheckContext) -> Mapping[str, str]:
    """Cohort of each treated cluster."""
    columns, known = context.study.columns, {cohort.id for cohort in context.study.cohort}
    if columns.cohort is None or len(known) < 2:
        raise context.mistake("study-declares", "remove-check", rule="cohorts")
    frame = context.frames.frame
    arms = context.study.arms_with(context.specification.treatment)
    treated = frame[frame[columns.arm].isin(arms)]
    ids, given = treated[columns.cluster].astype(str), treated[columns.cohort].astype(object)
    entry = dict(zip(ids, given, strict=True))
    strange = sorted(cluster for cluster, cohort in entry.items() if cohort not in known)
    if strange:
        raise context.mistake(
            "treated-clusters",
            "complete-frame-clusters",
            rule="cohorts",
            n=len(strange),
            strange=strange[0],
        )
    return entry


def _contrasted(whole: Design, pair: tuple[str, str], entry: Mapping[str, str]) -> Design:
    """The primary regression with one column per cohort but the second of a pair, the first first.

    The common treatment column then carries the second's effect.
    """
    cohort = pd.Series(whole.cluster).map(entry)
    others = [name for name in sorted(set(entry.values())) if name not in pair]
    names = (pair[0], *others)
    extra = [whole.X[:, 0] * (cohort == name).to_numpy() for name in names]
    labels = tuple(f"cohort {name} x endline" for name in names)
    return dataclasses.replace(
        whole,
        X=np.column_stack([*extra, whole.X]),
        columns=(*labels, *whole.columns),
        column=labels[0],
    )
