"""The search for what identifies somebody, over named contents; any hit is an error."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.audit_known import known_of
from evaluation.data.leaks import Hit, Known, search
from evaluation.data.outlets import parts
from evaluation.errors import DataError
from evaluation.spec.audit import Allowed, read_audit
from evaluation.spec.study import Study

SHOWN = 20
PRIVATE = "private"
# Sources of tests hold invented identifiers; the study's own raw values are none of them.
TESTS, OWN = "tests/", ("raw-id", "raw-answer")


@dataclass(slots=True)
class Searched:
    """What a search has found so far, and what it could not read.

    Attributes
    ----------
    hits : list of Hit
        In the order of the contents.
    unread : dict of str to str
        Why a content, or a piece of one, was not searched.
    seen : set of bytes
        Digests of contents; each is searched once.
    """

    hits: list[Hit] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(
        self, files: Iterable[tuple[str, bytes]], known: Known, allowed: tuple[Allowed, ...]
    ) -> None:
        """Search contents that no earlier one was equal to."""
        for name, data in files:
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if digest in self.seen:
                continue
            self.seen.add(digest)
            example = name.partition(" ")[2].partition(" ")[2].startswith(TESTS)
            for part in parts(name, data):
                if part.unread:
                    self.unread[part.name] = part.unread
                self.hits += [
                    hit
                    for hit in search(part, known)
                    if not (example and hit.rule not in OWN)
                    and not any(_allows(entry, hit) for entry in allowed)
                ]

    def counts(self) -> dict[str, int]:
        """How many contents were not searched, by reason."""
        return dict(sorted(Counter(self.unread.values()).items()))

    def stop_on_hits(self, study: Study) -> None:
        """Raise where something was found.

        Raises
        ------
        DataError
            The message says where and by which rule, never what.
        """
        if not self.hits:
            return
        listed = [f"{hit.name}, line {hit.line}: {hit.rule}" for hit in self.hits]
        more = [f"and {len(listed) - SHOWN} more"] if len(listed) > SHOWN else []
        raise DataError(
            f"{len(listed)} places hold what may identify somebody:\n  "
            + "\n  ".join([*listed[:SHOWN], *more]),
            where="audit",
            mend="take it out where it comes from and build again; in the history, purge it; a"
            f" false alarm is named in config/{study.id}/audit.toml with its reason",
            rule="leak",
        )


def files_of(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file below the folders, private ones apart."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and PRIVATE not in inside:
                yield path.as_posix(), io.read_bytes(path)


def check_folder(folder: Path, paths: stage.Paths, study: Study) -> Searched:
    """Search a folder before it is published.

    Raises
    ------
    DataError
        Something in it may identify somebody.
    """
    searched = Searched()
    searched.add(files_of([folder]), known_of(paths, study), read_audit(paths.config).allowed)
    searched.stop_on_hits(study)
    return searched


def _allows(entry: Allowed, hit: Hit) -> bool:
    name = hit.name.partition("!")[0]
    return entry.rule == hit.rule and entry.text == hit.text and name.endswith(entry.file)
