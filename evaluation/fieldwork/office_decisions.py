"""What the office decided, as lines of the ledger: complete and signed, new, and fitting.

REQUIRES rows as given back, the raw tables and what was declared. CREATES corrections whose old
values come from the raw tables, never from a cell of the workbook.

The new lines are held against the raw tables together with the old ones, exactly as a build would
do it, before anything is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import Correction, Ledger, delivery
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.fieldwork.dictionary_cells import CellError
from evaluation.fieldwork.office_cells import Target, day, restored, whole
from evaluation.fieldwork.office_returned import (
    GivenRow,
    Known,
    Placed,
    Refusal,
    Wrong,
    place,
    read_cell,
    refused_at,
)
from evaluation.fieldwork.office_rows import DUPLICATES, OfficeRow, raw_text
from evaluation.file_content import csv_text
from evaluation.locale.messages import Message, Value, message
from evaluation.study.dictionary import MISSING_KINDS, Dictionary, Problem
from evaluation.study.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Everything read from a workbook.

    Attributes
    ----------
    corrections : tuple of (Correction, GivenRow)
        In the order of the manifest, of lines and of columns, whatever the order of the sheets.
    wrong : tuple of Wrong
        One for each row that is incomplete or cannot be.
    placed : tuple of Placed
        All rows that name a row of a file.
    """

    corrections: tuple[tuple[Correction, GivenRow], ...]
    wrong: tuple[Wrong, ...]
    placed: tuple[Placed, ...]


def decide(rows: Iterable[GivenRow], known: Known) -> Decisions:
    """Turn rows into lines of the ledger (their ``line`` is 0)."""
    wrong: list[Wrong] = []
    placed = [p for row in rows if (p := _attempt(row, known, wrong)) is not None]
    wrong += _kept_twice(placed, known)
    order = {path: number for number, path in enumerate(known.tables)}
    found = []
    for row in placed:
        try:
            correction = _correction(row, placed, known)
        except Refusal as refusal:
            wrong.append(refusal.wrong)
            continue
        if correction is not None:
            found.append((correction, row.given))
    places = {row.given.place: (order[row.table.file.path], row.line) for row in placed}
    found.sort(key=lambda c: (*places[c[1].place], c[0].column, c[0].action))
    return Decisions(corrections=tuple(found), wrong=tuple(wrong), placed=tuple(placed))


def _attempt(row: GivenRow, known: Known, wrong: list[Wrong]) -> Placed | None:
    try:
        return place(row, known)
    except Refusal as refusal:
        wrong.append(refusal.wrong)
        return None


def _correction(row: Placed, placed: Sequence[Placed], known: Known) -> Correction | None:
    """The ledger's line for a decision; None where nothing is decided or changed."""
    given = row.given
    if row.decision in (None, "keep"):
        if read_cell(given, "new"):
            raise Refusal(
                given, "new", message("row-kept-new.problem"), message("empty-decide.problem")
            )
        return None
    identity = known.identity.get(row.table.file.source, "")
    column = _column(row, identity)
    made = Correction(
        line=0,
        round=row.table.file.source,
        row_key=row.key,
        column=column,
        old=raw_text(row.table, row.line, column),
        new="",
        action=row.decision or "",
        delivery=delivery(row.table),
        **_signature(given),
    )
    if row.decision == "drop":
        if read_cell(given, "new"):
            raise Refusal(
                given,
                "new",
                message("row-dropped-new.problem"),
                message("empty-decide-set.problem"),
            )
        return made
    if row.decision == "merge":
        stays = _staying(row, placed)
        kept = raw_text(row.table, stays, identity)
        path = row.table.file.path
        return replace(made, row_key=f"{path}:{stays}", old=kept, new=row.key)
    return replace(made, new=_new(row, column, known))


def _column(row: Placed, identity: str) -> str:
    """Raw column that a decision is about; whole rows are named by their identity."""
    if row.decision != "set":
        if not identity:
            raise Refusal(
                row.given,
                "decision",
                message("nothing-names.problem"),
                message("decide-set-correct.problem"),
            )
        return identity
    column = read_cell(row.given, "column")
    if column == LINE or column not in row.table.frame.columns:
        raise Refusal(
            row.given,
            "column",
            message("column-not-file.problem"),
            message("write-raw-column.problem"),
        )
    return column


def _signature(row: GivenRow) -> dict[str, str]:
    signed = {"by": read_cell(row, "initials"), "reason": read_cell(row, "reason")}
    for name, header in (("by", "initials"), ("reason", "reason")):
        if not signed[name]:
            raise Refusal(
                row, header, message("cell-empty.problem"), message("sign-decision.problem")
            )
    if not read_cell(row, "date"):
        raise Refusal(
            row, "date", message("cell-empty.problem"), message("write-the-day-of.problem")
        )
    with refused_at(row, "date"):
        return signed | {"date": day(row.cell("date"))}


def _new(row: Placed, column: str, known: Known) -> str:
    """The new value of a cell, as the raw file would write it and the dictionary allows it."""
    target, name = _target(row.table, column, known.dictionary)
    with refused_at(row.given, "new"):
        new = restored(row.given.cell("new"), target)
    if row.decision == "new_id" and not new:
        raise Refusal(
            row.given, "new", message("new-id-blank.problem"), message("write-person.problem")
        )
    if name is not None and new:
        read = known.dictionary.parse(
            name,
            new,
            source=row.table.file.source,
            decimal=target.decimal,
            date=target.date,
        )
        if isinstance(read, Problem):
            raise Refusal(
                row.given,
                "new",
                message(".problem", rule=read.rule, problem=read.problem),
                read.fix,
            )
    return new


def _target(table: RawTable, column: str, dictionary: Dictionary) -> tuple[Target, str | None]:
    source = table.file.source
    variable = next((v for v in dictionary.in_source(source) if v.raw[source] == column), None)
    decimal, date = table.file.marks
    allowed: list[str] = []
    if variable is not None:
        codes = dictionary.code_list(variable.name, source)
        missing = dictionary.missing_codes(variable.name, source)
        allowed += [code.code for code in codes.values] if codes else []
        if missing is not None:
            allowed += [code for kind in MISSING_KINDS for code in getattr(missing, kind)]
    target = Target(
        variable=variable,
        allowed=tuple(allowed),
        seen=frozenset(table.frame[column]),
        decimal=decimal,
        date=date,
    )
    return target, None if variable is None else variable.name


def _staying(row: Placed, placed: Sequence[Placed]) -> int:
    """Line of the row that another is merged into."""
    if read_cell(row.given, "new"):
        try:
            return whole(row.given.cell("new"))
        except CellError as error:
            fix = message("write-line-row.problem")
            raise Refusal(row.given, "new", error.problem, fix) from None
    kept = {
        other.line
        for other in placed
        if other.decision == "keep" and _is_beside(row, other) and other.line != row.line
    }
    if len(kept) != 1:
        raise Refusal(
            row.given,
            "new",
            message("several-kept.problem", n=len(kept)) if kept else message("none-kept.problem"),
            message("decide-keep-row.problem"),
        )
    return kept.pop()


def _is_beside(row: Placed, other: Placed) -> bool:
    """Whether two rows stand in one group of duplicates."""
    kinds = (row.given.kind, other.given.kind)
    if kinds != (DUPLICATES, DUPLICATES) or other.table.file.path != row.table.file.path:
        return False
    try:
        return whole(row.given.cell("group")) == whole(other.given.cell("group"))
    except CellError:
        return False


def _kept_twice(placed: Sequence[Placed], known: Known) -> Iterable[Wrong]:
    """Rows of one id that are all to stay: the rule would stop the build again."""
    seen: dict[tuple[str, str], Placed] = {}
    for row in placed:
        if row.given.kind != DUPLICATES or row.decision != "keep":
            continue
        named = raw_text(row.table, row.line, known.identity.get(row.table.file.source, ""))
        before = seen.setdefault((row.table.file.path, named), row)
        if before.line != row.line:
            yield Wrong(
                row.given.where("decision"),
                message("row-kept-same.problem", key=before.key),
                message("keep-one-them.problem"),
            )


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
    seen = {_effect(entry) for entry in ledger.corrections}
    line = max((entry.line for entry in ledger.corrections), default=1)
    new, known = [], 0
    for correction, given in decided:
        effect = _effect(correction)
        if effect in seen:
            known += 1
            continue
        seen.add(effect)
        line += 1
        new.append((replace(correction, line=line), given))
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
        As for :func:`evaluation.data.corrections.apply`.

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
    expected: Sequence[OfficeRow], placed: Sequence[Placed], kinds: Iterable[str]
) -> tuple[OfficeRow, ...]:
    """Rows that should be decided on, and that sheets which were given do not hold."""
    there = {
        (
            p.given.kind,
            p.table.file.path,
            p.line,
            p.given.cell("column").text.strip() if p.given.kind != "duplicates" else "",
        )
        for p in placed
    }
    given = set(kinds)
    return tuple(
        row for row in expected if row.sheet in given and (row.sheet, *row.key) not in there
    )
