"""Places in workbooks are told in Spanish; what is not such a place stays as it is."""

import pytest

from evaluation.report.terminal import WrongRows, place_in_language, told
from tests.messages import said


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "a.xlsx: sheet por corregir, row 4, column motivo",
            "a.xlsx: hoja por corregir, fila 4, columna motivo",
        ),
        ("a.xlsx: sheet to correct, row 12", "a.xlsx: hoja to correct, fila 12"),
        # a comma in the sheet's name
        ("a.xlsx: sheet a, b, row 1, column x", "a.xlsx: hoja a, b, fila 1, columna x"),
        ("form.xlsx: sheet survey", "form.xlsx: hoja survey"),
        (
            "contradice la decisión en a.xlsx: sheet duplicados, row 3, que elimina la fila",
            "contradice la decisión en a.xlsx: hoja duplicados, fila 3, que elimina la fila",
        ),
        ("small/corrections.csv:4", "small/corrections.csv:4"),
        ("my sheet, row 4", "my sheet, row 4"),
    ],
)
def test_a_place_in_spanish(english: str, spanish: str) -> None:
    assert place_in_language(english, "es") == spanish
    assert place_in_language(english, "en") == english


def test_wrong_rows_are_told_with_their_places_in_the_language() -> None:
    place = "back.xlsx: sheet por corregir, row 4, column motivo"
    error = WrongRows(
        [(place, said("the cell is empty"), said("write the day"))], where="s.csv", rule="x"
    )
    shown = told(error, "es")
    assert "  back.xlsx: hoja por corregir, fila 4, columna motivo: " in shown
    assert "sheet" not in shown
    assert place in told(error, "en")
