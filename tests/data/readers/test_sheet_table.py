"""A table inside a sheet: its rows alone, and a message for whatever breaks its frame."""

import datetime
import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from evaluation.config.file_layout import SheetTable
from evaluation.config.manifest import RawFile
from evaluation.data.readers import workbook
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.readers.sheets import Xlsx, XlsxResults
from evaluation.errors import DataError
from tests.data import in_spanish

HEAD = ("PLACE ", " CODE", "N ")
SIGNED = "Signed: Casimiro Etcheverry"
Change = Callable[[Workbook], object]


def declared(**keys: object) -> RawFile:
    inner: dict[str, object] = {"head": ("PLACE", "CODE"), "total": "TOTAL", "summed": "N"} | keys
    return RawFile(
        id="f", path="raw.xlsx", role="events", format="xlsx", sha256="", rows=2, origin="test",
        sheet="data", table=SheetTable(**inner),  # type: ignore[arg-type]
    )  # fmt: skip


def book(change: Change | None = None) -> bytes:
    """Two titles, the head in row 4, three rows, the total in row 8, a signature and a note."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "data"
    for row in (
        ["OFFICE"], ["COUNTS "], [], HEAD, ["A", 5001000, 2], ["B", 11001000, 3],
        ["C", 8001000, 4], ["TOTAL ", None, 9], ["SOURCE"], [SIGNED], [], ["A page of methods"],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A8:B8")
    if change is not None:
        change(made)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def read(change: Change | None = None, **keys: object) -> Delivered:
    found = workbook.read(book(change), declared(**keys))
    assert in_spanish.unknown_findings(found.findings) == []
    # nothing below the table leaves the reader, not even in a message
    said = "".join(f"{f.problem}{f.fix}{f.value}{f.row_key}" for f in found.findings)
    cells = "".join(found.frame.astype(str).to_numpy().ravel())
    for word in ("Casimiro", "methods", "SOURCE", "OFFICE"):
        assert word not in said
        assert word not in cells
    return found


def rules(found: Delivered) -> list[tuple[str, int]]:
    return [(f.rule, f.line) for f in found.findings if f.severity == "error"]


def test_rows_between_head_and_total():
    found = read(title="COUNTS", digits={"CODE": 8})
    assert rules(found) == []
    assert found.frame.columns.tolist() == ["PLACE", "CODE", "N", "__line__"]
    assert found.frame["PLACE"].tolist() == ["A", "B", "C"]
    assert found.frame["CODE"].tolist() == ["05001000", "11001000", "08001000"]
    assert found.frame["__line__"].tolist() == [5, 6, 7]
    # codes are texts again: nothing is to be said of their numbers
    assert set(found.numbers) == {"N"}


def test_only_one_lost_zero_is_given_back():
    def shorter(made: Workbook) -> None:
        made.active["B5"] = 501000

    assert read(shorter, digits={"CODE": 8}).frame["CODE"][0] == "501000"

    def text(made: Workbook) -> None:
        made.active["B5"] = "5001000"

    assert read(text, digits={"CODE": 8}).frame["CODE"][0] == "5001000"


def test_without_a_total_a_row_with_one_cell_ends_the_table():
    def without(made: Workbook) -> None:
        made.active.unmerge_cells("A8:B8")
        made.active.delete_rows(8)

    found = read(without, total="", summed="")
    assert rules(found) == []
    assert len(found.frame) == 3


def test_a_total_that_differs_is_named_with_both_numbers():
    def other(made: Workbook) -> None:
        made.active["C8"] = 10

    (finding,) = [f for f in read(other).findings if f.severity == "error"]
    assert (finding.rule, finding.line, finding.column) == ("table-total", 8, "N")
    assert "10" in f"{finding.problem}"
    assert "9" in f"{finding.problem}"


def test_a_total_as_formula_without_its_result():
    def formula(made: Workbook) -> None:
        made.active["C8"] = "=SUM(C5:C7)"

    assert ("formula-without-value", 8) in rules(read(formula))


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("A8", "SUMA", [("table-total", 7), ("rows-below-table", 0)]),
        ("C8", "nine", [("table-total", 8)]),
        ("A2", "THEFTS", [("table-title", 4)]),
        ("B10", "x", [("rows-below-table", 10)]),
        ("D6", "x", [("ragged-row", 6)]),
    ],
)
def test_what_breaks_the_frame_is_told(cell, value, expected):
    def change(made: Workbook) -> None:
        if cell == "A8":
            made.active.unmerge_cells("A8:B8")
        made.active[cell] = value

    found = rules(read(change, title="COUNTS"))
    names = {rule for rule, _ in found}
    if cell == "A8":
        # a row of two cells that is no total is one of data
        assert "table-total" in names
    else:
        assert found == expected


def test_a_row_that_lost_its_cells_does_not_cut_the_table_short():
    def gap(made: Workbook) -> None:
        made.active["B6"], made.active["C6"] = None, None

    assert ("rows-below-table", 7) in rules(read(gap))


def test_an_error_cell_inside_the_table():
    def broken(made: Workbook) -> None:
        made.active["C6"] = "#N/A"
        made.active["C6"].data_type = "e"

    assert ("error-cell", 6) in rules(read(broken))


def test_merged_and_hidden_rows_matter_inside_the_table_only():
    def outside(made: Workbook) -> None:
        made.active.row_dimensions[10].hidden = True

    assert read(outside).findings == []

    def inside(made: Workbook) -> None:
        made.active.row_dimensions[6].hidden = True
        made.active.merge_cells("A5:B5")

    assert {f.rule for f in read(inside).findings} >= {"hidden-rows", "merged-cells"}


def test_a_renamed_head_is_told_with_its_row():
    def renamed(made: Workbook) -> None:
        made.active["B4"] = "CODIGO"

    with pytest.raises(DataError) as caught:
        read(renamed)
    assert str(caught.value.where) == "raw.xlsx:4"
    assert "`CODE`" in str(caught.value)


def test_a_sheet_without_any_head():
    def gone(made: Workbook) -> None:
        made.active["A4"], made.active["B4"] = "X", "Y"

    with pytest.raises(DataError) as caught:
        read(gone)
    assert caught.value.rule == "table-head"
    assert "Casimiro" not in str(caught.value)


def test_both_libraries_read_the_same_cells():
    def mixed(made: Workbook) -> None:
        values = [
            "text", " blank ", "0012", 3, 2.5, -4, 0.1 + 0.2, 1e15, True, "ñ\u00a0",
            datetime.date(2011, 12, 31), datetime.datetime(2011, 12, 31, 8, 5), "_x000D_",
        ]  # fmt: skip
        for row, value in enumerate(values, start=20):
            made.active.cell(row, 2, value)

    data = book(mixed)
    one, other = (list(kind(data, "x").rows("data")) for kind in (Xlsx, XlsxResults))
    assert len(one) == len(other) == 32
    for first, second in zip(one, other, strict=True):
        filled = [[cell for cell in row if cell.text] for row in (first, second)]
        assert filled[0] == filled[1]


def test_a_sheet_that_the_faster_library_cannot_find_is_an_error_of_the_file():
    with pytest.raises(DataError) as caught:
        list(XlsxResults(book(), "raw.xlsx").rows("another"))
    assert caught.value.where == "raw.xlsx"
