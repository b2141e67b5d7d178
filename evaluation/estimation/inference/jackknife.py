"""What hangs on each cluster: leverage, influence, and CV3, the cluster jackknife."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import (
    Fit,
    StepResult,
    StepUnavailable,
    check_residuals,
    inverse,
)

# Names the constant among shared shocks, whether or not the regression has a column for it.
CONSTANT = "1"


@dataclass(frozen=True, slots=True, eq=False)
class Leverage:
    """Leverage of the G clusters, in the order of the blocks.

    Attributes
    ----------
    cluster : ndarray, shape (G,)
        Trace of each cluster's block of the hat matrix, absorbed effects apart: sums to q.
    partial : ndarray, shape (G,)
        Share of the coefficient's own variation that each cluster holds: sums to 1.
    """

    cluster: Floats
    partial: Floats


def leverage(blocks: Blocks, fit: Fit, column: str) -> Leverage:
    """Cluster leverage and partial leverage of one column.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Any fit on the same blocks.
    column : str
        Regressor of interest.

    Returns
    -------
    Leverage

    Notes
    -----
    MacKinnon, Nielsen and Webb (2023, Stata Journal 23(4), Leverage, influence, and the
    jackknife): L_g = tr(X_g'W_g X_g (X'WX)^-1), and with x the residual of the column after the
    others, L_gj = x_g'W_g x_g / x'Wx. An absorbed effect has leverage 1 in its own cluster and
    none elsewhere, and is left out.
    """
    gram, row = blocks.xx(), fit.bread[blocks.position(column)]
    return Leverage(
        cluster=np.einsum("gij,ji->g", gram, fit.bread),
        partial=np.einsum("i,gij,j->g", row, gram, row) / row[blocks.position(column)],
    )


def effective_clusters(blocks: Blocks, fit: Fit, column: str, *, shared: str = "") -> float:
    """Effective number of clusters of Carter, Schnepel and Steigerwald, G*(0) or G*(1).

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Any fit on the same blocks.
    column : str
        Regressor of interest.
    shared : str
        Empty for G*(0): the errors of a cluster are independent. For G*(1), what all errors of a
        cluster share a shock in: "1" the constant, or a column, which with cluster effects must
        be the last round's, because they take every shock that lasts.

    Returns
    -------
    float
        Between 1 and the number of clusters.

    Raises
    ------
    StepUnavailable
        The shared shock is orthogonal to the column in every cluster.

    Notes
    -----
    Carter, Schnepel and Steigerwald (2017, Rev. Economics and Statistics 99(4)); MacKinnon,
    Nielsen and Webb (2023, J. Econometrics 232(2)), section 7. With a the column's row of
    (X'WX)^-1, gamma_g = a'X_g'W_g V_g W_g X_g a for errors with covariance V_g (I, or c_g c_g' for
    the shared column c), and G* = G / (1 + mean of ((gamma_g - gamma) / gamma)^2) around the mean
    gamma. The Satterthwaite degrees of freedom of CR2 are another measure.
    """
    row = fit.bread[blocks.position(column)]
    if shared == CONSTANT:
        gamma = (blocks.products[1, :, 0, 1 : 1 + len(row)] @ row) ** 2
    elif shared:
        gamma = (blocks.xx()[:, blocks.position(shared)] @ row) ** 2
    else:
        gamma = np.einsum("i,gij,j->g", row, blocks.xx(2), row)
    mean = float(gamma.mean())
    if not mean > 0.0:
        raise StepUnavailable.of(
            "shock-shared", "name-round-column", "effective clusters", shared=shared, column=column
        )
    return float(len(gamma) / (1.0 + np.mean((gamma / mean - 1.0) ** 2)))


def influence(built: Design) -> Floats:
    """Weight of each row's outcome in the coefficient of interest, shape (n,).

    The coefficient is the sum of outcomes times these weights, whatever constant is added to all
    outcomes of a cluster where cluster effects are absorbed.
    """
    X = _within(built, built.X)
    bread = inverse((X * built.weights[:, None]).T @ X)
    return np.asarray(built.weights * (X @ bread[built.columns.index(built.column)]))


def error_parts(built: Design) -> Floats:
    """Part of each row in the error of the coefficient, its weight times its residual, shape (n,).

    Summed over a cluster they are its score in the sandwich of a cluster-robust variance.
    """
    X, y = _within(built, built.X), _within(built, built.y[:, None])[:, 0]
    bread = inverse((X * built.weights[:, None]).T @ X)
    return influence(built) * (y - X @ (bread @ (X.T @ (built.weights * y))))


def _within(built: Design, values: Floats) -> Floats:
    """Values less their weighted mean in the cluster, where cluster effects are absorbed."""
    if built.absorb != "cluster":
        return values
    _, code = np.unique(built.cluster.astype(str), return_inverse=True)
    weight = np.bincount(code, weights=built.weights)
    means = np.column_stack([np.bincount(code, built.weights * v) / weight for v in values.T])
    return np.asarray(values - means[code])


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

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Of the blocks.
    column : str
        Regressor of interest.
    """
    without = without_each(blocks.xx(), blocks.xy()[..., None])
    return _errors(without[..., blocks.position(column), 0], fit, column)


def _errors(without: Floats, fit: Fit, column: str) -> Floats:
    """From the estimates without each cluster, shape (..., G)."""
    return errors_of(without, fit.estimates(column))


def errors_of(without: Floats, estimates: Floats) -> Floats:
    """CV3 of any estimates, shape (...): root of (G-1)/G times the sum of their squared moves.

    Parameters
    ----------
    without : ndarray, shape (..., G)
        Estimates without each cluster.
    estimates : ndarray, shape (...)
    """
    away, g = without - np.asarray(estimates)[..., None], without.shape[-1]
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
    """`without_each` of one data set, or why it is unavailable.

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
    raise StepUnavailable.of(
        "without-clusters",
        "use-inference-method",
        f"regression, clusters {_listed([clusters[g] for g in alone])}",
        n=len(alone),
        of=len(clusters),
        listed=_listed(names),
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
