"""The office's workbook: out, through what spreadsheet programs do to it, and back into the ledger.

The expected ledger lines are written down here; no number in this file is estimated.
"""

import argparse
import datetime
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from evaluation.cli import corrections
from evaluation.errors import DataError
from evaluation.storage.folders import add_common
from tests.conftest import absent
from tests.fieldwork.office import (
    BOOK,
    EXPECTED,
    SIGNED,
    at,
    command,
    decided,
    excel_rows,
    read_book,
    save_book,
    save_csv,
    written,
)
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)


@pytest.fixture
def office(tiny: Tiny) -> Tiny:
    """Two pairs of duplicates, an unlisted code, a date of another year, a short interview.

    Ids begin with zeros; those of the first pair look like the numbers that spreadsheets make.
    """
    for rows in (tiny.baseline, tiny.endline):
        for row in rows:
            row["id_persona"] = row["id_persona"].replace("p", "00123").replace("q", "00456")
    first = tiny.baseline[4]
    tiny.baseline[5] = first | {"t1": "", "v1": "", "v2": ""}
    tiny.baseline[10]["id_persona"] = tiny.baseline[9]["id_persona"]
    tiny.baseline[12]["t1"] = "44"
    tiny.baseline[14]["peso"] = "1.5.0"
    tiny.endline[3]["fecha"] = "2023-11-04"
    tiny.endline[8]["duracion"] = "3"
    tiny.write()
    tiny.run_read()
    command("to-xlsx")
    return tiny


def test_the_workbook_is_text_with_lists_a_protected_header_and_no_surprises(office):
    first = Path(BOOK).read_bytes()
    command("to-xlsx")
    assert Path(BOOK).read_bytes() == first
    book = openpyxl.load_workbook(BOOK)
    assert book.sheetnames == ["duplicates", "to correct", "ledger", "instructions"]
    for sheet in book.worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {(c.number_format, c.data_type) for c in cells if c.value is not None} == {
            ("@", "s")
        }
        assert sheet.protection.sheet
    for name in ("duplicates", "to correct"):
        sheet = book[name]
        assert all(cell.protection.locked for cell in sheet[1])
        below = [cell for row in sheet["A2:N4"] for cell in row]
        assert not any(cell.protection.locked for cell in below)
        assert {cell.number_format for cell in below} == {"@"}
        (rule,) = sheet.data_validations.dataValidation
        assert rule.formula1 == '"keep,drop,new id,set,merge"'
        header = [cell.value for cell in sheet[1]]
        letter = sheet.cell(1, header.index("decision") + 1).column_letter
        assert str(rule.sqref).startswith(f"{letter}2:{letter}")
        assert header[-1] == "synthetic"
        assert {row[-1].value for row in sheet.iter_rows(min_row=2)} == {"SYNTHETIC"}


def test_one_row_for_each_row_of_a_group_and_one_for_each_other_finding(office):
    book = read_book(Path(BOOK))
    copies = [(r["group"], r["file"], r["line"], r["round"]) for r in book["duplicates"]]
    assert copies == [
        ("1", "baseline.csv", "6", "baseline"),
        ("1", "baseline.csv", "7", "baseline"),
        ("2", "baseline.csv", "11", "baseline"),
        ("2", "baseline.csv", "12", "baseline"),
    ]
    assert {r["rule"] for r in book["duplicates"]} == {"duplicate-id"}
    others = {(r["file"], r["line"], r["column"], r["rule"]) for r in book["to correct"]}
    assert others >= {
        ("baseline.csv", "14", "t1", "unlisted-code"),
        ("baseline.csv", "16", "peso", "not-a-number"),
        ("endline.dta", "4", "fecha", "wrong-round"),
        ("endline.dta", "9", "duracion", "short-interview"),
    }
    assert "duplicate-id" not in {rule for *_, rule in others}


def test_ids_and_answers_stand_in_the_private_folder_alone(office):
    assert "0012304" in {r["id"] for r in read_book(Path(BOOK))["duplicates"]}
    command("to-xlsx", "--out", "build/tiny/for_the_office.xlsx")
    book = openpyxl.load_workbook("build/tiny/for_the_office.xlsx")
    texts = {str(c.value) for sheet in book.worksheets for row in sheet.iter_rows() for c in row}
    assert "baseline.csv" in texts
    assert not {t for t in texts if t.startswith(("00123", "00456", "Persona"))}
    assert not {"44", "1.5.0", "2023-11-04"} & texts


def test_a_workbook_saved_again_becomes_signed_lines_once(office, tmp_path, capsys):
    path = save_book(decided(read_book(Path(BOOK))), tmp_path / "back.xlsx")
    before = (office.config / "corrections.csv").read_bytes()
    command("from-xlsx", str(path))
    assert (office.config / "corrections.csv").read_bytes() == before
    said = capsys.readouterr().out
    assert "nothing is written" in said
    assert "not in the workbook" not in said
    assert "0012304" not in said
    assert "0099911" not in said
    command("from-xlsx", str(path), "--write")
    assert written(office) == EXPECTED
    after = (office.config / "corrections.csv").read_bytes()
    assert after.startswith(before)
    capsys.readouterr()
    command("from-xlsx", str(path), "--write")
    assert "0 new, 6 already in the ledger" in capsys.readouterr().out
    assert (office.config / "corrections.csv").read_bytes() == after
    office.run()
    assert set(office.findings()["severity"]) == {"info"}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-8"])
def test_csv_as_a_colombian_excel_saves_it(office, tmp_path, encoding):
    book = decided(read_book(Path(BOOK)))
    paths = []
    for name in ("duplicates", "to correct"):
        rows = excel_rows(book[name])
        blank = dict.fromkeys(rows[0], "")
        shuffled = [blank, *reversed(rows), blank, blank]
        # the columns of ids and rounds at the end, as somebody moved them
        moved = [{k: r[k] for k in sorted(r, key=lambda k: k in ("id", "round"))} for r in shuffled]
        path = tmp_path / f"Libro1 - {name}.csv"
        paths.append(save_csv(moved, path, delimiter=";", encoding=encoding, end="\r\n"))
    text = paths[0].read_bytes().decode(encoding)
    assert ";12304" in text
    assert "0012304" not in text
    assert "4/03/2025" in text
    command("from-xlsx", *map(str, paths), "--write")
    assert written(office) == EXPECTED


def test_numbers_and_dates_as_numbers_in_a_workbook_of_hidden_columns(office, tmp_path):
    book = decided(read_book(Path(BOOK)))
    for rows in (book["duplicates"], book["to correct"]):
        for row in rows:
            row["line"] = int(str(row["line"]))
            if str(row["delivery"]).isdecimal():
                row["delivery"] = int(str(row["delivery"]))
            if row["id"]:
                row["id"] = int(str(row["id"]))
            if row["date"]:
                row["date"] = 45720  # 4 March 2025 as a spreadsheet counts days
    at(book["duplicates"], 7)["date"] = datetime.datetime(2025, 3, 4)
    at(book["to correct"], 14, "t1")["new value"] = 4
    at(book["to correct"], 16, "peso")["new value"] = 1.5
    at(book["to correct"], 4, "fecha")["new value"] = datetime.datetime(2024, 11, 4)
    for rows in (book["duplicates"], book["to correct"]):
        rows.sort(key=lambda r: str(r["decision"]))
    path = save_book(book, tmp_path / "back.xlsx")
    made = openpyxl.load_workbook(path)
    for letter in "ADEF":
        made["duplicates"].column_dimensions[letter].hidden = True
    made.save(path)
    command("from-xlsx", str(path), "--write")
    assert written(office) == EXPECTED


def test_spanish_words_and_decimal_commas(office, tmp_path):
    command("to-xlsx", "--language", "es")
    book = openpyxl.load_workbook(BOOK)
    assert book.sheetnames == ["duplicados", "por corregir", "registro", "instrucciones"]
    sheet = book["por corregir"]
    header = [cell.value for cell in sheet[1]]
    (row,) = [r for r in sheet.iter_rows(min_row=2) if r[header.index("columna")].value == "peso"]
    assert row[header.index("qué se encontró")].value == "la celda no es un número simple"
    words = {
        "decisión": " Cambiar ",
        "valor nuevo": "1,5",
        "iniciales": "AMR",
        "motivo": "llamó la\nsupervisora",
        "fecha": "04/03/2025",
    }
    for name, text in words.items():
        row[header.index(name)].value = text
    book.save(tmp_path / "vuelta.xlsx")
    command("from-xlsx", str(tmp_path / "vuelta.xlsx"), "--write")
    assert written(office) == [EXPECTED[3]]


def test_deleted_rows_are_named(office, tmp_path, capsys):
    rows = read_book(Path(BOOK))["to correct"]
    at(rows, 14, "t1").update(decision="set", **{"new value": "4"}, **SIGNED)
    kept = [r for r in rows if r["column"] not in ("peso", "fecha")]
    path = save_csv(kept, tmp_path / "x.csv", delimiter=";", encoding="cp1252", end="\r\n")
    command("from-xlsx", str(path))
    said = capsys.readouterr().out.splitlines()
    named = {line for line in said if line.startswith("not in the workbook")}
    lead = "not in the workbook, so not decided: "
    assert f"{lead}baseline.csv:16, column peso [not-a-number]" in named
    assert f"{lead}endline.dta:4, column fecha [wrong-round]" in named
    # the sheet of duplicates was not given at all: its rows are not missed
    assert not any("duplicate-id" in line or "column t1" in line for line in named)


def test_a_row_can_be_added_to_settle_what_a_merge_needs(office, tmp_path):
    book = decided(read_book(Path(BOOK)))
    office.baseline[5]["t1"] = "3"
    office.write()
    office.run_read()
    command("to-xlsx")
    book = read_book(Path(BOOK))
    at(book["duplicates"], 6).update(decision="keep")
    at(book["duplicates"], 7).update(decision="merge", **SIGNED)
    with pytest.raises(DataError, match="differently, in t1") as caught:
        command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")
    assert "sheet duplicates, row 3, column decision" in str(caught.value)
    assert written(office) == []
    like = at(book["duplicates"], 7)
    added = {k: like[k] for k in ("file", "line", "delivery")}
    added |= {"column": "t1", "decision": "set", "new value": "1", **SIGNED}
    book["to correct"].append(added)
    command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")
    assert written(office) == [
        ("baseline.csv:6", "id_persona", "0012304", "baseline.csv:7", "merge"),
        ("baseline.csv:7", "t1", "3", "1", "set"),
    ]


@pytest.mark.parametrize(("line", "change", "column", "problem"), CASES["incomplete"])
def test_every_incomplete_row_is_one_error_and_nothing_is_written(
    office, tmp_path, line, change, column, problem
):
    book = decided(read_book(Path(BOOK)))
    rows = book["duplicates"]
    number = rows.index(at(rows, line)) + 2
    at(rows, line).update(change)
    if change == {"decision": ""}:
        number = 3 if line == 6 else number
    before = (office.config / "corrections.csv").read_bytes()
    with pytest.raises(DataError) as caught:
        command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")
    said = str(caught.value)
    assert said.startswith("config/tiny/corrections.csv: 1 error\n")
    assert f"back.xlsx: sheet duplicates, row {number}, column {column}: " in said
    assert problem in said
    assert "fix: " in said
    assert not {"0012304", "0012309"} & set(said.replace(":", " ").replace("`", " ").split())
    assert (office.config / "corrections.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("line", "column", "new", "problem"),
    [
        (14, "t1", "7", "[unlisted-code]"),
        (14, "t1", "muy", "[unlisted-code]"),
        (16, "peso", "1.500", "a mark of thousands"),
        (4, "fecha", "2024-13-01", "no day of the calendar"),
    ],
)
def test_a_new_value_that_the_dictionary_refuses(office, tmp_path, line, column, new, problem):
    book = decided(read_book(Path(BOOK)))
    at(book["to correct"], line, column)["new value"] = new
    with pytest.raises(DataError) as caught:
        command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")
    assert problem in str(caught.value)
    assert "column new value" in str(caught.value)
    assert written(office) == []


def test_a_file_that_the_office_calls_otherwise_is_known_by_its_bytes(office, tmp_path):
    book = decided(read_book(Path(BOOK)))
    for row in (*book["duplicates"], *book["to correct"]):
        if row["file"] == "baseline.csv":
            row["file"] = "export 4.csv"
    command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")
    assert written(office) == EXPECTED


def test_all_errors_come_at_once(office, tmp_path):
    book = decided(read_book(Path(BOOK)))
    at(book["duplicates"], 7)["initials"] = ""
    at(book["to correct"], 14, "t1")["date"] = ""
    with pytest.raises(DataError, match="2 errors") as caught:
        command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")))
    assert "sheet duplicates, row 3, column initials" in str(caught.value)
    assert "sheet to correct" in str(caught.value)


def test_a_decision_against_the_ledger_names_both(office, tmp_path):
    book = decided(read_book(Path(BOOK)))
    office.ledger = ["baseline,baseline.csv:14,t1,44,3,set,typed,ana,2025-01-02"]
    office.write_ledger()
    with pytest.raises(DataError, match="contradicts line 2: same row and cell"):
        command("from-xlsx", str(save_book(book, tmp_path / "back.xlsx")), "--write")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("line", "the column `line` (`línea`) is missing"),
        ("date", "the column `date` (`fecha`) is missing"),
        ("decision", "no sheet has a column of decisions"),
    ],
)
def test_a_column_that_was_deleted_is_named(office, tmp_path, name, problem):
    rows = decided(read_book(Path(BOOK)))["duplicates"]
    less = [{k: v for k, v in row.items() if k != name} for row in rows]
    path = save_csv(less, tmp_path / "x.csv", delimiter=";", encoding="utf-8", end="\n")
    with pytest.raises(DataError) as caught:
        command("from-xlsx", str(path), "--write")
    assert problem in str(caught.value)
    assert str(caught.value.where).startswith("x.csv")
    assert written(office) == []


def test_a_ledger_with_windows_line_ends_keeps_them(office, tmp_path):
    path = office.config / "corrections.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().strip().replace(b"\n", b"\r\n") + b"\r\n")
    before = path.read_bytes()
    command(
        "from-xlsx",
        str(save_book(decided(read_book(Path(BOOK))), tmp_path / "back.xlsx")),
        "--write",
    )
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") == after.count(b"\n") == 1 + len(EXPECTED)


def test_it_needs_the_stage_read(tiny):
    tiny.write()
    with pytest.raises(DataError, match="the stage read has not run"):
        command("to-xlsx")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_saved_again_by_libreoffice(office, tmp_path, ending):
    if shutil.which("soffice") is None:
        absent("soffice (LibreOffice) is not on PATH, so nothing can be saved again by it")
    source = save_book(decided(read_book(Path(BOOK))), tmp_path / "back.xlsx")
    # all sheets, ";" between cells, Windows-1252, cells as they are shown
    filters = "csv:Text - txt - csv (StarCalc):59,34,1,1,,0,false,true,false,false,false,-1"
    form = "xlsx" if ending == "xlsx" else filters
    subprocess.run(
        ["soffice", "--headless", "--convert-to", form, "--outdir", str(tmp_path / "out"), source],
        check=True,
        capture_output=True,
        timeout=300,
    )
    found = sorted((tmp_path / "out").glob(f"*.{ending}"))
    use = [path for path in found if not path.stem.endswith(("ledger", "instructions"))]
    command("from-xlsx", *map(str, use), "--write")
    assert written(office) == EXPECTED


@pytest.mark.parametrize("way", [["to-xlsx"], ["from-xlsx", "back.xlsx"], ["confirm"]])
def test_study_and_folder_may_be_named_before_the_way_and_after(way):
    named = ["--study", "small", "--data-raw", "there"]
    parser = argparse.ArgumentParser()
    add_common(parser)
    corrections.add_arguments(parser)
    for given in ([*named, *way], [*way, *named]):
        options = parser.parse_args(given)
        assert (options.study, options.data_raw) == ("small", "there")
