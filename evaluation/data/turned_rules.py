"""Scales that one interviewer read the other way: answers that go against what they go with."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.answer_matrix import (
    PAIRS,
    Floats,
    Ties,
    numeric_questions,
    standardised,
    ties,
    values,
)
from evaluation.data.answers import about_interviewer, interviewers
from evaluation.data.declared import Declared
from evaluation.data.finding import HIDDEN
from evaluation.data.parse import Parsed
from evaluation.locale.messages import message
from evaluation.spec.records import Finding

# with fewer interviews a correlation's standard error is 0.18 and more
SMALLEST = 30
# an item that goes with others no more than this has no direction to lose
WEAKEST = 0.2
# A turned scale's tie is the others' with the sign changed; half of that is asked for ...
TURNED = 0.5
# ... and so many standard errors from the others': one in 10^7 by chance, where a round has
# thousands of pairs of an item and an interviewer.
ERRORS = 5.0
SHOWN = 5


def rules(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviewers whose answers to a question go the other way than everybody else's.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.

    Notes
    -----
    The tie of item i is its correlation with the sum of the standardised other items, each times
    its correlation with i over all interviews. Two sums are taken: of all other items, and of
    those of other modules, because a whole battery that was turned still goes with itself.
    """
    people = interviewers(parsed, declared)
    names = numeric_questions(parsed, declared)
    if people is None or len(names) < 2 or len(people) < PAIRS:
        return []
    answers = values(parsed, names)
    everybody, scores = ties(answers), standardised(answers)
    known = ~np.isnan(answers)
    who, listed = pd.factorize(people, sort=True)
    modules = np.array([declared.dictionary.variables[name].module or _module(declared, name)
                        for name in names], dtype=object)  # fmt: skip
    turned: dict[int, set[str]] = {}
    for beside in (np.ones((len(names),) * 2, dtype=bool), modules[:, None] != modules[None, :]):
        for item, person in _turned(everybody, scores, known, who, beside):
            turned.setdefault(person, set()).add(names[item])
    name = declared.study.columns.enumerator
    return [
        about_interviewer(
            parsed,
            listed[person],
            rule="turned-by-interviewer",
            severity="warn",
            column=declared.raw(parsed, name) if name else HIDDEN,
            problem=message(
                "turned-by-interviewer.problem",
                n=len(items),
                items=", ".join(f"`{item}`" for item in sorted(items)[:SHOWN]),
            ),
        )
        for person, items in sorted(turned.items())
    ]


def _module(declared: Declared, name: str) -> str:
    return next(
        module.module
        for module in declared.dictionary.modules
        if any(variable.name == name for variable in module.variable)
    )


def _turned(
    everybody: Ties,
    scores: Floats,
    known: NDArray[np.bool_],
    who: NDArray[np.intp],
    beside: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Pairs of item and interviewer, from item-wise sums of the others."""
    weights = np.where(beside, everybody.correlations, 0.0)
    rows = np.argsort(who, kind="stable")
    rows = rows[who[rows] >= 0]
    if not len(rows):
        return []
    moments = _moments(scores[rows], (scores @ weights.T)[rows], known[rows], who[rows])
    mine, n = _correlations(moments), moments[0]
    rest = _correlations(moments.sum(axis=1, keepdims=True) - moments)
    error = 1 / np.sqrt(np.maximum(n, 1))
    wrong = (rest >= WEAKEST) & (mine <= -TURNED * rest) & (rest - mine >= ERRORS * error)
    people = np.unique(who[rows])
    return [
        (int(item), int(people[person]))
        for person, item in np.argwhere(wrong & (n >= SMALLEST)).tolist()
    ]


def _moments(
    scores: Floats, sums: Floats, known: NDArray[np.bool_], who: NDArray[np.intp]
) -> Floats:
    """Sums of 1, a, b, aa, bb and ab by interviewer, rows sorted by them; shape (6, people, k)."""
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    a, b = np.where(known, scores, 0.0), np.where(known, sums, 0.0)
    parts = (known.astype(float), a, b, a * a, b * b, a * b)
    return np.stack([np.add.reduceat(part, starts, axis=0) for part in parts])


def _correlations(moments: Floats) -> Floats:
    """Correlation of a and b from their sums; zero where either does not vary."""
    n, a, b, aa, bb, ab = moments
    n = np.maximum(n, 1)
    size = np.sqrt(np.maximum(aa - a * a / n, 0) * np.maximum(bb - b * b / n, 0))
    return np.asarray((ab - a * b / n) / np.where(size > 1e-9, size, np.inf))
