"""The office's workbook as it came back: rows by the names of their columns, each at its raw row.

A sheet is known by its header, in either language, whatever it or its file is called, wherever its
columns stand, hidden or not.

A row is found by file, line and delivery. Its id, where the workbook shows one, must be that of
the raw row as a spreadsheet may have rewritten it: else single columns were sorted.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from evaluation.config.dictionary import Dictionary
from evaluation.data.cleaning.ledger import delivery
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.data.readers.sheets import ReadSheet, SheetCell, SheetRow, place_in
from evaluation.errors import DataError, Where, problem_and_fix
from evaluation.fieldwork.dictionary_cells import CellError
from evaluation.fieldwork.office_cells import bare, is_same, trimmed, whole
from evaluation.fieldwork.office_rows import (
    COLUMNS,
    CORRECT,
    DECISIONS,
    DUPLICATES,
    TO_FILL,
    folded,
    raw_text,
    understood,
)
from evaluation.locale.messages import LANGUAGES, Message, texts, wording

OFFICE_RULE = "office-book"
# without these nothing can be decided; the others are for people to read
NEEDED = ("file", "line", "delivery", "column", "decision", "new", "initials", "reason", "date")
EMPTY = SheetCell("")
# lines that may stand above the header: whose data it is, and that it is private
MOST_ABOVE = 4
FEWEST_HEADERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRow:
    """One row as the office gave it back.

    Attributes
    ----------
    kind : str
        ``duplicates`` or ``to correct``.
    file, sheet : str
        Where it stands, for messages.
    number : int
        Row of the sheet.
    cells, headers : dict of str
        Cell and header as written, by the column's name.
    """

    kind: str
    file: str
    sheet: str
    number: int
    cells: dict[str, SheetCell]
    headers: dict[str, str]

    def cell(self, name: str) -> SheetCell:
        """One of its cells; empty where the sheet has no such column."""
        return self.cells.get(name, EMPTY)

    @property
    def place(self) -> Message:
        """File, sheet and row for messages."""
        return place_in(self.file, self.sheet, self.number)

    def where(self, name: str) -> Message:
        """File, sheet, row and header for messages."""
        return place_in(self.file, self.sheet, self.number, self.headers.get(name, name))


def all_headers() -> tuple[str, ...]:
    """Every header in both languages, for the reader of CSV files."""
    forms = (form for x in LANGUAGES for form in texts("office.header", x).values())
    return tuple(dict.fromkeys(forms))


def is_decided_in(sheet: ReadSheet) -> bool:
    """Whether a sheet has the column of decisions: the others are only read by people."""
    return _header_at(sheet) is not None


def _header_at(sheet: ReadSheet) -> int | None:
    """Which line is the header: the first with the column of decisions, near the top."""
    for position, line in enumerate(sheet.lines[: MOST_ABOVE + 1]):
        names = set(_names(line))
        # a lone word may stand in a note above, or in somebody's reason
        if "decision" in names and len(names & set(NEEDED)) >= FEWEST_HEADERS:
            return position
    return None


def given_rows(sheet: ReadSheet) -> tuple[GivenRow, ...]:
    """Rows of a sheet that have something in them.

    Raises
    ------
    DataError
        A column is missing or stands twice.
    """
    first, *others = sheet.lines[_header_at(sheet) or 0 :]
    names = _names(first)
    kind = DUPLICATES if "group" in names else CORRECT
    header = {n: first.cells[i].text.strip() for i, n in enumerate(names) if n is not None}
    where = place_in(sheet.file, sheet.name, first.number)
    for name in COLUMNS[kind]:
        if names.count(name) > 1:
            raise DataError.of(
                "column-stands", "remove-column", where, rule=OFFICE_RULE, header=header[name]
            )
        if name in NEEDED and name not in names:
            english, spanish = (wording(f"office.header.{name}", x) for x in LANGUAGES)
            raise DataError.of(
                "the-column-is-missing",
                "put-back-cells",
                where,
                rule=OFFICE_RULE,
                en=english,
                es=spanish,
            )
    return tuple(
        GivenRow(
            kind=kind,
            file=sheet.file,
            sheet=sheet.name,
            number=line.number,
            cells={n: c for n, c in zip(names, line.cells, strict=False) if n is not None},
            headers=header,
        )
        for line in others
        if _folded(line) != _folded(first)  # pasted once more where two copies are joined
    )


def _folded(line: SheetRow) -> list[str]:
    return [folded(cell.text) for cell in line.cells]


def _names(line: SheetRow) -> list[str | None]:
    return [understood(cell.text, "office.header") for cell in line.cells]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
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

    def identity_of(self, table: RawTable) -> str:
        """Raw column that names the rows of a table; empty where none does."""
        return self.identity.get(table.file.source, "")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell of the workbook; ``where`` names sheet, row and column."""

    where: Where
    problem: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class PlacedDecision:
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

    def __init__(
        self,
        row: GivenRow,
        column: str,
        problem: str | Message,
        fix: str | Message,
        /,
        **holes: object,
    ) -> None:
        self.wrong = Wrong(row.where(column), *problem_and_fix(problem, fix, holes))
        super().__init__(self.wrong.problem)


@contextmanager
def refused_at(row: GivenRow, column: str) -> Iterator[None]:
    """Turn what is wrong with a cell into a refusal of its row.

    Raises
    ------
    Refusal
        The cell cannot be read.
    """
    try:
        yield
    except CellError as error:
        raise Refusal(row, column, error.problem, error.fix) from None


def read_cell(row: GivenRow, column: str) -> str:
    """Bare text of a cell.

    Raises
    ------
    Refusal
        It holds a formula or an error value.
    """
    with refused_at(row, column):
        return bare(row.cell(column))


def place(row: GivenRow, known: DecisionContext) -> PlacedDecision:
    """The raw row that a row of the workbook is about, and what was decided on it.

    Raises
    ------
    Refusal
        No such file, delivery or row; another row's id; an unknown decision, or none where other
        cells are filled in.
    """
    table = _table(row, known)
    file = table.file.path
    with refused_at(row, "line"):
        line = whole(row.cell("line"))
    if not (table.frame[LINE] == line).any():
        raise Refusal(row, "line", "file-no-such", "write-line-workbook.problem")
    given, own = read_cell(row, "id"), raw_text(table, line, known.identity_of(table))
    if given and not is_same(given, trimmed(own)):
        raise Refusal(row, "id", "id-not", "sort-whole-rows.problem", row=f"{file}:{line}")
    return PlacedDecision(row, table, line, _decision(row))


def _table(row: GivenRow, known: DecisionContext) -> RawTable:
    """The file that a row is about, under the name of the manifest or by its bytes."""
    file, written = read_cell(row, "file"), read_cell(row, "delivery").lower()
    table = known.tables.get(file)
    if table is None:
        alike = [t for t in known.tables.values() if written and is_same(written, delivery(t))]
        if len(alike) == 1:
            return alike[0]
        raise Refusal(
            row, "file", "file-not-one", "use-one-export.problem", tables=", ".join(known.tables)
        )
    if not is_same(written, delivery(table)):
        raise Refusal(row, "delivery", "row-written-another", "write-workbook-again.problem")
    return table


def _decision(row: GivenRow) -> str | None:
    text = read_cell(row, "decision")
    if not text:
        filled = [name for name in TO_FILL[1:] if read_cell(row, name)]
        if filled:
            raise Refusal(
                row,
                "decision",
                "filled-but-nothing",
                "choose-one-empty.problem",
                headers=row.headers[filled[0]],
                choices=_choices(),
            )
        return None
    decision = understood(text, "office.decision")
    if decision is None:
        raise Refusal(row, "decision", "decision-unknown", "choose-one.problem", choices=_choices())
    return decision


def _choices() -> str:
    both = ([wording(f"office.decision.{x}", y) for y in LANGUAGES] for x in DECISIONS)
    return ", ".join(f"{english} ({spanish})" for english, spanish in both)
