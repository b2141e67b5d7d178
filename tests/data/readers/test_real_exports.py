"""Files that nobody here wrote, read through a manifest and compared with other readers.

Rows, columns and counts by the data's own descriptions (the README beside each file); cells by the
standard library's csv, by pandas' reader of Stata files, and by the XML of the workbook.
"""

import csv
import dataclasses
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.config.file_layout import Export, SelectMultiple
from evaluation.config.manifest import Manifest, RawFile, read_manifest
from evaluation.config.study import read_study
from evaluation.data.findings import LINE
from evaluation.data.readers.delivered_files import locate, verify
from evaluation.data.readers.read import RawTable, read_file
from tests.conftest import SHARED, shared_data
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)

pytestmark = pytest.mark.truth

# id, role, path, sha256 of the file as it was published, rows, further keys
FILES = CASES["files"]  # fmt: skip


@pytest.fixture
def manifest(tiny: Tiny) -> Manifest:
    tiny.write()
    text = 'ignore = ["*"]\n'
    for name, role, path, digest, rows, more in FILES:
        shared_data(path)
        form = path.rpartition(".")[2]
        text += f'[[file]]\nid = "{name}"\nrole = "{role}"\npath = "{path}"\nformat = "{form}"\n'
        text += f'sha256 = "{digest}"\nrows = {rows}\norigin = "see its README"\n'
        if role in ("baseline", "endline"):
            text += f'round = "{role}"\n'
        if form == "csv":
            text += f'dialect = {{ encoding = "utf-8", delimiter = "{more}", decimal = "." }}\n'
        if form == "xlsx":
            text += f'sheet = "{more}"\n'
    (tiny.config / "manifest.toml").write_text(text, encoding="utf-8")
    return read_manifest(tiny.config, read_study(tiny.config))


def entry(manifest: Manifest, name: str, **changed) -> RawFile:
    file = next(file for file in manifest.file if file.id == name)
    return dataclasses.replace(file, **changed)


def read(manifest: Manifest, name: str, **changed) -> RawTable:
    file = entry(manifest, name, **changed)
    return read_file(file, locate(file, SHARED / "data", Path()))


def cells(table: RawTable) -> list[list[str]]:
    frame = table.frame.drop(columns=LINE)
    return [list(frame.columns), *frame.to_numpy().tolist()]


def test_the_files_are_the_published_ones(manifest):
    digests, findings = verify(manifest, SHARED / "data", Path())
    assert len(digests) == len(FILES)
    assert findings == ()


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("surveycto", 14, 590),
        ("colombia", 3166, 15),
        ("countries", 65566, 15),
        ("brazil", 1526, 14),
    ],
)
def test_delimited_text_is_what_the_csv_module_reads_and_comes_back(manifest, name, rows, columns):
    table = read(manifest, name)
    assert table.findings == ()
    assert table.frame.shape == (rows, columns + 1)
    text = shared_data(table.file.path).read_bytes().decode()
    got = cells(table)
    assert got == list(csv.reader(io.StringIO(text, newline="")))
    again = io.StringIO(newline="")
    csv.writer(again).writerows(got)
    assert list(csv.reader(io.StringIO(again.getvalue(), newline=""))) == got


def test_a_surveycto_export_keeps_its_cells_of_several_lines(manifest):
    frame = read(manifest, "surveycto").frame
    # counted in the file: quoted cells with a line end in two columns of joined names
    several = (frame.drop(columns=LINE).map(lambda cell: "\n" in cell)).sum()
    assert several[several > 0].sum() == 26
    assert frame["KEY"].str.fullmatch(r"uuid:[0-9a-f-]{36}").all()
    assert frame["KEY"].is_unique
    assert list(frame.columns)[-2] != "KEY"
    assert set(frame["formdef_version"]) == {"2502041055"}
    assert set(frame["review_status"]) == {"APPROVED"}
    lines = shared_data("survey_exports/surveycto_sample_hh_form.csv").read_bytes().split(b"\n")
    # the header and 14 interviews in as many lines as their cells have line ends
    assert frame[LINE].iloc[0] == 2
    assert len(lines) - 1 == 15 + several.sum() + _more(frame)


def _more(frame: pd.DataFrame) -> int:
    """Line ends beyond the first of each cell."""
    counts = frame.drop(columns=LINE).map(lambda cell: cell.count("\n")).to_numpy()
    return int((counts - (counts > 0)).sum())


def test_a_stata_export_is_what_pandas_reads(manifest):
    table = read(manifest, "ipa")
    assert table.findings == ()
    assert table.frame.shape == (185, 55)
    path = shared_data("survey_exports/ipa_household_backcheck.dta")
    with pd.io.stata.StataReader(path, convert_categoricals=False) as reader:
        other = reader.read()
        sets = reader.value_labels()
    assert len(sets) == 12
    assert list(other.columns) == list(table.frame.columns[:-1])
    for name in other.columns:
        assert table.frame[name].tolist() == _texts(other[name]), name
    shown = {tuple(sorted(pairs.items())) for pairs in table.labels.values()}
    named = {tuple(sorted((str(c), t) for c, t in pairs.items())) for pairs in sets.values()}
    assert shown <= named


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_dtype(column):
        return [f"{value:%Y-%m-%d %H:%M:%S}" for value in column]
    if not pd.api.types.is_numeric_dtype(column):
        return column.tolist()
    # in the precision of the column, as the shortest text that reads back
    values = column.to_numpy()
    return ["" if np.isnan(v) else str(int(v)) if v == int(v) else str(v) for v in values]


def test_counts_of_the_americasbarometer_are_those_of_its_description(manifest):
    colombia = read(manifest, "colombia").frame
    # 1,663 interviews of 2018 and 1,503 of 2023 in 63 sampling units
    assert colombia["wave"].value_counts().to_dict() == {"2018": 1663, "2023": 1503}
    assert colombia["upm"].nunique() == 63
    assert set(colombia["b18"]) == {"", *"1234567"}
    countries = read(manifest, "countries").frame
    ours = countries[countries["pais"] == "8"].drop(columns=LINE).reset_index(drop=True)
    # the one file is a part of the other, in its order
    pd.testing.assert_frame_equal(ours, colombia.drop(columns=LINE))
    brazil = read(manifest, "brazil").frame
    assert set(brazil["fs2"]) == {"", "No", "Sí"}


@pytest.mark.parametrize(
    ("sheet", "height", "columns", "rules"),
    # height with the header; a row of `settings` and no blank one
    [
        ("survey", 406 + 1, 24, {"rows-after-blank"}),
        ("choices", 152 + 1, 5, {"rows-after-blank"}),
        ("settings", 2, 6, set()),
    ],
)
def test_a_real_workbook_is_what_its_xml_says(manifest, sheet, height, columns, rules):
    stored = _stored(shared_data("survey_exports/worldbank_rio_xlsform_pt_en.xlsx"), sheet)
    filled = sorted(row for row, texts in stored.items() if any(texts.values()))
    assert filled[-1] == height
    table = read(manifest, "rio", sheet=sheet, rows=len(filled) - 1)
    assert table.frame.shape == (len(filled) - 1, columns + 1)
    assert table.frame[LINE].tolist() == filled[1:]
    for row, got in zip(filled, cells(table), strict=True):
        texts = stored[row]
        assert got == [texts.get(column, "") for column in range(columns)]
    assert {f.rule for f in table.findings} == rules


SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _xml(package: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(package.read(part))  # noqa: S314 (a file whose checksum is known)


def _stored(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Cells of a sheet by row and column (from 0), straight from the XML."""
    with zipfile.ZipFile(path) as package:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{SPACE}t"))
            for item in _xml(package, "xl/sharedStrings.xml")
        ]
        sheets = _xml(package, "xl/workbook.xml").iter(f"{SPACE}sheet")
        names = [each.get("name") for each in sheets]
        # the first sheets of this workbook are in the files of their number
        root = _xml(package, f"xl/worksheets/sheet{names.index(sheet) + 1}.xml")
    found: dict[int, dict[int, str]] = {}
    for cell in root.iter(f"{SPACE}c"):
        letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r")).groups()
        column = 0
        for letter in letters:
            column = 26 * column + ord(letter) - ord("A") + 1
        value = cell.findtext(f"{SPACE}v") or ""
        text = strings[int(value)] if cell.get("t") == "s" else value
        found.setdefault(int(digits), {})[column - 1] = text
    return found


def test_an_export_that_is_declared_is_arranged(manifest):
    # the file has one column of 0 and 1 for each code, and none with the codes themselves
    plain = read(manifest, "surveycto")
    layout = SelectMultiple(column="k_sel", layout="many columns", codes=("1", "3", "4", "8"))
    declared = read(manifest, "surveycto", export=Export(select_multiple=(layout,)))
    # what a blank beside a 1 was read as is information
    assert {f.severity for f in declared.findings} <= {"info"}
    assert declared.set_aside == 0
    assert set(declared.frame.columns) == set(plain.frame.columns)
    assert set(declared.frame["k_sel_1"]) <= {"", "0", "1"}
    other = dataclasses.replace(layout, layout="both")
    wrong = read(manifest, "surveycto", export=Export(select_multiple=(other,)))
    assert {(f.severity, f.column) for f in wrong.findings} == {("error", "k_sel")}
