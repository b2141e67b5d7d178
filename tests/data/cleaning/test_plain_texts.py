"""What is read many at a time is what the dictionary reads one by one, and nothing else."""

import datetime
from typing import Any

import numpy as np
import pytest

from evaluation.config.dictionary import Dictionary, Kind, MissingCodes, ParsedCell, Variable
from evaluation.config.file_layout import DateForm
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning import plain_texts
from evaluation.data.cleaning.plain_texts import plain_values

# what could be taken for another thing than it is
WORDS = """
0 00 7 -7 -0 +7 12 012 12.5 12,5 -0.25 .5 5. 1.234 1,234 1e3 1E3 1E+3 1.5E+07 1.5e+07 88 98 8888
123456789012345 1234567890123456 0.1 0.30000000000000004 179769313486231570000000 ١٢ 1_000 0x10
NA N/A nan NULL - . #N/A 12NA 1NA 00000000 12345678 12345-678 12a45678 1E345678 2021-02-15
2021-02-28 2021-02-29 2020-02-29 2021-13-01 2021-00-10 0021-02-15 3021-02-15 15/02/2021
"""
CELLS = """
 7
2021-02-15 08:05:00
2021-02-15 24:00:00
2021-02-15 08:05
2021-02-15T08:05:00
2021-02-15T08:05:00.123-05:00
2021-02-29 08:05:00
2021-02-31 08:05:00
15/02/2021 08:05:00
02/15/2021 08:05:00
١٠٢١-02-15 08:05:00"""
ENDS = ("7 ", "7\n", "12345678\n", "2021-02-15 08:05:00\n", "1\u00a02")
TEXTS = [*WORDS.split(), *CELLS.split("\n"), *ENDS]
KINDS: tuple[Kind, ...] = ("number", "count", "datetime", "date", "text", "id")


def _variable(kind: Kind, **more: Any) -> Variable:
    label = Text(en="x", es="x")
    return Variable(
        name="x", type=kind, label=label, raw={"r": "x"}, personal="none", source="", **more
    )


@pytest.mark.parametrize("more", [{}, {"range": (0.0, 98.0)}, {"pattern": r"\d{8}"}])
@pytest.mark.parametrize("coded", [(), ("88", "98", "12345678", "NA")])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("date", ["%Y-%m-%d", "%d/%m/%Y"])
@pytest.mark.parametrize("kind", KINDS)
def test_plain_texts_are_what_the_dictionary_says(kind, date, decimal, coded, more, monkeypatch):
    monkeypatch.setattr(plain_texts, "ENOUGH", 0)
    if "range" in more and kind not in ("number", "count"):
        return
    codes = MissingCodes(id="m", dont_know=coded)
    variable = _variable(kind, **more, **({"missing": "m"} if coded else {}))
    dictionary = Dictionary((), {"x": variable}, missing={"m": codes})
    texts = np.array(TEXTS, dtype=object)
    one_by_one = dictionary.parse_all("x", TEXTS, source="r", decimal=decimal, date=date)
    plain, values = plain_values(variable, texts, missing=coded, decimal=decimal, date=date)
    assert len(values) == plain.sum()
    for place, value in zip(np.flatnonzero(plain), values, strict=True):
        expected = one_by_one[place]
        assert isinstance(expected, ParsedCell), TEXTS[place]
        assert expected.missing is None
        assert (type(value), repr(value)) == (type(expected.value), repr(expected.value))


def test_the_plainest_are_among_them(monkeypatch):
    monkeypatch.setattr(plain_texts, "ENOUGH", 0)
    iso: DateForm = "%Y-%m-%d"
    cells: dict[Kind, tuple[str, object]] = {
        "number": ("12.5", 12.5),
        "count": ("-3", -3.0),
        "id": ("00123456", "00123456"),
        "datetime": ("2021-02-15 08:05:00", datetime.datetime(2021, 2, 15, 8, 5)),
    }
    for kind, (text, value) in cells.items():
        texts = np.array([text, "NA"], dtype=object)
        found = plain_values(_variable(kind), texts, missing=(), decimal=".", date=iso)
        assert (found[0].tolist(), found[1]) == ([True, False], [value])


def test_a_few_texts_are_not_worth_it():
    texts = np.array(["1"] * (plain_texts.ENOUGH - 1), dtype=object)
    found, _ = plain_values(_variable("count"), texts, missing=(), decimal=".", date="%Y-%m-%d")
    assert not found.any()
