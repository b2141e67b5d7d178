"""Facts, footer and marks of the two studies' books, from their real configuration."""

import dataclasses
import datetime
import json
import re
from pathlib import Path

import pytest
from pybtex.database import parse_string

from evaluation.config.configuration import Configuration, read_configuration
from evaluation.fieldwork.drafting.draft_study import book_pages
from evaluation.site import facts as book_facts
from evaluation.storage.commit import Commit
from tests.fixtures.methods import by_method
from tests.site.conftest import REPOSITORY

PROVENANCE = {"study": "s", "plan_hash": "a" * 64, "data_hash": "b" * 64, "version": "1.2.3"}
PRIMARY = {
    "somos_comunidad": ("trust_neighbours", "confidence_police", "victimisation_any"),
    "medellin": ("trust_police", "trust_community", "victimisation_any"),
}


def configuration(study: str) -> Configuration:
    return read_configuration(Path(REPOSITORY / "config" / study))


@pytest.mark.parametrize("study", sorted(PRIMARY))
def test_facts_hold_what_the_pages_quote(study):
    facts = book_facts.facts(configuration(study), PROVENANCE, "en")
    for outcome in PRIMARY[study]:
        assert facts[f"outcome.{outcome}"]
        assert facts[f"unit.{outcome}"]
        # the smallest effect that matters with its unit, e.g. "0.1 SD"
        assert facts[f"smallest.{outcome}"][0].isdigit()
    assert facts["level"] == "95%"
    assert facts["code"].endswith("-T01")
    assert facts["draws"] == "99,999"
    assert facts["plan_hash"] == "a" * 64


@pytest.mark.parametrize(
    ("method", "effect", "assumption"),
    [
        ("did", "minus the change in the comparison group.", "parallel trends"),
        # the value may be the mean of a cluster, and the plan may adjust for more
        ("ancova", "for the same baseline value.", "at endline for the same baseline value"),
    ],
)
def test_the_pages_of_a_draft_say_the_effect_of_its_method(method, effect, assumption):
    given = dataclasses.replace(configuration("somos_comunidad"), review=None)
    facts = book_facts.facts(by_method(given, method), PROVENANCE, "en")
    assert facts["effect_in_words"].endswith(effect)
    assert assumption in facts["assumption_in_words"]
    allows = "in trend" if method == "did" else "for other differences only where the plan says so"
    assert allows in facts["baseline_in_words"]
    # a page of the draft names each
    pages = "".join(book_pages().values())
    assert all(f"{{study}}`{name}_in_words`" in pages for name in ("effect", "baseline"))


@pytest.mark.parametrize("study", sorted(PRIMARY))
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_citation_names_authors_institution_year_version_and_data(study, language):
    given = configuration(study)
    about = given.study.publication
    assert about is not None
    content = book_facts.collect(given, PROVENANCE, language)
    text, bibtex, ris = (entry["text"] for entry in content["citations"])
    assert content["facts"]["citation"] == text
    for said in (text, bibtex, ris):
        for part in (
            *about.authors_in(language),
            about.institution[language],
            f"{about.year}",
            "1.2.3",
            "b" * 12,
        ):
            assert part in said
    (entry,) = parse_string(bibtex, "bibtex").entries.values()
    assert len(entry.persons["author"]) == len(about.authors)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "standard deviations (SD)"), ("es", "desviaciones estándar (DE)")],
)
def test_a_card_writes_standard_deviations_out(language, said):
    facts = book_facts.facts(configuration("somos_comunidad"), PROVENANCE, language)
    assert facts["unit.trust_neighbours"] == said


def test_a_plan_without_lock_is_said_to_show_scrambled_treatment():
    given = configuration("somos_comunidad")
    unlocked = dataclasses.replace(
        given, preregistration=dataclasses.replace(given.preregistration, lock=None)
    )
    facts = book_facts.facts(unlocked, PROVENANCE, "en")
    assert facts["lock_note"] == (
        "The plan is not locked yet. Treatment is scrambled, and a scrambled result can "
        "look significant by chance."
    )
    assert facts["lock_date"] == "not locked yet"


def test_a_synthetic_study_is_marked_in_title_citation_and_banner():
    content = book_facts.collect(configuration("somos_comunidad"), PROVENANCE, "en")
    for text in (content["banner"], content["facts"]["citation"], content["config"]["title"]):
        assert "SYNTHETIC DATA – DO NOT CITE" in text
    # the banner has it: once on a page is enough
    assert "SYNTHETIC" not in content["config"]["footer"]
    assert json.loads(content["config"]["css_files"]) == [
        "evaluation.css",
        "figures.css",
        "synthetic.css",
    ]


def test_the_mark_comes_before_what_is_copied():
    citation = book_facts.facts(configuration("somos_comunidad"), PROVENANCE, "en")["citation"]
    assert citation.startswith("[SYNTHETIC DATA – DO NOT CITE] ")


def test_a_real_study_carries_no_mark_and_no_banner():
    content = book_facts.collect(configuration("medellin"), PROVENANCE, "en")
    assert content["banner"] == ""
    assert content["mark"] == ""
    assert "synthetic" not in json.dumps(content).lower()


def test_a_spanish_book_has_spanish_facts_and_marks_of_numbers():
    content = book_facts.collect(configuration("somos_comunidad"), PROVENANCE, "es")
    facts = content["facts"]
    assert facts["level"] == "95\N{NO-BREAK SPACE}%"
    assert facts["draws"] == "99.999"
    assert facts["smallest.trust_neighbours"] == "0,2\N{NO-BREAK SPACE}DE"
    assert facts["smallest.victimisation_any"] == "5\N{NO-BREAK SPACE}puntos porcentuales"
    assert facts["registry"] == "ninguno (demostración)"
    assert facts["lock_date"] == "28 de noviembre de 2026"
    assert " 2021 al " in facts["round.baseline"]
    assert content["banner"].startswith("DATOS SINTÉTICOS \N{EN DASH} NO CITAR. La encuesta")
    assert "suma de verificación del plan" in content["config"]["footer"]
    medellin = book_facts.collect(configuration("medellin"), PROVENANCE, "es")
    assert medellin["banner"] == ""
    assert medellin["facts"]["registration"] == "AEARCTR-0002708, del ensayo"
    for cited in (facts["citation"], medellin["facts"]["citation"]):
        assert not re.search(r"\b(?:the|of|with|evaluation|re-analysis)\b", cited)


LICENCE = "Text and tables: CC BY 4.0. Code: MIT."


def test_the_footer_names_study_version_commit_hashes_and_licence():
    commit = Commit("c" * 40, datetime.date(2026, 11, 25), changed=False)
    footer = book_facts.footer(
        PROVENANCE,
        "en",
        title="A & B",
        commit=commit,
        licence=LICENCE,
    )
    assert footer == (
        '<p class="evaluation-footer">A &amp; B · Version 1.2.3 · commit <code>cccccccccccc</code>'
        " of 2026-11-25 · plan checksum <code>aaaaaaaaaaaa</code> · data checksum"
        " <code>bbbbbbbbbbbb</code> · Text and tables: CC BY 4.0. Code: MIT.</p>"
    )


@pytest.mark.parametrize(
    ("commit", "english", "spanish"),
    [
        (None, "not under version control", "sin control de versiones"),
        (
            Commit("d" * 40, datetime.date(2025, 3, 2), changed=True),
            "commit dddddddddddd of 2025-03-02 + changes",
            "revisión dddddddddddd del 2 de marzo de 2025 + cambios",
        ),
    ],
)
def test_what_the_book_was_built_from_is_said_plainly(commit, english, spanish):
    said = {"en": english, "es": spanish}
    for language, expected in said.items():
        assert book_facts.committed(commit, language, "{}") == expected
        content = book_facts.collect(configuration("medellin"), PROVENANCE, language, commit=commit)
        assert content["facts"]["commit"] == expected
        bare = re.sub("</?code>", "", json.loads(content["config"]["footer"]))
        assert expected in bare


def test_the_rules_of_disclosure_are_those_of_the_study():
    given = configuration("medellin")
    stricter = dataclasses.replace(given.study, minimum_cell=12, minimum_clusters=4)
    facts = book_facts.facts(dataclasses.replace(given, study=stricter), PROVENANCE, "en")
    shown = [facts[f"minimum_{name}"] for name in ("cell", "clusters", "sensitive")]
    # 30: answers of the sensitive set, by group and round
    assert shown == ["12", "4", "30"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_study_without_publication_says_nothing_in_its_place(language):
    given = configuration("medellin")
    unsaid = dataclasses.replace(given, study=dataclasses.replace(given.study, publication=None))
    facts = book_facts.facts(unsaid, PROVENANCE, language)
    told = book_facts.facts(given, PROVENANCE, language)
    empty = {name for name, text in facts.items() if not text} - {"url", "errors"}
    assert empty == {
        "authors", "institution", "contact", "funding", "conflicts", "law", "licence",
    }  # fmt: skip
    assert all(told[name] for name in empty)


def test_the_pages_of_all_studies_promise_nothing_of_one_programme():
    about = (REPOSITORY / "book" / "common" / "about.md").read_text(encoding="utf-8")
    own = (REPOSITORY / "book/somos_comunidad/availability_part.md").read_text(encoding="utf-8")
    for said in ("hamlets", "named actor", "community or council", "go back to the communities"):
        assert said not in " ".join(about.split())
        assert said in " ".join(own.split())
    assert "Before a release every page is opened" not in about
