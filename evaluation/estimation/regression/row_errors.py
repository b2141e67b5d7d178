"""Standard errors that know no clusters: classical, and robust to unequal variances (HC1)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.estimation.arrays import Codes, Floats, Ids
from evaluation.estimation.regression.fit import StepUnavailable, inverse


@dataclass(frozen=True, slots=True, eq=False)
class RowErrors:
    """Coefficients of q columns, their standard errors, and the degrees of freedom n - k."""

    coefficients: Floats
    errors: Floats
    df: int


def by_row(
    X: Floats,
    y: Floats,
    *,
    weights: Floats,
    cluster: Ids | None,
    kind: Literal["classical", "hc1"],
) -> RowErrors:
    """Weighted least squares with errors that take rows as independent.

    Parameters
    ----------
    X : ndarray, shape (n, q)
    y, weights : ndarray, shape (n,)
    cluster : ndarray, shape (n,), or None
        What has effects that are absorbed, by demeaning.
    kind : {"classical", "hc1"}

    Returns
    -------
    RowErrors

    Raises
    ------
    StepUnavailable
        There are no more rows than coefficients.

    Notes
    -----
    With M = (X'WX)^-1 and k coefficients, absorbed effects among them: M sum w e^2 / (n - k), and
    M (sum w^2 e^2 x x') M n / (n - k) (White 1980; MacKinnon and White 1985, HC1), both with
    t(n - k).
    """
    design, outcome, absorbed = X, y, 0
    if cluster is not None:
        places, names = pd.factorize(cluster)
        codes: Codes = places.astype(np.int64)
        absorbed = len(names)
        total = np.asarray(np.bincount(codes, weights), dtype=np.float64)
        design = np.column_stack([_demeaned(x, weights, codes, total) for x in X.T])
        outcome = _demeaned(y, weights, codes, total)
    n, k = len(y), X.shape[1] + absorbed
    if n <= k:
        raise StepUnavailable.of("rows-coefficients", "rows-coefficients", "regression", n=n, k=k)
    weighted = design * weights[:, None]
    bread = inverse(design.T @ weighted)
    coefficients = bread @ (weighted.T @ outcome)
    residual = outcome - design @ coefficients
    if kind == "classical":
        variance = np.diag(bread) * float(weights @ residual**2) / (n - k)
    else:
        scores = (weighted * residual[:, None]) @ bread
        variance = np.square(scores).sum(axis=0) * n / (n - k)
    return RowErrors(coefficients, np.sqrt(variance), n - k)


def _demeaned(values: Floats, weights: Floats, codes: Codes, total: Floats) -> Floats:
    return np.asarray(values - (np.bincount(codes, weights * values) / total)[codes])
