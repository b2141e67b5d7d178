"""Rows put into a Stata file are those that the writing library itself writes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from evaluation.config.manifest import RawFile
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
FILE = RawFile(
    id="f", path="file.dta", role="baseline", round="baseline", format="dta", sha256="", rows=5,
    origin="test",
)  # fmt: skip
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
    one = stata_writer.one_row(made)
    row = written(frame if one is None else one, folder)
    listed = tuple(made.values())
    around = stata_writer.around(row, listed, rows=len(frame))
    rows = b"".join(stata_writer.packed(row, listed, rows=len(frame)))
    return around.before + rows + around.after


@pytest.mark.parametrize("block", [1, 2, 1024])
def test_the_bytes_are_the_librarys(block, tmp_path, monkeypatch):
    monkeypatch.setattr(stata_writer, "BLOCK", block)
    assert filled(TABLE, cells(TABLE), tmp_path) == written(TABLE, tmp_path)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_too(rows, tmp_path):
    few = TABLE.iloc[:rows].copy()
    assert filled(few, cells(few), tmp_path)[-12:] == b"</stata_dta>"
    frame, _ = pyreadstat.read_dta(_on_disk(filled(few, cells(few), tmp_path), tmp_path))
    assert len(frame) == rows


def test_kinds_as_categories_say_the_same(tmp_path):
    both = [
        filled(TABLE, cells(TABLE) | {"n": stata_writer.numbers(TABLE["n"], kinds)}, tmp_path)
        for kinds in (KINDS, KINDS.astype("category"))
    ]
    assert both[0] == both[1]


# the mark of the number of rows in a text is text
@pytest.mark.parametrize("long", ["y" * 3_000, "<N>" * 1_000])
def test_text_too_long_for_rows_stays_as_the_library_wrote_it(tmp_path, long):
    table = TABLE.assign(text=pd.Series([long, "z", "", "w", "v" * 2_500], dtype="str"))
    assert cells(table)["text"] is None
    assert filled(table, cells(table), tmp_path) == written(table, tmp_path)


def test_missing_cells_say_why(tmp_path):
    made = cells(TABLE) | {"n": stata_writer.numbers(TABLE["n"], KINDS)}
    path = _on_disk(filled(TABLE, made, tmp_path), tmp_path)
    frame, _ = pyreadstat.read_dta(path, user_missing=True)
    assert frame["n"].tolist() == [1.0, "b", -2.5, 0.0, "d"]


def test_a_missing_cell_without_a_kind_says_none(tmp_path):
    made = cells(TABLE) | {"m": stata_writer.numbers(TABLE["m"], KINDS)}
    stored = pd.read_stata(_on_disk(filled(TABLE, made, tmp_path), tmp_path), convert_missing=True)
    assert [str(cell) for cell in stored["m"]] == [".", ".b", ".", ".", ".d"]


def test_notes_are_read_back_and_the_rows_are_where_they_were(tmp_path):
    data = written(TABLE, tmp_path)
    noted = stata_writer.with_notes(data, ["Año uno", "", "the third"])
    before, after = (stata.read(kept, FILE) for kept in (data, noted))
    pd.testing.assert_frame_equal(before.frame, after.frame)
    _, meta = pyreadstat.read_dta(_on_disk(noted, tmp_path))
    assert meta.notes == ["Año uno", "", "the third"]
    # what another program reads is what the layout says: each characteristic by its length
    at = noted.index(stata_writer.OPEN) + len(stata_writer.OPEN)
    found = []
    while noted.startswith(b"<ch>", at):
        size = int.from_bytes(noted[at + 4 : at + 8], "little")
        content = noted[at + 8 : at + 8 + size]
        found.append((content[129:258].rstrip(b"\0"), content[258:]))
        assert noted.startswith(b"</ch>", at + 8 + size)
        at += 8 + size + len(b"</ch>")
    assert noted.startswith(stata_writer.CLOSE, at)
    assert found == [
        (b"note0", b"3\0"),
        (b"note1", "Año uno\0".encode()),
        (b"note2", b"\0"),
        (b"note3", b"the third\0"),
    ]


def test_rows_come_some_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(stata_writer, "BLOCK", 2)
    made = cells(TABLE)
    one = stata_writer.one_row(made)
    assert one is not None
    row = written(one, tmp_path)
    blocks = list(stata_writer.packed(row, tuple(made.values()), rows=5))
    # two numbers of eight bytes and a text as wide as the longest
    assert [len(block) for block in blocks] == [2 * 46, 2 * 46, 46]


def test_rows_of_another_width_are_refused(tmp_path):
    made = cells(TABLE)
    with pytest.raises(DataError, match=r"Stata file: .*another width"):
        stata_writer.around(written(TABLE[["n"]], tmp_path), tuple(made.values()), rows=5)


def _on_disk(data: bytes, folder: Path) -> Path:
    path = folder / "filled.dta"
    path.write_bytes(data)
    return path
