"""One run at a time writes one thing: a second one is told so, instead of meeting half a file.

The lock is the system's own on an open file, so it ends with the process that holds it, however it
ends: no file that was left behind keeps anybody out.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from evaluation.errors import StorageError

if sys.platform != "win32":
    import fcntl

BEGINNING = ".running-"
LONGEST = 200


@contextlib.contextmanager
def only_run(folder: Path, name: str, command: str) -> Iterator[None]:
    """Hold a lock while a command runs.

    Parameters
    ----------
    folder : Path
        Private folder of the study, made if it is not there.
    name : str
        Of the lock; stages that write the same files share one.
    command : str
        What the one who comes second is told about.

    Raises
    ------
    StorageError
        Another run holds it.
    """
    handle = _opened(folder / f"{BEGINNING}{name}")
    if handle is None:
        yield
        return
    path, number = handle
    try:
        os.ftruncate(number, 0)
        os.write(number, f"{command}, process {os.getpid()}".encode())
        yield
    finally:
        # while it is still held, so that nobody's new file is taken away
        path.unlink(missing_ok=True)
        os.close(number)


def refuse_others(folder: Path) -> None:
    """Refuse to begin while any run of a study holds a lock.

    Raises
    ------
    StorageError
        One does.
    """
    for path in sorted(folder.glob(f"{BEGINNING}*")):
        with only_run(folder, path.name.removeprefix(BEGINNING), "all"):
            pass


def _opened(path: Path) -> tuple[Path, int] | None:
    """The file with its lock; None where the system gives none, which is no reason to stop."""
    # it has no such locks: runs are not kept apart there
    if sys.platform == "win32":
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    while True:
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:
            return None
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = os.read(number, LONGEST).decode("utf-8", "replace")
            os.close(number)
            raise StorageError.of(
                "another-run",
                "another-run",
                path.parent.as_posix(),
                rule="another-run",
                run=held or "?",
            ) from None
        except OSError:
            os.close(number)
            return None
        if _is_at(path, number):
            return path, number
        # whoever held it took the file away meanwhile
        os.close(number)


def _is_at(path: Path, number: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(number))
    except FileNotFoundError:
        return False
