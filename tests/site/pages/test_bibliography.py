"""References of a Spanish book: no English word between the names, our descriptions in Spanish."""

import re
from types import ModuleType

import pytest
from pybtex.backends.plaintext import Backend
from pybtex.database import BibliographyData, Person, parse_file, parse_string
from sphinx.config import Config

from tests.site.conftest import REPOSITORY, load_extension

WRITTEN = REPOSITORY / "book" / "common" / "references.bib"
# kinds whose list entries hold no words of the style's own ("In", "editor", "PhD thesis")
WITHOUT_WORDS = {"article", "misc"}
# where «y» would have to be «e»
SOUND_OF_I = re.compile(r"h?i(?![ae])", re.IGNORECASE)
MADE = """
@article{two, author = {Ding, Peng and Li, Fan}, title = {{Rock and Roll}},
  journal = {J}, year = {2019}}
@article{more, author = {Lee, A. and Doe, B. and others}, title = {{T}},
  journal = {J}, year = {2020}}
@misc{ours, author = {{Semana} and {El Tiempo}}, title = {{Report of May 2022}},
  title_es = {{Nota de mayo de 2022}}, howpublished = {semana.com}, year = {2022}}
@article{group, author = {Lyles, Cynthia and {the TREND Group}}, title = {{TREND}},
  journal = {J}, year = {2004}}
"""


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    return load_extension("evaluation_bibliography")


def listed(extension: ModuleType, data: BibliographyData) -> list[str]:
    style = extension.Spanish()
    return [e.text.render(Backend("utf-8")) for e in style.format_bibliography(data)]


def test_names_are_joined_and_described_in_spanish(extension):
    assert sorted(listed(extension, parse_string(MADE, "bibtex"))) == [
        "A. Lee, B. Doe y otros. T. J, 2020.",
        "Cynthia Lyles y el Grupo TREND. TREND. J, 2004.",
        "Peng Ding y Fan Li. Rock and Roll. J, 2019.",
        "Semana y El Tiempo. Nota de mayo de 2022. semana.com, 2022.",
    ]


def test_a_reference_in_the_text_joins_two_names_with_y(extension):
    entry = parse_string(MADE, "bibtex").entries["two"]
    style = extension.SpanishReferences()
    names = style.person.author_or_editor_or_title(full=False)
    assert str(names.format_data({"entry": entry, "style": style})) == "Ding y Li"
    assert set(style.role_style) >= {"p", "t"}


@pytest.mark.parametrize(("language", "style"), [("es", "evaluation_spanish"), ("en", "alpha")])
def test_only_a_spanish_book_takes_the_styles(extension, language, style):
    config = Config({"language": language})
    config.add("bibtex_default_style", "alpha", "html", ())
    config.add("bibtex_reference_style", "author_year", "env", ())
    extension.choose(None, config)
    assert config.bibtex_default_style == style
    assert config.bibtex_reference_style == ("author_year" if language == "en" else style)


def test_the_books_own_list_has_no_english_between_the_names(extension):
    data = parse_file(str(WRITTEN), "bibtex")
    for entry in data.entries.values():
        assert entry.type in WITHOUT_WORDS, f"{entry.key}: give its words in Spanish first"
        *before, last = entry.persons["author"]
        assert not (before and SOUND_OF_I.match(str(last))), f"{entry.key}: write «e», not «y»"
        bare = dict.fromkeys(("title", "title_es", "journal", "howpublished"), "X")
        entry.fields = {k: bare.get(k, v) for k, v in entry.fields.items() if k != "doi"}
        named = [p if str(p) == "others" else Person("X") for p in entry.persons["author"]]
        entry.persons["author"] = named
    words = {w for text in listed(extension, data) for w in re.findall(r"[^\W\d_]{2,}", text)}
    # numbers of articles have letters
    assert {word for word in words if word.islower()} <= {"otros", "eabd"}


def test_what_we_describe_ourselves_is_described_in_spanish():
    """A title that begins with what it is, a report, is none that somebody published."""
    data = parse_file(str(WRITTEN), "bibtex")
    ours = [
        e for e in data.entries.values() if re.match(r"\W*(Press r|R)eports? o", e.fields["title"])
    ]
    assert len(ours) > 5
    assert [e.key for e in ours if "title_es" not in e.fields] == []
