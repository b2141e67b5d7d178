"""The prints of a study's book and brief: made, and whether those that are there are current."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from evaluation.config.configuration import Configuration, read_configuration
from evaluation.config.study import Study
from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report import brief, brief_files
from evaluation.report.brief import Brief
from evaluation.report.panels import brief as panel_brief
from evaluation.report.sources import Source
from evaluation.site import printed_book, printed_page
from evaluation.site.assembly import prepare
from evaluation.site.building import made as book_made
from evaluation.site.pango import printer
from evaluation.site.saved_records import load_records
from evaluation.site.shared_parts import shared_book
from evaluation.storage import disk, made_files, print_links
from evaluation.storage.commit import Commit, read_commit
from evaluation.storage.folders import (
    BOOK_PDF,
    BRIEF_DOCX,
    BRIEF_PDF,
    MADE_FROM,
    PRINTED,
    PRINTED_FROM,
    Paths,
    State,
)

STYLE = Path("_print", "print.css")
# the modules that put the pages in order and print them
PRINT_MODULES = (
    *(Path(module) for module in (printed_book.__file__, printed_page.__file__, __file__)),
    # imported only to print: it needs a library of the system
    Path(__file__).with_name("printer.py"),
)
SUM = "printed"
BRIEF_PAGES = 2
# gives name and sum of the result tables, which the book prints
Checksums = Callable[[Paths], list[dict[str, str]]]


def print_state(paths: Paths, language: str, checksums: Checksums) -> State:
    """Whether the prints are there, and are of the pages and phrases that would be printed now.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    checksums : callable
        Gives the list of result tables with their sums.
    """
    folder = paths.language(language)
    if not print_links.are_there(folder):
        return "absent"
    # what nobody listed may be any file; one that is not as listed is refused where it is read
    if not made_files.are_listed([folder / name for name in (*PRINTED, PRINTED_FROM)]):
        return "stale"
    made = disk.read_json(folder / PRINTED_FROM)
    results = disk.read_json(paths.build / "results.json")
    if any(made.get(name) != results[name] for name in MADE_FROM):
        return "stale"
    with disk.scratch(folder, "print-source") as work:
        prepare(work, paths, language=language, checksums=checksums(paths))
        return "current" if are_of(work, paths, language) else "stale"


def are_of(assembled: Path, paths: Paths, language: str) -> bool:
    """Whether the prints are there, and are of an assembled book.

    Parameters
    ----------
    assembled : Path
        The book as it goes to Jupyter Book.
    paths : Paths
    language : {"en", "es"}
    """
    folder = paths.language(language)
    if not print_links.are_there(folder):
        return False
    said = said_in_brief(paths, read_configuration(paths.config), language)
    return bool(disk.read_json(folder / PRINTED_FROM) == made_from(paths, assembled, said))


def said_in_brief(paths: Paths, configuration: Configuration, language: str) -> Brief:
    """What the brief says, from the records as they are saved now.

    Parameters
    ----------
    paths : Paths
    configuration : Configuration
    language : {"en", "es"}
    """
    records = load_records(paths, configuration)
    source = Source(records=records, configuration=configuration, language=language)
    return brief.brief(source) if configuration.study.panel is None else panel_brief.brief(source)


def made_from(paths: Paths, assembled: Path, said: Brief) -> dict[str, Any]:
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
    results: Mapping[str, Any] = disk.read_json(paths.build / "results.json")
    total = hashlib.sha256()
    for name, data in _parts(assembled, said):
        total.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return {**{name: results[name] for name in MADE_FROM}, SUM: total.hexdigest()}


def _parts(assembled: Path, said: Brief) -> Iterator[tuple[str, bytes]]:
    for path in sorted(assembled.rglob("*")):
        if path.is_file():
            yield path.relative_to(assembled).as_posix(), disk.read_bytes(path)
    yield "brief.html", brief_files.to_page(said, faces=printed_page.faces()).encode()
    yield "brief.docx", brief_files.to_docx(said)
    for path in (shared_book() / STYLE, *PRINT_MODULES):
        yield path.name, disk.read_bytes(path)


def printed(
    paths: Paths, language: str, checksums: Checksums, *, work: Path
) -> tuple[dict[str, bytes], dict[str, Any], int]:
    """Print book and brief.

    Parameters
    ----------
    paths : Paths
    language : {"en", "es"}
    checksums : callable
        Gives the list of result tables with their sums.
    work : Path
        An empty folder.

    Returns
    -------
    dict, dict, int
        The three files by name, what they are made from, and the number of pages of the book.

    Raises
    ------
    ReportError
        This machine has no Pango, the pages do not build, or the brief has not two pages.
    """
    print_page = printer()
    configuration = read_configuration(paths.config)
    content = prepare(work / "source", paths, language=language, checksums=checksums(paths))
    said = said_in_brief(paths, configuration, language)
    # before Jupyter Book leaves files of its own there
    stamp = made_from(paths, work / "source", said)
    described = _described(configuration, content["facts"])
    site = book_made(work / "source", work / "output", "singlehtml")
    texts = (
        _page(site, configuration, content, language),
        brief_files.to_page(said, faces=printed_page.faces()),
    )
    (whole, pages), (short, sheets) = (
        print_page(printed_page.drawable(text), described, site) for text in texts
    )
    if sheets != BRIEF_PAGES:
        raise ReportError.of(
            "brief-pages-not",
            "shorten-question",
            f"pdf, {language}",
            pages=sheets,
            brief_pages=BRIEF_PAGES,
        )
    files = {BOOK_PDF: whole, BRIEF_PDF: short, BRIEF_DOCX: brief_files.to_docx(said)}
    return files, stamp, pages


def _page(
    site: Path, configuration: Configuration, content: Mapping[str, Any], language: str
) -> str:
    """The book as one document."""
    facts = content["facts"]
    rounds = _periods(configuration.study, facts, language)
    return printed_page.printed_page(
        printed_book.read_pages(disk.read_text(site / "index.html")),
        {**facts, "rounds": rounds, "licence": facts["rights"]},
        language=language,
        banner=content["banner"],
        mark=content["mark"],
        style=printed_page.faces() + disk.read_text(shared_book() / STYLE),
    )


def _periods(study: Study, facts: Mapping[str, str], language: str) -> str:
    """Rounds with their dates, or the years of a panel."""
    if study.panel is None:
        return "; ".join(facts[f"round.{entry.id}"] for entry in study.round)
    years = study.panel.years
    return wording("format.range", language, low=years[0], high=years[-1])


def _described(configuration: Configuration, facts: Mapping[str, str]) -> dict[str, Any]:
    day = day_of(configuration, read_commit(Path())).isoformat()
    return {
        "authors": [facts["authors"]],
        "description": facts["citation"],
        "generator": f"evaluation {facts['version']}",
        "created": day,
        "modified": day,
    }


def day_of(configuration: Configuration, commit: Commit | None) -> date:
    """The day that both dates of a PDF name.

    Parameters
    ----------
    configuration : Configuration
        The study.
    commit : Commit or None
        What the book is built from; without one the day is the end of the last round or year.
    """
    if commit is not None:
        return commit.day
    study = configuration.study
    ends = [date(study.panel.last, 12, 31)] if study.panel else [r.end for r in study.round]
    return max(ends)
