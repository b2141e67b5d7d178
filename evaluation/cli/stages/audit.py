"""Stage ``audit``: search everything that is published for what identifies somebody."""

import argparse
from pathlib import Path

from evaluation.config.release_rules import read_audit
from evaluation.config.study import read_study
from evaluation.errors import DataError
from evaluation.locale.messages import Message, wording
from evaluation.release import history, search
from evaluation.release.known_identifiers import known_of
from evaluation.release.search import Searched
from evaluation.release.searched_before import PUBLISHED, SearchedBefore
from evaluation.report.terminal import counted, grouped, spoken
from evaluation.storage import disk, made_files
from evaluation.storage.folders import Paths

RESULT = "audit.json"
# folders that are named for one reason why files were not searched
FOLDERS = 3


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


def run(options: argparse.Namespace) -> str:
    """Search build, public data, release folders and history; any hit is an error.

    Raises
    ------
    Leaks
        Something was found; the message says where and by which rule, never what.
    StorageError
        A file is not what its stage wrote.
    DataError
        A folder that was named does not exist.
    """
    paths, language = Paths.of(options), spoken(options.language)
    study = read_study(paths.config)
    # First, and written last: its presence says that what lies beside it was searched.
    (paths.build / RESULT).unlink(missing_ok=True)
    made_files.refuse_altered(paths.build)
    known, allowed = known_of(paths, study), read_audit(paths.config).allowed
    named = [Path(folder) for folder in options.folder]
    missing = [folder for folder in named if not folder.is_dir()]
    if missing:
        raise DataError.of("folder-does-not", "correct-name", missing[0].as_posix())
    searched = Searched()
    files = list(search.files_of([paths.build, Path("public") / study.id, *named]))
    before = SearchedBefore(paths.private / PUBLISHED)
    searched.add(files, known, allowed, before)
    before.write()
    # of what is published now: the same file whatever lies in the history
    unread = {name: f"{why}" for name, why in sorted(searched.unread.items())}
    past = wording("audit.left-out", language)
    if options.history == "yes":
        numbers = history.add_history(searched, known, allowed, study=study.id)
        said = {name: grouped(number, language) for name, number in numbers.items()}
        past = wording("audit.history" if numbers else "audit.none", language, **said)
    searched.stop_on_hits(study)
    result = {
        "study": study.id,
        "mark": study.mark,
        "files": len(files),
        "not_searched": {f"{why}": n for why, n in searched.counts().items()},
        "not_searched_files": unread,
    }
    disk.write_json(paths.build / RESULT, result)
    clean = wording("audit.clean", language, files=counted(len(files), "file", language))
    return f"{clean}, {past}{_not_searched(searched, language)}"


def _not_searched(searched: Searched, language: str) -> str:
    """What could not be searched, in the line that says that nothing was found."""
    counts = searched.counts().items()
    if not counts:
        return ""
    listed = "; ".join(
        f"{why.text(language)} {grouped(n, language)}: {_folders(searched, why)}"
        for why, n in counts
    )
    return wording(
        "audit.unread", language, n=grouped(len(searched.unread), language), listed=listed
    )


def _folders(searched: Searched, why: Message) -> str:
    """Where the files lie that were not searched for one reason: the first folders."""
    # a version of the history is named by its digest too
    paths = (
        name.split(" ", 2)[-1].partition("!")[0]
        for name, one in searched.unread.items()
        if one == why
    )
    folders = sorted({path.rpartition("/")[0] or path for path in paths})
    return ", ".join([*folders[:FOLDERS], *(["..."] if len(folders) > FOLDERS else [])])
