"""No exhibit of a blinded study concludes anything in words; its numbers stay."""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from evaluation.config.exhibits import FIGURES, TABLES, Exhibit
from evaluation.locale.messages import HOLE, catalogue
from evaluation.report.sources import Source
from tests.report import examples, in_spanish, review_examples
from tests.report.panels import test_panel_report
from tests.report.tables import test_table_description, test_table_silence
from tests.report.test_exhibits_in_spanish import CASES

# Entries of the catalogue that say what was found, by the beginnings of their ids.
CONCLUDE = (
    "answer.", "answers.none-below", "answers.one-below", "breakdown-", "breakdown.headline.",
    "breakdown.row.interval_holds_zero", "components.headline.", "composition.changed",
    "composition.not-changed", "conclusion-explained.", "conclusion.", "evidence.",
    "frequency.above", "frequency.around", "frequency.below", "frequency.level", "frequency.plain-",
    "headline.", "judged-when-conclusion", "leave-one-out.headline", "review.withheld",
    "overturn.changing.", "overturn.matters-", "overturn.what.", "panel.answer.",
    "panel.breakdown.", "panel.intervals.", "panel.plot.headline.", "reading.direction.",
    "reading.excludes",
    "reading.judged", "reading.no-detectable", "robustness-changing", "robustness-headline.",
    "series.headline.", "spillover.one-ring-moved", "spillover.rings-moved",
    "statement.plain.", "statement.short.", "subgroups-headline.", "subgroups.looks-below.",
    "subgroups.stay-below.",
)  # fmt: skip
# Of these the ones that conclude nothing: parts of sentences, what is absent, what is blinded.
NOTHING = re.compile(
    r"blinded|\.absent$|\.open$|headline\.(amount|numbers)$|\.outcome$|answer\.care$"
)
WORDS = {
    "en": r"\brose\b|\bfell\b|estimated (in|de)creases? in|\bdiffered\b|would change a"
    r"|apart from chance|clear effect|differs? clearly",
    "es": r"\bsubió\b|\bbajó\b|(aumentos?|disminución|disminuciones) estimad|\bdifirieron\b"
    r"|cambiaría una|aparte del azar|efecto claro|difieren? claramente",
}
# Rules of method, printed as notes whatever was found.
RULES = ("note.conclusion-rule", "component.evidence-note", "components.note", "overturn-note-rule")
# They count, describe, or are of the plan: what they show is no effect of the scrambled arms.
NO_GROUPS = {
    "attrition_map", "backcheck", "conditioning", "conclusion_chances",
    "interviewers", "pipeline_map", "recovery", "response", "rule_errors", "weights",
}  # fmt: skip
REVIEWED = ("overturn", "threat_matrix", "assumptions", "risk_of_bias", "certainty", "claims")


def scrambled(source: Source, *, clear: bool) -> Source:
    """The same before its plan is locked; where asked, every interval far from zero."""
    far = {"estimate": 5.0, "ci_low": 4.0, "ci_high": 6.0, "p_value": 0.001, "p_adjusted": 0.001}
    found = tuple(
        dataclasses.replace(e, status="blinded", **(far if clear else {}))
        for e in source.records.estimates
    )
    records = dataclasses.replace(source.records, estimates=found)
    made = source.configuration
    made = dataclasses.replace(
        made,
        study=dataclasses.replace(made.study, blinded=True),
        preregistration=dataclasses.replace(made.preregistration, lock=None),
    )
    return dataclasses.replace(
        source,
        records=examples.with_intervals(records) if clear else records,
        configuration=made,
    )


def exhibits() -> Iterator[tuple[str, Exhibit, Callable[[], Source]]]:
    for name, (builder, changes, study) in CASES.items():
        if builder not in NO_GROUPS:
            yield name, in_spanish.asked(builder, **changes), study
    for builder in REVIEWED:
        yield builder, in_spanish.asked(builder), review_examples.study
    yield "description", in_spanish.asked("description"), test_table_description.described
    yield "silence", in_spanish.asked("silence", outcomes=("trust",)), test_table_silence.study


EXHIBITS = {name: (exhibit, study) for name, exhibit, study in exhibits()}


class Said(NamedTuple):
    """What an entry says: its longest part, without which nothing is looked for, and the whole."""

    part: str
    whole: re.Pattern[str]


def said(identifier: str, language: str) -> Said | None:
    """Whatever stands in its holes; None where it has hardly a word."""
    parts = HOLE.split(catalogue(language)[identifier][-1].rstrip("."))[::2]
    if sum(map(len, parts)) < len("rose, fell"):
        return None
    whole = re.compile(r"(?<!\w)" + ".{0,200}?".join(map(re.escape, parts)), re.IGNORECASE)
    return Said(max(parts, key=len).lower(), whole)


@functools.cache
def sought(language: str) -> dict[str, Said]:
    """What concludes, by the entry that says it: more patterns than `re` keeps."""
    wanted = [i for i in catalogue(language) if i.startswith(CONCLUDE) and not NOTHING.search(i)]
    looked = {i: s for i in wanted if (s := said(i, language))}
    return {**looked, "words": Said("", re.compile(WORDS[language], re.IGNORECASE))}


def concluded(texts: list[str], language: str) -> list[tuple[str, str]]:
    """What concludes in texts, each with the entry that it is made of."""
    rules = [s.whole for i in RULES if (s := said(i, language))]
    # phrases in quotation marks stand there to be refused
    texts = [
        t for t in texts if not t.startswith(("“", "«")) and not any(p.search(t) for p in rules)
    ]
    # no pattern goes on from one line to the next
    lines = "\n".join(texts)
    low = lines.lower()
    return [
        (i, found[0])
        for i, s in sought(language).items()
        if s.part in low
        for found in s.whole.finditer(lines)
    ]


@functools.cache
def made(study: Callable[[], Source]) -> Source:
    """An example, which is read only."""
    return study()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("name", EXHIBITS)
def test_no_exhibit_concludes_from_scrambled_arms(name, language, *, clear):
    exhibit, study = EXHIBITS[name]
    source = in_spanish.in_language(language, scrambled(made(study), clear=clear))
    assert concluded(in_spanish.texts_and_drawn(exhibit, source), language) == []


def test_no_exhibit_of_a_panel_concludes_from_scrambled_arms():
    for effect in (0.0, -0.9):
        made = test_panel_report.source("en", effect=effect, blinded=True)
        for language in ("en", "es"):
            source = dataclasses.replace(made, language=language)
            for exhibit in made.configuration.registry.exhibit:
                if exhibit.builder in COVERED:
                    assert concluded(in_spanish.texts(exhibit, source), language) == []


PANEL = {e.builder for e in test_panel_report.configured().registry.exhibit}
COVERED = {exhibit.builder for exhibit, _ in EXHIBITS.values()} | PANEL


def test_every_exhibit_that_compares_groups_is_looked_at():
    assert {*TABLES, *FIGURES} - COVERED == NO_GROUPS


@pytest.mark.parametrize("language", ["en", "es"])
def test_conclusions_are_found_where_arms_are_the_true_ones(language):
    """What the search would find in the same exhibits once the plan is locked."""
    for name in ("effects", "trend_plot", "breakdown_plot", "spillover", "composition", "overturn"):
        exhibit, study = EXHIBITS[name]
        texts = in_spanish.texts(exhibit, in_spanish.in_language(language, study()))
        assert concluded(texts, language), name
