"""Translations: which texts need one, what keeps them up to date, and what stops the build."""

import json
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from evaluation.cli import translations as translations_command
from evaluation.errors import ReportError
from evaluation.site import building, translated_pairs, translations
from evaluation.site.building import MESSAGES
from evaluation.site.shared_parts import PARTS
from tests.site.conftest import (
    PAGE,
    REPOSITORY,
    assemble,
    content,
    write_book,
    write_results,
)
from tests.tables import cases

CASES = cases(__file__)

PAGE_ES = CASES["page_es"]


def translate(folder: Path, page: str, texts: dict[str, str]) -> None:
    """Write a page's file with these translations."""
    path = folder / "book" / "locale" / "es" / "common" / f"{page}.po"
    catalogue = translations.updated(path, list(texts))
    for text, said in texts.items():
        catalogue[text].string = said
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(translations.as_bytes(catalogue))


def build(folder: Path, language: str) -> Path:
    given = content()
    given["config"]["language"] = json.dumps(language)
    given["languages"] = ["en", "es"]
    assemble(folder, given, language)
    return building.build(folder / language, folder / f"output-{language}")


@pytest.fixture
def bilingual(tmp_path: Path) -> Path:
    write_results(tmp_path / "results")
    write_book(tmp_path / "book", PAGE)
    translate(tmp_path, "index", PAGE_ES)
    translate(tmp_path, "list", {"Exhibits": "Anexos"})
    return tmp_path


@pytest.mark.book
def test_a_page_in_two_languages_from_one_source(bilingual):
    english, spanish = build(bilingual, "en"), build(bilingual, "es")
    asked = json.loads((english / "messages.json").read_text(encoding="utf-8"))
    assert asked == {"index": list(PAGE_ES), "list": ["Exhibits"]}
    text = (spanish / "index.html").read_text(encoding="utf-8")
    assert "De todas las personas adultas." in text
    assert "+0.10\u00a0SD" in text
    assert "Of all adults" not in text
    assert 'href="../../en/site/index.html" lang="en" hreflang="en">English' in text
    assert 'rel="alternate" hreflang="en" href="../../en/site/list.html"' in (
        spanish / "list.html"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "needed"), CASES["needed"])
def test_what_reads_the_same_in_every_language(text, needed):
    assert translations.needs_words(text) is needed


def test_translations_are_kept_and_what_a_page_no_longer_has_is_dropped(tmp_path):
    translate(tmp_path, "index", {"One": "Uno", "Two": "Dos", "At `2.5x`": "A `2.5x`"})
    path = tmp_path / "book" / "locale" / "es" / "common" / "index.po"
    texts = ["Two", "New", "`code`", "`10,000`", "At `2.5x`"]
    found = {str(m.id): m.string for m in translations.updated(path, texts)}
    found.pop("")
    expected = {"Two": "Dos", "New": "", "`code`": "`code`", "`10,000`": "`10.000`"}
    assert found == expected | {"At `2.5x`": "A `2,5x`"}


def test_a_file_that_was_brought_up_to_date_stays_as_it_is(tmp_path):
    texts = {
        "At `2.5x` of `1,234` and `1.234 ms`": "A `2.5x` de `1,234` y `1.234 ms`",
        "`1,234`": "",
    }
    translate(tmp_path, "index", texts)
    path = tmp_path / "book" / "locale" / "es" / "common" / "index.po"
    for _ in range(2):
        catalogue = translations.updated(path, list(texts))
        path.write_bytes(translations.as_bytes(catalogue))
        said = [str(message.string) for message in catalogue if message.id]
        assert said == ["A `2,5x` de `1.234` y `1,234 ms`", "`1.234`"]


@pytest.mark.parametrize(("english", "spanish"), CASES["numbers"])
def test_numbers_in_code_marks_are_those_of_the_language(english, spanish):
    assert translations.localised(english) == (spanish or english)


@pytest.mark.parametrize(
    ("spanish", "expected"),
    [
        ("`pandas` tarda `3,1 ms`, meta `5x`", "`pandas` tarda `4,5 ms`, meta `6x`"),
        ("Meta `5x`: `pandas` tarda `3,1 ms`", ""),
        ("`pandas` tarda `3,1 ms`", ""),
        ("`pandas` tarda `3.1 ms`, meta `5x`", "`pandas` tarda `4,5 ms`, meta `6x`"),
    ],
    ids=["same order", "other order", "one less", "as in English"],
)
def test_new_figures_keep_the_words_where_it_is_clear_which_goes_where(tmp_path, spanish, expected):
    path = tmp_path / "page.po"
    catalogue = translations.updated(path, ["`pandas` takes `3.1 ms`, target `5x`"])
    catalogue["`pandas` takes `3.1 ms`, target `5x`"].string = spanish
    path.write_bytes(translations.as_bytes(catalogue))
    new = ["`pandas` takes `4.5 ms`, target `6x`", "`polars` takes `4 ms`, target `6x`"]
    found = translations.updated(path, new)
    assert [found[text].string for text in new] == [expected, ""]


def test_texts_of_common_pages_are_those_of_all_studies(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "index.md").write_text("", encoding="utf-8")
    found = translations.layered(
        tmp_path,
        tmp_path,
        {"one": {"index": ["a"], "notebooks/x": ["b"]}, "two": {"notebooks/x": ["b", "c"]}},
    )
    assert found == {("one", "index"): ["a"], ("common", "notebooks/x"): ["b", "c"]}


def test_parts_of_a_common_page_that_a_study_writes_are_translated_in_its_own_file(tmp_path):
    common, own = (tmp_path / "locale" / "es" / layer / "x.po" for layer in ("common", "two"))
    for path, texts in ((common, ("Shared text", "Of both")), (own, ("Own text", "Of both"))):
        catalogue = translations.updated(path, texts)
        for text in texts:
            catalogue[text].string = f"{text} en {path.parent.name}"
        path.parent.mkdir(parents=True)
        path.write_bytes(translations.as_bytes(catalogue))
    found = translations.layered(
        tmp_path,
        tmp_path,
        {"one": {"x": ["Shared text"]}, "two": {"x": ["Shared text", "Own text"]}},
    )
    assert found == {("common", "x"): ["Shared text"], ("two", "x"): ["Own text"]}
    both = translations.together(translations.read(common), translations.read(own))
    assert both["Of both"].string == "Of both en two"
    assert both["Shared text"].string == "Shared text en common"
    # the book of another study is not built: its texts stay where they are
    kept = translations.updated(common, ["New text"], kept=True)
    assert [m.id for m in kept if m.id] == ["Shared text", "Of both", "New text"]


def test_parts_of_the_contents_are_in_the_language_of_the_book(tmp_path):
    write_results(tmp_path / "results")
    write_book(tmp_path / "book")
    table = tmp_path / "book" / "_toc.small.yml"
    part = "parts:\n  - caption: {}\n    chapters:\n      - file: list\n"
    table.write_text(f"format: jb-book\nroot: index\n{part.format('Findings')}", "utf-8")
    assert "caption: Resultados\n" in contents_in(tmp_path, "es")
    assert "caption: Findings\n" in contents_in(tmp_path, "en")
    table.write_text(f"format: jb-book\nroot: index\n{part.format('Odds and ends')}", "utf-8")
    with pytest.raises(ReportError, match="Odds and ends"):
        contents_in(tmp_path, "es")


def contents_in(folder: Path, language: str) -> str:
    """The table of contents of the assembled book in a language."""
    given = content()
    given["config"]["language"] = json.dumps(language)
    shutil.rmtree(folder / "source", ignore_errors=True)
    source = assemble(folder, given)
    return (source / "_toc.yml").read_text(encoding="utf-8")


PLAIN = CASES["plain"]


@pytest.mark.book
def test_plain_paragraphs_come_out_as_sphinx_itself_would_make_them(bilingual):
    """Reference: Sphinx's own translation of the same pages, with the short way closed."""
    page = bilingual / "book" / "common" / "index.md"
    page.write_text("\n\n".join((PAGE, *PLAIN)) + "\n", encoding="utf-8")
    translate(bilingual, "index", PAGE_ES | PLAIN)
    closed = bilingual / "closed"
    for part in ("book", "results"):
        shutil.copytree(bilingual / part, closed / part)
    module = closed / "book" / "_ext" / "evaluation_plain.py"
    text = module.read_text(encoding="utf-8")
    way = "    if not isinstance(node, nodes.paragraph)"
    assert way in text
    module.write_text(text.replace(way, f"    if node:\n        return False\n{way}"), "utf-8")
    short, long = (
        {path.name: path.read_text("utf-8") for path in sorted(build(folder, "es").rglob("*.html"))}
        for folder in (bilingual, closed)
    )
    assert "y <em>lea</em> <strong>el <code" in short["index.html"]
    assert short == long


def test_a_check_says_how_many_texts_wait_for_a_translator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "_toc.small.yml").write_text("root: index\n", encoding="utf-8")
    (tmp_path / "build" / "small" / "en").mkdir(parents=True)
    (tmp_path / "build" / "small" / "en" / MESSAGES).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(translations_command, "package", lambda *_: ({}, []))
    options = Namespace(study="small", mode="check", language="en")
    plan = tmp_path / "config" / "small" / "plan.toml"
    plan.parent.mkdir(parents=True)
    plan.write_text("# translate: label\n# translate: noun\n", encoding="utf-8")
    with pytest.raises(ReportError, match=r"config/small/plan\.toml: 2 x # translate:"):
        translations_command.run(options)
    plan.write_text("", encoding="utf-8")
    translations_command.run(options)


@pytest.mark.book
def test_what_nobody_said_is_left_out_of_the_translated_page_too(tmp_path):
    page = PAGE.replace("Of all adults.", "Of all adults.\n\nAsk {study}`contact`.\n\n{study}`law`")
    write_results(tmp_path / "results")
    write_book(tmp_path / "book", page)
    texts = {**PAGE_ES, "Ask {study}`contact`.": "Pregunte a {study}`contact`."}
    translate(tmp_path, "index", {**texts, "{study}`law`": "{study}`law`"})
    translate(tmp_path, "list", {"Exhibits": "Anexos"})
    given = content()
    given["config"]["language"] = json.dumps("es")
    given["languages"] = ["en", "es"]
    given["facts"] |= {"contact": "", "law": ""}
    assemble(tmp_path, given, "es")
    site = building.build(tmp_path / "es", tmp_path / "output-es")
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "De todas las personas adultas." in text
    assert "Pregunte" not in text
    assert "evaluation-unsaid" not in text


WAS, NOW = "The effect is large.", "The effect is large, or at least not small."


def test_a_changed_text_keeps_its_translation_open_until_somebody_has_looked(tmp_path):
    translate(tmp_path, "index", {WAS: "El efecto es grande.", "Other": "Otro"})
    path = tmp_path / "book" / "locale" / "es" / "common" / "index.po"
    for _ in range(2):
        path.write_bytes(translations.as_bytes(translations.updated(path, [NOW, "Other"])))
        entry = translations.read(path)[NOW]
        assert (entry.string, entry.fuzzy) == ("El efecto es grande.", True)
    text = path.read_text(encoding="utf-8")
    # what was translated is there to compare with
    assert f'# was: {WAS}\n#, fuzzy\nmsgid "{NOW}"' in text
    # another text is no change of it
    assert translations.updated(path, ["Nothing like it at all"])[
        "Nothing like it at all"
    ].string in ("", None)


def test_an_english_text_that_was_changed_in_the_file_alone_is_open(tmp_path):
    """As in commit 4f82d628: a clause was added to a `msgid`, and its `msgstr` stayed."""
    translate(tmp_path, "index", {WAS: "El efecto es grande.", "Other": "Otro"})
    path = tmp_path / "book" / "locale" / "es" / "common" / "index.po"
    known = translated_pairs.of(translations.read(path))
    assert translated_pairs.open_texts(translations.read(path), known) == []
    path.write_text(path.read_text("utf-8").replace(WAS, NOW), "utf-8")
    changed = translations.read(path)
    assert translated_pairs.open_texts(changed, known) == [NOW]
    assert translated_pairs.mark(changed, known)
    assert changed[NOW].fuzzy
    # once marked, the record has the pair: who takes the mark away has looked at it
    assert not translated_pairs.mark(translations.read(path), translated_pairs.of(changed))
    # changed as well, it is a new translation; two texts may have the same one
    changed[NOW].string = "El efecto es grande, o al menos no es pequeño."
    assert translated_pairs.open_texts(changed, known) == []
    both = translations.updated(path, [WAS, NOW])
    both[WAS].string = both[NOW].string = "El efecto es grande."
    assert translated_pairs.open_texts(both, known) == []


@pytest.mark.book
def test_an_old_translation_of_a_changed_text_stops_the_build(bilingual):
    folder = bilingual / "book" / "locale" / "es"
    pages = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*.po")}
    pairs = {name: translated_pairs.of(translations.read(path)) for name, path in pages.items()}
    record = folder / translated_pairs.RECORD
    record.write_text(translated_pairs.as_csv(pairs), encoding="utf-8", newline="\n")
    new = "Of all adults, or of those who answered."
    for path in (bilingual / "book" / "common" / "index.md", pages["common/index.po"]):
        path.write_text(path.read_text("utf-8").replace("Of all adults.", new), "utf-8")
    build(bilingual, "en")
    with pytest.raises(ReportError) as caught:
        build(bilingual, "es")
    (fault,) = caught.value.faults
    assert (fault.where, fault.rule) == ("index.md:14", "open-translation")
    assert fault.said == ("index.po", new)
    assert "book/locale/es" in fault.fix("en")


def test_the_record_of_this_book_has_its_pages_and_nothing_is_open():
    folder = REPOSITORY / "book" / "locale" / "es"
    known = translated_pairs.read(folder)
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.po")}
    assert len(known) > 10
    for name, path in paths.items():
        assert translated_pairs.open_texts(translations.read(path), known.get(name, ())) == [], name


def test_the_command_marks_what_changed_and_takes_the_mark_away_for_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    translate(tmp_path, "index", {WAS: "El efecto es grande.", "Other": "Otro"})
    folder = tmp_path / "book" / "locale" / "es"
    path = folder / "common" / "index.po"
    # as in the repository: elsewhere the common pages are the package's, and nobody's to translate
    for part in PARTS:
        (tmp_path / "book" / part).mkdir(exist_ok=True)
    (tmp_path / "book" / "_toc.small.yml").write_text("root: index\n", encoding="utf-8")
    texts = tmp_path / "build" / "small" / "en" / MESSAGES
    texts.parent.mkdir(parents=True)
    monkeypatch.setattr(translations_command, "package", lambda *_: ({}, []))

    def run(mode: str, text: str) -> bool:
        texts.write_text(json.dumps({"index": [text, "Other"]}), encoding="utf-8")
        translations_command.run(Namespace(study="small", mode=mode, language="en"))
        return translations.read(path)[text].fuzzy

    assert not run("write", WAS)
    assert translated_pairs.read(folder)["common/index.po"]
    path.write_text(path.read_text("utf-8").replace(WAS, NOW), "utf-8")
    assert run("write", NOW)
    with pytest.raises(ReportError):
        run("check", NOW)
    # somebody has looked, and found that the Spanish still says it
    path.write_text(path.read_text("utf-8").replace("#, fuzzy\n", ""), "utf-8")
    assert not run("write", NOW)
    run("check", NOW)
