"""The numeric answers of one or two rounds as a matrix, and how its columns go together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.data.answers import questions
from evaluation.data.declared import Declared
from evaluation.data.parse import Parsed, is_numeric

NUMERIC = ("binary", "ordinal", "count", "number")
# with fewer pairs of answers a correlation's standard error is 0.07 and more
PAIRS = 200
# a correlation from much fewer people than most (a skip rule) would be noise among the others
MOST_PAIRS = 0.5

Floats = NDArray[np.float64]


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


def numeric_questions(parsed: Parsed, declared: Declared) -> list[str]:
    """Questions of a round whose answers are numbers with an order."""
    variables, dictionary = declared.dictionary.variables, declared.dictionary
    return [
        name
        for name in questions(parsed, declared, *NUMERIC)
        if is_numeric(variables[name], dictionary)
    ]


def common_questions(before: Parsed, after: Parsed, declared: Declared) -> list[str]:
    """Numeric questions that both of two rounds asked, in the order of the first."""
    asked = set(numeric_questions(after, declared))
    return [name for name in numeric_questions(before, declared) if name in asked]


def values(parsed: Parsed, names: Sequence[str]) -> Floats:
    """Answers of those who consented, NaN where there is none, shape (n, k)."""
    if not names:
        return np.empty((len(parsed.lines), 0))
    columns = [parsed.columns[name].values.astype(float) for name in names]
    return np.where(parsed.consented[:, None], np.column_stack(columns), np.nan)


def standardised(answers: Floats) -> Floats:
    """Mean zero and standard deviation one by column; zero where missing or nothing varies."""
    known = ~np.isnan(answers)
    sizes = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, answers, 0.0)
    centred = np.where(known, filled - filled.sum(axis=0) / sizes, 0.0)
    spreads = np.sqrt((centred**2).sum(axis=0) / sizes)
    return centred / np.where(spreads > 0, spreads, np.inf)


def ties(answers: Floats) -> Ties:
    """Pairwise correlations of the columns, means and spreads.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        NaN where missing.
    """
    known = ~np.isnan(answers)
    sizes = known.sum(axis=0).astype(float)
    filled = np.where(known, answers, 0.0)
    means = filled.sum(axis=0) / np.maximum(sizes, 1)
    scores = standardised(answers)
    flags = known.astype(np.float32)
    pairs = (flags.T @ flags).astype(float)
    enough = (pairs >= PAIRS) & (pairs >= MOST_PAIRS * max(sizes.max(initial=0), 1))
    np.fill_diagonal(enough, val=False)
    products = scores.T @ scores / np.maximum(pairs, 1)
    centred = np.where(known, filled - means, 0.0)
    return Ties(
        correlations=np.where(enough, products, 0.0),
        known=enough,
        means=means,
        spreads=np.sqrt((centred**2).sum(axis=0) / np.maximum(sizes, 1)),
        sizes=sizes,
        peaks=(scores**4).sum(axis=0) / np.maximum(sizes, 1) ** 2,
    )
