"""Workbooks part by part: single cells, the layout of a sheet, and parts that are damaged."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from functools import partial

import openpyxl
import pandas as pd
import pytest

from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import RawFile
from evaluation.data.readers import embedded_labels, sheets, workbook, workbook_layout
from evaluation.data.readers.raw_table import Delivered, NumberCells
from evaluation.data.readers.sheets import Xlsx
from evaluation.errors import SpecError
from tests.data import in_spanish
from tests.tables import cases

CASES = cases(__file__)

SHEET = "xl/worksheets/sheet1.xml"


def file() -> RawFile:
    return RawFile(
        id="f", path="raw.xlsx", role="endline", round="endline", format="xlsx", sha256="",
        rows=2, origin="test", sheet="data",
    )  # fmt: skip


def book(cells: dict[str, object], part: str = "", change: Callable[[str], str] = str) -> bytes:
    """A workbook of these cells, with the text of one of its parts changed."""
    made = openpyxl.Workbook()
    made.active.title = "data"
    for place, value in cells.items():
        made.active[place] = value
    whole, changed = io.BytesIO(), io.BytesIO()
    made.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(changed, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            assert name != part or change(content) != content
            new.writestr(name, change(content) if name == part else content)
    return changed.getvalue()


TABLE = {"A1": "id", "B1": "x", "A2": "a", "B2": 7}


def read(data: bytes) -> Delivered:
    made = workbook.read(data, file())
    assert in_spanish.unknown_findings(made.findings) == []
    return made


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, "", "text"),
        ("x", "x", "text"),
        (True, "TRUE", "logical"),
        (False, "FALSE", "logical"),
        (7, "7", "number"),
        (datetime.date(2021, 5, 31), "2021-05-31", "date"),
        ("=1+1", "=1+1", "formula"),
        ("#N/A", "#N/A", "error"),
    ],
)
def test_what_a_cell_holds(value, text, kind):
    opened = Xlsx(book({"A1": value, "B1": "b"}), "raw.xlsx", formulas=True)
    ((cell, _),) = opened.rows("data")
    assert (cell.text, cell.kind) == (text, kind)


@pytest.mark.parametrize(("value", "lost"), CASES["digits"])
def test_digits_that_a_workbook_does_not_keep(value, lost):
    got = read(book(TABLE | {"B2": value}))
    assert [f.rule for f in got.findings] == lost
    assert got.numbers == {"x": NumberCells(line=2, count=1, of=1)}


def test_lines_are_whole_numbers():
    frame = read(book(TABLE)).frame
    assert (str(frame["__line__"].dtype), frame["__line__"].tolist()) == ("int64", [2])


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/workbook.xml", lambda text: text[:-9]),
        # the sheet is whole XML; its cells point to no text, or hold no number
        (SHEET, lambda text: text.replace('t="inlineStr"><is><t>a</t></is>', 't="s"><v>99</v>')),
        (SHEET, lambda text: text.replace("<v>7</v>", "<v>7..</v>")),
        (SHEET, lambda text: text.replace("</sheetData>", "")),
    ],
)
def test_a_damaged_part_is_an_error_of_the_file(part, change):
    with in_spanish.refusal(match="the workbook is damaged") as caught:
        read(book(TABLE, part, change))
    assert (caught.value.rule, caught.value.where) == ("unreadable-file", "raw.xlsx")


def test_a_header_without_rows_is_a_table_without_rows():
    got = read(book({"A1": "id", "B1": "x"}))
    assert (got.frame.shape, [*got.frame.columns]) == ((0, 3), ["id", "x", "__line__"])


def test_a_formula_without_a_result_in_the_first_row_below_the_header():
    found = read(book(TABLE | {"B2": "=1+1"})).findings
    assert [(f.rule, f.column, f.line) for f in found] == [("formula-without-value", "x", 2)]


def test_a_cell_right_of_the_header_has_no_column():
    found = read(book(TABLE | {"C2": "note"})).findings
    assert [(f.rule, f.column, f.line) for f in found] == [("ragged-row", "", 2)]


def test_rows_without_a_number_are_counted():
    data = book(TABLE, SHEET, lambda text: re.sub(r'<(row|c) r="[A-Z]*\d+"', r"<\1", text))
    assert read(data).frame["x"].tolist() == ["7"]
    assert workbook_layout.layout(data, SHEET, "raw.xlsx").last_row == 2


def test_the_last_row_that_a_sheet_can_have_is_a_row():
    def in_row(row: int) -> bytes:
        moved = partial(re.sub, r'(?<= r=")([AB]?)2"', rf'\g<1>{row}"')
        return book(TABLE, SHEET, moved)

    assert workbook_layout.layout(in_row(1_048_576), SHEET, "raw.xlsx").last_row == 1_048_576
    with in_spanish.refusal(match="row 1048577 comes after row 1"):
        workbook_layout.layout(in_row(1_048_577), SHEET, "raw.xlsx")


def test_the_last_column_that_a_sheet_can_have_is_a_column():
    got = read(book(TABLE | {"XFD2": "z"}))
    assert [(f.rule, f.line) for f in got.findings] == [("ragged-row", 2)]
    further = book(TABLE | {"XFD2": "z"}, SHEET, lambda text: text.replace("XFD2", "XFE2"))
    with in_spanish.refusal(match="row 2 are out of order"):
        read(further)


def test_numbers_are_looked_for_in_every_column_of_text(tiny):
    """Columns of numbers, and those without a number in them, stand between the others."""
    tiny.write()
    dictionary = read_dictionary(tiny.config, ("baseline", "endline", "frame"))
    numbers = {
        "duracion": NumberCells(line=2, count=2, of=2),
        "municipio": NumberCells(line=3, count=1, of=2),
        "version": NumberCells(line=2, count=2, of=2),
    }
    delivered = Delivered(frame=pd.DataFrame(), numbers=numbers)
    found = list(embedded_labels.check(file(), delivered, dictionary))
    assert [(f.column, f.severity, f.line) for f in found] == [
        ("municipio", "error", 3),
        ("version", "warn", 2),
    ]
    assert in_spanish.unknown_findings(found) == []


@pytest.mark.parametrize(("merged", "touches"), CASES["merged"])
def test_merged_cells_are_told_where_they_touch_the_table(merged, *, touches):
    found = workbook_layout.SheetLayout(merged=[merged], last_row=20, last_column=9)
    told = workbook_layout.layout_findings(found, file(), width=2, lines=(4, 9))
    assert [f.rule for f in told] == (["merged-cells"] if touches else [])


def test_a_sheet_as_csv_is_parted_where_most_of_its_header_is_known():
    header = ("id", "name", "age")
    for line, cells in (
        (b"id,name,age\n1,Ana;Gil,30\n", ["1", "Ana;Gil", "30"]),
        # by each mark the line holds a column: by one of them it holds them all
        (b"age;x,id,name\n30;y,1,Ana\n", ["30;y", "1", "Ana"]),
    ):
        read_back = sheets.read_delimited(line, "s.csv", sheet="s", header=header)
        assert [cell.text for cell in read_back.lines[1].cells] == cells


def test_a_row_of_a_sheet_as_csv_whose_quotes_do_not_close_is_named():
    with pytest.raises(SpecError, match="unexpected end of data") as caught:
        sheets.read_delimited(b'id,name\n1,"Ana\n', "s.csv", sheet="s", header=("id",))
    assert str(caught.value.where) == "s.csv:2"
