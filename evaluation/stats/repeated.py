"""The inference steps on many data sets at once: for calibration and size studies.

Every data set has the same G clusters. A regression is written as X_g = Z_g T_g: base columns Z_g
(the second round, covariates) whose cross-products are known, and a small matrix T_g that says
which treatments the cluster has. Assigning treatment anew changes T_g and touches no row. What a
step makes of one data set is what `fit`, `jackknife`, `cr2` and `bootstrap` make of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from evaluation.stats.bootstrap import Draws, Scores

Floats = NDArray[np.float64]

# |t*| and |t| whose squares differ by less than this, relatively, are ties and count in full.
TIE = 2e-10
# Share of sum v_g^2 p_g^2 up to which a draw's squared error is rounding of an exact zero, as in
# matched pairs where one cluster of each is flipped: it counts as extreme.
_NO_ERROR = 1e-12
# What must be left of det(X'WX) without a cluster; see `jackknife`.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Bases:
    """Cross-products of base columns by cluster, after cluster effects.

    Attributes
    ----------
    products : ndarray, shape (3, c, G, 1 + p, 1 + p)
        ``[1, Z]' W^k [1, Z]`` for k = 0, 1, 2, Z in deviations from weighted cluster means; c is 1
        where all data sets share their rows and weights, else the number of data sets.
    moments : ndarray, shape (2, C or 1, G, 1 + p)
        ``[1, Z]' W^k y`` for k = 0, 1.
    """

    products: Floats
    moments: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Regressions:
    """Normal equations of C data sets; a first axis of length 1 is shared by all of them.

    Attributes
    ----------
    bases : Bases
    mixing : ndarray, shape (c, G, p, q)
        T_g; the effect is the first of the q columns.
    gram : ndarray, shape (c, G, q, q)
        X_g' W_g X_g.
    moment : ndarray, shape (C, G, q)
        X_g' W_g y_g.
    bread : ndarray, shape (c, q, q)
        (X'WX)^-1.
    coefficients : ndarray, shape (C, q)
    """

    bases: Bases
    mixing: Floats
    gram: Floats
    moment: Floats
    bread: Floats
    coefficients: Floats

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return int(self.gram.shape[1])

    @property
    def factor(self) -> float:
        """CV1's small-sample factor G/(G - 1)."""
        return self.n_clusters / (self.n_clusters - 1)


def regressions(bases: Bases, mixing: Floats) -> Regressions:
    """Solve the normal equations of every data set.

    Parameters
    ----------
    bases : Bases
    mixing : ndarray, shape (c, G, p, q)

    Returns
    -------
    Regressions
    """
    turned = np.swapaxes(mixing, -1, -2)
    gram = turned @ bases.products[1, :, :, 1:, 1:] @ mixing
    moment = (turned @ bases.moments[1, :, :, 1:, None])[..., 0]
    bread = _inverse(gram.sum(axis=1))
    return Regressions(
        bases=bases,
        mixing=np.broadcast_to(mixing, (len(gram), *mixing.shape[1:])),
        gram=gram,
        moment=moment,
        bread=bread,
        coefficients=(bread @ moment.sum(axis=1)[..., None])[..., 0],
    )


def t_cv1(found: Regressions) -> Floats:
    """Studentised estimates with CV1 standard errors, shape (C,); see `fit.cv1`."""
    lever = (found.gram @ found.bread[:, None, :, :1])[..., 0]
    own = (found.moment @ found.bread[:, :, :1])[..., 0]
    influence = own - (lever @ found.coefficients[..., None])[..., 0]
    squared = found.factor * np.sum(influence**2, axis=1)
    return np.asarray(found.coefficients[:, 0] / np.sqrt(squared))


def t_cv3(found: Regressions) -> Floats:
    """Studentised estimates with CV3 standard errors, shape (C,); see `jackknife.jackknife`.

    Not a number for a data set in which the fit without some cluster is singular.
    """
    without = leave_one_out(found.gram, found.moment)[..., 0]
    estimate = found.coefficients[:, 0]
    variance = np.sum((without - estimate[:, None]) ** 2, axis=1) / found.factor
    return np.asarray(estimate / np.sqrt(variance))


def t_assignments(bases: Bases, mixing: Floats) -> Floats:
    """CV1 t statistics of C data sets under each of B assignments of treatment.

    Parameters
    ----------
    bases : Bases
        Rows and weights shared by all data sets.
    mixing : ndarray, shape (B, G, p, q)

    Returns
    -------
    ndarray, shape (C, B)

    Notes
    -----
    With c_g = T_g M_1 and L_g = A_g M_1, cluster g's influence is c_g'm_g - L_g'b. The sum of its
    squares, sum (c_g'm_g)^2 - 2 b'sum L_g c_g'm_g + b'(sum L_g L_g')b, needs products of
    (data sets x clusters) and (clusters x assignments) matrices only.
    """
    number, g, p, q = mixing.shape
    turned = np.swapaxes(mixing, -1, -2)
    gram = turned @ bases.products[1, :, :, 1:, 1:] @ mixing
    bread = _inverse(gram.sum(axis=1))
    effect = (mixing @ bread[:, None, :, :1])[..., 0]
    lever = (gram @ bread[:, None, :, :1])[..., 0]
    moment = bases.moments[1, :, :, 1:]
    flat = moment.reshape(len(moment), g * p)
    slopes = (mixing @ bread[:, None]).reshape(number, g * p, q)
    crossed = (effect[..., :, None] * lever[..., None, :]).reshape(number, g * p, q)
    b, u = (np.tensordot(flat, part, axes=(1, 1)) for part in (slopes, crossed))
    pairs = (moment[..., :, None] * moment[..., None, :]).reshape(len(moment), g * p * p)
    weights = (effect[..., :, None] * effect[..., None, :]).reshape(number, g * p * p)
    spread = np.swapaxes(lever, 1, 2) @ lever
    bend = np.einsum("cbi,bij,cbj->cb", b, spread, b, optimize=True)
    squared = pairs @ weights.T - 2.0 * np.einsum("cbq,cbq->cb", b, u) + bend
    return np.asarray(b[..., 0] / np.sqrt(g / (g - 1) * squared))


def p_student(t: Floats, df: float | Floats) -> Floats:
    """Two-sided p-values from t(df), shape (C,)."""
    return np.asarray(2.0 * stdtr(df, -np.abs(t)))


def p_wild(found: Regressions, draws: Draws, *, scores: Scores) -> Floats:
    """Wild cluster bootstrap p-values of a zero effect, shape (C,); see `bootstrap.wild`.

    Parameters
    ----------
    found : Regressions
    draws : Draws
        Multipliers of the G clusters, in the order of their sorted ids.
    scores : {"plain", "jackknifed"}

    Returns
    -------
    ndarray, shape (C,)
        Not a number where jackknifed scores cannot be had.
    """
    restricted = _restricted(found, scores)
    lever = (found.gram @ found.bread[:, None, :, :1])[..., 0]
    moved = restricted @ found.bread
    part = moved[..., 0]
    spread = np.swapaxes(lever, 1, 2) @ lever
    folded = moved @ spread / 2.0 - part[..., None] * lever
    reached = t_cv1(found) ** 2 * found.factor * (1.0 - TIE)
    stacked = np.concatenate([moved, folded], axis=2).swapaxes(1, 2).copy()
    larger = np.zeros(len(part), dtype=np.int64)
    for _, v in draws.chunks(draws.clusters):
        b, f = np.split(stacked @ v, 2, axis=1)
        own = part**2 @ v**2
        error = own + 2.0 * np.einsum("cqb,cqb->cb", b, f)
        error[error <= _NO_ERROR * own] = 0.0
        larger += np.count_nonzero(b[:, 0] ** 2 >= reached[:, None] * error, axis=1)
    share = larger / draws.number if draws.enumerated else (1 + larger) / (draws.number + 1)
    return np.where(np.isnan(part).any(axis=1), np.nan, share)


def leave_one_out(gram: Floats, moment: Floats) -> Floats:
    """Coefficients without each cluster, shape (C, G, q); not a number where singular."""
    pooled = gram.sum(axis=1, keepdims=True)
    scale = 1.0 / np.sqrt(np.diagonal(pooled, axis1=-2, axis2=-1))
    both = scale[..., :, None] * scale[..., None, :]
    rest = (pooled - gram) * both
    left = np.linalg.det(rest) > _SINGULAR * np.linalg.det(pooled * both)
    safe = np.where(left[..., None, None], rest, np.eye(gram.shape[-1]))
    solved = np.linalg.inv(safe) @ ((moment.sum(axis=1, keepdims=True) - moment) * scale)[..., None]
    return np.asarray(np.where(left[..., None], solved[..., 0] * scale, np.nan))


def _restricted(found: Regressions, scores: Scores) -> Floats:
    """Scores at the estimate with a zero effect, shape (C, G, q)."""
    others = found.gram[..., 1:, 1:]
    if not others.shape[-1]:
        return found.moment
    if scores == "jackknifed":
        solution = leave_one_out(others, found.moment[..., 1:])
    else:
        pooled = found.moment[..., 1:].sum(axis=1)[..., None]
        solution = (_inverse(others.sum(axis=1)) @ pooled)[:, None, :, 0]
    return np.asarray(found.moment - (found.gram[..., 1:] @ solution[..., None])[..., 0])


def _inverse(gram: Floats) -> Floats:
    """Inverses of positive definite matrices, shape (c, q, q), with their columns scaled first."""
    scale = 1.0 / np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    both = scale[..., :, None] * scale[..., None, :]
    return np.asarray(np.linalg.inv(gram * both) * both)
