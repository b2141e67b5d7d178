"""Command ``verify``: compare what this machine built with a published release."""

import argparse
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli.publish import SUMS
from evaluation.cli.release import NUMBERS, difference, may_lack
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
    built = contents(paths).files
    # a machine without Chromium prints nothing, and what it would print is compared as pages
    alone = [name for name in sums.keys() ^ built.keys() if not may_lack(name)]
    wrong = [f"{name}: only in the release" for name in sums if name in alone]
    wrong += [f"{name}: not in the release" for name in built if name in alone]
    damaged = [name for name in sorted(sums) if _is_damaged(release / name, sums[name])]
    wrong += [f"{name}: the release's file is not the one in its {SUMS}" for name in damaged]
    identical, other_bytes = 0, []
    for name in sorted((sums.keys() & built.keys()) - set(damaged)):
        theirs, ours = io.read_bytes(release / name), built[name]
        found = difference(name, ours, theirs)
        identical += ours == theirs
        if found and Path(name).suffix in NUMBERS:
            wrong.append(f"{name}: {found}")
        elif found:
            other_bytes.append(name)
    _tell_not_compared([name for name in sums if name not in built and may_lack(name)])
    _tell(identical, other_bytes, wrong)


def _is_damaged(path: Path, digest: str) -> bool:
    return not path.is_file() or io.sha256(path) != digest


def _tell_not_compared(names: list[str]) -> None:
    if names:
        sys.stdout.write(
            f"{len(names)} prints or public data are not made here and were checked by their sums"
            f" only, first: {', '.join(names[:3])}\n"
        )


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
