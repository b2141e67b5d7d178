"""From everybody to exposed people: the first stage between, and when nothing is given."""

import dataclasses
import math

import pytest

from evaluation.errors import ReportError
from evaluation.report import layout, tables
from evaluation.spec.plan import Check
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.examples import both

PART = Check(
    id="part",
    label=both("Took part"),
    answers=both("The effect on them."),
    kind="exposure",
    theme="for whom",
    variables=("q2",),
)
STAGE = {
    "unit": "percentage points",
    "estimate": 5.94,
    "ci_low": 4.26,
    "ci_high": 7.51,
    "estimate_sd": math.nan,
}
FIRST = made.of_check(TRUST, PART, "first_stage", **STAGE)
JACKKNIFED = made.of_check(TRUST, PART, "first_stage", step="cv3", statistic=7.0, **STAGE)
PERSON = made.of_check(TRUST, PART, "exposure", estimate=0.81, ci_low=-1.69, ci_high=3.67)
ROWS = (FIRST, JACKKNIFED, PERSON)


def build(rows=ROWS, outcomes=("trust",), **changes):
    source = made.source(PART, check_estimates=rows, **changes)
    return tables.build(examples.exhibit("exposure", outcomes=outcomes), source)


def test_everybody_comes_first_then_the_first_stage_then_the_exposed():
    table = build()
    assert [r.id for r in table.rows] == [
        "trust-part-primary",
        "trust-part-first_stage",
        "trust-part-strength",
        "trust-part-exposure",
    ]
    assert table.cell("trust-part-primary", "estimate").value == 0.11
    assert table.cell("trust-part-first_stage", "estimate").text == "+5.9"
    assert table.cell("trust-part-first_stage", "estimate").unit == "percentage points"
    assert table.cell("trust-part-strength", "estimate").value == pytest.approx(49.0)
    assert table.cell("trust-part-exposure", "ci_high").value == 3.67
    assert len(layout.printed(table).head) <= 8


def test_a_first_stage_without_a_scale_in_sd_prints_a_dash():
    table = build()
    assert table.cell("trust-part-first_stage", "estimate_sd").kind == "none"
    assert table.cell("trust-part-exposure", "estimate_sd").value == 0.11
    assert not any("nan" in c.text.lower() for r in table.rows for c in r.cells)


def test_what_is_withheld_for_weakness_prints_the_reason():
    weak = made.unavailable(TRUST, PART, "wcr_s", "squared t 3.1, withheld below 10", "exposure")
    table = build((FIRST, JACKKNIFED), check_unavailable=(weak,))
    shown = table.cell("trust-part-exposure", "estimate").text
    assert shown == "not available: squared t 3.1, withheld below 10"
    assert table.cell("trust-part-first_stage", "estimate").kind == "effect"


def test_a_set_that_is_no_interval_has_a_reason_and_its_hull():
    torn = made.unavailable(TRUST, PART, "wcr_s", "no single interval", "exposure")
    hull = made.bound(TRUST, PART, "exposure", (-math.inf, 4.0), (-math.inf, 4.0))
    table = build((FIRST, JACKKNIFED), check_unavailable=(torn,), bounds=(hull,))
    assert table.cell("trust-part-exposure", "estimate").kind == "unavailable"
    assert table.cell("trust-part-set", "ci_low").text == "unbounded"
    assert table.cell("trust-part-set", "ci_high").value == 4.0
    assert table.cell("trust-part-set", "estimate").kind == "none"


def test_few_people_are_withheld_with_everything_that_comes_from_them():
    few = tuple(dataclasses.replace(e, n=9) for e in ROWS)
    table = build(few)
    kinds = {r.id: r.cells[1].kind for r in table.rows}
    assert kinds["trust-part-first_stage"] == kinds["trust-part-exposure"] == "suppressed"
    assert "trust-part-strength" not in kinds


def test_a_sentence_gives_the_first_stage_and_the_effect_or_the_reason():
    assert dict(build().said)["trust"] == (
        "Trust: the change of the share exposed differs by +5.9 percentage points between treatment"
        " and comparison group (+4.3 to +7.5); if nobody else was changed, the effect per exposed"
        " person is +0.81 SD (−1.69 to +3.67)."
    )
    weak = made.unavailable(TRUST, PART, "wcr_s", "too weak", "exposure")
    said = dict(build((FIRST, JACKKNIFED), check_unavailable=(weak,)).said)["trust"]
    assert said.endswith("; no effect per exposed person is given: too weak.")
    few = tuple(dataclasses.replace(e, n=9) for e in ROWS)
    assert dict(build(few).said)["trust"].endswith("is not shown.")


def test_notes_say_what_is_assumed_and_who_is_not_covered():
    notes = " ".join(build().notes)
    assert "Who said so when interviewed: Robbed." in notes
    assert "changed nobody but those who were exposed" in notes
    assert "are not covered" in notes
    assert "The effect on them." in notes


def test_neither_a_result_nor_a_reason_stops_the_build():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(ROWS[:2])
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(ROWS, ("trust", CRIME.id))
