"""Command ``pdf``: the book as one PDF, and the two-page brief as PDF and DOCX."""

import argparse
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli import pdf_fonts, pdf_page, pdf_pages, pdf_print, pdf_source
from evaluation.cli.book import made, prepare
from evaluation.cli.book_commit import Commit, read_commit
from evaluation.cli.pdf_source import STYLE
from evaluation.cli.release import BOOK_PDF, BRIEF_DOCX, BRIEF_PDF, PRINTED_FROM
from evaluation.cli.stage import Paths, announce
from evaluation.cli.told import counted, spoken
from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import brief_docx, brief_page
from evaluation.report.brief import Brief
from evaluation.spec.configuration import Configuration, read_configuration

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
    chromium = pdf_print.find_chromium()
    folder = paths.language(options.language)
    if options.again == "no" and pdf_source.state(paths, options.language) == "current":
        # written anew, so that it is younger than the site
        io.write_json(folder / PRINTED_FROM, io.read_json(folder / PRINTED_FROM))
        announce("pdf", wording("pdf.kept", language), time.perf_counter() - begin, language)
        return
    work = folder / f"{io.TEMPORARY}pdf"
    shutil.rmtree(work, ignore_errors=True)
    try:
        files, stamp, pages = _printed(paths, options, chromium, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    # first away and last back, as it says that the others are whole and what they were made from
    (folder / PRINTED_FROM).unlink(missing_ok=True)
    for name in (BOOK_PDF, BRIEF_PDF, BRIEF_DOCX):
        io.write_bytes(folder / name, files[name])
    io.write_json(folder / PRINTED_FROM, stamp)
    announce("pdf", counted(pages, "page", language), time.perf_counter() - begin, language)


def _printed(
    paths: Paths, options: argparse.Namespace, chromium: str, work: Path
) -> tuple[dict[str, bytes], dict[str, Any], int]:
    """The three files by name, what they are made from, and the number of pages of the book."""
    configuration, language = read_configuration(paths.config), options.language
    content = prepare(work / "source", paths, language=language)
    said = pdf_source.said_in_brief(paths, configuration, language)
    # before Jupyter Book leaves files of its own there
    stamp = pdf_source.stamp(paths, work / "source", said)
    described = _described(configuration, content, language)
    site = made(work / "source", work / "output", "singlehtml")
    page = site / "printed.html"
    single = io.read_text(site / "index.html")
    text = _book_page(single, configuration, content, language=language)
    io.write_text(page, text)
    whole, pages = pdf_print.settled(
        pdf_print.print_page(chromium, page, work / "book-profile"),
        replace(described, headings=pdf_pages.headings(text)),
    )
    files = {BOOK_PDF: whole, **_brief(said, described, chromium, work, language=language)}
    return files, stamp, pages


def _book_page(
    single: str, configuration: Configuration, content: Mapping[str, Any], *, language: str
) -> str:
    facts = content["facts"]
    rounds = configuration.study.round
    return pdf_page.printed_page(
        pdf_pages.read_pages(single),
        {
            **facts,
            "rounds": "; ".join(facts[f"round.{entry.id}"] for entry in rounds),
            "licence": wording("book.word.licence", language),
        },
        language=language,
        banner=content["banner"],
        mark=content["mark"],
        style=pdf_fonts.faces() + io.read_text(STYLE),
    )


def _brief(
    said: Brief, described: pdf_print.Described, chromium: str, work: Path, *, language: str
) -> dict[str, bytes]:
    page = work / "brief.html"
    io.write_text(page, brief_page.to_page(said, faces=pdf_fonts.faces()))
    printed = pdf_print.print_page(chromium, page, work / "brief-profile")
    data, pages = pdf_print.settled(printed, described)
    if pages != BRIEF_PAGES:
        raise ReportError(
            message("brief-pages-not.problem", pages=pages, brief_pages=BRIEF_PAGES),
            where=f"pdf, {language}",
            mend=message("shorten-question.mend"),
        )
    return {BRIEF_PDF: data, BRIEF_DOCX: brief_docx.to_docx(said)}


def _described(
    configuration: Configuration, content: Mapping[str, Any], language: str
) -> pdf_print.Described:
    study, facts = configuration.study, content["facts"]
    behind = f" [{content['mark']}]" if content["mark"] else ""
    return pdf_print.Described(
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
