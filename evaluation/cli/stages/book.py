"""Stage ``book``: assemble pages, executed notebooks and exhibits, and build the site strictly."""

import argparse
import time
from pathlib import Path
from typing import Any

from evaluation.release.published_tables import checksums
from evaluation.report.terminal import counted, spoken
from evaluation.site.assembly import assemble
from evaluation.site.building import build
from evaluation.site.changes import CHANGELOG, changes
from evaluation.site.facts import collect
from evaluation.site.program_reference import reference
from evaluation.storage import disk
from evaluation.storage.commit import read_commit
from evaluation.storage.folders import Paths, announce
from evaluation.study.configuration import read_configuration

BOOK = Path("book")
MESSAGES = "messages.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage takes no arguments of its own."""


def run(options: argparse.Namespace) -> None:
    """Build the study's site, or leave the old one and say what is wrong.

    Raises
    ------
    ReportError
        Any warning of the strict build, a missing result, a notebook of another plan or data.
    """
    begin = time.perf_counter()
    paths = Paths.of(options)
    folder = paths.language(options.language)
    with disk.scratch(folder, "book") as work, disk.scratch(folder, "site") as finished:
        prepare(work / "source", paths, language=options.language)
        site = build(work / "source", work / "output")
        pages = sum(path.parent.name != "files" for path in site.rglob("*.html"))
        _keep_messages(site, folder)
        disk.replace_folder(site.replace(finished), folder / "site")
    language = spoken(options.language)
    announce("book", counted(pages, "page", language), time.perf_counter() - begin, language)


def prepare(source: Path, paths: Paths, *, language: str) -> dict[str, Any]:
    """Assemble a study's book in a language, and give what its pages print.

    Parameters
    ----------
    source : Path
        Folder to make.
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.

    Raises
    ------
    ReportError
        As :func:`evaluation.site.assembly.assemble`.
    """
    content, folder = collected(paths, language), paths.language(language)
    assemble(
        source,
        book=BOOK,
        study=paths.config.name,
        results=folder,
        numbers=folder / "numbers.json",
        content=content,
    )
    return content


def collected(paths: Paths, language: str) -> dict[str, Any]:
    """What the pages print beside exhibits and numbers.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    """
    facts = collect(
        read_configuration(paths.config),
        disk.read_json(paths.build / "results.json"),
        language,
        commit=read_commit(Path()),
    )
    return {
        **facts,
        "api": reference(Path()),
        "changes": changes(CHANGELOG, language),
        "checksums": checksums(paths),
    }


def _keep_messages(site: Path, folder: Path) -> None:
    """Texts of the pages, for the translations, beside the site and not in it."""
    messages = site / MESSAGES
    if messages.is_file():
        disk.write_bytes(folder / MESSAGES, messages.read_bytes())
        messages.unlink()
