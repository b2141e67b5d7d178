"""Single cells as spreadsheet programs rewrite them, against what a person meant.

The expected texts are written down by hand; 45720 is the 4 March 2025 as spreadsheets count days.
"""

from dataclasses import replace

import pytest

from evaluation.data.readers.sheets import SheetCell
from evaluation.fieldwork.dictionary_cells import CellError
from evaluation.fieldwork.office_cells import RawCell, day, is_same, restored, whole
from tests.data import in_spanish
from tests.tables import cases

CASES = cases(__file__)


@pytest.mark.parametrize(("text", "known", "same"), CASES["ids"])
def test_what_a_spreadsheet_may_have_made_of_an_id(text, known, same):
    assert is_same(text, known) is same


@pytest.mark.parametrize(("text", "expected"), CASES["days"])
def test_days(text, expected):
    if not expected:
        with pytest.raises(CellError) as caught:
            day(SheetCell(text))
        assert in_spanish.unknown(caught.value.problem, caught.value.fix) == []
    else:
        assert day(SheetCell(text)) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (SheetCell("1066"), 1066),
        (SheetCell("1066,0"), 1066),
        (SheetCell("1066.0", "number"), 1066),
        (SheetCell("1.066"), 1066),
        (SheetCell("1,066"), 1066),
        (SheetCell("\u00a01066 "), 1066),
        # signs that nobody sees, as a cell that was copied from a page brings them
        (SheetCell("\ufeff1066\u200b"), 1066),
    ],
)
def test_lines(cell, expected):
    assert whole(cell) == expected


def target(kind: str, *allowed: str, seen: tuple[str, ...] = (), decimal: str = ".") -> RawCell:
    return RawCell(
        type=kind,
        allowed=allowed,
        present=frozenset(seen),
        decimal=decimal,
        date="%d/%m/%Y",
    )


@pytest.mark.parametrize(
    ("cell", "of", "expected"),
    [
        (SheetCell("3,5"), target("number"), "3.5"),
        (SheetCell("3,5"), target("number", decimal=","), "3,5"),
        (SheetCell("3.5", "number"), target("number", decimal=","), "3,5"),
        (SheetCell("12.125", "number"), target("number"), "12.125"),
        (SheetCell("12,125"), target("number"), None),
        (SheetCell("12,0"), target("count"), "12"),
        (SheetCell("5"), target("ordinal", "05", "06"), "05"),
        (SheetCell("5"), target("ordinal", "05", "5"), "5"),
        (SheetCell("3,0"), target("ordinal", "3"), "3"),
        (SheetCell("3,0"), target("ordinal", "3", "3,0"), "3,0"),
        (SheetCell("VERDADERO"), target("binary", "true", "false"), "true"),
        (SheetCell("TRUE", "logical"), target("binary", "True", "False"), "True"),
        (SheetCell("TRUE", "logical"), target("binary", "1", "2"), None),
        (SheetCell("TRUE", "logical"), target("binary", "True", "true"), None),
        (SheetCell("45720", "number"), target("date"), "04/03/2025"),
        (SheetCell("2025-03-04 00:00:00", "date"), target("date"), "04/03/2025"),
        (SheetCell("2025-03-04 00:00:00", "date"), target("text"), None),
        # a moment that a spreadsheet made of the cell, and one that stayed as it was typed
        (SheetCell("2025-03-04 08:05:00", "date"), target("datetime"), "04/03/2025 08:05:00"),
        (SheetCell("45720", "number"), target("datetime"), None),
        (SheetCell("4/3/2025 8:05"), target("datetime"), "4/3/2025 8:05"),
        (SheetCell("1,5"), target("datetime"), "1,5"),
        (SheetCell("Verdadero"), target("text", seen=("Verdadero", "true")), "Verdadero"),
        (SheetCell("VERDADERO"), target("text", seen=("Verdadero", "true")), None),
        (SheetCell("1,23E+05"), target("id"), None),
        (SheetCell("1234567890123456", "number"), target("id"), None),
        (SheetCell("123"), target("id", seen=("00123", "00456")), None),
        (SheetCell("00789"), target("id", seen=("00123", "00456")), "00789"),
        (SheetCell("789"), target("id", seen=("123", "456")), "789"),
        (SheetCell("789,0"), target("id", seen=("123", "456")), "789"),
        (SheetCell("7"), target("id", seen=("p01", "p02")), "7"),
        (SheetCell("7"), target("id", seen=("123", "456")), "7"),
        (SheetCell("(Vacio)"), target("text"), ""),
        (SheetCell("dos  palabras "), target("text"), "dos  palabras"),
        (SheetCell("#REF!", "error"), target("text"), None),
    ],
)
def test_new_values(cell, of, expected):
    if expected is None:
        with pytest.raises(CellError) as caught:
            restored(cell, of)
        assert in_spanish.unknown(caught.value.problem, caught.value.fix) == []
    else:
        assert restored(cell, of) == expected


def test_a_day_is_written_with_its_zeros_where_the_file_may_leave_them_out():
    of = replace(target("date"), date="%-d/%-m/%Y")
    assert restored(SheetCell("4/3/2025"), of) == "04/03/2025"
