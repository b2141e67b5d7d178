"""Who was not interviewed again, by department: shares by hand, and nobody told by subtraction."""

import dataclasses
import random

import pytest

from evaluation.config.confidentiality import is_withheld
from evaluation.config.fieldwork_plan import FoundAgain
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.disclosure import is_small
from evaluation.report.linked_counts import hidden_departments
from tests.report import examples

COLUMNS = dataclasses.replace(examples.STUDY.columns, department="department")
NAN = float("nan")
STUDY = dataclasses.replace(examples.STUDY, columns=COLUMNS)


def again(department, n, n_again, n_clusters=5, *, arm="treated", weights=None):
    """Everybody weighs the same, unless total weight and weight found again are given."""
    weight, weight_again = weights or (float(n), float(n_again))
    return FoundAgain(
        study="small",
        arm=arm,
        department=department,
        n=n,
        n_again=n_again,
        n_clusters=n_clusters,
        weight=weight,
        weight_again=weight_again,
    )


NORTH, SOUTH, EAST = again("North", 300, 158), again("South", 250, 128), again("East", 90, 40)


def build(found, *, language="en"):
    configuration = dataclasses.replace(examples.CONFIGURATION, study=STUDY)
    source = dataclasses.replace(examples.source(configuration, again=found), language=language)
    return builders.build(examples.exhibit("attrition_map", id="tbl-example"), source)


def test_shares_by_hand():
    table = build((NORTH, SOUTH, EAST, again("North", 300, 172, arm="comparison")))
    assert table.cell("north", "lost_treated").text == "47.3"  # 142 / 300
    assert table.cell("north", "lost_comparison").text == "42.7"  # 128 / 300
    # of fewer than a hundred a decimal would tell the count: 50 / 90 = 55.6
    assert table.cell("east", "lost_treated").text == "56"
    assert table.cell("all", "n_treated").value == 640
    assert table.cell("all", "lost_treated").text == "49.1"  # 314 / 640
    # no comparison municipality lies there: nothing, which is no suppression
    assert table.cell("south", "lost_comparison").kind == "none"


def test_shares_are_weighted_as_the_primary_estimate():
    """5 of 30 weights lost in the North, 20 of 25 in the South: 25 of 55 together."""
    north, south = (
        again("North", 300, 158, weights=(30.0, 25.0)),
        again("South", 250, 128, weights=(25.0, 5.0)),
    )
    table = build((north, south))
    shown = [table.cell(row, "lost_treated").text for row in ("north", "south", "all")]
    assert shown == ["16.7", "80.0", "45.5"]


def test_a_missing_weight_gives_no_share():
    table = build((again("North", 300, 158, weights=(NAN, NAN)), SOUTH))
    assert "a weight of the primary estimate is missing" in table.cell("north", "lost_treated").text
    assert table.cell("all", "lost_treated").kind == "unavailable"
    assert table.cell("south", "lost_treated").kind == "number"


@pytest.mark.parametrize(
    "small",
    [
        again("West", 60, 55),  # lost 5
        again("West", 60, 4),  # found 4
        again("West", 60, 30, 2),  # two municipalities
    ],
)
def test_a_small_cell_takes_the_smallest_other_with_it(small):
    table = build((NORTH, SOUTH, EAST, small))
    kinds = {row.id: row.cells[2].kind for row in table.rows}
    assert kinds == {
        "north": "number",
        "south": "number",
        "east": "suppressed",
        "west": "suppressed",
        "all": "number",
    }
    assert table.cell("west", "n_treated").kind == "suppressed"


def test_a_withheld_record_has_neither_counts_nor_weights():
    """Where everybody weighs the same, the weights are the counts."""
    found = examples.source(again=(NORTH, SOUTH, again("West", 60, 55))).records.again
    numbers = {
        row.department: (row.n, row.n_again, row.n_clusters, row.weight, row.weight_again)
        for row in found
    }
    # the smallest other department goes with the one of which few were lost
    for gone in ("South", "West"):
        assert [*map(is_withheld, numbers[gone])] == [True] * 5
    assert numbers["North"] == (300, 158, 5, 300.0, 158.0)


def test_two_single_municipalities_take_a_third_place():
    """25 lost in each of two places: the sum of 50 would be about two municipalities alone."""
    found = (NORTH, SOUTH, again("West", 50, 25, 1), again("Isle", 50, 25, 1))
    assert hidden_departments(found, STUDY) == {"South", "West", "Isle"}


def test_where_all_depends_on_one_cell_nothing_is_shown():
    assert hidden_departments((NORTH, again("West", 60, 55)), STUDY) == {"North", "West"}
    table = build((NORTH, again("West", 60, 55)))
    assert table.cell("north", "n_treated").kind == "suppressed"


def test_a_group_of_which_few_were_lost_has_no_total():
    table = build((again("North", 300, 295), again("South", 250, 250)))
    assert table.cell("all", "lost_treated").kind == "suppressed"


def test_what_the_total_leaves_is_never_about_few():
    """Random groups: total less what is shown leaves nobody, or enough people and municipalities.

    Independent of the linear programmes: a group's table has one total, so that what can be worked
    out of what is withheld is its sum; and no single withheld cell may be the whole of the sum.
    """
    draw = random.Random(7)  # noqa: S311 (no secret)
    for _ in range(200):
        found = [
            again(f"D{i}", n, draw.randint(0, n), draw.randint(1, 6))
            for i in range(draw.randint(2, 7))
            for n in (draw.randint(10, 80),)
        ]
        gone = hidden_departments(found, STUDY)
        shown = [row for row in found if row.department not in gone]
        hidden = [row for row in found if row.department in gone]
        clusters = sum(row.n_clusters for row in hidden)
        for of in (lambda r: r.n_again, lambda r: r.n - r.n_again):
            assert not any(is_small(of(r), r.n_clusters, study=STUDY) for r in shown)
            if shown and hidden:
                assert len(hidden) > 1
                assert clusters >= STUDY.minimum_clusters
                assert sum(of(r) for r in hidden) >= STUDY.minimum_cell


@pytest.mark.parametrize("found", [(), (again("", 100, 50),), (again("North", 100, 0),)])
def test_without_panel_or_departments_the_exhibit_stops_the_build(found):
    with pytest.raises(ReportError, match="no baseline respondents by department") as stopped:
        build(found)
    assert stopped.value.rule == "missing-record"


def test_spanish_words_and_marks():
    table = build((NORTH, SOUTH, again("North", 300, 172, arm="comparison")), language="es")
    assert table.cell("north", "lost_treated").text == "47,3"
    assert table.columns[0].label == "Departamento"
