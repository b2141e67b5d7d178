"""The two-page brief: one content, laid out twice, and neither says more or less than it."""

import dataclasses
import io
import re
import zipfile
from html import unescape

import docx
import pytest

from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.study import Publication
from evaluation.config.toml_reader import Text
from evaluation.errors import ReportError
from evaluation.estimation.records import Unavailable
from evaluation.locale.messages import entries, wording
from evaluation.report import brief, brief_files, builders
from evaluation.report.formats import number_format
from evaluation.report.prose import sentences
from tests.fixtures.methods import by_method
from tests.messages import said
from tests.report import examples, review_examples

EXHIBITS = tuple(examples.exhibit(b) for b in ("effects", "coefficient_plot"))
STATEMENTS = examples.exhibit("statements", id="tbl-statements", code="SM-T02")
REGISTRY = ExhibitRegistry(exhibit=(*EXHIBITS, STATEMENTS))
MARKED = dataclasses.replace(examples.CONFIGURATION, registry=REGISTRY)
REAL = dataclasses.replace(MARKED, study=dataclasses.replace(examples.STUDY, synthetic=False))
PRIMARY = [outcome for outcome in examples.PLAN.outcome if outcome.primary]


def made(configuration=MARKED, language="en", **records):
    source = dataclasses.replace(examples.source(configuration, **records), language=language)
    return brief.brief(source), source


def page_text(page):
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def document_texts(data):
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    header = [p.text for p in document.sections[0].header.paragraphs]
    return [p.text for p in document.paragraphs] + cells + header


def said_by(content):
    effects = [text for effect in content.effects for text in effect.cells if text]
    quotes = [text for quote in content.quotes for text in (quote.phrase, quote.care) if text]
    return [
        content.title, content.question, content.answer, content.compared, content.source,
        content.citation, content.banner, *content.heads, *content.sure, *content.never, *effects,
        *quotes,
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es"])
def test_page_and_document_say_all_of_the_content(language):
    content, _ = made(language=language)
    page = page_text(brief_files.to_page(content))
    document = " ".join(document_texts(brief_files.to_docx(content))).replace("\xa0", " ")
    for text in said_by(content):
        assert re.sub(r"\s+", " ", text) in page
        assert re.sub(r"\s+", " ", text) in re.sub(r"\s+", " ", document)


def plain(text):
    """Without blanks that no line parts, as the text of a page is read."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_answer_comes_before_the_figure_and_the_table_and_is_that_of_the_book():
    content, source = made()
    said = dict(builders.build(EXHIBITS[0], source).said)
    assert content.answer == said["answer"]
    # the figure has words of its own
    without = re.sub("<figure>.*</figure>", "", brief_files.to_page(content), flags=re.DOTALL)
    page = page_text(without)
    question, answer = page.index(content.question), page.index(plain(content.answer))
    end = answer + len(content.answer)
    heads = [page.index(text, end) for text in content.heads]
    assert [question, answer, *heads] == sorted([question, answer, *heads])
    markup = brief_files.to_page(content)
    assert markup.index(content.answer) < markup.index("<figure>") < markup.index("<table>")
    assert content.sure[:2] == (wording("brief.holds-if", "en"), said["power"])


def test_authors_institution_and_year_are_those_of_the_study():
    assert made()[0].about == ""
    about = Publication(
        authors=("Doe, Ann", Text(en="A team", es="Un equipo")),
        institution=Text(en="U.", es="U."), year=2026, contact=Text(en="c", es="c"),
        funding=Text(en="f", es="f"), law=Text(en="l", es="l"), conflicts=Text(en="i", es="i"),
    )  # fmt: skip
    study = dataclasses.replace(examples.STUDY, publication=about)
    content, _ = made(dataclasses.replace(MARKED, study=study))
    assert content.about == "Doe, Ann and A team · U · 2026"
    assert content.about in page_text(brief_files.to_page(content))
    assert about.authors_in("es") == ("Doe, Ann", "Un equipo")


def test_every_primary_outcome_has_its_row_from_the_record():
    content, source = made()
    assert [effect.cells[0] for effect in content.effects] == [o.label["en"] for o in PRIMARY]
    records = {e.outcome: e for e in source.records.estimates if e.step == "wcr_s"}
    assert PRIMARY
    for effect, outcome in zip(content.effects, PRIMARY, strict=True):
        found = records[outcome.id]
        assert effect.sentence == sentences.effect_sentence(source, found)
        assert sentences.amount(found.estimate, outcome, language="en") == effect.cells[1]
        assert number_format.interval(
            found.ci_low, found.ci_high, outcome.decimals, "en"
        ) == effect.cells[2]  # fmt: skip


def test_quotes_are_rows_of_the_table_of_statements_that_may_be_said():
    content, source = made()
    table = builders.build(STATEMENTS, source)
    answers = {row.cells[0].text: row.cells[1].kind for row in table.rows}
    assert content.quotes
    assert {answers[quote.phrase] for quote in content.quotes} <= {"yes", "care"}
    assert all(bool(q.care) is (answers[q.phrase] == "care") for q in content.quotes)


@pytest.mark.parametrize("language", ["en", "es"])
def test_whom_the_results_are_about_is_what_the_study_says(language):
    people = Text(en="Coffee growers", es="Cafeteros")
    study = dataclasses.replace(examples.STUDY, population=people)
    content, _ = made(dataclasses.replace(MARKED, study=study), language)
    (said,) = (text for text in content.never if "participa" in text)
    assert people[language] in said
    assert not re.search("adult|resid", said)


def test_an_inconclusive_result_is_never_said_to_be_no_effect():
    wide = [
        dataclasses.replace(e, ci_low=-9.0, ci_high=9.0) for e in examples.records(MARKED).estimates
    ]
    content, _ = made(estimates=tuple(wide))
    assert {e.cells[4] for e in content.effects if e.cells[4]} == {"Inconclusive; very uncertain"}
    assert wording("brief.misread.inconclusive", "en") in content.never
    assert content.answer.startswith("Very uncertain: no clear effect")


def test_what_it_rests_on_is_the_draw_where_groups_were_drawn_by_lot():
    review = review_examples.BY_LOT
    drawn, _ = made(dataclasses.replace(MARKED, review=review))
    chosen, _ = made()
    assert drawn.sure[0] == wording("brief.holds-if-by-lot", "en")
    assert chosen.sure[0] == wording("brief.holds-if", "en")
    given, _ = made(by_method(MARKED, "ancova"))
    assert given.sure[0] == wording("brief.holds-if-ancova", "en")
    assert "at endline, for the same baseline value" in given.compared
    assert "change in the treatment group minus" in chosen.compared


def test_of_several_conclusions_each_misreading_names_its_outcomes():
    small = PRIMARY[0].smallest_effect
    half = small / 2
    mixed = tuple(
        dataclasses.replace(e, ci_low=-half, ci_high=half)
        if e.outcome == PRIMARY[0].id
        else dataclasses.replace(e, ci_low=-9.0, ci_high=9.0)
        for e in examples.records(MARKED).estimates
    )
    content, _ = made(estimates=mixed)
    lead = wording("brief.misread.effects that matter ruled out", "en").rstrip(".")
    found = [text for text in content.never if text.startswith(lead)]
    name = PRIMARY[0].label["en"].split(" (")[0]
    assert found == [f"{lead} ({name[:1].lower()}{name[1:]})."]


def test_each_conclusion_has_its_misreading():
    assert set(entries("conclusion")) == set(entries("brief.misread"))


def test_what_cannot_be_had_is_a_reason_and_not_a_blank():
    first = PRIMARY[0]
    records = examples.records(MARKED)
    kept = tuple(e for e in records.estimates if e.outcome != first.id)
    gone = next(e for e in records.estimates if e.outcome == first.id and e.step == "wcr_s")
    fields = {f.name for f in dataclasses.fields(Unavailable)}
    shared = {k: v for k, v in dataclasses.asdict(gone).items() if k in fields}
    lacking = Unavailable(**{**shared, "reason": said("too few clusters")})
    content, _ = made(estimates=kept, unavailable=(*records.unavailable, lacking))
    effect = next(e for e in content.effects if e.cells[0] == first.label["en"])
    assert effect.cells[1:] == ("Not available", "", "", "")
    assert f"{first.label['en']}: too few clusters" in page_text(brief_files.to_page(content))


def test_the_mark_is_on_both_pages_and_absent_from_real_data():
    marked, _ = made()
    assert brief_files.to_page(marked).count(f'<p class="mark">{marked.banner}</p>') == 2
    assert marked.banner in document_texts(brief_files.to_docx(marked))
    assert marked.citation.startswith("[SYNTHETIC DATA")
    real, _ = made(REAL)
    assert "SYNTHETIC" not in " ".join(said_by(real))
    assert 'class="mark"' not in brief_files.to_page(real)


def test_texts_cannot_become_markup():
    study = dataclasses.replace(examples.STUDY, title=examples.both("<b>&\x0bTrial"))
    content, _ = made(dataclasses.replace(MARKED, study=study))
    assert "<b>&" not in brief_files.to_page(content)
    assert "&lt;b&gt;&amp;" in brief_files.to_page(content)
    assert "<b>&Trial" in document_texts(brief_files.to_docx(content))


def test_the_picture_has_its_alternative_text_in_both():
    content, _ = made()
    assert content.figure is not None
    assert content.figure.alt in unescape(brief_files.to_page(content))
    with zipfile.ZipFile(io.BytesIO(brief_files.to_docx(content))) as parts:
        assert parts.read("word/media/image1.png") == content.figure.png
        assert content.figure.alt in unescape(parts.read("word/document.xml").decode())


def test_without_a_plot_and_a_table_of_statements_there_is_a_brief_without_them():
    bare = dataclasses.replace(MARKED, registry=ExhibitRegistry(exhibit=EXHIBITS[:1]))
    content, _ = made(bare)
    assert content.figure is None
    assert [quote.phrase for quote in content.quotes] == [e.sentence for e in content.effects]
    with zipfile.ZipFile(io.BytesIO(brief_files.to_docx(content))) as parts:
        assert not [name for name in parts.namelist() if "media" in name]
        assert "image" not in parts.read("word/_rels/document.xml.rels").decode()
    assert plain(content.effects[0].sentence) in page_text(brief_files.to_page(content))


def test_a_registry_without_primary_effects_is_refused():
    empty = dataclasses.replace(MARKED, registry=ExhibitRegistry(exhibit=EXHIBITS[1:]))
    with pytest.raises(ReportError, match="primary effects") as caught:
        made(empty)
    assert "exhibits.toml" in str(caught.value)


def test_the_document_has_the_same_bytes_every_time():
    first, again = (brief_files.to_docx(made()[0]) for _ in range(2))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}
