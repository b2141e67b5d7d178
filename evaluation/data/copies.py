"""Interviews that are nearly the same, and interviews with one answer to everything."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data import identity_rules, quality
from evaluation.data.answers import answers, interviewers, questions
from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import about_file
from evaluation.data.parse import Parsed, is_numeric
from evaluation.data.timing import row_clusters
from evaluation.spec.records import Finding

SAME_SHARE = 0.9
# with fewer questions in common two honest interviews may well agree
SMALLEST_BATTERY = 25
# an answer that nearly everybody gives says nothing about copying
COMMONEST_SHARE = 0.9
# Questions of one scale in one module; of shorter runs honest people give one answer too.
SHORTEST_RUN = 4
FEWEST_RUNS = 3
FEWEST_QUESTIONS = 15
# rows compared at a time with a whole block: bounds the memory
CHUNK = 1000
# interviews whose pairs across blocks say how alike strangers are: at most eight million pairs
SAMPLE = 4000
# expected number of pairs that are alike by chance alone, in a whole round
CHANCE = 0.05

Codes = NDArray[np.int32]
Counts = NDArray[np.float32]


def near_identical(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews of one cluster or interviewer that share nine answers in ten, or more.

    Answers are compared where both people gave one. How often strangers agree as much is counted
    in pairs from different blocks: where nine in ten would come about by chance, more is asked.
    Rows that ``duplicate-id`` or ``duplicate-interview`` name already are not named again.
    """
    coded = answers(parsed, questions(parsed, declared))
    coded = coded[:, [_tells(column) for column in coded.T]]
    if coded.shape[1] < SMALLEST_BATTERY:
        return []
    named = (
        *identity_rules.duplicate_ids(parsed, declared),
        *quality.duplicate_interviews(parsed, declared),
    )
    told = np.isin(parsed.lines, [finding.line for finding in named])
    blocks = list(_blocks(parsed, declared))
    alike = [pair for block in blocks for pair in _alike(coded, block) if not told[pair[1]]]
    # most rounds have no such pair, and need no yardstick
    least = _least_share(coded, blocks) if alike else SAME_SHARE
    found: dict[int, tuple[float, int]] = {}
    for first, later, share in alike:
        if share >= least:
            # the closest earlier interview; the first of equals
            found[later] = min(found.get(later, (0.0, first)), (-share, first))
    column = declared.raw(parsed, declared.study.columns.respondent)
    return [
        about_file(
            parsed.file,
            rule="near-identical-interview",
            severity="warn",
            line=int(parsed.lines[later]),
            column=column,
            problem=f"{-share:.0%} of the answers that can tell people apart are those of row"
            f" {parsed.file.path}:{parsed.lines[first]}",
            mend="compare the two interviews, call both people back; `drop` what was not held",
        )
        for later, (share, first) in sorted(found.items())
    ]


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
    pairs = sum(len(block) * (len(block) - 1) / 2 for block in blocks)
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


def _alike(coded: Codes, block: NDArray[np.intp]) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows of a block (earlier, later, share of the same answers), nine in ten or more."""
    for start, same, both in _compared(coded, block):
        alike = (both >= SMALLEST_BATTERY) & (same >= SAME_SHARE * both)
        for row, other in zip(*np.nonzero(alike), strict=True):
            if start + row < other:
                share = float(same[row, other] / both[row, other])
                yield int(block[start + row]), int(block[other]), share


def _compared(coded: Codes, rows: NDArray[np.intp]) -> Iterator[tuple[int, Counts, Counts]]:
    """Numbers of same answers and of answers given by both, of each row with every row.

    One product of 0/1 matrices; in parts of ``CHUNK`` rows, each with its first position.
    """
    here = coded[rows]
    given = (here >= 0).astype(np.float32)
    ones = np.column_stack([here == code for code in range(here.max(initial=-1) + 1)])
    signs = ones.astype(np.float32)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        yield start, signs[part] @ signs.T, given[part] @ given.T


def straight_lines(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews with one and the same answer all along every run of questions of one scale."""
    found = runs(parsed, declared)
    if len(found) < FEWEST_RUNS or sum(len(names) for names in found) < FEWEST_QUESTIONS:
        return []
    same, _ = one_answer(parsed, found)
    verdict = Verdict(
        rule="straight-lining",
        severity="warn",
        problem=f"the same answer to all questions in each of {len(found)} runs of questions of"
        " one scale",
        mend="listen to the recording: were the questions read out one by one?",
    )
    column = declared.raw(parsed, declared.study.columns.respondent)
    return row_findings(parsed, same.sum(axis=1) == len(found), column=column, verdict=verdict)


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
    values = [np.column_stack([parsed.columns[n].values.astype(float) for n in r]) for r in found]
    same = [(run == run[:, :1]).all(axis=1) for run in values]
    answered = [~np.isnan(run).any(axis=1) for run in values]
    return np.column_stack(same), np.column_stack(answered)
