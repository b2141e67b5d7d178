"""CR2 and its degrees of freedom from their definition, row by row, in 60-digit arithmetic.

Nothing simplified and nothing of the package: explicit dummies, N by N hat matrix, the symmetric
pseudo-inverse root of each cluster's block by Jacobi rotations.
"""

from decimal import Decimal, localcontext

import numpy as np

DIGITS = 60
# Eigenvalues below are exact zeros: 60 digits leave about 1e-50 of one.
_NULL = Decimal("1e-35")
_SWEEPS = 60


def exact(values):
    """Doubles as the numbers that they are."""
    return np.vectorize(lambda v: Decimal(float(v)), otypes=[object])(np.asarray(values))


def inverse(matrix):
    """Gauss-Jordan with the largest pivot."""
    n = len(matrix)
    work = np.hstack([matrix.copy(), exact(np.eye(n))])
    for j in range(n):
        pivot = max(range(j, n), key=lambda i: abs(work[i, j]))
        work[[j, pivot]] = work[[pivot, j]]
        work[j] = work[j] / work[j, j]
        for i in range(n):
            if i != j:
                work[i] = work[i] - work[i, j] * work[j]
    return work[:, n:]


def eigen(matrix):
    """Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations."""
    a, n = matrix.copy(), len(matrix)
    vectors = exact(np.eye(n))
    for _ in range(_SWEEPS):
        off = sum(a[i, j] ** 2 for i in range(n) for j in range(n) if i != j)
        if off == 0 or off < Decimal("1e-112") * sum(a[i, i] ** 2 for i in range(n)):
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                if a[p, q] == 0:
                    continue
                ratio = (a[q, q] - a[p, p]) / (2 * a[p, q])
                sign = 1 if ratio >= 0 else -1
                t = sign / (abs(ratio) + (ratio * ratio + 1).sqrt())
                c = 1 / (t * t + 1).sqrt()
                s = t * c
                a[:, [p, q]] = np.stack(
                    [c * a[:, p] - s * a[:, q], s * a[:, p] + c * a[:, q]], axis=1
                )
                a[[p, q]] = np.stack([c * a[p] - s * a[q], s * a[p] + c * a[q]])
                vectors[:, [p, q]] = np.stack(
                    [c * vectors[:, p] - s * vectors[:, q], s * vectors[:, p] + c * vectors[:, q]],
                    axis=1,
                )
    return np.array([a[i, i] for i in range(n)], dtype=object), vectors


def cr2(full, y, weights, cluster):
    """Standard error and df of the first column's coefficient.

    Parameters
    ----------
    full : ndarray, shape (N, k)
        All regressors, dummies included.
    y, weights, cluster : ndarray, shape (N,)

    Returns
    -------
    std_error, df : float
    """
    with localcontext() as context:
        context.prec = DIGITS
        x, w, outcome = exact(full), exact(weights), exact(y)
        weighted = x * w[:, None]
        bread = inverse(weighted.T @ x)
        keep = exact(np.eye(len(w))) - x @ bread @ weighted.T
        parts = []
        for name in np.unique(cluster):
            rows = np.flatnonzero(cluster == name)
            values, vectors = eigen(keep[rows] @ keep[rows].T)
            kept = [v > _NULL for v in values]
            roots = np.array(
                [1 / v.sqrt() if k else Decimal(0) for v, k in zip(values, kept, strict=True)]
            )
            adjust = (vectors * roots) @ vectors.T
            a = adjust @ (weighted[rows] @ bread[:, 0])
            parts.append(keep[rows].T @ a)
        parts = np.array(parts)
        variance, p = sum((parts @ outcome) ** 2), parts @ parts.T
        return float(variance.sqrt()), float(p.trace() ** 2 / (p**2).sum())
