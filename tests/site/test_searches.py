"""What readers type into the search of the built sites, and where it leads, as in a browser."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.site.conftest import REPOSITORY
from tests.site.test_finding import RUN

BUILD = REPOSITORY / "build"
ASKED = json.loads((REPOSITORY / "tests" / "browser" / "searches.json").read_text("utf-8"))
SITES = [(study, language) for study, of_study in ASKED.items() for language in of_study]
FIRST = 3
SOFTWARE = "software"

pytestmark = pytest.mark.built


def index_of(study: str, language: str) -> dict:
    folder = BUILD / study if study == SOFTWARE else BUILD / study / language
    path = folder / "site" / "searchindex.js"
    if not path.is_file():
        absent(f"{study} is not built in {language}")
    found: dict = json.loads(path.read_text(encoding="utf-8").partition("=")[2])
    return found


def hits(index: dict, asked: list[str], folder: Path) -> list[list[str]]:
    """Addresses for each question, by the search's own script."""
    if shutil.which("node") is None:
        absent("node is not on this machine")
    given = folder / "index.json"
    given.write_text(json.dumps(index), encoding="utf-8")
    script = REPOSITORY / "book" / "_static" / "search.js"
    run = RUN.replace("process.argv[3]", 'require("fs").readFileSync(process.argv[3], "utf8")')
    finished = subprocess.run(
        ["node", "-e", run, str(script), json.dumps(asked), str(given)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [[h.replace(".html", "") for h in found] for found, _ in json.loads(finished.stdout)]


def test_each_language_of_a_survey_has_questions_enough():
    assert min(map(len, ASKED["somos_comunidad"].values())) > 21


@pytest.mark.parametrize(("study", "language"), SITES)
def test_readers_find_what_they_ask_for(study, language, tmp_path):
    wanted = ASKED[study][language]
    found = dict(zip(wanted, hits(index_of(study, language), list(wanted), tmp_path), strict=True))
    missed = {
        asked: found[asked][:FIRST]
        for asked, starts in wanted.items()
        if not any(hit.startswith(tuple(starts)) for hit in found[asked][:FIRST])
    }
    assert missed == {}


@pytest.mark.parametrize(("study", "language"), SITES)
def test_what_is_searched_is_text(study, language):
    entries = [e for page in index_of(study, language)["pages"] for e in page["entries"]]
    assert len(entries) > 30
    # pages on code show tags as words: a tag is HTML where it has attributes
    assert [e[0] for e in entries if "{root}" in e[2] or re.search(r"<a |<span|</", e[2])] == []


@pytest.mark.parametrize(
    ("study", "language"), [s for s in SITES if s[0] in ("somos_comunidad", "medellin")]
)
def test_corrections_come_last(study, language, tmp_path):
    index = index_of(study, language)
    (errata,) = index.get("errata", ["about#tbl-erratum"])
    terms = {"en": ["trust", "police", "interval"], "es": ["confianza", "policía", "intervalo"]}
    for found in hits(index, terms[language], tmp_path):
        # of all that is found, forty are shown
        assert errata not in found[:-1]
