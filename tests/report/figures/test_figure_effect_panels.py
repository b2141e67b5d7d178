"""Panels of the figure of effects: the same effects twice, and no axis for two units."""

import dataclasses

import pytest
from matplotlib.axes import Axes

from evaluation.report import builders
from evaluation.report.effect_rows import lines
from evaluation.report.figures.effects import draw_panels, in_own_unit, in_sd
from tests.report import examples

ASKED = examples.exhibit("coefficient_plot", outcomes=("trust", "crime"))


def panels(source=None) -> list[tuple[Axes, Axes]]:
    made = source or examples.source()
    figure = draw_panels(lines(ASKED, made), made)
    axes = figure.axes
    return list(zip(axes[::2], axes[1::2], strict=True))


def test_each_outcome_has_its_own_unit_beside_the_sd():
    (_, no_unit), (crime, points) = panels()
    assert (crime.get_xlabel(), points.get_title(loc="right")) == ("SD", "percentage points")
    # an index whose unit is the SD is not drawn twice
    assert not no_unit.get_xticks().size
    assert any("its own unit is the SD" in " ".join(t.get_text().split()) for t in no_unit.texts)


def test_only_panels_in_sd_share_an_axis():
    """Crime is −2.4 (−5.2 to 0.4) points with an SD of 38; trust's bounds are under one SD."""
    (trust, _), (crime, points) = panels()
    assert trust.get_xlim() == crime.get_xlim()
    line = next(x for x in lines(ASKED, examples.source()) if x.outcome.id == "crime")
    widest = max(abs(x) for x in in_own_unit(line))
    assert points.get_xlim() == pytest.approx((-1.12 * widest, 1.12 * widest))


def test_grey_and_hatching_stand_in_both_units():
    _, (crime, points) = panels()
    line = next(x for x in lines(ASKED, examples.source()) if x.outcome.id == "crime")
    own, scaled = in_own_unit(line), in_sd(line)
    assert (own.smallest, own.mde) == (3.0, line.found.mde)
    assert scaled == pytest.approx([x / 38.0 for x in own])
    for axes, bar in ((crime, scaled), (points, own)):
        widths = sorted(p.get_width() for p in axes.patches)
        assert widths == pytest.approx(sorted((2 * bar.smallest, 2 * bar.mde)))


def test_the_words_beside_have_effect_interval_and_mde():
    (_, _), (_, points) = panels()
    said = [t.get_text() for t in points.texts]
    found = next(x for x in lines(ASKED, examples.source()) if x.outcome.id == "crime").found
    assert said == [f"−2.4 pp\n(−5.2 to +0.4)\nMDE {found.mde:.1f}"]


def test_native_columns_stand_in_the_data():
    data = builders.draw(ASKED, examples.source()).data
    found = next(x for x in lines(ASKED, examples.source()) if x.outcome.id == "crime").found
    shown = [
        data.cell("crime-did_main", name).value
        for name in ("estimate", "ci_low", "ci_high", "smallest_effect", "mde")
    ]
    assert shown == [found.estimate, found.ci_low, found.ci_high, 3.0, found.mde]


def test_alternative_text_says_both_units_once_where_they_are_one():
    alt = builders.draw(ASKED, examples.source()).alt
    assert "In SD of the comparison group at baseline: −0.06 (−0.14 to +0.01)" in alt
    assert alt.count("In SD of the comparison group") == 1


def test_an_effect_that_cannot_be_had_leaves_no_empty_axis():
    made = examples.records()
    kept = tuple(e for e in made.estimates if (e.outcome, e.step) != ("crime", "wcr_s"))
    absent = (examples.unavailable("crime", "wcr_s", "too few"),)
    _, (crime, points) = panels(examples.source(estimates=kept, unavailable=absent))
    assert [t.get_text().strip() for t in crime.texts] == ["not available"]
    assert not points.get_xticks().size


def test_an_mde_that_prints_as_the_smallest_effect_has_one_decimal_more():
    made = examples.records()
    close = tuple(
        dataclasses.replace(e, mde=3.04) if e.outcome == "crime" else e for e in made.estimates
    )
    source = examples.source(estimates=close)
    _, (_, points) = panels(source)
    assert points.texts[0].get_text().endswith("MDE 3.04")
    assert "Realised MDE: 3.04 percentage points." in builders.draw(ASKED, source).alt
    table = builders.build(examples.exhibit("effects"), source)
    assert [table.cell("crime", c).text for c in ("mde", "smallest_effect")] == ["3.04", "3.00"]
