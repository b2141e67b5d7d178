"""Submissions that the office refused: the first line of the sample flow, and no more of them."""

import pytest

from evaluation.report import builders
from tests.report import examples


def flow_of(treated: int, comparison: int):
    """One round of two groups, 500 valid interviews each, 20 without consent."""
    refused = {"treated": treated, "comparison": comparison}
    return examples.source(
        flow=tuple(
            examples.flow("baseline", arm, step, n)
            for arm in refused
            for step, n in (
                ("set_aside", refused[arm]),
                ("delivered", 520),
                ("no_consent", 20),
                ("valid", 500),
            )
        )
    )


def test_the_line_stands_first_and_is_in_no_sum():
    table = builders.build(examples.exhibit("flow"), flow_of(30, 40))
    assert table.rows[0].id == "baseline-set_aside"
    assert table.rows[0].cells[0].text == "Submissions rejected by the office, set aside"
    assert table.cell("baseline-set_aside", "n_treated").value == 30
    assert table.cell("baseline-set_aside", "n_comparison").value == 40
    assert table.cell("baseline-delivered", "n_treated").value == 520
    assert table.cell("baseline-left_out", "n_treated").value == 20
    assert "office" not in table.cell("baseline-left_out", "reason").text


@pytest.mark.parametrize(("treated", "comparison"), [(30, 3), (3, 30), (3, 3), (9, 0)])
def test_where_one_group_is_withheld_the_findings_sum_gives_nothing_away(treated, comparison):
    # the findings print the sum of both groups, so that one of them would be the difference
    table = builders.build(examples.exhibit("flow"), flow_of(treated, comparison))
    for column in ("n_treated", "n_comparison"):
        assert table.cell("baseline-set_aside", column).kind == "suppressed"
        assert table.cell("baseline-delivered", column).value == 520


def test_the_diagram_says_it_before_what_was_delivered():
    alt = builders.draw(examples.exhibit("flow_diagram"), flow_of(30, 0)).alt
    assert "Rejected by the office: 30. Delivered: 520." in alt
    assert alt.count("Rejected by the office") == 1
    alt = builders.draw(examples.exhibit("flow_diagram"), flow_of(30, 2)).alt
    assert alt.count("Rejected by the office: suppressed. Delivered: 520.") == 2
