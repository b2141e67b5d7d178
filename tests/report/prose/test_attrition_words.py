"""What the table of balance says where nobody was lost, and where nobody was seen again."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats.table import Table
from tests.report import examples

ARMS = ("treated", "comparison")


def build(again: int, *, language: str = "en", valid: int = 500) -> Table:
    flow = tuple(
        examples.flow("baseline", arm, step, n)
        for arm in ARMS
        for step, n in (("delivered", valid), ("valid", valid), ("panel_members", again))
    )
    # the balance of all respondents is there: only what compares stayers is not
    balance = (examples.balance("q2", "all"),)
    source = examples.source(balance=balance, flow=flow)
    source = dataclasses.replace(source, language=language)
    return builders.build(examples.exhibit("balance"), source)


@pytest.mark.parametrize(
    ("again", "language", "said"),
    [
        (500, "en", "There is no attrition to compare"),
        (500, "es", "No hay pérdida de muestra que comparar"),
        (0, "en", "No one was interviewed again"),
        (0, "es", "No se entrevistó a nadie de nuevo"),
    ],
)
def test_a_sentence_stands_in_the_place_of_rows(again: int, language: str, said: str) -> None:
    table = build(again, language=language)
    assert len(table.rows) == 1
    assert dict(table.said)["again"].startswith(said)
    assert dict(table.said)["lost"].startswith(said)
    assert sum(said in note for note in table.notes) == 1


@pytest.mark.parametrize(("again", "valid"), [(499, 500), (1, 500), (0, 0)])
def test_records_that_are_missing_stop_the_build(again: int, valid: int) -> None:
    with pytest.raises(ReportError, match="no balance records of attrition"):
        build(again, valid=valid)
