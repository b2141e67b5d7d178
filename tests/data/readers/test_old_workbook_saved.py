"""Workbooks of the old .xls format that other programs saved, beside those of the new one."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from evaluation.data.readers.sheets import Xls, Xlsx
from evaluation.errors import DataError
from tests.conftest import absent, shared_data
from tests.data.readers.other_formats import redeliver
from tests.data.readers.test_workbook import NUMBERS, xlsx_bytes
from tests.fixtures.tiny import Tiny

HOMICIDES = "police_homicides"


def deliver(tiny: Tiny) -> None:
    """The endline as another program saves it in the old format."""
    office = shutil.which("soffice")
    if office is None:
        absent("soffice (LibreOffice) is not on PATH, so nothing can be saved in the old format")
    tiny.write()
    folder = tiny.root / "office"
    folder.mkdir(exist_ok=True)
    (folder / "endline.xlsx").write_bytes(xlsx_bytes(tiny.endline, numbers=NUMBERS))
    command = [office, "--headless", "--convert-to", "xls:MS Excel 97", "--outdir", str(folder)]
    command.append(str(folder / "endline.xlsx"))
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    data = (folder / "endline.xls").read_bytes()
    redeliver(tiny, "endline.dta", "endline.xls", data, keys='sheet = "data"\n')


def test_a_study_reads_the_same_from_it(tiny):
    deliver(tiny)
    tiny.run()
    assert tiny.findings().empty
    got = tiny.panel().drop(columns="row_key")
    (tiny.raw / "endline.xls").unlink()
    tiny.write()
    tiny.run()
    pd.testing.assert_frame_equal(got, tiny.panel().drop(columns="row_key"))


def test_a_blank_that_no_dictionary_declares_is_a_finding(tiny):
    """So the error of a formula, which reads as a blank, cannot pass for an answer."""
    tiny.endline[2]["peso"] = ""
    deliver(tiny)
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    assert found[["rule", "column", "row_key"]].to_numpy().tolist() == [
        ["blank", "peso", "endline.xls:4"]
    ]


def homicides() -> list[Path]:
    return sorted(shared_data(HOMICIDES).glob("*.xls*"))


@pytest.mark.parametrize("number", [2, pytest.param(16, marks=pytest.mark.long)])
def test_real_workbooks_of_both_formats_are_read_whole(number):
    """Their last rows give the total of all others: it must come out, file by file.

    Source: Policía Nacional de Colombia, homicides 2003 to 2024. Nothing in them is repeated here.
    """
    without_total = []
    # the smallest of each format, or all
    by_size = sorted(homicides(), key=lambda path: path.stat().st_size)
    formats = [[path for path in by_size if path.suffix == end] for end in (".xls", ".xlsx")]
    for path in (path for paths in formats for path in paths[:number]):
        kind = Xls if path.suffix == ".xls" else Xlsx
        book = kind(path.read_bytes(), path.name)
        (sheet,) = book.tables
        rows = list(book.rows(sheet))
        heads = [[cell.text.strip() for cell in row] for row in rows]
        head = next(i for i, texts in enumerate(heads) if "DEPARTAMENTO" in texts)
        counted = heads[head].index("CANTIDAD")
        body = [row for row in rows[head + 1 :] if any(c.kind == "date" for c in row)]
        below = [row for row in rows[head + 1 :] if not any(c.kind == "date" for c in row)]
        assert all(cell.text for row in body for cell in row)
        assert {row[counted].kind for row in body} == {"number"}
        # the table is one block: nothing of it stands below its first row without a day
        assert rows[head + 1 : head + 1 + len(body)] == body
        totals = [int(c.text) for row in below for c in row if c.kind == "number"]
        without_total += [path.name] if not totals else []
        assert totals in ([], [sum(int(row[counted].text) for row in body)]), path.name
    assert len(without_total) <= 1
