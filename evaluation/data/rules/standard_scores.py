"""Answers as standard scores, made for some rows at a time, and how the questions go together.

A question has few answers beside its people: each distinct one is standardised once. A round of
many people is never whole in memory as numbers, and of parts of a round the sums are added.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import MOST_PAIRS, PAIRS, Floats

# rows of which the scores are made at a time: with some hundred questions they stay in the cache
BLOCK = 2048
# share of a mean square that is the rounding of its sum
ROUNDING = 1e-12

Places = NDArray[np.intp]
Codes = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """How the items of some rows go together.

    Attributes
    ----------
    correlations : ndarray, shape (k, k)
        Zero on the diagonal and where too few people answered both.
    known : ndarray of bool, shape (k, k)
        Where enough people answered both.
    means, spreads, sizes : ndarray, shape (k,)
        Of the answers, in their own unit.
    peaks : ndarray, shape (k,)
        Fourth moment of the standardised answers over their number: large where few people gave
        another answer than most, so that a correlation hangs on these few.
    """

    correlations: Floats
    known: NDArray[np.bool_]
    means: Floats
    spreads: Floats
    sizes: Floats
    peaks: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Answers of n people to k questions: mean zero and standard deviation one by question.

    Attributes
    ----------
    codes : tuple of k ndarrays of int, shape (n,)
        Place of each person's answer among the distinct ones of a question.
    values : tuple of k ndarrays
        Score of each distinct answer; zero where it is missing or nobody gave another.
    answered : tuple of k ndarrays
        One for each distinct answer, zero where it is missing.
    sizes, means, spreads : ndarray, shape (k,)
        Of the answers, in their own unit.
    wide : ndarray of bool, shape (k,)
        Questions with an answer between the smallest and the largest.
    """

    codes: tuple[Codes, ...]
    values: tuple[Floats, ...]
    answered: tuple[Floats, ...]
    sizes: Floats
    means: Floats
    spreads: Floats
    wide: NDArray[np.bool_]

    @classmethod
    def of(cls, parsed: Parsed, names: Sequence[str], rows: Places) -> "Scores":
        """Scores of some rows, standardised among them.

        Parameters
        ----------
        parsed : Parsed
        names : sequence of str
            Numeric variables.
        rows : ndarray of int
            Positions of people; those of them who consented are looked at.
        """
        columns, people = [parsed.columns[name] for name in names], parsed.consented[rows]
        codes = [column.codes[rows] for column in columns]
        meanings = [column.meanings.astype(float) for column in columns]
        each = [_standardised(own[people], m) for own, m in zip(codes, meanings, strict=True)]
        sizes, means, spreads = np.array([one[1:4] for one in each]).reshape(-1, 3).T
        return cls(
            codes=tuple(codes),
            values=tuple(one[0] for one in each),
            answered=tuple((~np.isnan(m)).astype(float) for m in meanings),
            sizes=sizes,
            means=means,
            spreads=spreads,
            wide=np.array([one[4] for one in each], dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.codes[0]) if self.codes else 0

    def blocks(self, start: int, end: int) -> Iterator[slice]:
        """Rows from one to before another, some at a time."""
        for first in range(start, end, BLOCK):
            yield slice(first, min(first + BLOCK, end))

    def at(self, rows: slice | Places) -> Floats:
        """Scores of some people, zero where there is no answer, shape (k, people)."""
        return _taken(self.values, self.codes, rows)

    def given(self, rows: slice | Places) -> Floats:
        """One where some people answered, else zero, shape (k, people)."""
        return _taken(self.answered, self.codes, rows)

    def correlations(self) -> Floats:
        """Pairwise correlations of all; zero on the diagonal and where too few answered both."""
        k = len(self.codes)
        products, pairs = np.zeros((k, k)), np.zeros((k, k), dtype=np.float32)
        for rows in self.blocks(0, len(self)):
            scores, given = self.at(rows), self.given(rows).astype(np.float32)
            products += scores @ scores.T
            pairs += given @ given.T
        return np.where(_enough(pairs, self.sizes), products / np.maximum(pairs, 1), 0.0)

    def sums(self, start: int, end: int) -> "PeopleSums":
        """Sums of the people from one to before another."""
        k = len(self.codes)
        products = np.zeros((2 * k, 2 * k))
        for rows in self.blocks(start, end):
            both = np.concatenate([self.at(rows), self.given(rows)])
            products += both @ both.T
        powers = np.array(
            [
                _powers(codes[start:end], values, answered)
                for codes, values, answered in zip(
                    self.codes, self.values, self.answered, strict=True
                )
            ]
        )
        return PeopleSums(powers=powers.reshape(k, -1).T, products=products)

    def ties(self, sums: "PeopleSums") -> Ties:
        """How the questions go together among the people of some sums.

        Notes
        -----
        The scores have mean zero among all people; among some of them question i has the mean m_i.
        With N_ij people who answered both, and sums over these alone, their sum of products about
        the means is sum(a_i a_j) - m_i sum(a_j) - m_j sum(a_i) + m_i m_j N_ij.
        """
        k = len(self.codes)
        sizes, first, second, third, fourth = sums.powers
        n = np.maximum(sizes, 1)
        m, square = first / n, second / n
        variances = square - m**2
        # what does not vary leaves nothing but rounding
        variances = np.where(variances > ROUNDING * square, variances, 0.0)
        spreads = np.sqrt(variances)
        scale = np.where(spreads > 0, spreads, np.inf)
        pairs = sums.products[k:, k:]
        # of i among those who answered j
        beside = sums.products[:k, k:]
        about = sums.products[:k, :k] - m * beside - (m * beside).T + np.outer(m, m) * pairs
        enough = _enough(pairs, sizes)
        peaks = fourth - 4 * m * third + 6 * m**2 * second - 4 * m**3 * first + m**4 * sizes
        return Ties(
            correlations=np.where(enough, about / np.outer(scale, scale) / np.maximum(pairs, 1), 0),
            known=enough,
            means=self.means + self.spreads * m,
            spreads=self.spreads * spreads,
            sizes=sizes,
            peaks=peaks / scale**4 / n**2,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSums:
    """Sums over some people.

    Attributes
    ----------
    powers : ndarray, shape (5, k)
        Of the scores' powers 0 to 4, where there is an answer.
    products : ndarray, shape (2k, 2k)
        Of each two of k scores and k flags whether there is an answer.
    """

    powers: Floats
    products: Floats

    def __add__(self, other: "PeopleSums") -> "PeopleSums":
        return PeopleSums(
            powers=self.powers + other.powers, products=self.products + other.products
        )


def _enough(pairs: NDArray[np.floating[Any]], sizes: Floats) -> NDArray[np.bool_]:
    """Two questions that enough people answered both."""
    enough = (pairs >= PAIRS) & (pairs >= MOST_PAIRS * max(sizes.max(initial=0), 1))
    np.fill_diagonal(enough, val=False)
    return np.asarray(enough)


def _standardised(codes: Codes, meanings: Floats) -> tuple[Floats, float, float, float, bool]:
    """Scores of the distinct answers; number, mean and spread of the answers; whether wide."""
    counts = np.bincount(codes, minlength=len(meanings)).astype(float)
    given = ~np.isnan(meanings)
    counts = np.where(given, counts, 0.0)
    values = np.where(given, meanings, 0.0)
    n = max(float(counts.sum()), 1.0)
    mean = float(counts @ values) / n
    centred = np.where(given, values - mean, 0.0)
    there = values[counts > 0]
    low, high = there.min(initial=np.inf), there.max(initial=-np.inf)
    # answers that are all the same leave nothing but the rounding of their mean
    spread = float(np.sqrt(counts @ centred**2 / n)) if low < high else 0.0
    wide = bool(((there > low) & (there < high)).any())
    scores = centred / spread if spread > 0 else np.zeros(len(meanings))
    return scores, float(counts.sum()), mean, spread, wide


def _powers(codes: Codes, values: Floats, answered: Floats) -> Floats:
    counts = np.bincount(codes, minlength=len(values)) * answered
    return np.array([counts @ values**power for power in range(5)])


def _taken(of: Sequence[Floats], codes: Sequence[Codes], rows: slice | Places) -> Floats:
    places = [own[rows] for own in codes]
    made = np.empty((len(of), len(places[0])))
    for line, values, own in zip(made, of, places, strict=True):
        # every place is one of them; "clip" alone writes where it is told without a copy
        np.take(values, own, out=line, mode="clip")
    return made
