"""Strata of the clusters, inside which treatment may be given anew."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message

Codes = NDArray[np.int64]


def strata_of(clusters: tuple[str, ...], frame: pd.DataFrame, variable: str, key: str) -> Codes:
    """Stratum of each cluster as a code; one stratum where ``variable`` is empty.

    Parameters
    ----------
    clusters : tuple of G str
    frame : DataFrame
        One row per cluster.
    variable : str
        Column that holds the stratum, or empty.
    key : str
        Column that holds the cluster's id.

    Returns
    -------
    ndarray of int, shape (G,)

    Raises
    ------
    EstimationError
        The frame lacks the variable, or its value for some cluster.
    """
    if not variable:
        return np.zeros(len(clusters), dtype=np.int64)
    if variable not in frame.columns:
        raise _unknown(message("frame-clusters.problem", variable=variable))
    known = frame.set_index(frame[key].astype(str))[variable]
    found = known[~known.index.duplicated()].reindex(list(clusters))
    if found.isna().any():
        raise _unknown(message("clusters-no.problem", n=int(found.isna().sum()), variable=variable))
    return pd.factorize(found, sort=True)[0].astype(np.int64)


def _unknown(problem: Message) -> EstimationError:
    return EstimationError(
        problem, where="plan.toml, inference", mend=message("complete-frame.mend")
    )
