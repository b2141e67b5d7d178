"""Letters of another encoding are found inside words; quotes, ranges and questions are not."""

import hashlib
import re

import pandas as pd
import pytest

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.readers import decoding
from evaluation.data.readers.csv import read
from evaluation.data.readers.decoding import cell_findings
from tests.tables import cases

CASES = cases(__file__)

# Letters of a small invented export: what people of the field write.
TEXT = (
    "id;nombre;respuesta\r\n1;Nariño;La señora María pidió más información\r\n"
    "2;Bogotá;Sí, él volvió a la vereda\r\n"
)


def raw(data: bytes, encoding: str, *, delimiter: str = ";") -> RawFile:
    dialect = Dialect(encoding=encoding, delimiter=delimiter, decimal=",", date="%d/%m/%Y")
    return RawFile(
        id="x",
        path="x.csv",
        role="baseline",
        round="baseline",
        format="csv",
        sha256=hashlib.sha256(data).hexdigest(),
        rows=2,
        origin="invented",
        dialect=dialect,
    )


@pytest.mark.parametrize("declared", ["cp1252", "latin-1"])
@pytest.mark.parametrize("own", ["cp850", "cp437", "mac_roman"])
def test_another_encoding_than_the_declared_one_is_an_error(own, declared):
    data = TEXT.encode(own)
    findings = read(data, raw(data, declared))[1]
    assert [(f.rule, f.severity, f.line) for f in findings] == [("garbled-text", "error", 2)]


@pytest.mark.parametrize("declared", ["cp1252", "latin-1"])
def test_its_own_encoding_has_no_finding(declared):
    data = TEXT.encode(declared)
    assert read(data, raw(data, declared))[1] == []


def test_lost_letters_and_those_of_web_pages_are_errors_on_their_line():
    for change in ("replace", "xmlcharrefreplace"):
        data = TEXT.replace(";", ",").encode("ascii", change)
        findings = read(data, raw(data, "cp1252", delimiter=","))[1]
        assert ("garbled-text", "error", 2) in [(f.rule, f.severity, f.line) for f in findings]


WORDS = (
    "Nariño", "niños", "año", "años", "señor", "señora", "España", "mañana", "compañero",
    "información", "razón", "política", "María", "policía", "comunitarias días", "más", "además",
    "rápido", "fácil", "página", "NARIÑO", "Bolívar", "Villagarzón", "dueño", "pequeños",
)  # fmt: skip
# what a code page shows of a letter that no rule can tell from a word, or that is none of the above
BLIND = {
    "mac_roman": {"año"},
    "lost": {"política", "Bolívar", "mañana"},
}


@pytest.mark.parametrize("own", ["cp850", "cp437", "mac_roman"])
def test_words_of_another_code_page(own):
    seen = {word: decoding.first_garbled(word.encode(own).decode("cp1252")) for word in WORDS}
    assert {word for word, place in seen.items() if place is None} == BLIND.get(own, set())


def test_each_sign_of_the_list_has_its_patterns():
    signs = [sign for entry in decoding.LISTS["sign"] for sign in entry["signs"]]
    made = list(decoding._in_word())
    assert [sign for sign, _ in made] == signs
    assert all(pattern.pattern.startswith(re.escape(sign)) for sign, pattern in made)
    parts = [f"{{{name}}}" for name in (*decoding.LISTS["parts"], "SIGN")]
    assert not any(part in pattern.pattern for _, pattern in made for part in parts)


def test_words_that_lost_their_letters():
    seen = {
        word: decoding.first_garbled(word.encode("ascii", "replace").decode()) for word in WORDS
    }
    assert {word for word, place in seen.items() if place is None} == BLIND["lost"]


@pytest.mark.parametrize("word", ["Nari&ntilde;o", "Mar&iacute;a", "&iquest;No?", "a&#241;o"])
def test_entities_of_web_pages(word):
    assert decoding.first_garbled(word) is not None


@pytest.mark.parametrize("text", CASES["clean"])
def test_clean_text_raises_no_alarm(text):
    found = decoding.first_garbled(text)
    assert found is None, text[max(found - 5, 0) : found + 5]


def test_a_cell_of_a_workbook_is_looked_at_alike():
    file = raw(b"", "cp1252")
    frame = pd.DataFrame({"x": ["Bogotá", "Nari¤o"], "__line__": [2, 3]})
    assert [(f.rule, f.column, f.line) for f in cell_findings(frame, file)] == [
        ("garbled-text", "x", 3)
    ]
