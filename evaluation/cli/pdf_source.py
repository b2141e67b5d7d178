"""What the prints of a language are made from, as one sum: other pages or phrases give another."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from evaluation import io
from evaluation.cli import pdf_fonts
from evaluation.cli.book import BOOK, prepare
from evaluation.cli.exhibits import load_records
from evaluation.cli.release import MADE_FROM, PRINTED, PRINTED_FROM
from evaluation.cli.stage import Paths
from evaluation.report import brief, brief_docx, brief_page
from evaluation.report.brief import Brief
from evaluation.report.sources import Source
from evaluation.spec.configuration import Configuration, read_configuration

State = Literal["current", "stale", "absent"]
STYLE = BOOK / "_print" / "print.css"
# the modules that put the pages in order and print them
MODULES = "pdf*.py"
SUM = "printed"


def state(paths: Paths, language: str) -> State:
    """Whether the prints are there, and are of the pages and phrases that would be printed now.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    """
    folder = paths.language(language)
    if not all((folder / name).is_file() for name in (*PRINTED, PRINTED_FROM)):
        return "absent"
    made = io.read_json(folder / PRINTED_FROM)
    results = io.read_json(paths.build / "results.json")
    if any(made.get(name) != results[name] for name in MADE_FROM):
        return "stale"
    work = folder / f"{io.TEMPORARY}print-source"
    shutil.rmtree(work, ignore_errors=True)
    try:
        prepare(work, paths, language=language)
        said = said_in_brief(paths, read_configuration(paths.config), language)
        return "current" if made == stamp(paths, work, said) else "stale"
    finally:
        shutil.rmtree(work, ignore_errors=True)


def said_in_brief(paths: Paths, configuration: Configuration, language: str) -> Brief:
    """What the brief says, from the records as they are saved now."""
    records = load_records(paths, configuration)
    return brief.brief(Source(records=records, configuration=configuration, language=language))


def stamp(paths: Paths, assembled: Path, said: Brief) -> dict[str, Any]:
    """What is kept beside the prints to say what they were made from.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    assembled : Path
        The book's pages, notebooks and exhibits as they go to Jupyter Book.
    said : Brief
        What the brief says.
    """
    results: Mapping[str, Any] = io.read_json(paths.build / "results.json")
    total = hashlib.sha256()
    for name, data in _parts(assembled, said):
        total.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return {**{name: results[name] for name in MADE_FROM}, SUM: total.hexdigest()}


def _parts(assembled: Path, said: Brief) -> Iterator[tuple[str, bytes]]:
    for path in sorted(assembled.rglob("*")):
        if path.is_file():
            yield path.relative_to(assembled).as_posix(), io.read_bytes(path)
    yield "brief.html", brief_page.to_page(said, faces=pdf_fonts.faces()).encode()
    yield "brief.docx", brief_docx.to_docx(said)
    yield STYLE.name, io.read_bytes(STYLE)
    for path in sorted(Path(__file__).parent.glob(MODULES)):
        yield path.name, io.read_bytes(path)
