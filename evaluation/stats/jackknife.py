"""CV3: the cluster jackknife, and the leave-one-cluster-out estimates behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import Fit, StepResult, StepUnavailable, check_residuals, inverse

Floats = NDArray[np.float64]

# What must be left of the full X'WX, in its own metric, in the weakest direction. Exact loss of a
# direction leaves about 1e-15; a cluster holding all but a 1e-10 share is no basis for a jackknife.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True)
class Jackknife(StepResult):
    """CV3 result together with the estimate without each cluster.

    Attributes
    ----------
    leave_one_out : mapping of str to float
        Cluster id to the estimate without that cluster, in sorted order of ids.
    """

    leave_one_out: Mapping[str, float]


def jackknife(blocks: Blocks, fit: Fit, column: str, *, outcome: int = 0) -> Jackknife:
    """Cluster jackknife standard error (CV3) with t(G - 1).

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Fit of the same outcome on the same blocks.
    column : str
        Regressor of interest.
    outcome : int
        Which outcome of the blocks, from 0.

    Returns
    -------
    Jackknife

    Raises
    ------
    StepUnavailable
        Without some cluster the coefficients are not determined; or residuals are zero, up to
        rounding, in every cluster, so that none moves the estimate.

    Notes
    -----
    V = (G-1)/G * sum_g (b_(g) - b)^2, centred at the full estimate (MacKinnon, Nielsen and Webb
    2023, J. Applied Econometrics 38(5); clubSandwich's CR3 has no such factor). Absorbed
    effects of the other clusters are unaffected by deleting one, so the demeaned blocks serve
    as they are.
    """
    j = blocks.position(column)
    check_residuals(fit, column, step="CV3")
    gram, moment = blocks.xx(), blocks.xy(outcome)[:, :, None]
    without = leave_one_out(gram, moment, columns=blocks.columns, clusters=blocks.clusters)[:, j, 0]
    estimate = float(fit.coefficients[j])
    g = len(blocks.clusters)
    variance = (g - 1) / g * float(np.sum((without - estimate) ** 2))
    return Jackknife(
        step="CV3",
        column=column,
        estimate=estimate,
        std_error=float(np.sqrt(variance)),
        df=float(g - 1),
        leave_one_out=dict(zip(blocks.clusters, without.tolist(), strict=True)),
    )


def leave_one_out(
    gram: Floats, moment: Floats, *, columns: tuple[str, ...], clusters: tuple[str, ...]
) -> Floats:
    """Solve the normal equations without each cluster in turn.

    Parameters
    ----------
    gram : ndarray, shape (G, q, q)
        X_g' W_g X_g.
    moment : ndarray, shape (G, q, m)
        X_g' W_g y_g for m right-hand sides.
    columns, clusters : tuple of str
        Names of the q columns and G clusters, for the message.

    Returns
    -------
    ndarray, shape (G, q, m)

    Raises
    ------
    StepUnavailable
        Some deletion leaves a singular system; no generalised inverse is substituted.
    """
    if not columns:
        return np.zeros(moment.shape)
    pooled = gram.sum(axis=0)
    scale = 1.0 / np.sqrt(np.diagonal(pooled))
    both = np.outer(scale, scale)
    _check_deletions(gram * both, columns=columns, clusters=clusters)
    rest = (pooled - gram) * both
    solved = np.linalg.solve(rest, (moment.sum(axis=0) - moment) * scale[:, None])
    return np.asarray(solved * scale[:, None])


def _check_deletions(gram: Floats, *, columns: tuple[str, ...], clusters: tuple[str, ...]) -> None:
    """Largest share of the pooled matrix that one cluster holds in any direction must be < 1."""
    root = np.linalg.cholesky(inverse(gram.sum(axis=0)))
    shares = root.T @ gram @ root
    # What is left has eigenvalues from 0 to 1, so the smallest is no less than their product.
    left = np.linalg.det(np.eye(len(columns)) - shares)
    doubtful = np.flatnonzero(left <= 2.0 * _SINGULAR)
    largest = np.linalg.eigvalsh(shares[doubtful])[:, -1]
    alone = doubtful[largest > 1.0 - _SINGULAR]
    if not len(alone):
        return
    _, directions = np.linalg.eigh(shares[alone])
    lost = np.abs(np.einsum("ij,gj->gi", root, directions[:, :, -1]))
    involved = (lost > 1e-6 * lost.max(axis=1, keepdims=True)).any(axis=0)
    names = [name for name, flag in zip(columns, involved, strict=True) if flag]
    # The problem becomes a published reason, which may not name a place; the error's place may.
    raise StepUnavailable(
        f"without {len(alone)} of {len(clusters)} clusters, one at a time, the fit is singular: no"
        f" longer determined are {_listed(names)}",
        where=f"regression, clusters {_listed([clusters[g] for g in alone])}",
        mend="use an inference method that deletes no cluster, or drop the columns that only one"
        " cluster identifies",
    )


def _listed(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
