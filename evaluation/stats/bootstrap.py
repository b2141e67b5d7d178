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
from evaluation.stats.blocks import Blocks
from evaluation.stats.distribution import Distribution
from evaluation.stats.fit import (
    Fit,
    cv1,
    inverse,
    least_squares,
    small_sample_factor,
)
from evaluation.stats.jackknife import leave_one_out

Floats = NDArray[np.float64]
Kind = Literal["rademacher", "webb"]
Scores = Literal["plain", "jackknifed"]

# Share of sum p1^2 below which a draw's d2 is rounding of an exact zero.
_ZERO = 1e-12
# Draws per matrix product: the float copy of a chunk stays small.
_CHUNK = 4_096
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
        for start in range(0, self.number, _CHUNK):
            part = slice(start, min(start + _CHUNK, self.number))
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
        raise EstimationError(
            f"{number} draws for {len(ids)} clusters; at least 1 and 2 are needed",
            where="bootstrap",
            mend="ask for a positive number of draws over two or more clusters",
        )
    if kind == "rademacher" and 2 ** len(ids) <= number:
        return Draws(ids, kind, enumerated=True, codes=_all_signs(len(ids)))
    codes = np.empty((len(ids), number), dtype=np.int8)
    for row, cluster in enumerate(ids):
        codes[row] = _stream(cluster, number, seed=seed, kind=kind)
    return Draws(ids, kind, enumerated=False, codes=codes)


def too_few(draws: Draws, n_clusters: int, level: float) -> str:
    """Why a bootstrap over some clusters cannot reject at 1 - level; empty where it can.

    A sign vector and its opposite have the same |t*|, so p is a multiple of 2/2^G.
    """
    smallest = 2.0 ** (1 - n_clusters)
    if draws.kind != "rademacher" or smallest <= 1.0 - level:
        return ""
    return (
        f"{n_clusters} clusters have {2**n_clusters} sign vectors, whose p-values are multiples of"
        f" {smallest:g}: none but 0 is below {1.0 - level:.2g}"
    )


def _all_signs(g: int) -> NDArray[np.int8]:
    """All 2^g sign vectors, shape (g, 2^g); the first is all +1, the last all -1."""
    bits = (np.arange(2**g)[None, :] >> np.arange(g)[:, None]) & 1
    return (1 - 2 * bits).astype(np.int8)


def _stream(cluster: str, number: int, *, seed: int, kind: Kind) -> NDArray[np.int8]:
    digest = hashlib.sha256(f"{seed}\n{cluster}".encode()).digest()
    # Raw Philox words are fixed by the generator's definition, not by a library's version.
    source = np.random.Philox(np.random.SeedSequence(int.from_bytes(digest, "big")))
    if kind == "webb":
        return (source.random_raw(number) % np.uint64(6)).astype(np.int8)
    words = source.random_raw(-(-number // 64)).astype("<u8")
    bits = np.unpackbits(words.view(np.uint8), count=number).astype(np.int8)
    return (2 * bits - 1).astype(np.int8)


def wild(
    blocks: Blocks, column: str, draws: Draws, *, scores: Scores, outcome: int = 0
) -> Distribution:
    """Wild cluster bootstrap of one coefficient, weighted, with the null imposed.

    Parameters
    ----------
    blocks : Blocks
    column : str
        Regressor of interest.
    draws : Draws
        Multipliers; they must cover the clusters of the blocks and may cover more.
    scores : {"plain", "jackknifed"}
        Scores at the restricted estimate (WCR), or each cluster's scores at the restricted
        estimate without that cluster (WCR-S).
    outcome : int
        Which outcome of the blocks, from 0.

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
    """
    absent = sorted(set(blocks.clusters) - set(draws.clusters))
    if absent:
        raise EstimationError(
            f"no bootstrap draws for {len(absent)} clusters, the first being {absent[0]}",
            where="bootstrap",
            mend="make the draws for the union of the outcomes' clusters",
        )
    fit = least_squares(blocks, outcome)
    sample = cv1(fit, column)
    restricted = _restricted_scores(blocks, column, fit, scores=scores, outcome=outcome)
    numerator, squared_error = _moments(blocks, fit, blocks.position(column), restricted, draws)
    return Distribution(
        column=column,
        estimate=sample.estimate,
        std_error=sample.std_error,
        factor=small_sample_factor(fit, "CR1"),
        enumerated=draws.enumerated,
        numerator=numerator,
        squared_error=squared_error,
    )


def _restricted_scores(
    blocks: Blocks, column: str, fit: Fit, *, scores: Scores, outcome: int
) -> Floats:
    """Scores of y - b x_j and of x_j after regression on the other columns, shape (2, G, q).

    Centring y at the unrestricted b keeps digits when b is large against its standard error.
    """
    j = blocks.position(column)
    gram = blocks.xx()
    tested = gram[:, :, j]
    moment = np.stack([blocks.xy(outcome) - fit.coefficients[j] * tested, tested], axis=2)
    others = np.delete(np.arange(len(blocks.columns)), j)
    left, right = gram[:, others][:, :, others], moment[:, others]
    if scores == "jackknifed":
        names = tuple(blocks.columns[k] for k in others)
        solution = leave_one_out(left, right, columns=names, clusters=blocks.clusters)
    else:
        solution = (inverse(left.sum(axis=0)) @ right.sum(axis=0))[None]
    return np.moveaxis(moment - gram[:, :, others] @ solution, 2, 0)


def _moments(
    blocks: Blocks, fit: Fit, j: int, restricted: Floats, draws: Draws
) -> tuple[Floats, Floats]:
    """The five numbers of each draw.

    With p_g = (M s_g)_j, L_g = (M A_g)_j and B = sum_h v_h M s_h, a cluster's part of the draw's
    error is z_g = v_g p_g - L_g B. Then sum z_g^2 = sum v_g^2 p_g^2 + 2 B'F with
    F = sum_g v_g (Q M s_g / 2 - p_g L_g) and Q = sum_g L_g L_g': two q-vectors per draw.
    """
    lever = np.einsum("i,gij->gj", fit.bread[j], blocks.xx())
    moved = restricted @ fit.bread
    part = moved[:, :, j]
    folded = moved @ (lever.T @ lever) / 2.0 - part[:, :, None] * lever
    stacked = np.concatenate([moved[0], folded[0], moved[1], folded[1]], axis=1).T.copy()
    squares = np.stack([part[0] ** 2, 2.0 * part[0] * part[1], part[1] ** 2])
    numerator, squared_error = np.empty((2, draws.number)), np.empty((3, draws.number))
    for where, v in draws.chunks(blocks.clusters):
        b0, f0, b1, f1 = (stacked @ v).reshape(4, len(blocks.columns), -1)
        own = squares @ v**2
        numerator[:, where] = b0[j], b1[j]
        squared_error[0, where] = own[0] + 2.0 * np.einsum("qb,qb->b", b0, f0)
        crossed = np.einsum("qb,qb->b", b0, f1) + np.einsum("qb,qb->b", b1, f0)
        squared_error[1, where] = own[1] + 2.0 * crossed
        quadratic = own[2] + 2.0 * np.einsum("qb,qb->b", b1, f1)
        # Where d2 is an exact zero (as for the identity draw) so is d1; rounding in either would
        # grow without bound as the null moves away.
        zero = quadratic <= _ZERO * own[2]
        squared_error[2, where] = np.where(zero, 0.0, quadratic)
        squared_error[1, where] = np.where(zero, 0.0, squared_error[1, where])
    return numerator, squared_error
