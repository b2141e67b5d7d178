"""Citations as text, BibTeX and RIS, read back by another program or by hand."""

import dataclasses
import re

import pytest
from pybtex.database import parse_string

from evaluation.config.study import Publication
from evaluation.config.toml_reader import Text
from evaluation.locale.messages import entries
from evaluation.report.figures import frame
from evaluation.report.formats import number_format
from evaluation.report.prose import citations
from tests.report import examples

SPECIAL = "Effects & 5% of_{all} #1 $"
MARKS = {"en": "[SYNTHETIC DATA – DO NOT CITE] ", "es": "[DATOS SINTÉTICOS – NO CITAR] "}
PUBLICATION = Publication(
    authors=("García Márquez, Ana", "Institute for R&D"),
    institution=Text(en="A university", es="Una universidad"),
    year=2026,
    contact=Text(en="c", es="c"),
    funding=Text(en="f", es="f"),
    conflicts=Text(en="i", es="i"),
    law=Text(en="l", es="l"),
    url="https://example.org/a_study",
    doi="10.1234/ab_c-5",
)


def with_publication(publication, *, synthetic=False):
    study = dataclasses.replace(examples.STUDY, synthetic=synthetic, publication=publication)
    return dataclasses.replace(examples.CONFIGURATION, study=study)


REAL = with_publication(None)
PUBLISHED = with_publication(PUBLICATION)


def cited(language="en", configuration=examples.CONFIGURATION, title="A title"):
    entry = examples.exhibit("effects", code="SM-T03", title=Text(en=title, es=title))
    source = dataclasses.replace(examples.source(configuration), language=language)
    return {"plain": citations.plain(entry, source), **dict(citations.others(entry, source))}


def study_cited(configuration=PUBLISHED, language="en"):
    found = citations.work(configuration.study, language, version="0.1.0", data_hash="d" * 64)
    return dict(citations.of_study(found))


def tags(ris):
    """Tags and texts by the published list: one a line, TY first, ER last and empty."""
    lines = ris.split("\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    found = [(line[:2], line[6:]) for line in lines]
    assert found[0][0] == "TY"
    assert found[-1] == ("ER", "")
    assert all(text for _, text in found[:-1])
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_citation_of_invented_data_begins_with_the_mark(language):
    made = cited(language)
    assert sorted(made) == sorted(entries("citation.style"))
    mark = MARKS[language]
    assert made["plain"].startswith(mark)
    assert ("TI", f"{mark}A title") in tags(made["ris"])
    entry = parse_string(made["bibtex"], "bibtex").entries["SM-T03"]
    assert entry.fields["title"].startswith(f"{{{mark}".replace("–", "--"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_citation_of_an_invented_study_begins_with_the_mark(language):
    made, mark = (
        study_cited(with_publication(PUBLICATION, synthetic=True), language),
        MARKS[language],
    )
    assert made["plain"].startswith(mark)
    assert next(text for tag, text in tags(made["ris"]) if tag == "TI").startswith(mark)
    assert f"title = {{{{{mark}".replace("–", "--") in made["bibtex"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_citation_of_real_data_has_a_mark(language):
    made = (*cited(language, REAL).values(), *study_cited(PUBLISHED, language).values())
    for text in made:
        assert not re.search("SYNTHETIC|SINTÉTICO|CITAR|CITE", text)


@pytest.mark.parametrize(
    ("language", "own", "other"), [("en", "Somebody", "Alguien"), ("es", "Alguien", "Somebody")]
)
def test_every_citation_names_the_study_in_its_own_language(language, own, other):
    for name, text in cited(language).items():
        assert own in text, name
        assert other not in text, name


def test_all_formats_name_code_id_version_year_and_data():
    for name, text in cited(configuration=PUBLISHED).items():
        code = "SM-T03 v0.1" if name != "plain" else "SM-T03, tbl-example"
        sum_shown = number_format.short_hash(examples.DATA_HASH)
        for part in (code, "2026", "tbl-example", "0.1.0", sum_shown):
            assert part in text, name


def test_a_text_has_authors_year_title_version_institution_address_and_sum():
    assert study_cited()["plain"] == (
        "García Márquez, Ana; Institute for R&D (2026). Somebody (2025). A small study"
        " (version 0.1.0). A university. https://doi.org/10.1234/ab_c-5 Data checksum dddddddddddd."
    )
    assert cited(configuration=PUBLISHED)["plain"] == (
        "García Márquez, Ana; Institute for R&D (2026). A title (Table SM-T03, tbl-example)."
        " In Somebody (2025). A small study (version 0.1.0). A university."
        f" https://doi.org/10.1234/ab_c-5 Data checksum {examples.DATA_HASH[:12]}."
    )


def test_a_study_without_publication_is_cited_by_its_own_words():
    assert study_cited(REAL)["plain"] == (
        "Somebody (2025). A small study (version 0.1.0). Data checksum dddddddddddd."
    )
    entry = parse_string(study_cited(REAL)["bibtex"], "bibtex").entries["small"]
    assert entry.type == "misc"
    assert not entry.persons
    assert {tag for tag, _ in tags(study_cited(REAL)["ris"])}.isdisjoint(
        {"AU", "PB", "PY", "UR", "DO"}
    )
    assert "year" not in entry.fields


def test_without_a_doi_the_address_is_the_declared_one():
    made = study_cited(with_publication(dataclasses.replace(PUBLICATION, doi="")))
    assert "A university. https://example.org/a_study Data" in made["plain"]
    assert ("UR", "https://example.org/a_study") in tags(made["ris"])
    assert "doi" not in parse_string(made["bibtex"], "bibtex").entries["small"].fields


def test_bibtex_is_read_by_pybtex_with_people_organisations_and_addresses_as_written():
    entry = parse_string(study_cited()["bibtex"], "bibtex").entries["small"]
    assert entry.type == "techreport"
    first, second = entry.persons["author"]
    assert (first.last_names, first.first_names) == (["García", "Márquez"], ["Ana"])
    assert (second.last_names, second.first_names) == ([r"{Institute for R\&D}"], [])
    fields = dict(entry.fields)
    assert fields["institution"] == "A university"
    assert fields["year"] == "2026"
    assert fields["version"] == "0.1.0"
    assert fields["doi"] == "10.1234/ab_c-5"
    assert fields["url"] == "https://doi.org/10.1234/ab_c-5"


def test_ris_has_the_same_facts_one_author_a_tag():
    found = tags(study_cited()["ris"])
    assert [text for tag, text in found if tag == "AU"] == [
        "García Márquez, Ana",
        "Institute for R&D",
    ]
    assert {
        ("TY", "RPRT"),
        ("PB", "A university"),
        ("PY", "2026"),
        ("ET", "0.1.0"),
        ("DO", "10.1234/ab_c-5"),
        ("UR", "https://doi.org/10.1234/ab_c-5"),
        ("LA", "en"),
    } <= set(found)


def test_bibtex_of_an_exhibit_has_texts_as_written():
    made = cited(configuration=PUBLISHED, title=SPECIAL)["bibtex"]
    entry = parse_string(made, "bibtex").entries["SM-T03"]
    assert entry.type == "misc"
    assert entry.fields["year"] == "2026"
    assert (
        r"Effects \& 5\% of\_\textbraceleft{}all\textbraceright{} \#1 \$" in entry.fields["title"]
    )
    within = "Table SM-T03 v0.1 in: Somebody (2025). A small study"
    assert entry.fields["howpublished"] == within


def test_an_unbalanced_title_does_not_end_the_entry():
    broken = cited(title="a } b")["bibtex"]
    # BibTeX counts every brace, with a backslash before it or without, so none may stand alone
    entry = parse_string(broken, "bibtex").entries["SM-T03"]
    assert entry.fields["title"].endswith(r" a \textbraceright{} b}")
    assert entry.fields["language"] == "english"


def test_a_text_of_ris_is_on_one_line():
    assert ("TI", "[SYNTHETIC DATA – DO NOT CITE] Two lines") in tags(
        cited(title="Two\nlines")["ris"]
    )


def test_the_year_is_the_declared_one_and_no_lock_or_last_interview_stands_in_for_it():
    for publication, shown in ((PUBLICATION, True), (None, False)):
        configuration = with_publication(publication)
        source = examples.source(configuration)
        foot = frame.foot(examples.exhibit("effects", code="SM-T03"), source)
        for text in (foot, *cited(configuration=configuration).values()):
            assert ("2026" in text) is shown
            # the lock and the end of the last round are of 2025, and so is what the study cites
            assert "2025" not in text.replace("Somebody (2025)", "")
            assert "  " not in text.replace("  -", "").replace("\n  ", "\n")


@pytest.mark.parametrize(
    ("version", "said"),
    [("0.1.0", "SC-T03 v0.1"), ("1.2.0", "SC-T03 v1.2"), ("1.2.3", "SC-T03 v1.2.3"),
     ("1.0", "SC-T03 v1.0"), ("1.10.0", "SC-T03 v1.10")],
)  # fmt: skip
def test_a_code_is_said_with_its_version_and_no_release_is_said_like_another(version, said):
    assert number_format.coded("SC-T03", version) == said
    assert number_format.coded("", version) == ""
