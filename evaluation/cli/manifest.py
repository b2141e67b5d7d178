"""Command ``manifest``: draft manifest entries of delivered files, for a person to confirm."""

import argparse
import sys
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.data.manifest_draft import draft
from evaluation.errors import DataError, StorageError

HEAD = """\
# A draft. Every line under `# confirm:` is a guess with its evidence; every "?" is yours to fill
# in. Copy the entries into manifest.toml when they are right: nothing reads them from here.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and where the draft goes."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="delivered files: csv, dta, sav, xlsx or zip"
    )
    parser.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help="write the draft to a new file (default: print it); an existing one is not touched",
    )


def run(options: argparse.Namespace) -> None:
    """Print or write one entry for each file.

    Raises
    ------
    DataError
        A file does not exist, or cannot be read as what its ending says.
    StorageError
        The file to write exists.
    """
    out = Path(options.out)
    if options.out and out.exists():
        raise StorageError(
            "the file exists, and a draft overwrites nothing",
            where=options.out,
            mend="name another file, or take this one away first",
        )
    raw = Paths.of(options).raw
    entries: dict[str, str] = {}
    for given in options.files:
        name, text = draft(_named(Path(given), raw), _read(given), taken=entries)
        entries[name] = text
    whole = "\n".join([HEAD, *entries.values()])
    if options.out:
        io.write_text(out, whole)
        sys.stderr.write(f"manifest  {len(entries)} entries drafted in {options.out}\n")
    else:
        sys.stdout.write(whole)


def _read(given: str) -> bytes:
    try:
        return Path(given).read_bytes()
    except OSError:
        raise DataError(
            "the file does not exist or cannot be read",
            where=given,
            mend="name a delivered file",
            rule="missing-file",
        ) from None


def _named(path: Path, raw: Path) -> str:
    """Path as the manifest names it: within the raw folder, else the bare name."""
    whole, folder = path.resolve(), raw.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name
