"""Command ``pdf``: the book as one PDF, and the two-page brief as PDF and DOCX."""

import argparse
import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from evaluation.cli.stages.book import BOOK, prepare
from evaluation.cli.stages.exhibits import load_records
from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.release.contents import State
from evaluation.release.published_tables import (
    BOOK_PDF,
    BRIEF_DOCX,
    BRIEF_PDF,
    MADE_FROM,
    PRINTED,
    PRINTED_FROM,
)
from evaluation.report import brief, brief_files
from evaluation.report.brief import Brief
from evaluation.report.sources import Source
from evaluation.report.terminal import counted, spoken
from evaluation.site import chromium, printed_book
from evaluation.site.building import made as book_made
from evaluation.site.chromium import Described, find_chromium, print_page, settled
from evaluation.storage import disk
from evaluation.storage.commit import Commit, read_commit
from evaluation.storage.folders import Paths, announce
from evaluation.study.configuration import Configuration, read_configuration
from evaluation.study.study import read_languages

STYLE = BOOK / "_print" / "print.css"
# the modules that put the pages in order and print them
PRINT_MODULES = (Path(printed_book.__file__), Path(chromium.__file__), Path(__file__))
SUM = "printed"


def print_states(paths: Paths) -> dict[str, State]:
    """State of the prints in each language of a study's book."""
    return {language: print_state(paths, language) for language in read_languages(paths.config)}


def print_state(paths: Paths, language: str) -> State:
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
    made = disk.read_json(folder / PRINTED_FROM)
    results = disk.read_json(paths.build / "results.json")
    if any(made.get(name) != results[name] for name in MADE_FROM):
        return "stale"
    with disk.scratch(folder, "print-source") as work:
        prepare(work, paths, language=language)
        said = said_in_brief(paths, read_configuration(paths.config), language)
        return "current" if made == made_from(paths, work, said) else "stale"


def said_in_brief(paths: Paths, configuration: Configuration, language: str) -> Brief:
    """What the brief says, from the records as they are saved now."""
    records = load_records(paths, configuration)
    return brief.brief(Source(records=records, configuration=configuration, language=language))


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
    yield "brief.html", brief_files.to_page(said, faces=printed_book.faces()).encode()
    yield "brief.docx", brief_files.to_docx(said)
    yield STYLE.name, disk.read_bytes(STYLE)
    for path in PRINT_MODULES:
        yield path.name, disk.read_bytes(path)


BRIEF_PAGES = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whether prints of the same pages are made again."""
    parser.add_argument(
        "--again",
        default="yes",
        choices=("yes", "no"),
        help="print although the prints that are there are of these pages (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> None:
    """Print book and brief in one language; nothing is written until all are made.

    Raises
    ------
    ReportError
        Chromium is missing, the pages do not build, or the brief has not two pages.
    """
    begin, language = time.perf_counter(), spoken(options.language)
    paths = Paths.of(options)
    chromium = find_chromium()
    folder = paths.language(options.language)
    if options.again == "no" and print_state(paths, options.language) == "current":
        # written anew, so that it is younger than the site
        disk.write_json(folder / PRINTED_FROM, disk.read_json(folder / PRINTED_FROM))
        announce("pdf", wording("pdf.kept", language), time.perf_counter() - begin, language)
        return
    with disk.scratch(folder, "pdf") as work:
        files, stamp, pages = _printed(paths, options, chromium, work)
    # first away and last back, as it says that the others are whole and what they were made from
    (folder / PRINTED_FROM).unlink(missing_ok=True)
    for name in (BOOK_PDF, BRIEF_PDF, BRIEF_DOCX):
        disk.write_bytes(folder / name, files[name])
    disk.write_json(folder / PRINTED_FROM, stamp)
    announce("pdf", counted(pages, "page", language), time.perf_counter() - begin, language)


def _printed(
    paths: Paths, options: argparse.Namespace, chromium: str, work: Path
) -> tuple[dict[str, bytes], dict[str, Any], int]:
    """The three files by name, what they are made from, and the number of pages of the book."""
    configuration, language = read_configuration(paths.config), options.language
    content = prepare(work / "source", paths, language=language)
    said = said_in_brief(paths, configuration, language)
    # before Jupyter Book leaves files of its own there
    stamp = made_from(paths, work / "source", said)
    described = _described(configuration, content, language)
    site = book_made(work / "source", work / "output", "singlehtml")
    page = site / "printed.html"
    single = disk.read_text(site / "index.html")
    text = _book_page(single, configuration, content, language=language)
    disk.write_text(page, text)
    whole, pages = settled(
        print_page(chromium, page, work / "book-profile"),
        replace(described, headings=printed_book.headings(text)),
    )
    files = {BOOK_PDF: whole, **_brief(said, described, chromium, work, language=language)}
    return files, stamp, pages


def _book_page(
    single: str, configuration: Configuration, content: Mapping[str, Any], *, language: str
) -> str:
    facts = content["facts"]
    rounds = configuration.study.round
    return printed_book.printed_page(
        printed_book.read_pages(single),
        {
            **facts,
            "rounds": "; ".join(facts[f"round.{entry.id}"] for entry in rounds),
            "licence": wording("book.word.licence", language),
        },
        language=language,
        banner=content["banner"],
        mark=content["mark"],
        style=printed_book.faces() + disk.read_text(STYLE),
    )


def _brief(
    said: Brief, described: Described, chromium: str, work: Path, *, language: str
) -> dict[str, bytes]:
    page = work / "brief.html"
    disk.write_text(page, brief_files.to_page(said, faces=printed_book.faces()))
    printed = print_page(chromium, page, work / "brief-profile")
    data, pages = settled(printed, described)
    if pages != BRIEF_PAGES:
        raise ReportError.of(
            "brief-pages-not",
            "shorten-question",
            f"pdf, {language}",
            pages=pages,
            brief_pages=BRIEF_PAGES,
        )
    return {BRIEF_PDF: data, BRIEF_DOCX: brief_files.to_docx(said)}


def _described(
    configuration: Configuration, content: Mapping[str, Any], language: str
) -> Described:
    study, facts = configuration.study, content["facts"]
    behind = f" [{content['mark']}]" if content["mark"] else ""
    return Described(
        title=study.title[language] + behind,
        language=language,
        subject=facts["citation"],
        day=day_of(configuration, read_commit(Path())),
        made_by=f"evaluation {facts['version']}",
    )


def day_of(configuration: Configuration, commit: Commit | None) -> date:
    """The day that both dates of a PDF name.

    Parameters
    ----------
    configuration : Configuration
        The study.
    commit : Commit or None
        What the book is built from; without one the day is the end of the last round.
    """
    if commit is not None:
        return commit.day
    return max(entry.end for entry in configuration.study.round)
