"""Rejection rates of true nulls: each with its error, and a row that says when none were made."""

import dataclasses
import json

import pytest

from evaluation.cli import exhibits, stage
from evaluation.report import tables
from evaluation.spec.design_records import Calibration
from evaluation.spec.records import Unavailable
from tests.report import examples

PERMUTED, FLIPPED = "permuted treatment", "sign flips"


def rate(null, step, nominal, rejection, outcome="trust"):
    return Calibration(
        study="small",
        outcome=outcome,
        specification="did_main",
        estimand="equal",
        null=null,
        step=step,
        nominal=nominal,
        rejection=rejection,
        mc_error=0.005,
        draws=2000,
    )


MADE = (
    rate(PERMUTED, "cv1", 0.05, 0.084),
    rate(PERMUTED, "cv1", 0.10, 0.141),
    rate(PERMUTED, "wcr_s", 0.05, 0.0465),
    rate(PERMUTED, "wcr_s", 0.10, 0.098),
    rate(FLIPPED, "cv1", 0.05, 0.061),
    rate(FLIPPED, "cv1", 0.10, 0.112),
    rate(FLIPPED, "wcr_s", 0.05, 0.052),
    rate(FLIPPED, "wcr_s", 0.10, 0.103),
)


def absent(step, reason):
    return Unavailable(
        study="small",
        outcome="trust",
        specification="did_main",
        estimand="equal",
        sample="all",
        step=f"calibration of {step}",
        reason=reason,
    )


def build(made=MADE, refused=()):
    source = examples.source(calibration=made, calibration_unavailable=refused)
    return tables.build(examples.exhibit("calibration", outcomes=("trust",)), source)


def test_rates_of_each_null_and_line_stand_in_percent_with_their_error():
    table = build()
    assert [r.id for r in table.rows] == ["trust-cv1", "trust-wcr_s"]
    cell = table.cell("trust-cv1", "rejection_permuted_treatment_5")
    assert (cell.value, cell.unit) == (pytest.approx(8.4), "%")
    assert table.cell("trust-cv1", "mc_error_permuted_treatment_5").value == pytest.approx(0.5)
    assert table.cell("trust-wcr_s", "rejection_sign_flips_10").value == pytest.approx(10.3)
    assert table.rows[1].cells[0].text == "WCR-S (primary estimate)"
    assert any("2,000 data sets of each kind" in n for n in table.notes)


@pytest.mark.parametrize(
    ("rejection", "said"),
    [
        (0.0599, "within two Monte Carlo errors of it."),
        (0.0601, "further from it than two Monte Carlo errors in at least one."),
        (0.0399, "further from it than two Monte Carlo errors in at least one."),
    ],
)
def test_the_sentence_compares_the_primary_method_with_its_promise(rejection, said):
    # 0.05 plus or minus two errors of 0.005
    made = tuple(
        dataclasses.replace(x, rejection=rejection)
        if (x.step, x.null, x.nominal) == ("wcr_s", PERMUTED, 0.05)
        else x
        for x in MADE
    )
    sentence = dict(build(made).said)["trust"]
    assert sentence.endswith(said)
    assert "5.2% (signs flipped) at the 5% line" in sentence


def test_a_table_of_one_row_says_that_nothing_was_made():
    table = build(None)
    assert len(table.rows) == 1
    cell = table.cell("not_run", "reason")
    assert cell.kind == "unavailable"
    assert "`make calibrate` has not been run for this plan and these data" in cell.text


def test_a_step_without_a_rate_prints_its_reason_where_it_holds():
    refused = (absent("ri", "sign flips: the step cannot be had in 3 of 2000 data sets"),)
    made = (*MADE, rate(PERMUTED, "ri", 0.05, 0.05), rate(PERMUTED, "ri", 0.10, 0.10))
    table = build(made, refused)
    assert table.cell("trust-ri", "rejection_permuted_treatment_5").kind == "number"
    assert "3 of 2000" in table.cell("trust-ri", "rejection_sign_flips_5").text


def test_each_kind_of_null_data_has_its_own_reason():
    refused = tuple(
        absent("ri", f"{null}: {n} failed") for n, null in enumerate((PERMUTED, FLIPPED))
    )
    table = build(MADE, refused)
    assert "0 failed" in table.cell("trust-ri", "rejection_permuted_treatment_10").text
    assert "1 failed" in table.cell("trust-ri", "rejection_sign_flips_10").text


def test_reasons_are_shown_even_where_no_step_has_a_rate():
    table = build((), (absent("wcr_s", "one stratum"),))
    assert "one stratum" in table.cell("trust-wcr_s", "rejection_sign_flips_5").text
    assert "could not be calibrated" in dict(table.said)["trust"]


def test_a_reason_for_all_nulls_stands_under_each():
    table = build(MADE, (absent("cr2", "no such step here"),))
    shown = {c.kind for c in table.rows[1].cells[1::2]}
    assert table.rows[1].id == "trust-cr2"
    assert shown == {"unavailable"}


def test_rates_count_only_for_the_plan_and_data_they_were_made_for(tmp_path):
    results = {"plan_hash": "a", "data_hash": "b"}
    assert not exhibits._is_calibrated(tmp_path, results)
    stamp = tmp_path / stage.CALIBRATION
    stamp.write_text(json.dumps({**results, "data_sets": 7}))
    assert exhibits._is_calibrated(tmp_path, results)
    assert not exhibits._is_calibrated(tmp_path, {**results, "plan_hash": "other"})
    assert not exhibits._is_calibrated(tmp_path, {**results, "data_hash": "other"})
