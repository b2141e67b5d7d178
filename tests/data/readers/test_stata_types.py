"""Stata files in the smallest types: the same cells, by another program's reading of both."""

import io
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.config.manifest import RawFile
from evaluation.data.readers import stata
from evaluation.data.readers.stata import check_whole
from tools.demo import export

FILE = RawFile(
    id="f", path="raw.dta", role="baseline", round="baseline", format="dta", sha256="", rows=6,
    origin="test",
)  # fmt: skip
# each column with its type once it is small; None is system missing, a letter an extended missing
COLUMNS = {
    "bytes": ([-127, 100, None, 1, 2, 3], "int8"),
    "integer": ([-128, 32740, None, 1, 2, 3], "int16"),
    "longs": ([32741, -32768, None, 1, 2, 3], "int32"),
    "too_large": ([2147483621, 0, None, 1, 2, 3], "double"),
    "fraction": ([0.5, None, 1, 2, 3, 4], "double"),
    "letters": ([1, "a", None, "z", 100, -5], "int8"),
    "letters_long": ([1, "b", None, "c", 40000, -5], "int32"),
    "letters_fraction": ([1.5, "b", None, "c", 2, 3], "double"),
    "nothing": ([float("nan")] * 6, "int8"),
}


def written(folder: Path) -> bytes:
    frame = pd.DataFrame(
        {
            name: [float(v) if isinstance(v, int) else v for v in values]
            for name, (values, _) in COLUMNS.items()
        }
    ).assign(text=["a", "", "ñandú", "d", "e", "f"])
    letters = {
        name: sorted({v for v in values if isinstance(v, str)})
        for name, (values, _) in COLUMNS.items()
        if name.startswith("letters")
    }
    path = folder / "raw.dta"
    pyreadstat.write_dta(
        frame,
        path,
        version=14,
        missing_user_values=letters,
        variable_value_labels={"letters": {1.0: "sí", "a": "no sabe"}},
    )
    return path.read_bytes()


def by_pandas(data: bytes) -> pd.DataFrame:
    return pd.read_stata(io.BytesIO(data), convert_categoricals=False, convert_missing=True)


def test_every_cell_is_the_same_and_each_column_as_small_as_it_can_be(tmp_path):
    """pandas reads missing values of both files by Stata's own description of the format."""
    data = written(tmp_path)
    small = export.smallest(data)
    assert len(small) < len(data)
    check_whole(small, FILE)
    before, after = by_pandas(data), by_pandas(small)
    for name in before:
        was, now = ([str(v) for v in table[name]] for table in (before, after))
        assert [t.removesuffix(".0") for t in now] == [t.removesuffix(".0") for t in was], name
    _, meta = pyreadstat.read_dta(io.BytesIO(small))
    found = {name: meta.readstat_variable_types[name] for name in COLUMNS}
    assert found == {name: kind for name, (_, kind) in COLUMNS.items()}
    assert export.smallest(small) == small


def test_blank_cells_beside_letters_are_read_as_blank_in_every_type(tmp_path):
    """The reading library gives a number from memory there; pandas, and the doubles, say blank."""
    data = written(tmp_path)
    doubles = stata.read(data, FILE)
    small = stata.read(export.smallest(data), FILE)
    assert small.frame["letters"].tolist() == ["1", ".a", "", ".z", "100", "-5"]
    assert small.frame["letters_long"].tolist() == ["1", ".b", "", ".c", "40000", "-5"]
    pd.testing.assert_frame_equal(small.frame, doubles.frame)
    assert small.labels == doubles.labels


def test_another_format_is_refused(tmp_path):
    path = tmp_path / "raw.dta"
    pd.DataFrame({"x": [1, 2]}).to_stata(path, write_index=False, version=117)
    with pytest.raises(ValueError, match="118"):
        export.smallest(path.read_bytes())
