"""The dictionary reads cells strictly: a value, a kind of missing, or a problem; never a guess."""

import dataclasses
import datetime
import hashlib
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from evaluation.config.configuration import read_configuration
from evaluation.config.dictionary import Dictionary, ParsedCell, Problem
from evaluation.config.manifest import data_hash
from tests.tables import cases

CASES = cases(__file__)


@pytest.fixture
def dictionary(folder: Path) -> Dictionary:
    return read_configuration(folder).dictionary


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("victim", "1", ParsedCell(1)),
        ("victim", "2", ParsedCell(0)),
        ("victim", "88", ParsedCell(None, "dont_know")),
        ("victim", "98", ParsedCell(None, "refused")),
        ("times", "30", ParsedCell(30.0)),
        ("full_name", " Pueblo Ñ ", ParsedCell(" Pueblo Ñ ")),
    ],
)
def test_declared_texts_are_read(dictionary, name, text, expected):
    assert dictionary.parse(name, text, source="baseline") == expected


@pytest.mark.parametrize(("name", "text", "rule"), CASES["undeclared"])
def test_undeclared_texts_are_problems(dictionary, name, text, rule):
    found = dictionary.parse(name, text, source="baseline")
    assert isinstance(found, Problem)
    assert found.rule == rule
    assert found.fix


def test_a_decimal_comma_is_read_only_where_it_is_declared(folder):
    path = folder / "dictionary" / "tiny.toml"
    text = path.read_text(encoding="utf-8").replace('type = "count"', 'type = "number"')
    path.write_text(text, encoding="utf-8")
    dictionary = read_configuration(folder).dictionary
    assert dictionary.parse("times", "1,5", source="baseline", decimal=",") == ParsedCell(1.5)
    point = dictionary.parse("times", "1.5", source="baseline", decimal=",")
    assert isinstance(point, Problem), "1.5 may be one thousand five hundred there"


def test_dates_are_read_by_the_declared_pattern_alone(folder):
    path = folder / "dictionary" / "tiny.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('type = "count"', 'type = "date"').replace("range = [1, 60]\n", "")
    path.write_text(text, encoding="utf-8")
    dictionary = read_configuration(folder).dictionary
    read = dictionary.parse("times", "03/02/2021", source="baseline", date="%d/%m/%Y")
    assert read == ParsedCell(datetime.date(2021, 2, 3))
    assert isinstance(dictionary.parse("times", "03/02/2021", source="baseline"), Problem)
    assert isinstance(dictionary.parse("times", "44230", source="baseline"), Problem)
    full_width = dictionary.parse("times", "２021-02-03", source="baseline")
    assert isinstance(full_width, Problem)
    for written in ("3/2/2021", "03/2/2021", "03/02/2021"):
        short = dictionary.parse("times", written, source="baseline", date="%-d/%-m/%Y")
        assert short == ParsedCell(datetime.date(2021, 2, 3))
    for wrong in ("2021-02-03", "3/13/2021", "31/2/2021", "3/2/21", "003/2/2021", "３/2/2021"):
        found = dictionary.parse("times", wrong, source="baseline", date="%-d/%-m/%Y")
        assert isinstance(found, Problem), wrong


@pytest.mark.property
@hypothesis.given(strategies.text())
@hypothesis.settings(
    max_examples=300, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_any_other_text_of_a_coded_question_is_a_problem(dictionary, text):
    hypothesis.assume(text not in ("1", "2", "88", "888888", "98"))
    assert isinstance(dictionary.parse("victim", text, source="baseline"), Problem)


def test_a_variable_describes_itself_in_both_languages(dictionary):
    assert dictionary.describe("victim", "en") == "1 = yes; 2 = no"
    assert dictionary.describe("victim", "es") == "1 = sí; 2 = no"
    assert dictionary.describe("times", "en") == "1 to 60"
    assert dictionary.describe("times", "es") == "1 a 60"


@pytest.mark.parametrize(
    ("kind", "en", "es"),
    [
        ("number", "any number", "cualquier valor (número)"),
        ("nominal", "as delivered; no list of codes", "como se recibió; sin lista de códigos"),
        ("id", "as delivered; no list of codes", "como se recibió; sin lista de códigos"),
    ],
)
def test_a_variable_without_codes_or_range_says_what_it_may_be(dictionary, kind, en, es):
    variable = dataclasses.replace(dictionary.variables["times"], type=kind, range=None)
    declared = dataclasses.replace(dictionary, variables={"times": variable})
    assert (declared.describe("times", "en"), declared.describe("times", "es")) == (en, es)


def test_the_data_hash_is_of_sorted_paths_and_digests():
    # The definition written out: sha256 over "path NUL digest LF" lines, sorted.
    expected = hashlib.sha256(b"a.csv\x0001\nb.csv\x0002\n").hexdigest()
    assert data_hash([("b.csv", "02"), ("a.csv", "01")]) == expected
    assert data_hash([("b.csv", "02"), ("a.csv", "03")]) != expected
