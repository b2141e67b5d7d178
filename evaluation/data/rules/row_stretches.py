"""Stretches of rows whose answers are other rows' or other columns'.

Whoever pastes cells over other rows leaves a column that repeats itself: twenty and more answers in
the order of other rows. Whoever moves cells against their rows or their columns leaves answers that
no longer go with the rest of the same interview. What is chance is taken from the file itself: how
often its rows are alike, and how much its ties vary along the file.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.rules.rule import (
    PAIRS,
    DataRule,
    Declared,
    Floats,
    answers,
    of_round,
    questions,
)
from evaluation.data.rules.standard_scores import Scores
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

PASTED_ROWS = DataRule("pasted-rows", "warn")
LOOSE_STRETCH = DataRule("loose-stretch", "warn")
LOOSE_BATTERY = DataRule("loose-stretch", "warn", "loose-battery", "loose-stretch")

# so many findings are expected of a clean round
FALSE_ALARMS = 0.01
# Shortest run that is told; and answers that two of three neighbours share would need runs of
# hundreds of rows to be no chance.
SHORTEST, ALIKE = 12, 0.7
# neighbours up to here say how alike rows are that lie close together
NEIGHBOURS = 20
# rows that are added up; a stretch is told to so many rows
STEP = 20
# steps added up to see whether ties vary by place, beyond what single steps show
PLACE = 10
# standard errors below which a tie of two items is taken for none
NO_TIE = 2.0

Codes = NDArray[np.int32]
Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Rows from ``start`` on that repeat the rows from ``other`` on."""

    start: int
    other: int
    length: int


@of_round
def pasted_rows(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Stretches of rows that repeat another stretch in one or more questions.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.
    """
    names = questions(parsed, declared, "ordinal", "nominal", "count")
    rows = np.flatnonzero(parsed.consented)
    # one question's answers lie side by side
    coded = answers(parsed, names).T[:, rows]
    found: dict[tuple[int, int], list[tuple[Run, str]]] = {}
    for place, name in enumerate(names):
        run = repeated_run(coded[place], columns=len(names))
        if run is not None:
            # columns pasted together begin near the same row, at one distance
            near = (run.start - run.other, run.start // (5 * STEP))
            found.setdefault(near, []).append((run, name))
    for runs in found.values():
        run, name = max(runs, key=lambda each: each[0].length)
        said = {
            "item": name,
            "k": Plain(len(runs)),
            "n": Plain(f"{run.length:,}"),
            "first": Plain(int(parsed.lines[rows[run.start]])),
            "last": Plain(int(parsed.lines[rows[run.start + run.length - 1]])),
            "other": Plain(int(parsed.lines[rows[run.other]])),
        }
        yield PASTED_ROWS.at(parsed, name, int(rows[run.start]), **said)


def repeated_run(codes: Codes, *, columns: int = 1) -> Run | None:
    """The longest run of answers that repeats an earlier one, if it is no chance.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Answers of one question in the file's order, -1 where there is none.
    columns : int
        How many questions are looked at.

    Notes
    -----
    Two rows answer alike with the chance c, the sum of squared shares of the answers; neighbours
    are more alike, so c is theirs where it is larger. n^2 / 2 pairs of places begin a run of length
    L with the chance c^L. Runs are found by sums over L rows, each row times its power of one odd
    number, modulo 2^64 (Karp and Rabin 1987, IBM Journal of Research and Development 31, 249-260).
    """
    n = len(codes)
    if n < PAIRS:
        return None
    limit = math.log(FALSE_ALARMS / max(columns, 1)) - math.log(n * n / 2)
    alike = _alike(codes)
    near = [float(np.mean(codes[lag:] == codes[:-lag])) for lag in range(1, NEIGHBOURS)]
    chance = max(alike, *near)
    if chance > ALIKE:
        return None
    length = max(SHORTEST, math.ceil(limit / math.log(chance)) if chance > 0 else SHORTEST)
    if 2 * length > n:
        return None
    sums = _window_sums(codes, length)
    ordered = np.sort(sums)
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    order = np.argsort(sums, kind="stable")
    equal = np.flatnonzero(sums[order[1:]] == sums[order[:-1]])
    first, second = order[equal], order[equal + 1]
    place = np.lexsort((second, second - first))
    first, second = first[place], second[place]
    ends = np.flatnonzero((np.diff(second) != 1) | (np.diff(second - first) != 0)) + 1
    edges = np.concatenate([[0], ends, [len(second)]])
    for at in np.argsort(-np.diff(edges), kind="stable").tolist():
        start, other = int(second[edges[at]]), int(first[edges[at]])
        whole = int(edges[at + 1] - edges[at]) + length - 1
        # rows that hardly differ from each other repeat each other anywhere
        own = max(_alike(codes[start : start + whole]), chance)
        if whole * math.log(own) < limit and start - other >= 1 and own < ALIKE:
            return Run(start, other, whole)
    return None


def _alike(codes: Codes) -> float:
    counts = np.bincount(codes + 1)
    return float(np.square(counts / len(codes)).sum())


def _window_sums(codes: Codes, length: int) -> NDArray[np.uint64]:
    """One number for each stretch of so many rows: the same for the same answers."""
    odd, back = 6364136223846793005, pow(6364136223846793005, -1, 2**64)
    n = len(codes)
    powers, inverse = (_powers(base, n) for base in (odd, back))
    total = np.concatenate([[np.uint64(0)], np.cumsum((codes + 2).astype(np.uint64) * powers)])
    return np.asarray((total[length:] - total[:-length]) * inverse[: n - length + 1])


@functools.lru_cache(maxsize=2)
def _powers(base: int, n: int) -> NDArray[np.uint64]:
    found = np.full(n, base, dtype=np.uint64)
    found[0] = 1
    return np.cumprod(found, dtype=np.uint64)


@of_round
def loose_stretches(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Stretches of rows where an item, or a battery, no longer goes with the rest.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.

    Notes
    -----
    The tie of an item in one interview is its score times the sum of the other items' scores, each
    times its correlation with the item: of the same module, then of all other modules, because a
    battery that moved as a whole still goes with itself. The ties of a module's items with other
    modules are added up, too.
    """
    names = [
        name
        for name in questions(parsed, declared, "ordinal", "binary")
        if is_numeric(declared.dictionary.variables[name], declared.dictionary)
    ]
    rows = np.flatnonzero(parsed.consented)
    if len(names) < 2 or len(rows) < 2 * PAIRS:
        return
    of_name = {v.name: m.module for m in declared.dictionary.modules for v in m.variable}
    modules = [declared.dictionary.variables[n].module or of_name[n] for n in names]
    listed = sorted(set(modules))
    own = np.array([[module == each for each in modules] for module in listed])
    scores = Scores.of(parsed, names, rows)
    within, across = _ties(scores, own.T.astype(float) @ own > 0)
    found = loose(np.concatenate([within, across, own @ across]))
    told: set[str] = set()
    # a module that came loose explains its items
    for place in sorted(found, key=lambda place: (place < 2 * len(names), place)):
        start, end = found[place]
        said = {
            "first": Plain(int(parsed.lines[rows[start * STEP]])),
            "last": Plain(int(parsed.lines[rows[min(end * STEP, len(rows)) - 1]])),
        }
        if place >= 2 * len(names):
            members = np.flatnonzero(own[place - 2 * len(names)])
            told.update(names[member] for member in members)
            lost = across[members] - across[members].mean(axis=1, keepdims=True)
            name = names[members[lost[:, start:end].sum(axis=1).argmin()]]
            yield LOOSE_BATTERY.at(parsed, name, item=name, k=Plain(len(members)), **said)
        elif names[place % len(names)] not in told:
            name = names[place % len(names)]
            told.add(name)
            yield LOOSE_STRETCH.at(parsed, name, item=name, **said)


def _ties(scores: Scores, beside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Ties of each item with those of its module and with all others, by steps of rows."""
    n, correlations = len(scores), scores.correlations()
    known = np.where(np.abs(correlations) > NO_TIE / np.sqrt(n), correlations, 0.0)
    weights = [np.where(which, known, 0.0) for which in (beside, ~beside)]
    found = [np.zeros((len(known), -(-n // STEP))) for _ in weights]
    for part in scores.blocks(0, n):
        values = scores.at(part)
        steps = np.arange(part.start, part.stop) // STEP
        starts = np.flatnonzero(np.diff(steps, prepend=-1))
        for ties, weight in zip(found, weights, strict=True):
            ties[:, steps[starts]] += np.add.reduceat(values * (weight @ values), starts, axis=1)
    return found[0], found[1]


def loose(ties: Floats) -> dict[int, tuple[int, int]]:
    """Lines with a stretch in which the tie is gone, and the first step and that after the last.

    Parameters
    ----------
    ties : ndarray, shape (lines, steps)

    Notes
    -----
    With d the usual tie of a step and v its variance, a step with the tie x has the log likelihood
    ratio (d / v) (d / 2 - x) of "no tie" against "the usual one"; the stretch with the largest sum
    is told where that exceeds the logarithm of the number of steps and lines over the expected
    false alarms (Page 1954, Biometrika 41, 100-115). v is the larger of the variances of single
    steps and of places of ``PLACE`` steps, both from the middle half of the file's own.
    """
    lines, steps = ties.shape
    if steps < 2 * PLACE:
        return {}
    usual = ties.mean(axis=1, keepdims=True)
    places = ties[:, : steps // PLACE * PLACE].reshape(lines, -1, PLACE).sum(axis=2)
    variance = np.maximum(_variance(ties), _variance(places) / PLACE)
    ratio = np.where(variance > 0, usual / np.where(variance > 0, variance, 1.0), 0.0)
    path = np.cumsum(ratio * (usual / 2 - ties), axis=1)
    path = np.concatenate([np.zeros((lines, 1)), path], axis=1)
    rise = path - np.minimum.accumulate(path, axis=1)
    limit = math.log(lines * steps / FALSE_ALARMS)
    found = {}
    for line in np.flatnonzero(rise.max(axis=1) > limit).tolist():
        end = int(rise[line].argmax())
        found[line] = (int(path[line, :end].argmin()), end)
    return found


def _variance(ties: Floats) -> Floats:
    """Variance of each line, from the quartiles: a stretch that differs does not widen it."""
    low, high = np.quantile(ties, [0.25, 0.75], axis=1, keepdims=True)
    return np.asarray(np.square((high - low) / 1.349))
