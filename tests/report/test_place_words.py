"""Places in workbooks are told in the language; what is not such a place stays as it is."""

import pytest

from evaluation.data.readers.sheets import place_in
from evaluation.locale.messages import message, text_of
from evaluation.report.terminal import WrongRows, told
from tests.messages import said
from tests.tables import cases

CASES = cases(__file__)


@pytest.mark.parametrize(("place", "english", "spanish"), CASES["places"])
def test_a_place_in_a_workbook(place, english, spanish):
    assert text_of(place_in(*place), "es") == spanish
    assert f"{place_in(*place)}" == english


def test_a_place_inside_a_message_is_in_its_language():
    inside = message("word.the-decision", place=place_in("a.xlsx", "duplicados", 3))
    assert inside.text("es") == "la decisión en a.xlsx: hoja duplicados, fila 3"


def test_wrong_rows_are_told_with_their_places_in_the_language():
    place = place_in("back.xlsx", "por corregir", 4, "motivo")
    line = "small/corrections.csv:4"
    error = WrongRows(
        [(x, said("the cell is empty"), said("write the day")) for x in (place, line)],
        where="my sheet, row 4",
        rule="x",
    )
    shown = told(error, "es")
    assert shown.startswith("my sheet, row 4: ")
    assert f"  {line}: " in shown
    assert "  back.xlsx: hoja por corregir, fila 4, columna motivo: " in shown
    assert "back.xlsx: sheet por corregir, row 4, column motivo" in told(error, "en")
