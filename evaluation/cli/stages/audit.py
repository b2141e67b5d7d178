"""Stage ``audit``: search everything that is published for what identifies somebody."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from evaluation.errors import DataError
from evaluation.locale.messages import wording
from evaluation.release import search
from evaluation.release.identifier_scan import Known
from evaluation.release.known_identifiers import known_of
from evaluation.release.search import Searched, files_of
from evaluation.report.terminal import counted, grouped, spoken
from evaluation.storage import disk
from evaluation.storage.folders import Paths, announce
from evaluation.study.release_rules import Allowed, read_audit
from evaluation.study.study import read_study

RESULT = "audit.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a further folder, and whether the history is searched."""
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of a release to search as well; may be given more than once",
    )
    parser.add_argument(
        "--history",
        default="yes",
        choices=("yes", "no"),
        help="search every file version and commit message in the repository's history"
        " (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> None:
    """Search build, public data, release folders and history; any hit is an error.

    Raises
    ------
    Leaks
        Something was found; the message says where and by which rule, never what.
    DataError
        A folder that was named does not exist.
    """
    start = time.monotonic()
    paths = Paths.of(options)
    study = read_study(paths.config)
    # First, and written last: its presence says that what lies beside it was searched.
    (paths.build / RESULT).unlink(missing_ok=True)
    known = known_of(paths, study)
    allowed = read_audit(paths.config).allowed
    folders = [paths.build, Path("public") / study.id, *map(Path, options.folder)]
    missing = [f for f in map(Path, options.folder) if not f.is_dir()]
    if missing:
        raise DataError.of("folder-does-not", "correct-name", missing[0].as_posix())
    searched = Searched()
    files = list(files_of(folders))
    searched.add(files, known, allowed)
    # of what is published now: the same file whatever lies in the history
    unread = {name: f"{why}" for name, why in sorted(searched.unread.items())}
    language = spoken(options.language)
    past = wording("audit.left-out", language)
    if options.history == "yes":
        # names of places stand in the configuration, where they belong
        without = replace(known, places=frozenset(), place_names=())
        past = _history(searched, without, allowed, language)
    searched.stop_on_hits(study)
    result = {
        "study": study.id,
        "mark": study.mark,
        "files": len(files),
        "not_searched": {f"{why}": n for why, n in searched.counts().items()},
        "not_searched_files": unread,
    }
    disk.write_json(paths.build / RESULT, result)
    count = counted(len(files), "file", language)
    done = f"{wording('audit.clean', language, files=count)}, {past}{_told(searched, language)}"
    announce("audit", done, time.monotonic() - start, language)


def _history(searched: Searched, known: Known, allowed: tuple[Allowed, ...], language: str) -> str:
    """Search what the repository remembers, and say how much that was."""
    if not search.has_history():
        return wording("audit.none", language)
    versions, messages = list(search.history_versions()), list(search.history_messages())
    searched.add(versions, known, allowed)
    searched.add(messages, known, allowed)
    numbers = {
        "versions": grouped(len(versions), language),
        "messages": grouped(len(messages), language),
    }
    return wording("audit.history", language, **numbers)


def _told(searched: Searched, language: str) -> str:
    """What could not be searched, in the line that says that nothing was found."""
    counts = searched.counts()
    if not counts:
        return ""
    listed = ", ".join(f"{why.text(language)} {grouped(n, language)}" for why, n in counts.items())
    number = grouped(len(searched.unread), language)
    return wording("audit.unread", language, n=number, listed=listed)
