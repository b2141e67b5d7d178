"""Of groups drawn by lot common code speaks of the last round, and of no parallel trends."""

import dataclasses
import re

import pytest

from evaluation.locale.messages import LANGUAGES, wording
from evaluation.report import builders, robustness_rows
from tests.report import check_examples, examples, review_examples

BRACKET = check_examples.check("bracket", theme="trends")


def at_endline(source):
    """The source whose primary model compares endline answers."""
    plan = source.configuration.preregistration.plan
    main = dataclasses.replace(plan.primary_specification(), method="ancova", lag="respondent")
    others = tuple(s for s in plan.specification if s.status != "primary")
    changed = dataclasses.replace(plan, specification=(main, *others))
    promise = dataclasses.replace(source.configuration.preregistration, plan=changed)
    configuration = dataclasses.replace(source.configuration, preregistration=promise)
    return dataclasses.replace(source, configuration=configuration)


def by(tool, source):
    review = dataclasses.replace(review_examples.REVIEW, tool=tool)
    configuration = dataclasses.replace(source.configuration, review=review)
    return dataclasses.replace(source, configuration=configuration)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_of_the_baseline_level_stands_under_no_heading_of_trends(language):
    source = dataclasses.replace(examples.source(), language=language)
    of_lot = robustness_rows.theme_of(by("RoB 2", source), BRACKET)
    of_choice = robustness_rows.theme_of(by("ROBINS-I", source), BRACKET)
    assert of_lot == wording("robustness-theme.baseline-level", language)
    assert of_choice == wording("theme.trends", language)
    other = dataclasses.replace(BRACKET, theme="shocks")
    assert robustness_rows.theme_of(by("RoB 2", source), other) == wording("theme.shocks", language)


@pytest.mark.parametrize("tool", ["RoB 2", "ROBINS-I"])
def test_the_figure_of_levels_says_that_a_change_is_no_effect(tool):
    """Its title travels without intervals, so it claims nothing of an estimate."""
    exhibit = examples.exhibit("levels_plot", outcomes=("trust",))
    drawn = builders.draw(exhibit, by(tool, at_endline(examples.source())))
    assert drawn.message.endswith("a change over time is not an effect")
    assert not re.search(r"\d", drawn.message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_threats_explain_the_breakdown_value_only_where_trends_are_a_threat(language):
    source = dataclasses.replace(review_examples.study(), language=language)
    exhibit = examples.exhibit("overturn", outcomes=("trust",))
    trends, answers = (wording(f"overturn-note-{name}", language) for name in ("trends", "answers"))
    assert trends in builders.build(exhibit, source).notes
    by_lot = by("RoB 2", at_endline(source))
    notes = builders.build(exhibit, by_lot).notes
    assert answers in notes
    assert trends not in notes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", ["levels.weighted", "balance.as-primary"])
def test_weights_are_told_by_what_they_are(entry, language):
    said = wording(entry, language, weights="(weights)")
    assert said.startswith("(weights)")
    assert not re.search("differences|diferencias", said.split(";")[0])
