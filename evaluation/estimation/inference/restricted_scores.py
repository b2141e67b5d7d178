"""Scores of a regression with the null imposed: after regression on the other columns alone.

They are taken at the restricted estimate, or each cluster's at the one without that cluster.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.jackknife import leave_one_out, without_each
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import Fit, inverse

Scores = Literal["plain", "jackknifed"]


@dataclass(frozen=True, slots=True)
class Restricted:
    """Scores of y - b x_j and of x_j after regression on the other columns, shape (2, G, q).

    sizes, of the same shape, are the terms that cancel in them.
    """

    scores: Floats
    sizes: Floats


def of_every_null(blocks: Blocks, column: str, fit: Fit, *, scores: Scores) -> Restricted:
    """Centring y at the unrestricted b keeps digits when b is large against its standard error.

    Parameters
    ----------
    blocks : Blocks
        Of one data set.
    column : str
        Regressor of interest.
    fit : Fit
        Of the blocks.
    scores : {"plain", "jackknifed"}
    """
    j = blocks.position(column)
    own, tested, b = blocks.xy(), blocks.xx()[:, :, j], fit.coefficients[j]
    moment = np.stack([own - b * tested, tested], axis=2)
    size = np.stack([np.abs(own) + np.abs(b * tested), np.abs(tested)], axis=2)
    found, taken = less_others(blocks, column, moment, scores=scores)
    if np.isnan(found).any():
        others = [k for k in range(len(blocks.columns)) if k != j]
        leave_one_out(
            blocks.xx()[:, others][:, :, others],
            moment[:, others],
            columns=tuple(blocks.columns[k] for k in others),
            clusters=blocks.clusters,
        )
    return Restricted(scores=found, sizes=np.moveaxis(size + taken, -1, -3))


def less_others(
    blocks: Blocks, column: str, moment: Floats, *, scores: Scores
) -> tuple[Floats, Floats]:
    """Scores of right-hand sides (..., G, q, k) after regression on the other columns.

    Parameters
    ----------
    blocks : Blocks
    column : str
        Regressor of interest.
    moment : ndarray, shape (..., G, q, k)
    scores : {"plain", "jackknifed"}

    Returns
    -------
    scores : ndarray, shape (..., k, G, q)
        Not a number where jackknifed ones are unavailable.
    taken : ndarray, shape (..., G, q, k)
        Sizes of the terms that are taken from the right-hand sides.
    """
    gram, others = blocks.xx(), np.delete(np.arange(len(blocks.columns)), blocks.position(column))
    left, right = gram[..., others, :][..., others], moment[..., others, :]
    if scores == "jackknifed":
        solution = without_each(left, right)
    else:
        solution = (inverse(left.sum(axis=-3)) @ right.sum(axis=-3))[..., None, :, :]
    found = moment - gram[..., others] @ solution
    return np.moveaxis(found, -1, -3), np.abs(gram[..., others]) @ np.abs(solution)
