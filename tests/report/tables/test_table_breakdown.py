"""Breakdown values, benchmarks and the intervals that allow for unequal trends."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats.table import builds
from tests.report import check_examples as made
from tests.report import examples, review_examples
from tests.report.check_examples import CRIME, TRUST

CHECK = made.check("two_round")
# An interval from 0.05 to 0.25 around 0.15: it holds zero once M is 0.05, the estimate at 0.15.
FIRST = examples.estimate(
    TRUST, examples.SPECIFICATION, "wcr_s", estimate=0.15, ci_low=0.05, ci_high=0.25
)
SECOND = examples.estimate(CRIME, examples.SPECIFICATION, "wcr_s")


def benchmark(outcome, name, m, estimate, interval, fixed):
    """The diagnostic of a benchmark and its two bounds, worked by hand."""
    ends = (estimate - m, estimate + m)
    return (
        made.diagnostic(outcome, CHECK, "benchmark", m, sample=f"m:{name}"),
        made.bound(outcome, CHECK, f"m:{name}", ends, (interval[0] - m, interval[1] + m)),
        made.bound(outcome, CHECK, f"flci:{name}", ends, fixed),
    )


def values(outcome, interval, point):
    return (
        made.diagnostic(outcome, CHECK, "breakdown", interval),
        made.diagnostic(outcome, CHECK, "breakdown_point", point),
    )


SMALL = benchmark(TRUST, "control_crime", 0.02, 0.15, (0.05, 0.25), (0.04, 0.26))
LARGE = benchmark(TRUST, "places", 0.10, 0.15, (0.05, 0.25), (-0.04, 0.34))


def study(**changes):
    given = {
        "primary": (FIRST, SECOND),
        "check_diagnostics": (*values(TRUST, 0.05, 0.15), SMALL[0], LARGE[0]),
        "bounds": (*SMALL[1:], *LARGE[1:]),
    }
    return made.source(CHECK, **{**given, **changes})


def build(source, *outcomes):
    return builders.build(examples.exhibit("breakdown", outcomes=outcomes or ("trust",)), source)


def test_each_benchmark_says_whether_its_intervals_still_exclude_zero():
    table = build(study())
    assert [row.id for row in table.rows] == [
        "trust-parallel",
        "trust-interval",
        "trust-estimate",
        "trust-places",
        "trust-control_crime",
    ]
    assert table.cell("trust-parallel", "widened_low").value == 0.05
    assert table.cell("trust-interval", "m").value == 0.05
    assert table.cell("trust-estimate", "m").value == 0.15
    assert table.cell("trust-control_crime", "widened_low").text == "+0.03"
    assert table.cell("trust-control_crime", "widened_excludes").text == "yes"
    assert table.cell("trust-control_crime", "fixed_excludes").text == "yes"
    assert table.cell("trust-places", "widened_low").text == "\N{MINUS SIGN}0.05"
    assert table.cell("trust-places", "widened_excludes").text == "no"
    assert table.cell("trust-places", "fixed_high").value == 0.34


def test_labels_name_places_and_series_in_words():
    table = build(study())
    by_id = {row.id: row.cells[0].text for row in table.rows}
    assert by_id["trust-places"].endswith("shares of each, by robbed")
    assert by_id["trust-control_crime"].endswith("in SD: victim of crime")
    assert by_id["trust-interval"] == "The breakdown value of the interval"


def test_m_is_also_shown_in_standard_deviations_of_the_baseline():
    # the example's crime rate has an SD of 38 percentage points at the comparison group's baseline
    source = study(check_diagnostics=values(CRIME, 0.0, 3.8), bounds=())
    table = build(source, "crime")
    assert table.cell("crime-estimate", "m_sd").value == pytest.approx(0.1, rel=1e-12)
    assert table.cell("crime-estimate", "m").unit == "percentage points"


def test_a_standard_deviation_that_gives_a_withheld_level_away_is_not_divided_by():
    few = tuple(
        dataclasses.replace(level, n=9) if level.outcome == "crime" else level
        for level in examples.records().levels
    )
    source = study(check_diagnostics=values(CRIME, 0.0, 3.8), bounds=(), levels=few)
    assert build(source, "crime").cell("crime-estimate", "m_sd").kind == "suppressed"


def test_an_interval_that_holds_zero_says_so_beside_its_breakdown_value():
    table = build(study(check_diagnostics=values(CRIME, 0.0, 2.4), bounds=()), "crime")
    assert "(it includes zero with parallel trends)" in table.rows[1].cells[0].text
    said = dict(table.said)["crime"]
    assert "includes zero even under parallel trends, so its breakdown value is 0" in said
    assert "Trends that differ by 2.4 pp would explain the whole estimate." in said


def test_a_sentence_says_both_breakdown_values():
    assert dict(build(study()).said)["trust"] == (
        "Trust: the 95% interval (+0.05 to +0.25 SD) excludes zero as long as trends differ by less"
        " than 0.05 SD. Trends that differ by 0.15 SD"
        " would explain the whole estimate."
    )


def test_a_benchmark_that_bounds_nothing_prints_its_reason_once():
    name = "m:covariate_q2"
    source = study(
        check_diagnostics=(
            *values(TRUST, 0.05, 0.15),
            made.diagnostic(TRUST, CHECK, "benchmark", 0.0, sample=name),
        ),
        bounds=(),
        check_unavailable=(made.unavailable(TRUST, CHECK, "benchmark", "all chance", name),),
    )
    row = "trust-covariate_q2"
    table = build(source)
    assert table.cell(row, "m").value == 0.0
    assert table.cell(row, "widened_low").text == "not available: all chance"
    assert table.cell(row, "fixed_low").kind == "none"


def test_a_benchmark_that_cannot_be_had_prints_its_reason_in_the_place_of_m():
    name = "m:control_crime"
    source = study(
        check_diagnostics=values(TRUST, 0.05, 0.15),
        bounds=(),
        check_unavailable=(made.unavailable(TRUST, CHECK, "benchmark", "no series", name),),
    )
    assert build(source).cell("trust-control_crime", "m").text == "not available: no series"


def test_a_plan_without_places_or_series_says_that_there_is_no_benchmark():
    source = study(
        check_diagnostics=values(TRUST, 0.05, 0.15),
        bounds=(),
        check_unavailable=(made.unavailable(TRUST, CHECK, "benchmark", "none named"),),
    )
    assert build(source).cell("trust-benchmark", "m").text == "not available: none named"


def test_a_fixed_length_interval_that_cannot_be_had_prints_its_own_reason():
    source = study(
        check_diagnostics=(*values(TRUST, 0.05, 0.15), LARGE[0]),
        bounds=(LARGE[1],),
        check_unavailable=(made.unavailable(TRUST, CHECK, "cv3", "singular", "flci:places"),),
    )
    table = build(source)
    assert table.cell("trust-places", "widened_low").kind == "effect"
    assert table.cell("trust-places", "fixed_low").text == "not available: singular"


def test_the_whole_check_may_be_unavailable():
    reason = made.unavailable(TRUST, CHECK, "wcr_s", "one cluster")
    source = study(check_diagnostics=(), bounds=(), check_unavailable=(reason,))
    assert build(source).cell("trust-interval", "m").text == "not available: one cluster"


def test_few_clusters_withhold_everything_of_an_outcome():
    few = dataclasses.replace(FIRST, n_clusters_treated=2)
    table = build(study(primary=(few, SECOND)))
    assert [c.kind for c in table.rows[0].cells[1:]].count("suppressed") == 1
    assert len(table.rows) == 1
    assert any(note.startswith("Suppressed.") for note in table.notes)


@pytest.mark.parametrize("changes", [{"check_diagnostics": ()}, {"bounds": ()}])
def test_a_hole_in_the_records_stops_the_table(changes):
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(**changes))


def test_a_plan_without_the_check_stops_the_table():
    with pytest.raises(ReportError, match="no check of the kind two_round_sensitivity"):
        build(made.source())


def test_notes_say_what_m_is_and_how_both_intervals_were_made():
    notes = " ".join(build(study()).notes)
    for words in (
        "What two_round answers.",
        "Two rounds cannot show it",
        "Manski and Pepper",
        "Armstrong and Koles",
        "WCR-S",
        "shares are equal",
    ):
        assert words in notes


def test_heads_and_rows_have_spanish_words():
    source = study()
    spanish = dataclasses.replace(source, language="es")
    from_builder = builds["breakdown"](examples.exhibit("breakdown", outcomes=("trust",)), spanish)
    assert from_builder.columns[0].label == "Si las tendencias difieren en"
    assert from_builder.rows[0].cells[0].text == "Nada: las tendencias son paralelas"
    assert from_builder.cell("trust-control_crime", "widened_excludes").text == "sí"


def test_the_figure_says_in_words_what_it_draws():
    figure = builders.draw(examples.exhibit("breakdown_plot", outcomes=("trust",)), study())
    assert figure.alt.startswith(
        "SYNTHETIC DATA. A title. Benchmark differences in trends may change the conclusion on "
        "trust."
    )
    assert "Trust: 95% interval +0.05 to +0.25 SD with parallel trends." in figure.alt
    assert (
        "for the interval to include zero 0.05 SD, to explain the whole estimate 0.15" in figure.alt
    )
    assert "by robbed 0.100" in figure.alt
    assert figure.png.startswith(b"\x89PNG")
    assert figure.data.cell("trust-interval", "m").value == 0.05


NO_BENCHMARK = "No benchmark difference in trends would change a conclusion; larger ones would"


@pytest.mark.parametrize(
    ("m", "ends", "said"),
    [(0.02, (0.0, 0.04), NO_BENCHMARK),
     (0.02, (0.0, 0.06), "Benchmark differences in trends may change the conclusion on trust"),
     (0.07, (0.01, 0.1), "Benchmark differences in trends would change the conclusion on trust")],
)  # fmt: skip
def test_the_title_judges_benchmarks_as_the_table_of_threats_does(m, ends, said):
    drawn = benchmark(TRUST, "control_crime", m, 0.15, (0.05, 0.25), (0.0, 0.3))
    found = [
        made.diagnostic(TRUST, CHECK, f"benchmark_{end}", value, sample="m:control_crime")
        for end, value in zip(("low", "high"), ends, strict=True)
    ]
    source = study(
        check_diagnostics=(*values(TRUST, 0.05, 0.15), drawn[0], *found), bounds=drawn[1:]
    )
    figure = builders.draw(examples.exhibit("breakdown_plot", outcomes=("trust",)), source)
    assert f"A title. {said}." in figure.alt


def test_the_title_of_inconclusive_results_asks_whether_intervals_exclude_zero():
    """Zero is in both intervals: that no benchmark is so large is no robustness of a conclusion."""
    drawn = benchmark(CRIME, "control_crime", 0.1, -2.4, (-5.2, 0.4), (-5.3, 0.5))
    source = study(check_diagnostics=(*values(CRIME, 0.0, 2.4), drawn[0]), bounds=drawn[1:])
    figure = builders.draw(examples.exhibit("breakdown_plot", outcomes=("crime",)), source)
    said = "A title. No benchmark difference in trends would make an interval exclude zero."
    assert said in figure.alt
    assert "conclusion" not in figure.alt


def test_no_conclusion_of_randomised_groups_is_said_to_change_with_trends():
    """The table of threats says of trends: not applicable."""
    source, review = study(), dataclasses.replace(review_examples.REVIEW, tool="RoB 2")
    drawn = dataclasses.replace(source.configuration, review=review)
    figure = builders.draw(
        examples.exhibit("breakdown_plot", outcomes=("trust",)),
        dataclasses.replace(source, configuration=drawn),
    )
    assert "It would take trends that differ by 0.05 SD in trust" in figure.alt
    assert "conclusion" not in figure.alt


def test_a_panel_without_a_result_shows_its_reason():
    reason = made.unavailable(TRUST, CHECK, "wcr_s", "one cluster")
    source = study(check_diagnostics=(), bounds=(), check_unavailable=(reason,))
    figure = builders.draw(examples.exhibit("breakdown_plot", outcomes=("trust",)), source)
    assert figure.alt.endswith("Trust: not available: one cluster.")


def test_the_figure_is_the_same_bytes_twice():
    asked = examples.exhibit("breakdown_plot", outcomes=("trust",))
    assert builders.draw(asked, study()).svg == builders.draw(asked, study()).svg


def test_benchmarks_stand_from_places_to_series_whatever_their_recorded_order():
    names = ("control_crime", "covariate_q2", "covariates_x2")
    made_up = [benchmark(TRUST, name, 0.1, 0.15, (0.05, 0.25), (0.0, 0.3)) for name in names]
    source = study(
        check_diagnostics=(*values(TRUST, 0.05, 0.15), *(y[0] for y in made_up), LARGE[0]),
        bounds=(*(b for y in made_up for b in y[1:]), *LARGE[1:]),
    )
    assert [row.id.removeprefix("trust-") for row in build(source).rows[3:]] == [
        "places",
        "covariate_q2",
        "covariates_x2",
        "control_crime",
    ]


def test_a_withheld_outcome_is_not_drawn():
    few = dataclasses.replace(FIRST, n_clusters_treated=2)
    asked = examples.exhibit("breakdown_plot", outcomes=("trust",))
    assert builders.draw(asked, study(primary=(few, SECOND))).alt.endswith("Trust: suppressed.")


def test_a_benchmark_has_its_interval_beside_it_where_it_has_one():
    ends = tuple(
        made.diagnostic(TRUST, CHECK, f"benchmark_{end}", value, sample="m:places")
        for end, value in (("low", 0.04), ("high", 0.33))
    )
    source = study(check_diagnostics=(*values(TRUST, 0.05, 0.15), LARGE[0], *ends))
    table = build(source)
    shown = [table.cell("trust-places", c).text for c in ("m", "m_low", "m_high")]
    assert shown[1:] == ["0.04", "0.33"]
    assert table.cell("trust-parallel", "m_low").kind == "none"
    note = next(n for n in table.notes if n.startswith("Benchmarks."))
    assert "Benchmarks whose interval includes zero are reported but not counted" in note
