"""A table in a sheet that holds titles above it, and a total, signatures and notes below.

REQUIRES a manifest's entry that says by which names the head is found and how the table ends.
CREATES the rows of the table alone: no cell above the head or below the last row of data goes
further, not even into a message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from evaluation.config.file_layout import SheetTable
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.data.readers.sheets import EMPTY, SheetCell
from evaluation.estimation.records import Finding

NO_HEAD = Rule("table-head", "error")
NO_HEAD_NAMES = Rule("table-head", "error", "table-head-lacks", "table-head")
OTHER_TITLE = Rule("table-title", "error")
NO_TOTAL = Rule("table-total", "error", "table-without-total", "get-the-whole-file")
NO_NUMBER = Rule("table-total", "error", "total-no-number", "get-the-whole-file")
OTHER_TOTAL = Rule("table-total", "error", "total-differs", "total-differs")
ROWS_BELOW = Rule("rows-below-table", "error")

# rows in which the head must stand
MOST_ABOVE = 100
# a row of data fills more cells than a note or a signature
FEWEST_CELLS = 2
# a place, or the row of a place, in a sheet
Row = tuple[int, Sequence[SheetCell]]


@dataclass(slots=True, kw_only=True)
class InnerTable:
    """Rows of a table inside a sheet, and where it begins and ends.

    Attributes
    ----------
    file : RawFile
        With its ``table``.
    head, last : int
        Rows of the head and of the last row of data; 0 as long as they are not met.
    names : list of str
        Of the head, blanks around them taken off.
    total : str
        The total as it stands, empty where none was met; ``total_line`` is its row.
    below : int
        First row below the table that looks like one of data.
    titled : bool
        Whether the declared title was met above the head.
    """

    file: RawFile
    head: int = 0
    last: int = 0
    names: list[str] = field(default_factory=list)
    total: str = ""
    total_line: int = 0
    below: int = 0
    titled: bool = False

    @property
    def declared(self) -> SheetTable:
        """What the manifest says of the table."""
        if self.file.table is None:
            raise TypeError(self.file.id)
        return self.file.table

    def rows(self, lines: Iterator[Row]) -> Iterator[Row]:
        """The head and the rows of data.

        Parameters
        ----------
        lines : iterator of (int, sequence of SheetCell)
            All rows of the sheet, numbered from 1.

        Raises
        ------
        DataError
            No row of the first hundred is the head.
        """
        yield self._head(lines)
        for line, cells in lines:
            if self._is_total(line, cells):
                break
            if _filled(cells, len(self.names)) < FEWEST_CELLS:
                break
            self.last = line
            yield line, self._with_zeros(cells)
        for line, cells in lines:
            if self._is_total(line, cells) or self.below:
                continue
            if _filled(cells, len(self.names)) >= FEWEST_CELLS:
                self.below = line

    def findings(self, amounts: Sequence[str]) -> Iterator[Finding]:
        """What is wrong with the table as a whole.

        Parameters
        ----------
        amounts : sequence of str
            Cells of the column that the total sums; empty where it is not there.
        """
        declared, file = self.declared, self.file
        if declared.title and not self.titled:
            yield OTHER_TITLE.about(file, "", self.head, title=declared.title)
        if self.below:
            yield ROWS_BELOW.about(file, "", self.below, last=self.last)
        if not declared.total or declared.summed not in self.names:
            return
        column, line = declared.summed, self.total_line
        if not line:
            yield NO_TOTAL.about(file, column, self.last, total=declared.total)
        elif (total := _whole(self.total)) is None:
            yield NO_NUMBER.about(file, column, line, total=declared.total)
        # a cell that is no number has a finding of its own
        elif None not in (values := [_whole(cell) for cell in amounts]):
            summed = sum(value for value in values if value is not None)
            if summed != total:
                said = {"total": f"{total:,}", "summed": f"{summed:,}"}
                yield OTHER_TOTAL.about(file, column, line, **said)

    def _head(self, lines: Iterator[Row]) -> Row:
        wanted = set(self.declared.head)
        most, where, lacks = 0, 0, sorted(wanted)
        for line, cells in lines:
            texts = [cell.text.strip() for cell in cells]
            self.titled |= bool(self.declared.title) and self.declared.title in texts
            found = wanted & set(texts)
            if found == wanted:
                self.head, self.last = line, line
                self.names = texts[: max(i for i, text in enumerate(texts, 1) if text)]
                return line, [replace(c, text=t) for c, t in zip(cells, texts, strict=True)]
            if len(found) > most:
                most, where, lacks = len(found), line, sorted(wanted - found)
            if line >= MOST_ABOVE:
                break
        names = ", ".join(f"`{name}`" for name in lacks)
        if where:
            raise NO_HEAD_NAMES.refused(self.file.path, where, names=names)
        raise NO_HEAD.refused(self.file.path, most=MOST_ABOVE, names=names)

    def _is_total(self, line: int, cells: Sequence[SheetCell]) -> bool:
        declared = self.declared
        label = next((cell.text.strip() for cell in cells if cell.text.strip()), "")
        if not declared.total or label != declared.total or self.total_line:
            return False
        self.total_line = line
        if declared.summed in self.names:
            place = self.names.index(declared.summed)
            self.total = cells[place].text if place < len(cells) else ""
        return True

    def _with_zeros(self, cells: Sequence[SheetCell]) -> Sequence[SheetCell]:
        """The row with the first zeros of codes that the workbook holds as numbers."""
        if not self.declared.digits:
            return cells
        row = list(cells)
        for name, digits in self.declared.digits.items():
            place = self.names.index(name) if name in self.names else len(row)
            cell = row[place] if place < len(row) else EMPTY
            if cell.kind == "number" and cell.text.isdecimal() and len(cell.text) <= digits:
                short = len(cell.text) == digits - 1
                row[place] = SheetCell(f"0{cell.text}" if short else cell.text)
        return row


def _filled(cells: Sequence[SheetCell], width: int) -> int:
    return sum(bool(cell.text.strip()) for cell in cells[:width])


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
