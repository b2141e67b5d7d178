"""Workbooks: texts exactly, numbers without noise, and everything that a sheet hides is said."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart
from openpyxl.workbook.workbook import Workbook

from evaluation.config.file_layout import Export, Repeat
from evaluation.config.manifest import RawFile, _check_export
from evaluation.config.toml_reader import TomlFile
from evaluation.data.readers import workbook, workbook_layout
from evaluation.data.readers.raw_table import Delivered, NumberCells
from evaluation.data.readers.read import read_file
from evaluation.errors import DataError, SpecError
from tests.data import in_spanish
from tests.data.readers.other_formats import redeliver
from tests.fixtures.tiny import Row, Tiny
from tests.tables import cases

CASES = cases(__file__)

SHEET = "xl/worksheets/sheet1.xml"


def file(**declared) -> RawFile:
    return RawFile(
        id="f", path="raw.xlsx", role="baseline", round="baseline", sha256="",
        rows=2, origin="test", **({"sheet": "data", "format": "xlsx"} | declared),
    )  # fmt: skip


def book(*rows: list, change: Callable[[Workbook], object] | None = None) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "data"
    for row in rows:
        made.active.append(row)
    if change is not None:
        change(made)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def repacked(data: bytes, change: Callable[[str], str], *, part: str = SHEET) -> bytes:
    """The workbook with the text of one of its parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == part else content)
    return target.getvalue()


def read(data: bytes, **declared) -> Delivered:
    made = workbook.read(data, file(**declared))
    assert in_spanish.unknown_findings(made.findings) == []
    return made


def rules(got: Delivered) -> list[tuple[str, str, str, int]]:
    return [(f.rule, f.severity, f.column, f.line) for f in got.findings]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (" NA ", " NA "),
        ("a\nb", "a\nb"),
        ("línea_x000D_2", "línea\r2"),
        (7, "7"),
        (7.0, "7"),
        (-2.5, "-2.5"),
        # stored with seventeen digits as 0.10000000000000001
        (0.1, "0.1"),
        (15_000_000_000, "15000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.date(2021, 5, 31), "2021-05-31"),
        (datetime.datetime(2021, 5, 31, 8, 5), "2021-05-31 08:05:00"),
        (datetime.datetime(2021, 5, 31), "2021-05-31 00:00:00"),
        (datetime.datetime(2021, 5, 31, 23, 59, 59), "2021-05-31 23:59:59"),
        (datetime.time(8, 5), "08:05:00"),
        (datetime.timedelta(hours=26, minutes=1), "26:01:00"),
        (None, ""),
    ],
)
def test_every_kind_of_cell_becomes_the_text_it_shows(value, text):
    got = read(book(["id", "x"], ["a", value]))
    assert got.frame["x"].tolist() == [text]
    assert got.findings == []


def test_noise_of_a_stored_number_is_not_text():
    data = book(["x"], [0.5], [44347.5])
    noisy = repacked(data, lambda t: t.replace("<v>0.5<", "<v>0.10000000000000001<"))
    assert read(noisy).frame["x"].tolist() == ["0.1", "44347.5"]


def test_moments_are_rounded_to_the_second_they_were_typed_as():
    # 8:05 is 0.33680555... of a day, which no binary fraction is
    data = book(["x"], [datetime.datetime(2021, 5, 31, 8, 5)])
    cut = repacked(data, lambda t: re.sub(r"<v>44347\.3368\d+<", "<v>44347.3368055<", t))
    assert read(cut).frame["x"].tolist() == ["2021-05-31 08:05:00"]


def test_days_are_counted_from_where_the_workbook_says():
    def from_1904(made: Workbook) -> None:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    # day 42,885 from 1 January 1904
    data = book(["x"], [datetime.date(2021, 5, 31)], change=from_1904)
    assert "<v>42885</v>" in zipfile.ZipFile(io.BytesIO(data)).read(SHEET).decode()
    assert read(data).frame["x"].tolist() == ["2021-05-31"]


def test_the_line_is_the_row_and_blank_rows_at_the_end_are_nothing():
    got = read(book(["id", "x"], ["a", 1], ["b", None], [None, None], ["", None]))
    assert got.frame["__line__"].tolist() == [2, 3]
    assert got.frame["x"].tolist() == ["1", ""]
    assert got.numbers == {"x": NumberCells(line=2, count=1, of=1)}
    assert got.findings == []


def test_rows_after_a_blank_row_are_read_and_reported():
    got = read(book(["id", "x"], ["a", 1], [], ["total", 1]))
    assert got.frame["id"].tolist() == ["a", "total"]
    assert got.frame["__line__"].tolist() == [2, 4]
    assert rules(got) == [("rows-after-blank", "error", "", 3)]


def test_several_rows_after_blank_rows_are_one_error_at_the_first_blank_one():
    got = read(book(["id", "x"], ["a", 1], [], ["total", 1], [], [], ["note", 2], ["b", 3], []))
    assert rules(got) == [("rows-after-blank", "error", "", 3)]
    said = str(got.findings[0].problem)
    assert said.startswith("3 rows with values follow")
    assert "3 blank rows" in said


def test_errors_and_formulas_without_a_result_are_reported_with_their_cells():
    got = read(book(["id", "x"], ["a", "#N/A"], ["b", "=1+1"], ["c", "=2+2"]))
    assert rules(got) == [
        ("error-cell", "error", "x", 2),
        ("formula-without-value", "error", "x", 3),
    ]
    assert "(B2)" in str(got.findings[0].problem)
    assert str(got.findings[1].problem).startswith("2 cells")
    assert "(first: B3)" in str(got.findings[1].problem)


def test_the_stored_result_of_a_formula_is_its_text():
    data = book(["id", "x", "s"], ["a", "=1+1", '=""'])
    stored = repacked(
        data,
        # openpyxl writes the empty result as one mark or as two, with lxml beside it or without
        lambda t: re.sub(r"(?<=<f>1\+1</f>)(<v></v>|<v ?/>)", "<v>2</v>", t).replace(
            '<c r="C2"><f>', '<c r="C2" t="str"><f>'
        ),
    )
    got = read(stored)
    assert got.frame[["x", "s"]].to_numpy().tolist() == [["2", ""]]
    assert got.findings == []


def test_digits_beyond_the_fifteenth_are_a_warning():
    got = read(book(["x"], [1234567890123456], [123456789012345]))
    assert rules(got) == [("lost-digits", "warn", "x", 2)]


def hide(made: Workbook) -> None:
    sheet = made["data"]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.column_dimensions["F"].hidden = True
    sheet.merge_cells("A4:B4")
    made.create_sheet("old").sheet_state = "veryHidden"
    made.create_sheet("older").sheet_state = "hidden"


# both are the format's word for yes
@pytest.mark.parametrize("yes", ["1", "true"])
def test_what_a_sheet_hides_is_said_and_read(yes):
    data = book(["id", "x"], ["a", 1], ["b", 2], ["c", 3], change=hide)
    got = read(repacked(data, lambda t: t.replace('hidden="1"', f'hidden="{yes}"')))
    assert got.frame["id"].tolist() == ["a", "b", "c"]
    assert rules(got) == [
        ("hidden-sheet", "info", "", 0),
        ("hidden-rows", "warn", "", 0),
        ("hidden-columns", "warn", "", 0),
        ("merged-cells", "error", "", 0),
    ]
    shown = [str(finding.problem) for finding in got.findings]
    assert "'old', 'older'" in shown[0]
    assert "row 3" in shown[1]
    # column F is beyond the table
    assert "1 hidden columns" in shown[2]
    assert "A4:B4" in shown[3]


def test_a_declared_sheet_that_is_hidden_is_a_warning():
    def change(made: Workbook) -> None:
        made.create_sheet("front")
        made["data"].sheet_state = "hidden"

    assert rules(read(book(["id"], ["a"], change=change))) == [("hidden-sheet", "warn", "", 0)]


def test_cells_beyond_the_header_are_reported():
    got = read(book(["id", "x"], ["a", 1, None, "note"], ["b", 2]))
    assert rules(got) == [("ragged-row", "error", "", 2)]
    assert "(D2)" in str(got.findings[0].problem)
    assert got.frame["x"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ([None, None], "first row of the sheet is blank"),
        (["id", None, "x"], "B1"),
        (["id", "  ", "x"], "B1"),
        (["id", "x", "id"], "A1 and C1"),
    ],
)
def test_a_header_that_names_no_columns_stops(header, problem):
    with in_spanish.refusal(match=problem) as caught:
        read(book(header, ["a", "b", "c"]))
    assert (caught.value.rule, caught.value.where) == ("header", "raw.xlsx:1")


def test_an_empty_sheet_stops():
    with in_spanish.refusal() as caught:
        read(book())
    assert caught.value.rule in ("empty-file", "header")


def test_the_size_that_a_sheet_states_cuts_nothing_off():
    data = book(["id", "x"], ["a", 1], ["b", 2])
    wrong = repacked(data, lambda t: t.replace('ref="A1:B3"', 'ref="A1:A2"'))
    assert wrong != data
    assert read(wrong).frame["x"].tolist() == ["1", "2"]


def test_a_sheet_of_more_cells_than_are_read_is_named(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 6)
    data = book(["id", "x"], ["a", 1], ["b", 2])
    assert read(data).frame["x"].tolist() == ["1", "2"]
    monkeypatch.setattr(workbook, "MOST_CELLS", 5)
    with in_spanish.refusal(match="3 rows and 2 columns") as caught:
        read(data)
    assert caught.value.where == "raw.xlsx"


@pytest.mark.parametrize(("old", "new"), CASES["dropped"])
def test_rows_that_the_library_would_drop_or_invent_stop(old, new):
    data = book(["id", "x"], ["a", 1], ["b", 2])
    changed = repacked(data, lambda t: t.replace(old, new))
    assert changed != repacked(data, lambda t: t)
    with in_spanish.refusal() as caught:
        read(changed)
    assert (caught.value.rule, caught.value.where) == ("unreadable-file", "raw.xlsx")


def test_a_row_that_stands_twice_stops():
    data = book(["id", "x"], ["a", 1], ["b", 2])
    twice = repacked(data, lambda t: re.sub(r'r="([AB]?)3"', r'r="\g<1>2"', t))
    with in_spanish.refusal(match="row 2 comes after row 2"):
        read(twice)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not a workbook"),
        (b"id,x\n1,2\n", "not a workbook"),
        (b"PK\x03\x04" + b"\0" * 100, r"damaged \(BadZipFile\)"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "password, or of the old .xls format"),
    ],
)
def test_another_file_is_refused(data, problem):
    with in_spanish.refusal(match=problem) as caught:
        read(data)
    assert caught.value.rule == "unreadable-file"


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.999])
def test_a_cut_workbook_is_refused(share):
    whole = book(["id", "x"], *([f"p{i}", i] for i in range(300)))
    with in_spanish.refusal() as caught:
        read(whole[: int(len(whole) * share)])
    assert caught.value.rule == "unreadable-file"


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_workbook_with_damaged_bytes_is_refused(place):
    whole = book(["id", "x"], *([f"p{i}", i] for i in range(3000)))
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        part = package.getinfo(SHEET)
    at = part.header_offset + 100 + int(part.compress_size * place)
    broken = whole[:at] + bytes(b ^ 0xFF for b in whole[at : at + 40]) + whole[at + 40 :]
    with in_spanish.refusal() as caught:
        read(broken)
    assert caught.value.rule == "unreadable-file"


def test_a_bomb_is_refused_by_its_directory():
    # 3 MB of blanks in a few kilobytes, where 1 MB is the limit
    bomb = repacked(book(["id"], ["a"]), lambda t: t.replace("<sheetData>", " " * 3_000_000))
    assert len(bomb) < 20_000
    with in_spanish.refusal(match="3 MB when unpacked; the limits are") as caught:
        read(bomb, export=Export(largest_mb=1))
    assert caught.value.rule == "too-large"


def test_a_workbook_too_large_is_named(monkeypatch):
    monkeypatch.setattr(workbook_layout, "MOST_PARTS", 2)
    with pytest.raises(DataError, match="parts") as caught:
        workbook.read(book(["id"], ["1"]), file())
    assert caught.value.where == "raw.xlsx"


def test_a_bomb_whose_directory_lies_is_refused():
    bomb = repacked(book(["id"], ["a"]), lambda t: t.replace("<sheetData>", " " * 3_000_000))
    with zipfile.ZipFile(io.BytesIO(bomb)) as package:
        size = package.getinfo(SHEET).file_size
    lying = bomb.replace(size.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert lying != bomb
    with in_spanish.refusal() as caught:
        read(lying, export=Export(largest_mb=1))
    assert caught.value.rule == "unreadable-file"


def test_entities_that_multiply_are_refused():
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )

    def laughs(text: str) -> str:
        return f"<!DOCTYPE w [{entities}]>" + text.replace(">a<", ">&j;<")

    with in_spanish.refusal() as caught:
        read(repacked(book(["id"], ["a"]), laughs))
    assert caught.value.rule == "unreadable-file"


def test_an_encrypted_part_is_refused():
    data = bytearray(book(["id"], ["a"]))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with in_spanish.refusal(match="encrypted"):
        read(bytes(data))


def test_macros_are_not_looked_at():
    target = io.BytesIO(book(["id"], ["a"]))
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\0" * 100)
    assert read(target.getvalue()).frame["id"].tolist() == ["a"]


def test_a_sheet_that_is_not_there_or_holds_no_cells_is_named():
    with in_spanish.refusal(match=r"no sheet 'Data' .* \(it has: 'data'\)") as caught:
        read(book(["id"]), sheet="Data")
    assert (caught.value.rule, str(caught.value.fix)) == (
        "sheet",
        "correct `sheet` in manifest.toml",
    )

    def chart(made: Workbook) -> None:
        made.create_chartsheet("chart").add_chart(BarChart())

    with in_spanish.refusal() as caught:
        read(book(["id"], change=chart), sheet="chart")
    assert caught.value.rule == "sheet"


def test_garbled_text_is_reported_with_its_row():
    got = read(book(["id", "x"], ["a", "sí"], ["b", "MedellÃ\xadn"]))
    assert rules(got) == [("garbled-text", "error", "x", 3)]
    # nobody declares the encoding of a workbook
    assert "encoding" not in str(got.findings[0].fix)


def xlsx_bytes(rows: list[Row], *, numbers: tuple[str, ...]) -> bytes:
    """The rows of the endline: numbers as numbers where named, all other cells as text."""
    cells = [
        [
            float(row[name]) if name in numbers and row[name] else row[name] or None
            for name in rows[0]
        ]
        for row in rows
    ]
    return book(list(rows[0]), *cells)


NUMBERS = ("duracion", "acepta", "peso", "t1", "t2", "v1", "v2", "x2")


def deliver(tiny: Tiny, *, numbers: tuple[str, ...] = NUMBERS) -> None:
    tiny.write()
    data = xlsx_bytes(tiny.endline, numbers=numbers)
    redeliver(tiny, "endline.dta", "endline.xlsx", data, keys='sheet = "data"\n')


def test_a_study_reads_the_same_from_a_workbook(tiny):
    deliver(tiny)
    tiny.run()
    assert tiny.findings().empty
    got = tiny.panel().drop(columns="row_key")
    (tiny.raw / "endline.xlsx").unlink()
    tiny.write()
    tiny.run()
    pd.testing.assert_frame_equal(got, tiny.panel().drop(columns="row_key"))


def number_ids(tiny: Tiny) -> None:
    for rows in (tiny.baseline, tiny.endline):
        for row in rows:
            row["id_persona"] = (
                "1" + row["id_persona"][1:].zfill(3) + str(ord(row["id_persona"][0]))
            )


def test_ids_stored_as_numbers_are_a_warning(tiny):
    number_ids(tiny)
    deliver(tiny, numbers=(*NUMBERS, "id_persona"))
    tiny.run()
    findings = tiny.findings()
    assert findings[["rule", "severity", "column", "row_key"]].to_numpy().tolist() == [
        ["number-in-text-column", "warn", "id_persona", "endline.xlsx:2"]
    ]
    assert "24 of 24 cells" in findings["problem"].iloc[0]


def test_ids_of_which_some_are_numbers_are_an_error(tiny):
    number_ids(tiny)
    tiny.write()
    rows = [[*row.values()] for row in tiny.endline]
    for row in rows[10:]:
        row[0] = int(row[0])
    data = book(list(tiny.endline[0]), *[[c or None for c in row] for row in rows])
    redeliver(tiny, "endline.dta", "endline.xlsx", data, keys='sheet = "data"\n')
    with pytest.raises(DataError):
        tiny.run_read()
    errors = tiny.records("private/findings_error.csv")
    assert errors[["rule", "row_key"]].to_numpy().tolist() == [
        ["number-in-text-column", "endline.xlsx:12"]
    ]
    assert "14 of 24 cells" in errors["problem"].iloc[0]


REPEAT = Repeat(member="people", parent="_parent_index", key="_index", most=2)
PEOPLE = (["home/age", "_index", "_parent_index"], [30, 1, 2], [4, 2, 2], [51, 3, 1])


def with_people(*rows: list) -> bytes:
    def added(made: Workbook) -> None:
        for row in rows:
            (made["people"] if "people" in made else made.create_sheet("people")).append(row)

    return book(["id", "_index"], ["a", 1], ["b", 2], change=added)


def test_repeats_lie_in_sheets_of_their_own(tmp_path):
    path = tmp_path / "raw.xlsx"
    path.write_bytes(with_people(*PEOPLE))
    export = Export(groups="drop /", repeat=(REPEAT,))
    found = read_file(file(export=export), path)
    assert found.findings == ()
    assert found.frame[["id", "age_1", "age_2"]].to_numpy().tolist() == [
        ["a", "51", ""],
        ["b", "30", "4"],
    ]
    # a row of nobody, and one too many, are told by the sheet's name
    path.write_bytes(with_people(*PEOPLE, [7, 4, 9], [8, 5, 2]))
    said = read_file(file(export=export), path).findings
    assert {(f.file, f.line) for f in said} == {("raw.xlsx/people", 5), ("raw.xlsx/people", 6)}
    assert "data" in " ".join(str(f.problem) for f in said)
    with pytest.raises(DataError, match=r"raw\.xlsx/people"):
        read_file(file(export=export), path_without(tmp_path))


def path_without(tmp_path):
    path = tmp_path / "bare.xlsx"
    path.write_bytes(book(["id", "_index"], ["a", 1], ["b", 2]))
    return path


def test_a_workbook_declares_repeats_and_no_members():
    toml = TomlFile("tiny/manifest.toml")
    _check_export(file(export=Export(repeat=(REPEAT,))), toml, "file.f")
    for wrong in (Export(member="x"), Export(ignore_members=("*",))):
        with pytest.raises(SpecError, match="names members, but the file is no archive"):
            _check_export(file(export=wrong), toml, "file.f")
    with pytest.raises(SpecError, match="names members, but the file is no archive"):
        _check_export(file(export=Export(repeat=(REPEAT,)), format="csv"), toml, "file.f")
    with pytest.raises(SpecError, match="names a member twice"):
        _check_export(file(export=Export(repeat=(REPEAT,)), sheet="people"), toml, "file.f")
