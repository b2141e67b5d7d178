"""The distribution that parallel trends imply, question by question."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST

CHECK = made.check("form")


def implied(outcome, sample, smallest=-0.012, error=0.02, negative=1):
    return (
        made.diagnostic(outcome, CHECK, "share:1", smallest, sample=sample),
        made.diagnostic(outcome, CHECK, "smallest_share", smallest, sample=sample),
        made.diagnostic(outcome, CHECK, "smallest_share_std_error", error, sample=sample),
        made.diagnostic(outcome, CHECK, "negative_shares", negative, sample=sample),
    )


def study(**changes):
    given = {
        "check_diagnostics": (
            *implied(CRIME, "implied"),
            *implied(TRUST, "item:q2:implied", 0.115, 0.017, 0),
        ),
    }
    return made.source(CHECK, **{**given, **changes})


def build(source, *outcomes):
    return builders.build(examples.exhibit("functional_form", outcomes=outcomes), source)


def test_each_question_has_its_smallest_implied_share_with_its_error():
    table = build(study(), "crime", "trust")
    assert {row.id for row in table.rows} == {"crime", "trust-q2"}
    assert table.cell("crime", "question").text == "Victim of crime"
    assert table.cell("trust-q2", "question").text == "Robbed"
    assert table.cell("crime", "smallest_share").text == "\u22121.2"
    assert table.cell("crime", "smallest_share_error").text == "2.0"
    assert table.cell("crime", "negative_shares").value == 1
    assert table.cell("trust-q2", "negative_shares").value == 0


def test_a_question_without_shares_prints_its_reason():
    reason = made.unavailable(CRIME, CHECK, "all", "many values", "implied")
    source = study(check_diagnostics=(), check_unavailable=(reason,))
    table = build(source, "crime")
    assert table.cell("crime", "smallest_share").text == "not available: many values"
    assert "no percentages can be shown" in dict(table.said)["crime"]


def test_a_small_group_and_round_withholds_the_row():
    few = tuple(
        dataclasses.replace(level, n=9) if level.outcome == "crime" else level
        for level in examples.records().levels
    )
    table = build(study(levels=few), "crime")
    assert table.cell("crime", "smallest_share").kind == "suppressed"
    assert table.cell("crime", "negative_shares").kind == "suppressed"
    assert "\u22121.2" not in dict(table.said)["crime"]


def test_the_sentence_says_whether_a_share_would_be_below_zero():
    said = dict(build(study(), "crime", "trust").said)
    assert said["crime"].endswith("the smallest is \u22121.2%.")
    assert "imply no percentage below zero" in said["trust"]


def test_an_outcome_without_any_row_stops_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_diagnostics=()), "crime")
