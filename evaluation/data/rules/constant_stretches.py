"""One answer again and again over a stretch of rows, or never, beyond what neighbours explain.

Rows of a file mostly stand by place, and people of one place and of one region answer alike: rare
answers stand together, and so do common ones. How alike they answer is taken from the column.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed, ParsedColumn
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.interviewers import components
from evaluation.data.rules.rule import Declared

# fewest answers in a stretch, and how often such a one is expected at most in a column
STRETCH = 100
CHANCE = 1e-6
# where the other rounds' people of these places agreed as much, they do agree
SAME_BEFORE = 0.98
# more different answers than a scale has: their quarters are looked at instead of their ends
SCALE = 11
# where the other round's people of these places gave an answer so much less often, they rarely do
RARELY = 0.2
SILENT = ("dont_know", "refused")

Whole = NDArray[np.intp]


def areas(parsed: Parsed, declared: Declared) -> tuple[Whole, ...]:
    """Groups of rows whose answers resemble each other: clusters, and what they lie in.

    Returns
    -------
    tuple of ndarray of int, shape (n,)
        Number of each row's cluster, department, subregion and stratum, as far as the frame has
        them. Rows of unknown places are one group.
    """
    clusters = row_clusters(parsed, declared.frame)
    columns = declared.study.columns
    names = [
        name
        for name in (columns.department, columns.subregion, columns.stratum)
        if name is not None and name in declared.frame.table.columns
    ]
    found = [clusters, *(declared.frame.lookup(name, clusters) for name in names)]
    return tuple(pd.factorize(values)[0] + 1 for values in found)


def constant_stretch(
    parsed: Parsed,
    name: str,
    rows: Whole,
    others: Sequence[Parsed],
    declared: Declared,
) -> tuple[int, int] | None:
    """The least likely stretch of one answer, if it is no chance.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    name : str
        Question, of any type.
    rows : ndarray of int
        Positions of the people who answered it, in the file's order.
    others : sequence of Parsed
        The other rounds: where nearly everybody of these places gave this answer there, they
        agree.
    declared : Declared
        Dictionary, study and frame.

    Returns
    -------
    tuple of int, int, or None
        Start and end among these positions.
    """
    column = parsed.columns[name]
    codes = pd.factorize(column.meanings)[0][column.codes[rows]]
    long = list(_stretches(codes))
    if not long:
        return None
    grouped = [area[rows] for area in declared.once(areas, parsed)]
    expected = {
        stretch: max(expected_stretches(codes, area, *stretch) for area in grouped)
        for stretch in long
    }
    start, end = min(expected, key=lambda stretch: expected[stretch])
    if expected[start, end] >= CHANCE:
        return None
    agreed = _agreed_before(parsed, column, name, rows[start:end], others, declared)
    return None if agreed else (start, end)


def absent_stretch(
    parsed: Parsed, name: str, asked: Whole, others: Sequence[Parsed], declared: Declared
) -> tuple[int, int] | None:
    """The least likely stretch without an end of the scale, or without silence.

    Parameters
    ----------
    parsed, name, others, declared
        As of :func:`constant_stretch`.
    asked : ndarray of int
        Positions of the people who were asked, in the file's order.

    Returns
    -------
    tuple of int, int, or None
        Start and end among these positions.

    Notes
    -----
    Codes that are one too high from a row on leave the lowest one unused, another unit leaves the
    upper quarter of the numbers empty, and silence that was filled leaves none.
    """
    column = parsed.columns[name]
    area: tuple[Whole, ...] = ()
    best: tuple[float, tuple[int, int]] | None = None
    for event in _events(column):
        marked = event[column.codes[asked]].astype(np.intp)
        share = float(marked.mean())
        edges = np.concatenate([[-1], np.flatnonzero(marked), [len(marked)]])
        gap = int(np.diff(edges).argmax())
        start, end = int(edges[gap]) + 1, int(edges[gap + 1])
        # a cheap look first: as if neighbours were strangers
        if not share or end - start < STRETCH or len(asked) * (1 - share) ** (end - start) > CHANCE:
            continue
        area = area or tuple(each[asked] for each in declared.once(areas, parsed))
        expected = max(expected_stretches(marked, each, start, end) for each in area)
        if expected < min(CHANCE, best[0] if best else CHANCE):
            rows = asked[start:end]
            if not _absent_before(parsed, name, event, share, rows, others, declared):
                best = expected, (start, end)
    return None if best is None else best[1]


def _events(column: ParsedColumn) -> Iterator[NDArray[np.bool_]]:
    """Distinct texts that are the lowest, the highest, or silence: each a flag for every text."""
    yield np.isin(column.kinds, SILENT)
    if column.meanings.dtype != np.float64:
        return
    values = column.meanings.astype(np.float64)
    counts = np.bincount(column.codes, minlength=len(values))
    given = np.repeat(values, counts)
    given = given[~np.isnan(given)]
    if len(np.unique(given)) > 2:
        low, high = np.quantile(given, [0.25, 0.75]) if len(np.unique(given)) > SCALE else (
            given.min(), given.max())  # fmt: skip
        yield values <= low
        yield values >= high


def _absent_before(
    parsed: Parsed,
    name: str,
    event: NDArray[np.bool_],
    share: float,
    rows: Whole,
    others: Sequence[Parsed],
    declared: Declared,
) -> bool:
    """Whether another round's people of the same places hardly gave these answers either."""
    values = list(set(parsed.columns[name].meanings[event].tolist()))
    here = np.unique(row_clusters(parsed, declared.frame)[rows].astype(str))
    for other in (each for each in others if name in each.columns):
        asked = other.columns[name]
        silent = asked.is_missing(*SILENT)
        places = row_clusters(other, declared.frame).astype(str)
        there = np.isin(places, here) & other.consented & (asked.observed | silent)
        is_silence = bool(np.isin(parsed.columns[name].kinds[event], SILENT).all())
        given = silent if is_silence else np.isin(asked.values, values)
        if there.sum() >= STRETCH and given[there].mean() < RARELY * share:
            return True
    return False


def _stretches(codes: Whole) -> Iterator[tuple[int, int]]:
    """Stretches of one answer that are long enough to be looked at."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)]])
    for place in np.flatnonzero(np.diff(edges) >= STRETCH).tolist():
        yield int(edges[place]), int(edges[place + 1])


def expected_stretches(codes: Whole, area: Whole, start: int, end: int) -> float:
    """Number of stretches like this one that the column lets expect.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Answer of each row.
    area : ndarray of int, shape (n,)
        Group of rows that answer alike.
    start, end : int
        The stretch.

    Notes
    -----
    The share of people who give an answer differs between areas by a beta distribution, whose mean
    is the answer's share p and whose spread is the intraclass correlation r, both of all rows: the
    stretch itself makes them larger, and so the expected number. After i people of an area with
    this answer the next one gives it with the chance (p (1 - r) + i r) / (1 - r + i r): the
    beta-binomial of Skellam (1948), Journal of the Royal Statistical Society B 10, 257-261.
    """
    same = (codes == codes[start]).astype(np.float64)
    share = float(same.mean())
    within, between = components(same, area)
    alike = between / (between + within) if between > 0 else 0.0
    sizes = np.bincount(area[start:end])
    # the first person of an area, and those after others of it
    after = np.arange(1, int(sizes.max()), dtype=np.float64)
    next_ones = (share * (1 - alike) + after * alike) / (1 - alike + after * alike)
    logs = np.log(np.concatenate([[share], np.minimum(next_ones, 1.0)]))
    total = np.concatenate([[0.0], np.cumsum(logs)])[sizes].sum()
    return float(np.exp(np.log(len(codes)) + total))


def _agreed_before(
    parsed: Parsed,
    column: ParsedColumn,
    name: str,
    rows: Whole,
    others: Sequence[Parsed],
    declared: Declared,
) -> bool:
    """Whether another round's people of the same places nearly all gave this answer.

    A place counts as often as it has rows in the stretch, whose ends reach into places that differ.
    """
    answer = column.values[rows[0]]
    here = pd.Series(row_clusters(parsed, declared.frame)[rows]).value_counts()
    for other in others:
        if name not in other.columns:
            continue
        asked = other.columns[name]
        given = asked.observed & other.consented
        places = pd.Series(row_clusters(other, declared.frame)[given])
        shares = pd.Series(asked.values[given] == answer).groupby(places).mean()
        known = here[here.index.isin(shares.index)]
        if known.sum() >= STRETCH and np.average(shares[known.index], weights=known) >= SAME_BEFORE:
            return True
    return False
