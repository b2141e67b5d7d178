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
from evaluation.spec.load import Text

HEAD = """\
# A draft. Every line under `# confirm:` is a guess with its evidence; every "?" is yours to fill
# in. Copy the entries into manifest.toml when they are right: nothing reads them from here.
"""
DRAFTED = Text(en="{n} drafted in {out}", es="{n} en borrador en {out}")
ONE = Text(en="file cannot be read", es="archivo no se puede leer")
SEVERAL = Text(en="files cannot be read", es="archivos no se pueden leer")
NONE_DRAFTED = Text(
    en="nothing is drafted; mend each as it says, then run again",
    es="no se preparó ninguna entrada; corrija cada uno como se indica y corra de nuevo",
)
ONE_DRAFTED = Text(
    en="1 entry is drafted ({names}); mend the others as it says, then run again with them alone",
    es="se preparó 1 entrada ({names}); corrija los demás como se indica y corra de nuevo solo con"
    " esos",
)
SEVERAL_DRAFTED = Text(
    en="{n} entries are drafted ({names}); mend the others as it says, then run again with them"
    " alone",
    es="se prepararon {n} entradas ({names}); corrija los demás como se indica y corra de nuevo"
    " solo con esos",
)


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


class UnreadFiles(ListedError):
    """Files that have no entry because they cannot be read, told after the others are drafted."""

    def __init__(self, errors: Sequence[EvaluationError], *, drafted: Sequence[str]) -> None:
        self.errors, self.drafted = tuple(errors), tuple(drafted)
        super().__init__(where="manifest")

    def listed(self, language: str) -> str:
        """All of them, each with its rule and mend."""
        number = len(self.errors)
        lines = (f"  {told(error, language)}".replace("\n", "\n  ") for error in self.errors)
        return "\n".join((f"{number} {(ONE if number == 1 else SEVERAL)[language]}", *lines))

    def ending(self, language: str) -> str:
        """What is drafted, and what to do about the others."""
        if not self.drafted:
            return NONE_DRAFTED[language]
        number, names = len(self.drafted), ", ".join(self.drafted)
        text = ONE_DRAFTED if number == 1 else SEVERAL_DRAFTED
        return text[language].format(n=number, names=names)


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
            "the file exists, and a draft overwrites nothing",
            where=options.out,
            mend="name another file, or take this one away first",
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
    sys.stderr.write(f"manifest  {DRAFTED[options.language].format(n=count, out=options.out)}\n")


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
