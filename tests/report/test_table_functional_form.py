"""Other models of the answers, and the distribution that parallel trends imply."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import layout, tables
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST

CHECK = made.check("form")
LINEAR = made.of_check(CRIME, CHECK, "linear", estimate=-2.4)
LOGIT = made.of_check(CRIME, CHECK, "logit", "cv3", estimate=-2.75, ci_low=-8.3, ci_high=2.7)
ITEM = made.of_check(TRUST, CHECK, "item:q2:linear", unit="points", estimate=0.05)
ODDS = made.of_check(TRUST, CHECK, "item:q2:ordered_logit", "cv3", unit="log odds", estimate=0.11)
POINTS = made.of_check(
    TRUST, CHECK, "item:q2:ordered_logit:mean", "cv3", unit="points", estimate=0.062
)
REFUSED = made.unavailable(CRIME, CHECK, "wcr_s", "not linear", "logit")


def implied(outcome, sample, smallest=-0.012, error=0.02, negative=1):
    return (
        made.diagnostic(outcome, CHECK, "smallest_share", smallest, sample=sample),
        made.diagnostic(outcome, CHECK, "smallest_share_std_error", error, sample=sample),
        made.diagnostic(outcome, CHECK, "negative_shares", negative, sample=sample),
    )


def study(**changes):
    given = {
        "check_estimates": (LINEAR, LOGIT, ITEM, ODDS, POINTS),
        "check_diagnostics": (
            *implied(CRIME, "implied"),
            *implied(TRUST, "item:q2:implied", 0.115, 0.017, 0),
        ),
        "check_unavailable": (REFUSED,),
    }
    return made.source(CHECK, **{**given, **changes})


def build(source, *outcomes):
    asked = examples.exhibit("functional_form", outcomes=outcomes)
    return tables.build(asked, source)


def test_models_of_an_outcome_stand_under_each_other():
    table = build(study(), "crime")
    assert [row.id for row in table.rows] == ["crime-linear", "crime-logit"]
    assert table.cell("crime-linear", "question").text == "Victim of crime"
    assert table.cell("crime-logit", "model").text == "Logit: log odds move alike"
    assert table.cell("crime-logit", "estimate").value == -2.75
    assert table.cell("crime-logit", "step").text == "CV3 jackknife"


def test_models_of_a_question_keep_their_own_units():
    table = build(study(), "trust")
    assert table.cell("trust-item_q2_linear", "question").text == "Robbed"
    assert table.cell("trust-item_q2_ordered_logit", "estimate").unit == "log odds"
    printed = {row.id: row.cells for row in layout.printed(table).rows}
    assert printed["trust-item_q2_ordered_logit"][2][0] == "+0.11\N{NO-BREAK SPACE}log odds"


def test_the_implied_distribution_stands_beside_the_linear_model_only():
    table = build(study(), "crime")
    assert table.cell("crime-linear", "smallest_share").text == "\N{MINUS SIGN}1.2"
    assert table.cell("crime-linear", "smallest_share_error").value == pytest.approx(2.0)
    assert table.cell("crime-linear", "negative_shares").value == 1
    assert table.cell("crime-logit", "smallest_share").kind == "none"
    assert build(study(), "trust").cell("trust-item_q2_linear", "smallest_share").text == "11.5"


def test_a_standard_error_that_cannot_be_had_prints_its_reason():
    reason = made.unavailable(CRIME, CHECK, "smallest_share_std_error", "one cluster", "implied")
    source = study(
        check_diagnostics=(implied(CRIME, "implied")[0], implied(CRIME, "implied")[2]),
        check_unavailable=(reason,),
        check_estimates=(LINEAR,),
    )
    cell = build(source, "crime").cell("crime-linear", "smallest_share_error")
    assert cell.text == "not available: one cluster"


def test_a_model_that_cannot_be_had_prints_its_reason():
    reason = made.unavailable(CRIME, CHECK, "cv3", "one answer only", "poisson")
    whole = made.unavailable(CRIME, CHECK, "all", "eleven values", "models")
    table = build(study(check_unavailable=(reason, whole)), "crime")
    assert table.cell("crime-poisson", "estimate").text == "not available: one answer only"
    assert table.cell("crime-models", "estimate").text == "not available: eleven values"


def test_few_people_withhold_the_row_and_its_implied_share():
    few = dataclasses.replace(LINEAR, n=9)
    table = build(study(check_estimates=(few, LOGIT)), "crime")
    assert table.cell("crime-linear", "estimate").kind == "suppressed"
    assert table.cell("crime-linear", "smallest_share").kind == "suppressed"
    assert table.cell("crime-linear", "n").kind == "none"
    assert dict(table.said)["crime"].endswith("the reasons stand in the table.")


def test_the_sentence_compares_models_in_the_unit_of_the_linear_one():
    said = dict(build(study()).said)
    assert said["crime"] == (
        "Victim of crime: estimates under other models differ from the linear ones by at most 0.35"
        " pp; 1 implied share is below zero."
    )
    # the log odds, 0.11, are not compared with points
    assert "by at most 0.012 points; no implied share is below zero" in said["trust"]


def test_notes_say_that_no_row_is_a_robustness_check():
    table = build(study())
    notes = " ".join(table.notes)
    assert "What form answers." in notes
    assert "the scale decides" in notes
    assert "the mean that the model gives the treatment group at endline, less the mean" in notes
    assert "none below zero proves nothing" in notes


def test_an_outcome_without_any_row_stops_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_estimates=(), check_unavailable=()), "crime")
