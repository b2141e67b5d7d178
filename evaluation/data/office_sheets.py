"""Sheets of the office's workbook as they came back: rows by the names of their columns.

A sheet is known by its header, in either language, whatever it or its file is called, wherever its
columns stand, hidden or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.data.office_book import COLUMNS
from evaluation.data.office_words import CORRECT, DUPLICATES, folded, understood
from evaluation.data.sheets import Line, Sheet
from evaluation.data.workbook_cells import SheetCell
from evaluation.errors import DataError
from evaluation.locale.messages import LANGUAGES, message, texts, wording

RULE = "office-book"
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
    def place(self) -> str:
        """File, sheet and row for messages."""
        return f"{self.file}: sheet {self.sheet}, row {self.number}"

    def where(self, name: str) -> str:
        """File, sheet, row and header for messages."""
        return f"{self.place}, column {self.headers.get(name, name)}"


def all_headers() -> tuple[str, ...]:
    """Every header in both languages, for the reader of CSV files."""
    forms = (form for x in LANGUAGES for form in texts("office.header", x).values())
    return tuple(dict.fromkeys(forms))


def is_decided_in(sheet: Sheet) -> bool:
    """Whether a sheet has the column of decisions: the others are only read by people."""
    return _header_at(sheet) is not None


def _header_at(sheet: Sheet) -> int | None:
    """Which line is the header: the first with the column of decisions, near the top."""
    above = (i for i, line in enumerate(sheet.lines[: MOST_ABOVE + 1]) if _has_decisions(line))
    return next(above, None)


def _has_decisions(line: Line) -> bool:
    # a lone word may stand in a note above, or in somebody's reason
    names = {name for name in _names(line) if name is not None}
    return "decision" in names and len(names & set(NEEDED)) >= FEWEST_HEADERS


def given_rows(sheet: Sheet) -> tuple[GivenRow, ...]:
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
    place = f"{sheet.file}: sheet {sheet.name}, row {first.number}"
    for name in COLUMNS[kind]:
        if names.count(name) > 1:
            raise DataError(
                message("column-stands.problem", header=header[name]),
                where=place,
                mend=message("remove-column.mend"),
                rule=RULE,
            )
        if name in NEEDED and name not in names:
            english, spanish = (wording(f"office.header.{name}", x) for x in LANGUAGES)
            raise DataError(
                message("the-column-is-missing.problem", en=english, es=spanish),
                where=place,
                mend=message("put-back-cells.mend"),
                rule=RULE,
            )
    return tuple(
        GivenRow(
            kind=kind,
            file=sheet.file,
            sheet=sheet.name,
            number=line.number,
            cells=_cells(line, names),
            headers=header,
        )
        for line in others
        if not _is_header(line, first)
    )


def _names(line: Line) -> list[str | None]:
    return [understood(cell.text, "office.header") for cell in line.cells]


def _cells(line: Line, names: Sequence[str | None]) -> dict[str, SheetCell]:
    return {name: cell for name, cell in zip(names, line.cells, strict=False) if name is not None}


def _is_header(line: Line, first: Line) -> bool:
    """A header that was pasted once more, as when two copies of a sheet are joined."""
    texts = [[folded(cell.text) for cell in row.cells] for row in (line, first)]
    return texts[0] == texts[1]
