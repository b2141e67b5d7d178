"""A finding about few interviews or places is not counted; one about a column or a file is."""

import dataclasses

import pytest

from evaluation.locale.messages import Count, Plain, ResultNumber, message, several
from evaluation.report import builders
from evaluation.report.formats import table_writers
from evaluation.site import exhibit_files
from tests.report import examples

ROW = "short_interview-baseline-q2-warn"
SHORT = examples.finding("short-interview", "the cell is empty")
# as the rules make them
AMONG = {"of": Plain(70), "least": Plain(5), "times": Plain(2)}
DAY = {"months": Plain(12), "name": "e", "day": Plain("2025-01-24")}
ENTRY = {"cohort": "b", "entry": Plain("2022-01-01")}


def interviews(n):
    return Count(n, "interviews")


def clusters(n):
    return Count(n, "clusters")


def build(*found, language="en", **changes):
    source = dataclasses.replace(examples.source(findings=found, **changes), language=language)
    return builders.build(examples.exhibit("findings"), source)


def about_a_column(rule, problem, round_="baseline"):
    made = dataclasses.replace(examples.finding(rule, "the cell is empty"), problem=problem)
    return dataclasses.replace(made, line=0, row_key="", round=round_)


@pytest.mark.parametrize(("language", "said"), [("en", "fewer than 10"), ("es", "menos de 10")])
def test_few_interviews_are_not_counted_in_any_format(language, said):
    table = build(*[SHORT] * 9, language=language)
    assert (table.cell(ROW, "n_findings").text, table.cell(ROW, "n_findings").value) == (said, None)
    (_, line) = table_writers.to_csv(table).decode("utf-8-sig").splitlines()
    assert said in line.replace(";", ",").split(",")
    assert exhibit_files.collect([table])[f"tbl-example.{ROW}.n_findings"]["value"] is None
    assert exhibit_files.collect([table])[f"tbl-example.{ROW}.n_findings"]["text"] == said
    assert build(*[SHORT] * 10).cell(ROW, "n_findings").value == 10


@pytest.mark.parametrize(("n", "text"), [(1, "fewer than 3"), (2, "fewer than 3"), (3, "3")])
def test_few_places_are_not_counted(n, text):
    made = about_a_column("exposure-in-comparison", message("empty-key.problem", key="a"))
    table = build(*[made] * n)
    assert table.cell("exposure_in_comparison-baseline-q2-warn", "n_findings").text == text


@pytest.mark.parametrize(
    ("rule", "round_", "line"), [("heaping", "baseline", 0), ("duplicate-cluster", "frame", 4)]
)
def test_columns_and_rows_of_the_frame_are_counted(rule, round_, line):
    made = dataclasses.replace(
        about_a_column(rule, message("empty-key.problem", key="a"), round_), line=line
    )
    (row,) = build(made).rows
    assert row.cells[4].value == 1


@pytest.mark.parametrize(
    ("problem", "said", "spanish"),
    [
        (
            message("recall-crosses-event.problem", n=interviews(4), **DAY),
            "In fewer than 10 interviews the 12 months before",
            "En menos de 10 entrevistas",
        ),
        (
            message("interview-before-entry.problem", n=interviews(1), **ENTRY),
            "Fewer than 10 interviews of cohort b came before its entry",
            "Menos de 10 entrevistas de la cohorte",
        ),
        (
            message("set-aside.problem", n=interviews(1)),
            "Fewer than 10 submissions rejected by the office were set aside",
            "Se apartaron menos de 10 envíos",
        ),
        (
            message("few-interviews.problem", n=clusters(1), usual=Plain(50)),
            "Fewer than 3 clusters have fewer than a third of the usual 50 interviews",
            "Menos de 3 conglomerados tienen menos de un tercio",
        ),
        (
            message("weight-total.problem", n=clusters(2), **AMONG),
            "In fewer than 3 of 70 clusters (of 5 interviews or more)",
            "En menos de 3 de 70 conglomerados",
        ),
        (
            message("recall-crosses-event.problem", n=interviews(10), **DAY),
            "In 10 interviews the 12 months before",
            "En 10 entrevistas",
        ),
    ],
)
def test_a_count_in_the_words_of_a_finding_is_withheld_too(problem, said, spanish):
    made = about_a_column("a-rule", problem)
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
    [
        message("never-visited.problem", n="4"),
        message("never-visited.problem", n="1"),
        message("more-rows.problem", problem=message("empty-key.problem", key="a"), more="4"),
        message("not-available.note", reason=several(("a", ResultNumber("0.5")))),
        message("not-available.note", reason=message("never-visited.problem", n=3)),
    ],
)
def test_a_number_that_its_rule_does_not_declare_is_not_told(problem):
    """Whatever the words are: no pattern has to know them."""
    for language, said in (("en", "The finding counts"), ("es", "El hallazgo cuenta")):
        (row,) = build(about_a_column("new-rule", problem), language=language).rows
        assert row.cells[5].text.startswith(said)


@pytest.mark.parametrize(
    "problem",
    [
        message("no-column.problem", identifier="v1_any"),
        message("row-count.problem", n=Plain(4), rows=Plain(3)),
        message("not-available.note", reason=several((Plain(3), "a"))),
    ],
)
def test_words_without_a_count_are_told(problem):
    (row,) = build(about_a_column("new-rule", problem)).rows
    assert not row.cells[5].text.startswith("What was found")
