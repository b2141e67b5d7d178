"""The search of what the repository remembers: versions of files, messages, authors."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation import file_content
from evaluation.config.release_rules import Allowed
from evaluation.release.identifier_scan import NOTHING, KnownValues
from evaluation.release.search import Searched
from evaluation.release.searched_before import HISTORY, SearchedBefore, entry_of

# of a version of a file, in the name of a place
SHOWN_DIGITS = 12
INVENTORS = ("tools/demo/", "evaluation/demo/", "evaluation/data/demo")
# The repository's own list of the persons who may be named as authors.
AUTHORS = Path("CITATION.cff")
NO_REPLY = "noreply"
# files of blocks with an empty line between: entries of catalogues, tables, paragraphs of code
IN_BLOCKS, BLANK = (".po", ".py", ".toml", ".lock"), b"\n\n"
# who names both anywhere in a file has coordinates looked for everywhere in it; of small letters,
# and each begins with what is found quickly
COORDINATES = (
    re.compile(rb"lat(?:itud|(?<![a-z0-9]lat)(?![a-z0-9]))"),
    re.compile(rb"lon(?:gitud|(?<![a-z0-9]lon)g?(?![a-z0-9]))|lng(?<![a-z0-9]lng)(?![a-z0-9])"),
)


def add_history(
    searched: Searched, known: KnownValues, allowed: tuple[Allowed, ...], *, study: str
) -> dict[str, int]:
    """Search what the repository remembers.

    Parameters
    ----------
    searched : Searched
        What it adds to.
    known : KnownValues
        Names of places are in the configuration, where they belong, and delivered files of invented
        data in the repository: neither places nor rows are looked for.
    allowed : tuple of Allowed
    study : str
        Files that are older than its folder cannot hold what it delivered: in them only patterns
        are looked for, such as those of telephone numbers.

    Returns
    -------
    dict of str to int
        How many ``versions`` and ``messages``; empty where there is no history.
    """
    if not has_history():
        return {}
    without = replace(known, places=frozenset(), place_names=(), persons=None)
    patterns = replace(NOTHING, public_places=known.public_places)
    older = _older_than(study)
    before = SearchedBefore(HISTORY / f"{study}.json")
    # one has searched what is older than the study, the other what is later
    clean = tuple(before.by(rules) for rules in (patterns, without))
    files, messages = history_files(), list(history_messages())
    waiting = []
    for file in files:
        entries = file.entries(older)
        up_to = (n for n in range(len(entries), 0, -1) if all(c.has(entries[n - 1]) for c in clean))
        new = file.digests[next(up_to, 0) :]
        if new:
            waiting.append((replace(file, digests=new), entries[-1]))
    versions = [
        (name.split()[1] in older, name, data)
        for name, data in history_versions([file for file, _ in waiting])
    ]
    searched.add(((n, data) for early, n, data in versions if early), patterns, allowed, before)
    later = [(n, data) for early, n, data in versions if not early]
    searched.add((*later, *messages), without, allowed, before)
    for file, entry in waiting:
        if searched.told.isdisjoint(file.versions()):
            for each in clean:
                each.met.add(entry)
    before.write()
    return {"versions": len([d for f in files for d in f.digests]), "messages": len(messages)}


def _older_than(study: str) -> frozenset[str]:
    """Begin of the digests of what stood in the repository before a study's folder did."""
    folder = f"config/{study}"
    commits = _git("log", "--all", "--format=%H", "--reverse", "--", folder).decode().split()
    ends = [f"{commits[0]}^@"] if commits else ["--all"]
    listed = _git("rev-list", "--objects", *ends).decode("utf-8", "replace")
    return frozenset(line[:SHOWN_DIGITS] for line in listed.splitlines())


def has_history() -> bool:
    """Whether this folder lies in a repository that Git can read."""
    try:
        _git("rev-parse", "--git-dir")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Remembered:
    """A file of the repository in all its versions.

    Attributes
    ----------
    name : str
    digests : tuple of str
        Of its versions, the oldest first.
    """

    name: str
    digests: tuple[str, ...]

    def versions(self) -> list[str]:
        """Names under which its versions are searched."""
        return [f"history {digest[:SHOWN_DIGITS]} {self.name}" for digest in self.digests]

    def entries(self, older: frozenset[str]) -> list[str]:
        """By what it is remembered that nothing was found up to each of its versions.

        Parameters
        ----------
        older : frozenset of str
            Begin of the digests that were searched for less.
        """
        entries, said = [], f"versions {self.name}"
        for digest in self.digests:
            said = entry_of(said, f"{digest} {digest[:SHOWN_DIGITS] in older}".encode())
            entries.append(said)
        return entries


def history_files() -> list[Remembered]:
    """Every file that the repository remembers, the invented raw files apart."""
    listed = _git("rev-list", "--objects", "--all").decode("utf-8", "replace")
    names = dict(
        line.split(" ", 1) for line in listed.splitlines() if " " in line and line[41:].strip()
    )
    invented = tuple(_invented())
    # the oldest first, so that a new commit leaves what is new in each as it was
    wanted = [(d, name) for d, name in reversed(names.items()) if not name.startswith(invented)]
    given = "".join(f"{digest}\n" for digest, _ in wanted).encode()
    kinds = _git("cat-file", "--batch-check=%(objecttype)", given=given).split()
    found: dict[str, list[str]] = {}
    for (digest, name), kind in zip(wanted, kinds, strict=True):
        if kind == b"blob":
            found.setdefault(name, []).append(digest)
    return [Remembered(name, tuple(digests)) for name, digests in found.items()]


def history_versions(files: Sequence[Remembered]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every version of some files.

    The newest version of a file is whole; of older ones, files in blocks (catalogues, modules,
    configuration) are without the blocks that one before them holds, unless they name latitude and
    longitude; lines keep their numbers.

    Parameters
    ----------
    files : sequence of Remembered
    """
    given = "".join(f"{digest}\n" for file in files for digest in file.digests)
    answer, at = _git("cat-file", "--batch", given=given.encode()), 0
    for file in files:
        met: set[bytes] = set()
        in_blocks = file.name.endswith(IN_BLOCKS)
        for name, digest in zip(file.versions(), file.digests, strict=True):
            end = answer.index(b"\n", at)
            size = int(answer[at:end].rpartition(b" ")[2])
            data, at = answer[end + 1 : end + 1 + size], end + 2 + size
            if in_blocks and digest != file.digests[-1] and not _names_coordinates(data):
                data = _new_blocks(data, met)
            yield name, data


def _names_coordinates(data: bytes) -> bool:
    small = data.lower()
    return all(pattern.search(small) for pattern in COORDINATES)


def _new_blocks(data: bytes, met: set[bytes]) -> bytes:
    """A version with empty lines for the blocks that an older one of the file holds too.

    Parameters
    ----------
    data : bytes
    met : set of bytes
        Blocks of older versions; those of this one are added.
    """
    blocks = data.split(BLANK)
    new = BLANK.join(b"\n" * b.count(b"\n") if b in met else b for b in blocks)
    met.update(blocks)
    return new


def history_messages() -> Iterator[tuple[str, bytes]]:
    """Message and persons of every commit and tag; addresses of the repository's authors apart.

    An address that answers nobody, or that stands in ``CITATION.cff``, is published on purpose.
    """
    own = AUTHORS.read_text("utf-8") if AUTHORS.is_file() else ""
    commits = _git("log", "--all", "--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%B%N%x00")
    fields = commits.decode("utf-8", "replace").split("\0")
    for row in (fields[i : i + 6] for i in range(0, len(fields) - 5, 6)):
        name = f"commit {row[0].strip()[:12]}"
        persons = "\n".join(_person(row[i], row[i + 1], own) for i in (1, 3))
        yield f"{name} authors", persons.encode()
        yield f"{name} message", row[5].encode()
    tags = _git(
        "for-each-ref",
        "--format=%(refname:short)%00%(taggername)%00%(taggeremail)%00%(contents)%00",
        "refs/tags",
    )
    fields = tags.decode("utf-8", "replace").split("\0")
    for row in (fields[i : i + 4] for i in range(0, len(fields) - 3, 4)):
        name = f"tag {row[0].strip()}"
        yield f"{name} authors", _person(row[1], row[2].strip("<>"), own).encode()
        yield f"{name} message", row[3].encode()


def _person(name: str, address: str, own: str) -> str:
    """A person as a commit names them, without an address that may be published."""
    allowed = NO_REPLY in address.lower() or (address and address in re.split(r"[\s\"'<>]+", own))
    return name if allowed else f"{name} <{address}>"


def _invented() -> Iterator[str]:
    """Raw files and ledgers of demonstration studies, and what makes them: nobody is in them."""
    for file in sorted(Path("config").glob("*/study.toml")):
        # not read strictly: another study may still wait for a person's decisions
        if file_content.parse_toml(file)[1].get("synthetic") is True:
            yield f"data_raw/{file.parent.name}/"
            yield f"config/{file.parent.name}/corrections.csv"
            yield from INVENTORS


def _git(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], input=given, capture_output=True, check=True)
    return done.stdout
