"""Leverage: how much of a regression, and of one coefficient, hangs on each cluster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import Fit, StepUnavailable

Floats = NDArray[np.float64]

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
        raise StepUnavailable(
            message("shock-shared.problem", shared=shared, column=column),
            where="effective clusters",
            mend=message("name-round-column.mend"),
        )
    return float(len(gamma) / (1.0 + np.mean((gamma / mean - 1.0) ** 2)))
