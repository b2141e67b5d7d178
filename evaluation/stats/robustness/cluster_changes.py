"""One number per cluster: the change of its mean between the rounds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.stats.design import Design

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Clusters of a two-round regression, G of them in sorted order.

    Attributes
    ----------
    clusters : tuple of str
    change : ndarray, shape (G,)
        Weighted mean of the last round minus that of the first, in the outcome's unit.
    weight : ndarray, shape (G,)
        h = w0 w1 / (w0 + w1) with w0, w1 the sums of weights in the rounds. Least squares of the
        changes with these weights is the regression of the rows with cluster effects.
    """

    clusters: tuple[str, ...]
    change: Floats
    weight: Floats


def cluster_changes(built: Design) -> Changes:
    """Mean change and weight of each cluster of a two-round regression.

    Parameters
    ----------
    built : Design
        Of both rounds.
    """
    codes, ids = pd.factorize(built.cluster, sort=True)
    post = last_round(built)
    total = [np.bincount(codes[r], weights=built.weights[r]) for r in (~post, post)]
    product = built.weights * built.y
    mean = [
        np.bincount(codes[r], weights=product[r]) / w
        for r, w in zip((~post, post), total, strict=True)
    ]
    return Changes(
        clusters=tuple(map(str, ids)),
        change=mean[1] - mean[0],
        weight=total[0] * total[1] / (total[0] + total[1]),
    )


def last_round(built: Design) -> NDArray[np.bool_]:
    """Rows of the last round, shape (n,).

    Raises
    ------
    EstimationError
        The regression does not hold the rows of two rounds.
    """
    if built.rounds is None or len(built.rounds.post) != len(built.y):
        raise EstimationError(
            message("check-changes.problem"),
            where="plan.toml, the primary specification",
            mend=message("use-method-did.mend"),
        )
    return built.rounds.post
