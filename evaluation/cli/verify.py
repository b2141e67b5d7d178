"""Command ``verify``: compare what this machine built with a published release."""

import argparse
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli.publish import SUMS
from evaluation.cli.release import NUMBERS, difference, may_lack
from evaluation.cli.release_contents import contents
from evaluation.cli.stage import Paths
from evaluation.cli.told import spoken
from evaluation.errors import StorageError
from evaluation.locale.messages import Message, message, several, wording

SHOWN, NAMED = 10, 3


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
    wrong = [message("release.only-there", name=name) for name in sums if name in alone]
    wrong += [message("release.only-here", name=name) for name in built if name in alone]
    damaged = [name for name in sorted(sums) if _is_damaged(release / name, sums[name])]
    wrong += [message("release.other-sum", name=name) for name in damaged]
    identical, other_bytes = 0, []
    for name in sorted((sums.keys() & built.keys()) - set(damaged)):
        theirs, ours = io.read_bytes(release / name), built[name]
        found = difference(name, ours, theirs)
        identical += ours == theirs
        if found and Path(name).suffix in NUMBERS:
            wrong.append(message("release.named", name=name, found=found))
        elif found:
            other_bytes.append(name)
    language = spoken(options.language)
    absent = [name for name in sums if name not in built and may_lack(name)]
    _tell_first("verify.not-compared", absent, language)
    sys.stdout.write(wording("verify.identical", language, n=identical))
    _tell_first("verify.other-bytes", other_bytes, language)
    _refuse(wrong)


def _is_damaged(path: Path, digest: str) -> bool:
    return not path.is_file() or io.sha256(path) != digest


def _tell_first(identifier: str, names: list[str], language: str) -> None:
    if names:
        first = ", ".join(names[:NAMED])
        sys.stdout.write(wording(identifier, language, n=len(names), names=first))


def _sums(release: Path) -> dict[str, str]:
    if not str(release) or not (release / SUMS).is_file():
        raise StorageError(
            message("no-there.problem", sums=SUMS),
            where=release.as_posix(),
            mend=message("write-make-verify.mend"),
        )
    lines = io.read_text(release / SUMS).splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _refuse(wrong: list[Message]) -> None:
    if wrong:
        listed = several(wrong[:SHOWN], "lines")
        raise StorageError(
            message("files-differ-release.problem", n=len(wrong), listed=listed),
            where="verify",
            mend=message("build-release.mend"),
        )
