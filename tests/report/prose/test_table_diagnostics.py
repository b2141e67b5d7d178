"""Diagnostics: every recorded quantity has a row, a meaning and the form it is printed in."""

import dataclasses

import pytest

from evaluation.estimation.records import Diagnostic
from evaluation.estimation.row_keys import parse
from evaluation.locale.messages import entries, wording
from evaluation.report import builders
from evaluation.report.formats import page_layout
from evaluation.report.tables.diagnostics import QUANTITIES, SECTIONS
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

VALUES = CASES["values"]


def recorded(values=VALUES, outcome="trust"):
    return tuple(
        Diagnostic(
            study="small",
            outcome=outcome,
            specification="did_main",
            estimand="equal",
            sample=parse("all"),
            name=name,
            value=value,
            unit="number",
        )
        for name, (value, _) in values.items()
    )


def build(rows=None, outcomes=("trust",), **changes):
    source = examples.source(diagnostics=recorded() if rows is None else rows, **changes)
    return builders.build(examples.exhibit("diagnostics", outcomes=outcomes), source)


@pytest.mark.parametrize("name", VALUES)
def test_each_quantity_is_printed_in_its_form_with_its_meaning(name):
    table = build()
    assert table.cell(name, "trust").text == VALUES[name][1]
    assert table.cell(name, "meaning").text
    assert "{" not in "".join(c.text for r in table.rows for c in r.cells)


def test_groups_rounds_and_levels_are_named_in_the_studys_words():
    table = build()
    label = {r.id: r.cells[0].text for r in table.rows}
    assert label["clusters_treated"] == "Villages: treatment group"
    assert (
        label["respondents_median_comparison_endline"]
        == "Median interviews of a village, at least: comparison group, endline"
    )
    assert label["without_q2_q1"] == "Estimate leaving out one robbed: lower quartile"


def test_the_realised_mde_stands_before_the_designs():
    table = build()
    ids = [r.id for r in table.rows]
    assert ids.index("mde") + 1 == ids.index("closed_form_mde")
    # 2.8 x 0.11 / 1.7, of the primary estimate
    assert table.cell("mde", "trust").value == pytest.approx(2.8 * 0.11 / 1.7)
    assert (table.cell("mde", "trust").unit) == "SD"


def test_rows_follow_the_sections_whatever_order_they_were_recorded_in():
    headings = list(dict.fromkeys(r.group for r in build(recorded()[::-1]).rows))
    order = [wording(f"diagnostic.section.{s}", "en") for s in SECTIONS]
    assert headings == [s for s in order if s in headings]


def test_a_quantity_without_words_is_shown_all_the_same():
    table = build(recorded({"new_number": (1.5, "")}))
    assert table.cell("new_number", "quantity").text == "New number"
    assert table.cell("new_number", "trust").text == "1.500"


def test_another_specifications_diagnostics_do_not_stray_in():
    others = tuple(dataclasses.replace(d, specification="did_panel") for d in recorded())
    beside = {f"{n}_{e}" for n in ("simultaneous_90", "unadjusted_ci") for e in ("low", "high")}
    assert {r.id for r in build(others).rows} - beside == {"mde"}


def test_a_reason_stands_where_a_quantity_cannot_be_had():
    table = build((), unavailable=(examples.unavailable("trust", "cac", "no variance left"),))
    assert table.cell("cac", "trust").text == "not available: no variance left"


def test_an_outcome_that_has_no_such_quantity_shows_a_dash():
    table = build(outcomes=("trust", "crime"))
    assert table.cell("kish_deff", "crime").kind == "none"
    assert len(page_layout.printed(table).head) == 4


def test_the_smallest_cell_is_withheld_below_the_minimum():
    name = "respondents_min_treated_baseline"
    withheld = (examples.unavailable("trust", name, "fewer than 10"),)
    found = build((), unavailable=withheld)
    assert found.cell(name, "trust").text == "fewer than 10"
    assert any("fewer than 10" in note for note in found.notes)


def test_a_sentence_says_what_hangs_on_single_clusters():
    assert dict(build().said)["trust"] == (
        "Trust: leaving out one village at a time, the middle half of the estimates is "
        "between −0.03 and +0.02 SD; the sign changes without 2 of them."
    )
    assert build(()).said == ()


def test_no_two_quantities_share_a_name():
    names = [q.name for q in QUANTITIES]
    assert len(names) == len(set(names))
    assert {q.section for q in QUANTITIES} <= set(entries("diagnostic.section"))
