"""A clean table as CSV comes in parts: together they are the table, whatever it is held as."""

import pandas as pd
import pytest

from evaluation.config.dictionary import Dictionary
from evaluation.data.cleaning import clean_files
from evaluation.errors import DataError

TABLE = pd.DataFrame(
    {
        "n": [1.0, None, -2.5, 0.0, 7.0],
        "text": pd.Series(["a", "b,c", None, 'd"e', "ñ"], dtype="str"),
        "n__missing": pd.Series([None, "refused", None, None, None], dtype="str"),
    }
)
HEADER = '"n","text","n__missing"\n'
# by hand, as RFC 4180 quotes: all text, no numbers, nothing where a cell is missing
WRITTEN = HEADER + '1,"a",\n,"b,c","refused"\n-2.5,,\n0,"d""e",\n7,"ñ",\n'


def parts(table: pd.DataFrame) -> list[str]:
    made = list(clean_files.csv_parts(table, Dictionary((), {}), name="panel.csv"))
    assert {name for name, _ in made} == {"panel.csv"}
    return [bytes(part).decode() for _, part in made]


@pytest.mark.parametrize(("rows", "expected"), [(1, 5), (2, 3), (5, 1), (100, 1)])
def test_the_parts_are_the_table(rows, expected, monkeypatch):
    monkeypatch.setattr(clean_files, "ROWS_AT_A_TIME", rows)
    made = parts(TABLE)
    assert "".join(made) == WRITTEN
    assert len(made) == expected


def test_categories_are_written_as_their_texts():
    kinds = TABLE["n__missing"].astype("category")
    assert "".join(parts(TABLE.assign(n__missing=kinds))) == WRITTEN


def test_a_table_without_rows_has_its_header():
    assert parts(TABLE.iloc[:0]) == [HEADER]


def test_a_formula_among_categories_is_refused_before_the_first_part():
    text = TABLE["text"].fillna("=1+1").astype("category")
    with pytest.raises(DataError, match="formula"):
        next(clean_files.csv_parts(TABLE.assign(text=text), Dictionary((), {}), name="panel.csv"))


def test_whole_numbers_are_written_as_the_doubles_they_are():
    odd = {"big": 3e9, "less": -0.0, "half": 0.5, "endless": float("inf")}
    columns = {name: [value, 2.0, None] for name, value in odd.items()}
    whole = {"n": [1.0, -7.0, None], "largest": [2.0**31 - 1, -(2.0**31), 0.0], "none": [None] * 3}
    table = pd.DataFrame(columns | whole, dtype=float)
    lines = "".join(parts(table)).splitlines()[1:]
    assert lines == [
        "3000000000,-0,0.5,inf,1,2147483647,",
        "2,2,2,2,-7,-2147483648,",
        ",,,,,0,",
    ]
