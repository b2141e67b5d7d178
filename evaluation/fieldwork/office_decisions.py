"""What the office decided, as lines of the ledger: complete and signed, new, and fitting.

REQUIRES rows as given back, the raw tables and what was declared. CREATES corrections whose old
values come from the raw tables, never from a cell of the workbook.

The new lines are held against the raw tables together with the old ones, exactly as a build would
do it, before anything is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace

from evaluation.config.dictionary import Dictionary, Problem
from evaluation.config.study import Study
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import Correction, Ledger, delivery
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.fieldwork.dictionary_cells import CellError
from evaluation.fieldwork.office_cells import RawCell, day, restored, whole
from evaluation.fieldwork.office_returned import (
    DecisionContext,
    GivenRow,
    PlacedDecision,
    Refusal,
    Wrong,
    place,
    read_cell,
    refused_at,
)
from evaluation.fieldwork.office_rows import DUPLICATES, OfficeRow, raw_text
from evaluation.file_content import csv_text
from evaluation.locale.messages import Message, Value, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Everything read from a workbook.

    Attributes
    ----------
    corrections : tuple of (Correction, GivenRow)
        In the order of the manifest, of lines and of columns, whatever the order of the sheets.
    wrong : tuple of Wrong
        One for each row that is incomplete or cannot be.
    placed : tuple of PlacedDecision
        All rows that name a row of a file.
    """

    corrections: tuple[tuple[Correction, GivenRow], ...]
    wrong: tuple[Wrong, ...]
    placed: tuple[PlacedDecision, ...]


def decide(rows: Iterable[GivenRow], known: DecisionContext) -> Decisions:
    """Turn rows into lines of the ledger (their ``line`` is 0).

    Parameters
    ----------
    rows : iterable of GivenRow
        Of all sheets.
    known : DecisionContext
        Raw tables, and what was declared.
    """
    wrong: list[Wrong] = []
    placed: list[PlacedDecision] = []
    for row in rows:
        with _collected(wrong):
            placed.append(place(row, known))
    wrong += _kept_twice(placed, known)
    order = {path: number for number, path in enumerate(known.tables)}
    found = []
    for at in placed:
        with _collected(wrong):
            correction = _correction(at, placed, known)
            if correction is not None:
                rank = order[at.table.file.path], at.line, correction.column, correction.action
                found.append((rank, correction, at.given))
    found.sort(key=lambda entry: entry[0])
    corrections = tuple((correction, given) for _, correction, given in found)
    return Decisions(corrections=corrections, wrong=tuple(wrong), placed=tuple(placed))


@contextmanager
def _collected(wrong: list[Wrong]) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        wrong.append(refusal.wrong)


def _correction(
    row: PlacedDecision, placed: Sequence[PlacedDecision], known: DecisionContext
) -> Correction | None:
    """The ledger's line for a decision; None where nothing is decided or changed."""
    given, decision = row.given, row.decision or "keep"
    if decision == "keep":
        if read_cell(given, "new"):
            raise Refusal(given, "new", "row-kept-new", "empty-decide.problem")
        return None
    identity = known.identity_of(row.table)
    column = _column(row, identity)
    made = Correction(
        line=0,
        round=row.table.file.source,
        row_key=row.key,
        column=column,
        old=raw_text(row.table, row.line, column),
        new="",
        action=decision,
        delivery=delivery(row.table),
        **_signature(given),
    )
    if decision == "drop":
        if read_cell(given, "new"):
            raise Refusal(given, "new", "row-dropped-new", "empty-decide-set.problem")
        return made
    if decision == "merge":
        stays = _staying(row, placed)
        kept = raw_text(row.table, stays, identity)
        return replace(made, row_key=f"{row.table.file.path}:{stays}", old=kept, new=row.key)
    return replace(made, new=_new(row, column, known))


def _column(row: PlacedDecision, identity: str) -> str:
    """Raw column that a decision is about; whole rows are named by their identity."""
    if row.decision != "set":
        if not identity:
            raise Refusal(row.given, "decision", "nothing-names", "decide-set-correct.problem")
        return identity
    column = read_cell(row.given, "column")
    if column == LINE or column not in row.table.frame.columns:
        raise Refusal(row.given, "column", "column-not-file", "write-raw-column.problem")
    return column


def _signature(row: GivenRow) -> dict[str, str]:
    for name in ("initials", "reason"):
        if not read_cell(row, name):
            raise Refusal(row, name, "cell-empty", "sign-decision.problem")
    if not read_cell(row, "date"):
        raise Refusal(row, "date", "cell-empty", "write-the-day-of.problem")
    with refused_at(row, "date"):
        signed = day(row.cell("date"))
    return {"by": read_cell(row, "initials"), "reason": read_cell(row, "reason"), "date": signed}


def _new(row: PlacedDecision, column: str, known: DecisionContext) -> str:
    """The new value of a cell, as the raw file would write it and the dictionary allows it."""
    target, name = _target(row.table, column, known.dictionary)
    with refused_at(row.given, "new"):
        new = restored(row.given.cell("new"), target)
    if row.decision == "new_id" and not new:
        raise Refusal(row.given, "new", "new-id-blank", "write-person.problem")
    if name is not None and new:
        read = known.dictionary.parse(
            name,
            new,
            source=row.table.file.source,
            decimal=target.decimal,
            date=target.date,
        )
        if isinstance(read, Problem):
            problem = message(".problem", rule=read.rule, problem=read.problem)
            raise Refusal(row.given, "new", problem, read.fix)
    return new


def _target(table: RawTable, column: str, dictionary: Dictionary) -> tuple[RawCell, str | None]:
    source = table.file.source
    variable = next((v for v in dictionary.in_source(source) if v.raw[source] == column), None)
    decimal, date = table.file.marks
    name = variable.name if variable else None
    codes = dictionary.code_list(name, source) if name else None
    missing = dictionary.missing_codes(name, source) if name else None
    listed = [code.code for code in codes.values] if codes else []
    target = RawCell(
        type=variable.type if variable else "text",
        allowed=(*listed, *(missing.all if missing else ())),
        present=frozenset(table.frame[column]),
        decimal=decimal,
        date=date,
    )
    return target, name


def _staying(row: PlacedDecision, placed: Sequence[PlacedDecision]) -> int:
    """Line of the row that another is merged into."""
    if read_cell(row.given, "new"):
        try:
            return whole(row.given.cell("new"))
        except CellError as error:
            fix = "write-line-row.problem"
            raise Refusal(row.given, "new", error.problem, fix) from None
    beside = (other for other in placed if other.decision == "keep" and _is_beside(row, other))
    kept = {other.line for other in beside} - {row.line}
    if len(kept) == 1:
        return kept.pop()
    problem = message("several-kept.problem", n=len(kept)) if kept else "none-kept"
    raise Refusal(row.given, "new", problem, "decide-keep-row.problem")


def _is_beside(row: PlacedDecision, other: PlacedDecision) -> bool:
    """Whether two rows stand in one group of duplicates."""
    kinds = (row.given.kind, other.given.kind)
    if kinds != (DUPLICATES, DUPLICATES) or other.table.file.path != row.table.file.path:
        return False
    try:
        return whole(row.given.cell("group")) == whole(other.given.cell("group"))
    except CellError:
        return False


def _kept_twice(placed: Sequence[PlacedDecision], known: DecisionContext) -> Iterable[Wrong]:
    """Rows of one id that are all to stay: the rule would stop the build again."""
    seen: dict[tuple[str, str], PlacedDecision] = {}
    for row in placed:
        if row.given.kind != DUPLICATES or row.decision != "keep":
            continue
        named = raw_text(row.table, row.line, known.identity_of(row.table))
        before = seen.setdefault((row.table.file.path, named), row)
        if before.line != row.line:
            yield Refusal(
                row.given, "decision", "row-kept-same", "keep-one-them.problem", key=before.key
            ).wrong


Decided = tuple[Correction, GivenRow]
SIGNED = ("line", "reason", "by", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """Lines to add, with the row each comes from, and how many decisions are in the ledger."""

    new: tuple[Decided, ...]
    known: int


def additions(decided: Iterable[Decided], ledger: Ledger) -> Additions:
    """Decisions whose effect no line of the ledger has; each effect once.

    A decision that is in the ledger already is the same decision, whoever signed it again.
    """
    effects = {_effect(entry) for entry in ledger.corrections}
    last = max((entry.line for entry in ledger.corrections), default=1)
    new: list[Decided] = []
    known = 0
    for correction, given in decided:
        effect = _effect(correction)
        if effect in effects:
            known += 1
        else:
            effects.add(effect)
            new.append((replace(correction, line=last + len(new) + 1), given))
    return Additions(new=tuple(new), known=known)


def _effect(entry: Correction) -> Correction:
    blank = dict.fromkeys(SIGNED[1:], "")
    return replace(entry, line=0, delivery=entry.delivery.lower(), **blank)


def misfits(
    new: Sequence[Decided],
    ledger: Ledger,
    tables: Sequence[RawTable],
    study: Study,
    respondent: Mapping[str, str],
) -> tuple[Wrong, ...]:
    """What stands against the new lines, beside the old ones.

    Parameters
    ----------
    new : sequence of (Correction, GivenRow)
        From :func:`additions`.
    ledger : Ledger
        The lines in force.
    tables, study, respondent
        As for :func:`evaluation.data.cleaning.corrections.apply`.

    Returns
    -------
    tuple of Wrong
        By the row of the workbook, or by the line of the ledger where an old line does not fit.
    """
    whole = replace(ledger, corrections=(*ledger.corrections, *(c for c, _ in new)))
    _, found = apply(tables, whole, study, respondent=respondent)
    rows = {correction.line: given for correction, given in new}
    return tuple(
        Wrong(
            rows[f.line].where("decision") if f.line in rows else f"{f.file}:{f.line}",
            _named(f.problem, rows),
            f.fix,
        )
        for f in sorted(found, key=lambda f: f.line)
    )


def _named(problem: Message, rows: Mapping[int, GivenRow]) -> Message:
    """A message about a line that is not written yet, with the row of the workbook instead."""
    unwritten: dict[Value, Value] = {
        message("word.line", line=line): message("word.the-decision", place=row.place)
        for line, row in rows.items()
    }
    return message(problem.id, **{n: unwritten.get(v, v) for n, v in problem.parameters})


def lines(new: Iterable[Decided]) -> str:
    """Text of the lines, each with its end."""
    return csv_text(astuple(correction)[1:] for correction, _ in new)


def deleted(
    expected: Sequence[OfficeRow], placed: Sequence[PlacedDecision], kinds: Iterable[str]
) -> tuple[OfficeRow, ...]:
    """Rows that should be decided on, and that sheets which were given do not hold."""
    there = set()
    for row in placed:
        column = row.given.cell("column").text.strip() if row.given.kind != DUPLICATES else ""
        there.add((row.given.kind, row.table.file.path, row.line, column))
    given = set(kinds)
    return tuple(r for r in expected if r.sheet in given and (r.sheet, *r.key) not in there)
