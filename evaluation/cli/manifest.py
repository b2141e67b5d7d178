"""Command ``manifest``: draft manifest entries of delivered files, for a person to confirm."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.cli.told import ListedError, counted, told
from evaluation.data.manifest_draft import draft
from evaluation.errors import DataError, EvaluationError, StorageError
from evaluation.locale.messages import message, wording

HEAD = """\
# A draft. Every line under `# confirm:` is a guess with its evidence; every "?" is yours to fill
# in. Copy the entries into manifest.toml when they are right: nothing reads them from here.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and where the draft goes."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="delivered files: csv, dta, sav, xls, xlsx or zip"
    )
    parser.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help="write the draft to a new file (default: print it); an existing one is not touched",
    )


class UnreadFiles(ListedError):
    """Files that have no entry because they cannot be read, told after the others are drafted."""

    def __init__(self, errors: Sequence[EvaluationError], *, drafted: Sequence[str]) -> None:
        self.errors, self.drafted = tuple(errors), tuple(drafted)
        names = ", ".join(self.drafted)
        super().__init__(
            message("unread-files.problem", n=len(self.errors)),
            where="manifest",
            mend=message("unread-files-drafted.mend", n=len(self.drafted), names=names)
            if self.drafted
            else message("unread-files-none-drafted.mend"),
        )

    def listed(self, language: str) -> str:
        """All of them, each with its rule and mend."""
        lines = (f"  {told(error, language)}".replace("\n", "\n  ") for error in self.errors)
        return "\n".join((self.problem.text(language), *lines))


def run(options: argparse.Namespace) -> None:
    """Print or write one entry for each file that can be read, then name those that cannot.

    Raises
    ------
    UnreadFiles
        Files do not exist, or cannot be read as what their endings say. The others are drafted.
    StorageError
        The file to write exists.
    """
    out = Path(options.out)
    if options.out and out.exists():
        raise StorageError(
            message("file-exists-draft.problem"),
            where=options.out,
            mend=message("name-another.mend"),
        )
    raw = Paths.of(options).raw
    entries: dict[str, str] = {}
    drafted: list[str] = []
    errors: list[EvaluationError] = []
    for given in options.files:
        try:
            name, text = draft(_named(Path(given), raw), _read(given), taken=entries)
        except EvaluationError as error:
            errors.append(error)
            continue
        entries[name] = text
        drafted.append(given)
    if entries:
        _put("\n".join([HEAD, *entries.values()]), options, len(entries))
    if errors:
        raise UnreadFiles(errors, drafted=drafted)


def _put(text: str, options: argparse.Namespace, number: int) -> None:
    if not options.out:
        sys.stdout.write(text)
        return
    io.write_text(Path(options.out), text)
    count = counted(number, "entry", options.language)
    sys.stderr.write(
        f"manifest  {wording('manifest.drafted', options.language, n=count, out=options.out)}\n"
    )


def _read(given: str) -> bytes:
    try:
        return Path(given).read_bytes()
    except OSError:
        raise DataError(
            message("missing-file.problem"),
            where=given,
            mend=message("missing-file.mend"),
            rule="missing-file",
        ) from None


def _named(path: Path, raw: Path) -> str:
    """Path as the manifest names it: within the raw folder, else the bare name."""
    whole, folder = path.resolve(), raw.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name
