"""What the operating system refuses, each with its own way out, and the disk asked beforehand."""

import errno
import shutil
from pathlib import Path

from evaluation.errors import StorageError
from evaluation.locale.messages import Message, outside

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
# what the demonstration study's results take, in bytes: with less no build comes to its end
LEAST_FREE = 100_000_000
MB = 1_000_000


def reason(error: OSError) -> Message | str:
    """Why the operating system refused, in its words, or in ours where they are known."""
    return outside(f"{error.strerror}")


def is_of_disk(error: BaseException) -> bool:
    """Whether a full disk or a missing right is what stopped something."""
    return isinstance(error, OSError) and error.errno in (*FULL, *FORBIDDEN)


def unwritable(place: str, error: OSError) -> StorageError:
    """The error of a file that the system does not let be written.

    Parameters
    ----------
    place : str
        The file, or the study where no file is known.
    error : OSError
    """
    fix = "close-programs"
    if error.errno in FULL:
        fix = "free-space"
    elif error.errno in FORBIDDEN:
        fix = "take-rights"
    return StorageError.of("file-cannot-written", fix, place, strerror=reason(error))


def refused(place: str, error: OSError) -> StorageError:
    """The error of what the system refused, be it to read, write or run.

    Parameters
    ----------
    place : str
        The file, or the study where no file is known.
    error : OSError
    """
    if error.errno in (errno.EACCES, errno.EPERM):
        return StorageError.of("file-refused", "file-refused", place, strerror=reason(error))
    return unwritable(place, error)


def refuse_little(folder: Path) -> None:
    """Refuse to begin a build on a disk on which it cannot end.

    Parameters
    ----------
    folder : Path
        Where the results go; it need not be there.

    Raises
    ------
    StorageError
        There is less room than any study's results take.
    """
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        raise StorageError.of(
            "disk-little",
            "free-space",
            folder.as_posix(),
            free=free // MB,
            least=LEAST_FREE // MB,
        )
