"""Numbers and days that a workbook holds as text: declared they are read, undeclared they stop."""

import datetime
import io
from collections.abc import Mapping
from types import MappingProxyType

import openpyxl
import pytest

from evaluation.config.file_layout import TextCells
from evaluation.config.manifest import RawFile
from evaluation.data.readers import workbook
from evaluation.errors import DataError, SpecError
from evaluation.fieldwork.drafting import manifest_draft
from evaluation.fieldwork.drafting.column_profile import columns_of
from evaluation.fieldwork.drafting.dictionary_from_data import draft_from_data
from evaluation.fieldwork.drafting.file_roles import DeliveredFile
from tests.data.readers.other_formats import redeliver
from tests.fixtures.tiny import Tiny
from tests.messages import is_known

COMMA = TextCells(decimal=",", date="%-d/%-m/%Y")
NOTHING: Mapping[tuple[int, str], str] = MappingProxyType({})
KEYS = 'sheet = "data"\n'
DECLARED = KEYS + 'text_cells = { decimal = ",", date = "%d/%m/%Y" }\n'


def book(*rows: list[object]) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "data"
    for row in rows:
        made.active.append(row)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def file(**declared: object) -> RawFile:
    values = {"id": "f", "path": "raw.xlsx", "role": "baseline", "round": "baseline"}
    values |= {"format": "xlsx", "sha256": "", "rows": 3, "origin": "test", "sheet": "data"}
    return RawFile(**{**values, **declared})


def colombian(
    tiny: Tiny,
    *,
    numbers: tuple[str, ...] = (),
    keys: str = DECLARED,
    changed: Mapping[tuple[int, str], str] = NOTHING,
) -> None:
    """The endline as an office in Colombia saves it: 1,5 and 04/11/2024, some cells as numbers."""
    tiny.write()
    rows = []
    for number, row in enumerate(tiny.endline):
        cells = {
            name: float(text) if name in numbers and text else text.replace(".", ",")
            for name, text in row.items()
            if name not in ("fecha", "duracion")
        }
        day = datetime.date.fromisoformat(row["fecha"]) if row["fecha"] else None
        typed = "fecha" in numbers
        cells["fecha"] = "" if day is None else day if typed else f"{day:%d/%m/%Y}"
        cells["duracion"] = row["duracion"]
        cells |= {name: text for (at, name), text in changed.items() if at == number}
        rows.append([cells[name] or None for name in row])
    data = book(list(tiny.endline[0]), *rows)
    redeliver(tiny, "endline.dta", "endline.xlsx", data, keys=keys)


def test_the_cells_of_the_sheet_are_all_written_as_the_texts_are_declared():
    day, moment = datetime.date(2024, 11, 4), datetime.datetime(2024, 11, 4, 8, 5)
    data = book(["x", "d"], ["12,4", "4/11/2024"], [12.4, day], [7, moment])
    frame = workbook.read(data, file(text_cells=COMMA)).frame
    assert frame["x"].tolist() == ["12,4", "12,4", "7"]
    assert frame["d"].tolist() == ["4/11/2024", "4/11/2024", "4/11/2024 08:05:00"]


@pytest.mark.parametrize("numbers", [(), ("peso",), ("fecha",), ("peso", "fecha")])
def test_declared_cells_are_read_as_from_the_server(tiny, numbers):
    tiny.write()
    tiny.run()
    expected = tiny.panel().drop(columns="row_key")
    colombian(tiny, numbers=numbers)
    tiny.run()
    assert tiny.findings().query("severity == 'error'").empty
    assert tiny.panel().drop(columns="row_key").equals(expected)
    assert expected["weight"].mod(1).ne(0).any()


def test_what_is_not_declared_stops_and_the_mend_says_so(tiny):
    colombian(tiny, keys=KEYS)
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    fixes = {row.column: str(row.fix) for row in found.itertuples()}
    assert found.groupby("column").size().loc[["fecha", "peso"]].tolist() == [1, 1]
    assert 'declare `text_cells = { decimal = "," }` for this file' in fixes["peso"]
    assert "declare `date` in `text_cells` for this file" in fixes["fecha"]
    assert all(is_known(fix) for fix in fixes.values())


@pytest.mark.parametrize("text", ["1.5", "1.234,5", "1,5,0"])
def test_a_declared_comma_is_as_strict_as_that_of_a_csv(tiny, text):
    colombian(tiny, changed={(3, "peso"): text})
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    assert found[["rule", "row_key", "column"]].to_numpy().tolist() == [
        ["not-a-number", "endline.xlsx:5", "peso"]
    ]
    assert found["fix"].iloc[0] == "correct the cell; numbers of this file are written like 12,5"


@pytest.mark.parametrize("form", ["csv", "dta"])
def test_only_workbooks_have_text_cells(tiny, form):
    tiny.write()
    path = tiny.config / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    line = f'format = "{form}"\n'
    path.write_text(text.replace(line, line + 'text_cells = { decimal = "," }\n', 1), "utf-8")
    with pytest.raises(SpecError, match="has `text_cells`"):
        tiny.run_read()


def drafted(*rows: list[object]) -> tuple[str, DeliveredFile]:
    data = book(*rows)
    facts = manifest_draft.examine("raw.xlsx", data)
    text = manifest_draft.entry("raw.xlsx", data, facts, file_id="raw")
    return text, DeliveredFile(role="baseline", path="raw.xlsx", data=data, facts=facts)


def variable(given: DeliveredFile, name: str) -> object:
    files = draft_from_data(
        columns_of([given.source]),
        files={"baseline": "raw.xlsx"},
        clusters=frozenset(),
        respondents=frozenset(),
    )
    return next(v for f in files for v in f.module.variable if v.name == name)


def test_a_draft_proposes_the_comma_and_a_number():
    # numbers of the sheet beside texts: both are numbers of one column
    rows = [[f"{i},{i % 7}", i + 0.5, f"{i % 28 + 1}/3/2024"] for i in range(40)]
    rows[3][0] = 3.5
    text, given = drafted(["ingreso", "gasto", "fecha"], *rows)
    assert 'text_cells = { decimal = ",", date = "%-d/%-m/%Y" }' in text
    assert '# seen: decimal ",": 0 cells like 12.5, 39 like 12,5' in text
    assert [variable(given, n).type for n in ("ingreso", "gasto", "fecha")] == [
        *("number", "number", "date")
    ]
    assert variable(given, "ingreso").personal == "quasi"


def test_a_draft_of_numbers_and_days_of_the_sheet_declares_nothing():
    rows = [[i + 0.5, datetime.date(2024, 3, i + 1), f"{i}.5"] for i in range(20)]
    text, given = drafted(["gasto", "fecha", "x"], *rows)
    assert "text_cells" not in text
    assert [variable(given, n).type for n in ("gasto", "fecha", "x")] == [
        "number",
        "date",
        "number",
    ]
