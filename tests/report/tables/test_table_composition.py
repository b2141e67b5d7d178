"""Whether the people interviewed changed: covariates, all at once, and the mix held fixed."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.estimation.row_keys import parse
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.tables import cases

CASES = cases(__file__)

CHECK = dataclasses.replace(
    made.check("bracket"),
    id="mix",
    kind="composition",
    theme="composition",
    label=examples.both("Mix"),
    answers=examples.both("Composition of respondents."),
)
SHARE = made.of_check(
    TRUST,
    CHECK,
    "covariate:q2",
    "cv3",
    estimate=2.24,
    ci_low=0.2,
    ci_high=4.3,
    unit="percentage points",
)
ANSWER = dataclasses.replace(SHARE, sample=parse("covariate:q2=1.0"), ci_low=-0.2)
NUMBER = dataclasses.replace(
    SHARE, sample=parse("covariate:years"), unit="SD", estimate=0.05, ci_low=-0.1
)
TARGETS = tuple(
    made.of_check(outcome, CHECK, "target:treated_endline", "cv3") for outcome in (TRUST, CRIME)
)
F = {"joint_df1": 7, "joint_df2": 63, "joint_f": 1.139, "joint_p": 0.351}
KEPT = made.diagnostic(
    TRUST, CHECK, "lowest_effective_share", 0.64, sample="target:treated_endline"
)


def joint(**changes):
    return [
        made.diagnostic(TRUST, CHECK, name, value, sample="covariates:joint")
        for name, value in {**F, **changes}.items()
    ]


def build(**changes):
    records = {
        "check_estimates": (SHARE, ANSWER, NUMBER, *TARGETS),
        "check_diagnostics": (*joint(), KEPT),
        **changes,
    }
    source = made.source(CHECK, **records)
    return builders.build(examples.exhibit("composition", outcomes=("trust", "crime")), source)


def test_covariates_stand_once_in_their_own_unit_and_outcomes_in_theirs():
    table = build()
    assert table.cell("mix-covariate_q2", "change_difference").text == "+2.2"
    assert table.cell("mix-covariate_q2", "change_difference").unit == "percentage points"
    assert table.cell("mix-covariate_years", "change_difference").text == "+0.05"
    assert (
        table.cell("crime-target_treated_endline", "change_difference").unit == "percentage points"
    )
    assert [r.id for r in table.rows] == [
        "mix-covariate_q2",
        "mix-covariate_q2_1_0",
        "mix-covariate_years",
        "mix-joint",
        "trust-primary",
        "trust-target_treated_endline",
        "crime-primary",
        "crime-target_treated_endline",
    ]


def test_covariates_and_answers_are_named_in_the_dictionarys_words():
    labels = {row.id: row.cells[0].text for row in build().rows}
    assert labels["mix-covariate_q2"] == "Robbed"
    assert labels["mix-covariate_q2_1_0"] == "Robbed: yes"
    assert labels["mix-covariate_years"] == "years"
    assert labels["trust-target_treated_endline"].startswith("Composition of the treatment")


def test_the_joint_test_prints_f_and_p():
    table = build()
    row = next(r for r in table.rows if r.id == "mix-joint")
    assert row.cells[0].text == "All covariates together: F(7, 63) = 1.14"
    assert table.cell("mix-joint", "p_value").value == 0.351


def test_a_joint_test_that_cannot_be_had_prints_its_reason():
    reason = "fewer clusters than covariates"
    absent = made.unavailable(TRUST, CHECK, "joint_test", reason, sample="covariates:joint")
    table = build(check_diagnostics=(KEPT,), check_unavailable=(absent,))
    assert table.cell("mix-joint", "change_difference").text == f"not available: {reason}"
    assert "cannot be tested here" in dict(table.said)["people"]


@pytest.mark.parametrize(("p", "said"), CASES["sentences"])
def test_the_sentence_follows_the_joint_test_and_names_single_covariates(p, said):
    sentence = dict(build(check_diagnostics=(*joint(joint_p=p), KEPT)).said)["people"]
    assert sentence.startswith(said)
    assert "1 of 3 intervals of single covariates exclude zero (Robbed)" in sentence


def test_small_rows_are_withheld():
    few = dataclasses.replace(SHARE, n_clusters_treated=2)
    table = build(check_estimates=(few, *TARGETS))
    assert table.cell("mix-covariate_q2", "change_difference").kind == "suppressed"


def test_notes_say_what_reweighting_costs():
    assert "worth at least 64% of the same number" in " ".join(build().notes)


def test_a_check_without_any_record_is_an_error():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(check_estimates=(), check_diagnostics=())
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(check_estimates=(SHARE, *TARGETS), check_diagnostics=())
