"""Rows below the interviews that are none: totals that a spreadsheet left, a row that was cut."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from evaluation.data.finding import about_file
from evaluation.data.parse import CONSENT, Column, Parsed
from evaluation.locale.messages import message
from evaluation.spec.records import Finding

RULE = "totals-row"
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
    return [
        about_file(
            parsed.file,
            rule=RULE,
            severity="error",
            line=int(parsed.lines[n - LAST + row]),
            problem=message(
                "totals-row.problem", blank=str(int(blank[row])), columns=str(int(filled.sum()))
            ),
            mend=message("totals-row.mend"),
        )
        for row in _from_the_end(blank >= BLANK * filled.sum())
    ]


def _wrongly_blank(column: Column, n: int) -> NDArray[np.bool_]:
    """Empty cells of a column that declares no meaning for them."""
    found = np.zeros(n, dtype=bool)
    for flaw in column.flaws:
        if flaw.text == "":
            found[flaw.rows] = True
    return found


def _from_the_end(marked: NDArray[np.bool_]) -> list[int]:
    """Positions of marked rows with nothing but marked rows below them."""
    whole = np.flatnonzero(~marked)
    return list(range(int(whole[-1]) + 1 if len(whole) else 0, len(marked)))


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """Findings but those about the cells of such a row: it is the row that is wrong."""
    found = list(findings)
    rows = {(f.file, f.line) for f in found if f.rule == RULE}
    return [f for f in found if f.rule == RULE or (f.file, f.line) not in rows]
