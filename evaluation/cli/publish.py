"""Command ``publish``: copy a release of the study to a folder the user names."""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from evaluation import io
from evaluation.cli import book_moved, pdf_print
from evaluation.cli.book import BOOK
from evaluation.cli.pdf_source import State
from evaluation.cli.release import MADE_FROM
from evaluation.cli.release_contents import Contents, contents
from evaluation.cli.release_inputs import keep
from evaluation.cli.stage import Paths
from evaluation.cli.told import counted, spoken
from evaluation.errors import ReportError, StorageError
from evaluation.locale.messages import entries, message, several, word, wording

SUMS = "SHA256SUMS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument(
        *("--dest", "--release"),
        dest="release",
        required=True,
        metavar="FOLDER",
        help="folder to write",
    )
    parser.add_argument(
        "--replace",
        default="no",
        choices=("yes", "no"),
        help="replace a release that was made from another plan or other data",
    )


def run(options: argparse.Namespace) -> None:
    """Copy results, exhibits, notebooks and site, with citation and checksums, or nothing.

    PDFs and public data go along where they are of these pages and data. The pages are added to
    the list of all that were ever published.

    Raises
    ------
    StorageError
        No folder is named, it holds something that is not a release, nothing is built, or prints
        are of other pages and could be made again here.
    """
    target = _target(options.release)
    paths = Paths.of(options)
    # read first: an unfinished build must not leave half a release
    found = contents(paths)
    files = found.files
    _check_prints(found.prints)
    if options.replace == "no":
        _check_same(target, files)
    temporary = target.with_name(f"{io.TEMPORARY}{target.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    for name, data in files.items():
        io.write_bytes(temporary / name, data)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
    io.write_text(temporary / SUMS, "".join(sums))
    keep(paths, "".join(sums).encode())
    io.replace_folder(temporary, target)
    new = book_moved.add_published(BOOK, options.study, book_moved.of_release(files))
    _tell(found, target, len(new), spoken(options.language))


def _tell(found: Contents, target: Path, new: int, language: str) -> None:
    """What was written, and what a release goes without."""
    files = counted(len(found.files), "file", language)
    said = wording("publish.done", language, files=files, folder=target.as_posix(), sums=SUMS)
    sys.stdout.write(said)
    sys.stdout.write("".join(f"{line}\n" for line in lacking(found, language)))
    if new:
        pages, path = counted(new, "page", language), (BOOK / book_moved.PUBLISHED).as_posix()
        sys.stdout.write(wording("publish.new-pages", language, pages=pages, path=path))


def lacking(found: Contents, language: str) -> tuple[str, ...]:
    """What a release goes without, why, and how to make it; one sentence for each."""
    how = unprintable(language) or wording("publish.print-first", language)
    said = [
        wording(
            "publish.no-pdf",
            language,
            language=name,
            why=wording(f"publish.without-pdf.{state}", language),
            how=how,
        )
        for name, state in found.prints.items()
        if state in entries("publish.without-pdf")
    ]
    if found.public != "current":
        made = wording("publish.make-data", language)
        why = wording(f"publish.without-data.{found.public}", language, how=made)
        said.append(wording("publish.no-data", language, why=why))
    return tuple(said)


def unprintable(language: str) -> str:
    """Why nothing can be printed here, and what to do about it; empty where Chromium is there."""
    try:
        pdf_print.find_chromium()
    except ReportError as error:
        return f"{error.problem.text(language)}; {error.mend.text(language)}"
    return ""


def _check_prints(prints: Mapping[str, State]) -> None:
    """Old prints are no part of a release; where they can be made anew, it waits for them."""
    stale = [language for language, state in prints.items() if state == "stale"]
    if stale and not unprintable("en"):
        raise StorageError(
            message("pdfs-pages-book.problem", stale=", ".join(stale)),
            where="publish",
            mend=message("run-make-pdf.mend"),
        )


def _check_same(target: Path, files: dict[str, bytes]) -> None:
    """A release is what others compare with: only the same plan and data may write it again."""
    made = target / "results.json"
    if not made.is_file():
        return
    before, now = json.loads(io.read_bytes(made)), json.loads(files["results.json"])
    other = [key for key in MADE_FROM if before.get(key) != now.get(key)]
    if other:
        raise StorageError(
            message("folder-holds.problem", other=several(map(word, other), ", ")),
            where=target.as_posix(),
            mend=message("name-new-folder-write.mend"),
        )


def _target(named: str) -> Path:
    if not named:
        raise StorageError(
            message("no-folder-named.problem"),
            where="make publish",
            mend=message("write-make-publish.mend"),
        )
    target = Path(named)
    if target.exists() and not (target / SUMS).is_file():
        raise StorageError(
            message("folder-exists-not.problem"),
            where=target.as_posix(),
            mend=message("name-new-folder-one.mend"),
        )
    return target
