"""Parts of a sample, each with its own regression, and the difference between two of them."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row
from evaluation.analysis.checks.reweighting import demeaned, hotelling
from evaluation.config.confidentiality import said
from evaluation.config.plan import seed
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.jackknife import leave_one_out
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression.cluster_blocks import Absorb
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import least_squares
from evaluation.estimation.regression.sample import Sample, weighted_moments
from evaluation.estimation.row_keys import Pair, Part, RowKey
from evaluation.locale.messages import Message, message, several, word

JOINT = Part("joint")


def part(context: CheckContext, panel: pd.DataFrame, sample: RowKey) -> Design | Unavailable:
    """The primary regression on some rows, or why these rows are no sample.

    Parameters
    ----------
    context : CheckContext
    panel : DataFrame
        Rows of the clean panel.
    sample : RowKey
        Id of the row.

    Returns
    -------
    Design or Unavailable
        Each cluster's weight total is frozen across rounds within these rows; clusters that are
        not among them in both rounds drop out. Fewer clusters of a group, or interviews of a
        group and round, than the study's minimum are no sample.
    """
    try:
        built = context.design(panel)
    except EstimationError as error:
        return context.unavailable(error.problem, sample=sample)
    problem = _too_few(context, built)
    return context.unavailable(problem, sample=sample) if problem else built


def _too_few(context: CheckContext, built: Design) -> Message | None:
    """What there is too little of; empty where there is enough."""
    treated, comparison = len(built.clusters_treated), len(built.clusters_comparison)
    least = context.study.minimum_clusters
    if min(treated, comparison) < least:
        return message(
            "treated-comparison.reason",
            said=said(treated, least),
            said_other=said(comparison, least),
            least=least,
        )
    rows = built.rounds
    if rows is None:
        return None
    smallest = int(np.bincount(2 * rows.treated + rows.post).min())
    if smallest < context.study.minimum_cell:
        return message(
            "interviews-one.reason",
            said=said(smallest, context.study.minimum_cell),
            minimum_cell=context.study.minimum_cell,
        )
    return None


def effect(context: CheckContext, built: Design, *, sample: RowKey) -> tuple[Row, ...]:
    """Records of a part's effect; its sign vectors are enumerated where its clusters are few.

    Parameters
    ----------
    context : CheckContext
    built : Design
    sample : RowKey
        Id of the row.

    Returns
    -------
    tuple of Estimate and Unavailable
        One `Unavailable` where the part's regression has no solution: a part that cannot be
        estimated says so and leaves the others alone.
    """
    drawn = dataclasses.replace(context, draws=draws_of(context, built))
    return context.attempt(lambda: drawn.linear(built, sample=sample), sample=sample)


def effects(
    context: CheckContext, parts: Iterable[tuple[RowKey, Design | Unavailable]]
) -> Iterator[Row]:
    """Records of each part's effect, or why it is no sample, by the id of its row.

    Parameters
    ----------
    context : CheckContext
    parts : iterable of (RowKey, Design or Unavailable)
    """
    for sample, built in parts:
        if isinstance(built, Unavailable):
            yield built
        else:
            yield from effect(context, built, sample=sample)


def draws_of(context: CheckContext, built: Design) -> Draws:
    """The study's multipliers, or all sign vectors of a part where these are not more.

    Parameters
    ----------
    context : CheckContext
    built : Design
        The part's regression.
    """
    clusters = {*built.clusters_treated, *built.clusters_comparison}
    if context.draws.kind != "rademacher" or 2 ** len(clusters) > context.draws.number:
        return context.draws
    origin = seed(context.plan.inference.seed_entry)
    return bootstrap.draws(clusters, number=context.draws.number, seed=origin)


def pairs(ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Which parts are compared: the first of two with the second, later ones with the first."""
    if len(ids) == 2:
        return ((ids[0], ids[1]),)
    return tuple((later, ids[0]) for later in ids[1:])


def difference(
    context: CheckContext,
    parts: Mapping[str, Design | Unavailable],
    pair: tuple[str, str],
    joined: Design | None = None,
) -> tuple[Row, ...]:
    """Records of the first part's effect less the second's, as one coefficient.

    Parameters
    ----------
    context : CheckContext
    parts : mapping of str to Design or Unavailable
    pair : (str, str)
        Ids of the two parts.
    joined : Design, optional
        The regression of the difference; `interacted` of the parts' two if absent.
    """
    sample = Pair(*pair)
    found = [built for built in map(parts.__getitem__, pair) if isinstance(built, Design)]
    if len(found) < len(pair):
        absent = (name for name in pair if isinstance(parts[name], Unavailable))
        reason = message("no-effect.reason", missing=several(map(word, absent), "and"))
        return (context.unavailable(reason, sample=sample),)
    return effect(context, joined or interacted(*found), sample=sample)


def interacted(first: Design, second: Design) -> Design:
    """One regression in which everything differs between two parts, the effect included.

    Parameters
    ----------
    first, second : Design
        Regressions of two sets of rows without a row in common; they may share clusters.

    Returns
    -------
    Design
        Its effect is the first part's less the second's.

    Notes
    -----
    y = d D_1 + e (D_1 + D_2) + other columns x part + cluster x part effects, with D_k the
    treatment x endline column in part k: e is the second part's effect, and d the difference.
    """
    both = stacked((first, second))
    # The effect stands first in either part.
    columns = both.X.copy()
    columns[:, len(first.columns)] += columns[:, 0]
    return dataclasses.replace(both, X=columns)


def stacked(parts: Sequence[Design]) -> Design:
    """Separate regressions as one: every column, and every cluster effect, once per part.

    Parameters
    ----------
    parts : sequence of Design
        Regressions of sets of rows without a row in common; they may share clusters.

    Returns
    -------
    Design
        Its effect is the first part's. Coefficients equal those of the separate regressions;
        a cluster in several parts stays one cluster for inference.

    Notes
    -----
    Cluster x part effects are removed here, as weighted means: they are nested in clusters, so
    that scores, and fits without a cluster, are those of the regression with all its dummies.
    """
    width = np.cumsum([0, *(len(part.columns) for part in parts)])
    columns = np.zeros((sum(len(part.y) for part in parts), width[-1]))
    start = 0
    for part, low, high in zip(parts, width[:-1], width[1:], strict=True):
        columns[start : start + len(part.y), low:high] = _without_effects(part, part.X)
        start += len(part.y)
    mean, sd = baseline(parts)
    return Design(
        X=columns,
        y=np.concatenate([_without_effects(part, part.y[:, None])[:, 0] for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        cluster=np.concatenate([part.cluster for part in parts]),
        columns=tuple(f"{k}: {name}" for k, part in enumerate(parts) for name in part.columns),
        column=f"0: {parts[0].column}",
        absorb="none",
        clusters_treated=_union(part.clusters_treated for part in parts),
        clusters_comparison=_union(part.clusters_comparison for part in parts),
        baseline_mean=mean,
        baseline_sd=sd,
        one_round=_union(part.one_round for part in parts),
        incomplete=sum(part.incomplete for part in parts),
    )


def _without_effects(built: Design, values: Floats) -> Floats:
    """Values less their weighted cluster means, where the design absorbs those."""
    if built.absorb == "none":
        return values
    _, codes = np.unique(built.cluster.astype(str), return_inverse=True)
    return demeaned(values, built.weights, codes)


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(set().union(*names)))


def baseline(parts: Sequence[Design]) -> tuple[float, float]:
    """Mean and SD of the comparison group at baseline, over all parts."""
    samples = [part.rounds for part in parts if part.rounds is not None]
    rows = [s.comparison & ~s.post for s in samples]
    y = np.concatenate([s.y[r] for s, r in zip(samples, rows, strict=True)])
    weights = np.concatenate([s.weights[r] for s, r in zip(samples, rows, strict=True)])
    return weighted_moments(y, weights)


def compare_rows(
    sample: Sample,
    columns: Mapping[str, Floats],
    *,
    first: Flags,
    reference: Flags,
    rows: Flags,
    absorb: Absorb,
) -> Design:
    """Regression of some rows of one round on columns of which the first is the effect.

    Parameters
    ----------
    sample : Sample
        n rows.
    columns : mapping of str to ndarray, shape (n,)
    first : ndarray of bool, shape (n,)
        Rows that are compared with the others: their clusters are counted as the treated ones.
    reference : ndarray of bool, shape (n,)
        Rows that the mean and SD at baseline are taken from.
    rows : ndarray of bool, shape (n,)
        Rows of the regression.
    absorb : {"cluster", "none"}
    """
    mean, sd = sample.moments(reference)
    return Design(
        X=np.column_stack([values[rows] for values in columns.values()]),
        y=sample.y[rows],
        weights=sample.weights[rows],
        cluster=sample.cluster[rows],
        columns=tuple(columns),
        column=next(iter(columns)),
        absorb=absorb,
        clusters_treated=sample.clusters(rows & first),
        clusters_comparison=sample.clusters(rows & ~first),
        baseline_mean=mean,
        baseline_sd=sd,
    )


def joint_test(context: CheckContext, parts: Sequence[Design]) -> tuple[Row, ...]:
    """Test that all parts have the same effect.

    Parameters
    ----------
    context : CheckContext
    parts : sequence of k Design

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``joint_f``, its two degrees of freedom and ``joint_p``, for the sample ``joint``.

    Notes
    -----
    `hotelling` of the k - 1 differences with the first part, over the clusters of all parts.
    """
    return context.attempt(lambda: _joint(context, parts), "joint", sample=JOINT)


def _joint(context: CheckContext, parts: Sequence[Design]) -> Iterator[Row]:
    blocks = stacked(parts).accumulate()
    without = leave_one_out(
        blocks.xx(), blocks.xy()[:, :, None], columns=blocks.columns, clusters=blocks.clusters
    )[:, :, 0]
    effects = np.cumsum([0, *(len(part.columns) for part in parts[:-1])])
    g, q = len(blocks.clusters), len(parts) - 1
    if g <= q:
        problem = message("clusters-cannot.reason", g=g, q=q)
        yield context.unavailable(problem, "joint", sample=JOINT)
        return
    against_first = np.eye(len(parts))[1:] - np.eye(len(parts))[0]
    full = against_first @ least_squares(blocks).coefficients[effects]
    found = hotelling(full, without[:, effects] @ against_first.T)
    names = ("joint_f", "joint_df_1", "joint_df_2", "joint_p")
    yield from context.diagnostics(dict(zip(names, found, strict=True)), unit="", sample=JOINT)
