"""Effects on parts of the treated clusters: entry cohort by cohort, and place by place."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.checks import subsample
from evaluation.estimation.checks.check_context import CheckContext, Row, computes
from evaluation.estimation.checks.leave_out import too_few
from evaluation.estimation.regression.design import Design
from evaluation.locale.messages import Message, message, several, word
from evaluation.study.records import Unavailable
from evaluation.study.row_keys import Only, Pair, RowKey


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
    A place that leaves too few clusters out has no row, since theirs could be had by subtraction;
    see `left_out`.
    """
    strata, whole = _strata(context), context.primary_design()
    rows: list[Row] = []
    for name in sorted(strata.dropna().unique()):
        sample = Only(name)
        built = subsample.part(context, context.frames.panel[strata == name], sample)
        if isinstance(built, Unavailable):
            rows.append(built)
        elif reason := too_few(context, whole, built):
            rows.append(context.unavailable(reason, sample=sample))
        else:
            rows += subsample.effect(context, built, sample=sample)
    return tuple(rows)


def _strata(context: CheckContext) -> "pd.Series[str]":
    panel, (name,) = context.frames.panel, context.check.variables
    where = f"check {context.check.id}, variable {name}"
    if name not in panel.columns:
        raise EstimationError.of("strata", "strata", where, rule="strata")
    known = panel[[context.study.columns.cluster, name]].dropna().drop_duplicates()
    twice = known[known[context.study.columns.cluster].duplicated()]
    if len(twice):
        raise EstimationError.of(
            "clusters-two", "name-variable-frame", where, rule="strata", n=len(twice)
        )
    return panel[name].astype("str")


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
        effect on a less the effect on b, in the order of `parts.pairs`.

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
        name: _cohort(context, whole, panel[(cluster.isna() | (cluster == name))], Only(name))
        for name in ids
    }
    rows: list[Row] = []
    for name, built in found.items():
        rows += (
            [built]
            if isinstance(built, Unavailable)
            else subsample.effect(context, built, sample=Only(name))
        )
    for pair in subsample.pairs(ids):
        rows += _difference(context, whole, found, pair, entry)
    return tuple(rows)


def _cohort(
    context: CheckContext, whole: Design, panel: pd.DataFrame, sample: RowKey
) -> Design | Unavailable:
    """A cohort's regression, or why there is none: too little of it, or of all the others."""
    built = subsample.part(context, panel, sample)
    if isinstance(built, Unavailable):
        return built
    reason = too_few(context, whole, built)
    return context.unavailable(reason, sample=sample) if reason else built


def _entry(context: CheckContext) -> Mapping[str, str]:
    """Cohort of each treated cluster."""
    columns, known = context.study.columns, {cohort.id for cohort in context.study.cohort}
    if columns.cohort is None or len(known) < 2:
        raise _mistake(context, message("study-declares.problem"), message("remove-check.fix"))
    frame = context.frames.frame
    arms = context.study.arms_with(context.specification.treatment)
    treated = frame[frame[columns.arm].isin(arms)]
    entry = dict(
        zip(
            treated[columns.cluster].astype(str),
            treated[columns.cohort].astype(object),
            strict=True,
        )
    )
    strange = sorted(cluster for cluster, cohort in entry.items() if cohort not in known)
    if strange:
        raise _mistake(
            context,
            message("treated-clusters.problem", n=len(strange), strange=strange[0]),
            message("complete-frame-clusters.fix"),
        )
    return entry


def _difference(
    context: CheckContext,
    whole: Design,
    found: Mapping[str, Design | Unavailable],
    pair: tuple[str, str],
    entry: Mapping[str, str],
) -> tuple[Row, ...]:
    sample = Pair(*pair)
    missing = [name for name in pair if isinstance(found[name], Unavailable)]
    if missing:
        reason = message("no-effect.reason", missing=several(map(word, missing), "and"))
        return (context.unavailable(reason, sample=sample),)
    return context.linear(_contrasted(whole, pair, entry), sample=sample)


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


def _mistake(context: CheckContext, problem: Message, fix: Message) -> EstimationError:
    return EstimationError(problem, where=f"check {context.check.id}", fix=fix, rule="cohorts")
