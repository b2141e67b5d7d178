"""Simultaneous bands and the wild cluster bootstrap of linear estimates over many periods.

Both use the engine's own multipliers, keyed by unit.
"""

from collections.abc import Sequence

import numpy as np

from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.bootstrap import Draws, wild
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.multiplicity import MaxT
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.cluster_blocks import Blocks

EFFECT = "effect"
# Share of the largest weight up to which a group plays no part in an estimate.
_NO_PART = 1e-12


def cv1_of(contributions: Floats) -> Floats:
    """Clustered errors: root of G/(G-1) times the sum of squared contributions, shape (...).

    Parameters
    ----------
    contributions : ndarray, shape (..., G)
        What each cluster adds to the error of an estimate.
    """
    g = contributions.shape[-1]
    return np.asarray(np.sqrt(g / (g - 1) * np.vecdot(contributions, contributions)))


def largest_t(contributions: Floats, units: tuple[str, ...], draws: Draws) -> MaxT:
    """Distribution of the largest |t| over estimates, by signs given to units' contributions.

    Parameters
    ----------
    contributions : ndarray, shape (K, N)
        What each unit adds to the error of each estimate; estimates without error are left out.
    units : tuple of N str
    draws : Draws

    Returns
    -------
    MaxT
        ``critical`` times the standard error is the half width of a simultaneous band.

    Notes
    -----
    Callaway and Sant'Anna (2021, J. Econometrics 225(2)), algorithm 1, with signs; Montiel Olea
    and Plagborg-Moller (2019, J. Applied Econometrics 34(1)) on sup-t bands.
    """
    error = np.sqrt(np.einsum("kn,kn->k", contributions, contributions))
    scaled = contributions[error > 0.0] / error[error > 0.0, None]
    drawn = np.empty((len(scaled), draws.number))
    for part, v in draws.chunks(units):
        drawn[:, part] = scaled @ v
    return _largest(drawn, enumerated=draws.enumerated)


def normal_largest_t(covariance: Floats, *, number: int, seed: int) -> MaxT:
    """`largest_t` of many units, whose signed sums are as good as normal: K numbers a draw, not N.

    Parameters
    ----------
    covariance : ndarray, shape (K, K)
        Sums of products of the units' contributions.
    number, seed : int
        Draws.

    Notes
    -----
    The plug-in band of Montiel Olea and Plagborg-Moller (2019), algorithm 1.
    """
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    kept = error > 0.0
    correlation = covariance[np.ix_(kept, kept)] / np.outer(error[kept], error[kept])
    values, directions = np.linalg.eigh(correlation)
    root = directions * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(seed).standard_normal((len(values), number))
    return _largest(root @ normal, enumerated=False)


def _largest(drawn: Floats, *, enumerated: bool) -> MaxT:
    statistics = {str(k): (0.0, t) for k, t in enumerate(drawn)}
    return MaxT.of(statistics, draws="enumerated" if enumerated else "random")


def blocks(found: Linear, weights: Floats) -> Blocks:
    """One estimate as a coefficient of a regression across units.

    Parameters
    ----------
    found : Linear
    weights : ndarray, shape (M, T)
        Of the groups' means: those of an estimate, or of a mixture of some.

    Returns
    -------
    Blocks
        A unit's outcome is the sum over time of its outcomes times its group's weights; the
        estimate is the sum of the groups' means, which the column `EFFECT` has as coefficient.
    """
    used = np.flatnonzero(np.abs(weights).max(axis=1) > _NO_PART * np.abs(weights).max())
    units = np.flatnonzero(np.isin(found.of_unit, used))
    group = np.searchsorted(used, found.of_unit[units])
    y = np.where(found.panel.seen[units], found.panel.y[units], 0.0)
    dummies = np.eye(len(used))[group]
    columns = np.column_stack([dummies[:, 0], dummies[:, 1:] - dummies[:, :1]])
    return cluster_blocks.accumulate(
        columns,
        np.einsum("nt,nt->n", weights[found.of_unit[units]], y),
        weights=found.panel.weight[units],
        cluster=[found.panel.units[unit] for unit in units.tolist()],
        columns=(EFFECT, *(f"group {m}" for m in used[1:].tolist())),
        absorb="none",
    )


def bootstrapped(found: Linear, positions: Sequence[int], draws: Draws) -> tuple[Distribution, ...]:
    """Wild cluster bootstrap, with jackknifed scores, of some estimates; their weights are held.

    Parameters
    ----------
    found : Linear
    positions : sequence of int
    draws : Draws

    Raises
    ------
    StepUnavailable
        A group has one unit.
    """
    return tuple(
        wild(blocks(found, found.design.weights[k]), EFFECT, draws, scores="jackknifed")
        for k in positions
    )
