"""Command ``translations``: bring the ``.po`` files up to the pages, or say what they lack."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.cli.stages.book import BOOK, MESSAGES
from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report.terminal import counted, spoken
from evaluation.site.translations import LANGUAGE, as_bytes, layered, package, studies, updated
from evaluation.storage import disk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to write or to check."""
    parser.add_argument("mode", choices=("write", "check"), help="write the files, or check them")


def run(options: argparse.Namespace) -> None:
    """Bring every ``.po`` file up to date, or refuse those that are not.

    Raises
    ------
    ReportError
        A study's book is not built; in the mode ``check``, a text without a translation.
    """
    written, lacking = package()
    if options.mode == "write":
        # they need no book
        _write(written)
    texts = layered(BOOK, {study: _messages(study) for study in studies(BOOK)})
    folder = BOOK / "locale" / LANGUAGE
    for (layer, page), messages in sorted(texts.items()):
        path = folder / layer / f"{page}.po"
        catalogue = updated(path, messages)
        lacking += [(path, str(m.id)) for m in catalogue if m.id and not m.string]
        written[path] = as_bytes(catalogue)
    for path in sorted(folder.rglob("*.po")):
        if path not in written and options.mode == "write":
            path.unlink()
    if options.mode == "write":
        _write(written)
        language = spoken(options.language)
        files = counted(len(written), "file", language)
        sys.stdout.write(wording("translations.written", language, files=files, n=len(lacking)))
    elif lacking or any(not p.is_file() or p.read_bytes() != written[p] for p in written):
        raise _stale(lacking)


def _write(written: Mapping[Path, bytes]) -> None:
    for path, data in written.items():
        disk.write_bytes(path, data)


def _messages(study: str) -> dict[str, list[str]]:
    path = Path("build") / study / "en" / MESSAGES
    if not path.is_file():
        raise ReportError.of("texts-book-not", "build-first-make", path.as_posix(), study=study)
    found: dict[str, list[str]] = disk.read_json(path)
    return found


def _stale(lacking: Sequence[tuple[Path, str]]) -> ReportError:
    listed = "".join(f"\n  {path.as_posix()}: {text[:100]}" for path, text in lacking[:10])
    return ReportError.of(
        "translations-not",
        "run-translate",
        (BOOK / "locale").as_posix(),
        n=len(lacking),
        listed=listed,
    )
