"""Command ``publish``: copy a release of the study to a folder the user names."""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli import book_moved
from evaluation.cli.book import BOOK
from evaluation.cli.release import MADE_FROM
from evaluation.cli.release_contents import contents
from evaluation.cli.release_inputs import keep
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError

SUMS = "SHA256SUMS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument("--release", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--replace",
        default="no",
        choices=("yes", "no"),
        help="replace a release that was made from another plan or other data",
    )


def run(options: argparse.Namespace) -> None:
    """Copy results, exhibits, notebooks and site, with citation and checksums, or nothing.

    The pages are added to the list of all that were ever published.

    Raises
    ------
    StorageError
        No folder is named, it holds something that is not a release, or nothing is built.
    """
    target = _target(options.release)
    paths = Paths.of(options)
    # read first: an unfinished build must not leave half a release
    files = contents(paths)
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
    sys.stdout.write(f"{len(files)} files in {target.as_posix()}, checksums in {SUMS}\n")
    new = book_moved.add_published(BOOK, options.study, book_moved.of_release(files))
    if new:
        sys.stdout.write(f"{len(new)} pages added to {(BOOK / book_moved.PUBLISHED).as_posix()}\n")


def _check_same(target: Path, files: dict[str, bytes]) -> None:
    """A release is what others compare with: only the same plan and data may write it again."""
    made = target / "results.json"
    if not made.is_file():
        return
    before, now = json.loads(io.read_bytes(made)), json.loads(files["results.json"])
    other = [key for key in MADE_FROM if before.get(key) != now.get(key)]
    if other:
        raise StorageError(
            f"the folder holds a release with another {' and '.join(other)}",
            where=target.as_posix(),
            mend="name a new folder, or write make publish RELEASE=folder REPLACE=yes",
        )


def _target(named: str) -> Path:
    if not named:
        raise StorageError(
            "no folder is named", where="make publish", mend="write make publish RELEASE=folder"
        )
    target = Path(named)
    if target.exists() and not (target / SUMS).is_file():
        raise StorageError(
            "the folder exists and is not a release",
            where=target.as_posix(),
            mend="name a new folder, or one that an earlier publish wrote",
        )
    return target
