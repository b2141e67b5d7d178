"""Prints of a panel study: the day that they name, and the period on the title page."""

import datetime
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.site import prints

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(("study", "day"), [("homicides", (2024, 12, 31)), ("medellin", None)])
def test_without_a_commit_the_day_is_the_end_of_what_was_observed(study, day):
    configuration = read_configuration(CONFIG / study)
    last = max((r.end for r in configuration.study.round), default=None)
    assert prints.day_of(configuration, None) == (datetime.date(*day) if day else last)


@pytest.mark.parametrize(("language", "said"), [("en", "2003 to 2024"), ("es", "2003 a 2024")])
def test_the_period_of_a_panel_is_its_years(language, said):
    study = read_configuration(CONFIG / "homicides").study
    assert prints._periods(study, {}, language) == said
