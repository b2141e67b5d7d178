"""Every file of translations is whole: it parses, nothing is empty, codes and quotes are kept.

No numbers stand here. The files themselves are the data; a fault of each kind shows that the rules
would notice it.
"""

import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from evaluation.site import translations
from tests.site.conftest import REPOSITORY
from tests.tables import cases

CASES = cases(__file__)

LOCALE = REPOSITORY / "book" / "locale" / "es"
FILES = sorted(path.relative_to(LOCALE).as_posix() for path in LOCALE.rglob("*.po"))
# A role or code; of {doc}`text <target>` the text is words and the target is not.
CODE = re.compile(r"(\{[\w-]+\})?(`+)(.+?)\2", re.DOTALL)
TARGET = re.compile(r".*<([^<>]+)>", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
BOLD = re.compile(r"\*\*\S")
ENGLISH = re.compile(r"\b(?:the|of|and|with|is|to)\b")
FOREIGN_QUOTES = re.compile('[\u201c\u201d\u201e\u2018\u201f"]')


def codes(text: str) -> Counter[str]:
    """Roles with their targets, backticked code and addresses of links, each as often as it is."""
    found: Counter[str] = Counter()
    for role, _, inside in CODE.findall(text):
        named = TARGET.fullmatch(inside) if role else None
        found[f"{role}{named[1] if named else inside}"] += 1
    return found + Counter(f"]({address})" for address in LINK.findall(text))


def words(text: str) -> str:
    """A text without its code and addresses."""
    return LINK.sub("]", CODE.sub(" ", text))


def open_quotes(text: str) -> bool:
    """Whether a « lacks its », or the other way round."""
    depth = 0
    for mark in re.findall("[«»]", text):
        depth += 1 if mark == "«" else -1
        if depth not in (0, 1):
            return True
    return depth != 0


def faults(catalogue: Catalog) -> list[str]:
    """What is wrong with a file, each with the beginning of its text."""
    found = []
    for message in catalogue:
        english, spanish = str(message.id), str(message.string)
        if not english:
            continue
        kinds = {
            "fuzzy": message.fuzzy,
            "empty": not spanish.strip(),
            "codes": codes(translations.localised(english)) != codes(spanish),
            "bold": len(BOLD.findall(words(english))) != len(BOLD.findall(words(spanish))),
            "quotes open": open_quotes(words(spanish)),
            # what is no language at all, as the metadata of a notebook, stays as it is
            "quotes": spanish != english and bool(FOREIGN_QUOTES.search(words(spanish))),
            "english": spanish == english and bool(ENGLISH.search(words(english))),
            "space": spanish != spanish.strip() or "  " in spanish or "\n" in spanish,
        }
        found += [f"{kind}: {english[:70]}" for kind, wrong in kinds.items() if wrong]
    return found


def read(path: Path) -> Catalog:
    """A file as the book reads it; one that does not parse is refused."""
    return read_po(BytesIO(path.read_bytes()), abort_invalid=True)


def test_there_are_files():
    assert {"common", "medellin", "somos_comunidad"} <= {name.split("/")[0] for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_translations_is_whole(name):
    assert faults(read(LOCALE / name)) == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_written_as_the_command_writes_it(name):
    path = LOCALE / name
    texts = [str(message.id) for message in read(path) if message.id]
    assert len(texts) > 0
    assert path.read_bytes() == translations.as_bytes(translations.updated(path, texts))


@pytest.mark.parametrize(("english", "spanish", "expected"), CASES["faults"])
def test_each_kind_of_fault_is_seen(english, spanish, expected):
    catalogue = Catalog(locale="es", fuzzy=False)
    catalogue.add(english, spanish)
    assert [fault.split(": ")[0] for fault in faults(catalogue)] == expected


def test_a_translation_that_is_only_a_guess_is_seen():
    catalogue = Catalog(locale="es", fuzzy=False)
    catalogue.add("Two words", "Dos palabras", flags=["fuzzy"])
    assert faults(catalogue) == ["fuzzy: Two words"]


def test_a_file_that_does_not_parse_is_refused(tmp_path):
    path = tmp_path / "page.po"
    path.write_text('<<<<<<< a\nmsgid "One"\nmsgstr "Uno"\n', encoding="utf-8", newline="\n")
    with pytest.raises(PoFileError, match="keyword on 0"):
        read(path)
