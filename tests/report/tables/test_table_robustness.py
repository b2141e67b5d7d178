"""The robustness table and figure: differences, sets, what is withheld, and no counts."""

import dataclasses
import re
from itertools import groupby

import pytest

from evaluation.config.plan import Check
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples, review_examples
from tests.report.check_examples import CRIME, TRUST

MONTHS = Check(
    id="months",
    kind="controls",
    theme="measurement",
    label=examples.both("Month held fixed"),
    answers=examples.both("Answers may depend on the month."),
    variables=("interview_month",),
)
ONE_OUT = dataclasses.replace(
    MONTHS, id="one_out", kind="leave_one_out", theme="shocks", label=examples.both("One left out")
)
PANEL = dataclasses.replace(
    examples.SPECIFICATION,
    id="did_panel",
    label=examples.both("Panel"),
    sample="panel_members",
    status="sensitivity",
)


def study(*differences, checks=(MONTHS,), **records):
    source = review_examples.study(checks=checks, differences=differences)
    plan = dataclasses.replace(source.plan, specification=(*source.plan.specification, PANEL))
    preregistration = dataclasses.replace(source.configuration.preregistration, plan=plan)
    return dataclasses.replace(
        source,
        configuration=dataclasses.replace(source.configuration, preregistration=preregistration),
        records=dataclasses.replace(source.records, **records),
    )


def built(source, **changes):
    exhibit = dataclasses.replace(examples.exhibit("robustness"), **changes)
    return builders.build(exhibit, source)


def shown(table, row, outcome="trust"):
    fields = ("difference", "ci_low", "ci_high")
    return tuple(table.cell(row, f"{field}_{outcome}").text for field in fields)


def test_each_check_is_its_difference_with_the_interval_of_the_difference():
    table = built(
        study(
            made.difference(TRUST, MONTHS, (-0.12, 0.03)),
            made.difference(CRIME, MONTHS, (-2.0, 2.2)),
            made.difference(TRUST, PANEL, (0.0, 0.05), estimate=0.175),
        )
    )
    # some rows show a range, which is no interval
    heads = {c.label for c in table.columns if c.id.startswith("ci_low")}
    assert heads == {"95% interval or range"}
    # one decimal more than the estimate
    assert shown(table, "months") == ("\u22120.045", "\u22120.120", "+0.030")
    assert shown(table, "months", "crime") == ("+0.10", "\u22122.00", "+2.20")
    assert shown(table, "did_panel") == ("+0.025", "0.000", "+0.050")
    assert table.cell("did_panel", "estimate_trust").value == 0.175
    # the error beside the estimate is that of the difference, and its column says so
    error = table.cell("did_panel", "std_error_of_difference_trust").value
    assert error == made.difference(TRUST, PANEL, (0.0, 0.05), estimate=0.175).std_error
    assert "std_error_trust" not in [column.id for column in table.columns]
    # the first row is the primary estimate with its own interval, and says so
    assert shown(table, "primary") == ("+0.15", "+0.05", "+0.25")
    assert "not a difference" in table.rows[0].cells[0].text
    groups = [r.group for r in table.rows]
    assert groups.index("Other weights, samples or models of the plan") < groups.index(
        "Measurement"
    )


def test_a_difference_that_is_zero_by_design_has_no_interval():
    zero = made.difference(TRUST, MONTHS, (0.0, 0.0), estimate=0.15)
    table = built(study(dataclasses.replace(zero, difference=0.0, std_error=0.0)))
    assert shown(table, "months") == ("0.000", "identical by design", "\N{EN DASH}")


def test_no_row_stands_under_an_empty_heading():
    """What the checks depart from, where that is not the primary estimate, has a heading too."""
    source = study(made.difference(TRUST, MONTHS, (-0.12, 0.03)))
    old = source.plan
    step = old.inference.primary_step
    choices = dataclasses.replace(old.inference, checks_from="did_panel", checks_step=step)
    panel = dataclasses.replace(PANEL, sample="all")
    plan = dataclasses.replace(
        old, inference=choices, specification=(*old.specification[:-1], panel)
    )
    preregistration = dataclasses.replace(source.configuration.preregistration, plan=plan)
    configuration = dataclasses.replace(source.configuration, preregistration=preregistration)
    found = tuple(
        dataclasses.replace(e, specification="did_panel") for e in source.records.estimates
    )
    records = dataclasses.replace(source.records, estimates=(*source.records.estimates, *found))
    table = built(dataclasses.replace(source, configuration=configuration, records=records))
    headings = {row.id: row.group for row in table.rows}
    assert headings["checked"] == "Reference for the checks below (not a difference)"
    assert [row.id for row in table.rows if not row.group] == ["primary"]


def test_sets_show_their_ends_and_no_difference():
    """Worst case 0.03 to 0.25 and panel bounds -0.2 to 0.4; 0.15 would explain the estimate."""
    table = built(study())
    assert shown(table, "nonresponse-range") == ("\u2013", "+0.03", "+0.25")
    assert shown(table, "attrition-range") == ("\u2013", "\u22120.20", "+0.40")
    assert shown(table, "two_round-breakdown") == ("0.15", "\u2013", "\u2013")


def test_places_left_out_one_at_a_time_are_one_line():
    """The quartiles without one village, 0.14 and 0.17, less the estimate of 0.15."""
    found = [
        made.difference(TRUST, ONE_OUT, ends, sample, n_clusters_treated=30)
        for sample, ends in (("without:a", (-0.1, -0.02)), ("without:b", (0.0, 0.04)))
    ]
    table = built(study(*found, checks=(ONE_OUT,)))
    assert shown(table, "one_out") == ("\u2013", "\u22120.060", "+0.020")
    assert shown(table, "leave_one_cluster_out") == ("\u2013", "\u22120.010", "+0.020")
    assert not [r.id for r in table.rows if r.id.startswith("one_out-")]
    # both are about local shocks, under one heading, whatever the plan has between them
    months = made.difference(TRUST, MONTHS, (-0.12, 0.03))
    groups = [r.group for r in built(study(*found, months, checks=(ONE_OUT, MONTHS))).rows]
    assert "Measurement" in groups
    assert len(list(groupby(groups))) == len(set(groups))


@pytest.mark.parametrize(
    ("changes", "check", "text"),
    [
        ({"n": 3}, MONTHS, "suppressed"),
        ({"n_clusters_comparison": 2}, MONTHS, "suppressed"),
        # one village left out: with the primary estimate the row would give its change
        (
            {"n_clusters_treated": 34},
            dataclasses.replace(MONTHS, kind="before_date"),
            (
                "not available: too few clusters left out to publish: "
                "fewer than 3 of the treatment group"
            ),
        ),
        ({}, MONTHS, "+0.020"),
    ],
)
def test_what_may_not_be_published_is_withheld(changes, check, text):
    check = dataclasses.replace(check, id="row")
    found = made.difference(TRUST, check, (0.0, 0.04), **changes)
    table = built(study(found, checks=(check,)))
    assert shown(table, "row")[0] == text
    if text == "suppressed":
        assert shown(table, "row")[1:] == ("\u2013", "\u2013")
        assert table.cell("row", "n_trust").kind == "none"


def test_a_check_without_a_difference_has_its_reason():
    reason = made.unavailable(TRUST, MONTHS, "all", "no control varies")
    table = built(study(check_unavailable=(reason,)))
    assert shown(table, "months")[0] == "not available: no control varies"
    assert shown(table, "months", "crime")[0] == "\u2013"


def test_an_exhibit_may_name_its_checks():
    found = made.difference(TRUST, MONTHS, (0.0, 0.04)), made.difference(TRUST, PANEL, (0.0, 0.1))
    names = ("months", "two_round")
    named = built(study(*found), specifications=names, place="annex")
    assert [r.id for r in named.rows] == ["primary", "months", "two_round-breakdown"]
    # what moves an outcome farthest is on the page, whether it was named there or not
    page = built(study(*found), specifications=names)
    assert [r.id for r in page.rows] == ["primary", "did_panel", "months", "two_round-breakdown"]


def test_nothing_is_counted_and_the_largest_difference_is_told():
    found = made.difference(TRUST, MONTHS, (-0.12, 0.03)), made.difference(TRUST, PANEL, (0, 0.05))
    table = built(study(*found))
    said = dict(table.said)["largest_trust"]
    assert "\u201cmonth held fixed\u201d moves the estimate most, by " in said
    assert said.startswith("Trust (+0.15 SD): of 2 checks, ")
    assert said.endswith("(unadjusted 95% CI \u22120.12 to +0.03).")
    told = [c.text for r in table.rows for c in r.cells] + [said, *table.notes]
    assert not [t for t in told if re.search(r"\d+ of \d+ |verdict", t)]


def test_the_figure_is_the_table_with_a_panel_for_each_outcome():
    source = study(
        made.difference(TRUST, MONTHS, (-0.12, 0.03)), made.difference(CRIME, MONTHS, (-2.0, 2.2))
    )
    exhibit = dataclasses.replace(
        examples.exhibit("specification_curve"), id="fig-curve", outcomes=("trust", "crime")
    )
    figure = builders.draw(exhibit, source)
    assert figure.data.cell("months", "difference_crime").text == "+0.10"
    assert "How much each robustness check changes each primary estimate" in figure.alt


CURVE = dataclasses.replace(
    examples.exhibit("specification_curve"), id="fig-curve", outcomes=("trust", "crime")
)


def test_the_title_names_the_checks_that_would_change_a_conclusion():
    """Detected, 0.05 to 0.25: moved by -0.045 it still is, by -0.11 it includes zero."""
    source = study(
        made.difference(TRUST, MONTHS, (-0.12, 0.03)), made.difference(TRUST, PANEL, (-0.22, 0.0))
    )
    figure = builders.draw(CURVE, source)
    assert figure.message == "Checks that would change the conclusion on trust: panel"
    assert f"{figure.message}." in figure.data.notes


def test_a_title_of_many_checks_names_the_outcome():
    coded = dataclasses.replace(MONTHS, id="coded", kind="coding")
    found = [made.difference(TRUST, coded, (-0.2 - n / 9, 0.0), f"dont_know:{n}") for n in range(4)]
    figure = builders.draw(CURVE, study(*found, checks=(coded,)))
    assert figure.message == "Some robustness checks would change the conclusion on trust"


def test_what_settles_no_inconclusive_result_is_not_called_robustness():
    only = dataclasses.replace(CURVE, outcomes=("crime",))
    source = study(made.difference(CRIME, MONTHS, (-0.1, 0.1)))
    message = builders.draw(only, source).message
    assert message == "No difference shown would make a primary interval exclude zero"


def test_leaving_out_places_is_one_check_of_the_title():
    """Of two places left out one takes the interval, 0.05 to 0.25, across zero."""
    check = dataclasses.replace(MONTHS, id="one_out", kind="leave_one_out", variables=("district",))
    rows = [
        made.difference(TRUST, check, ends, sample, n_clusters_treated=30)
        for sample, ends in (("without:a", (-0.1, -0.02)), ("without:b", (0.0, 0.04)))
    ]
    figure = builders.draw(CURVE, study(*rows, checks=(check,)))
    assert figure.message.startswith("Checks that would change the conclusion on trust: ")


def test_a_title_without_a_conclusion_claims_none():
    source = study(made.difference(TRUST, MONTHS, (-0.22, 0.0)))
    alone = [dataclasses.replace(e, adjustment="none") for e in source.records.estimates]
    records = dataclasses.replace(source.records, estimates=tuple(alone))
    figure = builders.draw(CURVE, dataclasses.replace(source, records=records))
    assert figure.message == "How far each robustness check moves the estimates"
