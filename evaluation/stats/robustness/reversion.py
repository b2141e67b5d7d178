"""Regression to the mean: places that started high or low may have moved back anyhow.

A programme that goes where a problem is worst meets places whose last reading was partly bad
luck. The levels of both groups say whether that can matter here; the difference between them
inside places that started alike says how much it moves the estimate.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.counts import said
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.robustness.case import (
    Case,
    Row,
    diagnostic,
    jackknifed,
    linear,
    unavailable,
)
from evaluation.stats.robustness.cluster_means import ClusterMeans, cluster_means
from evaluation.stats.robustness.left_out import SUBTRACTION, too_few
from evaluation.stats.sample import Sample
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

TERCILES = ("low", "middle", "high")
# Of the standard deviation of the clusters' baseline means (Austin 2011, Pharmaceutical
# Statistics 10(2), on the width of calipers).
CALIPER = 0.2
MATCHED = "matched:baseline_level"
NOT_LINEAR = (
    "matches are chosen by the outcome's own baseline means, so that the estimate is not linear in"
    " the outcome"
)


def reversion(case: Case) -> Iterable[Row]:
    """Levels by group and tercile, both halves of the baseline levels, and matched levels.

    Parameters
    ----------
    case : Case

    Returns
    -------
    iterable of records
        Diagnostics ``clusters``, ``baseline_level`` and ``change`` with samples
        ``<group>:<tercile>`` and ``<group>:all``; ``level_change_correlation`` with sample
        ``comparison:all``, and its ``..._without_noise``; estimates ``only:high_baseline`` and
        ``only:low_baseline`` (clusters above the median of all clusters' baseline means, and the
        others) and ``matched:baseline_level``, with the numbers of clusters matched.

    Notes
    -----
    Means of fewer clusters than the study publishes are not given, nor those of one tercile more
    where they could be had from the others and the whole group's. Half of the comparison's
    correlation between level and change is arithmetic where the baseline mean is noisy: the same
    error enters both. Splitting or matching on that noisy mean brings regression to the mean of
    its own, toward each group's own mean, so these rows bound nothing where the groups' true
    levels differ.
    """
    built = case.primary_design()
    rounds = _rounds(built)
    means = cluster_means(rounds, case.study)
    yield from _levels(case, means)
    yield from _correlation(case, means)
    median = float(np.median(means.before))
    for half, chosen in (("high", means.before > median), ("low", means.before <= median)):
        yield from _half(case, built, means, chosen, sample=f"only:{half}_baseline")
    yield from _matched(case, built, means)


def _rounds(built: Design) -> Sample:
    if built.rounds is None:
        raise EstimationError(
            "regression to the mean needs two rounds",
            where="check of kind reversion",
            mend="make the primary specification one with a contrast of two rounds",
        )
    return built.rounds


def _levels(case: Case, means: ClusterMeans) -> Iterable[Row]:
    """Number, baseline level and change of the clusters of each group and tercile."""
    edges = np.quantile(means.before, (1.0 / 3.0, 2.0 / 3.0))
    # equal means stay together, so that no tercile depends on the order of ids
    tercile = np.searchsorted(edges, means.before, side="left")
    for group, chosen in (("treated", means.treated), ("comparison", ~means.treated)):
        counts = np.bincount(tercile[chosen], minlength=len(TERCILES))
        extra = _by_subtraction(counts, case.study.minimum_clusters)
        for k, name in enumerate((*TERCILES, "all")):
            rows = chosen if name == "all" else chosen & (tercile == k)
            if k in extra:
                sample = f"{group}:{name}"
                yield diagnostic(case, "clusters", counts[k], unit="clusters", sample=sample)
                yield unavailable(case, "levels", SUBTRACTION, sample=sample)
            else:
                yield from _level(case, means, rows, f"{group}:{name}")


def _by_subtraction(counts: Codes, least: int) -> frozenset[int]:
    """Parts with clusters enough, to be withheld because smaller ones are what they leave."""
    enough = [k for k, count in enumerate(counts.tolist()) if count >= least]
    if not enough or not 0 < int(counts[counts < least].sum()) < least:
        return frozenset()
    return frozenset([min(enough, key=lambda k: int(counts[k]))])


def _level(case: Case, means: ClusterMeans, rows: Flags, sample: str) -> Iterable[Row]:
    clusters, unit = int(rows.sum()), case.outcome.unit
    yield diagnostic(case, "clusters", clusters, unit="clusters", sample=sample)
    least = case.study.minimum_clusters
    if clusters < least:
        reason = f"{said(clusters, least)} clusters; means of fewer than {least} clusters"
        yield unavailable(case, "levels", f"{reason} are not given", sample=sample)
        return
    level, _ = weighted_moments(means.before[rows], means.weight_before[rows])
    after, _ = weighted_moments(means.after[rows], means.weight_after[rows])
    yield diagnostic(case, "baseline_level", level, unit=unit, sample=sample)
    yield diagnostic(case, "change", after - level, unit=unit, sample=sample)


def _correlation(case: Case, means: ClusterMeans) -> Iterable[Row]:
    """Between baseline level and change over the clusters without any treatment."""
    rows, sample, name = means.comparison, "comparison:all", "level_change_correlation"
    level, change = means.before[rows], means.change[rows]
    if len(level) < case.study.minimum_clusters or min(np.ptp(level), np.ptp(change)) == 0.0:
        reason = "too few clusters without treatment, or no variation between them"
        yield unavailable(case, name, reason, sample=sample)
        return
    moments = np.cov(level, change)
    raw = moments[0, 1] / np.sqrt(moments[0, 0] * moments[1, 1])
    yield diagnostic(case, name, raw, unit="correlation", sample=sample)
    shared = means.noise_shared[rows].mean() - means.noise_before[rows].mean()
    own = moments[0, 0] - means.noise_before[rows].mean()
    of_change = moments[1, 1] - means.noise_change[rows].mean()
    product = own * of_change if own > 0.0 else 0.0
    rest = moments[0, 1] - shared
    # Beyond one only because variances are estimated, and then it is no correlation any more.
    if product <= 0.0 or rest**2 > product:
        reason = "sampling error explains nearly all differences between these clusters"
        yield unavailable(case, f"{name}_without_noise", reason, sample=sample)
        return
    value = rest / np.sqrt(product)
    yield diagnostic(case, f"{name}_without_noise", value, unit="correlation", sample=sample)


def _half(
    case: Case, whole: Design, means: ClusterMeans, chosen: Flags, *, sample: str
) -> Iterable[Row]:
    """The primary regression among some of the clusters."""
    least = case.study.minimum_clusters
    for group, rows in (("treated", means.treated), ("comparison", ~means.treated)):
        left = int((rows & chosen).sum())
        if left < least:
            number = said(left, least)
            reason = (
                f"not informative: {number} {group} clusters remain; at least {least} are needed"
            )
            return (unavailable(case, "all", reason, sample=sample),)
    ids = set(means.cluster[chosen])
    panel = case.frames.panel
    kept = panel[panel[case.study.columns.cluster].astype(str).isin(ids)]
    try:
        built = case.design(kept)
        reason = too_few(case, whole, built)
        if reason:
            return (unavailable(case, "all", reason, sample=sample),)
        return linear(case, built, sample=sample)
    except EstimationError as error:
        return (unavailable(case, "all", error.problem, sample=sample),)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Treated clusters with a match: shape (T,), and (T, C) shares of their matches."""

    treated: Codes
    pool: Codes
    share: Floats


def _matched(case: Case, built: Design, means: ClusterMeans) -> Iterable[Row]:
    """Change of each treated cluster less that of the nearest in baseline level, with replacement.

    Only clusters alike in the other treatments are matched. A treated cluster without one inside
    the caliper is left out. Covariates of the specification are not used.
    """
    others = _other_treatments(case, means)
    pairs = _pairs(means, others, np.ones(len(means.before), dtype=bool))
    used = pairs.share.sum(axis=0) > 0.0 if len(pairs.treated) else np.zeros(0, dtype=bool)
    counts = (("matched_treated", len(pairs.treated)), ("matched_comparison", int(used.sum())))
    for name, count in counts:
        yield diagnostic(case, name, count, unit="clusters", sample=MATCHED)
    if min(count for _, count in counts) < case.study.minimum_clusters:
        reason = "not informative: too few clusters have a match within the caliper"
        yield unavailable(case, "all", reason, sample=MATCHED)
        return
    without = {}
    for g, cluster in enumerate(means.cluster):
        kept = np.ones(len(means.before), dtype=bool)
        kept[g] = False
        without[str(cluster)] = _effect(means, _pairs(means, others, kept))
    yield from jackknifed(
        case,
        _effect(means, pairs),
        without,
        sizes=_sizes(built, means, pairs, used),
        reason=NOT_LINEAR,
        sample=MATCHED,
    )


def _other_treatments(case: Case, means: ClusterMeans) -> NDArray[np.object_]:
    """What each cluster received beside the treatment, as text."""
    by_arm = {
        arm.id: "+".join(sorted(set(arm.treatments) - {case.specification.treatment}))
        for arm in case.study.arm
    }
    return np.array([by_arm[arm] for arm in means.arm])


def _pairs(means: ClusterMeans, others: NDArray[np.object_], kept: Flags) -> _Pairs:
    """Nearest matches within the caliper; equally near ones share."""
    treated = np.flatnonzero(means.treated & kept)
    pool = np.flatnonzero(~means.treated & kept)
    if not len(treated) or not len(pool):
        return _Pairs(treated[:0], pool, np.zeros((0, len(pool))))
    caliper = CALIPER * float(np.std(means.before[kept]))
    distance = np.abs(means.before[treated][:, None] - means.before[pool][None, :])
    alike = others[treated][:, None] == others[pool][None, :]
    distance = np.where(alike & (distance <= caliper), distance, np.inf)
    nearest = distance.min(axis=1)
    found = np.isfinite(nearest)
    chosen = (distance[found] <= nearest[found, None]).astype(np.float64)
    return _Pairs(treated[found], pool, chosen / chosen.sum(axis=1, keepdims=True))


def _effect(means: ClusterMeans, pairs: _Pairs) -> float:
    if not len(pairs.treated):
        return float("nan")
    difference = means.change[pairs.treated] - pairs.share @ means.change[pairs.pool]
    return float(np.average(difference, weights=means.weight_after[pairs.treated]))


def _sizes(built: Design, means: ClusterMeans, pairs: _Pairs, used: Flags) -> Sizes:
    ids = {*means.cluster[pairs.treated], *means.cluster[pairs.pool[used]]}
    return Sizes(
        n=int(np.isin(_rounds(built).cluster, list(ids)).sum()),
        n_clusters_treated=len(pairs.treated),
        n_clusters_comparison=int(used.sum()),
        baseline_mean=built.baseline_mean,
        baseline_sd=built.baseline_sd,
    )
