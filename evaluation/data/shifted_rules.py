"""Columns that stand one row or two too low or too high against the others of their file.

Whoever cuts some columns and pastes them one row off leaves every column as it was, and gives each
person another's answers. Then answers go with the neighbouring row's answers to the other
questions, and not with the row's own.
"""

import numpy as np
from numpy.typing import NDArray

from evaluation.data.answer_matrix import (
    MOST_PAIRS,
    PAIRS,
    Floats,
    numeric_questions,
    standardised,
    values,
)
from evaluation.data.declared import Declared
from evaluation.data.finding import about_file
from evaluation.data.parse import Parsed
from evaluation.locale.messages import message
from evaluation.spec.records import Finding

# rows that a column is tried up and down
STEPS = (1, -1, 2, -2)
# A correlation with the neighbouring row of 0.15 and six standard errors (one in 10^9 by chance;
# a file has 10^4 pairs of columns), and more than twice that with the own row. Answers of one
# place resemble each other, which makes both alike, never the first the larger.
LARGE, ERRORS, MORE = 0.15, 6.0, 2.0
SHOWN = 3


def rules(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Find columns that were moved against the rows.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.

    Returns
    -------
    list of Finding
        One error for each step by which columns were moved, at the first of the smaller group.
    """
    names = numeric_questions(parsed, declared)
    answers = values(parsed, names)[parsed.consented]
    if len(answers) < PAIRS or len(names) < 2:
        return []
    scores = standardised(answers)
    known = (~np.isnan(answers)).astype(np.float32)
    own = np.abs(_correlations(scores, known, 0))
    found = []
    for step in STEPS:
        moved = _moved(own, scores, known, step)
        # which of the two moved cannot be told from a pair: the columns with most such pairs
        count = moved.sum(axis=1)
        if not count.any():
            continue
        listed = [names[i] for i in np.argsort(-count, kind="stable")[:SHOWN] if count[i]]
        first = names[int(np.flatnonzero(count)[0])]
        found.append(
            about_file(
                parsed.file,
                rule="shifted-columns",
                severity="error",
                column=declared.raw(parsed, first),
                problem=message(
                    "shifted-columns.problem",
                    n=int((count > 0).sum()),
                    items=", ".join(f"`{name}`" for name in listed),
                    rows=abs(step),
                ),
                mend=message("shifted-columns.mend"),
            )
        )
    return found


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
