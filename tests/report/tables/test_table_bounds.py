"""Ranges of effects: what they hold, what stands around them and whom they cover."""

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats import page_layout
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

BRACKET, ATTRITION, SILENT = (made.check(x) for x in ("bracket", "attrition", "nonresponse"))
UNION = made.bound(TRUST, BRACKET, "bracket", (0.02, 0.11), (-0.05, 0.24))
TRIMMED = made.bound(TRUST, ATTRITION, "panel:changes", (0.05, 0.30), (0.01, 0.40), n=1900)
WORST = made.bound(TRUST, SILENT, "worst_case", (0.10, 0.12), (-0.02, 0.25))
RATE = made.of_check(
    TRUST,
    SILENT,
    "rate:refused",
    unit="percentage points",
    estimate=0.42,
    ci_low=-0.31,
    ci_high=1.15,
)
DIRECTION = (
    made.diagnostic(TRUST, BRACKET, "did_minus_lagged", 0.09),
    made.diagnostic(TRUST, BRACKET, "beta", 0.4),
    made.diagnostic(TRUST, BRACKET, "baseline_gap", -0.15),
    made.diagnostic(TRUST, BRACKET, "weighting_difference", 0.0),
    made.diagnostic(TRUST, BRACKET, "reliability", 0.72, sample="lagged:corrected"),
)
SEEN = tuple(
    made.diagnostic(TRUST, ATTRITION, name, value, sample="panel:changes")
    for name, value in (
        ("seen_again_treated", 0.54),
        ("seen_again_comparison", 0.60),
        ("trimmed_treated", 0.0),
        ("trimmed_comparison", 0.1),
    )
)


def study(**changes):
    given = {
        "bounds": (UNION, TRIMMED, WORST),
        "check_estimates": (RATE,),
        "check_diagnostics": (*DIRECTION, *SEEN),
    }
    return made.source(BRACKET, ATTRITION, SILENT, **{**given, **changes})


def build(source):
    return builders.build(examples.exhibit("bounds", outcomes=("trust",)), source)


def test_the_primary_estimate_stands_first_and_is_a_point():
    table = build(study())
    assert table.rows[0].id == "trust-primary"
    assert table.cell("trust-primary", "low").value == 0.11
    assert table.cell("trust-primary", "high").kind == "none"
    assert table.cell("trust-primary", "around_kind").text == (
        "95% confidence interval, simultaneous over the primary outcomes"
    )


def test_ranges_print_both_ends_and_their_unit_once():
    printed = {row.id: row.cells for row in page_layout.printed(build(study())).rows}
    assert printed["trust-bracket"][1][0] == "+0.02 to +0.11\N{NO-BREAK SPACE}SD"
    assert printed["trust-bracket"][2][0] == "\N{MINUS SIGN}0.05 to +0.24"
    assert printed["trust-primary"][1][0] == "+0.11\N{NO-BREAK SPACE}SD"


def test_a_union_is_never_called_a_confidence_interval():
    table = build(study())
    said = table.cell("trust-bracket", "around_kind").text
    assert said == "Union of two intervals, not a confidence interval"
    assert "no confidence level" in " ".join(table.notes)


def test_attrition_bounds_do_not_cover_people_interviewed_once():
    table = build(study())
    assert "not people interviewed once" in table.cell("trust-attrition", "covers").text
    assert table.cell("trust-attrition", "n").value == 1900


def test_the_share_without_an_answer_is_an_outcome_in_percentage_points():
    cell = build(study()).cell("trust-nonresponse-rate_refused", "low")
    assert (cell.text, cell.unit) == ("+0.4", "percentage points")


def test_the_direction_of_the_two_assumptions_is_worked_out_in_a_note():
    # -(1 - 0.4) x -0.15 = 0.09: the records hold it, the note prints its parts
    note = next(n for n in build(study()).notes if n.startswith("Direction."))
    assert "Trust: +0.09 SD, from a slope of 0.40, a gap of \N{MINUS SIGN}0.15" in note
    assert "(reliability of the baseline means 0.72)" in note


def test_who_was_found_again_and_what_is_trimmed_is_said():
    note = next(n for n in build(study()).notes if n.startswith("Interviewed again."))
    assert "54% of the treatment group and 60% of the comparison group" in note
    assert "the bounds trim 0% and 10%" in note


def test_one_sentence_names_all_ranges():
    assert dict(build(study()).said)["trust"] == (
        "Trust, range of effects: given the baseline, +0.02 to +0.11 SD; attrition bounds, +0.05 to"
        " +0.30 SD; no answer, +0.10 to +0.12 SD."
    )


@pytest.mark.parametrize(("step", "sample"), [("bracket", "bracket"), ("all", "all")])
def test_a_range_that_cannot_be_had_prints_its_reason(step, sample):
    reason = made.unavailable(TRUST, BRACKET, step, "no interval", sample)
    table = build(study(bounds=(TRIMMED, WORST), check_unavailable=(reason,)))
    assert table.cell("trust-bracket", "low").text == "not available: no interval"


def test_a_range_over_few_people_is_withheld_with_its_shares_and_its_sentence():
    few = made.bound(TRUST, ATTRITION, "panel:changes", (0.05, 0.30), (0.01, 0.40), n=9)
    table = build(study(bounds=(UNION, few, WORST)))
    assert table.cell("trust-attrition", "low").kind == "suppressed"
    assert not any("54%" in note for note in table.notes)
    assert "attrition" not in dict(table.said)["trust"]
    assert any(note.startswith("Suppressed.") for note in table.notes)


def test_without_any_range_the_sentence_says_so():
    reasons = tuple(
        made.unavailable(TRUST, c, "all", "nobody") for c in (BRACKET, ATTRITION, SILENT)
    )
    table = build(study(bounds=(), check_unavailable=reasons))
    assert "no range is available" in dict(table.said)["trust"]


def test_a_hole_in_the_records_stops_the_table():
    with pytest.raises(ReportError, match="check `bracket` has neither"):
        build(study(bounds=(TRIMMED, WORST)))


def test_each_row_says_what_it_answers():
    note = next(n for n in build(study()).notes if n.startswith("What each check addresses."))
    assert "Attrition bounds: What attrition answers." in note


def test_a_range_over_few_clusters_of_one_group_is_withheld():
    few = made.bound(TRUST, BRACKET, "bracket", (0.02, 0.11), (-0.05, 0.24), n_clusters_treated=2)
    table = build(study(bounds=(few, TRIMMED, WORST)))
    assert table.cell("trust-bracket", "low").kind == "suppressed"


def test_bounds_whose_shares_are_missing_stop_the_table():
    with pytest.raises(ReportError, match="check `attrition` has neither"):
        build(study(check_diagnostics=(*DIRECTION, *SEEN[1:])))
