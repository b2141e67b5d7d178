"""What the office decided, as lines of the ledger: complete and signed, or an error by its cell.

REQUIRES rows as given back, the raw tables and what was declared. CREATES corrections whose old
values come from the raw tables, never from a cell of the workbook.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from evaluation.data.book_cells import CellError
from evaluation.data.confirming import delivery
from evaluation.data.finding import LINE
from evaluation.data.ledger import Correction
from evaluation.data.office_book import raw_text
from evaluation.data.office_cells import Target, day, restored, whole
from evaluation.data.office_places import Known, Placed, Refusal, Wrong, place, read_cell
from evaluation.data.office_sheets import GivenRow
from evaluation.data.office_words import DUPLICATES
from evaluation.data.read import RawTable
from evaluation.locale.messages import message
from evaluation.spec.dictionary import MISSING_KINDS, Dictionary, Problem


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
    try:
        return signed | {"date": day(row.cell("date"))}
    except CellError as error:
        raise Refusal(row, "date", error.problem, error.mend) from None


def _new(row: Placed, column: str, known: Known) -> str:
    """The new value of a cell, as the raw file would write it and the dictionary allows it."""
    target, name = _target(row.table, column, known.dictionary)
    try:
        new = restored(row.given.cell("new"), target)
    except CellError as error:
        raise Refusal(row.given, "new", error.problem, error.mend) from None
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
                read.mend,
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
            mend = message("write-line-row.problem")
            raise Refusal(row.given, "new", error.problem, mend) from None
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
