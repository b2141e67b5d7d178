"""Curve of detectable effects: the study's own point, other sizes, reasons where it has none."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import examples

ASKED = examples.exhibit("detectable_plot", outcomes=("trust",))


def test_data_hold_the_own_design_and_every_other_size():
    figure = builders.draw(ASKED, examples.source())
    data = figure.data
    assert [r.id for r in data.rows] == ["trust-own", "trust-size_001", "trust-size_002"]
    assert data.cell("trust-own", "planned_mde").value == 0.21
    assert data.cell("trust-own", "clusters_planned_comparison").value == 34
    assert data.cell("trust-size_001", "respondents_planned").value == 20.0
    assert data.cell("trust-size_002", "clusters_planned_treated").value == 70
    # 0.1 is the outcome's smallest effect that matters
    assert data.cell("trust-own", "smallest_effect").value == 0.1


def test_alternative_text_says_the_own_design_in_the_words_of_the_study():
    alt = builders.draw(ASKED, examples.source()).alt
    said = "Trust: 0.21 SD with 35 treatment + 34 comparison villages and 50 respondents"
    assert said in alt
    assert "The smallest effect that matters is 0.10 SD." in alt


def test_an_outcome_without_a_curve_stops_with_its_reason():
    reason = dataclasses.replace(
        examples.unavailable("trust", "detectable", "one row per cluster"), step="detectable"
    )
    source = examples.source(detectable=(), unavailable=(reason,))
    with pytest.raises(ReportError, match=r"no curve .* `trust`: one row per cluster"):
        builders.draw(ASKED, source)
