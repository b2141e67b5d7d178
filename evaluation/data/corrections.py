"""The ledger of corrections: dated, reasoned, applied only where the old value matches.

``corrections.csv`` has the columns ``round, row_key, column, old, new, action, reason, by, date``.
``round`` is the round id (or the role of a file without rounds), ``row_key`` is file:line as the
findings print it, ``column`` is the raw column. Actions: ``set`` a cell, ``drop`` a row,
``new_id`` give a row another respondent id.
"""

import csv
import datetime
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.data.finding import LINE
from evaluation.data.read import RawTable
from evaluation.errors import DataError
from evaluation.spec.records import CorrectionCount, Finding
from evaluation.spec.study import Study

COLUMNS = ("round", "row_key", "column", "old", "new", "action", "reason", "by", "date")
ACTIONS = ("set", "drop", "new_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One line of the ledger."""

    line: int
    round: str
    row_key: str
    column: str
    old: str
    new: str
    action: str
    reason: str
    by: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All corrections, in the order of the file."""

    where: str
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A table after its corrections, and the rows they dropped.

    Attributes
    ----------
    table : RawTable
        Rows that stay.
    dropped : RawTable
        Rows that were dropped, uncorrected.
    reasons : tuple of str
        Why, one for each dropped row.
    """

    table: RawTable
    dropped: RawTable
    reasons: tuple[str, ...]


def parse_ledger(text: str, where: str) -> Ledger:
    """Read ``corrections.csv``.

    Raises
    ------
    DataError
        Names the first line with another shape, an unknown action, no reason, no author, or a
        date that is none.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    corrections = []
    start = 1
    try:
        for number, row in enumerate(reader):
            if number == 0:
                _check_header(row, where)
            elif row:
                corrections.append(_correction(row, start, where))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _wrong(where, start, f"cannot be read: {error}", "check the quotes") from None
    if start == 1:
        _check_header([], where)
    return Ledger(where=where, corrections=tuple(corrections))


def _check_header(row: Sequence[str], where: str) -> None:
    if tuple(row) != COLUMNS:
        raise _wrong(
            where,
            1,
            "the header is not that of a ledger",
            f"the first line must be {','.join(COLUMNS)}",
        )


def _correction(row: Sequence[str], line: int, where: str) -> Correction:
    if len(row) != len(COLUMNS):
        raise _wrong(
            where,
            line,
            f"{len(row)} cells in place of {len(COLUMNS)}",
            "quote cells that hold a comma",
        )
    entry = dict(zip(COLUMNS, row, strict=True))
    if entry["action"] not in ACTIONS:
        raise _wrong(where, line, "the action is unknown", f"use one of {', '.join(ACTIONS)}")
    for name in ("round", "row_key", "reason", "by"):
        if not entry[name].strip():
            raise _wrong(where, line, f"`{name}` is empty", f"fill in `{name}`")
    try:
        datetime.date.fromisoformat(entry["date"])
    except ValueError:
        raise _wrong(where, line, "`date` is not a date", "write it like 2025-03-31") from None
    return Correction(line=line, **entry)


def _wrong(where: str, line: int, problem: str, mend: str) -> DataError:
    return DataError(problem, where=f"{where}:{line}", mend=mend, rule="ledger")


def apply(
    tables: Sequence[RawTable], ledger: Ledger, study: Study, *, respondent: Mapping[str, str]
) -> tuple[tuple[Corrected, ...], tuple[CorrectionCount, ...], tuple[Finding, ...]]:
    """Apply a ledger.

    Parameters
    ----------
    tables : sequence of RawTable
        All files; those that the ledger does not name come back as they are.
    ledger : Ledger
        What to correct.
    study : Study
        For the counts.
    respondent : mapping of source to raw column
        Where each source keeps the respondent id (for ``new_id``).

    Returns
    -------
    tuple of Corrected, tuple of CorrectionCount, tuple of Finding
        The tables in their order; counts by source, action and reason; and errors for every
        entry that could not be applied: a source, row or column that is not there, an old value
        that does not match, two entries for one cell.
    """
    results = []
    applied: list[Correction] = []
    sources = {table.file.source for table in tables}
    findings = [
        _unused(ledger, entry, "`round` names no file", f"use one of {', '.join(sorted(sources))}")
        for entry in ledger.corrections
        if entry.round not in sources
    ]
    for table in tables:
        entries = [e for e in ledger.corrections if e.round == table.file.source]
        entries = _without_conflicts(entries, ledger, findings)
        corrected, used = _apply_to(table, entries, ledger, respondent, findings)
        results.append(corrected)
        applied += used
    counts = Counter((e.round, e.action, e.reason) for e in applied)
    log = tuple(
        CorrectionCount(study=study.id, round=r, action=action, reason=reason, n=n)
        for (r, action, reason), n in sorted(counts.items())
    )
    return tuple(results), log, tuple(findings)


def _without_conflicts(
    entries: Sequence[Correction], ledger: Ledger, findings: list[Finding]
) -> list[Correction]:
    dropped = {e.row_key for e in entries if e.action == "drop"}
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for entry in entries:
        target = (entry.row_key, "" if entry.row_key in dropped else _target(entry))
        if target in seen:
            findings.append(
                _unused(
                    ledger,
                    entry,
                    f"contradicts line {seen[target]}: same row and cell",
                    "keep one of the two",
                )
            )
            continue
        seen[target] = entry.line
        kept.append(entry)
    return kept


def _target(entry: Correction) -> str:
    return "respondent id" if entry.action == "new_id" else entry.column


def _apply_to(
    table: RawTable,
    entries: Sequence[Correction],
    ledger: Ledger,
    respondent: Mapping[str, str],
    findings: list[Finding],
) -> tuple[Corrected, list[Correction]]:
    frame = table.frame
    positions = {f"{table.file.path}:{line}": i for i, line in enumerate(frame[LINE])}
    cells: dict[str, dict[int, str]] = {}
    reasons: dict[int, str] = {}
    used = []
    for entry in entries:
        column = respondent.get(entry.round, "") if entry.action == "new_id" else entry.column
        problem = _misfit(entry, frame, positions, column)
        if problem is not None:
            findings.append(_unused(ledger, entry, *problem))
            continue
        used.append(entry)
        if entry.action == "drop":
            reasons[positions[entry.row_key]] = entry.reason
        else:
            cells.setdefault(column, {})[positions[entry.row_key]] = entry.new
    return _result(table, cells, reasons), used


def _misfit(
    entry: Correction, frame: pd.DataFrame, positions: Mapping[str, int], column: str
) -> tuple[str, str] | None:
    """Why an entry cannot be applied, and the mend; None where it can."""
    if entry.row_key not in positions:
        return "the row is not in the file", "use the row key as the findings print it, file:line"
    if entry.action == "drop" and not column:
        return None
    if column not in frame.columns or column == LINE:
        return "the column is not in the file", "use the raw column name"
    if frame[column].iloc[positions[entry.row_key]] != entry.old:
        return (
            "`old` is not what the file holds",
            "look at the row again: the ledger was written for another delivery, or another row",
        )
    if entry.action != "drop" and entry.new == entry.old:
        return "`new` is the same as `old`", "remove the line"
    return None


def _result(
    table: RawTable, cells: Mapping[str, Mapping[int, str]], reasons: Mapping[int, str]
) -> Corrected:
    changed = {}
    for column, new in cells.items():
        texts = table.frame[column].to_numpy(dtype=object).copy()
        texts[list(new)] = list(new.values())
        changed[column] = pd.Series(texts, index=table.frame.index, dtype="str")
    stays = np.ones(len(table.frame), dtype=bool)
    gone = sorted(reasons)
    stays[gone] = False
    frame = table.frame.assign(**changed)[stays].reset_index(drop=True)
    dropped = table.frame.iloc[gone].reset_index(drop=True)
    return Corrected(
        table=replace(table, frame=frame),
        dropped=replace(table, frame=dropped, findings=()),
        reasons=tuple(reasons[i] for i in gone),
    )


def _unused(ledger: Ledger, entry: Correction, problem: str, mend: str) -> Finding:
    return Finding(
        rule="ledger",
        severity="error",
        round=entry.round,
        file=ledger.where,
        row_key=entry.row_key,
        line=entry.line,
        column=entry.column,
        value="",
        problem=problem,
        mend=mend,
    )
