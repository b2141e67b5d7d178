"""What each stage wrote, by its sum, and whether it is still so.

A stage leaves one list of ``sha256sum`` under ``private/made``, last of all its files. Whoever
reads a file that stands in a list reads what the stage wrote, or is told: a number that was edited
by hand, or a file that was cut off, must not reach the book. A file in no list is read as it is.

Beside it lie the sums of all that it was made from (``.from``): files of other stages, those that
people wrote, and those of the program. Where one of them is another file now, the stage has to run
again, whatever the times of the files say. A stage that stopped leaves the names of what it had
begun to write (``.begun``), and none of these is read.
"""

import contextlib
import functools
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.errors import StorageError
from evaluation.storage import program_files
from evaluation.storage.staged import TEMPORARY, Noted, Staged, is_temporary, noting

# below the study's private folder in ``build``
MADE, ENDING = "made", ".sha256"
SOURCES, BEGUN = ".from", ".begun"
# lists, and none that is being written under a name of its own
LISTED = "[!.]*"
# These look at all that is there, and keep by themselves which results they were made from.
LOOKERS = ("audit", "pdf-")
# Folders of a language that leave whole, and what writes there.
STAGE_OF = {"exhibits": "exhibits", "notebooks": "notebook", "site": "book"}
BUILD, CLEAN, PRIVATE = "build", "data_clean", "private"
# Another version of the program is Make's matter alone.
PROGRAM = f"{program_files.PACKAGE.name}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A file that is not what a stage wrote.

    Attributes
    ----------
    path : Path
    stage : str
        Which one wrote it.
    missing : bool
        Whether it is not there at all.
    why : {"altered", "source", "begun", "unlisted"}
        It is not as written; the stage was made from another version of it; the stage stopped; the
        stage's folder has it, and the stage did not write it.
    """

    path: Path
    stage: str
    missing: bool
    why: Literal["altered", "source", "begun", "unlisted"] = "altered"

    def error(self) -> StorageError:
        """Which file it is, and how it comes back."""
        if self.why != "altered":
            problem = f"made-{self.why}"
            fix = problem if self.why == "unlisted" else "made-again"
            return StorageError.of(problem, fix, self.path.as_posix(), stage=self.stage)
        return StorageError.of(
            "made-altered", "made-repair", self.path.as_posix(), stage=self.stage
        )


def list_of(build: Path, stage: str) -> Path:
    """Where the list of a stage's files lies.

    Parameters
    ----------
    build : Path
        The study's folder of results.
    stage : str
        Name of the list.
    """
    return build / PRIVATE / MADE / f"{stage}{ENDING}"


@contextlib.contextmanager
def recorded(build: Path, stage: str) -> Iterator[None]:
    """Record what a stage writes while it runs; one that stops after it has written has no list.

    What an earlier run of the stage wrote, and this one left as it was, stays in the list.

    Parameters
    ----------
    build : Path
        The study's folder of results.
    stage : str
        Name of the list: of the stage, with the language where it has one.
    """
    path = list_of(build, stage)
    before = _sums(path)
    written = Noted(path.with_suffix(BEGUN))
    token = noting.set(written)
    try:
        yield
    except BaseException:
        if not all(map(is_temporary, written)):
            written.begin(Path(name) for name in before)
            path.unlink(missing_ok=True)
        raise
    finally:
        noting.reset(token)
    inside = (f"{build.as_posix()}/", f"{(build.parents[1] / CLEAN / build.name).as_posix()}/")
    sums = {
        name: digest
        for name, digest in {**before, **written}.items()
        if name.startswith(inside) and Path(name).is_file()
    }
    # one that left its files as they were has not read and loaded everything again; what people
    # wrote is noted by every run
    before = {} if written or not sums else _sums(path.with_suffix(SOURCES))
    program = {n: program_files.sum_of(n) for n in before if n.startswith(PROGRAM)}
    kept = {name: digest for name, digest in before.items() if name.startswith(inside)}
    sources = {**program, **program_files.sums(), **kept, **written.sources}
    if stage.startswith(LOOKERS):
        sources = {n: digest for n, digest in sources.items() if not n.startswith(inside)}
    _write(path.with_suffix(SOURCES), sources)
    _write(path, sums)
    written.begun.unlink(missing_ok=True)


def note_source(name: str) -> None:
    """Record the sum of a file that a person wrote and the stage reads, also where there is none.

    Parameters
    ----------
    name : str
        Of the file; or a pattern, for the files that match and for which they are.
    """
    written = noting.get()
    if written is not None:
        names = [*program_files.matching(name), name] if "*" in name else [name]
        written.sources |= {each: program_files.sum_of(each) for each in names}


def _write(path: Path, sums: Mapping[str, str]) -> None:
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    with Staged(path.parent) as staged:
        staged.add(path.name, text.encode())
        staged.put_in_place()


def note_folder(temporary: Path, final: Path) -> None:
    """Record the files of a folder that was put in its place whole.

    Parameters
    ----------
    temporary : Path
        What it was called while it was made.
    final : Path
        Where it is.
    """
    written = noting.get()
    if written is None:
        return
    for name in [name for name in written if name.startswith(f"{temporary.as_posix()}/")]:
        del written[name]
    for path in sorted(final.rglob("*")):
        if path.is_file():
            written[path.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()


def check(path: Path, data: bytes) -> None:
    """Refuse bytes that are not what a stage wrote.

    Parameters
    ----------
    path : Path
        Where they were read.
    data : bytes

    Raises
    ------
    StorageError
        A list has another sum for this file, or its stage stopped.
    """
    lists, written = _lists(path), noting.get()
    if lists is None or (written is not None and path.as_posix() in written):
        return
    root, folder = lists
    name = path.relative_to(root).as_posix()
    for stopped, begun in _begun(folder):
        if name in begun:
            raise Altered(path=path, stage=stopped, missing=False, why="begun").error()
    stage, digest = _by_file(folder, _signature(folder)).get(name, ("", ""))
    if not digest:
        return
    if hashlib.sha256(data).hexdigest() != digest:
        raise Altered(path=path, stage=stage, missing=False).error()
    if written is not None and stage != written.begun.stem:
        written.sources[name] = digest


def amend(path: Path) -> None:
    """Take over the sum of a file that a command changes after its stage; the list stays as old.

    Parameters
    ----------
    path : Path
        As it is now.
    """
    lists = _lists(path)
    if lists is None:
        return
    root, folder = lists
    name = path.relative_to(root).as_posix()
    stage, _ = _by_file(folder, _signature(folder)).get(name, ("", ""))
    changed = [path]
    if stage:
        listed = folder / f"{stage}{ENDING}"
        sums = _sums(listed) | {name: hashlib.sha256(path.read_bytes()).hexdigest()}
        stat = listed.stat()
        _write(listed, sums)
        # what was made from the stage's files is not older for that
        os.utime(listed, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        changed.append(listed)
    written = noting.get()
    if written is not None:
        # neither is a file of the stage that is running
        for each in changed:
            written.pop(each.as_posix(), None)
        written.begun.unlink(missing_ok=True)


def are_listed(files: Iterable[Path]) -> bool:
    """Whether every file stands in the list of a stage that has run to its end."""
    for path in files:
        lists = _lists(path)
        if lists is None:
            return False
        root, folder = lists
        name = path.relative_to(root).as_posix()
        stage, _ = _by_file(folder, _signature(folder)).get(name, ("", ""))
        if not stage or (folder / f"{stage}{BEGUN}").exists():
            return False
    return True


def are_whole(build: Path, stage: str) -> bool:
    """Whether a stage has a list of some files, and every one is as it wrote it.

    Parameters
    ----------
    build : Path
    stage : str
    """
    path = list_of(build, stage)
    return bool(_sums(path)) and not _altered([path])


def altered(build: Path) -> list[Altered]:
    """Every file of a study that is not what a stage wrote, in the order of stages and names.

    Then those that a stage has begun and not finished, and those that are other files now than when
    a later stage was made from them.
    """
    folder = build / PRIVATE / MADE
    lists = sorted(folder.glob(f"{LISTED}{ENDING}"))
    now = {name: digest for path in lists for name, digest in _sums(path).items()}
    begun = [
        Altered(path=Path(name), stage=stage, missing=False, why="begun")
        for stage, names in _begun(folder)
        for name in sorted(names)
    ]
    other = [
        Altered(path=Path(name), stage=path.stem, missing=False, why="source")
        for path in sorted(folder.glob(f"{LISTED}{SOURCES}"))
        for name, digest in _sums(path).items()
        if _now(name, now, digest) != digest
    ]
    return [*_altered(lists), *begun, *other, *_unlisted(build, now)]


def _unlisted(build: Path, listed: Collection[str]) -> Iterator[Altered]:
    """Files in a folder that leaves as it is, which no stage wrote."""
    for kind, stage in STAGE_OF.items():
        for folder in sorted(build.glob(f"*/{kind}")):
            writer = f"{stage}-{folder.parent.name}"
            if not list_of(build, writer).is_file():
                continue
            for path in sorted(folder.rglob("*")):
                is_new = path.as_posix() not in listed and TEMPORARY not in path.as_posix()
                if is_new and path.is_file():
                    yield Altered(path=path, stage=writer, missing=False, why="unlisted")


def _now(name: str, made: Mapping[str, str], digest: str) -> str:
    """The sum that a file has now: by the list of its stage, or, where people wrote it, its own."""
    if name in made:
        return made[name]
    path = Path(name)
    if _lists(path) is not None or path.parts[0] in (BUILD, CLEAN, PROGRAM.rstrip("/")):
        return digest
    return program_files.sum_of(name)


def refuse_altered(build: Path) -> None:
    """Refuse results that are not what the stages wrote, or were made from.

    Raises
    ------
    StorageError
        Names the first such file.
    """
    for file in altered(build):
        # the search's own result goes nowhere, and prints that were begun are made anew
        prints_begun = file.why == "begun" and file.stage.startswith("pdf-")
        if file.stage != "audit" and not prints_begun:
            raise file.error()


def _altered(lists: Iterable[Path]) -> list[Altered]:
    found = []
    for path in lists:
        for name, digest in _sums(path).items():
            file = Path(name)
            missing = not file.is_file()
            # prints may be taken away: a release says that it goes without
            if missing and path.name.startswith("pdf-"):
                continue
            if missing or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                stage = path.name.removesuffix(ENDING)
                found.append(Altered(path=file, stage=stage, missing=missing))
    return found


def forget(build: Path, files: list[Altered]) -> None:
    """Remove altered files and the lists that they stand in, so that their stages run again.

    Parameters
    ----------
    build : Path
        The study's folder of results.
    files : list of Altered
    """
    for file in files:
        if file.why != "source":
            file.path.unlink(missing_ok=True)
        for ending in (ENDING, SOURCES, BEGUN):
            list_of(build, file.stage).with_suffix(ending).unlink(missing_ok=True)


def _sums(path: Path) -> dict[str, str]:
    """The sum of each file of a list; none where there is no list."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _lists(path: Path) -> tuple[Path, Path] | None:
    """Root of the tree and the folder of lists that a generated file of a study belongs to."""
    parts = path.parts
    for i, part in enumerate(parts[:-2]):
        if part in (BUILD, CLEAN):
            root = Path(*parts[:i])
            folder = root / BUILD / parts[i + 1] / PRIVATE / MADE
            if folder.is_dir():
                return root, folder
    return None


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in sorted(folder.glob(f"{LISTED}{ENDING}")):
        # a stage beside this one may begin anew meanwhile
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            # a list that is amended keeps its time and size, but is another file
            found.append((path.name, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)


def _begun(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """Stages that have begun and not finished, with the names of what they were about to write."""
    for path in sorted(folder.glob(f"{LISTED}{BEGUN}")):
        # one that ends meanwhile has none any more
        with contextlib.suppress(FileNotFoundError):
            yield path.stem, set(path.read_text("utf-8").splitlines())


@functools.lru_cache(maxsize=4)
def _by_file(
    folder: Path, signature: tuple[tuple[str, int, int], ...]
) -> dict[str, tuple[str, str]]:
    """Stage and sum of every file in the lists; these are read again where one has changed."""
    return {
        name: (listed.removesuffix(ENDING), digest)
        for listed, _, _ in signature
        for name, digest in _sums(folder / listed).items()
    }
