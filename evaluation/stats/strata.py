"""Strata of clusters: places that share their shocks, told apart by a cluster-level variable."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message

Codes = NDArray[np.int64]


def strata(values: pd.Series, cluster: Codes, *, where: str) -> tuple[Codes, tuple[str, ...]]:
    """Stratum of every row, checked to be one per cluster.

    Parameters
    ----------
    values : Series, shape (n,)
        The variable; its name is used in messages.
    cluster : ndarray of int, shape (n,)
        Cluster of each row, coded from 0.
    where : str
        Names the estimate in messages.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        Position of each row's stratum.
    labels : tuple of str
        Names of the strata, in sorted order of the values.

    Raises
    ------
    EstimationError
        The variable is missing in some row, or differs within a cluster.
    """
    codes, found = pd.factorize(values, sort=True)
    if (codes < 0).any():
        raise EstimationError(
            message("rows-no.problem", without=int((codes < 0).sum()), name=values.name),
            where=where,
            mend=message("complete-it-in-the.mend"),
            rule="sample",
        )
    of_cluster = np.zeros(int(cluster.max(initial=-1)) + 1, dtype=np.int64)
    of_cluster[cluster] = codes
    differing = len(np.unique(cluster[of_cluster[cluster] != codes]))
    if differing:
        raise EstimationError(
            message("differs-within-clusters.problem", name=values.name, differing=differing),
            where=where,
            mend=message("use-variable.mend"),
            rule="sample",
        )
    return np.asarray(codes, dtype=np.int64), tuple(plain(value) for value in found)


def plain(value: object) -> str:
    """A value as readers write it: whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
