"""The old .xls format behind the same door.

``small.xls`` is invented: one sheet of every kind of cell, one hidden.
"""

from pathlib import Path

import pytest

from evaluation.config.file_layout import Export, TextCells
from evaluation.config.manifest import RawFile
from evaluation.data.readers import workbook
from evaluation.data.readers.raw_table import NumberCells
from evaluation.data.readers.sheets import Xls
from evaluation.data.readers.workbook_layout import SheetLayout
from evaluation.fieldwork.drafting import manifest_draft
from tests.data import in_spanish

SMALL = Path(__file__).parent / "small.xls"


def file(**declared) -> RawFile:
    return RawFile(
        id="f", path="raw.xls", role="baseline", round="baseline", format="xls", sha256="",
        rows=13, origin="test", **({"sheet": "data"} | declared),
    )  # fmt: skip


def test_every_kind_of_cell_becomes_the_text_it_shows():
    got = workbook.read(SMALL.read_bytes(), file())
    assert got.frame["x"].tolist() == [
        "007",
        " NA ",
        "línea",
        "7",
        "-2.5",
        "0.1",
        "15000000000",
        "TRUE",
        "2021-05-31",
        "2021-05-31 08:05:00",
        "",
        # an error of a formula: the library gives a blank
        "",
        "",
    ]
    assert got.frame["__line__"].tolist() == list(range(2, 15))
    assert got.numbers == {"x": NumberCells(line=5, count=4, of=10)}


def test_hidden_sheets_and_merged_cells_are_said():
    found = workbook.read(SMALL.read_bytes(), file()).findings
    assert in_spanish.unknown_findings(found) == []
    assert [(f.rule, f.severity) for f in found] == [
        ("hidden-sheet", "info"),
        ("merged-cells", "error"),
    ]
    assert "A14:B14" in str(found[1].problem)


def test_numbers_and_days_are_written_as_the_file_s_texts_are():
    marks = TextCells(decimal=",", date="%d/%m/%Y")
    got = workbook.read(SMALL.read_bytes(), file(text_cells=marks)).frame["x"].tolist()
    assert [got[4], got[8], got[9]] == ["-2,5", "31/05/2021", "31/05/2021 08:05:00"]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.99])
def test_a_cut_or_damaged_workbook_is_refused(share):
    whole = SMALL.read_bytes()
    with in_spanish.refusal() as caught:
        workbook.read(whole[: int(len(whole) * share)], file())
    assert (caught.value.rule, caught.value.where) == ("unreadable-file", "raw.xls")


def test_a_file_larger_than_declared_is_refused():
    data = SMALL.read_bytes() + bytes(1_100_000)
    with in_spanish.refusal(match="the limits are 5,000 parts and 1 MB") as caught:
        workbook.read(data, file(export=Export(largest_mb=1)))
    assert (caught.value.rule, caught.value.where) == ("too-large", "raw.xls")


def test_rows_and_columns_before_the_first_cell_are_counted():
    """As a workbook numbers them: the one cell of the hidden sheet, moved from A1 to B3."""
    data = SMALL.read_bytes()
    # a cell of text: its mark and length, then its row and column
    mark = b"\xfd\x00\x0a\x00"
    at = data.rindex(mark) + len(mark)
    assert data[at : at + 4] == bytes(4)
    moved = Xls(data[:at] + b"\x02\x00\x01\x00" + data[at + 4 :], "raw.xls")
    found = [[cell.text for cell in row] for row in moved.rows("old")]
    assert found == [["", ""], ["", ""], ["", "x"]]
    assert moved.layout("old") == SheetLayout(last_row=3, last_column=2)


def test_a_sheet_that_is_not_there_is_named():
    with in_spanish.refusal(match=r"no sheet 'Data' .* \(it has: 'data', 'old'\)"):
        workbook.read(SMALL.read_bytes(), file(sheet="Data"))


def test_an_entry_is_drafted_from_it():
    _, text = manifest_draft.draft("small.xls", SMALL.read_bytes())
    assert 'format = "xls"' in text
    assert 'sheet = "data"' in text
