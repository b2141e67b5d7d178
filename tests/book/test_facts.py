"""Facts, footer and marks of the two studies' books, from their real configuration."""

import dataclasses
import json
from pathlib import Path

import pytest

from evaluation.cli import book_facts
from evaluation.spec.configuration import Configuration, read_configuration
from tests.book.conftest import REPOSITORY

PROVENANCE = {"study": "s", "plan_hash": "a" * 64, "data_hash": "b" * 64, "version": "1.2.3"}
PRIMARY = {
    "somos_comunidad": ("trust_neighbours", "confidence_police", "victimisation_any"),
    "medellin": ("trust_police", "trust_community", "victimisation_any"),
}


def configuration(study: str) -> Configuration:
    return read_configuration(Path(REPOSITORY / "config" / study))


@pytest.mark.parametrize("study", sorted(PRIMARY))
def test_facts_hold_what_the_pages_quote(study: str) -> None:
    facts = book_facts.facts(configuration(study), PROVENANCE, "en")
    for outcome in PRIMARY[study]:
        assert facts[f"outcome.{outcome}"]
        # the smallest effect that matters with its unit, e.g. "0.1 SD"
        assert facts[f"smallest.{outcome}"][0].isdigit()
    assert facts["level"] == "95%"
    assert facts["draws"] == "99,999"
    assert facts["plan_hash"] == "a" * 64


def test_a_plan_without_lock_is_said_to_show_scrambled_treatment() -> None:
    given = configuration("somos_comunidad")
    unlocked = dataclasses.replace(given, promise=dataclasses.replace(given.promise, lock=None))
    facts = book_facts.facts(unlocked, PROVENANCE, "en")
    assert facts["lock_note"] == (
        "The plan is not locked yet: treatment is scrambled, and a scrambled draw can look"
        " significant by chance."
    )
    assert facts["lock_date"] == "not locked yet"


def test_a_card_says_when_the_smallest_effects_were_set() -> None:
    given = configuration("medellin")
    assert book_facts.facts(given, PROVENANCE, "en")["smallest_set"] == (
        "set after the data were seen"
    )
    before = dataclasses.replace(given.promise.lock, endline_data_seen=False)
    promise = dataclasses.replace(given.promise, lock=before)
    earlier = dataclasses.replace(given, promise=promise)
    assert book_facts.facts(earlier, PROVENANCE, "en")["smallest_set"] == ""


def test_a_synthetic_study_is_marked_in_title_footer_citation_and_banner() -> None:
    content = book_facts.collect(configuration("somos_comunidad"), PROVENANCE, "en")
    for text in (
        content["banner"],
        content["facts"]["citation"],
        content["config"]["title"],
        content["config"]["footer"],
    ):
        assert "SYNTHETIC DATA – DO NOT CITE" in text
    assert json.loads(content["config"]["css_files"]) == ["evaluation.css", "synthetic.css"]


def test_the_mark_comes_before_what_is_copied() -> None:
    citation = book_facts.facts(configuration("somos_comunidad"), PROVENANCE, "en")["citation"]
    assert citation.startswith("[SYNTHETIC DATA – DO NOT CITE] ")


def test_a_real_study_carries_no_mark_and_no_banner() -> None:
    content = book_facts.collect(configuration("medellin"), PROVENANCE, "en")
    assert content["banner"] == ""
    assert content["mark"] == ""
    assert "synthetic" not in json.dumps(content).lower()


def test_the_footer_names_version_hashes_and_licence() -> None:
    footer = book_facts.footer(PROVENANCE, "en", "")
    assert footer == (
        '<p class="evaluation-footer">Version 1.2.3 · plan hash <code>aaaaaaaaaaaa</code> · data'
        " hash <code>bbbbbbbbbbbb</code> · Text and tables: CC BY 4.0. Code: MIT.</p>"
    )
