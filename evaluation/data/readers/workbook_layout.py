"""What a workbook is made of, before a cell is believed: its size, and what its sheet hides."""

import io
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass, field

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries

from evaluation.config.file_layout import Export
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.errors import DataError
from evaluation.estimation.records import Finding

WORKBOOK_DAMAGED = Rule("unreadable-file", "error", "workbook-damaged", "get-file-again-whole")
WORKBOOK_PASSWORD = Rule("unreadable-file", "error", "workbook-password", "save-xlsx-without")
NOT_WORKBOOK = Rule("unreadable-file", "error", "not-workbook", "get-the-file-again")
PART_WORKBOOK = Rule("unreadable-file", "error", "part-workbook", "save-without")
NOT_OLD_WORKBOOK = Rule("unreadable-file", "error", "not-old-workbook", "get-file-again-whole")
PARTS_MB_WHEN = Rule("too-large", "error", "parts-mb-when", "check-right-file-manifest")
ROW_STANDS_AFTER = Rule("unreadable-file", "error", "row-stands-after", "open-workbook")
HIDDEN_ROWS = Rule("hidden-rows", "warn", fix="check-filter")
HIDDEN_COLUMNS = Rule("hidden-columns", "warn", fix="check-what-they")
MERGED_CELLS = Rule("merged-cells", "error", fix="undo-merging")
NO_SHARED_TEXT = Rule("unreadable-file", "error", "no-shared-text", "get-file-again-whole")
CELLS_ROW_OUT = Rule("unreadable-file", "error", "cells-row-out", "open-workbook")

MEGABYTE = 1_000_000
# as for archives, where the manifest does not say otherwise
LARGEST_MB = Export().largest_mb
MOST_PARTS = 5_000
# of any sheet, by the format
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
# what damaged archives and damaged XML were seen to raise
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # of whichever XML parser
    NotImplementedError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(slots=True, kw_only=True)
class SheetLayout:
    """What the cells' values do not show of one sheet.

    Attributes
    ----------
    hidden_rows, hidden_columns : list of int
        From 1; hidden by hand or by a filter.
    merged : list of str
        Ranges such as ``A9:B9``.
    without_value : list of (int, int)
        Row and column of formulas whose result is not stored.
    errors : list of (int, int)
        Row and column of cells that hold an error.
    last_row, last_column : int
        Of the cells in the file, with or without a value.
    """

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0


def check_package(data: bytes, where: str, largest_mb: int) -> None:
    """Refuse what is no .xlsx workbook, or would fill the memory.

    Parameters
    ----------
    data : bytes
    where : str
        Name of the file.
    largest_mb : int
        What its parts may unpack to together.

    Raises
    ------
    DataError
        Not a zip archive; an old or encrypted workbook; too many or too large parts.
    """
    if data.startswith(OLE):
        raise WORKBOOK_PASSWORD.refused(where)
    if not data.startswith(ZIP):
        raise NOT_WORKBOOK.refused(where)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
    except DAMAGE as error:
        raise damaged(where, error) from None
    if any(part.flag_bits & 1 for part in parts):
        raise PART_WORKBOOK.refused(where)
    _check_size(len(parts), sum(part.file_size for part in parts), where, largest_mb)


def check_old(data: bytes, where: str, largest_mb: int) -> None:
    """Refuse what is no .xls workbook, or a larger one than is allowed; see `check_package`."""
    if not data.startswith(OLE):
        raise NOT_OLD_WORKBOOK.refused(where)
    _check_size(1, len(data), where, largest_mb)


def _check_size(parts: int, size: int, where: str, largest_mb: int) -> None:
    if size > largest_mb * MEGABYTE or parts > MOST_PARTS:
        raise PARTS_MB_WHEN.refused(
            where,
            n=f"{parts:,}",
            of=f"{size // MEGABYTE:,}",
            most_parts=f"{MOST_PARTS:,}",
            most=f"{largest_mb:,}",
        )


def layout(data: bytes, part: str, where: str) -> SheetLayout:
    """Read what a sheet hides, and refuse rows that the reading library would drop or invent.

    Parameters
    ----------
    data : bytes
        The workbook.
    part : str
        Path of the sheet inside it.
    where : str
        Name of the file.

    Raises
    ------
    DataError
        The sheet's XML is damaged; its rows are out of order; it has rows or columns that no sheet
        can have.
    """
    found = SheetLayout()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open(part) as source:
            for _, element in ET.iterparse(source):  # noqa: S314 (expat bounds entity expansion)
                tag = element.tag.rpartition("}")[2]
                if tag == "row":
                    _row(element, found, where)
                    element.clear()
                elif tag == "mergeCell":
                    found.merged.append(element.get("ref", ""))
                elif tag == "col" and _yes(element.get("hidden")):
                    last = min(int(element.get("max", "1")), MOST_COLUMNS)
                    found.hidden_columns.extend(range(int(element.get("min", "1")), last + 1))
    except DAMAGE as error:
        raise damaged(where, error) from None
    return found


def _row(element: ET.Element, found: SheetLayout, where: str) -> None:
    number = int(element.get("r", found.last_row + 1))
    if not found.last_row < number <= MOST_ROWS:
        raise ROW_STANDS_AFTER.refused(where, number=number, last_row=found.last_row)
    found.last_row = number
    if _yes(element.get("hidden")):
        found.hidden_rows.append(number)
    column = 0
    for cell in element:
        reference = cell.get("r")
        row, at = coordinate_to_tuple(reference) if reference else (number, column + 1)
        if row != number or not column < at <= MOST_COLUMNS:
            raise CELLS_ROW_OUT.refused(where, number=number)
        column = at
        if _without_value(cell):
            found.without_value.append((number, at))
        if cell.get("t") == "s" and (_value(cell) or "0").startswith("-"):
            # counted from the end, it would be another cell's text
            raise NO_SHARED_TEXT.refused(where, cell=address(at - 1, number))
        if cell.get("t") == "e":
            found.errors.append((number, at))
    found.last_column = max(found.last_column, column)


def _without_value(cell: ET.Element) -> bool:
    """Whether a cell holds a formula and no result. An empty text is a result."""
    parts = {child.tag.rpartition("}")[2]: child.text for child in cell}
    return "f" in parts and not parts.get("v") and cell.get("t") != "str"


def _value(cell: ET.Element) -> str | None:
    return next((child.text for child in cell if child.tag.rpartition("}")[2] == "v"), None)


def _yes(text: str | None) -> bool:
    return text in ("1", "true")


def layout_findings(
    found: SheetLayout, file: RawFile, *, width: int, lines: tuple[int, int] | None = None
) -> list[Finding]:
    """Findings about hidden rows and columns and merged cells within the table's columns.

    Parameters
    ----------
    found : SheetLayout
    file : RawFile
    width : int
        Columns of the table.
    lines : tuple of two ints, optional
        First and last row of the table, where it is not the whole sheet.
    """
    first, last = lines or (1, found.last_row)
    columns = [f"column {column}" for column in found.hidden_columns if column <= width]
    merged = [ref for ref in found.merged if _touches(ref, width, (first, last))]
    rows = [f"row {row}" for row in found.hidden_rows if lines is None or first <= row <= last]
    return [
        rule.about(file, n=len(places), place=places[0])
        for rule, places in ((HIDDEN_ROWS, rows), (HIDDEN_COLUMNS, columns), (MERGED_CELLS, merged))
        if places
    ]


def _touches(reference: str, width: int, lines: tuple[int, int]) -> bool:
    try:
        left, top, _, bottom = range_boundaries(reference)
    except ValueError:
        return True
    if left is None or top is None or bottom is None:
        return True
    return bool(left <= width and top <= lines[1] and bottom >= lines[0])


def address(column: int, row: int) -> str:
    """Name of a cell: its column is counted from 0, its row from 1."""
    return f"{get_column_letter(column + 1)}{row}"


def damaged(where: str, error: BaseException) -> DataError:
    """One message for whatever damaged archives and damaged XML raise."""
    # the libraries' own words may quote a cell
    return WORKBOOK_DAMAGED.refused(where, name=type(error).__name__)
