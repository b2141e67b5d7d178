"""Stage ``book``: assemble pages, executed notebooks and exhibits, and build the site strictly."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

from evaluation.release.published_tables import checksums
from evaluation.report.terminal import counted, spoken
from evaluation.site.assembly import assemble
from evaluation.site.changes import CHANGELOG, changes
from evaluation.site.facts import collect
from evaluation.site.finishing import draw_icons, name_controls, purge, trim
from evaluation.site.page_check import BUILDING, BookFaults, check_site, warned
from evaluation.site.program_reference import reference
from evaluation.storage import disk
from evaluation.storage.commit import read_commit
from evaluation.storage.folders import UNASKED, Paths, announce
from evaluation.study.configuration import read_configuration

BOOK = Path("book")
MESSAGES = "messages.json"
# Trees of pages hold no cycles worth looking for: by default that takes a quarter of the time.
SELDOM = "import gc; gc.set_threshold(50_000, 20, 100)"
# a command line instead of an import: Sphinx changes the state of its process
JUPYTER_BOOK = (
    f"{SELDOM}; import sys; sys.modules[{UNASKED!r}] = None;"
    " from jupyter_book.cli.main import main; main()"
)


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
    work = folder / f"{disk.TEMPORARY}book"
    shutil.rmtree(work, ignore_errors=True)
    try:
        prepare(work / "source", paths, language=options.language)
        site = build(work / "source", work / "output")
        pages = sum(path.parent.name != "files" for path in site.rglob("*.html"))
        _keep_messages(site, folder)
        disk.replace_folder(site.replace(_fresh(folder / f"{disk.TEMPORARY}site")), folder / "site")
    finally:
        shutil.rmtree(work, ignore_errors=True)
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
        As :func:`evaluation.cli.book_source.assemble`.
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


def _fresh(path: Path) -> Path:
    """The path with nothing there: a killed run may have left its folder."""
    shutil.rmtree(path, ignore_errors=True)
    return path


def build(source: Path, output: Path) -> Path:
    """Run Jupyter Book strictly.

    Parameters
    ----------
    source, output : Path
        Assembled folder, and a folder for what the build makes.

    Returns
    -------
    Path
        The finished site.

    Raises
    ------
    BookFaults
        Any warning, or a fault that raw HTML or a style sheet brought in.
    """
    site = made(source, output, "html")
    # .buildinfo holds a sum over absolute paths; the others are the theme's own templates
    for leftover in (site / ".buildinfo", *sorted((site / "_static").glob("*.html"))):
        leftover.unlink(missing_ok=True)
    trim(site)
    name_controls(site)
    draw_icons(site)
    purge(site)
    check_site(site, source)
    return site


def made(source: Path, output: Path, builder: Literal["html", "singlehtml"]) -> Path:
    """What Jupyter Book makes of an assembled folder, as it leaves it.

    Parameters
    ----------
    source, output : Path
        Assembled folder, and a folder for what the build makes.
    builder : {"html", "singlehtml"}
        A page for each page of the book, or one page for all, which is for paper.

    Returns
    -------
    Path
        Folder with ``index.html``.

    Raises
    ------
    BookFaults
        Any warning.
    """
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source)]
    command += [
        "--path-output",
        str(output),
        "--builder",
        builder,
        "-W",
        "-n",
        "--keep-going",
        "-q",
    ]
    # the hash seed orders Sphinx's sets; the epoch stands in for the clock; its warnings are read
    # by their English words, whatever the language of the machine
    settings = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800", "TZ": "UTC"}
    settings |= {"LC_ALL": "C", "PYTHONUTF8": "1"}
    finished = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    site = output / "_build" / builder
    if finished.returncode != 0 or not (site / "index.html").is_file():
        raise BookFaults(warned(finished.stdout + finished.stderr, source), BUILDING)
    return site
