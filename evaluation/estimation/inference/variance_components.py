"""How alike answers within a cluster are, and what effect a design of this size can see."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.regression.fit import NORMAL, StepUnavailable
from evaluation.estimation.regression.sample import Sample, seen_twice

# Power 80 %, two-sided 5 % test, normal quantiles: the 2.8 of "2.8 x SE".
MULTIPLE = NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Variance between and within clusters, in squared units of the values."""

    between: float
    within: float

    @property
    def icc(self) -> float:
        """Intraclass correlation; negative when clusters differ less than by chance."""
        return self.between / (self.between + self.within)


def components(
    values: ArrayLike, *, clusters: ArrayLike, strata: ArrayLike, weights: ArrayLike
) -> Components:
    """Variance components of a one-way layout by the ANOVA (moment) estimator.

    Parameters
    ----------
    values : array_like, shape (n,)
    clusters : array_like, shape (n,)
        Cluster of each row.
    strata : array_like, shape (n,)
        Group whose mean is taken out first (arm); clusters are nested in it.
    weights : array_like, shape (n,)
        Sampling weights, on any scale.

    Returns
    -------
    Components

    Raises
    ------
    StepUnavailable
        A stratum or the clusters leave nothing to estimate from.

    Notes
    -----
    With n_g rows, weighted cluster means and m_g = (sum w)^2 / sum w^2 effective rows,
    E sum_g n_g S_g = within sum_g n_g (1 - 1/m_g), S_g the weighted variance in cluster g, and
    E sum_g n_g (mean_g - mean_s)^2 = between sum_s (N_s - sum_g n_g^2 / N_s)
    + within sum_g (n_g / m_g)(1 - n_g / N_s). Equal weights and one stratum give the textbook
    estimator with n_0 = (N - sum n_g^2 / N)/(k - 1) (Searle, Casella and
    McCulloch 1992, ch. 3).
    """
    cells = _cells(values, clusters, strata, weights)
    n, m, s = cells["n"].to_numpy(), cells["m"].to_numpy(), cells["s"].to_numpy()
    stratum_rows = np.bincount(s, weights=n)
    centre = (np.bincount(s, weights=n * cells["mean"]) / stratum_rows)[s]
    share = n / stratum_rows[s]
    free = float(np.sum(n * (1.0 - 1.0 / m)))
    spread = float(np.sum(n * (1.0 - share)))
    if not (free > 0.0 and spread > 0.0):
        raise StepUnavailable.of(
            "no-variance-components", "use-outcome-observed", "variance components"
        )
    within = float(np.sum(n * cells["variance"])) / free
    around = float(np.sum(n * (cells["mean"] - centre) ** 2))
    noise = within * float(np.sum(n / m * (1.0 - share)))
    return Components(between=(around - noise) / spread, within=within)


def at_baseline(sample: Sample) -> Components:
    """`components` of a sample of two rounds at the first, less the means of its arms."""
    before = ~sample.post
    return components(
        sample.y[before],
        clusters=sample.cluster[before],
        strata=sample.arms[before],
        weights=sample.weights[before],
    )


def _cells(
    values: ArrayLike, clusters: ArrayLike, strata: ArrayLike, weights: ArrayLike
) -> pd.DataFrame:
    """Per cluster: rows n, effective rows m, weighted mean and variance, stratum code s."""
    y, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    g, _ = pd.factorize(np.asarray(clusters), sort=True)
    s, _ = pd.factorize(np.asarray(strata))
    total = np.bincount(g, weights=w)
    mean = np.bincount(g, weights=w * y) / total
    stratum = np.zeros(len(total), dtype=np.int64)
    stratum[g] = s
    return pd.DataFrame(
        {
            "n": np.bincount(g),
            "m": total**2 / np.bincount(g, weights=w**2),
            "mean": mean,
            "variance": np.bincount(g, weights=w * (y - mean[g]) ** 2) / total,
            "s": stratum,
        }
    )


def cluster_autocorrelation(
    values: ArrayLike,
    *,
    clusters: ArrayLike,
    post: ArrayLike,
    strata: ArrayLike,
    weights: ArrayLike,
    respondents: ArrayLike,
) -> float:
    """Correlation between two rounds of the clusters' true means.

    Parameters
    ----------
    values, clusters, strata, weights : array_like, shape (n,)
        As in `components`; every cluster in both rounds.
    post : array_like of bool, shape (n,)
        Rows of the second round.
    respondents : array_like, shape (n,)
        Respondent ids, which link a panel; missing where unknown.

    Raises
    ------
    StepUnavailable
        A round's variance between clusters is estimated as zero or negative.

    Notes
    -----
    Variances and covariance of the cluster means (less their arm's mean, clusters weighted
    equally) minus what sampling within clusters adds to them: within/m_g to a variance and, for
    respondents interviewed twice, what `_panel_noise` says to the covariance. The ratio may
    leave [-1, 1] by chance.
    """
    second = np.asarray(post, dtype=bool)
    parts = [
        _round(values, rows, clusters=clusters, strata=strata, weights=weights)
        for rows in (~second, second)
    ]
    first, last = parts
    shrink = 1.0 - 1.0 / first.groupby("s")["s"].transform("size")
    free = float(shrink.sum())
    noise = _panel_noise(values, second, clusters, weights, respondents)
    variances = [
        float((part["r"] ** 2 - part["noise"] * shrink).sum()) / free for part in (first, last)
    ]
    if min(variances) <= 0.0:
        raise StepUnavailable.of("variance-between", "read-intraclass", "cluster autocorrelation")
    covariance = float((first["r"] * last["r"] - noise * shrink).sum()) / free
    return covariance / float(np.sqrt(variances[0] * variances[1]))


def between_rounds(sample: Sample) -> float:
    """`cluster_autocorrelation` of a sample of two rounds, less the means of its arms."""
    return cluster_autocorrelation(
        sample.y,
        clusters=sample.cluster,
        post=sample.post,
        strata=sample.arms,
        weights=sample.weights,
        respondents=sample.respondents,
    )


def _round(
    values: ArrayLike,
    rows: Flags,
    *,
    clusters: ArrayLike,
    strata: ArrayLike,
    weights: ArrayLike,
) -> pd.DataFrame:
    """Per cluster of one round, in sorted order: deviation r from the stratum, noise of r^2, s."""
    y, c, a, w = (np.asarray(v)[rows] for v in (values, clusters, strata, weights))
    within = components(y, clusters=c, strata=a, weights=w).within
    cells = _cells(y, c, a, w)
    centred = cells["mean"] - cells.groupby("s")["mean"].transform("mean")
    return pd.DataFrame({"r": centred, "noise": within / cells["m"], "s": cells["s"]})


def _panel_noise(
    values: ArrayLike,
    second: Flags,
    clusters: ArrayLike,
    weights: ArrayLike,
    respondents: ArrayLike,
) -> Floats:
    """Covariance that respondents seen twice put between their cluster's two means, shape (G,).

    With shares s0, s1 of a respondent in the two means, S_g = sum s0 s1 over the respondents seen
    twice, and e the deviations from the means, E e0 e1 = sigma01 (1 - s0 - s1 + S_g); the means
    of cluster g then share sigma01 S_g.
    """
    y, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    g, ids = pd.factorize(np.asarray(clusters), sort=True)
    cell = 2 * g + second
    total = np.bincount(cell, weights=w)
    mean = np.bincount(cell, weights=w * y) / total
    away, share = y - mean[cell], w / total[cell]
    first, last = seen_twice(respondents, g, second).T
    shared = np.bincount(g[first], share[first] * share[last], minlength=len(ids))
    freedom = float(np.sum(1.0 - share[first] - share[last] + shared[g[first]]))
    products = float(away[first] @ away[last])
    return np.asarray(shared * (products / freedom if freedom > 0.0 else 0.0))


def minimum_detectable_effect(
    *,
    icc: float,
    cac: float,
    rows: float,
    treated: int,
    comparison: int,
    individual_correlation: float,
    multiple: float,
) -> float:
    """Smallest effect that a difference-in-differences of cluster means detects.

    Parameters
    ----------
    icc : float
        Intraclass correlation within a round.
    cac : float
        Cluster autocorrelation: share of the clusters' variance that lasts between rounds.
    rows : float
        Respondents per cluster and round.
    treated, comparison : int
        Clusters.
    individual_correlation : float
        Correlation between rounds of a respondent's deviation from the cluster: 0 for fresh
        cross-sections.
    multiple : float
        Standard errors that an effect must measure, such as `MULTIPLE`.

    Returns
    -------
    float
        In standard deviations of the outcome.

    Notes
    -----
    var(change of a cluster mean) = 2 [icc (1 - cac) + (1 - icc)(1 - rho)/rows], and the effect is
    multiple x sqrt(var (1/treated + 1/comparison)) (Hooper et al. 2016, Statistics in Medicine
    35:4718, with normal quantiles).
    """
    change = icc * (1.0 - cac) + (1.0 - icc) * (1.0 - individual_correlation) / rows
    variance = 2.0 * change * (1.0 / treated + 1.0 / comparison)
    return multiple * float(np.sqrt(variance))
