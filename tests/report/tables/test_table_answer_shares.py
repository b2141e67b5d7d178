"""Distributions of answers: every group and round beside the one that trends imply."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST

CHECK = made.check("form")
# Shares of the answers 0 and 1, by hand: implied is 0.30 + (0.15 - 0.25) = 0.20 of the ones.
ONES = {
    "treated:baseline": 0.30,
    "treated:endline": 0.26,
    "comparison:baseline": 0.25,
    "comparison:endline": 0.15,
    "implied": 0.20,
}
LINEAR = made.of_check(TRUST, CHECK, "item:q2:linear", unit="percentage points")


def shares(outcome, prefix, values=("0", "1"), ones=ONES):
    smallest = {"smallest_share": ones["implied"], "smallest_share_std_error": 0.021}
    return (
        *(
            made.diagnostic(outcome, CHECK, f"share:{value}", share, sample=f"{prefix}{place}")
            for place, one in ones.items()
            for value, share in zip(values, (1.0 - one, one), strict=True)
        ),
        *(
            made.diagnostic(outcome, CHECK, name, value, sample=f"{prefix}implied")
            for name, value in smallest.items()
        ),
    )


def study(**changes):
    given = {
        "check_estimates": (LINEAR,),
        "check_diagnostics": shares(TRUST, "item:q2:"),
    }
    return made.source(CHECK, **{**given, **changes})


def build(source, *outcomes):
    asked = examples.exhibit("answer_shares", outcomes=outcomes or ("trust",))
    return builders.build(asked, source)


def test_every_group_and_round_stands_beside_the_implied_share():
    table = build(study())
    assert [row.id for row in table.rows] == ["trust-q2-0", "trust-q2-1"]
    assert [c.text for c in table.rows[1].cells] == [
        "Robbed",
        "1: yes",
        "30.0",
        "26.0",
        "25.0",
        "15.0",
        "20.0",
    ]


def test_shares_of_an_outcome_in_percentage_points_are_yes_and_no():
    linear = made.of_check(CRIME, CHECK, "linear")
    source = study(
        check_estimates=(linear,), check_diagnostics=shares(CRIME, "", values=("0", "100"))
    )
    table = build(source, "crime")
    assert [row.cells[1].text for row in table.rows] == ["no", "yes"]
    assert table.cell("crime-100", "treated_baseline").value == pytest.approx(30.0)


def test_answers_stand_in_the_order_of_their_values():
    made_up = shares(TRUST, "item:q2:", values=("10", "9"))
    table = build(study(check_diagnostics=made_up))
    assert [row.cells[1].text for row in table.rows] == ["9", "10"]


def test_a_question_without_shares_prints_its_reason():
    whole = made.unavailable(TRUST, CHECK, "all", "eleven values", "item:q2:implied")
    table = build(study(check_estimates=(), check_diagnostics=(), check_unavailable=(whole,)))
    assert table.cell("trust-q2", "treated_baseline").text == "not available: eleven values"


def test_a_small_cell_withholds_itself_and_the_implied_share():
    few = tuple(
        dataclasses.replace(level, n=9)
        if (level.outcome, level.arm, level.round) == ("trust", "comparison", "baseline")
        else level
        for level in examples.records().levels
    )
    table = build(study(levels=few))
    kinds = {c.id: table.cell("trust-q2-1", c.id).kind for c in table.columns[2:]}
    assert kinds == {
        "treated_baseline": "number",
        "treated_endline": "number",
        "comparison_baseline": "suppressed",
        # shares add up to a level, and with one of four levels withheld its arm's other one is
        "comparison_endline": "suppressed",
        "share_implied": "suppressed",
    }
    assert "no percentages can be shown" in dict(table.said)["trust"]


def test_the_sentence_says_whether_a_share_would_be_below_zero():
    assert dict(build(study()).said)["trust"] == (
        "Trust: parallel trends for every answer imply no percentage below zero for the "
        "treatment group at endline; the smallest is 20.0% (standard error 2.1)."
    )
    negative = shares(TRUST, "item:q2:", ones={**ONES, "implied": -0.03})
    said = dict(build(study(check_diagnostics=negative)).said)["trust"]
    assert "imply a percentage below zero" in said
    assert "the smallest is \N{MINUS SIGN}3.0% (standard error 2.1)." in said


def test_a_share_of_one_group_that_is_missing_stops_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_diagnostics=shares(TRUST, "item:q2:")[2:]))
