"""What a study's own two rounds say about the next: spread, design, and residuals to draw from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference import variance_components
from evaluation.estimation.planning.planned_design import Planned, Spread
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import Sample, seen_twice

# Relative differences of cluster weights below this are rounding: clusters count equally.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Residuals of one group (treated, or not), in the unit of the outcome.

    Attributes
    ----------
    changes : ndarray, shape (G_a,)
        Clusters' changes between the rounds, less the mean change of their arm.
    shocks : ndarray, shape (G_a,)
        The same, shrunk to the variance that is left without the sampling of respondents.
    sizes : ndarray, shape (G_a,)
        Weight of each cluster's change in the estimate; ones where clusters count equally.
    first, second : ndarray, shape (n0,) and (n1,)
        Respondents' deviations from their cluster in each round, times their relative weight.
    both : ndarray, shape (n01, 2)
        The two deviations of respondents seen twice, less their means.
    """

    changes: Floats
    shocks: Floats
    sizes: Floats
    first: Floats
    second: Floats
    both: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnData:
    """Spread and design of a finished study, and its residuals by group."""

    spread: Spread
    planned: Planned
    treated: Residuals
    comparison: Residuals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Rows with their deviations, and their clusters' changes.

    ``deviation`` is a row's outcome less its cell's weighted mean; ``share`` its share of the
    cell's weight; ``n`` the cell's rows. Clusters are in sorted order.
    """

    cluster: Codes
    deviation: Floats
    share: Floats
    n: Codes
    changes: Floats
    sizes: Floats
    counts: Codes


def own_data(sample: Sample) -> OwnData:
    """Read a two-round sample, such as that of the primary specification, for planning.

    Returns
    -------
    OwnData
        The ICC is kept within 0 and 1, the cluster autocorrelation too; one that cannot be had
        counts as 0, which never flatters a design.

    Raises
    ------
    StepUnavailable
        There is one row per cluster, so nothing is known of the spread.
    """
    cells = _cells(sample)
    pairs = seen_twice(sample.respondents, sample.cluster, sample.post)
    treated = np.zeros(len(cells.changes), dtype=bool)
    treated[cells.cluster[sample.treated]] = True
    return OwnData(
        spread=_spread(sample, cells, pairs),
        planned=_planned(sample, cells, pairs, treated),
        treated=_residuals(sample, cells, pairs, treated),
        comparison=_residuals(sample, cells, pairs, ~treated),
    )


def _cells(sample: Sample) -> _Cells:
    """Cell means, deviations from them, and changes less their arm's mean."""
    cluster, ids = pd.factorize(sample.cluster, sort=True)
    cell = 2 * cluster + sample.post
    total = np.bincount(cell, sample.weights)
    mean = np.bincount(cell, sample.weights * sample.y) / total
    first, second = total[0::2], total[1::2]
    sizes = first * second / (first + second)
    sizes = sizes / sizes.mean()
    arm = np.zeros(len(ids), dtype=np.int64)
    arm[cluster] = pd.factorize(sample.arms, sort=True)[0]
    changes = mean[1::2] - mean[0::2]
    centre = np.bincount(arm, sizes * changes) / np.bincount(arm, sizes)
    # A mean taken from k changes leaves them (k - 1)/k of their variance.
    few = np.bincount(arm)[arm]
    changes = (changes - centre[arm]) * np.sqrt(few / np.maximum(few - 1, 1))
    counts = np.bincount(cell)
    return _Cells(
        cluster=cluster.astype(np.int64),
        deviation=sample.y - mean[cell],
        share=sample.weights / total[cell],
        n=counts[cell],
        changes=changes,
        sizes=sizes,
        counts=counts.reshape(-1, 2),
    )


def _spread(sample: Sample, cells: _Cells, pairs: Codes) -> Spread:
    found = variance_components.at_baseline(sample)
    try:
        cac = variance_components.between_rounds(sample)
    except StepUnavailable:
        cac = 0.0
    between = max(found.between, 0.0)
    # of the two deviations of respondents seen twice
    first, second = cells.deviation[pairs].T
    together, alone = float(first @ second), float(np.sqrt((first @ first) * (second @ second)))
    return Spread(
        sd=float(np.sqrt(between + found.within)),
        icc=between / (between + found.within),
        cac=min(max(cac, 0.0), 1.0),
        individual_correlation=together / alone if len(pairs) else 0.0,
    )


def _planned(sample: Sample, cells: _Cells, pairs: Codes, treated: Flags) -> Planned:
    """The finished study as a design: its panel share is what was achieved, after attrition."""
    inverse = 1.0 / cells.counts.ravel()
    effective = np.bincount(2 * cells.cluster + sample.post, cells.share**2)
    equal = float(np.ptp(cells.sizes)) < _SAME
    mean = float(cells.counts.mean())
    return Planned(
        treated=int(treated.sum()),
        comparison=int((~treated).sum()),
        respondents=mean,
        panel_share=len(pairs) / float(cells.counts[:, 0].sum()),
        weighting="equal" if equal else "respondents",
        size_cv=float(
            np.sqrt(max(mean * inverse.mean() - 1.0, 0.0)) if equal else cells.sizes.std()
        ),
        weight_deff=max(float(effective.sum() / inverse.sum()), 1.0),
    )


def _residuals(sample: Sample, cells: _Cells, pairs: Codes, group: Flags) -> Residuals:
    """Residuals of the clusters of a group.

    A row's contribution to its cluster's mean is share x deviation, so the sum of its squares,
    times n/(n - 1), is the variance that the sampling of respondents adds to the mean.
    """
    own = cells.share * cells.deviation * np.sqrt(cells.n / np.maximum(cells.n - 1, 1))
    noise = np.bincount(cells.cluster, own**2)
    twice = own[pairs]
    shared = np.bincount(
        cells.cluster[pairs[:, 0]], twice[:, 0] * twice[:, 1], minlength=len(noise)
    )
    changes = cells.changes[group]
    observed = float(np.mean(changes**2))
    true = max(observed - float(np.mean((noise - 2.0 * shared)[group])), 0.0)
    rows = group[cells.cluster]
    scaled = own * cells.n
    # Those seen twice differ from the rest of their clusters; that is no change of the clusters.
    both = scaled[pairs[rows[pairs[:, 0]]]]
    return Residuals(
        changes=changes,
        shocks=changes * np.sqrt(true / observed) if observed > 0.0 else changes,
        sizes=cells.sizes[group],
        first=scaled[rows & ~sample.post],
        second=scaled[rows & sample.post],
        both=both - both.mean(axis=0) if len(both) else both,
    )
