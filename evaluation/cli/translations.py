"""Command ``translations``: bring the ``.po`` files up to the pages, or say what they lack."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.config.decisions import untranslated
from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report.terminal import counted, spoken
from evaluation.site import translated_pairs
from evaluation.site.building import MESSAGES
from evaluation.site.shared_parts import shared_book
from evaluation.site.translations import (
    COMMON,
    LANGUAGE,
    PACKAGE,
    as_bytes,
    layered,
    package,
    studies,
    updated,
)
from evaluation.storage import disk
from evaluation.storage.folders import BOOK

Lacking = Sequence[tuple[Path, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to write or to check."""
    parser.add_argument("mode", choices=("write", "check"), help="write the files, or check them")


def run(options: argparse.Namespace) -> None:
    """Bring every ``.po`` file up to date, or refuse those that are not.

    Studies whose books are not built keep what they have.

    Raises
    ------
    ReportError
        The study's book is not built; in the mode ``check``, a text without a translation.
    """
    files: dict[Path, bytes] = {}
    lacking: list[tuple[Path, str]] = []
    # only the repository has the catalogues of the package
    for of_package in (PACKAGE, PACKAGE / "engine") if PACKAGE.is_dir() else ():
        made, without = package(of_package)
        files, lacking = files | made, lacking + without
    if options.mode == "write":
        # they need no book
        disk.write_all(files)
    known = studies(BOOK)
    built = [study for study in known if _path(study).is_file()]
    if options.study not in built:
        where = _path(options.study).as_posix()
        raise ReportError.of("texts-book-not", "build-first-make", where, study=options.study)
    texts = layered(
        BOOK, shared_book(), {study: dict(disk.read_json(_path(study))) for study in built}
    )
    folder, all_built = BOOK / "locale" / LANGUAGE, len(built) == len(known)
    pairs = translated_pairs.read(folder)
    for (layer, page), messages in sorted(texts.items()):
        path = folder / layer / f"{page}.po"
        catalogue = updated(path, messages, kept=layer == COMMON and not all_built)
        name = path.relative_to(folder).as_posix()
        translated_pairs.mark(catalogue, pairs.get(name, ()))
        pairs[name] = translated_pairs.of(catalogue)
        lacking += [(path, str(m.id)) for m in catalogue if m.id and (m.fuzzy or not m.string)]
        files[path] = as_bytes(catalogue)
    record = folder / translated_pairs.RECORD
    if options.mode == "write":
        layers = (COMMON, *built) if all_built else built
        for path in sorted(path for layer in layers for path in (folder / layer).rglob("*.po")):
            if path not in files:
                path.unlink()
                pairs.pop(path.relative_to(folder).as_posix(), None)
        files[record] = translated_pairs.as_csv(pairs).encode()
        disk.write_all(files)
        language = spoken(options.language)
        written = counted(len(files), "file", language)
        sys.stdout.write(wording("translations.written", language, files=written, n=len(lacking)))
        sys.stdout.write(_listed(lacking, options.study))
    elif lacking or any(not p.is_file() or p.read_bytes() != files[p] for p in files):
        listed = "".join(f"\n  {path.as_posix()}: {text[:100]}" for path, text in lacking[:10])
        where, number = (BOOK / "locale").as_posix(), len(lacking)
        raise ReportError.of(
            "translations-not", "run-translate", where, n=number, listed=listed, study=options.study
        )
    elif waiting := _waiting(options.study):
        listed = "".join(f"\n  {line}" for line in waiting)
        where = f"config/{options.study}"
        raise ReportError.of("texts-to-translate", "texts-to-translate", where, listed=listed)


def _listed(lacking: Lacking, study: str) -> str:
    """What a translator has to do, each text once: of the pages, and of the study's own files."""
    lines = [f"  {path.as_posix()}: {text[:100]}\n" for path, text in lacking]
    return "".join((*lines, *(f"  {line}\n" for line in _waiting(study))))


def _waiting(study: str) -> list[str]:
    """Files of a study that have texts in one language for both, and how many."""
    paths = sorted((Path("config") / study).rglob("*.toml"))
    numbers = ((path, untranslated(disk.read_text(path))) for path in paths)
    return [f"{path.as_posix()}: {n} x # translate:" for path, n in numbers if n]


def _path(study: str) -> Path:
    return Path("build") / study / "en" / MESSAGES
