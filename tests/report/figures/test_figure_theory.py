"""Theory of change: which arrows are drawn, by hand from the small study's plan."""

import dataclasses
import re

import pytest

from evaluation.config.study import Component, LogicStep
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.figures import theory_of_change
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


def test_the_title_counts_the_outcomes_that_the_boxes_count():
    source = study()
    assert len(source.plan.outcome) > 1
    assert drawn(source).message.endswith("measured by 1 outcomes of the plan")


def test_facts_are_not_marked_as_invented_but_their_file_is():
    figure = drawn(study(synthetic=True))
    assert "SYNTHETIC" not in f"{figure.alt} {figure.picture.wide} {' '.join(figure.notes)}"
    assert figure.data.mark == "SYNTHETIC"


def test_each_box_has_the_squares_of_its_components():
    svg = drawn(study()).picture.wide
    words = re.findall(r">([^<>]+)</text>", svg)
    # a component before itself; one before the expected result and trust, two before crime
    assert words.count("1") == 4
    assert words.count("2") == 2
    assert any(word.startswith("Calm") for word in words)


def test_what_the_programme_planned_stands_before_its_results_and_assumptions_last():
    steps = (
        LogicStep(id="assumptions", items=(both("Peace"),)),
        LogicStep(id="inputs", items=(both("Money"), both("People"))),
    )
    source = study(logic=steps)
    parts, found = theory_of_change.components(source), theory_of_change.targets(source)
    made = theory_of_change.bands(source, parts, found)
    assert next(iter(made)) == "Inputs"
    assert [box.text for box in made["Inputs"]] == ["Money", "People"]
    assert list(made)[-1] == "Assumptions"
    assert "Inputs: Money; People." in drawn(source).alt


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
