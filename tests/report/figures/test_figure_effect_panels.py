"""The figure of effects: own units, conclusions in words, and a title by rule."""

import dataclasses

import pytest

from evaluation.report import builders
from evaluation.report.effect_rows import lines
from evaluation.report.figures import effects
from evaluation.report.figures.effects import in_own_unit, in_sd
from evaluation.report.figures.sheet import NARROW, WIDE, DrawingSheet
from evaluation.report.prose import headlines
from tests.report import examples
from tests.report.figures import pictures
from tests.tables import cases

CASES = cases(__file__)

ASKED = examples.exhibit("coefficient_plot", outcomes=("trust", "crime"))


def rows(source=None):
    made = source or examples.source()
    return [effects.effect(x, several=False) for x in lines(ASKED, made)], made


def sheet_of(width, source=None):
    chosen, made = rows(source)
    sheet = DrawingSheet(width, "en")
    effects.draw_effects(sheet, chosen, made)
    return sheet, sheet.finish()


def panels(figure):
    return figure.axes[1:]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_unit_has_one_axis_and_its_name_below(width):
    _, figure = sheet_of(width)
    names = [axes.get_xlabel() for axes in panels(figure)]
    assert names == ["Standard deviations (SD)", "Percentage points"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_stands_on_a_sheet_is_inside_it(width):
    sheet, figure = sheet_of(width)
    high = figure.get_figheight()
    assert high == pytest.approx(sheet.top, abs=0.1)
    for text in sheet.page.texts:
        x, y = text.get_position()
        assert 0 <= x <= width
        assert 0 < y < high


def test_the_words_beside_have_conclusion_effect_and_interval():
    (_, crime), _ = rows()
    assert crime.said == ("Inconclusive; very uncertain", "−2.4 pp (−5.2 to +0.4)")
    sheet, _ = sheet_of(WIDE)
    words = [t.get_text() for t in sheet.page.texts]
    assert any(word.startswith("Inconclusive") for word in words)
    assert "−2.4 pp (−5.2 to +0.4)" in words


def test_the_grey_is_as_wide_as_the_smallest_effect_that_matters():
    _, figure = sheet_of(WIDE)
    (band,) = panels(figure)[1].collections
    ends = band.get_paths()[0].vertices[:, 0]
    assert (min(ends), max(ends)) == (-3.0, 3.0)


def test_effects_in_sd_and_own_unit_stand_in_the_data():
    line = next(x for x in lines(ASKED, examples.source()) if x.outcome.id == "crime")
    own, scaled = in_own_unit(line), in_sd(line)
    assert scaled == pytest.approx([x / 38.0 for x in own])
    data = builders.draw(ASKED, examples.source()).data
    shown = [
        data.cell("crime-did_main", name).value
        for name in ("estimate", "ci_low", "ci_high", "smallest_effect", "mde")
    ]
    found = line.found
    assert shown == [found.estimate, found.ci_low, found.ci_high, 3.0, found.mde]


def test_alternative_text_says_both_units_once_where_they_are_one():
    alt = builders.draw(ASKED, examples.source()).alt
    assert "In SD of the comparison group at baseline: −0.06 (−0.14 to +0.01)" in alt
    assert alt.count("In SD of the comparison group") == 1


def test_an_effect_that_cannot_be_had_leaves_its_word():
    made = examples.records()
    kept = tuple(e for e in made.estimates if (e.outcome, e.step) != ("crime", "wcr_s"))
    absent = (examples.unavailable("crime", "wcr_s", "too few"),)
    _, figure = sheet_of(WIDE, examples.source(estimates=kept, unavailable=absent))
    assert [t.get_text() for t in panels(figure)[1].texts] == ["not available"]


@pytest.mark.parametrize(("trust", "crime", "title"), CASES["titles"])
def test_the_title_follows_from_the_conclusions(trust, crime, title):
    def moved(outcome, change):
        found = next(
            e for e in examples.records().estimates if (e.outcome, e.step) == (outcome, "wcr_s")
        )
        return {
            "simultaneous_90_low": change.get("ci_low", found.ci_low),
            "simultaneous_90_high": change.get("ci_high", found.ci_high),
        }

    records = examples.records()
    ends = {"trust": moved("trust", trust), "crime": moved("crime", crime)}
    source = examples.source(
        estimates=tuple(
            dataclasses.replace(e, **{"trust": trust, "crime": crime}.get(e.outcome, {}))
            if e.step == "wcr_s"
            else e
            for e in records.estimates
        ),
        diagnostics=tuple(
            dataclasses.replace(d, value=ends[d.outcome][d.name])
            if d.outcome in ends and d.name in ends[d.outcome]
            else d
            for d in records.diagnostics
        ),
    )
    assert (
        headlines.title(headlines.results((x.source, x.found) for x in lines(ASKED, source)), "en")
        == title
    )
    with pictures.only("nothing"):
        assert builders.draw(ASKED, source).message == title
