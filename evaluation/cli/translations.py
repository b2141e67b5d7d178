"""Command ``translations``: bring the ``.po`` files up to the pages, or say what they lack."""

import argparse
import sys
from pathlib import Path

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report.terminal import counted, spoken
from evaluation.site.building import MESSAGES
from evaluation.site.translations import LANGUAGE, as_bytes, layered, package, studies, updated
from evaluation.storage import disk
from evaluation.storage.folders import BOOK


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
    files, lacking = package()
    if options.mode == "write":
        # they need no book
        disk.write_all(files)
    texts = layered(BOOK, {study: _messages(study) for study in studies(BOOK)})
    folder = BOOK / "locale" / LANGUAGE
    for (layer, page), messages in sorted(texts.items()):
        path = folder / layer / f"{page}.po"
        catalogue = updated(path, messages)
        lacking += [(path, str(m.id)) for m in catalogue if m.id and not m.string]
        files[path] = as_bytes(catalogue)
    if options.mode == "write":
        for path in sorted(set(folder.rglob("*.po")) - set(files)):
            path.unlink()
        disk.write_all(files)
        language = spoken(options.language)
        written = counted(len(files), "file", language)
        sys.stdout.write(wording("translations.written", language, files=written, n=len(lacking)))
    elif lacking or any(not p.is_file() or p.read_bytes() != files[p] for p in files):
        listed = "".join(f"\n  {path.as_posix()}: {text[:100]}" for path, text in lacking[:10])
        where, number = (BOOK / "locale").as_posix(), len(lacking)
        raise ReportError.of("translations-not", "run-translate", where, n=number, listed=listed)


def _messages(study: str) -> dict[str, list[str]]:
    path = Path("build") / study / "en" / MESSAGES
    if not path.is_file():
        raise ReportError.of("texts-book-not", "build-first-make", path.as_posix(), study=study)
    return dict(disk.read_json(path))
