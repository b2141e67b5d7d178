"""Another choice of comparison clusters: reweighted by entropy balancing, or matched.

Both use covariates of the frame, fixed before the programme, and count each cluster as its change
counts in the primary estimate: h = w0 w1 / (w0 + w1), from its weight totals in the two rounds.
"""

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.counts import said
from evaluation.spec.records import CovariateBalance, Estimate
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import (
    JACKKNIFE,
    Case,
    Row,
    diagnostic,
    jackknifed,
    leave_one_out,
)
from evaluation.stats.robustness.entropy import balance
from evaluation.stats.robustness.frame_covariates import Clusters, clusters_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Of the distances from each comparison cluster to its nearest other one: a treated cluster beyond
# this quantile from all of them is less like any than they are like each other.
OVERLAP = 0.95
BALANCED = (
    "the weights of the comparison clusters are estimated; the jackknife balances again without"
    " each cluster"
)
MATCHED = "the matches are estimated; the jackknife matches again without each cluster"
# Efron and Stein (1981): on average not below the variance with one cluster fewer.
APPROXIMATE = f"{JACKKNIFE}, approximate: matches jump"


Scheme = Callable[[Clusters, Flags], Floats]


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
    without = _jackknife(clusters, balanced_weights)
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


def matching(case: Case) -> Iterable[Row]:
    """Each treated cluster against the comparison cluster most like it.

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
        Fewer matched or matching clusters than the study's minimum.

    Notes
    -----
    Nearest neighbour with replacement by Mahalanobis distance, with the covariance within the two
    groups, over all strata together; of equals, the first id. Left out are treated clusters whose
    nearest comparison cluster is farther away than 95 % of the comparison clusters are from their
    own nearest: the estimate is then about the treated clusters that have a counterpart. No bias
    correction (Abadie and Imbens 2006, Econometrica 74(1)). Matches jump when a cluster goes, so
    that neither bootstrap nor jackknife has a proof here (Abadie and Imbens 2008, Econometrica
    76(6)); the jackknife is on average not below the variance with one cluster fewer (Efron and
    Stein 1981, Annals of Statistics 9(3)). Its interval is labelled approximate.
    """
    built = case.primary_design()
    clusters = clusters_of(case, built)
    weight = matched_weights(clusters, np.ones(len(clusters.ids), dtype=bool))
    _check_informative(case, clusters, weight)
    without = _jackknife(clusters, matched_weights)
    sizes = _sizes(built, clusters, weight)
    for row in jackknifed(case, clusters.effect(weight), without, sizes=sizes, reason=MATCHED):
        yield dataclasses.replace(row, p_kind=APPROXIMATE) if isinstance(row, Estimate) else row
    yield from _described(case, clusters, weight)
    trimmed = clusters.treated & (weight == 0.0)
    yield diagnostic(case, "treated_without_overlap", int(trimmed.sum()), unit="count")
    share = clusters.weight[trimmed].sum() / clusters.weight[clusters.treated].sum()
    yield diagnostic(case, "treated_without_overlap_share", float(share), unit="share")


def matched_weights(clusters: Clusters, kept: Flags) -> Floats:
    """Weights of matched treated and matching comparison clusters, zero for others, shape (G,)."""
    own, other = np.flatnonzero(clusters.treated & kept), np.flatnonzero(~clusters.treated & kept)
    if len(own) < 2 or len(other) < 2:
        raise _nobody()
    points = _whitened(clusters, own, other)
    among = _distances(points[other], points[other])
    np.fill_diagonal(among, np.inf)
    reach = float(np.quantile(among.min(axis=1), OVERLAP))
    across = _distances(points[own], points[other])
    alike = across.min(axis=1) <= reach
    if not alike.any():
        raise StepUnavailable(
            "no overlap: no treated cluster is like any comparison cluster",
            where="matching",
            mend="match on fewer covariates",
        )
    weight = np.zeros(len(clusters.ids))
    weight[own[alike]] = clusters.weight[own[alike]]
    np.add.at(weight, other[across.argmin(axis=1)[alike]], clusters.weight[own[alike]])
    return weight


def _whitened(clusters: Clusters, own: NDArray[np.int64], other: NDArray[np.int64]) -> Floats:
    """Covariates in coordinates in which Mahalanobis distance is plain distance, shape (G, k)."""
    inner = np.vstack(
        [clusters.values[rows] - clusters.values[rows].mean(axis=0) for rows in (own, other)]
    )
    spread = np.sqrt((inner**2).mean(axis=0))
    if not (spread > 0.0).all():
        raise _collinear(clusters.labels)
    correlation = (inner / spread).T @ (inner / spread) / len(inner)
    size, axes = np.linalg.eigh(correlation)
    if not size[0] > 1e-10:
        raise _collinear(clusters.labels)
    return np.asarray((clusters.values / spread) @ (axes / np.sqrt(size)))


def _distances(left: Floats, right: Floats) -> Floats:
    return np.asarray(np.sqrt(((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2)))


def _jackknife(clusters: Clusters, scheme: Scheme) -> dict[str, float]:
    def repeated(cluster: str) -> float:
        kept = np.array([name != cluster for name in clusters.ids])
        return clusters.effect(scheme(clusters, kept))

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


def _check_informative(case: Case, clusters: Clusters, weight: Floats) -> None:
    for name, group in (("treated", clusters.treated), ("comparison", ~clusters.treated)):
        number = int(np.count_nonzero(weight[group]))
        if number < case.study.minimum_clusters:
            raise StepUnavailable(
                f"not informative: {said(number, case.study.minimum_clusters)} {name} clusters"
                " are matched;"
                f" at least {case.study.minimum_clusters} are needed",
                where="matching",
                mend="match on fewer covariates",
            )


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
        "no clusters of one of the groups are left",
        where="comparison of clusters",
        mend="keep both groups in the sample",
    )


def _collinear(labels: tuple[str, ...]) -> StepUnavailable:
    return StepUnavailable(
        f"covariates are constant or repeat each other: {', '.join(labels)}",
        where="matching",
        mend="match on fewer covariates",
    )
