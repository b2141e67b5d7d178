"""The forest plot: what it says in words, and that nothing withheld is drawn."""

import dataclasses

from evaluation.report import builders
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.tables.test_table_places import rows_of, study


def draw(source, outcomes=()):
    return builders.draw(examples.exhibit("places_plot", outcomes=outcomes), source)


def test_alternative_text_gives_the_range_of_places():
    figure = draw(study())
    assert "between −0.20 and +0.30 SD" in figure.alt
    assert "between −2.0 and +3.0 pp" in figure.alt
    assert figure.alt.startswith("SYNTHETIC DATA. ")
    assert figure.png.startswith(b"\x89PNG")


def test_only_the_outcomes_asked_for_are_drawn():
    assert "Victim of crime" not in draw(study(), ("trust",)).alt


def test_a_withheld_place_is_not_told():
    first, *rest = rows_of(TRUST)
    few = dataclasses.replace(first, n_clusters_treated=2)
    alt = draw(study(check_estimates=(few, *rest, *rows_of(CRIME))), ("trust",)).alt
    assert "between −0.20 and +0.10 SD" in alt
    assert "0.30" not in alt


def test_a_withheld_place_leaves_no_trace_in_the_picture():
    def with_north(estimate):
        first, *rest = rows_of(TRUST)
        few = dataclasses.replace(first, n_clusters_treated=2, estimate=estimate)
        return draw(study(check_estimates=(few, *rest, *rows_of(CRIME))), ("trust",)).svg

    assert with_north(0.30) == with_north(0.20)


def test_the_same_records_give_the_same_bytes():
    assert draw(study()).svg == draw(study()).svg
