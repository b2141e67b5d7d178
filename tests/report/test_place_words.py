"""Places in workbooks are told in the language; what is not such a place stays as it is."""

import pytest

from evaluation.data.readers.sheets import place_in
from evaluation.locale.messages import message, text_of
from evaluation.report.terminal import WrongRows, told
from tests.messages import said


@pytest.mark.parametrize(
    ("place", "english", "spanish"),
    [
        (
            ("a.xlsx", "por corregir", 4, "motivo"),
            "a.xlsx: sheet por corregir, row 4, column motivo",
            "a.xlsx: hoja por corregir, fila 4, columna motivo",
        ),
        (
            ("a.xlsx", "to correct", 12),
            "a.xlsx: sheet to correct, row 12",
            "a.xlsx: hoja to correct, fila 12",
        ),
        # a name that holds the words of a place
        (
            ("a.xlsx", "b: sheet c, row 2", 1, "x"),
            "a.xlsx: sheet b: sheet c, row 2, row 1, column x",
            "a.xlsx: hoja b: sheet c, row 2, fila 1, columna x",
        ),
        (("form.xlsx", "survey"), "form.xlsx: sheet survey", "form.xlsx: hoja survey"),
    ],
)
def test_a_place_in_a_workbook(place: tuple[str, ...], english: str, spanish: str) -> None:
    assert text_of(place_in(*place), "es") == spanish
    assert f"{place_in(*place)}" == english


def test_a_place_inside_a_message_is_in_its_language() -> None:
    inside = message("word.the-decision", place=place_in("a.xlsx", "duplicados", 3))
    assert inside.text("es") == "la decisión en a.xlsx: hoja duplicados, fila 3"


def test_wrong_rows_are_told_with_their_places_in_the_language() -> None:
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
