"""Comparison clusters reweighted by entropy balancing on covariates of the frame.

Covariates are those of the frame, fixed before the programme. Each cluster counts as its change
counts in the primary estimate: h = w0 w1 / (w0 + w1), from its weight totals in the two rounds.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import jackknifed, without_each_cluster
from evaluation.analysis.checks.reweighting import both_rounds, check_columns, kish, solve, terms
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import CovariateBalance
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.cluster_changes import cluster_means
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import weighted_moments
from evaluation.estimation.weights.entropy import balance
from evaluation.locale.messages import message


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Covariates and cross-products of G clusters.

    Attributes
    ----------
    ids : tuple of str
        Sorted.
    labels : tuple of k str
    values : ndarray, shape (G, k)
    treated : ndarray of bool, shape (G,)
    weight : ndarray, shape (G,)
        Weight of each cluster's change in the primary estimate.
    blocks : Blocks
        Cross-products of the primary regression, cluster effects removed.
    column : str
        The column that is the effect.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    values: Floats
    treated: Flags
    weight: Floats
    blocks: Blocks
    column: str

    def effect(self, weight: Floats) -> float:
        """The effect with other weights of the clusters, zero leaving one out, shape (G,)."""
        factor = weight / self.weight
        gram = np.einsum("g,gij->ij", factor, self.blocks.xx())
        return float(solve(gram, factor @ self.blocks.xy())[self.blocks.position(self.column)])

    def gaps(self, weight: Floats) -> Floats:
        """Normalised difference: treated minus comparison means over the pooled SD, shape (k,).

        The formula of `levels_and_balance.baseline`. The SD is that before any reweighting, so that
        what is left can be compared with what there was.
        """
        groups = (self.treated, ~self.treated)
        means = [np.average(self.values[g], axis=0, weights=weight[g]) for g in groups]
        return np.asarray((means[0] - means[1]) / self.spreads())

    def spreads(self) -> Floats:
        """Square root of the mean of the two groups' variances of each covariate, shape (k,).

        Raises
        ------
        StepUnavailable
            A covariate is the same throughout each group.
        """
        variances = [
            [weighted_moments(column[g], self.weight[g])[1] ** 2 for column in self.values.T]
            for g in (self.treated, ~self.treated)
        ]
        found = np.asarray(np.sqrt(np.mean(variances, axis=0)))
        flat = [name for name, sd in zip(self.labels, found, strict=True) if not sd > 0.0]
        if flat:
            raise StepUnavailable.of(
                "flat-covariate", "flat-covariate", "check, variables", names=", ".join(flat)
            )
        return found

    def described_by(self, context: CheckContext, names: list[str]) -> "Clusters":
        """The same clusters with other covariates of the frame.

        Parameters
        ----------
        context : CheckContext
        names : list of str
            Columns of the frame.
        """
        labels, values = _frame_values(context, self.ids, names)
        return dataclasses.replace(self, labels=labels, values=values)


def clusters_of(context: CheckContext, built: Design) -> Clusters:
    """Clusters of a regression with the check's variables from the frame.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names covariates of the frame.
    built : Design
        Of two rounds.

    Raises
    ------
    EstimationError
        A covariate is not in the frame, or missing for a cluster.
    """
    means, blocks = cluster_means(both_rounds(built)), built.accumulate()
    ids = blocks.clusters
    labels, values = _frame_values(context, ids, list(context.check.variables))
    return Clusters(
        ids=ids,
        labels=labels,
        values=values,
        treated=means.treated,
        weight=means.weight,
        blocks=blocks,
        column=built.column,
    )


def _frame_values(
    context: CheckContext, ids: tuple[str, ...], names: list[str]
) -> tuple[tuple[str, ...], Floats]:
    frame = context.frames.frame
    check_columns(frame, names)
    known = frame.set_index(frame[context.study.columns.cluster].astype(str))[names].dropna()
    absent = sorted(set(ids) - set(known.index))
    if absent:
        raise EstimationError.of(
            "clusters-lack",
            "complete-frame-name",
            "frame of clusters",
            n=len(absent),
            names=", ".join(names),
        )
    values, labels = terms(known.loc[list(ids)], names)
    return labels, values


BALANCED = message("weights-comparison.reason")


@computes
def entropy_balancing(context: CheckContext) -> Iterable[Row]:
    """Comparison clusters reweighted until their covariate means are those of the treated ones.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names covariates of the frame, from before the programme.

    Returns
    -------
    iterable of Estimate, Unavailable, Diagnostic and CovariateBalance

    Raises
    ------
    StepUnavailable
        No weights balance the covariates.

    Notes
    -----
    The primary regression with the rows of comparison cluster g weighted by w_g / h_g more, w from
    `entropy.balance`. Balancing makes the assumption of parallel trends conditional on these
    covariates; it is linear in them (Hainmueller 2012).
    """
    built = context.primary_design()
    clusters = clusters_of(context, built)
    weight = balanced_weights(clusters, np.ones(len(clusters.ids), dtype=bool))

    def repeated(cluster: str) -> float:
        kept = np.array([name != cluster for name in clusters.ids])
        return clusters.effect(balanced_weights(clusters, kept))

    without = without_each_cluster(clusters.ids, repeated)
    sizes = _sizes(built, clusters, weight)
    yield from jackknifed(context, clusters.effect(weight), without, sizes=sizes, reason=BALANCED)
    yield from _described(context, clusters, weight)


def balanced_weights(clusters: Clusters, kept: Flags) -> Floats:
    """Entropy-balancing weights of some of the clusters, zero for the others, shape (G,).

    Parameters
    ----------
    clusters : Clusters
    kept : ndarray of bool, shape (G,)
    """
    own, other = clusters.treated & kept, ~clusters.treated & kept
    if not own.any() or not other.any():
        raise StepUnavailable.of("no-clusters-one", "keep-both-groups", "comparison of clusters")
    target = np.average(clusters.values[own], axis=0, weights=clusters.weight[own])
    weight = np.where(own, clusters.weight, 0.0)
    weight[other] = balance(
        clusters.values[other], clusters.weight[other], target, names=clusters.labels
    ).weights
    return weight


def _described(context: CheckContext, clusters: Clusters, weight: Floats) -> Iterable[Row]:
    other = weight[~clusters.treated]
    yield context.diagnostic("effective_comparison_clusters", kish(other), unit="count")
    largest = float(other.max() / other.sum())
    yield context.diagnostic("largest_comparison_share", largest, unit="share")
    if context.first:
        seen = _with_the_others(context, clusters)
        gaps = zip(seen.gaps(clusters.weight), seen.gaps(weight), strict=True)
        for label, (before, after) in zip(seen.labels, gaps, strict=True):
            yield CovariateBalance(
                study=context.study.id,
                specification=context.check.id,
                variable=label,
                before=float(before),
                after=float(after),
            )


def _with_the_others(context: CheckContext, clusters: Clusters) -> Clusters:
    """The clusters with every covariate of the balance table too, balanced on or not.

    What the weights leave apart is shown beside what they close. Left out are covariates that a
    cluster lacks or that do not vary in a group.
    """
    names = list(context.check.variables)
    for name in context.plan.balance.frame_variables:
        if name in names:
            continue
        try:
            clusters.described_by(context, [name]).spreads()
        except (StepUnavailable, EstimationError):
            continue
        names.append(name)
    return clusters.described_by(context, names)


def _sizes(built: Design, clusters: Clusters, weight: Floats) -> RowFacts:
    """Sizes of the clusters with weight; the baseline's mean and SD stay those of the primary."""
    used = weight > 0.0
    return dataclasses.replace(
        RowFacts.of(built),
        n=int(clusters.blocks.counts[used].sum()),
        n_clusters_treated=int((used & clusters.treated).sum()),
        n_clusters_comparison=int((used & ~clusters.treated).sum()),
    )
