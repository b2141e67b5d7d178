"""What the table of balance says where nobody was lost, and where nobody was seen again."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.estimation.records import Balance
from evaluation.report import builders
from evaluation.report.formats.table import Table
from tests.report import examples

ARMS = ("treated", "comparison")


def build(
    again: int,
    *,
    language: str = "en",
    valid: int = 500,
    balance: tuple[Balance, ...] = (examples.balance("q2", "all"),),
) -> Table:
    flow = tuple(
        examples.flow("baseline", arm, step, n)
        for arm in ARMS
        for step, n in (("delivered", valid), ("valid", valid), ("panel_members", again))
    )
    # the balance of all respondents is there: only what compares stayers is not
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
def test_a_sentence_stands_in_the_place_of_rows(again, language, said):
    table = build(again, language=language)
    assert len(table.rows) == 1
    assert dict(table.said)["again"].startswith(said)
    assert dict(table.said)["lost"].startswith(said)
    assert sum(said in note for note in table.notes) == 1


@pytest.mark.parametrize(("again", "valid"), [(499, 500), (1, 500), (0, 0)])
def test_records_that_are_missing_stop_the_build(again, valid):
    with pytest.raises(ReportError, match="no balance records of attrition"):
        build(again, valid=valid)


def test_both_sentences_that_no_difference_is_large_say_of_whom():
    """They stand on the same pages: of everyone at baseline, and of who was interviewed again."""
    shown = tuple(examples.balance("q2", x) for x in ("all", "attrition", "stayers", "leavers"))
    said = dict(build(400, balance=shown).said)
    assert said["beyond"] != said["lost"]
    assert "interviewed again" in said["lost"]


def test_gaps_in_questions_of_primary_outcomes_are_named_however_small():
    """The rule of large differences leaves out what starts the outcome itself apart."""
    asked = examples.balance("q1", "all", difference=-0.27, p_value=0.003)
    other = examples.balance("q9", "all", difference=0.5, p_value=0.001)
    said = dict(build(500, balance=(asked, other)).said)["beyond"]
    assert said.startswith("No variable shown has a normalised difference above 0.25")
    assert said.count("(p = ") == 1
    assert "\N{MINUS SIGN}0.27 (p = 0.003)." in said
