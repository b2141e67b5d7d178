"""The workbook of all tables: an index that leads to every sheet, and sheets that stand alone."""

import dataclasses
import io
import zipfile

import openpyxl
import pytest

from evaluation.report.formats import table_writers
from tests.report.formats.test_writers import PAYLOADS, small_table


def tables_in(language="en", *, synthetic=True):
    made = dataclasses.replace(small_table(*PAYLOADS, synthetic=synthetic), language=language)
    return [
        dataclasses.replace(made, id=f"tbl-{name}", code=f"SM-T0{i}", title=f"Title {i}")
        for i, name in enumerate(("one", "two"), start=1)
    ]


def opened(made):
    return openpyxl.load_workbook(io.BytesIO(table_writers.to_workbook(made, title="The study")))


def texts_of(sheet):
    return [str(c.value) for line in sheet.iter_rows() for c in line if c.value is not None]


@pytest.mark.parametrize(
    ("language", "index", "data"), [("en", "index", "data"), ("es", "índice", "datos")]
)
def test_two_sheets_a_table_behind_an_index_the_one_to_read_first(language, index, data):
    book = opened(tables_in(language))
    assert book.sheetnames == [
        index, "SM-T01", f"SM-T01 {data}", "SM-T02", f"SM-T02 {data}",
    ]  # fmt: skip
    links = {c.value: c.hyperlink.location for line in book[index].iter_rows() for c in line
             if c.hyperlink}  # fmt: skip
    assert links == {code: f"'{code}'!A1" for code in ("SM-T01", "SM-T02")}
    for name in book.sheetnames[1:]:
        assert book[name]["A1"].hyperlink.location == f"'{index}'!A1"


@pytest.mark.parametrize(
    ("language", "mark"), [("en", "SYNTHETIC DATA: "), ("es", "DATOS SINTÉTICOS: ")]
)
def test_each_sheet_says_what_it_is(language, mark):
    book = opened(tables_in(language))
    for number, code in enumerate(("SM-T01", "SM-T02"), start=1):
        texts = texts_of(book[code])
        assert texts[1].startswith(mark)
        assert texts[2].startswith(f"{code} v0.1 · tbl-")
        assert {"=note", "second", "Cite me", f"Plan checksum: {'a1' * 32}"} <= {
            text.replace("Suma de verificación del plan", "Plan checksum") for text in texts
        }
        data = texts_of(book.worksheets[2 * number])
        assert data[1].startswith(mark)
        assert f"Title {number}" in data[2]
        assert "Cite me" in data
    assert any(text.startswith(mark) for text in texts_of(book.worksheets[0]))


def test_rows_are_those_of_the_table_and_numbers_are_numbers():
    made = tables_in()
    sheet = opened(made)["SM-T01 data"]
    (line,) = [row for row in sheet.iter_rows(values_only=True) if row[0] == "two"]
    assert line[2] == -0.004
    assert line[6] == 7012


def test_a_long_note_is_wrapped_over_several_columns_in_a_row_that_is_high_enough():
    made = [dataclasses.replace(t, notes=("word " * 100,)) for t in tables_in()]
    sheet = opened(made)["SM-T01"]
    (cell,) = [c for line in sheet.iter_rows() for c in line if c.value == "word " * 100]
    assert any(cell.coordinate in joined for joined in sheet.merged_cells.ranges)
    # 500 characters on lines of at least 110 and at most 170, 15 points each
    assert 45 <= sheet.row_dimensions[cell.row].height <= 90


def test_its_only_links_lead_inside_and_no_text_is_a_formula():
    data = table_writers.to_workbook(tables_in(), title="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
    assert all(c.hyperlink.target is None for c in cells if c.hyperlink)
    assert set(PAYLOADS) <= {c.value for c in cells}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b'TargetMode="External"' in archive.read(n) for n in archive.namelist())


def test_a_real_study_has_no_mark():
    book = opened(tables_in(synthetic=False))
    assert not any("SYNTHETIC" in text for sheet in book for text in texts_of(sheet))


def test_bytes_depend_on_the_tables_alone():
    first, second = (table_writers.to_workbook(tables_in(), title="T") for _ in range(2))
    assert first == second
