"""Stage ``book``: assemble pages, executed notebooks and exhibits, and build the site strictly."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

from evaluation import io
from evaluation.cli import book_facts
from evaluation.cli.book_api import reference
from evaluation.cli.book_changes import CHANGELOG, changes
from evaluation.cli.book_check import check_site
from evaluation.cli.book_checksums import checksums
from evaluation.cli.book_commit import read_commit
from evaluation.cli.book_icons import draw_icons
from evaluation.cli.book_source import assemble
from evaluation.cli.book_styles import purge
from evaluation.cli.book_trim import trim
from evaluation.cli.stage import Paths, announce
from evaluation.errors import ReportError
from evaluation.spec.configuration import read_configuration

BOOK = Path("book")
MESSAGES = "messages.json"
# a command line instead of an import: Sphinx changes the state of its process
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
PROBLEM = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Error:|Exception")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


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
    work = folder / f"{io.TEMPORARY}book"
    shutil.rmtree(work, ignore_errors=True)
    try:
        prepare(work / "source", paths, language=options.language)
        site = build(work / "source", work / "output")
        pages = sum(path.parent.name != "files" for path in site.rglob("*.html"))
        _keep_messages(site, folder)
        io.replace_folder(site.replace(_fresh(folder / f"{io.TEMPORARY}site")), folder / "site")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    announce("book", f"{pages} pages", time.perf_counter() - begin)


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
    facts = book_facts.collect(
        read_configuration(paths.config),
        io.read_json(paths.build / "results.json"),
        language,
        commit=read_commit(Path()),
    )
    return {
        **facts,
        "api": reference(Path()),
        "changes": changes(CHANGELOG),
        "checksums": checksums(paths),
    }


def _keep_messages(site: Path, folder: Path) -> None:
    """Texts of the pages, for the translations, beside the site and not in it."""
    messages = site / MESSAGES
    if messages.is_file():
        io.write_bytes(folder / MESSAGES, messages.read_bytes())
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
    ReportError
        Any warning, or a fault that raw HTML brought into a page; the message holds the first ten.
    """
    site = made(source, output, "html")
    # .buildinfo holds a sum over absolute paths; the others are the theme's own templates
    for leftover in (site / ".buildinfo", *sorted((site / "_static").glob("*.html"))):
        leftover.unlink(missing_ok=True)
    trim(site)
    draw_icons(site)
    purge(site)
    check_site(site)
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
    ReportError
        Any warning; the message holds the first ten.
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
    # the hash seed orders Sphinx's sets; the epoch stands in for the clock
    settings = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800", "TZ": "UTC"}
    finished = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    site = output / "_build" / builder
    if finished.returncode != 0 or not (site / "index.html").is_file():
        raise ReportError(
            "the book does not build:\n" + problems(finished.stdout + finished.stderr, source),
            where="book",
            mend="mend the pages or make the missing results",
        )
    return site


def problems(output: str, source: Path) -> str:
    """First ten distinct lines of a build's output that name a problem, without folder names."""
    text = COLOUR.sub("", output).replace(f"{source.resolve()}/", "").replace(f"{source}/", "")
    lines = [line.strip() for line in text.splitlines() if PROBLEM.search(line)]
    found = list(dict.fromkeys(lines)) or text.splitlines()
    return "\n".join(f"  {line}" for line in found[:10])
