"""Exhibits of a panel study from records of invented counts: every builder, both languages."""

import dataclasses
import functools
import math
import re

import pytest

from evaluation.config.configuration import Configuration, read_configuration
from evaluation.config.preregistration import Promise
from evaluation.config.toml_reader import Text
from evaluation.estimation.records import Estimate, Provenance
from evaluation.locale.messages import catalogue, wording
from evaluation.report import brief_files, builders
from evaluation.report.panels import brief as panel_brief
from evaluation.report.panels import lines, statements
from evaluation.report.record_set import Records
from evaluation.report.sources import Source
from evaluation.site.exhibit_files import build
from tests.analysis.panels import worlds

# Words of a sentence to copy.
LONGEST = {"en": 25, "es": 32}
PLACES = tuple(
    {"name": "CÁCERES", "lat": "7.6", "lon": "-75.3", "stratum": "Bajo Cauca", "status": status}
    for status in ("treated", "unknown", "never")
)


def configured(promise: Promise | None = None, *, blinded: bool = False) -> Configuration:
    made = read_configuration(worlds.CONFIG)
    study = dataclasses.replace(made.study, blinded=blinded)
    return dataclasses.replace(made, study=study, preregistration=promise or made.preregistration)


@functools.cache
def source(language: str, *, effect: float = 0.0, blinded: bool = False) -> Source:
    """Results of the whole plan, with few permutations."""
    _, promise = worlds.declared()
    if blinded:
        promise = dataclasses.replace(promise, lock=None)
    whole = [s.id for s in promise.plan.specification]
    few = worlds.only(promise, *whole, permutations=39)
    configuration = configured(few, blinded=blinded)
    provenance = Provenance(study="homicides", plan_hash="p" * 64, data_hash="d" * 64, version="0")
    made = worlds.run_panel(
        worlds.frames(effect=effect, noise=5),
        study=configuration.study,
        preregistration=few,
        provenance=provenance,
    )
    records = Records(
        provenance=provenance,
        estimates=made.estimates,
        unavailable=made.unavailable,
        diagnostics=made.diagnostics,
        bounds=made.bounds,
        trends=made.trends,
        frame=PLACES,
    )
    return Source(records=records, configuration=configuration, language=language)


def test_a_date_of_the_programme_is_no_concurrent_event(none):
    """The programme opens in 2020; what affects both groups is counted, and rows are not people."""
    english = none["en"]
    exhibits = {e.id: e for e in english.configuration.registry.exhibit}
    drawn = builders.draw(exhibits["fig-timeline"], english)
    assert drawn.message == "Concurrent events: 3 in both groups, 0 in the treatment group only"
    kinds = {row.cells[1].text: row.cells[0].text for row in drawn.data.rows}
    assert kinds["The programme opens"].casefold() == "start of the programme"
    notes = " ".join(builders.build(exhibits["tbl-findings"], english).notes)
    assert "Rows, municipalities, columns or files" in notes
    assert "nterview" not in notes


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_counted_and_how_the_treated_are_known_are_the_study_s_words(none, language):
    """With other words nothing speaks of homicides; with the office's list nobody is named."""
    one = none[language]
    for texts in catalogue(language).values():
        assert not re.search("homicid|named in public|nombrados en", " ".join(texts))
    known = "named in public" if language == "en" else "nombrados en público"
    said = " ".join(text for _, text, _, _ in statements.statements(one))
    assert known in said
    assert "homicid" in said
    thefts = Text(en="thefts", es="los hurtos")
    plan = one.plan
    outcome = [dataclasses.replace(o, noun=thefts) for o in plan.outcome]
    promise = dataclasses.replace(
        one.configuration.preregistration, plan=dataclasses.replace(plan, outcome=tuple(outcome))
    )
    other = dataclasses.replace(
        one,
        configuration=dataclasses.replace(one.configuration, preregistration=promise),
        records=dataclasses.replace(one.records, frame=()),
    )
    said = " ".join(text for _, text, _, _ in statements.statements(other))
    assert thefts[language] in said
    assert not re.search(f"omicid|{known}", said)


@pytest.fixture(scope="module")
def none() -> dict[str, Source]:
    """No effect, in both languages."""
    english = source("en")
    return {"en": english, "es": dataclasses.replace(english, language="es")}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_exhibit_is_built(none, language):
    files, numbers = build(none[language])
    exhibits = none[language].configuration.registry.exhibit
    for exhibit in exhibits:
        assert f"{exhibit.id}.json" in files
    for name in (
        "tbl-answer.all.answer", "tbl-answer.all.later", "tbl-answer.all.tests",
        "tbl-power.all.smallest", "tbl-power.all.listed", "tbl-ranges.all.set",
        # with three treated units there are no ranges of trends that diverge
        "tbl-years.all.recorded",
        "tbl-power.all.dispersion", "tbl-warnings.all.outside",
    ):  # fmt: skip
        assert numbers[name]["text"]
    assert not [k for k, v in numbers.items() if "{" in str(v["text"])]


@pytest.mark.parametrize("language", ["en", "es"])
def test_sentences_to_copy_are_short_and_name_their_interval(none, language):
    exhibit = next(
        e for e in none[language].configuration.registry.exhibit if e.id == "tbl-statements"
    )
    made = builders.build(exhibit, none[language])
    allowed = [row for row in made.rows if row.cells[1].kind == "yes"]
    assert [row.id for row in allowed] == ["in_full-range", "power-range", "later-range"]
    for row in allowed:
        # a blank before the per cent sign parts no words
        text = row.cells[0].text.replace("\N{NO-BREAK SPACE}", "")
        assert len(text.split()) <= LONGEST[language], text
    for row in (allowed[0], allowed[2]):
        assert f"{wording('format.range', language, low='', high='').strip()} " in row.cells[0].text
    claims = {row.id: row.cells[1].kind for row in made.rows}
    assert claims["reduced"] == claims["nothing"] == "no"
    # what is said of a fall is asked of an estimate that is one
    fell = lines.line(none[language], "ratio_2021").found.estimate < 0
    assert ("significant" in claims) is fell


def test_a_large_fall_is_detected_and_said_with_its_interval():
    made = source("en", effect=math.log(0.3))
    table = builders.build(made.configuration.registry.exhibit[0], made)
    said = dict(table.said)["answer"]
    # without a rating it is very uncertain, however narrow its interval
    assert said.startswith("Very uncertain: in the 3 municipalities")
    assert "95% CI" in said
    assert table.cell("ratio_2021", "conclusion").text == "effect detected; very uncertain"
    assert table.cell("ratio_2021_2024", "conclusion").text == "no conclusion"
    assert dict(table.said)["estimate"].startswith(
        "Homicides of 2021: effect detected; very uncertain ("
    )
    exhibits = made.configuration.registry.exhibit
    claims = builders.build(next(e for e in exhibits if e.id == "tbl-statements"), made)
    first = claims.rows[0].cells[0].text
    assert first.startswith("“Very uncertain: homicides of 2021")
    answers = {row.id: row.cells[1].kind for row in claims.rows}
    assert (answers["reduced"], answers["nothing"]) == ("no", "no")
    assert "significant" not in answers


def test_a_blinded_study_answers_nothing():
    made = source("en", blinded=True)
    files, numbers = build(made)
    assert numbers["tbl-answer.all.answer"]["text"] == wording("answer.blinded", "en")
    assert b"BLINDED" in files["fig-years.svg"]
    assert b"BLINDED" in files["tbl-answer.csv"]
    statements = [k for k in numbers if k.startswith("tbl-statements.") and ".all." not in k]
    assert all(k.startswith("tbl-statements.blinded.") for k in statements)


def test_rates_are_set_against_the_mean_before(none):
    one = lines.line(none["en"], "imputation_2021")
    mean = lines.trend(none["en"], lines.MEAN, "treated", "2012-2020").mean
    assert one.percent()[0] == pytest.approx(100.0 * one.found.estimate / mean, abs=0.005)
    ratio = lines.line(none["en"], "ratio_2021")
    assert ratio.percent()[0] == pytest.approx(100.0 * math.expm1(ratio.found.estimate), abs=0.005)


@pytest.mark.parametrize("name", ["tbl-estimators", "tbl-sensitivity", "tbl-warnings"])
def test_a_rate_is_printed_in_its_own_unit_and_no_percent(none, name):
    registry = none["en"].configuration.registry.exhibit
    made = builders.build(next(e for e in registry if e.id == name), none["en"])
    for row in made.rows:
        one = lines.line(none["en"], row.id)
        if not isinstance(one.found, Estimate):
            continue
        own, other = ("percent", "rate") if one.is_ratio else ("rate", "percent")
        for end in ("", "_low", "_high"):
            assert made.cell(row.id, f"{own}{end}").kind != "none"
            assert made.cell(row.id, f"{other}{end}").kind == "none"


def test_shares_are_of_all_events_of_the_group(none):
    registry = none["en"].configuration.registry.exhibit
    drawn = builders.draw(next(e for e in registry if e.id == "fig-described"), none["en"])
    # half of all counts of this world, and a Monday of March with half of the days' events
    rows = {row.id: row for row in drawn.data.rows}
    assert drawn.data.cell("homicides_women_2021", "share_treated").value == pytest.approx(50.0)
    assert drawn.data.cell("month_share_03", "share_comparison").value == pytest.approx(50.0)
    assert [c.text for c in rows["weekday_share_01"].cells[:2]] == ["By day of the week", "Monday"]
    assert len(rows) == 3 * 13 + 12 + 7
    assert drawn.message.startswith("Homicides by firearm: 50%")


def test_a_year_without_events_has_no_share(none):
    records = none["en"].records
    trends = tuple(
        dataclasses.replace(t, mean=0.0)
        if (t.arm, t.period) == ("treated", "2015") and t.series.endswith("_a_year")
        else t
        for t in records.trends
    )
    made = dataclasses.replace(none["en"], records=dataclasses.replace(records, trends=trends))
    drawn = builders.draw(
        next(e for e in made.configuration.registry.exhibit if e.id == "fig-described"), made
    )
    assert drawn.data.cell("homicides_women_2015", "share_treated").kind == "none"
    assert drawn.message.startswith("Homicides by firearm: 50%")


def test_texts_take_the_studys_words_for_places(none):
    study = none["en"].configuration.study
    names = dataclasses.replace(
        study.names,
        cluster={"en": "school", "es": "escuela"},
        clusters={"en": "schools", "es": "escuelas"},
    )
    other = dataclasses.replace(
        none["en"].configuration, study=dataclasses.replace(study, names=names)
    )
    made = dataclasses.replace(none["en"], configuration=other)
    said = [builders.build(e, made) for e in other.registry.exhibit[:1]]
    figure = next(e for e in other.registry.exhibit if e.id == "fig-map")
    drawn = builders.draw(figure, made)
    heads = {c.id: c.label for c in drawn.data.columns}
    assert heads == {"name": "School", "stratum": "PDET subregion"}
    assert "schools" in dict(said[0].said)["answer"]
    assert "PDET subregion" in said[0].notes[1]


def test_a_figure_that_cannot_be_had_says_why(none):
    hidden = dataclasses.replace(none["en"].records, frame=())
    made = Source(records=hidden, configuration=none["en"].configuration, language="en")
    exhibit = next(e for e in made.configuration.registry.exhibit if e.id == "fig-map")
    assert builders.draw(exhibit, made).message == made.wording("panel.map.private").rstrip(".")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_brief_says_what_the_tables_say(none, language):
    made = panel_brief.brief(none[language])
    first, later = made.effects
    table = builders.build(none[language].configuration.registry.exhibit[0], none[language])
    assert first.cells[1].startswith(table.cell("ratio_2021", "percent").text)
    assert "20" in first.cells[3]
    assert later.cells[3] == ""
    assert later.cells[4].casefold() == wording("panel.no-conclusion", language)
    assert made.answer == dict(table.said)["answer"]
    assert len(made.quotes) == 3
    assert made.figure is not None
    said = [made.answer, *made.sure, *made.never, *(q.phrase for q in made.quotes)]
    assert not [text for text in said if "{" in text or not text]
    assert brief_files.to_docx(made)


def test_the_brief_of_a_blinded_study_gives_no_sentence_to_quote():
    made = panel_brief.brief(source("en", blinded=True))
    assert made.quotes == ()
    assert made.answer == wording("answer.blinded", "en")
    assert "BLINDED" in made.banner
