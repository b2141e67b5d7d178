"""One list of signs keeps formulas out of every CSV file, whatever stands before them."""

import csv
import io

import pandas as pd
import pytest

from evaluation import file_content
from evaluation.data.cleaning import codebook as clean_files
from evaluation.errors import DataError
from evaluation.estimation.records import CorrectionCount
from evaluation.report.formats import table_writers
from tests.report.formats.test_writers import small_table

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BEFORE = ("", " ", "  ", "\t", "\n", "\r\n", "\xa0", "\u3000", "\u200b", "\ufeff", " \t ")
ACTIVE = [f"{before}{sign}1+1" for sign in SIGNS for before in BEFORE]
HARMLESS = ("", " ", "a=1", "1-2", "10", " two words", "¿Sí? -", "'=1", "e-mail", "–5 a 10")


@pytest.mark.parametrize("text", ACTIVE)
def test_a_formula_is_one_behind_blanks_too(text):
    assert file_content.is_active(text)
    (line,) = [row for row in csv.DictReader(io.StringIO(_written(text))) if row["row"] == "one"]
    assert line["c9"] == f"'{text}"
    assert file_content.inert(text) == f"'{text}"
    with pytest.raises(DataError):
        clean_files.check_table(pd.DataFrame({"x": [text]}), where="x.csv")


def _written(text: str) -> str:
    return table_writers.to_csv(small_table(text)).decode("utf-8-sig")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text):
    assert not file_content.is_active(text)
    assert file_content.inert(text) == text
    clean_files.check_table(pd.DataFrame({"x": [text]}), where="x.csv")


QUOTED = ["'", "''", "'=1+1", "''=1+1", "' =1", "'-1", "'x"]
NUMBERS = ["-1", "+5", "-0.25", "-0,25", "1e-05", "-3E+2"]


@pytest.mark.parametrize("text", [*ACTIVE, *HARMLESS, *QUOTED, *NUMBERS])
def test_a_record_comes_back_as_it_was_and_its_table_runs_nothing(text):
    given = CorrectionCount(study="s", round="r", action="set", reason=text, n=-1)
    table = file_content.written([given], CorrectionCount, mark="")
    assert file_content.read(table, CorrectionCount, where="x.csv") == (given,)
    ((*_, cell),) = [row[:4] for row in list(csv.reader(io.StringIO(table, newline="")))[1:]]
    assert not file_content.is_active(cell) or text in NUMBERS


def test_a_number_has_no_apostrophe():
    for text in NUMBERS:
        assert file_content.guarded(text) == text
