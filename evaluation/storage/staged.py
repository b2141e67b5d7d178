"""Files written under temporary names, and put in their places together.

A file may come piece by piece, so that a large one is never whole in memory. Until all are whole a
reader sees the old ones; after an error nothing but the old ones is there.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from evaluation.file_content import Content
from evaluation.storage.disk_trouble import unwritable

TEMPORARY = ".tmp-"
# anything with the buffer protocol: bytes, and what other libraries hold without a copy
Buffer = Any


class Noted(dict[str, str]):
    """Sums of the files that a stage has put in their places, by path.

    Attributes
    ----------
    begun : Path
        Where the names stand before the files do: a run that is killed leaves them there.
    sources : dict of str to str
        Sums of the files of other stages that were read, by their names.
    """

    def __init__(self, begun: Path) -> None:
        super().__init__()
        self.begun, self.sources = begun, dict[str, str]()

    def begin(self, paths: Iterable[Path]) -> None:
        """Name files that are about to be put in their places."""
        lines = [f"{path.as_posix()}\n" for path in paths if not is_temporary(path.as_posix())]
        if lines:
            self.begun.parent.mkdir(parents=True, exist_ok=True)
            with self.begun.open("a", encoding="utf-8") as journal:
                journal.writelines(lines)


def is_temporary(name: str) -> bool:
    """Whether a file lies in a folder that is put in its place whole, or not at all."""
    return f"/{TEMPORARY}" in name


# While somebody keeps a list.
noting: ContextVar[Noted | None] = ContextVar("noting", default=None)


class Staged:
    """Files of one folder, a context: those that are not put in place are removed at its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _Growing] = {}

    def __enter__(self) -> Self:
        """Begin with no file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was not put in place."""
        for file in self._files.values():
            file.remove()

    def add(self, name: str, part: Buffer) -> None:
        """Write the next bytes of a file, the first ones where it has none.

        Parameters
        ----------
        name : str
            Of the file.
        part : Buffer
            The bytes.

        Raises
        ------
        StorageError
            The folder or the file cannot be written.
        """
        try:
            if name not in self._files:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._files[name] = _Growing(self._folder / name)
            self._files[name].add(part)
        except OSError as error:
            raise unwritable((self._folder / name).as_posix(), error) from None

    def contents(self) -> dict[str, Content]:
        """Size and checksum of each file as it stands, by name."""
        return {
            name: Content(file.size, file.digest.hexdigest()) for name, file in self._files.items()
        }

    def put_in_place(self) -> None:
        """Flush all files to the disk, then rename them in the order in which they began.

        Raises
        ------
        StorageError
            A file cannot be written or replaced (often: it is open in another program).
        """
        written = noting.get()
        if written is not None:
            written.begin(file.path for file in self._files.values())
        for step in (_Growing.close, _Growing.rename):
            for file in self._files.values():
                try:
                    step(file)
                except OSError as error:
                    raise unwritable(file.path.as_posix(), error) from None
        if written is not None:
            for file in self._files.values():
                written[file.path.as_posix()] = file.digest.hexdigest()


class _Growing:
    """One file under its temporary name."""

    def __init__(self, path: Path) -> None:
        self.path, self.size, self.digest = path, 0, hashlib.sha256()
        # of its own: where two programs write one file, each writes all of it
        self.temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(4)}-{path.name}")
        self._handle: IO[bytes] = self.temporary.open("wb")

    def add(self, part: Buffer) -> None:
        self._handle.write(part)
        self.digest.update(part)
        self.size += memoryview(part).nbytes

    def close(self) -> None:
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self._handle.close()

    def rename(self) -> None:
        self.temporary.replace(self.path)

    def remove(self) -> None:
        """Nothing is left to remove of a file that was renamed."""
        # a full disk refuses the rest of what is to be thrown away once more
        with contextlib.suppress(OSError):
            self._handle.close()
        self.temporary.unlink(missing_ok=True)
