"""Tables say what the records say; a record that is missing stops the build."""

import dataclasses
import re

import pytest

from evaluation.config.preregistration import Deviation
from evaluation.errors import ReportError
from evaluation.estimation.records import Adjustment
from evaluation.report import builders
from evaluation.report.formats import table
from evaluation.report.sources import by_family
from evaluation.site import exhibit_files
from tests.messages import said as worded
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, CRIME, THREATS = examples.OUTCOMES


def without(records, **wanted):
    return tuple(
        r for r in records if any(getattr(r, name) != value for name, value in wanted.items())
    )


def test_effects_row_repeats_the_primary_step_and_cv3_beside_it():
    made = examples.records()
    changed = tuple(
        dataclasses.replace(e, std_error=9.5, ci_low=-21.0, ci_high=17.0)
        if (e.outcome, e.step) == ("crime", "cv3")
        else dataclasses.replace(e, estimate=777.0)
        if (e.outcome, e.step) in (("crime", "cv1"), ("crime", "wcr"))
        else e
        for e in made.estimates
    )
    table = builders.build(examples.exhibit("effects"), examples.source(estimates=changed))
    assert table.cell("crime", "estimate").value == -2.4
    assert table.cell("crime", "cv3_std_error").value == 9.5
    assert table.cell("crime", "cv3_ci_low").value == -21.0
    assert table.cell("crime", "cv3_ci_high").value == 17.0
    assert table.cell("crime", "conclusion").text == "inconclusive; very uncertain"
    assert table.cell("threats", "conclusion").kind == "none"
    # the test of the simultaneous interval, and of this outcome by itself
    assert table.cell("crime", "p_value").value == 0.21
    assert table.cell("crime", "p_unadjusted").value == 0.0934
    assert table.cell("crime", "n_treated_baseline").value == 1750


@pytest.mark.parametrize(("change", "head"), CASES["twice"])
def test_a_mean_of_people_interviewed_twice_says_so(change, head):
    """A respondent's own value at baseline is known of those who were interviewed then too."""
    old = examples.CONFIGURATION.preregistration
    specifications = (dataclasses.replace(s, **change) for s in old.plan.specification)
    plan = dataclasses.replace(old.plan, specification=tuple(specifications))
    configuration = dataclasses.replace(
        examples.CONFIGURATION, preregistration=dataclasses.replace(old, plan=plan)
    )
    table = builders.build(examples.exhibit("effects"), examples.source(configuration))
    assert [c.label for c in table.columns if c.id == "baseline_mean"] == [head]


def test_what_holds_for_all_primary_outcomes_at_once_stands_beside():
    made = examples.records()
    crime = next(d for d in made.diagnostics if d.outcome == "crime")
    together = tuple(
        dataclasses.replace(crime, name=name, value=bound)
        for name, bound in (
            ("simultaneous_90_low", -5.0),
            ("simultaneous_90_high", 0.25),
            ("unadjusted_ci_low", -4.75),
            ("unadjusted_ci_high", 0.125),
        )
    )
    holm = Adjustment(
        study="small",
        outcome="crime",
        family="victims",
        specification="did_main",
        estimand="equal",
        method="holm",
        p_value=0.0934,
        p_adjusted=0.28,
    )
    source = examples.source(diagnostics=(*made.diagnostics, *together), adjustments=(holm,))
    table = builders.build(examples.exhibit("effects"), source)
    assert table.cell("crime", "simultaneous_90_low").value == -5.0
    assert table.cell("crime", "simultaneous_90_high").value == 0.25
    assert table.cell("crime", "unadjusted_ci_low").value == -4.75
    assert table.cell("crime", "unadjusted_ci_high").value == 0.125
    assert table.cell("crime", "p_holm").value == 0.28
    assert table.cell("trust", "p_holm").kind == "none"
    assert any(note.startswith("Simultaneous interval") for note in table.notes)


def test_unit_is_said_and_percentages_are_points():
    table = builders.build(examples.exhibit("effects"), examples.source())
    assert table.cell("crime", "unit").text == "percentage points"
    assert table.cell("crime", "estimate").unit == "percentage points"
    assert table.cell("crime", "baseline_mean").unit == "%"
    assert table.cell("trust", "estimate").unit == "SD"


def test_q_stands_where_secondary_outcomes_are_corrected():
    made = tuple(
        dataclasses.replace(e, p_adjusted=0.3, adjustment="benjamini_hochberg_across")
        if e.outcome == "threats"
        else e
        for e in examples.records().estimates
    )
    table = builders.build(examples.exhibit("effects"), examples.source(estimates=made))
    assert table.cell("threats", "p_adjusted").value == 0.3
    assert table.cell("crime", "p_adjusted").kind == "none"
    assert any(n.startswith("Q values. Benjamini–Hochberg over all secondary") for n in table.notes)
    without = builders.build(examples.exhibit("effects"), examples.source())
    assert "p_adjusted" not in {c.id for c in without.columns}


def test_notes_say_model_inference_error_status_and_hashes():
    table = builders.build(examples.exhibit("effects"), examples.source())
    notes = " ".join(table.all_notes)
    for said in (
        "village and round fixed effects",
        "standard errors clustered by village",
        "each village counts equally",
        "wild cluster bootstrap with jackknifed scores (WCR-S), null imposed, 99,999 Rademacher",
        "Monte Carlo standard error: at most 0.001 on p",
        "single-step max-t over the primary outcomes",
        "Status in the plan. Specified after data collection.",
        "Treatment group: baseline 1,750 (35), endline 1,750 (35).",
        "Registry: none (demonstration). Locked 2025-09-01, after endline data had been seen.",
        "Plan a1a1a1a1a1a1, data b2b2b2b2b2b2",
        "SYNTHETIC",
    ):
        assert said in notes, said
    assert "*" not in " ".join(c.text for r in table.rows for c in r.cells)


@pytest.mark.parametrize("builder", ["effects", "methods", "coefficient_plot"])
def test_missing_estimate_stops_the_build(builder):
    made = examples.records()
    source = examples.source(estimates=without(made.estimates, outcome="crime", step="wcr_s"))
    exhibit = examples.exhibit("effects" if builder == "coefficient_plot" else builder)
    with pytest.raises(ReportError, match=r"`crime`.*`did_main`.*`wcr_s`"):
        builders.build(exhibit, source)


def test_missing_cv3_stops_the_build():
    made = examples.records()
    source = examples.source(estimates=without(made.estimates, outcome="crime", step="cv3"))
    with pytest.raises(ReportError, match="`cv3`"):
        builders.build(examples.exhibit("effects"), source)


@pytest.mark.parametrize(
    ("builder", "changes"),
    [
        ("levels", {"levels": ()}),
        ("balance", {"balance": ()}),
        ("balance", {"balance": (examples.balance("q2", "all"),)}),
        ("flow", {"flow": ()}),
        ("published", {"published": ()}),
        ("trend_tests", {"estimates": ()}),
    ],
)
def test_missing_records_stop_the_build(builder, changes):
    exhibit = examples.exhibit(
        builder, specifications=("did_main",), match={"trust": "their_trust"}
    )
    with pytest.raises(ReportError, match="no "):
        builders.build(exhibit, examples.source(**changes))


def test_not_a_number_in_an_estimate_stops_the_build():
    broken = tuple(
        dataclasses.replace(e, estimate=float("nan")) for e in examples.records().estimates
    )
    with pytest.raises(ReportError, match="not a number"):
        builders.build(examples.exhibit("effects"), examples.source(estimates=broken))


def test_unavailable_row_says_why():
    made = examples.records()
    source = examples.source(
        estimates=without(made.estimates, outcome="crime", step="wcr_s"),
        unavailable=(examples.unavailable("crime", "wcr_s", "one cluster carries the subgroup"),),
    )
    table = builders.build(examples.exhibit("effects"), source)
    said = "not available: one cluster carries the subgroup"
    assert table.cell("crime", "estimate").text == said
    assert table.cell("crime", "p_value").kind == "none"
    assert exhibit_files.collect([table])["tbl-example.crime.estimate"]["text"] == said


def test_unavailable_cv3_leaves_the_primary_estimate():
    made = examples.records()
    source = examples.source(
        estimates=without(made.estimates, outcome="crime", step="cv3"),
        unavailable=(examples.unavailable("crime", "cv3", "singular"),),
    )
    table = builders.build(examples.exhibit("effects"), source)
    assert table.cell("crime", "cv3_std_error").text == "not available: singular"
    assert table.cell("crime", "estimate").value == -2.4


def test_methods_has_a_row_per_step_and_one_digit_more():
    table = builders.build(examples.exhibit("methods"), examples.source())
    assert [r.id for r in table.rows if r.id.startswith("crime-")] == [
        f"crime-{step}" for step in ("cv1", "cv3", "cr2", "wcr", "wcr_s")
    ]
    assert table.cell("crime-wcr_s", "estimate").text == "−2.40"
    assert table.cell("crime-cv1", "mc_error").kind == "none"
    assert table.cell("crime-wcr_s", "mc_error").value == 0.0009


def test_findings_are_counted_and_name_no_row():
    table = builders.build(examples.exhibit("findings"), examples.source())
    cell = table.cell("unlisted_code-baseline-q2-warn", "n_findings")
    assert (cell.kind, cell.text, cell.value) == ("suppressed", "fewer than 10", None)
    printed = " ".join(c.text for r in table.rows for c in r.cells)
    assert "row 1" not in printed
    assert "baseline.csv:7" not in printed


@pytest.mark.parametrize(("n", "kind"), [(9, "suppressed"), (10, "count")])
def test_findings_do_not_undo_a_withheld_count_of_corrections(n, kind):
    cured = dataclasses.replace(
        examples.finding("out-of-range", "the value is outside 18 to 99"),
        severity="info",
        fix=worded("corrected in corrections.csv"),
    )
    warned = examples.finding("slow", "the cell is empty")
    found = examples.source(findings=(*([cured] * n), *([warned] * n)))
    table = builders.build(examples.exhibit("findings"), found)
    assert table.cell("out_of_range-baseline-q2-info", "n_findings").kind == kind
    assert table.cell("slow-baseline-q2-warn", "n_findings").kind == kind


def test_finding_that_names_a_row_in_words_is_not_repeated():
    source = examples.source(
        findings=(examples.finding("twin", "the answers are those of row endline.dta:3163"),)
    )
    table = builders.build(examples.exhibit("findings"), source)
    assert table.cell("twin-baseline-q2-warn", "problem").text == "Differs by row"


def test_findings_name_an_event_by_its_label_and_severity_in_words():
    found = dataclasses.replace(
        examples.finding("date-after-event", "the interview falls in `strike` (from 2021-04-28)"),
        fix=worded("`drop` it"),
    )
    table = builders.build(examples.exhibit("findings"), examples.source(findings=(found,)))
    row = "date_after_event-baseline-q2-warn"
    assert table.cell(row, "problem").text == "The interview falls in “Strike” (from 2021-04-28)"
    assert table.cell(row, "fix").text == "Drop it"
    assert table.cell(row, "severity").text == "Warning"


def test_unit_of_a_series_says_what_is_counted_and_what_changes():
    table = builders.build(examples.exhibit("trend_tests"), examples.source())
    assert table.cell("homicides-pre_trend", "unit").text == (
        "homicides per 100,000; change per quarter"
    )


@pytest.mark.parametrize(("low", "said"), [(-0.1, "includes"), (0.1, "excludes")])
def test_the_sentence_on_trends_says_what_their_interval_does(low, said):
    found = tuple(
        dataclasses.replace(e, ci_low=low, ci_high=0.5) if e.outcome == "homicides" else e
        for e in examples.records().estimates
    )
    table = builders.build(examples.exhibit("trend_tests"), examples.source(estimates=found))
    sentence = dict(table.said)["before_homicides"]
    assert sentence.startswith(f"The interval {said} zero: ")
    # nine changes between ten quarters to 2020Q2
    in_all = "Over the 9 steps between periods before the programme it allows the gap to change by"
    assert (f"{in_all} \u22120.9 to +4.5; the mean" in sentence) == (low < 0)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_quotes_a_series_with_the_unit_of_its_own_language(language):
    source = dataclasses.replace(examples.source(), language=language)
    table = builders.build(examples.exhibit("trend_tests"), source)
    quoted = exhibit_files.collect([table])["tbl-example.homicides-pre_trend.estimate"]
    assert quoted["unit"] == table.cell("homicides-pre_trend", "unit").text
    assert ("(es)" in quoted["unit"]) == (language == "es")


@pytest.mark.parametrize(
    "builder",
    ["effects", "methods", "levels", "balance", "flow", "published", "trend_tests"],
)
def test_every_note_begins_with_what_it_is_about(builder):
    exhibit = examples.exhibit(
        builder, specifications=("did_main",), match={"trust": "their_trust"}
    )
    notes = builders.build(exhibit, examples.source()).all_notes
    assert notes[-1].startswith("SYNTHETIC DATA")
    labels = [note.split(". ")[0] for note in notes[:-1]]
    assert [label for label in labels if not re.fullmatch(r"[A-Z][\w ]{1,22}", label)] == []
    assert labels[0] == "Note"
    assert labels[-2:] == ["Plan", "Made from"]


def test_dictionary_lists_codes_and_missing_kinds():
    table = builders.build(examples.exhibit("dictionary"), examples.source())
    assert table.cell("q2", "codes").text == "1 = yes; 2 = no"
    assert table.cell("q2", "missing").text == "don't know: 8; refused: 9"


def test_deviations_begin_with_the_lock():
    preregistration = dataclasses.replace(
        examples.CONFIGURATION.preregistration,
        deviations=(
            Deviation(
                date=examples.LOCK.date,
                plan_hash="c3" * 32,
                entries=("did_main",),
                reason=examples.both("A reason."),
            ),
        ),
    )
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)
    table = builders.build(examples.exhibit("deviations"), examples.source(configuration))
    assert [r.id for r in table.rows] == ["lock", "deviation_1"]
    assert "after endline data had been seen" in table.cell("lock", "reason").text
    assert not any("no deviation" in note for note in table.notes)


def test_repeated_row_ids_are_refused():
    twice = (*2 * (examples.balance("q2", "all"),), examples.balance("q2", "attrition"))
    with pytest.raises(ReportError, match="appears twice"):
        builders.build(examples.exhibit("balance"), examples.source(balance=twice))


def test_numbers_are_printed_as_the_language_prints_them():
    """Spanish changes the marks and nothing else; what downloads hold is the same."""
    english, spanish = (
        builders.build(
            examples.exhibit("effects"), dataclasses.replace(examples.source(), language=language)
        )
        for language in ("en", "es")
    )
    pairs = [
        (one, other)
        for row, twin in zip(english.rows, spanish.rows, strict=True)
        for one, other in zip(row.cells, twin.cells, strict=True)
        if one.kind in table.NUMERIC
    ]
    assert any("." in one.text for one, _ in pairs)
    assert any("," in one.text for one, _ in pairs)
    swapped = str.maketrans(",.", ".,")
    assert [other.text for _, other in pairs] == [one.text.translate(swapped) for one, _ in pairs]
    assert [other.value for _, other in pairs] == [one.value for one, _ in pairs]


def test_number_ids_are_unique_and_carry_value_unit_and_text():
    built = [
        builders.build(examples.exhibit(b, id=f"tbl-{b}"), examples.source())
        for b in ("effects", "methods", "levels", "balance", "flow", "trend_tests")
    ]
    found = exhibit_files.collect(built)
    cells = [
        c
        for t in built
        for r in t.rows
        for column, c in zip(t.columns, r.cells, strict=True)
        if c.value is not None or (c.kind == "text" and column.id in exhibit_files.QUOTABLE_TEXT)
    ]
    assert len(found) == len(cells) + sum(len(t.said) for t in built)
    assert found["tbl-effects.crime.estimate"] == {
        "value": -2.4,
        "text": "−2.4",
        "unit": "percentage points",
        "decimals": 1,
        "kind": "effect",
    }
    assert all(identifier.count(".") == 2 for identifier in found)


def test_repeated_number_ids_are_refused():
    table = builders.build(examples.exhibit("effects"), examples.source())
    with pytest.raises(ReportError, match="appears twice"):
        exhibit_files.collect([table, table])


def test_infinite_bound_has_words_and_no_value():
    made = examples.records()
    changed = tuple(dataclasses.replace(e, ci_low=float("-inf")) for e in made.estimates)
    table = builders.build(examples.exhibit("effects"), examples.source(estimates=changed))
    found = exhibit_files.collect([table])["tbl-example.crime.ci_low"]
    assert found["value"] is None
    assert found["text"] == "unbounded"


def test_records_are_not_changed():
    source = examples.source()
    before = repr(source.records)
    for builder in ("effects", "levels", "flow", "findings"):
        builders.build(examples.exhibit(builder), source)
    assert repr(source.records) == before


def test_level_is_followed_by_its_standard_error_not_the_sd():
    made = tuple(dataclasses.replace(x, sd=38.0) for x in examples.records().levels)
    table = builders.build(examples.exhibit("levels"), examples.source(levels=made))
    assert table.cell("crime-comparison", "mean_endline").value == 18.4
    assert table.cell("crime-comparison", "std_error_endline").value == 18.4 / 9


def test_methods_show_the_standard_error_and_degrees_of_freedom_of_each_step():
    made = tuple(
        dataclasses.replace(e, std_error=2.25, df=41.5) if e.step == "cr2" else e
        for e in examples.records().estimates
    )
    table = builders.build(examples.exhibit("methods"), examples.source(estimates=made))
    assert table.cell("crime-cr2", "std_error").value == 2.25
    assert table.cell("crime-cr2", "df").value == 41.5
    assert table.cell("crime-cv3", "df").value == 68.0


@pytest.mark.parametrize("other", [{"sample": "women"}, {"estimand": "population"}])
def test_estimate_of_another_sample_or_estimand_does_not_stand_in(other):
    made = tuple(dataclasses.replace(e, **other) for e in examples.records().estimates)
    with pytest.raises(ReportError, match="neither"):
        builders.build(examples.exhibit("effects"), examples.source(estimates=made))


def test_a_primary_outcome_is_the_first_of_its_family():
    source = examples.source()
    primary = source.plan.primary_outcomes()[0]
    item = dataclasses.replace(primary, id="item", primary=False)
    assert by_family(source, [item, primary]) == [primary, item]
