"""Reliability by group and round, and the effect on each question."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.estimation.row_keys import parse
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST

CHECK = made.check("measurement")
PLACES = ("treated:baseline", "treated:endline", "comparison:baseline", "comparison:endline")
ALPHAS = tuple(
    made.diagnostic(TRUST, CHECK, "alpha", value, sample=place)
    for place, value in zip(PLACES, (0.62, 0.55, 0.56, 0.57), strict=True)
)
OMEGAS = tuple(
    made.unavailable(TRUST, CHECK, "omega", "fewer than three items", place) for place in PLACES
)
ITEM = made.of_check(
    TRUST,
    CHECK,
    "item:q2",
    unit="SD",
    estimate=0.08,
    ci_low=-0.04,
    ci_high=0.2,
    p_value=0.182,
    adjustment="none",  # as all records of a check on questions are
)


def study(**changes):
    given = {
        "check_diagnostics": ALPHAS,
        "check_estimates": (ITEM,),
        "check_unavailable": OMEGAS,
    }
    return made.source(CHECK, **{**given, **changes})


def build(source, *outcomes):
    asked = examples.exhibit("reliability", outcomes=outcomes or ("trust",))
    return builders.build(asked, source)


def test_alpha_stands_in_every_group_and_round():
    table = build(study())
    assert [c.id for c in table.columns][1:5] == [
        "treated_baseline",
        "treated_endline",
        "comparison_baseline",
        "comparison_endline",
    ]
    assert [c.text for c in table.rows[0].cells[:5]] == [
        "Alpha, all questions",
        "0.62",
        "0.55",
        "0.56",
        "0.57",
    ]


def test_a_reason_that_all_groups_share_stands_once():
    table = build(study())
    assert table.cell("trust-omega", "treated_baseline").text == (
        "not available: fewer than three items"
    )
    assert table.cell("trust-omega", "comparison_endline").kind == "none"


def test_a_reason_of_one_group_stands_in_its_cell():
    mixed = (made.unavailable(TRUST, CHECK, "alpha", "7 people answered", PLACES[1]), *OMEGAS)
    table = build(study(check_diagnostics=(ALPHAS[0], *ALPHAS[2:]), check_unavailable=mixed))
    assert table.cell("trust-alpha", "treated_baseline").value == 0.62
    assert table.cell("trust-alpha", "treated_endline").text == "not available: 7 people answered"


def test_a_reason_for_the_whole_outcome_is_printed():
    reason = made.unavailable(CRIME, CHECK, "alpha", "events need not go together")
    item = made.of_check(CRIME, CHECK, "item:q2", unit="SD")
    table = build(study(check_estimates=(item,), check_unavailable=(reason,)), "crime")
    assert "events need not go together" in table.cell("crime-alpha", "treated_baseline").text


def test_questions_have_an_effect_in_standard_deviations():
    table = build(study())
    assert table.cell("trust-item_q2", "scale").text == "Robbed"
    assert table.cell("trust-item_q2", "effect_sd").text == "+0.08"
    assert table.cell("trust-item_q2", "ci_low").value == -0.04
    assert table.cell("trust-item_q2", "p_value").text == "0.182"
    assert table.cell("trust-item_q2", "treated_baseline").kind == "none"


def test_a_question_stands_with_its_correlation_with_the_others():
    rest = tuple(
        made.diagnostic(TRUST, CHECK, "rest:q2", value, sample=place)
        for place, value in zip(PLACES, (0.31, 0.32, 0.33, 0.34), strict=True)
    )
    table = build(study(check_diagnostics=(*ALPHAS, *rest)))
    row = next(r for r in table.rows if r.id == "trust-item_q2")
    assert [c.text for c in row.cells[1:5]] == ["0.31", "0.32", "0.33", "0.34"]
    assert table.cell("trust-item_q2", "effect_sd").text == "+0.08"
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_diagnostics=(*ALPHAS, *rest[:3])))


def test_an_index_of_two_questions_has_one_correlation_and_no_empty_rows():
    """The correlation with the other question is one number; alpha and omega say no more."""
    rest = tuple(
        made.diagnostic(TRUST, CHECK, f"rest:{item}", value, sample=place)
        for item in ("q1", "q2")
        for place, value in zip(PLACES, (0.31, 0.32, 0.33, 0.34), strict=True)
    )
    none = tuple(
        made.unavailable(TRUST, CHECK, name, "fewer than three items", place)
        for name in ("alpha", "omega")
        for place in PLACES
    )
    items = (dataclasses.replace(ITEM, sample=parse("item:q1")), ITEM)
    table = build(study(check_diagnostics=rest, check_estimates=items, check_unavailable=none))
    assert [r.id for r in table.rows] == ["trust-correlation", "trust-item_q1", "trust-item_q2"]
    assert [c.text for c in table.rows[0].cells[:5]] == [
        "Correlation of the two questions",
        "0.31",
        "0.32",
        "0.33",
        "0.34",
    ]
    for row in table.rows[1:]:
        assert {c.kind for c in row.cells[1:5]} == {"none"}
        assert row.cells[5].text == "+0.08"


def test_reliabilities_of_an_outcome_inside_the_index_are_named():
    inner = tuple(
        made.diagnostic(TRUST, CHECK, "alpha:crime", 0.7, sample=place) for place in PLACES
    )
    table = build(study(check_diagnostics=(*inner, *ALPHAS)))
    labels = [row.cells[0].text for row in table.rows]
    assert labels[:3] == [
        "Alpha, all questions",
        "Omega, all questions",
        "Alpha, victim of crime",
    ]


def test_few_people_in_a_group_and_round_withhold_its_reliability():
    few = tuple(
        dataclasses.replace(level, n=9)
        if (level.outcome, level.arm, level.round) == ("trust", "treated", "endline")
        else level
        for level in examples.records().levels
    )
    table = build(study(levels=few))
    assert table.cell("trust-alpha", "treated_endline").kind == "suppressed"
    assert table.cell("trust-alpha", "treated_baseline").value == 0.62
    assert "alpha is between 0.56 and 0.62" in dict(table.said)["trust"]


def test_few_people_behind_a_question_withhold_its_effect():
    few = dataclasses.replace(ITEM, n=9)
    table = build(study(check_estimates=(few,)))
    assert table.cell("trust-item_q2", "effect_sd").kind == "suppressed"
    assert "0.08" not in dict(table.said)["trust"]


def test_a_question_that_cannot_be_had_prints_its_reason():
    reason = made.unavailable(TRUST, CHECK, "all", "does not vary", "item:q2")
    table = build(study(check_estimates=(), check_unavailable=(*OMEGAS, reason)))
    assert table.cell("trust-item_q2", "effect_sd").text == "not available: does not vary"


def test_the_sentence_gives_both_ranges():
    assert dict(build(study()).said)["trust"] == (
        "Trust: alpha is between 0.55 and 0.62 across groups and rounds; the estimate "
        "for its one question is +0.08 SD."
    )


def test_holes_in_the_records_stop_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_diagnostics=(), check_estimates=(), check_unavailable=()))
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_diagnostics=ALPHAS[:3]))


def test_notes_say_that_questions_are_not_adjusted_for_their_number():
    notes = " ".join(build(study()).notes)
    assert "not adjusted for the number of questions" in notes
    assert "unweighted" in notes
