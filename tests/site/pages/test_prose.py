"""What the pages' prose may say: no typed results, the project's words, no names of places."""

import csv
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.conftest import shared_data
from tests.tables import cases

CASES = cases(__file__)

REPOSITORY = Path(__file__).parents[3]
PAGES = sorted((REPOSITORY / "book").glob("[a-z]*/*.md"))
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
PROGRAMME = "programme.md"
EXTENSION = "evaluation_prose"


def extension() -> ModuleType:
    """The book's own check: what it lets pass here is what the strict build lets pass."""
    path = REPOSITORY / "book" / "_ext" / f"{EXTENSION}.py"
    found = importlib.util.spec_from_file_location(EXTENSION, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


CHECK = extension()
typed_digits = CHECK.typed_digits


def prose(path: Path) -> list[str]:
    return [line for _, line in CHECK.lines_of(path)]


@pytest.mark.parametrize(("line", "found"), CASES["digits"])
def test_the_search_for_digits_finds_typed_results_only(line, found):
    assert typed_digits(line) == found


def test_a_public_fact_may_stand_on_its_page_with_its_source():
    line = "It reached 35 municipalities {cite}`gitoc`."
    assert typed_digits(line, PROGRAMME) == []
    assert typed_digits(line, "index.md") == ["35"]
    assert typed_digits("It reached 35 municipalities.", PROGRAMME) == ["35"]


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_number_is_typed_in_prose(path):
    found = [(line, digits) for line in prose(path) if (digits := typed_digits(line, path.name))]
    assert found == [], "quote the number by {val}, or name the source of the fact on its line"


def test_code_blocks_are_no_prose_and_lines_keep_their_numbers(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A\n\n```python\nx = 5\n```\n\n   ```text\n   6\n   ```\n\n"
        ":::{note}\nIt is 7 here.\n:::\n",
        encoding="utf-8",
    )
    found = [(place, d) for place, line in CHECK.lines_of(page) if (d := typed_digits(line))]
    assert found == [("page.md:12", ["7"])]


@pytest.mark.parametrize(
    ("text", "translated", "added"),
    [
        ("On 24 January 2025.", "El 24 de enero de 2025.", []),
        ("It fell by {val}`a.b.c`.", "Bajó {val}`a.b.c`.", []),
        ("It fell by {val}`a.b.c`.", "Bajó 3 puntos.", ["3"]),
        ("In 2024 and 2025.", "En 2024, 2024 y 2025.", ["2024"]),
    ],
)
def test_a_translation_brings_no_numbers_of_its_own(text, translated, added):
    assert CHECK.added_digits(text, translated) == added


FORBIDDEN = CASES["forbidden"]


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_words_are_those_of_the_project(path):
    text = "\n".join(prose(path))
    assert {w: m for w, m in FORBIDDEN.items() if re.search(w, text, re.IGNORECASE)} == {}


# Words that no reader of evaluations uses in this sense, or that few understand, in English and in
# Spanish; none is left on a page, in an exhibit's text, in a draft or in what the package says.
HOME_MADE = CASES["home_made"]
CONFIGURATION = sorted(
    path
    for path in REPOSITORY.glob("config/*/*.toml")
    if path.stem not in {"plan", "manifest", "truth"}
)
NEW_STUDY = REPOSITORY / "evaluation" / "fieldwork" / "new_study"
DRAFTS = sorted(path for path in NEW_STUDY.rglob("*") if path.is_file())
CATALOGUES = sorted((REPOSITORY / "evaluation" / "locale").glob("*.po"))
TRANSLATED = sorted((REPOSITORY / "book" / "locale").glob("**/*.po"))
PLANS = sorted(REPOSITORY.glob("config/*/plan.toml"))


def home_made(text: str) -> list[str]:
    """Words of the list in a text; what stands in code or in a placeholder is no prose."""
    bare = re.sub(r"`[^`]*`|\{[^{}]*\}", " ", text)
    return [found[0] for word in HOME_MADE for found in re.finditer(word, bare, re.IGNORECASE)]


def said_in(value: Any) -> Iterator[str]:
    """Texts of a configuration for readers: what stands under ``en`` or ``es``."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"en", "es"} and isinstance(inner, str):
                yield inner
            else:
                yield from said_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said_in(inner)


def printed_of_plan(table: dict[str, Any]) -> dict[str, Any]:
    """A plan's entries as pages print them: with the words of ``shown`` in place of the locked."""
    return {
        kind: [{**entry, **entry.get("shown", {}), "shown": None} for entry in entries]
        for kind, entries in table.items()
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    }


def messages_of(path: Path) -> Iterator[tuple[str, str]]:
    for entry in read_po(BytesIO(path.read_bytes())):
        if entry.id:
            name = entry.id if isinstance(entry.id, str) else entry.id[0]
            texts = (entry.string,) if isinstance(entry.string, str) else entry.string
            yield from ((name, text) for text in texts)


@pytest.mark.parametrize(("text", "found"), CASES["found"])
def test_home_made_words_are_found(text, found):
    assert home_made(text) == found


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_page_has_home_made_words(path):
    assert home_made("\n".join(prose(path))) == []


@pytest.mark.parametrize("path", CONFIGURATION, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_text_of_a_study_has_home_made_words(path):
    texts = said_in(tomllib.loads(path.read_text(encoding="utf-8")))
    assert {text: found for text in texts if (found := home_made(text))} == {}


@pytest.mark.parametrize("path", PLANS, ids=lambda p: p.parent.name)
def test_no_label_of_a_plan_is_printed_with_home_made_words(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = [*said_in(printed_of_plan(table)), *said_in(table.get("balance", {}))]
    # as many as a study has just drafted, at least: the words were looked for in something
    assert len(texts) > 5
    assert {text: found for text in texts if (found := home_made(text))} == {}


@pytest.mark.parametrize("path", DRAFTS, ids=lambda p: p.name)
def test_no_draft_has_home_made_words(path):
    assert home_made(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path", [*CATALOGUES, *TRANSLATED], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_no_message_and_no_translation_has_home_made_words(path):
    found = {name: words for name, text in messages_of(path) if (words := home_made(text))}
    assert found == {}


def municipality_names() -> set[str]:
    path = shared_data("colombia_municipalities/pdet_170.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["municipio"].title() for row in csv.DictReader(handle)}


def test_names_of_municipalities_stand_on_the_programme_page_only():
    # Source of the names: the list of PDET municipalities. Words that are also departments or
    # common words are no hint of a place.
    ambiguous = {"Córdoba", "Bolívar", "Sucre", "Caquetá", "Policarpa", "Argelia", "Florida"}
    names = sorted(municipality_names() - ambiguous)
    assert len(names) > 150
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    found = {
        path.relative_to(REPOSITORY).as_posix(): sorted(set(hits))
        for path in [*PAGES, *NOTEBOOKS]
        if (hits := pattern.findall("\n".join(prose(path))))
    }
    # the counts of homicides are real, and its municipalities are those named in public
    homicides = found.pop("book/homicides/design.md", [])
    assert set(found) == {f"book/somos_comunidad/{PROGRAMME}"}
    with shared_data("colombia_municipalities/somos_comunidad_first_10.csv").open(
        encoding="utf-8", newline=""
    ) as handle:
        public = {row["municipio_in_source"] for row in csv.DictReader(handle)}
    # a part of a public name is the name of another place: El Carmen (de Bolívar)
    assert set(found[f"book/somos_comunidad/{PROGRAMME}"]) <= public | {"Tumaco", "El Carmen"}
    assert set(homicides) <= public


def test_no_two_references_are_cited_by_the_same_names_and_year():
    text = (REPOSITORY / "book" / "common" / "references.bib").read_text(encoding="utf-8")
    cited = [
        (re.sub(r"[{}]", "", entry[1]).split(" and "), entry[2])
        for entry in re.finditer(r"author = \{(.+)\},\n(?:.*\n)*?.*year = \{(\w+)\}", text)
    ]
    assert len(cited) == text.count("\n@") + text.startswith("@")
    # three names and more are cited as "First et al."
    shown = [(names[0], *(names[1:] if len(names) < 3 else ["et al."]), y) for names, y in cited]
    assert sorted(label for label in set(shown) if shown.count(label) > 1) == []
