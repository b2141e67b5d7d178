"""Apply the ledger of corrections: only where the old value matches, and every entry or an error.

The row that stays takes over what the other answered and it left blank. Where both answered, they
must agree: which answer holds is a person's decision, written as a ``set`` of its own.

REQUIRES raw tables and a parsed ledger (``ledger.py``). CREATES the tables with their corrections,
the rows that were dropped, counts for the log, and an error for every entry that does not fit.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.config.study import Study
from evaluation.data.cleaning import ledger as confirming
from evaluation.data.cleaning import moved_rows
from evaluation.data.cleaning.clean import plain_kinds
from evaluation.data.cleaning.ledger import Correction, Ledger
from evaluation.data.cleaning.moved_rows import Earlier, not_kept
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers.read import RawTable
from evaluation.estimation.records import MERGED, Finding
from evaluation.locale.messages import Message, message

MERGE = "merge"
DROP_COLUMN = Rule("drop-rule", "error", "column-not-file", "drop-column")
DROP_NOTHING = Rule("drop-rule", "error", "drop-nothing", "drop-nothing")
# why an entry cannot be applied, and the fix: messages or their ids
Why = tuple[str | Message, str | Message]
# every column is named: a person needs one `set` for each
Answer = Callable[[str, int], str]


def contradictions(entries: Sequence[Correction], *, respondent: str) -> dict[int, Message]:
    """Lines of the ledger that conflict with a merge, and why.

    A merged row is neither dropped nor given another id, it goes once, and none is merged into a
    row that goes. Other cells of both rows may be ``set``: that comes first.

    Parameters
    ----------
    entries : sequence of Correction
        Of one file.
    respondent : str
        Raw column of the respondent id; empty where the file has none.
    """
    found: dict[int, Message] = {}
    stays: dict[str, int] = {}
    goes: dict[str, int] = {}
    for entry in (e for e in entries if e.action == MERGE):
        here, other = entry.row_key, entry.new
        before = goes.get(other) or goes.get(here) or stays.get(other)
        if before is not None:
            line = message("word.line", line=before)
            found[entry.line] = message("contradicts-merge.problem", line=line)
            continue
        stays.setdefault(here, entry.line)
        goes[other] = entry.line
    for entry in entries:
        merged = goes.get(entry.row_key) or stays.get(entry.row_key)
        same_id = entry.action == "set" and entry.column == respondent
        if merged is not None and (entry.action in ("drop", "new_id") or same_id):
            line = message("word.line", line=merged)
            found[entry.line] = message("contradicts-merge.problem", line=line)
    return found


def merge_misfit(
    entry: Correction, table: RawTable, positions: Mapping[str, int], *, respondent: str
) -> Why | None:
    """Why two rows cannot be merged by a line, and the fix; None where its rows hold what it says.

    The row that stays is looked at by the caller, as for every action.
    """
    if not respondent or entry.column != respondent:
        return (
            "must-name-rows",
            message("merge-by-id.fix", column=respondent) if respondent else "merge-without-id",
        )
    if entry.new == entry.row_key:
        return "row-cannot-merged", "write-row-goes.problem"
    if entry.new not in positions:
        return ("no-row-file", "write-row-key.problem")
    if table.frame[respondent].iloc[positions[entry.new]] != entry.old:
        return ("row-goes-does", "look-both-rows.problem")
    return None


def filled(
    columns: Iterable[str], answer: Answer, *, stays: int, goes: int
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the row that stays takes over.

    Parameters
    ----------
    columns : iterable of str
        Raw columns of the file.
    answer : function of column and row position to text
        Cells as they are after every ``set``.
    stays, goes : int
        Positions of the rows.

    Returns
    -------
    dict of str to str, tuple of str
        New text of each blank cell that the other row answers; columns that both rows answer,
        differently.
    """
    taken: dict[str, str] = {}
    differs: list[str] = []
    for column in columns:
        if column == LINE:
            continue
        own, other = answer(column, stays), answer(column, goes)
        if own == "" and other != "":
            taken[column] = other
        elif other not in ("", own):
            differs.append(column)
    return taken, tuple(differs)


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
        Why, one for each dropped row; of a row merged with another it begins with ``merged; ``.
    applied : tuple of Correction
        The lines of the ledger that were applied to this table.
    """

    table: RawTable
    dropped: RawTable
    reasons: tuple[str, ...]
    applied: tuple[Correction, ...] = ()


def apply(
    tables: Sequence[RawTable],
    ledger: Ledger,
    study: Study,
    *,
    respondent: Mapping[str, str],
    earlier: Earlier = not_kept,
) -> tuple[tuple[Corrected, ...], tuple[Finding, ...]]:
    """Apply a ledger.

    Parameters
    ----------
    tables : sequence of RawTable
        All files; those that the ledger does not name come back as they are.
    ledger : Ledger
        What to correct.
    study : Study
        Named in the command that signs waiting lines.
    respondent : mapping of source to raw column
        Where each source keeps the respondent id (for ``new_id`` and ``drop``).
    earlier : callable
        Gives the delivery that a line was written for, to compare whose row it was.

    Returns
    -------
    tuple of Corrected, tuple of Finding
        The tables in their order, and errors for every entry that could not be applied: a source,
        row or column that is not there, an old value that does not match, two entries for one cell,
        a ``drop`` that does not name its row by the respondent id, a ``merge`` of rows that answer
        a question differently, a date before the delivery, a row that is another person's than in
        the delivery of the line. Lines of another delivery that fit are
        one error for each file; the table has their effect, so that nothing is laid to a cell that
        they fix.
    """
    results = []
    sources = {table.file.source for table in tables}
    use_one = message("use-one.fix", names=", ".join(sorted(sources)))
    findings = [
        _unused(ledger, entry, "names-no-file", use_one)
        for entry in ledger.corrections
        if entry.round not in sources
    ]
    for table in tables:
        entries = [e for e in ledger.corrections if e.round == table.file.source]
        own = respondent.get(table.file.source, "")
        entries = _without_conflicts(entries, ledger, findings, respondent=own)
        then = functools.cache(functools.partial(earlier, table.file.id))
        for entry in [e for e in entries if not e.delivery.strip()]:
            digits, path = confirming.delivery(table), table.file.path
            fix = message("delivery-empty.fix", digits=digits, path=path)
            findings.append(_unused(ledger, entry, "delivery-empty", fix))
            entries.remove(entry)
        for entry in [e for e in entries if confirming.is_waiting(e, table)]:
            moved = moved_rows.misfit(entry, table, then(entry.delivery), respondent=own)
            if moved:
                findings.append(_unused(ledger, entry, *moved))
                entries.remove(entry)
        result = _apply_to(table, entries, ledger, own, findings)
        results.append(result)
        waiting = [e for e in result.applied if confirming.is_waiting(e, table)]
        if waiting:
            findings.append(confirming.waiting(ledger.where, waiting, table, study.id))
    return tuple(results), tuple(findings)


def without_rows(result: Corrected) -> Corrected:
    """What was corrected without the rows that stay: once parsed, their text is needed no more.

    Neither is what the texts of all rows are held in: no part of it may stay behind a row.
    """
    table, dropped = result.table, result.dropped
    return replace(
        result,
        table=replace(table, frame=plain_kinds(table.frame.iloc[[]])),
        dropped=replace(dropped, frame=plain_kinds(dropped.frame)),
    )


def _without_conflicts(
    entries: Sequence[Correction], ledger: Ledger, findings: list[Finding], *, respondent: str
) -> list[Correction]:
    beside_merges = contradictions(entries, respondent=respondent)
    drops: dict[str, int] = {}
    for entry in entries:
        if entry.action == "drop" and entry.line not in beside_merges:
            drops.setdefault(entry.row_key, entry.line)
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for entry in entries:
        target = (entry.row_key, respondent if entry.action == "new_id" else entry.column)
        drop = drops.get(entry.row_key, entry.line)
        if entry.action == "drop" and drop != entry.line:
            problem = message("dropped-already.problem", line=message("word.line", line=drop))
        elif entry.line in beside_merges:
            problem = beside_merges[entry.line]
        elif drop != entry.line:
            problem = message("contradicts-drop.problem", line=message("word.line", line=drop))
        elif entry.action not in ("drop", MERGE) and target in seen:
            line = message("word.line", line=seen[target])
            problem = message("contradicts-same-cell.problem", line=line)
        else:
            seen.setdefault(target, entry.line)
            kept.append(entry)
            continue
        findings.append(_unused(ledger, entry, problem, "keep-one-two"))
    return kept


def _apply_to(
    table: RawTable,
    entries: Sequence[Correction],
    ledger: Ledger,
    own: str,
    findings: list[Finding],
) -> Corrected:
    lines = table.frame[LINE] if entries else ()
    positions = {f"{table.file.path}:{line}": i for i, line in enumerate(lines)}
    edits = _Edits(table)
    used = []
    # merges see what every `set` left; the others touch no cell of a merged row
    for entry in sorted(entries, key=lambda e: e.action == MERGE):
        column = own if entry.action == "new_id" else entry.column
        problem = _misfit_drop(entry, own) if entry.action == "drop" else None
        problem = problem or _misfit(entry, table, positions, column)
        if problem is None and entry.action == MERGE:
            problem = merge_misfit(entry, table, positions, respondent=own)
            problem = problem or edits.merge(entry, positions)
        if problem is not None:
            findings.append(_unused(ledger, entry, *problem))
            continue
        used.append(entry)
        if entry.action == "drop":
            edits.gone[positions[entry.row_key]] = entry.reason
        elif entry.action != MERGE:
            edits.put(column, positions[entry.row_key], entry.new)
    findings += edits.drop_by_rule()
    return edits.result(sorted(used, key=lambda e: e.line))


class _Edits:
    """New texts of cells and rows that go, collected before a table is made anew."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        self.cells: dict[str, dict[int, str]] = {}
        self.gone: dict[int, str] = {}

    def put(self, column: str, row: int, text: str) -> None:
        self.cells.setdefault(column, {})[row] = text

    def answer(self, column: str, row: int) -> str:
        new = self.cells.get(column, {})
        return new[row] if row in new else str(self.table.frame[column].iloc[row])

    def merge(self, entry: Correction, positions: Mapping[str, int]) -> Why | None:
        """Fill the row that stays, or say which columns two answers stand in."""
        stays, goes = positions[entry.row_key], positions[entry.new]
        used = [c for c in self.table.frame.columns if c not in self.table.file.ignore_columns]
        taken, differs = filled(used, self.answer, stays=stays, goes=goes)
        if differs:
            return (
                message("both-rows-answered.problem", differs=", ".join(differs)),
                "decide-answer.problem",
            )
        for column, text in taken.items():
            self.put(column, stays, text)
        self.gone[goes] = f"{MERGED}{entry.reason}"
        return None

    def drop_by_rule(self) -> Iterator[Finding]:
        """Rows that go by a rule of the manifest; what the ledger says of a row comes first."""
        file, frame = self.table.file, self.table.frame
        for rule in file.drop:
            if rule.column not in frame:
                yield DROP_COLUMN.about(file, rule.column)
                continue
            rows = np.flatnonzero(frame[rule.column].isin(rule.values).to_numpy(dtype=bool))
            if not len(rows):
                yield DROP_NOTHING.about(file, rule.column)
            for row in rows.tolist():
                self.gone.setdefault(row, rule.reason.en)

    def result(self, used: Sequence[Correction]) -> Corrected:
        frame = self.table.frame
        changed = {}
        for column, new in self.cells.items():
            texts = frame[column].to_numpy(dtype=object).copy()
            texts[list(new)] = list(new.values())
            changed[column] = pd.Series(texts, index=frame.index, dtype="str")
        gone = sorted(self.gone)
        dropped = frame.iloc[gone].reset_index(drop=True)
        if changed:
            frame = frame.assign(**changed)
        if gone:
            stays = np.ones(len(frame), dtype=bool)
            stays[gone] = False
            frame = frame[stays].reset_index(drop=True)
        return Corrected(
            table=replace(self.table, frame=frame),
            dropped=replace(self.table, frame=dropped, findings=()),
            reasons=tuple(self.gone[i] for i in gone),
            applied=tuple(used),
        )


def _misfit_drop(entry: Correction, respondent: str) -> Why | None:
    """Why a ``drop`` may take an innocent row: nothing shows that the row is the one meant."""
    if not entry.column or (respondent and entry.column != respondent):
        return (
            "must-name-row",
            message("drop-by-id.fix", column=respondent) if respondent else "drop-by-column",
        )
    if entry.new:
        return "value", "leave-empty-use.problem"
    return None


def _misfit(
    entry: Correction, table: RawTable, positions: Mapping[str, int], column: str
) -> Why | None:
    """Why an entry cannot be applied, and the fix; None where it can."""
    frame, waits = table.frame, confirming.is_waiting(entry, table)
    # whoever signs for a line of another delivery dates it anew
    early = table.file.delivered is not None and entry.date < table.file.delivered.isoformat()
    if early and not waits:
        return (
            "before-day-file",
            message("write-day-decision.problem", delivered=table.file.delivered),
        )
    if entry.row_key not in positions:
        return "row-not-file", "use-row-key.problem"
    if column in table.file.ignore_columns:
        return ("column-one-file", "remove-line-describe.problem")
    if column not in frame.columns or column == LINE:
        return "column-not-file", "use-raw-column.problem"
    held = frame[column].iloc[positions[entry.row_key]]
    if held != entry.old:
        return ("not-what-file", "look-row-earlier.fix" if waits else "look-row-again.problem")
    if entry.action not in ("drop", MERGE) and entry.new == entry.old:
        return "same", "remove-line.problem"
    return None


def _unused(
    ledger: Ledger, entry: Correction, problem: str | Message, fix: str | Message
) -> Finding:
    rule = Rule("ledger", "error", problem, fix)
    finding = rule.in_file(entry.round, ledger.where, entry.column, entry.line)
    return replace(finding, row_key=entry.row_key)
