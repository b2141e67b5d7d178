"""Clusters as observations: means by round with their sampling error, and the change between.

The sampling variance of a weighted mean is estimated inside each cluster and round; the
covariance of the two means comes from the respondents interviewed in both rounds.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats, Ids
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.sample import Sample, seen_twice


def last_round(built: Design) -> Flags:
    """Rows of the last round, shape (n,); errors as of `two_rounds`."""
    return two_rounds(built).post


def two_rounds(built: Design) -> Sample:
    """The rows of both rounds that a regression holds.

    Raises
    ------
    EstimationError
        The regression does not hold the rows of two rounds.
    """
    if built.rounds is None or len(built.rounds.post) != len(built.y):
        raise EstimationError.of(
            "check-changes", "use-method-did", "plan.toml, the primary specification"
        )
    return built.rounds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterMeans:
    """One row per cluster, G of them, sorted by id.

    Attributes
    ----------
    cluster : ndarray of str, shape (G,)
    treated, comparison : ndarray of bool, shape (G,)
        Clusters with the treatment, and clusters without any.
    arm : ndarray of str, shape (G,)
    before, after : ndarray, shape (G,)
        Weighted means of the outcome at baseline and endline, in its unit.
    weight_before, weight_after : ndarray, shape (G,)
        Sums of the weights of the estimand.
    noise_before, noise_after, noise_shared : ndarray, shape (G,)
        Sampling variances of the two means and their covariance; zero where a cluster has one
        respondent in a round, which tells nothing of the spread inside.
    """

    cluster: Ids
    treated: Flags
    comparison: Flags
    arm: Ids
    before: Floats
    after: Floats
    weight_before: Floats
    weight_after: Floats
    noise_before: Floats
    noise_after: Floats
    noise_shared: Floats

    @property
    def change(self) -> Floats:
        """Endline minus baseline mean, shape (G,)."""
        return self.after - self.before

    @property
    def weight(self) -> Floats:
        """h = w0 w1 / (w0 + w1) with w0, w1 the sums of weights in the rounds, shape (G,).

        Least squares of the changes with these weights is the regression of the rows with cluster
        effects.
        """
        return self.weight_before * self.weight_after / (self.weight_before + self.weight_after)


def cluster_means(sample: Sample) -> ClusterMeans:
    """Means by cluster and round of a sample of two rounds, with their sampling variances.

    Parameters
    ----------
    sample : Sample
        Every cluster is in both rounds, as `sample.select` leaves it.

    Notes
    -----
    With shares a = w / sum w the variance of a mean is estimated by sum a^2 (y - mean)^2, which
    the fitted mean makes too small: it is divided by sum a^2 (1 - 2 a + sum a^2) / sum a^2, its
    expectation where people of a cluster are alike in variance, (n-1)/n for equal weights. The
    covariance is sum a b (y0 - mean0) (y1 - mean1) over people in both rounds, divided by
    sum a b (1 - a - b + sum a b) / sum a b for the same reason.
    """
    cluster, codes = np.unique(sample.cluster.astype(str), return_inverse=True)
    first = np.empty(len(cluster), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    cell = 2 * codes + sample.post
    weight = _sums(cell, sample.weights, 2 * len(cluster))
    mean = _sums(cell, sample.weights * sample.y, 2 * len(cluster)) / weight
    share, deviation = sample.weights / weight[cell], sample.y - mean[cell]
    noise = _covariance(cell, 2 * len(cluster), (share, deviation), (share, deviation))
    before, after = seen_twice(sample.respondents, codes, sample.post).T
    people = ((share[rows], deviation[rows]) for rows in (before, after))
    shared = _covariance(codes[before], len(cluster), *people)
    return ClusterMeans(
        cluster=cluster.astype(object),
        treated=sample.treated[first],
        comparison=sample.comparison[first],
        arm=sample.arms[first],
        before=mean[0::2],
        after=mean[1::2],
        weight_before=weight[0::2],
        weight_after=weight[1::2],
        noise_before=noise[0::2],
        noise_after=noise[1::2],
        noise_shared=shared,
    )


def _covariance(
    cell: Codes, cells: int, one: tuple[Floats, Floats], other: tuple[Floats, Floats]
) -> Floats:
    """Covariance of two means by cell, of people with shares and gaps; see `cluster_means`."""
    (a, b), (x, y) = zip(one, other, strict=True)
    both = _sums(cell, a * b, cells)
    left = _sums(cell, a * b * (1.0 - a - b + both[cell]), cells)
    # a cluster's only respondent leaves nothing but rounding
    spread = left > 1e-12 * both
    factor = np.where(spread, both / np.where(spread, left, 1.0), 0.0)
    return _sums(cell, a * b * x * y, cells) * factor


def _sums(cell: Codes, values: Floats, cells: int) -> Floats:
    return np.asarray(np.bincount(cell, values, cells))
