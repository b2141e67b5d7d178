"""The printed book of the study that was built in this checkout."""

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from io import BytesIO
from pathlib import Path

import docx
import pikepdf
import pytest

from evaluation.config.study import read_languages
from evaluation.storage import folders
from tests.conftest import absent
from tests.pipeline.conftest import AWKWARD, copy_tree, surroundings
from tests.site.printed_text import on_sheet, places, runs
from tests.site.test_pdf_print import check_paper, fonts_of

ROOT = Path(__file__).parents[2]
STUDY = "somos_comunidad"
LANGUAGES = read_languages(ROOT / "config" / STUDY)
LETTERS = {"Inter", "DejaVu-Sans", "DejaVu-Sans-Mono"}
LABELS = {"tbl": "Table|Tabla", "fig": "Figure|Figura"}
# points, but for what rounding takes; lines with those in the margins
SMALLEST, FEWEST_LINES = 6.9, 10
PRINTS = (folders.BOOK_PDF, folders.BRIEF_PDF, folders.BRIEF_DOCX)


@pytest.fixture(params=LANGUAGES)
def printed(request: pytest.FixtureRequest) -> Path:
    """Folder of one language, printed; missing is a failure where CI is true."""
    folder = ROOT / "build" / STUDY / request.param
    if not (folder / folders.PRINTED_FROM).is_file():
        absent(f"{STUDY} is not printed here: run make pdf")
    return folder


@pytest.mark.built
def test_the_book_is_tagged_bookmarked_and_in_its_language(printed: Path) -> None:
    data = (printed / folders.BOOK_PDF).read_bytes()
    check_paper(data)
    # those that come along, none of the machine's
    assert {name.removesuffix("-Bold") for name in fonts_of(data)} <= LETTERS
    with pikepdf.open(BytesIO(data)) as document:
        assert str(document.Root.Lang) == printed.name
        # the issue that asked for the book: under 80 pages a language
        assert 20 < len(document.pages) < 80
        with document.open_outline() as outline:
            # title, summary, contents, then a bookmark for each of three parts
            assert len(outline.root) == 6
            assert all(item.children for item in outline.root[-3:])
        assert str(document.docinfo["/Author"])
        assert "SYNTHETIC" in str(document.docinfo["/Title"]) or "SINTÉTICOS" in str(
            document.docinfo["/Title"]
        )


@pytest.mark.built
def test_every_table_and_figure_has_its_number_and_its_sheet_in_the_contents(printed: Path) -> None:
    data = (printed / folders.BOOK_PDF).read_bytes()
    found, sheet_of = runs(data), places(data)
    made = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (printed / "exhibits").glob("*.json")
        if path.stem in sheet_of
    }
    # the code that never changes stands behind the title
    titles = {name: f"{one['title']} {one['code']}" for name, one in made.items()}
    sheets = {sheet: squeezed(on_sheet(found, sheet)) for sheet in {run.sheet for run in found}}
    contents = "".join(sheets[sheet] for sheet in range(1, sheet_of["part-0"]))
    numbers = []
    for anchor, title in titles.items():
        sheet, kind = sheet_of[anchor], anchor[:3]
        # the caption is on the sheet that the link leads to, or a figure reaches onto the next
        said = sheets[sheet] + sheets.get(sheet + 1, "")
        (number, *_) = re.findall(rf"(?:{LABELS[kind]})(\d+){re.escape(squeezed(title))}", said)
        numbers.append((kind, int(number)))
        assert f"{number}{squeezed(title)}{sheet}" in contents
    assert len(set(numbers)) == len(numbers) > 20


@pytest.mark.built
def test_no_letter_is_smaller_than_seven_points_and_no_sheet_is_nearly_empty(printed: Path) -> None:
    for name in (folders.BOOK_PDF, folders.BRIEF_PDF):
        found = runs((printed / name).read_bytes())
        assert {(r.sheet, r.size, r.text) for r in found if r.size < SMALLEST} == set()
        for sheet in {run.sheet for run in found}:
            lines = {round(run.y) for run in found if run.sheet == sheet}
            assert len(lines) >= FEWEST_LINES, (name, sheet)


def squeezed(text: str) -> str:
    """A text without blanks, ligatures as letters, apostrophes straight.

    A PDF has no blank at a line's end, and a page's apostrophe is curved.
    """
    straight = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", straight))


@pytest.mark.built
def test_the_brief_has_two_pages_on_paper_and_the_document_opens(printed: Path) -> None:
    data = (printed / folders.BRIEF_PDF).read_bytes()
    check_paper(data)
    # its figure has the letters of the page
    assert fonts_of(data) == {"Inter", "Inter-Bold"}
    with pikepdf.open(BytesIO(data)) as document:
        assert len(document.pages) == 2
    opened = docx.Document(str(printed / folders.BRIEF_DOCX))
    assert opened.tables
    assert len(opened.inline_shapes) == 1


@pytest.mark.built
def test_no_print_names_a_folder_of_the_machine(printed: Path) -> None:
    for name in (folders.BOOK_PDF, folders.BRIEF_PDF):
        with pikepdf.open(printed / name) as document:
            for thing in document.objects:
                if isinstance(thing, pikepdf.Dictionary) and "/URI" in thing:
                    assert not str(thing["/URI"]).startswith("file:")
        assert str(ROOT).encode() not in (printed / name).read_bytes()


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=surroundings(), capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this checkout with what was built in it, in a folder with an awkward name."""
    stamps = [f"build/{STUDY}/{language}/{folders.PRINTED_FROM}" for language in LANGUAGES]
    if run(["make", "--question", f"STUDY={STUDY}", *stamps], ROOT).returncode != 0:
        absent(f"the prints of {STUDY} are older than what they are made from: run make pdf")
    clone = tmp_path_factory.mktemp("elsewhere") / AWKWARD
    # the prints name the commit, and whether files differ from it
    cloned = run(["git", "clone", "--quiet", "--no-hardlinks", ".", str(clone)], ROOT)
    assert cloned.returncode == 0, cloned.stderr
    copy_tree(clone)
    made = shutil.ignore_patterns("site", *PRINTS, folders.PRINTED_FROM)
    for top in ("build", "data_clean"):
        shutil.copytree(ROOT / top / STUDY, clone / top / STUDY, ignore=made)
    return clone


@pytest.mark.built
def test_a_print_in_another_folder_has_the_same_bytes(printed: Path, elsewhere: Path) -> None:
    command = [sys.executable, "-m", "evaluation", "pdf", "--study", STUDY]
    finished = run([*command, "--language", printed.name], elsewhere)
    assert finished.returncode == 0, finished.stderr
    again = elsewhere / "build" / STUDY / printed.name
    different = [n for n in PRINTS if (again / n).read_bytes() != (printed / n).read_bytes()]
    assert different == []
