"""Another country, unit, law and currency: nothing of the studies kept here stands in its book.

Starts from two Stata files of schools in Kenya, invented, of which one has value labels, through
``new-study`` to a book in two languages.
"""

import argparse
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from evaluation.cli.stages import exhibits
from evaluation.locale import messages
from evaluation.locale.messages import LANGUAGES, catalogue
from tests.pipeline import schools
from tests.pipeline.conftest import ROOT, files_of_the_tree

OF_OTHERS = re.compile(
    r"(Ley|Law) 1581|1581 de 2012|colombia|resguardo|medell[ií]n|somos.?comunidad|\bSC-[TF]\d"
    r"|divipola|\bDANE\b|\bPDET\b"
    r"|municipi?al|municipio|municipality|armed.groups?|grupos?.armados?|\bveredas?\b|\bpesos\b.colomb",
    re.IGNORECASE,
)
# the search of what is published knows codes of places of one country by this name
NAMED = {"audit-rule.divipola"}
BINARY = (".woff2", ".ttf", ".png", ".dta", ".parquet")


pytestmark = [pytest.mark.book, pytest.mark.pipeline]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages of the repository, the delivered files, and the finished study."""
    root = tmp_path_factory.mktemp("elsewhere")
    for name in files_of_the_tree():
        if name.startswith(("book/", "notebooks/")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    schools.drafted(root)
    schools.run(root, "all", "--study", "pupils", "--data-raw", "raw")
    return root


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """All text below a folder, that inside of workbooks and documents too; private files apart."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or "private" in inside.parts:
            continue
        if path.suffix in (".xlsx", ".docx", ".zip"):
            with zipfile.ZipFile(path) as package:
                for name in package.namelist():
                    yield f"{inside}/{name}", package.read(name).decode("utf-8", "ignore")
        elif path.suffix not in BINARY:
            yield inside.as_posix(), path.read_text(encoding="utf-8", errors="ignore")


def test_nothing_of_other_studies_stands_in_the_book(project: Path) -> None:
    found = {
        name: sorted({match[0] for match in OF_OTHERS.finditer(text)})
        for folder in ("build/pupils", "data_clean/pupils", "config/pupils", "book/pupils")
        for name, text in texts(project / folder)
    }
    assert len(found) > 300
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Data Protection Act, 2019", "CC0 1.0", "Kenyan shillings", "schools")),
        ("es", ("Ley de protección de datos de 2019", "CC0 1.0", "chelines kenianos", "escuelas")),
    ],
)
def test_what_the_study_says_of_itself_stands_there(
    project: Path, language: str, said: tuple[str, ...]
) -> None:
    site = project / "build" / "pupils" / language / "site"
    whole = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert [words for words in said if words not in whole] == []
    assert "BLINDED" in whole or "CEGADO" in whole or "CIEGO" in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_the_package_speaks_of_one_country(language: str) -> None:
    found = {
        identifier: text
        for identifier, text in catalogue(language).items()
        if identifier not in NAMED and any(OF_OTHERS.search(part) for part in text)
    }
    assert found == {}


# vowels that no word of English or Spanish has alone; figures can draw them
VOWELS = str.maketrans("aeiouáéíóúAEIOUÁÉÍÓÚ", "åêîøüåêîøüÅÊÎØÜÅÊÎØÜ")
OUTSIDE_HOLES = re.compile(r"(\{[a-z_:]+\})")
WORD = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
SHOWN = ("title", "reading", "notes", "alt", "mark", "label", "text", "head", "group", "called")
# of `plan.lock`, the name of a file
EVERYWHERE = {"lock"}


def pseudo(language: str) -> Mapping[str, tuple[str, ...]]:
    """The catalogue, its Spanish in words that no language has."""
    if language == "en":
        return catalogue("en")
    return {
        identifier: tuple(
            "".join(
                part if part.startswith("{") else part.translate(VOWELS)
                for part in OUTSIDE_HOLES.split(text)
            )
            for text in forms
        )
        for identifier, forms in catalogue("es").items()
    }


def declared(value: object) -> Iterator[str]:
    """What a study's files say in Spanish, and what has no language: names and ids."""
    if isinstance(value, dict):
        spoken = {"en", "es"} <= set(value)
        for name, entry in value.items():
            yield from declared(entry) if not (spoken and name == "en") else ()
    elif isinstance(value, list):
        for entry in value:
            yield from declared(entry)
    elif isinstance(value, str):
        yield value


def shown_texts(value: object, key: str = "") -> Iterator[str]:
    """What readers see of an exhibit's JSON."""
    if isinstance(value, dict):
        for name, entry in value.items():
            # styles of citations have keys of their own languages
            yield from () if name == "citations" else shown_texts(entry, name)
    elif isinstance(value, list):
        for entry in value:
            yield from shown_texts(entry, key)
    elif isinstance(value, str) and key in SHOWN:
        yield value


def test_no_text_of_an_exhibit_bypasses_the_catalogue(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("config/pupils", "build/pupils", "data_clean/pupils"):
        shutil.copytree(project / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    made = {language: pseudo(language) for language in LANGUAGES}
    monkeypatch.setattr(messages, "catalogue", made.__getitem__)
    exhibits.run(argparse.Namespace(study="pupils", data_raw="", language="es"))
    files = Path("config/pupils").rglob("*.toml")
    said = [text for p in files for text in declared(tomllib.loads(p.read_text("utf-8")))]
    own = {word.casefold() for text in said for word in WORD.findall(text)} | EVERYWHERE
    own |= {word.casefold() for word in WORD.findall(" ".join(shown_ids()))}
    found = {
        path.name: words
        for path in sorted(Path("build/pupils/es/exhibits").glob("*"))
        for texts_of in [drawn if path.suffix == ".svg" else read_json]
        if path.suffix in (".svg", ".json")
        and (words := strange(texts_of(path.read_text("utf-8")), own))
    }
    assert found == {}
    # it would be found
    assert strange(["an Estimate of nothing"], own) == ["Estimate", "nothing"]


def shown_ids() -> list[str]:
    """Ids of exhibits, which stand below each figure in every language."""
    return [path.stem for path in Path("build/pupils/es/exhibits").glob("*.json")]


def read_json(text: str) -> Iterator[str]:
    return shown_texts(json.loads(text))


def drawn(text: str) -> list[str]:
    """The words that a figure shows."""
    bare = re.sub(r"<(style|metadata)\b.*?</\1>", "", text, flags=re.DOTALL)
    return re.findall(r">([^<>]+)<", bare)


def strange(texts: Iterable[str], own: set[str]) -> list[str]:
    """Words that neither the catalogue nor the study wrote."""
    words = {word for text in texts for word in WORD.findall(text)}
    return sorted(w for w in words if re.search("[aeiouáéíóú]", w) and w.casefold() not in own)
