"""Citations in four formats, read back by another program or by hand."""

import dataclasses
import datetime
import re

import pytest
from pybtex.database import parse_string

from evaluation.locale.messages import entries
from evaluation.report.formats import number_format
from evaluation.report.prose import citations
from evaluation.study.preregistration import Deviation
from evaluation.study.toml_reader import Text
from tests.report import examples

SPECIAL = "Effects & 5% of_{all} #1 $"
MARKS = {"en": "[SYNTHETIC DATA – DO NOT CITE] ", "es": "[DATOS SINTÉTICOS – NO CITAR] "}
REAL = dataclasses.replace(
    examples.CONFIGURATION, study=dataclasses.replace(examples.STUDY, synthetic=False)
)


def cited(language="en", configuration=examples.CONFIGURATION, title="A title"):
    entry = examples.exhibit("effects", code="SM-T03", title=Text(en=title, es=title))
    source = dataclasses.replace(examples.source(configuration), language=language)
    return {"plain": citations.plain(entry, source), **dict(citations.others(entry, source))}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_citation_of_invented_data_begins_with_the_mark(language):
    made = cited(language)
    assert sorted(made) == sorted(entries("citation.style"))
    mark = MARKS[language]
    assert made["plain"].startswith(mark)
    assert made["apa"].startswith(mark)
    assert f"\nTI  - {mark}A title\n" in made["ris"]
    entry = parse_string(made["bibtex"], "bibtex").entries["SM-T03"]
    assert entry.fields["title"].startswith(f"{{{mark}".replace("–", "--"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_citation_of_real_data_has_a_mark(language):
    for text in cited(language, REAL).values():
        assert not re.search("SYNTHETIC|SINTÉTICO|CITAR|CITE", text)


@pytest.mark.parametrize(
    ("language", "own", "other"), [("en", "Somebody", "Alguien"), ("es", "Alguien", "Somebody")]
)
def test_every_citation_names_the_study_in_its_own_language(language, own, other):
    for name, text in cited(language).items():
        assert own in text, name
        assert other not in text, name


def test_all_formats_name_code_id_version_year_and_data():
    for name, text in cited().items():
        code = "SM-T03 v0.1" if name != "plain" else "SM-T03, tbl-example"
        for part in (code, "2025", number_format.short_hash(examples.DATA_HASH)):
            assert part in text, name
    assert all("tbl-example" in text for name, text in cited().items() if name != "apa")


def test_bibtex_is_read_by_pybtex_with_texts_as_written():
    entry = parse_string(cited(title=SPECIAL)["bibtex"], "bibtex").entries["SM-T03"]
    assert entry.type == "misc"
    assert entry.fields["year"] == "2025"
    assert entry.fields["version"] == "0.1.0"
    assert (
        r"Effects \& 5\% of\_\textbraceleft{}all\textbraceright{} \#1 \$" in entry.fields["title"]
    )
    assert entry.fields["howpublished"] == "Somebody (2025). A small study"


def test_an_unbalanced_title_does_not_end_the_entry():
    broken = cited(title="a } b")["bibtex"]
    # BibTeX counts every brace, with a backslash before it or without, so none may stand alone
    entry = parse_string(broken, "bibtex").entries["SM-T03"]
    assert entry.fields["title"].endswith(r" a \textbraceright{} b}")
    assert entry.fields["language"] == "english"


def test_ris_has_tag_two_spaces_hyphen_space_and_ends():
    """By the published tag list: TY first, ER last and empty, one line a tag."""
    lines = cited(title="Two\nlines")["ris"].split("\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert (lines[0], lines[-1]) == ("TY  - GEN", "ER  - ")
    assert "TI  - [SYNTHETIC DATA – DO NOT CITE] Two lines" in lines


def test_apa_says_what_it_is_in_brackets_and_the_year_in_parentheses():
    assert cited(configuration=REAL)["apa"] == (
        "A title (SM-T03 v0.1) [Table]. (2025). In Somebody (2025). A small study."
        f" Data {examples.DATA_HASH[:12]}."
    )


def test_the_year_is_that_of_the_latest_date_in_the_configuration():
    preregistration = examples.CONFIGURATION.preregistration

    def year(lock=examples.LOCK, *deviations):
        changed = dataclasses.replace(preregistration, lock=lock, deviations=deviations)
        return citations.year(dataclasses.replace(examples.CONFIGURATION, preregistration=changed))

    assert year() == 2025  # the lock's, after the endline of 2024-10 to 2025-02
    assert year(None) == 2025
    assert year(dataclasses.replace(examples.LOCK, date=datetime.date(2026, 5, 1))) == 2026
    early = dataclasses.replace(examples.LOCK, date=datetime.date(2020, 1, 1))
    assert year(early) == 2025  # registered before the endline: results are not older than it
    late = Deviation(
        date=datetime.date(2027, 3, 1), plan_hash="", entries=(), reason=Text(en="x", es="x")
    )
    assert year(early, late) == 2027


@pytest.mark.parametrize(
    ("version", "said"),
    [("0.1.0", "SC-T03 v0.1"), ("1.2.0", "SC-T03 v1.2"), ("1.2.3", "SC-T03 v1.2.3"),
     ("1.0", "SC-T03 v1.0"), ("1.10.0", "SC-T03 v1.10")],
)  # fmt: skip
def test_a_code_is_said_with_its_version_and_no_release_is_said_like_another(version, said):
    assert number_format.coded("SC-T03", version) == said
    assert number_format.coded("", version) == ""
