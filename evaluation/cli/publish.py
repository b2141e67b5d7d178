"""Command ``publish``: copy a release of the study to a folder the user names."""

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli.release import released
from evaluation.cli.release_inputs import keep
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError

SUMS = "SHA256SUMS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument("--release", required=True, metavar="FOLDER", help="folder to write")


def run(options: argparse.Namespace) -> None:
    """Copy results, exhibits, notebooks and site, with their checksums, or nothing.

    Raises
    ------
    StorageError
        No folder is named, it holds something that is not a release, or nothing is built.
    """
    target = _target(options.release)
    paths = Paths.of(options)
    # read first: an unfinished build must not leave half a release
    files = {name: io.read_bytes(path) for name, path in released(paths.build, options.language)}
    temporary = target.with_name(f"{io.TEMPORARY}{target.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    for name, data in files.items():
        io.write_bytes(temporary / name, data)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
    io.write_text(temporary / SUMS, "".join(sums))
    keep(paths, "".join(sums).encode())
    io.replace_folder(temporary, target)
    sys.stdout.write(f"{len(files)} files in {target.as_posix()}, checksums in {SUMS}\n")


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
