"""Theory of change: which arrows are drawn, by hand from the small study's plan."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.figures import theory_of_change
from evaluation.study.study import Component
from tests.report import examples
from tests.report.examples import both


def study(**changes):
    """Two components and one expected result, which one outcome of component one serves."""
    parts = (
        *examples.STUDY.component,
        Component(id="result", label=both("Calm"), kind="expected_result"),
    )
    plan = examples.PLAN
    outcomes = tuple(
        dataclasses.replace(o, components=("one", "result")) if o.id == "threats" else o
        for o in plan.outcome
    )
    preregistration = dataclasses.replace(
        examples.CONFIGURATION.preregistration, plan=dataclasses.replace(plan, outcome=outcomes)
    )
    configuration = dataclasses.replace(
        examples.CONFIGURATION,
        study=dataclasses.replace(examples.STUDY, component=parts, **changes),
        preregistration=preregistration,
    )
    return examples.source(configuration)


def drawn(source):
    exhibit = examples.exhibit("theory_of_change", id="fig-example", code="SM-F01")
    return builders.draw(exhibit, source)


def test_a_component_leads_where_the_plan_counts_an_outcome_under_both():
    found = {t.id: t.links for t in theory_of_change.targets(study())}
    assert found == {"result": {"one": 1}, "trust": {"one": 1}, "crime": {"one": 1, "two": 1}}


def test_the_text_says_what_the_arrows_show_and_the_data_hold_them():
    figure = drawn(study())
    assert "Component 1 leads to: Calm; Trust; Victim of crime." in figure.alt
    assert "Component 2 leads to: Victim of crime." in figure.alt
    assert [r.id for r in figure.data.rows] == ["one-result", "one-trust", "one-crime", "two-crime"]
    assert figure.png[:4] == b"\x89PNG"


def test_lines_of_the_first_half_run_left_and_of_the_rest_right():
    parts = theory_of_change.components(study())
    at = theory_of_change.lanes(parts)
    assert 0 < at["one"] < theory_of_change.LANE
    assert 1 - theory_of_change.LANE < at["two"] < 1
    three = (*parts, Component(id="three", label=both("Three")))
    places = theory_of_change.lanes(three)
    assert len(set(places.values())) == 3
    assert sorted(places.values()) == [places["one"], places["two"], places["three"]]


def test_two_drawings_are_the_same_bytes():
    assert drawn(study()).svg == drawn(study()).svg


def test_a_study_without_components_has_nothing_to_draw():
    source = examples.source(
        dataclasses.replace(
            examples.CONFIGURATION, study=dataclasses.replace(examples.STUDY, component=())
        )
    )
    with pytest.raises(ReportError, match="declares no component"):
        drawn(source)
