"""Another country, unit, law and currency: nothing of the studies kept here stands in its book.

Starts from two Stata files of schools in Kenya, invented, of which one has value labels, through
``new-study`` to a book in two languages.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.locale.messages import LANGUAGES, catalogue

OF_OTHERS = re.compile(
    r"(Ley|Law) 1581|1581 de 2012|colombia|resguardo|medell[ií]n|somos.?comunidad|\bSC-[TF]\d"
    r"|divipola|\bDANE\b|\bPDET\b"
    r"|municipi?al|municipio|municipality|armed.groups?|grupos?.armados?|\bveredas?\b|\bpesos\b.colomb",
    re.IGNORECASE,
)
# the search of what is published knows codes of places of one country by this name;
# design parameters of real surveys name the survey
NAMED = ("audit-rule.divipola", "power-shelf.")
BINARY = (".woff2", ".ttf", ".png", ".dta", ".parquet")


pytestmark = [pytest.mark.book, pytest.mark.pipeline]


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


def test_the_installed_package_makes_both_books_where_nothing_but_the_files_was(
    pupils: Path,
) -> None:
    """As `pip install`, `evaluation new-study` and `evaluation all` do, and nothing else."""
    assert {path.name for path in pupils.iterdir()} == {
        *("book", "build", "config", "data_clean", "raw")
    }
    own = {path.name for path in (pupils / "book").iterdir()}
    assert own == {"_toc.pupils.yml", "pupils", "locale"}
    for language, heading in (("en", "How sure we are"), ("es", "Qué tan seguros estamos")):
        page = pupils / "build" / "pupils" / language / "site" / "index.html"
        assert heading in page.read_text(encoding="utf-8")
    assert (pupils / "build" / "pupils" / "audit.json").is_file()


def test_nothing_of_other_studies_stands_in_the_book(pupils: Path) -> None:
    found = {
        name: sorted({match[0] for match in OF_OTHERS.finditer(text)})
        for folder in ("build/pupils", "data_clean/pupils", "config/pupils", "book/pupils")
        for name, text in texts(pupils / folder)
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
def test_what_the_study_says_of_itself_stands_there(pupils, language, said):
    site = pupils / "build" / "pupils" / language / "site"
    whole = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert [words for words in said if words not in whole] == []
    assert "BLINDED" in whole or "CEGADO" in whole or "CIEGO" in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_the_package_speaks_of_one_country(language):
    found = {
        identifier: text
        for identifier, text in catalogue(language).items()
        if not identifier.startswith(NAMED) and any(OF_OTHERS.search(part) for part in text)
    }
    assert found == {}
