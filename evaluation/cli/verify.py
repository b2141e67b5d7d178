"""Command ``verify``: compare what this machine built with a published release."""

import argparse
import hashlib
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli.publish import SUMS
from evaluation.cli.release import NUMBERS, difference, is_printed
from evaluation.cli.release_contents import contents
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError

SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument("--release", required=True, metavar="FOLDER", help="folder to compare")


def run(options: argparse.Namespace) -> None:
    """Compare every file of the release; numbers must agree to nine digits.

    Raises
    ------
    StorageError
        A file of the release is damaged, missing here, or holds other numbers.
    """
    release = Path(options.release)
    sums = _sums(release)
    paths = Paths.of(options)
    built = contents(paths)
    # a machine without Chromium prints nothing, and what it would print is compared as pages
    alone = [name for name in sums.keys() ^ built.keys() if not is_printed(name)]
    wrong = [f"{name}: only in the release" for name in sums if name in alone]
    wrong += [f"{name}: not in the release" for name in built if name in alone]
    identical, other_bytes = 0, []
    for name in sorted(sums.keys() & built.keys()):
        theirs, ours = io.read_bytes(release / name), built[name]
        if hashlib.sha256(theirs).hexdigest() != sums[name]:
            wrong.append(f"{name}: the release's file is not the one in its {SUMS}")
            continue
        found = difference(name, ours, theirs)
        identical += ours == theirs
        if found and Path(name).suffix in NUMBERS:
            wrong.append(f"{name}: {found}")
        elif found:
            other_bytes.append(name)
    _tell(identical, other_bytes, wrong)


def _sums(release: Path) -> dict[str, str]:
    if not str(release) or not (release / SUMS).is_file():
        raise StorageError(
            f"no {SUMS} there",
            where=release.as_posix(),
            mend="write make verify RELEASE=folder, a folder that make publish wrote",
        )
    lines = io.read_text(release / SUMS).splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _tell(identical: int, other_bytes: list[str], wrong: list[str]) -> None:
    sys.stdout.write(f"{identical} files are the same to the byte\n")
    if other_bytes:
        sys.stdout.write(
            f"{len(other_bytes)} pages, pictures or workbooks differ in bytes (their numbers are"
            f" compared in CSV and JSON), first: {', '.join(other_bytes[:3])}\n"
        )
    if wrong:
        raise StorageError(
            f"{len(wrong)} files differ from the release:\n  " + "\n  ".join(wrong[:SHOWN]),
            where="verify",
            mend="build the release's version from its data, or publish a new release",
        )
