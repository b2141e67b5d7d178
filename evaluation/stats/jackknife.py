"""CV3: the cluster jackknife, and the leave-one-cluster-out estimates behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import Fit, StepResult, StepUnavailable, check_residuals, inverse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

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


def jackknife(blocks: Blocks, fit: Fit, column: str) -> Jackknife:
    """Cluster jackknife standard error (CV3) with t(G - 1).

    Parameters
    ----------
    blocks : Blocks
        Of one data set.
    fit : Fit
        Of the same blocks.
    column : str
        Regressor of interest.

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
    check_residuals(fit, column, step="CV3")
    gram, moment = blocks.xx(), blocks.xy()[:, :, None]
    without = leave_one_out(gram, moment, columns=blocks.columns, clusters=blocks.clusters)
    without = without[:, blocks.position(column), 0]
    return Jackknife(
        step="CV3",
        column=column,
        estimate=float(fit.estimates(column)),
        std_error=float(_errors(without, fit, column)),
        df=float(fit.n_clusters - 1),
        leave_one_out=dict(zip(blocks.clusters, without.tolist(), strict=True)),
    )


def cv3_errors(blocks: Blocks, fit: Fit, column: str) -> Floats:
    """Standard errors of `jackknife` for every data set, shape (...).

    Not a number for a data set in which the fit without some cluster is singular.
    """
    without = without_each(blocks.xx(), blocks.xy()[..., None])
    return _errors(without[..., blocks.position(column), 0], fit, column)


def _errors(without: Floats, fit: Fit, column: str) -> Floats:
    """From the estimates without each cluster, shape (..., G)."""
    away = without - fit.estimates(column)[..., None]
    g = fit.n_clusters
    return np.asarray(np.sqrt((g - 1) / g * np.sum(away**2, axis=-1)))


def without_each(gram: Floats, moment: Floats) -> Floats:
    """Solve the normal equations without each cluster in turn.

    Parameters
    ----------
    gram : ndarray, shape (..., G, q, q)
        X_g' W_g X_g; without a first axis where the data sets share their rows.
    moment : ndarray, shape (..., G, q, m)
        X_g' W_g y_g for m right-hand sides.

    Returns
    -------
    ndarray, shape (..., G, q, m)
        Not a number where a deletion leaves a singular system; no generalised inverse is
        substituted.
    """
    if moment.ndim > gram.ndim:
        solved = without_each(gram, np.concatenate(list(moment), axis=-1))
        return np.stack(np.split(solved, len(moment), axis=-1))
    pooled = gram.sum(axis=-3, keepdims=True)
    scale = 1.0 / np.sqrt(np.diagonal(pooled, axis1=-2, axis2=-1))[..., None]
    both = scale * np.swapaxes(scale, -1, -2)
    rest, lost = (pooled - gram) * both, _lost(gram * both)[..., None, None]
    moved = (moment.sum(axis=-3, keepdims=True) - moment) * scale
    if not lost.any():
        return np.asarray(np.linalg.solve(rest, moved) * scale)
    solved = np.linalg.solve(np.where(lost, np.eye(gram.shape[-1]), rest), moved) * scale
    return np.where(lost, np.nan, solved)


def leave_one_out(
    gram: Floats, moment: Floats, *, columns: tuple[str, ...], clusters: tuple[str, ...]
) -> Floats:
    """`without_each` of one data set, or why it cannot be had.

    Parameters
    ----------
    gram, moment : ndarray, shape (G, q, q) and (G, q, m)
    columns, clusters : tuple of str
        Names of the q columns and G clusters, for the message.

    Raises
    ------
    StepUnavailable
        Some deletion leaves a singular system.
    """
    without = without_each(gram, moment)
    alone = np.flatnonzero(np.isnan(without).any(axis=(1, 2)))
    if not len(alone):
        return without
    scale = 1.0 / np.sqrt(np.diagonal(gram.sum(axis=0)))
    scaled = gram * np.outer(scale, scale)
    root = np.linalg.cholesky(inverse(scaled.sum(axis=0)))
    _, directions = np.linalg.eigh(root.T @ scaled[alone] @ root)
    lost = np.abs(np.einsum("ij,gj->gi", root, directions[:, :, -1]))
    involved = (lost > 1e-6 * lost.max(axis=1, keepdims=True)).any(axis=0)
    names = [name for name, flag in zip(columns, involved, strict=True) if flag]
    # The problem becomes a published reason, which may not name a place; the error's place may.
    raise StepUnavailable(
        message("without-clusters.problem", n=len(alone), of=len(clusters), listed=_listed(names)),
        where=f"regression, clusters {_listed([clusters[g] for g in alone])}",
        mend=message("use-inference-method.mend"),
    )


def _lost(gram: Floats) -> Flags:
    """Clusters that hold, in some direction, all of the pooled matrix, shape (..., G)."""
    pooled = gram.sum(axis=-3, keepdims=True)
    # What is left has eigenvalues from 0 to 1, so the smallest is no less than their product.
    lost = np.asarray(~(np.linalg.det(pooled - gram) > 2.0 * _SINGULAR * np.linalg.det(pooled)))
    for place in zip(*np.nonzero(lost), strict=True):
        root = np.linalg.cholesky(inverse(pooled[place[:-1]][0]))
        lost[place] = np.linalg.eigvalsh(root.T @ gram[place] @ root)[-1] > 1.0 - _SINGULAR
    return lost


def _listed(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
