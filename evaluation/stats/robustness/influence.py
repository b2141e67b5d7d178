"""What each interview adds to an effect, and to the error of the effect."""

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.design import Design
from evaluation.stats.fit import inverse

Floats = NDArray[np.float64]


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
    residual = y - X @ (bread @ (X.T @ (built.weights * y)))
    return np.asarray(built.weights * residual * (X @ bread[built.columns.index(built.column)]))


def _within(built: Design, values: Floats) -> Floats:
    """Values less their weighted mean in the cluster, where cluster effects are absorbed."""
    if built.absorb != "cluster":
        return values
    _, code = np.unique(built.cluster.astype(str), return_inverse=True)
    weight = np.bincount(code, weights=built.weights)
    means = np.column_stack([np.bincount(code, built.weights * v) / weight for v in values.T])
    return np.asarray(values - means[code])
