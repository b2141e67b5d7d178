"""What hands in a spreadsheet leave: totals below, filled down, dragged on, shifted by a row.

Whoever cuts some columns and pastes them one row off leaves every column as it was, and gives each
person another's answers. Then answers go with the neighbouring row's answers to the other
questions, and not with the row's own.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.config.dictionary import Variable
from evaluation.data.cleaning.parse import CONSENT, Parsed, ParsedColumn, is_numeric
from evaluation.data.rules.rule import (
    MOST_PAIRS,
    PAIRS,
    DataRule,
    Declared,
    Floats,
    across_rounds,
    numeric_questions,
    of_round,
)
from evaluation.data.rules.standard_scores import Scores
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

TOTALS_ROW = DataRule("totals-row", "error")
FILLED_DOWN = DataRule("filled-down", "warn")
RESCALED = DataRule("rescaled", "warn")
NO_REFUSALS = DataRule("no-refusals", "warn")
SHIFTED_COLUMNS = DataRule("shifted-columns", "error")


# rows at the end that are looked at; a file with fewer than so many others says nothing
LAST, ENOUGH = 5, 20
# of the columns that every other row fills: how many there must be, and the share that is blank
FILLED, BLANK = 3, 0.5


def summary_rows(parsed: Parsed) -> list[Finding]:
    """One error for each row at the end that is blank where every other row is filled."""
    n = len(parsed.lines)
    if n < ENOUGH or not parsed.columns:
        return []
    columns = parsed.columns.values()
    filled = np.array([not column.empty[: n - LAST].any() for column in columns])
    if filled.sum() < FILLED:
        return []
    wrong = np.column_stack([_wrongly_blank(column, n) for column in columns])
    blank = wrong[n - LAST :, filled].sum(axis=1)
    if CONSENT in parsed.columns:
        # who refused answers nothing, and that is no summary
        blank = np.where(parsed.columns[CONSENT].empty[n - LAST :], blank, 0)
    # rows with nothing but such rows below them
    whole = np.flatnonzero(blank < BLANK * filled.sum())
    return [
        TOTALS_ROW.about(
            parsed.file, "", parsed.lines[n - LAST + row], blank=blank[row], columns=filled.sum()
        )
        for row in range(int(whole[-1]) + 1 if len(whole) else 0, LAST)
    ]


def _wrongly_blank(column: ParsedColumn, n: int) -> NDArray[np.bool_]:
    """Empty cells of a column that declares no meaning for them."""
    found = np.zeros(n, dtype=bool)
    for flaw in column.flaws:
        if flaw.text == "":
            found[flaw.rows] = True
    return found


def without_totals(findings: Iterable[Finding]) -> list[Finding]:
    """Findings but those about the cells of such a row: it is the row that is wrong."""
    found = list(findings)
    rows = {(f.file, f.line) for f in found if f.rule == TOTALS_ROW.id}
    return [f for f in found if f.rule == TOTALS_ROW.id or (f.file, f.line) not in rows]


# A run this unlikely in a column of independent answers was not answered.
CHANCE = 1e-6
SHORTEST = 5
# yes/no answers of one place resemble each other (who took part), so their runs tell nothing
FEWEST_ANSWERS = 4
# a median that moves by this factor between rounds is another unit, not another life
SCALE = 5.0
SCALE_SMALLEST = 50
REFUSALS = 5

Values = NDArray[np.float64]


@of_round
def filled_down(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Answers that stay the same, or grow by the same step, for too many rows one below another.

    Each row's step to the next is one draw from the column's own steps; a run of L equal steps,
    each of share q, is expected n q^L times among n rows; of one answer, whose share is p, n p^L
    times where that is more. Nominal answers and those with few
    values are left out: neighbours may well share them.
    """
    for name in parsed.columns:
        variable = declared.dictionary.variables[name]
        if not _is_answer(variable) or not is_numeric(variable, declared.dictionary):
            continue
        column = parsed.columns[name]
        there = np.bincount(column.codes[parsed.consented], minlength=len(column.meanings)) > 0
        answers = column.meanings[there].astype(float)
        if len(np.unique(answers[~np.isnan(answers)])) < FEWEST_ANSWERS:
            continue
        start, length = _unlikely_run(parsed.numbers(name))
        if length:
            yield FILLED_DOWN.at(parsed, name, start, n=length + 1)


def _is_answer(variable: Variable) -> bool:
    asked = variable.question is not None or variable.asked_if is not None
    return asked and variable.type != "nominal" and variable.name != CONSENT


def _unlikely_run(values: Values) -> tuple[int, int]:
    """Start and number of steps of the first unlikely run; zeros where there is none."""
    steps = np.diff(values)
    known = steps[~np.isnan(steps)]
    if len(known) < SHORTEST:
        return 0, 0
    if known.min() == known.max():
        return (int(np.flatnonzero(~np.isnan(steps))[0]), len(known))
    starts = np.concatenate([[0], np.flatnonzero(steps[1:] != steps[:-1]) + 1])
    lengths = np.diff(starts, append=len(steps))
    kept = (lengths >= SHORTEST) & ~np.isnan(steps[starts])
    starts, lengths = starts[kept], lengths[kept]
    # the run itself must not make its step a usual one
    count = _counts(known, steps[starts]) - lengths
    rest = np.maximum(len(known) - lengths, 1)
    share = (count + 1) / (rest + 1)
    # an answer that most give follows itself oftener than all answers together follow themselves
    same = steps[starts] == 0
    share[same] = np.maximum(share[same], _own_share(values, starts[same], lengths[same]))
    unlikely = np.flatnonzero(len(known) * share**lengths < CHANCE)
    if not len(unlikely):
        return 0, 0
    return int(starts[unlikely[0]]), int(lengths[unlikely[0]])


def _own_share(values: Values, starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> Values:
    """Share of the answer at each start among the answers outside of its run."""
    answers = values[~np.isnan(values)]
    count = _counts(answers, values[starts]) - (lengths + 1)
    rest = np.maximum(len(answers) - (lengths + 1), 1)
    return np.asarray((np.maximum(count, 0) + 1) / (rest + 1), dtype=np.float64)


def _counts(values: Values, of: Values) -> NDArray[np.intp]:
    """How many values are each of some."""
    kinds, places = np.unique(of, return_inverse=True)
    counts = [np.count_nonzero(values == kind) for kind in kinds]
    return np.array(counts, dtype=np.intp)[places]


@across_rounds
def units(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Units that differ between rounds, and refusals that one round left out."""
    yield from _no_refusals(rounds)
    for before, after in itertools.pairwise(rounds):
        for name, variable in declared.dictionary.variables.items():
            if variable.type not in ("count", "number"):
                continue
            old, new = _median(before, name), _median(after, name)
            if old > 0 and new > 0 and not 1 / SCALE < new / old < SCALE:
                said = {"scale": Plain(f"{SCALE:g}"), "path": Plain(before.file.path)}
                yield RESCALED.at(after, name, **said)


def _median(parsed: Parsed, name: str) -> float:
    if name not in parsed.columns:
        return 0.0
    values = parsed.numbers(name)
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) >= SCALE_SMALLEST else 0.0


def _no_refusals(rounds: Sequence[Parsed]) -> Iterator[Finding]:
    asked = [parsed for parsed in rounds if CONSENT in parsed.columns]
    refusals = [int((~parsed.consented).sum()) for parsed in asked]
    most = max(refusals, default=0)
    for parsed, number in zip(asked, refusals, strict=True):
        if most >= REFUSALS and not number:
            path = asked[refusals.index(most)].file.path
            yield NO_REFUSALS.at(parsed, CONSENT, refusals=most, path=path)


# rows that a column is tried up and down
STEPS = (1, -1, 2, -2)
# A correlation with the neighbouring row of 0.15 and six standard errors (one in 10^9 by chance;
# a file has 10^4 pairs of columns), and more than twice that with the own row. Answers of one
# place resemble each other, which makes both alike, never the first the larger.
LARGE, ERRORS, MORE = 0.15, 6.0, 2.0
SHOWN = 3


@of_round
def shifted_columns(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Find columns that were moved against the rows.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.

    Yields
    ------
    Finding
        One error for each step by which columns were moved, at the first of the smaller group.
    """
    names, rows = numeric_questions(parsed, declared), np.flatnonzero(parsed.consented)
    if len(rows) < PAIRS or len(names) < 2:
        return
    scores = Scores.of(parsed, names, rows)
    near = {step: _may_have_moved(scores, step) for step in STEPS if step > 0}
    if not any(near.values()):
        return
    answers = scores.at(slice(None)).T
    known = scores.given(slice(None)).T.astype(np.float32)
    own = np.abs(_correlations(answers, known, 0))
    for step in STEPS:
        if not near[abs(step)]:
            continue
        # which of the two moved cannot be told from a pair: the columns with most such pairs
        count = _moved(own, answers, known, step).sum(axis=1)
        if count.any():
            most = [names[i] for i in np.argsort(-count, kind="stable")[:SHOWN] if count[i]]
            items = ", ".join(f"`{name}`" for name in most)
            n, first = int((count > 0).sum()), names[int(np.flatnonzero(count)[0])]
            yield SHIFTED_COLUMNS.at(parsed, first, n=n, items=items, rows=abs(step))


def _may_have_moved(scores: Scores, step: int) -> bool:
    """Whether any column goes with another of ``step`` rows before or after.

    Of n people at least half have answered both, so that a correlation r comes from a sum of
    products of r n / 2 and more; sums in single precision are off by far less than a tenth.
    """
    k, n = len(scores.codes), len(scores)
    products = np.zeros((k, k), dtype=np.float32)
    for rows in scores.blocks(0, n - step):
        both = scores.at(slice(rows.start, rows.stop + step)).astype(np.float32)
        products += both[:, step:] @ both[:, :-step].T
    np.fill_diagonal(products, val=0.0)
    return bool(np.abs(products).max() >= 0.9 * LARGE * MOST_PAIRS * (n - step))


def _moved(own: Floats, scores: Floats, known: NDArray[np.float32], step: int) -> NDArray[np.bool_]:
    """Pairs (i, j) of columns of which i goes with j of ``step`` rows before."""
    there = np.abs(_correlations(scores, known, step))
    errors = ERRORS / np.sqrt(len(scores))
    moved = (there >= max(LARGE, errors)) & (there > MORE * np.maximum(own, errors / ERRORS))
    # a column with itself is the order of the file
    np.fill_diagonal(moved, val=False)
    return moved


def _correlations(scores: Floats, known: NDArray[np.float32], step: int) -> Floats:
    """Correlation of column i with column j of ``step`` rows before, shape (k, k)."""
    n = len(scores)
    later, earlier = slice(max(step, 0), n + min(step, 0)), slice(max(-step, 0), n - max(step, 0))
    pairs = (known[later].T @ known[earlier]).astype(float)
    products = scores[later].T @ scores[earlier]
    enough = pairs >= max(PAIRS, MOST_PAIRS * n)
    return np.where(enough, products / np.maximum(pairs, 1), 0.0)
