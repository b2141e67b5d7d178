"""Covariates before and after the comparison group is reweighted."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST

ENTROPY = made.check("entropy", variables=("q2", "poverty"))
SECOND = made.check("second", variables=("q2", "poverty"))
GAPS = (
    made.gap(ENTROPY, "q2", 0.58, 3e-11),
    made.gap(ENTROPY, "poverty", -0.10, -2e-11),
    made.gap(SECOND, "q2", 0.58, 0.06),
    made.gap(SECOND, "poverty", -0.10, -0.02),
)
ESTIMATES = (
    made.of_check(TRUST, ENTROPY, step="cv3"),
    made.of_check(TRUST, SECOND, step="cv3", n_clusters_treated=28, n_clusters_comparison=20),
)


def quantities(outcome=TRUST, effective=12.7):
    return (
        made.diagnostic(outcome, ENTROPY, "effective_comparison_clusters", effective),
        made.diagnostic(outcome, ENTROPY, "largest_comparison_share", 0.218),
        made.diagnostic(outcome, SECOND, "effective_comparison_clusters", 16.3),
        made.diagnostic(outcome, SECOND, "largest_comparison_share", 0.107),
    )


def study(**changes):
    given = {
        "check_estimates": ESTIMATES,
        "check_diagnostics": quantities(),
        "covariates": GAPS,
    }
    return made.source(ENTROPY, SECOND, **{**given, **changes})


def build(source, *outcomes):
    asked = examples.exhibit("covariate_balance", outcomes=outcomes or ("trust",))
    return builders.build(asked, source)


def draw(source):
    return builders.draw(examples.exhibit("love_plot", outcomes=("trust",)), source)


def test_differences_stand_side_by_side():
    table = build(study())
    assert [c.id for c in table.columns] == [
        "covariate",
        "before",
        "after_entropy",
        "after_second",
    ]
    assert table.cell("q2", "covariate").text == "Robbed"
    assert table.cell("q2", "before").text == "+0.58"
    assert table.cell("poverty", "after_entropy").text == "0.00"
    assert table.cell("poverty", "after_second").value == -0.02


def test_what_the_weights_rest_on_is_counted():
    table = build(study())
    assert table.cell("n_clusters_treated", "before").value == 35
    assert table.cell("n_clusters_treated", "after_second").value == 28
    assert table.cell("effective_comparison_clusters", "after_entropy").text == "12.7"
    assert table.cell("largest_comparison_share", "after_second").text == "11"
    assert "Comparison villages used" in [row.cells[0].text for row in table.rows]


def test_outcomes_that_do_not_agree_have_a_row_each():
    both = study(
        check_estimates=(
            *ESTIMATES,
            *(dataclasses.replace(e, outcome="crime", unit="percentage points") for e in ESTIMATES),
        ),
        check_diagnostics=(*quantities(), *quantities(CRIME, effective=11.0)),
    )
    table = build(both, "trust", "crime")
    assert table.cell("effective_comparison_clusters-trust", "after_entropy").text == "12.7"
    assert table.cell("effective_comparison_clusters-crime", "after_entropy").text == "11.0"
    assert table.cell("largest_comparison_share", "after_entropy").text == "22"


def test_one_sentence_per_check():
    said = dict(build(study()).said)
    assert said["second"] == (
        "Reweighted again: the largest difference before (robbed) is +0.58 SD; the "
        "largest after (robbed) is +0.06 SD. The weights depend on the equivalent of "
        "16.3 comparison villages of 20 used."
    )


def test_a_check_that_cannot_be_had_prints_its_reason():
    reason = made.unavailable(TRUST, SECOND, "all", "no overlap")
    source = study(
        check_estimates=ESTIMATES[:1],
        check_diagnostics=quantities()[:2],
        covariates=GAPS[:2],
        check_unavailable=(reason,),
    )
    table = build(source)
    assert table.cell("q2", "after_second").text == "not available: no overlap"
    assert table.cell("n_clusters_treated", "after_second").kind == "unavailable"
    assert "the table gives the reason" in dict(table.said)["second"]
    assert "Reweighted again: not available" in draw(source).alt


def test_few_clusters_withhold_the_differences_as_well():
    few = dataclasses.replace(ESTIMATES[1], n_clusters_comparison=2)
    source = study(check_estimates=(ESTIMATES[0], few))
    table = build(source)
    assert table.cell("q2", "after_second").kind == "suppressed"
    assert table.cell("n_clusters_comparison", "after_second").kind == "suppressed"
    assert any(note.startswith("Suppressed.") for note in table.notes)
    assert "+0.06" not in draw(source).alt


def test_a_missing_quantity_stops_the_table():
    with pytest.raises(ReportError, match="check `entropy` has neither"):
        build(study(check_diagnostics=quantities()[1:]))


def test_a_check_without_any_row_stops_the_table():
    with pytest.raises(ReportError, match="check `second` has neither"):
        build(study(check_estimates=ESTIMATES[:1]))


def test_the_love_plot_says_every_mark_in_words():
    alt = draw(study()).alt
    assert "Robbed: +0.58 before reweighting, 0.00 (Reweighted), +0.06 (Reweighted again)" in alt
    assert "poverty: −0.10 before reweighting" in alt
    assert "12.7 comparison villages of 35 used" in alt


def test_the_love_plot_holds_the_table_as_its_data():
    figure = draw(study())
    assert figure.data.cell("q2", "before").value == 0.58
    assert figure.png.startswith(b"\x89PNG")
