"""The table of weights: every number of the records, and what is said of totals and trimming."""

import dataclasses

import pytest

from evaluation.config.sampling import Weighting
from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import examples
from tests.report.examples import weight_check

STRATUM = weight_check(
    "endline",
    "stratum",
    "S1 R",
    n=300,
    n_clusters=6,
    total=66_112.2,
    people=100_170.0,
    coverage=0.9996,
    whole_design_effect=1.714,
    variation=0.845,
)
CHECKS = (
    weight_check("endline", whole_design_effect=1.9, variation=0.95, n_cut=12),
    STRATUM,
    weight_check("baseline", n_cut=4),
    # places are for the private folder; a file that holds them must not bring them here
    weight_check("baseline", "cluster", "M01"),
)


def build(checks=CHECKS, *, weights=None, language="en"):
    columns = dataclasses.replace(examples.STUDY.columns, weight="w", stratum="zone")
    study = dataclasses.replace(examples.STUDY, columns=columns, weights=weights)
    configuration = dataclasses.replace(examples.CONFIGURATION, study=study)
    source = dataclasses.replace(
        examples.source(configuration, weight_checks=checks), language=language
    )
    return builders.build(examples.exhibit("weights"), source)


def test_rows_are_rounds_in_order_with_their_strata():
    table = build()
    assert [row.id for row in table.rows] == ["baseline-all", "endline-all", "endline-s1_r"]
    assert [row.group for row in table.rows] == ["Baseline", "Endline", "Endline"]
    shown = {c.id: table.cell("endline-s1_r", c.id).text for c in table.columns}
    assert shown == {
        "part": "S1 R",
        "n": "300",
        "n_clusters": "6",
        "total": "66.1",
        "people": "100.2",
        "coverage": "1.00",
        "variation": "0.84",
        "design_effect": "1.71",
        "n_cut": "\N{EN DASH}",
    }


def test_large_sums_stand_in_thousands_and_small_ones_as_they_are():
    """A sum of seven digits would look like the number of an identity card to the audit."""
    labels = {c.id: c.label for c in build().columns}
    assert labels["total"] == "Sum of the weights, thousands"
    assert build().cell("baseline-all", "people").value == 2760.53
    table = build((weight_check("baseline", total=3500.0, people=999_999.0),))
    assert {c.id: c.label for c in table.columns}["people"] == "People in the frame"
    assert table.cell("baseline-all", "total").text == "3,500"


def test_smallest_and_largest_weights_are_not_published():
    assert not any("29.8" in cell.text for row in build().rows for cell in row.cells)


def test_a_small_number_of_cut_weights_is_withheld():
    table = build()
    assert table.cell("baseline-all", "n_cut").text == "fewer than 10"
    assert table.cell("endline-all", "n_cut").value == 10


def test_design_effects_over_all_and_inside_clusters_are_told_apart():
    said = dict(build().said)["within"]
    assert "Baseline: design effect 1.88 for all interviews, 1.27 within a village on" in said
    assert "Endline: design effect 1.90 for all interviews" in said
    assert said.endswith("If each village counts equally, only weights within it matter.")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (None, "Weights are used as delivered; none are trimmed"),
        (Weighting(probabilities=("p",)), "constructed by this study and not trimmed"),
        (Weighting(probabilities=("p",), bound=5.0), "trimmed at 5 times their median"),
    ],
)
def test_trimming_is_said_as_it_was_done(weights, said):
    (note,) = [n for n in build(weights=weights).notes if n.startswith("Trimming. ")]
    assert said in note


def test_without_people_in_the_frame_their_columns_are_left_out():
    none = float("nan")
    table = build((weight_check("baseline", people=none, coverage=none),))
    assert not {"people", "coverage", "n_cut"} & {c.id for c in table.columns}
    assert any("no population numbers to compare with" in note for note in table.notes)


def test_without_weights_the_exhibit_stops_the_build():
    with pytest.raises(ReportError, match="no checks of weights") as stopped:
        build(())
    assert stopped.value.rule == "missing-record"


def test_spanish_words_and_marks():
    table = build(language="es")
    assert table.cell("endline-s1_r", "design_effect").text == "1,71"
    assert table.columns[0].label == "Parte de la muestra"
    assert "efecto de diseño 1,90 para todas las entrevistas" in dict(table.said)["within"]
