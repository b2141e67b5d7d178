"""Rows of the office's workbook, each at the raw row that it is about.

A row is found by file, line and delivery. Its id, where the workbook shows one, must be that of the
raw row as a spreadsheet may have rewritten it: else single columns were sorted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.data.book_cells import CellError
from evaluation.data.confirming import delivery
from evaluation.data.finding import LINE
from evaluation.data.office_book import TO_FILL, raw_text
from evaluation.data.office_cells import bare, is_same, trimmed, whole
from evaluation.data.office_sheets import GivenRow
from evaluation.data.office_words import DECISIONS, understood
from evaluation.data.read import RawTable
from evaluation.locale.messages import LANGUAGES, Message, message, wording
from evaluation.spec.dictionary import Dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the decisions are held against.

    Attributes
    ----------
    tables : mapping of path to RawTable
        As delivered.
    identity : mapping of source to raw column
        What names a row: the respondent id, else the cluster.
    dictionary : Dictionary
        What each cell may hold.
    """

    tables: Mapping[str, RawTable]
    identity: Mapping[str, str]
    dictionary: Dictionary


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell of the workbook; ``where`` names sheet, row and column."""

    where: str
    problem: Message
    mend: Message


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that was found in the raw tables, and what was decided on it."""

    given: GivenRow
    table: RawTable
    line: int
    decision: str | None

    @property
    def key(self) -> str:
        """Row key, file:line."""
        return f"{self.table.file.path}:{self.line}"


class Refusal(Exception):
    """A row that is incomplete or cannot be; the caller collects them."""

    def __init__(self, row: GivenRow, column: str, problem: Message, mend: Message) -> None:
        self.wrong = Wrong(row.where(column), problem, mend)
        super().__init__(problem)


def read_cell(row: GivenRow, column: str) -> str:
    """Bare text of a cell.

    Raises
    ------
    Refusal
        It holds a formula or an error value.
    """
    try:
        return bare(row.cell(column))
    except CellError as error:
        raise Refusal(row, column, error.problem, error.mend) from None


def place(row: GivenRow, known: Known) -> Placed:
    """The raw row that a row of the workbook is about, and what was decided on it.

    Raises
    ------
    Refusal
        No such file, delivery or row; another row's id; an unknown decision, or none where other
        cells are filled in.
    """
    table = _table(row, known)
    file = table.file.path
    try:
        line = whole(row.cell("line"))
    except CellError as error:
        raise Refusal(row, "line", error.problem, error.mend) from None
    if not (table.frame[LINE] == line).any():
        raise Refusal(
            row, "line", message("file-no-such.problem"), message("write-line-workbook.problem")
        )
    told, own = (
        read_cell(row, "id"),
        raw_text(table, line, known.identity.get(table.file.source, "")),
    )
    if told and not is_same(told, trimmed(own)):
        raise Refusal(
            row,
            "id",
            message("id-not.problem", row=f"{file}:{line}"),
            message("sort-whole-rows.problem"),
        )
    return Placed(row, table, line, _decision(row))


def _table(row: GivenRow, known: Known) -> RawTable:
    """The file that a row is about, under the name of the manifest or by its bytes."""
    file, written = read_cell(row, "file"), read_cell(row, "delivery").lower()
    table = known.tables.get(file)
    if table is None:
        alike = [t for t in known.tables.values() if written and is_same(written, delivery(t))]
        if len(alike) == 1:
            return alike[0]
        raise Refusal(
            row,
            "file",
            message("file-not-one.problem"),
            message("use-one-export.problem", tables=", ".join(known.tables)),
        )
    if not is_same(written, delivery(table)):
        raise Refusal(
            row,
            "delivery",
            message("row-written-another.problem"),
            message("write-workbook-again.problem"),
        )
    return table


def _decision(row: GivenRow) -> str | None:
    text = read_cell(row, "decision")
    if not text:
        filled = [name for name in TO_FILL[1:] if read_cell(row, name)]
        if filled:
            raise Refusal(
                row,
                "decision",
                message("filled-but-nothing.problem", headers=row.headers[filled[0]]),
                message("choose-one-empty.problem", choices=_choices()),
            )
        return None
    decision = understood(text, "office.decision")
    if decision is None:
        raise Refusal(
            row,
            "decision",
            message("decision-unknown.problem"),
            message("choose-one.problem", choices=_choices()),
        )
    return decision


def _choices() -> str:
    both = ([wording(f"office.decision.{x}", y) for y in LANGUAGES] for x in DECISIONS)
    return ", ".join(f"{english} ({spanish})" for english, spanish in both)
