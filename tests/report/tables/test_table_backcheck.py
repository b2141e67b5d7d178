"""Back-checks in the book: rates by hand, few answers withheld, and what each type means."""

import dataclasses

import pytest

from evaluation.config.confidentiality import is_withheld
from evaluation.config.dictionary import AskedIf
from evaluation.config.fieldwork_plan import BackcheckShare
from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import examples


def share(kind, variable, n, n_different, **changes):
    values = {"n_again": 130, "n_paired": 124, "n_clusters": 31}
    return BackcheckShare(
        study="small",
        round="endline",
        type=kind,
        variable=variable,
        n=n,
        n_different=n_different,
        **{**values, **changes},
    )


FOUND = (
    share(1, "", 244, 9),
    share(1, "q2", 124, 3),
    share(1, "age", 120, 6),
    share(2, "", 80, 20),
    share(2, "trust", 80, 20),
)


def build(found=FOUND, *, language="en"):
    source = dataclasses.replace(examples.source(backcheck=found), language=language)
    return builders.build(examples.exhibit("backcheck"), source)


def test_rates_by_hand():
    table = build()
    assert [row.id for row in table.rows] == [
        "endline-type_1-all",
        "endline-type_1-q2",
        "endline-type_1-age",
        "endline-type_2-all",
        "endline-type_2-trust",
    ]
    assert table.cell("endline-type_1-all", "rate").text == "3.7"  # 9 / 244
    assert table.cell("endline-type_1-q2", "question").text == "Robbed"
    # of fewer than a hundred a decimal would tell the count
    assert table.cell("endline-type_2-trust", "rate").text == "25"
    assert table.cell("endline-type_1-age", "n").value == 120
    assert table.rows[0].group == (
        "Endline: type 1: facts that people report in the same way twice"
    )
    assert dict(table.said)["paired"] == (
        "Endline: 130 interviews in the back-check, of which 124 belong to one interview of the"
        " round, in 31 villages."
    )


def test_a_question_with_few_answers_takes_another_with_it():
    found = (share(1, "", 253, 10), *FOUND[1:3], share(1, "rare", 9, 1))
    table = build(found)
    kinds = {row.id.split("-")[-1]: row.cells[3].kind for row in table.rows}
    # 253 in all less 124 and 120 would be the nine
    assert kinds == {"all": "number", "q2": "number", "age": "suppressed", "rare": "suppressed"}
    assert table.cell("endline-type_1-rare", "n_different").kind == "suppressed"


def test_a_type_of_which_every_question_has_few_answers_has_no_sum():
    """Nine people asked three questions are 27 answers of nine people."""
    found = (share(3, "", 27, 5), *(share(3, name, 9, 1) for name in ("q2", "age", "trust")))
    assert {row.cells[1].kind for row in build(found).rows} == {"suppressed"}


def test_a_back_check_in_two_municipalities_is_not_shown():
    few = tuple(dataclasses.replace(s, n_clusters=2) for s in FOUND)
    table = build(few)
    assert {row.cells[1].kind for row in table.rows} == {"suppressed"}
    assert dict(table.said)["paired"] == "Endline: suppressed, too few interviews or villages."


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"n_clusters": 2}, True),
        ({"n_paired": 9}, True),
        ({"n_clusters": 3, "n_paired": 10}, False),
    ],
)
def test_the_size_of_a_small_back_check_is_in_no_record(changes, gone):
    made = tuple(dataclasses.replace(s, **changes) for s in FOUND)
    for row in examples.source(backcheck=made).records.backcheck:
        sizes = (row.n_again, row.n_paired, row.n_clusters)
        assert [is_withheld(n) for n in sizes] == [gone] * 3


def test_a_sensitive_question_needs_thirty_answers():
    variable = dataclasses.replace(
        examples.DICTIONARY.variables["q2"], name="threat", personal="sensitive"
    )
    # who was asked how often was threatened
    often = dataclasses.replace(
        variable, name="often", personal="none", asked_if=AskedIf(variable="threat", values=(1,))
    )
    added = {"threat": variable, "often": often}
    dictionary = dataclasses.replace(
        examples.DICTIONARY, variables={**examples.DICTIONARY.variables, **added}
    )
    configuration = dataclasses.replace(examples.CONFIGURATION, dictionary=dictionary)
    found = (
        share(1, "", 388, 8),
        share(1, "q2", 120, 3),
        share(1, "age", 210, 2),
        share(1, "threat", 29, 2),
        share(1, "often", 29, 1),
    )
    source = examples.source(configuration, backcheck=found)
    table = builders.build(examples.exhibit("backcheck"), source)
    assert table.cell("endline-type_1-threat", "rate").kind == "suppressed"
    assert table.cell("endline-type_1-often", "rate").kind == "suppressed"
    # 29 and 29 together are enough: what is large stays
    assert table.cell("endline-type_1-q2", "rate").kind == "number"


def test_without_a_back_check_the_exhibit_stops_the_build():
    with pytest.raises(ReportError, match="no back-check rates") as stopped:
        build(())
    assert stopped.value.rule == "missing-record"


def test_spanish_words_and_marks():
    table = build(language="es")
    assert table.cell("endline-type_1-all", "rate").text == "3,7"
    assert table.columns[1].label == "Respuestas comparadas"
    assert "130 entrevistas de verificación" in dict(table.said)["paired"]
