"""Interviews that are nearly the same, and interviews with one answer to everything."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.clusters import row_clusters
from evaluation.data.rules import identity, quality
from evaluation.data.rules.rule import (
    DataRule,
    Declared,
    answers,
    interviewers,
    of_round,
    questions,
)
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

NEAR_IDENTICAL_INTERVIEW = DataRule("near-identical-interview", "warn")
STRAIGHT_LINING = DataRule("straight-lining", "warn")


SAME_SHARE = 0.9
# with fewer questions in common two honest interviews may well agree
SMALLEST_BATTERY = 25
# an answer that nearly everybody gives says nothing about copying
COMMONEST_SHARE = 0.9
# Questions of one scale in one module; of shorter runs honest people give one answer too.
SHORTEST_RUN = 4
FEWEST_RUNS = 3
FEWEST_QUESTIONS = 15
# Rows compared at a time with those below them: bounds the memory, and of a block that is compared
# with itself leaves nearly all of what would be compared twice.
CHUNK = 250
# standard deviations by which strangers' differences must lie above those of interviews alike
FAR = 5.0
ROUNDING = 0.01
# products of matrices leave Python's lock, so two blocks are compared at a time
THREADS = 2
# interviews whose pairs across blocks say how alike strangers are: at most eight million pairs
SAMPLE = 4000
# expected number of pairs that are alike by chance alone, in a whole round
CHANCE = 0.05

Codes = NDArray[np.int32]
Counts = NDArray[np.float32]


@of_round
def near_identical(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews of one cluster or interviewer that share nine answers in ten, or more.

    Answers are compared where both people gave one. How often strangers agree as much is counted
    in pairs from different blocks: where nine in ten would come about by chance, more is asked.
    Rows that ``duplicate-id`` or ``duplicate-interview`` name already are not named again.
    """
    coded = answers(parsed, questions(parsed, declared))
    coded = coded[:, [_tells(column) for column in coded.T]]
    if coded.shape[1] < SMALLEST_BATTERY:
        return
    named = (
        *identity.duplicate_ids(parsed, declared),
        *quality.duplicate_interviews(parsed, declared),
    )
    told = np.isin(parsed.lines, [finding.line for finding in named])
    blocks = list(_blocks(parsed, declared))
    probe = _probe(coded)
    with ThreadPoolExecutor(THREADS) as pool:
        pairs = list(pool.map(lambda block: _alike(coded, block, probe), blocks))
    alike = [pair for found in pairs for pair in found if not told[pair[1]]]
    # most rounds have no such pair, and need no yardstick
    least = _least_share(coded, blocks) if alike else SAME_SHARE
    found: dict[int, tuple[float, int]] = {}
    for first, later, share in alike:
        if share >= least:
            # the closest earlier interview; the first of equals
            found[later] = min(found.get(later, (0.0, first)), (-share, first))
    name = declared.study.columns.respondent
    for later, (share, first) in sorted(found.items()):
        said = {"what": Plain(f"{-share:.0%}"), "row": parsed.key(first)}
        yield NEAR_IDENTICAL_INTERVIEW.at(parsed, name, later, **said)


def _tells(column: Codes) -> bool:
    given = column[column >= 0]
    return bool(len(given)) and np.bincount(given).max() <= COMMONEST_SHARE * len(given)


def _blocks(parsed: Parsed, declared: Declared) -> Iterator[NDArray[np.intp]]:
    """Rows of each cluster, then of each interviewer."""
    for labels in (row_clusters(parsed, declared.frame), interviewers(parsed, declared)):
        if labels is None:
            continue
        known = np.flatnonzero(~pd.isna(labels) & parsed.consented)
        codes = pd.factorize(labels[known])[0]
        order = np.argsort(codes, kind="stable")
        cuts = np.flatnonzero(np.diff(codes[order])) + 1
        yield from (known[part] for part in np.split(order, cuts) if len(part) > 1)


def _least_share(coded: Codes, blocks: Sequence[NDArray[np.intp]]) -> float:
    """Share of same answers from which a pair of a block is no chance.

    The smallest that pairs of strangers reach so rarely that less than ``CHANCE`` pairs are
    expected among all pairs of the blocks; never less than ``SAME_SHARE``.
    """
    judged, shares = _strangers(coded, blocks)
    pairs = sum(len(block) * (len(block) - 1) // 2 for block in blocks)
    reached = np.sort(shares)[::-1]
    # so many strangers may be as alike: from just above the next one on it is no chance
    allowed = int(CHANCE * judged / max(pairs, 1))
    return SAME_SHARE if len(reached) <= allowed else float(np.nextafter(reached[allowed], 2))


def _strangers(coded: Codes, blocks: Sequence[NDArray[np.intp]]) -> tuple[int, NDArray[np.float64]]:
    """Number of judged pairs that share no block, and the shares of those alike in nine of ten."""
    rows = np.unique(np.concatenate(blocks)) if blocks else np.empty(0, dtype=np.intp)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).astype(np.intp)]
    places, people = _memberships(len(coded), blocks)
    judged, high = 0, [np.empty(0)]
    for start, same, both in _compared(coded, rows):
        part = rows[start : start + len(same)]
        use = (both >= SMALLEST_BATTERY) & (rows > part[:, None])
        for member in (places, people):
            use &= (member[part][:, None] != member[rows]) | (member[part] < 0)[:, None]
        judged += int(use.sum())
        shares = (same[use] / both[use]).astype(np.float64)
        high.append(shares[shares >= SAME_SHARE])
    return judged, np.concatenate(high)


def _memberships(
    n: int, blocks: Sequence[NDArray[np.intp]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the first and of the second block of each row, -1 where it has none."""
    first, second = np.full(n, -1), np.full(n, -1)
    for number, block in enumerate(blocks):
        fresh = first[block] < 0
        second[block[~fresh]] = number
        first[block[fresh]] = number
    return first, second


def _probe(coded: Codes) -> NDArray[np.intp]:
    """Questions that tell nearly all strangers apart, those first that do so at the least cost.

    Two interviews that are alike differ in at most a tenth of all questions, so in no more than
    that number of a few. These are enough when strangers would differ in so many more of them that
    hardly a pair is left to be compared in full; where none are, all questions are taken.
    """
    given = coded >= 0
    counts = [np.bincount(column[column >= 0]) for column in coded.T]
    alike = [np.square(count / max(count.sum(), 1)).sum() for count in counts]
    differ = (1 - np.array(alike)) * np.square(given.mean(axis=0))
    best = np.argsort(_cost(differ, counts, _most_differences(coded)), kind="stable")
    expected = np.cumsum(differ[best])
    spread = np.sqrt(np.cumsum(differ[best] * (1 - differ[best])))
    enough = np.flatnonzero(expected - FAR * spread > _most_differences(coded))
    return best[: enough[0] + 1] if len(enough) else best


def _cost(
    differ: NDArray[np.float64], counts: Sequence[NDArray[np.intp]], most: int
) -> NDArray[np.float64]:
    """Columns that would be multiplied if all questions were like this one, shape (questions,).

    A probe of n such questions is enough where n p - FAR sqrt(n p (1 - p)) > most, with p the share
    of strangers that differ; each takes a column for every answer, and one for having one.
    """
    share = np.maximum(differ, 1e-9)
    spread = FAR * np.sqrt(share * (1 - share))
    needed = np.square((spread + np.sqrt(spread**2 + 4 * share * most)) / (2 * share))
    return needed * [1 + np.count_nonzero(count) for count in counts]


def _most_differences(coded: Codes) -> int:
    return int((1 - SAME_SHARE) * coded.shape[1] + ROUNDING)


def _alike(
    coded: Codes, block: NDArray[np.intp], probe: NDArray[np.intp]
) -> list[tuple[int, int, float]]:
    """Pairs of rows of a block (earlier, later, share of the same answers), nine in ten or more."""
    here = coded[block]
    few = here[:, probe]
    given, ones = (few >= 0).astype(np.float32), _ones(few)
    # answers given by both less the same answers: the differences, in one product
    left, right = np.hstack([given, ones]), np.hstack([given, -ones])
    most = _most_differences(coded)
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(block), CHUNK):
        rows = slice(start, start + CHUNK)
        differences = left[rows] @ right[start:].T
        first, second = np.divmod(np.flatnonzero(differences <= most), differences.shape[1])
        later = second > first
        found += _judged(here, first[later] + start, second[later] + start)
    return [(int(block[one]), int(block[other]), share) for one, other, share in found]


def _judged(
    here: Codes, first: NDArray[np.intp], second: NDArray[np.intp]
) -> Iterator[tuple[int, int, float]]:
    """Pairs that are alike in all questions, of those that are in a few."""
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        one, other = here[first[part]], here[second[part]]
        both = ((one >= 0) & (other >= 0)).sum(axis=1, dtype=np.float32)
        same = ((one == other) & (one >= 0)).sum(axis=1, dtype=np.float32)
        for pair in np.flatnonzero((both >= SMALLEST_BATTERY) & (same >= SAME_SHARE * both)):
            share = float(same[pair] / both[pair])
            yield int(first[start + pair]), int(second[start + pair]), share


def _ones(codes: Codes) -> NDArray[np.float32]:
    """A column of 0 and 1 for each answer that two rows or more gave."""
    sizes = codes.max(axis=0, initial=-1) + 1
    place = codes + (np.cumsum(sizes) - sizes)
    counts = np.bincount(place[codes >= 0], minlength=int(sizes.sum()))
    number = np.cumsum(counts > 1) - 1
    row, column = np.nonzero(codes >= 0)
    place = place[row, column]
    shared = counts[place] > 1
    ones = np.zeros((len(codes), int((counts > 1).sum())), dtype=np.float32)
    ones[row[shared], number[place[shared]]] = 1
    return ones


def _compared(coded: Codes, rows: NDArray[np.intp]) -> Iterator[tuple[int, Counts, Counts]]:
    """Numbers of same answers and of answers given by both, of each row with every row.

    One product of 0/1 matrices; in parts of ``CHUNK`` rows, each with its first position. An answer
    that one row alone gave is the same as no other row's, so a row beside itself has too few.
    """
    here = coded[rows]
    given, ones = (here >= 0).astype(np.float32), _ones(here)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        yield start, ones[part] @ ones.T, given[part] @ given.T


@of_round
def straight_lines(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews with one and the same answer all along every run of questions of one scale."""
    found = runs(parsed, declared)
    if len(found) < FEWEST_RUNS or sum(len(names) for names in found) < FEWEST_QUESTIONS:
        return []
    same, _ = one_answer(parsed, found)
    name = declared.study.columns.respondent
    return STRAIGHT_LINING.rows(parsed, same.sum(axis=1) == len(found), name, n=len(found))


def runs(parsed: Parsed, declared: Declared) -> tuple[tuple[str, ...], ...]:
    """Runs of ordinal questions: of one module and one code list, at least ``SHORTEST_RUN``."""
    asked, dictionary = questions(parsed, declared, "ordinal"), declared.dictionary
    found: dict[tuple[str, str], list[str]] = {}
    for module in dictionary.modules:
        for name in (variable.name for variable in module.variable if variable.name in asked):
            codes = dictionary.code_list(name, parsed.file.source)
            if codes is not None and is_numeric(dictionary.variables[name], dictionary):
                found.setdefault((module.module, codes.id), []).append(name)
    return tuple(tuple(names) for names in found.values() if len(names) >= SHORTEST_RUN)


def one_answer(
    parsed: Parsed, found: tuple[tuple[str, ...], ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each interview gave one answer to a whole run, and whether it answered all of it.

    Returns
    -------
    same, answered : ndarray of bool, shape (rows, runs)
    """
    shape = (len(parsed.lines), len(found))
    same, answered = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    for run, names in enumerate(found):
        first = parsed.columns[names[0]].values
        for name in names:
            values = parsed.columns[name].values
            same[:, run] &= values == first
            answered[:, run] &= ~np.isnan(values.astype(float, copy=False))
    return same, answered
