"""Two real survey rounds, read in place: a scale that changes between rounds, by declaration.

Counts are those of the data's own description: 5,205 and 3,644 rows, 2,434 people in both.
"""

import pytest

from evaluation.config.dictionary import Code, CodeList, Dictionary, MissingCodes, Variable
from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.readers.read import check_columns, read_file
from evaluation.data.rules.registry import cells
from tests.conftest import shared_data

LABEL = Text(en="x", es="x")
# counted with csv.DictReader: codes 1, 2, 3, 4 at baseline (34 blank), 0, 1, 2, 3 at endline (16)
RAW_BASELINE = {0.0: 1019, 1.0: 1774, 2.0: 1482, 3.0: 896}
RAW_ENDLINE = {0.0: 560, 1.0: 1034, 2.0: 1120, 3.0: 914}


def scale(name: str, first: int) -> CodeList:
    values = tuple(
        Code(code=str(first + step), value=float(step), en="x", es="x") for step in range(4)
    )
    return CodeList(id=name, values=values)


def dictionary(endline: str) -> Dictionary:
    trust = Variable(
        name="trust", type="ordinal", label=LABEL, personal="none", source="Metaketa IV",
        raw={"baseline": "satis_trust", "endline": "satis_trust"},
        codes={"baseline": "from_1", "endline": endline}, missing="blank",
    )  # fmt: skip
    person = Variable(
        name="person", type="id", label=LABEL, personal="direct", source="Metaketa IV",
        raw={"baseline": "REGISTRO_BD", "endline": "REGISTRO_BD"}, missing={"endline": "new"},
    )  # fmt: skip
    return Dictionary(
        modules=(),
        variables={"trust": trust, "person": person},
        codes={"from_1": scale("from_1", 1), "from_0": scale("from_0", 0)},
        missing={
            "blank": MissingCodes(id="blank", blank="dont_know"),
            "new": MissingCodes(id="new", blank="not_applicable"),
        },
    )


def parsed(round_id: str, rows: int, declared: Dictionary) -> Parsed:
    path = shared_data(f"metaketa4_colombia/col_{round_id}_survey.csv")
    file = RawFile(
        id=round_id, path=path.name, role=round_id, round=round_id, format="csv", sha256="",
        rows=rows, origin="authors' archive",
        dialect=Dialect(encoding="utf-8", delimiter=",", decimal="."),
    )  # fmt: skip
    table = read_file(file, path)
    assert table.findings == ()
    unexpected = {f.column for f in check_columns(table, declared)}
    assert {"cuadrante", "legit_trust"} <= unexpected
    return parse(table, declared)


@pytest.mark.truth
def test_trust_is_on_one_scale_and_no_cell_is_flawed():
    declared = dictionary("from_0")
    base, end = parsed("baseline", 5205, declared), parsed("endline", 3644, declared)
    assert cells(base, declared) == []
    assert cells(end, declared) == []
    first, second = clean(base, declared), clean(end, declared)
    assert first["trust"].value_counts().sort_index().to_dict() == RAW_BASELINE
    assert second["trust"].value_counts().sort_index().to_dict() == RAW_ENDLINE
    both = set(first["person"]) & set(second["person"].dropna())
    assert len(both) == 2434
    assert second["person"].isna().sum() == 1210


@pytest.mark.truth
def test_the_wrong_code_list_is_an_error_in_every_row_that_it_misreads():
    declared = dictionary("from_1")
    end = parsed("endline", 3644, declared)
    found = cells(end, declared)
    assert {(f.rule, f.column, f.value) for f in found} == {("unlisted-code", "satis_trust", "0")}
    assert len(found) == RAW_ENDLINE[0.0]
