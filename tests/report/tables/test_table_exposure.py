"""Exposure: everybody, the first stage and the dilution; no effect per person."""

import dataclasses
import math

import pytest

from evaluation.config.plan import Check
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats import page_layout
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST
from tests.report.examples import both

PART = Check(
    id="part",
    label=both("Took part"),
    answers=both("How many did."),
    kind="exposure",
    theme="for whom",
    variables=("q2",),
)
FIRST = made.of_check(
    TRUST,
    PART,
    "first_stage",
    unit="percentage points",
    estimate=5.94,
    ci_low=4.26,
    ci_high=7.51,
    estimate_sd=math.nan,
)
DILUTED = made.diagnostic(TRUST, PART, "dilution", 0.0594, sample="first_stage")


def build(rows=(FIRST,), diluted=(DILUTED,), **changes):
    source = made.source(PART, check_estimates=rows, check_diagnostics=diluted, **changes)
    return builders.build(examples.exhibit("exposure", outcomes=("trust",)), source)


def test_everybody_comes_first_then_the_first_stage_then_the_dilution():
    table = build()
    assert [r.id for r in table.rows] == [
        "trust-part-primary",
        "trust-part-first_stage",
        "trust-part-dilution",
    ]
    assert table.cell("trust-part-primary", "estimate").value == 0.11
    assert table.cell("trust-part-first_stage", "estimate").text == "+5.9"
    assert table.cell("trust-part-first_stage", "estimate").unit == "percentage points"
    assert table.cell("trust-part-dilution", "estimate").text == "0.059"
    assert table.cell("trust-part-dilution", "ci_low").kind == "none"
    assert len(page_layout.printed(table).head) <= 8


def test_no_row_sentence_or_note_gives_an_effect_per_person():
    table = build()
    assert not [r.id for r in table.rows if r.id.endswith(("exposure", "set", "strength"))]
    said = dict(table.said)["trust"]
    assert "+5.9 percentage points" in said
    assert said.endswith("would reach the effect on all residents multiplied by 0.059.")
    assert any("No effect per exposed person is given" in note for note in table.notes)


def test_a_first_stage_without_a_scale_in_sd_prints_a_dash():
    table = build()
    assert table.cell("trust-part-first_stage", "estimate_sd").kind == "none"
    assert not any("nan" in c.text.lower() for r in table.rows for c in r.cells)


def test_nobody_more_exposed_is_a_reason():
    why = made.unavailable(TRUST, PART, "dilution", "exposure was not higher", "first_stage")
    table = build(diluted=(), check_unavailable=(why,))
    cell = table.cell("trust-part-dilution", "estimate")
    assert cell.text == "not available: exposure was not higher"
    assert "exposure was not higher" in dict(table.said)["trust"]


def test_few_people_are_withheld_with_everything_that_comes_from_them():
    table = build((dataclasses.replace(FIRST, n=9),))
    kinds = {r.id: r.cells[1].kind for r in table.rows}
    # the effect itself is of everybody, and stands in every table of effects
    assert kinds == {"trust-part-primary": "effect", "trust-part-first_stage": "suppressed"}
    assert "0.059" not in dict(table.said)["trust"]


def test_a_check_without_any_row_stops_the_table():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(())
