"""Stage ``read`` on the default study's own files: what an edited file is answered with."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from evaluation.cli.stages import read
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]
STUDY = "somos_comunidad"
COLUMN, LINE = b"b18", 17


@pytest.fixture
def copy(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "config" / STUDY, tmp_path / "config" / STUDY)
    shutil.copytree(ROOT / "data_raw" / STUDY, tmp_path / "data_raw" / STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit_cell(path: Path, value: bytes) -> None:
    lines = path.read_bytes().split(b"\n")
    cells = lines[LINE - 1].split(b",")
    cells[lines[0].split(b",").index(COLUMN)] = value
    lines[LINE - 1] = b",".join(cells)
    path.write_bytes(b"\n".join(lines))


def run() -> None:
    read.run(Namespace(study=STUDY, data_raw=Path("data_raw") / STUDY, language="en"))


def test_an_edited_code_is_named_by_file_line_column_value_and_mend(copy):
    edit_cell(copy / "data_raw" / STUDY / "baseline_survey.csv", b"9")
    with pytest.raises(DataError) as stopped:
        run()
    message = str(stopped.value)
    assert "baseline_survey.csv:17, column b18, value '9'" in message
    assert "unlisted-code" in message
    assert "checksum" in message
    assert "correct the cell in corrections.csv" in message
    # flaws that the ledger cures are not blamed on the edit
    assert message.startswith(f"{STUDY}: 2 errors")
    written = [p.relative_to(copy / "build").as_posix() for p in copy.glob("build/**/*.*")]
    assert written == [f"{STUDY}/private/findings_error.csv"]


def test_an_edit_to_another_listed_code_is_still_another_file(copy):
    path = copy / "data_raw" / STUDY / "baseline_survey.csv"
    before = path.read_bytes()
    edit_cell(path, b"1")
    assert path.read_bytes() != before
    with pytest.raises(DataError, match="1 error in the raw data") as stopped:
        run()
    assert "checksum" in str(stopped.value)
