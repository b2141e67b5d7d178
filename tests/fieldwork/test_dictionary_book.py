"""The dictionary as a workbook and back: equal, inert, and damage told by its cell."""

import csv
import dataclasses
import datetime
import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.__main__ import main
from evaluation.config import toml_reader
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary import AskedIf, Code, CodeList, MissingCodes, Module, Variable
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.study import read_study
from evaluation.config.toml_reader import Text
from evaluation.data.readers.sheets import read_workbook
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_cells import columns, entries, put, written
from evaluation.fieldwork.dictionary_workbook import SHEETS, from_rows, headers, read_rows, to_rows
from evaluation.report.formats import xlsx
from tests.conftest import absent
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).parents[2]
STUDIES = ("somos_comunidad", "medellin")
SOURCES = ("baseline", "endline", "frame")
HEAD = "# Kept above.\n# And this.\n"
SMALL = CASES["small"]
OTHER = CASES["other"]


def dictionary_of(study: str):
    folder = ROOT / "config" / study
    sources = (*read_study(folder).rounds, *FILE_SOURCES)
    files = tuple(path.name for path in sorted((folder / "dictionary").glob("*.toml")))
    return read_dictionary(folder, sources), files, sources


def sheets_of(rows, sources):
    return [
        xlsx.listing(
            sheet,
            (header := headers(sheet, sources)),
            [[row.cells[h] for h in header] for row in rows[sheet]],
        )
        for sheet in SHEETS
    ]


def read_back(data: bytes, sources):
    book = read_workbook(data, "book.xlsx", formulas="as formulas")
    rows = {s: tuple(row for row, _ in read_rows(book[s], s, sources)) for s in SHEETS}
    return tuple(module for _, module in from_rows(rows, sources))


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_s_dictionary_comes_back_equal(study):
    dictionary, files, sources = dictionary_of(study)
    sheets = sheets_of(to_rows(dictionary.modules, files, sources), sources)
    data = xlsx.workbook(sheets, title=study)
    assert read_back(data, sources) == dictionary.modules
    assert xlsx.workbook(sheets, title=study) == data
    # saved again by another program
    book = openpyxl.load_workbook(io.BytesIO(data))
    again = io.BytesIO()
    book.save(again)
    assert read_back(again.getvalue(), sources) == dictionary.modules


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_s_dictionary_survives_libreoffice(study, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        absent("soffice (LibreOffice) is not on PATH, so nothing can be saved again by it")
    dictionary, files, sources = dictionary_of(study)
    path = tmp_path / "book.xlsx"
    sheets = sheets_of(to_rows(dictionary.modules, files, sources), sources)
    path.write_bytes(xlsx.workbook(sheets, title=study))
    out = tmp_path / "again"
    command = [office, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert read_back((out / "book.xlsx").read_bytes(), sources) == dictionary.modules


def test_every_cell_is_text_and_formatted_as_text():
    dictionary, files, sources = dictionary_of("medellin")
    rows = to_rows(dictionary.modules, files, sources)
    book = openpyxl.load_workbook(io.BytesIO(xlsx.workbook(sheets_of(rows, sources), title="m")))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.number_format == "@"
                assert cell.value is None or cell.data_type == "s"
        # and columns, for what people add below
        assert sheet.column_dimensions["A"].number_format == "@"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"])
def test_cells_that_look_like_formulas_are_inert(text):
    data = xlsx.workbook([xlsx.listing("s", ["head"], [[text]])], title="t")
    cell = openpyxl.load_workbook(io.BytesIO(data))["s"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert b"<f>" not in data
    (_, line) = read_workbook(data, "b.xlsx", formulas="as formulas")["s"].lines
    assert (line.cells[0].text, line.cells[0].kind) == (text, "text")


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12
)
VALUES = st.one_of(TEXTS, st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9))


@given(st.lists(TEXTS, max_size=4), st.lists(VALUES, max_size=4), VALUES)
def test_lists_and_values_come_back_whatever_they_hold(codes, values, value):
    # semicolons, quotes, blanks at the ends, texts that look like numbers
    tables = [
        (MissingCodes, {"id": "m", "dont_know": codes}),
        (AskedIf, {"variable": "x", "values": [float(v) if v == 0 else v for v in values]}),
        (Code, {"code": "1", "value": value, "en": "a", "es": "b"}),
    ]
    for record, table in tables:
        back: dict[str, object] = {}
        for column in columns(record, SOURCES):
            put(back, column, written(table, column))
        wanted = {key: entry for key, entry in table.items() if entry != []}
        assert back == wanted
        for key, entry in wanted.items():
            assert _types(back[key]) == _types(entry)


def _types(value):
    listed = value if isinstance(value, list) else [value]
    return [isinstance(entry, str) for entry in listed]


def test_entries_of_a_list_cell():
    assert entries('88; 98;"a; b" ; c') == ["88", "98", '"a; b"', "c"]
    for broken in ('"88; 98', "88;; 98", ";"):
        with pytest.raises(ValueError, match="list does not read well"):
            entries(broken)


def test_a_new_field_of_a_variable_has_its_column():
    named = {column.path[0] for column in columns(Variable, SOURCES)}
    assert named == {field.name for field in dataclasses.fields(Variable)}


def test_what_cells_cannot_tell_is_refused():
    empty = Module(module="m", title=Text("a", "b"), codes=(CodeList(id="c", values=()),))
    with pytest.raises(SpecError, match="cells cannot show"):
        to_rows([empty], ["m.toml"], SOURCES)
    code = Code(code="1", value=1.0, en="x" * 32_768, es="b")
    long = dataclasses.replace(empty, codes=(CodeList(id="c", values=(code,)),))
    with pytest.raises(SpecError, match="longer than a cell"):
        to_rows([long], ["m.toml"], SOURCES)


@dataclasses.dataclass
class Desk:
    """A small study in a temporary folder, and its dictionary as sheets to edit."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    status: int = 0

    def sheets(self) -> dict[str, list[list[object]]]:
        assert main(["dictionary", "to-xlsx", "--out", "d.xlsx"]) == 0
        book = openpyxl.load_workbook(self.folder / "d.xlsx")
        return {s.title: [[c.value for c in row] for row in s.iter_rows()] for s in book}

    def cell(self, sheets, sheet: str, key: str, column: str) -> tuple[int, int]:
        header, *rows = sheets[sheet]
        position = header.index({"codes": "code", "missing": "id"}.get(sheet, "name"))
        row = next(i for i, row in enumerate(rows, start=1) if row[position] == key)
        return row, header.index(column)

    def edit(self, sheet: str, key: str, column: str, value: object) -> str:
        sheets = self.sheets()
        row, position = self.cell(sheets, sheet, key, column)
        sheets[sheet][row][position] = value
        return self.back(sheets)

    def back(self, sheets, *more: str) -> str:
        """What from-xlsx says of a workbook with these sheets, on both outlets."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
                for cell in sheet[sheet.max_row]:
                    # a text stays a text, as in a cell formatted so
                    if isinstance(cell.value, str) and not cell.value.startswith("=F"):
                        cell.data_type = "s"
        book.save(self.folder / "edited.xlsx")
        self.capsys.readouterr()
        self.status = main(["dictionary", "from-xlsx", "edited.xlsx", *more])
        said = self.capsys.readouterr()
        return said.out + said.err


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys) -> Desk:
    folder = tmp_path / "config" / "somos_comunidad"
    shutil.copytree(ROOT / "config" / "somos_comunidad", folder)
    for path in (folder / "dictionary").glob("*.toml"):
        path.unlink()
    (folder / "dictionary" / "00_small.toml").write_text(HEAD + SMALL, encoding="utf-8")
    (folder / "dictionary" / "01_other.toml").write_text(OTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_an_untouched_workbook_says_no_differences(desk):
    assert desk.back(desk.sheets()) == "no differences\n"


def test_the_workbook_explains_itself(desk):
    notes = desk.sheets()["notes"]
    assert notes[0] == ["about", "reading note"]
    assert len(notes) > 5


def test_differences_are_told_in_words(desk):
    sheets = desk.sheets()
    row, column = desk.cell(sheets, "variables", "age", "label_es")
    sheets["variables"][row][column] = "Años"
    sheets["codes"] = [line for line in sheets["codes"] if line[2] != "7"]
    sheets["codes"].append(["00_small.toml", "towns", "8", "4", "East", "Este"])
    said = desk.back(sheets)
    assert said.splitlines() == [
        'changed: variable `age`, label_es: "Edad" -> "Años"',
        "removed: code `towns 7`",
        "added: code `towns 8`",
        "nothing is written; add --write to put this in place",
    ]


def test_writing_keeps_the_head_and_the_files_that_did_not_change(desk):
    sheets = desk.sheets()
    row, column = desk.cell(sheets, "variables", "age", "label_es")
    sheets["variables"][row][column] = "Años"
    folder = desk.folder / "config/somos_comunidad/dictionary"
    said = desk.back(sheets)
    assert (folder / "00_small.toml").read_text(encoding="utf-8") == HEAD + SMALL
    said = desk.back(sheets, "--write")
    assert "written: 00_small.toml\n" in said
    text = (folder / "00_small.toml").read_text(encoding="utf-8")
    assert text == HEAD + SMALL.replace("Edad", "Años")
    assert (folder / "01_other.toml").read_text(encoding="utf-8") == OTHER
    assert desk.back(desk.sheets()) == "no differences\n"


COMMENTED = CASES["commented"]


def commented(desk) -> Path:
    path = desk.folder / "config/somos_comunidad/dictionary/00_small.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path


def test_comments_of_what_did_not_change_stay_and_the_others_are_named(desk):
    path = commented(desk)
    sheets = desk.sheets()
    row, column = desk.cell(sheets, "variables", "age", "label_es")
    sheets["variables"][row][column] = "Años"
    told = "comments kept, read them again: 00_small.toml, variable `age`\n"
    assert told in desk.back(sheets)
    assert path.read_text(encoding="utf-8") == COMMENTED
    assert told in desk.back(sheets, "--write")
    before, _, _ = COMMENTED.partition("# seen: a guess of age")
    assert path.read_text(encoding="utf-8") == before + (
        "# seen: a guess of age\n# seen: quasi?\n# The end.\n"
        'name = "age"\ntype = "count"\nlabel = { en = "Age", es = "Años" }\n'
        'raw = { baseline = "age" }\npersonal = "none"\nsource = "form"\n'
    )


def test_comments_inside_a_changed_list_stand_above_it(desk):
    path = commented(desk)
    sheets = desk.sheets()
    row, column = desk.cell(sheets, "codes", "2", "es")
    sheets["codes"][row][column] = "Mucho"
    assert "read them again: 00_small.toml, code list `scale`\n" in desk.back(sheets, "--write")
    text = path.read_text(encoding="utf-8")
    assert (
        "[[codes]]\n# Above: don't \"lose it.\n# seen: 2 is the top\n# translate: es\n"
        'id = "scale"\n'
    ) in text
    assert text.endswith(COMMENTED[COMMENTED.index("[[variable]]") :])
    assert text.count("# Below the keys.") == 1


def test_comments_stay_where_records_come_go_and_change_places(desk):
    path = commented(desk)
    sheets = desk.sheets()
    header, town, age, *rest = sheets["variables"]
    new = [{"town": "farm"}.get(cell, cell) for cell in town]
    sheets["variables"] = [header, town, new, age, *rest]
    assert "comments" not in desk.back(sheets, "--write")
    text = path.read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line.startswith("name")]
    assert names == ['name = "town"', 'name = "farm"', 'name = "age"']
    assert sorted(line for line in text.splitlines() if "#" in line) == sorted(
        line for line in COMMENTED.splitlines() if "#" in line
    )
    sheets["variables"] = [header, town, *rest]
    desk.back(sheets, "--write")
    text = path.read_text(encoding="utf-8")
    assert "# seen: a guess of town" in text
    assert "# seen: a guess of age" not in text
    path.write_text(COMMENTED, encoding="utf-8")
    sheets["variables"] = [header, age, town, *rest]
    desk.back(sheets, "--write")
    text = path.read_text(encoding="utf-8")
    assert text.index("a guess of age") < text.index("a guess of town")
    assert desk.back(desk.sheets()) == "no differences\n"


def test_a_changed_title_keeps_the_comments_above_the_first_block(desk):
    path = commented(desk)
    sheets = desk.sheets()
    position = sheets["modules"][0].index("title_en")
    next(r for r in sheets["modules"] if r[0] == "00_small.toml")[position] = "Tiny"
    assert "read them again: 00_small.toml, module `small`\n" in desk.back(sheets, "--write")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Head.\n# Below the keys.\nmodule =")
    assert text.endswith(COMMENTED[COMMENTED.index("\n# Above") :])


def test_a_layout_that_is_not_known_loses_comments_by_name_and_says_so_first(desk):
    path = commented(desk)
    # the same table, its last key written in the way of another program
    odd = COMMENTED.replace("[[variable]]", "[[ variable ]]")
    path.write_text(odd, encoding="utf-8")
    sheets = desk.sheets()
    row, column = desk.cell(sheets, "variables", "age", "label_es")
    sheets["variables"][row][column] = "Años"
    said = desk.back(sheets)
    assert "comments below the head are lost: 00_small.toml, 8\n" in said
    assert path.read_text(encoding="utf-8") == odd


def test_a_module_that_is_taken_out_is_removed(desk):
    sheets = desk.sheets()
    for name in ("modules", "variables"):
        sheets[name] = [line for line in sheets[name] if line[0] != "01_other.toml"]
    assert "removed: module `01_other.toml`" in desk.back(sheets)
    folder = desk.folder / "config/somos_comunidad/dictionary"
    assert (folder / "01_other.toml").exists()
    desk.back(sheets, "--write")
    assert [path.name for path in folder.iterdir()] == ["00_small.toml"]


@pytest.mark.parametrize(("sheet", "key", "column", "value", "place", "problem"), CASES["damage"])
def test_damage_is_told_by_sheet_row_column_and_mend(
    desk, sheet, key, column, value, place, problem
):
    before = (desk.folder / "config/somos_comunidad/dictionary/00_small.toml").read_bytes()
    said = desk.edit(sheet, key, column, value or None)
    assert f"edited.xlsx: sheet {sheet}, {place}" in said
    assert problem in said
    assert "fix: " in said
    assert desk.status == 1
    assert (desk.folder / "config/somos_comunidad/dictionary/00_small.toml").read_bytes() == before


def test_a_date_cell_is_told(desk):
    said = desk.edit("codes", "7", "code", datetime.date(2024, 2, 1))
    assert "sheet codes, row 4, column code: the cell is a date" in said


def test_what_the_dictionary_s_rules_refuse_is_refused(desk):
    assert "names codes `town`" in desk.edit("variables", "town", "codes", "town")
    assert "`Age` is not a legal name" in desk.edit("variables", "age", "name", "Age")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda s: s["codes"][0].__setitem__(2, "kode"), "column `kode` is unknown"),
        (lambda s: [line.pop() for line in s["codes"]], "column `es` is missing"),
        (lambda s: s.pop("codes"), "no sheet `codes`"),
        (lambda s: s["modules"][1].__setitem__(0, "../x.toml"), "not in the sheet modules"),
        (lambda s: s["codes"].clear(), "the sheet is empty"),
    ],
)
def test_a_broken_workbook_is_refused(desk, change, problem):
    sheets = desk.sheets()
    change(sheets)
    assert problem in desk.back(sheets)


def test_a_file_name_cannot_leave_the_folder(desk):
    sheets = desk.sheets()
    for name in ("modules", "variables", "codes", "missing"):
        for line in sheets[name][1:]:
            line[0] = line[0].replace("01_other", "../01_other")
    assert "`../01_other.toml` is no name" in desk.back(sheets, "--write")
    assert not list((desk.folder / "config/somos_comunidad").glob("*other*"))


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), (",", "utf-8-sig"), ("\t", "utf-8")]
)
def test_a_sheet_as_csv_is_taken_alone(desk, delimiter, encoding):
    rows = desk.sheets()["variables"]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(
        [["" if c is None else c for c in r] for r in rows]
    )
    path = desk.folder / "my variables.csv"
    path.write_bytes(text.getvalue().replace("Edad", "Años").encode(encoding))
    desk.capsys.readouterr()
    assert main(["dictionary", "from-xlsx", "my variables.csv"]) == 0
    said = desk.capsys.readouterr().out
    assert said.startswith('changed: variable `age`, label_es: "Edad" -> "Años"\n')
    assert said.count("\n") == 2


def test_a_csv_that_excel_saved_again_is_refused_by_its_row(desk):
    text = "file;list;code;value;en;es\r\n00_small.toml;towns;5;north;North;Norte\r\n"
    text += "00_small.toml;towns;1,23E+05;2,5;South;Sur\r\n"
    (desk.folder / "codes.csv").write_text(text, encoding="cp1252", newline="")
    assert main(["dictionary", "from-xlsx", "codes.csv"]) == 1
    said = desk.capsys.readouterr().err
    assert "codes.csv: sheet codes, row 2, column code: `5` is where" in said


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("codes.csv", "a;b\n1;2\n", "does not contain the columns"),
        ("codes.csv", "Xfile;listX\n1;2\n", "does not contain the columns"),
        ("codes.csv", 'file;list;code;value;en;es\n"open;1\n', "not valid CSV"),
        ("kodes.csv", "file\n", "does not say which sheet"),
    ],
)
def test_a_broken_csv_is_refused(desk, name, text, problem):
    (desk.folder / name).write_text(text, encoding="utf-8")
    assert main(["dictionary", "from-xlsx", name]) == 1
    said = desk.capsys.readouterr().err
    assert problem in said
    assert f"{name}:" in said


def test_a_csv_in_another_encoding_is_refused(desk):
    # 0x81 is no letter in Windows-1252, and no UTF-8 here
    (desk.folder / "codes.csv").write_bytes(b"file;list;code;value;en;es\n\x81\n")
    assert main(["dictionary", "from-xlsx", "codes.csv"]) == 1
    assert "neither UTF-8 nor Windows-1252" in desk.capsys.readouterr().err


def test_the_module_text_is_what_load_reads(desk):
    folder = desk.folder / "config/somos_comunidad/dictionary"
    table = toml_reader.read_toml(folder / "00_small.toml")
    module = toml_reader.convert(Module, table, where="00_small.toml")
    assert module.variable[1].asked_if == AskedIf(variable="town", values=("north", 2.5))
