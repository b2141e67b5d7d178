"""The card of all primary outcomes: its size, and what may not be lost is in the picture."""

import dataclasses
import io
import math
import re

import numpy as np
import pytest
from PIL import Image

from evaluation.config.exhibits import ExhibitRegistry
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import parse
from evaluation.locale.messages import wording
from evaluation.report.figures import card as figure_card
from evaluation.report.figures import frame
from evaluation.report.formats import words
from evaluation.report.prose import certainty
from tests.fixtures.methods import by_method
from tests.messages import said
from tests.report import examples, review_examples

REGISTRY = ExhibitRegistry(exhibit=(examples.exhibit("levels"), examples.exhibit("effects")))
MARKED = dataclasses.replace(examples.CONFIGURATION, registry=REGISTRY)
REAL = dataclasses.replace(MARKED, study=dataclasses.replace(examples.STUDY, synthetic=False))
PRIMARY = [outcome.id for outcome in examples.PLAN.outcome if outcome.primary]


def cards(configuration=MARKED, language="en", **records):
    source = examples.source(configuration, **records)
    return figure_card.cards(dataclasses.replace(source, language=language))


def pixels(card):
    return np.asarray(Image.open(io.BytesIO(card.png)).convert("RGB")).astype(int)


def red(picture):
    """Where a pixel is of the warning's hue, as light as it may be: red, green and blue alike."""
    low = picture[..., 1:].max(axis=-1)
    alike = abs(picture[..., 1] - picture[..., 2]) < 12
    return (picture[..., 0] - low > 8) & alike


@pytest.fixture(scope="module")
def drawn():
    return {
        (name, language): cards(configuration, language)
        for name, configuration in (("marked", MARKED), ("real", REAL))
        for language in ("en", "es")
    }


def test_one_card_has_all_primary_outcomes(drawn):
    assert len(PRIMARY) > 1
    for (name, language), made in drawn.items():
        (card,) = made
        assert card.id == "card-primary"
        # what networks show of a link is 1.91 times as wide as high: nothing is cut off
        assert pixels(card).shape == (630, 1200, 3)
        source = examples.source(MARKED if name == "marked" else REAL)
        for outcome in source.plan.primary_outcomes():
            assert words.noun(outcome, language) in card.alt or outcome.label[language] in card.alt


def test_no_number_is_larger_than_the_words_of_its_conclusion(monkeypatch):
    """Fails where the estimate of an inconclusive outcome is set in giant figures."""
    sizes = {}
    write = figure_card.DrawingSheet.lines

    def noted(self, lines, left, top, *, size, **look):
        for line in (kept := list(lines)):
            sizes.setdefault(line, size)
        return write(self, kept, left, top, size=size, **look)

    monkeypatch.setattr(figure_card.DrawingSheet, "lines", noted)
    cards(REAL)
    amounts = [size for line, size in sizes.items() if re.match(r"[+\u2212]?\d", line)]
    assert len(amounts) >= len(PRIMARY)
    words_of = [size for line, size in sizes.items() if "nconclusive" in line]
    assert not words_of or max(amounts) <= max(words_of)
    assert max(amounts) < 20


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_mark_is_a_bar_on_top_and_lies_across_the_number(drawn, language):
    warning = np.array([int(frame.WARNING[i : i + 2], 16) for i in (1, 3, 5)])
    for marked, real in zip(drawn["marked", language], drawn["real", language], strict=True):
        top, plain = pixels(marked)[:56], pixels(real)
        assert (abs(top - warning).max(axis=-1) < 12).mean() > 0.7
        # the picture cut to its rows still shows the mark
        inside = red(pixels(marked))[120:560]
        assert inside.mean() > 0.02
        assert inside.any(axis=0).mean() > 0.4
        assert not red(plain).any()


def test_words_for_those_who_do_not_see_it_say_all_of_it(drawn):
    (card, *_) = drawn["marked", "en"]
    for part in ("SYNTHETIC DATA.", "95% interval: ", "SM-T01 v0.1",
                 "tbl-example", "specified after data collection", "b2b2b2b2b2b2"):  # fmt: skip
        assert part in card.alt
    assert "SYNTHETIC" not in drawn["real", "en"][0].alt
    spanish = drawn["marked", "es"][0].alt
    assert spanish.startswith("DATOS SINTÉTICOS. Tarjeta: ")
    assert "Intervalo simultáneo del 95\u00a0%: " in spanish


def test_no_conclusion_goes_without_how_certain_it_is(drawn):
    # the small study has no ratings: each outcome's caveat tells it
    (card,) = drawn["real", "en"]
    assert card.alt.count(wording("result.not-rated", "en")[1:]) == len(PRIMARY)


@pytest.mark.parametrize(
    ("method", "judged", "assumed"),
    [
        ("did", review_examples.REVIEW, "Assuming parallel trends: a possible rise"),
        (
            "ancova",
            review_examples.REVIEW,
            "Assuming that the groups are comparable given the baseline value: ",
        ),
        ("ancova", review_examples.BY_LOT, "Barring attrition bias: "),
    ],
)
def test_a_detected_effect_assumes_what_its_method_does(monkeypatch, method, judged, assumed):
    rated = tuple(
        dataclasses.replace(g, conclusion="effect detected, large enough to matter")
        for g in judged.certainty
    )
    review = dataclasses.replace(judged, certainty=rated)
    threats = {"parallel trends": False}
    monkeypatch.setattr(certainty, "answers_to_threats", lambda _: threats)
    clear = dataclasses.replace(by_method(REAL, method), review=review)
    estimates = tuple(
        dataclasses.replace(e, estimate=3.0, ci_low=2.5, ci_high=3.5)
        for e in examples.records(clear).estimates
    )
    (card, *_) = cards(clear, estimates=estimates)
    assert assumed in card.alt


def test_an_estimate_that_cannot_be_had_gives_its_reason():
    gone = [e for e in examples.records().estimates if e.outcome != PRIMARY[0]]
    absent = Unavailable(
        study="small", outcome=PRIMARY[0], specification="did_main", step="all",
        reason=said("only one cluster"), estimand="", sample=parse(""),
    )  # fmt: skip
    made = cards(estimates=tuple(gone), unavailable=(absent,))
    assert "Not available. only one cluster." in made[0].alt


def test_an_unbounded_interval_is_said_and_not_drawn():
    estimates = tuple(
        dataclasses.replace(e, ci_high=math.inf) if e.outcome == PRIMARY[0] else e
        for e in examples.records().estimates
    )
    assert "at least" in cards(estimates=estimates)[0].alt


def test_a_study_without_a_table_of_effects_has_no_cards():
    alone = dataclasses.replace(
        MARKED, registry=ExhibitRegistry(exhibit=(examples.exhibit("levels"),))
    )
    assert cards(alone) == ()


def test_bytes_are_the_same_on_every_drawing(drawn):
    assert [card.png for card in cards()] == [card.png for card in drawn["marked", "en"]]
