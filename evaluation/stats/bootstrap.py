"""Wild cluster bootstrap with the null imposed, with plain (WCR) or jackknifed scores (WCR-S).

All parts of a bootstrap t statistic are linear or quadratic in the tested value r. Five numbers
per draw therefore answer every r: numerator n0 - d n1 and squared error d0 - d d1 + d^2 d2, with
d = r - estimate. Rows never enter, and inverting the test costs O(draws) per value tried.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.stats import screening
from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import (
    Fit,
    cv1,
    inverse,
    least_squares,
    small_sample_factor,
)
from evaluation.stats.inversion import IntervalSet, invert
from evaluation.stats.jackknife import leave_one_out

Floats = NDArray[np.float64]
Kind = Literal["rademacher", "webb"]
Scores = Literal["plain", "jackknifed"]

# |t*| and |t| whose squares differ by less than this, relatively, are ties and count in full:
# rounding is about 1e-14, and distinct draws of continuous data are much further apart.
_TIE = 2e-10
# Share of sum p1^2 below which a draw's d2 is rounding of an exact zero.
_ZERO = 1e-12
# |t| from which a p-value looks only at the draws that can reach it: before, most of them can.
_FAR = 1.5
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


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Bootstrap distribution of one coefficient's t statistic, for every tested value.

    Attributes
    ----------
    column : str
    scores : {"plain", "jackknifed"}
    estimate, std_error : float
        Full-sample estimate and its CV1 standard error.
    factor : float
        G/(G-1), in the statistics of sample and draws alike.
    enumerated : bool
    numerator : ndarray, shape (2, B)
        n0, n1.
    squared_error : ndarray, shape (3, B)
        d0, d1, d2, before the factor.
    """

    column: str
    scores: Scores
    estimate: float
    std_error: float
    factor: float
    enumerated: bool
    numerator: Floats
    squared_error: Floats

    @property
    def number(self) -> int:
        """Number of draws B."""
        return int(self.numerator.shape[1])

    def p_value(self, null: float = 0.0) -> float:
        """Symmetric p-value of ``coefficient = null``.

        Notes
        -----
        (1 + #{|t*| >= |t|}) / (B + 1) for random draws, the share with |t*| >= |t| when
        enumerated; squares within 2e-10 of each other, relatively, are ties and count in full. A
        draw whose standard error is zero counts as extreme.
        """
        return self._share(self._larger(null, self.numerator, self.squared_error))

    def mc_error(self, null: float = 0.0) -> float:
        """Monte Carlo standard error of `p_value`: sqrt(p (1 - p) / B), 0 when enumerated."""
        p = self.p_value(null)
        return 0.0 if self.enumerated else float(np.sqrt(p * (1.0 - p) / self.number))

    def statistics(self, null: float = 0.0) -> tuple[float, Floats]:
        """t of the sample and t* of every draw, shape (B,), for ``coefficient = null``.

        Draws are in the order of `Draws`, so outcomes tested with the same draws are aligned.
        A draw whose standard error is zero has an infinite t*.
        """
        numerator, squared_error = _at(null - self.estimate, self.numerator, self.squared_error)
        with np.errstate(divide="ignore", invalid="ignore"):
            t_star = numerator / np.sqrt(self.factor * np.maximum(squared_error, 0.0))
        t_star[np.isnan(t_star)] = np.inf
        return (self.estimate - null) / self.std_error, t_star

    def interval(self, level: float = 0.95) -> IntervalSet:
        """Set of nulls with `p_value` >= 1 - level; see `inversion.invert` for the search."""
        return invert(
            self._quick_p_value(),
            estimate=self.estimate,
            std_error=self.std_error,
            level=level,
            random_draws=0 if self.enumerated else self.number,
        )

    def _quick_p_value(self) -> Callable[[float], float]:
        """`p_value`, number for number, for many nulls: most draws are never looked at.

        Away from the estimate only draws that can reach |t| are, those that reach highest first:
        a few in a hundred at two standard errors, next to none further out.
        """
        far = _FAR**2 * self.factor
        highest = screening.highest(self.numerator, self.squared_error)
        kept = np.flatnonzero(highest >= far * (1.0 - screening.MARGIN))
        kept = kept[np.argsort(-highest[kept], kind="stable")]
        falling = -highest[kept]
        numerator, squared_error = self.numerator[:, kept], self.squared_error[:, kept]

        def p_value(null: float) -> float:
            reached = self._t_squared(null)
            if reached < far:
                return self.p_value(null)
            within = -reached * (1.0 - screening.MARGIN)
            few = int(np.searchsorted(falling, within, side="right"))
            return self._share(self._larger(null, numerator[:, :few], squared_error[:, :few]))

        return p_value

    def _larger(self, null: float, numerator: Floats, squared_error: Floats) -> int:
        """How many of some draws have |t*| >= |t|."""
        top, bottom = _at(null - self.estimate, numerator, squared_error)
        return int(np.count_nonzero(top**2 >= self._t_squared(null) * bottom * (1.0 - _TIE)))

    def _t_squared(self, null: float) -> float:
        """Squared t of the sample, without the factor."""
        return (null - self.estimate) ** 2 / (self.std_error**2 / self.factor)

    def _share(self, larger: int) -> float:
        return larger / self.number if self.enumerated else (1 + larger) / (self.number + 1)


def _at(away: float, numerator: Floats, squared_error: Floats) -> tuple[Floats, Floats]:
    """Numerator and squared error of draws under a null at a distance from the estimate."""
    constant, linear, quadratic = squared_error
    top: Floats = numerator[0] - away * numerator[1]
    return top, constant + away * (away * quadratic - linear)


def wild(
    blocks: Blocks, column: str, draws: Draws, *, scores: Scores, outcome: int = 0
) -> Bootstrap:
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
    Bootstrap

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
    return Bootstrap(
        column=column,
        scores=scores,
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
