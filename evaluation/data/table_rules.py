"""Rules about what hands in a spreadsheet leave in a column: filled down, dragged on, rescaled."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.data.declared import Declared
from evaluation.data.finding import about_file
from evaluation.data.parse import CONSENT, Parsed, is_numeric
from evaluation.locale.messages import Plain, message
from evaluation.spec.dictionary import Variable
from evaluation.spec.records import Finding

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


def filled_down(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Answers that stay the same, or grow by the same step, for too many rows one below another.

    Each row's step to the next is one draw from the column's own steps; a run of L equal steps,
    each of share q, is expected n q^L times among n rows; of one answer, whose share is p, n p^L
    times where that is more. Nominal answers and those with few
    values are left out: neighbours may well share them.
    """
    findings = []
    for name, column in parsed.columns.items():
        variable = declared.dictionary.variables[name]
        if not _is_answer(variable) or not is_numeric(variable, declared.dictionary):
            continue
        values = np.where(parsed.consented, column.values.astype(float), np.nan)
        if len(np.unique(values[~np.isnan(values)])) < FEWEST_ANSWERS:
            continue
        start, length = _unlikely_run(values)
        if length:
            findings.append(
                about_file(
                    parsed.file,
                    rule="filled-down",
                    severity="warn",
                    line=int(parsed.lines[start]),
                    column=declared.raw(parsed, name),
                    problem=message("filled-down.problem", n=length + 1),
                    mend=message("filled-down.mend"),
                )
            )
    return findings


def _is_answer(variable: Variable) -> bool:
    asked = variable.question is not None or variable.asked_if is not None
    return asked and variable.type != "nominal" and variable.name != CONSENT


def _unlikely_run(values: Values) -> tuple[int, int]:
    """Start and number of steps of the first unlikely run; zeros where there is none."""
    steps = np.diff(values)
    known = ~np.isnan(steps)
    if known.sum() < SHORTEST:
        return 0, 0
    kinds, places = np.unique(steps[known], return_inverse=True)
    if len(kinds) == 1:
        return (int(np.flatnonzero(known)[0]), int(known.sum()))
    codes = np.full(len(steps), -1)
    codes[known] = places
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(codes)]]))
    kept = (codes[starts] >= 0) & (lengths >= SHORTEST)
    # the run itself must not make its step a usual one
    count = np.bincount(places)[codes[starts]] - lengths
    rest = np.maximum(known.sum() - lengths, 1)
    share = np.where(kept, (count + 1) / (rest + 1), 1.0)
    # an answer that most give follows itself oftener than all answers together follow themselves
    same = kept & (kinds[codes[starts]] == 0)
    share = np.where(same, np.maximum(share, _own_share(values, starts, lengths)), share)
    expected = known.sum() * share**lengths
    unlikely = np.flatnonzero(kept & (expected < CHANCE))
    if not len(unlikely):
        return 0, 0
    return int(starts[unlikely[0]]), int(lengths[unlikely[0]])


def _own_share(values: Values, starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> Values:
    """Share of the answer at each start among the answers outside of its run."""
    answers, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    held = np.nan_to_num(values[starts], nan=answers[0])
    count = counts[np.searchsorted(answers, held)] - (lengths + 1)
    rest = np.maximum(counts.sum() - (lengths + 1), 1)
    return np.asarray((np.maximum(count, 0) + 1) / (rest + 1), dtype=np.float64)


def across_rounds(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Units that differ between rounds, and refusals that one round left out."""
    findings = _no_refusals(rounds, declared)
    for before, after in itertools.pairwise(rounds):
        for name in declared.dictionary.variables:
            if name in before.columns and name in after.columns:
                findings += _rescaled(before, after, declared, name)
    return findings


def _rescaled(before: Parsed, after: Parsed, declared: Declared, name: str) -> list[Finding]:
    variable = declared.dictionary.variables[name]
    if variable.type not in ("count", "number"):
        return []
    old, new = _median(before, name), _median(after, name)
    if not (old > 0 and new > 0) or 1 / SCALE < new / old < SCALE:
        return []
    return [
        about_file(
            after.file,
            rule="rescaled",
            severity="warn",
            column=declared.raw(after, name),
            problem=message(
                "rescaled.problem", scale=Plain(f"{SCALE:g}"), path=Plain(before.file.path)
            ),
            mend=message("rescaled.mend"),
        )
    ]


def _median(parsed: Parsed, name: str) -> float:
    column = parsed.columns[name]
    values = column.values[column.observed & parsed.consented].astype(float)
    return float(np.median(values)) if len(values) >= SCALE_SMALLEST else 0.0


def _no_refusals(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    asked = [parsed for parsed in rounds if CONSENT in parsed.columns]
    refusals = [int((~parsed.consented).sum()) for parsed in asked]
    if not refusals or max(refusals) < REFUSALS:
        return []
    most = asked[refusals.index(max(refusals))]
    return [
        about_file(
            parsed.file,
            rule="no-refusals",
            severity="warn",
            column=declared.raw(parsed, CONSENT),
            problem=message("no-refusals.problem", refusals=max(refusals), path=most.file.path),
            mend=message("no-refusals.mend"),
        )
        for parsed, number in zip(asked, refusals, strict=True)
        if not number
    ]
