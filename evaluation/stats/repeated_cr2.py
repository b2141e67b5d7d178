"""CR2 with Satterthwaite degrees of freedom on many data sets at once; see `cr2`.

In the coordinates of U_g = [1, Z_g, W_g 1, W_g Z_g] the length of every direction is the same for
all assignments of treatment, so only the small adjustment matrix is decomposed anew for each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.repeated import Bases, Regressions

Floats = NDArray[np.float64]

# The rules of `cr2` for directions that do not count.
_NULL, _SPAN = 1e-12, 1e-16


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Coordinates of the clusters' spans U_g = unit E', of rank at most k.

    Attributes
    ----------
    unit : ndarray, shape (c, G, 2w)
        Scale of each column of U_g, w = 1 + p.
    root, back : ndarray, shape (c, G, 2w, k)
        E with U_g'U_g = E E' in scaled columns, and its left inverse; zero beyond the rank.
    """

    unit: Floats
    root: Floats
    back: Floats


def spans(bases: Bases) -> Spans:
    """Decompose U_g'U_g of every cluster."""
    first, second, third = bases.products
    size = np.sqrt(np.diagonal(first, axis1=-2, axis2=-1))
    size = np.where(size > 0.0, size, 1.0)
    trace = [np.trace(part, axis1=-2, axis2=-1) for part in (first, third)]
    weight = np.sqrt(trace[1] / trace[0])[..., None]
    unit = np.concatenate([size, weight * size], axis=-1)
    upper = np.concatenate([first, second], axis=-1)
    lower = np.concatenate([second, third], axis=-1)
    whole = np.concatenate([upper, lower], axis=-2) / (unit[..., :, None] * unit[..., None, :])
    length, axes = np.linalg.eigh(whole)
    kept = length > _SPAN * length[..., -1:]
    rank = int(kept.sum(axis=-1).max())
    length, axes, kept = length[..., -rank:], axes[..., -rank:], kept[..., -rank:]
    root = np.sqrt(np.where(kept, length, 0.0))
    inverse = np.where(kept, 1.0 / np.where(kept, root, 1.0), 0.0)
    return Spans(unit, axes * root[..., None, :], axes * inverse[..., None, :])


def t_cr2(found: Regressions, span: Spans) -> tuple[Floats, Floats]:
    """Studentised estimates with CR2 standard errors, and degrees of freedom.

    Parameters
    ----------
    found : Regressions
    span : Spans
        Of the same bases.

    Returns
    -------
    t, df : ndarray, shape (C,) and (c,)
    """
    within = _within(found, span)
    turned = np.swapaxes(span.root, -1, -2)
    start = np.zeros((*found.mixing.shape[:2], span.unit.shape[-1]))
    half = span.unit.shape[-1] // 2
    start[..., half + 1 :] = (found.mixing @ found.bread[:, None, :, :1])[..., 0]
    values, vectors = np.linalg.eigh(np.eye(within.shape[-1]) + within)
    positive = values > _NULL * np.maximum(1.0, values[..., -1:])
    powered = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    seen = np.swapaxes(vectors, -1, -2) @ (turned @ (start * span.unit)[..., None])
    reduced = vectors @ (powered[..., None] * seen)
    own = np.sum(values * powered**2 * seen[..., 0] ** 2, axis=-1)
    adjusted = (span.back @ reduced)[..., 0] / span.unit
    influence = np.sum(adjusted * _residual_moments(found), axis=-1)
    inner = (span.root @ reduced)[..., 0] * span.unit
    squared = np.sum(influence**2, axis=1)
    return found.coefficients[:, 0] / np.sqrt(squared), _freedom(found, inner, own)


def _within(found: Regressions, span: Spans) -> Floats:
    """Hat matrix of each cluster in its span's coordinates, shape (c, G, k, k)."""
    products, mixing, bread = found.bases.products, found.mixing, found.bread[:, None]
    c, g, p, q = np.broadcast_shapes(mixing.shape, (len(bread), 1, 1, 1))
    bordered, squared = np.zeros((c, g, 1 + p, 1 + q)), np.zeros((c, g, 1 + q, 1 + q))
    ones = products[1, :, :, 0, 0]
    bordered[..., 0, 0] = 1.0 / ones
    bordered[..., 1:, 1:] = mixing @ bread
    squared[..., 1:, 1:] = _squared(found)[:, None]
    row = (products[2, :, :, None, 0, 1:] @ mixing)[..., 0, :]
    squared[..., 0, 0] = products[2, :, :, 0, 0]
    squared[..., 0, 1:] = squared[..., 1:, 0] = row
    lever = bordered @ squared @ np.swapaxes(bordered, -1, -2)
    own = np.zeros((c, g, 1 + p, 1 + p))
    own[..., 0, 0] = 1.0 / ones
    own[..., 1:, 1:] = bordered[..., 1:, 1:] @ np.swapaxes(mixing, -1, -2)
    scaled = span.root * span.unit[..., None]
    upper, lower = np.split(scaled, 2, axis=-2)
    crossed = np.swapaxes(upper, -1, -2) @ own @ lower
    found_within = np.swapaxes(upper, -1, -2) @ lever @ upper
    return np.asarray(found_within - crossed - np.swapaxes(crossed, -1, -2))


def _squared(found: Regressions) -> Floats:
    """X'W^2X, shape (c, q, q)."""
    turned = np.swapaxes(found.mixing, -1, -2)
    return np.asarray((turned @ found.bases.products[2, :, :, 1:, 1:] @ found.mixing).sum(axis=1))


def _residual_moments(found: Regressions) -> Floats:
    """U_g'e_g, shape (C, G, 2w)."""
    base = (found.mixing @ found.coefficients[:, None, :, None])[None]
    residual = found.bases.moments - (found.bases.products[:2, ..., 1:] @ base)[..., 0]
    return np.concatenate([residual[0], residual[1]], axis=-1)


def _freedom(found: Regressions, inner: Floats, own: Floats) -> Floats:
    """(tr P)^2 / sum P_gh^2 of `cr2`, from matrices of size 2q."""
    products, mixing = found.bases.products, found.mixing
    x, wx = np.split(inner, 2, axis=-1)
    effect = x[..., :1] / products[1, :, :, 0, :1] * products[2, :, :, 0, 1:]
    turned = np.swapaxes(mixing, -1, -2)
    x = (turned @ x[..., 1:, None])[..., 0]
    wx = (turned @ (wx[..., 1:] - effect)[..., None])[..., 0]
    q = x.shape[-1]
    middle = np.zeros((len(x), 2 * q, 2 * q))
    middle[:, :q, :q] = found.bread @ _squared(found) @ found.bread
    middle[:, :q, q:] = middle[:, q:, :q] = -found.bread
    both = np.concatenate([x, wx], axis=-1)
    mixed = both @ middle
    diagonal = np.sum(mixed * both, axis=-1)
    pooled = middle @ (np.swapaxes(both, 1, 2) @ both)
    all_squares = np.einsum("cij,cji->c", pooled, pooled)
    spread = all_squares - np.sum(diagonal**2, axis=1) + np.sum(own**2, axis=1)
    return np.asarray(own.sum(axis=1) ** 2 / spread)
