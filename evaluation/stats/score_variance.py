"""The score-variance test: whether these clusters are coarse enough for the coefficient.

Under the null the scores of different clusters in one coarser cluster (a department, a subregion)
are uncorrelated; if not, the coarse variance of the coefficient exceeds the fine one.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.stats.blocks import Blocks
from evaluation.stats.bootstrap import Draws
from evaluation.stats.distribution import share_of
from evaluation.stats.fit import Fit, StepUnavailable

Floats = NDArray[np.float64]

# A diagnostic needs no more draws than this: the error on p is below 0.005.
MOST_DRAWS = 9_999
# Relative difference up to which t and t* are ties and count in full.
_TIE = 1e-10


@dataclass(frozen=True, slots=True)
class ScoreVariance:
    """Result of a score-variance test.

    Attributes
    ----------
    statistic : float
        tau, large where the coarse variance exceeds the fine one.
    p_value : float
        One-sided, from the wild cluster bootstrap.
    p_asymptotic : float
        One-sided, from the standard normal; unreliable with few coarse clusters.
    n_coarse : int
        Coarse clusters.
    """

    statistic: float
    p_value: float
    p_asymptotic: float
    n_coarse: int


def score_variance(
    blocks: Blocks, fit: Fit, column: str, *, coarse: Mapping[str, str], draws: Draws
) -> ScoreVariance:
    """Test clustering at the blocks' level against a coarser one, for one coefficient.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Fit on the same blocks.
    column : str
        Regressor of interest.
    coarse : mapping of str to str
        Cluster id to coarse cluster.
    draws : Draws
        Bootstrap multipliers by cluster; the first 9,999 are used.

    Returns
    -------
    ScoreVariance

    Raises
    ------
    EstimationError
        A cluster belongs to no coarse cluster.
    StepUnavailable
        Fewer than two coarse clusters, or none with two clusters of some weight inside.

    Notes
    -----
    MacKinnon, Nielsen and Webb (2023, J. Econometrics 235(2), Testing for the appropriate level of
    clustering): with s_h the score of cluster h for the coefficient, others partialled out,
    theta = m_G sum_g (sum_{h in g} s_h)^2 - m_H sum_h s_h^2, its variance estimate
    2 sum_g [(sum_{h in g} s_h^2)^2 - sum_{h in g} s_h^4], tau = theta / sqrt(variance). Here
    m_G = G/(G-1) and m_H = H/(H-1), this package's CV1 factor, without their (N-1)/(N-k).
    Bootstrap: WCU-C by cluster, y* = X b + v_h e_h, p = (1 + #{tau* >= tau}) / (B + 1), or the
    share where the signs are enumerated.
    """
    member = _membership(blocks, coarse)
    few = (
        draws if draws.enumerated else dataclasses.replace(draws, codes=draws.codes[:, :MOST_DRAWS])
    )
    row = fit.bread[blocks.position(column)]
    (tau,) = _statistics((fit.scores @ row)[:, None], member)
    if not np.isfinite(tau):
        raise StepUnavailable(
            message("no-coarse-cluster.problem"),
            where="score-variance test",
            mend=message("ask-about-level-joins.mend"),
        )
    larger = 0
    lever, moved = np.einsum("i,gij->gj", row, blocks.xx()), fit.scores @ fit.bread
    for _, v in few.chunks(blocks.clusters):
        scores = v * (fit.scores @ row)[:, None] - lever @ (moved.T @ v)
        larger += int(np.count_nonzero(_statistics(scores, member) >= tau - _TIE * abs(tau)))
    return ScoreVariance(
        statistic=float(tau),
        p_value=float(share_of(larger, few.number, enumerated=few.enumerated)),
        p_asymptotic=float(ndtr(-tau)),
        n_coarse=member.shape[0],
    )


def _membership(blocks: Blocks, coarse: Mapping[str, str]) -> Floats:
    """One row of 0 and 1 per coarse cluster, shape (coarse, H)."""
    absent = [cluster for cluster in blocks.clusters if cluster not in coarse]
    if absent:
        raise EstimationError(
            message("clusters-belong.problem", n=len(absent), absent=absent[0]),
            where="score-variance test",
            mend=message("complete-the-frame-of.mend"),
        )
    groups = np.array([coarse[cluster] for cluster in blocks.clusters])
    names = np.unique(groups)
    if len(names) < 2:
        raise StepUnavailable(
            message("not-two-coarse.problem"),
            where="score-variance test",
            mend=message("ask-about-level.mend"),
        )
    return (groups[None, :] == names[:, None]).astype(np.float64)


def _statistics(scores: Floats, member: Floats) -> Floats:
    """tau of each column of scores, shape (H, B) to (B,); infinite or NaN where it has no scale."""
    coarse, fine = member.shape
    squares = scores**2
    joined = (member @ scores) ** 2
    theta = coarse / (coarse - 1) * joined.sum(axis=0) - fine / (fine - 1) * squares.sum(axis=0)
    spread = 2.0 * ((member @ squares) ** 2 - member @ squares**2).sum(axis=0)
    alone = spread <= 1e-12 * squares.sum(axis=0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(alone, np.inf, theta / np.sqrt(np.maximum(spread, 0.0))))
