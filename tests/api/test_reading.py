"""`evaluation.read`: every cell as it was delivered, or a finding."""

import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import DataError, EvaluationError
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)

DICTIONARY = CASES["dictionary"]


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


@pytest.fixture
def mistyped(tiny: Tiny) -> Tiny:
    """One answer of its baseline is in no list; the ledger fixes it."""
    tiny.baseline[2]["t1"] = "77"
    tiny.ledger = ["baseline,baseline.csv:4,t1,77,2,set,typed twice,ana,2025-01-02"]
    tiny.write()
    return tiny


def test_a_file_of_a_study_is_read_as_its_manifest_says_and_corrected(mistyped):
    found = ev.read(mistyped.raw / "baseline.csv", mistyped.config)
    assert found.findings.query("severity == 'error'").empty
    assert found.assumed == {}
    # a column that the manifest leaves out is none too many
    assert "deviceid" not in found.frame
    assert found.frame.loc[2, "trust"] == found.frame.loc[1, "trust"]
    assert set(found.frame["synthetic"]) == {"SYNTHETIC"}
    named = ev.read(mistyped.raw / "baseline.csv", mistyped.config, source="baseline")
    pd.testing.assert_frame_equal(named.frame, found.frame)


def test_what_no_correction_fixes_says_where_to_write_one(mistyped):
    mistyped.ledger = []
    mistyped.write()
    found = ev.read(mistyped.raw / "baseline.csv", mistyped.config)
    assert found.findings["rule"].tolist() == ["unlisted-code"]
    with pytest.raises(EvaluationError, match=r"write a line for each into tiny/corrections\.csv"):
        _ = found.frame


def test_corrections_of_another_delivery_are_not_taken_for_this_ones(mistyped):
    path = mistyped.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b"Secreta 9", b"Secreta 8"))
    found = ev.read(path, mistyped.config)
    assert "delivery" in found.findings["rule"].tolist()
    with pytest.raises(EvaluationError, match="written for another delivery"):
        _ = found.frame


def test_a_file_that_the_manifest_does_not_name_is_told_which_it_names(mistyped, tmp_path):
    path = file(tmp_path, "id\n1\n")
    with pytest.raises(
        DataError, match=r"no entry for answers\.csv(.|\n)*baseline, endline, frame"
    ):
        ev.read(path, mistyped.config)


def test_a_file_of_no_study_says_that_a_study_corrects(tmp_path):
    with pytest.raises(EvaluationError, match=r"name the study's folder as dictionary="):
        _ = ev.read(file(tmp_path, "id,trust\n007,4\n008\n")).frame
