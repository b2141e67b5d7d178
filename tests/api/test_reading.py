"""`evaluation.read`: every cell as it was delivered, or a finding."""

import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import DataError, EvaluationError

DICTIONARY = """
module = "form"
title = { en = "Form", es = "Formulario" }
[[variable]]
name = "person"
type = "id"
label = { en = "Person", es = "Persona" }
raw = { baseline = "id" }
personal = "direct"
source = "form"
[[variable]]
name = "trust"
type = "count"
label = { en = "Trust", es = "Confianza" }
raw = { baseline = "trust" }
personal = "none"
source = "form"
range = [1, 5]
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "config" / "trial"
    (folder / "dictionary").mkdir(parents=True)
    (folder / "dictionary" / "form.toml").write_text(DICTIONARY, encoding="utf-8")
    return folder


def file(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_dictionary_every_cell_is_text(tmp_path):
    found = ev.read(file(tmp_path, "id;trust\n007;4,5\n008;\n"))
    assert found.frame["id"].tolist() == ["007", "008"]
    assert found.frame["trust"].tolist() == ["4,5", ""]
    assert found.assumed["dialect"]["delimiter"] == ";"
    assert found.findings.empty
    assert "2 rows, 0 errors" in repr(found)


def test_a_damaged_row_is_a_finding_and_stops_the_frame(tmp_path):
    found = ev.read(file(tmp_path, "id,trust\n007,4\n008\n"))
    assert found.findings["severity"].tolist() == ["error"]
    assert found.findings.loc[0, "line"] == "3"
    with pytest.raises(EvaluationError):
        _ = found.frame


def test_a_dictionary_says_what_cells_mean(tmp_path, study):
    found = ev.read(file(tmp_path, "id,trust\n007,4\n008,5\n"), study, source="baseline")
    assert found.findings.empty
    assert found.frame["trust"].tolist() == [4.0, 5.0]
    assert found.frame["person"].tolist() == ["007", "008"]


def test_an_answer_outside_its_range_is_found(tmp_path, study):
    found = ev.read(file(tmp_path, "id,trust\n007,4\n008,9\n"), study, source="baseline")
    assert found.findings["column"].tolist() == ["trust"]
    assert found.findings["rule"].tolist() == ["out-of-range"]
    with pytest.raises(EvaluationError, match="answers"):
        _ = found.frame


def test_a_column_that_is_not_declared_is_found(tmp_path, study):
    found = ev.read(file(tmp_path, "id,trust,extra\n007,4,1\n"), study, source="baseline")
    assert found.findings["rule"].tolist() == ["unexpected-column"]


def test_what_is_not_there_is_said(tmp_path, study):
    path = file(tmp_path, "id,trust\n007,4\n")
    with pytest.raises(EvaluationError, match="cannot be read"):
        ev.read(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="baseline"):
        ev.read(path, study, source="endline")
    with pytest.raises(DataError, match="no dictionary"):
        ev.read(path, tmp_path)


def test_stata_files_are_read(tmp_path):
    path = tmp_path / "answers.dta"
    pd.DataFrame({"id": ["007"], "trust": [4.0]}).to_stata(path, write_index=False)
    found = ev.read(path)
    assert found.frame["id"].tolist() == ["007"]
