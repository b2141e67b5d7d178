"""Answers that stand twice: a block of rows copied over other rows, of one file or of two rounds.

Whoever pastes some columns of a stretch of rows over other rows leaves runs: row after row has the
answers of a row so many places before. How often two people answer a battery alike by chance is
counted in the file.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Declared, Rule, answers, of_round, questions
from evaluation.locale.messages import Plain
from evaluation.study.records import Finding

PASTED_ROWS = Rule("pasted-rows", "warn")

# questions of one module that make a battery, and rows of a run: five people in a row who answer
# as five others did, in the same order
BATTERY, SHORTEST = 4, 5
# expected number of such runs in a file
CHANCE = 1e-4
# answers that more people give alike say nothing, and would make too many pairs
COMMON = 30

Codes = NDArray[np.int64]


@of_round
def pasted_rows(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Stretches of rows with the answers of another stretch to a whole battery.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.
    """
    asked = set(questions(parsed, declared, "ordinal", "nominal", "count"))
    rows = np.flatnonzero(parsed.consented)
    for module in declared.dictionary.modules:
        names = [v.name for v in module.variable if v.name in asked and v.asked_if is not None]
        names = names or [v.name for v in module.variable if v.name in asked]
        if len(names) < BATTERY or len(rows) < 2 * SHORTEST:
            continue
        found = repeated_run(answers(parsed, names)[rows])
        if found is not None:
            start, other, length = found
            said = {
                "item": names[0],
                "k": Plain(len(names)),
                "n": Plain(f"{length:,}"),
                "first": Plain(int(parsed.lines[rows[start]])),
                "last": Plain(int(parsed.lines[rows[start + length - 1]])),
                "other": Plain(int(parsed.lines[rows[other]])),
            }
            yield PASTED_ROWS.at(parsed, names[0], int(rows[start]), **said)


def repeated_run(coded: NDArray[np.int32]) -> tuple[int, int, int] | None:
    """The longest run of rows equal to rows at one distance before, if it is no chance.

    Parameters
    ----------
    coded : ndarray of int, shape (n, k)
        Answers, -1 where there is none.

    Returns
    -------
    tuple of int, int, int, or None
        Start of the run, start of the rows it repeats, and its length.

    Notes
    -----
    Two rows are equal with the chance c, the sum of squared shares of all combinations of answers;
    n^2 / 2 pairs of places begin a run of length L with the chance c^L. Where neighbours resemble
    each other c is larger, so it is taken from pairs of rows in the middle of each other's
    hundred as well.
    """
    n = len(coded)
    kinds = pd.factorize(_rows_hash(coded))[0]
    sizes = np.bincount(kinds)
    chance = float(np.square(sizes / n).sum())
    near = max((float(np.mean(kinds[lag:] == kinds[:-lag])) for lag in range(1, min(n, 20))),
               default=0.0)  # fmt: skip
    chance = min(max(chance, near if near < 0.5 else chance), 0.9)
    telling = (sizes[kinds] > 1) & (sizes[kinds] <= COMMON) & (coded >= 0).all(axis=1)
    first, second = _pairs(kinds, np.flatnonzero(telling))
    if not len(first):
        return None
    order = np.lexsort((second, second - first))
    first, second = first[order], second[order]
    breaks = (np.diff(second) != 1) | (np.diff(second - first) != 0)
    edges = np.concatenate([[0], np.flatnonzero(breaks) + 1, [len(second)]])
    lengths = np.diff(edges)
    longest = int(lengths.argmax())
    length, at = int(lengths[longest]), int(edges[longest])
    if length < SHORTEST or n**2 / 2 * chance**length >= CHANCE:
        return None
    return int(second[at]), int(first[at]), length


def _rows_hash(coded: NDArray[np.int32]) -> Codes:
    factors = np.random.default_rng(coded.shape[1]).integers(2**62, size=coded.shape[1]) * 2 + 1
    return coded.astype(np.int64) @ factors


def _pairs(kinds: Codes, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs of rows with the same answers, the earlier first."""
    order = rows[np.argsort(kinds[rows], kind="stable")]
    group = kinds[order]
    found: list[Sequence[NDArray[np.intp]]] = []
    for step in range(1, COMMON):
        same = group[step:] == group[:-step]
        if not same.any():
            break
        found.append((order[:-step][same], order[step:][same]))
    if not found:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    first, second = (np.concatenate(each) for each in zip(*found, strict=True))
    return np.minimum(first, second), np.maximum(first, second)
