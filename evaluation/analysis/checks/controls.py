"""The primary regression with more columns: shocks by stratum, and who asked whom, how and when."""

import dataclasses
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import compared, jackknifed
from evaluation.analysis.checks.leave_out import cluster_values, interview_dates, rounds_and_groups
from evaluation.analysis.checks.reweighting import demeaned
from evaluation.estimation.arrays import Codes, Floats, Ids
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.cluster_changes import cluster_means, last_round, two_rounds
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import least_squares
from evaluation.estimation.regression.sample_checks import MINIMUM_CLUSTERS
from evaluation.estimation.row_keys import WHOLE, Part, RowKey
from evaluation.locale.messages import Message, message, word

MONTH = "interview_month"
# Share of a column's sum of squares that must be left after the columns before it: above the
# 1e-10 at which the regression itself would stop, far below what any real control leaves.
LEFT = 1e-8
# Share of a control's variation inside cells that a single cluster may hold.
ALONE = 1.0 - 1e-8
WITHIN, EVERYONE = Part("within_cluster_round"), Part("all_interviewers")


# ---- strata x round


@computes
def strata_round(context: CheckContext) -> Iterable[Row]:
    """Changes compared inside strata, each stratum with the weight of its treated clusters.

    Every stratum gets its own change between the rounds. Weights of the comparison clusters of
    a stratum are multiplied so that their total is that of its treated clusters: least squares
    alone would weight strata by n p (1 - p) and so answer for another average. The multipliers
    follow from the assignment, so the inference takes them as known.

    Returns
    -------
    iterable of Row
        Sample ``all``; strata without one of the groups are left out: their number, and the
        share of the treated weight they hold. `Unavailable` where no stratum has both.

    Raises
    ------
    EstimationError
        The variable is unknown, missing for some clusters or differs within a cluster.

    Notes
    -----
    Weight totals are h = w0 w1 / (w0 + w1), the weights of clusters' changes in the primary
    regression. Without covariates and other treatments the estimate is
    sum_s H_s (treated change - comparison change in s) / sum_s H_s with H_s the treated total.
    Other treatments enter additively, as in the primary regression.
    """
    stratum = cluster_values(context, context.check.variables[0])
    _check_stratum(context, stratum)
    whole = context.design(context.frames.panel, strata_round="")
    ids = context.frames.panel[context.study.columns.cluster].astype(str)
    of_cluster = dict(zip(ids, stratum, strict=True))
    totals = _totals(whole, of_cluster)
    kept = totals[(totals > 0.0).all(axis=1)]
    share = 1.0 - float(kept["treated"].sum() / totals["treated"].sum())
    counts = (
        context.diagnostic("strata_left_out", len(totals) - len(kept), unit="strata"),
        context.diagnostic("treated_share_left_out", share, unit="share of treated weight"),
    )
    if kept.empty:
        reason = message("no-clusters-both.reason", variables=word(context.check.variables[0]))
        return context.unavailable(reason), *counts
    rows = context.frames.panel[np.isin(stratum, list(kept.index))]

    def inside() -> Iterable[Row]:
        built = context.design(rows, strata_round="")
        return compared(context, _by_stratum(context, built, of_cluster, kept))

    return *context.attempt(inside), *counts


def _check_stratum(context: CheckContext, stratum: Ids) -> None:
    missing = stratum == ""
    if missing.any():
        number = context.frames.panel.loc[missing, context.study.columns.cluster].nunique()
        variable = context.check.variables[0]
        raise context.mistake("clusters-no", "complete-the-frame-of", n=number, variable=variable)


def _totals(built: Design, of_cluster: dict[str, str]) -> pd.DataFrame:
    """Weight of each stratum's treated and comparison clusters; one row per stratum."""
    means = cluster_means(two_rounds(built))
    table = pd.DataFrame(
        {
            "stratum": [of_cluster[c] for c in means.cluster],
            "group": np.where(means.treated, "treated", "comparison"),
            "weight": means.weight,
        }
    )
    totals = table.pivot_table(index="stratum", columns="group", values="weight", aggfunc="sum")
    return totals[["treated", "comparison"]]


def _by_stratum(
    context: CheckContext, built: Design, of_cluster: dict[str, str], totals: pd.DataFrame
) -> Design:
    """The regression with stratum x post columns and comparison clusters reweighted."""
    stratum = np.array([of_cluster[c] for c in built.cluster])
    multiplier = (totals["treated"] / totals["comparison"]).loc[stratum].to_numpy()
    comparison = np.isin(built.cluster, built.clusters_comparison)
    endline = context.specification.contrast[1]
    post = last_round(built)
    others = list(totals.index)[1:]
    return dataclasses.replace(
        built,
        X=np.column_stack([built.X, *((stratum == value) * post for value in others)]),
        weights=np.where(comparison, built.weights * multiplier, built.weights),
        columns=(*built.columns, *(f"{value} x {endline}" for value in others)),
    )


# ---- controls


@computes
def controls(context: CheckContext) -> Iterable[Row]:
    """The primary regression with enumerators, mode, month of interview or covariates.

    Numbers enter as they are, anything else as dummies without the first value in sorted order.
    ``interview_month`` is the calendar month of the interview, without the first month of each
    round; months with interviews in few clusters count with the month before. Enumerators'
    effects are those identified within cluster and round, by comparing enumerators who worked in
    the same place at the same time; the others could not be told from a place's change, nor from
    the effect. A control is left out where the columns before it, in
    the order of the plan, leave it no variation, or where all its variation is in one cluster,
    without which the jackknife could not determine it.

    Returns
    -------
    iterable of Row
        Sample ``all``; the numbers of control columns used and left out, and of rows left out
        because a control is missing. `Unavailable` where a control is missing in a whole round or
        group, where no control can be used, or where the controls leave the effect undetermined.

    Raises
    ------
    EstimationError
        An unknown variable, or no interview dates.
    """
    panel = context.frames.panel
    if MONTH in context.check.variables:
        panel = panel.assign(**{MONTH: _months(context)})
    own = context.specification.covariates
    new = tuple(name for name in context.check.variables if name not in own)
    reason = _missing_throughout(context, panel, new)
    if reason:
        return (context.unavailable(reason),)
    built = context.design(panel, covariates=(*own, *new))
    added = [c for c in built.columns if c.split("=")[0] in new]
    primary = tuple(c for c in built.columns if c not in added)
    candidates = [c for c in added if c not in _first_months(built)]
    prefix = f"{context.study.columns.enumerator}="
    enumerators = [c for c in candidates if c.startswith(prefix)]
    used = _usable(built, primary, candidates, enumerators)
    rows = _adjusted(context, built, primary, candidates, used, WITHIN if enumerators else WHOLE)
    if enumerators:
        entered = [c for c in candidates if c in used or c in enumerators]
        used = _not_collinear(built, primary, entered)
        rows += _adjusted(context, built, primary, candidates, used, EVERYONE)
    return *rows, context.diagnostic("rows_without_control", built.incomplete, unit="rows")


def _adjusted(
    context: CheckContext,
    built: Design,
    primary: tuple[str, ...],
    candidates: list[str],
    used: tuple[str, ...],
    sample: RowKey,
) -> tuple[Row, ...]:
    """Records with some of the controls, and how many of them were used."""
    numbers = {"controls_used": len(used), "controls_left_out": len(candidates) - len(used)}
    counts = context.diagnostics(numbers, unit="columns", sample=sample)
    reason = _why_not(built, primary, used)
    if reason:
        return context.unavailable(reason, sample=sample), *counts
    names = (*primary, *used)
    built = dataclasses.replace(built, X=_columns(built, names), columns=names)
    if sample != EVERYONE:
        return *compared(context, built, sample=sample), *counts
    blocks = built.accumulate()
    rows = jackknifed(
        context,
        float(least_squares(blocks).estimates(built.column)),
        _without_each(blocks, built.column),
        sizes=RowFacts.of(built),
        reason=message("interviewers-undetermined.reason"),
        sample=sample,
    )
    return *rows, *counts


def _without_each(blocks: Blocks, column: str) -> dict[str, float]:
    """The effect without each cluster, whose only interviewers then leave the regression.

    NaN where the other columns determine the effect, so that it cannot be estimated.

    Notes
    -----
    Frisch and Waugh with the generalised inverse of what is left of the other columns: which of
    the coefficients of collinear columns is taken makes no difference to the effect.
    """
    gram, moment, e = blocks.xx(), blocks.xy(), blocks.position(column)
    scale = 1.0 / np.sqrt(np.diagonal(gram.sum(axis=0)))
    gram, moment = gram * np.outer(scale, scale), moment * scale
    others = np.arange(len(scale)) != e
    found = {}
    for g, cluster in enumerate(blocks.clusters):
        rest, right = gram.sum(axis=0) - gram[g], moment.sum(axis=0) - moment[g]
        inverse = np.linalg.pinv(rest[np.ix_(others, others)], rcond=LEFT, hermitian=True)
        row = rest[e, others] @ inverse
        left = rest[e, e] - row @ rest[others, e]
        effect = (right[e] - row @ right[others]) / left * scale[e] if left > LEFT else np.nan
        found[cluster] = float(effect)
    return found


def _missing_throughout(
    context: CheckContext, panel: pd.DataFrame, names: tuple[str, ...]
) -> Message | None:
    """Which control is missing in a whole round or group; empty where none is."""
    for name in (n for n in names if n in panel.columns):
        shown = context.study.columns.date if name == MONTH else name
        for part, holes, rows in rounds_and_groups(context):
            if rows.any() and panel.loc[rows, name].isna().all():
                return message(f"missing-in-{part}.reason", name=shown, **holes)
    return None


def _months(context: CheckContext) -> pd.Series:
    """Month of each interview; months of few clusters count with the month before, or after."""
    months = interview_dates(context).dt.strftime("%Y-%m")
    fewest = max(context.study.minimum_clusters, MINIMUM_CLUSTERS)
    panel = context.frames.panel
    for _, part in months.groupby(panel["round"]):
        clusters = panel.loc[part.index, context.study.columns.cluster]
        months.loc[part.index] = _merged(part, clusters, fewest)
    return months


def _merged(months: pd.Series, clusters: pd.Series, fewest: int) -> pd.Series:
    """Months of one round, each joined by later ones, then earlier ones, of too few clusters."""
    merged = months.copy()
    calendar = sorted(months.dropna().unique())
    for order in (calendar[::-1], calendar):
        for month, neighbour in pairwise(order):
            if clusters[merged == month].nunique() < fewest:
                merged = merged.mask(merged == month, neighbour)
    return merged


def _first_months(built: Design) -> set[str]:
    """Columns of each round's first month, its reference."""
    if built.rounds is None or MONTH not in built.rounds.frame.columns:
        return set()
    first = built.rounds.frame.groupby(last_round(built))[MONTH].min()
    return {f"{MONTH}={month}" for month in first}


def _usable(
    built: Design, primary: tuple[str, ...], candidates: list[str], enumerators: list[str]
) -> tuple[str, ...]:
    """Controls that the other columns leave some variation; the effect has no say in it."""
    clusters = _clusters(built)
    cells = 2 * clusters + last_round(built)
    shared = _shared(built, enumerators, codes=cells)
    identified = _independent(built, [c for c in enumerators if c in shared], codes=cells)
    others = [c for c in candidates if c not in enumerators]
    identified |= _shared(built, others, codes=clusters)
    return _not_collinear(built, primary, [c for c in candidates if c in identified])


def _not_collinear(built: Design, primary: tuple[str, ...], controls: list[str]) -> tuple[str, ...]:
    """Controls with variation that clusters, rounds and the controls before them do not have."""
    before = [c for c in primary if c != built.column]
    kept = _independent(built, [*before, *controls], codes=_clusters(built))
    return tuple(c for c in controls if c in kept)


def _shared(built: Design, names: list[str], *, codes: Codes) -> set[str]:
    """Columns whose variation inside the codes is not all in one cluster."""
    if not names:
        return set()
    inner = demeaned(_columns(built, names), built.weights, codes)
    clusters = _clusters(built)
    held = np.array([np.bincount(clusters, weights=column) for column in (inner**2).T])
    alone = held.max(axis=1) > ALONE * held.sum(axis=1)
    return {name for name, flag in zip(names, alone, strict=True) if not flag}


def _why_not(built: Design, primary: tuple[str, ...], used: tuple[str, ...]) -> Message | None:
    """Why there is no row; empty where there is one."""
    if not used:
        return message("no-control-varies.reason")
    others = [*(c for c in primary if c != built.column), *used]
    if built.column not in _independent(built, [*others, built.column], codes=_clusters(built)):
        return message("controls-differ.reason")
    return None


def _independent(built: Design, names: list[str], *, codes: Codes) -> set[str]:
    """Columns, demeaned by code, with variation that is not in the columns before them."""
    if not names:
        return set()
    raw = _columns(built, names)
    inner = demeaned(raw, built.weights, codes)
    gram = (inner * built.weights[:, None]).T @ inner
    size, whole = np.diagonal(gram).copy(), built.weights @ raw**2
    scale = np.where(size > LEFT * whole, size, np.inf) ** -0.5
    gram = gram * np.outer(scale, scale)
    kept = set()
    for j, name in enumerate(names):
        if gram[j, j] > LEFT:
            kept.add(name)
            gram = gram - np.outer(gram[:, j], gram[j]) / gram[j, j]
    return kept


def _clusters(built: Design) -> Codes:
    codes, _ = pd.factorize(built.cluster, sort=True)
    return codes.astype(np.int64)


def _columns(built: Design, names: Iterable[str]) -> Floats:
    return built.X[:, [built.columns.index(name) for name in names]]
