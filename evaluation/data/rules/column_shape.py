"""What a column's own shape shows: no answer, one answer, sorted, silent from a row on, a copy.

They look at people who consented and at the file's own order of rows; at questions, and the one
about a stretch of one answer at whatever else stands for people who consented, such as residence.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed, ParsedColumn
from evaluation.data.rules.constant_stretches import absent_stretch, constant_stretch
from evaluation.data.rules.rule import (
    NUMERIC,
    DataRule,
    Declared,
    across_rounds,
    numeric_values,
    questions,
)
from evaluation.estimation.records import Finding

EMPTY_ITEM = DataRule("empty-item", "error")
ONE_ANSWER = DataRule("one-answer", "error")
SILENT_STRETCH = DataRule("silent-stretch", "warn")
MORE_SILENCE = DataRule("more-silence", "warn")
SORTED_ITEM = DataRule("sorted-item", "error")
CONSTANT_STRETCH = DataRule("constant-stretch", "warn")
ABSENT_ANSWER = DataRule("absent-answer", "warn")
COPIED_ITEM = DataRule("copied-item", "error")

# with fewer people who were asked, no shape says anything
ASKED = 100
# A stretch of silence or of order as long as this is expected once in a million columns, if rows
# were drawn one by one; answers of one place resemble each other, so the stretch must be long too.
CHANCE = 1e-6
STRETCH = 100
STRETCH_SHARE = 0.1
# Silence differs between rounds by a few points; in both studies' own rounds by at most seven.
SILENCE_MOVED = 0.15
# Two questions whose answers agree in all but one in a thousand rows are one.
SAME = 0.999
# so many weights one after the other are in order by chance once in 10! = 3,600,000 times
WEIGHT_CHANGES = 10
# where they agreed as much in the other round, they are meant to
SAME_BEFORE = 0.98
# so many people are expected to give another answer than the only one, by the other round
EXPECTED = 10
# fewest answers of other values than the most frequent one in a stretch that is told as sorted
OTHERS = 10

Flags = NDArray[np.bool_]


@across_rounds
def column_shapes(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """All rules about the shape of a question's column.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order: a shape is held against the other rounds' where a
        question stands in several.
    declared : Declared
        Dictionary, study and frame.
    """
    for parsed in rounds:
        others = [other for other in rounds if other is not parsed]
        names = questions(parsed, declared, *NUMERIC, "nominal")
        for name in names:
            yield from _of_column(parsed, name, others, declared)
        for name in _noted(parsed, names, declared):
            column = parsed.columns[name]
            rows = np.flatnonzero(_asked(parsed, column) & column.observed)
            yield from _constant(parsed, name, rows, others, declared)
        yield from _copies(parsed, names, others)
        yield from _weights(parsed, declared)


def _weights(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Weights in order of size: neighbours share one, so their changes are counted."""
    name = declared.study.columns.weight
    if name is None or name not in parsed.columns:
        return
    rows = np.flatnonzero(parsed.consented & parsed.columns[name].observed)
    ordered = ordered_stretch(parsed.columns[name], rows, changes=WEIGHT_CHANGES)
    if ordered is not None:
        yield SORTED_ITEM.along(parsed, name, rows, ordered)


def _of_column(
    parsed: Parsed, name: str, others: Sequence[Parsed], declared: Declared
) -> Iterator[Finding]:
    """The first of these that holds: each explains those after it."""
    column = parsed.columns[name]
    asked = np.flatnonzero(_asked(parsed, column))
    answered = column.observed[asked]
    few = len(asked) < ASKED
    if few or not answered.any():
        if not few or _never_asked(parsed, column, name, others):
            yield EMPTY_ITEM.at(parsed, name, item=name)
        return
    if _is_constant(column, name, asked, others):
        yield ONE_ANSWER.at(parsed, name, item=name)
        return
    silent = _stretch(~answered)
    if silent is not None:
        yield SILENT_STRETCH.along(parsed, name, asked, silent)
    else:
        yield from _more_silence(parsed, name, float(np.mean(~answered)), others)
    rows = asked[answered]
    ordered = ordered_stretch(column, rows)
    if ordered is not None:
        yield SORTED_ITEM.along(parsed, name, rows, ordered)
        return
    found = list(_constant(parsed, name, rows, others, declared))
    absent = None if found or silent else absent_stretch(parsed, name, asked, others, declared)
    if absent is not None:
        found.append(ABSENT_ANSWER.along(parsed, name, asked, absent))
    yield from found


def _noted(parsed: Parsed, names: Sequence[str], declared: Declared) -> list[str]:
    """What stands for people who consented without having been asked of them."""
    columns, variables = declared.study.columns, declared.dictionary.variables
    design = {getattr(columns, name) for name in columns.roles()}
    return [
        name
        for name in parsed.columns
        if name not in names
        and name not in design
        and variables[name].asked_if is not None
        and variables[name].type in (*NUMERIC, "nominal")
    ]


def _constant(
    parsed: Parsed,
    name: str,
    rows: NDArray[np.intp],
    others: Sequence[Parsed],
    declared: Declared,
) -> Iterator[Finding]:
    """One answer over a stretch of rows: copied down, or not asked any longer."""
    stretch = constant_stretch(parsed, name, rows, others, declared)
    if stretch is not None:
        yield CONSTANT_STRETCH.along(parsed, name, rows, stretch)


def _asked(parsed: Parsed, column: ParsedColumn) -> Flags:
    """People whom no skip rule spared the question, and whose cell does not say so."""
    spared = column.is_missing("not_applicable")
    if column.unasked is not None:
        spared = spared | column.unasked
    return np.asarray(parsed.consented & ~spared)


def _never_asked(parsed: Parsed, column: ParsedColumn, name: str, others: Sequence[Parsed]) -> bool:
    """Nobody answers here, and many did in another round."""
    if column.observed[parsed.consented].any() or parsed.consented.sum() < ASKED:
        return False
    return any(
        int(other.columns[name].observed[other.consented].sum()) >= ASKED
        for other in others
        if name in other.columns
    )


def _is_constant(
    column: ParsedColumn, name: str, asked: NDArray[np.intp], others: Sequence[Parsed]
) -> bool:
    """One answer in all but one of a thousand rows, where the other rounds have more."""
    codes = pd.factorize(column.meanings)[0][column.codes[asked]]
    given = np.bincount(codes[codes >= 0])
    n = int(given.sum())
    if not n or given.max() < SAME * n:
        return False
    only = column.meanings[column.codes[asked[codes == int(given.argmax())]][0]]
    for other in others:
        if name in other.columns:
            values = other.columns[name].values[other.columns[name].observed & other.consented]
            if len(values) and float(np.mean(values != only)) * n >= EXPECTED:
                return True
    # of a scale of three and more somebody always gives another answer; rare events may be none
    asked_elsewhere = any(name in other.columns for other in others)
    return n >= ASKED and not asked_elsewhere and only not in (0.0, 1.0)


def _stretch(marked: Flags) -> tuple[int, int] | None:
    """The longest run of marked rows, if it is no chance by the share outside it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return None
    longest = int(np.argmax(ends - starts))
    start, end = int(starts[longest]), int(ends[longest])
    length, n = end - start, len(marked)
    rest = (int(marked.sum()) - length + 1) / (n - length + 1)
    long_enough = length >= max(STRETCH, STRETCH_SHARE * n)
    return (start, end) if long_enough and n * rest**length < CHANCE else None


def _more_silence(
    parsed: Parsed, name: str, mine: float, others: Sequence[Parsed]
) -> Iterator[Finding]:
    """More people without an answer than in every other round."""
    rest = [_silence(other, other.columns[name]) for other in others if name in other.columns]
    if rest and mine - max(rest) > SILENCE_MOVED:
        yield MORE_SILENCE.at(
            parsed, name, item=name, share=f"{mine:.0%}", other=f"{max(rest):.0%}"
        )


def _silence(parsed: Parsed, column: ParsedColumn) -> float:
    asked = _asked(parsed, column)
    return float(np.mean(~column.observed[asked])) if asked.sum() >= ASKED else 1.0


def ordered_stretch(
    column: ParsedColumn, rows: NDArray[np.intp], *, changes: int = 1
) -> tuple[int, int] | None:
    """The longest stretch in which values never fall, or never rise, if it is no chance.

    Parameters
    ----------
    column : ParsedColumn
        Of a survey or a series.
    rows : ndarray of int
        Positions to look at, in the file's order.
    changes : int
        Fewest changes of value in the stretch; more where neighbours share theirs.

    Returns
    -------
    tuple of int, int, or None
        Start and end among these positions.
    """
    ranks = _ranks(column)[rows]
    if len(ranks) < STRETCH:
        return None
    shares = np.bincount(ranks[ranks >= 0]) / len(ranks)
    # the chance that the next of two answers drawn one by one is the smaller one
    falls = (1 - float((shares**2).sum())) / 2
    steps = np.diff(ranks)
    for broken in (steps < 0, steps > 0):
        edges = np.concatenate([[-1], np.flatnonzero(broken), [len(steps)]])
        gaps = np.diff(edges)
        longest = int(np.argmax(gaps))
        start, end = int(edges[longest]) + 1, int(edges[longest + 1]) + 1
        length = end - start
        moves = int((steps[start : end - 1] != 0).sum())
        # of few other values than one, many may stand in one place of the file's order by place
        others = length - int(np.bincount(ranks[start:end] + 1).max())
        is_long = length >= max(STRETCH, STRETCH_SHARE * len(ranks))
        if moves >= changes and is_long and others >= OTHERS:
            expected = len(ranks) * (1 - falls) ** (length - 1)
            if expected < CHANCE:
                return start, end
    return None


def _ranks(column: ParsedColumn) -> NDArray[np.intp]:
    """Place of each cell's value among the sorted values; nominal ones by their text."""
    if column.meanings.dtype == np.float64:
        keys = column.meanings
        order = np.unique(keys[~np.isnan(keys)])
        each = np.where(np.isnan(keys), -1, np.searchsorted(order, keys))
    else:
        texts = np.array(["" if m is None else str(m) for m in column.meanings], dtype=object)
        each = pd.factorize(texts, sort=True)[0]
    return np.asarray(each, dtype=np.intp)[column.codes]


def _copies(parsed: Parsed, names: Sequence[str], others: Sequence[Parsed]) -> Iterator[Finding]:
    """Two questions with the same answers, where another round has different ones."""
    means: dict[float, list[str]] = {}
    for name in names:
        column = parsed.columns[name]
        known = _known(column)
        if len(np.unique(column.meanings[known])) > 2:
            # a cheap look first: copies have (nearly) the same mean
            counts = np.bincount(column.codes[parsed.consented], minlength=len(known))[known]
            total = float(counts @ column.meanings[known].astype(float))
            means.setdefault(round(total / max(int(counts.sum()), 1), 1), []).append(name)
    for group in means.values():
        alone = len(group) < 2
        answers = {} if alone else {n: numeric_values(parsed, [n])[:, 0] for n in group}
        for one, two in itertools.combinations(group, 2):
            if _agreement(answers[one], answers[two]) < SAME:
                continue
            before = [
                _agreement(*numeric_values(other, [one, two]).T)
                for other in others
                if one in other.columns and two in other.columns
            ]
            if not before or min(before) < SAME_BEFORE:
                yield COPIED_ITEM.at(parsed, two, item=two, other=one)


def _known(column: ParsedColumn) -> Flags:
    """Which of the distinct texts are a number."""
    if column.meanings.dtype != np.float64:
        return np.zeros(len(column.meanings), dtype=bool)
    return np.asarray(~np.isnan(column.meanings.astype(float)))


def _agreement(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Share of rows with any answer to either in which both are the same."""
    either = ~np.isnan(one) | ~np.isnan(two)
    if either.sum() < ASKED:
        return 0.0
    return float(np.mean(one[either] == two[either]))
