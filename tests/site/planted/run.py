"""Plant every kind, and read from each message what it named."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.site import building, execution, translations
from evaluation.site.page_check import BookFaults, Fault
from tests.site.conftest import assemble, content, write_book, write_results
from tests.site.planted import files, pages
from tests.site.planted.kinds import BOTH, InFiles, InNotebook, Kind, OnPage

TITLE = "# A title\n\nA sound sentence.\n\n"
NOTHING = "not stopped"
Together = tuple[Sequence[OnPage], Sequence[InNotebook], Sequence[InFiles]]
ON_PAGES: Together = (pages.ON_PAGES, files.CHAPTERS, ())
RAW: Together = (pages.RAW, files.RAW_CHAPTERS, files.SHEETS)
# kind's words, then language, then what the message named
Found = dict[str, dict[str, str]]


def small_book(folder: Path) -> Path:
    """A folder with ``book`` and ``results`` that builds."""
    write_results(folder / "results")
    write_book(folder / "book")
    return folder


def found() -> Iterator[Found]:
    """What every kind's message named, in each language of the book."""
    yield from map(seen_together, (ON_PAGES, RAW))
    yield from map(seen_alone, (*files.BEFORE, *files.BUILT))
    yield from map(executed, files.NOTEBOOKS)


def seen_together(kinds: Together) -> Found:
    """Kinds on pages and in chapters of their own, by one build for each language."""
    on_pages, chapters, sheets = kinds
    named: Found = {kind.words: {} for part in kinds for kind in part}
    with tempfile.TemporaryDirectory(prefix="planted-") as made:
        folder = small_book(Path(made))
        names = list(_plant(folder, on_pages, chapters))
        for sheet in sheets:
            sheet.plant(folder)
        for language in BOTH:
            faults = stopped(folder, language)
            _translate(folder, language, on_pages)
            for kind, page in names:
                if language in getattr(kind, "languages", BOTH):
                    named[kind.words][language] = read(kind, _place(kind, page), faults)
            for sheet in sheets:
                place = f"{sheet.where}:{sheet.line}"
                named[sheet.words][language] = read(sheet, place, faults)
    return named


def _plant(
    folder: Path, on_pages: Iterable[OnPage], chapters: Iterable[InNotebook]
) -> Iterator[tuple[Kind, str]]:
    """Write pages and chapters, and give the kind and the file of each."""
    entries = []
    for number, kind in enumerate(on_pages, start=1):
        name = f"planted-{number:02}"
        (folder / "book" / "common" / f"{name}.md").write_text(f"{TITLE}{kind.text}\n", "utf-8")
        entries.append(name)
        yield kind, f"{name}.md"
    for number, chapter in enumerate(chapters, start=1):
        name = f"chapter_{number}"
        path = folder / "results" / "notebooks" / f"{name}.ipynb"
        path.write_text(files.chapter(*chapter.cells), encoding="utf-8")
        entries.append(f"notebooks/{name}")
        yield chapter, path.name
    table = "".join(f"  - file: {entry}\n" for entry in entries)
    files.appends(files.TABLE, table)(folder)


def _place(kind: Kind, page: str) -> str:
    """What the message has to name."""
    if isinstance(kind, InNotebook):
        return f"{page}, {kind.where}"
    return f"{page}:{kind.line}" if kind.line else page.replace(".md", ".po")


def stopped(folder: Path, language: str) -> tuple[Fault, ...]:
    """Faults that stop the book of a folder in a language; none if it builds."""
    given = content()
    given["config"]["language"] = json.dumps(language)
    given["languages"] = list(BOTH)
    assemble(folder, given, language)
    try:
        building.build(folder / language, folder / f"output-{language}")
    except BookFaults as error:
        if str(folder) in str(error):
            raise ValueError("the message names a folder of the machine") from error
        return error.faults
    return ()


def _translate(folder: Path, language: str, on_pages: Sequence[OnPage]) -> None:
    """Translations of what an English build left: the planted ones, the others by themselves."""
    if language != "en":
        return
    planted = dict(pair for kind in on_pages for pair in kind.spanish)
    (left,) = folder.glob(f"output-{language}/_build/html/{building.MESSAGES}")
    for page, texts in json.loads(left.read_text(encoding="utf-8")).items():
        path = folder / "book" / "locale" / "es" / "common" / f"{page}.po"
        catalogue = translations.updated(path, texts)
        for text in texts:
            catalogue[text].string = planted.get(text, text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(translations.as_bytes(catalogue))


def read(kind: Kind, place: str, faults: Iterable[Fault]) -> str:
    """Place that a message for this kind named, if it also said what is wrong and the fix."""
    for fault in faults:
        fitting = fault.rule == kind.rule and kind.said in fault.problem("en")
        if fitting and fault.where.startswith(place) and kind.fix in fault.fix("en"):
            return fault.where
    return NOTHING


def seen_alone(kind: InFiles) -> Found:
    """A kind that stops the book before others could be told."""
    named = {}
    for language in BOTH:
        with tempfile.TemporaryDirectory(prefix="planted-") as made:
            folder = small_book(Path(made))
            kind.plant(folder)
            try:
                faults = stopped(folder, language)
            except EvaluationError as error:
                named[language] = heard(kind, error, kind.where)
            else:
                named[language] = read(kind, kind.where, faults)
    return {kind.words: named}


def executed(kind: InNotebook) -> Found:
    """A notebook that is executed: it is the same in every language."""
    with tempfile.TemporaryDirectory(prefix="planted-") as made:
        path = Path(made) / "planted.ipynb"
        path.write_text(files.chapter(*kind.cells), encoding="utf-8")
        try:
            execution.execute(path, {})
        except EvaluationError as error:
            return {kind.words: {"en": heard(kind, error, f"planted.ipynb, {kind.where}")}}
    return {kind.words: {"en": NOTHING}}


def heard(kind: Kind, error: EvaluationError, place: str) -> str:
    """As ``read``, of one message; what stands before the place is the folder's."""
    where = error.where
    said = kind.said in str(error.problem) and kind.fix in str(error.fix)
    return where[where.index(place) :] if said and place in where else NOTHING


def all_found() -> dict[str, Any]:
    """Every kind's result in one table."""
    return {words: named for part in found() for words, named in part.items()}
