"""Sampled units: the first line of the sample flow, with what it exceeds the interviews by."""

import pytest

from evaluation.report import builders
from tests.report import examples


def flow_of(sampled: int, *, delivered: int = 520, set_aside: int = 0, no_consent: int = 20):
    """One round of the treatment group, with people who refused and people under age."""
    steps = {
        "sampled": sampled,
        "set_aside": set_aside,
        "delivered": delivered,
        "no_consent": no_consent,
        "under_age": 0,
        "valid": delivered - no_consent,
    }
    return examples.source(
        flow=tuple(examples.flow("baseline", "treated", step, n) for step, n in steps.items())
    )


def cell(source, step):
    return builders.build(examples.exhibit("flow"), source).cell(f"baseline-{step}", "n_treated")


def test_the_line_stands_first_and_is_in_no_sum():
    table = builders.build(examples.exhibit("flow"), flow_of(800))
    assert table.rows[0].id == "baseline-sampled"
    assert table.rows[0].cells[0].text == "Units sampled, eligible or possibly so"
    assert cell(flow_of(800), "sampled").value == 800
    assert cell(flow_of(800), "left_out").value == 20


@pytest.mark.parametrize(
    ("sampled", "changes"),
    [
        (523, {}),  # three more than were delivered
        (553, {"set_aside": 30}),  # three more than were delivered or set aside
        (509, {"no_consent": 20}),  # nine more than the valid interviews
        (5, {"delivered": 5, "no_consent": 0}),
    ],
)
def test_units_that_exceed_the_interviews_by_few_are_not_counted_out(sampled, changes):
    assert cell(flow_of(sampled, **changes), "sampled").kind == "suppressed"


@pytest.mark.parametrize("sampled", [520, 530, 600])
def test_none_or_ten_without_interview_are_shown(sampled):
    assert cell(flow_of(sampled), "sampled").value == sampled


def test_the_diagram_begins_with_it():
    alt = builders.draw(examples.exhibit("flow_diagram"), flow_of(800)).alt
    assert "Sampled: 800. Delivered: 520." in alt


def test_minors_are_a_reason_in_words():
    steps = {"delivered": 520, "no_consent": 12, "under_age": 15, "valid": 493}
    source = examples.source(
        flow=tuple(examples.flow("baseline", "treated", step, n) for step, n in steps.items())
    )
    table = builders.build(examples.exhibit("flow"), source)
    assert table.cell("baseline-left_out", "reason").text == "no consent; under age"
    assert table.cell("baseline-under_age", "n_treated").value == 15
