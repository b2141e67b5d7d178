"""Fit of one factor with more and more equal in all groups and rounds, and what it changes."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples, in_spanish
from tests.report.check_examples import CRIME, TRUST
from tests.tables import cases

CASES = cases(__file__)

CHECK = made.check("measurement")
FITS = CASES["fits"]


def fitted(suffix="", levels=("configural", "metric", "scalar"), **changes):
    return tuple(
        made.diagnostic(TRUST, CHECK, name + suffix, value, sample=f"invariance:{level}")
        for level in levels
        for name, value in {**FITS[level], **changes.get(level, {})}.items()
    )


def absent(reason, sample="all", suffix="", outcome=TRUST):
    return made.unavailable(outcome, CHECK, f"invariance{suffix}", reason, sample)


def study(*absences, diagnostics=None, **changes):
    found = fitted() if diagnostics is None else diagnostics
    given = {"check_diagnostics": found, "check_unavailable": absences, **changes}
    return made.source(CHECK, **given)


def build(source, *outcomes):
    return builders.build(examples.exhibit("invariance", outcomes=outcomes or ("trust",)), source)


def printed(table, row):
    shown = {c.id for c in table.columns if c.shown != "download"}
    pairs = zip(table.columns, next(r for r in table.rows if r.id == row).cells, strict=True)
    return [cell.text for column, cell in pairs if column.id in shown]


def test_each_model_has_a_row_and_is_compared_with_the_one_above():
    table = build(study())
    assert [row.id for row in table.rows] == ["trust-configural", "trust-metric", "trust-scalar"]
    assert printed(table, "trust-configural")[:5] == [
        "All questions",
        "only the one factor",
        "0.998",
        "–",
        "–",
    ]
    minus = "\N{MINUS SIGN}"
    assert printed(table, "trust-metric")[2:] == [
        *("0.996", f"{minus}0.002", "not rejected", "0.013", "0.016", "–", "–")
    ]
    assert printed(table, "trust-scalar")[2:] == [
        *("0.987", f"{minus}0.009", "not rejected", "0.020", "0.020", "+0.04", "+0.07")
    ]


@pytest.mark.parametrize(
    ("change", "said"), [(-0.0099, "not rejected"), (-0.01, "not rejected"), (-0.0101, "rejected")]
)
def test_equality_is_rejected_where_cfi_falls_by_more_than_a_hundredth(change, said):
    """Cheung and Rensvold (2002): invariance should not be rejected at a change of -.01."""
    table = build(study(diagnostics=fitted(metric={"cfi_change": change})))
    assert table.cell("trust-metric", "verdict").text == said


@pytest.mark.parametrize(
    ("level", "verdicts"),
    [
        ("metric", ["rejected", "not assessed: rejected above"]),
        ("scalar", ["not rejected", "rejected"]),
    ],
)
def test_after_a_rejection_no_means_are_compared(level, verdicts):
    """Only with equal loadings and intercepts do means compare (Meredith 1993, section 3)."""
    table = build(study(diagnostics=fitted(**{level: {"cfi_change": -0.02}})))
    rows = ("trust-metric", "trust-scalar")
    assert [table.cell(row, "verdict").text for row in rows] == verdicts
    for name in ("factor_did", "index_did"):
        assert table.cell("trust-scalar", name).kind == "none"
    assert "SD for the factor" not in dict(table.said)["trust"]


def test_chi_square_is_in_the_downloads_only():
    table = build(study())
    shown = {c.id: c.shown for c in table.columns}
    assert {shown[n] for n in ("chi_square", "chi_square_change", "df", "people")} == {"download"}
    assert table.cell("trust-scalar", "chi_square").value == 1151.4
    assert table.cell("trust-scalar", "df").text == "44"
    assert table.cell("trust-scalar", "people").text == "6,900"
    assert "people in the same place as independent" in " ".join(table.notes)


def test_an_outcome_inside_the_index_has_rows_of_its_own():
    table = build(study(diagnostics=(*fitted(), *fitted(":crime"))))
    assert table.cell("trust-crime-metric", "scale").text == "Victim of crime"
    assert table.cell("trust-crime-scalar", "index_did").text == "+0.07"


def test_what_cannot_be_had_stands_once_with_its_reason():
    why = "one factor is not determined by fewer than three items"
    table = build(study(absent(why), diagnostics=()))
    assert [row.id for row in table.rows] == ["trust-configural"]
    assert table.cell("trust-configural", "cfi").text == f"not available: {why}"
    assert dict(table.said)["trust"].startswith("Trust: not available")
    inside = build(study(absent(why, suffix=":crime")))
    assert table.cell("trust-configural", "cfi").kind == "unavailable"
    assert inside.cell("trust-crime-configural", "cfi").text == f"not available: {why}"
    events = absent("the questions are about events that need not occur together", outcome=CRIME)
    assert "events" in build(study(events, diagnostics=()), "crime").rows[0].cells[2].text


def test_a_model_that_cannot_be_had_ends_the_comparison():
    why = "an item would have no variance of its own (Heywood case)"
    found = fitted(levels=("configural", "metric"))
    table = build(study(absent(why, "invariance:scalar"), diagnostics=found))
    assert [row.id for row in table.rows] == ["trust-configural", "trust-metric", "trust-scalar"]
    assert table.cell("trust-scalar", "cfi").text == f"not available: {why}"
    assert dict(table.said)["trust"].endswith("equal loadings not rejected (change in CFI −0.002).")


def test_three_questions_say_why_the_first_model_has_no_rmsea():
    why = "a model without degrees of freedom fits by construction"
    none = made.unavailable(TRUST, CHECK, "rmsea", why, "invariance:configural")
    found = tuple(
        d for d in fitted() if (d.name, d.sample.text()) != ("rmsea", "invariance:configural")
    )
    table = build(study(none, diagnostics=found))
    assert table.cell("trust-configural", "rmsea").text == f"not available: {why}"


def test_few_people_in_a_group_and_round_withhold_every_number():
    few = tuple(
        dataclasses.replace(level, n=9)
        if (level.outcome, level.arm, level.round) == ("trust", "treated", "endline")
        else level
        for level in examples.records().levels
    )
    table = build(study(levels=few))
    for row in table.rows:
        assert {c.kind for c in row.cells[2:]} == {"suppressed", "none"}
    assert "0.0" not in dict(table.said)["trust"]


def test_holes_in_the_records_stop_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(diagnostics=()))
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(diagnostics=fitted(levels=("configural", "metric"))))


def test_the_sentence_says_both_changes_and_both_effects():
    minus = "\N{MINUS SIGN}"
    assert dict(build(study()).said)["trust"] == (
        f"Trust: equal loadings not rejected (change in CFI {minus}0.002); equal intercepts not"
        f" rejected (change in CFI {minus}0.009); difference-in-differences +0.04 SD for the"
        " factor, +0.07 SD for the simple sum."
    )


def test_the_sentence_in_spanish():
    minus = "\N{MINUS SIGN}"
    source = in_spanish.in_language("es", study())
    assert dict(build(source).said)["trust"].endswith(
        f"cargas iguales, no se rechaza (cambio del CFI: {minus}0,002); interceptos iguales, no se"
        f" rechaza (cambio del CFI: {minus}0,009); diferencia en diferencias de +0,04 DE con el"
        " factor y de +0,07 DE con la suma simple."
    )
