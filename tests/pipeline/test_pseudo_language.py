"""No text bypasses the catalogues: package and pages in a language that nobody speaks.

The study of schools is drafted, built and asked about by a copy of the package whose Spanish is
pseudo (`tests/pipeline/pseudo.py`). Whatever then stands in plain words on a page, in an exhibit
or on the terminal, and not in the study's own files, was written beside the catalogues.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.dates import get_month_names

from evaluation.__main__ import COMMANDS
from evaluation.cli.doctor import kernel
from evaluation.storage.folders import STAGES
from tests.pipeline import pseudo, schools

pytestmark = [pytest.mark.book, pytest.mark.pipeline]

# names of commands, which stand before their lines, and a folder that was named to them
NAMED = {part for name in COMMANDS for part in name.split("-")} | {"raw"}
# what the theme of the book says, in the Spanish of its own translations, and to machines
OF_THE_THEME = {
    "Advertencia de versión",
    "Búsqueda",
    "English",
    "Saltar al contenido principal",
    "Sobre este documento",
    "Tema",
    "Volver arriba",
    "anterior",
    "article",
    "página anterior",
    "siguiente",
    "siguiente página",
}
# an option, a path or key and its value, the id of a rule behind its line or in a cell
CODE = re.compile(r"--\S+|\S*\w[./_=]+\w\S*|\[[a-z-]+\]|^[a-z]+(-[a-z]+)+$")
# of an exhibit, beside its numbers
SHOWN = ("title", "reading", "notes", "alt", "mark", "label", "text", "head", "group", "called")
# what is done with a study that has been built
ASKED = (
    ("status",),
    ("corrections", "to-xlsx", "--out", "office.xlsx"),
    ("dictionary", "to-xlsx", "--out", "dictionary.xlsx"),
    ("fieldwork", "--round", "endline", "--out", "day", "--data-raw", "raw"),
)
LOCK = ("--registry", "OSF", "--endline-data-seen", "no", "--note-en", "a", "--note-es", "b")
# what cannot be done says why
REFUSED = (
    ("status", "--study", "pupil_s"),
    ("read", "--study", "pupils", "--data-raw", "nowhere"),
    ("lock", "--study", "pupils", *LOCK),
    ("new-study", "others", "--baseline", "raw/nothing.dta", "--endline", "raw/second.dta"),
)


@dataclass(frozen=True)
class Built:
    """The study in pseudo: its folder, the words of its own files, what each command printed."""

    root: Path
    own: set[str]
    printed: dict[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = pseudo.written(tmp_path_factory.mktemp("pseudo"))
    settings = {"PYTHONPATH": str(root), "EVAL_LANG": "es"}
    printed = {"new-study": schools.drafted(root, **settings)}
    study = ("--study", schools.STUDY)
    for stage in STAGES:
        given = () if stage == "audit" else ("--data-raw", "raw", "--language", "es")
        printed[stage] = schools.run(root, stage, *study, *given, **settings)
    for name, *given in ASKED:
        printed[name] = schools.run(root, name, *study, *given, **settings)
    for words in REFUSED:
        with pytest.raises(AssertionError) as stopped:
            schools.run(root, *words, **settings)
        printed[" ".join(words)] = str(stopped.value)
    return Built(root, written_by_the_study(root / "config" / schools.STUDY), printed)


def written_by_the_study(config: Path) -> set[str]:
    """Words of a study's files, with their comments, which are in English; and names of months."""
    files = [path.read_text("utf-8") for path in config.rglob("*.toml")]
    texts = [text for file in files for text in pseudo.declared(tomllib.loads(file))]
    texts += [line for file in files for line in file.splitlines() if line.startswith("#")]
    texts += get_month_names("wide", locale="es").values()
    return {word.casefold() for text in texts for word in pseudo.WORD.findall(text)}


def strange(texts: Iterable[str], own: set[str]) -> list[str]:
    """Words of texts that nobody is known to have written, names in code and of the theme apart."""
    return pseudo.strange(
        (CODE.sub(" ", text) for text in texts if text.strip() not in OF_THE_THEME), own
    )


def found(built: Built, files: str, read: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """Strange words by file, of those that a pattern finds in the folder of the build."""
    paths = sorted(built.root.glob(files))
    assert paths
    texts = {path.name: strange(read(path.read_text("utf-8")), built.own) for path in paths}
    return {name: words for name, words in texts.items() if words}


def test_what_a_page_shows_comes_from_a_catalogue(built):
    assert found(built, "build/*/es/site/**/*.html", pseudo.seen) == {}


def test_what_an_exhibit_shows_comes_from_a_catalogue(built):
    assert found(built, "build/*/es/exhibits/*.json", of_json) == {}
    # the id of the exhibit stands below each figure
    ids = {path.stem for path in built.root.glob("build/*/es/exhibits/*.json")}
    named = {word for name in ids for word in name.split("-")}
    drawn = Built(built.root, built.own | named, {})
    assert found(drawn, "build/*/es/exhibits/*.svg", pseudo.seen) == {}


def test_what_a_command_prints_comes_from_a_catalogue(built):
    assert len(built.printed) == len(STAGES) + len(ASKED) + len(REFUSED) + 1
    # the kernel of linear algebra is named by the library that chose it
    own = built.own | NAMED | {kernel().casefold()}
    said = {command: strange([printed], own) for command, printed in built.printed.items()}
    assert {command: words for command, words in said.items() if words} == {}


@pytest.mark.parametrize("report", ["build/*/findings.html", "day/private/*.html"])
def test_what_a_check_reports_comes_from_a_catalogue(built, report):
    assert found(built, report, pseudo.seen) == {}


def test_a_text_beside_the_catalogues_would_be_found():
    page = '<p title="An estimate">Êstîmåcîøn <b>and results</b> <code>data</code> read.me</p>'
    assert strange(pseudo.seen(page), {"read"}) == ["and", "estimate", "results"]


def of_json(text: str) -> Iterator[str]:
    return shown(json.loads(text))


def shown(value: object, key: str = "") -> Iterator[str]:
    """What readers see of an exhibit's JSON."""
    if isinstance(value, dict):
        for name, entry in value.items():
            # styles of citations have keys of their own languages
            yield from () if name == "citations" else shown(entry, name)
    elif isinstance(value, list):
        for entry in value:
            yield from shown(entry, key)
    elif isinstance(value, str) and key in SHOWN:
        yield value
