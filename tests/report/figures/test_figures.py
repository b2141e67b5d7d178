"""Figures: marked, described, legible without colour, and the same bytes twice."""

import dataclasses
import datetime
import functools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from evaluation.config.study import Event
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.figures import frame as figure_style
from evaluation.report.figures import typeface
from evaluation.report.figures.sheet import DrawingSheet
from evaluation.report.formats import table_writers
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

SVG = "{http://www.w3.org/2000/svg}"
BUILDERS = (
    "coefficient_plot",
    "components_plot",
    "levels_plot",
    "flow_diagram",
    "trend_plot",
    "timeline",
    "detectable_plot",
)
REAL = dataclasses.replace(
    examples.CONFIGURATION, study=dataclasses.replace(examples.STUDY, synthetic=False)
)


def draw(builder, configuration=examples.CONFIGURATION, **changes):
    return builders.draw(examples.exhibit(builder), examples.source(configuration, **changes))


@functools.cache
def drawn(builder):
    """The figure of the examples as they are, drawn once."""
    return draw(builder)


@pytest.mark.parametrize("builder", BUILDERS)
def test_same_bytes_twice_and_no_date(builder):
    first, second = drawn(builder), draw(builder)
    assert first.svg == second.svg
    assert first.png == second.png
    assert b"<dc:date>" not in first.svg
    assert b"Matplotlib v" not in first.svg
    assert b"Software" not in first.png
    assert ET.fromstring(first.svg).tag.endswith("svg")  # noqa: S314  (our own bytes)


@pytest.mark.parametrize("builder", BUILDERS)
def test_synthetic_study_is_marked_in_alt_text_picture_and_data(builder):
    marked, plain = drawn(builder), draw(builder, REAL)
    assert marked.alt.startswith("SYNTHETIC DATA.")
    assert "SYNTHETIC" not in plain.alt
    # the banner is the only thing drawn in the warning colour
    assert figure_style.WARNING.lower().encode() in marked.svg.lower()
    assert figure_style.WARNING.lower().encode() not in plain.svg.lower()
    assert b",SYNTHETIC\n" in table_writers.to_csv(marked.data)
    assert b"SYNTHETIC" not in table_writers.to_csv(plain.data)


@pytest.mark.parametrize("builder", BUILDERS)
def test_data_and_alt_text_are_there(builder):
    figure = drawn(builder)
    assert figure.data.rows
    assert len(figure.alt) > 60
    assert "nan" not in figure.alt.lower().split()


def test_alt_text_of_effects_repeats_estimate_and_interval():
    alt = drawn("coefficient_plot").alt
    assert "(−2.4\N{NO-BREAK SPACE}pp, 95% CI −5.2 to +0.4)" in alt


def test_effects_are_put_on_one_axis_by_the_baseline_sd():
    data = drawn("coefficient_plot").data
    # crime: -2.4 and its lower bound over the SD of 38.0
    assert data.cell("crime-did_main", "estimate_sd").value == -2.4 / 38.0
    assert data.cell("crime-did_main", "ci_low_sd").value == (
        data.cell("crime-did_main", "ci_low").value / 38.0
    )
    assert data.cell("crime-did_main", "smallest_effect_sd").value == 3.0 / 38.0


def test_unavailable_effect_and_infinite_bound_are_drawn():
    made = examples.records()
    kept = tuple(e for e in made.estimates if (e.outcome, e.step) != ("trust", "wcr_s"))
    kept = tuple(
        dataclasses.replace(e, ci_high=float("inf")) if e.outcome == "crime" else e for e in kept
    )
    figure = draw(
        "coefficient_plot",
        estimates=kept,
        unavailable=(examples.unavailable("trust", "wcr_s", "too few"),),
    )
    assert "Trust: not available." in figure.alt
    assert "at least −5.2" in figure.alt


def with_small_cells(mean):
    return tuple(
        dataclasses.replace(x, n=9, mean=mean) if (x.outcome, x.arm) == ("trust", "treated") else x
        for x in examples.records().levels
    )


def test_small_cell_is_not_drawn():
    trust = examples.OUTCOMES[0]
    figure = draw("levels_plot", levels=with_small_cells(0.77))
    other = draw("levels_plot", levels=with_small_cells(0.11))
    assert figure.svg == other.svg  # what is withheld does not move the picture
    assert figure.data.cell(f"{trust.id}-treated-endline", "mean").kind == "suppressed"
    assert "0.77" not in figure.alt


def test_no_value_of_a_level_stands_on_the_line_under_its_panel(monkeypatch):
    """Groups that began alike have their values one under the other."""
    panels, panel = [], DrawingSheet.panel
    monkeypatch.setattr(
        DrawingSheet, "panel", lambda *given: panels.append(panel(*given)) or panels[-1]
    )
    levels = tuple(
        dataclasses.replace(x, mean=1.0 if x.round == "baseline" else 2.0, std_error=0.001)
        for x in examples.records().levels
    )
    draw("levels_plot", levels=levels)
    for axes in panels:
        low, high = axes.get_ylim()
        inches = axes.bbox.height / axes.figure.dpi
        lowest = min(text.xy[1] for text in axes.texts)
        # half the height of a line
        assert (lowest - low) / (high - low) * inches > 0.06
    assert panels


def test_realised_mde_is_said_and_in_the_data():
    figure = drawn("coefficient_plot")
    crime = next(
        e for e in examples.records().estimates if (e.outcome, e.step) == ("crime", "wcr_s")
    )
    assert figure.data.cell("crime-did_main", "mde_sd").value == crime.mde / 38.0
    assert f"Realised MDE: {crime.mde:.1f} percentage points." in figure.alt


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_title_inside_is_the_message_and_the_foot_has_code_and_id(builder):
    figure = drawn(builder)
    exhibit = examples.exhibit(builder)
    root = ET.fromstring(figure.svg)  # noqa: S314  (our own bytes)
    words = " ".join(" ".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert " ".join(figure.message.split())[1:] in " ".join(words.split())
    assert exhibit.code in words
    assert exhibit.id in words
    assert root.find(f"{SVG}title").text[1:] == figure.message[1:]
    assert root.find(f"{SVG}desc").text == figure.alt


@pytest.mark.parametrize("builder", BUILDERS)
def test_no_letter_is_smaller_than_seven_points_in_print(builder):
    """The paper shows the width of 7.2 inches in 174 mm, the page in 691 pixels."""
    figure = drawn(builder)
    for drawing in (figure.svg.decode(), figure.picture.narrow):
        sizes = [float(x) for x in re.findall(r"font-size:([\d.]+)px", drawing)]
        assert sizes
        assert min(sizes) * (174 / 25.4) / figure_style.WIDE >= 7


@pytest.mark.parametrize("builder", BUILDERS)
def test_both_layouts_say_the_same_title_and_each_has_ids_of_its_own(builder):
    picture = drawn(builder).picture
    ids = [re.findall(r' id="([^"]+)"', layout) for layout in (picture.wide, picture.narrow)]
    assert not set(ids[0]) & set(ids[1])
    assert all(len(found) == len(set(found)) for found in ids)
    for layout in (picture.wide, picture.narrow):
        assert 'role="img"' in layout
        assert "<style" not in layout
        named = re.findall(r'(?:href="#|url\(#)([\w.-]+)', layout)
        assert set(named) <= set(re.findall(r' id="([^"]+)"', layout))


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_colour_of_a_page_has_another_on_a_dark_page(builder):
    sheet = (Path(__file__).parents[3] / "book" / "_static" / "figures.css").read_text()
    dark = sheet.partition('html[data-theme="dark"] {')[2].partition("}")[0]
    picture = drawn(builder).picture
    used = set(re.findall(r"var\((--svg-[0-9a-f]{6}),", picture.wide + picture.narrow))
    assert used
    assert used <= set(re.findall(r"(--svg-[0-9a-f]{6}):", dark))
    # no colour is left that stays as it is
    assert not re.search(r"(?<!,)#[0-9a-f]{6}", re.sub(r"<desc.*?</desc>", "", picture.wide))


def test_the_file_by_itself_asks_for_nothing_outside():
    svg = drawn("coefficient_plot").svg.decode()
    assert "@font-face" in svg
    assert set(re.findall(r"url\((?!#)([^:)]+):", svg)) == {"data"}


def test_the_typeface_is_small_and_has_its_licence():
    files = [f for f in typeface.FILES.iterdir() if f.is_file()]
    assert sum(len(f.read_bytes()) for f in files if not f.name.endswith(".txt")) <= 120_000
    assert "SIL OPEN FONT LICENSE" in typeface.web_files()["OFL.txt"].decode()


def test_text_breaks_between_words_only_and_fits():
    lines = typeface.broken("one two three " * 9, 1.0, 9.0)
    assert " ".join(lines).split() == ("one two three " * 9).split()
    assert max(typeface.width(line, 9.0) for line in lines) <= 1.0


@pytest.mark.parametrize(("builder", "changes"), CASES["missing"])
def test_missing_records_stop_the_drawing(builder, changes):
    with pytest.raises(ReportError, match=r"no\b|neither"):
        draw(builder, **changes)


def test_the_gap_of_a_series_is_the_event_study_in_order_with_its_band():
    """And where that cannot be had, the groups are drawn alone."""
    shown = drawn("trend_plot")
    rows = [row for row in shown.data.rows if "-gap-" in row.id]
    assert [row.id for row in rows] == [f"homicides-gap-{p.lower()}" for p in examples.PERIODS]
    (one,) = {tuple(cell.value for cell in row.cells[4:8]) for row in rows}
    found = examples.records().estimates[-1]
    assert one == (found.estimate, found.std_error, found.ci_low, found.ci_high)
    assert any("bootstrap by cluster" in note for note in shown.data.notes)
    tests = [e for e in examples.records().estimates if e.specification != "event_study"]
    bare = draw("trend_plot", estimates=tuple(tests))
    assert not any("-gap-" in row.id for row in bare.data.rows)
    assert len(bare.svg) < len(shown.svg)


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (-0.1, "The series cannot rule out diverging trends in homicides before the programme"),
        (0.1, "Before the programme, trends differed in homicides"),
    ],
)
def test_the_title_of_trends_says_what_their_test_can_tell(low, said):
    tests = [
        dataclasses.replace(e, ci_low=low, ci_high=0.5) if e.outcome == "homicides" else e
        for e in examples.records().estimates
        if e.specification != "event_study"
    ]
    assert draw("trend_plot", estimates=tuple(tests)).message == said


def test_odd_period_is_refused():
    with pytest.raises(ReportError, match="neither a year nor a quarter"):
        draw("trend_plot", trends=(examples.trend("homicides", "treated", "spring", 1.0),))


def luminance(colour: str, matrix=((1, 0, 0), (0, 1, 0), (0, 0, 1))) -> float:
    """Relative luminance of WCAG 2.2, after a linear change of the colour."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    seen = [sum(m * x for m, x in zip(row, linear, strict=True)) for row in matrix]
    red, green, blue = (min(max(x, 0.0), 1.0) for x in seen)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes (2009), table of matrices at severity 1.0.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
PROTANOPIA = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
SIGHTED = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


@pytest.mark.parametrize("matrix", [SIGHTED, DEUTERANOPIA, PROTANOPIA])
def test_the_two_groups_differ_in_luminance_for_every_eye(matrix):
    comparison, treated = (luminance(c, matrix) for c in figure_style.COLOURS[:2])
    # 3:1 is what WCAG 2.2 (1.4.11) asks of graphical objects that must be told apart
    assert contrast(comparison, treated) >= 3


@pytest.mark.parametrize("colour", figure_style.COLOURS)
def test_every_colour_stands_out_from_white(colour):
    assert contrast(luminance(colour), 1.0) >= 3


def test_every_group_has_its_own_marker_and_line():
    looks = [figure_style.line_style(i) for i in range(4)]
    for part in ("color", "marker", "linestyle"):
        assert len({look[part] for look in looks}) == 4


def test_apostrophes_are_those_of_the_pages():
    around = figure_style.Around(message="Every year's interval", subtitle="The groups' trends")
    made = figure_style.pictures(
        lambda _: None, around, name="fig-x", alt="It's said", language="en"
    )
    root = ET.fromstring(made.svg)  # noqa: S314  (our own bytes)
    words = " ".join(" ".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "year’s" in words
    assert "groups’" in words
    assert "'" not in words


def test_events_say_in_how_many_groups_and_the_programme_is_none_of_them():
    """The start of what is studied, with its two days, is no event beside it."""
    study = examples.STUDY
    begun = Event(
        id="begun",
        label=examples.both("First meetings"),
        start=datetime.date(2021, 1, 1),
        end=datetime.date(2021, 6, 1),
        affects="programme",
    )
    alone = dataclasses.replace(study, event=(begun,))
    four = dataclasses.replace(
        alone, arm=(*study.arm, *(dataclasses.replace(a, id=f"{a.id}2") for a in study.arm))
    )
    said = [
        draw("timeline", dataclasses.replace(examples.CONFIGURATION, study=one)).message
        for one in (alone, four)
    ]
    assert said == [
        "Concurrent events: 0 in both groups, 0 in the treatment group only",
        "Concurrent events: 0 in all 4 groups, 0 in the treatment group only",
    ]
