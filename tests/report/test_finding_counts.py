"""A finding about few interviews or places is not counted; one about a column or a file is."""

import dataclasses
import re

import pytest

from evaluation.report import numbers, tables, writers
from tests.report import examples

ROW = "short_interview-baseline-q2-warn"
TOTALS = (
    "in 2 of 70 clusters (of 5 interviews or more) the sum of the weights is more than 2 times, or"
    " less than 1/2 of, the cluster's part of the people in the frame"
)
SHORT = examples.finding("short-interview", "the interview took less than 15 minutes")


def build(*found, language="en", **changes):
    source = dataclasses.replace(examples.source(findings=found, **changes), language=language)
    return tables.build(examples.exhibit("findings"), source)


FEW = {
    "interview-before-entry": "{few} interviews of cohort `b` came before its entry (2022-01-01)",
    "set-aside": "{few} submissions rejected by the office were set aside",
    "few-interviews": "{few} clusters have fewer than a third of the usual 50 interviews",
    "weight-total": TOTALS.replace("in 2 of", "in {few} of"),
    "recall-crosses-event": "in {few} interviews the 12 months before the interview cross `e` (from"
    " 2025-01-24)",
}


def counted(rule, problem):
    """A finding as its rule makes it: the number in the words stands beside them."""
    number = re.search(r"\d+", FEW[rule].split("{few}")[0] + problem)
    n = int(number[0]) if problem[0] != "a" else 1
    of = "n_clusters" if "clusters" in FEW[rule] else "n_interviews"
    return dataclasses.replace(about_a_column(rule, problem), few=FEW[rule], **{of: n})


def about_a_column(rule, problem, round_="baseline"):
    made = examples.finding(rule, problem)
    return dataclasses.replace(made, line=0, row_key="", round=round_)


@pytest.mark.parametrize(("language", "said"), [("en", "fewer than 10"), ("es", "menos de 10")])
def test_few_interviews_are_not_counted_in_any_format(language, said):
    table = build(*[SHORT] * 9, language=language)
    assert (table.cell(ROW, "n_findings").text, table.cell(ROW, "n_findings").value) == (said, None)
    (_, line) = writers.to_csv(table).decode("utf-8-sig").splitlines()
    assert said in line.replace(";", ",").split(",")
    assert numbers.collect([table])[f"tbl-example.{ROW}.n_findings"]["value"] is None
    assert numbers.collect([table])[f"tbl-example.{ROW}.n_findings"]["text"] == said
    assert build(*[SHORT] * 10).cell(ROW, "n_findings").value == 10


@pytest.mark.parametrize(("n", "text"), [(1, "fewer than 3"), (2, "fewer than 3"), (3, "3")])
def test_few_places_are_not_counted(n, text):
    made = about_a_column("exposure-in-comparison", "more than 10% of a comparison cluster's")
    table = build(*[made] * n)
    assert table.cell("exposure_in_comparison-baseline-q2-warn", "n_findings").text == text


@pytest.mark.parametrize(
    ("rule", "round_", "line"), [("heaping", "baseline", 0), ("duplicate-cluster", "frame", 4)]
)
def test_columns_and_rows_of_the_frame_are_counted(rule, round_, line):
    made = dataclasses.replace(about_a_column(rule, "a flaw", round_), line=line)
    (row,) = build(made).rows
    assert row.cells[4].value == 1


@pytest.mark.parametrize(
    ("rule", "problem", "said", "spanish"),
    [
        (
            "recall-crosses-event",
            "in 4 interviews the 12 months before the interview cross `e` (from 2025-01-24)",
            "In fewer than 10 interviews the 12 months before",
            "En menos de 10 entrevistas",
        ),
        (
            "interview-before-entry",
            "an interview of cohort `b` came before its entry (2022-01-01)",
            "Fewer than 10 interviews of cohort b came before its entry",
            "Menos de 10 entrevistas de la cohorte",
        ),
        (
            "set-aside",
            "a submission rejected by the office was set aside",
            "Fewer than 10 submissions rejected by the office were set aside",
            "Se apartaron menos de 10 envíos",
        ),
        (
            "few-interviews",
            "a cluster has fewer than a third of the usual 50 interviews",
            "Fewer than 3 clusters have fewer than a third of the usual 50 interviews",
            "Menos de 3 conglomerados tienen menos de un tercio",
        ),
        (
            "weight-total",
            TOTALS,
            "In fewer than 3 of 70 clusters (of 5 interviews or more)",
            "En menos de 3 de 70 conglomerados",
        ),
        (
            "recall-crosses-event",
            "in 10 interviews the 12 months before the interview cross `e` (from 2025-01-24)",
            "In 10 interviews the 12 months before",
            "En 10 entrevistas",
        ),
    ],
)
def test_a_count_in_the_words_of_a_finding_is_withheld_too(rule, problem, said, spanish):
    made = counted(rule, problem)
    for language, begins in (("en", said), ("es", spanish)):
        (row,) = build(made, language=language).rows
        assert row.cells[5].text.startswith(begins)


@pytest.mark.parametrize("n", [2, 40])
def test_what_the_sample_flow_withholds_is_not_counted_here(n):
    """1 and 1 under age beside 12 and 12 refusals; or 8 and 32, whose total would give the 8."""
    few = n // 5 or 1
    by_arm = {"treated": few, "comparison": n - few}
    flow = [
        examples.flow(round_, arm, step, count)
        for arm, under in by_arm.items()
        for round_, step, count in (
            ("baseline", "delivered", 520),
            ("baseline", "no_consent", 12),
            ("baseline", "under_age", under),
            ("baseline", "valid", 508 - under),
            ("endline", "delivered", 500),
            ("endline", "valid", 500),
        )
    ]
    made = examples.finding("under-age", "the person is under 18 years; the interview is left out")
    cell = build(*[made] * n, flow=tuple(flow)).cell("under_age-baseline-q2-warn", "n_findings")
    assert (cell.kind, cell.text) == ("suppressed", "suppressed")


@pytest.mark.parametrize(
    "problem",
    ["4 interviews are odd", "in 4 interviews of `b` a day is odd", "a cluster has no interviews",
     "an interview was lost", "of 300 people, 4 have another sex", "the only interview is odd"],
)  # fmt: skip
def test_a_number_that_its_rule_does_not_declare_is_not_told(problem):
    """Whatever the words are: no pattern has to know them."""
    for language, said in (("en", "What was found counts"), ("es", "Lo hallado cuenta")):
        (row,) = build(about_a_column("new-rule", problem), language=language).rows
        assert row.cells[5].text.startswith(said)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [("new-rule", "the answers of `v1_any` are odd"), ("short-interview", SHORT.problem)],
)
def test_words_without_a_count_are_told(rule, problem):
    (row,) = build(about_a_column(rule, problem)).rows
    assert not row.cells[5].text.startswith("What was found")
