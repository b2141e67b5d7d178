"""Wild cluster bootstrap with the null imposed, with plain (WCR) or jackknifed scores (WCR-S).

The result is a `Distribution`: five numbers per draw that answer every tested value.
"""

import hashlib
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference import rounding
from evaluation.estimation.inference.inversion import TIE, Distribution, share_of
from evaluation.estimation.inference.restricted_scores import (
    Restricted,
    Scores,
    less_others,
    of_every_null,
)
from evaluation.estimation.inference.rounding import ClusterMagnitudes, Positions
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    Fit,
    cv1,
    cv1_errors,
    least_squares,
    small_sample_factor,
)
from evaluation.locale.messages import Message, ResultNumber, message

Kind = Literal["rademacher", "webb"]

# Multipliers in one (clusters x draws) table: it and the products made of it stay in cache.
_CELLS = 32_768
# Share of sum v_g^2 p_g^2 up to which a draw's squared error is rounding of an exact zero, as in
# matched pairs where one cluster of each is flipped: it counts as extreme.
_NO_ERROR = 1e-12
# Six-point distribution of Webb (2023), in the order of its codes.
_WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


@dataclass(frozen=True, slots=True)
class Draws:
    """Bootstrap multipliers by cluster.

    Attributes
    ----------
    clusters : tuple of str
        Sorted cluster ids.
    kind : {"rademacher", "webb"}
    enumerated : bool
        Whether the draws are all 2^G sign vectors.
    codes : ndarray of int8, shape (G, B)
        Signs (Rademacher) or positions in the six-point distribution (Webb).
    """

    clusters: tuple[str, ...]
    kind: Kind
    enumerated: bool
    codes: NDArray[np.int8]

    @property
    def number(self) -> int:
        """Number of draws B."""
        return int(self.codes.shape[1])

    def chunks(self, clusters: tuple[str, ...]) -> Iterator[tuple[slice, Floats]]:
        """Multipliers of some of the clusters, shape (len(clusters), chunk), chunk by chunk."""
        place = {cluster: row for row, cluster in enumerate(self.clusters)}
        rows = np.array([place[cluster] for cluster in clusters])
        step = max(1, _CELLS // len(rows))
        for start in range(0, self.number, step):
            part = slice(start, min(start + step, self.number))
            codes = self.codes[rows, part]
            yield part, codes.astype(np.float64) if self.kind == "rademacher" else _WEBB[codes]


def draws(
    clusters: Iterable[Hashable], *, number: int, seed: int, kind: Kind = "rademacher"
) -> Draws:
    """Draw bootstrap multipliers keyed by cluster id.

    Parameters
    ----------
    clusters : iterable of hashable
        Cluster ids, compared as text; order and repetition do not matter.
    number : int
        Draws wanted. If all 2^G sign vectors are not more, they are enumerated instead.
    seed : int
        Seed of the study.
    kind : {"rademacher", "webb"}
        Signs, or the six-point distribution for very few clusters (never enumerated).

    Returns
    -------
    Draws

    Notes
    -----
    A cluster's random stream depends on the seed and its own id only, so outcomes that miss some
    clusters stay aligned draw by draw with those that do not. Pass the union of clusters once and
    use the result for every outcome: enumerations of different sets are not aligned.
    """
    ids = tuple(sorted({str(cluster) for cluster in clusters}))
    if len(ids) < 2 or number < 1:
        raise EstimationError.of(
            "draws-clusters", "ask-positive", "bootstrap", number=number, n=len(ids)
        )
    if kind == "rademacher" and 2 ** len(ids) <= number:
        return Draws(ids, kind, enumerated=True, codes=_all_signs(len(ids)))
    make = _signs if kind == "rademacher" else _points
    return Draws(ids, kind, enumerated=False, codes=make(ids, number, seed))


def too_few(draws: Draws, n_clusters: int, level: float) -> Message | None:
    """Why a bootstrap over some clusters cannot reject at 1 - level; empty where it can.

    A sign vector and its opposite have the same |t*|, so p is a multiple of 2/2^G.

    Parameters
    ----------
    draws : Draws
    n_clusters : int
        Clusters of the regression.
    level : float
        Confidence level.
    """
    smallest = 2.0 ** (1 - n_clusters)
    if draws.kind != "rademacher" or smallest <= 1.0 - level:
        return None
    return message(
        "clusters-sign.reason",
        n_clusters=n_clusters,
        n=2**n_clusters,
        smallest=ResultNumber(f"{smallest:g}"),
        of=ResultNumber(f"{1.0 - level:.2g}"),
    )


def undefined_too_often(found: Distribution, level: float) -> Message | None:
    """Why a bootstrap cannot reject at 1 - level whatever the data; empty where it can.

    Parameters
    ----------
    found : Distribution
        Of `wild`.
    level : float
        Confidence level.

    Notes
    -----
    A draw without numerator and error at every tested value counts as extreme at every one: 2^-k
    of all draws in k matched pairs.
    """
    same = int(np.count_nonzero((found.squared_error == 0.0).all(axis=0)))
    smallest, alpha = found.share(same), round(1.0 - level, 12)
    if not same or smallest < alpha:
        return None
    return message(
        "bootstrap-draws-undefined.reason",
        draws=f"{same:,}",
        number=f"{found.number:,}",
        smallest=f"{smallest:.2g}",
        alpha=f"{alpha:.2g}",
    )


def _all_signs(g: int) -> NDArray[np.int8]:
    """All 2^g sign vectors, shape (g, 2^g); the first is all +1, the last all -1."""
    bits = (np.arange(2**g)[None, :] >> np.arange(g)[:, None]) & 1
    return (1 - 2 * bits).astype(np.int8)


def _signs(clusters: tuple[str, ...], number: int, seed: int) -> NDArray[np.int8]:
    """One bit a sign, lowest first, shape (G, number)."""
    words = np.array([_words(cluster, -(-number // 64), seed) for cluster in clusters], dtype="<u8")
    signs = np.unpackbits(words.view(np.uint8), axis=1, count=number).view(np.int8)
    signs *= 2
    signs -= 1
    return signs


def _points(clusters: tuple[str, ...], number: int, seed: int) -> NDArray[np.int8]:
    """One word a position in the six-point distribution, shape (G, number)."""
    codes = np.empty((len(clusters), number), dtype=np.int8)
    for row, cluster in enumerate(clusters):
        codes[row] = _words(cluster, number, seed) % np.uint64(6)
    return codes


def _words(cluster: str, number: int, seed: int) -> NDArray[np.uint64]:
    """Random words of one cluster."""
    digest = hashlib.sha256(f"{seed}\n{cluster}".encode()).digest()
    # Raw Philox words are fixed by the generator's definition, not by a library's version.
    source = np.random.Philox(np.random.SeedSequence(int.from_bytes(digest, "big")))
    return np.asarray(source.random_raw(number), dtype=np.uint64)


def wild(blocks: Blocks, column: str, draws: Draws, *, scores: Scores) -> Distribution:
    """Wild cluster bootstrap of one coefficient, weighted, with the null imposed.

    Parameters
    ----------
    blocks : Blocks
        Of one data set.
    column : str
        Regressor of interest.
    draws : Draws
        Multipliers; they must cover the clusters of the blocks and may cover more.
    scores : {"plain", "jackknifed"}
        Scores at the restricted estimate (WCR), or each cluster's scores at the restricted
        estimate without that cluster (WCR-S).

    Returns
    -------
    Distribution

    Raises
    ------
    EstimationError
        A cluster has no multipliers.
    StepUnavailable
        Jackknifed scores, and without some cluster the restricted fit is singular.

    Notes
    -----
    MacKinnon, Nielsen and Webb (2023, J. Applied Econometrics 38(5)): WCR-C and WCR-S. With s_g
    the restricted scores, bootstrap scores are v_g s_g, the coefficient moves by
    (M sum_g v_g s_g)_j, and CV1 is rebuilt from the unrestricted scores of the draw,
    v_g s_g - A_g M sum_h v_h s_h with A_g = X_g'W_g X_g.

    With p_g = (M s_g)_j, L_g = (M A_g)_j and B = sum_h v_h M s_h, a cluster's part of the draw's
    error is z_g = v_g p_g - L_g B. Then sum z_g^2 = sum v_g^2 p_g^2 + B'F with
    F = sum_g v_g (Q M s_g - 2 p_g L_g) and Q = sum_g L_g L_g': two q-vectors per draw. Draws of
    which these sums leave next to nothing are made from the z_g; see `degenerate_draws`.
    """
    absent = sorted(set(blocks.clusters) - set(draws.clusters))
    if absent:
        raise EstimationError.of(
            "no-bootstrap", "make-draws-union", "bootstrap", n=len(absent), absent=absent[0]
        )
    fit = least_squares(blocks)
    sample = cv1(fit, column)
    restricted = of_every_null(blocks, column, fit, scores=scores)
    numerator, squared_error = _moments(blocks, fit, restricted, draws, column=column)
    return Distribution(
        column=column,
        estimate=sample.estimate,
        std_error=sample.std_error,
        factor=small_sample_factor(fit),
        enumerated=draws.enumerated,
        numerator=numerator,
        squared_error=squared_error,
    )


def p_of_each_data_set(
    blocks: Blocks, fit: Fit, column: str, draws: Draws, *, scores: Scores
) -> Floats:
    """p-values of a zero coefficient for many data sets at once, which a simulation asks for.

    They are those of `wild`, whose distribution has the p-value of one data set.

    Parameters
    ----------
    blocks : Blocks
        Of many data sets.
    fit : Fit
        Of the blocks.
    column, draws, scores
        As in `wild`.

    Returns
    -------
    ndarray, shape (C,)
        Not a number where jackknifed scores are unavailable.
    """
    t = fit.estimates(column) / cv1_errors(fit, column)
    drawn = squared_t_of_each_draw(blocks, fit, column, draws, scores=scores)
    larger = np.count_nonzero(drawn >= (t**2 * (1.0 - TIE))[:, None], axis=1)
    return np.where(
        np.isnan(drawn).any(axis=1),
        np.nan,
        share_of(larger, draws.number, enumerated=draws.enumerated),
    )


def squared_t_of_each_draw(
    blocks: Blocks, fit: Fit, column: str, draws: Draws, *, scores: Scores
) -> Floats:
    """Squared t* of a zero coefficient in every draw for each of C data sets, shape (C, B).

    Infinite where a draw has no error, so that it counts as extreme; not a number where jackknifed
    scores are unavailable. Parameters as in `p_of_each_data_set`.
    """
    restricted, _ = less_others(blocks, column, blocks.xy()[..., None], scores=scores)
    made = _Made.of(blocks, fit, restricted, column)
    squares, factor = made.part[:, 0] ** 2, small_sample_factor(fit)
    found = np.empty((len(squares), draws.number))
    for where, v, totals, folded in made.drawn(draws, blocks.clusters):
        own = _own(squares, v, draws.kind)
        error = own + np.einsum("cqb,cqb->cb", totals[:, 0], folded[:, 0])
        none = error <= _NO_ERROR * own
        moved = totals[:, 0, blocks.position(column)]
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, where] = np.where(none, np.inf, moved**2 / (factor * error))
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    """What the draws of k right-hand sides are made of; see Notes of `wild`.

    part (..., k, G) are the p_g, lever (..., G, q) the L_g; stacked (..., 2kq, G) are M s_g and the
    terms of F, one right-hand side after the other.
    """

    part: Floats
    lever: Floats
    stacked: Floats

    @classmethod
    def of(cls, blocks: Blocks, fit: Fit, scores: Floats, column: str) -> "_Made":
        """Of restricted scores, shape (..., k, G, q)."""
        j = blocks.position(column)
        lever = np.einsum("...i,...gij->...gj", fit.bread[..., j, :], blocks.xx())
        moved = scores @ fit.bread[..., None, :, :]
        part, by_side = moved[..., j], lever[..., None, :, :]
        spread = np.swapaxes(lever, -1, -2) @ lever
        folded = moved @ spread[..., None, :, :] - 2.0 * part[..., None] * by_side
        both = np.concatenate([moved, folded], axis=-1).swapaxes(-1, -2)
        return cls(part, lever, both.reshape(*both.shape[:-3], -1, both.shape[-1]))

    def drawn(
        self, draws: Draws, clusters: tuple[str, ...]
    ) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
        """Chunk by chunk: which draws, v (G, b), and B and F, each of shape (..., k, q, b)."""
        k, q = self.part.shape[-2], self.lever.shape[-1]
        for where, v in draws.chunks(clusters):
            product = self.stacked @ v
            halves = product.reshape(*product.shape[:-2], k, 2, q, -1)
            yield where, v, halves[..., 0, :, :], halves[..., 1, :, :]


def _moments(
    blocks: Blocks, fit: Fit, restricted: Restricted, draws: Draws, *, column: str
) -> tuple[Floats, Floats]:
    """The five numbers of each draw; see Notes of `wild`."""
    j, made = blocks.position(column), _Made.of(blocks, fit, restricted.scores, column)
    zero, one = made.part
    squares = np.stack([zero**2, 2.0 * zero * one, one**2])
    numerator, squared_error = np.empty((2, draws.number)), np.empty((3, draws.number))
    sizes = _sizes(fit, restricted, made.lever, j)
    for where, v, totals, folded in made.drawn(draws, blocks.clusters):
        (d0, upper), (lower, d2) = np.einsum("iqb,kqb->ikb", totals, folded)
        own = _own(squares, v, draws.kind)
        numbers = totals[:, j].copy(), np.stack([d0, upper + lower, d2]) + own
        rounding.settle(
            *numbers, own[::2], errors=_Errors(made.part, made.lever, totals, v), sizes=sizes
        )
        numerator[:, where], squared_error[:, where] = numbers
    return numerator, squared_error


def _own(squares: Floats, v: Floats, kind: Kind) -> Floats:
    """Sums of v_g^2 times squares (n, G), shape (n, b), or (n, 1) as all signs have the same."""
    return squares @ v**2 if kind == "webb" else squares.sum(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class _Errors:
    """z_g of a chunk's draws, from part (2, G), lever (G, q), totals B (2, q, b) and v (G, b)."""

    part: Floats
    lever: Floats
    totals: Floats
    v: Floats

    def __call__(self, few: Positions) -> Floats:
        """Errors of some of the draws, shape (2, G, n)."""
        return self.part[:, :, None] * self.v[:, few] - self.lever @ self.totals[:, :, few]


def _sizes(fit: Fit, restricted: Restricted, lever: Floats, j: int) -> ClusterMagnitudes:
    bread = np.abs(fit.bread)
    own = restricted.sizes @ bread[j]
    moved = restricted.sizes.sum(axis=1) @ bread
    return ClusterMagnitudes(
        numerator=own.sum(axis=1),
        error=np.linalg.norm(own + moved @ np.abs(lever).T, axis=1),
    )
