"""What a workbook is made of, before a cell is believed: its size, and what its sheet hides."""

import io
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass, field

from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from evaluation.data.finding import about_file
from evaluation.errors import DataError
from evaluation.locale.messages import Message, message
from evaluation.spec.exports import Export
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding, Severity

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
AGAIN = message("get-file-again-whole.mend")


@dataclass(slots=True, kw_only=True)
class Layout:
    """What the cells' values do not show of one sheet.

    Attributes
    ----------
    hidden_rows, hidden_columns : list of int
        From 1; hidden by hand or by a filter.
    merged : list of str
        Ranges such as ``A9:B9``.
    without_value : list of (int, int)
        Row and column of formulas whose result is not stored.
    last_row, last_column : int
        Of the cells in the file, with or without a value.
    """

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0


def check_package(data: bytes, file: RawFile) -> None:
    """Refuse what is no workbook, or would fill the memory.

    Raises
    ------
    DataError
        Not a zip archive; an old or encrypted workbook; too many parts; parts whose unpacked sizes
        add up to more than ``export.largest_mb`` (200 MB where nothing is declared).
    """
    if data.startswith(OLE):
        raise refused(
            file,
            "unreadable-file",
            message("workbook-password.problem"),
            message("save-xlsx-without.mend"),
        )
    if not data.startswith(ZIP):
        raise refused(
            file,
            "unreadable-file",
            message("not-workbook.problem"),
            message("get-the-file-again.mend"),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
    except DAMAGE as error:
        raise damaged(file, error) from None
    if any(part.flag_bits & 1 for part in parts):
        raise refused(
            file,
            "unreadable-file",
            message("part-workbook.problem"),
            message("save-without.mend"),
        )
    most = file.export.largest_mb if file.export is not None else LARGEST_MB
    size = sum(part.file_size for part in parts)
    if size > most * MEGABYTE or len(parts) > MOST_PARTS:
        raise refused(
            file,
            "too-large",
            message(
                "parts-mb-when.problem",
                n=f"{len(parts):,}",
                of=f"{size // MEGABYTE:,}",
                most_parts=f"{MOST_PARTS:,}",
                most=f"{most:,}",
            ),
            message("check-right-file-manifest.mend"),
        )


def layout(data: bytes, part: str, file: RawFile) -> Layout:
    """Read what a sheet hides, and refuse rows that the reading library would drop or invent.

    Parameters
    ----------
    data : bytes
        The workbook.
    part : str
        Path of the sheet inside it.

    Raises
    ------
    DataError
        The sheet's XML is damaged; its rows are out of order; it has rows or columns that no sheet
        can have.
    """
    found = Layout()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open(part) as source:
            for _, element in ET.iterparse(source):  # noqa: S314 (expat bounds entity expansion)
                tag = element.tag.rpartition("}")[2]
                if tag == "row":
                    _row(element, found, file)
                    element.clear()
                elif tag == "mergeCell":
                    found.merged.append(element.get("ref", ""))
                elif tag == "col" and _yes(element.get("hidden")):
                    last = min(int(element.get("max", "1")), MOST_COLUMNS)
                    found.hidden_columns.extend(range(int(element.get("min", "1")), last + 1))
    except DAMAGE as error:
        raise damaged(file, error) from None
    return found


def _row(element: ET.Element, found: Layout, file: RawFile) -> None:
    number = int(element.get("r", found.last_row + 1))
    if not found.last_row < number <= MOST_ROWS:
        raise refused(
            file,
            "unreadable-file",
            message("row-stands-after.problem", number=number, last_row=found.last_row),
            message("open-workbook.mend"),
        )
    found.last_row = number
    if _yes(element.get("hidden")):
        found.hidden_rows.append(number)
    column = 0
    for cell in element:
        reference = cell.get("r")
        row, at = coordinate_to_tuple(reference) if reference else (number, column + 1)
        if row != number or not column < at <= MOST_COLUMNS:
            raise refused(
                file,
                "unreadable-file",
                message("cells-row-out.problem", number=number),
                message("open-workbook.mend"),
            )
        column = at
        if _without_value(cell):
            found.without_value.append((number, at))
    found.last_column = max(found.last_column, column)


def _without_value(cell: ET.Element) -> bool:
    """Whether a cell holds a formula and no result. An empty text is a result."""
    parts = {child.tag.rpartition("}")[2]: child.text for child in cell}
    return "f" in parts and not parts.get("v") and cell.get("t") != "str"


def _yes(text: str | None) -> bool:
    return text in ("1", "true")


def layout_findings(found: Layout, file: RawFile, *, width: int) -> list[Finding]:
    """Findings about hidden rows and columns and merged cells within the table's columns."""
    hidden = [column for column in found.hidden_columns if column <= width]
    merged = [ref for ref in found.merged if _touches(ref, width, found.last_row)]
    cases: list[tuple[list[str], str, Severity, Message]] = [
        (
            [f"row {row}" for row in found.hidden_rows],
            "hidden-rows",
            "warn",
            message("check-filter.mend"),
        ),
        (
            [f"column {column}" for column in hidden],
            "hidden-columns",
            "warn",
            message("check-what-they.mend"),
        ),
        (
            merged,
            "merged-cells",
            "error",
            message("undo-merging.mend"),
        ),
    ]
    return [
        about_file(
            file,
            rule=rule,
            severity=severity,
            problem=message(f"{rule}.problem", n=len(places), place=places[0]),
            mend=mend,
        )
        for places, rule, severity, mend in cases
        if places
    ]


def _touches(reference: str, width: int, height: int) -> bool:
    try:
        left, top, _, _ = range_boundaries(reference)
    except ValueError:
        return True
    return bool(left is None or top is None or (left <= width and top <= height))


def damaged(file: RawFile, error: Exception) -> DataError:
    """One message for whatever damaged archives and damaged XML raise."""
    # the libraries' own words may quote a cell
    problem = message("workbook-damaged.problem", name=type(error).__name__)
    return refused(file, "unreadable-file", problem, AGAIN)


def refused(file: RawFile, rule: str, problem: Message, mend: Message, line: int = 0) -> DataError:
    """An error that stops reading the workbook."""
    where = f"{file.path}:{line}" if line else file.path
    return DataError(problem, where=where, mend=mend, rule=rule)
