"""Rows put into a Stata file are those that the writing library itself writes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from evaluation.data.cleaning import stata_writer
from evaluation.data.readers import stata
from evaluation.errors import DataError

TABLE = pd.DataFrame(
    {
        "n": [1.0, np.nan, -2.5, 0.0, np.nan],
        "text": pd.Series(["a", "", "ñandú", "x" * 30, "b"], dtype="str"),
        "m": [np.nan] * 5,
    }
)
KINDS = pd.Series([None, "refused", None, None, "not_asked"], dtype="str")


def written(frame: pd.DataFrame, folder: Path) -> bytes:
    path = folder / "file.dta"
    pyreadstat.write_dta(frame, path, version=14)
    return stata.fixed_time(path.read_bytes())


def cells(frame: pd.DataFrame) -> dict[str, stata_writer.Cells | None]:
    return {
        str(name): stata_writer.texts(frame[name])
        if frame[name].dtype == "str"
        else stata_writer.numbers(frame[name], None)
        for name in frame.columns
    }


def filled(frame: pd.DataFrame, made: dict[str, stata_writer.Cells | None], folder: Path) -> bytes:
    columns = {str(name): frame[name] for name in frame.columns}
    row = written(stata_writer.written_by_library(columns, made), folder)
    listed = tuple(made.values())
    around = stata_writer.around(row, listed, rows=len(frame))
    rows = b"".join(stata_writer.packed(row, listed, rows=len(frame)))
    return around.before + rows + around.after


@pytest.mark.parametrize("block", [1, 2, 1024])
def test_the_bytes_are_the_librarys(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stata_writer, "BLOCK", block)
    assert filled(TABLE, cells(TABLE), tmp_path) == written(TABLE, tmp_path)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_too(rows: int, tmp_path: Path) -> None:
    few = TABLE.iloc[:rows].copy()
    assert filled(few, cells(few), tmp_path)[-12:] == b"</stata_dta>"
    frame, _ = pyreadstat.read_dta(_on_disk(filled(few, cells(few), tmp_path), tmp_path))
    assert len(frame) == rows


def test_kinds_as_categories_say_the_same(tmp_path: Path) -> None:
    both = [
        filled(TABLE, cells(TABLE) | {"n": stata_writer.numbers(TABLE["n"], kinds)}, tmp_path)
        for kinds in (KINDS, KINDS.astype("category"))
    ]
    assert both[0] == both[1]


def test_text_too_long_for_rows_stays_as_the_library_wrote_it(tmp_path: Path) -> None:
    table = TABLE.assign(text=pd.Series(["y" * 3_000, "z", "", "w", "v" * 2_500], dtype="str"))
    assert cells(table)["text"] is None
    assert filled(table, cells(table), tmp_path) == written(table, tmp_path)


def test_missing_cells_say_why(tmp_path: Path) -> None:
    made = cells(TABLE) | {"n": stata_writer.numbers(TABLE["n"], KINDS)}
    path = _on_disk(filled(TABLE, made, tmp_path), tmp_path)
    frame, _ = pyreadstat.read_dta(path, user_missing=True)
    assert frame["n"].tolist() == [1.0, "b", -2.5, 0.0, "d"]


def test_rows_come_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stata_writer, "BLOCK", 2)
    made = cells(TABLE)
    columns = {str(name): TABLE[name] for name in TABLE.columns}
    row = written(stata_writer.written_by_library(columns, made), tmp_path)
    blocks = list(stata_writer.packed(row, tuple(made.values()), rows=5))
    # two numbers of eight bytes and a text as wide as the longest
    assert [len(block) for block in blocks] == [2 * 46, 2 * 46, 46]


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    made = cells(TABLE)
    with pytest.raises(DataError, match="another width"):
        stata_writer.around(written(TABLE[["n"]], tmp_path), tuple(made.values()), rows=5)


def _on_disk(data: bytes, folder: Path) -> Path:
    path = folder / "filled.dta"
    path.write_bytes(data)
    return path
