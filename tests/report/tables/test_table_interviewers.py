"""Annex tables of the interview: who asked, and who had been asked before."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

ASKED = dataclasses.replace(made.check("measurement"), id="asked", kind="interviewers")
BEFORE = dataclasses.replace(made.check("measurement"), id="before", kind="conditioning")
TWO_WAY = made.of_check(
    TRUST, ASKED, step="two_way", estimate=0.11, ci_low=-0.1, ci_high=0.32, std_error=0.1
)
WORK = (
    made.diagnostic(TRUST, ASKED, "interviewers", 28),
    made.diagnostic(TRUST, ASKED, "interviewers_in_both_groups", 20),
    made.diagnostic(TRUST, ASKED, "interviewers_in_both_rounds", 0),
    made.diagnostic(TRUST, ASKED, "v", 0.6, sample="round:baseline"),
    made.diagnostic(TRUST, ASKED, "v", 0.33, sample="round:endline"),
    made.diagnostic(TRUST, ASKED, "icc", 0.03),
)
AGAIN = tuple(
    made.of_check(TRUST, BEFORE, f"again:{name}", estimate=value, ci_low=value - 0.1, ci_high=0.3)
    for name, value in (
        ("all", 0.1), ("treated", 0.17), ("comparison", 0.03), ("difference", 0.14)
    )
)  # fmt: skip


def asked(**changes):
    given = {"check_estimates": (TWO_WAY,), "check_diagnostics": WORK}
    source = made.source(ASKED, **{**given, **changes})
    return builders.build(examples.exhibit("interviewers", outcomes=("trust",)), source)


def before(**changes):
    source = made.source(BEFORE, **{"check_estimates": AGAIN, **changes})
    return builders.build(examples.exhibit("conditioning", outcomes=("trust",)), source)


def test_interviewers_work_stands_once():
    table = asked()
    assert table.cell("work_interviewers_all", "value").text == "28"
    assert table.cell("work_interviewers_in_both_groups_all", "value").text == "20"
    assert table.cell("work_v_round_baseline", "value").text == "0.60"


def test_an_outcome_has_its_share_and_both_intervals():
    table = asked()
    assert table.cell("trust-icc", "value").text == "0.03"
    assert table.cell("trust-primary", "value").text == "+0.11"
    assert table.cell("trust-two_way", "ci_low").text == "\N{MINUS SIGN}0.10"
    assert "Cameron, Gelbach and Miller 2011" in " ".join(table.notes)


def test_a_variance_that_is_not_positive_says_so():
    absent = made.unavailable(TRUST, ASKED, "two_way", "the two-way variance is not positive")
    table = asked(check_estimates=(), check_unavailable=(absent,))
    assert "not positive" in table.cell("trust-two_way", "value").text


def test_people_interviewed_before_by_group():
    table = before()
    shown = {row.id: row.cells[1].text for row in table.rows}
    assert shown == {
        "trust-all": "+0.10",
        "trust-treated": "+0.17",
        "trust-comparison": "+0.03",
        "trust-difference": "+0.14",
    }


def test_few_clusters_are_withheld():
    few = (dataclasses.replace(AGAIN[0], n_clusters_comparison=2), *AGAIN[1:])
    assert before(check_estimates=few).cell("trust-all", "value").kind == "suppressed"


def test_a_check_with_neither_is_an_error():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        before(check_estimates=())
