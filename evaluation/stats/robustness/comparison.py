"""Comparison clusters reweighted by entropy balancing.

Covariates are those of the frame, fixed before the programme. Each cluster counts as its change
counts in the primary estimate: h = w0 w1 / (w0 + w1), from its weight totals in the two rounds.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.spec.records import CovariateBalance
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import Case, Row, computes, diagnostic
from evaluation.stats.robustness.differences import jackknifed, leave_one_out
from evaluation.stats.robustness.entropy import balance
from evaluation.stats.robustness.frame_covariates import Clusters, clusters_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BALANCED = message("weights-comparison.reason")


@computes
def entropy_balancing(case: Case) -> Iterable[Row]:
    """Comparison clusters reweighted until their covariate means are those of the treated ones.

    Parameters
    ----------
    case : Case
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
    built = case.primary_design()
    clusters = clusters_of(case, built)
    weight = balanced_weights(clusters, np.ones(len(clusters.ids), dtype=bool))
    without = _jackknife(clusters)
    sizes = _sizes(built, clusters, weight)
    yield from jackknifed(case, clusters.effect(weight), without, sizes=sizes, reason=BALANCED)
    yield from _described(case, clusters, weight)


def balanced_weights(clusters: Clusters, kept: Flags) -> Floats:
    """Entropy-balancing weights of some of the clusters, zero for the others, shape (G,)."""
    own, other = clusters.treated & kept, ~clusters.treated & kept
    if not own.any() or not other.any():
        raise _nobody()
    target = np.average(clusters.values[own], axis=0, weights=clusters.weight[own])
    weight = np.where(own, clusters.weight, 0.0)
    weight[other] = balance(
        clusters.values[other], clusters.weight[other], target, names=clusters.labels
    ).weights
    return weight


def _jackknife(clusters: Clusters) -> dict[str, float]:
    def repeated(cluster: str) -> float:
        kept = np.array([name != cluster for name in clusters.ids])
        return clusters.effect(balanced_weights(clusters, kept))

    return leave_one_out(clusters.ids, repeated)


def _described(case: Case, clusters: Clusters, weight: Floats) -> Iterable[Row]:
    other = weight[~clusters.treated]
    effective = other.sum() ** 2 / (other**2).sum()
    yield diagnostic(case, "effective_comparison_clusters", float(effective), unit="count")
    yield diagnostic(
        case, "largest_comparison_share", float(other.max() / other.sum()), unit="share"
    )
    if case.first:
        seen = _with_the_others(case, clusters)
        gaps = zip(seen.gaps(clusters.weight), seen.gaps(weight), strict=True)
        for label, (before, after) in zip(seen.labels, gaps, strict=True):
            yield CovariateBalance(
                study=case.study.id,
                specification=case.check.id,
                variable=label,
                before=float(before),
                after=float(after),
            )


def _with_the_others(case: Case, clusters: Clusters) -> Clusters:
    """The clusters with every covariate of the balance table too, balanced on or not.

    What the weights leave apart is shown beside what they close. Left out are covariates that a
    cluster lacks or that do not vary in a group.
    """
    names = list(case.check.variables)
    for name in case.plan.balance.frame_variables:
        if name in names:
            continue
        try:
            clusters.described_by(case, [name]).spreads()
        except (StepUnavailable, EstimationError):
            continue
        names.append(name)
    return clusters.described_by(case, names)


def _sizes(built: Design, clusters: Clusters, weight: Floats) -> Sizes:
    """Sizes of the clusters with weight; the baseline's mean and SD stay those of the primary."""
    used = weight > 0.0
    return dataclasses.replace(
        Sizes.of(built),
        n=int(clusters.counts[used].sum()),
        n_clusters_treated=int((used & clusters.treated).sum()),
        n_clusters_comparison=int((used & ~clusters.treated).sum()),
    )


def _nobody() -> StepUnavailable:
    return StepUnavailable(
        message("no-clusters-one.problem"),
        where="comparison of clusters",
        mend=message("keep-both-groups.mend"),
    )
