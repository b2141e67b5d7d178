"""The commit that a book or a release was made from."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.storage import disk
from evaluation.storage.folders import RELEASES

# git fills this file where it makes an archive of the tree; in a checkout its fields stay unfilled
ARCHIVAL = Path(".git_archival.txt")
# A line of the list of releases is written after all results: nothing is built from it, and a
# release that is listed is still of the commit that it names.
BUILT_FROM = ("--", ".", f":(exclude)config/*/{RELEASES}")
FIELD = re.compile(r"^(node|date): ([^$\s]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A version of the tree, whatever its lists of releases hold.

    Attributes
    ----------
    id : str
        Forty hexadecimal digits.
    day : date
        When it was committed, in the committer's calendar: the same in every clone.
    changed : bool
        Whether tracked files differ from it.
    """

    id: str
    day: date
    changed: bool


def read_commit(root: Path) -> Commit | None:
    """The commit of a checkout or of an unpacked archive; None where neither knows one.

    Parameters
    ----------
    root : Path
        The repository's root. A checkout further up is another project's.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return _archived(root)
    last = _git(root, "log", "-1", "--format=%H %cs", *BUILT_FROM)
    if not last:
        return None
    name, day = last.split()
    changes = _git(root, "status", "--porcelain", "--untracked-files=no", *BUILT_FROM)
    return Commit(name, date.fromisoformat(day), changed=bool(changes))


def is_committed(path: Path) -> bool:
    """Whether Git has a file as it is; so also where nothing is under version control.

    Parameters
    ----------
    path : Path
        Of the checkout in the working folder.
    """
    return not _git(Path(), "status", "--porcelain", "--", path.as_posix())


def versions(root: Path, path: Path) -> tuple[tuple[str, str], ...]:
    """Commits that this one comes from and that changed a file, the newest first, with its text.

    Parameters
    ----------
    root : Path
        A folder of the checkout.
    path : Path
        The file, from there.

    Returns
    -------
    tuple of (str, str)
        Id of the commit and the file's text after it; empty where Git knows none.
    """
    listed = _git(root, "log", "--format=%H", "--", path.as_posix())
    found = []
    for name in (listed or "").split():
        text = _git(root, "show", f"{name}:./{path.as_posix()}")
        if text is not None:
            found.append((name, text))
    return tuple(found)


def _archived(root: Path) -> Commit | None:
    path = root / ARCHIVAL
    found = dict(FIELD.findall(disk.read_text(path))) if path.is_file() else {}
    if found.keys() != {"node", "date"}:
        return None
    return Commit(found["node"], date.fromisoformat(found["date"]), changed=False)


def _git(root: Path, *arguments: str) -> str | None:
    """What git says; None where there is no git, or it refuses."""
    # a hook's variables would name another repository; reading must not write git's index
    around = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", *arguments]
    try:
        finished = subprocess.run(
            command, cwd=root, env=around, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None
